"""`make audit`: a known weakness fails, what could not be looked up is counted, and no network is no failure."""

import importlib.util
import json
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]


def verdict(answer: str, complaint: str = "") -> tuple[bool, list[str]]:
    spec = importlib.util.spec_from_file_location("audit", TOP / "deploy" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    audit: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(audit)
    found: tuple[bool, list[str]] = audit.verdict(answer, complaint)
    return found


def answered(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


SOUND = {"name": "anchor", "version": "2.0", "vulns": []}
WEAK = {"name": "buoy", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "cleat", "skip_reason": "not found"}


def test_a_known_weakness_fails_and_names_what_mends_it() -> None:
    well, words = verdict(answered(SOUND, WEAK))
    assert not well
    assert words == ["buoy 1.0: PYSEC-1, mended in 1.1", "2 packages looked up, 1 with known weaknesses"]


def test_what_could_not_be_looked_up_is_counted() -> None:
    well, words = verdict(answered(SOUND, UNKNOWN))
    assert well
    assert words[0] == "1 packages looked up, 0 with known weaknesses"
    assert words[1].startswith("1 could not be looked up: cleat")


def test_without_a_network_it_says_so_and_does_not_fail() -> None:
    well, words = verdict("", "a traceback\nConnectionError: name or service not known\n")
    assert well
    assert words == ["Nothing could be looked up: ConnectionError: name or service not known"]

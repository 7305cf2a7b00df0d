"""What the image and the proxy are made of."""

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[2]
DOCKERFILE = (TOP / "deploy/Dockerfile").read_text(encoding="utf-8")
IGNORED = set((TOP / ".dockerignore").read_text(encoding="utf-8").split())


def test_the_result_is_another_stage_that_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)(?: AS (\w+))?$", DOCKERFILE, re.MULTILINE)
    assert [stage for _, stage in bases] == ["build", ""]
    assert {re.fullmatch(r"python:3\.11-slim-bookworm", base) is not None for base, _ in bases} == {True}
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert not re.search("apt-get|gcc|build-essential", DOCKERFILE)


def test_what_is_copied_is_in_the_build_context_and_secrets_are_not() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert len(copied) > 3
    for name in " ".join(copied).split():
        assert (TOP / name).exists(), name
        assert name not in IGNORED, name
    assert {"deploy/secrets", ".env", ".git"} <= IGNORED
    assert "/deploy/secrets/" in (TOP / ".gitignore").read_text(encoding="utf-8").split()


def test_streamlit_checks_where_a_websocket_comes_from() -> None:
    settings = tomllib.loads((TOP / "dashboard/streamlit.toml").read_text(encoding="utf-8"))
    assert settings["server"]["enableCORS"]
    assert settings["server"]["enableXsrfProtection"]

"""The commands `parley tokens ...`: secrets are shown once."""

import json
from pathlib import Path

from monitor.api import tokens
from monitor.readmodel.store import SERVICE_FILE, Store
from tests.integration.conftest import Parley


def test_a_token_is_made_listed_rotated_and_removed(parley: Parley, tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = parley("tokens", "add", "desk", "--scope", "write")
    secret = made.stdout.strip()
    assert made.returncode == 0
    assert "not shown again" in made.stderr
    row = tokens.holder(Store(data), secret)
    assert row is not None
    assert (row.name, row.scope) == ("desk", "write")
    listed = parley("tokens", "list", "--json")
    [entry] = json.loads(listed.stdout)
    assert (set(entry), entry["name"], entry["scope"]) == ({"name", "scope", "made_at"}, "desk", "write")
    rotated = json.loads(parley("tokens", "rotate", "desk", "--json").stdout)
    assert rotated["name"] == "desk"
    assert rotated["token"] != secret
    assert tokens.holder(Store(data), secret) is None
    assert tokens.holder(Store(data), rotated["token"]) is not None
    for path in data.glob(f"{SERVICE_FILE}*"):
        assert rotated["token"].encode() not in path.read_bytes()
    assert parley("tokens", "remove", "desk").returncode == 0
    assert tokens.holder(Store(data), rotated["token"]) is None
    assert json.loads(parley("tokens", "--json").stdout) == []


def test_what_cannot_be_done_is_said_in_one_line(parley: Parley) -> None:
    assert parley("tokens", "add", "desk").returncode == 0
    for arguments, words in (
        (("add", "desk"), "rotate it, or remove it first"),
        (("add", "The desk"), "is no name for a token"),
        (("add", "other", "--scope", "all"), "operator"),
        (("rotate", "nobody"), "there is: desk"),
        (("remove", "nobody"), "there is: desk"),
    ):
        done = parley("tokens", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1

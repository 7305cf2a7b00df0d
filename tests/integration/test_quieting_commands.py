"""`parley acknowledge`, `silence`, `silences` and `unsilence` on a real embedded server."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.log.embedded import open_log
from monitor.log.events import Event
from monitor.log.verify import verify
from tests.integration.conftest import Done, Parley, run_parley

NOW = datetime.now(UTC)
TALKS = ("PTI sits down with ministers", "The PTI and the federal government held talks, both sides said.")
BREAK = ("PTI walks off", "The PTI has called off its talks with the federal government, Raja said.")


def line(number: int, at: datetime, title: str, text: str) -> str:
    return json.dumps(
        {
            "title": title,
            "text": text,
            "published": at.isoformat(),
            "outlet": f"Outlet {number}",
            "url": f"https://news.example/{number}",
        }
    )


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one alert."""
    folder = tmp_path_factory.mktemp("read")
    (folder / "one.jsonl").write_text(line(1, NOW - timedelta(days=2), *TALKS))
    done = run_parley("ingest", str(folder / "one.jsonl"), data=folder / "data")
    assert done.returncode == 0, done.stderr
    return folder / "data"


@pytest.fixture
def data(read: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(read, tmp_path / "data"))


def document(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def events(data: Path, prefix: str) -> list[Event]:
    with open_log(data) as log:
        assert verify(log) == []
        return [one.event for one in log.read_all("pti") if one.event.type.startswith(prefix)]


def test_an_alert_is_acknowledged_once(parley: Parley, data: Path) -> None:
    (alert,) = document(parley("alerts", "--json", data=data))
    assert not alert["acknowledged"]
    who = ("--operator", "Ayesha Example")
    first = document(parley("acknowledge", alert["alert"][:8], *who, "--json", data=data))
    assert first == {"alert": alert["alert"], "topic": "pti", "was_acknowledged_before": False}
    again = parley("acknowledge", alert["alert"], *who, data=data)
    assert "talks begun was acknowledged before" in again.stdout
    (event,) = events(data, "alert.acknowledged")
    assert "Ayesha" not in event.to_json()
    assert event.cause == alert["event"]
    assert document(parley("alerts", "--json", data=data)) == [{**alert, "acknowledged": True}]
    listed = parley("alerts", "pti", data=data).stdout
    assert "a new shift; acknowledged" in listed
    assert f"[{alert['alert'][:8]}]" in listed


def test_in_a_silence_new_alerts_are_held_back_and_after_it_they_are_not(
    parley: Parley, data: Path, tmp_path: Path
) -> None:
    begun = document(
        parley("silence", "pti", "--for", "3d", "--why", "one summit", "--operator", "x", "--json", data=data)
    )
    assert begun["topic"] == "pti"
    (held,) = document(parley("silences", "--json", data=data))
    assert (held["silence"], held["channel"], held["why"]) == (begun["silence_id"], None, "one summit")
    assert "one summit" in parley("silences", "pti", data=data).stdout
    (tmp_path / "two.jsonl").write_text(line(2, NOW, *BREAK))
    assert parley("ingest", str(tmp_path / "two.jsonl"), data=data).returncode == 0
    newest = document(parley("alerts", "--json", data=data))[0]
    assert (newest["to"], newest["state"], newest["reason"]) == ("collapsed", "suppressed", "silenced")
    assert "silenced" in parley("alerts", data=data).stdout

    ended = parley("unsilence", begun["silence_id"][:10], "--operator", "y", data=data)
    assert "the silence is over" in ended.stdout
    assert "was over before" in parley("unsilence", begun["silence_id"], data=data).stdout
    assert document(parley("silences", "--json", data=data)) == []
    assert "No silences" in parley("silences", data=data).stdout
    assert document(parley("silences", "--over", "--json", data=data))[0]["ended_at"]
    assert [event.type for event in events(data, "silence.")] == ["silence.begun", "silence.ended"]
    suppressed = parley("acknowledge", newest["alert"], data=data)
    assert (suppressed.returncode, "told to nobody" in suppressed.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["silence", "pti", "--for", "2h"], "Missing parameter: why"),
        (["silence", "pti", "--why", "x"], "--until 2025-06-02 or --for 12h"),
        (["silence", "pti", "--why", "x", "--for", "2h", "--until", "2125-01-01"], "either --until"),
        (["silence", "pti", "--why", "x", "--for", "two hours"], "90m, 12h, 3d or 2w"),
        (["silence", "pti", "--why", "x", "--for", "0h"], "ends in the future"),
        (["silence", "pti", "--why", "x", "--until", "2020-01-01"], "2020-01-01 23:59 UTC is past"),
        (["silence", "pti", "--why", "x", "--until", "soon"], "--until takes a date"),
        (["silence", "pti", "--why", " ", "--for", "2h"], "say why"),
        (["silence", "pti", "--why", "x", "--for", "2h", "--operator", " "], "--operator NAME"),
        (["silence", "pti", "--why", "x", "--for", "2h", "--channel", "moon"], "it has government"),
        (["silence", "docks", "--why", "x", "--for", "2h"], "not watched; watched are pti"),
        (["unsilence", "abcdef12"], "see `parley silences`"),
        (["unsilence", ""], "see `parley silences`"),
        (["acknowledge", "abcdef12"], "see `parley alerts`"),
        (["silences", "docks"], "docks"),
    ],
)
def test_wrong_use_is_told_in_one_line(parley: Parley, read: Path, arguments: list[str], words: str) -> None:
    done = parley(*arguments, data=read)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_nothing_is_made_where_nothing_is(parley: Parley, tmp_path: Path) -> None:
    done = parley("silence", "pti", "--why", "x", "--for", "2h", data=tmp_path / "nowhere")
    assert (done.returncode, "there is no data folder" in done.stderr) == (2, True)
    assert not (tmp_path / "nowhere").exists()

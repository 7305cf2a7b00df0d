"""`parley articles`: what was read, and an article whose publisher wants its words back, on a real embedded server."""

import json
import shutil
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitor.log.embedded import open_log
from monitor.log.verify import verify
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import WITHHELD
from tests.integration.conftest import run_parley
from tests.readmodel.story import dump

VIEWS = (["status"], ["timeline"], ["alerts"], ["claims"], ["articles"], ["replay", "pti"])
FILE = """
topics = ["pti", "docks"]
topic_dirs = ["{folder}/topics"]
seeds = false
"""
DOCKS = """
id = "docks"
label = "Docks"
[[parties]]
id = "pti"
label = "PTI"
aliases = ["PTI"]
[[parties]]
id = "government"
label = "Government"
aliases = ["federal government"]
[[channels]]
id = "pay"
label = "Pay"
parties = ["pti", "government"]
"""


class Done(Protocol):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]


class Terminal(StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


def line(number: int, day: str, title: str, text: str) -> dict[str, str]:
    return {
        "title": title,
        "text": text,
        "published": f"{day}T08:00:00Z",
        "outlet": f"Outlet {number}",
        "url": f"https://news.example/{number}",
        "author": f"Reporter {number}",
    }


STORY = [
    line(1, "2025-06-05", "PTI sits down with ministers", "The PTI and the federal government held talks on Thursday."),
    line(2, "2025-07-01", "PTI walks off", "The PTI has called off its talks with the federal government, Raja said."),
]  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two articles that both of its topics hold; one topic is watched no longer by default."""
    folder = tmp_path_factory.mktemp("read")
    (folder / "topics").mkdir()
    (folder / "topics" / "docks.toml").write_text(DOCKS)
    (folder / "parley.toml").write_text(FILE.format(folder=folder))
    stream = folder / "stream.jsonl"
    stream.write_text("\n".join(json.dumps(one) for one in STORY))
    done = run_parley("ingest", str(stream), data=folder / "data", PARLEY_CONFIG=str(folder / "parley.toml"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def data(read: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(read / "data", tmp_path / "data"))


@pytest.fixture
def config(read: Path) -> str:
    """The settings that watch both topics."""
    return str(read / "parley.toml")


def document(done: Done) -> Any:
    """The one JSON document on stdout."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ids(data: Path, topic: str = "pti") -> list[str]:
    with open_log(data) as log:
        assert verify(log) == []
        return [recorded.event.id for recorded in log.read_all(topic)]


def test_articles_are_listed_by_topic_newest_first(parley: Parley, data: Path) -> None:
    listed = document(parley("articles", "--json", data=data))
    assert [(one["topic"], one["outlet"]) for one in listed] == [
        ("docks", "Outlet 2"),
        ("docks", "Outlet 1"),
        ("pti", "Outlet 2"),
        ("pti", "Outlet 1"),
    ]
    assert [one["author"] for one in listed[:2]] == ["Reporter 2", "Reporter 1"]
    assert document(parley("articles", "list", "--topic", "pti", "--json", data=data)) == listed[2:]
    assert "No article was removed." in parley("articles", "--removed", data=data).stdout


def test_a_removed_articles_words_are_in_no_view_of_any_topic_and_the_status_stays(
    parley: Parley, data: Path, config: str
) -> None:
    views = {
        " ".join(view): parley(*view, "--json", data=data, PARLEY_CONFIG=config).stdout for view in VIEWS
    }
    before = {name: json.loads(text) for name, text in views.items()}
    assert "PTI walks off" in views["articles"]
    done = parley(
        "articles", "remove", "https://www.news.example/2?utm_source=x", "--reason", "asked by Outlet 2", "--yes",
        "--json", data=data, PARLEY_CONFIG=config,
    )  # fmt: skip
    assert [(one["topic"], one["was_removed_before"]) for one in document(done)] == [
        ("docks", False),
        ("pti", False),
    ]
    shown = {name: parley(*name.split(), "--json", data=data, PARLEY_CONFIG=config).stdout for name in views}
    people = "".join(parley(*view, data=data, PARLEY_CONFIG=config).stdout for view in VIEWS)
    for words in ("PTI walks off", "called off its talks", "Reporter 2"):
        assert words not in "".join(shown.values()) + people
        assert words not in str(dump(ReadModel(data)))
    assert f"{WITHHELD} (Outlet 2, 2025-07-01)" in people
    assert "removed: asked by Outlet 2" in " ".join(people.split())
    after = {name: json.loads(text) for name, text in shown.items()}
    keys = ("status", "since", "confidence", "certainty", "last_shift")
    assert [after["status"][key] for key in keys] == [before["status"][key] for key in keys]
    assert [(one["alert"], one["state"], one["changes"]) for one in after["alerts"]] == [
        (one["alert"], one["state"], one["changes"]) for one in before["alerts"]
    ]
    assert [(one["id"], one["quote_hash"], one["span"]["end"]) for one in after["claims"]] == [
        (one["id"], one["quote_hash"], one["span"]["end"]) for one in before["claims"]
    ]
    live = dump(ReadModel(data))
    assert parley("rebuild", data=data, PARLEY_CONFIG=config).returncode == 0
    assert dump(ReadModel(data)) == live


def test_a_topic_that_is_watched_no_longer_loses_the_words_too(parley: Parley, data: Path) -> None:
    parley("articles", "remove", "https://news.example/2", "--reason", "asked", "--yes", data=data)
    listed = document(parley("articles", "--removed", "--json", data=data))
    assert [(one["topic"], one["title"], one["removed"]) for one in listed] == [
        ("docks", "", "asked"),
        ("pti", "", "asked"),
    ]
    assert "walks off" not in str(dump(ReadModel(data)))


def test_with_a_topic_it_goes_from_there_alone(parley: Parley, data: Path, config: str) -> None:
    (first, *_) = document(parley("articles", "--topic", "docks", "--json", data=data))
    done = parley(
        "articles", "remove", first["article"], "--topic", "docks", "--reason", "asked", "--yes",
        data=data, PARLEY_CONFIG=config,
    )  # fmt: skip
    assert "docks: Outlet 2, 2025-07-01" in done.stdout
    listed = document(parley("articles", "--json", data=data))
    assert [one["title"] for one in listed if one["outlet"] == "Outlet 2"] == ["", "PTI walks off"]


def test_doing_it_again_changes_nothing_and_keeps_the_first_reason(parley: Parley, data: Path) -> None:
    parley("articles", "remove", "https://news.example/2", "--reason", "asked", "--yes", data=data)
    before = ids(data), ids(data, "docks")
    again = parley("articles", "remove", "https://news.example/2", "--reason", "other", "--json", data=data)
    assert [(one["removed"], one["was_removed_before"]) for one in document(again)] == [("asked", True)] * 2
    assert (ids(data), ids(data, "docks")) == before


def test_an_article_that_was_removed_does_not_come_back_with_its_feed(
    parley: Parley, read: Path, data: Path
) -> None:
    parley("articles", "remove", "https://news.example/2", "--reason", "asked", "--yes", data=data)
    before = ids(data)
    assert document(parley("ingest", str(read / "stream.jsonl"), "--json", data=data))["known"] == 2
    assert ids(data) == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["https://news.example/9", "--reason", "x", "--yes"], "see `parley articles`"),
        (
            ["https://news.example/2", "--reason", "x", "--topic", "rail", "--yes"],
            "there is no log of 'rail'",
        ),
        (["https://news.example/2", "--reason", " ", "--yes"], "say why"),
        (["https://news.example/2", "--reason", "x"], "give --yes"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    parley: Parley, data: Path, arguments: list[str], why: str
) -> None:
    before = ids(data)
    refused = parley("articles", "remove", *arguments, data=data)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert why in refused.stderr
    assert ids(data) == before


def test_a_folder_that_is_not_there_is_not_made(parley: Parley, tmp_path: Path) -> None:
    refused = parley("articles", "remove", "x", "--reason", "y", "--yes", data=tmp_path / "misspelt")
    assert refused.returncode == 2
    assert "there is no data folder" in refused.stderr
    assert not (tmp_path / "misspelt").exists()


def test_options_before_the_verb_are_not_passed_over_in_silence(parley: Parley, data: Path) -> None:
    refused = parley("articles", "--topic", "docks", "remove", "x", "--reason", "y", "--yes", data=data)
    assert refused.returncode == 2
    assert "options come last" in refused.stderr


@pytest.mark.parametrize(("answer", "removed"), [("y\n", 2), ("n\n", 0)])
def test_a_person_is_told_what_goes_and_what_stays_and_is_asked(
    parley: Parley, data: Path, monkeypatch: pytest.MonkeyPatch, answer: str, removed: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = parley("articles", "remove", "https://news.example/2", "--reason", "asked", data=data)
    assert "pti: Outlet 2, 2025-07-01" in done.stderr
    assert "“PTI walks off”" in done.stderr
    assert "1 alert that quote it stay, without its words" in done.stderr
    assert "The event log keeps the words" in done.stderr
    assert len(document(parley("articles", "--removed", "--json", data=data))) == removed


def test_an_article_is_shown_by_its_evidence_and_a_removed_one_not_at_all(parley: Parley, data: Path) -> None:
    shown = parley("articles", "show", "https://news.example/2", "--topic", "pti", data=data).stdout
    assert "PTI walks off (Reporter 2, Outlet 2, 2025-07-01)" in shown
    assert "called off its talks with the federal government" in shown
    parley("articles", "remove", "https://news.example/2", "--reason", "asked", "--yes", data=data)
    shown = parley("articles", "show", "https://news.example/2", "--topic", "pti", data=data).stdout
    assert shown.splitlines() == [
        f"pti: {WITHHELD} (Outlet 2, 2025-07-01)",
        "https://news.example/2",
        "Removed: asked",
    ]
    assert parley("articles", "show", "https://news.example/9", data=data).returncode == 2

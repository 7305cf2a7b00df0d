"""`parley rehearse`: what would have been told, had these articles come one by one."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitor.log.embedded import open_log
from monitor.log.verify import verify


class Done(Protocol):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]


def line(number: int, day: str, title: str, text: str, **more: str) -> dict[str, str]:
    return {
        "id": f"a{number}",
        "title": title,
        "text": text,
        "published": f"{day}T0{number}:00:00Z",
        "outlet": f"Outlet {number}",
        "url": f"https://news.example/{number}",
        **more,
    }


STORY = [
    line(4, "2025-06-18", "PTI ends talks", "The PTI has called off its talks with the federal government."),
    line(1, "2025-06-10", "PTI, government hold talks", "The PTI and the federal government held talks."),
    line(2, "2025-06-11", "PTI and govt meet", "The PTI and the federal government are in talks, Gohar said."),
    line(3, "2025-06-12", "Cricket", "The home side won by four wickets in front of a full house."),
    line(5, "2025-06-19", "PTI ends talks", "The PTI has called off its talks with the federal government.",
         url="https://news.example/4?utm_source=x", outlet="Outlet 4"),
]  # fmt: skip


DOCKS = (
    'id = "docks"\nlabel = "Docks"\n'
    '[[parties]]\nid = "union"\nlabel = "Union"\naliases = ["Dockers\' Guild"]\n'
    '[[parties]]\nid = "port"\nlabel = "Port"\naliases = ["Port Authority"]\n'
    '[[channels]]\nid = "pay"\nlabel = "Pay"\nparties = ["union", "port"]\n'
)


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    return written(tmp_path, STORY)


def written(folder: Path, lines: list[dict[str, str]]) -> Path:
    path = folder / "stream.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    return path


def answer(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_tells_what_would_have_been_told_each_alert_at_its_own_time(
    parley: Parley, stream: Path, tmp_path: Path
) -> None:
    found = answer(parley("rehearse", "pti", str(stream), "--json"))
    assert found["articles"] == {"ingested": 3, "revised": 0, "irrelevant": 1, "duplicates": 1}
    told = [(alert["raised_at"][:10], alert["status"], alert["state"]) for alert in found["alerts"]]
    assert told == [("2025-06-18", "collapsed", "raised"), ("2025-06-10", "underway", "updated")]
    (government,) = (part for part in found["timeline"]["channels"] if part["channel"] == "government")
    assert [segment["status"] for segment in government["segments"]] == ["underway", "collapsed"]
    assert not (tmp_path / "data").exists(), "the user's own data folder is not touched"


def test_a_revision_under_the_same_guid_takes_back_what_it_no_longer_says(
    parley: Parley, tmp_path: Path
) -> None:
    revised = line(
        4, "2025-06-12", "PTI", "The PTI wrote about roads. An earlier text on talks was wrong.", guid="g1"
    )
    first = {**STORY[1], "guid": "g1"}
    found = answer(parley("rehearse", "pti", str(written(tmp_path, [first, revised])), "--json"))
    assert found["articles"] == {"ingested": 1, "revised": 1, "irrelevant": 0, "duplicates": 0}
    assert [alert["state"] for alert in found["alerts"]] == ["cancelled"]


def test_a_late_article_is_news_no_longer(parley: Parley, tmp_path: Path) -> None:
    late = line(6, "2025-06-30", "How it began", "On June 2, the PTI and the federal government held talks.")
    found = answer(parley("rehearse", "pti", str(written(tmp_path, [late])), "--json"))
    assert [(alert["state"], alert["reason"]) for alert in found["alerts"]] == [("suppressed", "late")]


def test_what_was_held_back_is_listed_with_its_status_its_day_and_the_reason_in_words(
    parley: Parley, tmp_path: Path
) -> None:
    late = line(6, "2025-06-30", "How it began", "On June 2, the PTI and the federal government held talks.")
    kept = tmp_path / "kept"
    done = parley("rehearse", "pti", str(written(tmp_path, [late])), "--keep", str(kept), COLUMNS="300")
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("2025-06-30"))
    for words in (
        "talks begun (reported), since 2 June 2025",
        "late: it was already old when Parley first read of it",
        "“On June 2, the PTI and the federal government held talks",
        "(Outlet 6)",
    ):
        assert words in row


def test_alerts_have_the_words_that_say_so_and_reasons_that_a_person_knows(
    parley: Parley, tmp_path: Path
) -> None:
    text = f"On June 2, the PTI and the federal government held talks, {'again and ' * 20}again."
    for name, article in (("new", STORY[1]), ("late", line(6, "2025-06-30", "How it began", text))):
        parley("rehearse", "pti", str(written(tmp_path, [article])), "--keep", str(tmp_path / name))
    new, late = (parley("alerts", data=tmp_path / name).stdout for name in ("new", "late"))
    assert "raised – a new shift\n" in new
    assert "“PTI, government hold talks” (Outlet 1)" in new
    assert "not sent – late: it was already old when Parley first read of it" in late
    (quote,) = (line.strip() for line in late.splitlines() if "(Outlet 6)" in line)
    assert quote.startswith("“On June 2, the PTI and")
    assert quote.endswith("…” (Outlet 6)")
    assert len(quote) < 130


def test_the_folder_that_is_kept_is_a_whole_data_folder(parley: Parley, stream: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    found = answer(parley("rehearse", "pti", str(stream), "--keep", str(kept), "--json"))
    assert answer(parley("alerts", "pti", "--json", data=kept)) == found["alerts"]
    assert answer(parley("timeline", "pti", "--json", data=kept)) == found["timeline"]
    with open_log(kept) as log:
        assert verify(log) == []
    again = parley("rehearse", "pti", str(stream), "--keep", str(kept))
    assert (again.returncode, "new or empty folder" in again.stderr) == (2, True)


def test_both_documents_are_written_in_the_forms_that_are_printed(
    parley: Parley, stream: Path, tmp_path: Path
) -> None:
    found = answer(parley("rehearse", "pti", str(stream), "--out", str(tmp_path / "a" / "b"), "--json"))
    for name in ("timeline", "alerts"):
        assert json.loads((tmp_path / "a" / "b" / f"{name}.json").read_text()) == found[name]


def test_a_person_reads_what_would_have_been_told_and_by_whose_words(parley: Parley, stream: Path) -> None:
    done = parley("rehearse", "pti", str(stream))
    assert done.returncode == 0
    told, timeline = done.stdout.split("3 ingested, 0 revised, 1 irrelevant, 1 duplicates")
    assert told.index("2025-06-10  raised") < told.index("2025-06-18  raised")
    assert "“PTI ends talks”" in told
    assert "(Outlet 4)" in told
    assert "talks collapsed" in timeline


def test_a_topic_that_is_not_watched_comes_from_its_file(parley: Parley, tmp_path: Path) -> None:
    topic = tmp_path / "docks.toml"
    topic.write_text(DOCKS)
    news = line(1, "2024-02-01", "Pay talks", "The Dockers' Guild and the Port Authority began pay talks.")
    path = str(written(tmp_path, [news]))
    found = answer(parley("rehearse", "docks", path, "--topic-file", str(topic), "--json"))
    assert [(alert["channel"], alert["status"]) for alert in found["alerts"]] == [("pay", "underway")]
    other = parley("rehearse", "pti", path, "--topic-file", str(topic))
    assert (other.returncode, "defines the topic 'docks'" in other.stderr) == (2, True)
    assert parley("rehearse", "any", path).returncode == 2


def test_the_folder_that_is_kept_is_looked_into_without_naming_the_topic(
    parley: Parley, tmp_path: Path
) -> None:
    topic = tmp_path / "docks.toml"
    topic.write_text(DOCKS)
    news = line(1, "2024-02-01", "Pay talks", "The Dockers' Guild and the Port Authority began pay talks.")
    path, kept = str(written(tmp_path, [news])), tmp_path / "kept here"
    done = parley("rehearse", "docks", path, "--topic-file", str(topic), "--keep", str(kept))
    command = done.stdout.splitlines()[-1].partition(":  ")[2]
    assert shlex.split(command) == ["parley", "--data", str(kept), "status"]
    assert answer(parley("status", "--json", data=kept))["topic"] == "docks"
    assert "Docks: last known: talks under way" in parley("status", data=kept).stdout
    assert "Pay" in parley("timeline", "docks", data=kept).stdout
    assert len(answer(parley("claims", "--json", data=kept))) == len(
        answer(parley("claims", "docks", "--json", data=kept))
    )
    assert answer(parley("alerts", "docks", "--json", data=kept))[0]["topic"] == "docks"
    assert "article.ingested" in parley("log", "tail", data=kept).stdout
    other = parley("status", "dock", data=kept)
    assert (other.returncode, "there is no topic 'dock'" in other.stderr) == (2, True)


def test_a_bad_line_stops_it_before_anything_runs(parley: Parley, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(STORY[0]) + "\n" + json.dumps({"title": "no text", "published": "2025-06-01"}))
    done = parley("rehearse", "pti", str(path), "--keep", str(tmp_path / "kept"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'parley: {path}, line 2: there is no "text"\n'
    assert not (tmp_path / "kept").exists()


def test_an_article_of_the_year_2999_is_a_bad_line(parley: Parley, tmp_path: Path) -> None:
    path = written(tmp_path, [STORY[0], {**STORY[1], "published": "2999-01-01"}])
    done = parley("rehearse", "pti", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert f'{path}, line 2: "published" is 2999-01-01, which is yet to come' in done.stderr

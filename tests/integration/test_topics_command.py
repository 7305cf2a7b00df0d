"""`parley topics`: a user finds out what is watched, checks a topic file, and writes a new one without code."""

import io
import json
import shlex
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitor.topics import load_topic, load_topics


class Done(Protocol):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]
DOCKS = [
    "--name", "Dock pay talks",
    "--party", "Dockers=Dockers' Guild; DG; Guild of Dockers, Winchmen and Tally Clerks",
    "--party", "Port=Port of Tarn, Tarn Port Authority",
    "--party", "Arbiter",
    "--leader", "dockers=Ida Brandt, Brandt",
    "--speaks", "Port=Hugo Sand,Sand",
    "--generic", "Dockers=the guild",
    "--mediator", "Arbiter",
    "--homonym", "Port of Tarn Marathon",
]  # fmt: skip
ARTICLES = [
    {
        "id": "a",
        "title": "Dockers and port resume talks",
        "text": "The Dockers' Guild and the Port of Tarn resumed talks on Monday.\nIda Brandt was hopeful.",
        "published": "2025-03-04",
    },
    {"id": "b", "title": "Thousands run", "text": "The Port of Tarn Marathon was won by I. Brandt."},
    {"id": "c", "title": "", "text": "The Port of Tarn held talks with the Pilots' League."},
]  # fmt: skip


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in ARTICLES))
    return path


def document(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(done: Done) -> str:
    """The one line that says what is wrong."""
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_the_list_names_every_topic_and_says_which_is_watched(parley: Parley) -> None:
    listed = document(parley("topics", "list", "--json"))

    assert listed == document(parley("topics", "--json"))
    assert {one["id"]: one["watched"] for one in listed} == {
        name: name == "pti" for name in load_topics() if name != "any"
    }
    assert parley("topics").stdout == parley("topics", "list").stdout
    assert "rail-uk" in parley("topics").stdout


def test_a_topic_is_shown_with_its_names_channels_and_roles(parley: Parley) -> None:
    shown = document(parley("topics", "show", "us-iran", "--json"))
    said = parley("topics", "show", "us-iran").stdout

    assert shown["channels"][0]["mediators"] == ["oman", "qatar"]
    assert shown["watched"] is False
    assert Path(shown["file"]).name == "us-iran.toml"
    for part in ("us-iran: US-Iran talks (not watched)", "speak for it: Abbas Araghchi", "only mediates on us",
                 "in no channel: its talks stay out", "places: Oman, Muscat"):  # fmt: skip
        assert part in said


def test_what_is_not_there_gets_one_line(parley: Parley, tmp_path: Path) -> None:
    assert "known are" in refusal(parley("topics", "show", "narnia"))
    assert "no such file; known are" in refusal(parley("topics", "check", "narnia"))
    assert "cannot be read" in refusal(parley("topics", "check", str(tmp_path / "gone.toml")))
    assert "cannot read" in refusal(parley("topics", "check", "pti", str(tmp_path / "gone.jsonl")))


def test_every_shipped_topic_passes_its_check_without_a_warning(parley: Parley) -> None:
    for name in load_topics():
        if name != "any":
            found = document(parley("topics", "check", name, "--json"))
            assert (found["topic"], found["ok"], found["problems"]) == (name, True, [])
            assert [one for one in found["warnings"] if one["level"] == "warning"] == []


def test_a_wrong_file_is_refused_with_every_line_that_is_wrong(parley: Parley, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('id = "Docks"\nlabel = 7\n[[channels]]\nid = "pay"\nlabel = "x"\nparties = ["a", "b"]\n')

    line = refusal(parley("topics", "check", str(path)))
    found = parley("topics", "check", str(path), "--json")

    assert "wrong.toml, line 1: id is 'Docks'" in line
    assert "line 2: label is 7" in line
    assert found.returncode == 2
    assert [one["line"] for one in json.loads(found.stdout)["problems"]] == [1, 2]


def test_a_new_topic_is_written_with_comments_and_reads_back_as_answered(
    parley: Parley, tmp_path: Path, articles: Path
) -> None:
    path = tmp_path / "topics" / "docks.toml"

    done = parley("topics", "new", *DOCKS, "--out", str(path), "--articles", str(articles))

    assert done.returncode == 0, done.stderr
    topic = load_topic(path)
    assert topic.id == "dock-pay-talks"
    assert topic.parties[0].aliases[2] == "Guild of Dockers, Winchmen and Tally Clerks"
    assert topic.parties[0].leaders == ("Ida Brandt", "Brandt")
    assert topic.parties[2].aliases == ("Arbiter",)
    assert topic.channels[0].parties == ("dockers", "port")
    assert topic.channels[0].mediators == ("arbiter",)
    assert path.read_text().count("\n# ") >= 10
    assert f"Wrote {path}" in done.stdout
    assert "2 of 3 articles would be taken in; their claims: dockers-port" in done.stdout
    assert f"--topic-file {path}" in done.stdout
    assert 'topics = ["pti", "dock-pay-talks"]' in done.stdout


def test_a_file_that_is_there_is_never_overwritten(parley: Parley, tmp_path: Path) -> None:
    path = tmp_path / "docks.toml"
    path.write_text("mine")

    assert "exists already; name another file with --out" in refusal(
        parley("topics", "new", *DOCKS, "--out", str(path))
    )
    assert path.read_text() == "mine"


WRONG_ANSWERS = {
    "a person of no party": (["--speaks", "Pilots=Ann Lee"], "--speaks names 'Pilots', no party; known are Dockers"),
    "a channel with nobody": (["--channel", "Dockers,Pilots"], "--channel names 'Pilots', no party"),
    "a channel of one": (["--channel", "Dockers"], "expected two parties"),
    "no form": (["--leader", "Ida Brandt"], '--leader takes "PARTY=name,name", not \'Ida Brandt\''),
    "two parties in one option": (
        ["--generic", "Dockers=the guild,dockers;Port=the port"],
        '--generic takes one party at a time: --generic "Dockers=the guild,dockers" --generic "Port=the port", not',
    ),
    "an equals sign in a name": (
        ["--speaks", "Port=Sand=Hugo"],
        '--speaks takes one party at a time: --speaks "PARTY=name,name" --speaks "OTHER=name,name", not',
    ),
    "a semicolon in a party": (["--party", "Pilots;Crew=Pilots"], "--party takes one party at a time"),
    "two parties of one name": (["--party", "X=Port of Tarn"], "which party 'port' has too"),
    "an id that is taken": (["--id", "pti"], "there is a topic 'pti' already"),
    "an id that is none": (["--id", "Dock talks"], "id is 'Dock talks'"),
    "a party without letters": (["--party", "!!!=x"], "'!!!' gives no id"),
    "three parties and no channel": (["--party", "Pilots"], "who talks with whom is not said"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "said"), WRONG_ANSWERS.values(), ids=WRONG_ANSWERS.keys())
def test_answers_that_make_no_topic_are_refused_and_nothing_is_written(
    parley: Parley, tmp_path: Path, options: list[str], said: str
) -> None:
    channel = [] if any("Pilots" in option for option in options) else ["--channel", "pay=Dockers,Port"]
    path = tmp_path / "docks.toml"

    assert said in refusal(parley("topics", "new", *DOCKS, *channel, *options, "--out", str(path)))
    assert not path.exists()


def test_articles_show_what_is_taken_in_where_names_match_and_what_is_passed_over(
    parley: Parley, tmp_path: Path, articles: Path
) -> None:
    path = tmp_path / "docks.toml"
    parley("topics", "new", *DOCKS, "--out", str(path))

    found = document(parley("topics", "check", str(path), str(articles), "--json"))
    said = parley("topics", "check", str(path), str(articles)).stdout

    first, second, third = found["articles"]
    assert (first["relevant"], second["relevant"], third["relevant"]) == (True, False, True)
    assert first["reason"] == "names dockers and port"
    assert ("dockers", "Ida Brandt", "leader", 2) in {
        (one["party"], one["text"], one["role"], one["line"]) for one in first["matches"]
    }
    assert {(claim["channel"], claim["kind"]) for claim in first["claims"]} == {("dockers-port", "resumed")}
    assert third["claims"] == []
    assert "speaks of no channel" in {item["reason"] for item in third["passed_over"]}
    assert "passed over, speaks of no channel" in said
    assert "dockers: “Dockers' Guild” in line 1" in said


def test_check_counts_notes_and_tells_of_a_surname_that_stands_alone(
    parley: Parley, tmp_path: Path, articles: Path
) -> None:
    path = tmp_path / "docks.toml"
    options = ["--leader" if one == "--speaks" else one for one in DOCKS if one != "--homonym"]
    parley(
        "topics",
        "new",
        *(one.replace("Hugo Sand,Sand", "Hugo Sand") for one in options[:-1]),
        "--out",
        str(path),
    )
    articles.write_text(
        json.dumps({"id": "s", "title": "", "text": "The Port of Tarn met.\nSand was hopeful."})
    )

    found = document(parley("topics", "check", str(path), str(articles), "--json"))
    said = parley("topics", "check", str(path), str(articles)).stdout

    assert found["articles"][0]["surnames"] == [
        {"surname": "Sand", "person": "Hugo Sand", "party": "port", "line": 2}
    ]
    assert "line 2: “Sand” alone names nobody: if Hugo Sand of port is meant" in said
    notes = [one for one in found["warnings"] if one["level"] == "note"]
    assert f"0 warnings, {len(notes)} note" in said


def test_in_a_pipe_lines_are_whole(parley: Parley, tmp_path: Path, articles: Path) -> None:
    path = tmp_path / "docks.toml"
    parley("topics", "new", *DOCKS, "--out", str(path))
    text = "The Dockers' Guild spoke to the Port of Tarn.\n" * 60
    articles.write_text(json.dumps({"id": "long", "title": "", "text": text}))
    said = parley("topics", "check", str(path), str(articles)).stdout.splitlines()
    assert [line for line in said if line.startswith("  port:") and line.endswith("line 60")]
    assert [line for line in said if line != line.rstrip()] == []


class Terminal(io.StringIO):
    """A keyboard."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_new_topic_is_asked_for(
    parley: Parley, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [
        "Reef talks",
        "Aland", "Aland government", "Aland, Alport", "Eva Holm, Holm", "", "",
        "Beland", "Belander", "Beland", "", "Otto Lund", "the islanders",
        "Umpire", "Umpire", "", "", "", "",
        "",
        "Umpire",
        "Beland Airways",
    ]  # fmt: skip
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join(answers) + "\n"))
    path = tmp_path / "reef.toml"

    done = parley("topics", "new", "--out", str(path), "--json")

    assert document(done)["topic"] == "reef-talks"
    topic = load_topic(path)
    assert (topic.id, topic.label) == ("reef-talks", "Reef talks")
    assert topic.parties[0].places == ("Aland", "Alport")
    assert topic.channels[0].parties == ("aland", "beland")
    assert topic.channels[0].mediators == ("umpire",)
    assert topic.homonyms == ("Beland Airways",)


def test_without_a_terminal_it_says_which_options_it_needs(
    parley: Parley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    assert "--name and twice --party" in refusal(parley("topics", "new"))


def test_the_file_goes_to_the_folder_of_topics_that_is_set(parley: Parley, tmp_path: Path) -> None:
    folder = tmp_path / "topics"
    folder.mkdir()

    made = document(parley("topics", "new", *DOCKS, "--json", PARLEY_TOPIC_DIRS=str(folder)))
    listed = document(parley("topics", "list", "--json", PARLEY_TOPIC_DIRS=str(folder)))

    assert made["file"] == str(folder / "dock-pay-talks.toml")
    assert "dock-pay-talks" in {one["id"] for one in listed}
    assert tomllib.loads((folder / "dock-pay-talks.toml").read_text())["stale_after_days"] == 30


def test_the_ten_minutes_of_the_readme_are_as_told(
    parley: Parley, tmp_path: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## A new topic in ten minutes")[2].partition("\n## ")[0]
    lines = [shlex.split(line)[1:] for line in section.splitlines() if line.startswith("parley ")]
    dated = [{"published": "2025-03-04", **one} for one in ARTICLES]
    articles.write_text("".join(json.dumps(one) + "\n" for one in dated))
    monkeypatch.chdir(tmp_path)

    new, check, rehearse = (parley(*line) for line in lines)

    assert new.returncode == 0, new.stderr
    assert "0 warnings" in new.stdout
    assert "3 of 3 articles would be taken in" in check.stdout
    assert "talks begun" in rehearse.stdout

"""`parley evaluate`: figures on stdout, bad lines on stderr, all errors in a file, exit codes that a script can use."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Done, Parley

REFUSED = {
    "id": "a",
    "text": "The union has refused to return to talks.",
    "published": "2025-03-04",
    "label": "rejected",
    "also": [],
    "tags": ["plain"],
}
INVERTED = {**REFUSED, "id": "b", "label": "resumed", "tags": ["resume-trap"]}
ACCEPTED = {**REFUSED, "id": "c", "label": "denied", "also": ["rejected"], "tags": None}
BAD = [
    "not json",
    '{"id": "no text", "label": "none"}',
    '{"text": "no label"}',
    '{"text": "wrong label", "label": "perhaps"}',
    '{"text": "wrong also", "label": "none", "also": ["perhaps"]}',
    '{"text": " ", "label": "none"}',
    '{"text": "wrong tags", "label": "none", "tags": {"a": 1}}',
    '{"text": "wrong day", "label": "none", "published": "tomorrow"}',
    "[1, 2]",
]


def write(path: Path, *rows: dict[str, Any] | str) -> str:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return write(tmp_path / "labelled.jsonl", REFUSED, INVERTED, ACCEPTED)


def document(done: Done) -> Any:
    return json.loads(done.stdout)


def test_json_is_one_document_with_all_figures(parley: Parley, file: str) -> None:
    done = parley("evaluate", file, "--topic", "any", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = document(done)
    figures = {
        key: report[key] for key in ("texts", "bad_lines", "strict", "lenient", "inversions", "status_f1")
    }
    assert figures == {
        "texts": 3,
        "bad_lines": 0,
        "strict": 0.3333,
        "lenient": 0.6667,
        "inversions": 0.3333,
        "status_f1": 1.0,
    }
    assert report["calibration_error"] is not None
    assert set(report["slices"]) == {"plain", "resume-trap"}
    (worst,) = report["worst"]
    assert (worst["id"], worst["inversion"], worst["explanation"]["sentences"][0]["text"]) == (
        "b",
        True,
        REFUSED["text"],
    )


def test_people_get_tables_and_the_worst_errors_with_their_words(parley: Parley, file: str) -> None:
    shown = parley("evaluate", file).stdout
    for words in (
        "accuracy, strict",
        "calibration error (ECE)",
        "texts per second",
        "Reliability",
        "By kind",
        "By tag",
        "resume-trap",
        "b: inversion, rejected (0.",
        ") instead of resumed (resume-trap)",
        "REJECT “has refused” › RESUME “to return to” › talks “talks”",
    ):
        assert words in shown
    assert "\x1b" not in shown
    assert "instead of" not in parley("evaluate", file, "--worst", "0").stdout


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_named_and_counted_and_the_rest_is_scored(
    parley: Parley, tmp_path: Path, bad: str
) -> None:
    done = parley("evaluate", write(tmp_path / "some.jsonl", REFUSED, bad, "", INVERTED), "--json")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"parley: {tmp_path / 'some.jsonl'}, line 2")
    report = document(done)
    assert (report["texts"], report["bad_lines"], report["strict"]) == (2, 1, 0.5)


def test_all_bad_lines_are_named_at_once(parley: Parley, tmp_path: Path) -> None:
    done = parley("evaluate", write(tmp_path / "some.jsonl", *BAD, REFUSED))
    assert done.returncode == 1
    assert [line.split(", line ")[1][0] for line in done.stderr.splitlines()] == list("123456789")
    assert "bad lines" in done.stdout


def test_an_id_seen_twice_is_a_bad_line_and_the_first_counts(parley: Parley, tmp_path: Path) -> None:
    numbered = [{**REFUSED, "id": "3"}, {"text": "Talks began.", "label": "underway"}]
    done = parley(
        "evaluate", write(tmp_path / "some.jsonl", REFUSED, *numbered, INVERTED, {**INVERTED, "id": "a"})
    )
    assert done.returncode == 1
    assert done.stderr == f"parley: {tmp_path / 'some.jsonl'}, line 5: the id 'a' stands in line 1 already\n"


def test_a_kind_without_texts_has_no_scores(parley: Parley, file: str) -> None:
    rows = [line.split() for line in parley("evaluate", file).stdout.splitlines()]
    assert ["scheduled", "-", "-", "-", "0"] in rows
    assert ["denied", "0.00", "0.00", "0.00", "1"] in rows


def test_what_was_missed_is_among_the_worst(parley: Parley, tmp_path: Path) -> None:
    missed = {"id": "m", "text": "Rain fell on the docks.", "label": "rejected", "also": ["stalled"]}
    rows = write(tmp_path / "some.jsonl", REFUSED, missed, INVERTED)
    shown = parley("evaluate", rows).stdout
    assert "m: miss, none instead of rejected or stalled" in shown
    assert shown.index("b: inversion") < shown.index("m: miss")
    assert [one["id"] for one in document(parley("evaluate", rows, "--json"))["worst"]] == ["b", "m"]
    assert "miss" not in parley("evaluate", rows, "--worst", "0").stdout.replace("missing", "")


@pytest.mark.parametrize("rows", [(), ("", ""), tuple(BAD)], ids=["empty", "blank", "all bad"])
def test_when_nothing_can_be_read_the_exit_code_is_2(
    parley: Parley, tmp_path: Path, rows: tuple[str, ...]
) -> None:
    done = parley("evaluate", write(tmp_path / "none.jsonl", *rows), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no labelled texts" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_file_that_is_missing_gets_one_line(parley: Parley, tmp_path: Path) -> None:
    done = parley("evaluate", str(tmp_path / "missing.jsonl"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_all_errors_go_to_a_file_that_can_be_evaluated_again(
    parley: Parley, file: str, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.jsonl"
    assert parley("evaluate", file, "--errors", str(errors), "--json").returncode == 0
    rows = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [(row["id"], row["label"], row["answer"], row["accepted"]) for row in rows] == [
        ("b", "resumed", "rejected", False),
        ("c", "denied", "rejected", True),
    ]
    wanted = {"label", "answer", "confidence", "rule", "tags", "text", "explanation"}
    assert all(wanted <= set(row) for row in rows)
    again = document(parley("evaluate", str(errors), "--json"))
    assert (again["texts"], again["strict"], again["lenient"]) == (2, 0.0, 0.5)


def test_errors_are_refused_where_they_cannot_be_written_or_would_overwrite(
    parley: Parley, file: str, tmp_path: Path
) -> None:
    before = Path(file).read_text()
    for errors, words in ((file, "overwrite"), (str(tmp_path), "cannot write")):
        done = parley("evaluate", file, "--errors", errors)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    assert Path(file).read_text() == before


def test_progress_is_shown_for_long_inputs_on_a_terminal_only(parley: Parley, tmp_path: Path) -> None:
    short = write(tmp_path / "short.jsonl", REFUSED)
    long = write(tmp_path / "long.jsonl", *[{**REFUSED, "id": n} for n in range(120)])
    assert "texts" in parley("evaluate", long, terminal=True).stderr
    assert parley("evaluate", short, terminal=True).stderr == ""
    assert parley("evaluate", long).stderr == ""

"""`parley detect --explain`: each sentence, what was considered in it, what came of it; colours on a terminal only."""

import json
import re
from pathlib import Path

import pytest
from rich.style import Style

from monitor.cli.explaining import NOUN, OPERATOR, highlighted
from monitor.detection import Document, detect, explain
from monitor.topics import ANY
from tests.cli.conftest import Parley

TEXT = (
    "The union has refused to return to talks. Rain fell on the docks.\n"
    "Also read: the talks in pictures\n"
    "The bank is in talks to buy a rival.\n"
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "text.txt").write_text(TEXT)
    return str(tmp_path / "text.txt")


def test_every_sentence_is_shown_with_verdict_reason_operators_and_their_words(
    parley: Parley, file: str
) -> None:
    shown = parley("detect", "--text", file, "--published", "2025-03-04", "--explain").stdout.splitlines()
    assert shown == [
        "text.txt: rejected (0.89)",
        "  lead: The union has refused to return to talks.",
        "    accepted rejected (0.89) on any, asserted, outlet, 2025-03-04",
        "      REJECT “has refused” › RESUME “to return to” › talks “talks”",
        "      rule: REJECT(RESUME(talks)): ~refuse, ~return to",
        "  lead: Rain fell on the docks.",
        "  passed over (boilerplate): “Also read: the talks in pictures”",
        "  body: The bank is in talks to buy a rival.",
        "    dropped  another sense of the word",
        "      talks “talks”",
        "      rule: talks",
    ]


def test_a_pipe_gets_no_escape_codes_and_a_terminal_gets_colours(parley: Parley, file: str) -> None:
    arguments = ("detect", "--text", file, "--explain")
    assert "\x1b" not in parley(*arguments).stdout
    shown = parley(*arguments, terminal=True).stdout
    assert "\x1b[" in shown
    assert re.sub(r"\x1b\[[\d;]*m", "", shown).count("The union has refused to return to talks.") == 1


def test_a_long_sentence_is_one_line_in_a_pipe(parley: Parley, tmp_path: Path) -> None:
    sentence = "The guild, " + "which met on the quay, " * 20 + "refused talks."
    (tmp_path / "long.txt").write_text(sentence)
    assert (
        f"  lead: {sentence}"
        in parley("detect", "--text", str(tmp_path / "long.txt"), "--explain").stdout.splitlines()
    )


def test_the_words_of_the_operators_and_of_the_talk_noun_are_coloured_in_the_sentence() -> None:
    document = Document("", "Neither side has agreed to resume talks.")
    told = explain(detect(document, ANY, "x", by_rules_alone=True)).sentences[0]
    text = highlighted(told)
    coloured = [
        (text.plain[span.start : span.end], Style.parse(str(span.style))) for span in text.spans if span.style
    ]
    assert [(words, style.color.name if style.color else "", style.bold) for words, style in coloured] == [
        ("Neither", OPERATOR, True),
        ("has agreed to resume", OPERATOR, True),
        ("talks", NOUN, True),
    ]


def test_control_characters_of_a_text_never_reach_the_terminal(parley: Parley, tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text("The \x1b[31munion\x9b has refused\x07 to return to talks.")
    shown = parley("detect", "--text", str(tmp_path / "evil.txt"), "--explain").stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert "refused" in shown


def test_a_text_in_a_language_that_the_topic_does_not_read_says_so(parley: Parley, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    line = {"id": 7, "text": TEXT, "published": "2025-03-04", "language": "ur"}
    lines.write_text(json.dumps(line) + "\n")
    why = "its language is 'ur', and topic 'any' reads only en"
    assert parley("detect", str(lines), "--explain").stdout == f"7: passed over: {why}\n"
    told = json.loads(parley("detect", str(lines), "--json").stdout)
    assert told == {"id": 7, "kind": "none", "confidence": 0.0, "claims": [], "unread": why}


def test_json_keeps_its_keys_and_adds_the_explanation(parley: Parley, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"id": 7, "text": TEXT, "published": "2025-03-04"}) + "\n")
    plain = json.loads(parley("detect", str(lines), "--json").stdout)
    told = json.loads(parley("detect", str(lines), "--json", "--explain").stdout)
    assert set(plain) == {"id", "kind", "confidence", "claims"}
    assert {key: told[key] for key in plain} == plain
    assert set(told) == {*plain, "dropped", "explanation"}
    assert [one["text"] for one in told["explanation"]["sentences"]] == [
        "The union has refused to return to talks.",
        "Rain fell on the docks.",
        "The bank is in talks to buy a rival.",
    ]
    (candidate,) = told["explanation"]["sentences"][0]["candidates"]
    assert [(one["name"], [word["text"] for word in one["words"]]) for one in candidate["operators"]] == [
        ("REJECT", ["has refused"]),
        ("RESUME", ["to return to"]),
    ]
    assert candidate["claim"] == told["claims"][0]["id"]


def test_a_long_explanation_is_one_line_of_json_as_if_it_was_written_at_once(
    parley: Parley, tmp_path: Path
) -> None:
    text = "The union – it’s said – has refused to return to talks. Rain fell on the docks.\n" * 100
    (tmp_path / "long.txt").write_text(text, encoding="utf-8")
    told = parley("detect", "--text", str(tmp_path / "long.txt"), "--explain", "--json").stdout
    assert len(told) > 100_000
    answer = json.loads(told)
    assert told == json.dumps(answer, ensure_ascii=False) + "\n"
    assert len(answer["explanation"]["sentences"]) == 200

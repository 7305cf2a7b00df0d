"""A topic file that is right by the letter is looked over for names that match too much, or never."""

from pathlib import Path

import pytest

from monitor.topics import examine_text
from monitor.topics.review import review, unmet_surnames

GOOD = """\
id = "docks"
label = "Dock talks"
homonyms = ["Port of Tarn Marathon"]
[[parties]]
id = "dockers"
label = "Dockers' Guild"
aliases = ["Dockers' Guild", "DG"]
leaders = ["Ida Brandt", "Brandt"]
[[parties]]
id = "port"
label = "Port of Tarn"
aliases = ["Port of Tarn"]
spokespersons = ["Hugo Sand"]
[[channels]]
id = "pay"
label = "Pay"
parties = ["dockers", "port"]
"""
SUSPICIOUS = {
    "a word that many go by": ('"DG"', '"Union"', "warning", 7, "'Union', a word that many go by"),
    "one word in small letters": ('"DG"', '"lumpers"', "warning", 7, "one word in small letters"),
    "a phrase that many go by": ('"DG"', '"the board"', "warning", 7, "'the board', a word that many go by: move it"),
    "a phrase with a great article": ('"DG"', '"The union of dockers"', "warning", 7, "many go by: move it"),
    "words in small letters": ('"DG"', '"dock workers"', "note", 7, "has 'dock workers' in small letters"),
    "a surname without its person": ('"Ida Brandt", "Brandt"', '"Brandt"', "warning", 8, "'Brandt' alone"),
    "a homonym that is an alias": ('"Port of Tarn Marathon"', '"DG"', "warning", 7, "among the homonyms too"),
    "a homonym that takes nothing out": ('"Port of Tarn Marathon"', '"Tarn Marathon"', "note", 3, "no name of a party"),
    "a name at the start of another's": ('"DG"', '"Port"', "note", 7, "'Port of Tarn' of party 'port' begins"),
    "a name twice": ('"DG"', '"DG", "DG"', "note", 7, "which party 'dockers' has already"),
    "a label that is no name": ('label = "Port of Tarn"', 'label = "Quays"', "note", 11, "belongs among the aliases"),
    "a part of a name as a label": ('label = "Port of Tarn"', 'label = "Tarn"', "note", 11, "belongs among"),
    "nobody who speaks": ('spokespersons = ["Hugo Sand"]\n', "", "note", 10, "for which nobody speaks"),
    "a party without a channel": (
        "[[channels]]",
        '[[parties]]\nid = "pilots"\nlabel = "P"\naliases = ["Pilots\' League"]\n[[channels]]',
        "note",
        15,
        "which no channel names",
    ),
    "two channels of one pair": (
        '[[channels]]\nid = "pay"',
        '[[channels]]\nid = "x"\nlabel = "X"\nparties = ["port", "dockers"]\n[[channels]]\nid = "pay"',
        "warning",
        21,
        "are those of 'x'",
    ),
}  # fmt: skip


def reviewed(source: str) -> list[tuple[str, int | None, str]]:
    topic = examine_text(source, Path("docks.toml")).topic
    assert topic is not None
    return [(one.level, one.line, one.what) for one in review(topic, source)]


def test_a_good_file_raises_no_suspicion() -> None:
    assert reviewed(GOOD) == []


@pytest.mark.parametrize(("old", "new", "level", "line", "said"), SUSPICIOUS.values(), ids=SUSPICIOUS.keys())
def test_what_looks_wrong_is_told_with_its_line(old: str, new: str, level: str, line: int, said: str) -> None:
    assert old in GOOD

    told = reviewed(GOOD.replace(old, new, 1))

    assert any((level, line) == one[:2] and said in one[2] for one in told), told


def test_the_guild_by_its_name_is_no_phrase() -> None:
    assert reviewed(GOOD.replace('"DG"', '"The Guild", "The Tarn Guild"')) == []


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("", "Mr Sand said no.\nSand left.", [("Sand", "Hugo Sand", "port", 1)]),
        ("Sand says no", "The Port of Tarn and the union:\nno talks.", [("Sand", "Hugo Sand", "port", 0)]),
        ("", "No.\nSAND SAID NO.", [("Sand", "Hugo Sand", "port", 2)]),
        ("Sand says no", "Hugo Sand said no.", []),
        ("", "They met Ann Sand, on sand, with Sandra.", []),
        ("", "Brandt said no.", []),
    ],
    ids=["alone", "in the title", "in capitals", "with the full name", "somebody else", "an alias"],
)
def test_a_surname_that_is_no_alias_is_told_unless_the_article_has_the_full_name(
    title: str, text: str, found: list[tuple[str, str, str, int]]
) -> None:
    topic = examine_text(GOOD, Path("docks.toml")).topic
    assert topic is not None
    unmet = unmet_surnames(topic, title, text)
    assert [(one.surname, one.person, one.party, one.line) for one in unmet] == found

"""A topic file is read whole, or refused in one line that says where, what and what instead."""

from pathlib import Path

import pytest

from monitor.errors import TopicFileError
from monitor.topics import ANY, load_topic, load_topics, model

GOOD = """\
id = "rail"
label = "Rail pay talks"

[[parties]]
id = "union"
label = "Rail union"
aliases = ["RMT", "rail union"]
leaders = ["Mick Lynch"]

[[parties]]
id = "employer"
label = "Employers"
aliases = ["Network Rail"]

[[channels]]
id = "pay"
label = "Union – employers"
parties = ["union", "employer"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rail.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_gives_its_topic(tmp_path: Path) -> None:
    topic = load_topic(written(tmp_path, GOOD))

    assert topic.id == "rail"
    assert [party.id for party in topic.parties] == ["union", "employer"]
    assert topic.parties[0].leaders == ("Mick Lynch",)
    assert topic.channels[0].parties == ("union", "employer")
    assert topic.stale_after_days == 30


WRONG = {
    "a misspelled key": (
        'aliases = ["RMT"',
        'aliasses = ["RMT"',
        ["line 7:", "parties[1].aliasses", "did you mean 'aliases'?"],
    ),
    "an unknown key at the top": (
        'label = "Rail pay',
        'labl = "x"\nlabel = "Rail pay',
        ["line 2:", "labl", "'label'"],
    ),
    "a key like no other": (
        'label = "Rail pay',
        'qqq = 1\nlabel = "Rail pay',
        ["line 2:", "qqq", "known are id, label"],
    ),
    "an unknown party": (
        'parties = ["union", "employer"]',
        'parties = ["union", "employers"]',
        ["line 18:", "channels[1].parties[2]", "'employers'", "did you mean 'employer'?"],
    ),
    "an unknown intermediary": (
        'parties = ["union", "employer"]',
        'intermediaries = ["acas"]',
        ["line 18:", "channels[1].intermediaries[1]", "'acas'", "expected one of union, employer"],
    ),
    "an unknown mediator": (
        'parties = ["union", "employer"]',
        'parties = ["union", "employer"]\nmediators = ["acas"]',
        ["line 19:", "channels[1].mediators[1]", "'acas'", "expected one of union, employer"],
    ),
    "a mediator who takes part": (
        'parties = ["union", "employer"]',
        'parties = ["union", "employer"]\nmediators = ["union"]',
        ["line 19:", "channels[1].mediators[1]", "takes part in channel 'pay'", "only mediates"],
    ),
    "a place of two parties": (
        'aliases = ["Network Rail"]',
        'aliases = ["Network Rail"]\nplaces = ["London", "RMT"]',
        ["line 14:", "parties[2].places[2]", "'RMT'", "party 'union' has too"],
    ),
    "one alias for two parties": (
        '["Network Rail"]',
        '["Network Rail", "Rail-Union"]',
        ["line 13:", "parties[2].aliases[2]", "'Rail-Union'", "party 'union' has too"],
    ),
    "one generic name for two parties": (
        '["Network Rail"]',
        '["Network Rail"]\ngeneric_aliases = ["rail-union"]',
        ["line 14:", "parties[2].generic_aliases[1]", "party 'union' has too", "leave it to one of them"],
    ),
    "an empty alias": (
        '["Network Rail"]',
        '["Network Rail", " "]',
        ["line 13:", "parties[2].aliases[2]", "at least one word"],
    ),
    "an empty homonym": (
        'label = "Rail pay',
        'homonyms = [""]\nlabel = "Rail pay',
        ["line 2:", "homonyms[1]"],
    ),
    "two parties of one id": ('id = "employer"', 'id = "union"', ["line 11:", "parties[2].id", "'union'"]),
    "two channels of one id": (
        '[[channels]]\nid = "pay"',
        '[[channels]]\nid = "pay"\nlabel = "x"\nparties = ["union", "employer"]\n[[channels]]\nid = "pay"',
        ["line 20:", "channels[2].id", "'pay'"],
    ),
    "no TOML": ('label = "Rail pay talks"', 'label = "Rail pay talks', ["line 2:", "is not TOML"]),
    "TOML cut off": ('parties = ["union", "employer"]', 'parties = ["union",', ["line 19:", "is not TOML"]),
    "a missing label": ('label = "Employers"\n', "", ["line 10:", "parties[2].label is missing"]),
    "a missing id": ('id = "rail"\n', "", ["id is missing"]),
    "no channels": (
        GOOD[GOOD.index("[[channels]]") :],
        "",
        ["channels is missing", "at least one [[channels]]"],
    ),
    "a channel of nobody": (
        'parties = ["union", "employer"]\n',
        "",
        ["line 15:", "channels[1].parties", "'pay'", "two parties, or intermediaries"],
    ),
    "a channel of one": (
        'parties = ["union", "employer"]',
        'parties = ["union"]',
        ["line 18:", "['union']", "two parties"],
    ),
    "a channel of one party twice": (
        'parties = ["union", "employer"]',
        'parties = ["union", "union"]',
        ["line 18:", "two parties"],
    ),
    "an id that is no name": (
        'id = "union"',
        'id = "The Union"',
        ["line 5:", "parties[1].id", "'The Union'", "lower-case"],
    ),
    "the reserved id": ('id = "rail"', 'id = "any"', ["line 1:", "id is 'any'", "reserved"]),
    "an id of the system's": ('id = "rail"', 'id = "_system"', ["line 1:", "'_system'", "lower-case"]),
    "a number for a text": (
        'label = "Rail pay talks"',
        "label = 7",
        ["line 2:", "label is 7", "a text in quotes"],
    ),
    "a text for a list": (
        'aliases = ["Network Rail"]',
        'aliases = "Network Rail"',
        ["line 13:", "'Network Rail'", "a list"],
    ),
    "days below one": (
        'label = "Rail pay',
        'stale_after_days = 0\nlabel = "Rail pay',
        ["line 2:", "is 0", "1 or more"],
    ),
    "the kind of the builtin": (
        'label = "Rail pay',
        'kind = "any"\nlabel = "Rail pay',
        ["line 2:", "kind", "'talks'"],
    ),
    "a language by its name": (
        'label = "Rail pay',
        'languages = ["en", "English"]\nlabel = "Rail pay',
        ["line 2:", "languages[2]", "'English'", "a code of two letters"],
    ),
    "no language": (
        'label = "Rail pay',
        'languages = []\nlabel = "Rail pay',
        ["line 2:", "languages", "is empty", "at least one code"],
    ),
    "a party without names": (
        'aliases = ["Network Rail"]\n',
        "",
        ["line 10:", "nothing names party 'employer'"],
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_refused_in_one_line_with_place_and_cure(
    tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))

    with pytest.raises(TopicFileError) as caught:
        load_topic(path)

    message = str(caught.value)
    assert message.startswith(f"{path}")
    assert "\n" not in message
    for part in said:
        assert part in message


def test_several_faults_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace('id = "union"', 'id = "U"').replace('id = "pay"', 'id = "P"'))

    with pytest.raises(TopicFileError, match=r"line 5: .* \(and 1 more\)$"):
        load_topic(path)


def test_the_line_of_an_item_is_found_in_a_long_list(tmp_path: Path) -> None:
    many = 'aliases = [\n    "Network Rail", # the tracks\n    "Rail Delivery Group",\n    "rail union",\n]'
    path = written(tmp_path, GOOD.replace('aliases = ["Network Rail"]', many))

    with pytest.raises(TopicFileError, match=r"line 16: .*aliases"):
        load_topic(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TopicFileError, match=r"gone\.toml: cannot be read"):
        load_topic(tmp_path / "gone.toml")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('label = "Türkei"'.encode("latin-1"))

    with pytest.raises(TopicFileError, match=r"latin\.toml: is not UTF-8"):
        load_topic(path)


def test_any_and_the_builtin_topics_are_always_there() -> None:
    topics = load_topics()

    assert topics["any"] is ANY
    assert [channel.id for channel in topics["pti"].channels] == ["government", "establishment", "overseas"]


def test_topics_of_extra_folders_come_on_top_and_replace_a_builtin_one(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "pti.toml").write_text(GOOD.replace('id = "rail"', 'id = "pti"'), encoding="utf-8")

    topics = load_topics([tmp_path])

    assert set(topics) == {*load_topics(), "rail"}
    assert topics["pti"].label == "Rail pay talks"


def test_two_own_files_of_one_topic_are_refused(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "second.toml").write_text(GOOD, encoding="utf-8")

    with pytest.raises(TopicFileError, match=r"second\.toml: topic 'rail' is defined by another file too"):
        load_topics([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TopicFileError, match="cannot be read as a folder"):
        load_topics([tmp_path / "nowhere"])


def test_a_machines_time_zones_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To list them opens hundreds of files, and every command reads every topic."""
    listed: list[int] = []
    monkeypatch.setattr(model, "available_timezones", lambda: listed.append(1) or {"Asia/Karachi"})
    model._zones.cache_clear()
    for _ in range(3):
        assert model._known_zone("Asia/Karachi") == "Asia/Karachi"
    with pytest.raises(ValueError, match="IANA"):
        model._known_zone("Asia/Karchi")
    model._zones.cache_clear()
    assert listed == [1]

"""A file of JSON lines as articles: what a line may say, and that a bad one is named by its number."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import BadInputError
from monitor.sources.lines import holds_lines, read_lines, take_lines
from monitor.vocabulary import Precision

GOOD = {
    "title": "PTI and government meet",
    "text": "The PTI and the government met on Monday.",
    "published": "2025-05-29T10:00:00Z",
    "outlet": "Harbour Post",
    "url": "https://harbour.example/1",
}


def written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "news.jsonl"
    raw = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(raw) + "\n", encoding="utf-8")
    return path


def test_a_line_becomes_an_article_that_was_first_seen_when_it_was_published(tmp_path: Path) -> None:
    (article,) = read_lines(written(tmp_path, {**GOOD, "id": "a1", "guid": "g1", "mood": "passed over"}))
    assert (article.title, article.text, article.outlet) == (GOOD["title"], GOOD["text"], GOOD["outlet"])
    assert (article.url, article.guid, article.history) == (GOOD["url"], "g1", False)
    assert article.published_at == article.first_seen_at == datetime(2025, 5, 29, 10, tzinfo=UTC)
    assert article.precision is Precision.TIME


def test_lines_come_oldest_first_and_lines_of_one_moment_in_their_order(tmp_path: Path) -> None:
    days = ("2025-06-02", "2025-05-01T08:00:00+05:00", "2025-05-01T03:00:00", "2025-04-30")
    lines = [{**GOOD, "title": f"Number {nth}", "published": day} for nth, day in enumerate(days)]
    found = read_lines(written(tmp_path, *lines))
    assert [article.title for article in found] == ["Number 3", "Number 1", "Number 2", "Number 0"]
    assert found[0].precision is Precision.DAY


def test_title_outlet_and_address_may_be_missing(tmp_path: Path) -> None:
    bare = {"text": GOOD["text"], "published": "2025-05-29"}
    first, second = read_lines(written(tmp_path, bare, "", {**bare, "url": GOOD["url"], "title": None}))
    assert (first.title, first.outlet, first.url) == (
        "The PTI and the government met on Monday",
        "news",
        None,
    )
    assert second.outlet == "harbour.example"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON"),
        ("[1]", "expected an object"),
        ({**GOOD, "text": None}, '"text" must be a text in quotes, not null'),
        ({**GOOD, "text": " \n — "}, "holds no words"),
        ({"text": GOOD["text"]}, 'there is no "published"'),
        ({**GOOD, "published": None}, 'there is no "published"'),
        ({**GOOD, "published": 2025}, '"published" must be a text in quotes, not 2025'),
        ({**GOOD, "published": "last week"}, "must be a date like 2025-05-29"),
        ({**GOOD, "published": "0001-01-01T00:00:00+10:00"}, "must be a date like 2025-05-29"),
        ({**GOOD, "outlet": 7}, '"outlet" must be a text in quotes, not 7'),
    ],
)
def test_a_bad_line_is_named_by_its_number_with_its_fault(
    tmp_path: Path, line: dict[str, Any] | str, fault: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        read_lines(written(tmp_path, GOOD, "", line))
    assert "news.jsonl, line 3: " in str(refused.value)
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)


def test_of_several_bad_lines_the_first_is_shown_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"line 1: not JSON.*\(and 2 more bad lines\)"):
        read_lines(written(tmp_path, "x", GOOD, "y", "z"))


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_articles_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInputError, match="holds no articles"):
        read_lines(written(tmp_path, content))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot read"):
        read_lines(tmp_path / "missing.jsonl")


NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def test_a_day_that_is_yet_to_come_is_a_bad_line_but_clocks_may_differ_by_a_day(tmp_path: Path) -> None:
    ahead = written(tmp_path, {**GOOD, "published": "2025-06-02T11:59:59Z"})
    assert len(read_lines(ahead, now=NOW)) == 1
    future = written(tmp_path, GOOD, {**GOOD, "published": "2999-01-01"})
    with pytest.raises(BadInputError, match=r'line 2: "published" is 2999-01-01, which is yet to come'):
        read_lines(future, now=NOW)
    (refused,) = take_lines(future, now=NOW).refused
    assert "yet to come" in refused.why
    assert len(read_lines(future)) == 2


def test_what_is_taken_in_by_hand_may_have_bad_lines_and_lines_without_a_date(tmp_path: Path) -> None:
    undated = {"title": "Undated", "text": GOOD["text"], "outlet": "Harbour Post"}
    read = take_lines(written(tmp_path, "{", undated, "", "[1]", GOOD), now=NOW, history=True)
    assert [article.title for article in read.articles] == [GOOD["title"], "Undated"]
    assert {(article.first_seen_at, article.history) for article in read.articles} == {(NOW, True)}
    assert (read.articles[1].published_at, read.articles[1].precision) == (None, Precision.UNKNOWN)
    assert [refused.name for refused in read.refused] == [
        f"{tmp_path / 'news.jsonl'}, line {n}" for n in (1, 4)
    ]
    assert "not JSON" in read.refused[0].why


@pytest.mark.parametrize(
    ("name", "content", "is_so"),
    [
        ("a.jsonl", "not JSON", True),
        ("a.NDJSON", "", True),
        ("a.txt", '{"text": "One."}\n{"text": "Two."}\n', True),
        ("a.json", '\ufeff{"text": "One."}\n', True),
        ("a.txt", "The PTI said on Monday:\n{...}\n", False),
        ("a.txt", "[1]\n", False),
        ("a.txt", "", False),
    ],
)
def test_a_file_of_lines_is_known_by_its_name_or_its_first_line(
    tmp_path: Path, name: str, content: str, is_so: bool
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert holds_lines(tmp_path / name) is is_so
    assert not holds_lines(tmp_path / "missing.txt")

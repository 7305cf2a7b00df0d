"""Broken and odd feeds: usable entries are kept, the reason is recorded, nothing crashes, nothing harmful comes out.

The small ones lie in `odd_feeds/`, with what is kept of each in `expected.toml`; the large ones are built here. All go
through one worker, so that none may fell it for the next.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.sources.entries import MAX_GUID_CHARS, Entry, ParsedFeed
from monitor.sources.feed import MAX_ENTRIES, parse_feed
from monitor.sources.parsing import FeedParser
from monitor.sources.text import MAX_TITLE_CHARS

FOLDER = Path(__file__).parent / "odd_feeds"
URL = "https://feeds.example/bugle/all.xml"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))
KEPT: dict[str, Callable[[Entry], str]] = {
    "titles": lambda entry: entry.title,
    "texts": lambda entry: entry.text,
    "links": lambda entry: entry.link or "",
    "guids": lambda entry: entry.guid or "",
    "authors": lambda entry: entry.author,
    "languages": lambda entry: entry.language,
    "outlets": lambda entry: entry.outlet,
    "dates": lambda entry: f"{entry.published.isoformat()[:16]} {entry.precision}" if entry.published else "",
}
HARMFUL = re.compile(
    r"</?[a-z!][^<>]{0,200}>|javascript:|&(?:lt|gt|amp|#\d+);|[\0-\x08\x0b-\x1f\x7f\u202a-\u202e]",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser(workers=1) as parser:
        yield parser


def feed_fields(feed: ParsedFeed) -> dict[str, Any]:
    return {
        "title": feed.title,
        "ttl": feed.ttl and feed.ttl.total_seconds() / 60,
        "homepage": feed.homepage or "",
        "skip_hours": sorted(feed.skip_hours),
        "skip_days": sorted(feed.skip_days),
    }


def assert_harmless(feed: ParsedFeed) -> None:
    for entry in feed.entries:
        for text in (entry.title, entry.text, entry.author, entry.outlet, feed.title, feed.note):
            assert not HARMFUL.search(text), text[:200]
        assert entry.link is None or re.fullmatch(r"https?://[^\s<>\"]+", entry.link)
        assert entry.published is None or entry.published.utcoffset() is not None
        assert len(entry.title) <= MAX_TITLE_CHARS
        assert "\n" not in entry.title + entry.author + entry.outlet
        assert len(entry.guid or "") <= MAX_GUID_CHARS


def test_the_corpus_and_what_is_expected_of_it_belong_together() -> None:
    assert {path.name for path in FOLDER.iterdir()} - {"expected.toml"} == set(EXPECTED)
    assert len(EXPECTED) >= 60
    known = {"refused", "words", "count", "each", "note", "feed", "content_type", *KEPT}
    assert all(row.keys() <= known and row.keys() - {"content_type"} for row in EXPECTED.values())


@pytest.mark.parametrize("name", EXPECTED)
def test_of_an_odd_feed_what_can_be_used_is_kept(name: str, parser: FeedParser) -> None:
    row = EXPECTED[name]
    given = (FOLDER / name).read_bytes(), URL, row.get("content_type", "application/xml")
    if "refused" in row:
        with pytest.raises(SourceError) as raised:
            parser.parse(*given)
        assert raised.value.reason == row["refused"]
        assert row["words"] in str(raised.value)
        assert "\n" not in str(raised.value)
        return
    feed = parser.parse(*given)
    assert feed == parse_feed(*given), "the worker and this process read the same"
    for key in KEPT.keys() & row.keys():
        assert [KEPT[key](entry) for entry in feed.entries] == row[key]
    if "count" in row:
        assert len(feed.entries) == row["count"]
    for key, value in row.get("each", {}).items():
        assert {KEPT[key](entry) for entry in feed.entries} == {value}
    assert bool(feed.note) == ("note" in row)
    assert row.get("note", "") in feed.note
    assert feed_fields(feed).items() >= row.get("feed", {}).items()
    assert_harmless(feed)


def rss(items: str, prolog: str = "") -> bytes:
    return f"{prolog}<rss version='2.0'><channel><title>The Bugle</title>{items}</channel></rss>".encode()


def item(text: str, number: int = 1) -> str:
    return f"<item><title>Headline {number}</title><link>/{number}</link><description>{text}</description></item>"


LARGE: dict[str, tuple[Callable[[], bytes], int | str]] = {
    "a_megabyte_of_brackets": (lambda: b"<" * 1_000_000, "not_a_feed"),
    "a_description_of_brackets": (lambda: rss(item("<" * 300_000)), 1),
    "20_000_items": (lambda: rss("".join(item("They met.", n) for n in range(20_000))), MAX_ENTRIES),
    "ten_megabytes_in_one_item": (lambda: rss(item("They met again. " * 625_000)), 1),
    "elements_nested_100_000_deep": (lambda: rss(item("They met.") + "<x>" * 100_000), 1),
    "markup_nested_100_000_deep": (lambda: rss(item("&lt;div&gt;" * 100_000 + "They met.")), 1),
    "unclosed_comments": (lambda: rss(item(f"<![CDATA[{'<!--' * 300_000}]]>")), 1),
    "an_entity_that_grows": (
        lambda: rss(item("&a;" * 2_000), f'<!DOCTYPE rss [<!ENTITY a "{"ha" * 5_000}">]>'),
        1,
    ),
    "a_date_of_a_megabyte": (
        lambda: rss(f"<item><title>Headline 1</title><pubDate>{'1' * 1_000_000}</pubDate></item>"),
        1,
    ),
    "json_nested_a_million_deep": (lambda: b'{"items":' + b"[" * 1_000_000, "not_a_feed"),
    "json_with_a_million_items": (
        lambda: b'{"version":"https://jsonfeed.org/version/1","items":[' + b"{}," * 1_000_000 + b"{}]}",
        MAX_ENTRIES,
    ),
    "a_megabyte_of_nuls": (lambda: b"\0" * 1_000_000, "not_a_feed"),
}


@pytest.mark.drill
@pytest.mark.parametrize("name", LARGE)
def test_of_a_huge_feed_what_can_be_used_is_kept_in_time(name: str, parser: FeedParser) -> None:
    build, outcome = LARGE[name]
    if isinstance(outcome, str):
        with pytest.raises(SourceError) as raised:
            parser.parse(build(), URL)
        assert raised.value.reason == outcome
        assert len(str(raised.value)) < 1_000
        return
    feed = parser.parse(build(), URL)
    assert len(feed.entries) == outcome
    assert sum(len(entry.text) for entry in feed.entries) <= 1_000_000
    assert len(feed.note) < 1_000
    assert_harmless(feed)

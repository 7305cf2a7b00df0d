"""Lists of feeds from other readers and for them; a list may be broken, or built to do harm."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from lxml import etree

from monitor.errors import BadInputError
from monitor.sources.config import SourceConfig
from monitor.sources.opml import Listed, read_opml, write_opml

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="Pakistan">
    <outline type="rss" text="text" title="Dawn &amp; Dusk" xmlUrl="https://dawn.example/feed?a=1&amp;b=2" language="en-us"/>
    <outline text="Jang" xmlurl=" http://jang.example/rss " language="Urdu"/>
  </outline>
  <outline title="Notes"/>
  <outline title="Odd" xmlUrl="file:///etc/passwd"/>
</body></opml>"""  # noqa: E501 - an outline a line


def test_a_list_is_read_with_its_folders_titles_and_languages() -> None:
    read = read_opml(LIST)
    assert read.feeds == (
        Listed("https://dawn.example/feed?a=1&b=2", "Dawn & Dusk", "en"),
        Listed("http://jang.example/rss", "Jang", ""),
    )
    assert [(one.name, one.why) for one in read.refused] == [
        ("Odd", "'file:///etc/passwd' is no http or https address")
    ]
    assert read.broken == ""


@pytest.mark.parametrize(
    ("text", "line"), [(LIST[:330], "line 6: "), (LIST.replace(b"Dawn &amp;", b"Dawn &"), "line 4: ")]
)
def test_a_broken_list_is_read_as_far_as_it_goes_and_says_so(text: bytes, line: str) -> None:
    read = read_opml(text)
    assert read.feeds[0].url == "https://dawn.example/feed?a=1&b=2"
    assert read.broken.startswith(line)


LAUGHS = b"<!DOCTYPE opml [<!ENTITY a0 'ha'>" + b"".join(
    b"<!ENTITY a%d '&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;'>" % (n + 1, *[n] * 8) for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS + b"]><opml><body><outline xmlUrl='https://a.example/&a20;'/></body></opml>",
        b"<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml><outline xmlUrl='http://a/'>&x;</outline></opml>",
        b"<!DOCTYPE opml [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><opml/>",
        b"<!DOCTYPE opml SYSTEM 'http://127.0.0.1:1/x.dtd'><opml/>",
    ],
)
def test_a_list_built_to_do_harm_is_refused_at_once(text: bytes) -> None:
    begin = time.monotonic()
    with pytest.raises(BadInputError, match="declares entities or a DTD"):
        read_opml(text)
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "no OPML"),
        (b"not at all", "no OPML"),
        (b"<html><body/></html>", "expected a file that begins with <opml>, not an element <html>"),
        (b"<opml>" + b" " * 5_000_000, "larger than 5 MB"),
    ],
)
def test_what_is_no_list_is_refused_in_words(text: bytes, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        read_opml(text)


def test_endless_folders_and_endless_feeds_are_cut_off() -> None:
    assert "depth" in read_opml(b"<opml>" + b"<outline>" * 100_000).broken
    feeds = b"".join(b"<outline xmlUrl='https://%d.example/'/>" % number for number in range(5_010))
    read = read_opml(b"<opml>" + feeds + b"</opml>")
    assert (len(read.feeds), len(read.refused)) == (5_000, 10)


def test_what_is_written_can_be_read_again_and_holds_no_secret() -> None:
    sources = [
        SourceConfig(
            id="a",
            url="https://user:hunter2@a.example/feed?x=1&y=2",
            outlet='A "&" B',
            language="ur",
            headers={"X-Key": "hunter3"},
        ),
        SourceConfig(id="b", url="https://b.example/feed"),
        SourceConfig(id="c", kind="folder", path=Path("c")),
    ]
    written = write_opml(sources, NOW)
    assert b"hunter" not in written
    assert read_opml(written).feeds == (
        Listed("https://a.example/feed?x=1&y=2", 'A "&" B', "ur"),
        Listed("https://b.example/feed", "b", "en"),
    )
    root = etree.fromstring(written)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert parsedate_to_datetime(root.findtext("head/dateCreated")) == NOW
    assert {outline.get("type") for outline in root.iter("outline")} == {"rss"}

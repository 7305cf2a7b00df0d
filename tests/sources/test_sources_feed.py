"""Feeds as the world writes them: RSS, RDF, Atom and JSON, whole and broken, with every kind of date and id."""

import gzip
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import SourceError
from monitor.sources.feed import MAX_ENTRIES, articles, parse_feed
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision

URL = "https://news.example/feeds/all.xml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def rss(items: str, channel: str = "<title>Dawn</title>") -> bytes:
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{channel}{items}</channel></rss>".encode()


def read(body: bytes, content_type: str = "application/xml", **options: object) -> list[ArticleFound]:
    return articles(parse_feed(body, URL, content_type), source="dawn", now=NOW, **options)


ITEM = (
    "<item><guid>g1</guid><link>https://news.example/a</link>"
    "<title>Talks</title><description>They met.</description></item>"
)
RSS = rss(ITEM)
RSS_091 = RSS.replace(b"2.0", b"0.91").replace(b"<guid>g1</guid>", b"")
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>Dawn</title></channel><item rdf:about="g1"><title>Talks</title>
<link>https://news.example/a</link><description>They met.</description></item></rdf:RDF>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Dawn</title><entry><id>g1</id><title>Talks</title>
<link href="/a"/><summary>They met.</summary></entry></feed>"""

JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Dawn", "items": [
{"id": "g1", "url": "/a", "title": "Talks", "content_html": "<p>They met.</p>"}]}"""


@pytest.mark.parametrize("body", [RSS, RSS_091, RDF, ATOM, JSON])
def test_every_kind_of_feed_gives_the_same_article(body: bytes) -> None:
    (article,) = read(body)
    assert (article.title, article.text, article.url, article.outlet) == (
        "Talks",
        "They met.",
        "https://news.example/a",
        "Dawn",
    )
    assert article.published_at is None
    assert article.precision is Precision.UNKNOWN
    assert article.first_seen_at == NOW
    assert article.language == "en"


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        ("<?xml version='1.0' encoding='iso-8859-1'?>", "text/xml", "é"),
        ("<?xml version='1.0' encoding='windows-1252'?>", "application/rss+xml; charset=windows-1252", "“é”"),
        ("<?xml version='1.0' encoding='utf-8'?>", "text/xml; charset=iso-8859-1", "é"),
        ("<?xml version='1.0' encoding='utf-16'?>", "application/xml", "عمران"),
        ("", "text/plain", "é"),
        ("", "text/html; charset=utf-8", "é"),
    ],
)
def test_the_charset_is_found_wherever_it_is_said(body: str, content_type: str, title: str) -> None:
    charset = next((name for name in ("iso-8859-1", "windows-1252", "utf-16") if name in body), "utf-8")
    feed = f"{body}<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>".encode(
        charset
    )
    assert [article.title for article in read(feed, content_type)] == [title]


@pytest.mark.parametrize(
    "body",
    [
        RSS[: RSS.index(b"</item>") + 7],
        RSS.replace(b"They met.", b"They & met. \x01"),
        RSS.replace(b"They met.", b"They met.&nbsp;&bogus;"),
        RSS.replace(b"</description>", b"</descripton>"),
    ],
)
def test_a_broken_feed_with_entries_is_read_and_marked(body: bytes) -> None:
    feed = parse_feed(body, URL, "application/xml")
    assert feed.note.startswith(("broken: ", "forbidden characters dropped: 1; bare ampersands escaped: 1"))
    assert "\n" not in feed.note
    (article,) = articles(feed, source="dawn", now=NOW)
    assert article.title == "Talks"
    assert not article.text or article.text.startswith("They")


@pytest.mark.parametrize(
    "whole",
    [
        RSS.replace(b"<item>", b"<item><guid>a</guid><title>Before</title></item><item>"),
        RSS_091,
        RDF,
        ATOM,
        JSON,
    ],
)
def test_an_entry_that_was_cut_is_not_taken_for_another_version_of_it(whole: bytes) -> None:
    entries = {entry.guid: entry for entry in parse_feed(whole, URL, "application/xml").entries}
    assert entries
    for end in range(len(whole)):
        with suppress(SourceError):
            for entry in parse_feed(whole[:end], URL, "application/xml").entries:
                assert entry == entries[entry.guid]


def test_a_whole_feed_is_not_marked() -> None:
    for body, content_type in (
        (RSS, "text/plain"),
        (RSS, ""),
        (rss(""), "application/xml"),
        (RSS.replace(b"met", b"m\xe9t"), "text/xml"),
        (ATOM, "text/html"),
    ):
        feed = parse_feed(body, URL, content_type)
        assert feed.note == ""


@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        (b"", "empty", "empty"),
        (b" \n\t ", "empty", "empty"),
        (
            b"<!doctype html><html><head><title>Access\ndenied</title>",
            "not_a_feed",
            "a page titled 'Access denied'",
        ),
        (b"<html><body>Log in</body></html>", "not_a_feed", "a page"),
        (b"just words", "not_a_feed", "no feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_feed", "no feed"),
        (gzip.compress(RSS), "not_a_feed", "no feed"),
        (b'{"error": "no"}', "not_a_feed", "no feed"),
        (b"<rss version='2.0'><channel><title>Cut o", "not_a_feed", "no feed"),
        (b"/etc/passwd", "not_a_feed", "no feed"),
        (b"http://127.0.0.1/feed", "not_a_feed", "no feed"),
    ],
)
def test_what_is_no_feed_is_an_error_in_one_line(body: bytes, reason: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        parse_feed(body, URL, "text/html")
    assert raised.value.reason == reason
    assert "\n" not in str(raised.value)


def test_external_entities_are_not_fetched_and_bombs_do_not_grow() -> None:
    secret = (
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + RSS.replace(b"They met.", b"&x;")[21:]
    )
    bomb = b"<!DOCTYPE rss [<!ENTITY a '" + b"ha" * 50 + b"'>"
    for name, inner in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"<!ENTITY {name} '{f'&{inner};' * 10}'>".encode()
    bomb += b"]>" + RSS.replace(b"They met.", b"&h;")[21:]
    started = time.thread_time()
    for body in (secret, bomb):
        (article,) = read(body)
        assert len(article.text) < 1_000
        assert "/" not in article.text
    assert time.thread_time() - started < 5


@pytest.mark.drill
@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<![", "<a ", "<p>", "&#", "<script>", '<a b="', "]]>", "</p", "<?x "]
)
@pytest.mark.parametrize("frame", ["{}", "<![CDATA[{}]]>"])
def test_hostile_markup_takes_no_longer_than_its_length(piece: str, frame: str) -> None:
    started = time.thread_time()
    body = rss(
        f"<item><title>T</title><description>{frame.format(piece * (100_000 // len(piece)))}</description></item>"
    )
    with suppress(SourceError):
        read(body)
    assert time.thread_time() - started < 5


def test_markup_becomes_text_and_no_script_comes_through() -> None:
    html = (
        "<p>They <b>met</b> &amp; spoke.</p><script>alert(1)</script><p onclick='x()'>Again.<br/>Twice.</p>"
    )
    (article,) = read(
        rss(
            f"<item><title>Khan &amp;amp; co: 3 &amp;lt; 4</title><description><![CDATA[{html}]]></description></item>"
        )
    )
    assert article.text == "They met & spoke.\n\nAgain.\n\nTwice."
    assert article.title == "Khan & co: 3 < 4"


def test_the_fullest_text_of_an_entry_counts() -> None:
    body = RSS.replace(b"<rss ", b"<rss xmlns:content='http://purl.org/rss/1.0/modules/content/' ").replace(
        b"</item>",
        b"<content:encoded><![CDATA[<p>They met in Adiala jail.</p><p>Again.</p>]]></content:encoded></item>",
    )
    (article,) = read(body)
    assert article.text == "They met in Adiala jail.\n\nAgain."


def test_an_id_that_stands_twice_belongs_to_the_first() -> None:
    items = "".join(
        f"<item><guid>same</guid><link>https://e.example/{n}</link><title>{n}</title></item>" for n in "112"
    )
    assert [article.guid for article in read(rss(items))] == [
        "same",
        "same https://e.example/1",
        "same https://e.example/2",
    ]


def test_an_address_that_several_entries_share_identifies_none() -> None:
    item = "<item><guid>{0}</guid><link>https://e.example/live#{0}</link><title>{0}</title></item>"
    shared = read(rss(item.format(1) + item.format(2)))
    (alone,) = read(rss(item.format(1)))
    assert [article.url_shared for article in shared] == [True, True]
    assert not alone.url_shared


def test_only_web_addresses_are_kept() -> None:
    for link in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "mailto:a@b.example"):
        (article,) = read(rss(f"<item><title>T</title><link>{link}</link></item>"))
        assert article.url is None


@pytest.mark.parametrize(
    ("options", "item", "channel", "outlet"),
    [
        ({"outlet": "Geo"}, "<source url='x'>Dawn</source>", "<title>Search</title>", "Geo"),
        ({}, "<source url='https://dawn.example/'>Dawn</source>", "<title>Search</title>", "Dawn"),
        ({}, "", "<title>The News</title>", "The News"),
        ({}, "", "", "www.geo.example"),
    ],
)
def test_the_outlet_is_what_is_configured_else_what_the_feed_says(options, item, channel, outlet) -> None:
    item = f"<item><title>T</title><link>https://www.geo.example/1</link>{item}</item>"
    assert [article.outlet for article in read(rss(item, channel), **options)] == [outlet]


@pytest.mark.parametrize(
    ("stated", "language"), [("en-us", "en"), ("UR", "ur"), ("", "xx"), ("english", "xx")]
)
def test_the_language_is_the_feeds_own_else_the_configured_one(stated: str, language: str) -> None:
    (article,) = read(rss(ITEM, f"<language>{stated}</language>"), language="xx")
    assert article.language == language


@pytest.mark.parametrize(
    ("stated", "author"),
    [
        ("<author>desk@dawn.example (Ayesha Malik)</author>", "Ayesha Malik"),
        ("<author>Ayesha Malik &lt;a@dawn.example&gt;</author>", "Ayesha Malik"),
        ("<author>desk@dawn.example</author>", ""),
        ("<dc:creator>Ayesha Malik</dc:creator><dc:creator>B. Khan</dc:creator>", "Ayesha Malik, B. Khan"),
        ("<dc:creator><![CDATA[ <b>Ayesha</b>\nMalik ]]></dc:creator>", "Ayesha Malik"),
        ("", ""),
    ],
)
def test_an_entry_names_its_author_and_no_address(stated: str, author: str) -> None:
    body = rss(f"<item><title>T</title>{stated}</item>", "<managingEditor>Chief</managingEditor>")
    body = body.replace(b"<rss ", b"<rss xmlns:dc='http://purl.org/dc/elements/1.1/' ")
    feed = parse_feed(body, URL)
    assert [entry.author for entry in feed.entries] == [author]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert [
        found.author for found in articles(feed, source="s", outlet="", language="", now=now, history=False)
    ] == [author]


def test_links_without_a_host_lead_to_the_site_unless_the_feed_is_atom() -> None:
    (of_rss,) = read(
        rss("<item><title>T</title><link>a</link></item>", "<link>https://www.dawn.example/x/</link>")
    )
    (of_atom,) = read(ATOM.replace(b"<title>Dawn", b"<link href='https://www.dawn.example/x/'/><title>Dawn"))
    assert of_rss.url == "https://www.dawn.example/x/a"
    assert of_atom.url == "https://news.example/a"


def test_entries_come_oldest_first_and_empty_ones_not_at_all() -> None:
    item = "<item><title>{0}</title><pubDate>0{0} Feb 2026 10:00:00 GMT</pubDate></item>"
    body = rss(item.format(3) + "<item><guid>void</guid></item>" + item.format(1) + item.format(2))
    assert [article.title for article in read(body)] == ["1", "2", "3"]


def test_an_entry_without_a_title_gets_one() -> None:
    (article,) = read(rss("<item><description>Khan refused to talk. He said so.</description></item>"))
    assert article.title == "Khan refused to talk"


def test_a_feed_without_end_is_read_to_a_limit_and_says_so() -> None:
    feed = parse_feed(rss("<item><title>T</title></item>" * (MAX_ENTRIES + 5)), URL)
    assert len(feed.entries) == MAX_ENTRIES
    assert "first 2000 of 2005" in feed.note


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(st.data())
def test_no_damage_to_a_feed_makes_it_crash(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([RSS, RDF, ATOM, JSON])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        how = data.draw(st.sampled_from(["cut", "put", "drop"]))
        if how == "cut":
            del body[at:]
        elif how == "drop":
            del body[at : at + data.draw(st.integers(1, 40))]
        else:
            body[at:at] = data.draw(
                st.one_of(st.binary(max_size=12), st.sampled_from([b"<![", b"<!--", b"&#0;", b"]]>", b"<?"]))
            )
    with suppress(SourceError):
        found = read(bytes(body))
        assert all(json.dumps(article.title + article.text).encode("utf-8") for article in found)
        assert all(article.published_at is None or article.published_at <= NOW for article in found)

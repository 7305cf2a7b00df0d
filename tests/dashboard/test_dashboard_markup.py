"""Text from outside never becomes HTML, whatever it holds."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import markup
from dashboard.links import Links
from monitor.readmodel.queries import WITHHELD

HOSTILE = st.text(alphabet="<>&\"'/= abcscriptonerror:;%#?!-\u202e\u0627\x00\n", max_size=60)


class Tags(HTMLParser):
    """Collects tags and attributes as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.data = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.data += data


@given(quote=HOSTILE, outlet=HOSTILE, before=HOSTILE, after=HOSTILE, note=HOSTILE, url=HOSTILE)
def test_a_quotation_has_only_our_own_tags(
    quote: str, outlet: str, before: str, after: str, note: str, url: str
) -> None:
    where = markup.source(outlet, url, datetime(2025, 5, 29, tzinfo=UTC))
    seen = Tags(markup.figure(markup.quotation(quote, before=before, after=after), where, note=note))
    assert set(seen.tags) <= {"figure", "blockquote", "mark", "figcaption", "time", "a", "bdi"}
    assert {name for name, _ in seen.attributes} <= {"dir", "lang", "datetime", "href", "target", "rel"}


@given(label=HOSTILE, url=HOSTILE, topic=HOSTILE)
def test_links_keep_their_text_and_lead_nowhere_unexpected(label: str, url: str, topic: str) -> None:
    seen = Tags(markup.link(label, url))
    hrefs = [value or "" for name, value in seen.attributes if name == "href"]
    assert all(re.match(r"https?://", href.strip(), re.IGNORECASE) for href in hrefs)
    inside = Tags(Links(topic).to(label, "timeline"))
    assert inside.tags == ["a"]
    assert dict(inside.attributes)["href"].startswith("timeline?")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.test/x",
        "/relative",
        "http:",
        "https:///nohost",
        "ftp://example.org/",
        "http://[not-an-address",
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str | None) -> None:
    assert markup.link("Post", url) == "Post"


def test_a_link_opens_apart_and_passes_nothing_on() -> None:
    assert markup.link("A & B", 'https://example.org/?a=1&b="2"') == (
        '<a href="https://example.org/?a=1&amp;b=&quot;2&quot;" target="_blank" '
        'rel="noopener noreferrer nofollow">A &amp; B</a>'
    )


def test_what_stands_in_place_of_a_removed_quote_is_no_quotation() -> None:
    assert "blockquote" not in markup.quotation(WITHHELD, before="a", after="b")
    assert WITHHELD in markup.quotation(WITHHELD)
    assert (markup.inline(WITHHELD), markup.inline("a <b>")) == (WITHHELD, "“a &lt;b&gt;”")


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("The offer was rejected", ' dir="auto"'),
        ("مذاکرات کی پیشکش مسترد کر دی گئی ہے", ' lang="ur" dir="auto"'),
        ("پیشنهاد گفتگو رد شد", ' lang="fa" dir="auto"'),
        ("رفض عرض الحوار", ' lang="ar" dir="auto"'),
        ("ההצעה נדחתה", ' lang="he" dir="auto"'),
    ],
)
def test_a_quote_names_its_direction_and_the_language_of_its_letters(text: str, attributes: str) -> None:
    assert markup.script(text) == attributes
    assert markup.quotation(text, after="۔") == f"<blockquote{attributes}><mark>{text}</mark>۔</blockquote>"


def test_no_text_turns_the_direction_of_what_stands_beside_it() -> None:
    assert markup.e("a\u202eb\u2067c\u2069 \u200fd") == "abc \u200fd"


def test_commands_stand_apart_and_nothing_in_them_is_markup() -> None:
    assert markup.told("Run `parley up <b>`.") == "Run <code>parley up &lt;b&gt;</code>."
    assert markup.told("5 ` 6") == "5 ` 6"

"""Finding the feed of a page: the one it names, else one at a usual address, else words on what was tried."""

from collections.abc import Callable
from typing import Any

import pytest

from monitor.errors import SourceError
from monitor.sources.discovery import MAX_TRIED, Offer, discover, kind_of, offers
from monitor.sources.fetch import Fetcher

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Dawn</title><item><title>One</title>
<link>https://dawn.example/1</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Dusk</title><entry><id>x</id><title>Two</title></entry></feed>"""


def page(*links: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}{''.join(links)}</head><body>News</body></html>".encode()


def link(href: str, type_: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{type_}" title="{title}" href="{href}">'


@pytest.fixture
def find(site: Any) -> Callable[[str], Any]:
    return lambda path: discover(site.url(path), Fetcher(), allow_private=True)


def test_the_address_of_a_feed_is_its_feed(site, answer, find) -> None:
    site.routes["/feed"] = answer(RSS)
    found = find("/feed")
    assert (found.url, found.kind, found.feed.title) == (site.url("/feed"), "RSS 2.0", "Dawn")
    assert [path for path, _ in site.requests] == ["/feed"]


def test_the_feed_that_a_page_names_is_found_and_the_others_are_named(site, answer, find) -> None:
    site.routes |= {
        "/news/": answer(
            page(
                link("/comments/feed", title="Comments"),
                link("de", rel="alternate hreflang", type_="text/html"),
                link("/style.css", rel="stylesheet"),
                link("atom.xml?a=1&amp;b=2", "application/atom+xml; charset=utf-8", "All <b>news</b>"),
                link("/more.json", "application/feed+json", "More"),
            )
        ),
        "/news/atom.xml": answer(ATOM),
    }
    found = find("/news/")
    assert (found.url, found.kind) == (site.url("/news/atom.xml?a=1&b=2"), "Atom")
    assert found.others == (
        Offer(site.url("/more.json"), "More"),
        Offer(site.url("/comments/feed"), "Comments"),
    )
    assert [path for path, _ in site.requests] == ["/news/", "/news/atom.xml?a=1&b=2"]


def test_the_base_of_a_page_counts_and_a_feed_that_is_gone_is_passed_over(site, answer, find) -> None:
    site.routes |= {
        "/": answer(page(link("gone"), link("here"), head='<base href="/sub/">')),
        "/sub/here": answer(RSS),
    }
    assert find("/").url == site.url("/sub/here")


def test_a_page_that_names_none_may_have_one_at_a_usual_address(site, answer, find) -> None:
    site.routes |= {"/news": answer(page()), "/rss.xml": answer(RSS)}
    assert find("/news").url == site.url("/rss.xml")
    site.routes["/news/feed"] = answer(ATOM)
    assert find("/news").url == site.url("/news/feed")


def test_a_page_without_a_feed_is_refused_with_what_was_tried(site, answer, find) -> None:
    site.routes |= {"/": answer(page(link("/named"))), "/named": answer(page())}
    with pytest.raises(SourceError) as error:
        find("/")
    assert error.value.reason == "no_feed"
    assert f"{site.url('/named')} (not a feed)" in str(error.value)
    assert f"{site.url('/feed')} (not found)" in str(error.value)


def test_a_page_to_sign_in_at_is_said_to_be_one(site, answer, find) -> None:
    site.routes["/"] = answer(b"<html><body><form>Name <input> <input type=password></form></body></html>")
    with pytest.raises(SourceError, match="asks to sign in") as error:
        find("/")
    assert error.value.reason == "login"


def test_a_page_that_names_many_feeds_makes_few_requests(site, answer, find) -> None:
    site.routes["/"] = answer(page(*(link(f"/{n}") for n in range(500))))
    with pytest.raises(SourceError, match="no feed"):
        find("/")
    assert len(site.requests) == 1 + MAX_TRIED


def test_what_cannot_be_fetched_is_said_and_nothing_else_tried(site, answer, find) -> None:
    site.routes["/"] = answer(b"", status=403)
    with pytest.raises(SourceError) as error:
        find("/")
    assert error.value.reason == "forbidden"
    assert len(site.requests) == 1


def test_an_address_on_a_private_network_is_not_asked(site) -> None:
    with pytest.raises(SourceError, match="is private") as error:
        discover(site.url("/"), Fetcher())
    assert error.value.reason == "forbidden_address"
    assert site.requests == []


@pytest.mark.parametrize(
    "markup",
    [b"", b"\x00\xff", b"<", b"<link rel=alternate type=application/rss+xml>", page(link("http://[broken/")),
     page(link("javascript:alert(1)")), page(link("data:text/xml,x")), b"<!--" * 10_000],
)  # fmt: skip
def test_a_page_of_any_bytes_offers_nothing_that_cannot_be_fetched(markup: bytes) -> None:
    assert offers(markup, "https://a.example/") == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, "RSS 2.0"),
        (RSS.replace(b'"2.0"', b"'0.91'"), "RSS 0.91"),
        (b"<rss><channel/></rss>", "RSS"),
        (b"<?xml version='1.0'?><rdf:RDF xmlns='http://purl.org/rss/1.0/'>", "RSS 1.0 (RDF)"),
        (ATOM, "Atom"),
        ("\ufeff<?xml version='1.0' encoding='utf-16'?><feed xmlns=''>".encode("utf-16-le"), "Atom"),
        (b'\xef\xbb\xbf {"version": "https://jsonfeed.org/version/1.1"}', "JSON Feed"),
        (b"anything", "feed"),
    ],
)
def test_the_kind_of_a_feed_is_told_in_words(body: bytes, kind: str) -> None:
    assert kind_of(body) == kind

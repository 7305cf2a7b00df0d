"""Addresses: whatever leads to one page is one address, and two pages never share one."""

import random
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.canonical import canonical_url, is_root

PAGE = "https://news.example/a/b"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://news.example/a/b", PAGE),
        ("http://news.example/a/b", PAGE),
        ("HTTPS://WWW.News.Example/a/b", PAGE),
        ("https://news.example:443/a/b", PAGE),
        ("https://news.example/a/b/", PAGE),
        ("https://news.example//a//b", PAGE),
        ("https://news.example/a/b#comments", PAGE),
        ("https://news.example/a/b?utm_source=x&utm_medium=y&fbclid=z&gclid=1&ref=rss", PAGE),
        ("https://m.news.example/a/b", PAGE),
        ("https://amp.news.example/a/b", PAGE),
        ("https://www.m.news.example/a/b", PAGE),
        ("https://news.example/a/b/amp", PAGE),
        ("https://news.example/amp/a/b", PAGE),
        ("https://news.example/a/b.amp", PAGE),
        ("https://news.example/a/b?amp=1", PAGE),
        ("https://news.example/a/b?outputType=amp", PAGE),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/a/b", PAGE),
        ("https://news-example.cdn.ampproject.org/v/s/www.news.example/a/b?amp_js_v=1", PAGE),
        ("https://www.google.com/amp/s/news.example/a/b", PAGE),
        (" https://user:secret@news.example/a/b ", PAGE),
        ("https://news.example/a/b?msclkid=1&dclid=2&mtm_campaign=3&_hsenc=4&gad_source=5", PAGE),
        ("https://news.example/a/b?source=rss&from=newsletter&via=twitter", PAGE),
        ("https://news.example/a/b;jsessionid=1A2B?PHPSESSID=00ff", PAGE),
        ("https://news.example/a/b?sid=0a1b2c3d4e5f60718293", PAGE),
        ("https://news.example/(S(lit3py55t21z5v55vlm25s55))/a/b", PAGE),
        ("https://news.example/a/b/index.html", PAGE),
        ("https://news.example/a/b/default.aspx?utm_id=1", PAGE),
        ("https://news.example/a/b/amp.html", PAGE),
        ("https://wap.news.example/a/b", PAGE),
        ("https://www.google.com.pk/amp/s/news.example/a/b", PAGE),
        ("https://news-example.bing-amp.com/c/s/news.example/a/b", PAGE),
        ("https://www.google.com/url?rct=j&url=https://news.example/a/b&usg=Aov", PAGE),
        (
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&tid=9&url=https%3a%2f%2fnews.example%2fa%2fb",
            PAGE,
        ),
        ("https://news.example/a/b?b=2&a=1", PAGE + "?a=1&b=2"),
        ("https://en.m.news.example/a", "https://en.news.example/a"),
        ("https://münchen.example/a", "https://xn--mnchen-3ya.example/a"),
        ("https://news.example/index.php?id=5", "https://news.example?id=5"),
        ("https://news.example/caf%c3%a9", "https://news.example/caf%C3%A9"),
        ("https://news.example/?p=123", "https://news.example?p=123"),
        ("https://news.example/caf%C3%A9", "https://news.example/caf%C3%A9"),
        ("https://news.example/café", "https://news.example/caf%C3%A9"),
        ("https://news.example:8080/a/b", "https://news.example:8080/a/b"),
        ("https://news.example/a?id=5&amp;utm_source=rss&amp;page=2", "https://news.example/a?id=5&page=2"),
        ("https://news.example/A/b", "https://news.example/A/b"),
        ("https://m.example/a", "https://m.example/a"),
        ("https://example.com/champions/a", "https://example.com/champions/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("javascript:alert(1)", None),
        ("ftp://news.example/a", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://news.example:port/", None),
        ("/a/b", None),
        ("", None),
        (None, None),
    ],
)
def test_one_page_has_one_address(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds(
            "https://{}{}/{}?{}#{}".format,
            st.sampled_from(["", "www.", "m.", "amp."]),
            st.sampled_from(
                ["news.example", "a.cdn.ampproject.org", "google.com", "[::1]", "x:80", "é.m.example", "ß。x"]
            ),
            st.text(alphabet="amp/.s%2Fc éindexhtml;\u202e\udc80", max_size=24),
            st.text(alphabet="utm_a=&%c+éurls;", max_size=24),
            st.text(max_size=5),
        ),
    )
)
def test_the_canonical_address_is_its_own(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    if once is not None:
        once.encode("utf-8")
        assert once.startswith("https://")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/story.php?id=5", "/story.php?id=6"),
        ("/article.php?sid=123", "/article.php?sid=124"),
        ("/?p=5", "/?p=6"),
        ("/a?source=dawn", "/a?source=geo"),
        ("/a?page=1", "/a?page=2"),
        ("/a/b", "/a%2Fb"),
        ("/#!/story/1", "/#!/story/2"),
        ("/#/story/1", "/#/story/2"),
        ("/a/index", "/a"),
        ("/amplifier/1", "/lifier/1"),
        ("/A", "/a"),
        ("/a?x=1", "/a?X=1"),
        ("/a?from=2025", "/a?from=2026"),
    ],
)
def test_two_pages_keep_two_addresses(one: str, other: str) -> None:
    assert canonical_url(f"https://news.example{one}") != canonical_url(f"https://news.example{other}")


def test_a_whole_site_is_told_from_its_pages() -> None:
    assert [
        is_root(canonical_url(f"https://www.news.example{path}") or "")
        for path in ("", "/", "/index.html", "/?utm_source=rss", "/?p=1", "/a", "/#!/a")
    ] == [True, True, True, True, False, False, False]


_NAMES = st.text("abcdefgidpsu_", min_size=1, max_size=8)


@given(st.lists(st.tuples(_NAMES, st.text(max_size=8))), st.randoms())
def test_the_order_of_parameters_does_not_matter(query: list[tuple[str, str]], chance: random.Random) -> None:
    def address(of: list[tuple[str, str]]) -> str | None:
        return canonical_url("https://news.example/a?" + urlencode(of, errors="replace"))

    shuffled = list(query)
    chance.shuffle(shuffled)
    assert address(query) == address(shuffled)


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["id", "p", "story", "sid", "article_id"])
)
def test_ids_in_queries_stay(one: int, other: int, name: str) -> None:
    addresses = {canonical_url(f"https://m.news.example/x?utm_id=1&{name}={value}") for value in (one, other)}
    assert len(addresses) == len({one, other})

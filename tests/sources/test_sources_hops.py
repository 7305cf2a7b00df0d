"""Redirects: where they may lead, what goes along, and when a source's address has changed for good."""

import httpx
import pytest

from monitor.errors import SourceError
from monitor.sources import hops
from monitor.sources.fetch import Fetched, Fetcher, Validators
from monitor.sources.hops import Way, same_host, shown

FEED = b"<rss version='2.0'><channel><title>T</title></channel></rss>"
SECRET = {"Authorization": "Bearer s3cret", "X-Key": "s3cret"}


@pytest.fixture(scope="module")
def fetcher() -> Fetcher:
    return Fetcher(deadline=5.0)


def get(fetcher: Fetcher, url: str, **options: object) -> Fetched:
    return fetcher.get(url, allow_private=True, **options)


def reason_of(fetcher: Fetcher, url: str, **options: object) -> str:
    with pytest.raises(SourceError) as raised:
        get(fetcher, url, **options)
    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)
    return raised.value.reason


def test_redirects_are_followed_to_where_they_lead(site, answer, fetcher) -> None:
    site.routes["/a"] = answer.moved("b?x=1#part")
    site.routes["/b"] = answer.moved(site.url("/c"), 307)
    site.routes["/c"] = answer(FEED)
    assert get(fetcher, site.url("/a")).url == site.url("/c")


@pytest.mark.parametrize(
    "location",
    ["/loop", "", "ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "data:text/xml,x"],
)
def test_a_redirect_that_leads_nowhere_good_is_refused(site, answer, fetcher, location: str) -> None:
    site.routes["/loop"] = answer(status=302, headers={"Location": location} if location else {})
    assert reason_of(fetcher, site.url("/loop")) == "redirect"
    assert len(site.requests) <= 6


@pytest.mark.parametrize(
    "location",
    ["http://[::1", "http://\x7f/", "http://host:port/", "http://xn--.example/", "http:////[b.example]/"],
)
def test_a_redirect_to_what_is_no_address_is_refused(site, answer, fetcher, location: str) -> None:
    site.routes["/feed"] = answer.moved(location)
    assert reason_of(fetcher, site.url("/feed")) == "redirect"


def test_a_chain_may_have_five_redirects_and_no_more(site, answer, fetcher) -> None:
    assert get(fetcher, site.chain(*[302] * 5, end=answer(FEED))).body == FEED
    assert reason_of(fetcher, site.chain(*[302] * 6, end=answer(FEED))) == "redirect"


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((), False),
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((301, 307), False),
        ((303, 308), False),
    ],
)
def test_an_address_has_changed_when_every_redirect_says_so(site, answer, fetcher, statuses, moved) -> None:
    url = site.chain(*statuses, end=answer(FEED, etag='"a"'))
    there = site.url(f"/hop/{len(statuses)}") if moved else None
    assert get(fetcher, url).moved_to == there
    assert get(fetcher, url, validators=Validators('"a"')).moved_to == there


def test_a_public_source_is_not_moved_into_a_private_network(site, answer, fetcher, monkeypatch) -> None:
    verdicts = iter([None, "private", None])
    monkeypatch.setattr(hops, "forbidden", lambda _: next(verdicts))
    assert get(fetcher, site.chain(301, 301, end=answer(FEED))).moved_to is None


def test_a_private_source_may_move(site, answer, fetcher) -> None:
    assert get(fetcher, site.chain(301, end=answer(FEED))).moved_to == site.url("/hop/1")


def test_a_sources_own_headers_go_to_its_host(site, answer, fetcher) -> None:
    get(fetcher, site.chain(301, 302, end=answer(FEED)), headers={**SECRET, "User-Agent": "own"})
    assert [headers["x-key"] for _, headers in site.requests] == ["s3cret"] * 3
    assert {headers["authorization"] for _, headers in site.requests} == {"Bearer s3cret"}
    assert {headers["user-agent"] for _, headers in site.requests} == {"own"}


def test_a_sources_own_headers_go_nowhere_else_and_stay_away_after_a_detour(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer.moved(site.url("/other", "localhost"))
    site.routes["/other"] = answer.moved(site.url("/back"))
    site.routes["/back"] = answer.moved("/end")
    site.routes["/end"] = answer(FEED)
    get(fetcher, site.url("/feed"), headers=SECRET)
    assert ["x-key" in headers for _, headers in site.requests] == [True, False, False, False]
    assert ["authorization" in headers for _, headers in site.requests] == [True, False, False, False]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Key": "s3cret\r\nX: y"},
        {"X-Key": "s3cret\0"},
        {"X-Key": ""},
        {"X-Key": " s3cret"},
        {"X Key": "s3cret"},
        {"Host": "s3cret"},
        {"If-None-Match": "s3cret"},
        {"Transfer-Encoding": "s3cret"},
    ],
)
def test_a_header_that_cannot_be_sent_is_named_without_its_value(site, fetcher, headers) -> None:
    assert reason_of(fetcher, site.url("/feed"), headers=headers) == "header"
    assert site.requests == []


def test_a_secret_is_in_no_error_and_no_log(site, answer, fetcher, caplog) -> None:
    odd = {**SECRET, "X-Odd": "s3cret \N{SNOWMAN} \udc80"}
    site.routes["/refused"] = answer(status=500)
    site.routes["/broken"] = answer(FEED, reset="headers")
    with caplog.at_level("DEBUG"):
        for path in ("/refused", "/broken", "/missing"):
            reason_of(fetcher, site.url(f"{path}?key=s3cret"), headers=odd)
    assert "s3cret" not in caplog.text


def _way(here: str, status: int, location: str) -> Way:
    way = Way(httpx.URL(here))
    way.step(
        httpx.Response(
            status, headers={"Location": location}, extensions={"network_stream": _Connection("8.8.8.8")}
        )
    )
    return way


class _Connection:
    def __init__(self, address: str) -> None:
        self.address = address

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return {"server_addr": (self.address, 443)}[name]


def test_a_password_goes_along_with_the_requests_and_no_farther(site, answer, fetcher) -> None:
    """Links within a feed are resolved against where it came from, and become addresses of articles."""
    site.routes["/feed"] = answer.moved(site.url("/there"))
    site.routes["/there"] = answer(FEED)
    fetched = get(fetcher, site.url("/feed", "user:s3cret@127.0.0.1"))
    assert fetched.url == site.url("/there")
    assert fetched.moved_to == site.url("/there", "user:s3cret@127.0.0.1")
    assert all(headers["authorization"].startswith("Basic ") for _, headers in site.requests)


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(SourceError, match="not safe") as raised:
        _way("https://a.example/", 302, "http://a.example/")
    assert raised.value.reason == "redirect"


def test_the_password_of_an_address_stays_with_its_host() -> None:
    here = "https://user:secret@a.example/feed?token=x"
    assert _way(here, 302, "https://x:y@b.example/").url.userinfo == b""
    assert _way(here, 302, "/b").url.userinfo == b"user:secret"
    assert _way(here, 301, "https://a.example/b").url.userinfo == b"user:secret"
    assert _way(here, 301, "https://a.example:8443/b").url.userinfo == b""
    assert shown(here) == "https://a.example/feed"


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("http://a.example/", "https://a.example/x", True),
        ("https://a.example/", "https://a.example:443/x", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://www.a.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("http://a.example:8080/", "https://a.example/", False),
    ],
)
def test_a_host_is_the_same_when_name_and_port_are(here: str, there: str, same: bool) -> None:
    assert same_host(httpx.URL(here), httpx.URL(there)) == same

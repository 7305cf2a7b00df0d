"""Fetching from a server that misbehaves on purpose: every way of failing has its reason, and none takes too long."""

import gzip
import time
import zlib

import pytest

from monitor.errors import SourceError
from monitor.guard import USER_AGENT
from monitor.sources.fetch import Fetched, Fetcher, Validators

FEED = b"<rss version='2.0'><channel><title>T</title></channel></rss>"
NONE = Validators()


@pytest.fixture(scope="module")
def fetcher() -> Fetcher:
    return Fetcher(deadline=1.0, max_bytes=100_000)


def reason_of(fetcher: Fetcher, url: str, **options: object) -> str:
    started = time.monotonic()
    with pytest.raises(SourceError) as raised:
        fetcher.get(url, **{"allow_private": True, **options})
    assert time.monotonic() - started < 8  # the slow answers would take a minute
    assert "\n" not in str(raised.value)
    return raised.value.reason


def get(fetcher: Fetcher, url: str, validators: Validators = NONE) -> Fetched:
    return fetcher.get(url, validators, allow_private=True)


def test_a_fetch_says_who_asks_and_brings_the_body_with_its_validators(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(
        FEED,
        headers={
            "Content-Type": "text/xml",
            "ETag": 'W/"a b"',
            "Last-Modified": "Mon, 1 Jan 2024",
            "Set-Cookie": "a=b",
        },
    )
    fetched = get(fetcher, site.url("/feed"))
    assert fetched == Fetched(site.url("/feed"), FEED, "text/xml", Validators('W/"a b"', "Mon, 1 Jan 2024"))
    get(fetcher, site.url("/feed"))
    for _, headers in site.requests:
        assert headers["user-agent"] == USER_AGENT
        assert headers["accept-encoding"] == "gzip"
        assert not {"cookie", "referer", "authorization", "if-none-match"} & set(headers)


def test_validators_are_sent_back_byte_for_byte_and_304_brings_no_body(site, answer, fetcher) -> None:
    odd = 'W/"\xe4\xff, x"'
    site.routes["/feed"] = answer(FEED, etag=odd)
    first = get(fetcher, site.url("/feed"))
    assert first.validators.etag == odd
    second = get(fetcher, site.url("/feed"), first.validators)
    assert second.not_modified
    assert second.body == b""
    assert second.validators == first.validators


def test_304_without_a_question_is_an_error(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(status=304)
    assert reason_of(fetcher, site.url("/feed")) == "http"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "login"),
        (403, "forbidden"),
        (404, "not_found"),
        (410, "gone"),
        (429, "rate_limited"),
        (500, "server"),
        (503, "server"),
        (204, "http"),
        (206, "http"),
        (418, "http"),
    ],
)
def test_every_refusal_has_its_reason(site, answer, fetcher, status: int, reason: str) -> None:
    site.routes["/feed"] = answer(FEED if status == 206 else b"", status=status)
    assert reason_of(fetcher, site.url("/feed")) == reason


def test_a_challenge_page_is_told_from_a_plain_refusal(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(b"<html>", status=403, headers={"cf-mitigated": "challenge"})
    assert reason_of(fetcher, site.url("/feed")) == "challenge"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "99999999999999999999"}, 31 * 86_400),
        ({"Retry-After": "Mon, 02 Mar 2026 10:01:00 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 60),
        ({"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT", "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_the_servers_wish_to_wait_is_read(site, answer, fetcher, headers, seconds) -> None:
    site.routes["/feed"] = answer(status=429, headers=headers)
    with pytest.raises(SourceError) as raised:
        get(fetcher, site.url("/feed"))
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize("how", [{"delay": 3}, {"drip": 0.05}, {"drip_headers": 0.05}])
def test_no_way_of_being_slow_outlasts_the_deadline(site, answer, fetcher, how) -> None:
    site.routes["/slow"] = answer(b"x" * 1_000, **how)
    assert reason_of(fetcher, site.url("/slow")) == "timeout"


def test_slow_redirects_share_one_deadline(site, answer, fetcher) -> None:
    for number in range(5):
        site.routes[f"/{number}"] = answer(status=302, delay=0.4, headers={"Location": f"/{number + 1}"})
    site.routes["/5"] = answer(FEED)
    assert reason_of(fetcher, site.url("/0")) == "timeout"


def test_a_body_that_is_too_large_is_refused_packed_or_not(site, answer, fetcher) -> None:
    site.routes["/plain"] = answer(b"x" * 100_001)
    site.routes["/bomb"] = answer(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    site.routes["/fits"] = answer(gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"})
    assert reason_of(fetcher, site.url("/plain")) == "too_large"
    assert reason_of(fetcher, site.url("/bomb")) == "too_large"
    assert len(get(fetcher, site.url("/fits")).body) == 100_000


def test_compressed_bodies_are_unpacked(site, answer, fetcher) -> None:
    for path, packed, name in (("/g", gzip.compress(FEED), "gzip"), ("/d", zlib.compress(FEED), "deflate")):
        site.routes[path] = answer(packed, headers={"Content-Encoding": name})
        assert get(fetcher, site.url(path)).body == FEED


@pytest.mark.parametrize(
    ("body", "name"), [(FEED, "gzip"), (FEED, "br"), (b"\x1f\x8b\x08\xff garbage", "gzip")]
)
def test_compression_that_cannot_be_read_is_an_error(site, answer, fetcher, body, name) -> None:
    site.routes["/feed"] = answer(body, headers={"Content-Encoding": name})
    assert reason_of(fetcher, site.url("/feed")) == "encoding"


def test_a_body_that_breaks_off_is_kept_as_incomplete(site, answer, fetcher) -> None:
    site.routes["/short"] = answer(FEED, length=len(FEED) + 500)
    packed = gzip.compress(bytes(range(256)) * 20)[:-20]
    site.routes["/packed"] = answer(packed, headers={"Content-Encoding": "gzip"})
    assert (get(fetcher, site.url("/short")).body, get(fetcher, site.url("/short")).complete) == (FEED, False)
    assert get(fetcher, site.url("/packed")).complete is False
    site.routes["/nothing"] = answer(b"", length=500)
    assert reason_of(fetcher, site.url("/nothing")) == "connection"


def test_a_body_without_a_length_ends_with_the_connection(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, cut=True)
    assert get(fetcher, site.url("/feed")).body == FEED


def test_redirects_are_followed_to_where_they_lead(site, answer, fetcher) -> None:
    site.routes["/a"] = answer(status=301, headers={"Location": "b?x=1#part"})
    site.routes["/b"] = answer(status=307, headers={"Location": site.url("/c")})
    site.routes["/c"] = answer(FEED)
    assert get(fetcher, site.url("/a")).url == site.url("/c")


@pytest.mark.parametrize(
    "location",
    ["/loop", "", "ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "data:text/xml,x"],
)
def test_a_redirect_that_leads_nowhere_good_is_refused(site, answer, fetcher, location: str) -> None:
    site.routes["/loop"] = answer(status=302, headers={"Location": location} if location else {})
    assert reason_of(fetcher, site.url("/loop")) in {"redirect", "url"}
    assert len(site.requests) <= 6


@pytest.mark.parametrize("location", ["http://[::1", "http://\x7f/", "http://host:port/"])
def test_a_redirect_to_what_is_no_address_is_refused(site, answer, fetcher, location: str) -> None:
    site.routes["/feed"] = answer(status=302, headers={"Location": location})
    assert reason_of(fetcher, site.url("/feed")) in {"redirect", "connection"}


def test_a_redirect_from_https_to_http_is_refused(fetcher) -> None:
    import httpx

    from monitor.sources.fetch import _next_hop

    response = httpx.Response(
        302, headers={"Location": "http://a.example/"}, request=httpx.Request("GET", "https://a.example/")
    )
    with pytest.raises(SourceError, match="not safe"):
        _next_hop(response)


def test_the_password_of_an_address_stays_with_its_host(fetcher) -> None:
    import httpx

    from monitor.sources.fetch import _next_hop, _shown

    request = httpx.Request("GET", "https://user:secret@a.example/feed?token=x")
    response = httpx.Response(302, headers={"Location": "https://x:y@b.example/"}, request=request)
    assert _next_hop(response).userinfo == b""
    assert _shown(request.url) == "https://a.example/feed"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/x",
        "http://localhost:{port}/x",
        "http://2130706433:{port}/x",
        "http://[::1]:{port}/x",
    ],
)
def test_a_private_address_is_refused_unless_allowed(site, answer, fetcher, target: str) -> None:
    site.routes["/x"] = answer(FEED)
    assert reason_of(fetcher, target.format(port=site.port), allow_private=False) == "forbidden_address"
    assert site.requests == []


def test_a_redirect_into_the_cloud_providers_network_is_refused(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(
        status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}
    )
    assert reason_of(fetcher, site.url("/feed")) == "forbidden_address"


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "http://", "nonsense", "http://a b/", "http://[::"]
)
def test_what_is_no_web_address_is_refused(fetcher, url: str) -> None:
    assert reason_of(fetcher, url) in {"url", "connection"}


def test_a_server_that_is_not_there_is_a_connection_error(site, fetcher) -> None:
    url = site.url("/")
    site.close()
    site.close = lambda: None
    assert reason_of(fetcher, url) == "connection"

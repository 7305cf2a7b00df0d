"""Fetching from a server that misbehaves on purpose: every way of failing has its reason, and none takes too long."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor import guard
from monitor.errors import BadInputError, SourceError
from monitor.guard import USER_AGENT
from monitor.sources.fetch import Accept, Fetched, Fetcher, Validators

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


def get(fetcher: Fetcher, url: str, validators: Validators = NONE, **options: object) -> Fetched:
    return fetcher.get(url, validators, allow_private=True, **options)


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


def test_304_renews_the_validators_that_it_names(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(status=304, headers={"Last-Modified": "Tue, 2 Jan 2024"})
    fetched = get(fetcher, site.url("/feed"), Validators('"a"', "Mon, 1 Jan 2024"))
    assert fetched.not_modified
    assert fetched.validators == Validators('"a"', "Tue, 2 Jan 2024")


def test_304_does_not_name_a_version_that_was_never_sent(site, answer, fetcher) -> None:
    """RFC 9111, section 4.3.4: a server that compares dates alone says so of what has changed within a second."""
    site.routes["/feed"] = answer(status=304, headers={"ETag": '"b"'})
    assert get(fetcher, site.url("/feed"), Validators('"a"', "Mon, 1 Jan 2024")).validators.etag == '"a"'
    assert get(fetcher, site.url("/feed"), Validators("", "Mon, 1 Jan 2024")).validators.etag == '"b"'


@pytest.mark.parametrize("status", [200, 304])
def test_validators_of_an_answer_that_wants_no_cache_at_all_are_forgotten(
    site, answer, fetcher, status
) -> None:
    site.routes["/feed"] = answer(FEED * (status == 200), status, {"Expires": "0", "ETag": '"a"'})
    assert get(fetcher, site.url("/feed"), Validators('"a"')).validators == NONE


def test_the_same_bytes_under_a_new_validator_are_known_by_their_digest(site, answer, fetcher) -> None:
    site.routes["/a"] = answer(FEED, headers={"ETag": '"1"'})
    site.routes["/b"] = answer.packed(FEED)
    site.routes["/c"] = answer(FEED + b" ")
    a, b, c = (get(fetcher, site.url(path)).digest for path in ("/a", "/b", "/c"))
    assert a == b != c
    assert len(a) == 64


def test_the_servers_word_on_freshness_is_passed_on(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, headers={"Cache-Control": "max-age=600", "Age": "60"}, etag='"a"')
    first = get(fetcher, site.url("/feed"))
    assert first.fresh_for == timedelta(minutes=9)
    assert get(fetcher, site.url("/feed"), first.validators).fresh_for == timedelta(minutes=9)


def test_only_new_entries_are_asked_for_where_the_old_ones_are_known(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, status=226, headers={"IM": "feed", "ETag": '"b"'})
    fetched = get(fetcher, site.url("/feed"), Validators('"a"'))
    assert (fetched.body, fetched.is_delta, fetched.validators) == (FEED, True, Validators('"b"'))
    get(fetcher, site.url("/feed"))
    get(fetcher, site.url("/feed"), Validators('"a"'), accept=Accept.PAGE)
    assert [headers.get("a-im") for _, headers in site.requests] == ["feed", None, None]


def test_a_page_is_asked_for_as_a_page(site, answer, fetcher) -> None:
    site.routes["/page"] = answer(b"<html>")
    get(fetcher, site.url("/page"), accept=Accept.PAGE)
    get(fetcher, site.url("/page"))
    page, feed = (headers["accept"] for _, headers in site.requests)
    assert page.startswith("text/html")
    assert feed.startswith("application/rss+xml")


def test_the_operators_contact_goes_with_parleys_name(site, answer) -> None:
    site.routes["/feed"] = answer(FEED)
    get(Fetcher(contact="desk@monitor.example"), site.url("/feed"))
    assert site.requests[0][1]["user-agent"].endswith("(news monitor; +desk@monitor.example)")
    for wrong in ("a\r\nX: y", "(a)", "\N{SNOWMAN}"):
        with pytest.raises(BadInputError, match="contact"):
            Fetcher(contact=wrong)


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


def test_a_refusals_page_tells_what_the_status_does_not(site, answer, fetcher) -> None:
    page = b"<html><title>Just a moment...</title><script src='/x/challenge-platform/a.js'></script></html>"
    for status, reason in ((403, "challenge"), (503, "challenge"), (404, "not_found"), (429, "rate_limited")):
        site.routes["/feed"] = answer(page, status, {"Content-Type": "text/html", "Retry-After": "30"})
        with pytest.raises(SourceError) as raised:
            get(fetcher, site.url("/feed"))
        assert (raised.value.reason, raised.value.retry_after) == (reason, 30)
    site.routes["/feed"] = answer(page, 403, {"Content-Encoding": "br"})
    assert reason_of(fetcher, site.url("/feed")) == "forbidden"


def test_a_challenge_is_one_whatever_its_status(site, answer, fetcher) -> None:
    for status in (200, 202):
        site.routes["/feed"] = answer(b"<html>", status, {"x-amzn-waf-action": "challenge"})
        assert reason_of(fetcher, site.url("/feed")) == "challenge"


@pytest.mark.parametrize("status", [429, 503, 403, 500])
def test_the_servers_wish_to_wait_is_read(site, answer, fetcher, status: int) -> None:
    for stated, seconds in (("120", 120.0), ("0", 0.0), ("soon", None)):
        site.routes["/feed"] = answer(status=status, headers={"Retry-After": stated})
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


def test_a_bomb_inside_a_bomb_is_refused_or_stays_closed(site, answer, fetcher) -> None:
    site.routes["/declared"] = answer.packed(bytes(50_000_000), layers=2, declared="gzip, gzip")
    site.routes["/hidden"] = answer.packed(bytes(50_000_000), layers=2)
    site.routes["/undeclared"] = answer.packed(bytes(50_000_000), declared="")
    assert reason_of(fetcher, site.url("/declared")) == "encoding"
    assert get(fetcher, site.url("/hidden")).body.startswith(b"\x1f\x8b")
    assert reason_of(fetcher, site.url("/undeclared")) == "too_large"


def test_a_body_that_unpacks_to_nothing_is_not_read_without_end(site, answer, fetcher) -> None:
    empty_blocks = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 60_000
    site.routes["/blocks"] = answer(empty_blocks, headers={"Content-Encoding": "gzip"})
    site.routes["/members"] = answer(gzip.compress(b"") * 2_000, headers={"Content-Encoding": "gzip"})
    assert reason_of(fetcher, site.url("/blocks")) == "encoding"
    assert reason_of(fetcher, site.url("/members")) == "encoding"


@pytest.mark.parametrize(
    ("body", "name"), [(FEED, "br"), (FEED, "deflate"), (b"\x1f\x8b\x08\xff garbage", "gzip")]
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


def test_a_body_ends_where_its_length_says(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, length=20)
    assert get(fetcher, site.url("/feed")).body == FEED[:20]


def test_a_reset_within_the_headers_is_an_error_and_within_the_body_its_end(site, answer, fetcher) -> None:
    site.routes["/headers"] = answer(FEED, reset="headers")
    site.routes["/body"] = answer(FEED, reset="body")
    assert reason_of(fetcher, site.url("/headers")) == "connection"
    fetched = get(fetcher, site.url("/body"))
    assert (fetched.body, fetched.complete) == (FEED[: len(FEED) // 2], False)


def test_chunks_are_put_together_and_garbage_among_them_ends_the_body(site, answer, fetcher) -> None:
    site.routes["/good"] = answer(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", framed=True)
    site.routes["/bad"] = answer(b"3\r\nabc\r\nzz garbage\r\nde", framed=True)
    site.routes["/worse"] = answer(b"<rss>not framed at all", framed=True)
    site.routes["/endless"] = answer(b"3\r\nabc\r\n", framed=True)
    assert (get(fetcher, site.url("/good")).body, get(fetcher, site.url("/good")).complete) == (
        b"abcde",
        True,
    )
    for path in ("/bad", "/endless"):
        fetched = get(fetcher, site.url(path))
        assert (fetched.body, fetched.complete) == (b"abc", False)
    assert reason_of(fetcher, site.url("/worse")) == "connection"


def test_headers_without_end_are_an_error(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, headers={f"X-{n}": "y" * 5_000 for n in range(100)})
    assert reason_of(fetcher, site.url("/feed")) == "connection"


def test_the_bytes_are_not_touched_whatever_charset_is_claimed(site, answer, fetcher) -> None:
    body = "<rss>\N{GREEK SMALL LETTER ALPHA}</rss>".encode("utf-16")
    for claim in ("text/xml; charset=ascii", "text/html; charset=no-such", "\xff\xfe", ""):
        site.routes["/feed"] = answer(body, headers={"Content-Type": claim})
        fetched = get(fetcher, site.url("/feed"))
        assert (fetched.body, fetched.content_type) == (body, claim)


def test_only_the_beginning_is_taken_where_that_is_enough(site, answer, fetcher) -> None:
    site.routes["/long"] = answer(b"x" * 100_001)
    fetched = get(fetcher, site.url("/long"), cut_at=1_000)
    assert (fetched.body, fetched.complete) == (b"x" * 1_000, False)
    site.routes["/fits"] = answer(b"x" * 1_000)
    assert get(fetcher, site.url("/fits"), cut_at=1_000).complete


def test_one_fetcher_serves_several_threads(site, answer) -> None:
    fetcher = Fetcher(deadline=20.0)
    for number in range(20):
        site.routes[f"/{number}"] = answer(b"%d" % number * 1_000, delay=0.1)
    with ThreadPoolExecutor(10) as pool:
        bodies = list(pool.map(lambda number: get(fetcher, site.url(f"/{number}")).body, range(20)))
    assert bodies == [b"%d" % number * 1_000 for number in range(20)]
    assert site.most_at_once > 1


@pytest.mark.parametrize("body", [b"", b"x", b"xy"])
def test_the_shortest_bodies_are_bodies_too(site, answer, fetcher, body: bytes) -> None:
    site.routes["/feed"] = answer(body)
    fetched = get(fetcher, site.url("/feed"))
    assert (fetched.body, fetched.complete) == (body, True)


def test_a_body_without_a_length_ends_with_the_connection(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(FEED, cut=True)
    assert get(fetcher, site.url("/feed")).body == FEED


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


def test_a_redirect_to_a_private_address_is_refused_unless_allowed(
    site, answer, fetcher, monkeypatch
) -> None:
    real = guard.resolve

    def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
        if host == "news.example":  # a public site, served here
            return ["127.0.0.1"]
        return real(host, port, allow_private=allow_private)

    monkeypatch.setattr(guard, "resolve", resolve)
    site.routes["/feed"] = answer.moved(site.url("/inside"))
    url = site.url("/feed", "news.example")
    assert reason_of(fetcher, url, allow_private=False) == "forbidden_address"
    assert [path for path, _ in site.requests] == ["/feed"]


def test_a_redirect_into_the_cloud_providers_network_is_refused(site, answer, fetcher) -> None:
    site.routes["/feed"] = answer(
        status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}
    )
    assert reason_of(fetcher, site.url("/feed")) == "forbidden_address"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://",
        "nonsense",
        "http://a b/",
        "http://[::",
        "http://xn--.example/",
        "http://user:sec/ret@a.example/",
        "http://a..b/",
        "http://127.0.0.1:99999/",
    ],
)
def test_what_is_no_web_address_is_refused(fetcher, url: str) -> None:
    with pytest.raises(SourceError) as raised:
        get(fetcher, url)
    assert raised.value.reason in {"url", "connection"}
    assert "sec" not in str(raised.value)


def test_a_server_that_is_not_there_is_a_connection_error(site, fetcher) -> None:
    url = site.url("/")
    site.close()
    site.close = lambda: None
    assert reason_of(fetcher, url) == "connection"

"""robots.txt as RFC 9309 has it, asked for once, and what holds when there is none to be had."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from monitor.sources.fetch import Fetcher
from monitor.sources.robots import Robots


@pytest.fixture(scope="module")
def fetcher() -> Fetcher:
    return Fetcher(deadline=1.0)


@pytest.fixture
def robots(fetcher, clock) -> Robots:
    return Robots(fetcher, clock)


def may(robots: Robots, site, path: str) -> bool:
    return robots.may_fetch(site.url(path), allow_private=True)


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        (["User-agent: *", "Disallow: /a"], "/a/b", False),
        (["User-agent: *", "Disallow: /a"], "/b", True),
        (["User-agent: *", "Disallow:"], "/a", True),
        (["User-agent: *", "Disallow: /", "Allow: /news/"], "/news/1", True),
        (["User-agent: *", "Allow: /news/", "Disallow: /news/old"], "/news/old/1", False),
        (["User-agent: *", "Disallow: /a", "Allow: /a"], "/a", True),
        (["User-agent: *", "Disallow: /*.pdf$"], "/x/y.pdf", False),
        (["User-agent: *", "Disallow: /*.pdf$"], "/x/y.pdf?page=2", True),
        (["User-agent: *", "Disallow: /*?print="], "/x?print=1", False),
        (["User-agent: *", "Disallow: /", "", "User-agent: parley", "Allow: /"], "/x", True),
        (["User-agent: PARLEY", "User-agent: other", "Disallow: /"], "/x", False),
        (["User-agent: parley", "Disallow: /a", "", "User-agent: parley", "Disallow: /b"], "/b", False),
        (["User-agent: parleybot", "Disallow: /"], "/x", True),
        (["user-agent : *   # all", "disallow : /a # not this"], "/a", False),
        (["User-agent: *", "Disallow: /caf%C3%A9"], "/caf\xe9/1", False),
        (["\ufeffUser-agent: *", "Disallow: /a"], "/a", False),
        (["User-agent: *", "Disallow: /a", "User-agent: other", "Disallow: /b"], "/b", True),
        (["User-agent Parley/2.0", "Disallow /a", "User-agent: *", "Disallow: /b"], "/a", False),
        (["User-agent: 'x'", "User-agent: # nobody", "User-agent: x*", "Disallow: /a"], "/a", True),
        (["User agent: par", "User-agent: p", "Disallow: /a"], "/a", True),
        (["<html><body>No such page</body></html>"], "/a", True),
        (["Disallow: /"], "/a", True),
        ([], "/a", True),
    ],
)
def test_rules_are_read_as_the_standard_says(site, answer, robots, lines, path, allowed) -> None:
    site.routes["/robots.txt"] = answer.robots(*lines)
    assert may(robots, site, path) is allowed


def test_an_origin_is_asked_once_a_day_by_parleys_name(site, answer, robots, clock) -> None:
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Disallow: /a")
    assert [may(robots, site, path) for path in ("/a", "/b", "/a")] == [False, True, False]
    site.routes["/robots.txt"] = answer.robots()
    clock.advance(hours=23)
    assert not may(robots, site, "/a")
    clock.advance(hours=1)
    assert may(robots, site, "/a")
    assert [path for path, _ in site.requests] == ["/robots.txt"] * 2
    assert all(headers["user-agent"].startswith("Parley/") for _, headers in site.requests)


def test_a_clock_that_was_wrong_and_is_set_back_does_not_keep_old_rules(site, answer, robots, clock) -> None:
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Disallow: /a")
    clock.advance(days=400)
    assert not may(robots, site, "/a")
    site.routes["/robots.txt"] = answer.robots()
    clock.advance(days=-400)
    assert may(robots, site, "/a")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_rules_allow_everything(site, answer, robots, status: int) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /", status=status)
    assert may(robots, site, "/a")


@pytest.mark.parametrize(
    "how",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"delay": 3},
        {"reset": "headers"},
        {"status": 503, "headers": {"cf-mitigated": "challenge"}},
        {"body": b"\x1f\x8b broken", "headers": {"Content-Encoding": "gzip"}},
    ],
)
def test_what_cannot_be_asked_allows_nothing_for_an_hour(site, answer, robots, clock, how) -> None:
    site.routes["/robots.txt"] = answer(**how)
    assert not may(robots, site, "/a")
    site.routes["/robots.txt"] = answer.robots()
    clock.advance(minutes=59)
    assert not may(robots, site, "/a")
    clock.advance(minutes=1)
    assert may(robots, site, "/a")


def test_redirects_are_followed_and_too_many_are_as_good_as_none(site, answer, robots, clock) -> None:
    rules = answer.robots("User-agent: *", "Disallow: /a")
    site.chain(*[301] * 4, end=rules)
    site.routes["/robots.txt"] = answer.moved("/hop/0")
    assert not may(robots, site, "/a")
    site.chain(*[301] * 5, end=rules)
    clock.advance(days=1)
    assert may(robots, site, "/a")


def test_rules_count_up_to_512_kilobytes(site, answer, robots, clock) -> None:
    before = "#" * 511_900
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Disallow: /a", before, "Disallow: /b")
    assert not may(robots, site, "/a")
    assert not may(robots, site, "/b")
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Disallow: /a", before * 2, "Disallow: /b")
    clock.advance(days=1)
    assert not may(robots, site, "/a")
    assert may(robots, site, "/b")
    assert len(site.requests) == 2


def test_rules_for_thousands_of_names_take_neither_time_nor_memory(site, answer, robots) -> None:
    names = [f"User-agent: bot{number}" for number in range(2_000)]
    rules = [f"Disallow: /{number}" for number in range(10_000)]
    site.routes["/robots.txt"] = answer.robots(*names, *rules, "User-agent: *", "Disallow: /a")
    begun = time.process_time()
    assert not may(robots, site, "/a")
    assert may(robots, site, "/1")
    assert time.process_time() - begun < 2  # a rule for each name would be twenty million of them


def test_rules_that_broke_off_hold_for_an_hour(site, answer, robots, clock) -> None:
    site.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /a\n", length=500)
    assert not may(robots, site, "/a")
    site.routes["/robots.txt"] = answer.robots()
    clock.advance(hours=1)
    assert may(robots, site, "/a")


@pytest.mark.parametrize(
    ("stated", "delay"),
    [
        ("2.5", timedelta(seconds=2.5)),
        ("1e300", timedelta(hours=1)),
        ("inf", None),
        ("nan", None),
        ("-3", None),
        ("slow", None),
    ],
)
def test_the_delay_that_a_site_asks_for(site, answer, robots, stated: str, delay) -> None:
    site.routes["/robots.txt"] = answer.robots("User-agent: *", f"Crawl-delay: {stated}")
    assert robots.delay(site.url("/a"), allow_private=True) == delay


def test_a_site_that_states_no_delay_or_cannot_be_asked_has_none(site, answer, robots) -> None:
    assert robots.delay(site.url("/a"), allow_private=True) is None
    assert robots.delay(site.url("/a"), allow_private=False) is None


def test_private_addresses_are_asked_only_where_they_are_allowed(site, answer, robots) -> None:
    site.routes["/robots.txt"] = answer.robots()
    assert not robots.may_fetch(site.url("/a"), allow_private=False)
    assert site.requests == []
    assert may(robots, site, "/a")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://a.example/", "http://[::", "http://xn--.example/", "http:///x"]
)
def test_what_is_no_address_may_not_be_fetched(robots, url: str) -> None:
    assert not robots.may_fetch(url)
    assert robots.delay(url) is None


def test_an_origin_is_its_scheme_host_and_port(site, answer, robots) -> None:
    site.routes["/robots.txt"] = answer.robots()
    for url in (site.url("/a"), site.url("/a", "user:pw@127.0.0.1"), site.url("/a", "localhost")):
        assert robots.may_fetch(url, allow_private=True)
    assert len(site.requests) == 2
    assert all("authorization" not in headers for _, headers in site.requests)


def test_threads_that_want_the_same_rules_wait_for_one_answer(site, answer, robots) -> None:
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Disallow: /a")
    site.routes["/robots.txt"].delay = 0.2
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda path: may(robots, site, path), ["/a", "/b"] * 8))
    assert verdicts == [False, True] * 8
    assert len(site.requests) == 1


def test_only_so_many_origins_are_remembered(site, answer, fetcher, clock) -> None:
    site.routes["/robots.txt"] = answer.robots()
    robots = Robots(fetcher, clock, capacity=2)
    one, two, three = (site.url("/a", host) for host in ("127.0.0.1", "localhost", "127.1"))
    for url in (one, two, one, three, one, two):  # the second is forgotten for the third
        assert robots.may_fetch(url, allow_private=True)
    assert [headers["host"].split(":")[0] for _, headers in site.requests] == [
        "127.0.0.1",
        "localhost",
        "127.1",
        "localhost",
    ]


def test_large_files_push_out_others_sooner(site, answer, fetcher, clock, monkeypatch) -> None:
    monkeypatch.setattr("monitor.sources.robots._MOST_BYTES_IN_ALL", 1_500)
    site.routes["/robots.txt"] = answer.robots("#" * 1_000)
    robots = Robots(fetcher, clock)
    here, there = site.url("/a"), site.url("/a", "localhost")
    for url in (here, here, there, here):
        assert robots.may_fetch(url, allow_private=True)
    assert len(site.requests) == 3


def test_a_defect_reaches_the_caller_and_does_not_stay(site, answer, fetcher, clock, monkeypatch) -> None:
    robots = Robots(fetcher, clock)
    with monkeypatch.context() as broken:
        broken.setattr(fetcher, "get", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            may(robots, site, "/a")
    assert may(robots, site, "/a")


def test_rules_with_many_stars_take_no_time(site, answer, robots) -> None:
    site.routes["/robots.txt"] = answer.robots("User-agent: *", "Allow: /", f"Disallow: /{'*a' * 30}*b$")
    assert may(robots, site, "/" + "a" * 2_000)

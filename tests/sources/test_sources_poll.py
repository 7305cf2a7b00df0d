"""Polling as a whole: a misbehaving server, the real fetcher, a log in memory, and a clock that the test moves."""

import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from monitor.errors import BadInputError, LogUnavailableError, StoreError
from monitor.log.events import ArticleIngested, data_of
from monitor.sources import poll
from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Fetcher
from monitor.sources.intake import Intake
from monitor.sources.pages import Pages
from monitor.sources.poll import Poller
from monitor.sources.robots import Robots
from monitor.sources.seen import Entries, SourceEntry
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.topics import load_topics

TOPICS = load_topics()
MINUTE = timedelta(minutes=1)


def rss(*items: tuple[str, str, str]) -> bytes:
    entries = "".join(
        f"<item><guid>{guid}</guid><link>https://news.example/{guid}</link><title>{title}</title>"
        f"<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate><description>{text}</description></item>"
        for guid, title, text in items
    )
    return f"<rss version='2.0'><channel><title>News</title>{entries}</channel></rss>".encode()


FIRST = ("a1", "PTI and government resume talks", "Imran Khan allowed PTI to hold talks with the government.")
SECOND = ("a2", "PTI suspends talks with government", "Barrister Gohar said PTI had suspended the talks.")
OTHER = ("b1", "Cricket: Lahore wins", "Lahore won by six wickets.")


@pytest.fixture
def world(site, answer, log, engine, clock):
    class World:
        def __init__(self) -> None:
            self.site, self.log, self.clock, self.engine = site, log, clock, engine

        def feed(self, *items: tuple[str, str, str], **how: object) -> None:
            site.routes["/feed"] = answer(rss(*items), headers={"Content-Type": "application/rss+xml"}, **how)

        def poller(self, *sources: SourceConfig, **options: object) -> Poller:
            intake = Intake(log, by="ingest/test", clock=clock)
            sources = sources or (source(site.url("/feed")),)
            options.setdefault("host_pause", timedelta())
            fetcher = Fetcher(deadline=options.pop("deadline", 1.0))
            return Poller(engine, sources, TOPICS, fetcher, intake.publish, clock, **options)

        @property
        def articles(self) -> list[ArticleIngested]:
            return [
                data_of(event, ArticleIngested) for event in log.events if event.type == "article.ingested"
            ]

        @property
        def types(self) -> list[str]:
            return [event.type for event in log.events]

    return World()


def headlines(engine: Engine) -> list[SourceEntry]:
    with Session(engine) as session:
        return [row for row in session.exec(select(SourceEntry)).all() if row.why and row.title]


def wait_until(true: Callable[[], bool], patience_s: float = 5.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)


def source(url: str, id_: str = "news", **more: object) -> SourceConfig:
    return SourceConfig(id=id_, url=url, topics=("pti",), allow_private=True, **more)


def row(poller: Poller) -> SourceState:
    (state,) = poller.status()
    return state


def test_relevant_entries_become_events_and_others_do_not(world) -> None:
    world.feed(FIRST, OTHER)
    poller = world.poller()
    ticked = poller.poll_due()
    assert (ticked.polled, ticked.failed, ticked.published) == (1, 0, 1)
    (article,) = world.articles
    assert (article.title, article.outlet, article.source) == (FIRST[1], "News", "news")
    assert (row(poller).entries_seen, row(poller).entries_relevant) == (2, 1)


def test_the_first_poll_is_history_and_what_comes_later_is_news(world) -> None:
    world.feed(FIRST)
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(minutes=20)
    world.feed(SECOND, FIRST)
    poller.poll_due()
    assert [(article.title, article.history) for article in world.articles] == [
        (FIRST[1], True),
        (SECOND[1], False),
    ]


def test_a_failed_first_poll_leaves_the_next_one_the_first(world) -> None:
    world.feed(FIRST, status=500)
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(hours=2)
    world.feed(FIRST)
    poller.poll_due()
    assert [article.history for article in world.articles] == [True]


def test_polling_again_adds_nothing(world) -> None:
    world.feed(FIRST, SECOND)
    for _ in range(3):
        world.poller().poll_due()
        world.clock.advance(minutes=20)
    assert world.types == ["article.ingested"] * 2
    assert len(world.site.requests) == 3


def test_the_same_bytes_are_not_read_again_whatever_the_validators_say(world) -> None:
    world.feed(FIRST, etag='"v1"')
    world.poller().poll_due()
    world.feed(FIRST, etag='"v2"')
    world.clock.advance(minutes=20)
    poller = world.poller(parse=lambda *_: 1 / 0)
    assert poller.poll_due().failed == 0
    assert row(poller).etag == '"v2"'


def test_304_appends_nothing_and_counts_as_a_good_poll(world) -> None:
    world.feed(FIRST, etag='"v1"')
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(minutes=20)
    poller.poll_due()
    assert [headers.get("if-none-match") for _, headers in world.site.requests] == [None, '"v1"']
    assert len(world.log.events) == 1
    assert row(poller).last_ok_at == "2026-03-01T12:20:00+00:00"
    assert row(poller).etag == '"v1"'


def test_nothing_is_polled_before_it_is_due(world) -> None:
    world.feed(FIRST)
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(minutes=13)
    assert poller.poll_due().polled == 0
    world.clock.advance(minutes=4)
    assert poller.poll_due().polled == 1


def test_a_restart_does_not_poll_what_is_not_due(world) -> None:
    world.feed(FIRST)
    world.poller().poll_due()
    assert world.poller().poll_due().polled == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_dying_between_publishing_and_noting_loses_nothing_and_doubles_nothing(world, monkeypatch) -> None:
    """The validators must not be stored before the articles: the server would answer 304 for ever after."""
    world.feed(FIRST, SECOND, etag='"v1"')

    def die(*args: object, **kwargs: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(SourceStates, "let_go", die)
        world.poller().poll_due()
    assert len(world.log.events) == 2
    assert world.poller().poll_due().polled == 0  # the dead process's lease still holds
    world.clock.advance(minutes=5)
    assert world.poller().poll_due().polled == 1
    assert world.site.requests[-1][1].get("if-none-match") is None
    assert len(world.log.events) == 2


def test_a_log_that_fails_in_the_middle_costs_no_article(world) -> None:
    world.feed(FIRST, SECOND, etag='"v1"')
    world.log.failure, world.log.fail_after = LogUnavailableError("Redis does not answer"), 1
    poller = world.poller()
    assert poller.poll_due().failed == 1
    assert len(world.log.events) == 1
    state = row(poller)
    assert (state.error_streak, state.etag, state.polled_once) == (0, "", False)
    assert state.last_error == "not_stored: Redis does not answer"
    world.log.failure = None
    world.clock.advance(minutes=2)
    assert poller.poll_due().failed == 0
    assert [article.title for article in world.articles] == [FIRST[1], SECOND[1]]


def test_a_revised_entry_is_a_revision_of_the_same_article(world) -> None:
    world.feed(FIRST)
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(minutes=20)
    world.feed((FIRST[0], FIRST[1], FIRST[2] + " A date was set."))
    poller.poll_due()
    assert world.types == ["article.ingested", "article.revised"]
    ingested, revised = world.log.events
    assert revised.data["article_id"] == ingested.data["article_id"]
    assert revised.data["previous"] == ingested.id
    assert revised.data["history"] is False


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"status": 404}, "not_found"),
        ({"status": 410}, "gone"),
        ({"status": 500}, "server"),
        ({"delay": 3}, "timeout"),
        ({"body": b""}, "empty"),
        ({"body": b"<html><title>Log in</title><form></form></html>"}, "not_a_feed"),
        ({"body": b"\x00\xff garbage"}, "not_a_feed"),
    ],
)
def test_every_failure_is_recorded_with_its_reason(world, answer, how, reason: str) -> None:
    world.site.routes["/feed"] = answer(**how)
    poller = world.poller()
    assert poller.poll_due().failed == 1
    state = row(poller)
    assert state.last_error.startswith(f"{reason}: ")
    assert (state.error_streak, state.leased_until, state.last_ok_at) == (1, "", "")


def test_failures_are_tried_again_ever_more_rarely_but_for_ever(world) -> None:
    world.feed(status=500)
    poller = world.poller()
    for _ in range(40):
        world.clock.advance(hours=27)
        poller.poll_due()
    assert len(world.site.requests) == 40
    assert row(poller).error_streak == 40
    world.feed(FIRST)
    world.clock.advance(hours=27)
    poller.poll_due()
    assert (row(poller).error_streak, row(poller).last_error) == (0, "")
    assert len(world.articles) == 1


def test_the_servers_wish_to_wait_is_respected(world, answer) -> None:
    world.site.routes["/feed"] = answer(status=429, headers={"Retry-After": "36000"})
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(hours=9)
    assert poller.poll_due().polled == 0
    world.clock.advance(hours=1.1)
    assert poller.poll_due().polled == 1


def test_a_feed_that_breaks_off_keeps_its_entries_and_is_asked_for_whole_again(world, answer) -> None:
    body = rss(FIRST, SECOND)
    body = body[: body.index(b"<guid>a2") + 20]
    world.site.routes["/feed"] = answer(body, length=len(body) + 300, headers={"ETag": '"v1"'})
    poller = world.poller()
    poller.poll_due()
    assert [article.title for article in world.articles] == [FIRST[1]]
    assert row(poller).etag == ""
    assert "broke off" in row(poller).note
    assert row(poller).error_streak == 0


def test_one_bad_source_does_not_hinder_the_others(world) -> None:
    world.feed(FIRST)
    world.site.routes["/bad"] = world.site.routes["/feed"].__class__(status=500)
    poller = world.poller(
        source(world.site.url("/bad"), "bad"),
        source(world.site.url("/feed"), "good"),
        source(world.site.url("/gone"), "gone"),
    )
    ticked = poller.poll_due()
    assert (ticked.polled, ticked.failed, ticked.published) == (3, 2, 1)
    assert {state.source_id: state.error_streak for state in poller.status()} == {
        "bad": 1,
        "good": 0,
        "gone": 1,
    }


def test_a_defect_of_ours_is_recorded_and_hinders_nobody(world, caplog) -> None:
    world.feed(FIRST)

    def explode(*args: object, **kwargs: object) -> None:
        raise RuntimeError("boom")

    poller = world.poller(parse=explode)
    assert poller.poll_due().failed == 1
    assert row(poller).last_error == "defect: RuntimeError: boom"
    assert "Traceback" in caplog.text


def test_a_database_that_is_away_is_said_in_one_line_and_polling_goes_on_later(world, monkeypatch) -> None:
    poller = world.poller()

    def away(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    with monkeypatch.context() as patched:
        patched.setattr(SourceStates, "claim", away)
        with pytest.raises(StoreError, match="polling waits for the database: connection refused"):
            poller.poll_due()
    assert poller.poll_due().polled == 1


def test_a_redirect_into_a_private_network_is_refused_and_recorded(world, answer) -> None:
    world.site.routes["/feed"] = answer(status=302, headers={"Location": "http://169.254.169.254/"})
    poller = world.poller()
    poller.poll_due()
    assert row(poller).last_error.startswith("forbidden_address: ")


def test_a_private_feed_must_be_allowed(world) -> None:
    world.feed(FIRST)
    config = SourceConfig(id="news", url=world.site.url("/feed"), topics=("pti",))
    poller = world.poller(config)
    poller.poll_due()
    assert row(poller).last_error.startswith("forbidden_address: ")
    assert world.site.requests == []


def test_entries_without_an_id_of_their_own_are_known_when_they_are_shown_again(world, answer) -> None:
    items = "".join(
        f"<item><link>https://news.example/live</link><title>{title}</title><description>{text}</description></item>"
        for title, text in (("Live", "PTI holds talks."), ("Live", "Lahore won."), ("Live: more", "Rain."))
    )
    feed = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
    world.site.routes["/feed"] = answer(feed.encode())
    poller = world.poller()
    poller.poll_due()
    newest = row(poller).newest_at
    world.clock.advance(minutes=20)
    world.site.routes["/feed"].body += b"<!-- another day -->"
    poller.poll_due()
    assert (row(poller).entries_seen, row(poller).newest_at) == (3, newest)


def test_other_topics_make_no_entry_a_new_one(world) -> None:
    world.feed(FIRST, OTHER)
    world.poller().poll_due()
    first = row(world.poller())
    world.clock.advance(minutes=20)
    first_party, *others = TOPICS["pti"].parties
    named = first_party.model_copy(update={"aliases": (*first_party.aliases, "Somebody")})
    changed = TOPICS["pti"].model_copy(update={"parties": (named, *others)})
    intake = Intake(world.log, by="ingest/test", clock=world.clock)
    poller = Poller(
        world.engine,
        [source(world.site.url("/feed"))],
        {**TOPICS, "pti": changed},
        Fetcher(deadline=1.0),
        intake.publish,
        world.clock,
    )
    poller.poll_due()
    second = row(poller)
    assert second.last_ok_at != first.last_ok_at
    assert (second.newest_at, second.entries_seen, second.entries_relevant) == (first.newest_at, 2, 1)


def test_a_source_that_moves_keeps_what_was_told_of_it(world) -> None:
    world.feed(FIRST)
    world.poller()
    SourceStates(world.engine).note_told("news", "failing 2026-03-01T11:00:00+00:00")
    assert row(world.poller(source(world.site.url("/new")))).told == "failing 2026-03-01T11:00:00+00:00"


def test_a_source_that_moves_starts_anew(world) -> None:
    world.feed(FIRST, etag='"v1"')
    world.poller().poll_due()
    world.site.routes["/new"] = world.site.routes["/feed"]
    moved = world.poller(source(world.site.url("/new")))
    assert (row(moved).polled_once, row(moved).etag) == (False, "")
    assert moved.poll_due().polled == 1
    assert len(world.articles) == 1


def test_two_processes_never_have_one_source_at_once(world) -> None:
    ids = [f"s{number}" for number in range(40)]
    states = [SourceStates(world.engine), SourceStates(world.engine)]
    states[0].enrol([source(f"https://{id_}.example/", id_) for id_ in ids], world.clock())
    taken: list[str] = []

    def take(mine: SourceStates) -> None:
        while claims := mine.claim(ids, world.clock(), MINUTE, 3):
            taken.extend(claim.source_id for claim in claims)

    threads = [threading.Thread(target=take, args=(mine,)) for mine in states]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_a_process_that_was_too_slow_does_not_overwrite_the_next_ones_outcome(world) -> None:
    states = SourceStates(world.engine)
    states.enrol([source("https://s.example/", "s")], world.clock())
    (slow,) = states.claim(["s"], world.clock(), MINUTE, 1)
    world.clock.advance(minutes=2)
    (quick,) = states.claim(["s"], world.clock(), MINUTE, 1)
    assert states.let_go(quick, world.clock(), {"etag": '"new"'})
    assert not states.let_go(slow, world.clock(), {"etag": '"old"'})
    assert [row.etag for row in states.rows()] == ['"new"']


def test_a_feed_that_has_moved_for_good_is_fetched_there_after_a_while(world, answer) -> None:
    world.site.routes["/feed"] = answer(status=301, headers={"Location": world.site.url("/new")})
    world.site.routes["/new"] = answer(rss(FIRST), headers={"Content-Type": "application/rss+xml"})
    poller = world.poller()
    for _ in range(7):
        poller.poll_due()
        world.clock.advance(minutes=20)
    assert row(poller).address == world.site.url("/new")
    asked = [path for path, _ in world.site.requests]
    assert asked == ["/feed", "/new"] * 5 + ["/new"] * 2


@pytest.mark.parametrize(("host", "sent"), [("localhost", False), ("127.0.0.1", True)])
def test_a_sources_own_headers_do_not_move_to_another_host(world, answer, host: str, sent: bool) -> None:
    world.site.routes["/feed"] = answer.moved(world.site.url("/new", host))
    world.site.routes["/new"] = answer(rss(FIRST))
    poller = world.poller(source(world.site.url("/feed"), headers={"X-Key": "s3cret"}))
    for _ in range(6):
        poller.poll_due()
        world.clock.advance(minutes=20)
    assert row(poller).address == world.site.url("/new", host)
    assert {"x-key" in headers for path, headers in world.site.requests if path == "/new"} == {sent}


def test_a_feed_that_has_moved_to_where_another_source_is_stays_and_says_so(world, answer) -> None:
    world.feed(FIRST)
    world.site.routes["/old"] = answer(status=301, headers={"Location": world.site.url("/feed")})
    poller = world.poller(source(world.site.url("/old"), "old"), source(world.site.url("/feed"), "new"))
    for _ in range(7):
        poller.poll_due()
        world.clock.advance(minutes=20)
    old = next(state for state in poller.status() if state.source_id == "old")
    assert (old.address, old.note) == ("", "has moved to where new is; remove one of the two")


def test_two_feeds_that_move_to_one_address_are_not_both_fetched_there(world, answer) -> None:
    world.feed(FIRST)
    for old in ("/old", "/older"):
        world.site.routes[old] = answer(status=301, headers={"Location": world.site.url("/feed")})
    poller = world.poller(source(world.site.url("/old"), "old"), source(world.site.url("/older"), "older"))
    for _ in range(7):
        poller.poll_due()
        world.clock.advance(minutes=20)
    assert sorted(state.address for state in poller.status()) == ["", world.site.url("/feed")]


def test_a_page_to_log_in_at_is_said_to_be_one(world, answer) -> None:
    form = b"<html><body><form action='/login'><input type='password' name='p'></form></body></html>"
    world.site.routes["/feed"] = answer(form, headers={"Content-Type": "text/html"})
    poller = world.poller()
    poller.poll_due()
    assert row(poller).last_error.startswith("login: ")


def test_a_feed_that_stays_fresh_is_left_alone_that_long(world) -> None:
    world.feed(FIRST)
    world.site.routes["/feed"].headers["Cache-Control"] = "max-age=3000"
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(minutes=40)
    assert poller.poll_due().polled == 0
    world.clock.advance(minutes=20)
    assert poller.poll_due().polled == 1


@pytest.fixture
def paged(world, answer):
    """A poller of a feed with teasers, whose pages have more; `paged(count)` serves so many."""
    body = " ".join(
        f"Gohar told reporters on day {day} that the talks with the government go on." for day in range(30)
    )

    def make(count: int = 1, **options: object) -> Poller:
        items = []
        for number in range(count):
            title = f"PTI and government resume talks, part {number}"
            path = f"/page{number}"
            text = f"Imran Khan allowed PTI to hold talks with the government. {body} Part {number} ends."
            page = f"<html><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
            world.site.routes[path] = answer(page.encode(), headers={"Content-Type": "text/html"})
            teaser = "Imran Khan allowed PTI to hold talks with the government."
            items.append(
                f"<item><guid>g{number}</guid><link>{world.site.url(path)}</link><title>{title}</title>"
                f"<pubDate>Sun, 01 Mar 2026 10:0{number}:00 GMT</pubDate><description>{teaser}</description></item>"
            )
        feed = f"<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>"
        world.site.routes["/feed"] = answer(feed.encode(), headers={"ETag": '"v1"'})
        fetcher = Fetcher(deadline=2.0)
        pages = Pages(fetcher, Robots(fetcher, world.clock), world.clock, **{"pause": timedelta(), **options})
        return world.poller(pages=pages)

    return make


def test_a_teaser_becomes_the_text_of_its_page_and_stays_it(world, paged) -> None:
    poller = paged()
    poller.poll_due()
    (article,) = world.articles
    assert "on day 29 that the talks" in article.text
    world.clock.advance(minutes=20)
    world.site.routes["/feed"].headers["ETag"] = '"v2"'
    world.site.routes["/feed"].body += b"<!-- another day -->"
    poller.poll_due()
    assert world.types == ["article.ingested"]
    assert [path for path, _ in world.site.requests].count("/page0") == 1


@pytest.mark.parametrize("guid", ["<guid>g0</guid>", ""])
def test_a_page_is_not_fetched_again_because_its_link_counts_the_polls(world, paged, guid: str) -> None:
    poller, feed = paged(), world.site.routes["/feed"]
    body = feed.body.replace(b"<guid>g0</guid>", guid.encode())
    for visit in range(3):
        feed.headers["ETag"] = f'"v{visit}"'
        feed.body = body.replace(b"/page0", f"/page0?utm_source=rss&amp;utm_content={visit}".encode())
        poller.poll_due()
        world.clock.advance(minutes=20)
    assert [path.partition("?")[0] for path, _ in world.site.requests].count("/page0") == 1
    with Session(world.engine) as session:
        assert len(session.exec(select(SourceEntry)).all()) == 1


def test_entries_that_share_a_page_and_have_no_ids_are_each_known_again(world, paged) -> None:
    poller, feed = paged(2), world.site.routes["/feed"]
    for number in range(2):
        feed.body = feed.body.replace(f"<guid>g{number}</guid>".encode(), b"")
        feed.body = feed.body.replace(f"/page{number}<".encode(), f"/live#part{number}<".encode())
    poller.poll_due()
    with Session(world.engine) as session:
        assert len(session.exec(select(SourceEntry)).all()) == 2
    assert len(world.articles) == 2


def test_a_source_may_say_that_teasers_are_all_it_wants(world, paged, answer) -> None:
    poller = paged()
    poller.configure([source(world.site.url("/feed"), full_text=False)])
    poller.poll_due()
    assert world.articles[0].text == "Imran Khan allowed PTI to hold talks with the government."


def test_pages_for_which_there_is_no_time_wait_for_the_next_poll(world, paged) -> None:
    poller = paged(3, pause=timedelta(seconds=1), patience=timedelta(seconds=0.5))
    poller.poll_due()
    assert len(world.articles) == 1
    assert (row(poller).note, row(poller).etag) == ("2 pages wait for the next poll", "")
    for _ in range(2):
        world.clock.advance(minutes=1)
        poller.poll_due()
    assert [article.history for article in world.articles] == [True] * 3
    assert row(poller).note == ""


def test_a_site_that_asks_programs_to_stay_away_keeps_its_pages(world, paged, answer) -> None:
    poller = paged()
    world.site.routes["/robots.txt"] = answer(b"User-agent: *\nDisallow: /page")
    poller.poll_due()
    assert world.articles[0].text == "Imran Khan allowed PTI to hold talks with the government."
    assert "/page0" not in [path for path, _ in world.site.requests]


def test_a_host_has_one_visit_at_a_time_and_is_left_alone_in_between(world, monkeypatch) -> None:
    monkeypatch.setattr("monitor.sources.poll._HERE", re.compile("nobody"))
    world.feed(FIRST)
    paths = ("/feed", "/feed?a", "/feed?b")
    poller = world.poller(
        *(source(world.site.url(path), f"s{at}") for at, path in enumerate(paths)),
        host_pause=timedelta(seconds=30),
    )
    assert [poller.poll_due().polled for _ in range(2)] == [1, 0]
    world.clock.advance(seconds=31)
    assert poller.poll_due().polled == 1
    assert len(world.site.requests) == 2


def test_a_source_that_hangs_keeps_no_tick_and_no_other_source_waiting(world, answer) -> None:
    world.feed(FIRST)
    world.site.routes["/hangs"] = answer(delay=9)
    sources = [source(world.site.url("/hangs").replace("127.0.0.1", "localhost"), "hangs")]
    poller = world.poller(*sources, source(world.site.url("/feed"), "good"), workers=2, deadline=3.0)
    assert poller.tick() == 2
    wait_until(lambda: any(state.last_ok_at for state in poller.status()))
    world.clock.advance(minutes=20)
    wait_until(lambda: poller.tick() == 1)  # the good one again, as soon as its first visit has ended,
    hanging = next(state for state in poller.status() if state.source_id == "hangs")
    assert (hanging.error_streak, hanging.leased_until != "") == (0, True)  # while the other still hangs
    poller.poll_due()
    failed = {state.source_id: state.last_error.partition(":")[0] for state in poller.status()}
    assert failed == {"good": "", "hangs": "timeout"}


def test_a_visit_that_hangs_for_good_counts_as_failed_and_makes_room(world, answer, monkeypatch) -> None:
    monkeypatch.setattr(poll, "LONGEST_VISIT_S", 0.05)
    world.site.routes["/feed"] = answer(rss(FIRST), delay=0.5)
    poller = world.poller(workers=1)
    poller.tick()
    time.sleep(0.1)
    poller.tick()
    state = row(poller)
    assert (state.last_error.partition(":")[0], state.error_streak, state.leased_until) == ("hangs", 1, "")
    wait_until(
        lambda: world.articles
    )  # it ends after all: what it brought is in, and has no say in the state
    world.clock.advance(hours=1)
    monkeypatch.undo()
    assert poller.poll_due().polled == 1
    assert row(poller).error_streak == 0
    assert len(world.articles) == 1


def test_stopping_does_not_wait_for_what_hangs_and_frees_its_source(world, answer) -> None:
    world.site.routes["/feed"] = answer(delay=5)
    poller = world.poller()
    poller.tick()
    begun = time.monotonic()
    poller.stop(timedelta(seconds=0.1))
    assert time.monotonic() - begun < 0.5
    assert row(poller).leased_until == ""
    wait_until(lambda: poller.is_idle)
    assert row(poller).error_streak == 0  # what ended too late has no say


def test_what_is_gone_is_polled_no_more_until_a_person_resumes_it(world, answer) -> None:
    world.site.routes["/feed"] = answer(status=410)
    poller = world.poller()
    poller.poll_due()
    world.clock.advance(days=40)
    assert poller.poll_due().polled == 0
    world.feed(FIRST)
    assert SourceStates(world.engine).resume("news", world.clock())
    assert poller.poll_due().published == 1


def test_a_paused_source_rests_and_one_in_a_hurry_is_due(world) -> None:
    world.feed(FIRST)
    poller, states = world.poller(), SourceStates(world.engine)
    assert states.pause("news")
    assert not states.pause("nobody")
    assert poller.poll_due().polled == 0
    states.resume("news", world.clock())
    assert poller.poll_due().polled == 1
    states.hurry("news", world.clock())
    assert poller.poll_due().polled == 1


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(hours=5)])
def test_a_clock_that_was_wrong_and_is_set_back_leaves_no_source_waiting(world, ahead: timedelta) -> None:
    world.feed(FIRST)
    poller = world.poller(host_pause=timedelta(seconds=2))
    world.clock.now += ahead
    poller.poll_due()
    SourceStates(world.engine).enrol([source("https://s.example/", "s")], world.clock())
    assert len(SourceStates(world.engine).claim(["s"], world.clock(), MINUTE, 1)) == 1  # by one who then dies
    world.clock.now -= ahead
    assert poller.poll_due().polled == 1
    assert poller.poll_due().polled == 0
    SourceStates(world.engine).hurry("s", world.clock())
    assert len(SourceStates(world.engine).claim(["s"], world.clock(), MINUTE, 1)) == 1


def test_a_clock_that_differs_a_little_from_anothers_takes_nobodys_source(world) -> None:
    states = SourceStates(world.engine)
    states.enrol([source("https://s.example/", "s")], world.clock())
    (claim,) = states.claim(["s"], world.clock() + 5 * MINUTE, MINUTE, 1)
    assert states.claim(["s"], world.clock(), MINUTE, 1) == []
    last = world.clock() + 5 * MINUTE
    states.let_go(claim, last, {"due_at": stamp(last + 9 * MINUTE), "last_poll_at": stamp(last)})
    world.clock.advance(minutes=6)
    assert states.claim(["s"], world.clock(), MINUTE, 1) == []


def test_a_source_of_that_name_that_is_forgotten_starts_anew(world) -> None:
    world.feed(FIRST)
    world.poller().poll_due()
    states = SourceStates(world.engine)
    states.forget("news")
    assert states.rows() == []
    with Session(world.engine) as session:
        assert session.exec(select(SourceEntry)).all() == []
    assert world.poller().poll_due().polled == 1


def test_what_concerns_no_topic_is_kept_for_a_week_as_a_headline_with_the_reason(world) -> None:
    world.feed(FIRST, OTHER)
    poller, entries = world.poller(), Entries(world.engine, "")
    poller.poll_due()
    (passed,) = headlines(world.engine)
    assert (passed.title, passed.url) == (OTHER[1], "https://news.example/b1")
    assert passed.why == "pti: names no party of a channel by a name that is its own"
    world.clock.advance(days=6)
    entries.drop_headlines(world.clock())
    assert len(headlines(world.engine)) == 1
    world.clock.advance(days=2)
    entries.drop_headlines(world.clock())
    assert headlines(world.engine) == []
    poller.poll_due()
    assert (row(poller).entries_seen, row(poller).entries_relevant) == (2, 1)  # it is still known


def test_entries_are_judged_anew_when_the_topics_change(world) -> None:
    """Also where the feed has not changed, and its server would say so."""
    world.feed(("b1", "Cricket: Lahore in talks with a coach", "Lahore won by six wickets."), etag='"v1"')
    world.poller().poll_due()
    cricket = TOPICS["pti"].model_copy(
        update={
            "parties": (
                TOPICS["pti"].parties[0].model_copy(update={"aliases": ("Lahore",)}),
                *TOPICS["pti"].parties[1:],
            )
        }
    )
    world.clock.advance(minutes=20)
    intake = Intake(world.log, by="ingest/test", clock=world.clock)
    poller = Poller(
        world.engine,
        [source(world.site.url("/feed"))],
        {**TOPICS, "pti": cricket},
        Fetcher(),
        intake.publish,
        world.clock,
    )
    poller.poll_due()
    assert len(world.articles) == 1


def test_a_lease_holds_as_long_as_it_is_renewed_and_its_host_with_it(world) -> None:
    states = SourceStates(world.engine)
    states.enrol([source("https://s.example/a", "a"), source("https://s.example/b", "b")], world.clock())
    claims = states.claim(["a"], world.clock(), MINUTE, 1)
    for _ in range(3):
        world.clock.advance(seconds=50)
        states.renew(claims, world.clock(), MINUTE)
    assert states.claim(["a", "b"], world.clock(), MINUTE, 2) == []
    world.clock.advance(seconds=61)
    assert [claim.source_id for claim in states.claim(["a"], world.clock(), MINUTE, 1)] == ["a"]
    states.renew(claims, world.clock(), timedelta(days=1))  # it has been taken by another meanwhile
    world.clock.advance(seconds=61)
    assert len(states.claim(["a"], world.clock(), MINUTE, 1)) == 1


def test_stopping_claims_nothing_more(world) -> None:
    world.feed(FIRST)
    poller = world.poller()
    poller.stop()
    assert poller.poll_due().polled == 0


def test_a_folder_is_polled_like_a_feed(world, tmp_path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "one.txt").write_text(f"{FIRST[1]}\n\n{FIRST[2]}")
    (folder / "bad.txt").write_bytes(b"\xff\xfe\x00")
    poller = world.poller(SourceConfig(id="box", kind="folder", path=folder, topics=("pti",)))
    poller.poll_due()
    (folder / "two.txt").write_text(f"{SECOND[1]}\n\n{SECOND[2]}")
    (folder / "one.txt").write_text(f"{FIRST[1]}\n\n{FIRST[2]} More was said.")
    world.clock.advance(minutes=20)
    poller.poll_due()
    assert world.types == ["article.ingested", "article.revised", "article.ingested"]
    assert [article.history for article in world.articles] == [True, False]
    assert row(poller).note.startswith("bad.txt: not text")


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([{"id": "a", "url": "https://a.example/"}] * 2, "two sources are called 'a'"),
        (
            [{"id": "a", "url": "https://a.example/", "topics": ("nope",)}],
            "there is no topic 'nope'; known are: any, .*pti",
        ),
    ],
)
def test_sources_that_cannot_be_are_refused(world, sources, words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        world.poller(*(SourceConfig(**one) for one in sources))


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "A b", "url": "https://a.example/"},
        {"id": "a"},
        {"id": "a", "url": "ftp://a.example/"},
        {"id": "a", "kind": "folder"},
        {"id": "a", "kind": "folder", "path": "x", "url": "https://a.example/"},
        {"id": "a", "url": "https://a.example/", "interval_minutes": 0},
        {"id": "a", "url": "https://a.example/", "topics": ()},
        {"id": "a", "url": "https://a.example/", "urls": "https://b.example/"},
    ],
)
def test_a_source_that_makes_no_sense_is_refused(fields) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SourceConfig(**fields)


def test_sources_that_are_no_longer_configured_are_not_polled(world) -> None:
    world.feed(FIRST)
    world.poller()
    other = world.poller(source(world.site.url("/other"), "other"))
    other.poll_due()
    assert [path for path, _ in world.site.requests] == ["/other"]
    assert [state.source_id for state in other.status()] == ["other"]

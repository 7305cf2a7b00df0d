"""The way into the log: in batches, on what the log holds, and together with others who do the same."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.managers import SyncManager
from threading import Barrier

import pytest

from monitor.errors import LogUnavailableError
from monitor.ids import removal_id
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.events import ArticleRemoved, Event
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.sources.intake import BATCH, Intake, Polled, Taken
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.sources.newsroom import FastLog

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def article(number: int, **more: object) -> ArticleFound:
    found = ArticleFound(
        url=f"https://news.example/{number}",
        outlet="News",
        source="news",
        title=f"Headline {number}",
        text=f"Talks number {number} were held. " + " ".join(f"{number}word{word}" for word in range(60)),
        language="en",
        published_at=NOW - timedelta(minutes=number),
        precision=Precision.TIME,
        first_seen_at=NOW,
        guid=f"guid-{number}",
    )
    return replace(found, **more)


def intake(log: object) -> Intake:
    return Intake(log, by="ingest/test", clock=lambda: NOW)


class CountingLog(FastLog):
    """Counts appends, and fails when told so."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.fails = False
        self.loses_reply = False

    def append(self, topic: str, events: list) -> None:
        if self.fails:
            raise LogUnavailableError("Redis does not answer")
        super().append(topic, events)
        self.sizes.append(len(events))
        if self.loses_reply:
            raise LogUnavailableError("Redis does not answer any more")


def test_new_articles_go_into_the_log_in_batches_and_in_their_order() -> None:
    log = CountingLog()
    found = [article(number) for number in range(2 * BATCH + 50)]
    assert intake(log).publish("pti", found) == Taken(ingested=250)
    assert log.sizes == [BATCH, BATCH, 50]
    assert [event.data["title"] for event in log.events] == [one.title for one in found]
    assert intake(log).publish("pti", found) == Taken(known=250)
    assert len(log.sizes) == 3


def test_within_a_batch_an_article_is_known_and_may_be_revised() -> None:
    log = CountingLog()
    found = [
        article(1),
        article(1),
        article(1, text="Held. " + article(1).text),
        article(2, title="Headline 1", text=article(1).text),
    ]
    assert intake(log).publish("pti", found) == Taken(ingested=1, revised=1, known=2)
    assert log.sizes == [2]
    assert log.events[1].data["previous"] == log.events[0].id


def test_copies_within_a_batch_are_one_story() -> None:
    log = CountingLog()
    copy = article(2, outlet="Other", text="Other: " + article(1).text)
    intake(log).publish("pti", [article(1), copy])
    assert log.events[0].data["story_id"] == log.events[1].data["story_id"]


def test_a_move_is_seen_by_whole_texts_where_the_feed_shows_only_their_beginnings() -> None:
    log = CountingLog()
    way, old = intake(log), [article(number) for number in range(5)]
    way.publish("pti", old, Polled(old))
    found = [
        replace(one, guid=f"node/{one.guid}", url=f"{one.url}/new", title=f"{one.title} | N") for one in old
    ]
    teasers = [replace(one, text=one.text[:40]) for one in found]
    assert way.publish("pti", found, Polled(teasers)) == Taken(revised=5)


@pytest.mark.parametrize("trouble", ["fails", "loses_reply"])
def test_a_batch_that_was_not_taken_leaves_no_trace(trouble: str) -> None:
    log = CountingLog()
    way = intake(log)
    setattr(log, trouble, True)
    found = [article(number) for number in range(5)]
    with pytest.raises(LogUnavailableError):
        way.publish("pti", found)
    setattr(log, trouble, False)
    way.publish("pti", found)
    assert [event.data["title"] for event in log.events] == [one.title for one in found]


def test_the_intake_decides_on_what_the_log_holds() -> None:
    log = CountingLog()
    ours, theirs = intake(log), intake(log)
    assert ours.publish("pti", [article(1), article(1, title="Changed")]) == Taken(ingested=1, revised=1)
    assert theirs.publish("pti", [article(1, title="Changed"), article(2)]) == Taken(ingested=1, known=1)
    assert ours.publish("pti", [article(2)]) == Taken(known=1)
    assert len(log.events) == 3


def test_two_topics_do_not_know_each_others_articles() -> None:
    way = intake(CountingLog())
    assert way.publish("pti", [article(1)]).ingested == 1
    assert way.publish("other", [article(1)]).ingested == 1


class Overtaken(FastLog):
    """A log into which another process puts some of a batch between the look and the append."""

    def append(self, topic: str, events: list) -> None:
        if len(events) > 1:
            super().append(topic, events[1::2])
        super().append(topic, events)


def test_a_batch_of_which_another_process_was_faster_with_some_is_taken_in_once() -> None:
    log = Overtaken()
    found = [article(number) for number in range(10)]
    taken = intake(log).publish("pti", found)
    assert (taken.ingested, taken.known) == (5, 5)
    assert sorted(event.data["title"] for event in log.events) == sorted(one.title for one in found)


def publish_all(url: str, barrier: Barrier, shift: int) -> int:
    """In a process of its own: publish the same articles as others do, cut into other batches."""
    with connect(url) as client:
        way, new = intake(EventLog(client)), 0
        found = [article(number) for number in range(400)]
        barrier.wait(60)
        for start in range(0, 400, 80):
            some = found[max(0, start - shift) : start + 80]
            new += way.publish("pti", some, Polled(some)).ingested
        return new


@pytest.mark.drill
def test_processes_that_publish_the_same_articles_at_once_double_none_and_lose_none(
    embedded_server: EmbeddedServer, embedded_log: EventLog
) -> None:
    spawn = multiprocessing.get_context("spawn")
    manager = SyncManager(ctx=spawn)
    manager.start()
    try:
        barrier = manager.Barrier(2)
        with ProcessPoolExecutor(2, mp_context=spawn) as pool:
            counts = list(pool.map(publish_all, [embedded_server.url] * 2, [barrier] * 2, [0, 37]))
    finally:
        manager.shutdown()
    titles = [recorded.event.data["title"] for recorded in embedded_log.read_all("pti")]
    assert sorted(titles) == sorted(article(number).title for number in range(400))
    assert sum(counts) >= 400
    assert verify(embedded_log) == []


def removal_of(event: Event, topic: str) -> Event:
    article_id = event.data["article_id"]
    return Event.of(
        "article.removed",
        ArticleRemoved(article_id=article_id, reason="asked by the publisher"),
        id_=removal_id(article_id),
        topic=topic,
        at=NOW,
        cause=None,
        by="test",
    )


@pytest.mark.parametrize(
    "again",
    [article(1), article(1, source="other", guid="77", url="https://news.example/amp/77")],
    ids=["as it was", "from another feed of the outlet, elsewhere"],
)
def test_what_was_removed_from_one_topic_is_not_taken_in_by_another(
    fake_log: EventLog, again: ArticleFound
) -> None:
    both = Intake(fake_log, by="ingest/test", clock=lambda: NOW, topics=("pti", "rail"))
    both.publish("pti", [article(1)])
    [ingested] = fake_log.read_all("pti")
    fake_log.append("pti", [removal_of(ingested.event, "pti")])
    assert both.publish("rail", [again, article(2)]) == Taken(ingested=1, known=1)


def test_a_flood_is_told_by_all_that_a_poll_brings_also_where_it_comes_in_parts() -> None:
    """A site shows its archive as of today; its pages take several polls to read, or its poll is broken off."""
    since, later = NOW - timedelta(hours=1), NOW + timedelta(minutes=1)
    shown = [article(number, published_at=NOW - timedelta(seconds=number)) for number in range(60)]
    log = CountingLog()
    taking = intake(log)
    for start, seen in ((0, NOW), (20, NOW), (40, later), (55, later)):
        part = [replace(one, first_seen_at=seen) for one in shown[start : start + 20]]
        taking.publish("pti", part, Polled(shown, since))
    assert [event.data["history"] for event in log.events] == [True] * 60


def test_articles_that_a_restored_log_does_not_hold_are_taken_in_again(embedded_log: EventLog) -> None:
    desk = intake(embedded_log)
    for _ in range(2):
        desk.publish("pti", [article(1), article(2)])
    embedded_log._redis.flushall()  # restored from a backup that holds the first article only
    intake(embedded_log).publish("pti", [article(1)])
    assert desk.publish("pti", [article(1), article(2)]) == Taken(ingested=1, known=1)
    assert verify(embedded_log) == []

"""A flood of articles that are no news becomes history; news that gathered does not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from monitor.sources.intake import Intake, Polled
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.sources.newsroom import FastLog

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def article(number: int, published: datetime | None, seen: datetime = NOW) -> ArticleFound:
    return ArticleFound(
        url=f"https://news.example/{number}",
        outlet="News",
        source="news",
        title=f"Headline {number}",
        text=" ".join(f"{number}word{word}" for word in range(60)),
        language="en",
        published_at=published,
        precision=Precision.TIME if published else Precision.UNKNOWN,
        first_seen_at=seen,
        guid=f"guid-{number}",
    )


def taken_as_history(
    found: list[ArticleFound], since: datetime | None, a_day: float = 0.5
) -> tuple[int, int]:
    """How many of the articles were taken in as history, and how many as news, where a source used to bring few."""
    log = FastLog()
    intake = Intake(log, by="ingest/test", clock=lambda: NOW)
    for number in range(int(20 * a_day)):
        before = NOW - 22 * DAY + number * DAY / a_day
        intake.publish("pti", [article(10_000 + number, before, before)])
    here = len(log.events)
    polled = None if since is None else Polled(found, since)
    taken = intake.publish("pti", found, polled)
    history = sum(event.data["history"] for event in log.events[here:])
    assert taken.flooded == history
    assert taken.ingested == len(found)
    return history, len(found) - history


def each(count: int, published: Iterable[datetime | None]) -> list[ArticleFound]:
    return [article(number, moment) for number, moment in zip(range(count), published, strict=False)]


def spread(start: datetime, step: timedelta) -> Iterable[datetime]:
    while True:
        yield start
        start += step


OLD = NOW - 300 * DAY


@pytest.mark.parametrize(
    ("found", "since", "history"),
    [
        (each(30, spread(OLD, DAY / 2)), NOW - HOUR, 30),
        (each(30, [None] * 30), NOW - HOUR, 30),
        (each(30, [NOW - HOUR] * 30), NOW - 2 * HOUR, 30),
        (each(30, spread(NOW - HOUR, timedelta(seconds=20))), NOW - 2 * HOUR, 30),
        ([*each(28, spread(OLD, DAY / 2)), article(98, NOW - HOUR / 2), article(99, NOW)], NOW - HOUR, 28),
        (each(30, spread(OLD, DAY / 2)), NOW - 20 * DAY, 30),
    ],
    ids=[
        "an archive",
        "undated",
        "all of one minute",
        "one after the other",
        "with news",
        "after long silence",
    ],
)
def test_a_flood_becomes_history(found: list[ArticleFound], since: datetime, history: int) -> None:
    assert taken_as_history(found, since) == (history, len(found) - history)


@pytest.mark.parametrize(
    ("found", "since", "a_day"),
    [
        (each(10, spread(OLD, DAY / 2)), NOW - HOUR, 0.5),
        (each(12, spread(NOW - HOUR, 5 * timedelta(minutes=1))), NOW - HOUR, 0.5),
        (each(40, spread(NOW - 3 * DAY, HOUR)), NOW - 3 * DAY, 0.5),
        (each(40, [None] * 40), NOW - 3 * DAY, 10),
        (each(30, spread(OLD, DAY)), None, 0.5),
    ],
    ids=[
        "a few",
        "a busy hour",
        "after an outage",
        "undated after an outage",
        "by hand or for the first time",
    ],
)
def test_what_has_a_reason_stays_news(
    found: list[ArticleFound], since: datetime | None, a_day: float
) -> None:
    assert taken_as_history(found, since, a_day) == (0, len(found))


def test_some_old_articles_among_many_known_ones_are_no_flood() -> None:
    log = FastLog()
    intake = Intake(log, by="ingest/test", clock=lambda: NOW)
    known = [article(number, NOW - number * HOUR, NOW - 2 * HOUR) for number in range(40)]
    intake.publish("pti", known)
    late = [article(number, NOW - 100 * DAY) for number in range(100, 112)]
    assert intake.publish("pti", late, Polled([*known, *late], NOW - HOUR)).flooded == 0
    assert intake.publish("pti", late, Polled([*known, *late], NOW - HOUR)).known == 12

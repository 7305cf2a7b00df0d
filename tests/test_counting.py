"""Who does the work counts it, each thing once and under its kind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import metrics
from monitor.errors import LogConflictError, LogUnavailableError, SourceError
from monitor.ids import fact_id
from monitor.log.events import Event, StatusWithdrawn
from monitor.log.stream import EventLog
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service
from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Fetched, Validators
from monitor.sources.intake import Intake, Polled, Taken
from monitor.sources.model import ArticleFound
from monitor.sources.poll import Poller
from monitor.topics import load_topics
from monitor.vocabulary import Status
from tests.service.test_service_reader import ARTICLES, article

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def numbers() -> dict[tuple[str, ...], float]:
    """(name, values of the labels) -> what this process has counted by now."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in metrics.COUNTED.collect()
        for sample in family.samples
    }


@contextmanager
def counted() -> Iterator[dict[tuple[str, ...], float]]:
    """What is counted within, of `parley_*_total` and `_count`."""
    before, found = numbers(), dict[tuple[str, ...], float]()
    yield found
    for key, value in numbers().items():
        if (
            key[0].endswith(("_total", "_count"))
            and key[0].startswith("parley_")
            and value != before.get(key, 0)
        ):
            found[key] = value - before.get(key, 0)


def test_articles_and_what_was_there_before(fake_log: EventLog) -> None:
    text = (
        "The federal government has offered the PTI fresh talks, and wants them to begin before the summer. "
        * 9
    )
    first = article(11, "Government offers talks", text)
    copy = article(12, "PTI is offered talks by government", text)
    intake = Intake(fake_log, by="test", clock=lambda: NOW)
    with counted() as found:
        intake.publish("pti", [first, ARTICLES[0]])
        intake.publish("pti", [first, copy])
    assert found == {
        ("parley_articles_ingested_total",): 3,
        ("parley_duplicates_total", "known"): 1,
        ("parley_duplicates_total", "copy"): 1,
    }


class Feed:
    """Serves one feed; then it has not changed, then nobody answers; then there is more in it."""

    def __init__(self) -> None:
        self.answers: list[Callable[[str], Fetched]] = [self._new, self._same, self._gone, self._more]

    def get(self, url: str, *_: object, **__: object) -> Fetched:
        return self.answers.pop(0)(url)

    def _new(self, url: str, number: int = 1) -> Fetched:
        title = "PTI, government hold talks"
        item = f"<item><guid>{number}</guid><title>{title}</title><description>Words</description></item>"
        body = f'<rss version="2.0"><channel><title>Post</title>{item}</channel></rss>'.encode()
        return Fetched(url, body, "application/rss+xml", Validators())

    def _more(self, url: str) -> Fetched:
        return self._new(url, 2)

    def _same(self, url: str) -> Fetched:
        return Fetched(url, b"", "", Validators(), not_modified=True)

    def _gone(self, url: str) -> Fetched:
        raise SourceError("connection", f"{url}: nobody answers")


def test_polls_by_what_came_of_them(tmp_path: Path) -> None:
    engine = open_service(Store(tmp_path))
    now = [NOW]

    def publish(topic: str, found: Sequence[ArticleFound], polled: Polled) -> Taken:
        if found[0].guid == "2":
            raise LogUnavailableError("Redis does not answer")
        return Taken()

    feed = SourceConfig(id="post", url="https://post.example/feed", topics=("pti",))
    poller = Poller(engine, [feed], load_topics(), Feed(), publish, lambda: now[0])
    with counted() as found:
        for _ in range(4):
            poller.poll_due()
            now[0] += timedelta(days=2)
    engine.dispose()
    assert found == {
        **{
            ("parley_feed_polls_total", outcome): 1
            for outcome in ("changed", "unchanged", "failed", "not_stored")
        },
        ("parley_feed_fetch_seconds_count",): 4,
    }


def test_a_decision_that_comes_second(fake_log: EventLog) -> None:
    def decision(number: int) -> Event:
        data = StatusWithdrawn(
            shift_id=fact_id("shift", number), channel="pay", to_status=Status.REJECTED, reason="test"
        )
        id_ = fact_id("decision", number)
        return Event.of("status.withdrawn", data, id_=id_, topic="docks", at=NOW, cause=None, by="test")

    with counted() as found:
        fake_log.append("docks", [decision(1)], expected_decisions=0)
        with pytest.raises(LogConflictError):
            fake_log.append("docks", [decision(2)], expected_decisions=0)
    assert found == {("parley_append_conflicts_total",): 1}


def test_the_last_success_of_a_consumer_is_that_of_its_slowest_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "_succeeded", {})
    metrics.succeeded("watch docks", NOW)
    metrics.succeeded("watch rails", NOW + timedelta(seconds=9))
    metrics.succeeded("notify", NOW + timedelta(seconds=5))
    metrics.succeeded("ingest", NOW)
    name = "parley_consumer_last_success_timestamp_seconds"
    last = {key[1]: value - NOW.timestamp() for key, value in numbers().items() if key[0] == name}
    assert last == {"read_model": 0, "reaction": 0, "queue": 5}

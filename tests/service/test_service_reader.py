"""The topic's reader: what it appends does not depend on when it looks, who else looks, or what it stumbles over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from monitor.alerts.operators import follow_sources
from monitor.errors import DataLostError
from monitor.ids import fact_id
from monitor.log.events import SYSTEM_TOPIC, AlertAcknowledged, Detector, Event, SourceHealth
from monitor.log.keys import key
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.projector import Projector
from monitor.readmodel.rebuild import rebuild
from monitor.readmodel.store import Store
from monitor.service import claims as claims_module
from monitor.service.loss import accept_loss
from monitor.service.reader import TopicReader
from monitor.service.wiring import open_service
from monitor.sources.intake import Intake
from monitor.sources.model import ArticleFound
from monitor.topics import load_topics
from monitor.vocabulary import Precision

PTI = load_topics()["pti"]
DAY = datetime(2025, 6, 10, 9, tzinfo=UTC)


def article(number: int, title: str, text: str, *, outlet: str = "", days: int = 0) -> ArticleFound:
    at = DAY + timedelta(days=days, minutes=number)
    return ArticleFound(
        url=f"https://news.example/{number}",
        outlet=outlet or f"Outlet {number}",
        source="feed",
        title=title,
        text=text,
        language="en",
        published_at=at,
        precision=Precision.TIME,
        first_seen_at=at,
    )


ARTICLES = [
    article(1, "PTI, government hold talks", "The PTI and the federal government held talks in Islamabad."),
    article(
        2,
        "PTI and govt meet again",
        "Teams of the PTI and the federal government are in talks, Gohar said.",
        days=1,
    ),
    article(
        3, "PTI ends talks with govt", "The PTI has called off its talks with the federal government.", days=8
    ),
    article(
        4, "Government offers PTI talks", "The federal government has offered the PTI fresh talks.", days=12
    ),
]


class Desk:
    """A reader of one topic with a data folder of its own."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        self.log = log
        self.model = ReadModel(folder)
        self.service: Engine = open_service(Store(folder))
        self.intake = Intake(log, by="test", clock=self.now)
        self.open()

    def now(self) -> datetime:
        return DAY + timedelta(days=30)

    def open(self) -> None:
        self.reader = TopicReader(self.log, PTI, Projector(self.model, PTI), self.service, self.now)
        self.reader.start()

    def take(self, found: Sequence[ArticleFound]) -> None:
        self.intake.publish("pti", found)

    def ids(self) -> list[str]:
        return sorted(recorded.event.id for recorded in self.log.read_all("pti"))

    def types(self) -> list[str]:
        return [recorded.event.type for recorded in self.log.read_all("pti")]


@pytest.fixture
def desk(fake_log: EventLog, tmp_path: Path) -> Desk:
    return Desk(fake_log, tmp_path / "data")


def fresh_log() -> EventLog:
    import fakeredis

    return EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))


def test_each_article_is_read_once_and_leads_to_shifts_and_alerts(desk: Desk) -> None:
    desk.take(ARTICLES)
    assert desk.reader.work() > len(ARTICLES)
    assert desk.reader.work() == 0
    types = desk.types()
    assert types.count("claims.detected") == len(ARTICLES)
    assert types.count("status.shifted") == types.count("alert.raised") + types.count("alert.suppressed") == 3
    assert verify(desk.log) == []
    status = queries.status(desk.model, "pti", now=DAY + timedelta(days=13))
    assert status.status == "proposed"


@pytest.mark.parametrize("split", [1, 2, 3])
def test_the_same_news_leads_to_the_same_events_however_ingest_and_watch_alternate(
    tmp_path: Path, split: int
) -> None:
    whole, parts = Desk(fresh_log(), tmp_path / "whole"), Desk(fresh_log(), tmp_path / "parts")
    whole.take(ARTICLES)
    whole.reader.work()
    for begin in range(0, len(ARTICLES), split):
        parts.take(ARTICLES[begin : begin + split])
        parts.reader.work()
    assert whole.ids() == parts.ids()


def test_a_reader_that_starts_again_at_any_point_appends_nothing_new(tmp_path: Path) -> None:
    desk = Desk(fresh_log(), tmp_path / "data")
    for found in ARTICLES:
        desk.take([found])
        desk.open()
        desk.reader.work()
    before = desk.ids()
    desk.open()
    desk.reader.work()
    assert desk.ids() == before


def test_what_a_person_says_of_alerts_is_no_decision_of_another_reader(desk: Desk) -> None:
    """Else the reader would pass over what it was about to decide."""
    desk.take(ARTICLES[:2])
    desk.reader.work()
    raised = next(one.event for one in desk.log.read_all("pti") if one.event.type.startswith("alert."))
    desk.take(ARTICLES[2:3])
    known = AlertAcknowledged(alert_id=raised.data["alert_id"], operator_id="op")
    event = Event.of(
        "alert.acknowledged", known, id_=fact_id("known"), topic="pti", at=DAY, cause=raised.id, by="test"
    )
    desk.log.append("pti", [event])
    desk.reader.work()
    assert desk.types().count("status.shifted") == 2
    assert verify(desk.log) == []


def test_two_readers_at_once_are_harmless(fake_log: EventLog, tmp_path: Path) -> None:
    one, other = Desk(fake_log, tmp_path / "one"), Desk(fake_log, tmp_path / "other")
    alone = Desk(fresh_log(), tmp_path / "alone")
    for found in ARTICLES:
        one.take([found])
        alone.take([found])
        for desk in (one, other, alone):
            desk.reader.work()
    for desk in (one, other):
        desk.reader.work()
    assert one.ids() == alone.ids()
    assert queries.timeline(one.model, "pti") == queries.timeline(other.model, "pti")


@pytest.mark.parametrize("batches", [1, 4])
def test_a_new_data_folder_on_an_old_log_repeats_nothing(tmp_path: Path, batches: int) -> None:
    old = Desk(fresh_log(), tmp_path / "old")
    for begin in range(0, len(ARTICLES), len(ARTICLES) // batches):
        old.take(ARTICLES[begin : begin + len(ARTICLES) // batches])
        old.reader.work()
    before = old.ids()
    new = Desk(old.log, tmp_path / "new")
    new.reader.work()
    assert new.ids() == before
    assert queries.timeline(new.model, "pti") == queries.timeline(old.model, "pti")
    assert queries.alerts(new.model, "pti") == queries.alerts(old.model, "pti")


@pytest.mark.parametrize("lost", ["data folder", "service.sqlite"])
def test_a_new_detector_alone_reads_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Not even when how far was reacted is forgotten: reading again is a person's decision (`parley redetect`)."""
    old = Desk(fresh_log(), tmp_path / "old")
    old.take(ARTICLES)
    old.reader.work()
    before = old.ids()
    monkeypatch.setattr(claims_module, "DETECTOR", Detector(name="parley", version="next"))
    if lost == "service.sqlite":
        old.service = open_service(Store(tmp_path / "another"))
        old.open()
    new = old if lost == "service.sqlite" else Desk(old.log, tmp_path / "new")
    new.reader.work()
    assert new.ids() == before
    new.take(
        [article(5, "PTI walks out", "The PTI walked out of talks with the federal government.", days=13)]
    )
    new.reader.work()
    assert new.types().count("claims.detected") == len(ARTICLES) + 1


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_a_reader_that_lags_behind_another_withdraws_nothing(
    fake_log: EventLog, tmp_path: Path, lag: int
) -> None:
    ahead, behind = Desk(fake_log, tmp_path / "ahead"), Desk(fake_log, tmp_path / "behind")
    for number, found in enumerate(ARTICLES):
        ahead.take([found])
        ahead.reader.work()
        if number % lag == 0:
            behind.reader.work()
    before = ahead.ids()
    behind.reader.work()
    assert behind.ids() == before
    assert "status.withdrawn" not in ahead.types()


def test_an_entry_that_is_no_event_is_parked_and_passed_over(desk: Desk) -> None:
    desk.take(ARTICLES[:1])
    desk.reader.work()
    desk.log._redis.xadd(key("pti", "log"), {b"event": b'{"id": "0"}'})
    desk.take(ARTICLES[1:])
    desk.reader.work()
    assert queries.freshness(desk.model, "pti").dead_letters == 1
    assert queries.status(desk.model, "pti", now=DAY).status == "proposed"
    desk.open()
    assert desk.reader.work() == 0


def test_a_defect_of_the_detector_is_recorded_and_the_topic_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = claims_module.detect

    def detect(document: Any, topic: Any, article_id: str) -> Any:
        if "meet again" in document.title:
            raise ZeroDivisionError("a defect")
        return real(document, topic, article_id)

    monkeypatch.setattr(claims_module, "detect", detect)
    desk.take(ARTICLES)
    desk.reader.work()
    assert desk.types().count("claims.failed") == 1
    assert desk.types().count("claims.detected") == len(ARTICLES) - 1
    (failed,) = [one.event for one in desk.log.read_all("pti") if one.event.type == "claims.failed"]
    assert failed.data["error"] == "ZeroDivisionError: a defect"
    assert "a defect" in caplog.text


def test_an_article_in_a_language_that_the_topic_does_not_read_is_kept_and_has_no_claims(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text is English, so that without the article's own word for it claims would be found."""
    monkeypatch.setattr("monitor.sources.intake.with_language", lambda found: found)
    caplog.set_level("INFO")
    desk.take([replace(ARTICLES[0], language="ur"), *ARTICLES[1:]])
    desk.reader.work()
    assert desk.types().count("claims.detected") == len(ARTICLES)
    events = [one.event for one in desk.log.read_all("pti")]
    (kept,) = [one for one in events if one.type == "article.ingested" and one.data["language"] == "ur"]
    claims = {
        one.data["article_event"]: one.data["claims"] for one in events if one.type == "claims.detected"
    }
    assert [event for event, found in claims.items() if not found] == [kept.id]
    assert "its language is 'ur', and topic 'pti' reads only en" in caplog.text


@pytest.mark.parametrize(
    ("language", "is_read"),
    [("en", True), ("EN-gb", True), ("", True), ("English", True), ("ur", False), ("fr-FR", False)],
)
def test_only_a_known_other_language_keeps_a_text_from_being_read(language: str, is_read: bool) -> None:
    assert (not PTI.unread_because(language)) is is_read


def test_a_revised_article_replaces_what_it_said_before(desk: Desk) -> None:
    desk.take(ARTICLES[:1])
    desk.reader.work()
    changed = replace(
        ARTICLES[0], title="PTI refuses talks", text="The PTI refused talks with the government."
    )
    desk.take([changed])
    desk.reader.work()
    assert queries.status(desk.model, "pti", now=DAY).status == "rejected"
    assert "status.withdrawn" in desk.types()


def test_data_that_was_lost_is_noticed_while_the_reader_runs(desk: Desk, tmp_path: Path) -> None:
    desk.take(ARTICLES)
    desk.reader.work()
    desk.log._redis.flushall()
    desk.take(ARTICLES[:1])
    with pytest.raises(DataLostError, match="--accept-loss"):
        desk.reader.work()
    assert accept_loss(desk.service, desk.log, ["pti"]) == ["pti"]
    assert accept_loss(desk.service, desk.log, ["pti"]) == []
    rebuild(ReadModel(tmp_path / "data"), desk.log, [PTI])
    desk.open()
    desk.take(ARTICLES[1:])
    desk.reader.work()
    assert queries.status(desk.model, "pti", now=DAY).status == "proposed"


def test_a_loss_is_accepted_for_the_log_that_belongs_to_no_topic_too(desk: Desk) -> None:
    def health(source: str) -> None:
        data = SourceHealth(source=source, since=DAY, reason="timeout: too slow")
        id_ = fact_id("source", source)
        event = Event.of("source.failing", data, id_=id_, topic=SYSTEM_TOPIC, at=DAY, cause=None, by="test")
        desk.log.append(SYSTEM_TOPIC, [event])

    def told() -> int:
        return follow_sources(
            desk.service, desk.log, "https://parley.example", lambda: DAY.replace(year=2999)
        )

    health("a")
    told()
    desk.log._redis.flushall()
    health("b")
    with pytest.raises(DataLostError):
        told()
    assert accept_loss(desk.service, desk.log, ["pti"]) == [SYSTEM_TOPIC]
    assert told() == 0

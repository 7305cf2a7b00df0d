"""Replay and redetection on a log in memory: what counts as read, what is left to others, what two do at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.ids import fact_id
from monitor.log.events import ArticleRemoved, ClaimJudged, Event
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service import redetection
from monitor.service.redetection import Redetected, redetect
from monitor.service.replay import Replayed, replay
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import Parley, open_service
from monitor.sources.intake import Intake
from monitor.sources.model import ArticleFound
from monitor.topics import load_topics
from monitor.vocabulary import WITHHELD, Precision
from tests.integration.learned import learn

PTI = load_topics()["pti"]
DAY = datetime(2025, 6, 10, 9, tzinfo=UTC)
HELD = "The PTI and the federal government held talks in Islamabad."
PALAVER = "The PTI has rejected a palaver with the federal government."
RUMOUR = "Rumour has it that the PTI has called off its talks with the government."
DOOMED = "The doomed PTI and the federal government held talks."


def article(number: int, text: str, *, days: int = 0) -> ArticleFound:
    at = DAY + timedelta(days=days, minutes=number)
    return ArticleFound(
        url=f"https://news.example/{number}",
        outlet=f"Outlet {number}",
        source="feed",
        title="PTI and the government",
        text=text,
        language="en",
        published_at=at,
        precision=Precision.TIME,
        first_seen_at=at,
    )


class Newsroom:
    """A topic's log with a service that reads it when told to."""

    def __init__(self, log: EventLog, folder: Path) -> None:
        settings = Settings(data=folder, topics=("pti",), seeds=False)
        self.now = DAY
        self.log = log
        self.parley = Parley(
            settings, {"pti": PTI}, log, ReadModel(folder), open_service(Store(folder)), lambda: self.now
        )
        self.watch = watches(self.parley)[0]
        self.intake = Intake(log, by="test", clock=self.parley.clock)

    def publish(self, *found: ArticleFound, read: bool = True) -> None:
        for one in found:
            self.now = one.first_seen_at
            self.intake.publish("pti", [one])
            if read:
                self.watch.tick()

    def append(self, type_: str, data: ArticleRemoved | ClaimJudged) -> None:
        event = Event.of(
            type_, data, id_=fact_id(type_, str(data)), topic="pti", at=self.now, cause=None, by="test"
        )
        self.log.append("pti", [event])
        self.watch.tick()

    def redetect(self, reading: Callable[[int], redetection.Reading] | None = None) -> Redetected:
        with learn():
            more = {"reading": reading} if reading else {}
            return redetect(self.parley, PTI, by_another=False, **more)

    def replay(self) -> Replayed:
        with learn():
            return replay(self.log, PTI)

    def events(self, type_: str = "") -> list[Event]:
        recorded = self.log.read_all("pti")
        return [one.event for one in recorded if one.event.type.startswith(type_)]

    def ids(self) -> list[str]:
        return [event.id for event in self.events()]


@pytest.fixture
def newsroom(fake_log: EventLog, tmp_path: Path) -> Newsroom:
    return Newsroom(fake_log, tmp_path / "data")


def test_only_the_present_text_of_articles_that_are_there_is_read_again(newsroom: Newsroom) -> None:
    first, second = article(1, HELD), article(2, PALAVER)
    newsroom.publish(first, second, article(3, RUMOUR, days=1))
    newsroom.publish(replace(first, text=HELD.replace("Islamabad", "Lahore")))
    removed = newsroom.events("article.ingested")[2].data["article_id"]
    newsroom.append("article.removed", ArticleRemoved(article_id=removed, reason="test"))
    assert newsroom.redetect().read == 2
    again = [event.data["article_event"] for event in newsroom.events("claims.detected")[4:]]
    texts = {event.id: event.data["text"] for event in newsroom.events("article.") if "text" in event.data}
    assert [texts[id_] for id_ in again] == [PALAVER, HELD.replace("Islamabad", "Lahore")]
    assert verify(newsroom.log) == []


def test_what_a_removed_article_said_stays_as_it_was_last_read_and_is_shown_by_nobody(
    newsroom: Newsroom,
) -> None:
    newsroom.publish(article(1, HELD), article(2, PALAVER), article(3, RUMOUR, days=1))
    removed = newsroom.events("article.ingested")[2].data["article_id"]
    newsroom.append("article.removed", ArticleRemoved(article_id=removed, reason="asked by its outlet"))
    found = newsroom.replay()
    assert {record.article_id for record in found.claims.lost} == set()
    assert {record.claim.span.text for record in found.now.standing.values()} >= {WITHHELD}
    assert "Rumour" not in str(found.told.records) + str(found.now.records)
    newsroom.redetect()
    again = newsroom.replay()
    assert (again.claims.gained, again.claims.lost, again.shifts.differing) == ((), (), ())


def test_what_a_removed_article_said_stays_though_a_detector_has_failed_on_it_since(
    newsroom: Newsroom,
) -> None:
    newsroom.publish(article(1, DOOMED), article(2, PALAVER))
    assert newsroom.redetect().failed == 1
    removed = newsroom.events("article.ingested")[0].data["article_id"]
    newsroom.append("article.removed", ArticleRemoved(article_id=removed, reason="asked by its outlet"))
    found = newsroom.replay()
    assert (found.claims.lost, found.failures) == ((), ())


def test_of_a_removed_article_on_which_the_detector_failed_only_the_kind_of_failure_is_told(
    newsroom: Newsroom,
) -> None:
    with learn():
        newsroom.publish(article(1, DOOMED), article(2, PALAVER))
    removed = newsroom.events("article.ingested")[0].data["article_id"]
    newsroom.append("article.removed", ArticleRemoved(article_id=removed, reason="asked by its outlet"))
    assert [failed.error for failed in newsroom.replay().failures] == ["ValueError"]


def test_what_nobody_has_read_yet_is_the_readers_and_news_as_ever(newsroom: Newsroom) -> None:
    newsroom.publish(article(1, HELD))
    newsroom.publish(article(2, PALAVER, days=20), read=False)
    found = newsroom.replay()
    assert (found.unread, found.shifts.differing) == (1, ())
    assert newsroom.redetect().read == 1
    told = newsroom.events("alert.")[-1]
    assert (told.type, told.data["to"]) == ("alert.raised", "rejected")


def test_a_claim_that_a_person_dismissed_is_not_gained(newsroom: Newsroom) -> None:
    newsroom.publish(article(1, HELD))
    (claim,) = newsroom.events("claims.detected")[0].data["claims"]
    newsroom.append("claim.dismissed", ClaimJudged(claim_id=claim["id"], operator_id="op", why="test"))
    assert newsroom.replay().claims.gained == newsroom.redetect().claims.gained == ()
    assert newsroom.events("status.")[-1].type == "status.withdrawn"


def test_an_article_on_which_the_new_detector_fails_keeps_what_it_had_and_is_not_tried_again(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    newsroom.publish(article(1, HELD), article(2, DOOMED), article(3, PALAVER, days=20))
    assert [failed.error for failed in newsroom.replay().failures] == [
        "ValueError: a defect of the new detector"
    ]
    found = newsroom.redetect()
    assert (found.read, found.failed, len(found.claims.lost)) == (3, 1, 0)
    assert [event.type for event in found.decided if event.type.startswith("status.")] == ["status.shifted"]
    before = newsroom.ids()
    assert (newsroom.redetect().read, newsroom.ids()) == (0, before)
    assert "a defect" in caplog.text


def test_all_that_is_read_again_is_known_from_one_moment_on(newsroom: Newsroom) -> None:
    newsroom.publish(article(1, HELD), article(2, PALAVER))
    newsroom.now = DAY + timedelta(days=50)
    newsroom.redetect()
    assert {event.recorded_at for event in newsroom.events("claims.detected")[2:]} == {newsroom.now}


@pytest.mark.parametrize("page", [1, 2, 500])
def test_two_who_read_again_at_once_append_it_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """The second folds the log, then the first does it all, in other pages."""
    newsroom.publish(
        *(article(number, HELD, days=number) for number in range(3)), article(4, PALAVER, days=20)
    )
    first: list[str] = []

    @contextmanager
    def meanwhile(_: int) -> Iterator[Callable[[], None]]:
        monkeypatch.setattr(redetection, "PAGE", page)
        newsroom.redetect()
        first.extend(newsroom.ids())
        yield lambda: None
        monkeypatch.setattr(redetection, "PAGE", 3)

    newsroom.redetect(meanwhile)
    assert newsroom.ids() == first


def test_one_who_takes_up_what_another_has_half_done_appends_the_rest(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.publish(*(article(number, HELD, days=number) for number in range(4)))
    append = newsroom.log.append

    def full(topic: str, events: list[Event], **more: int) -> object:
        if len(newsroom.events("claims.detected")) == 6:
            raise OSError("the disk is full")
        return append(topic, events, **more)

    monkeypatch.setattr(redetection, "PAGE", 2)
    with monkeypatch.context() as patch:
        patch.setattr(newsroom.log, "append", full)
        with pytest.raises(OSError, match="full"):
            newsroom.redetect()
    assert newsroom.redetect().read == 2
    assert len(newsroom.events("claims.detected")) == 8


def test_a_replay_tells_which_alerts_would_have_been_raised_and_which_held_back(newsroom: Newsroom) -> None:
    newsroom.publish(article(1, RUMOUR), article(2, PALAVER, days=20))
    found = newsroom.replay()
    (appeared,) = (one for one in found.shifts.differing if one.kind == "appeared")
    assert appeared.now is not None
    assert appeared.now.alert == "raised"
    late = article(3, "On June 2, the PTI and the federal government held a palaver.")
    newsroom.publish(replace(late, first_seen_at=DAY + timedelta(days=40), published_at=DAY))
    found = newsroom.replay()
    (old,) = (one for one in found.shifts.differing if one.segment and one.segment.status == "underway")
    assert old.now is not None
    assert (old.now.alert, found.held_back[old.now.change.shift_id]) == ("suppressed", "late")


def test_a_shift_that_moves_less_than_is_worth_telling_has_moved_all_the_same(newsroom: Newsroom) -> None:
    palaver = "The PTI and the federal government held a palaver in Islamabad."
    newsroom.publish(article(1, palaver), article(2, HELD, days=2))
    (moved,) = newsroom.replay().shifts.differing
    assert (moved.kind, "start" in moved.differs) == ("moved", True)


def test_after_the_topic_changed_its_articles_are_read_again_too(newsroom: Newsroom) -> None:
    newsroom.publish(article(1, HELD))
    other = PTI.model_copy(update={"late_after_days": 3})
    parley = replace(newsroom.parley, topics={"pti": other})
    assert redetect(parley, other, by_another=False).read == 1
    assert redetect(parley, other, by_another=False).read == 0
    assert redetect(newsroom.parley, PTI, by_another=False).read == 1

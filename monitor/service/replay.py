"""What would have been announced, had the detector and the rules of today read the log from its beginning?

The log is read and nothing is written, so this works beside a service that runs. Two states are folded side by side:
one from all of the log, as it was told; one from its articles and corrections alone, with the claims and the decisions
that today's code makes of them, each where the log has the article's first reading. What nobody has read yet counts in
neither. An article that was removed is read no more: what was last read there stands in both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor import __version__
from monitor.log.events import ClaimsFailed, Event, data_of
from monitor.log.stream import EventLog, Recorded, pass_over
from monitor.readmodel.projector import fold
from monitor.service.claims import ARTICLES, READINGS, claims_of, present_reader
from monitor.status.article import ReadBy
from monitor.status.decide import DECIDED_AFTER, decide
from monitor.status.difference import ClaimsDifference, ShiftsDifference, claims_between, shifts_between
from monitor.status.state import TopicState
from monitor.status.withhold import kind_of_failure
from monitor.topics import Topic

BY = f"replay/{__version__}"


@dataclass(frozen=True)
class Replayed:
    """What differs, and the two states that differ."""

    reader: ReadBy
    told: TopicState
    now: TopicState
    failures: tuple[ClaimsFailed, ...]
    """The articles, as they stand now, on which today's detector fails."""
    unread: int
    """Articles that nobody has read yet."""
    read_by: dict[str, int]
    """Detector version -> how many articles it read last."""
    claims: ClaimsDifference
    shifts: ShiftsDifference
    held_back: dict[str, str]
    """Shift -> why its alert was held back, or would have been."""


def replay(log: EventLog, topic: Topic, passed: Callable[[], None] = lambda: None) -> Replayed:
    """Read the topic's whole log as today's code does, and compare; `passed` is called after each event.

    Raises:
        LogUnavailableError: Redis does not answer.
    """
    told = TopicState(topic)
    held_back: dict[str, str] = {}
    places: dict[str, str] = {}
    for recorded in log.read_all(topic.id, corrupt=pass_over):
        fold(told, recorded)
        _note(held_back, recorded.event)
        _note_place(places, recorded)
    again = _Again(topic, _last_readings(log, told, places))
    for recorded in log.read_all(topic.id, corrupt=pass_over):
        again.take(recorded.event)
        passed()
    now = again.state
    read = [article for article in told.articles.values() if article.read_by]
    versions = [article.read_by.detector for article in read if article.read_by]
    return Replayed(
        reader=present_reader(topic),
        told=told,
        now=now,
        failures=again.failures,
        unread=len(told.articles) - len(read),
        read_by={version: versions.count(version) for version in sorted(set(versions))},
        claims=claims_between(told.standing, now.standing),
        shifts=shifts_between(told, now),
        held_back=held_back | again.held_back,
    )


def _note_place(places: dict[str, str], recorded: Recorded) -> None:
    """Article event -> where its claims stand; its failure, as long as there are none: that takes back no claims."""
    event = recorded.event
    if event.type == "claims.detected":
        places[event.data["article_event"]] = recorded.position
    elif event.type == "claims.failed":
        places.setdefault(event.data["article_event"], recorded.position)


def _last_readings(log: EventLog, told: TopicState, places: Mapping[str, str]) -> dict[str, Event]:
    """Article event -> what was last read there, of the articles that were removed."""
    removed = (article.event for article in told.articles.values() if article.removed)
    found = {article: log.get(told.topic.id, places[article]) for article in removed if article in places}
    return {article: reading.event for article, reading in found.items() if reading is not None}


class _Again:
    """A topic's log as today's code reads it, but for articles whose `readings` are given, by article event."""

    def __init__(self, topic: Topic, readings: Mapping[str, Event]) -> None:
        self.state = TopicState(topic)
        self._readings = readings
        self.held_back: dict[str, str] = {}
        self._topic = topic
        self._unread: dict[str, Event] = {}
        self._failures: dict[str, ClaimsFailed] = {}

    @property
    def failures(self) -> tuple[ClaimsFailed, ...]:
        articles = self.state.articles.values()
        found = [(self._failures.get(article.event), article.removed) for article in articles]
        return tuple(_without_words(failed) if removed else failed for failed, removed in found if failed)

    def take(self, event: Event) -> None:
        """Go one event on. A reading is made where the log has the article's first one, whoever made that."""
        if event.type in ARTICLES:
            self._unread[event.id] = event
            self.state.apply(event)
        elif event.type in READINGS:
            article = self._unread.pop(event.data["article_event"], None)
            if article is not None:
                given = self._readings.get(article.id)
                at = event.recorded_at
                self._read(
                    given.model_copy(update={"recorded_at": at})
                    if given
                    else claims_of(article, self._topic, at, by=BY)
                )
        elif event.type in DECIDED_AFTER:
            self._decide_on(event)
        elif event.type.startswith("silence."):
            self.state.apply(event)

    def _read(self, claims: Event) -> None:
        if claims.type == "claims.failed":
            failed = data_of(claims, ClaimsFailed)
            self._failures[failed.article_event] = failed
        self._decide_on(claims)

    def _decide_on(self, cause: Event) -> None:
        self.state.apply(cause)
        for event in decide(self.state, cause, at=cause.recorded_at, by=BY):
            self.state.apply(event)
            _note(self.held_back, event)


def _note(held_back: dict[str, str], event: Event) -> None:
    if event.type == "alert.suppressed":
        held_back[event.data["shift_id"]] = event.data["reason"]


def _without_words(failed: ClaimsFailed) -> ClaimsFailed:
    return failed.model_copy(update={"error": kind_of_failure(failed.error)})

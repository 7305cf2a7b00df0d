"""The detector of today reads again what another one read: its claims supersede the older ones.

    fold the log; which current articles were read by another detector, or with another topic?
    read them all                                      (nothing is written yet; this takes the time)
    append their claims, failures first                (id: article event + detector + topic)
    have the reader decide, once, after the last       (`monitor.status.decide`)

Dying anywhere, or doing it twice, changes nothing: what was read by today's detector is not read again, and what is
missing is appended in the same order. Failures come first because only claims are decided on.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from monitor import __version__
from monitor.errors import PartialDuplicateError
from monitor.ids import claims_event_id, fact_id
from monitor.log.events import Event
from monitor.log.stream import START, EventLog, order, pass_over
from monitor.readmodel.projector import fold
from monitor.service.claims import ARTICLES, claims_of, present_reader
from monitor.service.once import have_read
from monitor.service.wiring import Parley
from monitor.status.article import ArticleState, ReadBy
from monitor.status.difference import ClaimsDifference, claims_between
from monitor.status.state import TopicState
from monitor.topics import Topic

BY = f"redetect/{__version__}"
PAGE = 500
"""Claims events that are appended at once."""

Reading = AbstractContextManager[Callable[[], None]]


def _in_silence(_: int) -> Reading:
    return nullcontext(lambda: None)


@dataclass(frozen=True)
class Redetected:
    """What was read again, and what came of it."""

    reader: ReadBy
    read: int
    """Articles that were read again now, failures too."""
    failed: int
    known: int
    """Articles that today's detector had read before."""
    claims: ClaimsDifference
    decided: tuple[Event, ...]
    """The `status.*` and `alert.*` events that followed, in their order."""


class _Fold:
    """The topic's log up to `position`: its state, and where its articles stand."""

    def __init__(self, log: EventLog, topic: Topic) -> None:
        self.state = TopicState(topic)
        self.position = START
        self.places: dict[str, str] = {}
        for recorded in log.read_all(topic.id, corrupt=pass_over):
            fold(self.state, recorded)
            self.position = recorded.position
            if recorded.event.type in ARTICLES:
                self.places[recorded.event.id] = recorded.position


def to_read_again(state: TopicState, reader: ReadBy) -> list[ArticleState]:
    """The articles whose present text was read, but not by this reader; what nobody has read is left to the reader.

    What was removed is read no more: that would put its words into the log anew.
    """
    return [
        article
        for article in state.articles.values()
        if article.read_by not in {None, reader} and not article.removed
    ]


def redetect(
    parley: Parley, topic: Topic, *, by_another: bool, reading: Callable[[int], Reading] = _in_silence
) -> Redetected:
    """Read again what another detector read, append its claims, and have them decided on.

    Args:
        parley: what to work with; it must watch the topic.
        topic: the topic.
        by_another: whether a service runs that reads the logs.
        reading: gets the number of articles to read again; what it gives is entered for as long as that takes, and what
            that gives is called after each.

    Raises:
        LogError: the log did not take it; doing it again goes on.
        ParleyError: the service that runs did not go on reading.
    """
    log, reader = parley.log, present_reader(topic)
    folded = _Fold(log, topic)
    state, before = folded.state, folded.state.standing
    articles = to_read_again(state, reader)
    known = sum(article.read_by == reader for article in state.articles.values())
    with reading(len(articles)) as passed:
        found = _read_again(parley, topic, folded, articles, passed)
    _append(log, topic, found)
    for event in found:
        state.apply(event)
    have_read(parley, by_another=by_another)
    return Redetected(
        reader=reader,
        read=len(found),
        failed=sum(event.type == "claims.failed" for event in found),
        known=known,
        claims=claims_between(before, state.standing),
        decided=_decided(log, topic, folded),
    )


def _read_again(
    parley: Parley, topic: Topic, folded: _Fold, articles: Sequence[ArticleState], passed: Callable[[], None]
) -> list[Event]:
    """The claims events, failures first, else in the order of the articles; all of one moment."""
    found: list[Event] = []
    again = _had_been_read(parley.log, topic, folded, articles)
    for article in sorted(articles, key=lambda article: order(folded.places[article.event])):
        recorded = parley.log.get(topic.id, folded.places[article.event])
        if recorded is not None:
            previous = article.read_in if article.article_id in again else None
            found.append(
                claims_of(recorded.event, topic, recorded.event.recorded_at, by=BY, previous=previous)
            )
        passed()
    now = parley.clock()
    stamped = [event.model_copy(update={"recorded_at": now}) for event in found]
    return sorted(stamped, key=lambda event: event.type == "claims.detected")


def _had_been_read(log: EventLog, topic: Topic, folded: _Fold, articles: Sequence[ArticleState]) -> set[str]:
    """Which articles today's detector had read before another did: after an upgrade that was taken back, for one."""
    reader = present_reader(topic)
    ids = [claims_event_id(article.event, reader.detector, reader.topic_hash) for article in articles]
    places = log.positions_of(topic.id, [*ids, *(fact_id("failed", id_) for id_ in ids)])
    # What came after the fold came from somebody who does the same: then the ids must be the same too.
    held = [place is not None and order(place) <= order(folded.position) for place in places]
    return {
        article.article_id
        for article, *either in zip(articles, held[: len(ids)], held[len(ids) :], strict=True)
        if any(either)
    }


def _append(log: EventLog, topic: Topic, events: Sequence[Event]) -> None:
    for begin in range(0, len(events), PAGE):
        page = events[begin : begin + PAGE]
        try:
            log.append(topic.id, page)
        except PartialDuplicateError:  # somebody else does the same just now, in other pages
            for event in page:
                log.append(topic.id, [event])


def _decided(log: EventLog, topic: Topic, folded: _Fold) -> tuple[Event, ...]:
    """What was decided since the fold because articles were read again."""
    readings = {article.read_in for article in folded.state.articles.values() if article.readings > 1}
    found: list[Event] = []
    for recorded in log.read_all(topic.id, folded.position, corrupt=pass_over):
        event = recorded.event
        if event.is_decision and event.cause in readings:  # an alert's cause is its status event
            readings.add(event.id)
            found.append(event)
    return tuple(found)

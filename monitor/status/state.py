"""A topic as its log tells it: the fold of every event into claim records, timelines and what was announced.

The same events give the same state, so it can be built again at any time. Texts of articles are not kept.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from monitor.log.events import (
    AlertCancelled,
    AlertRaised,
    ArticleContent,
    ArticleIngested,
    ArticleRemoved,
    ArticleRevised,
    ClaimJudged,
    ClaimsDetected,
    ClaimsFailed,
    Event,
    StatusChange,
    StatusWithdrawn,
    data_of,
)
from monitor.status.article import ArticleState, ReadBy, Rereading
from monitor.status.model import ClaimRecord, Segment
from monitor.status.pairing import AlertState, Announced, Pairing
from monitor.status.telling import Telling
from monitor.status.timeline import Timelines
from monitor.status.withhold import without_words
from monitor.topics.model import Topic
from monitor.vocabulary import Claim


class TopicState:
    """What the log of one topic amounts to."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.decisions = 0
        """Events applied that move the topic's decision counter."""
        self.announced: dict[str, Announced] = {}
        """Shift id -> the shift as announced."""
        self.telling = Telling()
        self._articles: dict[str, ArticleState] = {}
        self._current: dict[str, dict[str, ClaimRecord]] = {}
        self._closed: dict[str, list[ClaimRecord]] = {}
        self._found: dict[str, dict[str, Claim]] = {}
        self._dismissed: set[str] = set()
        self._article_of: dict[str, str] = {}
        self._timelines = Timelines()
        self._pairings: dict[str, Pairing] = defaultdict(Pairing)
        self._foreseen: set[str] = set()
        self._rereading = Rereading()
        self._folds: Mapping[str, Callable[[Event], None]] = {
            "article.ingested": self._ingested,
            "article.revised": self._revised,
            "article.removed": self._removed,
            "claims.detected": self._detected,
            "claims.failed": self._failed,
            "claim.dismissed": self._claim_dismissed,
            "claim.restored": self._claim_restored,
            "status.shifted": self._shifted,
            "status.updated": self._shifted,
            "status.withdrawn": self._withdrawn,
            "alert.raised": self._alerted,
            "alert.updated": self._alerted,
            "alert.suppressed": self._alerted,
            "alert.cancelled": self._alert_cancelled,
            "silence.begun": self.telling.silenced,
            "silence.ended": self.telling.unsilenced,
        }

    def apply(self, event: Event) -> None:
        """Fold in the next event of the topic's log; types that say nothing about status are passed over."""
        if event.id in self._foreseen:
            self._foreseen.remove(event.id)
            return
        self._fold(event)

    def foresee(self, decisions: Iterable[Event]) -> None:
        """Fold in decisions that stand further on in the log, which `apply` then passes over when it gets there.

        What was decided counts for the next decision from the moment it was made, however many other events lie
        between: so decisions do not depend on how the log's writers happened to interleave.
        """
        for event in decisions:
            if event.is_decision and event.id not in self._foreseen:
                self._fold(event)
                self._foreseen.add(event.id)

    def _fold(self, event: Event) -> None:
        self.decisions += event.is_decision
        fold = self._folds.get(event.type)
        if fold is not None:
            fold(event)

    @property
    def records(self) -> list[ClaimRecord]:
        """Every claim record there ever was, closed ones too, oldest knowledge first."""
        articles = {*self._closed, *self._current}
        return sorted((record for article in articles for record in self.records_of(article)), key=_by_age)

    def records_of(self, article_id: str) -> list[ClaimRecord]:
        """Every record of one article's claims, closed ones too, oldest knowledge first."""
        held = self._current.get(article_id, {}).values()
        return sorted([*self._closed.get(article_id, []), *held], key=_by_age)

    @property
    def standing(self) -> dict[str, ClaimRecord]:
        """Every record that is held true, by its claim's id."""
        return {id_: record for held in self._current.values() for id_, record in held.items()}

    @property
    def channels(self) -> list[str]:
        """The channels about which anything is or was said: the topic's own in its order, then others."""
        ranks = {channel.id: rank for rank, channel in enumerate(self.topic.channels)}
        known = {*self._timelines.channels, *self._pairings}
        return sorted(known, key=lambda channel: (ranks.get(channel, len(ranks)), channel))

    def segments(self, channel: str) -> Sequence[Segment]:
        """A channel's segments by what is known now, oldest first."""
        return self._timelines.segments(channel)

    def pairing(self, channel: str) -> Pairing:
        """Which of a channel's segments was announced as which shift."""
        return self._pairings[channel]

    @property
    def articles(self) -> Mapping[str, ArticleState]:
        """Every article, removed ones too, by its id, in the order of first appearance."""
        return self._articles

    @property
    def is_rereading(self) -> bool:
        """Whether the articles are being read again and some are still to come: the evidence is of two detectors."""
        return self._rereading.is_going_on

    def article(self, article_id: str) -> ArticleState | None:
        """An article's circumstances, or None when it is unknown."""
        return self._articles.get(article_id)

    def held(self, claim_ids: Iterable[str]) -> list[ClaimRecord]:
        """The records that are held true, of these claims and in their order."""
        found = (self._current.get(self._article_of.get(id_, ""), {}).get(id_) for id_ in claim_ids)
        return [record for record in found if record is not None]

    def _ingested(self, event: Event) -> None:
        content = data_of(event, ArticleIngested)
        self._take(event, content, content.first_seen_at)

    def _revised(self, event: Event) -> None:
        """Claims of the older text are evidence no longer; what the newer says was learned with the revision."""
        self._take(event, data_of(event, ArticleRevised), event.recorded_at)

    def _take(self, event: Event, content: ArticleContent, learned_at: datetime) -> None:
        self._close_article(content.article_id, event.recorded_at)
        self._found.pop(content.article_id, None)
        self._rereading.skip(content.article_id)
        known = self._articles.get(content.article_id)
        self._articles[content.article_id] = ArticleState(
            article_id=content.article_id,
            event=event.id,
            title=content.title,
            url=content.url,
            outlet=content.outlet,
            story_id=content.story_id,
            published_at=content.published_at,
            precision=content.precision,
            first_seen_at=content.first_seen_at,
            history=content.history,
            learned_at=learned_at,
            removed=known is not None and known.removed,
        )

    def _removed(self, event: Event) -> None:
        """Its words go, what was learned from them stays; nobody is to read them again."""
        article_id = data_of(event, ArticleRemoved).article_id
        if article_id not in self._articles:
            return
        self._articles[article_id] = replace(self._articles[article_id], removed=True)
        self._rereading.skip(article_id)
        held = self._current.get(article_id, {})
        held.update({id_: without_words(record) for id_, record in held.items()})
        closed = self._closed.get(article_id, [])
        closed[:] = map(without_words, closed)

    def _detected(self, event: Event) -> None:
        """Claims of a version that is no longer the current one carry nothing."""
        detected = data_of(event, ClaimsDetected)
        article = self._read(event, detected)
        if article is None:
            return
        if article.readings > 1:
            article = replace(article, learned_at=event.recorded_at)
            self._articles[article.article_id] = article
        self._close_article(detected.article_id, event.recorded_at)
        self._found[article.article_id] = {claim.id: claim for claim in detected.claims}
        for claim in detected.claims:
            self._article_of[claim.id] = article.article_id
            if claim.id not in self._dismissed:
                self._hold(claim, article, event.recorded_at)

    def _failed(self, event: Event) -> None:
        """A detector that fails on an article takes back nothing that an older one found there."""
        self._read(event, data_of(event, ClaimsFailed))

    def _read(self, event: Event, reading: ClaimsDetected | ClaimsFailed) -> ArticleState | None:
        """Note that an article was read; None when that version of it is no longer the current one."""
        article = self._articles.get(reading.article_id)
        if article is None or article.event != reading.article_event:
            return None
        by = ReadBy(reading.detector.version, reading.topic_hash)
        if article.readings:
            self._rereading.read_again(article.article_id, by, self._articles)
        article = replace(article, readings=article.readings + 1, read_by=by, read_in=event.id)
        self._articles[article.article_id] = article
        return article

    def _claim_dismissed(self, event: Event) -> None:
        """A dismissal outlives new detections: the claim's id stays the same."""
        claim_id = data_of(event, ClaimJudged).claim_id
        self._dismissed.add(claim_id)
        self._close(claim_id, event.recorded_at)

    def _claim_restored(self, event: Event) -> None:
        """Only a claim that the article's present text is found to make can be held again."""
        claim_id = data_of(event, ClaimJudged).claim_id
        self._dismissed.discard(claim_id)
        article = self._articles.get(self._article_of.get(claim_id, ""))
        claim = self._found.get(article.article_id, {}).get(claim_id) if article else None
        if article is not None and claim is not None and not self.held([claim_id]):
            self._hold(claim, article, event.recorded_at)

    def _shifted(self, event: Event) -> None:
        change = data_of(event, StatusChange)
        known = self.announced.get(change.shift_id)
        self._announce(replace(known, change=change, withdrawn=False) if known else Announced(change))

    def _withdrawn(self, event: Event) -> None:
        shift = data_of(event, StatusWithdrawn).shift_id
        self._announce(replace(self.announced[shift], withdrawn=True))

    def _alerted(self, event: Event) -> None:
        alert, state = data_of(event, AlertRaised), cast("AlertState", event.type.removeprefix("alert."))
        known = self.announced[alert.shift_id]
        messages = known.messages if state == "suppressed" else (*known.messages, event.id)
        self._announce(replace(known, alert=state, alert_reason=alert.reason, messages=messages))
        self.telling.alerted(event, alert)

    def _alert_cancelled(self, event: Event) -> None:
        alert = data_of(event, AlertCancelled)
        known = self.announced[alert.shift_id]
        self._announce(replace(known, alert="cancelled", alert_reason=alert.reason))
        self.telling.cancelled(alert, known.change.to_status)

    def _announce(self, told: Announced) -> None:
        shift, channel = told.change.shift_id, told.change.channel
        self._pairings[channel].tell(self.announced.get(shift), told)
        self.announced[shift] = told

    def _hold(self, claim: Claim, article: ArticleState, known_from: datetime) -> None:
        record = ClaimRecord(
            claim=claim,
            article_id=article.article_id,
            article_event=article.event,
            story_id=article.story_id,
            outlet=article.outlet,
            published_at=article.published_at,
            precision=article.precision,
            first_seen_at=article.first_seen_at,
            history=article.history,
            known_from=known_from,
            title=article.title,
            url=article.url,
        )
        if article.removed:
            record = without_words(record)
        self._current.setdefault(article.article_id, {})[claim.id] = record
        self._timelines.add(record)

    def _close(self, claim_id: str, known_until: datetime) -> None:
        record = self._current.get(self._article_of.get(claim_id, ""), {}).pop(claim_id, None)
        if record is not None:
            closed = replace(record, known_until=known_until)
            self._closed.setdefault(record.article_id, []).append(closed)
            self._timelines.close(claim_id)

    def _close_article(self, article_id: str, known_until: datetime) -> None:
        for claim_id in list(self._current.get(article_id, {})):
            self._close(claim_id, known_until)
        self._current.pop(article_id, None)


def _by_age(record: ClaimRecord) -> tuple[datetime, str]:
    return (record.known_from, record.claim.id)

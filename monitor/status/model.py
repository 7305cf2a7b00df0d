"""What status is made of: claim records in, segments out. Pure values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from monitor.vocabulary import Certainty, Claim, Precision, Status


class Withheld(NamedTuple):
    """What stays of words that were taken out of view: the quote's hash, and what headline and address told."""

    quote_hash: str
    names_talks: bool
    brings_no_news: bool


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim with its article's circumstances and the time in which Parley knew it (all moments UTC-aware).

    `known_from` / `known_until` are the `recorded_at` of the events that brought it and that superseded or dismissed it
    (None: still held true). Of a removed article it has neither quote nor title, but `withheld`.
    """

    claim: Claim
    article_id: str
    article_event: str
    story_id: str
    outlet: str
    published_at: datetime | None
    precision: Precision
    first_seen_at: datetime
    history: bool
    known_from: datetime
    known_until: datetime | None = None
    title: str = ""
    url: str | None = None
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A period in which a channel had one status.

    The start lies in `start_earliest` .. `start_latest` (None: unknown); `end` is the `start` of the next segment,
    None for the last. `claim_ids` carry it, heaviest first; `counter_ids` speak against it.
    """

    channel: str
    status: Status
    name: str
    start_earliest: date | None
    start_latest: date | None
    end: date | None
    certainty: Certainty
    confidence: float
    contested: bool
    claim_ids: tuple[str, ...]
    counter_ids: tuple[str, ...] = ()
    last_evidence: date | None = None
    """Day of the newest evidence, from which staleness is computed at query time."""
    flapping: bool = False
    """Contested because reports turn back and forth and nobody confirms them."""

    @property
    def start(self) -> date | None:
        """`start_earliest` if known, else `start_latest`."""
        return self.start_earliest or self.start_latest

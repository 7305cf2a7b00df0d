"""What status is made of: claim records in, segments out. Pure values."""

from dataclasses import dataclass
from datetime import date, datetime

from monitor.vocabulary import Certainty, Claim, Precision, Status


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim with its article's circumstances and the time in which Parley knew it (all moments UTC-aware).

    `known_from` / `known_until` are the `recorded_at` of the events that brought it and that superseded, removed or
    dismissed it (None: still held true).
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

    @property
    def start(self) -> date | None:
        """`start_earliest` if known, else `start_latest`."""
        return self.start_earliest or self.start_latest

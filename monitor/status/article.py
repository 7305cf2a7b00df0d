"""An article of a topic's log as status needs it, and which are still to come when all are read again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.vocabulary import Precision


class ReadBy(NamedTuple):
    """What a reading depends on beside the text: the detector's version and the topic's hash."""

    detector: str
    topic_hash: str


@dataclass(frozen=True, slots=True)
class ArticleState:
    """An article's circumstances; `learned_at` is when Parley learned what its present claims say."""

    article_id: str
    event: str
    title: str
    url: str | None
    outlet: str
    story_id: str
    published_at: datetime | None
    precision: Precision
    first_seen_at: datetime
    history: bool
    learned_at: datetime
    readings: int = 0
    """How often this version was read by a detector, failures too; from the second time on it was read again."""
    read_by: ReadBy | None = None
    """Whose reading is the newest."""
    read_in: str | None = None
    """The claims event of that reading."""
    removed: bool = False
    """Whether its words are out of view: no record of its claims has any."""


class Rereading:
    """A detector that reads again what another has read, and which articles it has still to come to.

    They are counted when it reads the first article again.
    """

    def __init__(self) -> None:
        self._by: ReadBy | None = None
        self._to_come: set[str] = set()

    @property
    def is_going_on(self) -> bool:
        """Whether some articles are still to come: the evidence is of two detectors."""
        return bool(self._to_come)

    def read_again(self, article_id: str, by: ReadBy, articles: Mapping[str, ArticleState]) -> None:
        """Note that an article that had been read before was read `by` a detector."""
        if not self._to_come or self._by != by:
            self._by = by
            self._to_come = {
                known.article_id
                for known in articles.values()
                if known.read_by not in {None, by} and not known.removed
            }
        self.skip(article_id)

    def skip(self, article_id: str) -> None:
        """Wait for an article no longer."""
        self._to_come.discard(article_id)

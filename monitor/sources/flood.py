"""A flood: a source that was polled before shows many articles at once that its rhythm does not explain. Pure.

A site that changes its system shows its archive anew, and none of that is news. What it shows then is kept as history,
without alerts; nothing is lost. News that gathered while a source could not be read is no flood: it says that it was
published since.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.sources.article import Shown, identify
from monitor.sources.known import Known
from monitor.sources.model import ArticleFound

MOST = 10
"""So many new articles at once are no flood, whatever the source used to bring."""
SHARE = 0.5
"""A flood is more than this share of all articles of the topic that the source shows."""
TIMES_THE_RHYTHM = 3
RHYTHM_OVER = timedelta(days=28)
_LATE = timedelta(days=1)
"""An article may say that it was published so long before the poll that still did not show it."""
_PACE = timedelta(minutes=1)
"""Articles that follow each other faster were not written so, but put there by a program."""


def flood(found: Sequence[ArticleFound], known: Known, *, since: datetime, shown: Shown) -> frozenset[int]:
    """Which of the articles that concern a topic are a flood, by their places in `found`; none: there is none.

    Args:
        found: those that one source brought in one poll and that are not known to be known, in any order.
        known: what the topic's log says.
        since: when the source was last read before; UTC.
        shown: what says everything that the source showed in this poll.
    """
    new = [at for at, one in enumerate(found) if known.article(identify(one, known, shown)) is None]
    if len(new) <= max(MOST, SHARE * (len(new) + len(shown.present))):
        return frozenset()
    old = [at for at in new if not _is_news(found[at], since)]
    fresh = [found[at].moment for at in new if _is_news(found[at], since)]
    unexplained = new if _is_by_program(fresh) else old
    expected = _per_day(known.moments(found[0].source), since) * _days(found[0].first_seen_at - since)
    is_flood = len(unexplained) > max(MOST, TIMES_THE_RHYTHM * expected)
    return frozenset(unexplained) if is_flood else frozenset()


def _is_news(one: ArticleFound, since: datetime) -> bool:
    return one.published_at is not None and one.published_at >= since - _LATE


def _is_by_program(moments: Sequence[datetime]) -> bool:
    return len(moments) > MOST and max(moments) - min(moments) < len(moments) * _PACE


def _per_day(moments: Sequence[float], since: datetime) -> float:
    start = (since - RHYTHM_OVER).timestamp()
    return sum(start <= moment <= since.timestamp() for moment in moments) / _days(RHYTHM_OVER)


def _days(span: timedelta) -> float:
    return max(span, timedelta()) / timedelta(days=1)

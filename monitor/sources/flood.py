"""A flood: a source that was polled before shows many articles at once that its rhythm does not explain. Pure.

A site that changes its system shows its archive anew, and none of that is news. What it shows then is kept as history,
without alerts; nothing is lost. News that gathered while a source could not be read is no flood: it says that it was
published since.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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
_WHOLE_S = 1.0
"""When a source was last read is noted in whole seconds."""
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
    begun = _begun(found[0].source, known, shown, since) if new else []
    moments = [found[at].published_at for at in new] + begun
    if len(moments) <= max(MOST, SHARE * (len(new) + len(shown.present))):
        return frozenset()
    fresh = [moment for moment in moments if moment and _is_news(moment, since)]
    by_program = _is_by_program(fresh)
    unexplained = len(moments) - (0 if by_program else len(fresh))
    expected = _per_day(known.moments(found[0].source), since) * _days(found[0].first_seen_at - since)
    if unexplained <= max(MOST, TIMES_THE_RHYTHM * expected):
        return frozenset()
    return frozenset(at for at in new if by_program or not _is_news(found[at].published_at, since))


def _begun(source: str, known: Known, shown: Shown, since: datetime) -> list[datetime | None]:
    """When those were published that the poll has brought already: it was broken off, or their pages came first."""
    articles = filter(None, map(known.article, shown.present))
    brought = (one for one in articles if one.source == source and one.seen > since.timestamp() + _WHOLE_S)
    published = (look.published if (look := known.look(one)) else None for one in brought)
    return [None if seconds is None else datetime.fromtimestamp(seconds, UTC) for seconds in published]


def _is_news(published: datetime | None, since: datetime) -> bool:
    return published is not None and published >= since - _LATE


def _is_by_program(moments: Sequence[datetime]) -> bool:
    return len(moments) > MOST and max(moments) - min(moments) < len(moments) * _PACE


def _per_day(moments: Sequence[float], since: datetime) -> float:
    start = (since - RHYTHM_OVER).timestamp()
    return sum(start <= moment <= since.timestamp() for moment in moments) / _days(RHYTHM_OVER)


def _days(span: timedelta) -> float:
    return max(span, timedelta()) / timedelta(days=1)

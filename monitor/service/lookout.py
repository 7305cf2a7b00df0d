"""What operators are to be told of: looked at now and then, and noted; those who are told, and when, see `troubles`."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from monitor.alerts.fanout import appended_at
from monitor.alerts.troubles import ABANDONED, BEHIND, FAILING, UNREAD, Found, abandoned, notice
from monitor.errors import CorruptEventError, LogUnavailableError
from monitor.log.stream import START, EventLog, order
from monitor.readmodel import progress
from monitor.readmodel.progress import Unread
from monitor.service.tables import reaction_of
from monitor.service.wiring import Parley

LOOK_EVERY = timedelta(minutes=1)


class Lookout:
    """Looks every minute, for the first time a minute after it was made: what was left undone is done by then."""

    def __init__(self, parley: Parley) -> None:
        self._parley = parley
        self._looked_at = parley.clock()

    def tick(self) -> None:
        """Look, when it is time.

        Raises:
            StoreError: the read model cannot be read.
        """
        now = self._parley.clock()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            self._look(now)

    def _look(self, now: datetime) -> None:
        service, model = self._parley.service, self._parley.read_model
        with Session(service) as session:
            given_up = abandoned(session)
        notice(service, ABANDONED, given_up, now)
        try:
            late = behind(self._parley, now)
        except LogUnavailableError:
            pass  # nobody knows; the roles' health says that Redis does not answer, and the heartbeat stops
        else:
            notice(service, BEHIND, late, now)
        unread, failed = progress.dead_letters(model), progress.failed_articles(model)
        notice(service, UNREAD, _found(unread, ("entry", "entries"), now), now)
        notice(service, FAILING, _found(failed, ("article", "articles"), now), now)


def behind(parley: Parley, now: datetime) -> dict[str, Found]:
    """The watched topics of whose log something has waited too long to be read and reacted to.

    Raises:
        LogUnavailableError: Redis does not answer.
    """
    limit = timedelta(seconds=parley.settings.behind_after_s)
    found = {}
    for topic in parley.topics:
        reacted = reaction_of(parley.service, topic)
        since = waits_since(parley.log, topic, reacted.position if reacted else START)
        if since is not None and now - since > limit:
            minutes = int((now - since).total_seconds() // 60)
            found[topic] = Found(since, f"what came then was still unread {minutes} minutes later")
    return found


def waits_since(log: EventLog, topic: str, position: str) -> datetime | None:
    """When the first entry after a position was appended; None when there is none."""
    try:
        page = log.read(topic, position, count=1)
    except CorruptEventError as error:
        return datetime.fromtimestamp(order(error.position or START)[0] / 1000, UTC)
    return appended_at(page[0]) if page else None


def _found(unread: dict[str, Unread], words: tuple[str, str], now: datetime) -> dict[str, Found]:
    return {
        topic: Found(one.since or now, f"{one.count} {words[one.count != 1]}")
        for topic, one in unread.items()
    }

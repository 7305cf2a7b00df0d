"""`parley doctor`: what is wrong with this installation, and what to do about it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import SQLModel, select

from monitor.alerts import overview
from monitor.alerts.delivery import State
from monitor.alerts.operators import operators
from monitor.alerts.overview import Wanted
from monitor.alerts.tables import DeliveryRow, SubscriptionRow
from monitor.errors import ParleyError
from monitor.log.connect import connect, redis_errors
from monitor.log.embedded import running_url
from monitor.log.verify import verify
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import troubles
from monitor.readmodel.sources import advice
from monitor.readmodel.stages import StageLag
from monitor.service import surroundings
from monitor.service.schema import check_schema
from monitor.service.settings import Settings, book_of
from monitor.service.stages import lags
from monitor.service.wiring import Clock, open_event_log, watched_topics
from monitor.sources.state import SourceState

Row = TypeVar("Row", bound=SQLModel)

RECENT = timedelta(days=7)
LOW_DISK = 1_000_000_000
"""Bytes free in the data folder below which there is a warning."""
LATE = timedelta(minutes=5)
"""A delivery that is due for longer waits for a role that does not run, or for receivers that are slow."""
_NAMED = 5
"""So many sources in the same trouble are named."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """As printed with --json."""
        return asdict(self)


def examine(settings: Settings, clock: Clock) -> list[Check]:
    """Every check, in the order in which a person would make them."""
    return list(_checks(settings, clock))


def _checks(settings: Settings, clock: Clock) -> Iterator[Check]:
    yield Check("settings", ok=True, found=f"data folder {settings.data}")
    yield _try(
        "topics", lambda: ", ".join(watched_topics(settings)), "mend the topic file or the setting `topics`"
    )
    yield _try(
        "secrets",
        lambda: surroundings.secrets(settings),
        "take the rights from the others: `chmod 600` on each",
    )
    yield _disk(settings)
    yield _try(
        "log", lambda: _log(settings), "see the message; `parley log verify` lists what does not agree"
    )
    yield _try(
        "database",
        lambda: _database(settings),
        "see that the server runs and lets this login in; a damaged file comes back with `parley restore`",
    )
    yield _try(
        "clock",
        lambda: _clock(settings),
        "let a time service (NTP, chrony) set the clocks of all machines",
    )
    for topic in settings.topics:
        yield _try(f"read model of {topic}", partial(_read_model, settings, topic), "run `parley rebuild`")
    yield _try(
        "lag",
        lambda: _lag(settings, clock),
        "see below whether the role `watch` (read model, decisions) or `notify` (queue) runs and what hinders it",
    )
    yield _try("roles", lambda: _roles(settings, clock), "see the service's log; it tries again by itself")
    yield _sources(settings)
    yield _try(
        "deliveries",
        lambda: _deliveries(settings, clock),
        "`parley deliveries list --state failed --state abandoned` says which and why; mend the receiver: deliveries "
        "are retried for a day, and `parley deliveries retry --abandoned` sends those that were given up",
    )
    yield _operators(settings, clock)
    yield _mail(settings)
    yield _try(
        "backup",
        lambda: surroundings.backup(settings, clock()),
        "run `parley backup`, and see why it did not run by itself",
    )


def _try(name: str, look: Callable[[], str], advice: str) -> Check:
    try:
        return Check(name, ok=True, found=look())
    except ParleyError as error:
        return Check(name, ok=False, found=str(error), advice=advice)


def _disk(settings: Settings) -> Check:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    return Check(
        "disk", ok=free > LOW_DISK, found=found, advice="" if free > LOW_DISK else "make room on the disk"
    )


def _log(settings: Settings) -> str:
    if settings.redis_url:
        with connect(settings.redis_url, retries=0) as client, redis_errors(client):
            client.ping()
    with open_event_log(settings) as log:
        problems = verify(log)
        if problems:
            raise ParleyError(f"{len(problems)} problems, the first: {problems[0]}")
        return f"{sum(log.length(topic) for topic in log.topics())} events, sound"


def _database(settings: Settings) -> str:
    store = settings.store
    if not store.url and not store.service_path.exists():
        return "none yet; the first start makes it"
    with _service(settings) as service:
        return surroundings.database(service)


def _clock(settings: Settings) -> str:
    with ExitStack() as stack:
        log = stack.enter_context(open_event_log(settings)) if settings.redis_url else None
        service = stack.enter_context(_service(settings)) if settings.store.url else None
        return surroundings.clock(log, service)


@contextmanager
def _service(settings: Settings) -> Iterator[Engine]:
    """The service's database for as long as this lasts, as it is; PostgreSQL's tables must be this version's."""
    engine = settings.store.service()
    try:
        if settings.store.url:
            check_schema(engine)
        yield engine
    finally:
        engine.dispose()


def _mail(settings: Settings) -> Check:
    wanted = any(one.kind == "email" for one in settings.subscriptions)
    if settings.smtp.host:
        return _try(
            "mail",
            lambda: surroundings.mail(settings.smtp),
            "see smtp.host, smtp.port and smtp.security, and whether a firewall is in between",
        )
    if wanted:
        words = "there are email subscriptions, but no mail server"
        return Check("mail", ok=False, found=words, advice="set smtp.host")
    return Check("mail", ok=True, found="no mail server is set, and nobody wants mail")


def _lag(settings: Settings, clock: Clock) -> str:
    """How far the stages are behind the log.

    Raises:
        ParleyError: something waits for too long.
    """
    limit = timedelta(seconds=settings.behind_after_s)
    now = clock()
    with open_event_log(settings) as log:
        found = lags(log, settings.topics, ReadModel(settings.store), now)
    if late := [lag for lag in found if lag.since and now - lag.since > limit]:
        told = (f"{_behind(lag)} since {lag.since:%Y-%m-%d %H:%M} UTC, most of {lag.topic}" for lag in late)
        raise ParleyError("; ".join(told))
    return "; ".join(map(_behind, found))


def _behind(lag: StageLag) -> str:
    return f"{lag.stage.replace('_', ' ')}: {lag.events} events behind"


def _read_model(settings: Settings, topic: str) -> str:
    model = ReadModel(settings.store)
    if not model.exists():
        return "nothing has been read yet"
    known = queries.freshness(model, topic)
    if known.dead_letters:
        raise ParleyError(f"{known.dead_letters} events could not be projected")
    as_of = f", as of {known.last_event_at:%Y-%m-%d %H:%M} UTC" if known.last_event_at else ""
    return f"{known.articles} articles{as_of}"


def _roles(settings: Settings, clock: Clock) -> str:
    if not settings.redis_url and running_url(settings.data) is None:
        return "no service runs on this data folder (`parley up` starts one)"
    if found := troubles(settings.store, clock()):
        raise ParleyError("; ".join(f"{role}: {why}" for role, why in found.items()))
    return "all at work"


def _sources(settings: Settings) -> Check:
    """How the sources fared at their last polls; those that failed for one reason are told of together."""
    try:
        names = {source.id for source in book_of(settings, watched_topics(settings)).current()}
        rows = [row for row in _rows(settings, SourceState) if row.source_id in names]
    except ParleyError as error:
        return Check("sources", ok=False, found=str(error), advice="mend what the message names")
    failing: dict[str, list[str]] = {}
    for row in rows:
        if row.error_streak:
            failing.setdefault(row.last_error.partition(":")[0], []).append(row.source_id)
    if not failing:
        return Check("sources", ok=True, found=f"{len(names)} configured, {len(rows)} polled so far")
    found = (f"{len(ids)} failing ({reason}): {_some(ids)}" for reason, ids in failing.items())
    told = " ".join(advice(reason) for reason in failing)
    return Check("sources", ok=False, found="; ".join(found), advice=f"{told} See `parley sources list`.")


def _some(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _deliveries(settings: Settings, clock: Clock) -> str:
    """How deep the queue is, and what became of the deliveries of the last days.

    Raises:
        ParleyError: some have failed so far, or were given up.
    """
    now = clock()
    with settings.store.reading(DeliveryRow) as session:
        if session is None:
            return "none yet"
        numbers = overview.numbers(session, now, now - RECENT)
        bad = Wanted((State.FAILED, State.ABANDONED), since=now - RECENT)
        last = overview.find(session, bad, limit=1)
    found = f"{numbers.count(State.SUCCEEDED)} delivered, {numbers.open} waiting"
    if numbers.oldest_due and now - numbers.oldest_due > LATE:
        found += f", one of them due since {numbers.oldest_due:%Y-%m-%d %H:%M} UTC"
    if last:
        reason = (last[0].problem or "").partition(":")[0]
        raise ParleyError(
            f"{numbers.count(State.FAILED)} failing, {numbers.count(State.ABANDONED)} given up; the last for the "
            f"reason: {reason}; {found}"
        )
    return found


def _operators(settings: Settings, clock: Clock) -> Check:
    """Who is told what operators must know; that nobody is, is no fault, but worth knowing."""
    try:
        with settings.store.reading(SubscriptionRow) as session:
            told = len(operators(session, clock())) if session else 0
    except ParleyError as error:
        return Check("operators", ok=False, found=str(error), advice="mend what the message names")
    if told:
        return Check(
            "operators", ok=True, found=f"subscriptions that are told when something goes wrong: {told}"
        )
    return Check(
        "operators",
        ok=True,
        found="nobody is told when something goes wrong",
        advice="add a subscription with the topic _system",
    )


def _rows(settings: Settings, table: type[Row]) -> list[Row]:
    with settings.store.reading(table) as session:
        return list(session.exec(select(table)).all()) if session else []

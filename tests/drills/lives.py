"""One life of the service on a data folder: it reads the log, decides, and delivers, until nothing is left to do.

Then it dismisses the claims of all articles but the first, as an operator would, and does what follows. It is started
in a process of its own, which dies where it is told to. Each life begins after all leases of the last have run out.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from monitor import failpoints
from monitor.alerts.delivery import OPEN
from monitor.alerts.queue import LEASE
from monitor.alerts.tables import DeliveryRow, OutcomeRow
from monitor.ids import fact_id
from monitor.log.connect import connect
from monitor.log.events import ClaimJudged, Event
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service.notify import Notify
from monitor.service.settings import Settings
from monitor.service.watch import settled, watches
from monitor.service.wiring import Parley, open_service
from monitor.topics import load_topics

TOPIC = load_topics()["rail-uk"]
BIRTH = datetime(2024, 3, 1, tzinfo=UTC)
"""Of the first life: long before the log takes what is told, so that every subscriber was there first."""
_ROUNDS = 60


class LifeClock:
    """A clock that can be turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def settings_of(data: Path, hook: str, smtp_port: int) -> Settings:
    """A webhook and a mailbox, both on this machine."""
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    return Settings.model_validate(
        {
            "data": data,
            "topics": [TOPIC.id],
            "seeds": False,
            "smtp": {
                "host": "127.0.0.1",
                "port": smtp_port,
                "security": "none",
                "sender": "parley@parley.example",
            },
            "subscriptions": [
                {"id": "hook", "kind": "webhook", "url": hook, "secret": secret, "allow_private": True},
                {"id": "desk", "kind": "email", "address": "desk@example.org"},
            ],
        }
    )


def live(
    data: Path,
    redis_url: str,
    hook: str,
    smtp_port: int,
    number: int,
    point: str = "",
    jumps: Sequence[timedelta] = (),
) -> None:
    """Live the `number`-th life (0, 1, ...), and die at `point` if it is passed; the clock jumps after each step.

    Raises:
        AssertionError: something was left to do after many rounds.
    """
    if point:
        failpoints.arm(point)
    clock = LifeClock(BIRTH + number * 40 * timedelta(days=1))
    model, service = ReadModel(data), open_service(Store(data))
    with connect(redis_url) as client:
        parley = Parley(
            settings_of(data, hook, smtp_port), {TOPIC.id: TOPIC}, EventLog(client), model, service, clock
        )
        notify = Notify(parley)
        _work(parley, notify, clock, jumps)
        for event in _dismissals(parley.log):
            parley.log.append(TOPIC.id, [event])
        _work(parley, notify, clock, jumps)
        notify.close()
    model.close()
    service.dispose()


def _work(parley: Parley, notify: Notify, clock: LifeClock, jumps: Sequence[timedelta]) -> None:
    for watch in watches(parley):
        watch.tick()
    for jump in jumps:
        clock.now += jump
        notify.tick()
        assert notify.drain(30)
    for _ in range(_ROUNDS):
        notify.tick()
        assert notify.drain(30)
        clock.now += timedelta(hours=13) + LEASE
        if settled(parley) and _is_done(parley):
            return
    raise AssertionError("there is something left to do after many rounds")


def _dismissals(log: EventLog) -> list[Event]:
    detected = [one.event for one in log.read_all(TOPIC.id) if one.event.type == "claims.detected"]
    return [
        Event.of(
            "claim.dismissed",
            ClaimJudged(claim_id=claim["id"], operator_id="drill", why="misread"),
            id_=fact_id("drill", claim["id"]),
            topic=TOPIC.id,
            at=BIRTH,
            cause=None,
            by="drill",
        )
        for event in detected[1:]
        for claim in event.data["claims"]
    ]


def _is_done(parley: Parley) -> bool:
    with Session(parley.service) as session:
        open_ = session.exec(select(DeliveryRow).where(col(DeliveryRow.state).in_(OPEN))).first()
        return open_ is None and session.exec(select(OutcomeRow)).first() is None

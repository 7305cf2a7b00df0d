"""The service and the people who subscribe themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from monitor.alerts.config import Wishes
from monitor.alerts.tables import SubscriptionRow
from monitor.errors import SettingsError
from monitor.log.stream import EventLog
from monitor.service.notify import Notify, people_of
from monitor.service.settings import ApiSettings, Settings, SmtpSettings
from monitor.service.wiring import Parley, assemble

OPEN = ApiSettings(subscribe=True)


class Clock:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parley(data_dir: Path, fake_log: EventLog, clock: Clock) -> Iterator[Parley]:
    settings = Settings(data=data_dir, api=OPEN, smtp=SmtpSettings(host="127.0.0.1", port=9, security="none"))
    parley = assemble(settings, fake_log, clock)
    yield parley
    parley.service.dispose()


def test_an_address_that_nobody_confirmed_is_forgotten_while_the_service_runs(
    parley: Parley, clock: Clock
) -> None:
    notify = Notify(parley)
    people_of(parley).ask("anna@example.org", Wishes())
    kept = []
    for _ in range(2):
        notify.tick()
        with Session(parley.service) as session:
            kept.append(bool(session.exec(select(SubscriptionRow)).one().target))
        clock.now += timedelta(days=7, hours=1)
    notify.close()
    assert kept == [True, False]


def test_people_cannot_be_let_in_where_no_mail_can_be_sent(data_dir: Path, fake_log: EventLog) -> None:
    parley = assemble(Settings(data=data_dir, api=OPEN), fake_log, lambda: datetime.now(UTC))
    with pytest.raises(SettingsError, match=r"smtp\.host"):
        people_of(parley)
    parley.service.dispose()

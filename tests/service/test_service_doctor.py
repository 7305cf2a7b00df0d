"""What the doctor finds wrong, and what it says to do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import State
from monitor.alerts.subscriptions import Subscriptions, subscription_id
from monitor.alerts.tables import DeliveryRow, MessageRow, transaction
from monitor.alerts.vault import Vault
from monitor.ids import fact_id
from monitor.readmodel.store import Store
from monitor.service.doctor import Check, examine
from monitor.service.settings import Settings, SmtpSettings
from monitor.service.wiring import open_event_log, open_service
from monitor.sources.config import SourceConfig
from monitor.sources.intake import Intake
from monitor.sources.state import SourceStates
from tests.service.test_service_reader import ARTICLES

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sources_check(settings: Settings) -> Check:
    return next(check for check in examine(settings, lambda: NOW) if check.name == "sources")


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    """A data folder with eight sources, enrolled and well."""
    sources = tuple(
        SourceConfig(id=f"paper-{at}", url=f"https://{at}.example/feed", topics=("pti",)) for at in range(8)
    )
    engine = open_service(Store(data_dir))
    SourceStates(engine).enrol(sources, NOW)
    engine.dispose()
    return Settings(data=data_dir, sources=sources)


def fail(settings: Settings, reasons: dict[str, str]) -> None:
    engine = open_service(settings.store)
    states = SourceStates(engine)
    for source_id, reason in reasons.items():
        states._set(source_id, error_streak=3, last_error=f"{reason}: some words")
    engine.dispose()


def test_sources_that_are_well_are_counted(settings: Settings) -> None:
    assert sources_check(settings) == Check("sources", ok=True, found="8 configured, 8 polled so far")


def test_sources_in_the_same_trouble_are_told_of_together_with_what_to_do(settings: Settings) -> None:
    fail(settings, {f"paper-{at}": "connection" for at in range(7)} | {"paper-7": "gone"})
    check = sources_check(settings)
    assert not check.ok
    first, second = check.found.split("; ")
    assert first == "7 failing (connection): paper-0, paper-1, paper-2, paper-3, paper-4 and 2 more"
    assert second == "1 failing (gone): paper-7"
    assert check.advice.startswith("Nothing answers at this address")
    assert "gone for good" in check.advice


def test_a_file_of_sources_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text("[[sources]]\nid = 'x'\nur = 'https://x.example'\n")
    check = sources_check(settings.model_copy(update={"source_files": (path,)}))
    assert not check.ok
    assert f"{path}, line 3: there is no setting 'sources[1].ur'" in check.found
    assert check.advice == "mend what the message names"


def test_it_says_how_many_are_told_when_something_goes_wrong(settings: Settings) -> None:
    def found() -> str:
        checks = examine(settings, lambda: NOW)
        return next(check.found for check in checks if check.name == "operators")

    assert found() == "nobody is told when something goes wrong"
    engine = open_service(settings.store)
    config = SubscriptionConfig(id="ops", kind="console", topics=("_system",))
    Subscriptions(engine, Vault("a" * 43 + "=")).sync([config], NOW)
    engine.dispose()
    assert found() == "subscriptions that are told when something goes wrong: 1"


def test_everything_is_looked_at_and_a_new_folder_is_sound(data_dir: Path) -> None:
    checks = examine(Settings(data=data_dir), lambda: NOW)
    assert [check.name for check in checks] == [
        "settings", "topics", "secrets", "disk", "log", "database", "clock", "read model of pti", "lag", "roles",
        "sources", "deliveries", "operators", "mail", "backup",
    ]  # fmt: skip
    assert [check for check in checks if not check.ok] == []


def test_what_waits_for_too_long_is_told_with_the_role_to_look_at(data_dir: Path) -> None:
    settings = Settings(data=data_dir)

    def lag(now: datetime) -> Check:
        return next(check for check in examine(settings, lambda: now) if check.name == "lag")

    with open_event_log(settings) as log:
        Intake(log, by="test", clock=lambda: NOW).publish("pti", ARTICLES[:2])
    now = datetime.now(UTC)
    assert lag(now) == Check(
        "lag",
        ok=True,
        found="read model: 2 events behind; reaction: 2 events behind; queue: 2 events behind",
    )
    late = lag(now + timedelta(minutes=10))
    assert not late.ok
    assert late.found.startswith("read model: 2 events behind since ")
    assert late.found.count("most of pti") == 3
    assert "`watch`" in late.advice
    assert "`notify`" in late.advice


def test_a_mail_server_that_does_not_answer_is_told(settings: Settings) -> None:
    asked = settings.model_copy(update={"smtp": SmtpSettings(host="127.0.0.1", port=1)})
    check = next(check for check in examine(asked, lambda: NOW) if check.name == "mail")
    assert not check.ok
    assert "127.0.0.1:1 (starttls): ConnectionRefusedError" in check.found
    assert "smtp.security" in check.advice


def deliveries_check(settings: Settings, now: datetime = NOW) -> Check:
    return next(check for check in examine(settings, lambda: now) if check.name == "deliveries")


def queued(settings: Settings, *states: State) -> None:
    """Deliveries to one subscription, which came to these states."""
    engine = open_service(settings.store)
    config = SubscriptionConfig(id="anna", kind="email", address="anna@example.org")
    Subscriptions(engine, Vault("a" * 43 + "=")).sync([config], NOW)
    with transaction(engine) as session:
        event = fact_id("event")
        session.add(
            MessageRow(event_id=event, topic="pti", alert="a", kind="alert", content={"subject": "x"})
        )
        session.flush()
        for number, state in enumerate(states):
            session.add(
                DeliveryRow(
                    delivery_id=fact_id(number),
                    event_id=event,
                    alert=str(number),
                    subscription=subscription_id("anna"),
                    kind="alert",
                    state=state,
                    next_try_at=NOW,
                    created_at=NOW,
                    last_error="refused: <anna@example.org>" if state is State.ABANDONED else None,
                    settled_at=NOW if state in {State.ABANDONED, State.SUCCEEDED} else None,
                )
            )
    engine.dispose()


def test_deliveries_are_counted_and_what_is_overdue_is_named(settings: Settings) -> None:
    queued(settings, State.SUCCEEDED, State.PENDING, State.PENDING)
    assert deliveries_check(settings) == Check("deliveries", ok=True, found="1 delivered, 2 waiting")
    late = deliveries_check(settings, NOW + timedelta(hours=1))
    assert late.found == "1 delivered, 2 waiting, one of them due since 2026-03-02 09:00 UTC"


def test_deliveries_that_were_given_up_are_told_with_what_to_do_and_no_address(settings: Settings) -> None:
    queued(settings, State.SUCCEEDED, State.ABANDONED, State.FAILED)
    check = deliveries_check(settings)
    assert not check.ok
    assert check.found.startswith("1 failing, 1 given up; the last for the reason: ")
    assert "example.org" not in check.found
    assert "parley deliveries retry --abandoned" in check.advice
    assert deliveries_check(settings, NOW + timedelta(days=30)).ok  # nobody is reminded for ever

"""A process says whether its roles can do their work: in memory, over HTTP, and not any more once it is to stop."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from monitor.service.health_port import health_port
from monitor.service.pulse import Pulse
from monitor.service.settings import HealthSettings
from monitor.service.supervisor import stop_on_signal
from tests.processes import free_port

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Ask = Callable[[str], httpx.Response]


@pytest.fixture
def pulse() -> Pulse:
    pulse = Pulse()
    pulse.expect(["notify", "watch docks"])
    return pulse


@pytest.fixture
def ask(pulse: Pulse) -> Iterator[Ask]:
    """Asks the process's own port."""
    port = free_port()
    with (
        health_port(HealthSettings(port=port), lambda: pulse.troubles(NOW)),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        deadline = time.monotonic() + 20
        while True:
            try:
                client.get("/healthz")
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield client.get
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)


def test_a_role_is_ready_once_it_has_done_its_work_and_while_it_goes_on(pulse: Pulse) -> None:
    pulse.note("notify", NOW, "")
    assert pulse.troubles(NOW) == {"watch docks": "has not done its work yet"}
    pulse.note("watch docks", NOW, "Redis does not answer")
    assert pulse.troubles(NOW) == {"watch docks": "Redis does not answer"}
    pulse.note("watch docks", NOW + timedelta(seconds=50), "")
    assert pulse.troubles(NOW + timedelta(seconds=60)) == {}
    found = pulse.troubles(NOW + timedelta(seconds=61))
    assert found == {"notify": "is busy or hangs: it has not caught up since 2026-03-02 09:00:00 UTC"}


def test_the_port_tells_what_is_wrong_and_alive_is_not_ready(pulse: Pulse, ask: Ask) -> None:
    assert ask("/healthz").text == "alive\n"
    answer = ask("/readyz")
    assert answer.status_code == 503
    assert answer.json()["troubles"]["notify"] == "has not done its work yet"
    for reader in ("notify", "watch docks"):
        pulse.note(reader, NOW, "")
    assert ask("/readyz").json() == {"ready": True, "troubles": {}}
    numbers = ask("/metrics").text
    assert "parley_feed_polls_total" in numbers
    assert "parley_append_conflicts_total" in numbers
    assert "process_resident_memory_bytes" in numbers
    assert ask("/v1/topics").status_code == 404


def test_a_process_that_is_told_to_stop_is_not_ready_from_then_on(pulse: Pulse, ask: Ask) -> None:
    for reader in ("notify", "watch docks"):
        pulse.note(reader, NOW, "")
    with stop_on_signal(pulse.stop) as stop:
        assert ask("/readyz").status_code == 200
        os.kill(os.getpid(), signal.SIGTERM)
        answer = ask("/readyz")
        assert answer.status_code == 503
        assert answer.json()["troubles"] == {"notify": "is stopping", "watch docks": "is stopping"}
        assert ask("/healthz").status_code == 200
        assert stop.is_set()

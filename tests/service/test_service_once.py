"""Whether a command may leave the reading to a service: only where somebody reads."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.readmodel.store import Store
from monitor.service.leases import LEASE, Shared
from monitor.service.once import is_running
from monitor.service.settings import Settings
from monitor.service.wiring import open_service


def test_a_redis_of_its_own_is_no_sign_of_a_service_but_a_watcher_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=tmp_path, redis_url="redis://127.0.0.1:1/0")
    now = datetime.now(UTC)
    assert not is_running(settings, now)
    assert "no role `watch` is at work" in caplog.text
    service = open_service(Store(tmp_path))
    watcher = Shared(service, lambda: now, "one")
    watcher.want("watch", ["pti"])
    watcher.renew()
    caplog.clear()
    assert is_running(settings, now)
    assert caplog.text == ""
    assert not is_running(settings, now + LEASE), "it has died"
    service.dispose()

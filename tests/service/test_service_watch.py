"""The role `watch`: it says how it fares while it runs, and leaves nothing behind when it was stopped."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.log.stream import EventLog
from monitor.readmodel.roles import troubles
from monitor.service.settings import Settings
from monitor.service.watch import watches
from monitor.service.wiring import assemble


def now() -> datetime:
    return datetime.now(UTC)


def test_a_watch_that_was_stopped_is_not_missed_later(embedded_log: EventLog, tmp_path: Path) -> None:
    (watch,) = watches(assemble(Settings(data=tmp_path), embedded_log, now))
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    later = now() + timedelta(hours=1)
    thread.start()
    while not troubles(tmp_path, later):  # an hour later it would be missed, were it still said to run
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    assert troubles(tmp_path, later) == {}

"""The role `watch`: it says how it fares while it runs, and leaves nothing behind when it was stopped."""

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.files import current_path
from monitor.readmodel.roles import troubles
from monitor.readmodel.store import Store
from monitor.service.settings import Settings
from monitor.service.watch import renew, watches
from monitor.service.wiring import assemble


def now() -> datetime:
    return datetime.now(UTC)


def test_a_watch_that_was_stopped_is_not_missed_later(embedded_log: EventLog, tmp_path: Path) -> None:
    (watch,) = watches(assemble(Settings(data=tmp_path), embedded_log, now))
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    later = now() + timedelta(hours=1)
    thread.start()
    while not troubles(Store(tmp_path), later):  # an hour later it would be missed, were it still said to run
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    assert troubles(Store(tmp_path), later) == {}


def test_a_read_model_of_another_version_is_made_again(embedded_log: EventLog, tmp_path: Path) -> None:
    parley = assemble(Settings(data=tmp_path), embedded_log, now)
    (watch,) = watches(parley)
    assert not parley.read_model.is_outdated(), "there is none yet"
    watch.tick()
    parley.read_model.close()
    old = current_path(tmp_path)
    assert old is not None
    renew(parley)
    assert current_path(tmp_path) == old, "it is of this version"
    with sqlite3.connect(old) as connection:
        connection.execute("ALTER TABLE article DROP COLUMN author")
    assert parley.read_model.is_outdated()
    renew(parley)
    assert current_path(tmp_path) != old
    assert not parley.read_model.is_outdated()
    assert [topic.topic for topic in queries.topics(parley.read_model)] == ["pti"]
    parley.service.dispose()

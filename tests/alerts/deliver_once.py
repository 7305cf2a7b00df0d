"""A process of its own that fans one alert and its update out and delivers them; the tests kill it on the way.

With `group`, two alerts that go together in one message.

Started again, its clock stands past every lease. Outcomes go to the file `outcomes`, a line each.
"""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path

from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.queue import LEASE
from monitor.alerts.tables import create_tables
from monitor.log.events import Event
from monitor.readmodel.store import open_engine

_spec = importlib.util.spec_from_file_location("shared", Path(__file__).parent / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)


def main(data: Path, url: str, group: str = "") -> None:
    """Live once."""
    engine = open_engine(data / "service.sqlite")
    create_tables(engine)
    clock = shared.TurnableClock()
    story = shared.Story(engine, clock)
    story.subscribe(story.webhook("desk", url, group_s=60 if group else 0))
    events = [story.alert("a"), story.alert("b")] if group else [story.alert(), story.update()]
    story.tell(*events)
    clock.turn(LEASE * (1 + (data / "lived").exists()))
    (data / "lived").touch()

    def record(event: Event) -> None:
        with (data / "outcomes").open("a") as outcomes:
            outcomes.write(event.to_json() + "\n")

    dispatcher = Dispatcher(engine, {"webhook": WebhookChannel(clock)}, clock, shared.OPEN, record)
    dispatcher.tick()
    dispatcher.drain(20)
    clock.turn(timedelta(seconds=5))
    dispatcher.tick()
    dispatcher.drain(20)
    dispatcher.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

"""Newsrooms polled four times a day for as long as one likes, through the real poller, feed reader and intake."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine

from monitor.log.events import Event
from monitor.sources.config import SourceConfig
from monitor.sources.intake import Intake
from monitor.sources.poll import Poller
from monitor.topics import load_topics
from tests.sources.newsroom import START, YEAR, FastLog, Newsroom, Reader, Web, removal

RESTART_AFTER = 120


class Year:
    """Some newsrooms that are polled once in each `step`, what Parley makes of them, and what a careful reader does."""

    def __init__(self, engine: Engine, rooms: Sequence[Newsroom], step: timedelta) -> None:
        self.rooms = {room.name: room for room in rooms}
        self.log, self.reader, self.now = FastLog(), Reader(), START
        self.step = step
        self._engine, self._web = engine, Web(self.rooms)
        self.start()

    def start(self) -> None:
        """Start Parley anew, with nothing but what is stored."""
        self._intake = Intake(self.log, by="ingest/test", clock=lambda: self.now)
        sources = [
            SourceConfig(id=name, url=f"https://{name}.example/feed", topics=("pti",)) for name in self.rooms
        ]
        self.poller = Poller(
            self._engine,
            sources,
            load_topics(),
            self._web,
            self._intake.publish,
            lambda: self.now,
            workers=1,
            host_pause=timedelta(),
        )

    def run(self) -> None:
        """Let the year pass; in its middle every outlet moves to another system."""
        for number in range(YEAR // self.step):
            for room in self.rooms.values():
                if number == YEAR // self.step // 2:
                    room.move(self.now)
                else:
                    room.step(self.now)
            self.poll()
            for room in self.rooms.values():
                self._remove(room)
            if number % RESTART_AFTER == 0:
                self.start()

    def again(self, times: int) -> int:
        """Poll whole feeds so often without anything new, each time anew; returns how many events that made."""
        before, self._web.knows_validators = len(self.log.events), False
        for _ in range(times):
            for room in self.rooms.values():
                room.extra = []
            self.poll()
            self.start()
        return len(self.log.events) - before

    def poll(self) -> None:
        """Poll everything once."""
        for room in self.rooms.values():
            self.reader.look(room)
        ticked = self.poller.poll_due()
        assert (ticked.polled, ticked.failed) == (len(self.rooms), 0)
        self.now += self.step

    def differences(self) -> dict[str, tuple[int, int]]:
        """Pieces of which the log has not as many events as a careful reader would make: how many each has."""
        events = Counter(_serial(event) for event in self.log.events if event.type != "article.removed")
        return {
            serial: (events[serial], self.reader.count(serial))
            for serial in {*events, *self.reader.serials}
            if events[serial] != self.reader.count(serial)
        }

    def history(self) -> int:
        """How many articles were taken in as history."""
        return sum(event.type == "article.ingested" and event.data["history"] for event in self.log.events)

    def confused(self) -> list[set[str]]:
        """The ids of pieces that have several, and the pieces of ids that stand for several."""
        ids: defaultdict[str, set[str]] = defaultdict(set)
        pieces: defaultdict[str, set[str]] = defaultdict(set)
        for event in self.log.events:
            if event.type != "article.removed":
                ids[_serial(event)].add(event.data["article_id"])
                pieces[event.data["article_id"]].add(_serial(event))
        return [some for some in (*ids.values(), *pieces.values()) if len(some) > 1]

    def _remove(self, room: Newsroom) -> None:
        """The outlet takes a piece back, and then shows it again under another id, another link and other words."""
        piece, room.to_remove = room.to_remove, None
        if piece is None or piece.removed:
            return
        article_id = next(
            event.data["article_id"] for event in self.log.events if _serial(event) == piece.serial
        )
        self.log.append("pti", [removal(article_id, self.now)])
        piece.removed = True
        piece.guid, piece.address, piece.words[-1] = f"{piece.guid}-back", f"{piece.address}-back", "again"


def _serial(event: Event) -> str:
    return str(event.data["text"].split()[10]) if "text" in event.data else ""

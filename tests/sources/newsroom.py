"""Outlets that write, revise, move and fumble for a year, and a reader who knows which article is which.

`Newsroom` shows a feed; `Web` serves the feeds of several without a network; `Reader` counts what a careful person
would: each article once, and each change of what it says once.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from urllib.parse import urlsplit

from monitor.errors import PartialDuplicateError
from monitor.ids import fact_id
from monitor.log.events import ArticleRemoved, Event
from monitor.sources.fetch import Fetched, Validators

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
WINDOW = 12
ARCHIVE = 50
TURNS = 6
NOTHING_KNOWN = Validators()
_SYLLABLES = ("ka", "lo", "mi", "ne", "pu", "ra", "si", "to", "vu", "ze", "dar", "fen", "gol", "hin")
_LEAD = "PTI leaders and the government spoke of talks about paper"
_ASIDE = "The council of growers met in the valley about paper"


@dataclass(eq=False)
class Piece:
    """An article as the outlet knows it. `words` is what it says; `version` counts what it said."""

    serial: str
    title: str
    words: list[str]
    published: datetime
    guid: str
    address: str
    relevant: bool
    version: int = 0
    style: int = 0
    removed: bool = False
    old: bool = False
    """From the archive: it was never news."""

    @property
    def text(self) -> str:
        """What the feed shows of it: quotes, dashes and a clock differ, the words do not."""
        body = " ".join(self.words)
        body = f"“{body}” – ends" if self.style % 3 == 1 else f'"{body}" - ends'
        return body + (f" Updated {self.style} minutes ago" if self.style else "")


class Newsroom:
    """An outlet with its feed.

    Args:
        name: the source's id and the outlet's name.
        guids: `stable`, `none`, `random` (new ones at each look), `one` (the same for all), `places` (first, second).
        links: False for a feed without links.
        retold: the new system also gives every headline the outlet's name. Such an outlet writes at length only: a few
            words under another headline, id and address cannot be told from new ones.
        idle: how often nothing happens, against 70 for something.
    """

    def __init__(
        self, name: str, *, guids: str = "stable", links: bool = True, retold: bool = False, idle: int = 30
    ) -> None:
        self.name, self.guids, self.links, self.retold, self.idle = name, guids, links, retold, idle
        self.chance = random.Random(name)
        self.pieces: list[Piece] = []
        self.extra: list[Piece] = []
        self.turning: tuple[Piece, int] | None = None
        self.system = 1
        self.looks = 0
        self.to_remove: Piece | None = None
        for _ in range(WINDOW):
            self.write(START - timedelta(days=2))

    def write(self, now: datetime, *, old: bool = False) -> Piece:
        """Write a piece; some are short, and some have a headline that is used again and again."""
        serial = f"{self.name}x{len(self.pieces)}"
        relevant = self.chance.random() < 0.6
        words = [
            *(_LEAD if relevant else _ASIDE).split(),
            serial,
            *self._words(self.chance.choice((70 if self.retold else 12, 70))),
        ]
        headline = "The talks in short" if self.chance.random() < 0.1 else f"Paper {serial} on the talks"
        ago = (
            timedelta(days=400 + len(self.pieces))
            if old
            else timedelta(seconds=self.chance.randrange(20_000))
        )
        piece = Piece(serial, headline, words, now - ago, f"{self.name}-{serial}", serial, relevant, old=old)
        self.pieces.insert(0, piece)
        return piece

    def step(self, now: datetime) -> None:
        """Let one thing happen, often nothing."""
        self.extra = []
        if self.turning:
            piece, turns = self.turning
            piece.version += 1 if turns % 2 else -1
            piece.words[-1] = ("before", "after")[turns % 2]
            self.turning = (piece, turns - 1) if turns > 1 else None
            return
        shown = self.pieces[:WINDOW]
        piece = self.chance.choice(shown)
        what = self.chance.choices(
            ("nothing", "write", "revise", "restyle", "redate", "back", "reid", "turn", "remove"),
            (self.idle, 40, 6, 10, 4, 6, 2, 1, 1),
        )[0]
        if what == "write":
            for _ in range(self.chance.choice((1, 1, 3))):
                self.write(now)
        elif what == "revise":
            piece.words += self._words(5)
            piece.version += 2
        elif what == "restyle":
            piece.style += 1
        elif what == "redate":
            piece.published += timedelta(minutes=1)
        elif what == "back" and len(self.pieces) > WINDOW:
            self.extra = [self.chance.choice(self.pieces[WINDOW:])]
        elif what == "reid":
            piece.guid += "-again"
        elif what == "turn" and piece.version == 0:
            piece.words.append("before")
            piece.version = 10
            self.turning = (piece, TURNS + 1)
        elif what == "remove" and piece.relevant and not piece.removed:
            self.to_remove = piece

    def move(self, now: datetime) -> None:
        """Move to another system: all ids and links change, and its feed also shows some of its archive, once."""
        self.system += 1
        for piece in self.pieces:
            piece.guid = f"node/{piece.serial[::-1]}"
            piece.style += 1
            if self.retold:
                piece.title += f" | {self.name}"
                piece.version += 2
        shown = self.pieces[:]
        self.extra = [self.write(now, old=True) for _ in range(ARCHIVE)]
        self.pieces = shown + self.extra

    @property
    def shown(self) -> list[Piece]:
        """What the feed shows now, newest first."""
        return self.pieces[:WINDOW] + self.extra

    def feed(self) -> bytes:
        """The feed. What readers are tracked by differs at each look."""
        self.looks += 1
        items = "".join(self._item(piece, place) for place, piece in enumerate(self.shown))
        return (f"<rss version='2.0'><channel><title>{self.name}</title>{items}</channel></rss>").encode()

    def _item(self, piece: Piece, place: int) -> str:
        guid = {
            "stable": piece.guid,
            "random": f"{piece.guid}-{self.looks}",
            "one": "feed",
            "places": str(place),
            "none": "",
        }[self.guids]
        return (
            f"<item><title>{escape(piece.title)}</title>"
            + (f"<link>{escape(self._link(piece))}</link>" if self.links else "")
            + (f"<guid isPermaLink='false'>{guid}</guid>" if guid else "")
            + f"<pubDate>{piece.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{escape(piece.text)}</description></item>"
        )

    def _link(self, piece: Piece) -> str:
        host = ("", "www.", "m.")[self.looks % 3] + f"{self.name}.example"
        if self.system == 1:
            return (
                f"https://{host}/story.php?utm_source=rss{self.looks}&id={piece.address}&fbclid={self.looks}"
            )
        return f"https://{host}/{'amp/' if self.looks % 2 else ''}news/{piece.address}?ref={self.looks}"

    def _words(self, count: int) -> list[str]:
        return ["".join(self.chance.choices(_SYLLABLES, k=3)) for _ in range(count)]


class Reader:
    """Counts what a careful person would who sees what the feeds show at each poll."""

    def __init__(self) -> None:
        self.history = 0
        self._versions: dict[str, list[int]] = {}

    @property
    def serials(self) -> frozenset[str]:
        """The pieces that concern the topic."""
        return frozenset(self._versions)

    def count(self, serial: str) -> int:
        """In how many versions a piece was seen."""
        return len(self._versions.get(serial, ()))

    def look(self, room: Newsroom) -> None:
        """Look at a feed that is polled now."""
        first = not any(piece.serial in self._versions for piece in room.pieces)
        for piece in room.shown:
            if not piece.relevant or piece.removed:
                continue
            seen = self._versions.setdefault(piece.serial, [])
            if not seen:
                self.history += first or piece.old
            elif seen[-1] == piece.version or (seen[-1], piece.version) in pairwise(seen):
                continue
            seen.append(piece.version)


class Web:
    """Serves the feeds of newsrooms, each at https://NAME.example/feed; what has not changed is answered with 304."""

    def __init__(self, rooms: Mapping[str, Newsroom]) -> None:
        self._rooms = {f"{name}.example": room for name, room in rooms.items()}
        self.knows_validators = True

    def get(self, url: str, validators: Validators = NOTHING_KNOWN, **_: object) -> Fetched:
        """The feed, or that it is the same."""
        room = self._rooms[urlsplit(url).hostname or ""]
        state = fact_id(
            *(f"{piece.guid} {piece.published} {piece.title} {piece.text}" for piece in room.shown)
        )
        if self.knows_validators and validators.etag == state:
            return Fetched(url, b"", "", validators, not_modified=True)
        body = room.feed()
        return Fetched(url, body, "application/rss+xml", Validators(etag=state))


@dataclass(frozen=True)
class Recorded:
    """An event and where it stands."""

    position: str
    event: Event


class FastLog:
    """The log's promise in memory: all or nothing, and each event once."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._ids: set[str] = set()

    def append(self, topic: str, events: list[Event]) -> None:
        """Append a batch."""
        known = [event for event in events if event.id in self._ids]
        if known and len(known) < len(events):
            raise PartialDuplicateError("known in part")
        if not known:
            self.events += events
            self._ids.update(event.id for event in events)

    def epoch(self, topic: str) -> str | None:
        return "epoch"

    def read_all(self, topic: str, after: str, *, corrupt: object = None) -> Iterator[Recorded]:
        """The events after a position."""
        start = int(after.partition("-")[0])
        for number in range(start, len(self.events)):
            if self.events[number].topic == topic:
                yield Recorded(f"{number + 1}-0", self.events[number])


def removal(article_id: str, now: datetime) -> Event:
    """The event that takes an article back."""
    data = ArticleRemoved(article_id=article_id, reason="asked by the outlet")
    id_ = fact_id("removed", article_id)
    return Event.of("article.removed", data, id_=id_, topic="pti", at=now, cause=None, by="test")

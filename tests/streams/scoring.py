"""Whole streams, scored: what `parley rehearse` tells beside what a careful reader would have announced.

An alert (told, and not taken back since) fits an expected shift of its channel and status whose window meets the days
in which the alert dates the change. Each fits one at most; the best assignment counts. `python -m tests.streams.scoring
[NAME...]` prints every miss and every false alarm.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.log.events import Event
from monitor.service.rehearsal import Rehearsed, rehearse
from monitor.sources.lines import read_lines
from monitor.topics import Topic, load_topic, load_topics

HERE = Path(__file__).parent
SLACK = timedelta(days=1)
"""A day either way: outlets and time zones differ about which day it was."""


@dataclass(frozen=True)
class Shift:
    """A shift that a careful reader would announce; with `also` one that a fair reader might or might not."""

    channel: str
    status: str
    earliest: date
    latest: date
    also: bool
    why: str

    def __str__(self) -> str:
        """For example: 2025-05-14..2025-05-15 government proposed: the prime minister invites PTI."""
        return f"{self.earliest}..{self.latest} {self.channel} {self.status}: {self.why}"


@dataclass(frozen=True)
class Told:
    """An alert as it stands in the end, dated somewhere in `earliest` .. `latest`."""

    alert: str
    channel: str
    status: str
    earliest: date
    latest: date
    raised_at: datetime
    quote: str

    def fits(self, shift: Shift) -> bool:
        """True when it may be what is told of the shift."""
        return (
            (self.channel, self.status) == (shift.channel, shift.status)
            and self.earliest <= shift.latest + SLACK
            and self.latest >= shift.earliest - SLACK
        )

    def __str__(self) -> str:
        """For example: 2025-05-14 government proposed (dated 2025-05-14..2025-05-14): “...”."""
        dated = f"dated {self.earliest}..{self.latest}"
        return f"{self.raised_at:%Y-%m-%d %H:%M} {self.channel} {self.status} ({dated}): “{self.quote}”"


@dataclass(frozen=True)
class Expected:
    """A hand-made timeline: the shifts, and the articles on which no alert may rest alone (with the reason why)."""

    shifts: tuple[Shift, ...]
    quiet: dict[str, str]


@dataclass(frozen=True)
class Score:
    """How well the alerts of a stream are the shifts expected of it."""

    right: list[Shift] = field(default_factory=list)
    missed: list[Shift] = field(default_factory=list)
    false: list[Told] = field(default_factory=list)
    twice: list[Told] = field(default_factory=list)
    """Those of the false ones that tell again what another alert tells."""
    on_quiet: list[str] = field(default_factory=list)
    """What was raised on the word of quiet articles alone, taken back later or not."""

    @property
    def precision(self) -> float:
        """Of the alerts told, which part is right; those a fair reader might have told count neither way."""
        return len(self.right) / max(1, len(self.right) + len(self.false))

    @property
    def recall(self) -> float:
        """Of the shifts expected, which part was told."""
        return len(self.right) / max(1, len(self.right) + len(self.missed))

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def to_json(self) -> dict[str, float]:
        """The figures, as scores.toml records them."""
        return {
            "f1": round(self.f1, 3),
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "on_quiet": len(self.on_quiet),
            "twice": len(self.twice),
        }

    def report(self) -> str:
        """Every miss and every false alarm, and the figures."""
        parts: list[tuple[str, Iterable[object]]] = [
            ("right", self.right),
            ("missed", self.missed),
            ("false", self.false),
            ("twice", self.twice),
            ("on quiet articles alone", self.on_quiet),
        ]
        lines = [f"{name}\n" + "".join(f"  {one}\n" for one in some) for name, some in parts]
        return "".join(lines) + json.dumps(self.to_json())


def score(told: Sequence[Told], expected: Expected, on_quiet: Sequence[str] = ()) -> Score:
    """Assign alerts to shifts, as many as can be, those that must be told before those that may."""
    order = sorted(expected.shifts, key=lambda shift: shift.also)
    holder: dict[int, int] = {}
    """Alert -> its shift."""
    for place in range(len(order)):
        _assign(place, order, told, holder, set())
    held = {order[place] for place in holder.values()}
    false = [one for at, one in enumerate(told) if at not in holder]
    return Score(
        right=[shift for shift in expected.shifts if shift in held and not shift.also],
        missed=[shift for shift in expected.shifts if shift not in held and not shift.also],
        false=false,
        twice=[one for one in false if any(one.fits(shift) for shift in held)],
        on_quiet=list(on_quiet),
    )


def _assign(
    place: int, order: Sequence[Shift], told: Sequence[Told], holder: dict[int, int], seen: set[int]
) -> bool:
    """Find an alert for a shift; one that has a shift already may move to another."""
    for at, one in enumerate(told):
        if at in seen or not one.fits(order[place]):
            continue
        seen.add(at)
        if at not in holder or _assign(holder[at], order, told, holder, seen):
            holder[at] = place
            return True
    return False


def expected_of(name: str) -> Expected:
    """The hand-made timeline of a stream."""
    raw = timeline_of(name)
    shifts = (
        Shift(
            channel=one["channel"],
            status=one["status"],
            earliest=date.fromisoformat(one["earliest"]),
            latest=date.fromisoformat(one["latest"]),
            also=one.get("also", False),
            why=one["why"],
        )
        for one in raw["shifts"]
    )
    return Expected(tuple(shifts), {one["article"]: one["why"] for one in raw["quiet"]})


def timeline_of(name: str) -> Any:
    """The file of a hand-made timeline as it stands."""
    return json.loads((HERE / f"{name}.timeline.json").read_text(encoding="utf-8"))


def topic_of(name: str) -> Topic:
    """The topic that reads a stream: the file beside it, else the shipped one that its timeline names."""
    path = HERE / f"{name}.toml"
    return load_topic(path) if path.exists() else load_topics()[timeline_of(name)["topic"]]


def streams() -> list[str]:
    """The names of all streams."""
    return sorted(path.name.removesuffix(".timeline.json") for path in HERE.glob("*.timeline.json"))


def scored(name: str, folder: Path) -> tuple[Score, Rehearsed]:
    """Rehearse a stream in the empty folder `folder` and score it."""
    path, expected = HERE / f"{name}.jsonl", expected_of(name)
    done = rehearse(topic_of(name), read_lines(path), folder)
    told = [_told(alert.to_json()) for alert in done.alerts if alert.state in {"raised", "updated"}]
    told.sort(key=lambda one: (one.raised_at, one.channel, one.alert))
    return score(told, expected, _on_quiet(done.told, expected, _ids(path))), done


def _told(alert: dict[str, Any]) -> Told:
    latest = alert["start_latest"] or alert["effective_at"]
    return Told(
        alert=alert["alert"],
        channel=alert["channel"],
        status=alert["status"],
        earliest=date.fromisoformat(alert["start_earliest"] or latest),
        latest=date.fromisoformat(latest),
        raised_at=datetime.fromisoformat(alert["raised_at"]),
        quote=alert["articles"][0]["quote"][:120],
    )


def _ids(path: Path) -> dict[tuple[str, str], str]:
    """(outlet, moment of publication) -> the article's id in the stream: revisions share a URL, but no moment."""
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {(one["outlet"], _moment(one["published"])): one["id"] for one in lines}


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def _on_quiet(told: Iterable[Event], expected: Expected, ids: dict[tuple[str, str], str]) -> list[str]:
    found = []
    for event in told:
        evidence = event.data.get("evidence", ())
        articles = {ids[quote["outlet"], _moment(quote["published_at"])] for quote in evidence}
        if event.type == "alert.raised" and articles and articles <= expected.quiet.keys():
            reasons = ", ".join(f"{article} ({expected.quiet[article]})" for article in sorted(articles))
            found.append(f"{event.recorded_at:%Y-%m-%d} {event.data['text']} {reasons}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the streams that are named, or all, and print what is right and what is not."""
    parser = argparse.ArgumentParser(prog="python -m tests.streams.scoring", description=__doc__)
    parser.add_argument("names", nargs="*", default=streams(), metavar="NAME")
    parser.add_argument("--totals", action="store_true", help="figures only: for streams that only measure")
    chosen = parser.parse_args(arguments)
    for name in chosen.names:
        with tempfile.TemporaryDirectory(prefix="ps-") as folder:
            found, _ = scored(name, Path(folder))
        told = json.dumps(found.to_json()) if chosen.totals else found.report()
        sys.stdout.write(f"{name}: {told}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

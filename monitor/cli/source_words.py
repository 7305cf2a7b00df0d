"""How sources look on a terminal: how they fare, what they would bring, what to do about those that fail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.text import Text

from monitor.cli import terminal
from monitor.cli.source_choice import Known
from monitor.readmodel.sources import advice
from monitor.sources.health import SILENT, standing
from monitor.sources.opml import without_login
from monitor.sources.state import SourceState
from monitor.sources.trial import Looked, Trial

_TITLE = 90
_NEW = "new"
_SHOWN = {_NEW: "not polled yet", "gone": "gone, paused"}
"""Standings that the table puts in other words."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a source: the problem as printed with --json, and how often or since when, in words."""

    source: str
    problem: Mapping[str, str]
    how: str = ""


def place_of(known: Known) -> str:
    """The address, without a login in it, or the path."""
    return without_login(known.source.url) if known.source.url else str(known.source.path)


def described(known: Known, row: SourceState | None, now: datetime) -> dict[str, Any]:
    """A source as printed with --json; values of headers are nowhere in it."""
    source = known.source
    shown = source.model_dump(
        mode="json", include={"id", "kind", "topics", "outlet", "language", "country", "trust"}
    )
    state = standing(row, now) if row else _NEW
    reason, _, words = (row.last_error if row else "").partition(": ")
    if row and state == SILENT and not reason:
        reason, words = SILENT, f"no new entry since {_minute(row.newest_at)}"
    return {
        **shown,
        "place": place_of(known),
        "file": str(known.written.file) if known.written.file else None,
        "line": known.written.line,
        "state": state,
        "last_poll_at": (row.last_poll_at if row else "") or None,
        "last_ok_at": (row.last_ok_at if row else "") or None,
        "next_poll_at": row.due_at if row and not row.is_paused else None,
        "error_streak": row.error_streak if row else 0,
        "failing_since": (row.failing_since if row else "") or None,
        "problem": problem_of(reason, words) if reason else None,
        "note": row.note if row else "",
        "entries_seen": row.entries_seen if row else 0,
        "entries_relevant": row.entries_relevant if row else 0,
        "entries_per_week": row.entries_per_week if row else 0.0,
    }


def show_list(documents: Sequence[Mapping[str, Any]]) -> None:
    """A table of all sources, then what is wrong with those that fail."""
    if not documents:
        say("No sources yet. Add one: `parley sources add ADDRESS`")
        return
    headers = ("source", "topics", "state", "last success", "next poll", "taken in")
    rows = [
        (
            one["id"],
            ", ".join(one["topics"]),
            _SHOWN.get(one["state"], one["state"]),
            _minute(one["last_ok_at"]),
            _minute(one["next_poll_at"]),
            f"{one['entries_relevant']} of {one['entries_seen']}",
        )
        for one in documents
    ]
    terminal.table(headers, rows)
    show_troubles([Trouble(one["id"], one["problem"], _how(one)) for one in documents if one["problem"]])
    for one in documents:
        if one["note"]:
            say(f"{one['id']}: at its last poll: {one['note']}")


def show_troubles(troubles: Iterable[Trouble]) -> None:
    """What is wrong and what to do; that once for all with the same reason, as when the network is down."""
    alike: dict[str, list[Trouble]] = {}
    for one in troubles:
        alike.setdefault(one.problem["reason"], []).append(one)
    for reason, group in alike.items():
        advice_, what = group[0].problem["advice"], "silent" if reason == SILENT else "failed"
        if len(group) > 1:
            say(f"{len(group)} sources {'are ' if reason == SILENT else ''}{what}. {advice_}")
        for one in group:
            if len(group) > 1:
                say(": ".join(filter(None, (one.source, one.how, one.problem["words"]))), 2)
            else:
                said = f"{what} {one.how}".rstrip()
                say(f"{one.source}: {said}: {one.problem['words']} ({advice_})")


def problem_of(reason: str, words: str) -> dict[str, str]:
    """A failure as printed with --json."""
    return {"reason": reason, "words": words, "advice": advice(reason)}


def trial_document(trial: Trial) -> dict[str, Any]:
    """What a source would bring, as printed with --json."""
    return {
        "id": trial.source.id,
        "kind": trial.source.kind,
        "ok": trial.ok,
        "problem": None if trial.ok else problem_of(trial.reason, trial.words),
        "note": trial.note,
        "entries": len(trial.entries),
        "relevant": trial.relevant,
        "articles": [entry_document(entry) for entry in trial.entries],
    }


def entry_document(entry: Looked) -> dict[str, Any]:
    """An entry as printed with --json."""
    published = entry.article.published_at
    return {
        "title": entry.article.title,
        "url": entry.article.url,
        "published_at": published.isoformat() if published else None,
        "topics": {name: {"relevant": yes, "reason": why} for name, (yes, why) in entry.topics.items()},
    }


def show_trial(trial: Trial, *, entries: bool) -> None:
    """What a source that could be read would bring; `entries`: each of them, else those that would be taken in."""
    say(f"{trial.source.id}: {counted(trial.entries)}{f'; {trial.note}' if trial.note else ''}")
    show_entries(entry for entry in trial.entries if entries or entry.is_relevant)


def counted(entries: Sequence[Looked]) -> str:
    """How many there are, and how many would be taken in."""
    relevant = sum(entry.is_relevant for entry in entries)
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}, {relevant} to be taken in"


def show_entries(entries: Iterable[Looked]) -> None:
    """A line or two per entry: day, title, whether each topic would take it in, and why (not)."""
    for entry in entries:
        day = f"{entry.article.published_at:%Y-%m-%d}" if entry.article.published_at else "no date   "
        title = entry.article.title
        say(f"{day}  {title if len(title) <= _TITLE else title[: _TITLE - 1] + '…'}", 2)
        for name, (relevant, why) in entry.topics.items():
            say(f"{name}: {'taken in' if relevant else 'passed over'}: it {why}", 14)


def say(text: str, indent: int = 0) -> None:
    """A line; nothing from outside drives the terminal."""
    terminal.line(terminal.console(), Text(terminal.plain(text)), indent)


def _how(one: Mapping[str, Any]) -> str:
    """How often a listed source has failed, and since when; empty where it did not fail."""
    if not one["error_streak"]:
        return ""
    times = "once" if one["error_streak"] == 1 else f"{one['error_streak']} times in a row"
    return f"{times}, since {_minute(one['failing_since'])}"


def _minute(stamped: str | None) -> str:
    return f"{datetime.fromisoformat(stamped):%Y-%m-%d %H:%M}" if stamped else "–"

"""How sources look on a terminal: how they fare, what they would bring, what to do about those that fail."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from monitor.cli import terminal
from monitor.cli.source_choice import Known
from monitor.readmodel.sources import advice
from monitor.sources.opml import without_login
from monitor.sources.state import SourceState, stamp
from monitor.sources.trial import Looked, Trial

_TITLE = 90


def place_of(known: Known) -> str:
    """The address, without a login in it, or the path."""
    return without_login(known.source.url) if known.source.url else str(known.source.path)


def standing(row: SourceState | None, now: datetime) -> str:
    """How a source fares, in a word or two."""
    if row is None or not row.last_poll_at:
        return "paused" if row and row.is_paused else "not polled yet"
    if row.is_paused:
        return "gone, paused" if row.last_error.startswith("gone:") else "paused"
    if row.leased_until > stamp(now):
        return "being polled"
    if row.error_streak:
        return "failing"
    return "silent" if row.told.startswith("silent") else "well"


def described(known: Known, row: SourceState | None, now: datetime) -> dict[str, Any]:
    """A source as printed with --json; values of headers are nowhere in it."""
    source = known.source
    shown = source.model_dump(
        mode="json", include={"id", "kind", "topics", "outlet", "language", "country", "trust"}
    )
    reason, _, words = (row.last_error if row else "").partition(": ")
    return {
        **shown,
        "place": place_of(known),
        "file": str(known.written.file) if known.written.file else None,
        "line": known.written.line,
        "state": standing(row, now),
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
    headers = (
        "source",
        "kind",
        "topics",
        "outlet",
        "trust",
        "state",
        "last success",
        "next poll",
        "entries",
        "relevant",
    )
    rows = [
        (
            one["id"],
            one["kind"],
            ", ".join(one["topics"]),
            one["outlet"],
            one["trust"],
            one["state"],
            _minute(one["last_ok_at"]),
            _minute(one["next_poll_at"]),
            str(one["entries_seen"]),
            str(one["entries_relevant"]),
        )
        for one in documents
    ]
    terminal.table(headers, rows)
    for one in documents:
        if one["problem"] and one["error_streak"]:
            times = "once" if one["error_streak"] == 1 else f"{one['error_streak']} times in a row"
            say(
                f"{one['id']}: failed {times}, since {_minute(one['failing_since'])}: {_told(one['problem'])}"
            )
        if one["note"]:
            say(f"{one['id']}: {one['note']}")


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
    """What a source would bring; `entries`: each of them, else those that would be taken in."""
    if not trial.ok:
        say(f"{trial.source.id}: failed: {_told(problem_of(trial.reason, trial.words))}")
        return
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


def _told(problem: Mapping[str, str]) -> str:
    return f"{problem['words']} ({problem['advice']})"


def _minute(stamped: str | None) -> str:
    return f"{datetime.fromisoformat(stamped):%Y-%m-%d %H:%M}" if stamped else "–"

"""How subscriptions look: as printed with --json, in a table, and one by itself. No target and no secret is whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from monitor.alerts.config import Wishes
from monitor.alerts.roster import Roster
from monitor.alerts.subscriptions import SETTINGS
from monitor.alerts.tables import SubscriptionRow
from monitor.cli import terminal


def described(row: SubscriptionRow, roster: Roster, settings_file: object) -> dict[str, Any]:
    """A subscription as printed with --json."""
    return {
        "id": row.id,
        "name": row.name,
        "origin": row.origin,
        "file": str(settings_file) if row.origin == SETTINGS else None,
        "kind": row.kind,
        "target": roster.place(row),
        "state": "paused" if row.paused_because else "served",
        "paused_because": row.paused_because,
        "created_at": row.created_at.isoformat(),
        "served_from": row.served_from.isoformat(),
        "old_secret_until": row.old_secret_until.isoformat() if row.old_secret_until else None,
        "allow_private": row.allow_private,
        "wishes": Wishes.model_validate(row.wishes).model_dump(mode="json"),
    }


def with_history(document: dict[str, Any], row: SubscriptionRow, roster: Roster) -> dict[str, Any]:
    """The same, with every change of it, oldest first."""
    changes = [
        {"at": one.at.isoformat(), "what": one.what, "by": one.by, "fields": one.fields}
        for one in roster.history(row)
    ]
    return {**document, "history": changes}


def show_list(documents: Sequence[Mapping[str, Any]]) -> None:
    """A table of subscriptions."""
    if not documents:
        say("No subscriptions yet. Add one: `parley subscriptions add NAME KIND TARGET`")
        return
    headers = ("name", "kind", "to", "topics", "from", "state")
    rows = [
        (
            one["name"] or one["id"][:8],
            one["kind"],
            one["target"],
            ", ".join(one["wishes"]["topics"]) or "all",
            _whence(one),
            one["paused_because"] or "served",
        )
        for one in documents
    ]
    terminal.table(headers, rows)


def show_one(document: Mapping[str, Any]) -> None:
    """A subscription with all that it wishes, and its history."""
    lines = {
        "Name": document["name"] or "(none: a person subscribed)",
        "Id": document["id"],
        "From": _whence(document),
        "Kind": document["kind"],
        "To": document["target"] or "(erased)" if document["kind"] != "console" else "the service's output",
        "State": document["paused_because"] or "served",
        "Served from": _minute(document["served_from"]),
    }
    if document["old_secret_until"]:
        lines["Old secret"] = f"signs too, until {_minute(document['old_secret_until'])}"
    if document["allow_private"]:
        lines["Network"] = "may lead into a private one"
    for name, words in lines.items():
        say(f"{name + ':':<13}{words}")
    say("Wishes:")
    for name, words in wishes_in_words(document["wishes"]).items():
        say(f"{name + ':':<15}{words}", 2)
    say("History:")
    for change in document["history"]:
        fields = f" ({', '.join(change['fields'])})" if change["fields"] else ""
        by, _, id_ = change["by"].partition(":")
        who = f"{by} {id_[:8]}".rstrip()
        say(f"{_minute(change['at'])}  {change['what']}{fields} by {who}", 2)


def wishes_in_words(wishes: Mapping[str, Any]) -> dict[str, str]:
    """Each wish by its name as an option."""
    words: dict[str, str] = {}
    for name, value in wishes.items():
        shown = ", ".join(value) or "all" if isinstance(value, list) else str(value)
        words[name.replace("_", "-")] = "none" if value is None else shown
    return words


def say(text: str, indent: int = 0) -> None:
    """A line."""
    terminal.line(terminal.console(), Text(terminal.plain(text)), indent)


def _whence(document: Mapping[str, Any]) -> str:
    if document["origin"] == SETTINGS:
        return document["file"] or "the settings"
    return {"operator": "parley subscriptions add", "person": "a person"}[document["origin"]]


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"

"""Commands for a detector that has learned: `replay` shows what it would change, `redetect` has it read again."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import typer

from monitor.cli import differences, show
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.progress import progress
from monitor.errors import BadInputError
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.service.redetection import Redetected
from monitor.service.redetection import redetect as read_again
from monitor.service.replay import Replayed
from monitor.service.replay import replay as play
from monitor.status.difference import ClaimsDifference, Kind, ShiftDifference
from monitor.status.model import ClaimRecord
from monitor.topics import Topic

ROWS = 20
"""So many claims are shown on a terminal; --json has all."""
KINDS: dict[Kind, str] = {
    "moved": "would move",
    "changed": "would be told otherwise",
    "appeared": "would appear",
    "vanished": "would vanish",
}

TopicName = Annotated[str, typer.Argument(help="The topic's id.")]


def replay(context: typer.Context, topic: TopicName, json: Json = False) -> None:
    """What would differ, had today's detector and rules read the log?

    Shows claims gained and lost, and shifts that would move, change, appear or vanish, with the words that decide it,
    against what was announced. For after an upgrade, or a change to the topic's file or to the rules.

    The log is only read, and Parley may run meanwhile. To have it so for good, use `parley redetect`.
    """
    parley = context_of(context)
    chosen = parley.watched(topic)
    _check_folder(parley)
    with parley.log() as log:
        _check_log(log, chosen)
        with progress(log.length(chosen.id), "events") as passed:
            found = play(log, chosen, passed)
    if json:
        print_json(differences.replayed(found, chosen))
    else:
        _show_replayed(found, chosen)


def redetect(context: typer.Context, topic: TopicName, json: Json = False) -> None:
    """Have today's detector read again what an older one read.

    Its claims supersede the older ones in the log; then the status is decided, once. Nobody is alerted of the past; but
    an alert whose shift no article supports any more is taken back.

    What today's detector has read is passed over: doing it again changes nothing, and after a breakdown it goes on.
    Works while Parley runs; after an upgrade, restart that first. See what would come of it with `parley replay`.
    """
    parley = context_of(context)
    chosen = parley.watched(topic)
    if chosen.id not in parley.settings.topics:
        raise BadInputError(
            f"{topic!r} is not watched, so nobody would decide on it: name it in the setting `topics`"
        )
    _check_folder(parley)
    with parley.parley() as (service, by_another):
        _check_log(service.log, chosen)
        found = read_again(
            service,
            chosen,
            by_another=by_another,
            reading=lambda total: progress(total, "articles"),
        )
    if json:
        print_json(differences.redetected(found, chosen))
    else:
        _show_redetected(found, chosen)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(replay)
    app.command()(redetect)


def _check_folder(context: Context) -> None:
    """A data folder that is misspelt must not be made: there is nothing to read again in an empty one."""
    settings = context.settings
    if not settings.redis_url and not settings.data.exists():
        raise BadInputError(f"there is no data folder {settings.data}; name another with --data")


def _check_log(log: EventLog, topic: Topic) -> None:
    if topic.id not in log.topics():
        raise BadInputError(
            f"there is no log of {topic.id!r}; there is: {', '.join(log.topics()) or 'none yet'}"
        )


def _show_replayed(found: Replayed, topic: Topic) -> None:
    articles = sum(found.read_by.values())
    unread = f", {found.unread} not read yet by anybody" if found.unread else ""
    typer.echo(f"{topic.label}: {articles} articles read as {found.reader.detector} reads them{unread}.")
    typer.echo(
        f"Read in the log by {', '.join(f'{by} ({n})' for by, n in found.read_by.items()) or 'nobody'}."
    )
    if found.failures:
        typer.echo(f"It fails on {len(found.failures)} of them: see --json.")
    typer.echo(_count(found.claims))
    _show_claims(found.claims)
    kinds = Counter(one.kind for one in found.shifts.differing)
    if not kinds:
        typer.echo(f"All {found.shifts.same} shifts would be as they were announced.")
        return
    told = ", ".join(f"{kinds[kind]} {word}" for kind, word in KINDS.items() if kinds[kind])
    typer.echo(f"Of the shifts, {found.shifts.same} would be as they were announced; {told}.\n")
    show.table(
        ("what", "channel", "announced", "would be", "by whose words"),
        (_row(one, found) for one in found.shifts.differing),
    )


def _row(one: ShiftDifference, found: Replayed) -> tuple[str, ...]:
    announced, now = differences.announced(one.told, found), differences.now(one, found)
    quotes = [f"{show.marked(quote.text)} ({quote.outlet})" for quote in differences.quotes(one, found)[:1]]
    what = f"{one.kind}: {', '.join(one.differs)}" if one.kind == "changed" else one.kind
    return (what, one.channel, _standing(announced), _standing(now), "".join(quotes))


def _standing(shift: dict[str, Any] | None) -> str:
    """For example: talks rejected, since 2025-05-29 (confirmed, 92 %; raised)."""
    if shift is None:
        return "-"
    days = [
        date.fromisoformat(day) if day else None for day in (shift["start_earliest"], shift["start_latest"])
    ]
    sure = show.sureness(shift["certainty"], shift["confidence"], shift["contested"])
    alert = f"held back: {shift['held_back']}" if shift["held_back"] else shift["alert"] or "no alert"
    return f"{shift['name']}, {show.interval(*days)} ({sure}; {alert})"


def _show_redetected(found: Redetected, topic: Topic) -> None:
    failed = f", of which {found.failed} failed and keep the claims that they had" if found.failed else ""
    typer.echo(
        f"{topic.label}: {found.read} articles read again by {found.reader.detector}{failed}; "
        f"it had read {found.known} before."
    )
    typer.echo(_count(found.claims))
    _show_claims(found.claims)
    kinds = Counter(event.type for event in found.decided)
    typer.echo(
        "Decided: " + (", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "nothing new") + "."
    )
    for event in found.decided:
        if event.type.startswith("alert."):
            typer.echo(f"  {_told(event)}  {show.plain(event.data['text'])}")


def _told(event: Event) -> str:
    if event.type == "alert.suppressed":
        return f"not sent: {event.data['reason']}"
    return event.type.removeprefix("alert.")


def _count(found: ClaimsDifference) -> str:
    otherwise = f" ({len(found.changed)} read otherwise)" if found.changed else ""
    return f"Claims: {len(found.gained)} gained, {len(found.lost)} lost, {found.kept} kept{otherwise}."


def _show_claims(found: ClaimsDifference) -> None:
    rows = [*_claim_rows("gained", found.gained), *_claim_rows("lost", found.lost)]
    if not rows:
        return
    show.table(("", "day", "outlet", "channel", "claim", "passage"), rows[:ROWS])
    if len(rows) > ROWS:
        typer.echo(f"... and {len(rows) - ROWS} more: see --json.")
    typer.echo()


def _claim_rows(what: str, records: Iterable[ClaimRecord]) -> Iterable[tuple[str, ...]]:
    for record in records:
        day = f"{record.published_at:%Y-%m-%d}" if record.published_at else "?"
        claim = record.claim
        mood = "" if claim.mood == "asserted" else f", {claim.mood}"
        yield what, day, record.outlet, claim.channel, f"{claim.kind}{mood}", claim.span.text

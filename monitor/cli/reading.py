"""Commands that read the read model: status, timeline, alerts. They need no Redis."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.errors import BadInputError
from monitor.readmodel import queries
from monitor.topics import Topic

TopicArgument = Annotated[
    str | None,
    typer.Argument(help="The topic's id. Default: the only one of the data folder, else the first watched."),
]


def chosen_topic(parley: Context, name: str | None) -> Topic:
    """The topic asked for; a rehearsal's data folder may hold one that stands in no folder of topics."""
    held = [entry.topic for entry in queries.topics(parley.read_model)]
    if name is None and len(held) == 1:
        name = held[0]
    if name in held and name not in parley.topics:
        return queries.definition(parley.read_model, name)
    return parley.watched(name)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"{option} takes a date like 2025-05-29, not {text!r}") from error


def moment(text: str | None, option: str) -> datetime | None:
    """A moment, in UTC where it names no zone. A day means its end: when the day was over."""
    if text is None:
        return None
    try:
        if len(text) == len("2025-05-29"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"{option} takes a date or an ISO time, not {text!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def status(
    context: typer.Context,
    topic: TopicArgument = None,
    as_of: Annotated[str | None, typer.Option(help="As it was on this day (valid time).")] = None,
    known_at: Annotated[str | None, typer.Option(help="As Parley knew it then (knowledge time).")] = None,
    json: Json = False,
) -> None:
    """Where the talks stand, since when, and who says so."""
    parley = context_of(context)
    chosen = chosen_topic(parley, topic)
    answer = queries.status(
        parley.read_model,
        chosen.id,
        as_of=_day(as_of, "--as-of"),
        known_at=moment(known_at, "--known-at"),
        now=parley.clock(),
    )
    print_json(answer.to_json()) if json else show.status(answer, chosen, past=bool(as_of or known_at))


def timeline(context: typer.Context, topic: TopicArgument = None, json: Json = False) -> None:
    """Each channel's statuses, oldest first."""
    parley = context_of(context)
    chosen = chosen_topic(parley, topic)
    answer = queries.timeline(parley.read_model, chosen.id)
    print_json(answer.to_json()) if json else show.timeline(answer, chosen)


def alerts(context: typer.Context, topic: TopicArgument = None, json: Json = False) -> None:
    """What was told, newest first; what was not, and why."""
    parley = context_of(context)
    answer = queries.alerts(parley.read_model, chosen_topic(parley, topic).id if topic else None)
    print_json([alert.to_json() for alert in answer]) if json else show.alerts(answer)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (status, timeline, alerts):
        app.command()(command)

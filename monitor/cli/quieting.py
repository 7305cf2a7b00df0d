"""The commands `acknowledge`, `silence`, `silences` and `unsilence`: what a person says about alerts."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.context import Context, Json, context_of, login_name, print_json
from monitor.cli.reading import moment
from monitor.errors import BadInputError
from monitor.readmodel import queries
from monitor.readmodel.forms import Silence
from monitor.service import by_hand

Operator = Annotated[
    str | None,
    typer.Option(
        help="Who you are; only a hash of it goes into the log. Default: the name that you are logged in with."
    ),
]
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPAN = re.compile(r"(\d{1,4})\s*([mhdw])")


def acknowledge(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="The alert's id, or its beginning (see `parley alerts`).")],
    operator: Operator = None,
    json: Json = False,
) -> None:
    """Say that you have taken note of an alert. It counts until the alert is updated or cancelled."""
    who = operator_of(operator)
    with existing_data(context).parley() as (parley, by_another):
        found = by_hand.acknowledge(parley, alert, who, by_another=by_another)
    if json:
        print_json(
            {"alert": found.alert, "topic": found.topic, "was_acknowledged_before": found.acknowledged}
        )
    else:
        done = "was acknowledged before" if found.acknowledged else "is acknowledged"
        typer.echo(show.plain(f"{found.topic}/{found.channel}: {found.name} {done} ({found.alert})"))


def silence(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="The topic's id.")],
    why: Annotated[str, typer.Option(help="Why; goes into the log, so no names of persons.")],
    until: Annotated[
        str | None, typer.Option(help="The day (to its end) or the ISO time, in UTC, at which it ends.")
    ] = None,
    for_: Annotated[str | None, typer.Option("--for", help="How long: 90m, 12h, 3d or 2w.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel. Default: the whole topic.")] = None,
    operator: Operator = None,
    json: Json = False,
) -> None:
    """Tell nothing new of a topic for a while.

    New alerts are held back, for good, and so are updates; cancellations are told, since they correct what people
    believe. What is held back stands in `parley alerts`.
    """
    who, parley_context = operator_of(operator), existing_data(context)
    if (until is None) == (for_ is None):
        raise BadInputError("say how long: either --until 2025-06-02 or --for 12h")
    end = moment(until, "--until") or parley_context.clock() + _span(for_ or "")
    with parley_context.parley() as (parley, by_another):
        begun = by_hand.silence(
            parley, topic, channel=channel, until=end, operator=who, why=why, by_another=by_another
        )
    if json:
        print_json({"topic": topic, **begun.model_dump(mode="json", by_alias=True)})
    else:
        place = f"{topic}/{channel}" if channel else topic
        typer.echo(
            show.plain(
                f"{place}: nothing new is told until {begun.until:%Y-%m-%d %H:%M} UTC ({begun.silence_id})"
            )
        )


def silences(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(help="Only this topic. Default: all.")] = None,
    over: Annotated[bool, typer.Option("--over", help="Those that are over, too.")] = False,
    json: Json = False,
) -> None:
    """Of what nothing new is told, until when, and why."""
    parley = context_of(context)
    now = parley.clock()
    found = [one for one in queries.silences(parley.read_model, topic) if over or not one.is_over(now)]
    if json:
        print_json([one.to_json() for one in found])
    elif not found:
        typer.echo("No silences.")
    else:
        show.table(("id", "of", "from (UTC)", "until (UTC)", "why", "by"), map(_row, found))


def unsilence(
    context: typer.Context,
    silence: Annotated[
        str, typer.Argument(help="The silence's id, or its beginning (see `parley silences`).")
    ],
    operator: Operator = None,
    json: Json = False,
) -> None:
    """End a silence before its time. Doing it again changes nothing."""
    who = operator_of(operator)
    with existing_data(context).parley() as (parley, by_another):
        found = by_hand.unsilence(parley, silence, who, by_another=by_another)
        was_over = found.is_over(parley.clock())
    if json:
        print_json({"silence": found.silence, "topic": found.topic, "was_over_before": was_over})
    else:
        typer.echo(
            f"{found.topic}: the silence {'was over before' if was_over else 'is over'} ({found.silence})"
        )


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (acknowledge, silence, silences, unsilence):
        app.command()(command)


def operator_of(operator: str | None) -> str:
    """The opaque id of who is at work; raises BadInputError where nothing says who that is."""
    return by_hand.operator_id(login_name() if operator is None else operator)


def existing_data(context: typer.Context) -> Context:
    """The context, unless there is nothing yet that could be meant."""
    parley = context_of(context)
    if not parley.settings.redis_url and not parley.settings.data.exists():
        raise BadInputError(f"there is no data folder {parley.settings.data}; name another with --data")
    return parley


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise BadInputError(f"--for takes a number and a unit, as in 90m, 12h, 3d or 2w, not {text!r}")
    return int(found[1]) * _UNITS[found[2]]


def _row(one: Silence) -> tuple[str, ...]:
    ended = f" (ended {one.ended_at:%Y-%m-%d %H:%M})" if one.ended_at else ""
    return (
        one.silence,
        f"{one.topic}/{one.channel}" if one.channel else one.topic,
        f"{one.from_:%Y-%m-%d %H:%M}",
        f"{one.until:%Y-%m-%d %H:%M}{ended}",
        one.why,
        one.operator[:8],
    )

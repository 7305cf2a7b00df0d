"""The commands `deliveries list|show|retry`: what was sent to whom, what became of it, and how to send it again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from monitor.alerts import overview
from monitor.alerts.delivery import State
from monitor.alerts.overview import Entry, Shown, Wanted
from monitor.alerts.replay import Replayed, given_up, put_back
from monitor.alerts.tables import DeliveryRow
from monitor.cli import terminal
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.progress import progress
from monitor.errors import BadInputError
from monitor.readmodel import queries

deliveries_app = typer.Typer(
    help="What was sent to whom: list and show deliveries, put back what was given up."
)

StateOption = Annotated[
    list[State] | None, typer.Option("--state", help="Only those in this state; may be given more than once.")
]
TopicOption = Annotated[str | None, typer.Option("--topic", help="Only this topic's.")]
SubscriptionOption = Annotated[
    str | None, typer.Option("--subscription", help="Only this subscription's: its name, or its id.")
]
Since = Annotated[str | None, typer.Option("--since", help="Only those queued since: a day, or an ISO time.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")]


@deliveries_app.callback(invoke_without_command=True)
def deliveries_command(context: typer.Context, json: Json = False) -> None:
    """What was sent to whom: list and show deliveries, put back what was given up. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_deliveries(context, json=json)


@deliveries_app.command("list")
def list_deliveries(
    context: typer.Context,
    state: StateOption = None,
    topic: TopicOption = None,
    subscription: SubscriptionOption = None,
    since: Since = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Deliveries, newest first: what each tells, to which subscription, how it stands, when it is tried next (UTC).

    Messages to operators have the topic _system. No address is shown, nor what may be a secret.
    """
    parley = context_of(context)
    entries: list[Entry] = []
    with parley.settings.store.reading(DeliveryRow) as session:
        if session:
            wanted = Wanted(tuple(state or ()), topic, _named(session, subscription), _moment(since))
            entries = overview.find(session, wanted, limit)
    if json:
        print_json([_document(one) for one in entries])
    elif not entries:
        typer.echo("No deliveries.")
    else:
        headers = (
            "id",
            "queued",
            "topic",
            "message",
            "subscription",
            "state",
            "tries",
            "next try",
            "subject",
        )
        terminal.table(headers, (_row(one) for one in entries))
        if len(entries) == limit:
            typer.echo(f"These are the newest {limit}; --limit shows more.")


@deliveries_app.command("show")
def show_delivery(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="ID", help="Its id, or the first letters of it.")],
    json: Json = False,
) -> None:
    """One delivery: the message, what happened at each attempt, when it is tried next."""
    parley = context_of(context)
    with _existing(parley) as session:
        shown = overview.show(session, delivery)
    if json:
        print_json(
            {
                **_document(shown.entry),
                "text": shown.text,
                "attempts_made": [
                    {"attempt": one.number, "at": _iso(one.at), "outcome": one.outcome}
                    for one in shown.attempts
                ],
            }
        )
    else:
        _show(shown)


@deliveries_app.command("retry")
def retry(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Deliveries that were given up.")
    ] = None,
    abandoned: Annotated[
        bool, typer.Option("--abandoned", help="All that were given up, or those that the options name.")
    ] = False,
    restored: Annotated[
        bool,
        typer.Option("--restored", help="All that a restored log tells, and that waits for review."),
    ] = False,
    topic: TopicOption = None,
    subscription: SubscriptionOption = None,
    since: Since = None,
    json: Json = False,
) -> None:
    """Put deliveries that were given up back into the queue: they are sent at once, and retried for a day.

    Each keeps its id, so a receiver that has it already can tell. An alert takes along what corrects it; one that was
    taken back since is not sent any more. What a restored log tells (`abandoned: restored`) may have been told before
    the loss: look at it first, then give its ids, or --restored for all of it. Doing it again changes nothing. The
    service sends them when it runs. Exit code 1 when any could not be put back.
    """
    parley = context_of(context)
    if bool(ids) + abandoned + restored != 1:
        raise BadInputError(
            "name deliveries by their ids, or give --abandoned for all that were given up (or --restored, see --help)"
        )
    if ids and (topic or subscription or since):
        raise BadInputError("--topic, --subscription and --since choose among --abandoned, not among ids")
    with _existing(parley) as session:
        if ids:
            chosen = list(dict.fromkeys(overview.full_id(session, one) for one in ids))
        else:
            wanted = Wanted((), topic, _named(session, subscription), _moment(since))
            chosen = given_up(session, wanted, restored=restored)
    results = _put_back(parley, chosen)
    refused = [one for one in results if one.refused]
    if json:
        print_json([{"id": one.delivery_id, "put_back": one.put_back, "words": one.words} for one in results])
    else:
        _tell(results)
    if refused:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(deliveries_app, name="deliveries")


def _put_back(parley: Context, chosen: Sequence[str]) -> list[Replayed]:
    model = parley.read_model
    alerts = queries.alerts(model) if chosen and model.exists() else []
    cancelled = {one.alert for one in alerts if one.state == "cancelled"}
    results: list[Replayed] = []
    with parley.service() as engine, progress(len(chosen), "deliveries") as passed:
        for group in put_back(engine, chosen, cancelled, parley.clock()):
            results += group
            passed()
    return results


def _tell(results: Sequence[Replayed]) -> None:
    for one in results:
        if not one.put_back:
            typer.echo(terminal.plain(f"{one.delivery_id}: {one.words}"))
    back = sum(one.put_back for one in results)
    refused = sum(one.refused for one in results)
    left = len(results) - back - refused
    counts = [
        f"{back} put back",
        f"{left} had no need" if left else "",
        f"{refused} refused" if refused else "",
    ]
    typer.echo(", ".join(filter(None, counts)) + ".")


def _show(shown: Shown) -> None:
    entry = shown.entry
    facts = (
        ("delivery", entry.delivery_id),
        ("subscription", f"{entry.subscription_name} ({entry.channel})"),
        ("topic", entry.topic),
        ("message", f"{entry.message} of the alert {entry.alert}"),
        ("queued", _minute(entry.created_at)),
        ("state", entry.state),
        ("next try", _minute(entry.next_try_at)),
    )
    for name, value in facts:
        typer.echo(terminal.plain(f"{name}: {value or 'none'}"))
    if entry.problem and not shown.attempts:
        typer.echo(terminal.plain(f"why: {entry.problem}"))
    for one in shown.attempts:
        at = one.at.strftime(" at %Y-%m-%d %H:%M:%S") if one.at else ""
        typer.echo(terminal.plain(f"attempt {one.number}{at}: {one.outcome}"))
    if entry.state == State.ABANDONED:
        typer.echo(f"It was given up; `parley deliveries retry {entry.delivery_id[:12]}` puts it back.")
    typer.echo("")
    for line in shown.text.splitlines():
        typer.echo(terminal.plain(line))


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.delivery_id[:8],
        _minute(entry.created_at),
        entry.topic,
        entry.message,
        f"{entry.subscription_name} ({entry.channel})",
        entry.state if entry.problem is None else f"{entry.state}: {entry.problem.partition(':')[0]}",
        str(entry.attempts),
        _minute(entry.next_try_at),
        entry.subject.removeprefix("[Parley] "),
    )


def _document(entry: Entry) -> dict[str, Any]:
    """A delivery as printed with --json."""
    reason, _, words = (entry.problem or "").partition(": ")
    return {
        "id": entry.delivery_id,
        "alert": entry.alert,
        "topic": entry.topic,
        "message": entry.message,
        "subject": entry.subject,
        "subscription": {
            "id": entry.subscription,
            "name": entry.subscription_name,
            "kind": entry.channel,
        },
        "state": entry.state,
        "attempts": entry.attempts,
        "queued_at": _iso(entry.created_at),
        "next_try_at": _iso(entry.next_try_at),
        "settled_at": _iso(entry.settled_at),
        "problem": {"reason": reason, "words": words} if reason else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _minute(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _named(session: Session, name: str | None) -> str | None:
    return None if name is None else overview.subscription_named(session, name)


def _moment(text: str | None) -> datetime | None:
    """A day means its beginning."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--since takes a day like 2025-05-29 or an ISO time, not {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _existing(parley: Context) -> Iterator[Session]:
    store = parley.settings.store
    with store.reading(DeliveryRow) as session:
        if session is None:
            raise BadInputError(f"nothing was ever delivered from {store.name}; name another with --data")
        yield session

"""The commands `subscriptions list|add|show|remove|pause|resume|test|secret`: who is told, how, and of what."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from monitor.alerts.config import key_of, new_secret
from monitor.alerts.delivery import Delivery
from monitor.alerts.message import sample
from monitor.alerts.subscriptions import ENDED, SETTINGS, UNCONFIRMED, opened, recipient_of
from monitor.alerts.tables import SubscriptionRow
from monitor.alerts.vault import Vault
from monitor.cli import subscription_adding
from monitor.cli import subscription_words as words
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.subscription_choice import Name, has_any, line_of_file, roster_of
from monitor.errors import BadInputError, DeliveryError
from monitor.log.events import SYSTEM_TOPIC
from monitor.service.notify import channels

subscriptions_app = typer.Typer(
    help="Who is told when talks change: list, add, pause, remove and test subscriptions."
)
All = Annotated[bool, typer.Option("--all", help="Those that have ended too.")]


@subscriptions_app.callback(invoke_without_command=True)
def subscriptions_command(context: typer.Context, json: Json = False) -> None:
    """Who is told when talks change: list, add, pause, remove and test subscriptions. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_subscriptions(context, json=json)


@subscriptions_app.command("list")
def list_subscriptions(context: typer.Context, all_: All = False, json: Json = False) -> None:
    """All subscriptions: to whom, of what, from where, and whether they are served.

    Those of parley.toml stand there too. A person who subscribed has no name here, but the beginning of an id.
    Addresses are never shown whole.
    """
    parley = context_of(context)
    documents = []
    if has_any(parley):
        with roster_of(parley) as (roster, _):
            rows = roster.rows(ended=all_)
            documents = [words.described(row, roster, parley.settings.file) for row in rows]
    if json:
        print_json(documents)
    else:
        words.show_list(documents)


@subscriptions_app.command("show")
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """One subscription: where it is delivered to (masked), all that it wishes, and who changed it when.

    An operator is shown as the beginning of a hash of a login name; the values of what was changed are not kept.
    """
    parley = context_of(context)
    with roster_of(parley) as (roster, _):
        row = roster.find(name)
        document = words.with_history(words.described(row, roster, parley.settings.file), row, roster)
    if json:
        print_json(document)
    else:
        words.show_one(document)


@subscriptions_app.command("remove")
def remove(context: typer.Context, name: Name) -> None:
    """End a subscription for good: its address and its secret are erased, and nothing more is sent.

    One of parley.toml is taken out there by hand.
    """
    parley = context_of(context)
    with roster_of(parley) as (roster, _):
        row = roster.find(name)
        if row.origin == SETTINGS:
            raise BadInputError(
                f"{name!r} stands in {_file(parley)}: take it out there, or `parley subscriptions pause {name}`"
            )
        roster.remove(row)
    words.say(f"Removed {name}; its address is erased.")


@subscriptions_app.command("pause")
def pause(context: typer.Context, name: Name) -> None:
    """Send nothing to a subscription until `parley subscriptions resume`.

    Alerts that come meanwhile are not for it; what takes back or confirms an alert that it got waits for it.
    """
    with roster_of(context_of(context)) as (roster, _):
        roster.pause(roster.find(name))
    words.say(f"Paused {name}. `parley subscriptions resume {name}` goes on.")


@subscriptions_app.command("resume")
def resume(context: typer.Context, name: Name) -> None:
    """Serve a paused subscription again, also one whose receiver had answered that it was gone."""
    with roster_of(context_of(context)) as (roster, _):
        roster.resume(roster.find(name))
    words.say(f"Resumed {name}; it gets what is told from now on.")


@subscriptions_app.command("test")
def try_out(context: typer.Context, name: Name, json: Json = False) -> None:
    """Send a message that is marked as a test, at once, and say what came of it.

    It goes the way of every alert, but once only, and needs no running service. Exit code 1 when it was not accepted.
    """
    parley = context_of(context)
    with roster_of(parley) as (roster, vault):
        row = roster.find(name)
        error = _send_test(parley, row, vault)
        place = roster.place(row)
    if json:
        told = {"ok": error is None, "reason": error.reason if error else None}
        print_json({"id": row.id, "name": row.name, **told, "words": str(error) if error else None})
    elif error is None:
        words.say(f"The test was accepted{' by ' + place if place else ''}. See whether it arrives.")
    else:
        again = " An alert would be tried again." if error.retry else ""
        words.say(f"The test was not accepted ({error.reason}): {error}.{again}")
    if error:
        raise typer.Exit(1)


@subscriptions_app.command("secret")
def secret(
    context: typer.Context,
    name: Name,
    secret_file: Annotated[
        Path | None,
        typer.Option(help="The new secret, from this file (-: stdin). Default: one is made, and shown once."),
    ] = None,
    json: Json = False,
) -> None:
    """Give a webhook a new secret. The old one signs too for 24 more hours, so the receiver can follow in peace."""
    parley = context_of(context)
    given = line_of_file(secret_file, "a secret") if secret_file else new_secret()
    try:
        key_of(given)
    except ValueError as error:
        raise BadInputError(f"{secret_file}: {error}") from error
    with roster_of(parley) as (roster, _):
        row = roster.find(name)
        if row.origin == SETTINGS:
            raise BadInputError(
                f"{name!r} stands in {_file(parley)}: give the new secret there; the old one signs too for 24 hours "
                "from the service's next start"
            )
        until = roster.change_secret(row, given)
    shown = None if secret_file else given
    if json:
        print_json({"id": row.id, "name": row.name, "secret": shown, "old_secret_until": until.isoformat()})
        return
    words.say(f"{name} has a new secret; the old one signs too until {until:%Y-%m-%d %H:%M} UTC.")
    if shown:
        words.say("The new one, which is not shown again:")
        words.say(shown)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    subscription_adding.register(subscriptions_app)
    app.add_typer(subscriptions_app, name="subscriptions")


def _send_test(context: Context, row: SubscriptionRow, vault: Vault) -> DeliveryError | None:
    """What the channel has against a test message; None when it was accepted."""
    if row.paused_because in ENDED or row.paused_because == UNCONFIRMED:
        raise BadInputError(f"nothing may be sent to it: {row.paused_because}")
    settings, now = context.settings, context.clock()
    channel = channels(settings.smtp, context.clock).get(row.kind)
    if channel is None:
        hint = ": set smtp.host" if row.kind == "email" else ""
        raise BadInputError(f"nothing is set that could deliver to {row.kind}{hint}")
    id_ = secrets.token_hex(16)
    delivery = Delivery(
        delivery_id=id_,
        alert=id_,
        event_id=id_,
        topic=SYSTEM_TOPIC,
        kind="alert",
        attempt=1,
        message=sample(settings.dashboard_url, now),
        recipient=opened(recipient_of(row, now), vault, settings.api_url),
        first_delivery_id=id_,
    )
    try:
        channel.send(delivery)
    except DeliveryError as error:
        return error
    finally:
        channel.close()
    return None


def _file(context: Context) -> str:
    return str(context.settings.file or "the settings")

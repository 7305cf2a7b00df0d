"""The command `subscriptions add`: where alerts are delivered to, and which ones are wanted, when."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError

from monitor.alerts.config import HIDDEN, SEVERITIES, TARGET, Kind, SubscriptionConfig, new_secret
from monitor.cli import subscription_words as words
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.cli.subscription_choice import line_of_file, roster_of
from monitor.errors import BadInputError
from monitor.log.events import SYSTEM_TOPIC
from monitor.service.wiring import watched_topics
from monitor.toml import faults
from monitor.vocabulary import Certainty, Status

KINDS: tuple[str, ...] = get_args(Kind)
STATUSES = ", ".join(one for one in Status if one is not Status.NONE)
_TO = "An email address, the URL of a webhook or of a chat as Apprise writes it, or the path of a file."
_OPTIONS = {"address": "TARGET", "url": "TARGET", "path": "TARGET", "id": "NAME"}


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your choice: a-z, 0-9 and hyphens.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"{', '.join(KINDS)}.")],
    target: Annotated[str, typer.Argument(metavar="[TARGET]", help=f"{_TO} The console has none.")] = "",
    target_file: Annotated[
        Path | None,
        typer.Option(help="Read TARGET from this file (-: stdin), so that no shell remembers it."),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(help="A webhook's secret, from this file (-: stdin). Default: a new one, shown once."),
    ] = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It may lead into a private network.")
    ] = False,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only of this topic; may be repeated. Default: all. {SYSTEM_TOPIC}: troubles of Parley itself."
        ),
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only of this channel; may be repeated. Default: all.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(help=f"Only shifts to this status; may be repeated: {STATUSES}. Default: all."),
    ] = None,
    min_severity: Annotated[str, typer.Option(help=f"{', '.join(SEVERITIES)}.")] = "minor",
    min_certainty: Annotated[
        str, typer.Option(help="reported, or confirmed: told only when it is confirmed.")
    ] = Certainty.REPORTED.value,
    time_zone: Annotated[
        str, typer.Option(help="In which the times below are meant: Asia/Karachi, ...")
    ] = "UTC",
    quiet: Annotated[str, typer.Option(help="Quiet hours, as 22:00-07:00.")] = "",
    quiet_then: Annotated[
        str, typer.Option(help="hold alerts until the quiet hours end, or drop them.")
    ] = "hold",
    digest: Annotated[
        str, typer.Option(help="off: each alert at once; hourly or daily: gathered in one message.")
    ] = "off",
    digest_at: Annotated[str, typer.Option(help="When the daily digest is sent.")] = "08:00",
    group: Annotated[int, typer.Option(help="Seconds that an alert waits for others to go with.")] = 0,
    urgent: Annotated[
        str, typer.Option(help="From this severity on an alert waits for nothing; none: all wait.")
    ] = "critical",
    json: Json = False,
) -> None:
    """Add a subscription; a service that runs serves it at once.

    `parley subscriptions add anna email anna@example.org --topic pti`. A webhook is signed (Standard Webhooks 1.0): its
    secret is made here, and shown this once. `parley subscriptions test NAME` then tries it out.
    """
    parley = context_of(context)
    if kind not in KINDS:
        raise BadInputError(f"there is no kind {kind!r}; kinds are {', '.join(KINDS)}")
    secret = None
    if kind == "webhook":
        secret = line_of_file(secret_file, "a secret") if secret_file else new_secret()
    elif secret_file:
        raise BadInputError("only a webhook has a secret")
    config = _config(
        {
            "id": name,
            "kind": kind,
            **_target(kind, target, target_file),
            "secret": secret,
            "allow_private": allow_private,
            "topics": topic or (),
            "channels": channel or (),
            "statuses": status or (),
            "min_severity": min_severity,
            "min_certainty": min_certainty,
            "time_zone": time_zone,
            **_quiet(quiet),
            "quiet_then": quiet_then,
            "digest": digest,
            "digest_at": digest_at,
            "group_s": group,
            "urgent": None if urgent == "none" else urgent,
        }
    )
    _check_watched(parley, config)
    with roster_of(parley) as (roster, _):
        row = roster.add(config)
        document = words.described(row, roster, parley.settings.file)
    shown = None if secret_file else secret
    if json:
        print_json({**document, "secret": shown})
        return
    words.say(f"Added {name}: {kind}{' to ' + document['target'] if document['target'] else ''}.")
    if shown:
        words.say("Its secret, which the receiver needs and which is not shown again:")
        words.say(shown)
    if kind == "email" and not parley.settings.smtp.host:
        words.say("There is no mail server yet: without the setting smtp.host no mail is sent.")
    words.say(f"Try it out: `parley subscriptions test {name}`")


def register(app: typer.Typer) -> None:
    """Add this command to those of `parley subscriptions`."""
    app.command("add")(add)


def _target(kind: str, target: str, file: Path | None) -> dict[str, Any]:
    """The setting that says where it is delivered to."""
    setting = TARGET[kind]
    if target and file:
        raise BadInputError("give the target, or a file that holds it, not both")
    found = line_of_file(file, "the target") if file else target
    if not setting:
        if found:
            raise BadInputError("the console has no target")
        return {}
    if not found:
        raise BadInputError(f"say where it is delivered to: {_TO[0].lower()}{_TO[1:]}")
    return {setting: str(Path(found).expanduser().absolute()) if setting == "path" else found}


def _quiet(hours: str) -> dict[str, str]:
    if not hours:
        return {}
    begin, dash, end = hours.partition("-")
    if not dash:
        raise BadInputError(f"--quiet: expected hours like 22:00-07:00, not {hours!r}")
    return {"quiet_from": begin.strip(), "quiet_until": end.strip()}


def _config(values: dict[str, Any]) -> SubscriptionConfig:
    """The subscription that the options describe; BadInputError with all that is wrong."""
    try:
        return SubscriptionConfig.model_validate(values)
    except ValidationError as error:
        found = "; ".join(fault for _, fault in faults(error, HIDDEN))
        raise BadInputError(found.removeprefix(": ")) from error


def _check_watched(context: Context, config: SubscriptionConfig) -> None:
    """Raises BadInputError for a topic or a channel of which nothing would ever be told."""
    topics = watched_topics(context.settings)
    for name in config.topics:
        if name not in topics and name != SYSTEM_TOPIC:
            raise BadInputError(
                f"the topic {name!r} is not watched (see the setting topics); watched are {', '.join(topics)}"
            )
    known = {channel.id for topic in topics.values() for channel in topic.channels}
    for name in config.channels:
        if name not in known:
            raise BadInputError(f"there is no channel {name!r}; there is: {', '.join(sorted(known))}")

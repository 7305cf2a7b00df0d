"""The commands `claims [list]|dismiss|restore`: what articles say about talks, and a person's word on it."""

import signal
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.quieting import Operator, existing_data, operator_of
from monitor.cli.reading import TopicArgument, chosen_topic
from monitor.errors import BadInputError
from monitor.log.events import Verdict
from monitor.readmodel import queries
from monitor.readmodel.dismissals import claim_named, judged_claim
from monitor.service.judging import Bench, Word
from monitor.service.once import have_read

_LIST = "list"


class _Claims(TyperGroup):
    """`parley claims pti` is short for `parley claims list pti`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What stands for no command belongs to the list."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_LIST, *args]
        return super().parse_args(ctx, args)


claims_app = typer.Typer(
    cls=_Claims, help="Every claim that stands, with its passage; dismiss one that is wrong, or restore it."
)
Topic = Annotated[str, typer.Argument(help="The topic's id.")]
Claim = Annotated[str, typer.Argument(help="The claim's id, or its beginning (see `parley claims`).")]
Why = Annotated[str, typer.Option(help="Why; goes into the log and is shown, so no names of persons.")]


@claims_app.command(_LIST)
def list_claims(
    context: typer.Context,
    topic: TopicArgument = None,
    channel: Annotated[str | None, typer.Option(help="Only claims about this channel.")] = None,
    json: Json = False,
) -> None:
    """Every claim that stands, with its passage. `parley claims TOPIC` is short for it."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `parley claims | head` ends like any other tool
    parley = context_of(context)
    chosen = chosen_topic(parley, topic)
    known = [part.id for part in chosen.channels]
    if channel is not None and channel not in known:
        raise BadInputError(f"there is no channel {channel!r}; known are {', '.join(known)}")
    answer = queries.claims(parley.read_model, chosen.id, queries.ClaimFilter(channel=channel))
    print_json([claim.to_json() for claim in answer]) if json else show.claims(answer)


@claims_app.command()
def dismiss(
    context: typer.Context,
    topic: Topic,
    claim: Claim,
    why: Why,
    operator: Operator = None,
    json: Json = False,
) -> None:
    """Say that a claim is wrong: it counts for nothing from now on, in later readings of its article too.

    The status and the alerts follow; what was told because of it is taken back.
    """
    _judge(context, topic, claim, "dismissed", why, operator, json=json)


@claims_app.command()
def restore(
    context: typer.Context,
    topic: Topic,
    claim: Claim,
    why: Why,
    operator: Operator = None,
    json: Json = False,
) -> None:
    """Say that a claim which was dismissed holds after all."""
    _judge(context, topic, claim, "restored", why, operator, json=json)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(claims_app, name="claims")


def _judge(
    context: typer.Context,
    topic: str,
    claim: str,
    verdict: Verdict,
    why: str,
    operator: str | None,
    *,
    json: bool,
) -> None:
    who = operator_of(operator)
    with existing_data(context).parley() as (parley, by_another):
        id_ = claim_named(parley.read_model, topic, claim)
        bench = Bench(parley.log, parley.read_model, parley.topics)
        bench.judge(topic, id_, Word(verdict, who, why), parley.clock())
        have_read(parley, by_another=by_another)
        judged = judged_claim(parley.read_model, topic, id_)
    if json:
        print_json({"topic": topic, "verdict": verdict, **judged.to_json()})
    else:
        passage = judged.claim.span["text"]
        typer.echo(show.plain(f"{topic}/{judged.claim.channel}: {verdict}: {passage} ({id_})"))

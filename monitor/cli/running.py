"""Commands that do something: up, run, seed, ingest."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from monitor.alerts.delivery import State
from monitor.alerts.overview import numbers
from monitor.cli import show
from monitor.cli.context import Context, Json, context_of, print_json
from monitor.errors import BadInputError
from monitor.log.events import Event
from monitor.readmodel import queries
from monitor.service import once, supervisor
from monitor.service.ingest import SEEDS, seeds_folder
from monitor.service.notify import Notify
from monitor.service.rehearsal import JumpingClock, arrivals
from monitor.service.roles import ROLES
from monitor.service.wiring import Parley
from monitor.sources.fetch import Fetcher
from monitor.sources.folder import MANIFEST, read_file, read_folder
from monitor.sources.lines import holds_lines, take_lines
from monitor.sources.model import ArticleFound, Refused
from monitor.sources.page import read_page
from monitor.vocabulary import Precision

_DAY = len("2025-05-29")
_LAST_WORDS_S = 40.0
"""For the last messages to go out: more than any channel takes."""


def up(context: typer.Context) -> None:
    """Start everything; Ctrl-C ends it.

    Redis on the data folder, the seeds, every role, and the dashboard, whose address it prints.
    """
    parley = context_of(context)
    supervisor.up(parley.settings, parley.clock, typer.echo)


def run(
    context: typer.Context,
    role: Annotated[
        list[str],
        typer.Option(help=f"{', '.join(ROLES)}, dashboard or all (all but the dashboard); may be repeated."),
    ],
) -> None:
    """Run one role, or several, in this process.

    For containers, where each role may have its own.
    """
    parley = context_of(context)
    names = [name for one in role for name in (ROLES if one == "all" else (one,))]
    supervisor.run(parley.settings, names, parley.clock, typer.echo)


def seed(
    context: typer.Context,
    live: Annotated[
        float | None,
        typer.Option(
            help="Let the articles arrive one by one, this many seconds apart, as if each were new on its day. "
            "Needs an empty data folder."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Load the articles that ship with Parley.

    Doing it again changes nothing. With --live, subscriptions get what is told; what fails, `parley up` sends again.
    """
    parley = context_of(context)
    if live is not None:
        _seed_live(parley, live, json)
        return
    read = read_folder(seeds_folder(), now=parley.clock(), source=SEEDS, history=True)
    _take(parley, list(read.articles), list(read.refused), [], json)


def ingest(
    context: typer.Context,
    places: Annotated[list[str], typer.Argument(metavar="URL|FILE|FOLDER", help="Articles to take in.")],
    topic: Annotated[list[str] | None, typer.Option(help="Only for this topic; may be repeated.")] = None,
    published: Annotated[
        str | None, typer.Option(help="When it was published, where the text does not say: 2025-05-29.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="It is no news: raise no alert for it.")] = False,
    json: Json = False,
) -> None:
    """Take in articles from addresses, files or folders.

    A file is one article (plain text, a web page, Markdown), or JSON lines {title, text, published, outlet, url, guid?,
    author?} with one a line. What is known already changes nothing.
    """
    parley = context_of(context)
    for name in topic or []:
        parley.watched(name)
    day = _published(published)
    found: list[ArticleFound] = []
    refused: list[Refused] = []
    fetcher = Fetcher(contact=parley.settings.contact)
    for place in places:
        if place.startswith(("http://", "https://")):
            found.append(read_page(place, fetcher, now=parley.clock(), history=history))
        elif "://" in place:
            raise BadInputError(f"{place}: only http:// and https:// addresses can be fetched")
        elif Path(place).is_dir():
            read = read_folder(Path(place), now=parley.clock(), history=history)
            if not read.articles and not read.refused:
                raise BadInputError(f"there are no text files in {place}")
            found += read.articles
            refused += read.refused
        elif holds_lines(Path(place)):
            lines = take_lines(Path(place), now=parley.clock(), history=history)
            found += lines.articles
            refused += lines.refused
        else:
            found.append(read_file(Path(place), now=parley.clock(), history=history))
    if day is not None:
        precision = Precision.DAY if len(published or "") <= _DAY else Precision.TIME
        found = [
            article if article.published_at else replace(article, published_at=day, precision=precision)
            for article in found
        ]
    _take(parley, found, refused, topic or [], json)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (up, run, seed, ingest):
        app.command()(command)


def _published(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--published takes a date or an ISO time, not {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _take(
    context: Context, found: list[ArticleFound], refused: list[Refused], topics: list[str], json: bool
) -> None:
    with context.parley() as (parley, by_another):
        taken = once.take_in_and_read(parley, found, topics, by_another=by_another)
    passed_over = len(found) - taken.ingested - taken.revised - taken.known
    counts = {
        "ingested": taken.ingested,
        "revised": taken.revised,
        "known": taken.known,
        "irrelevant": max(passed_over, 0),
        "undated": taken.undated,
        "refused": [{"name": item.name, "why": item.why} for item in refused],
    }
    if json:
        print_json(counts)
        return
    typer.echo(
        f"{taken.ingested} taken in, {taken.revised} revised, {taken.known} known already, "
        f"{max(passed_over, 0)} about none of the watched topics, {len(refused)} refused"
    )
    if taken.undated:
        have = "1 article has" if taken.undated == 1 else f"{taken.undated} articles have"
        typer.echo(
            f"{have} no date, so that nothing can be known from what is said there: take in again with --published "
            f"2025-05-29, or with the day of each in a {MANIFEST} beside the texts"
        )
    for item in refused:
        typer.echo(f"  refused {show.plain(item.name)}: {show.plain(item.why)}")


def _seed_live(context: Context, pause: float, json: bool) -> None:
    if pause < 0:
        raise BadInputError(f"--live takes seconds, 0 or more, not {pause:g}")
    clock = JumpingClock(context.clock())
    with context.parley() as (parley, by_another):
        if by_another or any(parley.log.length(name) for name in parley.log.topics()):
            raise BadInputError(
                f"seed --live needs an empty data folder that nothing runs on, unlike {context.settings.data}; name "
                "another with --data"
            )
        read = read_folder(seeds_folder(), now=clock(), source=SEEDS, history=False)
        to_come, notify = len(read.articles), Notify(parley)
        for arrived in arrivals(replace(parley, clock=clock), clock, read.articles):
            for event in () if json else arrived.told:
                _tell(event)
            notify.tick()
            to_come -= 1
            time.sleep(pause if to_come else 0)
        notify.drain(_LAST_WORDS_S)
        notify.close()
        if json:
            print_json([alert.to_json() for alert in queries.alerts(parley.read_model)])
        else:
            _tell_deliveries(parley)


def _tell_deliveries(parley: Parley) -> None:
    """How many messages went out; nothing where nobody has subscribed."""
    with Session(parley.service) as session:
        found = numbers(session, parley.clock())
    arrived = found.count(State.SUCCEEDED)
    if arrived or found.open:
        waiting = f", {found.open} to be sent again by `parley up`" if found.open else ""
        typer.echo(f"{arrived} {'message' if arrived == 1 else 'messages'} delivered{waiting}")


def _tell(event: Event) -> None:
    """A line for an alert event, as it happens."""
    data, what = event.data, event.type.removeprefix("alert.")
    state = f"not sent: {data['reason']}" if what == "suppressed" else f"{what}: {data['reason']}"
    typer.echo(f"{event.recorded_at:%Y-%m-%d}  {state:<20}  {show.plain(data['text'])}")

"""The commands `sources list|add|remove|check|poll|pause|resume|import|export`: where articles come from."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from monitor.cli import source_adding, source_lists
from monitor.cli import source_words as words
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.progress import progress
from monitor.cli.source_choice import Known, Sources
from monitor.errors import BadInputError
from monitor.service import once
from monitor.service.ingest import polling
from monitor.service.wiring import Parley
from monitor.sources import ownfile
from monitor.sources.config import SourceConfig
from monitor.sources.fetch import Fetcher
from monitor.sources.poll import Poller
from monitor.sources.search import written_id
from monitor.sources.state import SourceState, SourceStates, host_of, stamp
from monitor.sources.trial import Trial, try_source
from monitor.sources.visit import Visitor

WORKERS = 8
_NO_PROGRESS_S = 20.0
"""So long a poll waits for sources whose host is left in peace, or that another process has."""

sources_app = typer.Typer(help="Where articles come from: list, add, check, poll and pause sources.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The source's id, as `parley sources list` shows it.")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Sources by their ids. Default: all.")
]


@sources_app.callback(invoke_without_command=True)
def sources_command(context: typer.Context, json: Json = False) -> None:
    """Where articles come from: list, add, check, poll and pause sources. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_sources(context, json)


@sources_app.command("list")
def list_sources(context: typer.Context, json: Json = False) -> None:
    """All sources and how they fare: state, last success, next poll (UTC), failures and what to do about them.

    `taken in` says how many of the entries that a source has shown so far speak of its topics. A search is listed once
    for each of its topics, as ID:TOPIC. --json says more: kind, address, outlet, language, country, and trust, a note
    of yours on which nothing depends.
    """
    parley = context_of(context)
    sources = Sources(parley)
    rows, now = sources.rows(), parley.clock()
    documents = [words.described(one, rows.get(one.source.id), now) for one in sources.known]
    if json:
        print_json(documents)
    else:
        words.show_list(documents)


@sources_app.command("remove")
def remove(context: typer.Context, source: Id) -> None:
    """Take a source away that `parley sources add` or `import` has written.

    What it has brought stays. A source of parley.toml, or of a file named there, is taken out there by hand.
    """
    sources = Sources(context_of(context))
    (known, *_) = sources.chosen([written_id(source)])
    if known.written.file != sources.own_file:
        hint = "set seeds = false" if known.written.file is None else "take it out there"
        raise BadInputError(
            f"{source!r} stands in {known.written.where}: {hint}, or `parley sources pause {source}`"
        )
    with sources.states() as states:
        ownfile.remove(sources.own_file, known.written.source.id)
        for one in sources.chosen([written_id(source)]):
            states.forget(one.source.id)
    typer.echo(f"Removed {known.written.source.id} from {sources.own_file}.")


@sources_app.command("pause")
def pause(context: typer.Context, source: Id) -> None:
    """Poll a source no more, until `parley sources resume`."""
    sources = Sources(context_of(context))
    chosen = sources.chosen([source])
    with sources.states() as states:
        for one in chosen:
            states.pause(one.source.id)
            typer.echo(f"Paused {one.source.id}. `parley sources resume {one.source.id}` goes on.")


@sources_app.command("resume")
def resume(context: typer.Context, source: Id) -> None:
    """Poll a paused source again, at once."""
    parley = context_of(context)
    sources = Sources(parley)
    chosen = sources.chosen([source])
    with sources.states() as states:
        for one in chosen:
            states.resume(one.source.id, parley.clock())
            typer.echo(f"Resumed {one.source.id}; it is due now.")


@sources_app.command("check")
def check(context: typer.Context, ids: Ids = None, json: Json = False) -> None:
    """Fetch sources now, without taking anything in.

    Says how many entries came, which of them would be taken in and why, and what to do about a source that fails.
    With ids it shows what would be passed over too, and why. Exit code 1 when any source fails.
    """
    sources = Sources(context_of(context))
    chosen = sources.chosen(ids or ())
    trials = _trials(sources, chosen)
    failed = [trial for trial in trials if not trial.ok]
    if json:
        print_json([words.trial_document(trial) for trial in trials])
    else:
        for trial in trials:
            if trial.ok:
                words.show_trial(trial, entries=bool(ids))
        words.show_troubles(
            words.Trouble(one.source.id, words.problem_of(one.reason, one.words)) for one in failed
        )
        if len(trials) > 1:
            words.say(f"{len(trials)} sources, {len(failed)} failed.")
    if failed:
        raise typer.Exit(1)


@sources_app.command("poll")
def poll(context: typer.Context, ids: Ids = None, json: Json = False) -> None:
    """Poll sources now, and take in what is new.

    Where a service runs, it polls them at once; else this command polls, waits and says what came. Exit code 1 when
    any source fails.
    """
    sources = Sources(context_of(context))
    chosen = sources.chosen(ids or ())
    with context_of(context).parley() as (parley, by_another):
        states, now = SourceStates(parley.service), parley.clock()
        states.enrol([one.source for one in chosen], now)
        before = {row.source_id: row for row in states.rows()}
        paused = [one.source.id for one in chosen if before[one.source.id].is_paused]
        if ids and paused:
            raise BadInputError(
                f"paused: {', '.join(paused)}; go on with `parley sources resume {paused[0]}`"
            )
        polled = [one for one in chosen if one.source.id not in paused]
        for one in polled:
            states.hurry(one.source.id, now)
        if not by_another:
            _poll_here(parley, polled, stamp(now))
            once.have_read(parley, by_another=False)
        after = {row.source_id: row for row in states.rows()}
    report = [_polled(one, before[one.source.id], after[one.source.id], stamp(now)) for one in polled]
    if json:
        print_json({"by_service": by_another, "sources": [] if by_another else report})
    elif by_another:
        words.say(f"{len(polled)} due at once: the service that runs polls them. See `parley sources list`.")
    else:
        for outcome in report:
            if not outcome["problem"]:
                words.say(f"{outcome['id']}: {outcome['outcome']}")
        words.show_troubles(words.Trouble(one["id"], one["problem"]) for one in report if one["problem"])
    if not by_another and any(outcome["problem"] for outcome in report):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    source_adding.register(sources_app)
    source_lists.register(sources_app)
    app.add_typer(sources_app, name="sources")


def _trials(sources: Sources, chosen: Sequence[Known]) -> list[Trial]:
    """Each source as it would be polled now, in order; several at once, but one after another of each host."""
    clock = sources.context.clock
    visitor = Visitor(Fetcher(contact=sources.context.settings.contact), clock, reading="")
    of_host: dict[str, list[SourceConfig]] = {}
    for one in chosen:
        of_host.setdefault(host_of(one.source), []).append(one.source)
    found: dict[str, Trial] = {}

    def look(host: str) -> None:
        for source in of_host[host]:
            found[source.id] = try_source(source, visitor, sources.topics, clock())
            passed()

    with progress(len(chosen), "sources", least=1) as passed, ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(look, of_host))  # so that what one raises is raised here
    return [found[one.source.id] for one in chosen]


def _poll_here(parley: Parley, polled: list[Known], since: str) -> None:
    """Poll in this process until no source is due as it was made `since` then, or nothing goes on any more."""
    sources = [one.source for one in polled]
    with (
        _without_its_warnings(),
        polling(parley, sources) as poller,
        progress(len(sources), "sources", least=1) as passed,
    ):
        deadline = time.monotonic() + _NO_PROGRESS_S
        while any(row.due_at <= since for row in poller.status()) and time.monotonic() < deadline:
            if done := poller.poll_due().polled:
                deadline = time.monotonic() + _NO_PROGRESS_S
            else:
                time.sleep(0.2)
            for _ in range(done):
                passed()


@contextmanager
def _without_its_warnings() -> Iterator[None]:
    """What polling warns of is the answer of this command, and is not to stand there twice."""
    log = logging.getLogger(Poller.__module__)
    before = log.level
    if not log.isEnabledFor(logging.INFO):  # with --verbose, everything is wanted
        log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _polled(known: Known, before: SourceState, after: SourceState, since: str) -> dict[str, Any]:
    """What a poll brought, as printed with --json; `outcome` is the whole of it in words."""
    seen, relevant = (
        after.entries_seen - before.entries_seen,
        after.entries_relevant - before.entries_relevant,
    )
    problem: dict[str, str] | None = None
    outcome = (
        f"{seen} new {'entry' if seen == 1 else 'entries'}, {relevant} about {', '.join(known.source.topics)}"
    )
    if after.due_at <= since:
        problem = {
            "reason": "busy",
            "words": "it was not polled: another process has it, or its host has just been asked",
            "advice": "It stays due: the next poll, by this command or by a service, takes it.",
        }
    elif after.last_error:
        reason, _, said = after.last_error.partition(": ")
        problem = words.problem_of(reason, said)
    if problem:
        outcome = f"{problem['words']} ({problem['advice']})"
    return {
        "id": known.source.id,
        "entries": seen,
        "relevant": relevant,
        "problem": problem,
        "outcome": outcome,
    }

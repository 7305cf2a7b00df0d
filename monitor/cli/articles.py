"""The commands `articles list|show|remove`: what Parley has read, and how a publisher gets its words back."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.context import Json, context_of, print_json
from monitor.errors import BadInputError
from monitor.readmodel import queries
from monitor.readmodel.article_forms import ArticleEntry, ArticleShown
from monitor.service import removal
from monitor.service.removal import Held
from monitor.sources.canonical import canonical_url
from monitor.vocabulary import WITHHELD

articles_app = typer.Typer(help="The articles that were read: list them, take one's words out of view.")

TopicOption = Annotated[str | None, typer.Option("--topic", help="Only in this topic. Default: in all.")]
Removed = Annotated[bool, typer.Option("--removed", help="Only those whose words were taken out of view.")]


@articles_app.callback(invoke_without_command=True)
def articles_command(
    context: typer.Context, topic: TopicOption = None, removed: Removed = False, json: Json = False
) -> None:
    """The articles that were read: list them, take one's words out of view. Alone, it lists them."""
    if context.invoked_subcommand is None:
        list_articles(context, topic, removed, json)
    elif topic is not None or removed or json:
        raise BadInputError(f"options come last here: `parley articles {context.invoked_subcommand} ...`")


@articles_app.command("list")
def list_articles(
    context: typer.Context, topic: TopicOption = None, removed: Removed = False, json: Json = False
) -> None:
    """The articles of each topic, newest first."""
    model = context_of(context).read_model
    names = [topic] if topic else [entry.topic for entry in queries.topics(model)]
    found = [
        (name, article)
        for name in names
        for article in queries.articles(model, name)
        if article.removed is not None or not removed
    ]
    if json:
        print_json([{"topic": name, **article.to_json()} for name, article in found])
    elif not found:
        typer.echo("No article was removed." if removed else "No articles yet.")
    else:
        show.table(("topic", "id", "day", "outlet", "title", "state"), (_row(*one) for one in found))


def _row(topic: str, article: ArticleEntry) -> tuple[str, ...]:
    day = f"{article.published_at:%Y-%m-%d}" if article.published_at else "?"
    state = "detection failed" if article.failure else "read"
    if article.removed is not None:
        state = f"removed: {article.removed}"
    return topic, article.article, day, article.outlet, article.title, state


@articles_app.command("show")
def show_article(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="URL|ID", help="Its address, or its id.")],
    topic: TopicOption = None,
    json: Json = False,
) -> None:
    """An article's evidence amid its sentences; its whole text where its source's setting `display` is "text"."""
    model = context_of(context).read_model
    wanted = canonical_url(article)
    found = [
        (name, shown)
        for name in ([topic] if topic else [entry.topic for entry in queries.topics(model)])
        for one in queries.articles(model, name)
        if one.article == article or (wanted is not None and canonical_url(one.url) == wanted)
        if (shown := queries.article(model, name, one.article)) is not None
    ]
    if not found:
        raise BadInputError(f"nothing was read under {article!r}; see `parley articles` for what there is")
    if json:
        print_json([{"topic": name, **shown.to_json()} for name, shown in found])
        return
    for name, shown in found:
        _show(name, shown)


def _show(topic: str, shown: ArticleShown) -> None:
    entry = shown.article
    day = f", {entry.published_at:%Y-%m-%d}" if entry.published_at else ""
    by = f"{entry.author}, " if entry.author else ""
    typer.echo(show.plain(f"{topic}: {entry.title or WITHHELD} ({by}{entry.outlet}{day})"))
    if entry.url:
        typer.echo(show.plain(entry.url))
    if entry.removed is not None:
        typer.echo(show.plain(f"Removed: {entry.removed}"))
    elif shown.text is not None:
        for line in shown.text.splitlines():
            typer.echo(show.plain(line))
    else:
        for passage in shown.passages:
            typer.echo(show.plain(f"… {passage.before} {passage.quote} {passage.after} …"))


@articles_app.command("remove")
def remove(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="URL|ID", help="Its address, or its id.")],
    reason: Annotated[
        str, typer.Option(help="Why; goes into the log and is shown beside it, so no names of persons.")
    ],
    topic: TopicOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Take an article's text, title and quotes out of every view, as its publisher asks.

    Screens, commands, HTTP and messages still to be sent say instead that the text was removed, with outlet and day.
    What was learned stays: claims keep kind, channel, offsets and a hash of their quote; status, timeline and alerts do
    not change. The article is not read again, and does not come back when its feed shows it again. This is for good.

    What was sent before is not called back. And the event log only grows: the words stay in its older entries, in
    `parley log tail`, in Redis' files and in their backups. No command deletes them there. Keep the data folder and its
    backups to yourself; to be rid of the words for good, start a new data folder, take in again what may stay, and
    destroy the old folder and its backups. `parley rebuild` writes the read model's file anew, so that no freed page of
    it holds them.

    Doing it again changes nothing.
    """
    parley = context_of(context)
    settings = parley.settings
    if not settings.redis_url and not settings.data.exists():
        raise BadInputError(f"there is no data folder {settings.data}; name another with --data")
    if not reason.strip():
        raise BadInputError('say why, as in --reason "asked by the publisher"')
    with parley.parley() as (service, by_another):
        held = removal.holding(service.log, article, topic)
        if not (yes or all(one.removed is not None for one in held) or _agreed(held)):
            typer.echo("Nothing was removed.", err=True)
            return
        removal.remove(service, held, reason, by_another=by_another)
    if json:
        print_json([_document(one, reason) for one in held])
        return
    for one in held:
        done = "was removed before" if one.removed is not None else "its words are out of every view now"
        typer.echo(show.plain(f"{_named(one)}: {done}"))


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(articles_app, name="articles")


def _agreed(held: Sequence[Held]) -> bool:
    """What is about to happen, and whether a person wants it. On stderr: stdout is for the answer."""
    if not sys.stdin.isatty():
        raise BadInputError("nobody can be asked here: give --yes to remove it without a question")
    for one in held:
        title = f" “{one.title}”" if one.title else ""
        typer.echo(show.plain(f"{_named(one)}{title}"), err=True)
        claims, alerts = _count(one.claims, "claim"), _count(one.alerts, "alert")
        typer.echo(f"  {claims} and {alerts} that quote it stay, without its words", err=True)
    typer.echo("The event log keeps the words, and what was sent is not called back (see --help).", err=True)
    return typer.confirm("Take its words out of every view, for good?", err=True)


def _named(held: Held) -> str:
    day = f"{held.published_at:%Y-%m-%d}" if held.published_at else "day unknown"
    return f"{held.topic}: {held.outlet}, {day} ({held.article_id})"


def _document(held: Held, reason: str) -> dict[str, Any]:
    return {
        "topic": held.topic,
        "article": held.article_id,
        "outlet": held.outlet,
        "published_at": held.published_at.isoformat() if held.published_at else None,
        "removed": held.removed or reason.strip(),
        "was_removed_before": held.removed is not None,
        "claims": held.claims,
        "alerts": held.alerts,
    }


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"

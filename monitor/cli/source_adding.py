"""The command `sources add`: a feed is found, shown, and written to the data folder's own file of sources."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from monitor.cli import source_words as words
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.progress import waiting
from monitor.cli.source_choice import Sources, new_id
from monitor.errors import BadInputError, SourceError
from monitor.readmodel.sources import advice
from monitor.sources import ownfile
from monitor.sources.book import Written
from monitor.sources.config import PRIVATE, WORDS, SourceConfig
from monitor.sources.discovery import Discovered, discover
from monitor.sources.feed import articles
from monitor.sources.fetch import Fetcher
from monitor.sources.opml import without_login
from monitor.sources.search import searched
from monitor.sources.trial import Looked, looked_at
from monitor.toml import faults

_LAST = 5
_INSTEAD = {
    "no_feed": "",
    "forbidden_address": "--allow-private",
    "gone": "The site says that this address is gone for good: give that of its page, which may name another feed.",
    "http": "The site answers with an error: look at the address in a browser.",
    "not_found": "Nothing is at this address: check it, or give the address of its page, which may name a feed.",
    "server": "The site itself has trouble: try again later.",
    "timeout": "The site takes too long to answer: try again later.",
}
"""What to do where the usual advice speaks of a source that is there already."""
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", help="For this topic; may be repeated. Default: the first that is watched."),
]


def add(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="A feed, a page that has one, or a search with {words} in it."),
    ],
    id: Annotated[str, typer.Option("--id", help="Default: made of the feed's title.")] = "",  # noqa: A002  (the option's name)
    topic: Topics = None,
    outlet: Annotated[
        str, typer.Option(help="Its name in evidence. Default: as the feed names itself.")
    ] = "",
    language: Annotated[str, typer.Option(help="Of what it writes, where it does not say.")] = "en",
    country: Annotated[str, typer.Option(help="Where it is at home: PK, GB, ...")] = "",
    trust: Annotated[
        str, typer.Option(help="low, normal or high: a note of yours; nothing depends on it.")
    ] = "normal",
    interval: Annotated[int, typer.Option(help="Minutes between two polls, at most.")] = 15,
    full_text: Annotated[
        bool, typer.Option(help="Fetch the page of an article of which the feed has a teaser only.")
    ] = True,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="It may lie on a private network.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Find the feed of a page, show its last entries, and add it.

    A page names its feeds, or has one at an address that many sites use. A search address has {words} where the
    topic's words belong, as in "https://search.example/rss?q={words}". With --json nobody is asked: without --yes it
    only shows what would be added.
    """
    parley = context_of(context)
    sources = Sources(parley)
    _refuse_path(url)
    address = url if "://" in url else f"https://{url}"
    fields: dict[str, Any] = {
        "id": id,
        "kind": "search" if WORDS in address else "feed",
        "url": address,
        "topics": sources.topics_named(topic),
        "outlet": outlet,
        "language": language,
        "country": country,
        "trust": trust,
        "interval_minutes": interval,
        "full_text": full_text,
        "allow_private": allow_private,
    }
    with waiting("Looking for the feed"):
        source, found = _found(sources, fields)
    seen = articles(found.feed, source=source.id, outlet=outlet, language=language, now=parley.clock())
    entries = looked_at(seen, source, sources.topics)
    if not json:
        _show(found, entries)
    if yes or (not json and _agreed(source)):
        ownfile.add(sources.own_file, [as_written(source)])
    elif not json:
        words.say("Nothing was added.")
        return
    if json:
        print_json(_document(source, found, entries, added=yes))
    else:
        words.say(f"Added {source.id} to {sources.own_file}. A service that runs polls it within seconds.")


def register(app: typer.Typer) -> None:
    """Add this command to the group `sources`."""
    app.command("add")(add)


def _found(sources: Sources, fields: dict[str, Any]) -> tuple[SourceConfig, Discovered]:
    """The source that the options describe, its feed found and its id made up where none is given.

    Raises:
        BadInputError: an option is wrong, the source is there already, or there is no feed.
    """
    wanted = config_of({**fields, "id": fields["id"] or "new"})
    if double := sources.double_of(wanted.url):
        raise BadInputError(f"{without_login(wanted.url)} {_is(double)}")
    asked = searched(wanted, sources.topics)[0].url  # of a search: with the first topic's words
    found = _discovered(asked, allow_private=wanted.allow_private)
    url = found.url
    if wanted.kind == "search":
        if found.url != asked:
            raise BadInputError(
                f"{without_login(asked)} is a page; expected a search that answers with a feed"
            )
        url = wanted.url
    elif found.url != asked and (double := sources.double_of(found.url)):
        others = ", ".join(without_login(other.url) for other in found.others)
        raise BadInputError(
            f"{without_login(asked)} is no feed itself; the one found for it, {without_login(found.url)}, {_is(double)}"
            + (f"; the page names others: {others}" if others else "")
        )
    taken = [one.source.id for one in sources.written]
    name = fields["id"] or new_id(wanted.outlet or found.feed.title, found.url, taken)
    if name in taken:
        raise BadInputError(f"there is a source {name!r} already; choose another id with --id")
    return config_of({**fields, "id": name, "url": url}), found


def _is(double: Written) -> str:
    return f"is the source {double.source.id!r} already, in {double.where}"


def _refuse_path(place: str) -> None:
    """Raises BadInputError for a folder or a file, which is no address of a feed."""
    path = Path(place).absolute()
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:  # too long for the name of a file, as addresses may be
        return
    if is_folder:
        raise BadInputError(
            f'{place} is a folder: write it in parley.toml, as [[sources]] with an id, kind = "folder", '
            f'path = "{path}" and topics'
        )
    if is_file:
        raise BadInputError(
            f"{place} is a file: `parley sources import` reads a list of feeds (OPML), `parley ingest` articles"
        )


def config_of(fields: dict[str, Any]) -> SourceConfig:
    """The source that options describe; raises BadInputError with all that is wrong."""
    try:
        return SourceConfig.model_validate(fields)
    except ValidationError as error:
        raise BadInputError("; ".join(fault for _, fault in faults(error, PRIVATE))) from error


def as_written(source: SourceConfig) -> dict[str, Any]:
    """What is worth writing of a source: its id, its address, its topics, and what differs from the defaults."""
    stated = source.model_dump(mode="json", exclude_defaults=True)
    return {**stated, "topics": list(source.topics)}


def _discovered(url: str, *, allow_private: bool) -> Discovered:
    try:
        return discover(url, Fetcher(), allow_private=allow_private)
    except SourceError as error:
        what_to_do = _INSTEAD.get(error.reason, advice(error.reason))
        raise BadInputError(f"{error} ({what_to_do})" if what_to_do else str(error)) from error


def _show(found: Discovered, entries: Sequence[Looked]) -> None:
    words.say(f"{found.feed.title or 'A feed without a title'}: {found.kind} at {without_login(found.url)}")
    if found.feed.note:
        words.say(f"What is odd about it: {found.feed.note}")
    words.say(f"{words.counted(entries)}{'; the last ones:' if entries else '.'}")
    words.show_entries(entries[:_LAST])
    for other in found.others:
        words.say(f"The page names another one: {other.title or 'a feed'} at {without_login(other.url)}")


def _agreed(source: SourceConfig) -> bool:
    """Whether the person at the terminal wants it added.

    Raises:
        BadInputError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise BadInputError("nobody can be asked here: --yes adds it")
    question = f"Add it as {source.id}, for {', '.join(source.topics)}?"
    return typer.confirm(question, default=True, err=True)  # stdout is for the answer


def _document(
    source: SourceConfig, found: Discovered, entries: Sequence[Looked], *, added: bool
) -> dict[str, Any]:
    return {
        "added": added,
        "source": as_written(source),
        "feed": {
            "title": found.feed.title,
            "kind": found.kind,
            "url": without_login(found.url),
            "note": found.feed.note,
        },
        "entries": len(entries),
        "relevant": sum(entry.is_relevant for entry in entries),
        "last": [words.entry_document(entry) for entry in entries[:_LAST]],
        "others": [{"title": other.title, "url": without_login(other.url)} for other in found.others],
    }

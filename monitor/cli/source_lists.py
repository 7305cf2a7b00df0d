"""The commands `sources import|export`: lists of feeds that other feed readers have written, or can read (OPML)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import source_words as words
from monitor.cli.context import Json, context_of, print_json
from monitor.cli.source_adding import Topics, as_written, config_of
from monitor.cli.source_choice import Sources, new_id
from monitor.errors import BadInputError
from monitor.sources import ownfile
from monitor.sources.canonical import canonical_url
from monitor.sources.config import SourceConfig
from monitor.sources.model import Refused
from monitor.sources.opml import MAX_BYTES, Listed, read_opml, without_login, write_opml


def import_list(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.opml", help="A list of feeds, as feed readers export it.")
    ],
    topic: Topics = None,
    json: Json = False,
) -> None:
    """Add the feeds of another feed reader's list (OPML).

    None is fetched: `parley sources check` tries them. Feeds whose address is there already are passed over and named.
    """
    parley = context_of(context)
    sources = Sources(parley)
    topics = sources.topics_named(topic)
    try:
        with file.open("rb") as opened:
            read = read_opml(opened.read(MAX_BYTES + 1))
    except OSError as error:
        raise BadInputError(f"cannot read {file}: {error.strerror}") from error
    except BadInputError as error:
        raise BadInputError(f"{file}: {error}") from error
    feeds = _sorted(sources, read.feeds, topics)
    refused = [*read.refused, *feeds.refused]
    if not read.feeds and not refused:
        raise BadInputError(f"{file} names no feeds; expected outlines with xmlUrl")
    if feeds.new:
        ownfile.add(sources.own_file, map(as_written, feeds.new))
    if json:
        print_json(
            {
                "added": [source.id for source in feeds.new],
                "doubles": list(map(asdict, feeds.doubles)),
                "refused": list(map(asdict, refused)),
                "broken": read.broken,
            }
        )
        return
    if read.broken:
        words.say(f"The list is broken, and was read as far as it goes: {read.broken}")
    for title, why in [(one.name, one.why) for one in (*feeds.doubles, *refused)]:
        words.say(f"Passed over {title}: {why}")
    words.say(
        f"{len(feeds.new)} added to {sources.own_file}, {len(feeds.doubles)} there already, {len(refused)} refused. "
        "`parley sources check` tries them."
    )


def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="The file to write. Default: stdout.")] = None,
) -> None:
    """Write the feeds as a list that other feed readers import (OPML 2.0).

    A search is written once for each of its topics, filled with the topic's words. Folders, headers, and logins in
    addresses are left out. Never overwrites a file.
    """
    parley = context_of(context)
    feeds = [one.source for one in Sources(parley).known if one.source.url]
    written = write_opml(feeds, parley.clock())
    if file is None:
        typer.echo(written.decode(), nl=False)
        return
    try:
        with file.open("xb") as target:
            target.write(written)
    except FileExistsError as error:
        raise BadInputError(f"{file} exists already; name another file") from error
    except OSError as error:
        raise BadInputError(f"cannot write {file}: {error.strerror}") from error
    words.say(f"{len(feeds)} {'feed' if len(feeds) == 1 else 'feeds'} written to {file}.")


def register(app: typer.Typer) -> None:
    """Add these commands to the group `sources`."""
    app.command("import")(import_list)
    app.command("export")(export)


@dataclass
class _Sorted:
    """The feeds of a list: those to be added, those that are there already, those that cannot be sources."""

    new: list[SourceConfig] = field(default_factory=list)
    doubles: list[Refused] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def _sorted(sources: Sources, feeds: Sequence[Listed], topics: list[str]) -> _Sorted:
    found = _Sorted()
    taken = {one.source.id for one in sources.written}
    known = {address: one.where for address, one in sources.addresses.items()}
    for feed in feeds:
        name, address = feed.title or without_login(feed.url), canonical_url(feed.url) or feed.url
        fields = {
            "id": new_id(feed.title, feed.url, taken),
            "url": feed.url,
            "topics": topics,
            "outlet": feed.title,
        }
        if feed.language:
            fields["language"] = feed.language
        if address in known:
            found.doubles.append(Refused(name, f"its address is in {known[address]} already"))
            continue
        try:
            source = config_of(fields)
        except BadInputError as error:
            found.refused.append(Refused(name, str(error)))
            continue
        found.new.append(source)
        taken.add(source.id)
        known[address] = "this list"
    return found

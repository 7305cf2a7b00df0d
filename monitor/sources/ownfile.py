"""The file of sources that Parley writes itself: one process at a time, all or nothing, a person's comments kept."""

import fcntl
import os
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Table

from monitor.errors import BadInputError, SettingsError
from monitor.sources.book import parsed

_HEAD = "Sources that `parley sources add` has written. You may write here too: comments stay.\n"


def add(path: Path, sources: Iterable[Mapping[str, Any]]) -> None:
    """Append sources, given as in a `[[sources]]` table, to the file; it is made when there is none.

    Raises:
        SettingsError: the file is broken, a source is wrong, an id is taken, or nothing can be written; the file is
            then as it was.
    """
    with _locked(path) as text:
        document = _document(text or f"# {_HEAD}", path)
        is_new = "sources" not in document
        if is_new:
            document.add(tomlkit.nl())
        listed = document.setdefault("sources", tomlkit.aot())
        for source in sources:
            if not isinstance(listed, AoT):  # sources = [{...}, ...]
                listed.append(dict(source))
                continue
            if not is_new:  # in a new one tomlkit itself leaves a line between two
                _innermost(listed[-1]).add(tomlkit.nl())
            listed.append(tomlkit.item(dict(source)))
        _write(path, document)


def remove(path: Path, source_id: str) -> None:
    """Take a source out of the file. The comments within its table go with it, those around it stay.

    Raises:
        SettingsError: the file is broken, has no such source, or cannot be written; the file is then as it was.
    """
    with _locked(path) as text:
        document = _document(text, path)
        listed = document.get("sources", [])
        places = [place for place, source in enumerate(listed) if source.get("id") == source_id]
        if not places:
            raise SettingsError(f"there is no source {source_id!r} in {path}")
        place = places[0]
        if isinstance(listed, AoT):
            _keep_comments(document, listed, place)
        listed.pop(place)
        if not listed:  # what is written of an empty list would be an inline one, which reads worse
            document.body[:] = [item for item in document.body if not _is_list(item)]
        _write(path, document)


def _keep_comments(document: tomlkit.TOMLDocument, listed: AoT, place: int) -> None:
    """What stands between a table and the next belongs to the next, though the parser has it within the first."""
    tail: list[Any] = []
    for key, item in reversed(_innermost(listed[place]).value.body):
        if key is not None:
            break
        tail.insert(0, (None, item))
    if not any(isinstance(item, Comment) for _, item in tail):
        return
    if place:
        _innermost(listed[place - 1]).value.body.extend(tail)
    else:
        at = next(number for number, item in enumerate(document.body) if _is_list(item))
        document.body[at:at] = tail


def _is_list(item: tuple[Any, Any]) -> bool:
    return item[0] is not None and item[0].key == "sources"


def _innermost(table: Table) -> Table:
    """The table at the end of a table: what follows in the file stands in it."""
    last = table.value.body[-1][1] if table.value.body else None
    return _innermost(last) if isinstance(last, Table) else table


def _document(text: str, path: Path) -> tomlkit.TOMLDocument:
    parsed(text, path)  # a broken file is not written to
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error


@contextmanager
def _locked(path: Path) -> Iterator[str]:
    """The file's text, while no other process changes the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(path.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path.read_text(encoding="utf-8") if path.exists() else ""
    except UnicodeDecodeError as error:
        raise SettingsError(f"cannot read the sources in {path}: it is not UTF-8 text") from error
    except OSError as error:
        raise SettingsError(f"cannot write the sources to {path}: {error.strerror}") from error


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    """Put the document in the file's place, whole, and on the disk, once it is known to be right."""
    text = tomlkit.dumps(document)
    parsed(text, path)
    ids = [source["id"] for source in tomllib.loads(text).get("sources", [])]
    for source_id in ids:
        if ids.count(source_id) > 1:
            raise BadInputError(f"{path} has a source {source_id!r} already")
    target = path.resolve()
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise

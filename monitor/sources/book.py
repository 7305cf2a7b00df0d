"""All sources, wherever they are written: in parley.toml, in files that it names, in the data folder's sources.toml.

The last is Parley's own: `parley sources add|remove` write it (see `monitor.sources.ownfile`). The files may change
while Parley runs; one that is broken then leaves the sources as they were, and is told of once.
"""

import logging
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.errors import BadInputError, SettingsError
from monitor.sources.config import PRIVATE, SourceConfig
from monitor.sources.search import all_searched
from monitor.toml import faults, line_of
from monitor.topics import Topic

OWN_FILE = "sources.toml"
"""Its name in the data folder."""
Signature = tuple[int, int, int]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """A source with the file and the line (from 1) where it is written; no file: it comes with Parley."""

    source: SourceConfig
    file: Path | None
    line: int | None = None

    @property
    def where(self) -> str:
        """In words."""
        if self.file is None:
            return "what comes with Parley"
        return f"{self.file}, line {self.line}" if self.line else str(self.file)


class _SourceFile(BaseModel):
    """A file with nothing but sources."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[SourceConfig, ...] = ()


def written_in(path: Path) -> list[Written]:
    """The sources of a file, in order; relative paths in it are relative to it.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong: which lines, and what is expected.
    """
    return parsed(_read(path), path)


def parsed(text: str, path: Path) -> list[Written]:
    """The sources of a file that reads `text` (see `written_in`)."""
    try:
        sources = _SourceFile.model_validate(tomllib.loads(text)).sources
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        found = (f"{path}, line {line_of(text, key)}: {fault}" for key, fault in faults(error, PRIVATE))
        raise SettingsError("; ".join(found)) from error
    return [
        Written(_at(source, path.parent), path, line_of(text, ("sources", number)))
        for number, source in enumerate(sources)
    ]


def _at(source: SourceConfig, folder: Path) -> SourceConfig:
    files = {name: folder / file for name, file in source.headers_files.items()}
    path = folder / source.path if source.path else None
    return source.model_copy(update={"path": path, "headers_files": files})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"cannot read the sources in {path}: {why}") from error


class SourceBook:
    """All sources, as they are written now.

    Args:
        configured: those of the settings; relative paths in them are relative to the settings' file.
        settings_file: where these stand; None: nowhere.
        files: the files that the settings name.
        own: Parley's own file, which need not exist.
        topics: id -> topic of all that are watched; every source's topics must be among them.
    """

    def __init__(
        self,
        configured: Iterable[SourceConfig],
        settings_file: Path | None,
        files: Sequence[Path],
        own: Path,
        topics: Mapping[str, Topic],
    ) -> None:
        self.own = own
        text = _read(settings_file) if settings_file else ""
        self._configured = [
            Written(
                _at(source, settings_file.parent) if settings_file else source,
                settings_file,
                line_of(text, ("sources", number)),
            )
            for number, source in enumerate(configured)
        ]
        self._files = tuple(files)
        self._topics = topics
        self._seen: Mapping[Path, Signature | None] | None = None
        self._current: tuple[SourceConfig, ...] | None = None

    def written(self) -> list[Written]:
        """Every source with where it is written: the settings', their files', Parley's own.

        Raises:
            BadInputError: a file is wrong, two sources have one id, or a source's topic is not watched.
        """
        files = (*self._files, self.own) if self.own.exists() else self._files
        found = [*self._configured, *(one for file in files for one in written_in(file))]
        self._check(found)
        return found

    def current(self) -> tuple[SourceConfig, ...]:
        """Every source as it is to be polled; the files are read again when they have changed.

        A file that is broken now leaves all sources as they were when all was well.

        Raises:
            BadInputError: see `written`; only as long as all has never been well.
        """
        now = {path: _signature(path) for path in (*self._files, self.own)}
        if self._current is not None and now == self._seen:
            return self._current
        try:
            self._current = all_searched((one.source for one in self.written()), self._topics)
        except BadInputError as error:
            if self._current is None:
                raise
            _log.error("the sources stay as they were: %s", error)
        self._seen = now
        return self._current

    def _check(self, found: Iterable[Written]) -> None:
        known: dict[str, Written] = {}
        for one in found:
            name = one.source.id
            if name in known:
                raise BadInputError(
                    f"two sources are called {name!r}: in {known[name].where}, and in {one.where}; rename one of them"
                )
            known[name] = one
            for topic in _unknown(one.source.topics, self._topics):
                watched = ", ".join(sorted(self._topics)) or "none"
                raise BadInputError(
                    f"{one.where}: source {name!r}: there is no topic {topic!r} that is watched; watched are: {watched}"
                )


def _unknown(names: Iterable[str], topics: Mapping[str, Topic]) -> Iterator[str]:
    return (name for name in names if name not in topics)


def _signature(path: Path) -> Signature | None:
    """What changes with the file; None when there is none. Nobody can set ctime back, as copying tools do mtime."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ctime_ns, status.st_size, status.st_ino

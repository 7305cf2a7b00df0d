"""The read model in SQLite: one file, and a pointer to it.

`<data>/readmodel/current` names the file in use. A rebuild fills a new file and then replaces the pointer, atomically;
every connection resolves the pointer anew, so readers see the switch at once and a writer never writes to the old file.
"""

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from monitor.disk import sync_folder
from monitor.errors import StoreError
from monitor.readmodel.store import MEND, Switch, open_engine, open_readonly, reason_of
from monitor.readmodel.tables import METADATA

_FOLDER = "readmodel"
_POINTER = "current"
_FILE = re.compile(r"(\d+)\.sqlite(-wal|-shm)?")
_BEGINNING = threading.Lock()
"""Held while the first read model of a folder is made: the readers of several topics may begin at one moment."""
_log = logging.getLogger(__name__)


def current_path(data_dir: Path) -> Path | None:
    """The SQLite file that holds the read model now, or None when there is none yet.

    Raises:
        StoreError: the pointer cannot be read, or does not name a read model's file.
    """
    pointer = data_dir / _FOLDER / _POINTER
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise StoreError(f"cannot read {pointer}: {why}") from error
    if not _FILE.fullmatch(name):
        raise StoreError(
            f"{pointer} does not name a read model; `parley rebuild` makes it again from the log"
        )
    return pointer.with_name(name)


def switch_to(path: Path) -> None:
    """Make `path` the read model in use, atomically and durably."""
    pointer = path.with_name(_POINTER)
    new = path.with_name(f"{_POINTER}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(path.name + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(pointer)
    sync_folder(path.parent)


def new_path(data_dir: Path) -> Path:
    """A path for the next read model: a number higher than any file there has."""
    folder = data_dir / _FOLDER
    numbers = [int(match[1]) for match in map(_FILE.fullmatch, _names(folder)) if match]
    return folder / f"{max(numbers, default=0) + 1}.sqlite"


def remove_others(path: Path) -> None:
    """Remove every read model in the folder of `path` but itself: replaced ones, and half-built ones."""
    for name in _names(path.parent):
        match = _FILE.fullmatch(name)
        if match and f"{match[1]}.sqlite" != path.name:
            path.with_name(name).unlink(missing_ok=True)


def create(path: Path) -> Engine:
    """A new, empty read model at `path`, not yet in use; to be disposed of before it is."""
    engine = open_engine(path, derived=True)
    METADATA.create_all(engine)
    return engine


class Files:
    """The read models of a data folder, one of them in use."""

    def __init__(self, data_dir: Path) -> None:
        self._data = data_dir
        self._writing: tuple[Path, Engine] | None = None

    def in_use(self) -> str | None:
        """The name of the read model in use; None: there is none yet."""
        path = current_path(self._data)
        return path.name if path else None

    @contextmanager
    def read(self) -> Iterator[Session | None]:
        """A session that can only read the file in use, and sees one moment; None: there is none yet."""
        session = self._reader()
        if session is None:
            yield None
            return
        with session:
            yield session

    @contextmanager
    def hold(self, topic: str | None = None) -> Iterator[Session]:
        """A session that holds the write lock of the file in use; nothing is committed by itself."""
        while True:
            path = current_path(self._data) or self._first()
            with Session(self._writer(path)) as session:
                session.connection()  # begins immediately: waits here while a rebuild holds the file
                if current_path(self._data) == path:  # else it was replaced while this waited
                    yield session
                    return

    @contextmanager
    def replacement(self) -> Iterator[tuple[Engine, Switch]]:
        """A new, empty read model, and what puts it in the place of the one in use."""
        path = new_path(self._data)
        engine = create(path)

        @contextmanager
        def switch() -> Iterator[None]:
            with self._old_held():
                yield
                engine.dispose()  # closing it brings it to the disk
                switch_to(path)
            self.close()
            remove_others(path)

        try:
            yield engine, switch
        finally:
            engine.dispose()

    def close(self) -> None:
        """Let go of the file that was written to; writing again opens it anew."""
        if self._writing is not None:
            self._writing[1].dispose()
            self._writing = None

    @contextmanager
    def _old_held(self) -> Iterator[None]:
        """Keep the live projector waiting; a file that cannot be opened keeps nobody, and is what a rebuild mends."""
        with ExitStack() as stack:
            if self.in_use() is not None:
                try:
                    stack.enter_context(self.hold())
                except (StoreError, DatabaseError) as error:
                    _log.warning("the read model in use cannot be opened and is replaced: %s", error)
            yield

    def _first(self) -> Path:
        self.close()
        with _BEGINNING:
            path = current_path(self._data)
            if path is None:
                path = new_path(self._data)
                create(path).dispose()  # closing it brings it to the disk
                switch_to(path)
        return path

    def _writer(self, path: Path) -> Engine:
        if self._writing is None or self._writing[0] != path:
            self.close()
            self._writing = path, open_engine(path, derived=True)
        return self._writing[1]

    def _reader(self) -> Session | None:
        while True:
            path = current_path(self._data)
            if path is None:
                return None
            try:
                session = Session(open_readonly(path))
                # A reader sees one moment from an explicit beginning and its first look on; what is removed later is
                # its own until it ends.
                session.connection().exec_driver_sql("BEGIN")
                session.connection().exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
            except (DatabaseError, StoreError) as error:
                # A rebuild may have replaced and removed the file since the pointer was read: look once more.
                if current_path(self._data) == path:
                    why = error if isinstance(error, StoreError) else reason_of(error)
                    raise StoreError(f"{why}; {MEND}") from error
            else:
                return session


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot read the folder {folder}: {error.strerror}") from error

"""Where the read model lies: one SQLite file, and a pointer to it.

`<data>/readmodel/current` names the file in use. A rebuild fills a new file and then replaces the pointer, atomically;
every connection resolves the pointer anew, so readers see the switch at once and a writer never writes to the old file.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from monitor.errors import StoreError
from monitor.failpoints import reached
from monitor.readmodel.store import open_engine, open_readonly
from monitor.readmodel.tables import METADATA

_FOLDER = "readmodel"
_POINTER = "current"
_FILE = re.compile(r"(\d+)\.sqlite(-wal|-shm)?")
_BEGINNING = threading.Lock()
"""Held while the first read model of a folder is made: the readers of several topics may begin at one moment."""


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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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


_MEND = "if it is damaged, `parley rebuild` makes it again from the log"


class ReadModel:
    """The read model of one data folder, for readers and for the one writer."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._writing: tuple[Path, Engine] | None = None

    def exists(self) -> bool:
        """Whether anything was ever projected here.

        Raises:
            StoreError: the folder cannot be read.
        """
        return current_path(self.data_dir) is not None

    def is_outdated(self) -> bool:
        """Whether another version of Parley made it, with other tables: then it is to be made again from the log.

        Raises:
            StoreError: the folder or the file cannot be read.
        """
        path = current_path(self.data_dir)
        if path is None:
            return False
        there = inspect(_reader_of(path))
        try:
            found = {
                name: {column["name"] for column in there.get_columns(name)}
                for name in there.get_table_names()
            }
        except DatabaseError as error:
            raise StoreError(
                f"cannot read the read model in {self.data_dir}: {_reason(error)}; {_MEND}"
            ) from error
        return any(found.get(name) != set(table.columns.keys()) for name, table in METADATA.tables.items())

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that can only read, on the file that is in use now; everything in it sees one moment.

        Raises:
            StoreError: there is no read model yet, or it cannot be read (locked, damaged, no permission).
        """
        try:
            with self._reader() as session:
                # A reader sees one moment only from an explicit beginning on.
                session.connection().exec_driver_sql("BEGIN")
                yield session
        except (DatabaseError, OSError) as error:
            raise StoreError(
                f"cannot read the read model in {self.data_dir}: {_reason(error)}; {_MEND}"
            ) from error

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, on the file that is in use at its beginning *and* its end.

        Raises:
            StoreError: the read model cannot be written; nothing was.
        """
        try:
            with self.hold() as session:
                yield session
                reached("commit.before")
                session.commit()
                reached("commit.after")
        except (DatabaseError, OSError) as error:
            raise StoreError(
                f"cannot write the read model in {self.data_dir}: {_reason(error)}; {_MEND}"
            ) from error

    @contextmanager
    def hold(self) -> Iterator[Session]:
        """A session that holds the write lock of the file in use; nothing is committed by itself."""
        while True:
            path = current_path(self.data_dir) or self._first()
            with Session(self._writer(path)) as session:
                session.connection()  # begins immediately: waits here while a rebuild holds the file
                if current_path(self.data_dir) == path:  # else it was replaced while this waited
                    yield session
                    return

    def _first(self) -> Path:
        self.close()
        with _BEGINNING:
            path = current_path(self.data_dir)
            if path is None:
                path = new_path(self.data_dir)
                create(path).dispose()  # closing it brings it to the disk
                switch_to(path)
        return path

    def _writer(self, path: Path) -> Engine:
        if self._writing is None or self._writing[0] != path:
            self.close()
            self._writing = path, open_engine(path, derived=True)
        return self._writing[1]

    def close(self) -> None:
        """Let go of the file that was written to; writing again opens it anew."""
        if self._writing is not None:
            self._writing[1].dispose()
            self._writing = None

    def _reader(self) -> Session:
        while True:
            path = current_path(self.data_dir)
            if path is None:
                raise StoreError(
                    f"nothing has been read yet into {self.data_dir}; start Parley with `parley up`"
                )
            try:
                session = Session(_reader_of(path))
                session.connection()
            except (DatabaseError, StoreError) as error:
                # A rebuild may have replaced and removed the file since the pointer was read: look once more.
                if current_path(self.data_dir) == path:
                    why = error if isinstance(error, StoreError) else _reason(error)
                    raise StoreError(f"{why}; {_MEND}") from error
            else:
                return session


@lru_cache(maxsize=16)
def _reader_of(path: Path) -> Engine:
    return open_readonly(path)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot read the folder {folder}: {error.strerror}") from error


def _reason(error: DatabaseError | OSError) -> str:
    return str(error.orig if isinstance(error, DatabaseError) else error)

"""Where segments lie outside Redis: a folder, or an object store (`s3://bucket/prefix`) through fsspec.

A file appears whole or not at all, and is on the disk (or taken by the store) before `write` returns: what was moved
out of Redis exists nowhere else.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from monitor.disk import sync_folder
from monitor.errors import BadInputError, LogUnavailableError

NEW = ".new"
"""Ends the name of a file that is being written; whoever finds one finds the leftovers of a process that died."""


class Place(Protocol):
    """Files by name; names have `/` between their parts. Every method raises LogUnavailableError on trouble."""

    def read(self, name: str) -> bytes | None:
        """The file's content, or None when there is none of that name."""

    def write(self, name: str, content: bytes) -> None:
        """Put the file there, whole at once, in the place of any other of that name."""

    def sizes(self) -> dict[str, int]:
        """Every file that is there, with its size in bytes."""

    def remove(self, name: str) -> None:
        """Take the file away; one that is not there is no trouble."""


def place_of(name: str, base: Path | None = None) -> Place:
    """The place of that name: `s3://bucket/prefix` or another URL that fsspec knows, else a folder.

    Args:
        name: as the operator wrote it.
        base: what a folder's relative path starts from; None: where the command runs.

    Raises:
        BadInputError: it is no place, or what it takes is not installed.
    """
    if not name.strip():
        raise BadInputError("name a place: a folder, or an address like s3://bucket/folder")
    if "://" not in name:
        return Folder((base or Path()) / Path(name).expanduser())
    scheme, _, path = name.partition("://")
    if scheme == "file":
        return Folder(Path(path))
    return ObjectStore(name)


class Folder:
    """A folder on a disk; it is made with the first file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        with self._trouble("read", name):
            try:
                return (self._path / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, name: str, content: bytes) -> None:
        """See `Place`."""
        path = self._path / name
        with self._trouble("write", name):
            _make(path.parent)
            new = path.with_name(
                f"{path.name}.{secrets.token_hex(4)}{NEW}"
            )  # another process may write the same
            # It may hold what subscribers told: for its owner alone.
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            sync_folder(path.parent)

    def sizes(self) -> dict[str, int]:
        """See `Place`."""
        with self._trouble("list", ""):
            files = [path for path in self._path.rglob("*") if path.is_file()]
            return {path.relative_to(self._path).as_posix(): path.stat().st_size for path in files}

    def remove(self, name: str) -> None:
        """See `Place`."""
        with self._trouble("remove", name):
            (self._path / name).unlink(missing_ok=True)

    @contextmanager
    def _trouble(self, what: str, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LogUnavailableError(f"cannot {what} {self._path / name}: {error.strerror}") from error


class ObjectStore:
    """An object store; an object appears whole when its upload is complete.

    Args:
        url: like `s3://bucket/prefix`; who may go there follows from the environment (`AWS_...`).

    Raises:
        BadInputError: fsspec does not know such a place, or needs a package for it.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self._url = url.rstrip("/")
        try:
            # No listing is kept: other processes write here too.
            self._files, self._root = fsspec.core.url_to_fs(self._url, use_listings_cache=False)
        except ImportError as error:
            raise BadInputError(
                f"{url} needs a package that is not installed ({error}); for s3:// install Parley with its extra: "
                'pip install "parley-monitor[s3]"'
            ) from error
        except ValueError as error:
            raise BadInputError(f"{url} is no place for segments: {error}") from error
        self._failures = _failures_of_stores()

    def __str__(self) -> str:
        return self._url

    def read(self, name: str) -> bytes | None:
        """See `Place`."""
        with self._trouble("read", name):
            try:
                return bytes(self._files.cat_file(f"{self._root}/{name}"))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """See `Place`."""
        with self._trouble("write", name):
            self._files.pipe_file(f"{self._root}/{name}", content)

    def sizes(self) -> dict[str, int]:
        """See `Place`."""
        with self._trouble("list", ""):
            try:
                found = self._files.find(self._root, detail=True)
            except FileNotFoundError:
                return {}
            return {path[len(self._root) + 1 :]: int(about["size"]) for path, about in found.items()}

    def remove(self, name: str) -> None:
        """See `Place`."""
        with self._trouble("remove", name):
            try:
                self._files.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return

    @contextmanager
    def _trouble(self, what: str, name: str) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            said = " ".join(str(error).split()) or type(error).__name__
            raise LogUnavailableError(f"cannot {what} {self._url}/{name}: {said}") from error


def _failures_of_stores() -> tuple[type[Exception], ...]:
    """What a store raises: fsspec's own are OSErrors, but the S3 library has a tree of its own."""
    try:
        from botocore.exceptions import BotoCoreError
    except ImportError:
        return (OSError,)
    failures: tuple[Any, ...] = (OSError, BotoCoreError)
    return failures


def _make(folder: Path) -> None:
    """Make the folder and those above it, each known to the disk: else a power failure takes what lies in it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)

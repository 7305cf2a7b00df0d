"""The read model, for readers and for the one writer of each topic; where it lies is the store's affair."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from monitor.errors import StoreError
from monitor.failpoints import reached
from monitor.readmodel.files import Files
from monitor.readmodel.schemas import Schemas
from monitor.readmodel.search import KEPT
from monitor.readmodel.store import MEND, Store, Switch, reason_of
from monitor.readmodel.tables import METADATA


class ReadModel:
    """The read model of one store; a path is that of a data folder."""

    def __init__(self, store: Store | Path) -> None:
        self.store = Store(store) if isinstance(store, Path) else store
        self._models = Schemas(self.store.url) if self.store.url else Files(self.store.data)

    @property
    def data_dir(self) -> Path:
        """The data folder."""
        return self.store.data

    def in_use(self) -> str | None:
        """The name of the read model in use, another after each rebuild; None: there is none yet.

        Raises:
            StoreError: the store cannot be read.
        """
        try:
            return self._models.in_use()
        except DBAPIError as error:
            raise self._unreadable(error) from error

    def exists(self) -> bool:
        """Whether anything was ever projected here; raises as `in_use` does."""
        return self.in_use() is not None

    def is_outdated(self) -> bool:
        """Whether another version of Parley made it, with other tables: then it is to be made again from the log.

        Raises:
            StoreError: it cannot be read.
        """
        name = self.in_use()
        if name is None:
            return False
        with self.read() as session:
            there = inspect(session.connection())
            schema = name if self.store.url else None
            found = {
                table: {column["name"] for column in there.get_columns(table, schema=schema)}
                for table in there.get_table_names(schema=schema)
            }
        kept = KEPT if self.store.url else {}
        return any(
            found.get(name) != {*table.columns.keys(), *([kept[name]] if name in kept else [])}
            for name, table in METADATA.tables.items()
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that can only read what is in use now; everything in it sees one moment.

        Raises:
            StoreError: there is no read model yet, or it cannot be read (locked, damaged, no permission).
        """
        try:
            with self._models.read() as session:
                if session is None:
                    raise StoreError(
                        f"nothing has been read yet into {self.store.name}; start Parley with `parley up`"
                    )
                yield session
        except (DBAPIError, OSError) as error:
            raise self._unreadable(error) from error

    @contextmanager
    def write(self, topic: str | None = None) -> Iterator[Session]:
        """A transaction that is committed at the end, on what is in use at its beginning *and* its end.

        Args:
            topic: whose rows are written, and nobody else's; None: of any.

        Raises:
            StoreError: the read model cannot be written; nothing was.
        """
        try:
            with self._models.hold(topic) as session:
                yield session
                reached("commit.before")
                session.commit()
                reached("commit.after")
        except (DBAPIError, OSError) as error:
            raise StoreError(
                f"cannot write the read model in {self.store.name}: {reason_of(error)}; {MEND}"
            ) from error

    @contextmanager
    def replacement(self) -> Iterator[tuple[Engine, Switch]]:
        """An engine on a new, empty read model, and what puts that in the place of the one in use.

        Raises:
            StoreError: it cannot be made.
        """
        try:
            with self._models.replacement() as made:
                yield made
        except (DBAPIError, OSError) as error:
            raise StoreError(
                f"cannot make the read model in {self.store.name} anew: {reason_of(error)}"
            ) from error

    def close(self) -> None:
        """Let go of what was written with; writing again opens it anew."""
        self._models.close()

    def _unreadable(self, error: DBAPIError | OSError) -> StoreError:
        return StoreError(f"cannot read the read model in {self.store.name}: {reason_of(error)}; {MEND}")

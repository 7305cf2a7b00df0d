"""A PostgreSQL server of the tests' own, with a fresh database for whoever asks; it says why where there is none.

Its collation is that of a language, as most servers' is, so that an order of texts that is not theirs shows.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from monitor.readmodel.store import Store, postgres_reader
from monitor.service.schema import migrate
from tests import machine
from tests.processes import free_port

ON_A_SERVER = frozenset(
    f"test_{name}.py"
    for name in (
        *(
            "readmodel_projector",
            "readmodel_rebuild",
            "readmodel_server",
            "readmodel_killed",
            "readmodel_queries",
            "readmodel_search",
        ),
        *("alerts_queue", "alerts_claiming", "alerts_fanout", "service_schema", "sources_schedule"),
    )
)
"""Files whose tests `make test` runs on a server too; the others' are drills there, for they take minutes."""
ON_DEBIANS_REDIS = frozenset({"test_log_append.py", "test_log_lost_replies.py", "test_log_races.py"})
"""Those that it runs on Debian's Redis too, beside the one that Parley brings."""
IN_FILES = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""Marks a test that is about SQLite's files."""
POSTGRES_IS_A_DRILL = pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgres", marks=pytest.mark.drill)], indirect=True
)
"""Marks a long test, which is run on a server by `make drills`."""
IN_POSTGRES = pytest.mark.parametrize("store", ["postgres"], indirect=True)
"""Marks a test that is about a server."""
_STARTS_WITHIN_S = 60
_OPTIONS = (
    *("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB"),
    *("listen_addresses=127.0.0.1", "autovacuum=off", "timezone=Asia/Karachi"),
)


def missing() -> str:
    """Why no server can be started here; empty: one can."""
    if machine.postgres() is None:
        return "no PostgreSQL; install one (Debian: apt-get install postgresql)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL does not run as root, and there is no user `postgres`"
    return ""


class Postgres:
    """A server on loopback; `close` ends it and removes what it held."""

    def __init__(self) -> None:
        self._bin = machine.postgres()
        # As root it runs as the user `postgres`, who may not enter root's folders.
        self._as: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.geteuid() == 0 else {}
        )
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if self._as:
            shutil.chown(self.folder, "postgres", "postgres")
        self._data = self.folder / "data"
        self.port = free_port()
        self._made = 0
        self._server: subprocess.Popen[bytes] | None = None
        self._run(
            *("initdb", "-D", str(self._data), "-A", "trust", "-U", "parley", "--no-sync"),
            *("--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en"),
        )
        self.start()
        self._admin("CREATE DATABASE template_parley")
        engine = Store(self.folder, self.url("template_parley")).service()
        migrate(engine)
        engine.dispose()

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://parley@127.0.0.1:{self.port}/{database}"

    def fresh(self, template: str = "template_parley") -> str:
        """The address of a new database with the service's tables in it, empty; `template0`: with nothing."""
        self._made += 1
        self._admin(f"CREATE DATABASE parley_{self._made} TEMPLATE {template}")
        return self.url(f"parley_{self._made}")

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        postgres_reader(url).dispose()
        postgres_reader.cache_clear()
        self._admin(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        words = ["-D", str(self._data), "-p", str(self.port), "-k", str(self.folder)]
        words += [word for option in _OPTIONS for word in ("-c", option)]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*_ending_with_us(), self._program("postgres"), *words],
                **self._as,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                return self._admin("SELECT 1")
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once, as a restart of its machine would."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
            self._server = None

    def close(self) -> None:
        """End the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder)

    def dump(self, url: str, *options: str) -> str:
        """What pg_dump says of a database."""
        return self._run("pg_dump", *options, url)

    def restore(self, url: str, sql: str) -> None:
        """Run the SQL of a dump in a database."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql)

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [self._program(program), *words],
            **self._as,
            cwd=self.folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=_STARTS_WITHIN_S,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
        return done.stdout

    def _program(self, name: str) -> str:
        assert self._bin is not None
        return str(self._bin / name)

    def _admin(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)


def _ending_with_us() -> list[str]:
    """What a command begins with that is to end when this process is killed."""
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []

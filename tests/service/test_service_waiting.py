"""A role that starts alone waits for what it needs, says so once, and says when it goes on; what is wrong ends it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.readmodel.store import Store
from monitor.service.schema import migrate
from tests.postgres import Postgres
from tests.processes import Machine, Running, free_port


@pytest.fixture
def machine(tmp_path: Path, embedded_server: EmbeddedServer, postgres: Postgres) -> Iterator[Machine]:
    """A Redis that runs, and a database in which nobody has made tables yet."""
    with connect(embedded_server.url) as client:
        client.flushall()
    environ = {
        "PARLEY_DATA": str(tmp_path / "data"),
        "PARLEY_REDIS_URL": embedded_server.url,
        "PARLEY_DATABASE_URL": postgres.fresh("template0"),
        "PARLEY_SEEDS": "false",
        "PARLEY_API_PORT": str(free_port()),
        "PARLEY_DASHBOARD_PORT": str(free_port()),
        "PARLEY_LOGS_FORM": "text",
    }
    machine = Machine(tmp_path, environ)
    yield machine
    machine.close()


def make_tables(machine: Machine) -> None:
    engine = Store(machine.folder, machine.environ["PARLEY_DATABASE_URL"]).service()
    migrate(engine)
    engine.dispose()


def lines(running: Running, words: str) -> list[str]:
    return [line for line in running.words.splitlines() if words in line]


def ended(running: Running) -> str:
    """The one line with which it ended as a wrong use does."""
    assert running.process.wait(60) == 2, running.words
    (line,) = lines(running, "parley: ")
    return line


@pytest.mark.drill
def test_roles_wait_for_the_tables_that_parley_migrate_makes(machine: Machine) -> None:
    waiting = [machine.run(role) for role in ("ingest", "watch", "notify", "api")]
    for running in waiting:
        running.wait_for("waiting: the database has no tables yet")
    make_tables(machine)
    for running in waiting:
        running.wait_for("Running")
        assert len(lines(running, "no tables yet")) == 1
        assert "run `parley migrate`" in lines(running, "no tables yet")[0]
        assert len(lines(running, "is there: going on")) == 1
    assert [running.stop() for running in waiting] == [0] * len(waiting)
    assert not any("Traceback" in running.words for running in waiting)


@pytest.mark.drill
def test_a_role_waits_for_a_database_and_a_redis_that_are_not_there(
    machine: Machine, postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.fresh()
    postgres.stop()
    with EmbeddedServer(tmp_path / "other") as server:
        address = server.url
        server._end_process()
        try:
            running = machine.run("watch", PARLEY_DATABASE_URL=url, PARLEY_REDIS_URL=address)
            running.wait_for("waiting: cannot open the PostgreSQL database")
        finally:
            postgres.start()
        running.wait_for("is there: going on")
        running.wait_for("waiting: Redis at ")
        assert "mend the setting redis_url" in lines(running, "waiting: Redis")[0]
        server.start()
        running.wait_for("Redis is there: going on")
        running.wait_for("Running")
        assert running.stop() == 0


@pytest.mark.drill
def test_a_login_that_the_database_does_not_know_yet_is_waited_for(
    machine: Machine, postgres: Postgres
) -> None:
    url = postgres.fresh()
    later = url.replace("parley@", "later@")
    running = machine.run("notify", PARLEY_DATABASE_URL=later)
    running.wait_for('role "later" does not exist')
    engine = Store(machine.folder, url).service()
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE later SUPERUSER LOGIN"))
    running.wait_for("Running")
    assert running.stop() == 0
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE later"))
    engine.dispose()


@pytest.mark.drill
def test_a_password_that_redis_refuses_ends_the_role(machine: Machine, tmp_path: Path) -> None:
    make_tables(machine)
    with EmbeddedServer(tmp_path / "other") as server, connect(server.url) as client:
        client.config_set("requirepass", "right")
        path = server.url.removeprefix("unix://")
        for role in ("watch", "notify"):
            words = ended(machine.run(role, PARLEY_REDIS_URL=f"unix://:wrong@{path}"))
            assert re.search("refuses the password or user", words)
            assert "wrong@" not in words


@pytest.mark.drill
def test_tables_of_a_newer_parley_end_the_role(machine: Machine) -> None:
    make_tables(machine)
    engine = Store(machine.folder, machine.environ["PARLEY_DATABASE_URL"]).service()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "a newer Parley made this database" in ended(machine.run("ingest"))


@pytest.mark.drill
def test_who_waits_can_be_stopped(machine: Machine) -> None:
    running = machine.run("watch")
    running.wait_for("waiting:")
    assert running.stop(10) == 0


@pytest.mark.drill
def test_up_makes_the_tables_itself(machine: Machine) -> None:
    running = machine.run(command="up", PARLEY_REDIS_URL="")
    running.wait_for("Dashboard: ")
    assert running.stop() == 0
    assert "waiting" not in running.words


@pytest.mark.drill
def test_who_only_shows_says_when_there_is_something_to_show(machine: Machine) -> None:
    make_tables(machine)
    api = machine.run("api")
    api.wait_for("waiting for something to show")
    api.wait_for("Running")
    watch = machine.run("watch")
    api.wait_for("there is something to show")
    assert [watch.stop(), api.stop()] == [0, 0]
    assert len(lines(api, "something to show")) == 2

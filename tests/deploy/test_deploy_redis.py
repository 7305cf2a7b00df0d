"""A real Redis with deploy/redis.conf and the logins of deploy/init: it keeps what it must, each role can do its part.

The contract of the log is that of tests/log; here it is held with each role's login.
"""

import inspect
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitor.errors import LogError
from monitor.log.binary import choose_binary
from monitor.log.connect import connect
from monitor.log.embedded import SETTINGS
from monitor.log.events import Event
from monitor.log.export import export
from monitor.log.importing import LogImport
from monitor.log.place import Folder
from monitor.log.stream import EventLog
from monitor.log.verify import stats, verify
from tests.log import test_log_append, test_log_read, test_log_verify
from tests.log.segmenting import KEPT, archive_all

TOP = Path(__file__).parents[2]
WRITERS = ("ingest", "watch", "notify", "backup")
NOT_ALLOWED = re.compile("permission|can't (access|run)", re.IGNORECASE)
FACTS = {"log", "fact", "decision", "delivery"}

Make = Callable[..., Event]


def contract(*modules: ModuleType) -> dict[str, Callable[..., None]]:
    """The tests of the log that need nothing but a log and events."""
    found = [test for module in modules for name, test in vars(module).items() if name.startswith("test_")]
    fitting = [test for test in found if "log" in inspect.signature(test).parameters]
    return {test.__name__: test for test in fitting if inspect.signature(test).parameters.keys() <= FACTS}


CONTRACT = contract(test_log_append, test_log_read, test_log_verify)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, secrets: Path) -> Iterator[str]:
    """The socket of a Redis as compose starts it, with one more login that may do anything, for the tests."""
    with started(tmp_path_factory.mktemp("r"), secrets) as socket:
        yield socket


@contextmanager
def started(folder: Path, secrets: Path, binary: str = "") -> Iterator[str]:
    """Start it in a folder, and kill it in the end."""
    binary = binary or choose_binary(None, None)[0]
    text = (TOP / "deploy/redis.conf").read_text(encoding="utf-8")
    acl = folder / "redis.acl"
    acl.write_text((secrets / "redis.acl").read_text() + "user tests on nopass ~* &* +@all\n")
    for before, after in (("\ndir /data\n", f"\ndir {folder}\n"), ("/run/secrets/redis.acl", str(acl))):
        assert before in text
        text = text.replace(before, after)
    (folder / "redis.conf").write_text(text)
    socket = folder / "redis.sock"
    socket.unlink(missing_ok=True)
    process = subprocess.Popen(
        [binary, folder / "redis.conf", "--port", "0", "--unixsocket", socket, "--maxmemory", "64mb"],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            assert process.poll() is None, "the configuration was refused"
            if socket.is_socket():
                break
            time.sleep(0.05)
        yield str(socket)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def anything(server: str) -> Iterator[redis.Redis]:
    """A client that may do anything, on an empty server."""
    with redis.Redis(
        unix_socket_path=server, username="tests", password="any", protocol=2, decode_responses=True
    ) as client:
        client.flushall()
        yield client


@pytest.fixture
def login(server: str, secrets: Path, anything: redis.Redis) -> Iterator[Callable[[str], redis.Redis]]:
    """`login("watch")`: a client with a role's login, as Parley makes it from the role's address."""
    clients: list[redis.Redis] = []

    def make(role: str) -> redis.Redis:
        if role == "health":
            secret = (secrets / "redis-health").read_text().strip()
        else:
            secret = (secrets / f"redis-url-{role}").read_text().split(":")[2].partition("@")[0]
        clients.append(connect(f"unix://{role}:{secret}@{server}"))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_it_keeps_what_the_embedded_one_keeps(anything: redis.Redis) -> None:
    kept = ("appendonly", "appendfsync", "aof-load-truncated", "save", "maxmemory-policy")
    assert {name: anything.config_get(name)[name] for name in kept} == {name: SETTINGS[name] for name in kept}


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_of_the_log_holds_with_each_login_that_writes(
    login: Callable[[str], redis.Redis], request: pytest.FixtureRequest, role: str, name: str
) -> None:
    wanted = inspect.signature(CONTRACT[name]).parameters.keys() - {"log"}
    given: dict[str, Any] = {one: request.getfixturevalue(one) for one in wanted}
    CONTRACT[name](log=EventLog(login(role)), **given)


def test_what_was_written_is_there_after_a_kill(
    tmp_path_factory: pytest.TempPathFactory, secrets: Path, fact: Make
) -> None:
    binary = shutil.which(
        "redis-server"
    )  # not the bundled 6.2, which looks at no rights when it reads its file
    if binary is None:
        pytest.skip("no redis-server; install it (Debian: apt-get install redis-server)")
    folder = tmp_path_factory.mktemp("r")
    login = (secrets / "redis-url-watch").read_text().split("//")[1].partition("@")[0]
    event = fact(1)
    for start in range(3):
        with started(folder, secrets, binary) as socket, connect(f"unix://{login}@{socket}") as client:
            log = EventLog(client)
            if start == 0:
                log.append(event.topic, [event])
            assert [one.event.id for one in log.read_all(event.topic)] == [event.id]
            assert verify(log) == []


def test_nobody_logs_in_as_default(server: str) -> None:
    for login in ("", "default:@", "default:any@"):
        with (
            connect(f"unix://{login}{server}", retries=0) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_the_contract_is_no_empty_one() -> None:
    assert len(CONTRACT) > 15


def test_the_api_reads_all_and_writes_nothing(
    login: Callable[[str], redis.Redis],
    fact: Make,
    decision: Make,
    delivery: Make,
) -> None:
    writer, reader = EventLog(login("watch")), EventLog(login("api"))
    writer.append("pti", [fact(1)])
    writer.append("pti", [decision(1)], expected_decisions=0)
    writer.append("pti", [delivery(1)])
    assert verify(reader) == []
    assert stats(reader) == stats(writer)
    assert reader.wait({"pti": "0-0"}, 100) == {"pti"}
    assert reader.head("pti") == writer.head("pti")
    reader.check("pti", writer.checkpoint_at("pti", writer.head("pti")))
    with pytest.raises(LogError, match="permission"):
        reader.append("pti", [fact(2)])
    assert writer.length("pti") == 2


@pytest.mark.parametrize("role", ["ingest", "backup"])
def test_who_archives_may_take_out_what_is_archived(
    login: Callable[[str], redis.Redis], tmp_path: Path, fact: Make, role: str
) -> None:
    log = EventLog(login(role), Folder(tmp_path))
    log.append("pti", [fact(n) for n in range(20)])
    assert archive_all(log, Folder(tmp_path)) == 20 - KEPT
    assert EventLog(login("api"), Folder(tmp_path)).length("pti") == 20
    assert verify(log) == []


@pytest.mark.parametrize("role", ["watch", "notify", "api"])
def test_nobody_else_takes_anything_out(
    login: Callable[[str], redis.Redis], tmp_path: Path, fact: Make, role: str
) -> None:
    EventLog(login("ingest")).append("pti", [fact(n) for n in range(20)])
    with pytest.raises(LogError, match=NOT_ALLOWED):
        archive_all(EventLog(login(role)), Folder(tmp_path))
    assert EventLog(login("api")).length("pti") == 20


def test_a_log_that_a_reader_exports_comes_back_with_the_login_of_backups(
    login: Callable[[str], redis.Redis],
    anything: redis.Redis,
    tmp_path: Path,
    fact: Make,
    decision: Make,
) -> None:
    EventLog(login("watch")).append("pti", [fact(n) for n in range(5)])
    EventLog(login("watch")).append("pti", [decision(1)], expected_decisions=0)
    before = stats(EventLog(login("api")))
    manifest = export(EventLog(login("api")), place := Folder(tmp_path), fact(1).recorded_at)
    anything.flushall()
    LogImport(EventLog(login("backup")), place, manifest).run()
    assert stats(EventLog(login("api"))) == before


FORBIDDEN = (
    "FLUSHALL",
    "DEL parley:{b00}:pti:log",
    "UNLINK parley:{b00}:pti:log",
    "XDEL parley:{b00}:pti:log 1-1",
    "RENAME parley:{b00}:pti:log x",
    "EXPIRE parley:{b00}:pti:log 1",
    "HDEL parley:{b00}:pti:ids:000 x",
    "CONFIG SET appendonly no",
    "CONFIG GET *",
    "ACL LIST",
    "CLIENT LIST",
    "DEBUG SLEEP 0",
    "SHUTDOWN NOSAVE",
    "KEYS *",
    "MONITOR",
    "REPLICAOF 127.0.0.1 1",
    "MIGRATE 127.0.0.1 1 x 0 10",
    "SAVE",
    "PUBLISH x y",
    "GET elsewhere",
    "SET elsewhere x",
)


@pytest.mark.parametrize("role", [*WRITERS, "api", "health"])
@pytest.mark.parametrize("command", FORBIDDEN)
def test_no_role_may_take_away_configure_or_look_elsewhere(
    login: Callable[[str], redis.Redis], role: str, command: str
) -> None:
    with pytest.raises(redis.ResponseError, match=NOT_ALLOWED):
        login(role).execute_command(*command.split())


def test_without_a_login_nothing_is_answered(server: str, anything: redis.Redis) -> None:
    with redis.Redis(unix_socket_path=server, protocol=2, retry=Retry(NoBackoff(), 0)) as nobody:
        for command in ("PING", "INFO", "GET x"):
            with pytest.raises(redis.AuthenticationError, match="Authentication required"):
                nobody.execute_command(*command.split())


def test_the_health_checks_login_can_ping_and_nothing_else(login: Callable[[str], redis.Redis]) -> None:
    health = login("health")
    assert health.ping()
    for command in ("GET parley:x", "SCAN 0", "XLEN parley:x", "INFO"):
        with pytest.raises(redis.ResponseError, match=NOT_ALLOWED):
            health.execute_command(*command.split())

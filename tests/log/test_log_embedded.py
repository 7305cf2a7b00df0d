"""The life of the embedded server: one owner per data folder, no orphan, no older server, nothing acknowledged lost."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.errors import DataFolderInUseError, DataLostError, LogError, ServerTooOldError
from monitor.log import binary, embedded, folder
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer, open_log, running_url
from monitor.log.events import Event
from monitor.log.folder import Process
from monitor.log.stream import EventLog
from monitor.log.verify import verify

Make = Callable[..., Event]
Children = list["subprocess.Popen[str]"]
HERE = Path(__file__).parent
DEBIAN = next((Path(path) for path in ("/usr/bin/redis-server",) if Path(path).exists()), None)


def start_owner(children: Children, data_dir: Path, *options: str) -> tuple["subprocess.Popen[str]", int]:
    """A process that owns the folder and appends to its log; it, and its server's number."""
    owner = subprocess.Popen(
        [sys.executable, str(HERE / "owner.py"), str(data_dir), *options],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    children.append(owner)
    assert owner.stdout is not None
    pid, url = owner.stdout.readline().split()
    assert running_url(data_dir) == url
    return owner, int(pid)


def killed(owner: "subprocess.Popen[str]") -> list[str]:
    """Kill the owner with no chance to clean up; what it had been acknowledged."""
    owner.kill()
    output, _ = owner.communicate(timeout=10)
    return [line for line in output.splitlines() if len(line) == 32]


def ended(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while Process.of(pid) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def held(log: EventLog) -> set[str]:
    return {recorded.event.id for recorded in log.read_all("pti")}


def test_what_was_appended_is_there_after_a_restart(data_dir: Path, fact: Make) -> None:
    with open_log(data_dir) as log:
        checkpoint = log.checkpoint_at("pti", log.append("pti", [fact(1), fact(2)]).positions[1])
    with open_log(data_dir) as log:
        log.check("pti", checkpoint)
        assert log.append("pti", [fact(1), fact(2)]).outcome == "duplicate"
        assert verify(log) == []


def test_the_server_writes_every_command_to_disk_and_forgets_nothing(embedded_server: EmbeddedServer) -> None:
    promised = {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
        "maxmemory": "0",
        "save": "3600 1",
    }
    with connect(embedded_server.url) as client:
        assert {name: client.config_get(name)[name] for name in promised} == promised


def test_only_the_owner_of_the_folder_may_enter_its_files_and_its_socket(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        socket = Path(server.url.removeprefix("unix://"))
        for path in (data_dir, data_dir / "log", socket.parent, socket):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert len(os.fsencode(socket)) <= embedded.MAX_SOCKET_PATH
    assert not socket.parent.exists()


def test_a_second_owner_is_refused_with_one_line_that_names_the_first(
    data_dir: Path, children: Children
) -> None:
    owner, _ = start_owner(children, data_dir)
    started = time.monotonic()
    with pytest.raises(DataFolderInUseError) as caught:
        EmbeddedServer(data_dir).start()
    assert time.monotonic() - started < 1
    message = str(caught.value)
    assert str(data_dir) in message
    assert f"process {owner.pid}" in message
    assert "--data" in message
    assert "\n" not in message
    assert owner.poll() is None


def test_a_second_owner_in_the_same_process_is_refused_and_leaves_the_first_alone(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        with pytest.raises(DataFolderInUseError, match=f"process {os.getpid()}"):
            EmbeddedServer(data_dir).start()
        with connect(server.url) as client:
            assert client.ping()


def test_of_many_that_start_at_once_one_gets_the_folder(data_dir: Path) -> None:
    servers = [EmbeddedServer(data_dir) for _ in range(6)]
    refused: list[DataFolderInUseError] = []

    def begin(server: EmbeddedServer) -> None:
        try:
            server.start()
        except DataFolderInUseError as error:
            refused.append(error)

    threads = [threading.Thread(target=begin, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alive = [
        server for server in servers if server.alive
    ]  # also: a server outlives the thread that started it
    for server in servers:
        server.stop()
    assert len(alive) == 1
    assert len(refused) == 5


def test_a_command_uses_the_server_that_runs_on_the_folder(data_dir: Path, fact: Make) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        EventLog(client).append("pti", [fact(1)])
        with open_log(data_dir) as log:
            assert held(log) == {fact(1).id}
        assert server.alive
    assert running_url(data_dir) is None


def test_commands_that_start_at_once_share_one_server(data_dir: Path, fact: Make) -> None:
    everyone = threading.Barrier(4)
    outcomes: list[object] = []

    def command(n: int) -> None:
        try:
            with open_log(data_dir) as log:
                log.append("pti", [fact(n)])
                everyone.wait(20)
        except BaseException as error:
            outcomes.append(error)
            raise
        outcomes.append("done")

    threads = [threading.Thread(target=command, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["done"] * 4
    with open_log(data_dir) as log:
        assert held(log) == {fact(n).id for n in range(4)}


def test_a_command_on_a_folder_that_is_owned_without_a_server_gives_up_in_time(data_dir: Path) -> None:
    lock = folder.FolderLock(data_dir)
    lock.acquire(lambda: None)
    try:
        with (
            pytest.raises(DataFolderInUseError, match="or its Redis has ended"),
            open_log(data_dir, patience=0.2),
        ):
            pass
    finally:
        lock.release()


def test_the_server_dies_with_its_owner_and_the_next_one_has_all(data_dir: Path, children: Children) -> None:
    for _ in range(3):
        owner, server_pid = start_owner(children, data_dir)
        time.sleep(0.2)
        acknowledged = killed(owner)
        assert ended(server_pid)
        assert acknowledged
        with open_log(data_dir) as log:
            assert set(acknowledged) <= held(log)
            assert verify(log) == []


def test_the_server_dies_with_its_owner_even_when_it_cannot_write_any_more(
    data_dir: Path, children: Children
) -> None:
    owner, server_pid = start_owner(children, data_dir)
    shutil.rmtree(data_dir)
    killed(owner)
    assert ended(server_pid)


def test_a_server_that_cannot_write_its_last_snapshot_is_stopped_all_the_same(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_TIMEOUT_S", 0.5)
    server = EmbeddedServer(data_dir)
    server.start()
    pid = server.pid
    assert pid is not None
    shutil.rmtree(data_dir)
    server.stop()
    assert ended(pid)


def test_a_start_right_after_the_owner_was_killed_waits_for_its_server_to_end(
    data_dir: Path, children: Children
) -> None:
    owner, server_pid = start_owner(children, data_dir)
    acknowledged = killed(owner)
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        assert ended(server_pid, within=0)
        assert set(acknowledged) <= held(EventLog(client))


@pytest.mark.parametrize("hears", [True, False])
def test_a_server_that_outlived_its_owner_is_ended_before_the_next_one_starts(
    data_dir: Path, children: Children, monkeypatch: pytest.MonkeyPatch, hears: bool
) -> None:
    monkeypatch.setattr(embedded, "ORPHAN_STOP_S", 3.0 if hears else 0.3)
    owner, server_pid = start_owner(children, data_dir, "orphan")
    assert owner.stdout is not None
    acknowledged = [owner.stdout.readline().strip()]
    if not hears:
        os.kill(server_pid, signal.SIGSTOP)  # it hears no signal but the last one
    acknowledged += killed(owner)
    assert not ended(server_pid, within=0.2)
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        assert ended(server_pid, within=0)
        assert server.pid != server_pid
        assert set(acknowledged) <= held(EventLog(client))


def test_an_unknown_holder_of_the_lock_is_told_and_not_killed(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "ORPHAN_PATIENCE_S", 0.2)
    lock = folder.FolderLock(data_dir)
    lock.acquire(lambda: None)
    (data_dir / "lock").write_text(Process(pid=os.getpid(), started=1).model_dump_json(), encoding="utf-8")
    try:
        with pytest.raises(DataFolderInUseError, match="left behind"):
            EmbeddedServer(data_dir).start()
    finally:
        lock.release()


def test_a_server_that_died_is_started_again_at_the_same_address(data_dir: Path, fact: Make) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        EventLog(client).append("pti", [fact(1)])
        url, pid = server.url, server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert ended(pid)
        assert not server.alive
        assert server.pid is None
        server.start()
        assert (server.url, server.alive) == (url, True)
        assert held(EventLog(client)) == {fact(1).id}


def kill_server(server: EmbeddedServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.alive:
        time.sleep(0.005)


def test_a_restart_that_fails_keeps_folder_and_address_for_the_next_try(data_dir: Path, fact: Make) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        EventLog(client).append("pti", [fact(1)])
        url = server.url
        kill_server(server)
        aof, aside = data_dir / "log" / "appendonly.aof", data_dir / "aside"
        aof.rename(aside)
        aof.write_bytes(b"nonsense")
        with pytest.raises(LogError, match="ended at once"):
            server.start()
        with pytest.raises(DataFolderInUseError):
            EmbeddedServer(data_dir).start()
        aside.rename(aof)
        server.start()
        assert server.url == url
        assert held(EventLog(client)) == {fact(1).id}


def test_a_restart_makes_its_runtime_folder_again_when_it_was_tidied_away(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server, connect(server.url) as client:
        kill_server(server)
        shutil.rmtree(Path(server.url.removeprefix("unix://")).parent)
        server.start()
        assert client.ping()


def test_a_command_lets_others_that_use_its_server_end_first(data_dir: Path, fact: Make) -> None:
    come, go = threading.Event(), threading.Event()
    answers: list[int] = []

    def guest() -> None:
        with open_log(data_dir) as log:
            come.set()
            go.wait(10)
            time.sleep(0.3)  # the owner is on its way out by now
            answers.append(log.length("pti"))

    with open_log(data_dir) as log:
        log.append("pti", [fact(1)])
        visit = threading.Thread(target=guest)
        visit.start()
        assert come.wait(10)
        go.set()
    visit.join()
    assert answers == [1]


def test_a_command_does_not_wait_for_ever_for_a_guest(data_dir: Path) -> None:
    with open_log(data_dir, patience=0.3):
        guest = connect(str(running_url(data_dir)))
        guest.ping()
        leaving = time.monotonic()
    assert time.monotonic() - leaving < 5
    assert running_url(data_dir) is None
    guest.close()


def test_starting_and_stopping_twice_changes_nothing(data_dir: Path) -> None:
    server = EmbeddedServer(data_dir)
    server.stop()
    server.start()
    pid = server.pid
    server.start()
    assert server.pid == pid
    server.stop()
    server.stop()
    with pytest.raises(ValueError, match="not started"):
        _ = server.url


def test_ctrl_c_reaches_the_owner_and_not_its_server(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        assert server.pid is not None
        assert os.getpgid(server.pid) != os.getpgid(0)


def record(data_dir: Path, **fields: object) -> None:
    (data_dir / "log").mkdir(parents=True)
    (data_dir / "log" / "server.json").write_text(json.dumps(fields), encoding="utf-8")


def test_data_of_a_newer_redis_is_refused_before_anything_is_touched(data_dir: Path) -> None:
    record(data_dir, version="99.1.0")
    with pytest.raises(ServerTooOldError, match=r"written by Redis 99\.1\.0.*install Redis 99\.1\.0"):
        EmbeddedServer(data_dir).start()
    assert [path.name for path in (data_dir / "log").iterdir()] == ["server.json"]
    assert json.loads((data_dir / "log" / "server.json").read_bytes())["version"] == "99.1.0"
    with pytest.raises(ServerTooOldError), open_log(data_dir):
        pass


@pytest.mark.skipif(DEBIAN is None, reason="there is no /usr/bin/redis-server")
def test_data_is_carried_to_a_newer_redis_and_stays_with_it(data_dir: Path, fact: Make) -> None:
    bundled = Path(binary._candidates()[0])
    assert bundled != DEBIAN
    with EmbeddedServer(data_dir, binary=bundled) as server, connect(server.url) as client:
        EventLog(client).append("pti", [fact(1)])
    with EmbeddedServer(data_dir, binary=DEBIAN) as server, connect(server.url) as client:
        log = EventLog(client)
        assert log.append("pti", [fact(1)]).outcome == "duplicate"
        log.append("pti", [fact(2)])
    with pytest.raises(ServerTooOldError):
        EmbeddedServer(data_dir, binary=bundled).start()
    with open_log(data_dir) as log:  # without a choice, the first that is new enough is taken
        assert held(log) == {fact(1).id, fact(2).id}


def test_a_damaged_record_is_told_and_not_guessed(data_dir: Path) -> None:
    (data_dir / "log").mkdir(parents=True)
    (data_dir / "log" / "server.json").write_text("{", encoding="utf-8")
    with pytest.raises(LogError, match=r"server\.json is damaged"):
        EmbeddedServer(data_dir).start()


def test_a_machine_without_redis_is_told_what_to_install(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary, "_candidates", lambda: ["/nowhere/redis-server", "/bin/false"])
    with pytest.raises(LogError, match=r"no redis-server.*install Redis 6\.2"):
        EmbeddedServer(data_dir).start()
    assert not list((data_dir / "log").iterdir())


def test_a_lost_tail_of_the_file_is_loaded_and_noticed(data_dir: Path, fact: Make) -> None:
    with open_log(data_dir) as log:
        kept = log.checkpoint_at("pti", log.append("pti", [fact(1)]).positions[0])
        lost = log.checkpoint_at("pti", log.append("pti", [fact(2)]).positions[0])
    path = data_dir / "log" / "appendonly.aof"
    os.truncate(path, path.stat().st_size - 20)
    with open_log(data_dir) as log:
        log.check("pti", kept)
        with pytest.raises(DataLostError, match=f"{lost.position} is gone"):
            log.check("pti", lost)
        assert verify(log) == []
        assert log.append("pti", [fact(2)]).outcome == "appended"


def test_a_damaged_file_is_told_in_redis_own_words(data_dir: Path, fact: Make) -> None:
    with open_log(data_dir) as log:
        log.append("pti", [fact(1)])
    with (data_dir / "log" / "appendonly.aof").open("r+b") as file:
        file.write(b"*9\r\nnonsense\r\n")
    server = EmbeddedServer(data_dir)
    with pytest.raises(LogError, match=r"Bad file format.*redis\.log") as caught:
        server.start()
    assert "\n" not in str(caught.value)
    assert not server.alive
    lock = folder.FolderLock(data_dir)  # a failed start lets the folder go
    lock.acquire(lambda: None)
    lock.release()


@contextmanager
def as_normal_user() -> Iterator[None]:
    """Root may read everything; here it gives that up for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("mode", [0o000, 0o555])
def test_a_folder_that_cannot_be_written_is_told_in_one_line(mode: int) -> None:
    base = Path("/tmp") / f"pt-{os.getpid()}-{mode}"
    base.mkdir()
    base.chmod(mode)
    try:
        with as_normal_user():
            for begin in (
                EmbeddedServer(base).start,
                EmbeddedServer(base / "new").start,
                open_log(base).__enter__,
            ):
                with pytest.raises(LogError, match="Permission denied") as caught:
                    begin()
                assert str(base) in str(caught.value)
                assert "\n" not in str(caught.value)
    finally:
        base.chmod(0o700)
        base.rmdir()


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    for begin in (EmbeddedServer(path).start, open_log(path).__enter__):
        with pytest.raises(LogError, match=r"(?i)not a directory|file exists"):
            begin()


def test_long_runtime_paths_are_passed_over(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with EmbeddedServer(data_dir) as server:
        assert not server.url.startswith(f"unix://{long}")


def test_a_runtime_folder_left_by_a_kill_is_removed_at_the_next_start(
    data_dir: Path, children: Children
) -> None:
    owner, server_pid = start_owner(children, data_dir)
    socket = Path(str(running_url(data_dir)).removeprefix("unix://"))
    killed(owner)
    assert ended(server_pid)
    assert socket.parent.exists()
    with EmbeddedServer(data_dir):
        assert not socket.parent.exists()


def test_the_servers_own_log_does_not_grow_for_ever(data_dir: Path) -> None:
    (data_dir / "log").mkdir(parents=True)
    (data_dir / "log" / "redis.log").write_bytes(b"x" * (embedded.MAX_SERVER_LOG + 1))
    with EmbeddedServer(data_dir):
        assert (data_dir / "log" / "redis.log").stat().st_size < 100_000
        assert (data_dir / "log" / "redis.log.1").stat().st_size > embedded.MAX_SERVER_LOG

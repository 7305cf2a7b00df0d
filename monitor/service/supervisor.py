"""`parley up` and `parley run`: the roles run in this process; redis-server and Streamlit are its children.

up:  lock the data folder, start Redis -> open everything -> start the roles and the dashboard
     -> wait until what is in the log is in the read model -> say where the talks stand -> wait for Ctrl-C
     -> stop: roles first, then the dashboard, Redis last
"""

import logging
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from queue import Queue
from threading import Event as Signal
from typing import IO, Self
from urllib.parse import urlsplit

from dashboard import words
from dashboard.api import Api
from dashboard.gate import Access
from dashboard.launch import command, environment
from monitor.child import launch
from monitor.errors import BadInputError, LogError, ParleyError
from monitor.log.connect import connect
from monitor.log.embedded import EmbeddedServer
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.service.health_port import health_port
from monitor.service.pulse import Pulse
from monitor.service.roles import ROLES, Roles
from monitor.service.settings import Settings
from monitor.service.waiting import ModelLook, StoppedError, Waiting, assembled
from monitor.service.watch import settled
from monitor.service.wiring import Clock, Parley, archive_of, watched_topics

READY_S = 60.0
STOP_S = 10.0
RETRIES = 1
"""Of a command to Redis: for a connection that broke. The roles themselves try again whatever fails."""
_STDERR = 2
_log = logging.getLogger(__name__)
Say = Callable[[str], None]


def up(settings: Settings, clock: Clock, say: Say) -> None:
    """Run everything until told to stop (Ctrl-C or SIGTERM).

    Raises:
        BadInputError: a port is taken, a topic does not exist.
        LogError: the data folder is in use, or Redis does not start.
        DataLostError: the log no longer holds what a checkpoint saw.
    """
    run(settings, [*ROLES, "dashboard"], clock, say, migrates=True)


def run(settings: Settings, names: Iterable[str], clock: Clock, say: Say, *, migrates: bool = False) -> None:
    """Run the named roles until told to stop, as soon as what they need is there; raises as `up` does.

    Tables in PostgreSQL are waited for, until `parley migrate` has made them, unless this `migrates` them.
    """
    wanted = list(dict.fromkeys(names))
    _check_wish(settings, wanted)
    roles = [name for name in wanted if name != "dashboard"]
    keepers: list[Callable[[], None]] = []
    failures: Queue[BaseException] = Queue()
    pulse = Pulse()
    pulse.expect(roles)

    def failed(error: BaseException) -> None:
        failures.put(error)
        stop.set()

    def note(trouble: str) -> None:
        for role in roles:
            pulse.note(role, clock(), trouble)

    with stop_on_signal(pulse.stop) as stop, suppress(StoppedError), ExitStack() as stack:
        if roles and "api" not in roles and settings.health.port:
            _check_free("health", settings.health.host, settings.health.port)
            stack.enter_context(health_port(settings.health, lambda: pulse.troubles(clock())))
        if roles:  # this takes the data folder, so it comes before anything that writes there
            log = stack.enter_context(_log_of(settings, keepers))
        _check_ports(settings, wanted)
        if roles:
            parley = assembled(settings, log, clock, roles, Waiting(stop, note), migrates=migrates)
            parley = replace(parley, pulse=pulse)
            stack.callback(parley.close)
        if "dashboard" in wanted:
            dashboard = stack.enter_context(Dashboard(settings, alone=not roles))
            keepers.append(dashboard.keep)
        if "watch" not in roles and {"api", "dashboard"} & set(wanted):
            keepers.append(ModelLook(ReadModel(settings.store)))
        if roles:
            running = Roles(parley, roles, failed)
            stack.callback(running.stop)
            running.start()
        if {"ingest", "watch"} <= set(roles):
            _wait_until_read(parley, running, stop)
            _say_status(parley, say)
        if "api" in wanted:
            say(f"API: {settings.api_url}")
        if "dashboard" in wanted:
            dashboard.wait_until_it_answers(stop)
            say(f"Dashboard: {settings.dashboard_url}")
        say("Running; Ctrl-C ends it.")
        while not stop.wait(1.0):
            for keep in keepers:
                keep()
        say("Stopping.")
    if not failures.empty():
        raise failures.get()


@contextmanager
def stop_on_signal(tell: Callable[[], None] = lambda: None) -> Iterator[Signal]:
    """A signal that is set by SIGINT or SIGTERM, which is told at once; a second one ends the process the usual way."""
    stop = Signal()

    def handle(number: int, frame: object) -> None:
        tell()
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Dashboard:
    """The Streamlit process; started again when it dies."""

    def __init__(self, settings: Settings, *, alone: bool = False) -> None:
        """With `alone` it says on stderr what it has to say, else in `dashboard.log` of the data folder."""
        self._settings = settings
        self._words = None if alone else settings.data / "dashboard.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _log.warning("the dashboard did not stop within %s s; killing it", STOP_S)
            self._process.kill()
            self._process.wait()

    def keep(self) -> None:
        """Start the dashboard again when it has died, but not more often than every few seconds."""
        if (
            self._process
            and self._process.poll() is not None
            and time.monotonic() - self._started_at > STOP_S
        ):
            _log.warning(
                "the dashboard has ended (exit code %s); starting it again", self._process.returncode
            )
            self._start()

    def wait_until_it_answers(self, stop: Signal) -> None:
        """Wait until the page can be opened.

        Raises:
            ParleyError: it does not come up; its last words are in `dashboard.log` of the data folder, or on stderr.
        """
        listen = self._settings.dashboard
        host = "127.0.0.1" if listen.host in {"0.0.0.0", "::"} else listen.host  # noqa: S104  # nosec B104
        address = f"http://{host}:{listen.port}/_stcore/health"
        deadline = time.monotonic() + READY_S
        while not stop.wait(0.1):
            try:
                with urllib.request.urlopen(address, timeout=2):  # nosec B310
                    return
            except OSError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise ParleyError(
                        f"the dashboard does not come up; see {self._words or 'what it said above'}"
                    ) from error

    def _start(self) -> None:
        settings = self._settings
        named = urlsplit(settings.public_url).hostname or ""
        with ExitStack() as stack:
            output: IO[bytes] | int = _STDERR
            if self._words:
                self._words.parent.mkdir(parents=True, exist_ok=True)
                output = stack.enter_context(self._words.open("wb"))
            self._process = launch(
                command(settings.dashboard.host, settings.dashboard.port, named),
                name="dashboard",
                output=output,
                env=_shown(settings),
            )
        self._started_at = time.monotonic()


def _shown(settings: Settings) -> dict[str, str]:
    listen = settings.dashboard
    access = Access(listen.read, listen.token.get_secret_value(), listen.user_header)
    for_all = settings.api.public_url if settings.api.read == "open" else ""
    return environment(
        settings.store, access, Api(settings.dashboards_api_url, settings.api.public_url, for_all)
    )


@contextmanager
def _log_of(settings: Settings, keepers: list[Callable[[], None]]) -> Iterator[EventLog]:
    """The log of the service: on the Redis of the settings, else on the data folder's own server, kept alive."""
    if settings.redis_url:
        with connect(settings.redis_url, retries=RETRIES) as client:
            yield EventLog(client, archive_of(settings))
        return
    with EmbeddedServer(settings.data) as server:
        said = ""

        def keep() -> None:
            nonlocal said
            if server.alive:
                said = ""
                return
            if not said:
                _log.warning("Redis has ended; starting it again")
            try:
                server.start()
            except LogError as error:
                if said != str(error):  # a full disk stays full for a while: once is enough
                    _log.error("%s", error)
                said = str(error)

        keepers.append(keep)
        with connect(server.url) as client:
            yield EventLog(client, archive_of(settings))


def _wait_until_read(parley: Parley, roles: Roles, stop: Signal) -> None:
    """Wait until the seeds and what was left from the last time are read, so that what is said next is true."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and not stop.wait(0.1):
        try:
            if roles.have_read_folders() and settled(parley):
                return
        except ParleyError as error:
            _log.debug("not read yet: %s", error)  # the roles say aloud what is wrong


def _say_status(parley: Parley, say: Say) -> None:
    for topic in parley.topics.values():
        try:
            answer = queries.status(parley.read_model, topic.id, now=parley.clock())
        except ParleyError as error:
            say(f"{topic.label}: {error}")
            continue
        if answer.status == "none":
            say(f"{topic.label}: nothing is known yet")
            continue
        known = "last known: " if answer.stale else ""
        standing = words.look(answer.status).word.lower()
        say(f"{topic.label}: {known}{standing}, since {answer.since or 'an unknown day'}")


def _check_wish(settings: Settings, wanted: Iterable[str]) -> None:
    """Refuse what cannot be done before anything is started or written."""
    if unknown := [name for name in wanted if name not in (*ROLES, "dashboard")]:
        raise BadInputError(
            f"there is no role {unknown[0]!r}; roles are {', '.join(ROLES)}, dashboard and all"
        )
    watched_topics(settings)


def _check_ports(settings: Settings, wanted: Iterable[str]) -> None:
    for what, listen in (("dashboard", settings.dashboard), ("api", settings.api)):
        if what in wanted:
            _check_free(what, listen.host, listen.port)


def _check_free(what: str, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInputError(
                f"the {what} cannot listen on {host}:{port} ({error.strerror}); stop what uses it, or choose another "
                f"port with PARLEY_{what.upper()}_PORT"
            ) from error

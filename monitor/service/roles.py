"""The roles at work in one process, and its leases.

`watch`, `notify` and the API have threads of their own, `ingest` is woken by APScheduler. `Roles` starts the ones
that are wanted and stops them cleanly.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread

import uvicorn
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.api.app import create_app
from monitor.api.context import ApiOptions, Context
from monitor.errors import ParleyError, StoreError
from monitor.readmodel import queries
from monitor.service import watch
from monitor.service.archiving import archive
from monitor.service.health import Watched
from monitor.service.ingest import Ingest
from monitor.service.judging import Bench
from monitor.service.notify import Notify, people_of
from monitor.service.stages import EVERY, keep_measured
from monitor.service.wiring import Parley
from monitor.tracing import about

ROLES = ("ingest", "watch", "notify", "api")
_TICKING = ("ingest", "notify")
INGEST_EVERY_S = 2.0
MEASURING_S = 2.0
"""For measuring to end, which matters to nobody any more: Redis may hang."""
ARCHIVE_AFTER = timedelta(minutes=5)
"""After the start; then daily."""
STOP_S = 20.0
"""For a thread to end; what is on its way to a subscriber has 15 of them."""
_log = logging.getLogger(__name__)


class Roles:
    """The wanted roles of one process.

    Args:
        parley: what they work with.
        names: which roles, of `ROLES`.
        failed: called with the error when a role has ended because a person must decide.
    """

    def __init__(self, parley: Parley, names: Iterable[str], failed: Callable[[BaseException], None]) -> None:
        self.names = tuple(names)
        self._parley = parley
        self._failed = failed
        self._ingest: Ingest | None = None
        self._stop, self._stop_sharing = Signal(), Signal()
        self._sharing: Thread | None = None
        self._threads: list[Thread] = []
        self._ingesting: Watched | None = None
        self._server: uvicorn.Server | None = None
        self._measuring = Thread(target=self._measure, name="stages", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300},
        )

    def start(self) -> None:
        """Start every wanted role; returns at once."""
        watching = watch.watches(self._parley) if "watch" in self.names else []
        self._parley.pulse.expect(
            [*(name for name in self.names if name in _TICKING), *(one.name for one in watching)]
        )
        self._share()
        for one in watching:
            self._thread("watch", partial(one.run, self._stop))
        if "ingest" in self.names:
            self._ingest = self._wake(Ingest(self._parley))
            if self._parley.settings.archive.place:
                self._archive_daily()
        if "notify" in self.names:
            self._thread("notify", partial(Notify(self._parley).run, self._stop))
        if "api" in self.names:
            self._serve_api()
        if self._parley.pulse.readers:
            self._measuring.start()
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()

    def troubles(self) -> dict[str, str]:
        """Role of this process -> why it is not ready now; empty: all are well and have caught up."""
        parley = self._parley
        found = parley.pulse.troubles(now := parley.clock())
        if "api" in self.names:
            try:
                queries.troubles(parley.read_model, now)
            except StoreError as error:
                found["api"] = str(error)
        return found

    def have_read_folders(self) -> bool:
        """True when no folder waits to be read, the seeds among them, by this process."""
        return self._ingest is None or self._ingest.has_read_folders()

    def stop(self) -> None:
        """Take nothing new, let what is on its way end, and stop."""
        self._parley.pulse.stop()
        self._stop.set()
        if self._server:
            self._server.should_exit = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        if self._ingest and self._ingesting:
            self._ingest.close()
            self._ingesting.stopped()
        deadline = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        if self._measuring.is_alive():
            self._measuring.join(timeout=MEASURING_S)
        self._stop_sharing.set()
        if self._sharing:
            self._sharing.join(STOP_S)

    def _share(self) -> None:
        """Take a share of what several processes may do, and keep it until all work here has ended."""
        leases = self._parley.leases
        for role in set(self.names) & set(_TICKING):
            leases.want(role)
        if watch.ROLE in self.names:
            leases.want(watch.ROLE, self._parley.topics)
        leases.begin()
        self._sharing = Thread(target=leases.run, args=(self._stop_sharing,), name="leases", daemon=True)
        self._sharing.start()

    def _measure(self) -> None:
        while not self._stop.is_set():
            keep_measured(self._parley)
            self._stop.wait(EVERY.total_seconds())

    def _wake(self, ingest: Ingest) -> Ingest:
        watched = self._ingesting = Watched(
            "ingest", ingest.tick, self._parley.service, self._parley.clock, self._parley.pulse
        )

        def tick() -> None:
            try:
                with about(role="ingest"):
                    watched()
            except BaseException as error:
                self._scheduler.remove_job("ingest")
                self._failed(error)
                raise

        self._scheduler.add_job(
            tick,
            "interval",
            seconds=INGEST_EVERY_S,
            id="ingest",
            replace_existing=True,
            next_run_time=self._parley.clock(),
        )
        return ingest

    def _archive_daily(self) -> None:
        """Soon after the start, too: not every machine is on at night. Trouble is logged; the next day tries again."""

        def move() -> None:
            parley = self._parley
            if not parley.leases.holds("ingest"):  # another process does it
                return
            archive(
                parley.settings,
                parley.log,
                parley.read_model,
                parley.service,
                parley.clock(),
                stop=self._stop.is_set,
            )

        self._scheduler.add_job(
            move,
            "interval",
            hours=24,
            id="archive",
            replace_existing=True,
            next_run_time=self._parley.clock() + ARCHIVE_AFTER,
        )

    def _thread(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            with about(role=name):
                try:
                    work()
                except BaseException as error:  # noqa: BLE001 - handed to who runs the roles
                    told = isinstance(
                        error, ParleyError
                    )  # its message says what to do; a traceback would hide it
                    _log.error("%s has ended: %s", name, error, exc_info=not told)
                    self._failed(error)

        thread = Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve_api(self) -> None:
        settings, clock = self._parley.settings, self._parley.clock
        listen = settings.api
        options = ApiOptions(
            settings.dashboard_url,
            settings.api_url,
            listen.read,
            listen.user_header,
            listen.rate,
            listen.origins,
        )
        app = create_app(
            Context(
                self._parley.read_model,
                self.troubles,
                clock,
                options,
                self._stop.is_set,
                people_of(self._parley),
                Bench(self._parley.log, self._parley.read_model, self._parley.topics).judged_for(clock),
            )
        )
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=listen.host,
                port=listen.port,
                log_config=None,
                log_level="warning",
                access_log=False,
            )
        )
        self._thread("api", self._server.run)


def _tell(event: JobEvent) -> None:
    if event.code == EVENT_JOB_ERROR:
        _log.error("the job %s has ended: %s", event.job_id, event.exception)
    else:
        _log.warning("the job %s was not run in time", event.job_id)

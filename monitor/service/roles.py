"""The roles at work in one process.

`watch`, `notify` and the API have threads of their own, `ingest` is woken by APScheduler. `Roles` starts the ones
that are wanted and stops them cleanly.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC
from functools import partial
from threading import Event as Signal
from threading import Thread

import uvicorn
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.api.app import create_app
from monitor.api.context import ApiOptions, Context
from monitor.readmodel.roles import troubles
from monitor.service.health import Watched
from monitor.service.ingest import Ingest
from monitor.service.notify import Notify, people_of
from monitor.service.watch import watches
from monitor.service.wiring import Parley

ROLES = ("ingest", "watch", "notify", "api")
INGEST_EVERY_S = 2.0
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
        self._stop = Signal()
        self._threads: list[Thread] = []
        self._ingesting: Watched | None = None
        self._server: uvicorn.Server | None = None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300},
        )

    def start(self) -> None:
        """Start every wanted role; returns at once."""
        if "watch" in self.names:
            for watch in watches(self._parley):
                self._thread("watch", partial(watch.run, self._stop))
        if "ingest" in self.names:
            self._ingest = self._wake(Ingest(self._parley))
        if "notify" in self.names:
            self._thread("notify", partial(Notify(self._parley).run, self._stop))
        if "api" in self.names:
            self._serve_api()
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()

    def have_read_folders(self) -> bool:
        """True when no folder waits to be read, the seeds among them, by this process."""
        return self._ingest is None or self._ingest.has_read_folders()

    def stop(self) -> None:
        """Take nothing new, let what is on its way end, and stop."""
        self._stop.set()
        if self._server:
            self._server.should_exit = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        if self._ingest and self._ingesting:
            self._ingest.close()
            self._ingesting.stopped()
        for thread in self._threads:
            thread.join(timeout=STOP_S)

    def _wake(self, ingest: Ingest) -> Ingest:
        watched = self._ingesting = Watched("ingest", ingest.tick, self._parley.service, self._parley.clock)

        def tick() -> None:
            try:
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

    def _thread(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - handed to who runs the roles
                _log.exception("%s has ended", name)
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
                lambda: troubles(settings.store, clock()),
                clock,
                options,
                self._stop.is_set,
                people_of(self._parley),
            )
        )
        self._server = uvicorn.Server(
            uvicorn.Config(app, host=listen.host, port=listen.port, log_level="warning", access_log=False)
        )
        self._thread("api", self._server.run)


def _tell(event: JobEvent) -> None:
    if event.code == EVENT_JOB_ERROR:
        _log.error("the job %s has ended: %s", event.job_id, event.exception)
    else:
        _log.warning("the job %s was not run in time", event.job_id)

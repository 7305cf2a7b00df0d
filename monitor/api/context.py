"""What every part of the HTTP interface works with.

A part is a module with a function `router(context)` that gives an `APIRouter`; `monitor.api.app` mounts it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from monitor.alerts.people import People
from monitor.log.events import Verdict
from monitor.readmodel.queries import ReadModel

Clock = Callable[[], datetime]


class ApiOptions(NamedTuple):
    """What the operator has set (`ApiSettings` says what each means)."""

    dashboard_url: str = "http://127.0.0.1:8501"
    api_url: str = "http://127.0.0.1:8500"
    read: Literal["open", "token", "proxy"] = "open"
    user_header: str = "X-Forwarded-User"
    rate: str = ""
    origins: tuple[str, ...] = ()


class Judges(Protocol):
    """Puts an operator's word on a claim into the log; `operator` is an opaque id. The same word again changes nothing.

    Raises BadInputError for what cannot be (NotFoundError, AlreadyError), LogError when the log does not take it. Gives
    the event's id, and whether the read model shows it already.
    """

    def __call__(
        self, topic: str, claim: str, verdict: Verdict, *, operator: str, why: str
    ) -> tuple[str, bool]:
        """Judge."""
        ...


class Context(NamedTuple):
    """The read model, what hinders the process's roles (role -> trouble), a clock (UTC-aware), what the operator set.

    `stopping` turns True when the process is to end: a server waits for what it still answers.
    """

    read: ReadModel
    troubles: Callable[[], dict[str, str]]
    clock: Clock
    settings: ApiOptions = ApiOptions()
    stopping: Callable[[], bool] = lambda: False
    people: People | None = None
    """Those who subscribe; None: no subscriptions are kept here."""
    judge: Judges | None = None
    """How operators judge claims; None: they cannot here."""

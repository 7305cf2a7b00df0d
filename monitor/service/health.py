"""How the roles fare: each tick notes its success or what hinders it, and a role in trouble tries again.

What cannot be cured by trying again ends the role loudly instead: the log lost data, of which operators are told, or it
was written by a newer version.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor import metrics
from monitor.alerts.troubles import LOST, Found, notice
from monitor.errors import DataLostError, NewerLogError, ParleyError, StoreError
from monitor.hitch import Hitch
from monitor.readmodel.roles import note_health, note_stopped
from monitor.readmodel.store import reason_of
from monitor.service.pulse import Pulse

Clock = Callable[[], datetime]
NOTE_EVERY = timedelta(seconds=10)
_log = logging.getLogger(__name__)


class Watched:
    """Runs a role's tick; trouble is logged when it begins and when it ends, not at every tick."""

    def __init__(
        self, role: str, tick: Callable[[], object], service: Engine, clock: Clock, pulse: Pulse
    ) -> None:
        self.role = role
        self._pulse = pulse
        self._tick = tick
        self._service = service
        self._clock = clock
        self._noted_at: datetime | None = None
        self._hitch = Hitch(_log)
        self.trouble = ""

    def __call__(self) -> bool:
        """One tick; True when the role did its work.

        Raises:
            DataLostError: a person must decide.
            NewerLogError: only a newer version can go on.
        """
        try:
            self._tick()
        except DataLostError as error:
            self._note(str(error))
            self._note_lost({self.role: Found(self._clock(), str(error))})
            raise
        except NewerLogError as error:
            self._note(str(error))
            raise
        except ParleyError as error:
            self._note(str(error))
        except DBAPIError as error:
            self._note(f"the database does not do what it is asked for: {reason_of(error)}")
        except Exception as error:  # noqa: BLE001 - a defect in one tick must not end the service; it is logged whole
            _log.exception("%s: a defect, trying again", self.role)
            self._note(f"{type(error).__name__}: {error}")
        else:
            if self.trouble or self._noted_at is None:
                self._note_lost({})
            self._note("")
        return not self.trouble

    def stopped(self) -> None:
        """Note that the role was stopped on purpose."""
        self._write(lambda: note_stopped(self._service, self.role, self._clock()))

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            _log.warning("%s: %s", self.role, trouble)
        elif self.trouble and not trouble:
            _log.info("%s: works again", self.role)
        now = self._clock()
        self._pulse.note(self.role, now, trouble)
        if not trouble:
            metrics.succeeded(self.role, now)
        fresh = self._noted_at is not None and now - self._noted_at < NOTE_EVERY
        if trouble == self.trouble and fresh:
            return
        self.trouble, self._noted_at = trouble, now
        self._write(lambda: note_health(self._service, self.role, now, trouble))

    def _note_lost(self, found: Mapping[str, Found]) -> None:
        self._write(lambda: notice(self._service, LOST, found, self._clock(), among=[self.role]))

    def _write(self, note: Callable[[], None]) -> None:
        try:
            note()
        except (SQLAlchemyError, StoreError) as error:
            self._hitch.met(f"{self.role}: how it fares could not be noted: {_line(error)}")
        else:
            self._hitch.over(f"{self.role}: how it fares is noted again")


def _line(error: Exception) -> str:
    return reason_of(error) if isinstance(error, DBAPIError) else str(error)

"""What goes wrong again and again is said when it begins, once a minute while it lasts, and when it is over."""

import logging
import time

EVERY_S = 60.0


class Hitch:
    """One thing that may go wrong, and the log that it is told to."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._told_at: float | None = None

    @property
    def lasts(self) -> bool:
        """Whether it went wrong the last time."""
        return self._told_at is not None

    def met(self, words: str) -> None:
        """It went wrong: why, and what to do."""
        now = time.monotonic()
        if self._told_at is None or now - self._told_at >= EVERY_S:
            self._told_at = now
            self._log.warning("%s", words)

    def over(self, words: str) -> None:
        """It went well; these words are said if it went wrong before."""
        if self._told_at is not None:
            self._told_at = None
            self._log.info("%s", words)

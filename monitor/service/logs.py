"""How the service logs: every line, of its own code and of libraries, goes through here to stderr.

On a terminal it is a line to read; elsewhere it is JSON, a document a line (`monitor.service.log_lines`).
"""

import logging
import sys
from functools import cached_property
from typing import Literal, TextIO

Form = Literal["auto", "json", "text"]
_CHATTY = ("httpx", "httpcore", "apscheduler", "uvicorn.access")


def configure(level: int, form: Form = "auto", stream: TextIO | None = None) -> None:
    """Log what is at least of this level to `stream` (stderr), in this form; `auto`: text on a terminal, else JSON."""
    out = stream or sys.stderr
    is_terminal = out.isatty()
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        _Formatter(as_text=is_terminal if form == "auto" else form == "text", colours=is_terminal)
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    """Makes the line's formatter with the first line: most commands write none, and structlog takes long to import."""

    def __init__(self, *, as_text: bool, colours: bool) -> None:
        super().__init__()
        self._as_text, self._colours = as_text, colours

    @cached_property
    def _lines(self) -> logging.Formatter:
        from monitor.service.log_lines import formatter

        return formatter(as_text=self._as_text, colours=self._colours)

    def format(self, record: logging.LogRecord) -> str:
        return self._lines.format(record)

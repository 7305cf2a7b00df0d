"""How the service logs: every line, of its own code and of libraries, goes through here to stderr.

On a terminal it is a line to read; elsewhere it is JSON, a document a line. A line carries the role at work, and the
topic, event id and cause of what it is about: whoever works on an event binds them (`structlog.contextvars`). Moments
are UTC. What may be an address of somebody or a secret is masked, whoever wrote the line.
"""

import logging
import sys
from collections.abc import Iterable
from typing import Any, Literal, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger

from monitor.masks import masked_line

Form = Literal["auto", "json", "text"]
_CHATTY = ("httpx", "httpcore", "apscheduler", "uvicorn.access")
_NEVER = frozenset({"address", "authorization", "cookie", "key", "password", "secret", "target", "token"})
"""What is bound or passed under these names is not logged, be it what it may."""
_ORDER = ("time", "level", "message", "role", "topic", "event_id", "cause")


def configure(level: int, form: Form = "auto", stream: TextIO | None = None) -> None:
    """Log what is at least of this level to `stream` (stderr), in this form; `auto`: text on a terminal, else JSON."""
    out = stream or sys.stderr
    is_terminal = out.isatty()
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        _formatter(as_text=is_terminal if form == "auto" else form == "text", colours=is_terminal)
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(*, as_text: bool, colours: bool) -> ProcessorFormatter:
    render: Iterable[Processor]
    if as_text:
        render = [
            structlog.dev.ConsoleRenderer(
                colors=colours,
                event_key="message",
                timestamp_key="time",
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    else:
        render = [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            ExtraAdder(),
        ],
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            without_secrets,
            *render,
        ],
    )


def without_secrets(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Take out what is empty, and mask what may be somebody's address or a secret."""
    return {
        name: "…" if name in _NEVER else _masked(value)
        for name, value in line.items()
        if value not in (None, "")
    }


def _masked(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float)) else masked_line(str(value))


def _in_order(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """What one looks for first stands first."""
    return {name: line[name] for name in (*_ORDER, *line) if name in line}

"""What a line of the service's log holds.

A line carries the role at work, and the topic, event id and cause of what it is about: whoever works on an event binds
them (`structlog.contextvars`). Moments are UTC. What may be an address of somebody or a secret is masked, whoever wrote
the line.
"""

from collections.abc import Iterable
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger

from monitor.masks import masked_line

_NEVER = frozenset({"address", "authorization", "cookie", "key", "password", "secret", "target", "token"})
"""What is bound or passed under these names is not logged, be it what it may."""
_ORDER = ("time", "level", "message", "role", "topic", "event_id", "cause")


def formatter(*, as_text: bool, colours: bool) -> ProcessorFormatter:
    """What writes the lines: one to read, or a JSON document."""
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

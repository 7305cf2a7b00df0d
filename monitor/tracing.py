"""What the lines of the log say they are about: bound here while it is worked on, written by `monitor.service.logs`."""

from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars

from monitor.log.events import Event


def about_event(event: Event) -> AbstractContextManager[None]:
    """Lines within are about this event: its topic, its id, and the event that led to it."""
    return bound_contextvars(topic=event.topic, event_id=event.id, cause=event.cause or "")


def about(**names: str) -> AbstractContextManager[None]:
    """Lines within carry these names: `role`, `topic`, `source`, `delivery`, ..."""
    return bound_contextvars(**names)

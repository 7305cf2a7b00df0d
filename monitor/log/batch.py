"""What may be appended: checked before anything is sent, since the log keeps what it gets for ever. Pure."""

from collections.abc import Sequence

from monitor.errors import CorruptEventError, NewerLogError
from monitor.log.events import Event
from monitor.log.keys import Stream


def stream_of(topic: str, events: Sequence[Event], expected_decisions: int | None) -> Stream:
    """The stream that a batch belongs to.

    Raises:
        ValueError: the batch is empty, holds an event twice, or events of two topics or two streams; or it has
            decisions without saying at which count they were made, or the other way round.
    """
    streams = {Stream.of_type(event.type) for event in events}
    if len(streams) != 1:
        raise ValueError("a batch holds events of one stream, and at least one")
    if len({event.id for event in events}) != len(events):
        raise ValueError("a batch must not hold an event twice")
    if strangers := {event.topic for event in events} - {topic}:
        raise ValueError(f"events of {', '.join(sorted(strangers))} do not belong to the log of {topic}")
    if any(event.is_decision for event in events) != (expected_decisions is not None):
        raise ValueError(
            "decisions, and only they, are appended with the number of decisions they were made at"
        )
    return streams.pop()


def encoded(event: Event) -> bytes:
    """The event's JSON as it goes into the log.

    Raises:
        CorruptEventError: it could not be read again.
    """
    try:
        if event.read_again() != event:
            raise CorruptEventError(f"{event.type} {event.id} would be read differently than it was written")
        return event.to_json().encode()
    except NewerLogError as error:
        raise CorruptEventError(f"{event.type} {event.id} could not be read again: {error}") from error
    except UnicodeEncodeError as error:
        raise CorruptEventError(f"{event.type} {event.id} has text that is no Unicode: {error}") from error
    except (ValueError, TypeError) as error:
        raise CorruptEventError(f"{event.type} {event.id} has data that is no JSON: {error}") from error

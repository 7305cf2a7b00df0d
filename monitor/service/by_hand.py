"""What a person says about alerts: that they have taken note of one, or that they want none for a while.

find what is meant                     (in the read model, by an id or its beginning)
append it to the topic's log           (ids that make twice once; who it was is an opaque id)
have the log read                      (by the service that runs, else here and now)
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from monitor import __version__, ids
from monitor.errors import BadInputError
from monitor.ids import fact_id
from monitor.log.events import AlertAcknowledged, Event, SilenceBegun, SilenceEnded
from monitor.readmodel import queries
from monitor.readmodel.queries import AlertEntry, Silence
from monitor.service.once import have_read
from monitor.service.wiring import Parley
from monitor.topics import Topic

BY = f"operator/{__version__}"
LEAST_OF_ID = 6
T = TypeVar("T")


def operator_id(name: str) -> str:
    """The opaque id of a person: names stay out of the log.

    Raises:
        BadInputError: there is no name.
    """
    if not name.strip():
        raise BadInputError("say who you are with --operator NAME; only a hash of it goes into the log")
    return ids.operator_id(name)


def acknowledge(parley: Parley, wanted: str, operator: str, *, by_another: bool) -> AlertEntry:
    """A person (`operator`: an opaque id) takes note of an alert as it stands; how it stood before.

    Raises:
        BadInputError: no alert has that id, or it was told to nobody.
    """
    found = _one(queries.alerts(parley.read_model), wanted, "alert", "alerts", lambda one: one.alert)
    if found.state == "suppressed":
        raise BadInputError(
            f"the alert {found.alert} was told to nobody, so there is nothing to take note of"
        )
    if not found.acknowledged:
        data = AlertAcknowledged(alert_id=found.alert, operator_id=operator)
        _tell(
            parley, "alert.acknowledged", data, found.topic, fact_id("acknowledged", found.event), found.event
        )
        have_read(parley, by_another=by_another)
    return found


def silence(
    parley: Parley,
    topic: str,
    *,
    channel: str | None,
    until: datetime,
    operator: str,
    why: str,
    by_another: bool,
) -> SilenceBegun:
    """From now `until` then (UTC-aware) nothing new is told of a watched topic, or of one of its channels.

    Raises:
        BadInputError: there is no such topic or channel, it would be over already, or there is no reason.
    """
    watched, now = _watched(parley, topic), parley.clock()
    if channel is not None and watched.channel(channel) is None:
        known = ", ".join(part.id for part in watched.channels)
        raise BadInputError(f"{topic} has no channel {channel!r}; it has {known}")
    if until <= now:
        raise BadInputError(f"a silence ends in the future, and {until:%Y-%m-%d %H:%M} UTC is past")
    if not why.strip():
        raise BadInputError('say why, as in --why "one summit, reported on all day"')
    id_ = fact_id("silence", topic, channel, now.isoformat(), operator)
    data = SilenceBegun(
        silence_id=id_, channel=channel, since=now, until=until, operator_id=operator, why=why.strip()
    )
    _tell(parley, "silence.begun", data, topic, fact_id("silence.begun", id_), None)
    have_read(parley, by_another=by_another)
    return data


def unsilence(parley: Parley, wanted: str, operator: str, *, by_another: bool) -> Silence:
    """End a silence before its time; how it stood before. One that is over already stays as it is.

    Raises:
        BadInputError: no silence has that id.
    """
    found = _one(queries.silences(parley.read_model), wanted, "silence", "silences", lambda one: one.silence)
    if not found.is_over(parley.clock()):
        data = SilenceEnded(silence_id=found.silence, operator_id=operator)
        begun = fact_id("silence.begun", found.silence)
        _tell(parley, "silence.ended", data, found.topic, fact_id("silence.ended", found.silence), begun)
        have_read(parley, by_another=by_another)
    return found


def _tell(parley: Parley, type_: str, data: BaseModel, topic: str, id_: str, cause: str | None) -> None:
    _watched(parley, topic)  # nobody would read it
    event = Event.of(type_, data, id_=id_, topic=topic, at=parley.clock(), cause=cause, by=BY)
    parley.log.append(topic, [event])


def _watched(parley: Parley, topic: str) -> Topic:
    if topic not in parley.topics:
        raise BadInputError(f"the topic {topic!r} is not watched; watched are {', '.join(parley.topics)}")
    return parley.topics[topic]


def _one(found: Sequence[T], wanted: str, what: str, command: str, id_of: Callable[[T], str]) -> T:
    """The one whose id begins so."""
    start = wanted.strip().lower()
    alike = [one for one in found if id_of(one).startswith(start)] if len(start) >= LEAST_OF_ID else []
    if len(alike) != 1:
        several = (
            "several have an id that begins so" if alike else f"see `parley {command}` for what there is"
        )
        raise BadInputError(f"there is not one {what} with the id {wanted!r}: {several}")
    return alike[0]

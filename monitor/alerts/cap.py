"""An alert event as a document of the Common Alerting Protocol 1.2 (OASIS). Pure.

Severity is mapped to what a change of talks can be at most ("Extreme" is for threats to life); what is reported but
contested is only possible.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from lxml import etree

from monitor.alerts.payload import clean, message_type
from monitor.log.events import AlertCancelled, AlertRaised, Event, data_of
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

_LONGEST = 4000
_NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))

_SEVERITY = {"critical": "Severe", "major": "Moderate", "minor": "Minor", None: "Unknown"}
_CERTAINTY = {Certainty.CONFIRMED: "Observed", Certainty.REPORTED: "Likely", None: "Unknown"}


def cap_of(event: Event, topic: Topic, *, sender: str, sent: Mapping[str, datetime]) -> bytes:
    """An `alert.raised`, `alert.updated` or `alert.cancelled` event as CAP XML in UTF-8.

    Args:
        event: the alert event; its id is the message's identifier.
        topic: the topic that it belongs to.
        sender: who sends it, as CAP wants it: an address or a name without spaces, commas, `<` and `&`.
        sent: when the events that it refers to were recorded, by their ids; those that are missing are not referred to.
    """
    is_cancelled = event.type == "alert.cancelled"
    told = data_of(event, AlertCancelled) if is_cancelled else data_of(event, AlertRaised)
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", event.id)
    _add(root, "sender", sender)
    _add(root, "sent", _moment(event.recorded_at))
    _add(root, "status", "Test" if told.test else "Actual")
    _add(root, "msgType", message_type(event))
    _add(root, "scope", "Public")
    earlier = [f"{sender},{id_},{_moment(sent[id_])}" for id_ in told.references if id_ in sent]
    if earlier:
        _add(root, "references", " ".join(earlier))
    _add_info(root, told, topic)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def _add_info(root: etree._Element, told: AlertRaised | AlertCancelled, topic: Topic) -> None:
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    contested = isinstance(told, AlertRaised) and told.contested
    _add(info, "language", "en")
    _add(info, "category", "Other")
    _add(info, "event", told.name if isinstance(told, AlertRaised) else "alert taken back")
    _add(info, "urgency", "Past" if isinstance(told, AlertCancelled) else "Unknown")
    _add(info, "severity", _SEVERITY[told.severity])
    _add(info, "certainty", "Possible" if contested else _CERTAINTY[told.certainty])
    if told.effective_at is not None:
        _add(info, "onset", _moment(datetime.combine(told.effective_at, time(), UTC)))
    _add(info, "headline", told.text)
    if isinstance(told, AlertRaised) and told.evidence:
        _add(info, "description", "\n".join(f"{quote.outlet}: “{quote.text}”" for quote in told.evidence))
    for name, value in _parameters(told, topic):
        parameter = etree.SubElement(info, f"{{{NAMESPACE}}}parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)


def _parameters(told: AlertRaised | AlertCancelled, topic: Topic) -> tuple[tuple[str, str], ...]:
    return (
        ("topic", topic.id),
        ("channel", told.channel),
        ("alert", told.alert_id),
        ("reason", told.reason),
    )


def _add(parent: etree._Element, name: str, text: str) -> None:
    """Strangers' text may hold what XML cannot."""
    lines = (clean(line, _LONGEST).translate(_NO_CHARACTERS) for line in text.split("\n"))
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = "\n".join(lines)


def _moment(moment: datetime) -> str:
    """CAP knows no "Z" and no fractions of a second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"

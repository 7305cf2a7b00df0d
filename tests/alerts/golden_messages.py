"""Write the golden messages and the webhook's schema anew, on purpose.

    PYTHONPATH=. python tests/alerts/golden_messages.py

`messages()` is one of each kind; a form of each lies in `golden/`. Read the difference before you commit it.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.alerts.message import Message, digest, in_context, render, sample
from monitor.alerts.payload import BODY
from monitor.ids import fact_id
from monitor.log.events import AlertCancelled, AlertRaised, Event, Quote
from monitor.topics.model import Channel, Topic
from monitor.vocabulary import Certainty, Status

FOLDER = Path(__file__).parent / "golden"
SCHEMA = Path(__file__).parents[2] / "monitor" / "alerts" / "webhook.schema.json"
NOW = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
TOPIC = Topic(
    id="docks",
    label="The dockers' talks",
    channels=(Channel(id="port", label="The dockers and the port"),),
)
_QUOTES = (
    ("Harbour Post", "The union will not sit down with the port again, its chair said.", timedelta(hours=-2)),
    (
        "Vale Courier",
        "“There is nothing to talk about,” a spokesman of the dockers <told> us & others.",
        timedelta(hours=-12, minutes=-5),
    ),
)


def _event(type_: str, number: int = 1, **changes: object) -> Event:
    shift = fact_id("shift", number)
    fields: dict[str, object] = {
        "alert_id": fact_id("alert", number),
        "shift_id": shift,
        "channel": "port",
        "from_status": Status.UNDERWAY,
        "to_status": Status.REJECTED,
        "name": "talks rejected",
        "effective_at": date(2026, 2, 28),
        "severity": "major",
        "certainty": Certainty.REPORTED,
        "text": "The dockers and the port: talks rejected (reported), since 28 February 2026.",
        "evidence": tuple(
            Quote(
                claim_id=fact_id("claim", outlet),
                article_id=fact_id("article", outlet),
                outlet=outlet,
                url=f"https://{outlet.lower().replace(' ', '-')}.example/dockers?page=1&from=feed",
                published_at=NOW + ago,
                text=text,
            )
            for outlet, text, ago in _QUOTES
        ),
        "reason": "new_shift",
        **changes,
    }
    if type_ == "alert.cancelled":
        kept = {name: fields[name] for name in AlertCancelled.model_fields if name in fields}
        data: AlertRaised | AlertCancelled = AlertCancelled.model_validate(kept)
    else:
        data = AlertRaised.model_validate(fields)
    id_ = fact_id("event", type_, number)
    return Event.of(
        type_, data, id_=id_, topic="docks", at=NOW + timedelta(minutes=number), cause=None, by="golden"
    )


def _told(event: Event, *earlier: str) -> Message:
    message = render(event, TOPIC, "https://parley.example")
    return in_context(message, first=not earlier, told=earlier)


def messages() -> dict[str, Message]:
    """A message of each kind."""
    first = fact_id("told", 1)
    reported = _told(_event("alert.raised"))
    confirmed = _told(
        _event(
            "alert.updated",
            certainty=Certainty.CONFIRMED,
            reason="confirmed",
            text="The dockers and the port: talks rejected (confirmed), since 28 February 2026.",
        ),
        first,
    )
    contested = _told(
        _event(
            "alert.updated",
            reason="contested",
            contested=True,
            text="The dockers and the port: talks rejected (reported, contested), since 28 February 2026.",
        ),
        first,
    )
    withdrawn = _told(
        _event(
            "alert.cancelled",
            text="The dockers and the port: withdrawn, the evidence for “talks rejected” no longer stands.",
            reason="withdrawn",
        ),
        first,
    )
    begun = _told(
        _event(
            "alert.raised",
            2,
            from_status=Status.NONE,
            to_status=Status.AGREED,
            name="agreement reached",
            severity="critical",
            text="The dockers and the port: agreement reached (reported), by 1 March 2026.",
        )
    )
    gone = _told(
        _event("alert.cancelled", 3, text="The dockers and the port: withdrawn.", reason="withdrawn"), first
    )
    several = digest([one.payload for one in (confirmed, gone, begun)], NOW)
    return {
        "reported": reported,
        "confirmed": confirmed,
        "contested": contested,
        "withdrawn": withdrawn,
        "digest": several,
        "test": sample("https://parley.example", NOW),
    }


def forms(message: Message) -> dict[str, str]:
    """Ending of a golden file -> what stands in it."""
    payload = json.dumps(message.payload, ensure_ascii=False, indent=2)
    return {
        "txt": f"Subject: {message.subject}\n\n{message.text}",
        "html": message.html.replace("><", ">\n<") + "\n",
        "json": payload + "\n",
        "brief.txt": message.brief + "\n",
    }


def schema() -> str:
    """The webhook's schema as the code has it."""
    made = BODY.json_schema(by_alias=True, mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A webhook's body"}
    return json.dumps({**head, **made}, indent=2) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for kind, message in messages().items():
        for ending, content in forms(message).items():
            (FOLDER / f"{kind}.{ending}").write_text(content, encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")

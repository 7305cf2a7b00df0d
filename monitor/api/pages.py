"""The few pages of the HTTP interface for people: plain HTML, no scripts, readable on a phone, in light and in dark."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape

from fastapi.responses import HTMLResponse

from monitor.alerts.config import SEVERITIES, Wishes
from monitor.topics.model import Topic
from monitor.vocabulary import Certainty

_STYLE = """
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 34rem; padding: 1.5rem; }
h1 { font-size: 1.3rem; }
label, legend { display: block; margin-top: .8rem; }
fieldset { border: 1px solid; border-radius: .3rem; }
fieldset label { margin: .3rem 0; }
input, select, button { font: inherit; max-width: 100%; }
button { margin-top: 1.2rem; min-height: 2.75rem; padding: .5rem 1.2rem; }
dt { font-weight: 600; }
"""
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""The address holds a token: it is neither kept, nor told to others, nor shown within another page."""

_DIGESTS = {"off": "Each alert at once", "hourly": "Gathered, every hour", "daily": "Gathered, once a day"}
_HOLD = {"hold": "Hold alerts until they end", "drop": "Do not send them at all"}
_SURE: dict[str, str] = {
    Certainty.REPORTED: "Also what is only reported",
    Certainty.CONFIRMED: "Only what is confirmed",
}


def page(
    title: str, *parts: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A page; `parts` are HTML."""
    return HTMLResponse(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n",
        status,
        {**HEADERS, **(headers or {})},
    )


def says(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text)}</p>"


def leads(words: str, address: str) -> str:
    """A link in a paragraph of its own."""
    return f'<p><a href="{escape(address)}">{escape(words)}</a></p>'


def button(words: str) -> str:
    """A button that posts to the page's own address."""
    return f'<form method="post"><button>{escape(words)}</button></form>'


def summary(wishes: Wishes, topics: Mapping[str, Topic]) -> str:
    """What a subscription wishes, in words."""
    lines = {
        "Talks": ", ".join(_label(name, topics) for name in wishes.topics) or "all",
        "Who talks with whom": _parts(wishes.channels, topics) or "all",
        "Least severity": wishes.min_severity,
        "How sure": _SURE[wishes.min_certainty],
        "When": _DIGESTS[wishes.digest],
    }
    if wishes.digest == "daily":
        lines["When"] += f", at {wishes.digest_at:%H:%M} ({wishes.time_zone})"
    if wishes.quiet_from and wishes.quiet_until:
        lines["Quiet hours"] = f"{wishes.quiet_from:%H:%M} to {wishes.quiet_until:%H:%M} ({wishes.time_zone})"
    return (
        "<dl>"
        + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in lines.items())
        + "</dl>"
    )


def form(wishes: Wishes, topics: Mapping[str, Topic], words: str, *, address: bool = False) -> str:
    """The form of wishes; with `address`, it asks for one first."""
    ticks = "".join(
        f'<label><input type="checkbox" name="topics" value="{escape(name)}"'
        f"{' checked' if name in wishes.topics else ''}> {escape(topic.label)}</label>"
        for name, topic in topics.items()
    )
    parts = {part.id: f"{topic.label}: {part.label}" for topic in topics.values() for part in topic.channels}
    channels = "".join(
        f'<label><input type="checkbox" name="channels" value="{escape(name)}"'
        f"{' checked' if name in wishes.channels else ''}> {escape(label)}</label>"
        for name, label in parts.items()
    )
    return (
        '<form method="post">'
        + ('<label>Your email address<br><input type="email" name="address" required></label>' * address)
        + f"<fieldset><legend>Talks (none ticked: all, those to come too)</legend>{ticks}</fieldset>"
        + f"<fieldset><legend>Who talks with whom (none ticked: all)</legend>{channels}</fieldset>"
        + _select("min_severity", "Least severity", {one: one for one in SEVERITIES}, wishes.min_severity)
        + _select("min_certainty", "How sure", _SURE, wishes.min_certainty)
        + _select("digest", "When", _DIGESTS, wishes.digest)
        + _input("time", "digest_at", "Once a day at", f"{wishes.digest_at:%H:%M}")
        + _input("time", "quiet_from", "Quiet hours from", _clock(wishes.quiet_from))
        + _input("time", "quiet_until", "Quiet hours until", _clock(wishes.quiet_until))
        + _select("quiet_then", "In quiet hours", _HOLD, wishes.quiet_then)
        + _input("text", "time_zone", "Time zone of these times", wishes.time_zone)
        + f"<button>{escape(words)}</button></form>"
    )


def wished(fields: Mapping[str, list[str]]) -> dict[str, object]:
    """The wishes of a form that was sent, as far as it has them."""
    given: dict[str, object] = {name: fields.get(name, []) for name in ("topics", "channels")}
    for name in ("min_severity", "min_certainty", "digest", "digest_at", "quiet_then", "time_zone"):
        if value := last(fields, name):
            given[name] = value
    return given | {name: last(fields, name) or None for name in ("quiet_from", "quiet_until")}


def last(fields: Mapping[str, list[str]], name: str) -> str:
    """What was written in a field; empty: nothing."""
    return fields.get(name, [""])[-1].strip()


def _label(name: str, topics: Mapping[str, Topic]) -> str:
    return topics[name].label if name in topics else name


def _parts(channels: Iterable[str], topics: Mapping[str, Topic]) -> str:
    labels = {part.id: part.label for topic in topics.values() for part in topic.channels}
    return ", ".join(labels.get(channel, channel) for channel in channels)


def _clock(value: object) -> str:
    return f"{value:%H:%M}" if value else ""


def _select(name: str, label: str, choices: Mapping[str, str], chosen: str) -> str:
    options: Iterable[str] = (
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(words)}</option>'
        for value, words in choices.items()
    )
    return f'<label>{escape(label)}<br><select name="{name}">{"".join(options)}</select></label>'


def _input(type_: str, name: str, label: str, value: str) -> str:
    return f'<label>{escape(label)}<br><input type="{type_}" name="{name}" value="{escape(value)}"></label>'

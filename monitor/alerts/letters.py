"""What is written to a subscriber about the subscription itself: please confirm, you are subscribed already."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from monitor.alerts.message import Message


def confirmation(labels: Sequence[str], link: str, at: datetime) -> Message:
    """Asks an address's owner whether it wants alerts. No word in it is by who asked: that may be a stranger.

    Args:
        labels: of the topics that were asked for; none: all.
        link: leads to the page on which it is confirmed.
        at: now, UTC-aware.
    """
    about = ", ".join(labels) or "all topics"
    return _message(
        "Please confirm your subscription",
        [
            f"Somebody, we hope you, asked that this address be told of changes in talks: {about}.",
            "If you want that, confirm it within 7 days.",
            "If it was not you, do nothing: you get no alerts, and the address is forgotten.",
        ],
        ("Confirm", link),
        {"type": "subscription.confirm", "timestamp": at.isoformat(), "data": {}},
    )


def known_already(link: str, at: datetime) -> Message:
    """Tells a subscriber who asked again how to change what it gets."""
    return _message(
        "You are subscribed already",
        [
            "Somebody, we hope you, asked again that this address be told of changes in talks. Nothing was changed.",
            "If you want other alerts than until now, choose them on your page.",
        ],
        ("Choose your alerts", link),
        {"type": "subscription.known", "timestamp": at.isoformat(), "data": {}},
    )


def _message(subject: str, lines: Sequence[str], link: tuple[str, str], payload: dict[str, Any]) -> Message:
    words, address = link
    return Message(
        subject=f"[Parley] {subject}",
        text="\n\n".join([*lines, f"{words}: {address}", ""]),
        html=(
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="color-scheme" content="light dark"></head>'
            '<body style="font-family: sans-serif; max-width: 40em">'
            f'<h1 style="font-size: 1.2em">{escape(subject)}</h1>'
            + "".join(f"<p>{escape(line)}</p>" for line in lines)
            + f'<p><a href="{escape(address)}">{escape(words)}</a></p></body></html>'
        ),
        payload=payload,
    )

"""What operators are told: what happened, since when, what to do. One message for what happens together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from monitor.alerts.message import Message, clean

_LONGEST = 300
_NAMED = 30


@dataclass(frozen=True, slots=True)
class Wording:
    """How a kind of trouble is told: what one thing does, and what several do, when it begins and when it is over."""

    all_of_them: str
    one: str
    several: str
    one_over: str
    several_over: str
    page: str = ""
    """The page of the dashboard that shows more."""


WORDS = {
    "source.failing": Wording("Sources", "fails", "fail", "is well again", "are well again", page="sources"),
    "source.silent": Wording(
        "Sources", "is silent", "are silent", "is well again", "are well again", page="sources"
    ),
    "delivery.abandoned": Wording(
        "Subscriptions",
        "does not get what it is sent",
        "do not get what they are sent",
        "gets what it is sent again",
        "get what they are sent again",
    ),
    "log.lost": Wording(
        "Roles",
        "has stopped: the log has lost data",
        "have stopped: the log has lost data",
        "goes on with the log",
        "go on with the log",
    ),
    "reader.behind": Wording(
        "Readers", "is behind the log", "are behind the log", "has caught up", "have caught up"
    ),
    "log.unread": Wording(
        "Logs",
        "holds entries that could not be read",
        "hold entries that could not be read",
        "holds no unread entries any more",
        "hold no unread entries any more",
    ),
    "detector.failing": Wording(
        "Detectors", "fails on articles", "fail on articles", "fails on no article", "fail on no article"
    ),
}
"""Kind of trouble -> its words."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that an operator is told."""

    kind: str
    """A key of `WORDS`."""
    about: str
    """What it is about, for people."""
    since: datetime
    """When it began, also where it is over (UTC-aware)."""
    reason: str
    """Why, or what it was; may be a stranger's words."""
    advice: str = ""
    is_over: bool = False

    @property
    def words(self) -> str:
        """What happened, for one."""
        return WORDS[self.kind].one_over if self.is_over else WORDS[self.kind].one

    @property
    def line(self) -> str:
        """What happened, to what, since when and why."""
        since = f"since {self.since:%d %B %Y, %H:%M} UTC"
        if self.is_over:
            return clean(f"{self.about} {self.words}: {self.reason} {since}", _LONGEST)
        return clean(f"{self.about} {self.words} {since}: {self.reason}", _LONGEST)


def message(notices: Sequence[Notice], at: datetime, dashboard_url: str) -> Message:
    """One message on what an operator should look at, at least one thing."""
    link = f"{dashboard_url.rstrip('/')}/{WORDS[notices[0].kind].page}"
    subject = f"[Parley] {_subject(notices)}"
    lines = [one.line for one in notices[:_NAMED]]
    if len(notices) > _NAMED:
        lines.append(f"and {len(notices) - _NAMED} more")
    advice = list(dict.fromkeys(one.advice for one in notices if one.advice and not one.is_over))
    return Message(
        subject=subject,
        text=_text(subject, lines, advice, link),
        html=_html(subject, lines, advice, link),
        payload={
            "type": "operators.notice",
            "timestamp": at.isoformat(),
            "data": {
                "text": subject,
                "link": link,
                "notices": [
                    {
                        "what": one.kind,
                        "change": "over" if one.is_over else "begun",
                        "about": clean(one.about, _LONGEST),
                        "since": one.since.isoformat(),
                        "reason": clean(one.reason, _LONGEST),
                        "advice": one.advice,
                    }
                    for one in notices[:_NAMED]
                ],
                "more": max(len(notices) - _NAMED, 0),
            },
        },
    )


def _text(subject: str, lines: Sequence[str], advice: Sequence[str], link: str) -> str:
    todo = ["", "What to do:", *(f"- {one}" for one in advice)] if advice else []
    return "\n".join([subject, "", *(f"- {line}" for line in lines), *todo, "", f"Look it up: {link}", ""])


def _html(subject: str, lines: Sequence[str], advice: Sequence[str], link: str) -> str:
    todo = f"<p>What to do:</p>{_list(advice)}" if advice else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>'
        f'<body style="font-family: sans-serif"><h1 style="font-size: 1.2em">{escape(subject)}</h1>'
        f"{_list(lines)}{todo}"
        f'<p><a href="{escape(link)}">Look it up on the dashboard</a></p></body></html>'
    )


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _subject(notices: Sequence[Notice]) -> str:
    """What happened: to the one that it is about, else how many it happened to."""
    if len(notices) == 1:
        return clean(f"{notices[0].about} {notices[0].words}", _LONGEST)
    counts: dict[tuple[str, str], int] = {}
    for one in notices:
        words = WORDS[one.kind]
        happened = (words.one_over, words.several_over) if one.is_over else (words.one, words.several)
        counts[happened] = counts.get(happened, 0) + 1
    told = (f"{count} {several if count > 1 else one}" for (one, several), count in counts.items())
    return f"{WORDS[notices[0].kind].all_of_them}: {', '.join(told)}"

"""Announcing shifts that come while somebody looks: each once, beside the page, without taking the focus."""

import re
from datetime import datetime

import streamlit as st

from dashboard import words
from dashboard.catalogue import say
from monitor.readmodel import queries
from monitor.readmodel.queries import ReadModel, ShiftFilter, TopicEntry

_SEEN = "shifts_seen"
_NEWEST = 20
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def shifts(model: ReadModel, topic: TopicEntry, now: datetime) -> None:
    """Announce what has shifted since the topic was last looked at, for each channel that stands so now.

    A shift that is withdrawn brings back an older one, and an old article tells of the past: neither is news.
    """
    newest = queries.shifts(model, topic.topic, ShiftFilter(), limit=_NEWEST).entries
    seen: dict[str, dict[str, datetime]] = st.session_state.setdefault(_SEEN, {})
    before = seen.get(topic.topic)
    seen[topic.topic] = {one.shift: one.shifted_at for one in newest}
    if before is None:
        return
    since = max(before.values(), default=datetime.min.replace(tzinfo=now.tzinfo))
    came = [one for one in newest if one.shift not in before and one.shifted_at >= since]
    if not came:
        return
    told = {(one.channel, one.to, one.start) for one in came}
    for channel in queries.status(model, topic.topic, now=now).channels:
        if (channel.channel, channel.status, channel.since) in told:
            look, label = words.look(channel.status), topic.channels.get(channel.channel, channel.channel)
            said = say("live.shifted", word=f"{look.glyph} {look.word}", channel=_plain(label))
            st.toast(said, duration="long")


def _plain(text: str) -> str:
    """Text as it is: a toast reads its own as Markdown."""
    return _PUNCTUATION.sub(r"\\\1", text)

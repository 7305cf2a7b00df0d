"""Announcing a shift that comes while somebody looks: once, beside the page, without taking the focus."""

import streamlit as st

from dashboard import words
from dashboard.catalogue import say
from monitor.readmodel import queries
from monitor.readmodel.queries import ReadModel, TopicEntry

_SEEN = "shift_seen"


def shifts(model: ReadModel, topic: TopicEntry) -> None:
    """Announce the topic's last shift if it is another than the one that was there when it was last looked at.

    A shift that is withdrawn brings back an older one, which is no news. Only words of our own are said: a toast reads
    its text as Markdown.
    """
    last = queries.last_shift(model, topic.topic)
    told = last and (last.shifted_at, last.shift, last.to)
    seen = st.session_state.setdefault(_SEEN, {})
    before = seen.get(topic.topic)
    if topic.topic not in seen:
        seen[topic.topic] = told
    elif told and (before is None or told > before):
        seen[topic.topic] = told
        look = words.look(told[2])
        st.toast(say("live.shifted", word=f"{look.glyph} {look.word}"), duration="long")

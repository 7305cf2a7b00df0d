"""Timeline: every channel's statuses as ladders and tables, what was written, and the past as it was and was known."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import streamlit as st

from dashboard import links, timeline_view
from dashboard.asked import Address, tied
from dashboard.catalogue import said_of, say
from dashboard.live import Shown, View, headed, live
from dashboard.period import DEFAULT, RANGES, Period
from dashboard.timeline_view import TimelinePage
from monitor.readmodel import queries

# The table that this viewer sees, for the download.
_MADE: dict[str, str] = st.session_state.setdefault("timeline.csv", {})


def _page(view: View) -> Shown:
    asked, (as_of, known_at) = st.query_params.to_dict(), view.past
    topic, today = view.topic.topic, view.past.today(view.now)
    whole = queries.timeline(view.model, topic, as_of=as_of, known_at=known_at)
    timeline = timeline_view.chosen(whole, asked.get("channel"))
    period = Period.asked(asked, today, _first(view, timeline))
    last = min(period.last, as_of) if as_of else period.last
    seen = timeline_view.seen(timeline, period, today)
    _MADE["text"] = queries.timeline_csv(seen)
    named = {quote.article for one in seen.channels for part in one.segments for quote in part.evidence}
    html = timeline_view.page(
        TimelinePage(
            topic=view.topic,
            timeline=timeline,
            articles={one.article: one for one in queries.articles(view.model, topic, ids=sorted(named))},
            volume=queries.volume(view.model, topic, period.first, last, known_at=known_at),
            alerts=queries.alert_marks(view.model, topic, period.first, last, known_at=known_at),
            period=period,
            today=today,
            links=view.links,
            channel=asked.get("channel"),
            is_current=view.is_current,
        )
    )
    return Shown(f"{say('timeline.title')} – {view.topic.label}", html)


def _first(view: View, timeline: queries.TopicTimeline) -> date | None:
    """The first day of which anything is known."""
    days = [part.start for one in timeline.channels for part in one.segments]
    return min(filter(None, [*days, queries.first_day(view.model, view.topic.topic)]), default=None)


def _choose(key: str, name: str) -> None:
    """Put a range or a day into the address; a range takes the place of days, and days that of a range."""
    gone = {"range", "from", "until"} if name == "range" else {"range", name}
    kept = {one: st.query_params.get_all(one) for one in st.query_params if one not in gone}
    value = st.session_state[key]
    st.query_params.from_dict({**kept, **({name: [str(value)]} if value else {})})


def _days(address: Address, names: Mapping[str, tuple[str, str | None]], *, chooses: bool) -> None:
    """A field for each day that the address may name."""
    for name, (label, advice) in names.items():
        value = address.day(name)
        tie = tied("timeline", name, value) | ({"on_change": _choose} if chooses else {})
        today = datetime.now(UTC).date()
        st.date_input(
            label,
            value=None,
            min_value=links.KNOWN[0],
            max_value=max(today, value or today),
            format="YYYY-MM-DD",
            help=advice,
            **tie,
        )


def _controls(*_: object) -> None:
    address = Address.shown()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = address.day("from") or address.day("until")
        range_ = None if named else address.word("range", RANGES) or DEFAULT
        st.segmented_control(
            say("period.range"),
            list(RANGES),
            format_func=lambda one: said_of("ranges", one),
            **tied("timeline", "range", range_) | {"on_change": _choose},
        )
        with st.popover(say("period.days")):
            fields = {"from": (say("period.first"), None), "until": (say("period.last"), None)}
            _days(address, fields, chooses=True)
        with st.popover(say("timeline.past")):
            past = {
                "as_of": (say("timeline.as_of"), say("timeline.as_of_help")),
                "known_at": (say("timeline.known_at"), say("timeline.known_at_help")),
            }
            _days(address, past, chooses=False)
        st.download_button(
            say("timeline.csv"),
            data=lambda: _MADE.get("text", ""),
            file_name="timeline.csv",
            mime="text/csv",
            on_click="ignore",
        )


headed("timeline", say("timeline.title"), _controls)
live("timeline", _page, headed=True)

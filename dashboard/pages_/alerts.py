"""Alerts: what Parley told and what it did not, with the reasons; and one alert, where messages lead to."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from dashboard import alert_view, alerts_view, exports, visits, words
from dashboard.asked import Address, tied
from dashboard.catalogue import said_of, say
from dashboard.links import Links, Past
from dashboard.live import Shown, View, headed, live, of_topic_shown
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import AlertFilter, Delivered, ReadModel, Store, TopicEntry

_STATUSES = [status for status in words.STATUSES if status != "none"]
_STATES = {"told": ("raised", "updated"), "held": ("suppressed",), "gone": ("cancelled",)}
_CERTAINTIES = ("confirmed", "reported")
_CONTESTED = {"yes": True, "no": False}
_FILTERS = ("to", "channel", "state", "certainty", "contested", "from", "until", "q")


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    to: list[str]
    channel: str | None
    state: str | None
    certainty: str | None
    contested: str | None
    first: date | None
    last: date | None
    words: str
    number: int
    passed_over: list[str]

    @classmethod
    def of(cls, address: Address, topic: TopicEntry) -> "_Asked":
        """As it stands there."""
        return cls(
            to=address.words("to", _STATUSES),
            channel=address.word("channel", list(topic.channels)),
            state=address.word("state", list(_STATES)),
            certainty=address.word("certainty", _CERTAINTIES),
            contested=address.word("contested", list(_CONTESTED)),
            first=address.day("from"),
            last=address.day("until"),
            words=address.text("q"),
            number=address.number(),
            passed_over=address.passed_over,
        )

    def chosen(self, zones: Zones, past: Past) -> AlertFilter:
        """What is asked of the read model."""
        ends = words.day_begins(self.last + timedelta(days=1), zones) if self.last else None
        return AlertFilter(
            channel=self.channel,
            status=tuple(self.to),
            certainty=self.certainty,
            state=_STATES.get(self.state or "", ()),
            contested=_CONTESTED.get(self.contested or ""),
            first=words.day_begins(self.first, zones) if self.first else None,
            last=ends - timedelta(microseconds=1) if ends else None,
            q=self.words or None,
            as_of=past.as_of,
            known_at=past.known_at,
        )

    def only(self, topic: TopicEntry) -> list[str]:
        """What is chosen, in words: some of it stands folded away."""
        named = [
            ", ".join(words.look(status).word for status in self.to),
            self.channel and topic.channels[self.channel],
            self.state and said_of("alert_kinds", self.state),
            self.certainty and said_of("certainty_short", self.certainty),
            self.contested and said_of("contested_kinds", self.contested),
            self.first and say("alerts.only_from", day=words.day(self.first)),
            self.last and say("alerts.only_until", day=words.day(self.last)),
            self.words and say("alerts.only_words", words=self.words),
        ]
        return [one for one in named if one]


@st.cache_data(ttl=20, max_entries=64, show_spinner=False)
def _delivered(store: Store, alerts: tuple[str, ...]) -> dict[str, list[Delivered]]:
    """Asked now and then for all viewers: thousands may have been told."""
    return queries.delivered(store, alerts)


def _parties(model: ReadModel, topic: TopicEntry) -> dict[str, str]:
    return {party.id: party.label for party in queries.definition(model, topic.topic).parties}


def _page(view: View) -> Shown:
    asked = _Asked.of(Address.shown(), view.topic)
    chosen = asked.chosen(view.zones, view.past)
    number, size = asked.number, alerts_view.PER_PAGE
    found = queries.alerts_page(view.model, view.topic.topic, chosen, number=number, size=size)
    ids = tuple(one.entry.alert for one in found.alerts)
    shown = alerts_view.AlertsPage(
        topic=view.topic,
        parties=_parties(view.model, view.topic),
        alerts=found.alerts,
        total=found.total,
        deliveries=_delivered(view.model.store, ids),
        zones=view.zones,
        links=view.links,
        number=number,
        asked={name: values for name in _FILTERS if (values := st.query_params.get_all(name))},
        only=asked.only(view.topic),
        passed_over=asked.passed_over,
        visited_at=visits.last_visit(st.context.cookies),
        exports=exports.addresses(view.topic.topic, chosen, found.total),
    )
    return Shown(alerts_view.title(view.topic), alerts_view.page(shown))


def _alert(view: View) -> Shown:
    id_ = Address.shown().text("alert")
    found = queries.alert(view.model, id_, known_at=view.past.known_at)
    if found is None:
        return Shown(alerts_view.title(view.topic), alert_view.unknown(id_, view.links))
    entry = found.entry
    known = {topic.topic: topic for topic in queries.topics(view.model)}
    topic = known.get(entry.topic, view.topic)
    as_of, known_at = view.past
    status = queries.status(view.model, topic.topic, now=view.now, as_of=as_of, known_at=known_at)
    shown = alert_view.AlertPage(
        topic=topic,
        parties=_parties(view.model, topic),
        alert=found,
        passages=queries.alert_passages(view.model, entry, known_at=view.past.known_at),
        deliveries=_delivered(view.model.store, (entry.alert,)).get(entry.alert, []),
        now=next((one for one in status.channels if one.channel == entry.channel), None),
        zones=Zones(view.zones.viewer, topic.time_zone),
        links=Links(topic.topic, view.past),
    )
    return Shown(alert_view.title(shown), alert_view.page(shown))


def _controls(_: ReadModel, topic: TopicEntry) -> None:
    """The filters; what they say stands in the address."""
    asked = _Asked.of(Address.shown(), topic)
    with st.container(horizontal=True, vertical_alignment="bottom", key="alerts-filters"):
        st.text_input(say("alerts.words"), width=200, max_chars=200, **tied("alerts", "q", asked.words))
        with st.container(horizontal=True, width="content", key="alerts-wide"):
            _what(asked, topic)
        with st.popover(say("alerts.filters")):
            with st.container(key="alerts-narrow"):
                _what(asked, topic, place="narrow")
            _select("certainty", _CERTAINTIES, "certainty_short", asked.certainty)
            _select("contested", tuple(_CONTESTED), "contested_kinds", asked.contested)
            st.date_input(say("alerts.from"), format="YYYY-MM-DD", **tied("alerts", "from", asked.first))
            st.date_input(say("alerts.until"), format="YYYY-MM-DD", **tied("alerts", "until", asked.last))


def _what(asked: _Asked, topic: TopicEntry, *, place: str = "") -> None:
    """On a phone these stand among the other filters (style/alerts.css)."""
    st.multiselect(
        say("alerts.status"),
        _STATUSES,
        format_func=lambda status: words.look(status).word,
        placeholder=say("alerts.any"),
        width=240,
        **tied("alerts", "to", asked.to, place=place),
    )
    st.selectbox(
        say("alerts.channel"),
        list(topic.channels),
        index=None,
        format_func=lambda channel: topic.channels[channel],
        placeholder=say("alerts.any"),
        width=200,
        **tied("alerts", "channel", asked.channel, place=place),
    )
    _select("state", tuple(_STATES), "alert_kinds", asked.state, place=place)


def _select(name: str, options: tuple[str, ...], table: str, value: str | None, *, place: str = "") -> None:
    labels = {
        "state": say("alerts.state"),
        "certainty": say("alerts.certainty"),
        "contested": say("alerts.contested_filter"),
    }
    st.selectbox(
        labels[name],
        options,
        index=None,
        format_func=lambda option: said_of(table, option),
        placeholder=say("alerts.any"),
        width=160,
        **tied("alerts", name, value, place=place),
    )


def _downloads(model: ReadModel, topic: TopicEntry) -> None:
    """Where nobody said under which address the API is read: the same files from here."""
    asked = _Asked.of(Address.shown(), topic)
    zones = Zones(st.context.timezone, topic.time_zone)
    past = Past.asked(st.query_params.to_dict(), datetime.now(UTC))
    exports.buttons(model, topic.topic, asked.chosen(zones, past))


if "alert" in st.query_params:
    live("alert", _alert, minutely=True)
else:
    headed("alerts", say("pages.alerts"), _controls)
    live("alerts", _page, minutely=True, headed=True)
    if not exports.api_address():
        of_topic_shown(_downloads)

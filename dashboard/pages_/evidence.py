"""Evidence: what articles say, on both sides, and one article with all its claims."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from dashboard import article_view, evidence_view, judging, markup, sides_view, words
from dashboard.asked import Address, tied
from dashboard.catalogue import said_of, say
from dashboard.live import Shown, View, headed, live
from dashboard.operators import signed_in
from monitor.readmodel import queries
from monitor.readmodel.queries import Choices, ClaimEntry, EvidenceFilter, ReadModel, Store, TopicEntry

_DISMISSED = 50
_VIEWS = ("list", "both")
_STATUSES = [*(status for status in words.STATUSES if status != "none"), "denied"]


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    view: str
    channel: str | None
    status: str | None
    language: str | None
    outlet: str | None
    words: str
    first: date | None
    last: date | None
    number: int
    passed_over: list[str]

    @classmethod
    def of(cls, address: Address, topic: TopicEntry, choices: Choices) -> "_Asked":
        """As it stands there."""
        return cls(
            view=address.word("view", _VIEWS) or _VIEWS[0],
            channel=address.word("channel", list(topic.channels)),
            status=address.word("status", _STATUSES),
            language=address.word("lang", choices.languages),
            outlet=address.word("outlet", choices.outlets),
            words=address.text("q"),
            first=address.day("from"),
            last=address.day("until"),
            number=address.number(),
            passed_over=address.passed_over,
        )

    def only(self) -> list[str]:
        """In words, what the folded filters choose: nobody should wonder where the rest is."""
        named = [
            self.language and _language(self.language),
            self.outlet,
            self.first and say("evidence.only_from", day=words.day(self.first)),
            self.last and say("evidence.only_until", day=words.day(self.last)),
        ]
        return [one for one in named if one]

    def filters(self) -> dict[str, str]:
        """What chooses articles, as the address has it."""
        values = {
            "channel": self.channel,
            "status": self.status,
            "lang": self.language,
            "outlet": self.outlet,
            "q": self.words,
            "from": self.first,
            "until": self.last,
        }
        return {name: str(value) for name, value in values.items() if value}


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def _choices(store: Store, topic: str) -> Choices:
    """Asked once a minute for all viewers: it counts all articles."""
    return queries.choices(ReadModel(store), topic)


def _page(view: View) -> Shown:
    if article := st.query_params.get("article"):
        return _article(view, article)
    asked = _Asked.of(Address.shown(), view.topic, _choices(view.model.store, view.topic.topic))
    html = _both(view, asked) if asked.view == "both" else _list(view, asked)
    note = ""
    if asked.passed_over:
        names = markup.e(", ".join(asked.passed_over))
        note = f"<p class='meta'>{markup.said('evidence.passed_over', names=names)}</p>"
    return Shown(say("evidence.tab", topic=view.topic.label), note + html)


def _list(view: View, asked: _Asked) -> str:
    ends = [words.day_begins(asked.last + timedelta(days=1), view.zones)] if asked.last else []
    if view.past.as_of:
        ends.append(datetime.combine(view.past.as_of + timedelta(days=1), time.min, UTC))
    chosen = EvidenceFilter(
        channel=asked.channel,
        status=asked.status,
        language=asked.language,
        outlet=asked.outlet,
        words=asked.words or None,
        first=words.day_begins(asked.first, view.zones) if asked.first else None,
        last=min(ends) - timedelta(microseconds=1) if ends else None,
        known_at=view.past.known_at,
    )
    offset = (asked.number - 1) * evidence_view.PER_PAGE
    found = queries.reports(view.model, view.topic.topic, chosen, limit=evidence_view.PER_PAGE, offset=offset)
    shown = evidence_view.ListPage(
        view.topic, found, asked.number, asked.filters(), asked.only(), view.links, view.zones
    )
    return evidence_view.page(shown) + _dismissed(view, {})


def _both(view: View, asked: _Asked) -> str:
    channels = [asked.channel] if asked.channel else list(view.topic.channels)
    as_of, known_at = view.past
    found = [
        queries.sides(view.model, view.topic.topic, channel, as_of=as_of, known_at=known_at)
        for channel in channels
    ]
    place = {"view": "both", "channel": asked.channel or ""}

    def judge(claim: ClaimEntry) -> str:
        return judging.link(claim, view.links, is_dismissed=False, place=place) if signed_in() else ""

    today = view.past.today(view.now)
    sides = sides_view.page(view.topic, channels, found, view.links, view.zones, judge, today=today)
    return sides + _dismissed(view, place)


def _dismissed(view: View, place: judging.Place) -> str:
    gone = queries.dismissed_claims(
        view.model, view.topic.topic, known_at=view.past.known_at, limit=_DISMISSED
    )
    may = signed_in() is not None
    return judging.dismissed(gone, view.topic, view.links, view.zones, may=may, place=place)


def _article(view: View, article: str) -> Shown:
    found = queries.article_evidence(view.model, view.topic.topic, article, known_at=view.past.known_at)
    if found is None:
        return Shown(say("evidence.tab", topic=view.topic.label), article_view.unknown(article, view.links))
    parties = {party.id: party.label for party in queries.definition(view.model, view.topic.topic).parties}
    page = article_view.ArticlePage(view.topic, parties, found, view.links, view.zones)
    gone = queries.dismissed_claims(view.model, view.topic.topic, known_at=view.past.known_at)
    notes = {one.claim.id: one.dismissal for one in gone if one.dismissal and one.claim.article == article}
    may, cards = signed_in() is not None, []
    for said, html in article_view.cards(page):
        dismissal = notes.get(said.claim.id)
        told = f"<p class='meta dismissal'>{judging.note(dismissal, view.zones)}</p>" if dismissal else ""
        held = said.claim.known_until is None
        judge = (
            judging.link(said.claim, view.links, is_dismissed=not held) if may and (held or dismissal) else ""
        )
        cards.append(html + told + judge)
    return Shown(article_view.title(page), article_view.head(page), [*cards, article_view.foot(page)])


def _controls(topic: TopicEntry, choices: Choices) -> None:
    """The views and the filters; what they say stands in the address."""
    asked = _Asked.of(Address.shown(), topic, choices)
    st.segmented_control(
        say("evidence.view"),
        _VIEWS,
        format_func=lambda view: said_of("evidence_views", view),
        label_visibility="collapsed",
        **tied("evidence", "view", asked.view),
    )
    if asked.view == "both":
        _select("channel", say("evidence.channel"), topic.channels, asked.channel)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="evidence-filters"):
        st.text_input(say("evidence.words"), width=216, max_chars=200, **tied("evidence", "q", asked.words))
        with st.container(horizontal=True, width="content", key="evidence-wide"):
            _what_it_says(asked, topic)
        with st.popover(say("evidence.filters")):
            with st.container(key="evidence-narrow"):
                _what_it_says(asked, topic, place="narrow")
            _more(asked, choices)


def _what_it_says(asked: _Asked, topic: TopicEntry, *, place: str = "") -> None:
    """On a phone these stand among the other filters (style/evidence.css)."""
    says = {status: _says(status) for status in _STATUSES}
    _select("channel", say("evidence.channel"), topic.channels, asked.channel, place=place)
    _select("status", say("evidence.status"), says, asked.status, place=place)


def _more(asked: _Asked, choices: Choices) -> None:
    languages = {code: _language(code) for code in choices.languages}
    _select("lang", say("evidence.language"), languages, asked.language)
    _select("outlet", say("evidence.outlet"), {name: name for name in choices.outlets}, asked.outlet)
    st.date_input(say("evidence.from"), format="YYYY-MM-DD", **tied("evidence", "from", asked.first))
    st.date_input(say("evidence.until"), format="YYYY-MM-DD", **tied("evidence", "until", asked.last))


def _select(name: str, label: str, options: dict[str, str], value: str | None, *, place: str = "") -> None:
    st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda option: options[option],
        placeholder=say("evidence.any"),
        width=240,
        **tied("evidence", name, value, place=place),
    )


def _language(code: str) -> str:
    return said_of("languages", code, otherwise=code)


def _says(status: str) -> str:
    return say("claim.denies") if status == "denied" else words.look(status).word


if "article" not in st.query_params:
    offered = headed(
        "evidence", say("pages.evidence"), lambda model, topic: (topic, _choices(model.store, topic.topic))
    )
    if offered is not None:
        _controls(*offered)
judging.offer()
live("evidence", _page, headed="article" not in st.query_params)

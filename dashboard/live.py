"""What all pages share: the data folder, the topic, the states in which there is nothing to show, and the refresh.

A page is a function from (read model, topic, viewer's zone) to HTML. It is asked again every three seconds; while
nothing changes its HTML is the same to the byte, so the browser keeps the elements, the focus and the selection; what
ticks ("checked 28 s ago") is an element of its own. A page about the service has no topic, and what it shows changes
with the time too: it says moments to the minute.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TypeVar

import streamlit as st

from dashboard import announce, markup, pictures, shared, source_words, words
from dashboard.catalogue import say
from dashboard.launch import DATA_VARIABLE, DATABASE_VARIABLE
from dashboard.links import Links, Past
from dashboard.place import Place
from dashboard.shared import REFRESH_S
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import BadInputError, Checks, ReadModel, Store, StoreError, TopicEntry

STATUS = "status"
_KEPT = frozenset({"topic", *Past._fields})
"""What links keep by themselves."""
_TICKS = count()


@dataclass(frozen=True)
class View:
    """What a page is asked to show, and for whom."""

    model: ReadModel
    topic: TopicEntry
    now: datetime
    zones: Zones
    past: Past
    checks: Checks
    """How the topic's sources are read; it changes apart from the read model."""

    @property
    def is_current(self) -> bool:
        """Whether what is shown is not older than it looks; the past does not grow old."""
        return self.checks.is_current or any(self.past)

    @property
    def links(self) -> Links:
        """Links that keep the topic and the past."""
        return Links(self.topic.topic, self.past)


@dataclass(frozen=True)
class ServiceView:
    """What a page about the service is asked to show."""

    model: ReadModel
    now: datetime
    zones: Zones


@dataclass(frozen=True)
class Shown:
    """A page's answer: the browser tab's title and icon (SVG) and the HTML, and parts that change apart from it.

    `ticking` stands above, beside the choice of the topic (`switch`); `parts` stand below.
    """

    title: str
    html: str
    parts: Sequence[str] = ()
    icon: str = ""
    ticking: str = ""
    switch: str = ""


Page = Callable[[View], Shown]
Ticking = Callable[[View], str]
ServicePage = Callable[[ServiceView], Shown]
Answer = TypeVar("Answer")


@st.fragment(run_every=REFRESH_S)
def live(
    name: str, page: Page, ticking: Ticking | None = None, *, minutely: bool = False, headed: bool = False
) -> None:
    """Show the page of that name, and show it again whenever what it shows has changed; `ticking` each time.

    Over a page that is `headed` the choice of the topic stands already.

    `minutely` is for a page that shows what the read model does not hold, how deliveries fare: it is asked each minute.
    """

    def shown() -> Shown:
        answer = _answer(lambda model: _of_topic(name, page, ticking, model, minutely), say("live.rebuild"))
        return replace(answer, switch="") if headed else answer

    _show(shown)


@st.fragment(run_every=REFRESH_S)
def live_service(page: ServicePage) -> None:
    """Show a page about the service, and show it again whenever what it shows has changed."""
    _show(lambda: _answer(lambda model: _of_service(page, model), say("live.doctor")))


def _show(answer: Callable[[], Shown]) -> None:
    above = st.container(horizontal=True, vertical_alignment="center", key="above")
    put = st.html
    if "shown" not in st.session_state:
        # The first answer may take a moment. Later ones must not empty the place first.
        put = st.empty().html
        put(f'<div class="parley">{_skeleton()}</div>')
    shown = answer()
    st.set_page_config(page_title=shown.title, page_icon=shown.icon or None)
    if shown.switch:
        above.html(f'<div class="parley">{shown.switch}</div>', width="content")
    if shown.ticking:
        above.html(f'<div class="parley ticking">{shown.ticking}</div>', width="content")
    put(f'<div class="parley">{shown.html}</div>')
    # The changing number makes the browser replace this element, which starts its animation anew (style/base.css).
    st.html(
        f'<div class="parley"><p class="banner old stopped" data-tick="{next(_TICKS)}">'
        f"<b>{markup.e(say('common.stopped'))}</b> {markup.e(say('common.stopped_more'))}</p></div>"
    )
    for part in shown.parts:
        st.html(f'<div class="parley">{part}</div>')


def of_topic_shown(ask: Callable[[ReadModel, TopicEntry], Answer]) -> Answer | None:
    """What the widgets above a page choose from; None where there is nothing: the page itself says why."""
    return _of_topics(lambda model, topic, _: ask(model, topic))


def headed(name: str, title: str, ask: Callable[[ReadModel, TopicEntry], Answer]) -> Answer | None:
    """As `of_topic_shown`, under the choice of the topic and the heading of the page of that name.

    Where there is nothing, the page's own words have a heading.
    """

    def below(model: ReadModel, topic: TopicEntry, known: Sequence[TopicEntry]) -> Answer:
        past = Past.asked(st.query_params.to_dict(), datetime.now(UTC))
        switch = Place(name, topic, past, _other_words()).switch(known)
        st.html(f"<div class='parley'>{switch}<h1 class='plain'>{markup.e(title)}</h1></div>")
        return ask(model, topic)

    return _of_topics(below)


def _of_topics(ask: Callable[[ReadModel, TopicEntry, Sequence[TopicEntry]], Answer]) -> Answer | None:
    model = _model()
    try:
        Past.asked(st.query_params.to_dict(), datetime.now(UTC))
        known = queries.topics(model) if model else []
        return ask(model, _chosen(known), known) if model and known else None
    except (StoreError, BadInputError):
        return None


def _model() -> ReadModel | None:
    folder = os.environ.get(DATA_VARIABLE)
    return ReadModel(Store(Path(folder), os.environ.get(DATABASE_VARIABLE, ""))) if folder else None


def _answer(ask: Callable[[ReadModel], Shown], mend: str) -> Shown:
    """The answer, or why there is none; `mend` says what to do where the data cannot be read."""
    model = _model()
    if model is None:
        return _notice(say("live.untold"), say("live.untold_more", variable=DATA_VARIABLE))
    try:
        return ask(model)
    except StoreError as error:
        return _notice(say("live.unreadable"), str(error), mend, links=_plain())


def failed(_: Exception) -> bool:
    """Say that a page's script raised, and nothing of the error, which Streamlit has logged; True: it shows no more."""
    shown = _notice(say("live.failed"), say("live.failed_more"), say("live.failed_operator"), links=_plain())
    st.set_page_config(page_title=shown.title)
    st.html(f'<div class="parley failed">{shown.html}</div>')
    return True


def _plain() -> str:
    return f'<a href="now" target="_self">{markup.e(say("live.plain"))}</a>'


def _of_service(page: ServicePage, model: ReadModel) -> Shown:
    shown = page(ServiceView(model, datetime.now(UTC), Zones(st.context.timezone)))
    return replace(shown, html=_troubles(model) + shown.html)


def _of_topic(name: str, page: Page, ticking: Ticking | None, model: ReadModel, minutely: bool) -> Shown:
    known = queries.topics(model)
    if not known:
        empty = _notice(say("live.empty"), say("live.empty_more"), say("live.empty_start"))
        return replace(empty, html=_troubles(model) + empty.html)
    try:
        topic, now = _chosen(known), datetime.now(UTC)
        past = Past.asked(st.query_params.to_dict(), now)
        zones = Zones(st.context.timezone, topic.time_zone)
        checks = queries.checks_of(shared.sources(model.store), topic.topic, now)
        view = View(model, topic, now, zones, past, checks)
        shown = _asked(name, page, view, minutely)
        place = Place("" if name == STATUS else name, topic, past, _other_words())
        return replace(
            shown,
            html=_troubles(model) + place.banners() + shown.html,
            switch=place.switch(known),
            ticking=ticking(view) if ticking else "",
        )
    except BadInputError as error:
        links = " · ".join(Links(one.topic).to(one.label, "") for one in known)
        return _notice(say("live.nothing_here"), str(error), links=links)


def _asked(name: str, page: Page, view: View, minutely: bool) -> Shown:
    """The page's answer; it is asked only when the read model, the hour, the sources' state or the address changed."""
    version = queries.version(view.model, view.topic.topic)
    hour = view.now.replace(minute=0, second=0, microsecond=0)
    address = {one: st.query_params.get_all(one) for one in st.query_params}
    since = view.now.replace(second=0, microsecond=0) if minutely else hour
    key = (name, view.topic, version, since, view.zones, view.is_current, address)
    last = st.session_state.get("shown")
    if last is None or last[0] != key:
        announce.shifts(view.model, view.topic, view.now)
        last = key, _named(name, view, page(view))
        st.session_state["shown"] = last
    shown: Shown = last[1]
    return shown


def _named(name: str, view: View, shown: Shown) -> Shown:
    """The tab's title and its icon say the state on every page, and of which day it is where that is past."""
    as_of, known_at = view.past
    status, stale = queries.standing(
        view.model, view.topic.topic, now=view.now, as_of=as_of, known_at=known_at
    )
    is_old = stale or not view.is_current
    title = shown.title
    if name != STATUS:
        state = f"{words.look(status).glyph} {words.state(status, is_old=is_old)}"
        title = say("live.tab_state", state=state, title=title)
    if any(view.past):
        title = say("live.tab_past", day=words.day(view.past.today(view.now)), title=title)
    return replace(shown, title=title, icon=shown.icon or pictures.icon(status, is_old=is_old))


def _other_words() -> dict[str, str]:
    """What the address asks for beside topic and past, each once."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params if name not in _KEPT}
    return {name: values[0] for name, values in asked.items() if len(values) == 1}


def _chosen(known: Sequence[TopicEntry]) -> TopicEntry:
    """The topic of the address; without one the topic looked at before, else the first."""
    wanted = st.query_params.get("topic") or st.session_state.get("topic") or known[0].topic
    for topic in known:
        if topic.topic == wanted:
            st.session_state["topic"] = wanted
            return topic
    names = ", ".join(topic.topic for topic in known)
    raise BadInputError(say("live.no_topic", wanted=wanted, names=names))


def _troubles(model: ReadModel) -> str:
    """What hinders the service, so that nobody takes old news for new."""
    return "".join(
        markup.banner("⚠", say("common.trouble", role=words.role(role)), markup.e(trouble), "old")
        for role, trouble in shared.troubles(model.store).items()
    )


def _notice(title: str, *paragraphs: str, links: str = "") -> Shown:
    return Shown(say("live.tab", title=title), markup.notice(title, *paragraphs, links=links))


def _skeleton() -> str:
    """What stands there until the answer comes, as large as most answers, so that nothing jumps."""
    bars = "".join(
        f'<span class="bar {name}"></span>' for name in ("over", "word", "since", "facts", "quote")
    )
    label = markup.e(say("live.loading"))
    hero = f'<section class="hero skeleton" aria-busy="true" aria-label="{label}">{bars}</section>'
    return f'<div class="status"><div class="two"><div>{hero}</div><div></div></div></div>'


@cache
def style() -> str:
    """The pages' style sheets, the base first, with a class for each status and for each standing of a source."""
    looks = {
        **{f"s-{status}": look for status, look in words.STATUSES.items()},
        **{f"f-{standing}": look for standing, look in source_words.STANDINGS.items()},
    }
    colours = "\n".join(
        f".parley .{name} {{ --mark: {look.light}; --mark: light-dark({look.light}, {look.dark}); }}"
        for name, look in looks.items()
    )
    sheets = sorted(
        Path(__file__).with_name("style").glob("*.css"), key=lambda path: (path.stem != "base", path)
    )
    rules = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return f"<style>{rules}\n{colours}</style>"

"""What all pages share: the data folder, the topic, the states in which there is nothing to show, and the refresh.

A page is a function from (read model, topic, viewer's zone) to HTML. It is asked again every three seconds; while
nothing changes its HTML is the same to the byte, so the browser keeps the elements, the focus and the selection.
A page about the service has no topic, and what it shows changes with the time too: it says moments to the minute.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import streamlit as st

from dashboard import markup, source_words, words
from dashboard.catalogue import say
from dashboard.launch import DATA_VARIABLE, DATABASE_VARIABLE
from dashboard.links import Links, Past
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import BadInputError, ReadModel, Store, StoreError, TopicEntry

REFRESH_S = 3
_TICKS = count()


@dataclass(frozen=True)
class View:
    """What a page is asked to show, and for whom."""

    model: ReadModel
    topic: TopicEntry
    now: datetime
    zones: Zones
    past: Past

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
    """A page's answer: the browser tab's title and the HTML, and parts below that change apart from it."""

    title: str
    html: str
    parts: Sequence[str] = ()


Page = Callable[[View], Shown]
ServicePage = Callable[[ServiceView], Shown]
_REBUILD = (
    "This page tries again by itself. If it stays like this: `parley doctor` says what is wrong, and "
    "`parley rebuild` makes this data again from the log. Nothing is lost."
)
_DOCTOR = (
    "This page tries again by itself. If it stays like this, `parley doctor` says what is wrong. "
    "The articles that were read are kept apart from this, and are safe."
)


@st.fragment(run_every=f"{REFRESH_S}s")
def live(name: str, page: Page) -> None:
    """Show the page of that name, and show it again whenever what it shows has changed."""
    _show(_answer(lambda model: _of_topic(name, page, model), _REBUILD))


@st.fragment(run_every=f"{REFRESH_S}s")
def live_service(page: ServicePage) -> None:
    """Show a page about the service, and show it again whenever what it shows has changed."""
    _show(_answer(lambda model: _of_service(page, model), _DOCTOR))


def _show(shown: Shown) -> None:
    st.set_page_config(page_title=shown.title)
    st.html(f'<div class="parley">{shown.html}</div>')
    # The changing number makes the browser replace this element, which starts its animation anew (style.css).
    st.html(
        f'<div class="parley"><p class="banner old stopped" data-tick="{next(_TICKS)}">'
        f"<b>{markup.e(say('common.stopped'))}</b> {markup.e(say('common.stopped_more'))}</p></div>"
    )
    for part in shown.parts:
        st.html(f'<div class="parley">{part}</div>')


def _answer(ask: Callable[[ReadModel], Shown], mend: str) -> Shown:
    """The answer, or why there is none; `mend` says what to do where the data cannot be read."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        return _notice(
            "The dashboard was not told what to show",
            f"It is started by `parley up`. To start it alone, set {DATA_VARIABLE} to Parley's data folder.",
        )
    try:
        return ask(ReadModel(Store(Path(folder), os.environ.get(DATABASE_VARIABLE, ""))))
    except StoreError as error:
        return _notice("What Parley knows cannot be read at the moment", str(error), mend)


def _of_service(page: ServicePage, model: ReadModel) -> Shown:
    shown = page(ServiceView(model, datetime.now(UTC), Zones(st.context.timezone)))
    return replace(shown, html=_troubles(model) + shown.html)


def _of_topic(name: str, page: Page, model: ReadModel) -> Shown:
    known = queries.topics(model)
    if not known:
        empty = _notice(
            "Nothing has been read yet",
            "Parley has not read any report so far. When it is running, the first ones appear here by themselves.",
            "If it is not running, start it with `parley up`.",
        )
        return replace(empty, html=_troubles(model) + empty.html)
    try:
        topic = _chosen(known)
        now = datetime.now(UTC)
        past = Past.asked(st.query_params.to_dict(), now)
        view = View(model, topic, now, Zones(st.context.timezone, topic.time_zone), past)
        shown = _asked(name, page, view)
        before = _switch(known, topic, past) + _troubles(model) + _past(view)
        return replace(shown, html=before + shown.html)
    except BadInputError as error:
        links = " · ".join(Links(one.topic).to(one.label, "") for one in known)
        return Shown("Parley", markup.notice("There is nothing under this address", str(error), links=links))


def _asked(name: str, page: Page, view: View) -> Shown:
    """The page's answer; it is asked only when the read model, the day or the address has changed since."""
    version = queries.version(view.model, view.topic.topic)
    address = {one: st.query_params.get_all(one) for one in st.query_params}
    key = (name, view.topic, version, view.now.date(), view.zones, address)
    last = st.session_state.get("shown")
    if last is None or last[0] != key:
        last = key, page(view)
        st.session_state["shown"] = last
    shown: Shown = last[1]
    return shown


def _chosen(known: Sequence[TopicEntry]) -> TopicEntry:
    """The topic of the address; without one the topic looked at before, else the first."""
    wanted = st.query_params.get("topic") or st.session_state.get("topic") or known[0].topic
    for topic in known:
        if topic.topic == wanted:
            st.session_state["topic"] = wanted
            return topic
    names = ", ".join(topic.topic for topic in known)
    raise BadInputError(f"There is no topic {wanted!r}. There is: {names}.")


def _troubles(model: ReadModel) -> str:
    """What hinders the service, so that nobody takes old news for new."""
    return "".join(
        markup.banner("⚠", say("common.trouble", role=words.role(role)), markup.e(trouble), "old")
        for role, trouble in queries.troubles(model, datetime.now(UTC)).items()
    )


def _past(view: View) -> str:
    """What says, on every page, that this is not now, and leads back."""
    back = Links(view.topic.topic).to(say("past.back"), "")
    said = ""
    if view.past.as_of:
        day = words.day(view.past.as_of)
        said += markup.banner(
            "↶", say("past.as_of", day=day), f"{markup.said('past.as_of_more')} {back}", "past"
        )
    if view.past.known_at:
        day = words.day(view.past.known_at.date())
        said += markup.banner(
            "↶", say("past.known_at", day=day), f"{markup.said('past.known_at_more')} {back}", "past"
        )
    return said


def _switch(known: Sequence[TopicEntry], chosen: TopicEntry, past: Past) -> str:
    if len(known) == 1:
        return ""
    links = "".join(
        Links(topic.topic, past)
        .to(topic.label, "")
        .replace("<a ", '<a aria-current="true" ' if topic == chosen else "<a ", 1)
        for topic in known
    )
    return f'<nav class="topics" aria-label="{markup.e(say("pages.topics"))}">{links}</nav>'


def _notice(title: str, *paragraphs: str) -> Shown:
    return Shown(f"{title} – Parley", markup.notice(title, *paragraphs))


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

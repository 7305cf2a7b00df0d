"""An operator's word on a claim, on the Evidence page: the links, the form, and what was said of claims before."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from dashboard import claim_view, markup, operators
from dashboard.api import ApiError
from dashboard.catalogue import say
from dashboard.links import Links
from dashboard.live import of_topic_shown
from dashboard.login import address
from dashboard.markup import e
from dashboard.sessions import Operator
from dashboard.words import Zones
from monitor.readmodel import queries
from monitor.readmodel.queries import BadInputError, ClaimEntry, Dismissal, JudgedClaim, ReadModel, TopicEntry

ASKED = "judge"
"""The parameter of the address that names the claim to be judged."""
_DONE = "judged"
_LONGEST = 500
Place = Mapping[str, str]
"""The part of Evidence, as its address names it, above which the form stands."""
_ARTICLE: Place = {}


def offer() -> None:
    """Above the page, for a signed-in operator: what was done, and the form for the claim that the address names."""
    if done := st.session_state.pop(_DONE, None):
        _say(markup.banner("✓", done, markup.said("judging.follows"), "done"))
    claim = st.query_params.get(ASKED)
    if not claim:
        return
    operator = operators.signed_in()
    if operator is None:
        _say(markup.banner("⚠", say("judging.not_in"), _sign_in(), "old"))
        return
    found = of_topic_shown(lambda model, topic: (topic, _found(model, topic, claim)))
    topic, judged = found or (None, "")
    if topic is None or isinstance(judged, str):
        _say(markup.banner("⚠", say("judging.cannot"), e(judged), "old"))
        return
    _form(operator, topic, judged)


def note(dismissal: Dismissal, zones: Zones) -> str:
    """Who dismissed a claim, when and why; HTML."""
    return markup.said(
        "judging.note",
        who=f"<code>{e(dismissal.dismissed_by[:8])}</code>",
        when=markup.moment_here(dismissal.dismissed_at, zones),
        why=f"<q>{e(dismissal.dismissed_why)}</q>",
    )


def link(claim: ClaimEntry, links: Links, *, is_dismissed: bool, place: Place = _ARTICLE) -> str:
    """A signed-in operator's way to the form, above `place`, else above the claim's article."""
    label = say("judging.restore_it") if is_dismissed else say("judging.dismiss_it")
    above = place or {"article": claim.article}
    return f"<p class='judge'>{links.to(label, 'evidence', **above, judge=claim.id)}</p>"


def dismissed(
    gone: Sequence[JudgedClaim],
    topic: TopicEntry,
    links: Links,
    zones: Zones,
    *,
    may: bool,
    place: Place = _ARTICLE,
) -> str:
    """The dismissed claims of a topic, folded; nothing where there are none. Who `may` restores them above `place`."""
    if not gone:
        return ""
    items = "".join(_item(one, topic, links, zones, may=may, place=place) for one in gone)
    title = e(say("judging.list", count=len(gone)))
    return f"<details class='dismissed'><summary>{title}</summary><ul class='rows'>{items}</ul></details>"


def _item(one: JudgedClaim, topic: TopicEntry, links: Links, zones: Zones, *, may: bool, place: Place) -> str:
    assert one.dismissal is not None  # noqa: S101 - it is in the list of those that are dismissed
    claim = one.claim
    where = links.to(claim.outlet, "evidence", article=claim.article)
    judge = link(claim, links, is_dismissed=True, place=place) if may else ""
    return (
        f"<li><div>{claim_view.says(claim, topic)}{markup.figure(markup.quotation(claim.span['text']), where)}"
        f"<p class='meta'>{note(one.dismissal, zones)}</p>{judge}</div></li>"
    )


def _found(model: ReadModel, topic: TopicEntry, claim: str) -> JudgedClaim | str:
    try:
        return queries.judged_claim(model, topic.topic, claim)
    except BadInputError as error:
        return str(error)


def _form(operator: Operator, topic: TopicEntry, judged: JudgedClaim) -> None:
    verb = "restore" if judged.is_dismissed else "dismiss"
    title, done = (
        (say("judging.restore_it"), say("judging.restored"))
        if judged.is_dismissed
        else (say("judging.dismiss_it"), say("judging.dismissed"))
    )
    claim = judged.claim
    _say(
        f"<section class='judging' aria-label='{e(title)}'><h2>{e(title)}</h2>{claim_view.says(claim, topic)}"
        f"{markup.figure(markup.quotation(claim.span['text']), e(claim.outlet))}"
        f"<p class='meta'>{e(say('judging.why_more'))}</p></section>"
    )
    with st.form(f"judging-{verb}", width=640):
        why = st.text_input(say("judging.why"), max_chars=_LONGEST)
        pressed = st.form_submit_button(title, type="primary")
    if not pressed:
        return
    try:
        operators.api().judge(operator.token, topic.topic, claim.id, verb, why)
    except ApiError as error:
        _say(markup.banner("⚠", say("judging.refused"), e(error), "old"))
        return
    st.session_state[_DONE] = done
    del st.query_params[ASKED]
    st.rerun()


def _sign_in() -> str:
    place = f"evidence?{urlencode(st.query_params.to_dict())}"
    return f'<a href="{e(address(place))}" target="_self">{e(say("operators.sign_in"))}</a>'


def _say(html: str) -> None:
    st.html(f'<div class="parley">{html}</div>')

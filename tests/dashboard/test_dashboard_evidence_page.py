"""The Evidence page run by Streamlit: what its address asks for, its filters, and the past."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.sessions import Operator
from monitor.ids import fact_id
from monitor.readmodel.model import ReadModel
from tests.dashboard.conftest import TODAY
from tests.readmodel.story import Story

Shown = Callable[[], str]
DAY = TODAY - timedelta(days=2)


@pytest.fixture
def evidence(told: Story, app: AppTest, shown: Shown) -> Callable[..., str]:
    """The page under an address."""
    shown()
    app.switch_page("pages_/evidence.py")

    def page(**address: str) -> str:
        app.query_params.clear()
        for name, value in address.items():
            app.query_params[name] = value
        return shown()

    return page


def test_the_address_chooses_and_the_filters_show_it(evidence: Callable[..., str], app: AppTest) -> None:
    page = evidence(channel="pay", status="stalled", q="crane", **{"from": "2020-01-01"})
    assert "1 report, newest first" in page
    assert "only from 1 Jan 2020 · <a href" in page
    assert "Dock talks on hold" in page
    assert app.selectbox(key="evidence.status").value == "stalled"
    assert app.text_input(key="evidence.q").value == "crane"
    assert "No report is like that." in evidence(q="crane", until="2020-01-01")
    assert "No report is like that." in evidence(outlet="Daily Tide", q="crane")


def test_what_the_address_cannot_mean_is_named(evidence: Callable[..., str]) -> None:
    page = evidence(status="<b>", lang="xx", **{"from": "soon"})
    assert "passed over: status=&lt;b&gt;, lang=xx, from=soon." in page
    assert "5 reports" in page


def test_a_filter_goes_into_the_address(evidence: Callable[..., str], app: AppTest) -> None:
    evidence(p="3")
    app.selectbox(key="evidence.channel").select("safety").run()
    assert app.query_params["channel"] in ("safety", ["safety"])
    assert "p" not in app.query_params


def test_one_article_has_no_filters_and_an_unknown_one_says_so(
    evidence: Callable[..., str], app: AppTest
) -> None:
    page = evidence(article=fact_id("test-article", "a4"))
    assert ">Dockers reject new round</h1>" in page
    assert not app.selectbox
    claims = [element.proto.body for element in app.get("html") if "id='claim-1'" in element.proto.body]
    assert len(claims) == 1
    assert "<h2>One claim</h2>" in claims[0]
    page = evidence(article="<b>")
    assert "There is no such article" in page
    assert "&lt;b&gt;" in page


def test_the_past_is_honoured(evidence: Callable[..., str]) -> None:
    then = (DAY - timedelta(days=20)).isoformat()
    page = evidence(as_of=then)
    assert "As it was on" in page
    assert "2 reports, newest first" in page
    both = evidence(view="both", channel="pay", as_of=then)
    assert "Says: Talks under way (1)" in both
    assert f"as_of={then}" in both
    assert "No report on this topic" in evidence(known_at="2020-01-01")
    assert "Nothing is known of these talks." in evidence(view="both", channel="pay", known_at="2020-01-01")


def test_both_sides_are_of_every_channel_or_of_one(evidence: Callable[..., str], model: ReadModel) -> None:
    assert evidence(view="both").count("<section class='channel'") == 3
    one = evidence(view="both", channel="safety")
    assert one.count("<section class='channel'") == 1
    assert "Says: Talks proposed (1)" in one


def test_an_operator_judges_the_claims_of_both_sides_and_stays_there(
    evidence: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Dismiss this claim" not in evidence(view="both")
    monkeypatch.setattr("dashboard.operators.signed_in", lambda: Operator("desk", "a-token"))
    page = evidence(view="both", channel="pay")
    assert "view=both&amp;channel=pay&amp;judge=" in page
    assert page.count("Dismiss this claim") == page.count("<blockquote")

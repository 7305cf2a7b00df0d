"""The pages Method and Subscribe: what they say in each state."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import method_view, subscribe_view, words
from dashboard.api import Subscribing
from dashboard.subscribe_view import SubscribePage
from monitor.readmodel.queries import Proved, TopicEntry
from tests.readmodel.story import Story

NONE = dict.fromkeys(words.LEAST, Proved(0, 0, 0, 0))
TOPIC = TopicEntry(topic="docks", label="Docks <b>", channels={"pay": "Union & port"})
OPEN = SubscribePage(TOPIC, "https://talks.example", is_public=True, offered=Subscribing(True, True))


def test_every_status_has_its_meaning_and_every_word_its_percentages() -> None:
    page = method_view.page(NONE)
    for look in words.STATUSES.values():
        assert f"{look.word}</span></th>" in page
    assert "80% to 95%" in page
    assert "0% to 40%" in page
    assert "Nothing has been told in this topic yet" in page


def test_few_shifts_are_called_few_and_have_no_share() -> None:
    page = method_view.page({**NONE, "likely": Proved(told=4, withdrawn=1, reported=4, confirmed=2)})
    assert "Only 4 shifts have been told so far" in page
    assert "<div>3</div>" in page
    assert "2 of 4" in page
    assert "(75%)" not in page


def test_of_many_the_share_that_stands_is_said() -> None:
    page = method_view.page({**NONE, "likely": Proved(told=40, withdrawn=10, reported=30, confirmed=12)})
    assert "too few" not in page
    assert "30 (75%)" in page
    assert "12 of 30" in page


def test_it_leads_to_what_it_offers_with_the_topic_and_the_channel_filled_in() -> None:
    page = subscribe_view.page(OPEN)
    start = "https://talks.example/v1"
    assert f'href="{start}/subscriptions/new?topics=docks"' in page
    assert f'href="{start}/subscriptions/new?topics=docks&amp;channels=pay"' in page
    for feed in ("atom", "rss", "json"):
        assert f'href="{start}/topics/docks/alerts.{feed}"' in page
    assert f"{start}/topics/docks/stream" in page
    assert "Docks &lt;b&gt;" in page
    assert "Union &amp; port" in page
    assert "banner" not in page
    assert "token" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_public": False}, "No public address is set:"),
        ({"offered": Subscribing(False, True)}, "Subscribing by email is closed."),
        ({"offered": Subscribing(True, False)}, "give it to your feed reader as the password"),
        ({"offered": None, "trouble": "nobody <i>"}, "does not answer at the moment:</b> nobody &lt;i&gt;"),
    ],
)
def test_what_is_not_there_is_said(changes: dict[str, object], said: str) -> None:
    page = subscribe_view.page(replace(OPEN, **changes))
    assert said in page
    assert ("subscriptions/new" in page) == (
        "offered" not in changes or changes["offered"] == Subscribing(True, False)
    )


def test_both_are_shown_over_the_read_model(
    told: Story, app: AppTest, shown: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARLEY_DASHBOARD_API_URL", "http://127.0.0.1:9")
    shown()
    app.switch_page("pages_/method.py")
    assert "Only 3 shifts have been told so far" in shown()
    app.switch_page("pages_/subscribe.py")
    html = shown()
    assert "does not answer at http://127.0.0.1:9" in html
    assert "http://127.0.0.1:9/v1/topics/docks/alerts.atom" in html

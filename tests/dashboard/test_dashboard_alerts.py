"""The Alerts page and one alert, run by Streamlit without a browser."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import alerts_view, exports, visits
from dashboard.api import OPEN_VARIABLE
from dashboard.links import Links
from dashboard.words import Zones
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import AlertFilter, AlertsPage, Delivered
from tests.readmodel.story import START, TOPIC, Story, project, tell_all

Shown = Callable[[], str]


@pytest.fixture
def alerts(told: Story, app: AppTest, shown: Shown) -> Callable[..., str]:
    """Opens the page under an address, and gives its HTML."""
    shown()
    app.switch_page("pages_/alerts.py")

    def run(**address: str | list[str]) -> str:
        app.query_params = dict(address)
        app.run()
        assert not app.exception, app.exception
        pages = [one.proto.body for one in app.get("html") if "stopped" not in one.proto.body]
        return next(one for one in reversed(pages) if one.startswith('<div class="parley">'))

    return run


def alert_called(story: Story, name: str) -> str:
    events = (one.event for one in story.log.read_all(story.topic.id))
    return next(
        str(event.data["alert_id"])
        for event in events
        if event.type.startswith("alert.") and event.data.get("name") == name
    )


def shift_called(story: Story, name: str) -> Event:
    return next(one.event for one in story.log.read_all("docks") if one.event.data.get("name") == name)


def test_alerts_say_what_changed_how_sure_and_why_something_was_not_sent(
    told: Story, alerts: Callable[..., str]
) -> None:
    page = alerts()
    assert "5 alerts · times in UTC" in page
    assert ">Sunday 1 Mar 2026</time></h2>" in page
    assert page.count("<span class='tag held'>not sent</span>") == 2
    assert "it came with articles that were there before Parley watched" in page
    assert "<b>Talks rejected</b> · Very likely, reported" in page
    assert "a new shift · said by officials or mediators</p>" in page
    assert "by hand" not in page
    assert f"alerts?topic=docks&amp;alert={alert_called(told, 'talks rejected')}" in page


def test_the_address_filters_and_the_page_says_so(alerts: Callable[..., str]) -> None:
    cases: list[tuple[dict[str, str | list[str]], int, str]] = [
        ({"to": ["stalled", "rejected"]}, 2, "Talks stalled, Talks rejected"),
        ({"state": "told", "channel": "safety"}, 1, "Union and ministry · Told"),
        ({"q": "HARBOUR hold"}, 1, "with the words “HARBOUR hold”"),
        ({"from": "2026-03-01", "until": "2026-03-01"}, 5, "from 1 Mar 2026 · until 1 Mar 2026"),
        ({"certainty": "confirmed", "contested": "yes"}, 0, "confirmed · Contested"),
        ({"until": "2026-02-28"}, 0, "until 28 Feb 2026"),
    ]
    for address, expected, said in cases:
        page = alerts(**address)
        assert page.count("<a class='name'") == expected
        assert f"{said} · <a href=" in page
        assert ("No alert fits these filters." in page) == (expected == 0)


def test_what_an_address_should_not_say_is_named_and_does_nothing(alerts: Callable[..., str]) -> None:
    page = alerts(to=["<b>", "rejected"], p="0", channel="tea")
    assert "to=&lt;b&gt;, channel=tea, p=0" in page
    assert page.count("<a class='name'") == 1
    assert "5 alerts" in alerts(p="99"), "after the last page stands the last one"


def test_an_alert_that_was_taken_back_stays_listed_with_what_happened_to_it(
    told: Story, model: ReadModel, alerts: Callable[..., str]
) -> None:
    told.withdraw(shift_called(told, "talks rejected"))
    project(told, model)
    page = alerts(state="gone")
    assert "<li class='gone'>" in page
    assert "<span class='tag struck'>taken back</span>" in page
    assert "taken back, the evidence fell away</li>" in page
    one = alerts(alert=alert_called(told, "talks rejected"))
    assert "<h1 class='struck'>" in one
    assert "How sure it was" in one
    assert "Why it counts" not in one, "it counts no more"
    assert "This alert was taken back:</b> the evidence fell away" in one


def test_as_of_and_known_at_leave_out_what_came_later(told: Story, alerts: Callable[..., str]) -> None:
    assert "5 alerts" in alerts(known_at="2026-03-01")
    assert "0 alerts" in alerts(known_at="2026-02-28")
    assert "0 alerts" in alerts(as_of="2025-01-01")


def test_a_messages_link_shows_its_alert_whole(told: Story, alerts: Callable[..., str], app: AppTest) -> None:
    page = alerts(topic="docks", alert=alert_called(told, "talks rejected"))
    assert '<span class="chip big s-rejected" aria-hidden="true">' in page
    assert "<b>Very likely</b> <small>(80%)</small>" in page
    assert "<span>Says: Talks rejected (1)</span>" in page
    assert "<mark>The dockers’ leader rejected a new round of talks</mark>, three delegates said" in page
    assert "<span>Says: otherwise (0)</span>" in page
    assert "1 article, 1 outlet" in page
    assert "1 article, 1 outlet, said by officials or mediators" in page
    assert "a second outlet, or a party’s own word, would confirm it" in page.replace("&#x27;", "’")
    assert "<details class='found'><summary>How Parley read this</summary>" in page
    assert "Rule: <code>by hand</code>" in page.partition("<summary>")[2].partition("</details>")[0]
    assert "<b>Alert raised</b>" in page
    assert "by nobody yet" in page
    assert not app.multiselect, "one alert has no filters"
    assert "Since then" not in page, "it still holds"
    held = alerts(alert=alert_called(told, "talks begun"))
    assert "This alert was not sent:</b> history" in held
    later = held.partition("Since then:</b>")[2].partition("</p>")[0]
    assert ">Talks rejected</a>" in later
    assert "since" in later


def test_an_unknown_alert_says_so(alerts: Callable[..., str]) -> None:
    page = alerts(alert="<b>none</b>")
    assert "There is no alert &lt;b&gt;none&lt;/b&gt;" in page
    assert "All alerts</a>" in page


def test_an_alert_of_another_topic_is_found_without_its_topic(
    fake_log: EventLog, model: ReadModel, alerts: Callable[..., str]
) -> None:
    other = Story(fake_log, TOPIC.model_copy(update={"id": "cranes", "label": "Crane drivers"}))
    tell_all(other)
    project(other, model)
    page = alerts(topic="docks", alert=alert_called(other, "talks rejected"))
    assert "Crane drivers · Union and port authority" in page
    assert 'href="alerts?topic=cranes"' in page


def test_many_alerts_are_turned_page_by_page(
    alerts: Callable[..., str], app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts_view, "PER_PAGE", 2)
    first = alerts(state="told", to=["proposed", "rejected", "stalled"])
    assert first.count("<a class='name'") == 2
    older = 'href="alerts?topic=docks&amp;to=proposed&amp;to=rejected&amp;to=stalled&amp;state=told&amp;p=2"'
    assert older in first
    assert "Page 1 of 2" in first
    assert "← Newer" not in first
    last = alerts(p="99")
    assert last.count("<a class='name'") == 1
    assert "Page 3 of 3" in last
    assert 'href="alerts?topic=docks&amp;p=2"' in last
    assert "Older →" not in last
    assert "class='turn'" not in alerts(to="rejected")
    alerts(p="3")
    app.multiselect[0].select("rejected").run()
    assert "p" not in app.query_params


def view_of(model: ReadModel, **more: object) -> alerts_view.AlertsPage:
    found: AlertsPage = queries.alerts_page(model, "docks")
    fields = {
        "topic": queries.topics(model)[0],
        "parties": {},
        "alerts": found.alerts,
        "total": found.total,
        "deliveries": {},
        "zones": Zones("Asia/Karachi"),
        "links": Links("docks"),
        **more,
    }
    return alerts_view.AlertsPage(**fields)


def test_what_is_new_since_the_last_visit_is_marked(told: Story, model: ReadModel) -> None:
    last = queries.alerts(model)[0].raised_at
    new = alerts_view.page(view_of(model, visited_at=queries.alerts(model)[2].raised_at))
    assert "2 new or changed on this page since your last visit on" in new
    assert new.count("<span class='tag new'>new</span>") == 2
    assert "Nothing new since your last visit on" in alerts_view.page(view_of(model, visited_at=last))
    assert "visit" not in alerts_view.page(view_of(model))


def test_of_many_changes_the_list_shows_the_last(told: Story, model: ReadModel) -> None:
    found = queries.alerts_page(model, "docks").alerts[0]
    step = found.entry.changes[0]
    later = [step.model_copy(update={"state": "updated", "reason": f"why {nth}"}) for nth in range(5)]
    entry = found.entry.model_copy(update={"changes": [step, *later]})
    page = alerts_view.page(view_of(model, alerts=[replace(found, entry=entry)], total=1))
    assert f'alert={entry.alert}" target="_self">all 6 changes, the last of which are:</a>' in page
    assert [nth for nth in range(5) if f"why {nth}" in page] == [2, 3, 4]


def test_deliveries_stand_there_in_numbers(told: Story, model: ReadModel) -> None:
    alert = queries.alerts(model)[0].alert
    numbers = [
        Delivered("chat", "sent", 2),
        Delivered("email", "sent", 1200),
        Delivered("email", "waiting", 3),
    ]
    assert "chat 2 sent; email 1,200 sent, 3 waiting" in alerts_view.page(
        view_of(model, deliveries={alert: numbers})
    )


def test_files_come_from_the_api_where_its_address_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = AlertFilter(
        status=("agreed", "rejected"), state=("raised", "updated"), q="a&b", first=START, contested=False
    )
    monkeypatch.setenv(OPEN_VARIABLE, "https://api.press.example/")
    links = exports.addresses("docks", chosen, 501)
    asked = (
        "status=agreed&status=rejected&state=raised&state=updated&contested=false"
        "&from=2026-03-01T08%3A00%3A00%2B00%3A00&q=a%26b"
    )
    place = "https://api.press.example/v1/topics/docks/alerts"
    assert links == {
        "CSV": f"{place}.csv?{asked}",
        "JSON (the first 500)": f"{place}?{asked}&limit=500",
    }
    monkeypatch.setenv(OPEN_VARIABLE, "")
    assert exports.addresses("docks", chosen, 5) == {}


def test_without_the_api_the_page_makes_the_files(alerts: Callable[..., str], app: AppTest) -> None:
    alerts(to="rejected")
    assert [one.label for one in app.get("download_button")] == ["CSV", "JSON"]


def test_a_visit_ends_after_half_an_hour() -> None:
    first = datetime(2026, 3, 1, 8, tzinfo=UTC)
    stamp = int(first.timestamp())
    cookies = {visits.COOKIE: f".{stamp}"}
    assert visits.last_visit({}) is None
    assert visits.last_visit(cookies) is None
    assert visits.written({}, first, secure=False) == (
        f"parley_visits=.{stamp}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    )
    soon = visits.written(cookies, first.replace(minute=29), secure=True)
    assert soon.startswith(f"parley_visits=.{stamp + 29 * 60};")
    assert soon.endswith("; Secure")
    later = visits.written(cookies, first.replace(hour=9), secure=False)
    assert later.startswith(f"parley_visits={stamp}.{stamp + 3600};")
    assert visits.last_visit({visits.COOKIE: f"{stamp}.{stamp + 3600}"}) == first


@pytest.mark.parametrize("value", ["", "x.y", "1e5.2", "99999999999999.1", "-1.2", "²."])
def test_a_cookie_that_is_none_of_ours_says_nothing(value: str) -> None:
    assert visits.last_visit({visits.COOKIE: value}) is None

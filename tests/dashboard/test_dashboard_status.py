"""The Status page's states that the read model does not hold: unchecked, announced, loading."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from dashboard import announce, fresh_view, markup, pictures, words
from dashboard.links import Links
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.queries import Checks
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.vocabulary import Attribution, Position, Status
from tests.dashboard.conftest import TODAY
from tests.readmodel.story import Story, claim, project

Shown = Callable[[], str]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(model: ReadModel, ago: timedelta) -> None:
    """The topic's sources were read so long ago, by a quarter of an hour each; one of three fails."""
    then, engine = datetime.now(UTC) - ago, model.store.service()
    SourceStates(engine)
    with Session(engine) as session:
        for name, error in (("a", ""), ("b", ""), ("c", "http: 500")):
            state = SourceState(
                source_id=name, place=f"https://{name}.example/", host=f"{name}.example", topics="docks",
                due_at=stamp(then + timedelta(minutes=15)), polled_once=True, last_poll_at=stamp(then),
                last_ok_at=stamp(then), last_error=error, error_streak=4 if error else 0,
            )  # fmt: skip
            session.merge(state)
        session.commit()
    engine.dispose()


def ticking(app: AppTest) -> str:
    return next(one.proto.body for one in app.get("html") if 'class="parley ticking"' in one.proto.body)


def test_fresh_says_when_the_sources_were_read_and_how_many_are_well(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    read(model, timedelta(seconds=28))
    page = shown()
    assert 'class="hero s-rejected"' in page
    line = ticking(app)
    assert "Checked 28 s ago" in line or "Checked 29 s ago" in line or "Checked 3" in line
    assert '<a href="sources?topic=docks" target="_self">2 of 3 sources OK</a>' in line


def test_unchecked_is_grey_and_says_since_when_and_is_told_apart_from_stale(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    read(model, timedelta(hours=3, minutes=12, seconds=5))
    page = shown()
    assert "Not current:</b> last check 3 h 12 min ago." in ticking(app)
    assert 'class="hero s-rejected stale"' in page
    assert "Last known: talks rejected</h1>" in page
    assert "No new evidence" not in page
    assert "last check" not in page, "what ticks stands apart"
    read(model, timedelta(seconds=5))
    assert 'class="hero s-rejected"' in shown()


def test_the_past_is_not_unchecked(told: Story, model: ReadModel, app: AppTest, shown: Shown) -> None:
    read(model, timedelta(hours=9))
    app.query_params["as_of"] = (TODAY - timedelta(days=1)).isoformat()
    page = shown()
    assert 'class="hero s-rejected"' in page
    assert "status then" in page
    assert not [one for one in app.get("html") if 'class="parley ticking"' in one.proto.body]


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (Checks(last_at=NOW, well=1, total=1, is_current=True), ["Checked 0 s ago", "1 of 1 source OK"]),
        (Checks(last_at=None, well=0, total=4, is_current=True), ["Not checked yet", "0 of 4 sources OK"]),
        (
            Checks(last_at=None, well=0, total=0, is_current=True),
            ["Articles are added by hand"],
        ),
        (Checks(last_at=None, well=0, total=4, is_current=False), ["Not current:", "could not be read yet"]),
    ],
)
def test_what_ticks_has_a_word_for_every_state(checks: Checks, said: list[str]) -> None:
    line = fresh_view.line(checks, NOW, Links("docks"))
    assert all(one in line for one in said), line


def test_a_shift_that_comes_while_somebody_looks_is_announced_once(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    shown()
    assert not app.toast, "not on the first load"
    text = "The dockers and the port authority signed an accord on pay at dawn, both sides said."
    article = told.article("a9", "Harbour Post", TODAY, "Accord at dawn", text)
    found = claim(
        article, "pay", "agreement", "signed an accord on pay", TODAY, TODAY, position=Position.HEADLINE
    )
    told.claims(article, found)
    shift = told.shift(
        article, "pay", Status.REJECTED, Status.AGREED, "agreement reached", (TODAY, TODAY), [found]
    )
    project(told, model)
    shown()
    assert [one.value for one in app.toast] == ["New: ★ Agreement reached · Union and port authority"]
    shown()
    assert not app.toast
    told.withdraw(shift)
    project(told, model)
    shown()
    assert not app.toast, "what came before is no news"


def test_shifts_that_come_together_are_each_announced_but_none_of_the_past(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    shown()
    old, text = (
        TODAY - timedelta(days=500),
        "The dockers signed accords with the port authority and the ministry.",
    )
    article = told.article("b1", "Harbour Post", TODAY, "Accords at dawn", text)
    claims = [
        claim(article, channel, "agreement", "signed accords", TODAY, TODAY, position=Position.HEADLINE)
        for channel in ("pay", "safety")
    ]
    told.claims(article, *claims)
    for channel, day in (("pay", TODAY), ("safety", TODAY), ("pay", old)):
        told.shift(article, channel, Status.NONE, Status.AGREED, "agreement reached", (day, day), claims)
    project(told, model)
    shown()
    assert sorted(one.value for one in app.toast) == [
        "New: ★ Agreement reached · Union and ministry",
        "New: ★ Agreement reached · Union and port authority",
    ]


def test_a_channels_name_is_no_markdown_in_an_announcement() -> None:
    assert announce._plain("[x](http://y) :red[*z*]") == r"\[x\]\(http\:\/\/y\) \:red\[\*z\*\]"


def test_another_topics_last_shift_is_no_news(
    told: Story, model: ReadModel, app: AppTest, shown: Shown
) -> None:
    other = Story(told.log, told.topic.model_copy(update={"id": "rail", "label": "Rail"}))
    other.define()
    project(other, model)
    app.query_params["topic"] = "rail"
    shown()
    app.query_params["topic"] = "docks"
    shown()
    assert not app.toast


def test_a_report_of_these_hours_is_told_by_the_hour(
    fake_log: EventLog, model: ReadModel, shown: Shown
) -> None:
    story, at = Story(fake_log), datetime.now(UTC) - timedelta(hours=19, minutes=5)
    story.define()
    text = "The dockers and the port authority signed an accord on pay at dawn, both sides said."
    article = story.article("x", "Post", at.date(), "Accord", text, published_at=at, precision="time")
    story.claims(article, claim(article, "pay", "agreement", "signed an accord", at.date(), at.date()))
    project(story, model)
    page = shown()
    assert "for <b>19 h</b> · first reported <time" in page
    assert words.moment(at, words.Zones(None, None)) in page


@pytest.mark.parametrize("status", words.STATUSES)
def test_every_status_has_an_icon_of_its_own_that_greys_when_it_is_old(status: str) -> None:
    icon, old = pictures.icon(status, is_old=False), pictures.icon(status, is_old=True)
    assert words.STATUSES[status].light in icon
    assert words.STATUSES[status].light not in old or status == "none"
    others = {pictures.icon(one, is_old=True) for one in words.STATUSES if one != status}
    assert old not in others, "the shape alone tells it from the others"


@pytest.mark.parametrize(
    ("attribution", "said"),
    [
        (Attribution.PARTY, "Confirmed by Dockers’ union, on the record"),
        (Attribution.OUTLET, "Confirmed by two outlets’ own reports"),
        (None, "Reported, not yet confirmed"),
    ],
)
def test_the_page_says_who_confirmed_the_status(
    told: Story, model: ReadModel, shown: Shown, attribution: Attribution | None, said: str
) -> None:
    if attribution:
        quote = "will not come to another round"
        article = told.article(
            "again", "Harbour Post", TODAY, "No round", f"The dockers {quote}, it is said."
        )
        own = {"speaker": "union"} if attribution is Attribution.PARTY else {}
        more = claim(article, "pay", "rejected", quote, TODAY, TODAY, attribution=attribution, **own)
        told.claims(article, more)
        project(told, model)
    page = shown()
    assert said in page.replace("&#x27;", "’")
    named = "Evening Anchor, Harbour Post" if attribution else "Evening Anchor"
    assert f"<small>{named} · nobody says otherwise</small>" in page


def test_the_page_names_the_first_few_of_many_outlets_and_the_day_that_it_speaks_of(
    told: Story, model: ReadModel, shown: Shown
) -> None:
    for outlet in ("Harbour Post", "Quay <b>Radio</b>", "Tide & Mast", "Winch Weekly"):
        text = f"{outlet}: the dockers will not come to another round."
        article = told.article(outlet, outlet, TODAY, "No round", text)
        told.claims(article, claim(article, "pay", "rejected", "will not come", TODAY, TODAY))
    project(told, model)
    page = shown()
    assert "Evening Anchor, Harbour Post, Quay &lt;b&gt;Radio&lt;/b&gt; and 2 more · " in page
    assert f"Union and port authority · now, {words.day(TODAY)}" in page


def test_how_sure_has_a_step_for_each_word() -> None:
    for number, (word, least) in enumerate(sorted(words.LEAST.items(), key=lambda one: one[1]), 1):
        meter = markup.meter(least)
        assert (meter.count('"on"'), words.confidence(least) in meter) == (number, True), word


def test_a_passage_that_begins_with_a_quotation_mark_gets_no_second_one() -> None:
    assert markup.inline("Talks are over") == "“Talks are over”"
    assert markup.inline('"Never," she said') == "&quot;Never,&quot; she said"


def test_the_other_channels_stand_in_the_hero_too_and_the_way_names_what_was_before(
    told: Story, model: ReadModel, shown: Shown
) -> None:
    page = shown()
    (elsewhere,) = re.findall(r'<ul class="elsewhere".*?</ul>', page)
    assert "Union and ministry: talks proposed" in elsewhere
    before = queries.timeline(model, "docks").channels[0].segments[-2]
    assert f"<b>{words.sentence(before.name)}</b>" in page

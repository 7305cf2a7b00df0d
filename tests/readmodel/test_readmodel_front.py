"""What the Status page asks beside the status: the way, who says so, and the newest alerts, now and in the past."""

from datetime import UTC, date, datetime

from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.vocabulary import Attribution, Position, Precision
from tests.readmodel.story import START, Story, claim, project


def test_the_way_has_the_segments_and_the_sides_have_their_articles(told: Story, model: ReadModel) -> None:
    front = queries.front(model, "docks", "pay")
    whole = queries.timeline(model, "docks")
    for bare, full in zip(front.channels, whole.channels, strict=True):
        assert [one.name for one in bare.segments] == [one.name for one in full.segments]
        assert all(not one.evidence for one in bare.segments)
    assert (front.carrying.articles, front.carrying.outlets) == (1, frozenset({"Evening Anchor"}))
    assert front.against.articles == 0
    assert [one.quote for one in front.passages.carrying]
    assert queries.front(model, "docks", "mediation").carrying.articles == 0


def test_it_is_told_whether_the_party_itself_says_so(told: Story, model: ReadModel) -> None:
    assert queries.front(model, "docks", "pay").carrying.on_record == []
    day = date(2026, 3, 3)
    text = "We will not sit down with the port authority again, the dockers' leader said."
    article = told.article("x", "Harbour Post", day, "No more talks", text)
    quote = "We will not sit down with the port authority again"
    own = claim(article, "pay", "rejected", quote, day, day, attribution=Attribution.PARTY, speaker="union")
    told.claims(article, own)
    project(told, model)
    assert queries.front(model, "docks", "pay").carrying.on_record == ["Dockers' union"]


def test_the_first_report_is_told_to_the_minute_only_where_that_is_known(
    told: Story, model: ReadModel
) -> None:
    assert queries.front(model, "docks", "pay").carrying.first_at is None
    at = datetime(2026, 3, 3, 4, 12, tzinfo=UTC)
    text = "The dockers and the port authority signed an accord on pay at dawn, both sides said."
    article = told.article(
        "x", "Harbour Post", at.date(), "Accord", text, published_at=at, precision=Precision.TIME
    )
    told.claims(
        article,
        claim(
            article, "pay", "agreement", "signed an accord on pay", at.date(), at.date(), position=Position.HEADLINE
        ),
    )  # fmt: skip
    project(told, model)
    assert queries.front(model, "docks", "pay").carrying.first_at == at


def test_the_past_is_answered_too(told: Story, model: ReadModel) -> None:
    then = queries.front(model, "docks", "pay", as_of=date(2026, 1, 25))
    assert [one.status for one in then.channels[0].segments] == ["proposed", "underway"]
    assert [one.outlet for one in then.passages.carrying] == ["Daily Tide"]
    before = queries.front(model, "docks", "pay", known_at=START)
    assert before.channels[0].segments == []

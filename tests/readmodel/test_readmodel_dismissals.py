"""Claims that a person called wrong: who said so, when and why; and that each time is remembered."""

from datetime import timedelta

import pytest

from monitor.errors import NotFoundError
from monitor.ids import fact_id
from monitor.log.events import ClaimJudged, Event
from monitor.log.stream import EventLog
from monitor.readmodel import queries
from monitor.readmodel.dismissals import claim_named, dismissed_claims, judged_claim
from monitor.readmodel.model import ReadModel
from monitor.readmodel.rebuild import rebuild
from tests.readmodel.story import TOPIC, Story, dump, project


def judge(story: Story, claim: str, verdict: str, who: str, why: str) -> Event:
    said = ClaimJudged(claim_id=claim, operator_id=who, why=why)
    return story.tell(f"claim.{verdict}", said, fact_id(verdict, claim, who, why))


def rejected(model: ReadModel) -> str:
    (claim,) = (one.id for one in queries.claims(model, "docks") if one.status == "rejected")
    return claim


def test_a_dismissed_claim_is_listed_with_who_when_and_why(told: Story, model: ReadModel) -> None:
    claim = rejected(model)
    assert judged_claim(model, "docks", claim).dismissal is None
    said = judge(told, claim, "dismissed", "ab12", "It speaks of last year.")
    project(told, model)
    (listed,) = dismissed_claims(model, "docks")
    assert listed == judged_claim(model, "docks", claim)
    assert listed.is_dismissed
    assert listed.claim.span["text"] == "The dockers’ leader rejected a new round of talks"
    assert listed.dismissal is not None
    assert (listed.dismissal.dismissed_by, listed.dismissal.dismissed_why) == (
        "ab12",
        "It speaks of last year.",
    )
    assert (listed.dismissal.dismissed_at, listed.dismissal.event) == (said.recorded_at, said.id)


def test_a_restored_claim_is_listed_no_more_but_for_the_time_in_which_it_was_dismissed(
    told: Story, model: ReadModel
) -> None:
    claim = rejected(model)
    gone = judge(told, claim, "dismissed", "ab12", "old")
    back = judge(told, claim, "restored", "cd34", "of this week after all")
    project(told, model)
    assert dismissed_claims(model, "docks") == []
    last = judged_claim(model, "docks", claim).dismissal
    assert last is not None
    assert not last.stands
    assert (last.restored_by, last.restored_why, last.event) == ("cd34", "of this week after all", back.id)
    second = timedelta(seconds=1)
    for moment, count in ((gone.recorded_at - second, 0), (gone.recorded_at, 1), (back.recorded_at, 0)):
        assert len(dismissed_claims(model, "docks", known_at=moment)) == count


def test_each_dismissal_is_remembered_and_of_two_at_once_the_first_counts(
    told: Story, model: ReadModel, fake_log: EventLog
) -> None:
    claim = rejected(model)
    judge(told, claim, "restored", "ab12", "nobody had dismissed it")
    for who, verdict in (
        ("ab12", "dismissed"),
        ("cd34", "dismissed"),
        ("cd34", "restored"),
        ("ef56", "dismissed"),
    ):
        judge(told, claim, verdict, who, verdict)
    project(told, model)
    (now,) = dismissed_claims(model, "docks")
    assert now.dismissal is not None
    assert now.dismissal.dismissed_by == "ef56"
    assert [(row[2], row[5]) for row in dump(model)["dismissal"]] == [(0, "ab12"), (1, "ef56")]
    live = dump(model)
    rebuild(model, fake_log, [TOPIC])
    assert dump(model) == live


def test_a_claim_is_named_by_the_beginning_of_its_id(told: Story, model: ReadModel) -> None:
    claim = rejected(model)
    assert claim_named(model, "docks", f" {claim[:8].upper()} ") == claim
    for start in (claim[:5], "", "%%%%%%%%", "ffffffff"):
        with pytest.raises(NotFoundError, match="not one claim"):
            claim_named(model, "docks", start)
    with pytest.raises(NotFoundError, match="no topic"):
        claim_named(model, "nowhere", claim)
    with pytest.raises(NotFoundError, match="no claim"):
        judged_claim(model, "docks", "0" * 32)

"""A person's word on a claim: into the log once, whoever repeats it, and refused where it says nothing new."""

from datetime import UTC, datetime

import pytest

from monitor.errors import AlreadyError, BadInputError, NotFoundError
from monitor.log.events import LONGEST_WHY, ClaimJudged, Event, Verdict, data_of
from monitor.log.stream import EventLog
from monitor.log.verify import verify
from monitor.readmodel import queries
from monitor.readmodel.model import ReadModel
from monitor.readmodel.store import Store
from monitor.service.judging import Bench, Judged, Word, reason
from tests.readmodel.story import TOPIC, Story, project, tell_all

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Court:
    """The made-up story, and who judges its claims."""

    def __init__(self, log: EventLog, store: Store) -> None:
        self.log, self.model = log, ReadModel(store)
        self._story = Story(log)
        tell_all(self._story)
        self.read()
        self.bench = Bench(log, self.model, {TOPIC.id: TOPIC})

    def read(self) -> None:
        project(self._story, self.model)

    def claim(self, status: str = "rejected") -> str:
        return next(one.id for one in queries.claims(self.model, "docks") if one.status == status)

    def judge(
        self, claim: str, verdict: Verdict, who: str = "ab12", why: str = "It is of last year."
    ) -> Judged:
        return self.bench.judge("docks", claim, Word(verdict, who, why), NOW)

    def words(self) -> list[Event]:
        assert verify(self.log) == []
        return [one.event for one in self.log.read_all("docks") if one.event.type.startswith("claim.")]


@pytest.fixture
def court(fake_log: EventLog, store: Store) -> Court:
    return Court(fake_log, store)


def test_a_claim_is_dismissed_restored_and_dismissed_again(court: Court) -> None:
    claim = court.claim()
    for verdict in ("dismissed", "restored", "dismissed"):
        court.judge(claim, verdict, why=f"  {verdict},\n as I   think ")
        court.read()
        held = claim in {one.id for one in queries.claims(court.model, "docks")}
        assert held == (verdict == "restored")
    words = court.words()
    assert [one.type for one in words] == ["claim.dismissed", "claim.restored", "claim.dismissed"]
    assert len({one.id for one in words}) == 3
    assert data_of(words[1], ClaimJudged) == ClaimJudged(
        claim_id=claim, operator_id="ab12", why="restored, as I think"
    )
    assert [one.cause for one in words] == [None, words[0].id, words[1].id]


def test_the_same_word_again_changes_nothing_whether_the_first_was_read_or_not(court: Court) -> None:
    claim = court.claim()
    first = court.judge(claim, "dismissed")
    assert court.judge(claim, "dismissed") == first
    court.read()
    again = court.judge(claim, "dismissed")
    assert (again.event, again.position) == (first.event, None)
    assert len(court.words()) == 1


def test_what_is_so_already_is_refused_and_says_who_when_and_why(court: Court) -> None:
    claim = court.claim()
    with pytest.raises(AlreadyError, match="is not dismissed"):
        court.judge(claim, "restored")
    court.judge(claim, "dismissed")
    court.read()
    with pytest.raises(AlreadyError, match=r"already, on 2026-03-02 00:00 UTC by ab12: It is of last year\."):
        court.judge(claim, "dismissed", who="cd34")
    assert len(court.words()) == 1


def test_a_claim_that_a_newer_text_has_replaced_cannot_be_dismissed(court: Court) -> None:
    claim = court.claim()
    story = court._story
    old = next(
        one.event for one in court.log.read_all("docks") if one.event.data.get("outlet") == "Evening Anchor"
    )
    story.article(
        "a4", "Evening Anchor", datetime(2026, 2, 26, tzinfo=UTC).date(), "Rain", "It rains.", previous=old
    )
    court.read()
    with pytest.raises(AlreadyError, match="held true no longer"):
        court.judge(claim, "dismissed")


@pytest.mark.parametrize("topic", ["nowhere", ""])
def test_a_topic_that_nobody_watches_is_refused(court: Court, topic: str) -> None:
    with pytest.raises(NotFoundError, match="watched are docks"):
        court.bench.judge(topic, court.claim(), Word("dismissed", "ab12", "why"), NOW)


def test_a_claim_that_never_was_is_refused(court: Court) -> None:
    with pytest.raises(NotFoundError, match="docks has no claim"):
        court.judge("0" * 32, "dismissed")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("", "say why"),
        (" \n\t", "say why"),
        ("x" * (LONGEST_WHY + 1), "501 characters"),
        ("a\x00b", "control characters"),
        ("a\ud800b", "control characters"),
    ],
)
def test_a_word_without_a_good_reason_is_refused(court: Court, why: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        court.judge(court.claim(), "dismissed", why=why)
    assert court.words() == []


def test_a_reason_may_be_in_any_script() -> None:
    assert reason("یہ پچھلے سال کی بات\u200c ہے") == "یہ پچھلے سال کی بات\u200c ہے"
    assert len(reason("x" * LONGEST_WHY)) == LONGEST_WHY

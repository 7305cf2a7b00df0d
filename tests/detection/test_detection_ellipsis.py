"""What stands for talks or for who talks is told by what is near, at most two sentences back or in the headline."""

from datetime import UTC, datetime

import pytest

from monitor.detection import Document, detect
from monitor.detection.model import Sentence
from monitor.detection.quotes import Quotes
from monitor.topics import ANY, load_topics
from monitor.vocabulary import Position

PUBLISHED = datetime(2025, 6, 3, tzinfo=UTC)
PTI = load_topics()["pti"]
FILLER = "Gold fell. Oil fell. Wheat fell. "
TALKS = "PTI and the federal government held talks on Monday. "


def last(text: str, *, title: str = "", topic: str = "pti") -> tuple[list[str], list[str]]:
    """The kinds that the last sentence claims, and the reasons for which it claims less."""
    found = detect(Document(title, text, PUBLISHED), PTI if topic == "pti" else ANY, "0" * 32)
    start = found.sentences[-1].start
    inside = [one for one in found.claims if not one.span.in_title and one.span.start >= start]
    dropped = [one for one in found.dropped if not one.span.in_title and one.span.start >= start]
    return [one.kind.value for one in inside], [one.reason for one in dropped]


RESOLVED = [
    (TALKS + "They collapsed on Tuesday.", "collapsed"),
    (TALKS + "The government regretted it. They rejected the offer.", "rejected"),
    (TALKS + "The two sides will meet again on Friday.", "scheduled"),
    (TALKS + "Both sides agreed to resume the dialogue.", "resumed"),
    (TALKS + "Gold fell. The process has stalled.", "stalled"),
    (TALKS + "Gold fell. The party has suspended the dialogue.", "stalled"),
    (TALKS + "Rana Sanaullah said they would resume on Friday.", "resumed"),
    (TALKS + "The meeting was called off on Tuesday.", "collapsed"),
    ("A fresh effort began. It failed. Imran Khan refused to talk to the government.", "rejected"),
]


@pytest.mark.parametrize(("text", "kind"), RESOLVED, ids=[row[0][-40:] for row in RESOLVED])
def test_what_stands_for_talks_or_for_a_party_is_told_by_what_is_near(text: str, kind: str) -> None:
    assert kind in last(text)[0]


UNRESOLVED = [
    "They rejected the offer.",
    "They collapsed on Tuesday.",
    "He said the talks had collapsed.",
    "The two sides agreed to resume talks on Friday.",
    "Both parties will sit down for talks on Friday.",
    "The party has suspended the dialogue.",
]


@pytest.mark.parametrize("text", UNRESOLVED)
def test_what_nothing_near_explains_is_dropped_with_that_reason(text: str) -> None:
    kinds, reasons = last(TALKS + FILLER + text)

    assert kinds == []
    word = next(
        word for word in ("both parties", "the two sides", "the party", "they", "he") if word in text.lower()
    )
    assert f"what “{word}” means is told neither within two sentences nor in the headline" in reasons


@pytest.mark.parametrize("text", UNRESOLVED)
def test_the_headline_explains_it_wherever_it_stands(text: str) -> None:
    kinds, _ = last(FILLER + text, title="Imran Khan, PTI hold talks with federal government")

    assert len(kinds) == 1


def test_who_is_not_told_does_not_matter_where_the_sentence_tells_the_channel() -> None:
    kinds, _ = last(
        "Imran Khan is in jail. " + FILLER + "He refused to negotiate with the federal government."
    )

    assert kinds == ["rejected"]


@pytest.mark.parametrize(
    "text", ["The process has stalled.", "The meeting was called off.", "It has collapsed."]
)
def test_a_process_of_which_nothing_tells_that_it_is_talks_is_none(text: str) -> None:
    kinds, reasons = last("The board of the bank met. Shares fell. " + text, topic="any")

    assert kinds == []
    assert reasons


def test_a_sentence_alone_is_taken_at_its_word() -> None:
    assert last("The process has stalled.", topic="any")[0] == ["stalled"]


PEOPLE = [
    TALKS + "They stopped at a bridge.",
    TALKS + "They continued their march on the capital.",
    TALKS + "It ended a strike that began in May.",
    TALKS + "They held a rally.",
]


@pytest.mark.parametrize("text", PEOPLE)
def test_a_pronoun_of_which_other_things_are_said_is_not_the_talks(text: str) -> None:
    assert last(text)[0] == []


def test_a_pronoun_that_was_understood_carries_on() -> None:
    text = TALKS + "They were suspended on Tuesday. They will resume next week. They may end in July. "

    assert last(text + "They broke down on Friday.")[0] == ["collapsed"]


def test_a_quotation_ends_with_its_mark_or_with_its_paragraph() -> None:
    def holds(*rows: tuple[int, str]) -> list[bool]:
        quotes, found = Quotes(), []
        for start, text in rows:
            found.append(quotes.holds(Sentence(start, start + len(text), text, Position.BODY)))
        return found

    assert holds((0, "“We came."), (10, "We saw."), (18, "We won.”"), (27, "He left.")) == [
        False,
        True,
        True,
        False,
    ]
    assert holds((0, "“We came."), (10, "We saw."), (19, "He left.")) == [False, True, False]

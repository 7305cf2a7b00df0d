"""Who says a claim, and whose stance it tells."""

from datetime import UTC, datetime

from monitor.detection import Document, detect
from monitor.topics import load_topics
from monitor.vocabulary import Attribution, Claim

TOPICS = load_topics()


def claim(text: str, topic: str = "pti") -> Claim:
    found = detect(Document("", text, datetime(2025, 6, 3, tzinfo=UTC)), TOPICS[topic], "0" * 32).claims
    assert found
    return max(found, key=lambda one: one.confidence)


def test_he_said_is_the_word_of_the_person_named_last() -> None:
    said = claim(
        "Barrister Gohar met reporters in Islamabad. He said the talks with the federal government had collapsed."
    )
    assert (said.speaker, said.attribution) == ("pti", Attribution.PARTY)


def test_the_leaders_stance_is_told_by_the_spokesperson() -> None:
    told = claim("Barrister Gohar said Imran Khan had refused to hold talks with the federal government.")
    assert (told.speaker, told.principal) == ("pti", "pti")


def test_unnamed_sources_are_not_the_party() -> None:
    told = claim("According to sources, the PTI has refused to hold talks with the federal government.")
    assert told.attribution is Attribution.SOURCES


def test_a_mediators_word_is_an_officials_and_not_a_partys() -> None:
    told = claim(
        "Oman's Badr al-Busaidi said the talks between Iran and the US had been suspended.", "us-iran"
    )
    assert (told.speaker, told.attribution) == ("oman", Attribution.OFFICIALS)
    assert told.principal != "oman"


def test_a_partys_word_is_its_own_in_talks_of_states() -> None:
    told = claim(
        "Iranian Foreign Minister Abbas Araghchi said talks with the US had been suspended.", "us-iran"
    )
    assert (told.speaker, told.principal, told.attribution) == ("iran", "iran", Attribution.PARTY)

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


def test_a_generic_name_is_its_partys_where_another_party_is_named() -> None:
    told = claim(
        "Network Rail wrote to the RMT on Monday. The union said its talks with the company had collapsed.",
        "rail-uk",
    )
    assert (told.speaker, told.principal, told.attribution) == ("rmt", "rmt", Attribution.PARTY)


def test_who_offers_a_forum_for_talks_is_whose_offer_it_is() -> None:
    told = claim("Network Rail offers the RMT a joint panel to settle their pay dispute.", "rail-uk")
    assert (told.kind.value, told.principal) == ("proposed", "network-rail")


def test_who_denies_speaks() -> None:
    told = claim("The federal government flatly denied that there were any talks with the PTI.")
    assert (told.kind, told.speaker, told.attribution) == (
        "denied",
        "federal-government",
        Attribution.PARTY,
    )


def test_what_both_have_agreed_to_resume_is_still_to_come() -> None:
    told = claim(
        "The RMT and Network Rail have agreed to return to negotiations, the minister said.", "rail-uk"
    )
    assert (told.kind, told.mood, told.status) == ("resumed", "planned", "scheduled")


def test_unnamed_sources_are_not_the_party() -> None:
    told = claim("According to sources, the PTI has refused to hold talks with the federal government.")
    assert told.attribution is Attribution.SOURCES


def test_reports_that_a_party_dismisses_are_no_source() -> None:
    told = claim("Gohar shoots down reports of talks with the federal government, says nobody has begun any.")
    assert (told.kind, told.speaker, told.attribution) == ("denied", "pti", Attribution.PARTY)


def test_they_are_the_sources_that_spoke_before() -> None:
    text = (
        "According to insiders, envoys of the PTI held talks with the federal government. "
        "The first round of talks went on for an hour, they said."
    )
    told = claim(text)
    assert (told.speaker, told.attribution) == (None, Attribution.SOURCES)


def test_whom_a_party_breaks_with_is_not_who_says_so() -> None:
    told = claim("Iran has broken off its talks with the United States, officials said.", "us-iran")
    assert (told.speaker, told.principal, told.attribution) == (None, "iran", Attribution.OFFICIALS)
    told = claim("Talks with Iran have collapsed, the United States, which left on Monday, said.", "us-iran")
    assert (told.speaker, told.attribution) == ("us", Attribution.PARTY)
    told = claim("There are no talks between Iran and the US, say officials of two Gulf states.", "us-iran")
    assert (told.speaker, told.attribution) == (None, Attribution.OFFICIALS)


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


def told(text: str, title: str = "") -> list[tuple[str, str | None, str | None, str]]:
    found = detect(Document(title, text, datetime(2025, 6, 3, tzinfo=UTC)), TOPICS["pti"], "0" * 32).claims
    return [
        (one.kind.value, one.speaker, one.principal, one.attribution.value)
        for one in found
        if not one.span.in_title
    ]


def test_two_layers_of_saying_leave_the_stance_with_whom_it_is_of() -> None:
    assert told(
        "Rana Sanaullah said Barrister Gohar had told him that Khan had refused to talk to the government."
    ) == [("rejected", "federal-government", "pti", "party")]
    assert told("According to Aleema Khan, Imran Khan has rejected talks with the federal government.") == [
        ("rejected", "pti", "pti", "party")
    ]


def test_a_role_stands_for_the_fitting_person_named_nearby() -> None:
    (refused,) = told(
        "Imran Khan received Rana Sanaullah in jail. The former premier refused to negotiate with the government."
    )
    assert refused[2] == "pti"
    (offered,) = told(
        "Rana Sanaullah spoke in the assembly. The adviser said talks with the PTI would resume on Friday."
    )
    assert offered[:3] == ("resumed", "federal-government", "federal-government")


def test_the_party_is_the_one_named_last() -> None:
    assert told(
        "PTI held a rally. Gold fell. The party refused to hold talks with the federal government."
    ) == [("rejected", None, "pti", "outlet")]


def test_he_is_nobody_three_sentences_on_but_the_headlines_person_everywhere() -> None:
    far = "Gold fell. Oil fell. Wheat fell. He said talks between the PTI and the government had collapsed."
    assert told("Rana Sanaullah spoke. " + far)[0][1] is None
    assert told(far, title="Rana Sanaullah blames PTI for collapse of talks")[0][1] == "federal-government"


def test_whom_a_quotation_names_is_not_who_speaks_next() -> None:
    text = (
        "Rana Sanaullah spoke to reporters. “I told Imran Khan that this would not help.” "
        "He said talks with the PTI had collapsed."
    )
    assert told(text)[-1][1] == "federal-government"


def test_whoever_spoke_before_is_not_the_source_of_what_follows_from_it() -> None:
    text = "Barrister Gohar and the Speaker will meet for talks on Monday, for the first time since {}."
    assert claim(text.format("the prime minister said that the door was shut")).speaker is None
    assert claim("Talks with PTI will resume after Eid, the prime minister said.").speaker is not None

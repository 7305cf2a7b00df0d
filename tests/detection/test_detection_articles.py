"""Articles, not only sentences: what a text of several sentences claims, read as a careful reader does.

Each row: the topic, the headline, the text, and of each sentence that claims something its number (0 is the headline),
kind, channel and time; "now" is publication, else the days between which it was. Published on Tuesday, 3 June 2025.
"""

from datetime import UTC, datetime

import pytest

from monitor.detection import Document, detect
from monitor.topics import ANY, load_topics
from monitor.vocabulary import Claim, Mood

PUBLISHED = datetime(2025, 6, 3, tzinfo=UTC)
TOPICS = {**load_topics(), "any": ANY}

ARTICLES = {
    "the day of what follows": (
        "pti",
        "Government offers PTI talks",
        "Barrister Gohar said preparations for Friday's meeting at the Assembly were complete and the delegation would "
        "leave on Thursday.",
        ["0 proposed government now", "1 proposed government now"],
    ),
    "pronouns for talks": (
        "pti",
        "",
        "Talks between PTI and the government had collapsed last November. They were revived in March. The process has "
        "now stalled again, officials said. It may resume after the budget.",
        [
            "1 collapsed government 2024-11-01..2024-11-30",
            "2 resumed government 2025-03-01..2025-03-31",
            "3 stalled government now",
        ],
    ),
    "it for the dialogue": (
        "pti",
        "",
        "The dialogue between PTI and the government was suspended in January this year. Since then much has happened. "
        "It has now been revived, Ayaz Sadiq said.",
        ["1 stalled government 2025-01-01..2025-01-31", "3 resumed government now"],
    ),
    "the sides and the committee": (
        "pti",
        "",
        "PTI and the federal government held talks on Friday. The committee will meet again on Thursday. Both sides "
        "agreed to continue the dialogue. The meeting was later postponed, Rana Sanaullah said.",
        [
            "1 underway government 2025-05-30..2025-05-30",
            "2 scheduled government now",
            "4 stalled government now",
        ],
    ),
    "the days of rounds": (
        "pti",
        "",
        "PTI and the government sat down on Monday. Talks had been suspended before. The two sides held three rounds "
        "between January and March. Negotiations broke down in mid-April after the PTI walked out.",
        [
            "3 underway government 2025-01-01..2025-03-31",
            "4 collapsed government 2025-04-11..2025-04-20",
        ],
    ),
    "the night before last": (
        "pti",
        "",
        "Imran Khan has refused to talk to the government, Barrister Gohar said on Sunday. Talks had begun two weeks "
        "ago. They collapsed the night before last. The PTI had offered dialogue earlier this year.",
        [
            "1 rejected government now",
            "2 underway government 2025-05-17..2025-05-23",
            "3 collapsed government 2025-06-01..2025-06-01",
            "4 proposed government 2025-01-01..2025-06-02",
        ],
    ),
    "what was said and what is": (
        "us-iran",
        "",
        "Abbas Araghchi said on Sunday that indirect talks with the United States had stalled. Both sides had agreed "
        "on them in March. They were postponed twice. Trump said he was still ready to meet the Iranians.",
        [
            "1 stalled us 2025-06-01..2025-06-01",
            "3 stalled us 2025-03-01..2025-03-31",
            "4 proposed us now",
        ],
    ),
    "a round and what follows": (
        "us-iran",
        "Tehran, Washington hold third round in Muscat",
        "Iran and the United States held a third round of talks in Muscat on Saturday. They will resume in Rome next "
        "week, Araghchi said. An earlier round had collapsed in late April.",
        [
            "1 underway us 2025-05-31..2025-05-31",
            "2 resumed us now",
            "3 collapsed us 2025-04-21..2025-04-30",
        ],
    ),
    "a labour dispute": (
        "rail-uk",
        "RMT calls off talks with Network Rail",
        "The RMT walked out of talks with Network Rail on Thursday. The union will not return to the table, Mick Lynch "
        "said. The two sides last met in mid-May. Talks in 2022-23 dragged on for months.",
        [
            "0 collapsed network-rail now",
            "1 collapsed network-rail 2025-05-29..2025-05-29",
            "3 underway network-rail 2025-05-11..2025-05-20",
            "4 underway network-rail 2022-01-01..2023-12-31",
        ],
    ),
    "a coalition": (
        "any",
        "",
        "The two parties resumed coalition talks on Monday. The smaller one had left the table in early 2024. The "
        "talks had gone well until then. They will go on on Friday.",
        [
            "1 resumed any 2025-06-02..2025-06-02",
            "2 collapsed any 2024-01-01..2024-04-30",
            "4 underway any now",
        ],
    ),
    "these, and a week that counts from then": (
        "any",
        "",
        "In February 2023 the two governments opened talks on the border. These broke down within a week. They were "
        "revived at the turn of the year. A sixth meeting is set for mid-July.",
        [
            "1 underway any 2023-02-01..2023-02-28",
            "2 collapsed any 2023-02-01..2023-02-28",
            "3 resumed any 2024-12-25..2025-01-07",
            "4 scheduled any now",
        ],
    ),
    "a delegation that came before": (
        "any",
        "",
        "Envoys of the two sides held talks last November. They were part of a mission that came back in March. They "
        "said the talks had progressed well until the vote. The attempt failed.",
        [
            "1 underway any 2024-11-01..2024-11-30",
            "3 progress any 2024-11-01..2024-11-30",
            "4 collapsed any 2024-11-01..2024-11-30",
        ],
    ),
    "echoes": (
        "any",
        "Army chief urges talks with rebels",
        "The president agreed with the idea. His deputy dismissed the suggestion. The stalemate seems far from over.",
        ["0 proposed any now", "1 proposed any now", "2 rejected any now", "3 stalled any now"],
    ),
    "nobody but the army": (
        "pti",
        "Khan ready to talk to nobody but the army",
        "Jailed former premier Imran Khan said he would negotiate with no one except the army.",
        ["0 proposed establishment now", "1 proposed establishment now"],
    ),
    "two infinitives": (
        "any",
        "",
        "The talks with the rebels are over. The envoy had urged the ministers to fly to Doha and negotiate.",
        ["1 collapsed any now"],
    ),
}


def claims(topic: str, title: str, text: str) -> list[tuple[int, Claim]]:
    found = detect(Document(title, text, PUBLISHED), TOPICS[topic], "0" * 32)
    body = [one for one in found.sentences if not one.in_title]
    numbered = []
    for claim in found.claims:
        inside = (n for n, one in enumerate(body, 1) if one.start <= claim.span.start < one.end)
        numbered.append((0 if claim.span.in_title else next(inside), claim))
    return numbered


def told(topic: str, title: str, text: str) -> list[str]:
    rows = []
    for number, claim in claims(topic, title, text):
        when = f"{claim.when.start_earliest}..{claim.when.start_latest}"
        rows.append(f"{number} {claim.kind.value} {claim.channel} {when if when != NOW else 'now'}")
    return rows


NOW = "2025-06-03..2025-06-03"


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_tells_what_a_careful_reader_finds(name: str) -> None:
    topic, title, text, expected = ARTICLES[name]
    found = told(topic, title, text)

    assert [row for row in expected if row not in found] == [], found


@pytest.mark.parametrize(
    ("topic", "title", "text"),
    [
        (
            "rail-uk",
            "No deal yet between RMT and Network Rail",
            "A blog wrote on Monday that the RMT and Network Rail had signed a deal.",
        ),
        (
            "pti",
            "PTI and government talk again",
            "PTI spokesman Raoof Hasan, when contacted, said the offer to the traders' group was an internal matter of "
            "the government.",
        ),
        (
            "rail-uk",
            "Corrections",
            "On Friday we wrote that talks between the RMT and Network Rail had broken down. This was not the case.",
        ),
        (
            "pti",
            "Assembly's flood committee sits without PTI",
            "PTI members boycotted a meeting of the flood committee on Monday. The session, which Speaker Ayaz Sadiq "
            "opened and the prime minister attended, went on until midnight.",
        ),
    ],
    ids=[
        "hearsay that the headline denies",
        "whom a reporter asked",
        "what the next sentence corrects",
        "a meeting that is none of talks",
    ],
)
def test_an_article_does_not_tell(topic: str, title: str, text: str) -> None:
    assert [claim for number, claim in claims(topic, title, text) if number] == []


@pytest.mark.parametrize("name", ARTICLES)
def test_what_an_article_tells_of_an_earlier_time_is_background(name: str) -> None:
    topic, title, text, _ = ARTICLES[name]

    for _, claim in claims(topic, title, text):
        latest = claim.when.start_latest
        assert claim.background or (latest is not None and (PUBLISHED.date() - latest).days <= 6)


def test_a_joined_infinitive_hangs_on_what_rules_the_first() -> None:
    found = claims("any", "", "The envoy urged the ministers to fly to Doha and negotiate.")

    assert [claim.kind for _, claim in found] == ["proposed"]


def test_until_behind_a_past_tense_is_no_condition() -> None:
    past = claims("any", "", "The talks had progressed well until the march.")
    coming = claims("any", "", "The talks will be suspended until an agreement on the march.")

    assert [(claim.kind, claim.mood) for _, claim in past] == [("progress", Mood.ASSERTED)]
    assert all(claim.kind == "stalled" for _, claim in coming)


def test_the_weight_of_a_claim_is_that_of_its_place() -> None:
    ended = "PTI ended the talks with the government."
    texts = {
        f"PTI talked to its voters. The government will talk to PTI. {ended}": (3, "body"),
        f"[Transcript] Good morning. I'm Jo Reed. The rain has gone. {ended}": (4, "lead"),
    }
    for text, (number, place) in texts.items():
        places = {at: claim.position for at, claim in claims("pti", "PTI ends talks with government", text)}
        assert (places[0], places[number]) == ("headline", place)


def test_a_relative_clause_speaks_of_whom_it_hangs_on() -> None:
    text = "It was a nod from the army, which has refused all talks with PTI."

    assert told("pti", "", text) == ["1 rejected establishment now"]


def test_a_headline_that_turns_tells_of_one_channel_on_each_side_and_has_one_speaker() -> None:
    title = "Gohar Turns Down Talks With Ministers, Says He Will Meet Only the Establishment"
    assert told("pti", title, "") == ["0 rejected government now", "0 proposed establishment now"]
    assert {(claim.speaker, claim.principal) for _, claim in claims("pti", title, "")} == {("pti", "pti")}


@pytest.mark.parametrize(
    "title",
    [
        "Khan rejects talks with the government and offers dialogue to the army",
        "Khan has ruled out a dialogue with the government and called for talks with the army",
        "PTI turns down the premier's offer of talks but is willing to sit with the generals",
        "Ministers' invitation declined: Khan tells lawyers he would sit with the establishment instead",
        "Khan spurns government's offer of dialogue, says he is ready to talk to the army alone",
    ],
)
def test_what_one_clause_refuses_to_one_another_offers_to_another(title: str) -> None:
    for text in ("", "Lawyers met him in jail."):
        assert sorted(told("pti", title, text)) == [
            "0 proposed establishment now",
            "0 rejected government now",
        ]
        assert "federal-government" not in {claim.speaker for _, claim in claims("pti", title, text)}


def test_who_meets_one_person_holds_no_talks() -> None:
    title = "Khan refuses talks with the government"
    assert told("pti", title, "Lawyers met him in jail.") == ["0 rejected government now"]


def test_a_later_verb_of_the_subject_is_not_the_talks() -> None:
    title = "Imran ends silence"
    text = (
        "PTI founder Imran Khan ruled out talks with the government and with the establishment alike, and directed his "
        "party to devote itself to the long march that is to begin on 5 August."
    )
    assert told("pti", title, text) == ["1 rejected government now", "1 rejected establishment now"]


@pytest.mark.parametrize("before", [0, 98, 99, 100])
def test_a_correction_reaches_back_wherever_it_stands(before: int) -> None:
    text = "Gold fell. " * before + "Talks between the PTI and the government had collapsed. That was wrong."
    assert told("pti", "PTI and the government", text) == []


def test_a_deal_that_its_leaders_negotiated_tells_of_no_talks() -> None:
    text = "Workers of the PTI voted against a deal that their own leaders negotiated with the government."
    assert told("pti", "PTI and government", text) == ["1 rejected government now"]

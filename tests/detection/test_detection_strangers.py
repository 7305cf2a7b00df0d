"""Talks of others than a channel's parties stay out of it: strangers, outsiders, a mediator alone."""

from datetime import UTC, datetime

import pytest

from monitor.detection import Document, detect
from monitor.detection.channels import ChannelContext
from monitor.detection.generics import is_of_another_employer
from monitor.topics import Channel, Party, Topic, find_mentions, load_topics
from monitor.vocabulary import Precision

TOPICS = load_topics()


def channels(topic: str, text: str, *, title: str = "", before: tuple[str, ...] = ()) -> list[str]:
    """The channels of a whole sentence that follows others."""
    context = ChannelContext(TOPICS[topic], title, (*before, text))
    return [one.channel for one in context.assign_all(len(before), 0, len(text))]


# Topic -> a sentence alone, and the channel of its talks ("": nobody's of the topic).
ALONE: dict[str, list[tuple[str, str]]] = {
    "us-iran": [
        ("Iran and the United States resumed indirect talks in Muscat on Saturday.", "us"),
        ("Indirect talks between Tehran and Washington, mediated by Oman, resumed.", "us"),
        ("Iran held talks with Oman on trade.", ""),
        ("Oman's foreign minister said US-Iran talks would resume on Saturday.", "us"),
        ("Araghchi and Witkoff met in Rome.", "us"),
        ("Araghchi met Witkoff in Rome.", "us"),
        ("Iran will hold talks with the E3 in Istanbul.", "e3"),
        ("Iran held talks with the IAEA.", ""),
        ("Grossi held talks with Araghchi in Tehran.", ""),
        ("Trump and Netanyahu held talks in Washington.", ""),
        ("Netanyahu met Trump for talks at the White House.", ""),
        ("Trump met Putin in Alaska.", ""),
        ("The US held talks with Hamas.", ""),
        ("The US and China agreed to resume talks.", ""),
        ("US-China trade talks resumed.", ""),
        ("Tehran rejected Washington's offer of direct talks.", "us"),
        ("Iranian Foreign Minister Abbas Araghchi said talks with the Americans had been suspended.", "us"),
        ("The Iran-backed Houthis held talks with Saudi Arabia.", ""),
        ("France, Germany and Britain will hold talks with Iran in Geneva.", "e3"),
        ("Iran refused to negotiate with Europe.", "e3"),
        ("Iran and Pakistan held talks on their border.", ""),
        ("Iran's parliament speaker Ghalibaf met Modi in Delhi.", ""),
    ],
    "russia-ukraine": [
        ("Russia and Ukraine held a second round of direct talks in Istanbul.", "direct"),
        ("Ukrainian and Russian delegations met in Istanbul.", "direct"),
        ("Witkoff held talks with Putin in Moscow.", "us-russia"),
        ("Umerov met Witkoff in Miami.", "us-ukraine"),
        ("Zelensky and Erdogan held talks in Ankara.", ""),
        ("Zelensky held talks with European leaders in London.", ""),
        ("Putin met Xi in Beijing.", ""),
        ("Putin spoke to Modi by phone.", ""),
        ("Kyiv rejected talks with Moscow.", "direct"),
        ("Peskov said that talks with Kyiv were on pause.", "direct"),
        ("The US and Russia will hold talks in Riyadh.", "us-russia"),
        ("Ukraine and the EU opened accession talks.", ""),
        ("Orban held talks with Putin in Moscow.", ""),
        ("Turkey offered to host talks between Russia and Ukraine.", "direct"),
        ("Lavrov met Wang Yi in Beijing.", ""),
    ],
    "colombia-eln": [
        ("The Colombian government and the ELN resumed peace talks in Caracas.", "peace"),
        ("The Colombian government held talks with FARC dissidents.", ""),
        ("Petro suspended talks with the ELN.", "peace"),
        ("Petro suspended talks with the Estado Mayor Central.", ""),
        ("The government opened talks with the Clan del Golfo in Doha.", ""),
        ("The government and the EMC held talks.", ""),
        ("The ELN said it would not return to the talks.", "peace"),
        ("The government said talks with the guerrillas were frozen.", "peace"),
        ("The ELN met Venezuelan officials.", ""),
        ("Petro held talks with teachers.", ""),
        ("Petro met Lula da Silva in Brasilia.", ""),
        ("Talks between Petro and Trump were called off.", ""),
        ("The ELN and FARC dissidents held talks over territory.", ""),
    ],
    "rail-uk": [
        ("Network Rail and the RMT to meet; ASLEF pay talks end in failure.", "network-rail"),
        ("The Society of Station Staff will meet Network Rail on Monday, the union said.", ""),
        ("White-collar rail union ASSF to meet Network Rail on Monday.", ""),
        ("Negotiators will meet Network Rail on Monday.", "network-rail"),
        ("The RMT and the Rail Delivery Group held talks on Monday.", "operators"),
        ("Aslef and the Rail Delivery Group held talks on Monday.", ""),
        ("The BMA and the government held talks on Monday.", ""),
        ("The rail minister will meet the RMT with both Network Rail and the train operators.", "ministers"),
        ("The train operators resumed talks with Aslef.", ""),
        ("Aslef will also resume talks next week.", ""),
        ("Aslef talks have broken down.", ""),
        ("Talks between the government and the train operators collapsed.", ""),
        ("Ministers held talks with the train operators on fares.", ""),
        ("The RMT walked out of talks with Network Rail.", "network-rail"),
        ("Talks between the RMT and Network Rail at Acas ended.", "network-rail"),
        ("The RMT held talks with Acas.", ""),
        (
            "Solent Coast Buses has after five months of wrangling over rosters landed an agreement with the RMT.",
            "",
        ),
        ("With the RMT's vote near, Network Rail has paused its other pay negotiation.", ""),
        ("The transport secretary met RMT leaders.", "ministers"),
        ("Network Rail and Unite reached an agreement in talks.", ""),
    ],
    "us-china": [
        ("Chinese and American negotiators met in Geneva.", "trade"),
        ("Bessent and He Lifeng held talks in Stockholm.", "trade"),
        ("The US and Japan agreed to hold talks on tariffs.", ""),
        ("China and the EU held trade talks.", ""),
        ("Greer met Indian officials for talks in Washington.", ""),
        ("Beijing said it had not held talks with Washington.", "trade"),
        ("Xi met Putin in Moscow.", ""),
        ("Mexico, US talks on steel enter their last stretch", ""),
        ("In Geneva, US talks with China go on", "trade"),
        ("Lutnick held talks with Seoul.", ""),
    ],
    "pti": [
        ("Talks between the federal government and the establishment went on.", ""),
        ("Imran Khan and Fazlur Rehman held talks.", ""),
        ("Gandapur met Maulana Fazlur Rehman.", ""),
        ("Shehbaz Sharif held talks with traders.", ""),
        ("Gohar met the prime minister's adviser for talks.", "government"),
        ("PTI and JUI-F held talks in Lahore.", ""),
        ("The prime minister has offered PTI talks.", "government"),
    ],
}
ROWS = [(topic, text, channel) for topic, rows in ALONE.items() for text, channel in rows]


@pytest.mark.parametrize(("topic", "text", "channel"), ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_talks_are_a_channels_only_if_its_parties_hold_them(topic: str, text: str, channel: str) -> None:
    assert channels(topic, text) == ([channel] if channel else [])


IRAN = "The United States and Iran resumed talks."
IN_A_STORY = {
    "what goes on with others' talks": (
        "They will meet again.",
        "",
        (IRAN, "Iran and Oman held talks on trade."),
        [],
    ),
    "until somebody of the topic is named": (
        "They will meet Witkoff on Monday, Araghchi said.",
        "",
        (IRAN, "Iran and Oman held talks on trade."),
        ["us"],
    ),
    "a new subject is the story's again": (
        "Talks will resume on Monday.",
        "",
        (IRAN, "Iran and Oman held talks on trade."),
        ["us"],
    ),
    "a story that opens with others' talks": (
        "Trump said the talks would go on.",
        "US and China resume talks",
        ("Iran was not on the agenda.",),
        [],
    ),
    "two of the topic's in such a story": (
        "Trump said talks with Iran would go on.",
        "US and China resume talks",
        ("Iran was not on the agenda.",),
        ["us"],
    ),
    "one side of a story that names the other in passing": (
        "The Americans said the talks were over.",
        "Pakistani doctors from America in talks to free Khan",
        (
            "They landed on Monday.",
            "Nobody saw them.",
            "It rained.",
            "It was dark.",
            "Some had been to Iran.",
        ),
        [],
    ),
    "one side of a story in which nobody else is named": ("Trump said the talks were over.", "", (), []),
}


@pytest.mark.parametrize(("text", "title", "before", "expected"), IN_A_STORY.values(), ids=IN_A_STORY.keys())
def test_the_story_tells_whose_talks_an_open_sentence_means(
    text: str, title: str, before: tuple[str, ...], expected: list[str]
) -> None:
    assert channels("us-iran", text, title=title, before=before) == expected


def test_a_surname_in_the_headline_is_whom_the_text_names_in_full() -> None:
    title = "Lynch: change of tone in talks with Alexander"
    lead = "The union's leader praised Heidi Alexander."

    assert channels("rail-uk", "No date was set for a further meeting.", title=title, before=(lead,)) == [
        "ministers"
    ]


def test_a_pair_in_the_lead_outweighs_a_headline_of_strangers() -> None:
    lead = "The RMT and Network Rail held talks on Monday."

    assert channels("rail-uk", "Talks will resume.", title="Smith talks with Jones", before=(lead,)) == [
        "network-rail"
    ]


def test_the_only_channel_is_meant_where_nothing_speaks_against_it() -> None:
    said = "Talks were frozen in January."

    assert channels("colombia-eln", said, before=("The ELN said it would fight on.",)) == ["peace"]
    assert (
        channels("colombia-eln", said, before=("Petro wrote a letter.", "Petro held talks with teachers."))
        == []
    )


def test_its_negotiators_are_those_of_whoever_was_just_spoken_of() -> None:
    before = ("The RMT and the train operators held talks.", "The picture was different at Network Rail.")

    assert channels("rail-uk", "Its negotiators are holding talks with the union.", before=before) == [
        "network-rail"
    ]
    assert channels("rail-uk", "Negotiators are holding talks with the union.", before=before) == [
        "operators"
    ]


def test_a_story_of_an_outsider_and_one_party_is_not_the_topics() -> None:
    before = ("Aslef said the train operators had made an offer.", "Whelan called it an insult.")
    said = "The train operators' offer was rejected."

    assert channels("rail-uk", said, before=before) == []
    assert channels("rail-uk", said, before=("The RMT and Aslef heard from the train operators.",)) == [
        "operators"
    ]


def test_a_semicolon_parts_the_talks_of_an_outsider_from_those_of_a_party() -> None:
    title = "RMT accepts offer of Network Rail; ASLEF pay talks end in failure"
    context = ChannelContext(TOPICS["rail-uk"], title, ())
    assert context.assign_all(-1, title.index(";") + 1, len(title)) == ()
    assert context.assign_all(-1, 0, title.index(";")) != ()


@pytest.mark.parametrize(
    ("text", "is_others"),
    [
        ("Drivers of the union at Solent Coast Buses have rejected a deal.", True),
        ("The union with members from the Avon Motors plant voted.", False),
        ("Guards of the union at Network Rail have rejected a deal.", False),
        ("The RMT at Solent Coast Buses has rejected a deal.", False),
        ("Talks on a first contract at Penwith Light Railway have stalled.", True),
        ("Talks on the contract at Network Rail have stalled.", False),
    ],
)
def test_a_generic_name_tied_to_a_company_that_is_no_party_makes_the_story_another_employers(
    text: str, is_others: bool
) -> None:
    assert is_of_another_employer(text, find_mentions(TOPICS["rail-uk"], text)) is is_others


SCHOOLS = Topic(
    id="schools",
    label="Ashby schools",
    parties=(
        Party(
            id="teachers",
            label="Teachers",
            aliases=("Ashby Education Association",),
            generic_aliases=("teachers",),
        ),
        Party(
            id="district",
            label="District",
            aliases=("Ashby School District",),
            generic_aliases=("the board",),
        ),
        Party(
            id="corby",
            label="Corby",
            aliases=("Corby Vale Education Association", "Corby Vale School District"),
        ),
    ),
    channels=(Channel(id="pay", label="Pay", parties=("teachers", "district")),),
)


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Corby Vale Teachers Walk Out as Talks Collapse", []),
        ("Late Corby Vale Teachers Talks Collapse", []),
        ("Ashby Teachers Walk Out as Talks Collapse", ["teachers"]),
        ("Teachers walk out as talks with the board collapse", ["teachers", "district"]),
    ],
)
def test_a_generic_name_behind_the_beginning_of_an_outsiders_is_the_outsiders(
    title: str, named: list[str]
) -> None:
    context = ChannelContext(SCHOOLS, title, ("The board's lawyer went home at three.",))
    assert [one.party for one in context.named[0]] == named
    assert [one.party for one in context.named[1]] == (["district"] if named else [])


def test_in_a_story_of_another_employer_only_full_names_count() -> None:
    opening = "Drivers of the union at Solent Coast Buses have rejected a deal with the company."
    context = ChannelContext(
        TOPICS["rail-uk"], "", (opening, "The RMT met Network Rail, which the union knows.")
    )
    assert [[one.party for one in found] for found in context.named] == [[], [], ["rmt", "network-rail"]]


FERRIES = Topic(
    id="ferries",
    label="Ferries",
    parties=(
        Party(id="line", label="Line", aliases=("Selbourne Line",), generic_aliases=("the company",)),
        Party(
            id="officers",
            label="Officers",
            aliases=("Guild of Deck Officers",),
            generic_aliases=("officers",),
        ),
        Party(
            id="crews", label="Crews", aliases=("Ferry Crews Union",), generic_aliases=("the union", "crews")
        ),
        Party(id="dockers", label="Dockers", aliases=("Dock Hands League", "dockers")),
        Party(id="isles", label="Isles", aliases=("Isles Boats",)),
        Party(id="board", label="Board", aliases=("Marine Conciliation Board",)),
    ),
    channels=(
        Channel(id="bridge", label="Bridge", parties=("line", "officers"), mediators=("board",)),
        Channel(id="deck", label="Deck", parties=("line", "crews"), mediators=("board",)),
    ),
)


def told(title: str, text: str = "") -> list[tuple[str, str]]:
    document = Document(title, text, datetime(2025, 6, 11, tzinfo=UTC), Precision.DAY)
    return [(one.kind.value, one.channel) for one in detect(document, FERRIES, "ferries").claims]


def test_a_couple_with_an_outsider_speaks_of_no_channel() -> None:
    assert told("Isles Boats and its officers agree two-year deal") == []
    assert told("Selbourne Line and its officers agree two-year deal") == [("agreement", "bridge")]


def test_the_union_of_somebody_else_is_not_the_union() -> None:
    others = "Talks between Selbourne Line and the union representing its dockers have broken down."
    assert told("", others) == []
    assert told("", others.replace("dockers", "crews")) == [("collapsed", "deck")]


def test_the_union_below_a_story_of_a_rival_is_the_rival() -> None:
    rest = "The Guild of Deck Officers left the room.\n\nSelbourne Line said the union had ended the talks."
    found = told("Talks between Selbourne Line and officers collapse", rest)
    assert found[0] == ("collapsed", "bridge")
    assert {channel for _, channel in found} == {"bridge"}


def test_a_word_of_talks_within_a_partys_name_is_none() -> None:
    text = "Selbourne Line and crews go to the Marine Conciliation Board on Monday, so that a strike can be avoided."
    assert {kind for kind, _ in told("", text)} <= {"scheduled"}


def test_a_union_that_represents_nobody_known_is_not_the_union() -> None:
    text = "Selbourne Line has broken off talks with the union representing some 700 harbour pilots."
    assert told("", text) == []
    assert told("", text.replace("some 700 harbour pilots", "its 700 crews")) == [("collapsed", "deck")]


def test_a_pair_that_meets_talks_though_no_word_says_so() -> None:
    assert told("Selbourne Line chiefs meet striking crews") == [("underway", "deck")]


def test_whose_the_other_side_is_needs_no_name_before() -> None:
    assert told("", "Selbourne Line and the union for its crews are negotiating again.") == [
        ("resumed", "deck")
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Isles Boats reaches deal with officers",
        "Kenmar and Tuvala agree to ceasefire after four days",
        "Selbourne Boats has landed an agreement in the north",
        "Talks break down at Harbour Terminals, grain handlers to strike",
    ],
)
def test_a_headline_about_others_turns_the_story_away(title: str) -> None:
    rest = (
        "The company and the officers signed on Monday.\n\nThe Guild of Deck Officers praised the agreement."
    )
    assert told(title, rest) == []


def test_what_was_named_before_is_meant_by_the_company_in_a_story_of_an_outsider() -> None:
    text = (
        "Isles Boats is to grow. Selbourne Line watches. The company has broken off talks with the officers."
    )
    assert told("Isles Boats orders a ship", text) == [("collapsed", "bridge")]


def test_men_of_an_outsider_and_a_party_are_a_couple() -> None:
    assert told("Isles Boats' men, officers make headway in talks") == []


def test_whom_a_party_speaks_of_is_not_the_party() -> None:
    text = (
        "Isla Verde and Kenmar held their second round of talks on Monday, the Guild of Deck Officers said."
    )
    assert told("", text) == []


def test_a_pair_that_sits_down_with_a_mediator_talks() -> None:
    text = "Selbourne Line and its crews agree to sit down with Marine Conciliation Board on Monday"
    assert told(text) == [("scheduled", "deck")]
    assert told(text.replace("Selbourne Line and its crews", "Isles Boats")) == []
    text = (
        "Selbourne Line and the union for its crews have agreed to meet under the Marine Conciliation Board."
    )
    assert told("", text) == [("scheduled", "deck")]


@pytest.mark.parametrize(
    "counterparts",
    [
        "the officers and, in a room two floors up, with the crews",
        "the officers and, separately, the crews",
        "the officers and the crews",
    ],
)
def test_what_is_put_in_between_parts_no_list(counterparts: str) -> None:
    found = told("", f"Selbourne Line held talks with {counterparts}.")
    assert sorted(found) == [("underway", "bridge"), ("underway", "deck")]


def test_the_only_pair_named_in_a_long_text_is_meant_where_nobody_else_is_named() -> None:
    title, crowd = "LIVE: Selbourne Line mediation gets going", "Gulls circle over the quay.\n\n" * 5
    pair = "It is the first time since May that Selbourne Line and the Ferry Crews Union face each other."
    assert told(title, crowd + pair) == [("underway", "deck")]
    assert told(title, crowd + pair + " The Guild of Deck Officers looks on.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Khan has ruled out negotiations with either the federal government or the military.",
        "The federal government offered PTI talks. The military also refused to talk to PTI.",
    ],
)
def test_the_military_beside_the_government_is_nobody_else(text: str) -> None:
    found = detect(Document("", text, datetime(2025, 7, 8, tzinfo=UTC), Precision.DAY), TOPICS["pti"], "x")
    assert "establishment" in {claim.channel for claim in found.claims}

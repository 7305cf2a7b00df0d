"""Names are found whole, in every spelling of the press, and never inside another name."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.topics import ANY, Party, Role, Topic, find_in_article, find_mentions, is_relevant, load_topics

PTI = load_topics()["pti"]


def names(text: str, topic: Topic = PTI) -> list[tuple[str, str]]:
    return [(mention.party, text[mention.start : mention.end]) for mention in find_mentions(topic, text)]


FOUND = {
    "an acronym": ("PTI walked out", [("pti", "PTI")]),
    "a possessive": ("PTI’s offer and Khan's reply", [("pti", "PTI"), ("pti", "Khan")]),
    "a dotted acronym": ("P.T.I. leaders met", [("pti", "P.T.I.")]),
    "hyphens or spaces": ("Pakistan Tehreek e Insaf", [("pti", "Pakistan Tehreek e Insaf")]),
    "typographic hyphens": ("Tehreek‑i‑Insaf", [("pti", "Tehreek‑i‑Insaf")]),
    "no-break spaces": ("Imran\u00a0Khan", [("pti", "Imran\u00a0Khan")]),
    "diacritics": ("Imrān Khān agreed", [("pti", "Imrān Khān")]),
    "all capitals": ("IMRAN KHAN REFUSES", [("pti", "IMRAN KHAN")]),
    "a hyphened pair": ("PTI-govt talks", [("pti", "PTI"), ("federal-government", "govt")]),
    "a dashed pair": ("PTI–government dialogue", [("pti", "PTI"), ("federal-government", "government")]),
    "a dot after a title": ("Dr. Usman Malik flew home", [("us-delegation", "Dr. Usman Malik")]),
    "the longest name": ("Barrister Gohar Ali Khan spoke", [("pti", "Barrister Gohar Ali Khan")]),
    "the delegate, not the leader": ("Atif Khan pushed back", [("us-delegation", "Atif Khan")]),
    "supporters abroad, not the party": (
        "overseas PTI supporters began",
        [("us-delegation", "overseas PTI supporters")],
    ),
    "a name and its acronym": (
        "Pakistan Tehreek-e-Insaf (PTI) said",
        [("pti", "Pakistan Tehreek-e-Insaf"), ("pti", "PTI")],
    ),
    "an acronym after a plain word": ("the jailed leader's party (PTI) said", [("pti", "PTI")]),
    "a general and not a doctor": (
        "Gen. Munir and Dr Munir",
        [("establishment", "Gen. Munir"), ("us-delegation", "Dr Munir")],
    ),
    "quotation marks": ("from the “right quarters”", [("establishment", "right quarters")]),
    "a surname after a title": ("PTI Chairman Khan", [("pti", "PTI"), ("pti", "Khan")]),
    "a first name": ("a veto by Imran could hold", [("pti", "Imran")]),
    "a spaced acronym": ("P. T. I. leaders met", [("pti", "P. T. I.")]),
    "a slash between parties": ("PTI/PML-N row", [("pti", "PTI"), ("federal-government", "PML-N")]),
    "a party's letter in brackets": (
        "the PML(N) and PML (N)",
        [("federal-government", "PML(N)"), ("federal-government", "PML (N)")],
    ),
    "an initial for the first name": (
        "I. Khan and S. Sharif met",
        [("pti", "I. Khan"), ("federal-government", "S. Sharif")],
    ),
    "an initial after the first name": ("Imran A. Khan agreed", [("pti", "Imran A. Khan")]),
    "an initial before a surname alone": ("A. Gandapur agreed", [("pti", "Gandapur")]),
    "a title and a possessive": ("Sen. Swati’s reply", [("pti", "Swati")]),
    "a modifier letter apostrophe": ("PTIʼs reply", [("pti", "PTI")]),
    "quotation marks about it": ("“PTI” and ‘Khan’", [("pti", "PTI"), ("pti", "Khan")]),
    "a premier by surname": ("PM Sharif agreed", [("federal-government", "PM Sharif")]),
    "an acronym before its name": (
        "PTI (Pakistan Tehreek-e-Insaf) said",
        [("pti", "PTI"), ("pti", "Pakistan Tehreek-e-Insaf")],
    ),
    "a line end in a name": ("Imran\nKhan agreed", [("pti", "Imran\nKhan")]),
    "a first name in Title Case": ("Imran Rejects Talks", [("pti", "Imran")]),
    "a surname in Title Case": ("Jailed Khan Rejects Talks", [("pti", "Khan")]),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND.keys())
def test_a_name_is_found_in_every_spelling(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Northern Dock League", ["Northern Dock League"]),
        ("Guild of the Weavers", ["Guild of the Weavers"]),
        ("Dockers", []),
        ("Dock workers", []),
        ("The Guild", []),
        ("Ships, Ports and Docks", []),
    ],
)
def test_a_label_that_is_a_proper_name_of_several_words_is_a_name(label: str, expected: list[str]) -> None:
    party = Party(id="league", label=label, aliases=("NDL",))
    topic = Topic(id="docks", label="Docks", parties=(party,))
    assert [text for _, text in names(f"Talks with the {label} ended", topic)] == expected
    listed = party.model_copy(update={"generic_aliases": (label,)})
    assert listed.names == ("NDL",)


NOT_FOUND = {
    "an agency's dateline": "NEW DELHI, May 2 (PTI) The minister met his counterpart",
    "an agency's word": "an official told PTI on Friday",
    "an agency's word at the end": "The minister left, as reported by PTI",
    "an agency's inputs": "(With inputs from PTI)",
    "an agency by its full name": "the Press Trust of India (PTI) said",
    "an agency's byline": "By PTI",
    "a party that broke away": "PTI-Parliamentarians and PTI-P met",
    "against it": "an anti-PTI alliance and non-PTI lawmakers",
    "once of it": "an ex-PTI minister",
    "backed by it": "PTI-backed candidates and the military-backed cabinet",
    "another initial": "the poet J. Khan said no",
    "another middle name": "the lawyer Imran Riaz Khan said no",
    "the plural of a surname": "the Khans of Swat",
    "a school": "the Army Public School",
    "a building": "a lecture at Imran Khan Hall and the Shaukat Khanum Hospital",
    "a house of learning": "students of Imran Khan Medical College",
    "somebody else's apposition": "the opposition party JUI",
    "a part of a word": "PTIs, Khandahar and the governmental Swatis",
    "a word in lower case": "the khan of Kalat and a raja",
    "another man's surname": "Later the singer Ustad Jamal Khan said no",
    "another man's first name": "the former governor Imran Ismail said no",
    "a city": "shelling in Khan Younis",
    "another government": "the Punjab government and the Indian government",
    "his own government": "under his own government",
    "state authorities": "a message to state authorities and to the state of Punjab",
}


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_what_only_looks_like_a_name_is_passed_over(text: str) -> None:
    assert names(text) == []


IRAN = load_topics()["us-iran"]
STATES = {
    "two capitals": ("Tehran rejects Washington’s offer", ["Tehran", "Washington"]),
    "to, not in": ("a message to Tehran", ["Tehran"]),
    "between capitals": ("talks between Tehran and Washington", ["Tehran", "Washington"]),
    "a country's possessive": ("Iran's offer, the U.S. reply", ["Iran", "U.S."]),
    "a place to be": ("he was in Tehran, near Washington and outside London", []),
    "two places to be": ("officials in Washington and Tehran", []),
    "a way there": ("she flew back to Tehran, arrived from Paris and visited the United States", []),
    "a dateline in capitals": ("TEHRAN, May 2 (Albion Wire) - The minister left", []),
    "a dateline with an agency": ("Washington (AP) The minister left", []),
    "a headline in capitals": ("TEHRAN, WASHINGTON RESUME TALKS", ["TEHRAN", "WASHINGTON"]),
    "a headline with a colon": ("Tehran: no talks under threat", ["Tehran"]),
    "a newspaper": ("told the Washington Post and the Tehran Times", []),
    "who is only backed": ("Iran-backed militias, pro-Iran parties, US-based analysts", []),
    "Arabic articles": ("Badr Al Busaidi and Albusaidi", ["Badr Al Busaidi", "Albusaidi"]),
    "hyphens of a surname": ("Majid Takht Ravanchi", ["Majid Takht Ravanchi"]),
    "accents": ("Jean-Noël Barrot and Jean Noel Barrot", ["Jean-Noël Barrot", "Jean Noel Barrot"]),
    "two initials": ("J. D. Vance and JD Vance", ["J. D. Vance", "JD Vance"]),
    "a middle initial": ("Donald J. Trump", ["Donald J. Trump"]),
}


@pytest.mark.parametrize(("text", "expected"), STATES.values(), ids=STATES.keys())
def test_a_place_stands_for_its_party_unless_it_is_but_a_place(text: str, expected: list[str]) -> None:
    assert [name for _, name in names(text, IRAN)] == expected


RAIL = load_topics()["rail-uk"]
SURNAMES = {
    "named in full before": (["Heidi Alexander spoke.", "Alexander left."], ["Alexander"]),
    "named in full later": (["Heidi Alexander spoke.", "ALEXANDER SAYS NO"], ["ALEXANDER"]),
    "never named in full": (["Somebody spoke.", "Alexander left."], []),
    "another of that name": (["Heidi Alexander spoke.", "Yesterday the actor Peter Alexander left."], []),
    "an office is no surname": (["The Transport Secretary spoke.", "The Secretary left."], []),
    "two people": (["Heidi Alexander met Paul Nowak.", "Alexander and Nowak left."], ["Alexander", "Nowak"]),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), SURNAMES.values(), ids=SURNAMES.keys())
def test_a_surname_is_known_where_the_article_has_the_full_name(
    texts: list[str], expected: list[str]
) -> None:
    found = find_in_article(RAIL, texts)[-1]

    assert [texts[-1][one.start : one.end] for one in found] == expected


def test_a_surname_of_two_parties_is_nobodys() -> None:
    both, last = find_in_article(PTI, ["Aqeel Malik met Usman Malik.", "Malik left, said Ayaz Sadiq."])

    assert [one.party for one in both] == ["federal-government", "us-delegation"]
    assert [one.name for one in last] == ["Ayaz Sadiq"]


def test_a_state_alone_is_not_enough_and_who_talks_in_no_channel_does_not_count() -> None:
    assert not is_relevant(IRAN, "US budget talks collapse", "The White House blamed Congress.")
    assert not is_relevant(IRAN, "Iran and Israel trade threats", "Talks are far off.")
    assert is_relevant(IRAN, "Iran ready for talks", "Washington did not reply.")


def test_a_mention_says_as_what_its_name_stands() -> None:
    text = "Imran Khan, Azam Swati and PTI want the army"

    assert [mention.role for mention in find_mentions(PTI, text)] == [
        Role.LEADER,
        Role.SPOKESPERSON,
        Role.ALIAS,
        Role.GENERIC,
    ]


RELEVANT = {
    "two parties": ("PTI slams PML-N over budget", True),
    "a party and talks": ("PTI ready for dialogue", True),
    "a party and offers": ("PTI weighs new offers", True),
    "a party and bargaining": ("PTI's bargaining position", True),
    "a party without talks": ("PTI wins by-election in Swat", False),
    "another army's talks": ("Army and RSF resume truce talks in Sudan, says government", False),
    "another Khan's talks": ("Khan in talks for new film, says studio", False),
    "nobody": ("Rain likely in Lahore", False),
}


@pytest.mark.parametrize(("text", "expected"), RELEVANT.values(), ids=RELEVANT.keys())
def test_an_article_is_relevant_if_it_names_a_party_for_sure_and_talks_or_another(
    text: str, expected: bool
) -> None:
    assert is_relevant(PTI, "", text) is expected
    assert is_relevant(PTI, text, "") is expected


def test_every_article_is_relevant_for_any_and_names_nobody() -> None:
    assert is_relevant(ANY, "", "Rain likely in Lahore")
    assert find_mentions(ANY, "PTI and the government") == ()


@given(
    st.text()
    | st.lists(st.sampled_from(["Khan", "PTI", "(PTI)", "the", "government", "’s", " ", "-", "\ud800"])).map(
        "".join
    )
)
@settings(max_examples=200, deadline=None)
def test_mentions_are_ordered_apart_and_within_any_text(text: str) -> None:
    mentions = find_mentions(PTI, text)

    ends = [0, *(mention.end for mention in mentions)]
    assert all(end <= mention.start < mention.end for end, mention in zip(ends, mentions, strict=False))
    assert ends[-1] <= len(text)


@pytest.mark.drill
def test_finding_names_takes_time_in_proportion_to_the_text() -> None:
    def seconds(text: str) -> float:
        begin = time.perf_counter()
        find_mentions(PTI, text)
        return time.perf_counter() - begin

    find_mentions(PTI, "warm up")
    for unit in ("Khan talks (PTI) ", "Imran ", "x", "- - "):
        small, large = (min(seconds(unit * count) for _ in range(3)) for count in (3_000, 30_000))
        assert large < 40 * small + 0.05, unit

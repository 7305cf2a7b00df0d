"""Names are found whole, in every spelling of the press, and never inside another name."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.topics import ANY, Role, Topic, find_mentions, is_relevant, load_topics

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
    "a first name in Title Case": ("Imran Rejects Talks", [("pti", "Imran")]),
    "a surname in Title Case": ("Jailed Khan Rejects Talks", [("pti", "Khan")]),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND.keys())
def test_a_name_is_found_in_every_spelling(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


NOT_FOUND = {
    "an agency's dateline": "NEW DELHI, May 2 (PTI) The minister met his counterpart",
    "an agency's word": "an official told PTI on Friday",
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


def test_finding_names_takes_time_in_proportion_to_the_text() -> None:
    def seconds(text: str) -> float:
        begin = time.perf_counter()
        find_mentions(PTI, text)
        return time.perf_counter() - begin

    find_mentions(PTI, "warm up")
    for unit in ("Khan talks (PTI) ", "Imran ", "x", "- - "):
        small, large = (min(seconds(unit * count) for _ in range(3)) for count in (3_000, 30_000))
        assert large < 40 * small + 0.05, unit

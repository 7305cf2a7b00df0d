"""A passage is told of the channel that a careful reader would name, from its own words or from what went before."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.detection.channels import TITLE, ChannelContext
from monitor.detection.evidence import Assignment
from monitor.topics import ANY, Topic, load_topic, load_topics

PTI = load_topics()["pti"]
SEEDS = Path(__file__).parents[2] / "seeds"


def main_of(context: ChannelContext, index: int, start: int, end: int) -> Assignment | None:
    """The main channel that a clause speaks of, or None."""
    return next(iter(context.assign_all(index, start, end)), None)


LABOUR = """
id = "rail"
label = "Rail pay talks"
homonyms = ["union flag"]
[[parties]]
id = "union"
label = "Rail union"
aliases = ["RMT", "rail union"]
leaders = ["Mick Lynch", "Lynch"]
generic_aliases = ["the union"]
[[parties]]
id = "employer"
label = "Employers"
aliases = ["Network Rail", "train operators"]
generic_aliases = ["employers"]
[[parties]]
id = "ministers"
label = "Transport department"
aliases = ["Department for Transport", "transport secretary"]
generic_aliases = ["ministers"]
[[parties]]
id = "acas"
label = "Conciliation service"
aliases = ["Acas"]
[[channels]]
id = "pay"
label = "Union – employers"
parties = ["union", "employer"]
[[channels]]
id = "political"
label = "Union – ministers"
parties = ["union", "ministers"]
[[channels]]
id = "conciliation"
label = "Through Acas"
intermediaries = ["acas"]
"""

COALITION = """
id = "coalition"
label = "Coalition talks"
[[parties]]
id = "reds"
label = "Reds"
aliases = ["SPD", "Social Democrats"]
[[parties]]
id = "blacks"
label = "Blacks"
aliases = ["CDU", "Christian Democrats"]
[[parties]]
id = "greens"
label = "Greens"
aliases = ["Greens"]
[[channels]]
id = "grand"
label = "SPD – CDU"
parties = ["reds", "blacks"]
[[channels]]
id = "ampel"
label = "SPD – Greens"
parties = ["reds", "greens"]
[[channels]]
id = "kiwi"
label = "CDU – Greens"
parties = ["blacks", "greens"]
"""


def topic_of(folder: Path, source: str) -> Topic:
    path = folder / "topic.toml"
    path.write_text(source, encoding="utf-8")
    return load_topic(path)


@pytest.fixture(scope="module")
def rail(tmp_path_factory: pytest.TempPathFactory) -> Topic:
    return topic_of(tmp_path_factory.mktemp("rail"), LABOUR)


@pytest.fixture(scope="module")
def coalition(tmp_path_factory: pytest.TempPathFactory) -> Topic:
    return topic_of(tmp_path_factory.mktemp("coalition"), COALITION)


def channel(topic: Topic, text: str, *, title: str = "", before: tuple[str, ...] = ()) -> str | None:
    """The channel of a whole sentence that follows others, all in one paragraph."""
    context = ChannelContext(topic, title, (*before, text))
    found = main_of(context, len(before), 0, len(text))
    return found.channel if found else None


def clause(topic: Topic, sentence: str, title: str = "") -> tuple[Assignment, ...]:
    """The channels of the clause in [...]."""
    start, end = sentence.index("["), sentence.index("]") - 1
    text = sentence.replace("[", "").replace("]", "")
    return ChannelContext(topic, title, [text]).assign_all(0, start, end)


OWN_WORDS = [
    ("PTI and the government held a third round of talks.", "government"),
    ("The PTI-government dialogue has collapsed.", "government"),
    ("PTI–establishment talks are under way.", "establishment"),
    ("Imran Khan is ready to talk to the army, his sister said.", "establishment"),
    ("Khan refused to negotiate with the federal government.", "government"),
    ("Rana Sanaullah offered PTI talks.", "government"),
    ("Rana Sanaullah said the establishment would not enter talks with PTI.", "establishment"),
    ("Barrister Gohar said talks with the government were over.", "government"),
    (
        "A signal came from the right quarters to open talks between PTI and the federal government.",
        "government",
    ),
    ("With the establishment's blessing, PTI met the government's committee.", "government"),
    ("The military-backed government invited PTI for talks.", "government"),
    ("Talks between the overseas PTI supporters and the government went on.", "overseas"),
    ("The American Pakistanis met Imran Khan and then generals of the army for talks.", "overseas"),
    ("Atif Khan of PTI USA said that PTI should hold talks with the government.", "government"),
    (
        "Tanweer Ahmed said he held several meetings with Imran Khan to negotiate with the government.",
        "overseas",
    ),
    ("Tanweer Ahmed said the discussions had gone well.", "overseas"),
    ("Only establishment will do for PTI talks: Khawaja Asif", "establishment"),
    ("Pakistan govt: no dialogue with Imran", "government"),
    ("In a talk with a private TV channel, Shehbaz Sharif said he had invited PTI.", "government"),
    ("After a meeting with the IMF, the government resumed talks with PTI.", "government"),
    ("The PPP-PML-N talks over canals failed, PTI said.", None),
    ("The PTI-JUI talks failed, the government said.", None),
    ("Imran Khan denies talks with military, says Aleema.", "establishment"),
    ("The government rejects PTI's demand for talks with the establishment.", "establishment"),
    ("Overseas PTI supporters met generals for talks on Khan's release.", "overseas"),
    ("The military courts will not stop the talks.", None),
    ("PML-N says it remains open to dialogue.", "government"),
    ("GHQ has closed the door on negotiations.", "establishment"),
    ("PTI held talks with Maulana Fazlur Rehman.", None),
    ("The government's talks with the IMF went well, a PTI leader said.", None),
    ("Pakistan-India talks worried PTI and the government.", None),
    ("Talks between PTI and Jamaat-e-Islami failed.", None),
    ("Talks are going on.", None),
    ("PTI wants talks.", None),
]


@pytest.mark.parametrize(("text", "expected"), OWN_WORDS, ids=[row[0] for row in OWN_WORDS])
def test_a_sentence_tells_its_channel_by_who_takes_part(text: str, expected: str | None) -> None:
    assert channel(PTI, text) == expected


GOVERNMENT = "PTI and the federal government held talks in Islamabad."
OVERSEAS = "An American-Pakistani delegation held talks with Imran Khan in jail."
ARMY = "Azam Swati backed dialogue with the establishment."
IN_CONTEXT = [
    ("The two sides will meet again.", (GOVERNMENT,), "government"),
    ("The talks ended without result.", (ARMY,), "establishment"),
    ("He said the talks would go on.", (OVERSEAS,), "overseas"),
    ("Khan showed readiness for a settlement with the government and the military.", (OVERSEAS,), "overseas"),
    ("Two long sessions were held with senior government officers.", (OVERSEAS,), "overseas"),
    ("State authorities were told that the talks were over.", (OVERSEAS,), "overseas"),
    ("PTI leader Azam Swati supported dialogue with the state.", (OVERSEAS,), "establishment"),
    (
        "Salman Akram Raja disagreed.",
        (OVERSEAS, "PTI leader Azam Swati supported dialogue with the state."),
        "establishment",
    ),
    ("Talks broke down.", (OVERSEAS, ARMY, "One.", "Two.", "Three."), "overseas"),
    ("It was quiet. Talks broke down.", ("The army denied the reports.", GOVERNMENT), "government"),
    ("The offer was rejected by Khan.", (GOVERNMENT, "Rain fell."), "government"),
]


@pytest.mark.parametrize(("text", "before", "expected"), IN_CONTEXT, ids=[row[0] for row in IN_CONTEXT])
def test_what_a_sentence_leaves_open_the_context_tells(
    text: str, before: tuple[str, ...], expected: str
) -> None:
    assert channel(PTI, text, before=before) == expected


def test_the_headline_tells_what_a_bare_sentence_is_about() -> None:
    title = "Imran Khan rejects dialogue with Pak govt"

    assert channel(PTI, "Talks have ended.", title=title) == "government"
    found = main_of(ChannelContext(PTI, title, ["Talks have ended."]), 0, 0, 10)
    assert found is not None
    assert found.how == "headline"


def test_the_headline_has_a_channel_of_its_own_or_the_leads() -> None:
    own = main_of(ChannelContext(PTI, "PTI, army in talks", [GOVERNMENT]), TITLE, 0, 18)
    leads = main_of(ChannelContext(PTI, "Talks collapse", [GOVERNMENT]), TITLE, 0, 14)

    assert own is not None
    assert own.channel == "establishment"
    assert leads is not None
    assert (leads.channel, leads.how) == ("government", "headline")


def test_a_new_paragraph_returns_to_what_the_text_is_about_unless_it_refers_back() -> None:
    sentences = [OVERSEAS, ARMY, "Talks for his release go on.", "These talks worry others."]
    apart = ChannelContext(PTI, "", sentences, paragraphs=[0, 1, 2, 2])
    referring = ChannelContext(PTI, "", [OVERSEAS, ARMY, "These talks are denied."], paragraphs=[0, 1, 2])

    assert [one.channel if one else None for one in (main_of(apart, i, 0, 20) for i in range(4))] == [
        "overseas",
        "establishment",
        "overseas",
        "overseas",
    ]
    back = main_of(referring, 2, 0, 20)
    assert back is not None
    assert back.channel == "establishment"


def test_as_many_paragraph_numbers_as_sentences_are_asked_for() -> None:
    with pytest.raises(ValueError, match="2 sentences need as many paragraph numbers, not 1"):
        ChannelContext(PTI, "", ["a", "b"], paragraphs=[0])


def test_a_clause_outweighs_the_rest_of_its_sentence() -> None:
    both = "Talks between PTI and the government stalled, [but PTI's dialogue with the army goes on]."

    assert clause(PTI, both)[0].channel == "establishment"
    assert (
        clause(PTI, "[Talks between PTI and the government stalled], but PTI wrote to the army.")[0].channel
        == "government"
    )


def test_a_clause_without_names_takes_those_of_its_sentence() -> None:
    (found,) = clause(PTI, "Hopes of talks between PTI and the government faded as [talks were put off].")

    assert (found.channel, found.how) == ("government", "sentence")


def test_a_relative_clause_has_its_subject_before_it() -> None:
    found = clause(
        PTI, "It was a nod from the establishment, [which has distanced itself from dialogue with PTI]."
    )

    assert found[0].channel == "establishment"


def test_talks_with_two_counterparts_are_of_both_channels() -> None:
    found = clause(PTI, "[PTI wants talks with the government and the establishment].")

    assert [one.channel for one in found] == ["government", "establishment"]
    assert not any(one.contrast for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "[Khan has turned down offers from both the government and the establishment].",
        "[Neither the government nor the establishment has answered PTI's offer of talks].",
    ],
)
def test_what_is_said_of_two_counterparts_in_one_breath_is_said_of_each(text: str) -> None:
    assert [one.channel for one in clause(PTI, text)] == ["government", "establishment"]


CONTRASTS = [
    (
        "[Khan wants talks only with the establishment, not the government].",
        "",
        "establishment",
        "government",
    ),
    ("[Khan wants talks with the army rather than the government].", "", "establishment", "government"),
    (
        "[No negotiations would occur unless they were held directly with the establishment].",
        "Khan rejects talks with government",
        "government",
        "establishment",
    ),
]


@pytest.mark.parametrize(("text", "title", "main", "contrast"), CONTRASTS, ids=[row[0] for row in CONTRASTS])
def test_a_channel_set_against_another_is_told_as_contrast(
    text: str, title: str, main: str, contrast: str
) -> None:
    found = clause(PTI, text, title)

    assert [(one.channel, one.contrast) for one in found] == [(main, False), (contrast, True)]


@pytest.mark.parametrize(
    "text",
    [
        "[Khan wants to talk to nobody but the army].",
        "[The PTI would negotiate with no one except the army], Gohar said.",
        "[Khan refuses to sit with anyone but the army].",
        "[Khan will speak to no party other than the army].",
    ],
)
def test_with_nobody_but_one_is_said_of_that_one_turned_round(text: str) -> None:
    found = clause(PTI, text)

    assert ("establishment", True) in [(one.channel, one.contrast) for one in found]
    assert ("establishment", False) not in [(one.channel, one.contrast) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '"Come, I am ready for talks," Shehbaz Sharif said at a session in honour of the army.',
            "government",
        ),
        ('"Come, I name the PTI, for talks," he told a ceremony that was held for the army.', "government"),
        ('"There will be no talks," Asim Munir, the army chief, told reporters at lunch.', "establishment"),
        ('Asim Munir wants no talks, and "no more letters".', "establishment"),
    ],
)
def test_who_is_named_around_a_quotation_has_no_part_in_what_it_says(text: str, expected: str) -> None:
    context = ChannelContext(PTI, "PTI awaits talks with the federal government", [text])
    assert [one.channel for one in context.assign_all(0, 0, len(text), text.index("talks"))] == [expected]


def test_a_condition_on_a_party_is_no_contrast() -> None:
    found = clause(PTI, "[PTI will hold no talks with the government unless the government frees Khan].")

    assert [(one.channel, one.contrast) for one in found] == [("government", False)]


def test_a_generic_name_counts_only_where_another_party_is_named() -> None:
    assert channel(PTI, "The government and the union held talks.") is None
    assert channel(PTI, "The government held talks.", before=("PTI is angry.",)) == "government"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("PTI spurns the federal government's committee", "government"),
        ("PTI spurns the federal government's committee and waits for the army", None),
        ("PTI spurns a committee", None),
    ],
)
def test_an_opening_that_names_but_the_two_sides_of_one_channel_is_of_it(
    title: str, expected: str | None
) -> None:
    assert channel(PTI, "The talks will start again.", title=title) == expected


LABOUR_ROWS = [
    ("RMT and Network Rail resumed talks.", (), "pay"),
    ("Lynch called off talks with train operators.", (), "pay"),
    ("The transport secretary ruled out talks with the RMT.", (), "political"),
    ("RMT talks with Network Rail through Acas broke down.", (), "conciliation"),
    ("Acas said the union and Network Rail had begun talks.", (), "pay"),
    ("Network Rail is ready for talks.", (), "pay"),
    ("The union is ready for talks.", ("The Department for Transport offered the RMT talks.",), "political"),
    ("Talks ended after an hour.", ("The RMT met Network Rail for talks.",), "pay"),
    ("The RMT held talks with the Labour Party.", (), None),
    ("A union flag flew over the talks.", (), None),
]


@pytest.mark.parametrize(("text", "before", "expected"), LABOUR_ROWS, ids=[row[0] for row in LABOUR_ROWS])
def test_a_labour_topic_is_told_apart_by_the_same_rules(
    rail: Topic, text: str, before: tuple[str, ...], expected: str | None
) -> None:
    assert channel(rail, text, before=before) == expected


COALITION_ROWS = [
    ("SPD and CDU agreed to open talks.", (), "grand"),
    ("The Greens walked out of talks with the CDU.", (), "kiwi"),
    ("Talks between the Social Democrats and the Greens continue.", (), "ampel"),
    ("The SPD said talks had failed.", ("CDU and SPD negotiators met.", "SPD and CDU held talks."), "grand"),
    ("The Greens said the CDU's talks with the SPD would fail.", (), "grand"),
    ("The SPD wants talks.", (), None),
]


@pytest.mark.parametrize(
    ("text", "before", "expected"), COALITION_ROWS, ids=[row[0] for row in COALITION_ROWS]
)
def test_a_topic_without_a_common_party_is_told_apart_by_the_same_rules(
    coalition: Topic, text: str, before: tuple[str, ...], expected: str | None
) -> None:
    assert channel(coalition, text, before=before) == expected


def test_the_topic_any_has_one_channel() -> None:
    (found,) = ChannelContext(ANY, "", ["Anyone talks."]).assign_all(0, 0, 5)

    assert (found.channel, found.how, found.fit) == ("any", "any", 1.0)


# Seed; words that begin in one sentence of it; the channel of that sentence.
SEED_ROWS = [
    ("000", "talks for Imran Khan’s release actually began", "overseas"),
    ("000", "confidential meetings took place", "overseas"),
    ("000", "multiple rounds of discussions", "overseas"),
    ("000", "reach a settlement with the government", "overseas"),
    ("000", "pulled out of the negotiations", "overseas"),
    ("000", "He ended the discussions", "overseas"),
    ("000", "a new round of talks", "overseas"),
    ("000", "two long sessions with senior government officers", "overseas"),
    ("000", "agreed that future discussions would continue", "overseas"),
    ("000", "supported dialogue with the state", "establishment"),
    ("000", "He said Imran Khan agreed with the idea", "establishment"),
    ("000", "Khan had not changed his stance", "establishment"),
    ("000", "continue behind the scenes", "overseas"),
    ("001", "key ongoing discussions with top officials", "overseas"),
    ("001", "the objective of these talks", "overseas"),
    ("001", "several sessions of discussions", "overseas"),
    ("001", "reconciliation with the government", "overseas"),
    ("001", "halted further negotiations", "overseas"),
    ("002", "to negotiate a breakthrough with the government", "overseas"),
    ("002", "the political deadlock between Khan", "overseas"),
    ("002", "discussions had progressed well", "overseas"),
    ("002", "decided to end the talks", "overseas"),
    ("003", "hopes for renewed dialogue", "government"),
    ("003", "to initiate talks with the federal government", "government"),
    ("003", "he reportedly rejected the offer", "government"),
    ("003", "second major breakdown", "government"),
    ("003", "a similar effort collapsed", "government"),
    ("003", "public dialogue offer", "government"),
    ("003", "no negotiations would occur", "government"),
    ("003", "government-level talks", "government"),
    ("003", "dialogue is the only viable path", "government"),
    ("004", "Efforts to resume negotiations", "government"),
    ("004", "had stalled earlier", "government"),
    ("004", "no formal negotiations are underway yet", "government"),
    ("004", "PTI is open to dialogue", "government"),
    ("004", "important discussions were held", "government"),
    ("004", "renewed dialogue with the government", "government"),
]


def seed_sentences(name: str) -> tuple[list[str], list[int]]:
    """Sentences and their paragraphs, cut plainly: no sentence of the rows hangs on how."""
    (path,) = SEEDS.glob(f"{name}_*.txt")
    sentences, paragraphs = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        for sentence in line.replace("! ", ". ").split(". "):
            sentences.append(sentence)
            paragraphs.append(number)
    return sentences, paragraphs


@pytest.mark.parametrize("knows_paragraphs", [True, False], ids=["paragraphs", "no paragraphs"])
@pytest.mark.parametrize(
    ("name", "words", "expected"), SEED_ROWS, ids=[f"{row[0]} {row[1]}" for row in SEED_ROWS]
)
def test_the_seeds_speak_of_the_channels_that_a_reader_names(
    name: str, words: str, expected: str, knows_paragraphs: bool
) -> None:
    sentences, paragraphs = seed_sentences(name)
    context = ChannelContext(PTI, "", sentences, paragraphs=paragraphs if knows_paragraphs else None)
    index = next(index for index, sentence in enumerate(sentences) if words in sentence)

    found = main_of(context, index, 0, len(sentences[index]))

    assert found is not None
    assert found.channel == expected


PIECES = [
    "PTI",
    "Khan",
    "the government",
    "the army",
    "Atif Khan",
    "talks",
    "with",
    "between",
    "and",
    "unless",
    "not",
    "said",
    "IMF",
    ",",
    "(PTI)",
]


@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=40), max_size=6)
)
@settings(max_examples=150, deadline=None)
def test_any_text_gives_fits_between_nothing_and_certain_and_no_channel_twice(sentences: list[str]) -> None:
    context = ChannelContext(PTI, "PTI talks", sentences)

    for index, sentence in enumerate(sentences):
        found = context.assign_all(index, 0, len(sentence))
        assert all(0 < one.fit <= 1 for one in found)
        assert len({one.channel for one in found}) == len(found)


def test_telling_channels_takes_time_in_proportion_to_the_text() -> None:
    def seconds(sentences: list[str]) -> float:
        begin = time.perf_counter()
        main_of(ChannelContext(PTI, "", sentences), 0, 0, 10)
        return time.perf_counter() - begin

    unit = "PTI talks with the government said Khan between "
    many = [min(seconds([unit] * count) for _ in range(2)) for count in (200, 2_000)]
    long = [min(seconds([unit * count]) for _ in range(2)) for count in (200, 2_000)]
    assert many[1] < 40 * many[0] + 0.05
    assert long[1] < 40 * long[0] + 0.05

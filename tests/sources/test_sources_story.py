"""Stories: copies and near-copies of one report are one story, other reports of the same events are not."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.article import Known, to_event
from monitor.sources.folder import read_folder
from monitor.sources.story import WINDOW, Stories
from tests.sources.pairs.reading import PAIRS, sections

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SEEDS = Path(__file__).parents[2] / "seeds"

REPORT = """ISLAMABAD: The government and the Pakistan Tehreek-i-Insaf on Thursday resumed their stalled
negotiations after a break of three weeks, with both committees agreeing to meet again next
Tuesday at Parliament House.

Speaker Ayaz Sadiq, who chaired the sitting, told reporters that the atmosphere was cordial and
that the opposition had been asked to bring its demands in writing. Omar Ayub said that his
party wanted a judicial commission on the events of May 9 and November 26, and the release of
all political prisoners, including the founding chairman.

Senator Irfan Siddiqui, the spokesman of the government's committee, said the demands would be
considered once they were received. He rejected the impression that the talks were being held
under pressure from any quarter.

The dialogue began in December after the prime minister formed a committee on the speaker's
advice. It stalled in January when the opposition said that it had not been allowed to meet its
leader in Adiala jail."""

COPIES = {
    "the same": REPORT,
    "another dateline": "LAHORE - " + REPORT.removeprefix("ISLAMABAD: "),
    "cut short": REPORT[: REPORT.index("Senator Irfan")],
    "a teaser": REPORT[:330],
    "a frame around it": "Our correspondent reports. "
    + REPORT
    + " (With input from agencies.) Follow our channel for more.",
    "another case and spacing": REPORT.upper().replace("\n", "  "),
    "a paragraph left out": REPORT.replace(REPORT.split("\n\n")[1], ""),
    "light rewriting": REPORT.replace("Thursday", "Thursday evening")
    .replace("told reporters", "told journalists")
    .replace("He rejected the impression", "He dismissed the impression")
    .replace("a break of three weeks", "a three-week break")
    .replace("said the demands would be considered", "said that they would be considered"),
}
OTHERS = {
    "a follow-up with the same background": """PESHAWAR: The Pakistan Tehreek-i-Insaf on Tuesday walked out of the
fourth round of talks,
saying that the government had shown no sign of forming the commissions that it had asked for.
Omar Ayub announced the decision outside Parliament House and said that there would be no
further meeting until the founding chairman gave his word. Senator Siddiqui called it
regrettable and said the government's door remained open to anyone who wanted to come back.
Analysts see little hope that the sides will meet again before the end of the month. The
dialogue began in December after the prime minister formed a committee on the speaker's advice.""",
    "another outlet's own report": """After nearly a month of silence the two sides are talking again.
Negotiators for the ruling
coalition and for Imran Khan's party sat down in the capital on Thursday, and both came out
sounding hopeful. The opposition repeated what it wants: an inquiry into last year's violence,
and freedom for its jailed leaders. Nobody expects a quick result, but a date has been fixed for
the next round, on Tuesday, in the same room.""",
    "other news of the same form": """ISLAMABAD: The government and the traders' alliance on Thursday
signed an agreement on the new
tax scheme after talks that lasted two days, with both sides agreeing to form a committee for
its implementation. Finance Minister Muhammad Aurangzeb told reporters that the registration of
shopkeepers would begin next month. Kashif Chaudhry said his members had been assured that no
one would be harassed. The alliance called off its strike.""",
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_belongs_to_the_story_of_what_it_copies(name: str) -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    assert stories.story_of(NOW + timedelta(days=1), COPIES[name]) == "story"
    other_way = Stories()
    other_way.add("story", "story", NOW, COPIES[name])
    assert other_way.story_of(NOW - timedelta(days=1), REPORT) == "story"


@pytest.mark.parametrize("name", OTHERS)
def test_another_report_is_another_story(name: str) -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    assert stories.story_of(NOW, OTHERS[name]) is None


def test_the_same_words_long_after_are_another_story() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    assert stories.story_of(NOW + WINDOW + timedelta(hours=1), REPORT) is None


def test_short_texts_must_be_the_same() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, "PTI and government hold talks in Islamabad on Thursday")
    assert stories.story_of(NOW, "PTI and Government hold talks in Islamabad on Thursday!") == "story"
    assert stories.story_of(NOW, "PTI and government hold talks in Islamabad on Friday") is None
    assert stories.story_of(NOW, "") is None


def test_a_copy_of_a_copy_belongs_to_the_first_ones_story() -> None:
    known = Known()
    (found,) = (read for read in read_folder(SEEDS, now=NOW).articles if read.outlet == "WION")
    stories = set()
    for number, outlet in enumerate(("A", "B", "C")):
        copy = replace(
            found,
            url=f"https://{outlet}.example/1",
            outlet=outlet,
            text=f"{outlet}: " + found.text[: 3200 - 300 * number],
        )
        event = to_event(copy, "pti", by="t", known=known, now=NOW)
        known.apply(event)
        stories.add((event.data["story_id"], event.data["article_id"] == event.data["story_id"]))
    assert len({story for story, _ in stories}) == 1
    assert {first for _, first in stories} == {True, False}


def test_the_five_seeds_are_five_stories() -> None:
    known = Known()
    for found in read_folder(SEEDS, now=NOW).articles:
        event = to_event(found, "pti", by="t", known=known, now=NOW)
        known.apply(event)
        assert event.data["story_id"] == event.data["article_id"]


_WORDS = st.lists(st.sampled_from(["talks", "party", "khan", "army", "offer", "jail"]), max_size=60).map(
    " ".join
)


@given(_WORDS, _WORDS)
def test_being_alike_does_not_depend_on_which_came_first(one: str, other: str) -> None:
    def story_of(first: str, second: str) -> str | None:
        stories = Stories()
        stories.add("story", "story", NOW, first)
        return stories.story_of(NOW, second)

    assert story_of(one, other) == story_of(other, one)
    assert story_of(one, one) == ("story" if one else None)


def test_a_revised_text_takes_the_place_of_the_old_one() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    stories.add("story", "story", NOW, OTHERS["other news of the same form"])
    assert stories.story_of(NOW, REPORT) is None
    assert stories.story_of(NOW, OTHERS["other news of the same form"]) == "story"


SCRIPTS = {name: text.split("\n===\n") for name, text in sections(PAIRS / "scripts.md").items()}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_of_all_kinds_are_read(name: str) -> None:
    one, other = SCRIPTS[name]
    stories = Stories()
    stories.add("story", "story", NOW, one)
    assert stories.story_of(NOW, other) == (None if name.endswith("of-the-same-form") else "story")


def test_reports_of_one_form_are_told_apart_by_their_numbers() -> None:
    form = (
        "The Selm index of leading shares closed at {} points on the last day of the week, {} points more than the "
        "day before, as traders waited for word from the central bank. Most of the shares in the index moved little. "
        "Of those that did, {} rose and {} fell, and the makers of paper did best of all, as they often do when the "
        "price of wood falls. The price of copper for delivery in summer was {} crowns a tonne at the close, and that "
        "of tin was {} crowns. The market opens again on Monday, when the ministry of finance offers new bonds."
    )
    stories = Stories()
    stories.add("story", "story", NOW, form.format(4118, 23, 31, 9, 8114, 24310))
    again = form.format(4118, 23, 31, 9, 8114, 24310).replace(
        "as traders waited", "while traders were waiting"
    )
    assert stories.story_of(NOW, again) == "story"
    assert stories.story_of(NOW, form.format(4092, 26, 12, 28, 8052, 24105)) is None


def test_words_of_one_skeleton_of_consonants_are_told_apart() -> None:
    roots = ["कल", "पर", "मन", "दल", "जन", "तट", "रथ", "सम", "बच", "गर", "हर", "शव"]
    pairs_of_roots = [(one, other) for one in roots for other in roots if one != other][:40]
    one = " ".join(f"{a[0]}ि{a[1]}{b}" for a, b in pairs_of_roots)
    other = " ".join(f"{a[0]}ु{a[1]}{b}" for a, b in pairs_of_roots)
    stories = Stories()
    stories.add("story", "story", NOW, one)
    assert stories.story_of(NOW, one + " और") == "story"
    assert stories.story_of(NOW, other) is None


def _words(seed: str, count: int) -> str:
    dice = random.Random(seed)
    return " ".join(f"w{dice.randrange(30_000)}x" for _ in range(count))


@pytest.mark.parametrize("kept", [100, 120, 140, 160, 180])
def test_a_chain_of_follow_ups_never_leads_away_from_the_first_article(kept: int) -> None:
    """Each keeps so many words of the one before under a new beginning, as background."""
    stories, chain = Stories(), [_words("first", 200)]
    for number in range(12):
        chain.append(_words(f"new {number}", 200 - kept) + " " + " ".join(chain[-1].split()[:kept]))
    story_of = []
    for number, text in enumerate(chain):
        story = stories.story_of(NOW + timedelta(days=number), text) or str(number)
        stories.add(str(number), story, NOW + timedelta(days=number), text)
        story_of.append(int(story))
    for number, first in enumerate(story_of):
        assert len(set(chain[number].split()) & set(chain[first].split())) >= 60
    assert len(set(story_of)) >= 2


def test_a_digest_does_not_join_the_reports_that_it_holds() -> None:
    stories = Stories()
    one, other = _words("one", 90), _words("other", 90)
    stories.add("one", "one", NOW, one)
    assert stories.story_of(NOW, f"{one} {other}") == "one"
    stories.add("digest", "one", NOW, f"{one} {other}")
    assert stories.story_of(NOW, other) is None


def test_the_order_of_arrival_only_says_which_article_is_first() -> None:
    texts = ["the same", "light rewriting", "cut short", "a frame around it"]
    for order in permutations(texts):
        stories = Stories()
        stories.add(order[0], order[0], NOW, COPIES[order[0]])
        for name in order[1:]:
            assert stories.story_of(NOW, COPIES[name]) == order[0]
            stories.add(name, order[0], NOW, COPIES[name])


def test_of_several_copies_the_most_alike_counts_and_of_equals_the_first() -> None:
    stories = Stories()
    stories.add("cut", "cut", NOW, COPIES["a paragraph left out"])
    stories.add("whole", "whole", NOW, REPORT)
    stories.add("again", "again", NOW, REPORT)
    assert stories.story_of(NOW, REPORT + " (agencies)") == "whole"

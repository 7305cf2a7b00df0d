"""Stories: copies and near-copies of one report are one story, other reports of the same events are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.article import Known, to_event
from monitor.sources.folder import read_folder
from monitor.sources.story import MAX_RECENT, WINDOW, Stories

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
    stories.add("a", "story", NOW, REPORT)
    assert stories.story_of(NOW + timedelta(days=1), COPIES[name]) == "story"
    other_way = Stories()
    other_way.add("b", "story", NOW, COPIES[name])
    assert other_way.story_of(NOW - timedelta(days=1), REPORT) == "story"


@pytest.mark.parametrize("name", OTHERS)
def test_another_report_is_another_story(name: str) -> None:
    stories = Stories()
    stories.add("a", "story", NOW, REPORT)
    assert stories.story_of(NOW, OTHERS[name]) is None


def test_the_same_words_long_after_are_another_story() -> None:
    stories = Stories()
    stories.add("a", "story", NOW, REPORT)
    assert stories.story_of(NOW + WINDOW + timedelta(hours=1), REPORT) is None


def test_short_texts_must_be_the_same() -> None:
    stories = Stories()
    stories.add("a", "story", NOW, "PTI and government hold talks in Islamabad on Thursday")
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


def test_the_memory_of_stories_is_bounded_and_keeps_the_newest() -> None:
    stories = Stories()
    for number in range(MAX_RECENT + 10):
        stories.add(str(number), f"s{number}", NOW, " ".join(f"w{number}x{n}" for n in range(30)))
    assert (
        stories.story_of(NOW, " ".join(f"w{MAX_RECENT + 9}x{n}" for n in range(30))) == f"s{MAX_RECENT + 9}"
    )
    assert stories.story_of(NOW, " ".join(f"w0x{n}" for n in range(30))) is None


_WORDS = st.lists(st.sampled_from(["talks", "party", "khan", "army", "offer", "jail"]), max_size=60).map(
    " ".join
)


@given(_WORDS, _WORDS)
def test_being_alike_does_not_depend_on_which_came_first(one: str, other: str) -> None:
    def story_of(first: str, second: str) -> str | None:
        stories = Stories()
        stories.add("a", "story", NOW, first)
        return stories.story_of(NOW, second)

    assert story_of(one, other) == story_of(other, one)
    assert story_of(one, one) == ("story" if one else None)


def test_a_revised_text_takes_the_place_of_the_old_one() -> None:
    stories = Stories()
    stories.add("a", "story", NOW, REPORT)
    stories.add("a", "story", NOW, OTHERS["other news of the same form"])
    assert stories.story_of(NOW, REPORT) is None
    assert stories.story_of(NOW, OTHERS["other news of the same form"]) == "story"


def test_a_forgotten_article_leaves_nothing_behind() -> None:
    stories = Stories()
    for number in range(3 * MAX_RECENT):
        stories.add(str(number), "s", NOW, f"common words of every text and {number} more")
    assert len(stories._recent) == MAX_RECENT
    assert len(stories._holders) < 8 * MAX_RECENT

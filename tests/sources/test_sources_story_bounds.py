"""Stories in bulk: what they forget, what they cost, and that a restart gives the same ones."""

import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.log.events import Event
from monitor.sources.article import Known, to_event
from monitor.sources.model import ArticleFound
from monitor.sources.story import KEPT, MAX_RECENT, WINDOW, Stories
from monitor.vocabulary import Precision
from tests.sources.pairs.reading import families

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FAMILIES = families("tuning")
REPORT, OTHER = (FAMILIES["verland-coalition"][name] for name in ("report", "other"))


def _words(seed: str, count: int) -> str:
    dice = random.Random(seed)
    return " ".join(f"w{dice.randrange(30_000)}x" for _ in range(count))


def test_a_frame_around_all_articles_of_an_outlet_hides_no_copy() -> None:
    stories = Stories()
    report, before = _words("report", 120), _words("before", 60)
    stories.add("story", "story", NOW, report)
    for number in range(500):
        stories.add(str(number), str(number), NOW, f"{before} {_words(str(number), 100)}")
    rewritten = " ".join(word if place % 7 else "new" for place, word in enumerate(report.split()))
    assert stories.story_of(NOW, f"{before} {rewritten}") == "story"


def test_an_article_that_comes_one_window_late_still_meets_its_copies() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    stories.add("later", "later", NOW + 2 * WINDOW, OTHER)
    assert stories.story_of(NOW + WINDOW, REPORT) == "story"


def test_what_is_too_old_is_forgotten() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    stories.add("later", "later", NOW + KEPT + timedelta(hours=1), OTHER)
    assert stories.story_of(NOW, REPORT) is None


def test_one_wrong_date_empties_nothing() -> None:
    stories = Stories()
    for number in range(10):
        stories.add(str(number), str(number), NOW, _words(str(number), 100))
    stories.add("wrong", "wrong", NOW.replace(year=2099), REPORT)
    assert [stories.story_of(NOW, _words(str(number), 100)) for number in range(2, 10)] == list("23456789")


def test_a_story_ends_when_its_first_article_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.sources.story.MAX_RECENT", 2)
    stories = Stories()
    stories.add("story", "story", NOW, REPORT)
    stories.add("copy", "story", NOW, REPORT)
    stories.add("other", "other", NOW, OTHER)
    assert stories.story_of(NOW, REPORT) is None
    stories.add("new", "new", NOW, REPORT)
    assert stories.story_of(NOW, REPORT) == "new"


@pytest.mark.drill
def test_ten_thousand_articles_take_at_most_24_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of runs has a fixed size; beside it each article takes so much, and those beyond the cap nothing."""
    monkeypatch.setattr("monitor.sources.story.MAX_RECENT", 500)
    ids = [f"{number:032x}" for number in range(1_500)]
    texts = [_words(str(number), 300) for number in range(1_500)]

    def bytes_after(count: int) -> int:
        tracemalloc.start()
        stories = Stories()
        for id_, text in zip(ids[:count], texts[:count], strict=True):
            stories.add(id_, id_, NOW, text)
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return used if stories else 0

    table, full, past = bytes_after(0), bytes_after(500), bytes_after(1_500)
    assert table + MAX_RECENT * (full - table) / 500 < 24 * 2**20
    assert past - table < 1.2 * (full - table)


@pytest.mark.drill
def test_a_full_window_costs_little_time() -> None:
    """With 5,000 articles in the window, one more takes at most four times what it takes when there are 100."""
    texts = [_words(str(number), 300) for number in range(5_400)]
    stories = Stories()

    def seconds(start: int, end: int) -> float:
        begun = time.process_time()
        for number in range(start, end):
            assert stories.story_of(NOW, texts[number]) is None
            stories.add(str(number), str(number), NOW, texts[number])
        return time.process_time() - begun

    seconds(0, 100)
    few = seconds(100, 500)
    seconds(500, 5_000)
    assert seconds(5_000, 5_400) < 4 * few


@pytest.mark.parametrize(
    "text", ["", " \n", "!?", "\ud800 \udfff", "\x00", "1", "word", "word word", "a b c"]
)
def test_texts_of_next_to_nothing_do_no_harm(text: str) -> None:
    stories = Stories()
    stories.add("report", "report", NOW, REPORT)
    stories.add("story", "story", NOW, text)
    assert stories.story_of(NOW, text) == ("story" if any(sign.isalnum() for sign in text) else None)
    assert stories.story_of(NOW, REPORT) == "report"


def test_a_huge_text_is_read_no_further_than_its_beginning() -> None:
    stories = Stories()
    stories.add("story", "story", NOW, REPORT * 10_000)
    assert stories.story_of(NOW, REPORT) == "story"


_POOL = ["Talks resume on Monday", ""]
_POOL += [
    text
    for name in ("verland-coalition", "rovers-match", "urdu-mazakrat")
    for text in FAMILIES[name].values()
]


@given(st.lists(st.tuples(st.sampled_from(_POOL), st.integers(0, 6), st.integers(0, 40)), max_size=25))
def test_a_restart_at_any_event_gives_the_same_stories(arrivals: list[tuple[str, int, int]]) -> None:
    known, log = Known(), list[tuple[ArticleFound, Event]]()
    for text, page, day in arrivals:
        found = ArticleFound(
            url=f"https://one.example/{page}",
            outlet="One",
            source="one",
            title="A title",
            text=text,
            language="en",
            published_at=NOW + timedelta(days=day),
            precision=Precision.DAY,
            first_seen_at=NOW,
        )
        event = to_event(found, "pti", by="t", known=known, now=NOW)
        if event is not None:
            known.apply(event)
            log.append((found, event))
    again = Known()
    for found, event in log:
        assert to_event(found, "pti", by="t", known=again, now=NOW) == event
        again.apply(event)
    story_of: dict[str, str] = {}
    for _, event in log:
        assert story_of.setdefault(event.data["article_id"], event.data["story_id"]) == event.data["story_id"]

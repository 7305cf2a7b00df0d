"""What a source shows at once says whether its ids can be believed, and whether it has moved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.log.events import Event
from monitor.sources.article import Known, shown_together, to_event
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.sources.newsroom import removal

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def article(number: int, *, words: int = 60) -> ArticleFound:
    return ArticleFound(
        url=f"https://news.example/{number}",
        outlet="News",
        source="news",
        title=f"Headline {number}",
        text=" ".join(f"{number}word{word}" for word in range(words)),
        language="en",
        published_at=NOW - timedelta(hours=40) + timedelta(minutes=7 * number),
        precision=Precision.TIME,
        first_seen_at=NOW,
        guid=f"guid-{number}",
    )


class Topic:
    """A topic's log, which a source's polls are put into; `Known` is made anew for each, as after a restart."""

    def __init__(self, *polls: Sequence[ArticleFound]) -> None:
        self.events: list[Event] = []
        for found in polls:
            self.poll(found)

    def poll(self, found: Sequence[ArticleFound]) -> list[str]:
        known = Known()
        for event in self.events:
            known.apply(event)
        shown, before, known = shown_together(found, known), len(self.events), Known(known)
        for one in found:
            event = to_event(one, "pti", by="t", known=known, now=NOW, shown=shown)
            if event is not None:
                known.apply(event)
                self.events.append(event)
        return [event.type.removeprefix("article.") for event in self.events[before:]]


def moved(one: ArticleFound, **more: object) -> ArticleFound:
    """The article with another id and another address."""
    return replace(one, **{"guid": f"node/{one.guid}", "url": f"{one.url}/moved", **more})


OLD = [article(number) for number in range(10)]


@pytest.mark.parametrize(
    "found",
    [
        [moved(one) for one in OLD],
        [moved(one, title=one.title.replace("Headline", "“Headline”")) for one in OLD],
        [moved(one, published_at=one.published_at + timedelta(hours=5)) for one in OLD],
        [moved(one) for one in OLD[:1]],
        [moved(replace(article(number, words=9))) for number in range(10)],
    ],
)
def test_a_site_that_moves_brings_nothing_new(found: list[ArticleFound]) -> None:
    known = [article(number, words=9) for number in range(10)] if len(found[0].text) < 100 else OLD
    topic = Topic(known)
    assert topic.poll(found) == []
    assert topic.poll(found) == []


@pytest.mark.parametrize(
    "found",
    [
        [moved(one, text=one.text + " Read on at our new site, which is faster.") for one in OLD],
        [moved(one, title=f"{one.title} | News") for one in OLD],
        [moved(one, text=" ".join(one.text.split()[:45])) for one in OLD],
        [moved(one, published_at=None, precision=Precision.UNKNOWN, text=one.text + " More.") for one in OLD],
        [moved(one, text=one.text + " More.") for one in OLD[:1]],
    ],
)
def test_a_site_that_moves_and_rewrites_brings_revisions_only(found: list[ArticleFound]) -> None:
    topic = Topic(OLD)
    assert topic.poll(found) == ["revised"] * len(found)
    assert topic.poll(found) == []


def test_news_that_comes_with_a_move_is_news() -> None:
    topic = Topic(OLD)
    assert topic.poll([*map(moved, OLD), article(99)]) == ["ingested"]


def test_what_looks_like_an_article_that_is_still_there_is_another_one() -> None:
    topic = Topic(OLD)
    twin = moved(OLD[3], text=OLD[3].text + " More.")
    assert topic.poll([*OLD, twin]) == ["ingested"]
    assert topic.poll([*OLD, twin]) == []


def test_likenesses_in_one_first_poll_are_articles_of_their_own() -> None:
    twin = moved(OLD[3], text=OLD[3].text + " More.")
    topic = Topic([*OLD, twin])
    assert len(topic.events) == 11
    assert topic.poll([*OLD, twin]) == []


def test_other_news_under_one_headline_is_not_taken_for_the_same() -> None:
    topic = Topic([replace(one, title="The day in short") for one in OLD[:5]])
    assert topic.poll([replace(one, title="The day in short") for one in OLD[5:]]) == ["ingested"] * 5


def test_a_correction_taken_back_under_another_id_is_a_revision_unless_the_corrected_one_is_still_there() -> (
    None
):
    corrected = replace(OLD[0], text=OLD[0].text + " Corrected.")
    back = moved(OLD[0])
    topic = Topic(OLD)
    assert topic.poll([corrected, *OLD[1:]]) == ["revised"]
    assert topic.poll([corrected, back, *OLD[1:]]) == []
    assert topic.poll([back, *OLD[1:]]) == ["revised"]


def by_place(*numbers: int) -> list[ArticleFound]:
    """A feed whose ids only count its places."""
    return [replace(article(number), guid=str(place)) for place, number in enumerate(numbers)]


def test_ids_that_count_places_lose_no_article() -> None:
    topic = Topic(by_place(2, 1, 0))
    assert topic.poll(by_place(3, 2, 1)) == ["ingested"]
    assert topic.poll(by_place(6, 5, 4)) == ["ingested"] * 3
    assert topic.poll(by_place(6, 5, 4)) == []
    assert topic.poll(by_place(3, 2, 1)) == []
    assert len(topic.events) == 7


def test_a_removed_article_does_not_come_back_under_an_id_that_counts_places() -> None:
    def feed(*numbers: int) -> list[ArticleFound]:
        """In which every fourth article has the same headline."""
        return [
            one if number % 4 else replace(one, title="The day in short")
            for number, one in zip(numbers, by_place(*numbers), strict=True)
        ]

    topic = Topic(feed(3, 2, 1, 0))
    assert topic.poll(feed(4, 3, 2, 1)) == ["ingested"]
    assert topic.poll(feed(7, 6, 5, 4)) == ["ingested"] * 3
    topic.events.append(removal(topic.events[4].data["article_id"], NOW))
    back = replace(feed(4)[0], url="https://news.example/back", text="Anew: " + article(4).text)
    assert topic.poll([*feed(7, 6, 5), replace(back, guid="3")]) == []


def test_an_id_that_the_newest_article_always_has_loses_none() -> None:
    def feed(*numbers: int) -> list[ArticleFound]:
        first, *others = [article(number) for number in numbers]
        return [replace(first, guid="feed"), *(replace(one, guid=f"feed {one.url}") for one in others)]

    topic = Topic(feed(1, 0))
    for newest in range(2, 6):
        assert topic.poll(feed(newest, newest - 1)) == ["ingested"]
    assert topic.poll(feed(3, 2, 1, 0)) == []


def test_ids_that_are_new_at_each_look_double_no_article() -> None:
    short = [replace(article(number, words=5), url=None) for number in range(10)]
    topic = Topic(short)
    for look in range(1, 4):
        assert topic.poll([replace(one, guid=f"{one.guid}/{look}") for one in short]) == []


def test_one_changed_id_among_many_does_not_make_the_others_doubtful() -> None:
    found = [article(number) for number in range(60)]
    topic = Topic(found)
    rewritten = article(59)
    rewritten = replace(
        rewritten,
        url="https://news.example/new",
        title="All new",
        text="Rewritten from top to bottom.",
        published_at=NOW,
    )
    assert topic.poll([replace(found[0], guid="else"), *found[1:59], rewritten]) == ["revised"]
    worse = [replace(one, guid=f"{one.guid}-else") for one in found[:5]]
    known = Known()
    for event in topic.events:
        known.apply(event)
    assert shown_together([replace(found[0], guid="else"), *found[1:59]], known).doubted == frozenset()
    assert shown_together([*worse, *found[5:59]], known).doubted == {"news"}


def test_a_lone_article_that_was_written_anew_under_its_id_is_a_revision() -> None:
    topic = Topic(OLD)
    anew = replace(article(50), guid=OLD[0].guid, text="Rewritten.")
    assert topic.poll([anew]) == ["revised"]


@pytest.mark.parametrize(
    ("later", "events"), [(timedelta(days=6), "revised"), (timedelta(days=9), "ingested")]
)
def test_a_lone_article_under_an_old_id_is_another_one_when_it_is_published_much_later(
    later: timedelta, events: str
) -> None:
    topic = Topic([article(0)])
    lone = replace(article(50), guid=article(0).guid, published_at=NOW + later - timedelta(hours=40))
    assert topic.poll([lone]) == [events]
    assert topic.poll([lone]) == []


def test_an_id_that_is_given_to_one_story_after_another_loses_none() -> None:
    def feed(day: int) -> list[ArticleFound]:
        return [*OLD, replace(article(50 + day), guid="lead")]

    topic = Topic(feed(0))
    assert topic.poll(feed(1)) == ["revised"]  # it may have been written anew, once
    for day in range(2, 40):
        assert topic.poll(feed(day)) == ["ingested"]
        assert topic.poll(feed(day)) == []
    corrected = replace(article(89), guid="lead", text=article(89).text + " Corrected.")
    assert topic.poll([*OLD, corrected]) == ["revised"]
    assert topic.events[-1].data["article_id"] == topic.events[-2].data["article_id"]


def test_a_story_that_goes_on_under_its_id_stays_one_article() -> None:
    topic = Topic(OLD)
    for hour in range(1, 4):
        goes_on = replace(
            OLD[0],
            url=f"https://news.example/0-{hour}",
            title=f"Headline of hour {hour}",
            text=" ".join(f"hour{hour}word{word}" for word in range(90)) + " " + OLD[0].text,
            published_at=NOW + timedelta(hours=hour),
        )
        assert topic.poll([goes_on, *OLD[1:]]) == ["revised"]


def test_the_next_article_at_one_address_is_another_one() -> None:
    def live(number: int) -> ArticleFound:
        return replace(article(number), url="https://news.example/live")

    topic = Topic([live(1)])
    assert topic.poll([live(2)]) == ["ingested"]
    assert topic.poll([live(3)]) == ["ingested"]
    assert topic.poll([live(3)]) == []

"""Identity: one article keeps one id however it comes, and a log gets exactly the events that it needs."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ids import fact_id
from monitor.log.events import Event
from monitor.sources import known
from monitor.sources.article import MAX_REVISIONS, Known, to_event
from monitor.sources.likeness import forget_texts
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.sources.newsroom import removal

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WORDS = [
    "government",
    "talks",
    "Khan",
    "party",
    "leader",
    "jail",
    "meeting",
    "offer",
    "court",
    "army",
    "rally",
]
LONG = " ".join(f"{WORDS[n % 11]} {WORDS[n * n % 11]} {n}" for n in range(60))

FOUND = ArticleFound(
    url="https://www.news.example/world/khan-talks?utm_source=rss",
    outlet="News",
    source="news",
    title="Khan talks",
    text=LONG,
    language="en",
    published_at=NOW - timedelta(hours=2),
    precision=Precision.TIME,
    first_seen_at=NOW,
    guid="guid-1",
)


class Topic:
    """A topic's log as far as articles go: folds what `to_event` gives."""

    def __init__(self) -> None:
        self.known = Known()
        self.events: list[Event] = []

    def meet(self, found: ArticleFound) -> Event | None:
        event = to_event(found, "pti", by="ingest/test", known=self.known, now=NOW)
        if event is not None:
            self.known.apply(event)
            self.events.append(event)
        return event


def changed(**fields: object) -> ArticleFound:
    return replace(FOUND, **fields)


def test_a_new_article_is_ingested_with_all_that_is_known_of_it() -> None:
    event = Topic().meet(FOUND)
    assert event is not None
    assert (event.type, event.topic, event.cause, event.by) == (
        "article.ingested",
        "pti",
        None,
        "ingest/test",
    )
    data = event.data
    assert data["url"] == FOUND.url
    assert data["canonical_url"] == "https://news.example/world/khan-talks"
    assert data["article_id"] == fact_id("guid", "news", "guid-1") == data["story_id"]
    assert (data["title"], data["text"], data["precision"], data["history"]) == (
        "Khan talks",
        LONG,
        "time",
        False,
    )
    assert Event.from_json(event.to_json()) == event


def test_a_day_of_publication_that_was_not_known_is_a_revision_once() -> None:
    topic = Topic()
    topic.meet(changed(published_at=None, precision=Precision.UNKNOWN))
    event = topic.meet(FOUND)
    assert event is not None
    assert (event.type, event.data["precision"]) == ("article.revised", "time")
    assert topic.meet(FOUND) is None
    assert topic.meet(changed(published_at=None, precision=Precision.UNKNOWN)) is None


@pytest.mark.parametrize(
    "again",
    [
        FOUND,
        changed(first_seen_at=NOW + timedelta(days=9), history=True),
        changed(title="KHAN  talks", text=LONG.replace(" ", "\n")),
        changed(url="https://news.example/moved"),
        changed(guid=None),
        changed(guid=None, url="http://m.news.example/world/khan-talks/amp/?fbclid=1#top"),
        changed(guid="guid-2"),
        changed(guid="guid-3", url="https://news.example/new-home/7"),
        changed(source="second-feed", guid="other"),
        changed(source="second-feed", guid="other", title="Only a teaser", text="Khan..."),
        changed(source="by-hand", guid=None, text="An older text of the page."),
    ],
)
def test_an_article_that_is_known_makes_no_event(again: ArticleFound) -> None:
    topic = Topic()
    topic.meet(FOUND)
    assert topic.meet(again) is None


@pytest.mark.parametrize(
    "other",
    [
        changed(guid="guid-2", url="https://news.example/world/other", text="Something else. " + LONG),
        changed(source="second", guid="guid-1", url="https://other.example/a", outlet="Other"),
        changed(guid=None, url="https://news.example/?p=2", text="Something else. " + LONG),
        changed(guid="guid-2", url_shared=True, text="The live page's second entry. " + LONG),
        changed(guid=None, url=None, outlet="Other"),
    ],
)
def test_another_article_is_another_article(other: ArticleFound) -> None:
    topic = Topic()
    first = topic.meet(FOUND)
    second = topic.meet(other)
    assert second is not None
    assert second.type == "article.ingested"
    assert second.data["article_id"] != first.data["article_id"]


def test_short_texts_of_one_outlet_are_not_taken_for_each_other() -> None:
    topic = Topic()
    topic.meet(changed(text="Talks held today."))
    assert topic.meet(changed(guid="2", url="https://news.example/2", text="Talks held today.")) is not None


def test_a_changed_text_is_a_revision_that_names_what_it_replaces() -> None:
    topic = Topic()
    first = topic.meet(FOUND)
    for number, title in enumerate(("Khan talks: update", "Khan talks", "Khan talks: late update"), 1):
        revised = topic.meet(changed(title=title))
        assert revised.type == "article.revised"
        assert revised.data["previous"] == topic.events[number - 1].id
        assert revised.data["article_id"] == first.data["article_id"]
    assert len({event.id for event in topic.events}) == 4  # a text may come back, once


def test_a_new_id_for_a_known_address_is_a_revision_too() -> None:
    topic = Topic()
    topic.meet(FOUND)
    revised = topic.meet(changed(guid="guid-1#revision", text=LONG + " More."))
    assert revised.type == "article.revised"


def test_a_page_that_changes_with_every_visit_is_not_followed_for_ever() -> None:
    topic = Topic()
    for number in range(MAX_REVISIONS + 10):
        topic.meet(changed(title=f"Seen by {number} people"))
    assert len(topic.events) == 1 + MAX_REVISIONS


def test_taking_the_log_in_twice_changes_nothing() -> None:
    topic = Topic()
    for title in ("One", "Two", "Three"):
        topic.meet(changed(title=title))
    again = Known()
    for event in [*topic.events, *topic.events, topic.events[0]]:
        again.apply(event)
    article_id = topic.events[0].data["article_id"]
    assert again.article(article_id) == topic.known.article(article_id)
    assert again.article(article_id).revisions == 2


def test_what_is_not_about_articles_is_passed_over() -> None:
    event = Topic().meet(FOUND)
    Known().apply(event.model_copy(update={"type": "claims.detected", "data": {}}))


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.randoms())
def test_polling_any_sequence_again_appends_nothing(titles: list[str], random) -> None:
    topic = Topic()
    for title in titles:
        topic.meet(
            changed(title=title, guid=title, url=f"https://news.example/{title}", text=title * 3 + LONG)
        )
    before = len(topic.events)
    assert before == len(set(titles))
    again = list(titles)
    random.shuffle(again)
    for title in again:
        topic.meet(
            changed(title=title, guid=title, url=f"https://news.example/{title}", text=title * 3 + LONG)
        )
    assert len(topic.events) == before


def test_a_text_that_goes_back_and_forth_is_followed_once_each_way() -> None:
    topic = Topic()
    for title in ("Khan talks", "Khan talks off") * 5:
        topic.meet(changed(title=title))
    assert [event.type for event in topic.events] == ["article.ingested"] + 2 * ["article.revised"]
    assert topic.meet(changed(title="Khan talks on hold")) is not None


def test_another_copy_that_was_not_corrected_corrects_nothing_back() -> None:
    topic = Topic()
    topic.meet(FOUND)
    assert topic.meet(changed(text=LONG + " Corrected.")) is not None
    assert topic.meet(changed(guid="2", url="https://news.example/copy")) is None


@pytest.mark.parametrize(
    "again",
    [
        changed(title="“Khan” talks"),
        changed(text=LONG.replace("talks 3", "talks – 3") + "\n\nUpdated 5 minutes ago"),
        changed(published_at=NOW, precision=Precision.DAY),
    ],
)
def test_what_only_looks_or_is_dated_otherwise_is_no_revision(again: ArticleFound) -> None:
    topic = Topic()
    topic.meet(FOUND)
    assert topic.meet(again) is None


SHARED = changed(
    guid=None, url="https://news.example/live", url_shared=True, title="12:05 Talks", text="Begun."
)


def test_without_an_id_or_an_address_link_moment_and_title_make_the_article() -> None:
    topic = Topic()
    first = topic.meet(SHARED)
    revised = topic.meet(replace(SHARED, text="Begun, and adjourned."))
    assert revised.type == "article.revised"
    assert revised.data["article_id"] == first.data["article_id"]
    assert topic.meet(replace(SHARED, title="12:40 Talks")).type == "article.ingested"
    undated = replace(SHARED, published_at=None, precision=Precision.UNKNOWN, text="Over.")
    assert topic.meet(undated).type == "article.ingested"
    assert topic.meet(undated) is None


@pytest.mark.parametrize("url", ["https://news.example/", "https://www.news.example/index.html?utm_id=1"])
def test_the_address_of_a_whole_site_identifies_no_article(url: str) -> None:
    topic = Topic()
    topic.meet(changed(url=url))
    assert topic.meet(changed(url=url, guid="2", title="Other", text="Else.")).type == "article.ingested"


def test_an_address_that_two_articles_had_identifies_none_even_when_only_one_is_shown() -> None:
    topic = Topic()
    for number in "12":
        topic.meet(changed(guid=number, title=number, text=number + LONG, url_shared=True))
    third = topic.meet(changed(guid="3", title="3", text="Three " + LONG))
    assert third.type == "article.ingested"


@pytest.mark.parametrize(
    "again",
    [
        FOUND,
        changed(title="Changed"),
        changed(guid="2"),
        changed(guid="2", url="https://amp.news.example/world/khan-talks/amp?utm_id=2"),
        changed(guid="2", url="https://news.example/elsewhere"),
        changed(guid="2", url="https://news.example/elsewhere", text=LONG + " More of it."),
        changed(guid="2", url="https://news.example/2", title="Another headline", text="Now: " + LONG),
        changed(
            guid="2", url="https://news.example/2", text="Now: " + LONG, published_at=NOW, source="second"
        ),
    ],
)
def test_an_article_that_was_removed_does_not_come_back_in_another_guise(again: ArticleFound) -> None:
    topic = Topic()
    first = topic.meet(FOUND)
    topic.known.apply(removal(first.data["article_id"], NOW))
    assert topic.meet(again) is None
    other = changed(guid="3", url="https://news.example/3", title="Other news", text="Else " + LONG[::-1])
    assert topic.meet(other) is not None


@pytest.mark.drill
def test_a_year_of_articles_takes_a_few_hundred_bytes_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MAX_RECENT", 100)
    articles = 1_600
    topic = Topic()
    # What stands for the stories is bounded, and not what is measured here.
    monkeypatch.setattr(topic.known._stories, "add", lambda *_: None)
    tracemalloc.start()
    try:
        for number in range(articles):
            found = changed(guid=str(number), url=f"https://news.example/{number}", title=str(number))
            text = " ".join(f"{word}{number}" for word in WORDS * 5)
            event = to_event(replace(found, text=text), "pti", by="t", known=topic.known, now=NOW)
            topic.known.apply(event)
            forget_texts()
            if number == articles // 4:
                before = tracemalloc.get_traced_memory()[0]
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown / (articles * 3 / 4) < 700
    assert topic.known.article(fact_id("guid", "news", "0")) is not None

"""Identity: one article keeps one id however it comes, and a log gets exactly the events that it needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ids import fact_id
from monitor.log.events import ArticleRemoved, Event
from monitor.sources.article import MAX_REVISIONS, Known, to_event
from monitor.sources.canonical import canonical_url
from monitor.sources.intake import Intake
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision

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
    for number, title in enumerate(("Khan talks: update", "Khan talks", "Khan talks: update"), 1):
        revised = topic.meet(changed(title=title))
        assert revised.type == "article.revised"
        assert revised.data["previous"] == topic.events[number - 1].id
        assert revised.data["article_id"] == first.data["article_id"]
    assert len({event.id for event in topic.events}) == 4  # a text may come back


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


def test_an_article_that_was_removed_does_not_come_back() -> None:
    topic = Topic()
    first = topic.meet(FOUND)
    removed = ArticleRemoved(article_id=first.data["article_id"], reason="asked by the outlet")
    topic.known.apply(
        Event.of("article.removed", removed, id_=fact_id("r"), topic="pti", at=NOW, cause=None, by="t")
    )
    assert topic.meet(FOUND) is None
    assert topic.meet(changed(title="Changed")) is None


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


def test_the_intake_decides_on_what_the_log_holds(log, clock) -> None:
    ours = Intake(log, by="a/1", clock=clock)
    theirs = Intake(log, by="b/1", clock=clock)
    assert ours.publish("pti", [FOUND, changed(title="Changed")]).revised == 1
    taken = theirs.publish("pti", [changed(title="Changed"), changed(guid="2", url=None, text="New " + LONG)])
    assert (taken.ingested, taken.revised, taken.known) == (1, 0, 1)
    assert ours.publish("pti", [changed(guid="2", url=None, text="New " + LONG)]).known == 1
    assert len(log.events) == 3


def test_two_topics_do_not_know_each_others_articles(log, clock) -> None:
    intake = Intake(log, by="a/1", clock=clock)
    assert intake.publish("pti", [FOUND]).ingested == 1
    assert intake.publish("other", [FOUND]).ingested == 1


PAGE = "https://news.example/a/b"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://news.example/a/b", PAGE),
        ("http://news.example/a/b", PAGE),
        ("HTTPS://WWW.News.Example/a/b", PAGE),
        ("https://news.example:443/a/b", PAGE),
        ("https://news.example/a/b/", PAGE),
        ("https://news.example//a//b", PAGE),
        ("https://news.example/a/b#comments", PAGE),
        ("https://news.example/a/b?utm_source=x&utm_medium=y&fbclid=z&gclid=1&ref=rss", PAGE),
        ("https://m.news.example/a/b", PAGE),
        ("https://amp.news.example/a/b", PAGE),
        ("https://www.m.news.example/a/b", PAGE),
        ("https://news.example/a/b/amp", PAGE),
        ("https://news.example/amp/a/b", PAGE),
        ("https://news.example/a/b.amp", PAGE),
        ("https://news.example/a/b?amp=1", PAGE),
        ("https://news.example/a/b?outputType=amp", PAGE),
        ("https://news-example.cdn.ampproject.org/c/s/news.example/a/b", PAGE),
        ("https://news-example.cdn.ampproject.org/v/s/www.news.example/a/b?amp_js_v=1", PAGE),
        ("https://www.google.com/amp/s/news.example/a/b", PAGE),
        (" https://user:secret@news.example/a/b ", PAGE),
        ("https://news.example/a/b?b=2&a=1", PAGE + "?a=1&b=2"),
        ("https://news.example/?p=123", "https://news.example?p=123"),
        ("https://news.example/caf%C3%A9", "https://news.example/caf%C3%A9"),
        ("https://news.example/café", "https://news.example/caf%C3%A9"),
        ("https://news.example:8080/a/b", "https://news.example:8080/a/b"),
        ("https://news.example/A/b", "https://news.example/A/b"),
        ("https://m.example/a", "https://m.example/a"),
        ("https://example.com/champions/a", "https://example.com/champions/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("javascript:alert(1)", None),
        ("ftp://news.example/a", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://news.example:port/", None),
        ("/a/b", None),
        ("", None),
        (None, None),
    ],
)
def test_one_page_has_one_address(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


@given(
    st.one_of(
        st.text(max_size=60),
        st.builds(
            "https://{}{}/{}?{}#{}".format,
            st.sampled_from(["", "www.", "m.", "amp."]),
            st.sampled_from(["news.example", "a.cdn.ampproject.org", "google.com", "[::1]", "x:80"]),
            st.text(alphabet="amp/.s%2Fc é\u202e\udc80", max_size=24),
            st.text(alphabet="utm_a=&%c+é", max_size=24),
            st.text(max_size=5),
        ),
    )
)
def test_the_canonical_address_is_its_own(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    if once is not None:
        once.encode("utf-8")
        assert once.startswith("https://")

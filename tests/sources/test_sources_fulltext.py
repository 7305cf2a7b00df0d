"""A teaser becomes the whole article where its page has it and may be fetched; else it stays, with the reason."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.sources import fulltext
from monitor.sources.fetch import Fetched, Fetcher, Validators
from monitor.sources.fulltext import completed
from monitor.sources.model import ArticleFound
from monitor.vocabulary import Precision
from tests.sources.pages import held_back, stories, tuned
from tests.sources.pages.stories import Story
from tests.sources.pages.tuned import Sample, news, page, paragraphs, wordpress

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCKS = stories.DOCKS
WHOLE = wordpress(DOCKS, paragraphs(DOCKS), news(DOCKS))
PUBLISHED = datetime(2026, 2, 27, 3, 15, tzinfo=UTC)
"""As `news` has it."""


def teaser(url: str | None, story: Story = DOCKS, **fields: object) -> ArticleFound:
    known = ArticleFound(
        url=url,
        outlet="The Strait Courier",
        source="courier",
        title=story.title,
        text=story.teaser,
        language=story.language,
        published_at=datetime(2026, 2, 27, 9, 30, tzinfo=UTC),
        precision=Precision.TIME,
        first_seen_at=NOW,
        guid="7",
        is_teaser=True,
    )
    return replace(known, **fields)


class Robots:
    """Refuses the addresses that contain one of the given parts; remembers what it was asked."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[str] = []

    def may_fetch(self, url: str, *, allow_private: bool) -> bool:
        assert allow_private
        self.asked.append(url)
        return not any(part in url for part in self.refused)


def complete(found: ArticleFound, robots: Robots | None = None, deadline: float = 5) -> ArticleFound:
    return completed(found, Fetcher(deadline=deadline), robots or Robots(), allow_private=True, now=NOW)


def why(found: ArticleFound, done: ArticleFound) -> str:
    """The note that says why the teaser stayed; everything else is as it was."""
    assert replace(done, notes=found.notes) == found
    (note,) = done.notes[len(found.notes) :]
    assert note.startswith("only the feed’s teaser: ")
    return note.removeprefix("only the feed’s teaser: ")


class OnePage:
    """A fetcher of one page."""

    def __init__(self, html: str) -> None:
        self.html = html

    def get(self, url: str, *, allow_private: bool = False) -> Fetched:
        return Fetched(url, self.html.encode(), "text/html", Validators())


@pytest.mark.parametrize("samples", [tuned.SAMPLES, held_back.SAMPLES], ids=["tuned", "held back"])
def test_pages_without_the_article_leave_the_teaser_and_the_others_give_their_text(
    samples: list[Sample],
) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()
    for sample in samples:
        found = teaser("https://courier.example/ferries/7", sample.story)
        done = completed(found, OnePage(sample.html), Robots(), allow_private=True, now=NOW)
        outcomes[sample.expect != "article", done.text == found.text] += 1
    kept_rightly, kept_wrongly, lost = outcomes[True, True], outcomes[False, True], outcomes[True, False]
    assert len(samples) >= 30
    assert kept_rightly / (kept_rightly + kept_wrongly) >= 0.97
    assert kept_rightly / (kept_rightly + lost) >= 0.97


def test_the_page_gives_the_text_and_the_feed_keeps_what_it_says_better(site, answer) -> None:
    site.routes["/7"] = answer(body=WHOLE.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    found = teaser(site.url("/7"), title="Dock workers go back to talks")
    done = complete(found)
    assert all(part in done.text for part in DOCKS.paragraphs)
    assert done.notes == ("text from its page",)
    assert (found.author, done.author) == ("", "Mira Holt")
    assert replace(done, text=found.text, author="", is_teaser=True, notes=()) == found


def test_an_entry_with_its_whole_text_is_not_looked_up(site) -> None:
    found = teaser(site.url("/7"), text="\n\n".join(DOCKS.paragraphs), is_teaser=False)
    assert complete(found) is found
    assert site.requests == []


def test_what_a_site_asks_programs_not_to_fetch_is_not_fetched(site, answer) -> None:
    site.routes["/7"] = answer(body=WHOLE.encode(), headers={"Content-Type": "text/html"})
    found = teaser(site.url("/7"))
    assert (
        why(found, complete(found, Robots("/7")))
        == "its site asks programs not to fetch its page (robots.txt)"
    )
    assert site.requests == []


def test_the_wishes_of_the_site_that_a_click_counter_leads_to_count_too(site, answer) -> None:
    there = site.url("/7").replace("127.0.0.1", "localhost")
    site.routes["/click"] = answer(status=302, headers={"Location": there})
    site.routes["/7"] = answer(body=WHOLE.encode(), headers={"Content-Type": "text/html"})
    found, robots = teaser(site.url("/click")), Robots("localhost")
    assert "robots.txt" in why(found, complete(found, robots))
    assert robots.asked == [site.url("/click"), there]
    assert complete(found).notes == ("text from its page",)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"status": 404}, "answered 404"),
        ({"status": 403, "headers": {"cf-mitigated": "challenge"}}, "answered 403"),
        ({"body": WHOLE.encode(), "delay": 3.0}, "took longer than 1 s"),
        ({"body": WHOLE.encode(), "drip": 0.01}, "took longer than 1 s"),
        ({"body": b"", "headers": {"Content-Type": "text/html"}}, "its page cannot be read: it is empty"),
        (
            {"body": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}},
            "its page cannot be read: it is application/pdf, not a page of text",
        ),
        ({"body": b"<p>x</p>" * 30_000}, "its page cannot be read: it has 30"),
        ({"body": b"\x1f\x8bbroken", "headers": {"Content-Encoding": "gzip"}}, "compression is broken"),
        ({"body": tuned.STUBS[0].html.encode()}, "its page is for subscribers, and shows the beginning only"),
        (
            {"body": page(DOCKS, f"<p>{DOCKS.teaser}</p>").encode()},
            "its page holds no more text than the feed",
        ),
        (
            {"body": wordpress(stories.WATER, paragraphs(stories.WATER)).encode()},
            "its page tells something else than headline and teaser",
        ),
    ],
)
def test_a_page_that_fails_leaves_the_teaser_and_says_why(
    site, answer, sent: dict[str, object], reason: str
) -> None:
    site.routes["/7"] = answer(**sent)
    found = teaser(site.url("/7"), notes=("cut",))
    assert reason in why(found, complete(found, deadline=1))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"url": None}, "the entry has no address"),
        ({"url_shared": True}, "several entries have its address"),
        ({"url": "http://127.0.0.1:9/x"}, "127.0.0.1"),
        ({"url": "mailto:desk@courier.example"}, "only http and https"),
    ],
)
def test_an_address_that_leads_to_no_page_of_its_own_leaves_the_teaser(
    fields: dict[str, object], reason: str
) -> None:
    found = replace(teaser("https://courier.example/7"), **fields)
    assert reason in why(found, complete(found))


def test_a_defect_leaves_the_teaser_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(fulltext, "page_of", broken)
    found = teaser("https://courier.example/7")
    done = completed(found, OnePage(WHOLE), Robots(), allow_private=True, now=NOW)
    assert why(found, done) == "its page could not be read: ZeroDivisionError"
    assert "a defect" in caplog.text


def test_a_page_that_breaks_off_is_better_than_a_teaser_and_says_so(site, answer) -> None:
    cut = WHOLE.encode()[: WHOLE.encode().index(DOCKS.paragraphs[8].encode())]
    site.routes["/7"] = answer(body=cut, length=len(WHOLE.encode()), headers={"Content-Type": "text/html"})
    done = complete(teaser(site.url("/7")))
    assert DOCKS.paragraphs[6] in done.text
    assert done.notes == ("text from its page", "the page broke off")


def test_a_longer_beginning_is_no_reason_to_take_another_articles_text() -> None:
    """Two articles about one dispute share its names; headline and teaser still tell them apart."""
    other = wordpress(stories.TRANSIT, paragraphs(stories.TRANSIT))
    found = teaser("https://courier.example/7", stories.COALITION)
    assert "something else" in why(
        found, completed(found, OnePage(other), Robots(), allow_private=True, now=NOW)
    )


@pytest.mark.parametrize(
    ("title", "taken"),
    [
        ("Ferries: crews go back", "Ferries: crews go back"),
        ("Dock workers return to…", DOCKS.title),
        ("Dock workers return to talks...", DOCKS.title),
        ("Nothing like it…", "Nothing like it…"),
        (
            "Union leaders will meet the port company on Monday after a strike that stopped ferries for nine days",
            DOCKS.title,
        ),
    ],
)
def test_the_pages_title_is_taken_where_the_feeds_was_made_up_or_breaks_off(title: str, taken: str) -> None:
    found = teaser("https://courier.example/7", title=title)
    assert completed(found, OnePage(WHOLE), Robots(), allow_private=True, now=NOW).title == taken


DAY = datetime(2026, 2, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("feed", "precision", "taken"),
    [
        (PUBLISHED + timedelta(hours=3), Precision.TIME, (PUBLISHED + timedelta(hours=3), Precision.TIME)),
        (None, Precision.UNKNOWN, (PUBLISHED, Precision.TIME)),
        (DAY, Precision.DAY, (PUBLISHED, Precision.TIME)),
        (DAY - timedelta(days=1), Precision.DAY, (PUBLISHED, Precision.TIME)),
        (DAY - timedelta(days=9), Precision.DAY, (DAY - timedelta(days=9), Precision.DAY)),
        (DAY.replace(day=1), Precision.MONTH, (PUBLISHED, Precision.TIME)),
        (
            datetime(2026, 1, 1, tzinfo=UTC),
            Precision.MONTH,
            (datetime(2026, 1, 1, tzinfo=UTC), Precision.MONTH),
        ),
    ],
)
def test_the_pages_moment_is_taken_where_it_is_more_exact_and_agrees(
    feed: datetime | None, precision: Precision, taken: tuple[datetime, Precision]
) -> None:
    found = teaser("https://courier.example/7", published_at=feed, precision=precision)
    done = completed(found, OnePage(WHOLE), Robots(), allow_private=True, now=NOW)
    assert (done.published_at, done.precision) == taken


def test_the_language_of_the_page_is_taken_where_the_feed_states_none() -> None:
    story = stories.GERMAN
    html = wordpress(story, paragraphs(story))
    found = teaser("https://courier.example/7", story, language="")
    assert completed(found, OnePage(html), Robots(), allow_private=True, now=NOW).language == "de"

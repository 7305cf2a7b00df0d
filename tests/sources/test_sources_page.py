"""A page gives its article, or says what is in the way; what it says of itself is taken as far as it fits."""

import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.sources.fetch import Fetched, Fetcher, Validators
from monitor.sources.markup import MAX_BYTES, MAX_ELEMENTS, MAX_TEXT, marks_of, tree_of
from monitor.sources.obstacle import holds_words
from monitor.sources.page import Page, page_of, read_page
from monitor.vocabulary import Precision
from tests.corpus.reading import development
from tests.sources.pages import held_back, stories, tuned
from tests.sources.pages.tuned import Sample, ld, news, page, paragraphs, wordpress

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHRASES = tomllib.loads((Path(__file__).parent / "pages" / "phrases.toml").read_text("utf-8"))["gates"]
DOCKS = stories.DOCKS
# Their markup shows nothing: only a comparison with the feed's words tells (test_sources_fulltext).
NOT_TOLD_BY_THE_PAGE = ("another", "nothing")


def fetched(
    html: str | bytes, content_type: str = "text/html", url: str = "https://news.example/a/b"
) -> Fetched:
    return Fetched(url, html if isinstance(html, bytes) else html.encode(), content_type, Validators())


def read(html: str | bytes, content_type: str = "text/html") -> Page:
    return page_of(fetched(html, content_type), NOW)


def in_way(sample: Sample) -> str:
    page = read(sample.html)
    return page.obstacle.reason if page.obstacle else "article"


@pytest.mark.parametrize("samples", [tuned.SAMPLES, held_back.SAMPLES], ids=["tuned", "held back"])
def test_what_is_in_the_way_is_told_by_the_page(samples: list[Sample]) -> None:
    told = [sample for sample in samples if sample.expect not in NOT_TOLD_BY_THE_PAGE]
    assert len(told) >= 30
    wrong = {sample.name: in_way(sample) for sample in told if in_way(sample) != sample.expect}
    assert len(wrong) <= 0.03 * len(told), wrong


@pytest.mark.parametrize("sample", [*tuned.ARTICLES, *held_back.ARTICLES], ids=lambda sample: sample.name)
def test_an_article_is_found_whole(sample: Sample) -> None:
    page = read(sample.html)
    assert [part for part in sample.story.paragraphs if part not in page.text] == []
    assert len(page.text) < 1.2 * sum(map(len, sample.story.paragraphs))
    assert page.title == sample.story.title


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_gate_is_known_by_many_phrasings(phrase: str) -> None:
    assert holds_words("gate", phrase)


@pytest.mark.drill
@pytest.mark.parametrize("kind", ["gate", "consent", "login", "challenge"])
def test_the_words_of_news_are_hardly_ever_those_of_an_obstacle(kind: str) -> None:
    texts = [item.document.text for items in development().values() for item in items][::4]
    assert len(texts) > 5_000
    assert sum(holds_words(kind, text) for text in texts) <= 0.001 * len(texts)


@pytest.mark.parametrize(
    "box",
    [
        "Sign up for our newsletter and get the full story in your inbox every morning.",
        "Only subscribers can comment. Log in or register to read the full discussion and to leave comments.",
        "Subscribe now. Follow us on the usual networks.",
        "For subscribers",
    ],
)
def test_a_short_article_with_an_offer_under_it_is_an_article(box: str) -> None:
    assert (
        read(wordpress(stories.BRIEF, f"{paragraphs(stories.BRIEF)}<div><p>{box}</p></div>")).obstacle is None
    )


def test_a_headline_that_leads_to_its_own_page_makes_no_list_of_it() -> None:
    story = stories.BRIEF
    own = f"<div class='post'><h2><a href='/2026/02/quake'>{story.title}</a></h2>{paragraphs(story)}</div>"
    assert read(page(story, own)).obstacle is None


@pytest.mark.parametrize(
    ("free", "whole", "reason"),
    [
        (False, False, "paywall"),
        ("False", False, "paywall"),
        ("false", False, "paywall"),
        (True, False, None),
        (None, False, None),
        (False, True, None),
    ],
)
def test_a_beginning_that_is_marked_as_paid_is_a_stub(free: object, whole: bool, reason: str | None) -> None:
    marked = {} if free is None else {"isAccessibleForFree": free}
    page = read(wordpress(DOCKS, paragraphs(DOCKS, None if whole else 4), news(DOCKS, **marked)))
    assert (page.obstacle and page.obstacle.reason) == reason


def test_a_part_that_is_marked_as_paid_marks_its_article_and_not_those_that_are_listed() -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".rest"}
    assert marks(news(DOCKS, hasPart=[part])).is_free is False
    listed = {"@type": "ListItem", "item": {"@type": "NewsArticle", "isAccessibleForFree": False}}
    assert marks(news(DOCKS) + ld(**{"@type": "ItemList", "itemListElement": [listed]})).is_free is None


def marks(head: str):
    return marks_of(
        tree_of(fetched(f"<html><head><title>T</title>{head}</head><body><p>x</p></body></html>"))
    )


@pytest.mark.parametrize(
    ("head", "published", "precision"),
    [
        (news(DOCKS), datetime(2026, 2, 27, 3, 15, tzinfo=UTC), Precision.TIME),
        (
            '<meta property="article:published_time" content="2026-02-27T08:15:00+02:00">',
            datetime(2026, 2, 27, 6, 15, tzinfo=UTC),
            Precision.TIME,
        ),
        (
            '<meta itemprop="datePublished" content="2026-02-27T08:15:00Z">',
            datetime(2026, 2, 27, 8, 15, tzinfo=UTC),
            Precision.TIME,
        ),
        (
            ld(
                **{
                    "@graph": [
                        {"@type": "WebSite"},
                        {"@type": "NewsArticle", "datePublished": "2026-02-27T08:15Z"},
                    ]
                }
            ),
            datetime(2026, 2, 27, 8, 15, tzinfo=UTC),
            Precision.TIME,
        ),
        (news(DOCKS, datePublished="2026-02-27"), datetime(2026, 2, 27, tzinfo=UTC), Precision.DAY),
        (news(DOCKS, datePublished="2026-02-27T00:00:00Z"), datetime(2026, 2, 27, tzinfo=UTC), Precision.DAY),
        (news(DOCKS, datePublished="2026-02-27T08:15:00"), datetime(2026, 2, 27, tzinfo=UTC), Precision.DAY),
        ('<script type="application/ld+json">{"broken": </script>', None, Precision.UNKNOWN),
        (news(DOCKS, datePublished="2027-01-01T08:15:00Z"), None, Precision.UNKNOWN),
        ("", None, Precision.UNKNOWN),
    ],
)
def test_the_moment_of_publication_is_taken_as_exactly_as_the_page_has_it(
    head: str, published: datetime | None, precision: Precision
) -> None:
    body = f"<main><h1>{DOCKS.title}</h1>{paragraphs(DOCKS)}</main>"
    page = read(f"<html><head><title>{DOCKS.title}</title>{head}</head><body>{body}</body></html>")
    assert (page.published_at, page.precision) == (published, precision)


def test_author_outlet_and_language_are_those_of_the_page() -> None:
    page = read(wordpress(stories.GERMAN, paragraphs(stories.GERMAN), news(stories.GERMAN)))
    assert (page.author, page.outlet, page.language) == ("Mira Holt", "The Strait Courier", "de")


@pytest.mark.parametrize(
    ("content_type", "head", "encoding"),
    [
        ("text/html; charset=windows-1251", "", "windows-1251"),
        ("text/html", '<meta charset="windows-1251">', "windows-1251"),
        ("text/html", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r"),
        ("text/html; charset=iso-8859-1", "", "utf-8"),
        ("text/html; charset=nonsense", "", "utf-8"),
    ],
)
def test_letters_are_read_in_the_encoding_that_fits(content_type: str, head: str, encoding: str) -> None:
    story = stories.RUSSIAN
    html = f"<html><head><title>{story.title}</title>{head}</head><body><h1>x</h1>{paragraphs(story)}</body></html>"
    page = read(html.encode(encoding, "ignore"), content_type)
    assert story.paragraphs[0] in page.text


def test_broken_bytes_and_old_encodings_lose_no_more_than_they_must() -> None:
    story = stories.GERMAN
    html = f"<html><head><title>{story.title}</title></head><body><h1>x</h1>{paragraphs(story)}</body></html>"
    broken = html.encode().replace(b"</body>", b"<p>\xff\xfe</p></body>")
    assert story.paragraphs[0] in read(broken).text
    assert story.paragraphs[0] in read(html.encode("windows-1252")).text


@pytest.mark.parametrize(
    ("content_type", "head", "encoding"),
    [
        ("text/html", "", "windows-1252"),
        ("text/html; charset=iso-8859-1", "", "windows-1252"),
        ("text/html; charset=undefined", "", "windows-1252"),
        ("text/html", '<meta charset="latin1">', "windows-1252"),
        ("text/html", '<meta charset="utf-16">', "utf-16"),
        ("text/html", "", "utf-8-sig"),
    ],
)
def test_the_quotes_of_an_english_page_are_kept(content_type: str, head: str, encoding: str) -> None:
    told = "<p>“We will talk,” said the harbour’s spokeswoman – and left for the capital on Monday.</p>"
    html = f"<html><head><title>x</title>{head}</head><body><h1>x</h1>{told}{paragraphs(DOCKS)}</body></html>"
    page = read(html.encode(encoding), content_type)
    assert "“We will talk,” said the harbour’s spokeswoman – and left" in page.text
    assert "\ufffd" not in page.title + page.text


@pytest.mark.parametrize("control", ["\x16", "&#22;", "&#x16", "\ufffe", "\0"])
@pytest.mark.parametrize("unread", ["<script>x</script>", "<!-- x -->", "<svg></svg>"])
def test_what_no_text_can_hold_keeps_no_page_from_being_read(unread: str, control: str) -> None:
    page = read(f"<title>x</title><article>{unread}{control}{paragraphs(DOCKS)}</article>")
    assert DOCKS.paragraphs[0] in page.text


def test_an_article_that_only_machines_are_told_is_one_unless_it_is_for_subscribers() -> None:
    shell = '<html><head><title>x</title>{}</head><body><div id="root"></div></body></html>'
    body = "\n\n".join(DOCKS.paragraphs)
    open_to_all = read(shell.format(news(DOCKS, articleBody=body)))
    assert open_to_all.obstacle is None
    assert [part for part in DOCKS.paragraphs if part not in open_to_all.text] == []
    assert read(shell.format(news(DOCKS, articleBody=body, isAccessibleForFree=False))).obstacle
    assert read(shell.format(news(DOCKS, articleBody=body[:200]))).obstacle


def test_an_address_becomes_an_article(site, answer) -> None:
    html = wordpress(stories.URDU, paragraphs(stories.URDU), news(stories.URDU)).replace(
        'lang="ur"', 'lang="en-US"'
    )
    site.routes["/story"] = answer(body=html.encode(), headers={"Content-Type": "text/html"})
    found = read_page(site.url("/story"), Fetcher(), now=NOW, allow_private=True)
    assert found.title == stories.URDU.title
    assert found.language == "ur"
    assert found.precision is Precision.TIME
    assert (found.outlet, found.source, found.history) == ("The Strait Courier", "ingest", False)


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "words"),
    [
        (tuned.STUBS[0].html.encode(), "text/html", "paywall", "is for subscribers"),
        (b"%PDF-1.7", "application/pdf", "not_a_page", "it is application/pdf, not a page"),
        (b"", "text/html", "no_article", "empty"),
        (b" " * (MAX_BYTES + 1), "text/html", "too_large", "larger than 4 MB"),
        (b"<p>x</p>" * (MAX_ELEMENTS + 1), "text/html", "too_large", "elements"),
        (b"<p>x y z</p>" + b"word " * MAX_TEXT, "text/html", "too_large", "characters"),
    ],
)
def test_an_address_without_an_article_says_what_is_there(
    site, answer, body: bytes, content_type: str, reason: str, words: str
) -> None:
    site.routes["/story"] = answer(body=body, headers={"Content-Type": content_type})
    with pytest.raises(SourceError, match=words) as caught:
        read_page(site.url("/story"), Fetcher(), now=NOW, allow_private=True)
    assert caught.value.reason == reason
    assert str(caught.value).startswith(site.url("/story"))


def hostile(part: str, size: int = MAX_BYTES - 1_000, end: str = "") -> str:
    return part * ((size - len(end)) // len(part)) + end


STORY = paragraphs(DOCKS)
HOSTILE: dict[str, Callable[[], str]] = {
    "openings": lambda: hostile("<", 1_000_000),
    "comments": lambda: hostile("<!--"),
    "depth": lambda: hostile("<div>"),
    "depth and text": lambda: hostile("<div>word", 300_000, STORY),
    "depth again and again": lambda: (f"{'<div>' * 100}<p>word word word</p>{'</div>' * 100}") * 190,
    "tables within tables": lambda: hostile("<table><tr><td>"),
    "attributes": lambda: "<a " + hostile("b='c' ") + ">",
    "links": lambda: "<a href=x>talk about it all</a>" * (MAX_ELEMENTS - 100),
    "linked headlines": lambda: "<h2><a href=y>some words here</a></h2>" * (MAX_ELEMENTS // 2 - 100),
    "breaks": lambda: "x<br>" * (MAX_ELEMENTS - 100),
    "footers": lambda: (
        "<footer>" * 200 + "<p>The committee met on Sunday, said one who was there.</p>" * 3_000
    ),
    "one long word": lambda: "<p>" + "x" * (MAX_TEXT - 1_000),
    "captions": lambda: "<div class=caption>" * 250 + "word " * 1_000 + STORY,
    "beginnings of phrases": lambda: ("<p>" + "sign up only to read مزید только " * 14 + "</p>") * 800,
    "deep data": lambda: f"<script type='application/ld+json'>{'[' * 490_000}</script>{STORY}",
    "many data": lambda: "<script type='application/ld+json'>[1]</script>" * (MAX_ELEMENTS - 100) + STORY,
    "dates": lambda: "<p>" + "2025-03-04 " * 36_000,
    "entities": lambda: hostile("&#"),
    "control characters": lambda: STORY + "\x00" * 100_000,
    "an attribute without an end": lambda: "<div class='" + hostile("x"),
}


@pytest.mark.drill
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_does_not_hold_the_reader_for_long(name: str) -> None:
    html = f"<html><head><title>T</title></head><body>{HOSTILE[name]()}"
    started = time.thread_time()
    with suppress(SourceError):
        read(html)
    assert time.thread_time() - started < 10

"""Whatever stands in the news, in a topic file or in an address is shown as text, on every page, and does nothing.

Beside what each test says, none of them makes a request to another host or opens a dialog, and no script has run.
"""

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from monitor.log.events import Event
from tests.browser import hostile
from tests.browser.conftest import TODAY, served
from tests.browser.visiting import NOT_WIDER, PAGES, PLAIN, visit

pytestmark = [pytest.mark.browser, pytest.mark.drill]
ALIEN = """[...document.querySelectorAll('.parley *')].filter(e =>
    e.matches('script, img, form, iframe, object, embed, link, meta, style, base, video, audio, math, foreignObject')
    || getComputedStyle(e).position === 'fixed'
    || [...e.attributes].some(a => a.name.startsWith('on') || (a.name === 'style' && /url|fixed|expr/.test(a.value))))
  .map(e => e.outerHTML.slice(0, 120))"""
LEADS = """[...document.querySelectorAll('a[href]')].filter(e => !['http:', 'https:', 'blob:'].includes(e.protocol)
    || e.host !== location.host && (!/noopener noreferrer/.test(e.rel) || e.target !== '_blank'))
  .map(e => e.outerHTML.slice(0, 120))"""
RENDERED = """[...document.querySelectorAll(`.stApp .katex, .stApp img[src^=http]:not([src^="${location.origin}"]),
  [data-testid=stMarkdownContainer] :is(del, code, table, blockquote, [style*=color]), .stException,
  [data-testid=stException]`)].map(e => e.outerHTML.slice(0, 120))"""
BACKWARDS = """(() => { const found = [], walk = document.createTreeWalker(document.querySelector('main'), 4);
  for (let at; at = walk.nextNode();) { const word = /[A-Za-z]{3}/.exec(at.data);
    if (!word || !at.parentElement.checkVisibility()) continue;
    const left = n => { const r = document.createRange(); r.setStart(at, n); r.setEnd(at, n + 1);
      return r.getBoundingClientRect(); };
    const a = left(word.index), b = left(word.index + 1);
    if (a.width && Math.abs(a.top - b.top) < 2 && b.left < a.left - .5) found.push(at.data.slice(0, 80)); }
  return found; })()"""
LOADS = {"src", "href", "srcdoc", "action", "data", "poster", "style", "xlink:href"}
ASKED = (
    "topic",
    "as_of",
    "known_at",
    "alert",
    "article",
    "q",
    "channel",
    "status",
    "stance",
    "lang",
    "p",
    "range",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, tuple[Event, Event]]:
    return hostile.fill(folder, TODAY)


@pytest.fixture(scope="module")
def address(folder: Path, told: dict[str, tuple[Event, Event]]) -> Iterator[str]:
    """The dashboard over that folder."""
    assert told
    with served(folder) as address:
        yield address


@pytest.fixture
def refused(page: Page) -> Iterator[list[str]]:
    """Nothing was even tried that the page's policy had to stop."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if "Content Security Policy" in one.text else None)
    yield said
    assert said == []


def check(page: Page, address: str, path: str) -> None:
    """A page that shows hostile text is whole, and nothing on it is that text's."""
    visit(page, path, address)
    for question in (ALIEN, LEADS, RENDERED, BACKWARDS):
        assert page.evaluate(question) == [], path
    assert max(page.evaluate(NOT_WIDER)) <= 0, path


def test_hostile_words_are_text_on_every_page(page: Page, address: str, refused: list[str]) -> None:
    for path in PAGES:
        check(page, address, f"{path}?topic=hostile")
    assert refused == []


def test_what_one_hostile_article_and_alert_lead_to_is_text_too(
    page: Page, address: str, told: dict[str, tuple[Event, Event]], refused: list[str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("word", "attribute", "right to left"):
        article, alert = told[name]
        check(page, address, f"alerts?topic=hostile&alert={alert.data['alert_id']}")
        if "evidence" in PAGES:
            check(page, address, f"evidence?topic=hostile&article={article.data['article_id']}")
    check(page, address, "?topic=other")
    assert refused == []


def test_a_hostile_address_is_answered_with_text(page: Page, address: str, refused: list[str]) -> None:
    for name in ("out of the style", "markdown"):
        text = quote(hostile.TEXTS[name], safe="")
        for path in PAGES:
            page.goto(f"{address}/{path}?" + "&".join(f"{key}={text}" for key in ASKED))
            expect(page.locator(".parley h1")).to_be_visible()
            for question in (ALIEN, LEADS, RENDERED):
                assert page.evaluate(question) == [], (path, name)
    assert refused == []


def test_plain_answers_hold_no_hostile_markup_and_no_header_of_the_askers(address: str) -> None:
    topics = [
        "hostile",
        "other",
        *(quote(text, safe="") for text in hostile.TEXTS.values() if len(text) < 999),
    ]
    with httpx.Client(base_url=address, timeout=30) as client:
        for url in (f"/{path}?topic={topic}" for path in ("", *PLAIN) for topic in topics):
            answer = client.get(url)
            assert answer.status_code < 500 or url.startswith("/readyz"), url
            assert not {"x-evil", "set-cookie"} & set(answer.headers), url
            assert "script-src 'self'" in answer.headers["content-security-policy"], url
            assert answer.headers["x-content-type-options"] == "nosniff", url
            assert strange(answer.text) == [], url


def strange(html: str) -> list[str]:
    """What in a document without scripts of ours runs, loads or sends something that its author did not write."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            for name, value in attrs:
                leads = name in LOADS and re.search(
                    r"evil|phish|__x|^\s*(javascript|data|vbscript):", value or ""
                )
                link = tag == "a" and name == "href" and re.match("https?://", value or "")
                if name.startswith("on") or (leads and not link):
                    found.append(f"{tag} {name}={value}")

        def handle_data(self, data: str) -> None:
            if self.cdata_elem in {"script", "style"} and re.search("__x|evil|display:none", data):
                found.append(data)

    Reader().feed(html)
    return found


def test_what_is_strange_in_a_document_is_found() -> None:
    for text in ("script", "image", "frame", "form", "css"):
        assert strange(f"<p>{hostile.TEXTS[text]}</p>"), text
        assert not strange(f"<p>{escape(hostile.TEXTS[text])}</p>"), text
    assert not strange('<a href="https://phish.test/">x</a>')

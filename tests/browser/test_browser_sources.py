"""The page Sources as an operator sees it, over a database that polling's own tables were written to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, update
from sqlmodel import col

from monitor.readmodel import roles
from monitor.readmodel.store import SERVICE_FILE, open_engine
from monitor.sources.config import SourceConfig
from monitor.sources.model import ArticleFound
from monitor.sources.seen import Entries, Judged
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.vocabulary import Precision
from tests.browser.conftest import served
from tests.readmodel.story import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A source that is well, one that is not found, and what was passed over of the first."""
    engine = open_engine(tmp_path_factory.mktemp("sources") / SERVICE_FILE)
    roles.METADATA.create_all(engine)
    states, entries, now = SourceStates(engine), Entries(engine, "topics"), datetime.now(UTC)
    outlets = {"post": f"Harbour Post {HOSTILE}", "anchor": "Evening Anchor"}
    states.enrol(
        [
            SourceConfig(
                id=id_, url=f"https://{id_}.example/a-very-long-address/{'feed' * 20}", outlet=outlet
            )
            for id_, outlet in outlets.items()
        ],
        now + timedelta(minutes=30),
    )
    write(
        engine, "post", polled_once=True, last_poll_at=stamp(now), last_ok_at=stamp(now), newest_at=stamp(now)
    )
    since = stamp(now - timedelta(days=2, hours=1))
    write(
        engine, "anchor", error_streak=3, failing_since=since, last_poll_at=stamp(now),
        last_error="not_found: https://anchor.example answered 404 Not Found",
    )  # fmt: skip
    for title in ("Rain at the quay", HOSTILE):
        found = ArticleFound(
            url="https://post.example/1", outlet="", source="post", title=title, text="Words", language="en",
            published_at=None, precision=Precision.DAY, first_seen_at=now, guid=title,
        )  # fmt: skip
        entries.note("post", [], [Judged(found, f"pti: names nobody {HOSTILE}")], now)
    return engine


def write(engine: Engine, source: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(update(SourceState).where(col(SourceState.source_id) == source).values(**values))


@pytest.fixture(scope="module")
def address(database: Engine) -> Iterator[str]:
    """The dashboard over that database; no topic has been read yet."""
    with served(Path(str(database.url.database)).parent) as running:
        yield running


def test_sources_in_trouble_say_why_and_headlines_stay_unfolded_while_the_rest_changes(
    page: Page, database: Engine, address: str
) -> None:
    page.goto(f"{address}/sources")
    trouble = page.get_by_role("region", name="In trouble")
    expect(trouble.get_by_role("listitem")).to_have_count(1)
    for text in ("Evening Anchor", "failing for 2 days", "parley sources add", "404 Not Found", "PKT"):
        expect(trouble).to_contain_text(text)
    expect(page).to_have_title("⚠ 1 in trouble – Sources")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)

    headline = page.get_by_role("link", name="Rain at the quay")
    expect(headline).to_be_hidden()
    page.locator("summary").click()
    expect(headline).to_be_visible()
    assert page.locator(".parley").locator("script, img, form, iframe, input, style, [onerror]").count() == 0

    write(
        database,
        "anchor",
        error_streak=0,
        failing_since="",
        last_error="",
        last_ok_at=stamp(datetime.now(UTC)),
    )
    expect(trouble).to_have_count(0, timeout=8000)
    expect(page).to_have_title("Sources – Parley")
    expect(headline).to_be_visible()


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 760, "light"), (390, 844, "dark")])
def test_sources_fit_the_window_unfolded_too(
    browser: Browser, address: str, width: int, height: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    with context:
        page = context.new_page()
        page.goto(f"{address}/sources")
        page.locator("summary").click()
        expect(page.get_by_role("link", name="Rain at the quay")).to_be_visible()
        wider = "document.documentElement.scrollWidth - innerWidth"
        inner = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))"
        assert page.evaluate(f"[{wider}, {inner}]") == [0, 0]

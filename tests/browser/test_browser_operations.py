"""The page Operations as an operator sees it: in both themes and on a narrow screen, over what the service notes."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from dashboard.api import Api
from monitor.api import tokens
from monitor.api.context import Context
from monitor.api.tokens import Scope
from monitor.readmodel import backups
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import note_health
from monitor.readmodel.stages import StageLag, note_stages
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service
from tests.api.serving import served as interface
from tests.api.test_api_service import _deliver
from tests.browser.conftest import EVERYBODY, served
from tests.readmodel.story import HOSTILE

pytestmark = pytest.mark.browser


def note(service: Engine, waiting: int) -> None:
    """What the roles say now: decisions are behind by so many events."""
    now = datetime.now(UTC)
    since = now - timedelta(minutes=30) if waiting else None
    lags = [
        StageLag(stage="read_model", events=0, measured_at=now),
        StageLag(stage="reaction", events=waiting, topic="docks", since=since, measured_at=now),
        StageLag(stage="queue", events=0, measured_at=now),
    ]
    note_stages(service, lags, "7.0.15", now)
    note_health(service, "watch docks", now, instance="f3a9c2e41b7d:7")
    note_health(service, "notify", now - timedelta(minutes=20), instance="0d2b81c94e6f:7")
    note_health(service, "ingest", now, f"the disk is full {HOSTILE}", instance="77aa10cf2b3e:7")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose service has trouble."""
    return tmp_path_factory.mktemp("operations")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Engine]:
    service = open_service(Store(folder))
    _deliver(service, [("mail", "succeeded"), ("mail", "waiting"), ("hook", "abandoned"), ("hook", "failed")])
    note(service, 31)
    noted = {"at": datetime.now(UTC).isoformat(), "place": "/backup/2026-11-27/" + "x" * 60, "events": 4321}
    (folder / backups.FILE).write_text(json.dumps(noted))
    yield service
    service.dispose()


@pytest.fixture(scope="module")
def token(service: Engine) -> str:
    return tokens.add(service, "desk", Scope.OPERATOR, datetime.now(UTC))


@pytest.fixture(scope="module")
def address(service: Engine, folder: Path) -> Iterator[str]:
    context = Context(ReadModel(folder), dict, lambda: datetime.now(UTC))
    with interface(context) as client, served(folder, EVERYBODY, Api(str(client.base_url))) as address:
        yield address


def sign_in(page: Page, address: str, token: str) -> None:
    page.goto(f"{address}/login?next=operations")
    page.get_by_label("Operator token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_an_operator_sees_what_is_wrong_and_that_it_is_well_again(
    page: Page, service: Engine, address: str, token: str
) -> None:
    waiting = page.get_by_text(re.compile(r"something has waited for \d+ minutes"))
    sign_in(page, address, token)
    expect(page.get_by_role("heading", name="Operations", level=1)).to_be_visible()
    expect(waiting).to_be_visible()
    expect(page.get_by_text("1 delivery given up")).to_be_visible()
    expect(page.get_by_text("the disk is full <script>").first).to_be_visible()
    expect(page.get_by_role("row", name="notify")).to_contain_text("Silent")
    note(service, 0)
    expect(waiting).to_have_count(0)
    expect(page.get_by_role("row", name="Log → decisions")).to_contain_text("caught up")
    assert page.evaluate("window.__x") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_both_themes_and_a_narrow_screen(
    browser: Browser, address: str, token: str, scheme: str, width: int
) -> None:
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    sign_in(page, address, token)
    expect(page.get_by_role("heading", name="Versions and backup")).to_be_visible()
    wider = "document.documentElement.scrollWidth - innerWidth"
    inner = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))"
    assert page.evaluate(f"[{wider}, {inner}]") == [0, 0], "nothing is cut off at the side"
    ink, paper = page.evaluate(
        "[getComputedStyle(document.querySelector('.parley h1')).color,"
        " getComputedStyle(document.querySelector('.stApp')).backgroundColor]"
    )
    assert (brightness(ink) > brightness(paper)) == (scheme == "dark")
    assert abs(brightness(ink) - brightness(paper)) > 150
    context.close()


def brightness(colour: str) -> float:
    """Of `rgb(r, g, b)`."""
    numbers = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(numbers) / 3

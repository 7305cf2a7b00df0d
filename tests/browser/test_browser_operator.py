"""An operator in a real browser: signs in, sees Operations, dismisses a claim with a reason, restores it, signs out."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import fakeredis
import pytest
from playwright.sync_api import Page, expect

from dashboard.api import Api
from monitor.api import tokens
from monitor.api.context import Context
from monitor.api.tokens import Scope
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.service.judging import Bench
from monitor.service.wiring import open_service
from tests.api.serving import served as interface
from tests.browser.conftest import EVERYBODY, TODAY, served
from tests.readmodel.story import TOPIC, Story, project, tell_all

pytestmark = pytest.mark.browser
WITHIN_MS = 5000


class Desk(NamedTuple):
    address: str
    token: str


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The dashboard with an HTTP interface, over a story whose log is read as it grows."""
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    story, model = Story(log), ReadModel(tmp_path / "data")
    tell_all(story, moved=TODAY - timedelta(days=2) - date(2026, 2, 26))
    projector, at = project(story, model), log.head(TOPIC.id)
    service = open_service(model.store)
    token = tokens.add(service, "desk", Scope.OPERATOR, now())
    service.dispose()
    stop = threading.Event()

    def follow() -> None:
        nonlocal at
        while not stop.wait(0.2):
            for recorded in log.read(TOPIC.id, at):
                projector.project(recorded)
                at = recorded.position

    reader = threading.Thread(target=follow)
    reader.start()
    judge = Bench(log, ReadModel(tmp_path / "data"), {TOPIC.id: TOPIC}).judged_for(now)
    with (
        interface(Context(model, dict, now, judge=judge)) as client,
        served(tmp_path / "data", EVERYBODY, Api(str(client.base_url))) as address,
    ):
        yield Desk(address, token)
    stop.set()
    reader.join()


def test_an_operator_corrects_a_claim_and_the_pages_follow(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.address}/operations")
    expect(page.get_by_role("heading", name="Operations is for operators")).to_be_visible()
    expect(page.get_by_text("How far everything is")).to_have_count(0)
    expect(page.get_by_role("link", name="Operations", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Sign in as an operator").click()
    page.get_by_label("Operator token").fill("parley_guess")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("no operator")
    page.get_by_label("Operator token").fill(desk.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as desk")).to_be_visible()
    expect(page.get_by_text("How far everything is")).to_be_visible()
    expect(page.get_by_role("link", name="Operations", exact=True)).to_be_visible()

    watching = page.context.new_page()
    watching.goto(f"{desk.address}/")
    expect(watching.get_by_role("heading", level=1)).to_contain_text("Talks rejected")
    page.bring_to_front()  # a page in the background is painted once a second
    page.goto(f"{desk.address}/evidence")
    page.get_by_role("link", name="Dockers reject new round").click()
    page.get_by_role("link", name="Dismiss this claim").click()
    page.get_by_role("textbox", name="Why").fill("It speaks <b>of last year.")
    page.get_by_role("button", name="Dismiss this claim").click()
    expect(page.get_by_text("The claim is dismissed.")).to_be_visible()
    expect(page.get_by_text("It speaks <b>of last year.")).to_be_visible(timeout=WITHIN_MS)
    expect(watching.get_by_role("heading", level=1)).to_contain_text("Talks stalled", timeout=WITHIN_MS)

    page.get_by_role("link", name="Restore this claim").click()
    page.get_by_role("button", name="Restore this claim").click()
    expect(page.get_by_text("That was not done:")).to_be_visible()
    page.get_by_role("textbox", name="Why").fill("Of this week after all.")
    page.get_by_role("button", name="Restore this claim").click()
    expect(watching.get_by_role("heading", level=1)).to_contain_text("Talks rejected", timeout=WITHIN_MS)

    page.goto(f"{desk.address}/evidence?view=both&channel=pay")
    page.get_by_role("link", name="Dismiss this claim").first.click()
    page.get_by_role("textbox", name="Why").fill("It speaks of others.")
    page.get_by_role("button", name="Dismiss this claim").click()
    expect(page.get_by_role("radio", name="Both sides")).to_be_checked()
    page.get_by_text("One claim was dismissed by a person").click(timeout=WITHIN_MS)
    page.get_by_role("link", name="Restore this claim").click()
    page.get_by_role("textbox", name="Why").fill("Of these after all.")
    page.get_by_role("button", name="Restore this claim").click()
    expect(page.get_by_text("The claim counts again.")).to_be_visible()
    expect(page.get_by_text("One claim was dismissed by a person")).to_have_count(0, timeout=WITHIN_MS)
    expect(page.get_by_role("radio", name="Both sides")).to_be_checked()

    page.goto(f"{desk.address}/logout")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Talks rejected")
    page.goto(f"{desk.address}/evidence?article=x&judge={'0' * 32}")
    expect(page.get_by_text("Only operators judge claims.")).to_be_visible()
    watching.close()

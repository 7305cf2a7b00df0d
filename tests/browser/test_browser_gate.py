"""A dashboard that needs a token, in a real browser: its dialog opens the page, and the page comes alive."""

from typing import Any

import httpx
from playwright.sync_api import Browser, expect

from dashboard.gate import Access
from monitor.readmodel.model import ReadModel
from tests.browser.conftest import served
from tests.readmodel.story import Story

TOKEN = "a-token-of-more-than-20-letters"


def test_the_token_is_asked_for_once_and_opens_page_and_websocket(
    world: tuple[Story, ReadModel], browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    with served(world[1].data_dir, Access("token", TOKEN)) as address:
        assert httpx.get(address).status_code == 401
        login = {"username": "desk", "password": TOKEN}
        context = browser.new_context(**{**browser_context_args, "http_credentials": login})
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert not complaints
        again = context.new_page()
        again.goto(f"{address}/timeline")
        expect(again.get_by_role("heading", level=1)).to_be_visible()
        context.close()

"""The Alerts page and one alert, as a watcher uses them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard import visits
from tests.readmodel.story import START

pytestmark = pytest.mark.browser


def test_filters_stand_in_the_address_and_back_leads_back(page: Page) -> None:
    page.goto("/alerts?topic=docks")
    names = page.locator("a.name")
    expect(names).to_have_count(5)
    expect(page.get_by_text("5 alerts · times in Asia/Karachi")).to_be_visible()
    search = page.get_by_label("Search words")
    search.fill("evening anchor")
    search.press("Enter")
    expect(names).to_have_count(1)
    expect(page).to_have_url(re.compile(r"topic=docks&q=evening\+anchor"))
    status = page.get_by_label("New status").first
    status.click()
    page.get_by_role("option", name="Talks stalled").click()
    expect(page.get_by_text("No alert fits these filters.")).to_be_visible()
    expect(page).to_have_url(re.compile("to=stalled"))
    page.go_back()
    expect(names).to_have_count(1)
    page.go_back()
    expect(names).to_have_count(5)
    expect(search).to_have_value("")
    page.go_forward()
    expect(search).to_have_value("evening anchor")
    expect(names).to_have_count(1)
    names.first.click()
    expect(page).to_have_title("✕ Talks rejected · Alert: ✕ Talks rejected – Dock workers – Port")
    expect(page.get_by_role("heading", level=1)).to_have_text("✕Talks rejected")
    expect(page.locator("mark")).to_have_text("The dockers’ leader rejected a new round of talks")
    page.emulate_media(media="print")
    for part in ("nav", ".back", "details.found summary"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    link = page.locator("figcaption a").first
    printed = link.evaluate("link => getComputedStyle(link, '::after').content")
    assert printed == '" (https://eveninganchor.example/a4)"'
    paper = "document => getComputedStyle(document).backgroundColor"
    assert page.locator("html").evaluate(paper) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    page.get_by_role("link", name="← All alerts").click()
    expect(names).to_have_count(5)
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    assert Path(found.value.path()).read_text(encoding="utf-8").startswith("alert,topic,channel,from,to,")


def test_what_is_new_since_the_last_visit_is_marked_on_a_phone_too(
    page: Page, context: BrowserContext, base_url: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/alerts")
    expect(page.locator("a.name")).to_have_count(5)
    expect(page.locator(".visit")).to_have_count(0)
    (cookie,) = (one for one in context.cookies() if one["name"] == visits.COOKIE)
    assert cookie["httpOnly"]
    before = int(START.timestamp())
    context.add_cookies([{"name": visits.COOKIE, "value": f".{before}", "url": base_url}])
    page.reload()
    expect(page.locator(".visit")).to_contain_text(
        "5 new or changed on this page since your last visit on 1 Mar 2026"
    )
    expect(page.locator(".tag.new")).to_have_count(5)
    expect(page.get_by_label("New status")).to_have_count(1)
    expect(page.get_by_label("New status")).to_be_hidden()
    page.get_by_role("button", name="More filters").click()
    expect(page.get_by_label("New status").last).to_be_visible()
    expect(page.get_by_label("How sure")).to_be_visible()

"""Evidence in a real browser: search and filters by the address, an article's marks and claims, on a phone too."""

import re

import pytest
from playwright.sync_api import Page, expect

from monitor.ids import fact_id

pytestmark = pytest.mark.browser
REJECTED = fact_id("test-article", "a4")


def test_search_goes_into_the_address_and_back_leads_back(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/evidence")
    expect(page.get_by_text(re.compile(r"^\d reports, newest first"))).to_be_visible()
    page.get_by_label("Search titles and texts").fill("delegates")
    page.get_by_label("Search titles and texts").press("Enter")
    expect(page.get_by_text("1 report, newest first")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]q=delegates"))
    page.go_back()
    expect(page.get_by_text(re.compile(r"^\d reports, newest first"))).to_be_visible()
    page.get_by_role("radio", name="Both sides").click()
    expect(page.get_by_role("heading", name="Says: Talks rejected (1)")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]view=both"))
    columns = page.locator(".sides").first.locator(":scope > div")
    left, right = (columns.nth(number).bounding_box() or {"y": number} for number in (0, 1))
    assert left["y"] == right["y"], "beside each other"


def test_an_article_leads_from_what_it_says_to_each_claim(page: Page, base_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{base_url}/evidence")
    expect(page.get_by_text(re.compile(r"^\d reports, newest first"))).to_be_visible()
    expect(page.get_by_label("Says").first).to_be_hidden()
    page.get_by_role("link", name="Dockers reject new round").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dockers reject new round")
    expect(page).to_have_url(re.compile(REJECTED))
    page.get_by_role("link", name="Claim 1: Talks rejected").click()
    expect(page.locator("#claim-1")).to_be_in_viewport()
    page.get_by_text("How Parley read this").click()
    found = page.locator("#claim-1 details")
    expect(found).to_have_attribute("open", "")
    tick = page.locator(".stopped").get_attribute("data-tick")
    expect(page.locator(f"[data-tick='{tick}']")).to_have_count(0)  # the page was asked again
    expect(found).to_have_attribute("open", "")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing overflows"

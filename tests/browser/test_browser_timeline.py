"""The Timeline page in a browser: marks by keyboard and by pointer, ranges, and the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_marks_say_what_they_are_and_ranges_can_be_undone(page: Page) -> None:
    page.goto("/timeline?topic=docks&channel=pay")
    chart = page.get_by_role("group", name=re.compile("Union and port authority: statuses from"))
    bar = chart.get_by_role("img", name=re.compile("^Talks rejected · since"))
    note = bar.locator("xpath=following-sibling::*[1]")
    expect(note).to_be_hidden()
    bar.focus()
    expect(note).to_be_visible()
    expect(note).to_contain_text("for 2 days so far · Very likely (85%)")
    page.keyboard.press("Shift+Tab")
    expect(note).to_be_hidden()
    chart.get_by_role("img", name=re.compile("^Talks stalled")).hover()
    expect(chart.locator(".note:visible")).to_contain_text("by ")
    box = bar.bounding_box()
    assert box is not None
    assert box["width"] >= 7, "a short status is seen"

    page.get_by_role("radio", name="30 days").or_(page.get_by_role("button", name="30 days")).click()
    expect(page).to_have_url(re.compile("range=30d"))
    expect(chart.get_by_role("img", name=re.compile("^Talks proposed"))).to_have_count(0)
    page.go_back()
    expect(chart.get_by_role("img", name=re.compile("^Talks proposed"))).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download as CSV").click()
    assert "docks,pay,rejected,talks rejected," in got.value.path().read_text()

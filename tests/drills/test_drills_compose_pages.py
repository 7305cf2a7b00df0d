"""What a browser and a client see of the stack: by the gate on this machine, by the proxy with TLS at one address."""

import gzip
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.drills.stack import HOST, Stack

pytestmark = [pytest.mark.drill, pytest.mark.stack, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def elsewhere(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser that finds the proxy under the name that it has for others."""
    arguments = [*browser_type_launch_args.get("args", []), f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield browser
    browser.close()


def shows_the_seeds(page: Page, address: str) -> None:
    page.goto(address)
    hero = page.get_by_role("region", name="Current status")
    expect(hero.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    page.goto(f"{address}/timeline?range=all")
    timeline = page.get_by_role("main")
    # Other drills may have brought newer articles: what the seeds tell stays where it was.
    for text in (
        "Khyber News",
        "The Azb",
        "Daily Times",
        "WION",
        re.compile("talks rejected", re.IGNORECASE),
    ):
        expect(timeline).to_contain_text(text, timeout=60_000)


def asked(url: str, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body of an answer; the certificate is self-signed."""
    context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=20, context=context
        ) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_dashboard_shows_the_seeds_on_this_machine(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    shows_the_seeds(page, stack.url().rstrip("/"))
    page.close()


def test_the_dashboard_shows_the_seeds_by_the_proxy_and_breaks_no_policy(
    stack: Stack,
    elsewhere: Browser,
) -> None:
    page = elsewhere.new_page(ignore_https_errors=True)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    shows_the_seeds(page, f"https://{HOST}:{stack.ports['HTTPS_']}")
    assert [line for line in said if "Content Security Policy" in line or "WebSocket" in line] == []
    page.close()


def test_one_address_serves_both_with_tls_gzip_and_safe_headers(stack: Stack) -> None:
    base = f"https://127.0.0.1:{stack.ports['HTTPS_']}"
    status, headers, body = asked(f"{base}/v1/topics/pti/timeline", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert json.loads(gzip.decompress(body))["topic"] == "pti"
    assert headers["Strict-Transport-Security"]
    status, headers, _ = asked(base)
    assert status == 200
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Strict-Transport-Security",
    ):
        assert headers[name]
    assert headers["Server"] == "nginx", "and not which version"
    for path in ("_stcore/upload_file/x/y", "_stcore/metrics"):
        assert asked(f"{base}/{path}")[0] == 404


def test_the_numbers_and_the_health_are_for_this_machine_only(stack: Stack) -> None:
    assert asked(stack.url("healthz", "API_"))[0] == 200
    assert b"parley_" in asked(stack.url("metrics", "API_"))[2]
    for path in ("healthz", "readyz", "metrics"):
        body = asked(f"https://127.0.0.1:{stack.ports['HTTPS_']}/{path}")[2]
        assert b"parley_" not in body
        assert b"alive" not in body


def test_who_asks_too_much_is_put_off_and_others_are_not(stack: Stack) -> None:
    url = f"https://127.0.0.1:{stack.ports['HTTPS_']}/v1/topics"
    answers = [asked(url)[0] for _ in range(200)]
    assert answers[:20] == [200] * 20
    assert 429 in answers
    assert asked(stack.url("v1/topics", "API_"))[0] == 200

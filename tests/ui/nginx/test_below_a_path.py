"""Below a path: prefix kept, prefix stripped, TLS ended by the proxy; chat, widget in a foreign page, frame and API."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.ui.nginx.conftest import NGINX, QUESTION, watched

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(NGINX is None, reason="no nginx here; on Debian: apt-get install nginx-light"),
]

WAYS = pytest.mark.parametrize("way", ["kept", "stripped", "tls"])


@WAYS
@pytest.mark.browser
def test_the_chat_answers_and_opens_articles(intranet, browser, way):
    address = getattr(intranet, way)
    with watched(browser, f"{address}/") as page:
        page.goto(f"{address}/")
        asks_in_chat(page)
        page.locator(".qa-answer .qa-cite").first.click()
        expect(page.locator("#qa-panel mark").first).to_contain_text("27 days of paid leave a year")


def asks_in_chat(page):
    box = page.get_by_label("Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.locator(".qa-answer .qa-quote").first).to_contain_text("27 days of paid leave", timeout=20_000)


@WAYS
@pytest.mark.browser
def test_the_widget_answers_in_a_foreign_page_with_a_strict_policy_and_hostile_style(intranet, browser, way):
    address = getattr(intranet, way)
    with watched(browser, f"{address}/", intranet.pages) as page:
        violations = violations_of(page)
        page.goto(f"{intranet.pages}/widget?{address}")
        page.get_by_role("button", name="Handbook").click()
        box = page.get_by_role("textbox")
        box.fill(QUESTION)
        box.press("Enter")
        answer = page.get_by_role("log").get_by_text("27 days of paid leave").first
        expect(answer).to_be_visible(timeout=20_000)
        assert answer.evaluate("e => getComputedStyle(e).color") != "rgb(255, 0, 0)"
        assert page.evaluate("document.cookie") == ""
        assert violations == []


def violations_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if "Content Security Policy" in m.text else None)
    return found


@pytest.mark.browser
def test_a_page_that_is_not_listed_is_refused_and_says_so(intranet, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{intranet.stranger}/widget?{intranet.kept}")
        page.get_by_role("button", name="Handbook").click()
        page.get_by_role("textbox").fill(QUESTION)
        page.get_by_role("textbox").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("can’t be reached from this page", timeout=20_000)
        assert page.get_by_role("textbox").input_value() == QUESTION


@pytest.mark.browser
def test_the_chat_stands_in_a_frame_of_a_listed_page_without_third_party_cookies(intranet, browser):
    with watched(browser, f"{intranet.kept}/", intranet.pages) as page:
        page.goto(f"{intranet.pages}/frame?{intranet.kept}")
        asks_in_chat(page.frame_locator("iframe"))


@pytest.mark.browser
def test_the_chat_stands_in_no_other_frame(intranet, browser):
    with browser.new_context() as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{intranet.stranger}/frame?{intranet.kept}")
        page.wait_for_timeout(500)
        assert any("frame-ancestors" in line for line in said)


@WAYS
def test_the_api_is_the_same_through_the_proxy(intranet, way):
    with httpx.Client(base_url=getattr(intranet, way), verify=False) as client:
        found = client.post("/api/ask", json={"question": QUESTION}).json()
        assert found["citations"][0]["article_id"] == "handbook/annual-leave.md"
        assert client.get("/api/articles/handbook/annual-leave.md").json()["title"] == "Annual leave"
        assert '"/kb/page.css"' in client.get("/articles/handbook/annual-leave.md").text
        assert client.get("/openapi.json").json()["paths"]["/api/ask"]
        assert "/kb/api/ask" in client.get("/docs").text
        assert client.get("/health").json() == {"live": True, "ready": True}
        assert client.get("/metrics").status_code == 404
        assert client.get("/api/articles/board.md").status_code == 404

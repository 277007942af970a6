"""The road as a visitor walks it: a real server over the sample articles, in headless Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.ui.conftest import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *QUIET])
        yield browser
        browser.close()


@pytest.fixture
def page(served: Served, browser: Browser) -> Iterator[Page]:
    """The chat, opened; fails the test where a request leaves this machine or a script fails."""
    with browser.new_page(viewport={"width": 1280, "height": 800}) as page:
        elsewhere: list[str] = []
        failures: list[str] = []
        here = (served.address, "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(here) else elsewhere.append(r.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(served.address)
        expect(page.get_by_text("What would you like to know?")).to_be_visible(timeout=30_000)
        yield page
        assert elsewhere == []
        assert failures == []


def ask(page: Page, question: str) -> None:
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")


def test_a_question_is_answered_with_a_quotation_that_opens_its_article(page: Page):
    ask(page, "How many days of annual leave do full-time staff have?")
    quotation = page.locator(".qa-answer .qa-quote").first
    expect(quotation).to_contain_text("27 days of paid leave a year", timeout=20_000)
    citation = page.locator(".qa-answer .qa-cite").first
    expect(citation).to_contain_text("Annual leave")
    citation.click()
    panel = page.locator("#qa-panel")
    expect(panel.locator("mark").first).to_contain_text("27 days of paid leave a year")
    expect(panel).to_contain_text("Annual leave")
    expect(panel.locator("mark").first).to_be_in_viewport()


def test_a_question_asked_while_the_page_still_loads_stays(page: Page):
    held: list[Route] = []
    page.route("**/gradio_api/run/predict*", lambda route: held.append(route))
    page.reload()
    ask(page, "How many days of annual leave do full-time staff have?")
    expect(page.locator(".qa-answer")).to_have_count(1, timeout=20_000)
    assert len(held) == 2  # the earlier chat, and the examples
    with page.expect_response("**/run/predict*"):
        for route in held:
            route.continue_()
    page.wait_for_timeout(500)
    expect(page.locator(".qa-answer")).to_have_count(1)


def test_what_is_not_there_is_declined_with_the_closest_sentences(page: Page):
    ask(page, "What is the capital of Mongolia?")
    expect(page.get_by_text("Not found in these articles.")).to_be_visible(timeout=20_000)
    expect(page.locator(".qa-answer .qa-quote").first).to_be_visible()


def test_a_conversation_survives_a_reload_and_follows_up(page: Page):
    ask(page, "How much does a parking permit cost a month?")
    expect(page.locator(".qa-answer")).to_have_count(1, timeout=20_000)
    page.reload()
    expect(page.locator(".qa-answer")).to_have_count(1, timeout=20_000)
    ask(page, "And who hands it out?")
    expect(page.get_by_text("Understood as: And who hands it out?")).to_be_visible(timeout=20_000)


def test_a_verdict_is_kept_and_still_shown_after_a_reload(page: Page, served: Served):
    ask(page, "When was the company founded?")
    yes = page.get_by_role("button", name="Yes")
    yes.click(timeout=20_000)
    expect(page.get_by_text("Thank you.")).to_be_visible()
    expect(yes).to_have_attribute("aria-pressed", "true")
    (kept,) = (served.index / "feedback.jsonl").read_text("utf-8").splitlines()
    assert json.loads(kept)["verdict"] == "up"
    assert json.loads(kept)["answer"]["question"] == "When was the company founded?"
    page.reload()
    expect(page.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true", timeout=20_000)


def test_hostile_questions_appear_as_text(page: Page):
    ask(page, "<img src=x onerror=alert(1)> ![x](https://elsewhere.example/x.png)")
    expect(page.locator(".qa-asked")).to_have_text("<img src=x onerror=alert(1)> ![x](https://elsewhere.example/x.png)")
    expect(page.locator(".qa-answer")).to_have_count(1, timeout=20_000)
    assert page.locator("#qa-log img").count() == 0


def test_it_fits_a_phone_in_the_dark(page: Page):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    ask(page, "Can I bring my dog on the ferry?")
    expect(page.locator(".qa-answer .qa-quote").first).to_contain_text("Dogs travel free", timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    expect(page.get_by_label("Your question")).to_be_in_viewport()

"""What a visitor does with the widget, and where its parts are."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.ui.widget.conftest import Api, Reply, Visit


def launcher(page: Page) -> Locator:
    return page.locator("qa-widget .launcher")


def panel(page: Page) -> Locator:
    return page.locator("qa-widget .panel")


def box(page: Page) -> Locator:
    return panel(page).get_by_role("textbox")


def opened(page: Page) -> Page:
    launcher(page).click()
    expect(box(page)).to_be_focused()
    return page


def ask(page: Page, question: str = "How much leave do I get?") -> None:
    box(page).fill(question)
    box(page).press("Enter")


def answer(page: Page) -> Locator:
    return panel(page).locator(".answer").last


def shown(visit: Visit, api: Api, reply: dict[str, Any], attributes: str = "", **options: Any) -> Locator:
    """The answer as a visitor sees it."""
    api.set("/api/ask", Reply(body=reply))
    page = opened(visit(attributes, **options))
    ask(page)
    expect(answer(page)).to_be_visible()
    return answer(page)


def box_of(element: Locator) -> dict[str, float]:
    found = element.bounding_box()
    assert found is not None
    return dict(found)

"""How the widget is worked, by hand, by keyboard and by scripts of the page; the conversation."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.ui.widget.answers import LEAVE, answered, declined
from tests.ui.widget.conftest import CHROMIUM, Api, Host, Reply, Visit
from tests.ui.widget.steps import answer, ask, box, opened, panel, shown
from ui.answer_text import NOT_FOUND, WHY

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]


def test_by_keyboard_alone(visit: Visit):
    page = visit('data-title="Ask the handbook"')
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Ask the handbook")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Ask the handbook")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(box(page)).to_be_focused()
    page.keyboard.type("How much leave?")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("log")).to_contain_text("27 days of paid leave")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(button).to_be_focused()
    assert [event["name"] for event in page.evaluate("events")] == ["qa:open", "qa:answer", "qa:close"]


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_focus_stays_in_the_panel_and_reaches_all_of_it(visit: Visit, key: str):
    page = opened(visit(body='<a href="#x">outside</a>'))
    ask(page)
    expect(answer(page)).to_be_visible()
    reached = set()
    for _ in range(8):
        page.keyboard.press(key)
        reached.add(page.evaluate("document.querySelector('qa-widget').shadowRoot.activeElement?.className"))
    assert reached == {"plain", "plain icon", "log", "cite", "", "send"}


def test_the_pages_shortcuts_hear_nothing_that_is_typed_in_it_and_all_that_is_not(visit: Visit):
    page = opened(visit())
    page.keyboard.type("a/?")
    page.keyboard.press("Escape")
    assert page.evaluate("keys") == []
    page.keyboard.press("k")
    assert page.evaluate("keys") == ["k"]


def test_an_empty_question_is_not_sent_and_an_overlong_one_is_refused_before(visit: Visit, api: Api):
    page = opened(visit())
    ask(page, "   ")
    expect(box(page)).to_be_focused()
    ask(page, "🌴" * 1001)
    expect(panel(page).get_by_role("alert")).to_have_text("A question can have 1,000 characters; this one has 1,001.")
    expect(box(page)).to_have_attribute("aria-invalid", "true")
    box(page).fill("🌴" * 1000)
    expect(panel(page).get_by_role("alert")).to_be_hidden()
    assert api.asked() == []


def test_a_second_question_waits_for_the_first(visit: Visit, api: Api):
    api.set("/api/ask", Reply(body=answered(), delay=0.5))
    page = opened(visit())
    ask(page)
    expect(panel(page).get_by_role("button", name="Send")).to_be_disabled()
    expect(panel(page).locator("form")).to_have_attribute("aria-busy", "true")
    ask(page, "Where can I park?")
    expect(answer(page)).to_be_visible()
    expect(box(page)).to_have_value("Where can I park?")
    assert [request.body["question"] for request in api.asked()] == ["How much leave do I get?"]


def test_the_empty_state_offers_examples_and_does_without_them(visit: Visit, api: Api):
    page = opened(visit())
    expect(panel(page)).to_contain_text("Answers are exact quotations, with their source.")
    expect(panel(page).get_by_role("heading", name="Staff handbook")).to_be_visible()
    panel(page).get_by_role("button", name="Where can I park?").click()
    expect(answer(page)).to_be_visible()
    expect(box(page)).to_be_focused()
    api.set("/api/examples", Reply(500, {"error": "no"}))
    page = opened(visit())
    expect(panel(page)).to_contain_text("What would you like to know?")
    expect(panel(page).get_by_role("alert")).to_be_hidden()
    assert page.evaluate("events.map((e) => e.name)") == ["qa:open"]


def test_a_verdict_is_sent_taken_back_and_its_buttons_go_where_none_is_kept(visit: Visit, api: Api):
    api.set("/api/feedback", Reply(204), Reply(204), Reply(404, {"error": "off"}))
    group = shown(visit, api, answered(), "data-feedback").get_by_role("group", name="Does this answer it?")
    yes = group.get_by_role("button", name="Yes")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(group).to_contain_text("Thank you.")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "false")
    sent = [request.body for request in api.of("/api/feedback")]
    assert sent == [{"verdict": verdict, "answer": answered(), "history": []} for verdict in ("up", None)]
    group.get_by_role("button", name="No").click()
    expect(group).to_have_count(0)


def test_the_pages_scripts_may_open_ask_close_and_hear_the_answer(visit: Visit):
    page = visit()
    assert page.evaluate("QAWidget.ask('How much leave?')") == answered()
    expect(panel(page)).to_be_visible()
    page.evaluate("QAWidget.close()")
    expect(panel(page)).to_be_hidden()
    heard = page.evaluate("events")
    assert [event["name"] for event in heard] == ["qa:open", "qa:answer", "qa:close"]
    assert heard[1]["detail"] == answered()


def test_what_is_said_aloud_is_the_answer_alone(visit: Visit, api: Api):
    api.set("/api/ask", Reply(body=answered()), Reply(body=declined("unsure", LEAVE)))
    page = opened(visit())
    said = panel(page).get_by_role("status")
    ask(page)
    expect(said).to_have_text(f"“{LEAVE['sentence']}” – {LEAVE['title']}")
    ask(page)
    expect(said).to_have_text(f"{NOT_FOUND} {WHY['unsure']}")
    expect(panel(page).get_by_role("log")).to_have_attribute("aria-live", "off")


def test_escape_leads_back_to_where_a_script_of_the_page_opened_it(visit: Visit):
    page = visit(body="<button id='help'>Help</button>")
    page.focus("#help")
    page.evaluate("QAWidget.open()")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_focused()


def test_gone_back_to_a_page_shows_what_the_tab_has_forgotten_and_learnt_since(visit: Visit, api: Api):
    page = opened(visit())
    ask(page)
    expect(answer(page)).to_be_visible()
    # Playwright keeps no page for going back: what other pages of the tab would write is written here.
    back = "([key, kept]) => { %s; dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })) }"
    turns = [{"question": f"Elsewhere {n}", "answer": answered(), "verdict": None} for n in range(2)]
    kept = [f"qa-widget {api.address}", json.dumps({"turns": turns})]
    page.evaluate(back % "sessionStorage.setItem(key, kept)", kept)
    expect(panel(page).locator(".asked")).to_have_text(["Elsewhere 0", "Elsewhere 1"])
    page.evaluate(back % "sessionStorage.clear()", kept)
    expect(panel(page).locator(".asked")).to_have_count(0)


def test_the_conversation_outlives_a_reload_and_its_last_ten_turns_are_sent(visit: Visit, api: Api):
    page = opened(visit())
    for n in range(12):
        ask(page, f"Question {n}")
        expect(panel(page).locator(".answer")).to_have_count(n + 1)
    page.reload()
    opened(page)
    expect(panel(page).locator(".answer")).to_have_count(12)
    ask(page, "One more")
    expect(panel(page).locator(".answer")).to_have_count(13)
    turn = {"answer": "27 days of paid leave"}
    assert api.asked()[-1].body["history"] == [{"question": f"Question {n}", **turn} for n in range(2, 12)]


def test_a_new_conversation_forgets_the_old_one_and_gives_up_its_question(visit: Visit, api: Api):
    page = opened(visit())
    ask(page)
    expect(answer(page)).to_be_visible()
    api.set("/api/ask", Reply(body=answered(), delay=0.5))
    ask(page, "Late")
    panel(page).get_by_role("button", name="New conversation").click()
    expect(panel(page).locator(".asked, .answer")).to_have_count(0)
    expect(box(page)).to_be_focused()
    api.set("/api/ask", Reply(body=answered()))
    ask(page, "Fresh")
    expect(answer(page)).to_be_visible()
    expect(panel(page).locator(".asked")).to_have_text(["Fresh"])
    assert api.asked()[-1].body["history"] == []


KEPT = [
    "{",
    "null",
    "[]",
    '{"turns": 3}',
    '{"turns": [null, 1, {"question": "q"}]}',
    json.dumps({"turns": [{"question": "q", "answer": answered() | {"citations": [{"n": 1}]}, "verdict": None}]}),
    json.dumps({"turns": [{"question": {}, "answer": answered(), "verdict": "<b>"}]}),
]


def test_what_else_lies_in_the_store_is_passed_over(visit: Visit, api: Api):
    page = visit()
    for kept in KEPT:
        page.evaluate("([key, kept]) => sessionStorage.setItem(key, kept)", [f"qa-widget {api.address}", kept])
        page.reload()
        opened(page)
        expect(panel(page)).to_contain_text("What would you like to know?")


def test_without_storage_it_answers_all_the_same(visit: Visit, api: Api, host: Host):
    api.origin = "null"  # what a sandboxed page says it is from; its storage is refused
    page = opened(visit(more="; sandbox allow-scripts"))
    ask(page)
    expect(answer(page)).to_be_visible()

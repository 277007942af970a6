"""The widget in pages of another origin under a strict policy: what it shows, how it is worked, where it stands."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.widget.answers import ARTICLE, LEAVE, answered, citation, declined
from tests.ui.widget.conftest import CHROMIUM, Api, Host, Reply, Visit
from ui.answer_text import NOT_FOUND, WHY
from ui.article_page import checked
from ui.widget_script import widget_script

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]

CARRYING = "Up to five days may be carried over into the next year, if they are taken before the end of March."
HANDBOOK = "https://handbook.example/leave"


@pytest.fixture(autouse=True)
def willing(api: Api) -> None:
    """Unless a test says otherwise, every question is answered."""
    examples = ["How much leave do I get?", "Where can I park?"]
    api.set("/api/examples", Reply(body={"title": "Staff handbook", "articles": 1240, "examples": examples}))
    api.set("/api/ask", Reply(body=answered()))


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


# What it shows


def test_a_quotation_with_the_answer_marked_its_source_and_confidence(visit: Visit, api: Api):
    found = shown(visit, api, answered())
    expect(found.locator("blockquote")).to_have_text("Full-time staff have 27 days of paid leave a year.")
    expect(found.locator("mark")).to_have_text("27 days of paid leave")
    expect(found.locator(".cite")).to_contain_text("[1] Annual leave · 12 Mar 2024 · Priya Nair")
    expect(found).to_contain_text("High confidence · 87%")


def test_offsets_are_code_points(visit: Visit, api: Api):
    text = "🎉🎉 Before. The 🏖️ allowance 👩‍👩‍👧 is 27 days 🌴 a year."
    sentence = text[text.index("The") :]
    found = shown(visit, api, answered("q", citation(text, sentence, "27 days")))
    expect(found.locator("mark")).to_have_text("27 days")
    expect(found.locator("blockquote")).to_have_text(sentence)


def test_a_senseless_span_marks_nothing(visit: Visit, api: Api):
    spans = [[0, 4000], [-5, 3], [9, 9], "ab", None, [1.5, 2]]
    found = shown(visit, api, answered("q", *(LEAVE | {"span": span} for span in spans)))
    expect(found.locator("blockquote")).to_have_text([LEAVE["sentence"]] * len(spans))
    expect(found.locator("mark")).to_have_count(0)


def test_several_citations_an_alternative_and_what_was_understood(visit: Visit, api: Api):
    other = citation(ARTICLE, "Leave is booked in the staff portal.", "staff portal", title="Booking leave")
    reply = answered(
        "And a year?",
        LEAVE,
        citation(ARTICLE, CARRYING, "five days", 2, title="Carrying over"),
        standalone_question="How much leave is there a year?",
        alternatives=[{"answer": "staff portal", "confidence": 0.31, "citations": [other]}],
    )
    found = shown(visit, api, reply)
    expect(found.locator(".cite b")).to_have_text(["Annual leave", "Carrying over", "Booking leave"])
    expect(found).to_contain_text("Understood as: How much leave is there a year?")
    expect(found).to_contain_text("Another article says · low confidence · 31%")


def test_declined_says_why_and_shows_the_closest_unmarked(visit: Visit, api: Api):
    page = opened(visit())
    for reason, why in WHY.items():
        api.set("/api/ask", Reply(body=declined(reason, LEAVE)))
        ask(page)
        expect(answer(page).locator(".declined")).to_have_text(f"{NOT_FOUND} {why}")
    expect(answer(page)).to_contain_text("Closest sentences, which may not answer your question:")
    expect(answer(page).locator("blockquote")).to_have_count(1)
    expect(answer(page).locator("mark")).to_have_count(0)


def test_hostile_words_are_words(visit: Visit, api: Api):
    evil = "<img src=https://elsewhere.example/x onerror=alert(1)> <script>alert(1)</script> {n} $& ‮"
    reply = answered(evil, citation(evil, evil, "onerror", title=evil, author=evil, published=evil))
    found = shown(visit, api, reply | {"standalone_question": evil + "?"})
    expect(found.locator("blockquote")).to_have_text(evil)
    expect(found.locator("img, script")).to_have_count(0)


# Where citations lead


def test_a_citation_leads_to_the_sentence_in_the_original(visit: Visit, api: Api):
    signs = "Part-time, too & so on."
    cited = [citation(CARRYING, CARRYING, url=url) for url in (HANDBOOK, HANDBOOK + "#a", HANDBOOK + "#a:~:text=b")]
    links = shown(visit, api, answered("q", *cited, citation(signs, signs, url=HANDBOOK))).locator("a.cite")
    first, last = "Up to five days may be carried over", "they are taken before the end of March."
    words = f"text={quote(first)},{quote(last)}"
    wanted = [f"#:~:{words}", f"#a:~:{words}", f"#a:~:text=b&{words}", "#:~:text=Part%2Dtime%2C%20too%20%26%20so%20on."]
    assert links.evaluate_all("(all) => all.map((a) => a.getAttribute('href'))") == [HANDBOOK + end for end in wanted]
    assert links.evaluate_all("(all) => all.map((a) => `${a.target} ${a.rel}`)") == ["_blank noopener"] * 4


ORIGINAL = (
    "<style>td, p { margin-bottom: 90rem }</style><p>The head office pays for taxis to the pier. Chief cook.</p>"
    "<p>The head office pays for hotels up to £110<sup>1</sup> in <b>Tolmere</b> and £140 elsewhere, breakfast for one "
    "included.</p>"
    "<p>Route 1: hourly.<br>Route 2: daily.<br>Route 3: never.</p>"
    "<table><tr><td>Chief executive<td>Marit<td>4101<tr><td>Chief cook<td>Lotte<td>4150</table><p>End."
)


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        (
            "The head office pays for hotels up to £110 in Tolmere and £140 elsewhere, breakfast for one included.",
            "p b",
        ),
        ("Route 1: hourly.\nRoute 2: daily.\nRoute 3: never.", "p:nth-of-type(3)"),
        ("Chief cook | Lotte | 4150", "tr:nth-of-type(2)"),
    ],
)
def test_the_browser_finds_the_sentence_in_the_original(visit: Visit, api: Api, host: Host, sentence: str, place: str):
    host.pages["/original"] = (f"<!doctype html><meta charset=utf-8>{ORIGINAL}", "")
    link = shown(visit, api, answered("q", citation(sentence, sentence, url=f"{host.address}/original"))).locator("a")
    with link.page.context.expect_page() as opening:
        link.click()
    expect(opening.value.locator(place)).to_be_in_viewport()
    assert opening.value.evaluate("scrollY") > 1000


def test_without_a_safe_address_it_leads_to_the_assistants_own_page(visit: Visit, api: Api):
    unsafe = [None, "javascript:alert(1)", "data:text/html,x", "//x.example/", "https:\\\\x", "https://", "ht\ntps://x"]
    name = "news/2024/what? #1 %.md"
    cited = [citation(ARTICLE, LEAVE["sentence"], article_id=name, url=url) for url in unsafe]
    links = shown(visit, api, answered("q", *cited)).locator("a.cite")
    own = f"{api.address}/articles/news/2024/what%3F%20%231%20%25.md"
    own += f"?start={LEAVE['start']}&end={LEAVE['end']}&check={checked(LEAVE['sentence'])}#qa-highlight"
    assert links.evaluate_all("(all) => all.map((a) => a.getAttribute('href'))") == [own] * len(unsafe)
    climbing = citation(ARTICLE, LEAVE["sentence"], article_id="../../sign-out")
    link = shown(visit, api, answered("q", climbing)).locator("a.cite")
    assert link.evaluate("(a) => a.pathname").endswith("/articles/..%2F..%2Fsign-out")


def test_with_a_token_the_article_opens_in_the_panel(visit: Visit, api: Api):
    article = {"id": LEAVE["article_id"], "title": "Annual leave", "text": ARTICLE + "\n\nMore." * 200}
    api.set("/api/articles/hr/annual leave.md", Reply(body=article))
    opener = shown(visit, api, answered(), 'data-token="abc"').get_by_role("button", name="Annual leave")
    opener.click()
    page = opener.page
    view = panel(page).get_by_role("article")
    expect(view.locator("mark")).to_have_text(LEAVE["sentence"])
    expect(view.locator("mark")).to_be_in_viewport()
    expect(view.get_by_role("heading")).to_be_focused()
    assert api.of("/api/articles/hr/annual leave.md")[0].headers["Authorization"] == "Bearer abc"
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_an_article_that_has_changed_or_gone_says_so(visit: Visit, api: Api):
    changed = Reply(body={"title": "Annual leave", "text": "All new."})
    api.set("/api/articles/hr/annual leave.md", changed, Reply(404, {"error": "no such article"}))
    opener = shown(visit, api, answered(), 'data-token="abc"').get_by_role("button", name="Annual leave")
    opener.click()
    view = panel(opener.page).get_by_role("article")
    expect(view).to_contain_text("The article has changed since this answer.")
    view.get_by_role("button", name="Back to the answer").click()
    opener.click()
    expect(view).to_contain_text("This article is no longer there.")


# How it is worked


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


# The conversation


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


# Where it stands

# Place and looks of each part, and whether it is on top.
APPEARANCE = """() => {
  const root = document.querySelector("qa-widget").shadowRoot;
  for (const animation of root.querySelector(".panel").getAnimations()) animation.finish();
  return [".launcher", ".panel", ".bar", "blockquote", ".cite", "textarea", ".send svg"].map((part) => {
    const element = root.querySelector(part);
    const { x, y, width, height } = element.getBoundingClientRect();
    const { color, font, letterSpacing, opacity, transform, visibility } = getComputedStyle(element);
    const onTop = element.contains(root.elementFromPoint(x + width / 2, y + height / 2));
    return [part, onTop, x, y, width, height, color, font, letterSpacing, opacity, transform, visibility].join(" ");
  });
}"""

HOSTILE = {
    "nothing is shown": "body, body * { display: none !important }",
    "all is unset": "html { font-size: 3px } html > *, body * { all: unset !important; display: none !important }",
    "all is large and red": "* { font: 40px serif !important; color: red !important; letter-spacing: 9px !important }",
    "all is turned": "* { rotate: 30deg !important; opacity: 0.2 !important; filter: blur(9px) !important }",
    "all is above": "* { z-index: 2147483647 !important; position: fixed !important; visibility: hidden !important }",
    "buttons vanish": "button, section, textarea { display: none !important; pointer-events: none !important }",
    "all is turned round": "* { direction: rtl !important; unicode-bidi: bidi-override !important }",
    "the page is a grid": "html { display: grid; gap: 9rem; writing-mode: vertical-rl; perspective: 9px }",
}


def test_the_pages_style_does_not_reach_it(visit: Visit, host: Host):
    page = opened(visit('data-title="Ask"', style="/* none yet */"))
    ask(page)
    expect(answer(page)).to_be_visible()
    plain = page.evaluate(APPEARANCE)
    for name, host.style in HOSTILE.items():
        page.reload()
        opened(page).mouse.move(0, 0)
        assert page.evaluate(APPEARANCE) == plain, name


def test_it_leaves_the_page_as_it_was(visit: Visit):
    look = "getComputedStyle(document.body).cssText + document.body.outerHTML + scrollY + document.styleSheets.length"
    page = visit(body="<p>tall</p>" * 99)
    before = page.evaluate(look)
    ask(opened(page))
    expect(answer(page)).to_be_visible()
    assert page.evaluate(look) == before
    bare = visit(scripts="<!-- none -->")
    added = set(page.evaluate("Object.keys(window)")) - set(bare.evaluate("Object.keys(window)"))
    assert added == {"QAWidget"}


def test_it_stands_in_the_corner_that_is_named(visit: Visit):
    for position in ("bottom-right", "bottom-left", "top-right", "top-left"):
        page = opened(visit(f'data-position="{position}"'))
        vertical, horizontal = position.split("-")
        for part in (launcher(page), panel(page)):
            place = box_of(part)
            assert (place["x"] < 1280 - place["x"] - place["width"]) == (horizontal == "left")
        assert (box_of(launcher(page))["y"] < box_of(panel(page))["y"]) == (vertical == "top")


def test_on_a_phone_it_fills_the_screen(visit: Visit):
    page = opened(visit(viewport={"width": 390, "height": 800}))
    panel(page).evaluate("(e) => Promise.all(e.getAnimations().map((a) => a.finished))")
    assert box_of(panel(page)) == {"x": 0, "y": 0, "width": 390, "height": 800}
    expect(panel(page)).to_have_attribute("aria-modal", "true")
    panel(page).get_by_role("button", name="Close").click()
    expect(launcher(page)).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_colours_follow_the_system_the_attributes_and_the_pages_properties(visit: Visit):
    background = "(e) => getComputedStyle(e).backgroundColor"
    page = opened(visit(color_scheme="dark"))
    assert panel(page).locator(".bar").evaluate(background) == "rgb(28, 32, 38)"
    page.emulate_media(color_scheme="light")
    expect(panel(page).locator(".bar")).to_have_css("background-color", "rgb(255, 255, 255)")
    page = visit(
        'data-theme="dark" data-accent="rgb(1, 2, 3)" data-open', style=":root { --qa-background: rgb(4, 5, 6) }"
    )
    assert panel(page).locator(".bar").evaluate(background) == "rgb(4, 5, 6)"
    assert launcher(page).evaluate(background) == "rgb(1, 2, 3)"
    page = visit(style=":root { --qa-accent: rgb(9, 8, 7); --qa-font: monospace }")
    assert launcher(page).evaluate(background) == "rgb(9, 8, 7)"
    assert launcher(page).evaluate("(e) => getComputedStyle(e).fontFamily") == "monospace"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_words_stand_out_by_at_least_4_5_to_1(visit: Visit, api: Api, scheme: Any):
    found = shown(visit, api, declined("unsure", LEAVE), "data-feedback", color_scheme=scheme)
    ask(found.page, "x" * 1001)
    low = found.page.evaluate(
        """() => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const rgb = (colour, under) => {
        canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data;
      };
      const light = (data) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
        const c = data[i] / 255;
        return sum + share * (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      }, 0);
      const behind = (e) => {
        for (; e; e = e.parentElement) {
          const { backgroundColor } = getComputedStyle(e);
          if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
        }
      };
      const root = document.querySelector("qa-widget").shadowRoot;
      const says = (e) => [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE);
      return [...root.querySelectorAll("*")].filter((e) => e.checkVisibility() && says(e))
        .map((e) => {
          const under = behind(e);
          const [a, b] = [light(rgb(under, under)), light(rgb(getComputedStyle(e).color, under))].sort((x, y) => y - x);
          return [e.className || e.tagName, (a + 0.05) / (b + 0.05)];
        }).filter(([, ratio]) => ratio < 4.5);
    }"""
    )
    assert low == []


@pytest.mark.parametrize(("attributes", "lang"), [('data-language="de"', "en"), ("", "de-CH")])
def test_it_speaks_the_language_named_or_the_pages(visit: Visit, api: Api, attributes: str, lang: str):
    api.set("/api/ask", Reply(body=declined("nothing found", LEAVE)))
    page = opened(visit(attributes, lang=lang))
    expect(box(page)).to_have_attribute("placeholder", "Stellen Sie eine Frage …")
    ask(page)
    expect(answer(page)).to_contain_text("In diesen Artikeln nicht gefunden. Keiner von ihnen handelt davon.")
    expect(answer(page)).to_contain_text("12. März 2024")


def test_an_unknown_language_is_english(visit: Visit):
    page = opened(visit('data-language="constructor"'))
    expect(box(page)).to_have_attribute("placeholder", "Ask a question…")


def test_every_language_has_every_word():
    source = (files("ui") / "widget" / "words.js").read_text("utf-8")
    table = source[source.index("const WORDS") : source.index("class Speech")]
    english, german = (
        [line.split(":")[0].strip() for line in part.splitlines() if line.startswith("    ") and ":" in line]
        for part in table.split("  de: {")
    )
    assert english == german


def test_inline_it_stands_in_the_element_named_without_a_button(visit: Visit):
    page = visit('data-target="#here"', body='<main id="here"></main>')
    expect(page.locator("#here qa-widget .panel")).to_be_visible()
    expect(launcher(page)).to_have_count(0)
    expect(panel(page).get_by_role("button", name="Close")).to_have_count(0)
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    ask(page)
    expect(answer(page)).to_be_visible()


def test_inline_it_waits_for_its_element_and_follows_it(visit: Visit):
    page = visit('data-target="#here"')
    expect(page.locator("qa-widget")).to_have_count(0)
    page.evaluate("document.body.append(Object.assign(document.createElement('main'), { id: 'here' }))")
    ask(page)
    expect(answer(page)).to_be_visible()
    page.evaluate("document.querySelector('main').remove()")
    expect(page.locator("qa-widget")).to_have_count(0)
    page.evaluate("document.body.append(Object.assign(document.createElement('main'), { id: 'here' }))")
    expect(page.locator("#here qa-widget .answer")).to_be_visible()


NAVIGATIONS = [
    "document.body.replaceChildren()",
    "document.documentElement.replaceChild(document.createElement('body'), document.body)",
    "document.querySelector('qa-widget').remove()",
    "document.documentElement.replaceChildren(document.createElement('body'))",
    "document.replaceChild(document.implementation.createHTMLDocument().documentElement, document.documentElement)",
]


def test_it_outlives_the_navigation_of_a_single_page(visit: Visit):
    page = opened(visit())
    ask(page)
    expect(answer(page)).to_be_visible()
    for navigate in [*NAVIGATIONS, *NAVIGATIONS]:
        page.evaluate(navigate)
        expect(page.locator("qa-widget")).to_have_count(1)
        expect(answer(page)).to_be_visible()
        assert panel(page).evaluate("(e) => e.matches(':popover-open')")
    ask(page, "Again")
    expect(panel(page).locator(".answer")).to_have_count(2)


def test_inline_it_keeps_to_the_height_of_its_element(visit: Visit):
    page = visit('data-target="#here"', body='<main id="here"></main>', style="main { height: 300px }")
    assert box_of(panel(page))["height"] == 300


def test_a_target_that_is_no_selector_is_passed_over(visit: Visit):
    page = opened(visit('data-target="#1abc"'))
    ask(page)
    expect(answer(page)).to_be_visible()


OLD_LIBRARIES = """
Array.prototype.toJSON = function () { return "[" + this.join() + "]"; };
String.prototype.toJSON = function () { return "a text"; };
Array.from = (value) => value == null ? [] : value.split ? value.split("") : [].slice.call(value);
"""
OLD_BROWSERS = """
delete String.prototype.toWellFormed; delete URL.canParse; delete HTMLElement.prototype.togglePopover;
"""


@pytest.mark.parametrize("page_does", [OLD_LIBRARIES, OLD_BROWSERS])
def test_it_works_beside_old_libraries_and_in_older_browsers(visit: Visit, api: Api, page_does: str):
    text = "🎉 27 days."
    cited = citation(text, text, "27 days", url=HANDBOOK)
    api.set("/api/ask", Reply(body=answered("q", cited)))
    page = visit()
    page.evaluate(page_does)
    for _ in range(2):
        ask(opened(page))
        expect(answer(page).locator("mark")).to_have_text("27 days")
        expect(panel(page).locator(".waiting")).to_have_count(0)
        page.keyboard.press("Escape")
    asked = {"question": "How much leave do I get?", "answer": "27 days of paid leave"}
    assert api.asked()[-1].body == {"question": asked["question"], "history": [asked]}
    page.reload()
    expect(opened(page).locator(".answer")).to_have_count(2)


def test_loaded_twice_it_is_there_once(visit: Visit, api: Api):
    tag = f'<script src="{api.address}/widget.js" defer></script>'
    page = visit(scripts=tag + tag)
    expect(page.locator("qa-widget")).to_have_count(1)
    ask(opened(page))
    expect(answer(page)).to_have_count(1)
    assert len(api.asked()) == 1


def test_as_a_module_it_finds_its_own_address(visit: Visit, api: Api):
    page = opened(visit(scripts=f'<script type="module" src="{api.address}/widget.js?v=2" data-title="M"></script>'))
    expect(panel(page).get_by_role("heading", name="M", exact=True)).to_be_visible()
    ask(page)
    expect(answer(page)).to_be_visible()


def test_as_a_module_it_takes_no_other_script_for_its_own(visit: Visit, api: Api):
    tags = '<script type="module" src="{0}/widget.js"></script><script src="{0}/else/support-widget.js"></script>'
    page = opened(visit(scripts=tags.format(api.address)))
    ask(page)
    expect(answer(page)).to_be_visible()


def test_an_element_of_the_same_name_does_not_keep_it_away(visit: Visit):
    ask(opened(visit(body="<div id='QAWidget'></div>")))


def test_destroyed_it_leaves_nothing_and_can_be_loaded_again(visit: Visit, api: Api):
    page = opened(visit())
    page.evaluate("QAWidget.destroy()")
    assert page.evaluate("'QAWidget' in window") is False
    page.evaluate("document.body.replaceChildren()")
    page.wait_for_timeout(120)
    expect(page.locator("qa-widget")).to_have_count(0)
    page.evaluate(
        """(src) => {
          const policy = trustedTypes.createPolicy("again", { createScriptURL: (url) => url });
          const script = document.createElement("script");
          document.head.append(Object.assign(script, { src: policy.createScriptURL(src) }));
        }""",
        f"{api.address}/widget.js",
    )
    ask(opened(page))
    expect(answer(page)).to_be_visible()


def test_opened_at_the_start_it_asks_the_start_question_once_and_takes_no_focus(visit: Visit, api: Api):
    page = visit('data-open data-question="How much leave do I get?"')
    expect(answer(page)).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.reload()
    expect(answer(page)).to_be_visible()
    assert len(api.asked()) == 1
    panel(page).get_by_role("button", name="Close").click()
    page.reload()
    expect(launcher(page)).to_be_visible()
    expect(panel(page)).to_be_hidden()


def test_it_weighs_at_most_15_kilobytes():
    assert len(gzip.compress(widget_script().encode(), 9)) <= 15_000

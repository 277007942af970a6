"""Where the widget stands: in pages of another origin under a strict policy, whatever they do."""

from __future__ import annotations

import gzip
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.ui.widget.answers import LEAVE, answered, citation, declined
from tests.ui.widget.conftest import CHROMIUM, Api, Host, Reply, Visit
from tests.ui.widget.steps import answer, ask, box, box_of, launcher, opened, panel, shown
from ui.widget_script import widget_script

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]

HANDBOOK = "https://handbook.example/leave"


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

"""What the widget shows of an answer, and where its citations lead."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.ui.widget.answers import ARTICLE, LEAVE, answered, citation, declined
from tests.ui.widget.conftest import CHROMIUM, Api, Host, Reply, Visit
from tests.ui.widget.steps import answer, ask, opened, panel, shown
from ui.answer_text import NOT_FOUND, WHY
from ui.article_page import checked

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]

CARRYING = "Up to five days may be carried over into the next year, if they are taken before the end of March."
HANDBOOK = "https://handbook.example/leave"


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

"""What the chat shows and keeps; the pages themselves need a browser."""

import asyncio
import re

import pytest

from index.article import Article
from index.errors import UserError
from qa.answer import Alternative, Answer, Citation
from ui.answer_view import answer_html, confidence_words, error_html, question_html, quotation_html
from ui.chat import SERVER_ERROR, answered_turn, build_chat, judged, opened_article, respond
from ui.conversation import MAX_TURNS, Turn, history, question_problem, read_history, read_turns, write_conversation
from ui.server.gate import Busy

EVIL = '"><img src=x onerror=alert(1)>'
TEXT = "Soup is served at noon. It is hot."


def citation(n: int = 1, span: tuple[int, int] | None = (15, 22), **changes) -> Citation:
    values = {
        "article_id": "a", "title": "Canteen", "url": None, "author": None, "published": None,
        "sentence": TEXT[:23], "start": 0, "end": 23, "score": 1.0,
    }  # fmt: skip
    return Citation(n=n, span=span, **(values | changes))


def answer(**changes) -> Answer:
    values = {
        "question": "When?", "standalone_question": "When?", "answered": True, "answer": "at noon", "confidence": 0.9,
        "citations": (citation(),), "alternatives": (), "closest": (), "timings_ms": {"total": 1.0},
    }  # fmt: skip
    return Answer(**(values | changes))


DECLINED = answer(answered=False, answer=None, confidence=0.1, citations=(), closest=(citation(), citation(2)))


class Canteen:
    """An assistant with one article."""

    n_articles = 1

    def __init__(self, outcome=None):
        self.outcome = outcome or answer()
        self.histories = []
        self.kept = []

    def keep(self, feedback):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.kept.append(feedback)

    async def examples(self):
        return ["When?"]

    async def ask(self, question, history=()):
        self.histories.append(history)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def article(self, article_id):
        if article_id == "broken":
            raise RuntimeError("/secret/path")
        return Article("a", "Canteen", TEXT) if article_id == "a" else None


def responses(*arguments):
    """All that `respond` gives."""

    async def gathered():
        return [response async for response in respond(*arguments)]

    return asyncio.run(gathered())


def replies(messages):
    return [message["content"].value for message in messages]


def test_the_answer_is_marked_inside_its_sentence():
    assert quotation_html(citation()) == "Soup is served <mark>at noon</mark>."


@pytest.mark.parametrize("span", [None, (0, 22), (0, 23)])
def test_a_whole_sentence_is_not_marked(span):
    assert quotation_html(citation(span=span)) == "Soup is served at noon."


def test_offsets_of_the_mark_are_the_articles():
    later = citation(sentence=TEXT[24:], start=24, end=34, span=(30, 33))
    assert quotation_html(later) == "It is <mark>hot</mark>."


def test_each_citation_is_a_button_that_says_what_to_open():
    html = answer_html(answer(citations=(citation(), citation(2, article_id="b"))))
    assert 'data-article="a" data-start="0" data-end="23"' in html
    assert 'data-article="b"' in html
    assert "[1]</span>" in html
    assert "[2]</span>" in html
    assert html.count('<button type="button" class="qa-cite"') == 2


def test_a_source_shows_title_date_and_author():
    html = answer_html(answer(citations=(citation(published="2024-03-12", author="Ann"),)))
    assert '<span class="qa-title">Canteen</span> <span class="qa-meta">12 Mar 2024 · Ann</span>' in html


def test_confidence_is_in_words_and_percent():
    assert "High confidence · 90%" in answer_html(answer())
    assert [confidence_words(p) for p in (0.8, 0.79, 0.5, 0.49)] == [
        "High confidence", "Medium confidence", "Medium confidence", "Low confidence",
    ]  # fmt: skip


def test_an_alternative_is_named_as_another_article():
    html = answer_html(answer(alternatives=(Alternative("hot", 0.2, (citation(2, title="Menu"),)),)))
    assert "Another article says <span>· low confidence · 20%" in html
    assert html.index("Canteen") < html.index("Another article says") < html.index("Menu")


def test_a_declined_question_shows_the_closest_sentences_as_such():
    html = answer_html(DECLINED)
    assert "<mark>" not in html
    assert html.index("Not found in these articles.") < html.index("may not answer") < html.index("Soup is served")
    assert "confidence" not in html


def test_a_follow_up_says_how_it_was_understood():
    assert "Understood as: When is soup?" in answer_html(answer(standalone_question="When is soup?"))
    assert "Understood" not in answer_html(answer())


def test_nothing_gets_through_unescaped():
    hostile = citation(article_id=EVIL, title=EVIL, author=EVIL, published=EVIL, sentence=EVIL, url="javascript:x")
    html = answer_html(answer(standalone_question=EVIL, citations=(hostile,), closest=(hostile,)))
    html += question_html(EVIL) + error_html(EVIL)
    assert "<img" not in html
    assert "javascript:" not in html


def test_the_question_shows_at_once_and_then_the_answer():
    waiting, done = responses(Canteen(), " When? ", None, False)
    assert replies(waiting[0]) == [question_html("When?"), replies(waiting[0])[1]]
    assert "Searching 1 article" in replies(waiting[0])[1]
    assert waiting[1] is None
    assert replies(done[0]) == [question_html("When?"), answer_html(answer())]
    assert done[1]["turns"] == [{"question": "When?", "answer": answer().to_dict(), "error": None, "verdict": None}]


def test_the_assistant_gets_the_turns_before():
    canteen = Canteen()
    kept = write_conversation(None, [Turn("When?", answer()), Turn("Why?", DECLINED), Turn("Oops?", error="no")])
    responses(canteen, "And where?", kept, False)
    assert canteen.histories == [[{"question": "When?", "answer": "at noon"}, {"question": "Why?", "answer": None}]]


def test_a_verdict_is_kept_with_its_answer_and_the_turns_before():
    canteen = Canteen()
    assert judged(canteen, [Turn("When?", answer()), Turn("Why?", DECLINED, verdict="down")]) == ""
    (kept,) = canteen.kept
    assert (kept.verdict, kept.answer) == ("down", DECLINED)
    assert kept.history == ({"question": "When?", "answer": "at noon"},)


def test_what_cannot_be_judged_or_kept_says_so():
    assert judged(Canteen(), []) == judged(Canteen(), [Turn("Oops?", error="no")]) == "This answer can't be judged."
    assert judged(Canteen(UserError("disk full")), [Turn("When?", answer())]) == "Your verdict could not be kept."


def test_answers_ask_whether_they_are_right_where_feedback_is_on():
    turn = write_conversation(None, [Turn("When?", answer(), verdict="up")])
    *_, done = responses(Canteen(DECLINED), "Why?", turn, True)
    first, second = replies(done[0])[1::2]
    assert re.findall(r'data-verdict="(\w+)" data-turn="(\d)" aria-pressed="(\w+)"', first) == [
        ("up", "0", "true"),
        ("down", "0", "false"),
    ]
    assert "Is it right that the articles don't say?" in second
    *_, done = responses(Canteen(), "Why?", turn, False)
    assert "data-verdict" not in "".join(replies(done[0]))


def test_a_users_error_is_shown_and_a_bug_is_not(caplog):
    assert asyncio.run(answered_turn(Canteen(UserError("run qa index")), "When?", [])).error == "run qa index"
    assert asyncio.run(answered_turn(Canteen(RuntimeError("/secret/path")), "When?", [])).error == SERVER_ERROR
    assert "try again in 3 s" in asyncio.run(answered_turn(Canteen(Busy(3)), "When?", [])).error
    assert "/secret/path" in caplog.text


def test_a_conversation_survives_the_browser():
    spanless = answer(citations=(citation(span=None),))
    turns = [Turn("When?", spanless, verdict="up"), Turn("Why?", DECLINED), Turn("Oops?", error="no")]
    assert read_turns(write_conversation(None, turns)) == turns


def test_a_conversation_keeps_its_id_and_its_last_turns():
    first = write_conversation(None, [Turn("When?", answer())])
    longer = write_conversation(first, [Turn(str(i), error="e") for i in range(MAX_TURNS + 1)])
    assert longer["id"] == first["id"]
    assert [turn.question for turn in read_turns(longer)] == [str(i) for i in range(1, MAX_TURNS + 1)]


@pytest.mark.parametrize(
    "sent",
    [None, 3, [], {}, {"turns": 3}, {"turns": [None, 3, {}, {"question": 3}, {"question": "q", "answer": {"x": 1}}]}],
)
def test_what_is_no_conversation_is_none(sent):
    assert read_turns(sent) == []


def test_history_is_the_last_ten_turns():
    assert [h["question"] for h in history([Turn(str(i), answer()) for i in range(12)])] == [
        str(i) for i in range(2, 12)
    ]


def test_a_callers_history_is_taken_where_it_has_the_right_form():
    sent = [{"question": "When?", "answer": "at noon"}, {"question": "Why?"}, {"question": 3}, None, {"question": " "}]
    assert read_history(sent) == [{"question": "When?", "answer": "at noon"}, {"question": "Why?", "answer": None}]
    assert read_history({"question": "When?"}) == []


@pytest.mark.parametrize(
    ("question", "fine"), [("When?", True), ("x" * 1000, True), ("x" * 1001, False), (" \n", False)]
)
def test_questions_have_a_length(question, fine):
    assert (question_problem(question) is None) == fine


def test_a_citation_opens_its_article_at_the_quotation():
    assert '<mark id="qa-highlight">It is hot.</mark>' in opened_article(Canteen(), "a", 24, 34, "It is hot.")


def test_a_quotation_that_is_gone_is_said_to_be():
    html = opened_article(Canteen(), "a", 24, 34, "It is cold.")
    assert "has changed since" in html
    assert "<mark" not in html


def test_an_article_that_cannot_be_shown_tells_nothing_but_that(caplog):
    assert "no longer there" in opened_article(Canteen(), "z", 0, 1, "x")
    assert opened_article(Canteen(), "broken", 0, 1, "x") == error_html(SERVER_ERROR)
    assert "/secret/path" in caplog.text


async def build():
    """Inside a running event loop, because outside Gradio makes loops that it never closes."""
    return build_chat(lambda request: Canteen(), "Canteen", True)


def test_ask_is_the_only_public_endpoint():
    info = asyncio.run(build()).get_api_info()
    assert list(info["named_endpoints"]) == ["/ask"]
    assert info["unnamed_endpoints"] == {}

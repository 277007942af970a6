"""Verdicts: kept beside the index, and questions of a test set later."""

import json
from dataclasses import replace

import pytest

from index import Article
from index.errors import FeedbackUnkept
from qa import feedback as module
from qa.answer import Alternative
from qa.evaluation.from_feedback import questions
from qa.feedback import FILE, Feedback, keep, kept
from tests.qa.evaluation.conftest import made

ARTICLE = Article("a", "Title a", "Soup is served at noon.")


def given(verdict, time="2026-01-01T10:00:00+00:00", **record):
    return Feedback(time, verdict, made(**record).answer, ({"question": "Where?", "answer": None},))


def asked(*feedback):
    return questions(feedback, {"a": ARTICLE}.get)


def test_what_is_kept_is_read_back(tmp_path):
    for one in (given("up"), given("down")):
        keep(one, tmp_path)
    with (tmp_path / FILE).open("a") as file:
        file.write('{"verdict": "up"}\nnot json\n')
    assert list(kept(tmp_path)) == [given("up"), given("down")]
    assert json.loads((tmp_path / FILE).read_text().splitlines()[0])["answer"]["question"] == "When?"


def test_nothing_was_judged_yet(tmp_path):
    assert list(kept(tmp_path)) == []


def test_the_file_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 700)
    keep(given("up"), tmp_path)
    with pytest.raises(FeedbackUnkept, match="is full"):
        keep(given("up"), tmp_path)
    with pytest.raises(FeedbackUnkept, match="cannot write"):
        keep(given("up"), tmp_path / "gone")


def test_one_verdict_takes_only_so_much(tmp_path):
    keep(replace(given("up"), history=({"question": "Where?", "answer": "x" * 32_000},)), tmp_path)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(FeedbackUnkept, match=r"too large to keep \(33,\d\d\d bytes; at most 32,768\)"):
        keep(replace(given("up"), history=({"question": "Where?", "answer": "x" * 33_000},)), tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_verdicts_are_for_the_owners_eyes_unless_the_file_was_opened_to_others(tmp_path):
    keep(given("up"), tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).chmod(0o640)
    keep(given("up"), tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o640


def test_a_thumb_up_makes_the_answer_gold():
    (question,) = asked(given("up", span="noon"))
    assert (question.question, question.answers, question.article_ids) == ("When?", ("noon",), ("a",))
    assert question.history == ({"question": "Where?", "answer": None},)


def test_a_thumb_up_for_not_found_makes_it_unanswerable():
    (question,) = asked(given("up", confidence=0.1))
    assert question.answerable is False


def test_a_thumb_down_rejects_the_quotation():
    (question,) = asked(given("down"))
    assert (question.answerable, question.rejected) == (None, ("Soup is served at noon.",))


def test_a_thumb_down_for_not_found_says_nothing():
    assert asked(given("down", confidence=0.1)) == []


def test_the_last_verdict_counts_and_one_taken_back_does_not():
    assert asked(given("up"), given("down", "2026-01-02"))[0].rejected
    assert asked(given("up"), given(None, "2026-01-02")) == []


def test_a_quotation_that_the_article_does_not_hold_any_more_is_no_gold():
    assert asked(given("up", sentence="Soup is served at two.")) == []
    assert asked(given("up", article_id="gone")) == []


def test_a_quotation_that_the_article_does_not_hold_any_more_needs_no_rejection():
    assert asked(given("down", sentence="Soup is served at two.")) == []


SECRET = made(sentence="The bonus is secret.", article_id="pay").answer.citations


@pytest.mark.parametrize("verdict", ["up", "down"])
@pytest.mark.parametrize(
    "quoted",
    [
        {"citations": SECRET},
        {"citations": (*given("up").answer.citations, *SECRET)},
        {"alternatives": (Alternative("secret", 0.4, SECRET),)},
        {"answered": False, "answer": None, "citations": (), "closest": SECRET},
    ],
)
def test_a_verdict_on_an_answer_from_an_article_that_may_not_be_read_or_is_gone_is_left_out(verdict, quoted):
    public = given(verdict)
    assert asked(replace(public, answer=replace(public.answer, **quoted))) == []


def test_it_does_not_take_the_place_of_another_verdict_on_the_same_question():
    secret = replace(given("down", "2026-01-02"), answer=replace(given("down").answer, citations=SECRET))
    assert [question.answers for question in asked(given("up", span="noon"), secret)] == [("noon",)]


def test_what_was_answered_before_is_not_told():
    before = ({"question": "Who earns most?", "answer": "The bonus is secret."},)
    (question,) = asked(replace(given("up"), history=before))
    assert question.history == ({"question": "Who earns most?", "answer": None},)

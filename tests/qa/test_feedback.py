"""Verdicts: kept beside the index, and questions of a test set later."""

import json

import pytest

from index import Article
from index.errors import FeedbackUnkept
from qa import feedback as module
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

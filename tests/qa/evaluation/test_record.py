"""What came out of a question, and which stage lost it."""

import pytest

from qa.evaluation import Question

UNANSWERABLE = Question("q", "When?", ())
OFF_TOPIC = Question("q", "When?", (), ("a",), off_topic=True)
JUDGED = Question("q", "When?", relevant={"a": 2})


@pytest.mark.parametrize(
    ("changes", "outcome", "cause"),
    [
        ({}, "right", None),
        ({"confidence": 0.1}, "wrongly declined", "declined"),
        ({"sentence": "It is hot."}, "wrong sentence", "read, wrong span"),
        ({"span": "Soup"}, "wrong span", "read, wrong span"),
        ({"article_id": "b", "source": "b#0-9"}, "wrong article", "retrieved, not read"),
        ({"article_id": "b", "source": "b#0-9", "found": ("b#0-9",)}, "wrong article", "not retrieved"),
        ({"article_id": "b", "source": "b#0-9", "confidence": 0.1}, "wrongly declined", "retrieved, not read"),
        ({"question": UNANSWERABLE}, "wrongly answered", None),
        ({"question": UNANSWERABLE, "confidence": 0.1}, "right", None),
        ({"question": OFF_TOPIC}, "wrongly answered", None),
        ({"question": Question("q", "When?")}, "not judged", None),
        ({"question": JUDGED, "sentence": "Any sentence."}, "right", None),
        ({"question": JUDGED, "article_id": "b"}, "wrong article", "read, wrong span"),
    ],
)
def test_outcome_and_cause(record, changes, outcome, cause):
    made = record(**changes)
    assert (made.outcome, made.cause) == (outcome, cause)


def test_an_answer_may_come_from_anywhere_unless_its_article_is_named(record):
    assert record(Question("q", "When?", ("noon",)), article_id="b").right
    assert record(Question("q", "When?", ("noon",), titles=("Title b",)), article_id="b").right
    assert not record(Question("q", "When?", ("noon",), titles=("Title c",)), article_id="b").right


def test_what_was_declined_still_has_a_best_answer(record):
    declined = record(confidence=0.1, span="noon")
    assert declined.answer.answer is None
    assert declined.best_text == "noon"
    assert declined.right


def test_a_run_says_how_many_rejected_answers_are_still_given(record, run):
    rejected = Question("q", "When?", rejected=("Soup is served at noon.",))
    assert run(record(rejected), record(rejected, sentence="At two."), record()).still_rejected() == (1, 2)

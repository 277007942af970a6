"""Intervals and comparisons."""

import numpy as np
import pytest

from index.errors import QuestionsUnusable
from qa.evaluation import Question
from tests.qa.evaluation.conftest import made


def questions(right: int, of: int):
    """So many right ones first; the ids are numbers."""
    sentences = ["Soup is served at noon."] * right + ["It is hot."] * (of - right)
    return [made(Question(str(i), "When?", ("noon",), ("a",)), sentence=s) for i, s in enumerate(sentences)]


def test_an_interval_is_as_wide_as_the_binomials(run):
    low, high = run(*questions(60, 100)).intervals["first_citation"]
    spread = 1.96 * np.sqrt(0.6 * 0.4 / 100)
    assert (low, high) == (pytest.approx(0.6 - spread, abs=0.02), pytest.approx(0.6 + spread, abs=0.02))


def test_the_same_seed_gives_the_same_interval_and_another_one_another(run):
    records = questions(60, 100)
    assert run(*records, seed=1).intervals == run(*records, seed=1).intervals
    assert run(*records, seed=1).intervals["mrr"] == (1, 1)


def test_a_run_does_not_differ_from_itself(run):
    same = run(*questions(60, 100))
    difference = same.against(same)["first_citation"]
    assert (difference.value, difference.low, difference.high, difference.p) == (0, 0, 0, 1)


def test_ten_questions_better_and_none_worse_is_no_chance(run):
    difference = run(*questions(70, 100)).against(run(*questions(60, 100)))["first_citation"]
    assert difference.value == pytest.approx(0.1)
    assert 0 < difference.low < 0.1 < difference.high
    assert difference.p == pytest.approx(2 / 2**10, abs=0.004)  # all ten coins must fall alike


def test_one_question_better_may_be_chance(run):
    assert run(*questions(61, 100)).against(run(*questions(60, 100)))["first_citation"].p > 0.9


def test_only_common_questions_are_compared(run):
    few, many = run(*questions(5, 10)), run(*questions(5, 20))
    assert few.against(many)["first_citation"].value == 0
    with pytest.raises(QuestionsUnusable, match="no question in common"):
        few.against(run(made(Question("other", "Why?", ("noon",)))))

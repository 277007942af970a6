"""Measures that a run must reach."""

import pytest

from qa.evaluation import Question
from qa.evaluation.gate import Requirement, missed
from tests.qa.evaluation.conftest import made


def test_what_is_reached_says_nothing_and_what_is_not_says_by_how_much(run):
    short = missed(run(made(ms=200)), map(Requirement.parse, ["hit@1=1", "p95_ms=200", "f1=0.7", "p50_ms=150"]))
    assert list(short) == ["f1 is 0.3333, required: at least 0.7", "p50_ms is 200, required: at most 150"]


def test_a_measure_that_no_question_bears_on_is_not_reached(run):
    assert list(missed(run(made(Question("q", "?", ()))), [Requirement("hit@1", 0)])) != []


@pytest.mark.parametrize(
    ("text", "message"),
    [("f2=1", "no measure 'f2'; there are hit@1"), ("f1", "NAME=VALUE"), ("f1=nan", "no measure can be")],
)
def test_what_is_no_requirement(text, message):
    with pytest.raises(ValueError, match=message):
        Requirement.parse(text)

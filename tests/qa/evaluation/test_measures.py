"""Every measure, worked by hand or against the reference implementation."""

import random
from math import isnan, log2

import pytest
import pytrec_eval

from qa.evaluation import MEASURES, Question
from tests.qa.evaluation.conftest import made

UNANSWERABLE = Question("u", "Why?", ())
WRONG = "It is hot at two."


def four():
    """Right at 0.9, wrong at 0.8, right but declined at 0.4, unanswerable and answered at 0.6."""
    return [
        made(confidence=0.9, span="at noon", ms=10),
        made(sentence=WRONG, confidence=0.8, source="b#0-9", found=("b#0-9", "a#0-23"), ms=20),
        made(confidence=0.4, ms=30),
        made(UNANSWERABLE, confidence=0.6, qrels=(), ms=40),
    ]


@pytest.mark.parametrize(
    ("name", "worked"),
    [
        ("hit@1", 2 / 3),
        ("hit@5", 1),
        ("hit@10", 1),
        ("recall@5", 1),
        ("recall@10", 1),
        ("mrr", (1 + 1 / 2 + 1) / 3),
        ("ndcg@10", (1 + 1 / log2(3) + 1) / 3),
        ("hit@1_read", 2 / 3),
        ("em", 0),
        ("f1", (2 / 3 + 0 + 0 + 0) / 4),  # "at noon" for "noon"; a wrong one; declined; answered without an answer
        ("em_best", 0),
        ("f1_best", (2 / 3 + 0 + 1 / 3) / 3),  # the whole sentence has 5 words: 2 · (1/5) · 1 / (1/5 + 1)
        ("first_citation", 2 / 3),
        ("first_article", 1),
        ("citation_precision", 1 / 3),
        ("citation_recall", 1 / 3),
        ("verbatim", 1),
        ("auroc", 2 / 3),  # 0.9 and 0.8 are above 0.6, 0.4 is not
        ("aurc", (0 + 1 / 2 + 2 / 3 + 2 / 4) / 4),
        ("answer_precision", 1 / 3),
        ("answer_recall", 1 / 3),
        ("declined_answerable", 1 / 3),
        ("declined_unanswerable", 0),
        ("ece", (0.1 + 0.8 + 0.6 + 0.6) / 4),
        ("p50_ms", 25),
        ("p95_ms", 38.5),
        ("p99_ms", 39.7),
        ("per_second", 40),
    ],
)
def test_worked_by_hand(run, name, worked):
    assert run(*four()).measures[name] == pytest.approx(worked)


def test_there_is_no_measure_without_a_formula():
    assert [name for name, measure in MEASURES.items() if len(measure.formula) < 20] == []


def test_a_measure_that_no_question_bears_on_is_not_a_number(run):
    found = run(made(Question("q", "When?"))).measures
    assert {name for name, value in found.items() if not isnan(value)} == {
        "verbatim", "p50_ms", "p95_ms", "p99_ms", "per_second",
    }  # fmt: skip


def test_declining_counts_as_the_empty_answer(run):
    declined = run(made(UNANSWERABLE, confidence=0.1))
    assert (declined.measures["em"], declined.measures["f1"]) == (1, 1)


def test_ranking_measures_are_trec_evals(run):
    dice = random.Random(3)
    records, qrels, ranking = [], {}, {}
    for number in range(200):
        items = [f"i{n}" for n in dice.sample(range(40), dice.randint(1, 30))]
        grades = {f"i{n}": dice.randint(1, 3) for n in dice.sample(range(40), dice.randint(1, 6))}
        question = Question(f"q{number}", "?", relevant=grades)
        record = made(question, found=tuple(items), qrels=())
        record.qrels.update(grades)
        records.append(record)
        qrels[question.id] = grades
        ranking[question.id] = {item: 1 / rank for rank, item in enumerate(items, 1)}
    measures = {"ndcg_cut.10", "recip_rank", "recall.5,10", "success.1,5,10"}
    by_question = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(ranking).values()
    found = run(*records).measures
    for ours, theirs in {
        "ndcg@10": "ndcg_cut_10", "mrr": "recip_rank", "recall@5": "recall_5", "recall@10": "recall_10",
        "hit@1": "success_1", "hit@5": "success_5", "hit@10": "success_10",
    }.items():  # fmt: skip
        assert found[ours] == pytest.approx(sum(q[theirs] for q in by_question) / 200), ours

"""Records → columns of numbers, a row a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2, nan

import numpy as np
import numpy.typing as npt

from qa.evaluation.gold import exact_match, f1
from qa.evaluation.record import Record

Floats = npt.NDArray[np.float64]
Table = Mapping[str, Floats]
"""Columns by name, float64, (n_questions,); truth as 0 and 1, nan where a column says nothing of a question."""


def table(records: Sequence[Record]) -> Table:
    """What the measures need of each record."""
    rows = [_row(record) for record in records]
    return {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]} if rows else {}


def _row(record: Record) -> dict[str, float]:
    question, answer = record.question, record.answer
    known = question.answerable is not None
    answerable = bool(question.answerable)
    gold = question.answers
    right = [record.cites_rightly(citation) for citation in answer.citations]
    article = record.best is not None and question.is_from(record.best.article_id, record.best.title)
    row = {
        "answerable": float(answerable) if known else nan,
        "answered": float(answer.answered),
        "confidence": answer.confidence,
        "right": float(record.right) if known else nan,
        "em": nan if gold is None else exact_match(answer.answer or "", gold),
        "f1": nan if gold is None else f1(answer.answer or "", gold),
        "em_best": exact_match(record.best_text, gold) if gold else nan,
        "f1_best": f1(record.best_text, gold) if gold else nan,
        "first_citation": float(record.cites_rightly(record.best)) if answerable else nan,
        "first_article": float(article) if answerable else nan,
        "citations": float(len(right)) if known else nan,
        "right_citations": float(sum(right)) if known else nan,
        "quotations": float(record.quotations),
        "verbatim": float(record.verbatim),
        "ms": answer.timings_ms["total"],
    }
    return row | (_ranking(record) if answerable else dict.fromkeys(_RANKING, nan))


_RANKING = ("hit@1", "hit@5", "hit@10", "recall@5", "recall@10", "mrr", "ndcg@10", "hit@1_read")


def _ranking(record: Record) -> dict[str, float]:
    grades = [record.qrels.get(item, 0) for item, _ in record.found]
    ranks = [rank for rank, grade in enumerate(grades, 1) if grade]
    ideal = _dcg(sorted(record.qrels.values(), reverse=True)[:10])
    values = {f"hit@{k}": float(any(rank <= k for rank in ranks)) for k in (1, 5, 10)}
    values |= {f"recall@{k}": sum(rank <= k for rank in ranks) / max(1, len(record.qrels)) for k in (5, 10)}
    return values | {
        "mrr": 1 / ranks[0] if ranks else 0.0,
        "ndcg@10": _dcg(grades[:10]) / ideal if ideal else 0.0,
        "hit@1_read": float(record.source in record.qrels),
    }


def _dcg(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1))

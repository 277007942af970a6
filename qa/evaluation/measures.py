"""The measures; each is defined here and nowhere else, its docstring says the formula and the source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from math import isnan, nan
from typing import Literal

import numpy as np

from qa.evaluation import abstention
from qa.evaluation.table import Floats, Table

Group = Literal["retrieval", "answers", "citations", "not found", "speed"]
Better = Literal["higher", "lower"]
Unit = Literal["share", "ms", "1/s"]
Of = Callable[[Table], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """formula: for people, with its source. of: nan where no question bears on it. unit: "share" is in [0, 1]."""

    name: str
    group: Group
    better: Better
    unit: Unit
    formula: str
    of: Of

    def shown(self, value: float, sign: str = "") -> str:
        """With the digits that it deserves; sign: "+" shows it where it is above 0 too."""
        if isnan(value):
            return "–"
        return f"{value:{sign}.3f}" if self.unit == "share" else f"{value:{sign},.1f}"


MEASURES: dict[str, Measure] = {}


def measured(columns: Table) -> dict[str, float]:
    """Every measure of a table, by name; nan where no question bears on it."""
    return {name: measure.of(columns) for name, measure in MEASURES.items()}


def _measure(name: str, group: Group, better: Better = "higher", unit: Unit = "share") -> Callable[[Of], Of]:
    def registered(of: Of) -> Of:
        MEASURES[name] = Measure(name, group, better, unit, " ".join((getdoc(of) or "").split()), of)
        return of

    return registered


def _mean(values: Floats) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else nan


def _share(part: Floats, whole: Floats) -> float:
    """Σ part / Σ whole, over the questions where the whole is known."""
    known = ~np.isnan(whole)
    total = whole[known].sum()
    return float(part[known].sum() / total) if total else nan


# --- retrieval: over answerable questions. Relevant: a chunk of a right article that holds a gold answer; in BEIR sets,
# an article judged so, in the place of its best chunk.


@_measure("hit@1", "retrieval")
def hit_1(t: Table) -> float:
    """Questions whose first chunk is relevant / answerable questions. Source: success@1 of trec_eval."""
    return _mean(t["hit@1"])


@_measure("hit@5", "retrieval")
def hit_5(t: Table) -> float:
    """Questions with a relevant chunk among the first 5 / answerable questions. Source: success@5 of trec_eval."""
    return _mean(t["hit@5"])


@_measure("hit@10", "retrieval")
def hit_10(t: Table) -> float:
    """Questions with a relevant chunk among the first 10 / answerable questions. Source: success@10 of trec_eval."""
    return _mean(t["hit@10"])


@_measure("recall@5", "retrieval")
def recall_5(t: Table) -> float:
    """Mean of (relevant chunks among the first 5 / relevant chunks). Source: trec_eval."""
    return _mean(t["recall@5"])


@_measure("recall@10", "retrieval")
def recall_10(t: Table) -> float:
    """Mean of (relevant chunks among the first 10 / relevant chunks). Source: trec_eval."""
    return _mean(t["recall@10"])


@_measure("mrr", "retrieval")
def mrr(t: Table) -> float:
    """Mean of 1 / rank of the first relevant chunk, 0 below rank 100. Source: trec_eval."""
    return _mean(t["mrr"])


@_measure("ndcg@10", "retrieval")
def ndcg_10(t: Table) -> float:
    """Mean of DCG / best possible DCG, where DCG = Σ grade / log2(rank + 1) over the first 10.

    Source: Järvelin & Kekäläinen, TOIS 2002, as in trec_eval.
    """
    return _mean(t["ndcg@10"])


@_measure("hit@1_read", "retrieval")
def hit_1_read(t: Table) -> float:
    """hit@1 after reading: questions whose best quotation is from a relevant chunk / answerable questions."""
    return _mean(t["hit@1_read"])


# --- answers: best over the gold answers, normalised as SQuAD does


@_measure("em", "answers")
def em(t: Table) -> float:
    """Mean exact match of the answers given; declining is right where there is no answer, and only there.

    Source: SQuAD 2.0's official script; Rajpurkar et al., ACL 2018, arXiv:1806.03822.
    """
    return _mean(t["em"])


@_measure("f1", "answers")
def f1(t: Table) -> float:
    """Mean of 2PR / (P + R) over the words of the answers given; else like em. Source: the same."""
    return _mean(t["f1"])


@_measure("em_best", "answers")
def em_best(t: Table) -> float:
    """em of the answerable questions as if nothing were declined."""
    return _mean(t["em_best"])


@_measure("f1_best", "answers")
def f1_best(t: Table) -> float:
    """f1 of the answerable questions as if nothing were declined."""
    return _mean(t["f1_best"])


# --- citations: right where the sentence is of a right article and holds a gold answer


@_measure("first_citation", "citations")
def first_citation(t: Table) -> float:
    """Questions whose best quotation is right, as if nothing were declined / answerable questions."""
    return _mean(t["first_citation"])


@_measure("first_article", "citations")
def first_article(t: Table) -> float:
    """Questions whose best quotation is of a right article, as if nothing were declined / answerable questions."""
    return _mean(t["first_article"])


@_measure("citation_precision", "citations")
def citation_precision(t: Table) -> float:
    """Right citations / citations given. Source: after ALCE; Gao et al., EMNLP 2023, arXiv:2305.14627."""
    return _share(t["right_citations"], t["citations"])


@_measure("citation_recall", "citations")
def citation_recall(t: Table) -> float:
    """Answerable questions with a right citation given / answerable questions. Source: after ALCE."""
    return _share(t["answerable"] * (t["right_citations"] > 0), t["answerable"])


@_measure("verbatim", "citations")
def verbatim(t: Table) -> float:
    """Quotations equal to the article's text at their offsets / quotations shown. Must be 1."""
    return _share(t["verbatim"], t["quotations"])


# --- not found: an answer is right where its first citation is, and its span has a word of a gold answer


@_measure("auroc", "not found")
def auroc(t: Table) -> float:
    """P(an answerable question's confidence > an unanswerable one's). Source: Hanley & McNeil, Radiology 1982."""
    return abstention.auroc(t)


@_measure("aurc", "not found", "lower")
def aurc(t: Table) -> float:
    """Area under risk over coverage: the share of wrong answers if only the surest i of n were given, over all i / n.

    Source: Geifman et al., ICLR 2019, arXiv:1805.08206.
    """
    return abstention.aurc(t)


@_measure("answer_precision", "not found")
def answer_precision(t: Table) -> float:
    """Right answers given / answers given: 1 - risk. Source: El-Yaniv & Wiener, JMLR 2010."""
    return _share(t["right"] * t["answered"], t["answered"] + 0 * t["right"])


@_measure("answer_recall", "not found")
def answer_recall(t: Table) -> float:
    """Right answers given / answerable questions."""
    return _share(t["right"] * t["answered"], t["answerable"])


@_measure("declined_answerable", "not found", "lower")
def declined_answerable(t: Table) -> float:
    """Answerable questions declined / answerable questions."""
    return _share(t["answerable"] * (1 - t["answered"]), t["answerable"])


@_measure("declined_unanswerable", "not found")
def declined_unanswerable(t: Table) -> float:
    """Unanswerable questions declined / unanswerable questions."""
    return _share((1 - t["answerable"]) * (1 - t["answered"]), 1 - t["answerable"])


@_measure("ece", "not found", "lower")
def ece(t: Table) -> float:
    """Mean of |confidence - share right| over 10 equal bins of confidence, by their questions.

    Source: Naeini et al., AAAI 2015; Guo et al., ICML 2017, arXiv:1706.04599.
    """
    return abstention.ece(t)


# --- speed: of the answers alone, one after the other


@_measure("p50_ms", "speed", "lower", "ms")
def p50_ms(t: Table) -> float:
    """Half of the answers took at most this long."""
    return float(np.percentile(t["ms"], 50))


@_measure("p95_ms", "speed", "lower", "ms")
def p95_ms(t: Table) -> float:
    """95 % of the answers took at most this long."""
    return float(np.percentile(t["ms"], 95))


@_measure("p99_ms", "speed", "lower", "ms")
def p99_ms(t: Table) -> float:
    """99 % of the answers took at most this long."""
    return float(np.percentile(t["ms"], 99))


@_measure("per_second", "speed", "higher", "1/s")
def per_second(t: Table) -> float:
    """Questions / time of all their answers."""
    return 1000 * len(t["ms"]) / float(t["ms"].sum() or nan)

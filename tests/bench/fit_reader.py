"""Fit a reader's weights and its confidence; prints them, and how good they are on the development split.

    python tests/bench/fit_reader.py span [--model DIR] [--questions 1500] [--cache DIR]
    python tests/bench/fit_reader.py sentence

Weights: softmax regression over the candidates (spans or sentences) in a question's chunks; the loss is the negative
log of the share that the right ones have: those of the right article whose quotation holds a gold answer, and whose
words, if they are a span, have an F1 of 0.6 with one. Confidence: logistic regression on the best candidate of each
question, once with its article and once without (then nothing found can be right); there only the quotation counts.

The span reader is fitted on the articles that it was not trained on (squad.TUNING), the sentence scorer on
squad.TRAINING, so many questions of each, sampled with a fixed seed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import squad
import torch
from indexed import indexed
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index import Library
from index.embed import Remembering
from index.view import Found
from qa.config import Config
from qa.evaluation import Question
from qa.evaluation.gold import exact_match, f1, holds
from qa.reader import sentence_scorer, span_reader
from qa.reader.sentence_scorer import SentenceScorer
from qa.reader.span_model import SHIPPED, SpanModel
from qa.reader.span_reader import SpanReader

Floats = sentence_scorer.Floats
TOP_K = {"span": Config().search.top_k, "sentence": 6}
RIGHT_F1 = 0.6


@dataclass(frozen=True, slots=True)
class Example:
    """A question's candidates. features: (n, n_features); cited, right: (n,), whose quotation holds a gold answer, and
    whose words do; exact, f1: (n,), of the words."""

    candidates: Sequence[Any]
    features: Floats
    cited: np.ndarray
    right: np.ndarray
    exact: np.ndarray
    f1: np.ndarray


class Fit:
    """One kind of reader under fitting."""

    def __init__(self, kind: str, model: Path) -> None:
        self.kind = kind
        self.module: Any = span_reader if kind == "span" else sentence_scorer
        self._model = SpanModel.open(model) if kind == "span" else None

    def reader(self, library: Library) -> Any:
        if self._model:
            return SpanReader(self._model, library.terms)
        return SentenceScorer(Remembering(library.embedder), library.terms)

    def examples(self, name: str, questions: int, folder: Path, data: Path) -> Iterator[tuple[Example, Example]]:
        """For each question, sampled: with its article in the index, and with its article left out.

        Left out are questions for which nothing but their own article is found.
        """
        library, asked = indexed(name, folder, data)
        reader, top_k = self.reader(library), TOP_K[self.kind]
        for q in random.Random(7).sample(asked, min(questions, len(asked))):
            found = library.find(q.question, top_k)
            elsewhere = library.find(q.question, top_k, lambda article, q=q: not q.is_from(article.id, article.title))
            if elsewhere.hits:
                yield self._example(reader, q, found), self._example(reader, q, elsewhere)

    def _example(self, reader: Any, q: Question, found: Found) -> Example:
        hits = found.hits
        candidates = reader.candidates(q.question, hits) if self.kind == "span" else reader.candidates(hits)
        gold = q.answers or ()
        quotes = [c.quoted if self.kind == "span" else c.text for c in candidates]
        own = np.array([q.is_from(c.hit.article.id, c.hit.article.title) for c in candidates])
        cited = own & np.array([holds(quote, gold) for quote in quotes])
        scores = np.array([f1(c.text, gold) for c in candidates])
        exact = np.array([exact_match(c.text, gold) for c in candidates])
        right = cited & (scores >= RIGHT_F1) if self.kind == "span" else cited
        return Example(candidates, reader.features(q.question, candidates, found.rarity), cited, right, exact, scores)

    def best(self, example: Example, weights: Floats) -> tuple[Floats, int]:
        """The confidence features of the best candidate, and its place."""
        scores = example.features @ weights
        i = int(scores.argmax())
        given = (example.candidates, example.features, scores)
        return self.module.confidence_features(*given[self.kind == "sentence" :])[i], i


def fit_weights(found: Sequence[Example]) -> Floats:
    """L-BFGS over standardised features, L2 penalty 0.001."""
    used = [e for e in found if e.right.any()]
    every = np.concatenate([e.features for e in used])
    spread = every.std(axis=0) + 1e-9
    rows = torch.tensor(every / spread)
    right = torch.tensor(np.concatenate([e.right for e in used]))
    question = torch.tensor(np.repeat(np.arange(len(used)), [len(e.right) for e in used]))
    weights = torch.zeros(rows.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=300)

    def log_sum(scores: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(used), dtype=torch.float64).index_add(0, question, scores.exp()).log()

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = rows @ weights
        value = (log_sum(scores) - log_sum(torch.where(right, scores, -30.0))).mean() + 0.001 * (weights**2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    return weights.detach().numpy() / spread


def fit_confidence(fit: Fit, sets: Sequence[Sequence[tuple[Example, Example]]], weights: Floats) -> LogisticRegression:
    """Every set weighs the same, however many questions it has."""
    rows = [(e, *fit.best(e, weights)) for pairs in sets for pair in pairs for e in pair]
    x, y = np.stack([features for _, features, _ in rows]), np.array([e.cited[i] for e, _, i in rows])
    sizes = np.array([2 * len(pairs) for pairs in sets])
    each = np.repeat(sizes.mean() / sizes, sizes)
    return LogisticRegression(C=10.0, fit_intercept=False, max_iter=5000).fit(x, y, each)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=("span", "sentence"))
    parser.add_argument("--model", type=Path, default=SHIPPED, help="folder of the span model")
    parser.add_argument("--questions", type=int, default=1500, help="of each data set")
    parser.add_argument("--development", type=int, default=1500, help="questions of each development set; 0: no report")
    parser.add_argument("--cache", type=Path, help="keep the indexes here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    fit = Fit(args.reader, args.model)
    training = squad.TUNING if args.reader == "span" else squad.TRAINING
    found = {}
    with TemporaryDirectory() as temporary:
        for name in (*training, *(squad.DEVELOPMENT if args.development else ())):
            questions = args.development if name in squad.DEVELOPMENT else args.questions
            found[name] = list(fit.examples(name, questions, args.cache or Path(temporary), args.data))
            print(name, len(found[name]), "questions", flush=True)

    weights = fit_weights([answerable for name in training for answerable, _ in found[name]])
    print("WEIGHTS =", dict(zip(fit.module.WEIGHTS, np.round(weights, 3).tolist(), strict=True)))
    logistic = fit_confidence(fit, [found[name] for name in training], weights)
    print("CONFIDENCE =", dict(zip(fit.module.CONFIDENCE, np.round(logistic.coef_[0], 3).tolist(), strict=True)))
    for name in list(found)[len(training) :]:
        report(fit, name, found[name], weights, logistic)


def report(
    fit: Fit, name: str, pairs: Sequence[tuple[Example, Example]], weights: Floats, logistic: LogisticRegression
) -> None:
    rows = [(e, *fit.best(e, weights)) for side in (0, 1) for e in (pair[side] for pair in pairs)]
    p = logistic.predict_proba(np.stack([features for _, features, _ in rows]))[:, 1]
    cited = np.array([e.cited[i] for e, _, i in rows])
    n = len(pairs)
    exact, f1s = (np.mean([getattr(e, what)[i] for e, _, i in rows[:n]]) for what in ("exact", "f1"))
    topic = np.repeat([1, 0], n)
    bins = np.minimum((p * 10).astype(int), 9)
    ece = sum(abs(p[bins == b].mean() - cited[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    print(
        f"{name}: first citation {cited[:n].mean():.3f}, EM {exact:.3f}, F1 {f1s:.3f}, "
        f"AUROC {roc_auc_score(topic, p):.3f}, ECE {ece:.3f}"
    )
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        declined = p < threshold
        print(
            f"  below {threshold}: off-topic declined {declined[n:].mean():.3f}, answerable declined "
            f"{declined[:n].mean():.3f}, right of those answered {cited[:n][~declined[:n]].mean():.3f}"
        )


if __name__ == "__main__":
    main()

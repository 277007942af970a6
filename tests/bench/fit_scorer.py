"""Fit the sentence scorer's weights and its confidence; prints them, and how good they are on the development split.

    python tests/bench/fit_scorer.py [--questions 1500] [--cache DIR]

Weights: softmax regression over the sentences of a question's chunks; the loss is the negative log of the share that
the sentences with a gold answer have. Confidence: logistic regression on the best sentence of each question, once with
its article and once without (then nothing found can be right). Trained on 60 articles of SQuAD 1.1's training set and
the training parts of new_wiki, qed and tydiqa, so many questions of each, sampled with a fixed seed.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import squad
import torch
from indexed import indexed
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index import Hit
from index.embed import Remembering
from qa.config import Config
from qa.evaluation import Question
from qa.evaluation.gold import holds
from qa.reader.sentence_scorer import CONFIDENCE, WEIGHTS, Floats, SentenceScorer, confidence_features


@dataclass(frozen=True, slots=True)
class Example:
    """A question's candidate sentences. features: (n, n_features); right: (n,), which hold a gold answer."""

    features: Floats
    right: np.ndarray


def examples(name: str, questions: int, folder: Path, data: Path) -> Iterator[tuple[Example, Example]]:
    """For each question, sampled: with its article in the index, and with its article left out.

    Left out are questions for which nothing but their own article is found.
    """
    library, asked = indexed(name, folder, data)
    scorer = SentenceScorer(Remembering(library.embedder), library.terms, library.rarity)
    top_k = Config().search.top_k
    for q in random.Random(7).sample(asked, min(questions, len(asked))):
        hits = library.search(q.question, top_k)
        elsewhere = library.search(q.question, top_k, lambda article, q=q: not q.is_from(article.id, article.title))
        if elsewhere:
            yield _example(scorer, q, hits), _example(scorer, q, elsewhere)


def _example(scorer: SentenceScorer, q: Question, hits: Sequence[Hit]) -> Example:
    candidates = scorer.candidates(hits)
    right = [q.is_from(c.hit.article.id, c.hit.article.title) and holds(c.text, q.answers or ()) for c in candidates]
    return Example(scorer.features(q.question, candidates), np.array(right))


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


def best(example: Example, weights: Floats) -> tuple[Floats, bool]:
    """The confidence features of the best sentence, and whether it is right."""
    scores = example.features @ weights
    i = int(scores.argmax())
    return confidence_features(example.features, scores)[i], bool(example.right[i])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1500, help="of each data set")
    parser.add_argument("--cache", type=Path, help="keep the indexes here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    found = {}
    with TemporaryDirectory() as temporary:
        for name in (*squad.TRAINING, *squad.DEVELOPMENT):
            found[name] = list(examples(name, args.questions, args.cache or Path(temporary), args.data))
            print(name, len(found[name]), "questions", flush=True)

    weights = fit_weights([answerable for name in squad.TRAINING for answerable, _ in found[name]])
    print("WEIGHTS =", dict(zip(WEIGHTS, np.round(weights, 3).tolist(), strict=True)))
    rows = [best(e, weights) for name in squad.TRAINING for pair in found[name] for e in pair]
    x, y = np.stack([features for features, _ in rows]), np.array([right for _, right in rows])
    logistic = LogisticRegression(C=10.0, fit_intercept=False, max_iter=5000).fit(x, y)
    print("CONFIDENCE =", dict(zip(CONFIDENCE, np.round(logistic.coef_[0], 3).tolist(), strict=True)))
    for name in squad.DEVELOPMENT:
        report(name, found[name], weights, logistic)


def report(name: str, pairs: Sequence[tuple[Example, Example]], weights: Floats, logistic: LogisticRegression) -> None:
    answerable = [best(a, weights) for a, _ in pairs]
    off_topic = [best(b, weights) for _, b in pairs]
    p = logistic.predict_proba(np.stack([f for f, _ in answerable + off_topic]))[:, 1]
    right = np.array([r for _, r in answerable + off_topic])
    n = len(pairs)
    topic = np.repeat([1, 0], n)
    bins = np.minimum((p * 10).astype(int), 9)
    ece = sum(abs(p[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    print(f"{name}: best sentence right {right[:n].mean():.3f}, AUROC {roc_auc_score(topic, p):.3f}, ECE {ece:.3f}")
    for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        declined = p < threshold
        print(
            f"  below {threshold}: off-topic declined {declined[n:].mean():.3f}, answerable declined "
            f"{declined[:n].mean():.3f}, right of those answered {right[:n][~declined[:n]].mean():.3f}"
        )


if __name__ == "__main__":
    main()

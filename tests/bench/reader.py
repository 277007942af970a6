"""How well a span model reads and answers, on the development split or on the training articles kept for tuning.

    python tests/bench/reader.py MODEL [--sets new_wiki qed tydiqa] [--tune] [--off-topic] [--limit 300] --indexes DIR

Given the paragraph: exact match and F1, as SQuAD counts them, of the best span of the right paragraph alone. Open:
over all articles of a set, from the TOP_K chunks that retrieval brings: whether the first citation's sentence is of the
right article and holds a gold answer, and exact match and F1 of the answer, never declining. With --tune, the weights
of reading and retrieval scores are searched for on the articles kept back from training, and the confidence is fitted.
"""

from __future__ import annotations

import argparse
import random
import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import perf_counter

import numpy as np
import squad
from remembering import Remembering
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer

from index import Library
from index.article import Article
from index.chunks import chunks
from index.embed import BUNDLED, bundled
from index.library import Hit
from qa.reader.sequence import Encoder
from qa.reader.span_reader import CONFIDENCE, WEIGHTS, Candidate, Scorer, SpanReader, confidence, features
from qa.reader.train import corpus

TOP_K = 8
KEPT = ("squad", "new_wiki", "qed", "tydiqa")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its gold answers, and its paragraph (an article of its own) if it is known."""

    text: str
    title: str
    answers: tuple[str, ...]
    paragraph: str


@dataclass(frozen=True, slots=True)
class Read:
    """What the reader found: over all articles, given the paragraph, and with the right article left out."""

    asked: Asked
    open: Sequence[Candidate]
    given: Sequence[Candidate]
    elsewhere: Sequence[Candidate]


def normalised(answer: str) -> str:
    """As SQuAD's own script: lower case, no punctuation, no articles, single spaces."""
    plain = "".join(c for c in answer.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", plain).split())


def exact(answer: str, gold: Sequence[str]) -> float:
    return float(any(normalised(answer) == normalised(g) for g in gold))


def f1(answer: str, gold: Sequence[str]) -> float:
    return max(_f1(normalised(answer).split(), normalised(g).split()) for g in gold)


def _f1(a: Sequence[str], b: Sequence[str]) -> float:
    if not a or not b:
        return float(a == b)
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b))


def questions(name: str, tune: bool, data: Path) -> tuple[Mapping[str, str], list[Asked]]:
    """Articles, title → text, and the questions on them."""
    if tune:
        part = corpus.load(name, data, "tune")
        asked = [Asked(q.text, q.article.title, q.answers, _paragraph(q)) for q in part.questions]
        return {a.title: a.text for a in part.articles}, asked
    found = squad.load(name, data)
    paragraphs = {
        (q["question"], squad.unquote(a["title"]).replace("_", " ")): p["context"]
        for a in squad.read(name, data)
        for p in a["paragraphs"]
        for q in p["qas"]
    }
    return found.articles, [Asked(q.text, q.title, q.answers, paragraphs[q.text, q.title]) for q in found.questions]


def _paragraph(q: corpus.Labelled) -> str:
    start = q.spans[0][0]
    at = q.article.text.rfind("\n\n", 0, start)
    end = q.article.text.find("\n\n", start)
    return q.article.text[at + 2 if at >= 0 else 0 : end if end >= 0 else None]


def read(reader: SpanReader, library: Library, asked: Sequence[Asked], off_topic: bool) -> list[Read]:
    """off_topic: read what is found with the right article left out, too."""
    found = []
    for q in asked:
        paragraph = Article("paragraph", q.title, q.paragraph)
        given = [Hit(paragraph, chunk, 0.0, 0.0, 0.0) for chunk in chunks(paragraph)]
        hits = library.search(q.text, 100)
        elsewhere = [hit for hit in hits if hit.article.title != q.title][:TOP_K] if off_topic else []
        found.append(Read(q, *(reader.candidates(q.text, h) for h in (hits[:TOP_K], given, elsewhere))))
    return found


def _score(c: Candidate, weights: Mapping[str, float]) -> float:
    return weights["span"] * c.span + weights["answerable"] * c.answerable + weights["chunk"] * c.hit.score


def best(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> Candidate:
    return max(candidates, key=lambda c: _score(c, weights))


def right(c: Candidate, q: Asked) -> bool:
    a = c.hit.article
    return a.title == q.title and any(g in a.text[c.quote[0] : c.quote[1]] for g in q.answers)


def figures(found: Sequence[Read], weights: Mapping[str, float]) -> dict[str, float]:
    rows = []
    for r in found:
        c, g = best(r.open, weights), best(r.given, weights)
        text, given = c.hit.article.text[c.start : c.end], g.hit.article.text[g.start : g.end]
        a = r.asked.answers
        hit = c.hit.article.title == r.asked.title and any(x in c.hit.text for x in a)
        rows.append((exact(given, a), f1(given, a), hit, right(c, r.asked), exact(text, a), f1(text, a)))
    names = ("given EM", "given F1", "open hit@1", "open citation", "open EM", "open F1")
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True))


def tuned(found: Sequence[Read]) -> dict[str, float]:
    """The weights with the best sum of citation and F1; that of the span is 1."""
    grid = [
        {"span": 1.0, "answerable": a, "chunk": c}
        for a, c in product((0, 0.25, 0.5, 1, 1.5, 2, 3), (0, 0.25, 0.5, 1, 1.5, 2, 3))
    ]
    return max(grid, key=lambda w: (f := figures(found, w))["open citation"] + f["open F1"])


def confidences(found: Sequence[Read], weights: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each question, then for each with its article left out: the best candidate's confidence features, whether it
    is right, and whether the question is answerable."""
    rows, is_right = [], []
    answerable = [(r.open, r.asked) for r in found]
    pairs = answerable + [(r.elsewhere, r.asked) for r in found if r.elsewhere]
    for candidates, asked in pairs:
        scores = np.array([_score(c, weights) for c in candidates])
        rows.append(features(candidates, scores)[scores.argmax()])
        is_right.append(right(candidates[int(scores.argmax())], asked))
    return np.stack(rows), np.array(is_right), np.arange(len(pairs)) < len(answerable)


def report_confidence(rows: np.ndarray, is_right: np.ndarray, answerable: np.ndarray) -> None:
    p = confidence(rows)
    bins = np.minimum((p * 10).astype(int), 9)
    ece = sum(abs(p[bins == b].mean() - is_right[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    print(
        f"  AUROC answerable {roc_auc_score(answerable, p):.3f}, right {roc_auc_score(is_right, p):.3f}, ECE {ece:.3f}"
    )
    for below in (0.1, 0.2, 0.3, 0.4, 0.5):
        off, on = (p[~answerable] < below).mean(), (p[answerable] < below).mean()
        print(f"  below {below}: off-topic declined {off:.3f}, answerable declined {on:.3f}", flush=True)


def scorer(path: Path, threads: int) -> Scorer:
    """A model's file: .safetensors by torch, .onnx by onnxruntime."""
    if path.suffix == ".onnx":
        from qa.reader.onnx import session

        return session(path, threads)
    import torch

    from qa.reader.train.model import read as load

    model = load(path, bundled())
    torch.set_num_threads(threads)

    def score(*inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        with torch.inference_mode():
            return tuple(t.numpy() for t in model(*map(torch.from_numpy, inputs)))

    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help=".safetensors or .onnx")
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--tune", action="store_true", help="read the articles kept for tuning")
    parser.add_argument("--off-topic", action="store_true", help="also with the right article left out: confidence")
    parser.add_argument("--limit", type=int, default=0, help="questions of each set, sampled; 0 for all")
    parser.add_argument("--indexes", type=Path, required=True, help="indexes are made and kept here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    reader = SpanReader(
        Encoder(Tokenizer.from_file(str(bundled() / "tokenizer.json"))), scorer(args.model, args.threads)
    )
    every = []
    for name in args.sets or (KEPT if args.tune else squad.DEVELOPMENT):
        articles, asked = questions(name, args.tune, args.data)
        library = _library(args.indexes / (f"{name}-tune" if args.tune else name), name, articles)
        if args.limit and len(asked) > args.limit:
            asked = random.Random(7).sample(asked, args.limit)
        began = perf_counter()
        found = read(reader, library, asked, args.off_topic)
        every.append((name, found))
        print(f"{name}: {len(found)} questions, {1000 * (perf_counter() - began) / len(found):.0f} ms each")
        _print(name, found, WEIGHTS)
        if args.off_topic:
            report_confidence(*confidences(found, WEIGHTS))
    if args.tune:
        fit(every, args.off_topic)


def fit(every: Sequence[tuple[str, Sequence[Read]]], off_topic: bool) -> None:
    """Prints the weights that the tuning articles ask for."""
    together = [r for _, found in every for r in found]
    weights = tuned(together)
    print("WEIGHTS =", weights)
    for name, found in every:
        _print(name, found, weights)
    if off_topic:
        rows, is_right, _ = confidences(together, weights)
        logistic = LogisticRegression(C=10.0, fit_intercept=False, max_iter=5000).fit(rows, is_right)
        print("CONFIDENCE =", dict(zip(CONFIDENCE, np.round(logistic.coef_[0], 3).tolist(), strict=True)))


def _print(name: str, found: Sequence[Read], weights: Mapping[str, float]) -> None:
    print(f"{name}: " + ", ".join(f"{k} {v:.3f}" for k, v in figures(found, weights).items()), flush=True)


def _library(directory: Path, name: str, articles: Mapping[str, str]) -> Library:
    path = directory.with_suffix(".jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    squad.DataSet(name, articles, ()).write(path)
    library = Library.open(directory, Remembering(BUNDLED), create=True)
    library.sync([str(path)])
    return library


if __name__ == "__main__":
    main()

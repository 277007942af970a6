"""How good the search is on the development split, beside what else could be used over the same chunks.

    python tests/bench/retrieval.py [--sets new_wiki qed tydiqa] [--limit N] [--cache DIR]

All articles of a set are indexed together, a question is asked alone. A chunk is right when it is of the right article
and holds a gold answer; hit@k is the share of questions with a right one among the first k.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import bm25s
import numpy as np
import squad
import Stemmer
from indexed import indexed
from rank_bm25 import BM25Okapi
from tqdm import tqdm

from index import Hit, Library
from index.fuse import fuse
from index.sync import embedded_text
from qa.evaluation import Question
from qa.evaluation.gold import holds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=squad.DEVELOPMENT)
    parser.add_argument("--limit", type=int, default=0, help="questions of each set, sampled; 0 for all")
    parser.add_argument("--cache", type=Path, help="keep the indexes here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    with TemporaryDirectory() as temporary:
        for name in args.sets:
            library, questions = indexed(name, args.cache or Path(temporary), args.data)
            if args.limit:
                questions = random.Random(7).sample(questions, min(args.limit, len(questions)))
            chunks = retrieval(library, questions)
            words = np.mean([len(hit.text.split()) for hit in chunks])
            n = library.counts().articles
            print(f"({name}: {len(questions)} questions, {n} articles, {len(chunks)} chunks of {words:.0f} words)")


def retrieval(library: Library, questions: Sequence[Question]) -> list[Hit]:
    """Prints hit@1 and hit@5 of every way of ranking; returns all chunks."""
    chunks = library.search(questions[0].question, 10**6)
    texts = [embedded_text(hit.article, hit.chunk) for hit in chunks]
    vectors = library.embedder.documents(texts)
    terms = BM25Okapi([library.terms(text) for text in texts], k1=0.9, b=0.4)
    naive = BM25Okapi([hit.text.split() for hit in chunks])
    stemmer = Stemmer.Stemmer("english")
    bm25s_index = bm25s.BM25()
    bm25s_index.index(bm25s.tokenize(texts, stemmer=stemmer, show_progress=False), show_progress=False)

    def dense(q: str) -> np.ndarray:
        return (vectors @ library.embedder.questions([q])[0]).astype(float)

    def lexical(q: str) -> np.ndarray:
        return terms.get_scores(library.terms(q))

    def bm25s_scores(q: str) -> np.ndarray:
        (tokens,) = bm25s.tokenize([q], stemmer=stemmer, show_progress=False, return_ids=False)
        return bm25s_index.get_scores(tokens) if tokens else np.zeros(len(chunks))

    ways: dict[str, Callable[[str], np.ndarray]] = {
        "rank-bm25, words split at spaces": lambda q: naive.get_scores(q.split()),
        "rank-bm25, our terms": lexical,
        "bm25s, stemmed": bm25s_scores,
        "MiniLM alone": dense,
        "both, reciprocal rank fusion": lambda q: _reciprocal(dense(q)) + _reciprocal(lexical(q)),
        **{
            f"both, standardised, dense {w}": (lambda q, w=w: fuse(dense(q), lexical(q), w))
            for w in (0.3, 0.4, 0.5, 0.6)
        },
    }
    number = {(hit.article.id, hit.chunk.start): i for i, hit in enumerate(chunks)}
    print(f"\n| {'retrieval':34} | hit@1 | hit@5 |\n| --- | --- | --- |")
    for name, way in ways.items():
        _print_hits(
            name, [[chunks[i] for i in np.argsort(-way(q.question), kind="stable")[:5]] for q in questions], questions
        )
    found = [library.search(q.question, 5) for q in tqdm(questions, desc="search", leave=False, disable=None)]
    assert all((hit.article.id, hit.chunk.start) in number for hits in found for hit in hits)
    _print_hits("as searched (depth 100, dense 0.5)", found, questions)
    return chunks


def _reciprocal(scores: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (60 + ranks)


def _print_hits(name: str, found: Sequence[Sequence[Hit]], questions: Sequence[Question]) -> None:
    right = [
        [q.is_from(hit.article.id, hit.article.title) and holds(hit.text, q.answers or ()) for hit in hits]
        for hits, q in zip(found, questions, strict=True)
    ]
    first, five = np.mean([r[0] for r in right]), np.mean([any(r[:5]) for r in right])
    print(f"| {name:34} | {first:.3f} | {five:.3f} |", flush=True)


if __name__ == "__main__":
    main()

"""How good retrieval and answers are on the development split, beside what else could be used over the same chunks.

    python tests/bench/development.py [--sets new_wiki qed tydiqa] [--limit N] [--cache DIR]

Open questions: the paragraphs of an article are joined into one text, all articles of a set are indexed together, a
question is asked alone. A chunk is right when it is of the right article and holds a gold answer; hit@k is the share of
questions with a right one among the first k. A citation is right when its sentence is of the right article and holds a
gold answer. Off-topic: the same questions with their article's chunks taken away, so that nothing found can be right.
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
from rank_bm25 import BM25Okapi
from remembering import Remembering
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from index import Hit
from index.fuse import fuse
from index.sync import embedded_text
from qa import Assistant, Config
from qa.reader import SentenceScorer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=squad.DEVELOPMENT)
    parser.add_argument("--limit", type=int, default=0, help="questions of each set, sampled; 0 for all")
    parser.add_argument("--cache", type=Path, help="keep the indexes here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    for name in args.sets:
        data = squad.load(name, args.data)
        questions = list(data.questions)
        if args.limit:
            questions = random.Random(7).sample(questions, min(args.limit, len(questions)))
        with TemporaryDirectory() as temporary:
            articles = Path(temporary) / "articles.jsonl"
            data.write(articles)
            directory = args.cache / name if args.cache else Path(temporary) / "index"
            assistant = _indexed(directory, articles)
            chunks = retrieval(assistant, questions)
            words = np.mean([len(hit.text.split()) for hit in chunks])
            print(f"({name}: {len(data.articles)} articles, {len(chunks)} chunks of {words:.0f} words on average)")
            answers(assistant, questions)


def _indexed(directory: Path, articles: Path) -> Assistant:
    from index import Library

    config = Config()
    embedder = Remembering(config.index.model)
    Library.open(directory, embedder, config.index, config.search, create=True).sync([str(articles)])
    return Assistant.open(directory, config, embedder=embedder)


def retrieval(assistant: Assistant, questions: Sequence[squad.Question]) -> list[Hit]:
    """Prints hit@1 and hit@5 of every way of ranking; returns all chunks."""
    library = assistant.library
    chunks = library.search(questions[0].text, 10**6)
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
            name, [[chunks[i] for i in np.argsort(-way(q.text), kind="stable")[:5]] for q in questions], questions
        )
    found = [library.search(q.text, 5) for q in tqdm(questions, desc="search", leave=False, disable=None)]
    assert all((hit.article.id, hit.chunk.start) in number for hits in found for hit in hits)
    _print_hits("as searched (depth 100, dense 0.5)", found, questions)
    return chunks


def _reciprocal(scores: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (60 + ranks)


def _print_hits(name: str, found: Sequence[Sequence[Hit]], questions: Sequence[squad.Question]) -> None:
    right = [
        [hit.article.title == q.title and any(a in hit.text for a in q.answers) for hit in hits]
        for hits, q in zip(found, questions, strict=True)
    ]
    first, five = np.mean([r[0] for r in right]), np.mean([any(r[:5]) for r in right])
    print(f"| {name:34} | {first:.3f} | {five:.3f} |", flush=True)


def answers(assistant: Assistant, questions: Sequence[squad.Question]) -> None:
    """Prints how often the first citation is right, and how well confidence tells answerable from off-topic."""
    library, config = assistant.library, assistant.config
    reader = SentenceScorer(library.embedder, library.terms, library.rarity)
    right, sure, sure_off, verbatim, citations = [], [], [], 0, 0
    for q in tqdm(questions, desc="answer", leave=False, disable=None):
        answer = assistant.ask(q.text)
        cited = [*answer.citations, *answer.closest, *(c for a in answer.alternatives for c in a.citations)]
        citations += len(cited)
        verbatim += sum(c.sentence == assistant.article(c.article_id).text[c.start : c.end] for c in cited)
        first = cited[0]
        right.append(first.title == q.title and any(a in first.sentence for a in q.answers))
        sure.append(answer.confidence)
        elsewhere = [hit for hit in library.search(q.text, 2 * config.search.depth) if hit.article.title != q.title]
        spans = reader.read(q.text, elsewhere[: config.search.top_k])
        sure_off.append(spans[0].confidence if spans else 0.0)
    p, p_off, is_right = np.array(sure), np.array(sure_off), np.array(right)
    both = np.concatenate([p, p_off])
    truth = np.concatenate([is_right, np.zeros(len(p_off))])
    bins = np.minimum((both * 10).astype(int), 9)
    error = sum(abs(both[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    below = config.answer.decline_below
    print(f"\n{len(questions)} questions, never declining: first citation right {is_right.mean():.3f}")
    print(f"quotations equal to the article's text: {verbatim} of {citations}")
    print(f"answerable against off-topic: AUROC {roc_auc_score(np.repeat([1, 0], len(p)), both):.3f}")
    print(f"confidence: expected calibration error {error:.3f} (10 bins, half answerable, half off-topic)")
    print(
        f"below {below}: off-topic declined {(p_off < below).mean():.3f}, answerable declined {(p < below).mean():.3f}"
    )
    print(f"right of those answered (answerable ones): {is_right[p >= below].mean():.3f}", flush=True)


if __name__ == "__main__":
    main()

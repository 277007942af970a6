"""How fast: chunks and questions embedded, beside sentence-transformers in the same run; answers, warm and cold.

    python tests/bench/speed.py [--chunks 256] [--questions 200] [--cache DIR]

The rounds of both alternatives take turns; the best round of each counts, as other work on the machine only ever slows
one down. Answers are over the development articles of new_wiki. Cold is `qa ask` as a process, start included.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import squad
from indexed import indexed

from index import SentenceTransformerEmbedder
from index.chunks import chunks
from qa import Assistant, Config
from qa.reader import span_reader

ROUNDS = 5


def best(alternatives: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the best of ROUNDS rounds, taken in turns, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in alternatives}
    for _ in range(ROUNDS + 1):
        for name, run in alternatives.items():
            began = perf_counter()
            run()
            times[name].append(perf_counter() - began)
    return {name: min(found[1:]) for name, found in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=256)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--cache", type=Path, help="keep the index here")
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = args.cache or Path(temporary)
        library, asked = indexed("new_wiki", folder, args.data)
        articles = [library.article(article_id) for article_id in library.titles()]
        texts = [a.text[c.start : c.end] for a in articles if a for c in chunks(a)][: args.chunks]
        model, own = library.embedder, SentenceTransformerEmbedder()
        seconds = best({"ours": lambda: model.documents(texts), "theirs": lambda: own.documents(texts)})
        rates = {name: len(texts) / found for name, found in seconds.items()}
        print(
            f"{len(texts)} chunks: {rates['ours']:.0f} a second in int8, by sentence-transformers in float32 "
            f"{rates['theirs']:.0f}: {rates['ours'] / rates['theirs']:.2f} times as many"
        )
        question = [asked[0].question]
        seconds = best({"ours": lambda: model.questions(question), "theirs": lambda: own.questions(question)})
        print(
            f"a question: {1000 * seconds['ours']:.1f} ms, by sentence-transformers {1000 * seconds['theirs']:.1f} ms"
        )
        library.close()
        questions = [q.question for q in asked[:: max(1, len(asked) // (args.questions + 20))]]
        answers(folder / "new_wiki", questions, "those within the margin read")
        span_reader.MARGIN = inf
        answers(folder / "new_wiki", questions, "all read")
        cold(folder / "new_wiki", asked[0].question)


def answers(index: Path, questions: list[str], which: str) -> None:
    """The first 20 don't count."""
    assistant = Assistant.open(index, Config())
    times = [assistant.ask(question).timings_ms for question in questions][20:]
    assistant.close()
    total = [found["total"] for found in times]
    p50, p95 = median(total), quantiles(total, n=20)[-1]
    read = median(found["read"] for found in times)
    top_k = assistant.config.search.top_k
    print(
        f"{len(total)} answers, {top_k} chunks found, {which}: p50 {p50:.0f} ms (reading {read:.0f}), p95 {p95:.0f} ms"
    )


def cold(index: Path, question: str) -> None:
    command = [sys.executable, "-m", "ui.cli", "ask", question, "--index", str(index)]
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(perf_counter() - began)
    print(f"qa ask, cold: median {median(times):.2f} s, best {min(times):.2f} s")


if __name__ == "__main__":
    main()

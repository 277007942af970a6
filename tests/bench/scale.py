"""How fast, how large, how exact: indexes of 10,000, 100,000 and 1,000,000 chunks, built and asked.

    python tests/bench/scale.py [--sizes 10000 100000 1000000] [--work DIR] [--data DIR]

Texts are sentences of real articles, dealt out at random, with made-up rare words among them, so that the vocabulary
goes on growing as that of a real collection does (Zipf's law). Vectors are those of real paragraphs by the real model,
with noise: what they say of recall is about such vectors. Questions are real, and embedded by the real model. What is
built stays in the work directory and is used again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import random
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter

import bm25s
import faiss
import numpy as np
import squad
from rank_bm25 import BM25Okapi

from index import Embedder, IndexSettings, Library, embedder_for
from index.filter import Filter
from index.snapshot import RESCORED, Snapshot
from index.store import Vectors
from qa import Assistant, Config
from qa.reader.train.corpus import read_records

SOURCES = ("squad", "new_wiki", "qed", "tydiqa")
N_PARAGRAPHS, N_QUESTIONS = 8_000, 200
logging.disable()
CHUNKS_AN_ARTICLE, WORDS_A_CHUNK, RARE = 10, 100, 0.01
NOISE = (0.5, 1.0)  # length of what is added to a vector of unit length
LANGUAGES = ("en",) * 9 + ("de",)
DEPTH = 100


class NoisyEmbedder:
    """Questions by the real model; a text's vector is that of a real paragraph with noise, a function of the text."""

    name = checksum = "noisy"

    def __init__(self, real: Embedder, vectors: Vectors) -> None:
        self._real, self._vectors, self.dimension = real, vectors, vectors.shape[1]

    def documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(text) for text in texts])

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._real.questions(texts)

    def _vector(self, text: str) -> Vectors:
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))
        noise = rng.standard_normal(self.dimension).astype(np.float32)
        vector = self._vectors[rng.integers(len(self._vectors))] + rng.uniform(*NOISE) * noise / np.linalg.norm(noise)
        return vector / np.linalg.norm(vector)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, default=Path("build/scale"))
    parser.add_argument("--data", type=Path, default=squad.DATA)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    paragraphs, questions = material(args.data)
    embedder = noisy(args.work, paragraphs)
    if args.serve:
        serve(args.serve, embedder, questions)
        return
    for size in args.sizes:
        bench(size, args.work / str(size), embedder, paragraphs, questions)


def material(data: Path) -> tuple[list[str], list[str]]:
    records = [record for source in SOURCES for record in read_records(data, source)]
    paragraphs = [p for record in records for p in record["paragraphs"]]
    chosen = random.Random(7).sample(paragraphs, N_PARAGRAPHS)
    asked = [p["qas"][0]["question"] for p in chosen if p["qas"]]
    return [p["context"] for p in chosen], asked[:N_QUESTIONS]


def noisy(work: Path, paragraphs: Sequence[str]) -> NoisyEmbedder:
    real = embedder_for(IndexSettings(), work)
    kept = work / f"paragraphs-{len(paragraphs)}.npy"
    if not kept.exists():
        np.save(kept, real.documents(paragraphs))
    return NoisyEmbedder(real, np.load(kept))


def write_articles(folder: Path, n_chunks: int, paragraphs: Sequence[str]) -> None:
    """As .jsonl files of a thousand articles."""
    pool = [s for paragraph in paragraphs for s in re.split(r"(?<=[.!?])\s+", paragraph)]
    rng = random.Random(n_chunks)
    folder.mkdir()
    n_articles = n_chunks // CHUNKS_AN_ARTICLE
    for first in range(0, n_articles, 1000):
        with (folder / f"{first:07}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + 1000, n_articles)):
                file.write(json.dumps(article(number, pool, rng)) + "\n")


def article(number: int, pool: Sequence[str], rng: random.Random) -> dict[str, object]:
    text: list[str] = []
    words = 0
    while words < (WORDS_A_CHUNK - 25) * CHUNKS_AN_ARTICLE:  # about: each chunk repeats a sentence
        found = [w if rng.random() > RARE else rare(rng) for w in rng.choice(pool).split()]
        words += len(found)
        text.append(" ".join(found))
    day = f"{rng.randint(2000, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    language = rng.choice(LANGUAGES)
    return {"id": f"a{number}", "title": f"Article {number}", "text": " ".join(text), "published": day,
            "language": language}  # fmt: skip


def rare(rng: random.Random) -> str:
    """A made-up word; the n-th one about 1 / n as often as the first."""
    return f"zz{int(10 ** rng.uniform(0, 7))}"


def bench(
    size: int, folder: Path, embedder: NoisyEmbedder, paragraphs: Sequence[str], questions: Sequence[str]
) -> None:
    print(f"\n--- {size:,} chunks", flush=True)
    articles = folder / "articles"
    if not articles.exists():
        folder.mkdir(exist_ok=True)
        write_articles(articles, size, paragraphs)
    library = Library.open(folder / "index", embedder, create=True)
    began = perf_counter()
    report = library.sync([str(articles)], progress)
    seconds = perf_counter() - began
    n = library.counts().chunks
    on_disk = sum(f.stat().st_size for f in (folder / "index").rglob("*") if f.is_file())
    derived = sum(f.stat().st_size for f in (folder / "index" / "segments").rglob("*") if f.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if report.embedded:
        print(f"built in {seconds:,.0f} s ({n / seconds:,.0f} chunks/s, embedding not included), peak {peak:,.0f} MiB")
    segments = [len(s) for s in library._current.get().segments]
    print(f"{n:,} chunks, {on_disk / 2**20:,.0f} MiB on disk, {derived / 2**20:,.0f} of them derived")
    print(f"segments of {segments} chunks")
    print("opened and first searched in", opening(folder / "index", embedder), flush=True)
    asked(library, questions)
    one_more(folder, embedder)
    library.close()
    print(subprocess.run([sys.executable, __file__, "--serve", str(folder / "index"), "--work", str(folder.parent)],
                         stdout=subprocess.PIPE, text=True, check=True).stdout, end="", flush=True)  # fmt: skip


def progress(files: int, of: int, seen: int, embedded: int) -> None:
    print(f"\r{files}/{of} files, {seen:,} articles, {embedded:,} chunks", end="" if files < of else "\n", flush=True)


def opening(index: Path, embedder: NoisyEmbedder) -> str:
    embedder.questions(["warm"])
    began = perf_counter()
    library = Library.open(index, embedder)
    library._current.get()
    opened = perf_counter()
    library.search("When was the war?", 8)
    ended = perf_counter()
    library.close()
    return f"{opened - began:.2f} s and {1000 * (ended - opened):.0f} ms"


def asked(library: Library, questions: Sequence[str]) -> None:
    snapshot, embedder, k = library._current.get(), library.embedder, DEPTH
    vectors = {q: embedder.questions([q])[0] for q in questions}
    terms = {q: library.terms(q) for q in questions}
    only = Filter(languages=frozenset({"de"}), since="2015-01-01")
    flat, words = compared(library)
    show("question embedded", questions, lambda q: embedder.questions([q]))
    show("dense, top 100", questions, lambda q: dense(snapshot, vectors[q], k))
    show("  FAISS Flat, top 100", questions[:50], lambda q: flat.search(vectors[q][None], k))
    show("lexical, top 20", questions, lambda q: snapshot.lexical.top(terms[q], 20))
    if len(words) <= 150_000:
        okapi = BM25Okapi(words, k1=0.9, b=0.4)
        show("  rank-bm25, get_scores", questions[:20], lambda q: okapi.get_scores(terms[q]))
        scores = [abs(okapi.get_scores(terms[q]) - snapshot.lexical.scores(terms[q])).max() for q in questions[:20]]
        print(f"  greatest difference of a score: {max(scores):.1e}")
    other = bm25s.BM25(k1=0.9, b=0.4)
    other.index(words, show_progress=False)
    show("  bm25s, top 20", questions, lambda q: other.retrieve([terms[q]], k=20, show_progress=False))
    show("hybrid, embedding included", questions, lambda q: library.search(q, 8))
    show("hybrid, filtered to about 4 %", questions, lambda q: library.search(q, 8, only=only))
    exact = [set(flat.search(vectors[q][None], 10)[1][0]) for q in questions]
    best = [set(dense(snapshot, vectors[q], k)[:10]) for q in questions]
    recall = np.mean([len(a & b) / 10 for a, b in zip(exact, best, strict=True)])
    print(f"recall@10 of the exact ranking: {recall:.4f}", flush=True)


def dense(snapshot: Snapshot, vector: np.ndarray, n: int) -> np.ndarray:
    """As a search does it, best first."""
    numbers = snapshot.near(vector, RESCORED * n, snapshot.visible)
    return numbers[np.argsort(-snapshot.cosines(vector, numbers))[:n]]


def compared(library: Library) -> tuple[faiss.Index, list[list[str]]]:
    """FAISS Flat and the terms of all chunks, in their order."""
    flat = faiss.IndexFlatIP(library.embedder.dimension)
    words = []
    batch: list[np.ndarray] = []
    for row in library._store.rows(1, library._store.last_key()):
        words.append([sys.intern(t) for t in library.terms("\n".join((row.title, row.heading, row.text)))])
        batch.append(np.frombuffer(row.vector, "<f4"))
        if len(batch) == 4096:
            flat.add(np.stack(batch))
            batch.clear()
    if batch:
        flat.add(np.stack(batch))
    return flat, words


def show(name: str, questions: Sequence[str], search: Callable[[str], object]) -> None:
    for q in questions[:5]:
        search(q)
    times = list(timed(questions, search))
    p50, p95 = np.percentile(times, [50, 95])
    print(f"{name:32} p50 {p50:8.2f} ms   p95 {p95:8.2f} ms", flush=True)


def timed(questions: Sequence[str], search: Callable[[str], object]) -> Iterator[float]:
    for question in questions:
        began = perf_counter()
        search(question)
        yield 1000 * (perf_counter() - began)


def one_more(folder: Path, embedder: NoisyEmbedder) -> None:
    """A new article, from the call of sync to the first search of another opened index that finds it."""
    reader = Library.open(folder / "index", embedder)
    reader.search("warm", 1)
    seconds = []
    for n in range(3):
        file = folder / "one.txt"
        file.write_text(f"The quixotic zyzzyva number {n} was found at noon.", "utf-8")
        writer = Library.open(folder / "index", embedder)
        began = perf_counter()
        visible: list[float] = []

        def look(*_: int, began: float = began, visible: list[float] = visible, n: int = n) -> None:
            hits = reader.search(f"quixotic zyzzyva number {n}", 1)
            if hits and f"number {n} " in hits[0].text and not visible:
                visible.append(perf_counter() - began)

        writer.sync([str(file)], look)
        done = perf_counter() - began
        look()
        seconds.append((visible[0], done))
        writer.close()
    writer = Library.open(folder / "index", embedder)
    writer.remove(["one.txt"])
    writer.close()
    reader.close()
    found, done = (min(times) for times in zip(*seconds, strict=True))
    print(f"one article more: found after {found:.2f} s, done after {done:.2f} s")


def serve(index: Path, embedder: NoisyEmbedder, questions: Sequence[str]) -> None:
    """The memory of a process that answers."""
    assistant = Assistant.open(index, Config(), embedder=embedder)
    for question in questions:
        assistant.ask(question)
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    kib = {name: int(status[name].split()[0]) for name in ("VmRSS", "RssAnon", "RssFile")}
    print("answering: resident {VmRSS} MiB, {RssAnon} of it its own, {RssFile} pages of files".format(
        **{name: f"{value // 1024:,}" for name, value in kib.items()}))  # fmt: skip


if __name__ == "__main__":
    main()

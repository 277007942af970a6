"""Counts and times for Prometheus: of questions, never of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from pathlib import Path
from time import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from index.errors import UserError
from index.place import FILE, files
from index.store import Counts
from qa.answer import Answer
from ui.server.gate import Gate

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry a server. counts: of the whole index, for operators; directory: the index's."""

    def __init__(self, gate: Gate, counts: Callable[[], Counts], directory: Path) -> None:
        self._registry = registry = CollectorRegistry()
        self._counts, self._directory = counts, directory
        self._questions = Counter(
            "qa_questions", "Questions by where they came in and what came of them", ["door", "outcome"],
            registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "qa_question_seconds", "Seconds a question took, by stage", ["stage"], buckets=_SECONDS, registry=registry
        )
        self._responses = Counter("qa_responses", "HTTP responses by status", ["status"], registry=registry)
        self._articles = Gauge("qa_index_articles", "Articles in the index", registry=registry)
        self._chunks = Gauge("qa_index_chunks", "Chunks in the index", registry=registry)
        self._bytes = Gauge("qa_index_bytes", "Size of the index directory", registry=registry)
        self._age = Gauge("qa_index_age_seconds", "Seconds since the index was last written", registry=registry)
        Gauge("qa_answering", "Questions being answered", registry=registry).set_function(lambda: gate.running)
        Gauge("qa_waiting", "Questions waiting for their turn", registry=registry).set_function(lambda: gate.waiting)
        ProcessCollector(registry=registry)

    def answered(self, door: str, answer: Answer, seconds: float) -> None:
        """seconds: from asked to answered, waiting included."""
        self._questions.labels(door, answer.declined or "answered").inc()
        for stage in ("retrieve", "read"):
            self._stages.labels(stage).observe(answer.timings_ms.get(stage, 0.0) / 1000)
        self._stages.labels("total").observe(seconds)

    def failed(self, door: str, why: str) -> None:
        """why: "busy", "invalid" or "error"."""
        self._questions.labels(door, why).inc()

    def responded(self, status: int) -> None:
        self._responses.labels(str(status)).inc()

    def ready(self) -> bool:
        """Whether the index can be read."""
        try:
            self._counts()
        except UserError:
            return False
        return True

    def text(self) -> bytes:
        """In Prometheus's text format; NaN for counts of an index that can't be read."""
        try:
            counts = self._counts()
        except UserError:
            self._articles.set(nan)
            self._chunks.set(nan)
        else:
            self._articles.set(counts.articles)
            self._chunks.set(counts.chunks)
        found = dict(files(self._directory))
        self._bytes.set(sum(stat.st_size for stat in found.values()))
        written = [stat.st_mtime for path, stat in found.items() if path.name in (FILE, f"{FILE}-wal")]
        self._age.set(time() - max(written, default=time()))
        return generate_latest(self._registry)

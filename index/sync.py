"""Files → store: what is new is embedded, what is unchanged is left alone, what is gone is removed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Literal

import numpy as np

from index.article import Article, Chunk
from index.chunks import FORMAT as CHUNKS_FORMAT
from index.chunks import chunks, context
from index.embed import Embedder
from index.errors import ConfigInvalid
from index.load import File, Inputs, Skipped, read
from index.settings import IndexSettings
from index.store import Entry, Indexed, Store, Vectors
from index.writer import Writer

BATCH_CHUNKS = 64
"""Articles are stored when this many chunks have come together: no more is embedded again after a crash. So many are
embedded at a time: nobody who interrupts waits longer."""

Batch = list[tuple[Entry, Article, list[Chunk]]]

Progress = Callable[[int, int, int, int], None]
"""Called as a sync goes on, with: files read, of how many, articles seen, chunks embedded."""


@dataclass(slots=True)
class SyncReport:
    """Ids of articles that were new, changed, unchanged or gone; what was left out; how many chunks were embedded.

    waiting: files of which something was left out as failed or as a duplicate: it may come in when others change.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    waiting: set[Path] = field(default_factory=set)
    embedded: int = 0


def sync(
    store: Store, writer: Writer, embedder: Embedder, settings: IndexSettings, inputs: Inputs, progress: Progress
) -> SyncReport:
    """Make the store agree with the files, article by article; an interrupted one goes on where it stopped.

    An article is gone when a folder or pattern that is asked for no longer brings it. Where its file is there but
    cannot be read, the version indexed earlier stays, unless it is not clear any more who may read it. Of several
    articles with the same text or id the first counts, by the order of names. Raises UserError.
    """
    return _Sync(store, writer, embedder, settings, inputs, progress).run()


class _Sync:
    def __init__(
        self, store: Store, writer: Writer, embedder: Embedder, settings: IndexSettings, inputs: Inputs,
        progress: Progress,
    ) -> None:  # fmt: skip
        self._store, self._writer, self._embedder, self._settings = store, writer, embedder, settings
        self._inputs, self._progress = inputs, progress
        self._report = SyncReport()
        self._ids: dict[str, str] = {}  # of this run: article id → source
        self._texts: dict[bytes, str] = {}  # of this run: hash of the words → article id
        self._failed: set[str] = set()
        self._refused: set[str] = set()
        self._moved: list[Entry] = []
        self._regrouped: list[Indexed] = []
        self._folders = _folders(settings.folder_groups)
        self._batch: Batch = []
        self._embedding: tuple[Batch, Future[Vectors]] | None = None
        self._ending = Event()

    def run(self) -> SyncReport:
        with ThreadPoolExecutor(1, thread_name_prefix="embed") as self._embedders:
            try:
                return self._run()
            finally:
                self._ending.set()

    def _run(self) -> SyncReport:
        report = self._report
        for number, file in enumerate(self._inputs.files, 1):
            for found in read(file):
                if isinstance(found, Skipped):
                    self._skip(file, found)
                    if found.kind in ("failed", "refused"):
                        (self._failed if found.kind == "failed" else self._refused).add(str(file.path))
                    continue
                self._take(file, found)
                if sum(len(cut) for _, _, cut in self._batch) >= BATCH_CHUNKS:
                    self._finish_batch()
                    self._tell(number - 1)
                if sum(len(item.chunks) for item in self._regrouped) >= BATCH_CHUNKS:
                    self._finish_regrouped()
            self._tell(number)
        self._finish_batch()
        self._finish_batch()
        self._finish_regrouped()
        self._store.move(self._moved)
        report.gone = self._writer.remove(self._gone())
        self._tell(len(self._inputs.files))
        return report

    def _take(self, file: File, article: Article) -> None:
        if not article.groups:
            article = replace(article, groups=self._readers(file.path))
        entry = Entry(article.id, str(file.path), self._hash(article), _text_hash(article), article.groups)
        before = self._store.entry(entry.id)
        if reason := self._unwanted(entry, before):
            self._skip(file, Skipped(file.name, *reason))
            return
        unchanged = before is not None and before.hash == entry.hash
        same = unchanged or (before is not None and before.hash == self._hash(replace(article, groups=before.groups)))
        cut = [] if same else list(chunks(article, self._settings.chunk_words, self._settings.chunk_overlap))
        if not same and not cut:
            self._skip(file, Skipped(file.name, "holds no sentence", "empty"))
            return
        self._ids[entry.id] = entry.source
        self._texts[entry.text_hash] = entry.id
        if before and unchanged:
            self._report.unchanged.append(entry.id)
            if before.source != entry.source:
                self._moved.append(entry)
            return
        (self._report.changed if before else self._report.new).append(entry.id)
        if same:
            self._regrouped.append(self._regroup(entry, article))
        else:
            self._batch.append((entry, article, cut))

    def _skip(self, file: File, skipped: Skipped) -> None:
        self._report.skipped.append(skipped)
        if skipped.kind in ("failed", "duplicate"):
            self._report.waiting.add(file.path)

    def _readers(self, path: Path) -> tuple[str, ...]:
        """The groups of the nearest folder that the configuration names above a file."""
        above = [folder for folder in self._folders if path.is_relative_to(folder)]
        return self._folders[max(above, key=lambda folder: len(folder.parts))] if above else ()

    def _unwanted(self, entry: Entry, before: Entry | None) -> tuple[str, Literal["failed", "duplicate"]] | None:
        remedy = "give one of them another id, or index them from a folder above both"
        if entry.id in self._ids:
            return f"its id {entry.id!r} is already that of {self._ids[entry.id]}; {remedy}", "failed"
        if before and not self._inputs.cover(before.source) and Path(before.source).exists():
            return f"its id {entry.id!r} is already that of {before.source}; {remedy}", "failed"
        twin = self._texts.get(entry.text_hash) or self._elsewhere(entry)
        return (f"same text as {twin}", "duplicate") if twin else None

    def _elsewhere(self, entry: Entry) -> str | None:
        """The article with the same text from somewhere that this sync does not look at."""
        twins = self._store.twins(entry.text_hash)
        others = (t for t in twins if t.id != entry.id and t.id not in self._ids)
        return next((t.id for t in others if not self._inputs.cover(t.source)), None)

    def _finish_batch(self) -> None:
        """Store the batch before, and embed what has come together since: both, and the reading of what comes next, at
        the same time."""
        before = self._embedding
        embedded = before[1].result() if before else None
        self._embedding = None
        if self._batch:
            texts = [embedded_text(article, chunk) for _, article, cut in self._batch for chunk in cut]
            self._store.bind("model checksum", self._embedder.checksum)
            self._embedding = self._batch, self._embedders.submit(self._embed, texts)
            self._batch = []
        if before and embedded is not None:
            self._keep(before[0], embedded)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        parts = []
        for at in range(0, len(texts), BATCH_CHUNKS):
            if self._ending.is_set():
                raise CancelledError
            parts.append(self._embedder.documents(texts[at : at + BATCH_CHUNKS]))
        return np.concatenate(parts)

    def _keep(self, batch: Batch, vectors: Vectors) -> None:
        at = 0
        ready = []
        for entry, article, cut in batch:
            ready.append(Indexed(entry, article, cut, vectors[at : at + len(cut)]))
            at += len(cut)
        self._writer.put(ready)
        self._report.embedded += len(vectors)
        self._writer.tidy()

    def _finish_regrouped(self) -> None:
        if self._regrouped:
            self._writer.put(self._regrouped)
            self._regrouped = []
            self._writer.tidy()

    def _regroup(self, entry: Entry, article: Article) -> Indexed:
        """An article of which nothing but the readers has changed, with the vectors that it has."""
        vectors = self._store.vectors_of(entry.id)
        return Indexed(entry, article, self._store.chunks_of(entry.id), vectors)

    def _gone(self) -> list[str]:
        return sorted(
            article_id
            for root in self._inputs.roots
            for article_id, source in self._store.below(root)
            if article_id not in self._ids and self._may_go(source) and self._inputs.cover(source)
        )

    def _may_go(self, source: str) -> bool:
        """What can't be read now stays as it was; but not what may have been meant for fewer readers since."""
        return source not in self._failed or source in self._refused

    def _hash(self, article: Article) -> bytes:
        """Of the article and of how it is cut."""
        s = self._settings
        content = {**asdict(article), "metadata": dict(article.metadata)}
        how = [CHUNKS_FORMAT, s.chunk_words, s.chunk_overlap]
        return hashlib.sha256(json.dumps([content, how], sort_keys=True, default=str).encode()).digest()

    def _tell(self, files: int) -> None:
        report = self._report
        seen = len(report.new) + len(report.changed) + len(report.unchanged)
        self._progress(files, len(self._inputs.files), seen, report.embedded)


def embedded_text(article: Article, chunk: Chunk) -> str:
    """What a chunk's vector stands for: its words under the title and headings, which are context, not quotable."""
    return "\n".join(filter(None, (context(article.title), chunk.heading, article.text[chunk.start : chunk.end])))


def _text_hash(article: Article) -> bytes:
    """Of the words and of who may read them: two articles that differ in white space are the same, but one for few
    must not take the place of its twin for everybody."""
    text = " ".join(article.text.split())
    return hashlib.sha256("\n\0".join([text, *article.groups]).encode()).digest()


def _folders(groups: Mapping[str, tuple[str, ...]]) -> dict[Path, tuple[str, ...]]:
    """[index] folder_groups with whole paths. Raises ConfigInvalid: a folder misspelt would leave its articles open."""
    found = {}
    for name, names in groups.items():
        folder = Path(name).expanduser().resolve()
        if not folder.is_dir():
            raise ConfigInvalid(f"[index] folder_groups: there is no folder {name}; its articles would be everybody's")
        if not names or not all(group.strip() for group in names):
            raise ConfigInvalid(f"[index] folder_groups: {name} names no group; its articles would be everybody's")
        found[folder] = tuple(sorted({group.strip() for group in names}))
    return found

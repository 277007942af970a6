"""One generation of the index, ready to be searched; its files beside the store are derived and can be made again."""

from __future__ import annotations

import json
import os
import shutil
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

import numpy as np
import numpy.typing as npt

from index.access import Groups, may_read
from index.checksum import sha256
from index.dense import Dense
from index.fuse import fuse
from index.lexical import Lexical
from index.store import Store, Vectors
from index.terms import Terms

FORMAT = 2
"""Raised by one when what is derived, or how, changes; files of another format are made again."""

MAX_PARTS = 64
"""Kinds of readers of one generation that are remembered; each costs some bytes a chunk."""

_PREFIX = "derived-"
_DENSE, _LEXICAL, _CHUNKS = _FILES = ("dense.faiss", "lexical.npz", "chunks.npz")
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's key in the store and its scores: fused (comparable within one question), cosine, BM25."""

    key: int
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both sides of the search over the same chunks.

    keys: int64, (n_chunks,), chunk number → key in the store. audiences: the groups that articles are for, each once.
    audience: int32, (n_chunks,), chunk number → number of its article's audience.
    """

    generation: int
    keys: npt.NDArray[np.int64]
    audiences: tuple[tuple[str, ...], ...]
    audience: npt.NDArray[np.int32]
    dense: Dense
    lexical: Lexical
    _parts: OrderedDict[tuple[int, ...], Snapshot] = field(default_factory=OrderedDict, repr=False)
    _turn: Lock = field(default_factory=Lock, repr=False)

    def seen_by(self, reader: Groups) -> Snapshot:
        """What a reader may find: every number in it is as if there were no other chunks.

        Readers who may read the same audiences share one.
        """
        readable = tuple(number for number, groups in enumerate(self.audiences) if may_read(reader, groups))
        if len(readable) == len(self.audiences):
            return self
        with self._turn:
            part = self._parts.get(readable)
            if part is None:
                visible = np.isin(self.audience, readable)
                part = replace(self, dense=self.dense.within(visible), lexical=self.lexical.within(visible))
                self._parts[readable] = part
                if len(self._parts) > MAX_PARTS:
                    self._parts.popitem(last=False)
            self._parts.move_to_end(readable)
        return part

    def search(self, vector: Vectors, terms: list[str], depth: int, dense_weight: float) -> list[Ranked]:
        """The candidates of both sides, `depth` of each, best first; equal scores in the order of the chunks.

        A chunk that only one side brought is given the other side's score too.
        """
        if not self.lexical.size:
            return []
        by_terms = self.lexical.scores(terms)
        numbers = np.union1d(self.dense.top(vector, depth), _top(by_terms, depth))
        if not len(numbers):
            return []
        cosines = self.dense.scores(vector, numbers).astype(np.float64)
        scores = fuse(cosines, by_terms[numbers], dense_weight)
        best = np.argsort(-scores, kind="stable")
        return [
            Ranked(int(self.keys[numbers[i]]), float(scores[i]), float(cosines[i]), float(by_terms[numbers[i]]))
            for i in best
        ]


def _top(scores: npt.NDArray[np.float64], depth: int) -> npt.NDArray[np.int64]:
    """The numbers of the highest scores above 0, in no order; of equal ones the smaller numbers."""
    found = np.flatnonzero(scores > 0)
    if len(found) > depth:
        limit = np.partition(scores[found], -depth)[-depth]
        above, level = found[scores[found] > limit], found[scores[found] == limit]
        found = np.concatenate([above, level[: depth - len(above)]])
    return found


def load(store: Store, recipe: str) -> Snapshot | None:
    """The snapshot of the store's present generation from its files; None where they are missing, stale or damaged.

    recipe: what terms and scores depend on besides the articles.
    """
    with store.reading() as generation:
        directory = _directory(store, generation)
        try:
            manifest = json.loads((directory / _MANIFEST).read_text("utf-8"))
            if manifest["recipe"] != _stamped(recipe) or any(manifest[f] != sha256(directory / f) for f in _FILES):
                return None
            with np.load(directory / _CHUNKS, allow_pickle=False) as chunks:
                audiences = tuple(tuple(groups) for groups in json.loads(chunks["audiences"].tobytes()))
                keys, audience = chunks["keys"], chunks["audience"]
            dense, lexical = Dense.load(directory / _DENSE), Lexical.load(directory / _LEXICAL)
            return Snapshot(generation, keys, audiences, audience, dense, lexical)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError):
            return None


def build(store: Store, terms: Terms, k1: float, b: float) -> Snapshot:
    """The snapshot of the store's present generation, from the store alone: nothing is embedded."""
    with store.reading() as generation:
        counted = [terms("\n".join(parts)) for parts in store.texts()]
        dense, lexical = Dense.build(store.vectors()), Lexical.build(counted, k1, b)
        return Snapshot(generation, store.keys(), *store.audiences(), dense, lexical)


def save(snapshot: Snapshot, store: Store, recipe: str) -> None:
    """Write the files and put them in place at one stroke, then clear away older ones.

    Raises OSError where they cannot be written; nothing is lost then, as they can be built again.
    """
    target = _directory(store, snapshot.generation)
    temporary = Path(mkdtemp(prefix=_PREFIX, suffix=".part", dir=store.directory))
    try:
        snapshot.dense.save(temporary / _DENSE)
        snapshot.lexical.save(temporary / _LEXICAL)
        audiences = np.frombuffer(json.dumps(snapshot.audiences).encode(), dtype=np.uint8)
        np.savez(temporary / _CHUNKS, keys=snapshot.keys, audience=snapshot.audience, audiences=audiences)
        manifest = {"recipe": _stamped(recipe)} | {name: sha256(temporary / name) for name in _FILES}
        (temporary / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        for path in (*temporary.iterdir(), temporary):
            _to_disk(path)
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
        for old in store.directory.glob(f"{_PREFIX}*"):
            if old.suffix == ".part" or int(old.name.removeprefix(_PREFIX)) < snapshot.generation:
                shutil.rmtree(old, ignore_errors=True)
        _to_disk(store.directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _directory(store: Store, generation: int) -> Path:
    return store.directory / f"{_PREFIX}{generation}"


def _stamped(recipe: str) -> str:
    return f"format {FORMAT}, {recipe}"


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

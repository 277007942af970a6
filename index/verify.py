"""Whether everything in an index holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.catalog import Catalog, Entry, opened
from index.segment import Segment
from index.store import Store
from index.stored import Stored, article_of, checksum, remedy, spans_of, vector_of
from index.terms import Terms

Progress = Callable[[int, int], None]
"""Called as it goes on, with: chunks checked, of how many; each is checked in the store and in its segment."""

LOOKS = 20
"""How often the files are looked for while somebody replaces them."""


def verify(store: Store, terms: Terms, progress: Progress = lambda *_: None) -> list[str]:
    """What does not hold, a line each, with the remedy; none where all does. Others may write meanwhile.

    The database's own checks; every article as it was written (those that an earlier version wrote have no checksum:
    of them only that they can be read), every sentence inside its article, every chunk's vector of unit length; every
    segment whole and equal to one made anew from the articles that hold; no folder without a segment.
    """
    catalog = Catalog(store)
    doubts: set[str] = set()
    for _ in range(LOOKS):
        with store.reading():
            files = _Files.of(catalog, store, terms)
            if files.doubts <= doubts:  # what a writer has just replaced is in no second look
                return list(_problems(store, catalog, files, terms, progress))
        doubts = files.doubts
    return ["segments: somebody writes all the time; try again later"]


@dataclass(frozen=True, slots=True)
class _Files:
    """segments: open, so that what is removed meanwhile can still be read; None for those that are not whole."""

    segments: list[tuple[Entry, Segment | None]]
    orphans: list[str]

    @classmethod
    def of(cls, catalog: Catalog, store: Store, terms: Terms) -> _Files:
        newest_first = reversed(catalog.entries())  # these are replaced the soonest
        segments = [(entry, opened(catalog, entry, terms)) for entry in newest_first]
        return cls(segments[::-1], [] if store.lock.is_held() else catalog.orphans())

    @property
    def doubts(self) -> set[str]:
        return {entry.name for entry, segment in self.segments if segment is None} | set(self.orphans)


def _problems(store: Store, catalog: Catalog, files: _Files, terms: Terms, progress: Progress) -> Iterator[str]:
    broken = store.integrity()
    yield from (f"store: {line}; {store.remedy}" for line in broken)
    if broken:
        return
    total = store.counts().chunks
    yield from _in_meta(store, total)
    damaged, checked = set(), 0
    for stored in store.stored():
        if found := list(_in_article(stored)):
            damaged.add(stored.key)
            yield f"article {stored.id}: {', '.join(found)}; {remedy(stored.id)}"
        checked += len(stored.chunks)
        progress(checked, 2 * total)
    for entry, segment in files.segments:
        if problem := _in_segment(store, entry, segment, terms, damaged):
            yield f"segment {entry.name}: {problem}"
        checked += store.n_chunks(entry.first, entry.last)
        progress(checked, 2 * total)
    for before, after in pairwise(entry for entry, _ in files.segments):
        if after.first <= before.last:
            yield f"segments {before.name} and {after.name} hold the same chunks; {store.remedy}"
    yield from (
        f"segment {name}: a folder that belongs to nothing; the next qa index removes it" for name in files.orphans
    )


def _in_meta(store: Store, n_chunks: int) -> Iterator[str]:
    if store.meta("generation") is None:
        yield "store: which generation it is of is missing; the next change begins anew"
    for name in ("model", "model checksum", "language"):
        since = 3 if name == "language" else 1  # an earlier format knows of none
        if n_chunks and store.format >= since and store.meta(name) is None:
            yield f"store: its {name} is missing; qa index notes it again with the next new or changed article"


def _in_article(stored: Stored) -> Iterator[str]:
    if stored.checksum not in (None, checksum(stored.fields, stored.chunks)):
        yield "not as it was written"
    if not stored.chunks:
        yield "it has no chunks"
    try:
        length = len(article_of(stored.fields).text)
        spans = [spans_of(sentences) for _, sentences, _ in stored.chunks]
        vectors = [vector_of(vector) for *_, vector in stored.chunks]
    except ValueError as error:
        yield str(error)
        return
    if any(s.min() < 0 or s.max() > length or (s[:, 0] >= s[:, 1]).any() for s in spans):
        yield "a sentence lies outside its text"
    elif any((np.diff(s.reshape(-1)) < 0).any() for s in spans):
        yield "sentences overlap"
    if not all(abs(np.linalg.norm(vector.astype(np.float64)) - 1) < 1e-3 for vector in vectors):
        yield "a vector is not of unit length"


def _in_segment(
    store: Store, entry: Entry, segment: Segment | None, terms: Terms, damaged: Collection[int]
) -> str | None:
    """What is wrong with it; chunks of damaged articles are left out of account."""
    if segment is None:
        what = "its files are missing, damaged or out of date" if entry.recipe else "its chunks are in none"
        return f"{what}; the next question or qa index makes it again"
    expected = Segment.build((row for row in store.rows(entry.first, entry.last) if row.article not in damaged), terms)
    wanted = 0 if expected is None else len(expected)
    alive = entry.alive(len(segment)) & ~np.isin(segment.columns.article, list(damaged))
    remedy = f"remove {store.directory}/segments/{entry.name}, and the next question or qa index makes it again"
    if wanted != alive.sum():
        return f"holds {alive.sum():,} chunks, the store {wanted:,}; {remedy}"
    if expected is None:
        return None
    found, right = _comparable(Segment.merge([(segment, alive)])), _comparable(expected)
    wrong = [name for name in found if found[name] != right[name]]
    return f"another {' and '.join(wrong)} than the store's; {remedy}" if wrong else None


def _comparable(segment: Segment) -> dict[str, object]:
    """What a segment holds, whatever its lists are sorted by."""
    columns = {name: array.tolist() for name, array in segment.columns.arrays().items()}
    return columns | {
        "audience": [segment.audiences[number] for number in segment.columns.audience],
        "language": [segment.languages[number] for number in segment.columns.language],
        "vector": segment.dense.vectors.tobytes(),
        "terms": [array.tobytes() for array in segment.postings.arrays().values()],
    }

"""Whether everything in an index holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from index.catalog import Catalog, Entry, opened
from index.segment import Segment
from index.store import Store
from index.terms import Terms

Progress = Callable[[int, int], None]
"""Called as it goes on, with: chunks checked, of how many."""


def verify(store: Store, terms: Terms, progress: Progress = lambda *_: None) -> list[str]:
    """What does not hold, a line each; none where all does.

    The database's own checks; every sentence inside its article, every chunk's vector of unit length; every segment
    whole and equal to one made anew from the store; no chunk without a segment, no folder without one.
    """
    with store.reading():
        return list(_problems(store, terms, progress))


def _problems(store: Store, terms: Terms, progress: Progress) -> Iterator[str]:
    broken = store.integrity()
    yield from (f"store: {line}" for line in broken)
    if broken:
        return
    catalog, total, covered = Catalog(store), store.counts().chunks, 0
    entries = catalog.entries()
    for entry in entries:
        yield from _in_store(store, entry)
        yield from (f"segment {entry.name}: {problem}" for problem in _in_segment(store, catalog, entry, terms))
        covered += store.n_chunks(entry.first, entry.last)
        progress(covered, total)
    for before, after in pairwise(entries):
        if after.first <= before.last:
            yield f"segments {before.name} and {after.name} hold the same chunks"
    if covered != total:
        yield f"segments: {total - covered:,} of {total:,} chunks are in none"
    for name in () if store.lock.is_held() else catalog.orphans():
        yield f"segment {name}: a folder that belongs to nothing; the next qa index removes it"


def _in_store(store: Store, entry: Entry) -> Iterator[str]:
    for article_id, length, spans, vector in store.offsets(entry.first, entry.last):
        if not len(spans) or spans.min() < 0 or spans.max() > length or (spans[:, 0] >= spans[:, 1]).any():
            yield f"article {article_id}: a sentence lies outside its text"
        elif (np.diff(spans.reshape(-1)) < 0).any():
            yield f"article {article_id}: sentences overlap"
        if not np.isclose(float(np.linalg.norm(vector)), 1, atol=1e-3):
            yield f"article {article_id}: a vector is not of unit length"


def _in_segment(store: Store, catalog: Catalog, entry: Entry, terms: Terms) -> Iterator[str]:
    segment = opened(catalog, entry, terms)
    if segment is None:
        yield "its files are missing, damaged or out of date; the next question or qa index makes them again"
        return
    expected = Segment.build(store.rows(entry.first, entry.last), terms)
    alive = entry.alive(len(segment))
    if (0 if expected is None else len(expected)) != alive.sum():
        yield f"holds {alive.sum():,} chunks, the store {0 if expected is None else len(expected):,}"
        return
    if expected is None:
        return
    found = Segment.merge([(segment, alive)])
    wanted = _comparable(expected)
    yield from (f"another {name} than the store's" for name, ours in _comparable(found).items() if ours != wanted[name])


def _comparable(segment: Segment) -> dict[str, object]:
    """What a segment holds, whatever its lists are sorted by."""
    columns = {name: array.tolist() for name, array in segment.columns.arrays().items()}
    return columns | {
        "audience": [segment.audiences[number] for number in segment.columns.audience],
        "language": [segment.languages[number] for number in segment.columns.language],
        "vector": segment.dense.vectors.tobytes(),
        "terms": [array.tobytes() for array in segment.postings.arrays().values()],
    }

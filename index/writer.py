"""Changes an index: articles, and the segments in which they are found."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.catalog import Catalog, Entry, everything, opened, recipe
from index.errors import IndexReadOnly
from index.lexical import Mask
from index.segment import MAX_CHUNKS, Segment, new_name
from index.store import Indexed, Store
from index.terms import Terms

GROWTH = 4
"""A segment is merged with the ones after it when it holds less than so many times their chunks: there are never more
than a few, and a chunk is copied as often as a segment can grow by this factor."""

MOST_DEAD = 0.25
"""Share of removed chunks at which a segment is written anew."""


@dataclass(frozen=True, slots=True)
class _Opened:
    entry: Entry
    segment: Segment
    alive: Mask


class Writer:
    """To be used by whoever holds the lock. What is done at once is seen by readers at once, or not at all."""

    def __init__(self, store: Store, terms: Terms) -> None:
        self._store, self._terms = store, terms
        self._catalog = Catalog(store)
        store.upgrade()
        store.bind("language", terms.language)
        self._opened = [o for entry in self._catalog.entries() for o in self._open(entry)]
        self._catalog.sweep()

    def put(self, batch: Sequence[Indexed]) -> None:
        """Add articles, each in place of the one with its id: all of them or, where it fails, none."""
        with self._store.changing():
            gone = [key for item in batch for key in self._store.delete(item.article.id)]
            first = self._store.last_key() + 1
            for item in batch:
                self._store.insert(item)
            opened = self._buried(gone)
            if (last := self._store.last_key()) >= first:
                opened += self._noted(self._made(first, last))
        self._opened = opened

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Remove articles; returns the ids that were there."""
        found = [article_id for article_id in dict.fromkeys(ids) if self._store.articles([article_id])]
        if found:
            with self._store.changing():
                opened = self._buried([key for article_id in found for key in self._store.delete(article_id)])
            self._opened = opened
        return found

    def tidy(self) -> bool:
        """Merge the segments that have become too many or hold too much that was removed; False: there are none.

        One step; to be called until there is nothing to do. Interrupted, it leaves everything as it was.
        """
        due = _due([(int(o.alive.sum()), len(o.segment)) for o in self._opened])
        if due is None:
            return False
        old = self._opened[due]
        kept = [(o.segment, o.alive) for o in old if o.alive.any()]
        new = [self._written(Segment.merge(kept))] if kept else []
        with self._store.rearranging():
            self._catalog.drop(o.entry.name for o in old)
            self._noted(new)
        self._opened[due] = new
        self._catalog.sweep()
        return True

    def _open(self, entry: Entry) -> list[_Opened]:
        """The segment; made again from the store where its files are not whole or were made in another way."""
        segment = opened(self._catalog, entry, self._terms)
        if segment is not None:
            return [_Opened(entry, segment, entry.alive(len(segment)))]
        with self._store.reading():  # and not in the change: it may take minutes, for which nobody else could begin one
            made = self._made(entry.first, entry.last)
        if made or entry.recipe:
            with self._store.rearranging():
                self._catalog.drop([entry.name])
                self._noted(made)
        return made

    def _made(self, first: int, last: int) -> list[_Opened]:
        """A segment of the chunks with these keys, if there are any that can be read."""
        segment = Segment.build(self._store.rows(first, last), self._terms)
        return [] if segment is None else [self._written(segment)]

    def _noted(self, made: list[_Opened]) -> list[_Opened]:
        """The same, in the catalog; to be called while the store is changed."""
        for o in made:
            self._catalog.put(o.entry)
        return made

    def _written(self, segment: Segment) -> _Opened:
        """Its files, from which it is then mapped: what was made may be large."""
        keys, name = segment.columns.keys, new_name()
        folder = self._catalog.folder(name)
        try:
            sums = segment.write(folder)
        except OSError as error:
            remedy = "check that its disk can be written and is not full; nothing is lost"
            raise IndexReadOnly(f"cannot write to {self._store.directory} ({error.strerror}); {remedy}") from error
        mapped = Segment.mapped(folder)
        return _Opened(Entry(name, int(keys[0]), int(keys[-1]), recipe(self._terms), sums), mapped, everything(mapped))

    def _buried(self, keys: Sequence[int]) -> list[_Opened]:
        """All segments with these chunks marked as removed, in the catalog too."""
        found = list(self._opened)
        firsts = [o.entry.first for o in found]
        of: dict[int, list[int]] = {}
        for key in keys:
            if number := bisect_right(firsts, key):
                of.setdefault(number - 1, []).append(key)
        for number, dead in of.items():
            o = found[number]
            alive = o.alive & ~np.isin(o.segment.columns.keys, dead)
            found[number] = _Opened(o.entry.without(alive), o.segment, alive)
            self._catalog.put(found[number].entry)
        return found


def _due(sizes: Sequence[tuple[int, int]]) -> slice | None:
    """What to merge next, given how many chunks each segment still holds, and held: neighbours, the newest first."""
    end = len(sizes)
    while end:
        first, total = end - 1, sizes[end - 1][0]
        while first and sizes[first - 1][0] < GROWTH * total and sizes[first - 1][0] + total <= MAX_CHUNKS:
            first -= 1
            total += sizes[first][0]
        if end - first > 1:
            return slice(first, end)
        end -= 1
    for number, (alive, held) in enumerate(sizes):
        if held - alive > MOST_DEAD * held:
            return slice(number, number + 1)
    return None

"""SQLite: articles, chunks and vectors; the one truth on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.access import Groups, may_read
from index.article import Article, Chunk
from index.database import Database
from index.segment import Row
from index.stored import (
    FIELDS,
    Stored,
    article_of,
    checksum,
    chunk_of,
    fields_of,
    groups_of,
    named,
    packed,
    row_of,
    vector_of,
)

_ENTRY = "id, CAST(source AS TEXT), hash, text_hash, groups"

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sync compares. source: the file it came from. hash: of all that is stored; text_hash: of its words and
    readers. groups: who may read it."""

    id: str
    source: str
    hash: bytes
    text_hash: bytes
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article ready to be stored. vectors: float32, (n_chunks, dim), unit rows."""

    entry: Entry
    article: Article
    chunks: Sequence[Chunk]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Counts:
    articles: int
    chunks: int


class Store(Database):
    """Articles, their chunks and vectors."""

    def counts(self) -> Counts:
        with self._use():
            row = self._db.execute("SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM chunk)").fetchone()
        return Counts(*row)

    # --- articles

    def entry(self, article_id: str) -> Entry | None:
        with self._use():
            row = self._db.execute(f"SELECT {_ENTRY} FROM article WHERE id = ?", (article_id,)).fetchone()
        return _entry(row) if row else None

    def twins(self, text_hash: bytes) -> list[Entry]:
        """The articles with this `text_hash`, by id."""
        with self._use():
            rows = self._db.execute(f"SELECT {_ENTRY} FROM article WHERE text_hash = ? ORDER BY id", (text_hash,))
            return [_entry(row) for row in rows]

    def below(self, path: Path) -> Iterator[tuple[str, str]]:
        """Id and source of each article from this file, or from a file below this folder."""
        name = str(path).encode(errors="replace").decode()  # of one that is not UTF-8 there is no article
        folder = name.rstrip(os.sep) + os.sep
        with self._use():
            yield from self._db.execute(
                "SELECT id, source FROM article WHERE source = ? OR (source >= ? AND source < ?)",
                (name, folder, folder[:-1] + chr(ord(os.sep) + 1)),
            )

    def article(self, article_id: str) -> Article | None:
        """Raises IndexBroken where it is damaged."""
        with self._use():
            row = self._db.execute(f"SELECT {FIELDS} FROM article WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            return None
        with named(article_id):
            return article_of(row)

    def titles(self, reader: Groups = None) -> dict[str, str]:
        """Article id → title, by id, of those that the reader may read."""
        with self._use():
            rows = self._db.execute("SELECT id, title, groups FROM article ORDER BY id").fetchall()
        readers = ((i, title, _readers(groups)) for i, title, groups in rows)
        return {i: title for i, title, groups in readers if groups is not None and may_read(reader, groups)}

    def readers(self) -> dict[tuple[str, ...], int]:
        """Groups that articles are for → how many articles are for them; () for everybody's."""
        with self._use():
            rows = self._db.execute("SELECT groups, count(*) FROM article GROUP BY groups").fetchall()
        readers = ((_readers(groups), articles) for groups, articles in rows)
        return {groups: articles for groups, articles in readers if groups is not None}

    def insert(self, item: Indexed) -> None:
        """Add an article whose id is not there; to be called while `changing`."""
        fields = (*fields_of(item.article), item.entry.hash, item.entry.text_hash)
        pairs = zip(item.chunks, item.vectors, strict=True)
        chunks = [(c.heading, packed(c.sentences), v.astype("<f4").tobytes()) for c, v in pairs]
        key = self._db.execute(
            f"INSERT INTO article ({FIELDS}, hash, text_hash, source, checksum) VALUES ({'?, ' * 13}?)",
            (*fields, item.entry.source, checksum(fields, chunks)),
        ).lastrowid
        self._db.executemany(
            "INSERT INTO chunk (article, heading, sentences, vector) VALUES (?, ?, ?, ?)",
            [(key, *chunk) for chunk in chunks],
        )

    def delete(self, article_id: str) -> list[int]:
        """Remove an article if it is there; the keys of the chunks that it had. To be called while `changing`."""
        keys = self._db.execute(
            "SELECT c.key FROM chunk c JOIN article a ON a.key = c.article WHERE a.id = ?", (article_id,)
        ).fetchall()
        self._db.execute("DELETE FROM article WHERE id = ?", (article_id,))
        return [key for (key,) in keys]

    def move(self, moved: Iterable[Entry]) -> None:
        """Note that unchanged articles now come from another file."""
        with self._use(), self._transaction():
            self._db.executemany("UPDATE article SET source = ? WHERE id = ?", [(e.source, e.id) for e in moved])

    # --- chunks

    def last_key(self) -> int:
        """Of a chunk, 0 where there never was one; the next ones have higher keys."""
        noted = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunk'").fetchone()
        found = self._db.execute("SELECT max(key) FROM chunk").fetchone()
        return max(noted[0] if noted else 0, found[0] or 0)

    def keys(self, after: int, before: int) -> tuple[int, int] | None:
        """The lowest and the highest of the chunks' keys between two; None where there are none."""
        one = "SELECT key FROM chunk WHERE key > ? AND key < ? ORDER BY key {} LIMIT 1"
        first, last = (self._db.execute(one.format(way), (after, before)).fetchone() for way in ("ASC", "DESC"))
        return (first[0], last[0]) if first else None

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """The chunks with keys from first to last, both included, by key; not those that are damaged: what can't be
        read can't be found. `index.verify` names them."""
        sizes = "SELECT length(vector) FROM chunk WHERE key BETWEEN ? AND ? GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        size = self._db.execute(sizes, (first, last)).fetchone()
        found = (
            "SELECT c.key, a.key, a.id, a.title, c.heading, a.text, a.groups, a.language, a.published, c.sentences, "
            "c.vector FROM chunk c JOIN article a ON a.key = c.article WHERE c.key BETWEEN ? AND ? ORDER BY c.key"
        )
        with self._any_text():
            for stored in self._db.execute(found, (first, last)):
                try:
                    row = row_of(stored, size[0])
                except ValueError:
                    continue
                yield row

    def n_chunks(self, first: int, last: int) -> int:
        """How many chunks have keys from first to last."""
        return int(
            self._db.execute("SELECT count(*) FROM chunk WHERE key BETWEEN ? AND ?", (first, last)).fetchone()[0]
        )

    def stored(self) -> Iterator[Stored]:
        """All articles as they lie there, by key; to be used while `reading`."""
        found = "checksum" if self.format >= 3 else "NULL"
        chunks = "SELECT heading, sentences, vector FROM chunk WHERE article = ? ORDER BY key"
        with self._any_text():
            for key, noted, *fields in self._db.execute(
                f"SELECT key, {found}, {FIELDS}, hash, text_hash FROM article ORDER BY key"
            ):
                yield Stored(key, tuple(fields), self._db.execute(chunks, (key,)).fetchall(), noted)

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with itself, and chunks without an article."""
        with self._use():
            found = [str(line) for (line,) in self._db.execute("PRAGMA integrity_check") if line != "ok"]
            return found + [f"a {row[0]} without its {row[2]}" for row in self._db.execute("PRAGMA foreign_key_check")]

    def articles(self, ids: Iterable[str]) -> list[int]:
        """The keys of those of the articles that are there."""
        rows = (self._db.execute("SELECT key FROM article WHERE id = ?", (i,)).fetchone() for i in ids)
        return [row[0] for row in rows if row]

    def vectors_of(self, article_id: str) -> Vectors:
        """float32, (n_chunks, dimension), in the order of its text."""
        with self._use():
            rows = self._db.execute(
                "SELECT c.vector FROM chunk c JOIN article a ON a.key = c.article WHERE a.id = ? ORDER BY c.key",
                (article_id,),
            ).fetchall()
        with named(article_id):
            return np.stack([vector_of(vector) for (vector,) in rows])

    def chunk(self, key: int) -> tuple[str, Chunk] | None:
        """(article id, chunk), or None where it is no longer there."""
        row = self._db.execute(
            "SELECT a.id, c.heading, c.sentences FROM chunk c JOIN article a ON a.key = c.article WHERE c.key = ?",
            (key,),
        ).fetchone()
        if row is None:
            return None
        with named(row[0]):
            return str(row[0]), chunk_of(*row[1:])

    def chunks_of(self, article_id: str) -> list[Chunk]:
        """An article's chunks in the order of its text."""
        with self._use():
            rows = self._db.execute(
                "SELECT c.heading, c.sentences FROM chunk c JOIN article a ON a.key = c.article WHERE a.id = ? "
                "ORDER BY c.key",
                (article_id,),
            ).fetchall()
        with named(article_id):
            return [chunk_of(*row) for row in rows]

    @contextmanager
    def _any_text(self) -> Iterator[None]:
        """Text that is not UTF-8 comes with surrogates, and is no error."""
        self._db.text_factory = lambda text: text.decode(errors="surrogateescape")
        try:
            yield
        finally:
            self._db.text_factory = str


def _entry(row: tuple[str, str, bytes, bytes, str]) -> Entry:
    groups = _readers(row[4])
    if groups is None:
        return Entry(row[0], row[1], b"", row[3])  # damaged: whatever comes instead is a change
    return Entry(*row[:4], groups)


def _readers(groups: str) -> tuple[str, ...] | None:
    """None where they can't be read: such an article is for nobody."""
    try:
        return groups_of(groups)
    except ValueError:
        return None

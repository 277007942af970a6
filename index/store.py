"""SQLite: articles, chunks and vectors; the one truth on disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.access import Groups, may_read
from index.article import Article, Chunk, Sentence
from index.database import Database
from index.segment import Row

_ENTRY = "id, source, hash, text_hash, groups"
_FIELDS = "id, title, text, url, author, published, section, language, groups, metadata"

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
        with self._use():
            row = self._db.execute(f"SELECT {_FIELDS} FROM article WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            return None
        return Article(*row[:8], tuple(json.loads(row[8])), json.loads(row[9]))  # type: ignore[call-arg]

    def titles(self, reader: Groups = None) -> dict[str, str]:
        """Article id → title, by id, of those that the reader may read."""
        with self._use():
            rows = self._db.execute("SELECT id, title, groups FROM article ORDER BY id").fetchall()
        return {i: title for i, title, groups in rows if may_read(reader, json.loads(groups))}

    def readers(self) -> dict[tuple[str, ...], int]:
        """Groups that articles are for → how many articles are for them; () for everybody's."""
        with self._use():
            rows = self._db.execute("SELECT groups, count(*) FROM article GROUP BY groups").fetchall()
        return {tuple(json.loads(groups)): articles for groups, articles in rows}

    def insert(self, item: Indexed) -> None:
        """Add an article whose id is not there; to be called while `changing`."""
        a = item.article
        groups, metadata = json.dumps(a.groups), json.dumps(dict(a.metadata), ensure_ascii=False)
        row = (a.id, a.title, a.text, a.url, a.author, a.published, a.section, a.language, groups, metadata)
        key = self._db.execute(
            f"INSERT INTO article ({_FIELDS}, source, hash, text_hash) VALUES ({'?, ' * 12}?)",
            (*row, item.entry.source, item.entry.hash, item.entry.text_hash),
        ).lastrowid
        self._db.executemany(
            "INSERT INTO chunk (article, heading, sentences, vector) VALUES (?, ?, ?, ?)",
            [
                (key, c.heading, _packed(c.sentences), v.astype("<f4").tobytes())
                for c, v in zip(item.chunks, item.vectors, strict=True)
            ],
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
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunk'").fetchone()
        return int(row[0]) if row else 0

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """The chunks with keys from first to last, both included, by key."""
        found = self._db.execute(
            "SELECT c.key, a.key, a.id, a.title, c.heading, a.text, a.groups, a.language, a.published, c.sentences, "
            "c.vector FROM chunk c JOIN article a ON a.key = c.article WHERE c.key BETWEEN ? AND ? ORDER BY c.key",
            (first, last),
        )
        for key, article, article_id, title, heading, text, groups, language, published, packed, vector in found:
            start, end = _spans(packed).ravel()[[0, -1]].tolist()
            readers = tuple(json.loads(groups))
            yield Row(
                key, article, article_id, end, title, heading, text[start:end], readers, language or "",
                published or "", vector,
            )  # fmt: skip

    def n_chunks(self, first: int, last: int) -> int:
        """How many chunks have keys from first to last."""
        return int(
            self._db.execute("SELECT count(*) FROM chunk WHERE key BETWEEN ? AND ?", (first, last)).fetchone()[0]
        )

    def offsets(self, first: int, last: int) -> Iterator[tuple[str, int, npt.NDArray[np.int32], Vectors]]:
        """Of these chunks: article id, length of its text, sentences int32 (n, 2), vector."""
        found = self._db.execute(
            "SELECT a.id, length(a.text), c.sentences, c.vector FROM chunk c JOIN article a ON a.key = c.article "
            "WHERE c.key BETWEEN ? AND ? ORDER BY c.key",
            (first, last),
        )
        for article_id, length, packed, vector in found:
            yield article_id, length, _spans(packed), np.frombuffer(vector, "<f4")

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
        return np.stack([np.frombuffer(vector, "<f4") for (vector,) in rows])

    def chunk(self, key: int) -> tuple[str, Chunk] | None:
        """(article id, chunk), or None where it is no longer there."""
        row = self._db.execute(
            "SELECT a.id, c.heading, c.sentences FROM chunk c JOIN article a ON a.key = c.article WHERE c.key = ?",
            (key,),
        ).fetchone()
        return None if row is None else (str(row[0]), Chunk(_unpacked(row[2]), row[1]))

    def chunks_of(self, article_id: str) -> list[Chunk]:
        """An article's chunks in the order of its text."""
        with self._use():
            rows = self._db.execute(
                "SELECT c.heading, c.sentences FROM chunk c JOIN article a ON a.key = c.article WHERE a.id = ? "
                "ORDER BY c.key",
                (article_id,),
            ).fetchall()
        return [Chunk(_unpacked(packed), heading) for heading, packed in rows]


def _entry(row: tuple[str, str, bytes, bytes, str]) -> Entry:
    return Entry(*row[:4], tuple(json.loads(row[4])))


def _packed(sentences: Sequence[Sentence]) -> bytes:
    return np.array([(s.start, s.end) for s in sentences], dtype="<i4").tobytes()


def _unpacked(packed: bytes) -> tuple[Sentence, ...]:
    return tuple(Sentence(start, end) for start, end in _spans(packed).tolist())


def _spans(packed: bytes) -> npt.NDArray[np.int32]:
    """Start and end of each sentence, (n_sentences, 2)."""
    return np.frombuffer(packed, "<i4").reshape(-1, 2)

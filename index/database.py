"""An index's SQLite file: its tables, one view for a reader, one stroke for a writer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.errors import IndexBroken, IndexMissing, IndexNewer, IndexReadOnly, ModelMismatch
from index.lock import WriteLock

FORMAT = 2
"""Raised by one when the tables change; an index of a newer format is refused. 2: with the table of segments."""

FILE = "store.sqlite"

_SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE article (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, "
    "url TEXT, author TEXT, published TEXT, section TEXT, language TEXT, groups TEXT NOT NULL, "
    "metadata TEXT NOT NULL, source TEXT NOT NULL, hash BLOB NOT NULL, text_hash BLOB NOT NULL)",
    # sentences: pairs of little-endian int32 (start, end); vector: little-endian float32
    "CREATE TABLE chunk (key INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES article (key) "
    "ON DELETE CASCADE, heading TEXT NOT NULL, sentences BLOB NOT NULL, vector BLOB NOT NULL)",
    "INSERT INTO meta VALUES ('format', '1'), ('generation', '0')",
)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS chunk_article ON chunk (article)",
    "CREATE INDEX IF NOT EXISTS article_groups ON article (groups)",
    "CREATE INDEX IF NOT EXISTS article_source ON article (source, id)",
    "CREATE INDEX IF NOT EXISTS article_text ON article (text_hash)",
)


@dataclass(frozen=True, slots=True)
class State:
    """generation: rises with every change of the articles; layout: with every change of segments alone."""

    generation: int
    layout: int


class Database:
    """Readers see the last finished article and wait for no writer.

    May be used from several threads, which then take turns.
    """

    def __init__(self, directory: Path, mode: str) -> None:
        self.directory = directory
        self.lock = WriteLock(directory)
        self._turn = threading.RLock()
        with self._named_errors():
            uri = f"{(directory / FILE).absolute().as_uri()}?mode={mode}"
            self._db = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA foreign_keys = ON")

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Open the store in the directory; where there is none, make it. Raises UserError."""
        try:
            directory.mkdir(0o700, parents=True, exist_ok=True)  # one that is there already keeps its mode
        except OSError as error:
            raise IndexReadOnly(f"cannot make the directory {directory} ({error.strerror}); choose another") from error
        store = cls(directory, "rwc")
        with store._named_errors():
            store._db.execute("PRAGMA journal_mode = WAL")
            with store._transaction():
                if not store._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    for statement in _SCHEMA:
                        store._db.execute(statement)
        store._checked()
        with store._named_errors(), store._transaction():
            for statement in _INDEXES:
                store._db.execute(statement)
        return store

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open an existing store. Raises UserError where there is none or it cannot be read."""
        if not (directory / FILE).is_file():
            raise IndexMissing(f"no index at {directory}; make one with: qa index PATH --index {directory}")
        return cls(directory, "rw")._checked()

    @property
    def database(self) -> sqlite3.Connection:
        """For whoever keeps a table beside the articles."""
        return self._db

    def close(self) -> None:
        self._db.close()

    # --- one view, one writer

    @contextmanager
    def reading(self) -> Iterator[State]:
        """One view of the store whatever writers do meanwhile."""
        with self._use():
            self._db.execute("BEGIN")
            try:
                yield self.state()
            finally:
                self._db.execute("COMMIT")

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All that is done inside becomes visible to readers at one stroke, as a new generation; or none of it."""
        with self._use(), self._transaction():
            yield
            self._db.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")

    @contextmanager
    def rearranging(self) -> Iterator[None]:
        """The same for segments that hold other files but the same articles."""
        with self._use(), self._transaction():
            yield
            self._db.execute("INSERT INTO meta VALUES ('layout', '1') ON CONFLICT DO UPDATE SET value = value + 1")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write. Raises IndexBusy where another process has it, IndexReadOnly where nobody may."""
        with self.lock.held(), self._named_errors():
            yield

    # --- what the whole index shares

    def generation(self) -> int:
        """Rises with every change; while it stays the same, so do the articles."""
        return int(self.meta("generation") or 0)

    def state(self) -> State:
        return State(self.generation(), int(self.meta("layout") or 0))

    def meta(self, name: str) -> str | None:
        with self._use():
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def bind(self, name: str, value: str) -> None:
        """Note a property that every chunk shares; see `require`."""
        with self._use(), self._transaction():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
        self.require(name, value)

    def require(self, name: str, value: str) -> None:
        """Raises ModelMismatch where the index was made with another value."""
        found = self.meta(name)
        if found not in (None, value):
            raise ModelMismatch(
                f"the index at {self.directory} was made with {name} {found}, the configuration says {value}; "
                "set it back, or index into another directory with --index"
            )

    # --- inside

    def _checked(self) -> Self:
        with self._named_errors():
            found = self.meta("format")
        if found is None:
            raise IndexBroken(f"{self.directory / FILE} is not an index; choose another directory with --index")
        if int(found) > FORMAT:
            raise IndexNewer(f"the index at {self.directory} was made by a newer version; update this program")
        return self

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _use(self) -> Iterator[None]:
        """This thread's turn."""
        with self._turn, self._named_errors():
            yield

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """SQLite's errors in the user's words."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                remedy = "check that its disk can be written and is not full"
                raise IndexReadOnly(f"cannot use the index at {self.directory} ({error}); {remedy}") from error
            raise IndexBroken(
                f"the index at {self.directory} is damaged ({error}); remove it and index again"
            ) from error

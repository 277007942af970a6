"""An index's SQLite file: its tables, one view for a reader, one stroke for a writer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.errors import IndexBroken, IndexBusy, IndexMissing, IndexNewer, IndexReadOnly, ModelMismatch, UserError
from index.lock import WriteLock
from index.place import FILE, Place

FORMAT = 3
"""Raised by one when the tables change; an index of a newer format is refused. 2: with the table of segments. 3: with
checksums of articles."""

_SCHEMA = (  # of format 1
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE article (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, "
    "url TEXT, author TEXT, published TEXT, section TEXT, language TEXT, groups TEXT NOT NULL, "
    "metadata TEXT NOT NULL, source TEXT NOT NULL, hash BLOB NOT NULL, text_hash BLOB NOT NULL)",
    # sentences: pairs of little-endian int32 (start, end); vector: little-endian float32
    "CREATE TABLE chunk (key INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES article (key) "
    "ON DELETE CASCADE, heading TEXT NOT NULL, sentences BLOB NOT NULL, vector BLOB NOT NULL)",
)
_STEPS = {
    1: "CREATE TABLE segment (name TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "recipe TEXT NOT NULL, sums TEXT NOT NULL, dead BLOB) WITHOUT ROWID",
    2: "ALTER TABLE article ADD COLUMN checksum BLOB",
}
"""What makes an index of one format one of the next."""

_INDEXES = {
    "chunk_article": "chunk (article)",
    "article_groups": "article (groups)",
    "article_source": "article (source, id)",
    "article_text": "article (text_hash)",
}


@dataclass(frozen=True, slots=True)
class State:
    """generation: rises with every change of the articles; layout: with every change of segments alone; place: of
    the store that has them."""

    generation: int
    layout: int
    place: Place


class Database:
    """Readers see the last finished article and wait for no writer; where another index has taken the place of the one
    that was opened, they see that.

    May be used from several threads, which then take turns.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lock = WriteLock(directory)
        self._turn = threading.RLock()
        self._is_writing = False
        self._place = place = Place.of(directory)
        with self._named_errors():
            self._db = sqlite3.connect(place.uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA foreign_keys = ON")

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Open the store in the directory; where there is none, make it. Raises UserError."""
        try:
            directory.mkdir(0o700, parents=True, exist_ok=True)  # one that is there already keeps its mode
            if not (directory / FILE).exists():
                (directory / FILE).touch()
        except OSError as error:
            raise IndexReadOnly(f"cannot make an index at {directory} ({error.strerror}); choose another") from error
        store = cls(directory)
        with store._named_errors():
            if not store._tables() >= {"meta", *_INDEXES}:  # else no writer need be waited for
                store._db.execute("PRAGMA journal_mode = WAL")
                with store._transaction():
                    store._make()
        return store._checked()

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open an existing store. Raises UserError where there is none or it cannot be read."""
        return cls(directory)._checked()

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
            self._count("generation")

    @contextmanager
    def rearranging(self) -> Iterator[None]:
        """The same for segments that hold other files but the same articles."""
        with self._use(), self._transaction():
            yield
            self._count("layout")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The right to write. Raises IndexBusy where another process has it, IndexReadOnly where nobody may."""
        self._look()  # whoever takes the lock of an index that has gone makes its directory again
        with self.lock.held(), self._named_errors():
            self._look()
            self._is_writing = True
            try:
                yield
            finally:
                self._is_writing = False

    def upgrade(self) -> None:
        """Give an index of an earlier format the tables of this one; to be called by whoever writes."""
        for number in range(self.format, FORMAT):
            with self.rearranging():
                self._db.execute(_STEPS[number])
                self._db.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(number + 1),))

    # --- what the whole index shares

    @property
    def format(self) -> int:
        return self._number("format")

    def generation(self) -> int:
        """Rises with every change; while it stays the same, so do the articles."""
        return self._number("generation")

    def state(self) -> State:
        return State(self._number("generation"), self._number("layout"), self._place)

    def meta(self, name: str) -> str | None:
        with self._use():
            row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def bind(self, name: str, value: str) -> None:
        """Note a property that every chunk shares; see `require`."""
        if self.meta(name) is None:
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
        if self.format < 1:
            raise IndexBroken(f"{self.directory / FILE} is not an index; choose another directory with --index")
        if self.format > FORMAT:
            raise IndexNewer(f"the index at {self.directory} was made by a newer version; update this program")
        return self

    def _tables(self) -> set[str]:
        return {str(name) for (name,) in self._db.execute("SELECT name FROM sqlite_master")}

    def _make(self) -> None:
        """The tables, where there are none, and the indexes that are missing."""
        if "meta" not in self._tables():
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("INSERT INTO meta VALUES ('format', '1'), ('generation', '0')")
        self._checked()
        for name, columns in _INDEXES.items():
            self._db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")

    def _number(self, name: str) -> int:
        """0 where it is missing. Raises IndexBroken where it is none."""
        found = self.meta(name)
        try:
            return int(found or 0)
        except ValueError:
            raise self._broken(f"{name} is {found!r}") from None

    def _count(self, name: str) -> None:
        self._db.execute("INSERT INTO meta VALUES (?, '1') ON CONFLICT DO UPDATE SET value = value + 1", (name,))

    def _follow(self) -> None:
        """Open the store that is there now, where it is not the one that was opened."""
        if Place.of(self.directory) != self._place:
            now = type(self).open(self.directory)
            self._db.close()
            self._db, self._place = now._db, now._place

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._is_writing and Place.of(self.directory) != self._place:
            raise IndexMissing(f"the index at {self.directory} was removed while it was written to; index again")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _use(self) -> Iterator[None]:
        """This thread's turn, with the store that is there now; a change ends with the one that it began with."""
        with self._turn, self._named_errors():
            if not (self._is_writing or self._db.in_transaction):
                self._follow()
            yield

    def _look(self) -> None:
        """Raises UserError where there is no index now."""
        with self._use():
            pass

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """SQLite's errors in the user's words."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            raise self._named(error) from error

    def _named(self, error: sqlite3.DatabaseError) -> UserError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # not SQLite's: Python's, of what SQLite has read
            return IndexBroken(
                f"the index at {self.directory} is damaged (it holds text that is not UTF-8); "
                f"qa status --verify --index {self.directory} says where"
            )
        kind = code & 0xFF
        if kind == sqlite3.SQLITE_BUSY:
            return IndexBusy(f"another process is writing to {self.directory}; try again when it has ended")
        if isinstance(error, sqlite3.OperationalError) and kind != sqlite3.SQLITE_ERROR:
            remedy = "check that its disk can be written and is not full"
            return IndexReadOnly(f"cannot use the index at {self.directory} ({error}); {remedy}")
        return self._broken(str(error))

    def _broken(self, why: str) -> IndexBroken:
        return IndexBroken(f"the index at {self.directory} is damaged ({why}); {self.remedy}")

    @property
    def remedy(self) -> str:
        """The remedy where nothing else helps; other things in the directory, keys say, are kept."""
        return f"remove {self.directory / FILE}* and index again"

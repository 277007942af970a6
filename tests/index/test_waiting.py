"""Who waits for whom, and who doesn't."""

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from index.errors import IndexBusy
from index.library import Library
from index.segment import Segment


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles({"soup.txt": "Soup costs two pounds."}))])
    return library


def damage(library):
    """Of the only segment."""
    (folder,) = (library.directory / "segments").iterdir()
    (folder / "dense.faiss").unlink()


@pytest.fixture
def held(filled):
    """Somebody is in the middle of a change."""
    with closing(sqlite3.connect(filled.directory / "store.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        other.execute("ROLLBACK")


def test_opening_waits_for_no_change(filled, held, embedder):
    began = time.monotonic()
    for create in (False, True):
        Library.open(filled.directory, embedder, create=create).close()
    assert time.monotonic() - began < 1


def test_a_change_by_another_process_is_not_blamed_on_the_disk(filled, held):
    filled._store.database.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(IndexBusy, match=r"another process is writing to .*; try again when it has ended$"):
        filled.remove(["soup.txt"])


def test_while_a_damaged_segment_is_made_again_others_may_begin_a_change(filled, monkeypatch):
    build = Segment.build

    def built(rows, terms):
        with closing(sqlite3.connect(filled.directory / "store.sqlite", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        return build(rows, terms)

    damage(filled)
    monkeypatch.setattr(Segment, "build", built)
    assert filled.remove(["soup.txt"]) == ["soup.txt"]


def test_a_damaged_segment_is_made_once_and_nobody_waits_who_does_not_search(filled, embedder, monkeypatch):
    build, waiting = Segment.build, []

    def built(rows, terms):
        other = threading.Thread(target=reader.counts)
        other.start()
        other.join(5)
        waiting.append(other.is_alive())
        return build(rows, terms)

    damage(filled)
    reader = Library.open(filled.directory, embedder)
    monkeypatch.setattr(Segment, "build", built)
    assert reader.search("soup", 1)
    assert Library.open(filled.directory, embedder).search("soup", 1)
    assert waiting == [False]

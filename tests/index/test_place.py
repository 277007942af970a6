"""An index that is removed, made again or replaced under those who have it open; one that nobody can write to."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from index.errors import IndexMissing, IndexReadOnly
from index.library import Library
from index.lock import WriteLock
from index.place import Place, files

NOBODY = 65534


def ids(library, question):
    return [hit.article.id for hit in library.search(question, 5)]


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles({"soup.txt": "The soup is served at noon."}))])
    return library


def made_again(library, embedder, folder):
    shutil.rmtree(library.directory)
    other = Library.open(library.directory, embedder, create=True)
    other.sync([str(folder)])
    return other


def test_a_reader_answers_from_the_index_that_took_the_place_of_the_one_it_opened(filled, articles, embedder):
    reader = Library.open(filled.directory, embedder)
    assert ids(reader, "soup") == ["soup.txt"]
    state = reader._current.get().state
    (articles({}) / "soup.txt").unlink()
    other = made_again(filled, embedder, articles({"gym.txt": "The gym opens at seven."}))
    assert other.generation == state.generation  # by which they can't be told
    other.close()
    assert reader.state != state
    assert ids(reader, "gym") == ["gym.txt"]
    assert reader.search("gym", 5) == Library.open(filled.directory, embedder).search("gym", 5)
    assert reader.article("soup.txt") is None
    assert reader.verify() == []


def test_where_the_index_is_gone_a_reader_says_so_until_there_is_one_again(filled, articles, embedder, tmp_path):
    reader = Library.open(filled.directory, embedder)
    reader.search("soup", 1)
    filled.directory.rename(tmp_path / "away")
    for use in (reader.counts, reader.titles, lambda: reader.search("soup", 1), reader.verify):
        with pytest.raises(IndexMissing, match=r"no index at .*; make one with"):
            use()
    (tmp_path / "away").rename(filled.directory)
    assert ids(reader, "soup") == ["soup.txt"]


def test_a_writer_goes_on_in_the_index_that_took_the_place_of_its_own(filled, articles, embedder):
    folder = articles({})
    other = made_again(filled, embedder, folder)
    (folder / "soup.txt").write_text("The zebra is served at noon.")
    assert filled.sync([str(folder)], changed={folder / "soup.txt"}).changed == ["soup.txt"]
    assert other.verify() == []
    assert [hit.text for hit in other.search("zebra", 1)] == ["The zebra is served at noon."]


def test_a_writer_that_waits_for_the_lock_writes_to_the_index_that_is_there_then(
    filled, articles, embedder, monkeypatch
):  # fmt: skip
    def late(lock):
        monkeypatch.undo()
        made_again(filled, embedder, articles({})).close()
        return lock.held()

    monkeypatch.setattr(WriteLock, "held", late)
    assert filled.remove(["soup.txt"]) == ["soup.txt"]
    assert filled.counts().articles == 0


def test_a_segment_is_written_into_no_index_that_is_gone(filled):
    (segment,) = filled._current.get().segments
    shutil.rmtree(filled.directory)
    with pytest.raises(FileNotFoundError):
        segment.write(filled.directory / "segments" / "new")
    assert not filled.directory.exists()


def test_a_writer_does_not_make_an_index_again_that_is_gone(filled, articles):
    shutil.rmtree(filled.directory)
    with pytest.raises(IndexMissing, match="make one with"):
        filled.sync([str(articles({}))])
    assert not filled.directory.exists()


def test_a_sync_under_which_the_index_is_made_again_ends_and_leaves_that_alone(filled, articles, embedder, monkeypatch):
    folder = articles({"gym.txt": "The gym opens at seven."})
    embed, others = embedder.documents, []

    def late(texts):
        monkeypatch.undo()
        others.append(made_again(filled, embedder, folder))
        return embed(texts)

    monkeypatch.setattr(embedder, "documents", late)
    with pytest.raises(IndexMissing, match="was removed while it was written to; index again"):
        filled.sync([str(folder)])
    assert others[0].verify() == []
    assert ids(others[0], "gym")[0] == "gym.txt"
    assert filled.sync([str(folder)]).unchanged == ["gym.txt", "soup.txt"]


@pytest.fixture
def nobody():
    """Root may write everywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    yield
    if root:
        os.seteuid(0)


@pytest.fixture
def read_only(articles, embedder):
    """An index directory with one article, where nobody but root can write."""
    with TemporaryDirectory() as place:  # unlike tmp_path, others than its owner may be let in
        library = Library.open(Path(place, "index"), embedder, create=True)
        library.sync([str(articles({"soup.txt": "The soup is served at noon."}))])
        library.close()
        folders = (Path(place), *(path for path in Path(place).rglob("*") if path.is_dir()))
        for folder in folders:
            folder.chmod(0o555)
        yield library.directory
        for folder in folders:
            folder.chmod(0o755)


def test_an_index_that_nobody_can_write_to_is_asked_and_verified_but_not_written(read_only, embedder, nobody):
    before = sorted(read_only.rglob("*"))
    library = Library.open(read_only, embedder)
    assert ids(library, "soup") == ["soup.txt"]
    assert library.verify() == []
    for opened in (library, Library.open(read_only, embedder, create=True)):
        with pytest.raises(IndexReadOnly, match=r"cannot write to .* \(Permission denied\)$"):
            opened.remove(["soup.txt"])
        opened.close()
    assert sorted(read_only.rglob("*")) == before


def test_where_something_waits_in_the_log_or_was_written_a_frozen_store_is_another_place(filled, monkeypatch):
    filled.close()
    store = filled.directory / "store.sqlite"
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    frozen = Place.of(filled.directory)
    assert "immutable=1" in frozen.uri
    log = Path(f"{store}-wal")
    log.touch()
    assert Place.of(filled.directory) == frozen
    log.write_bytes(b"something")
    assert "immutable" not in Place.of(filled.directory).uri
    log.unlink()
    os.utime(store, ns=(0, 0))
    assert Place.of(filled.directory) != frozen


def test_files_that_vanish_while_they_are_listed_are_passed_over(tmp_path):
    for name in ("a", "b", "folder/c", "other/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("12345")
    found = files(tmp_path)
    first = next(found)
    shutil.rmtree(tmp_path / "folder")
    for name in ("a", "b"):
        if first[0] != tmp_path / name:
            (tmp_path / name).unlink()
    assert sum(stat.st_size for _, stat in [first, *found]) == 10

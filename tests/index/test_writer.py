"""What a change writes, and what is left lying about."""

import time

import pytest

from index.library import Library
from index.lock import WriteLock
from index.writer import GROWTH, _due


def segments(library):
    return sorted((library.directory / "segments").iterdir(), key=lambda folder: folder.stat().st_mtime_ns)


def test_a_change_writes_its_own_chunks_and_leaves_the_others_alone(library, articles):
    folder = articles({f"{n}.txt": f"Article {n} about topic{n}." for n in range(60)})
    library.sync([str(folder)])
    (before,) = segments(library)
    (folder / "7.txt").write_text("Changed about topic7.")
    (folder / "8.txt").unlink()
    library.sync([str(folder)])
    assert segments(library)[0] == before
    assert [len(segment) for segment in library._current.get().segments] == [60, 1]
    assert library.counts().chunks == 59


def test_many_small_changes_leave_few_segments(library, articles):
    folder = articles({})
    folder.mkdir()
    for n in range(60):
        (folder / f"{n}.txt").write_text(f"Article {n} about topic{n}.")
        library.sync([str(folder)], changed={folder / f"{n}.txt"})
    assert len(segments(library)) <= 4  # each holds GROWTH times as much as the next
    assert library.counts().chunks == 60
    assert library.verify() == []


def test_a_segment_of_which_much_was_removed_is_written_anew(library, articles):
    folder = articles({f"{n}.txt": f"Article {n}." for n in range(40)})
    library.sync([str(folder)])
    library.remove([f"{n}.txt" for n in range(8)])
    assert [len(segment) for segment in library._current.get().segments] == [40]
    library.remove([f"{n}.txt" for n in range(8, 12)])
    assert [len(segment) for segment in library._current.get().segments] == [28]
    library.remove([f"{n}.txt" for n in range(12, 40)])
    assert segments(library) == []


@pytest.mark.parametrize(
    ("sizes", "due"),
    [
        ([], None),
        ([(100, 100)], None),
        ([(100, 100), (25, 25)], None),
        ([(100, 100), (26, 26)], (0, 2)),
        ([(100, 100), (10, 10), (3, 3)], (1, 3)),
        ([(100_000, 100_000), (60_000, 60_000)], None),
        ([(74, 100), (10, 10)], (0, 1)),
        ([(0, 5)], (0, 1)),
    ],
)
def test_neighbours_of_like_size_are_merged_up_to_a_limit(sizes, due):
    assert GROWTH == 4
    assert _due(sizes) == (due and slice(*due))


def test_a_reader_whose_files_a_writer_has_just_replaced_looks_again(library, articles, embedder, monkeypatch):
    """It read the list of segments before, and opens the files after."""
    folder = articles({f"{n}.txt": f"Article {n} about topic{n}." for n in range(5)})
    library.sync([str(folder)])
    reader = Library.open(library.directory, embedder)
    catalog = reader._current._catalog
    entries = catalog.entries

    def late():
        monkeypatch.setattr(catalog, "entries", entries)
        found = entries()
        (folder / "9.txt").write_text("Article 9 about topic9.")
        library.sync([str(folder)])
        monkeypatch.setattr("index.segment.Segment.build", None)  # from here on nothing has to be made from the store
        return found

    monkeypatch.setattr(catalog, "entries", late)
    assert reader.search("topic9", 1)[0].article.id == "9.txt"


def test_questions_are_answered_while_somebody_writes(library, articles, embedder):
    library.sync([str(articles({"a.txt": "Alpha one."}))])
    reader = Library.open(library.directory, embedder)
    with WriteLock(library.directory).held():
        began = time.monotonic()
        assert reader.search("alpha", 1)
        assert time.monotonic() - began < 0.9  # it waits for no lock

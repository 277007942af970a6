import shutil
import threading
import time

import pytest

from index import watch as watching
from index.errors import InputMissing
from index.library import Library
from index.load import find
from index.watch import watch


@pytest.fixture(autouse=True)
def look_often(monkeypatch):
    monkeypatch.setattr(watching, "LOOK_MS", 100)


def collected(paths, but, act):
    """What is seen of what `act` does."""
    stop, seen = threading.Event(), set()
    changes = watch(paths, but, stop)

    def look():
        for found in changes:
            seen.update(found)

    looking = threading.Thread(target=look)
    looking.start()
    act()
    time.sleep(0.7)
    stop.set()
    looking.join()
    return seen


def test_what_is_written_or_removed_is_seen_but_for_the_index_and_hidden_files(tmp_path):
    folder = tmp_path / "articles"
    for name in ("index", "sub"):
        (folder / name).mkdir(parents=True)
    (folder / "old.txt").write_text("Old.")

    def act():
        for name in ("new.txt", "sub/deep.md", "index/store.sqlite", ".hidden", "sub/.git"):
            (folder / name).write_text("Text.")
        (folder / "old.txt").unlink()

    seen = collected([str(folder)], folder / "index", act)
    assert {str(path.relative_to(folder)) for path in seen} == {"new.txt", "sub/deep.md", "old.txt"}


def test_a_file_that_is_replaced_is_still_watched(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("One.")

    def act():
        for number in range(2):
            (tmp_path / "part").write_text(f"Version {number}.")
            (tmp_path / "part").replace(file)
            time.sleep(0.3)

    assert file in collected([str(file)], tmp_path / "index", act)


def test_what_happens_before_anybody_looks_is_seen(tmp_path):
    changes = watch([str(tmp_path)], tmp_path / "index")
    (tmp_path / "a.txt").write_text("One.")
    time.sleep(0.3)
    (tmp_path / "b.txt").write_text("Two.")
    seen = next(changes) | next(changes)
    assert seen == {tmp_path / "a.txt", tmp_path / "b.txt"}


def made_anew(folder):
    shutil.rmtree(folder)
    folder.mkdir()


def made_anew_later(folder):
    shutil.rmtree(folder)
    time.sleep(0.5)
    folder.mkdir()


def replaced_by_another(folder):
    (folder.parent / "other").mkdir()
    folder.rename(folder.parent / "old")
    (folder.parent / "other").rename(folder)


def moved_with_the_folder_above(folder):
    folder.parent.rename(folder.parent.with_name("away"))
    folder.mkdir(parents=True)


@pytest.mark.parametrize("change", [made_anew, made_anew_later, replaced_by_another, moved_with_the_folder_above])
def test_a_folder_in_the_place_of_the_one_watched_has_changed_and_is_watched(tmp_path, change):
    folder, beside = tmp_path / "above" / "articles", tmp_path / "beside"
    folder.mkdir(parents=True)
    beside.mkdir()

    def act():
        change(folder)
        time.sleep(1)
        (folder / "new.txt").write_text("New.")
        (beside / "a.txt").write_text("Still watched.")

    seen = collected([str(folder), str(beside)], tmp_path / "index", act)
    assert seen >= {folder, folder / "new.txt", beside, beside / "a.txt"}


def test_an_empty_folder_in_the_place_of_the_one_watched_says_nothing(tmp_path):
    """A share that is not mounted any more must not empty the index."""
    folder = tmp_path / "above" / "articles"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Alpha.")

    def act():
        moved_with_the_folder_above(folder)
        time.sleep(0.5)

    assert collected([str(folder)], tmp_path / "index", act) == set()


def test_nothing_to_watch_is_named(tmp_path):
    with pytest.raises(InputMissing, match=r"nothing at .* to be watched"):
        next(watch([str(tmp_path / "no" / "such")], tmp_path))


def test_a_sync_of_what_has_changed_looks_at_nothing_else(library, articles, embedder):
    folder = articles({"a.txt": "Alpha one.", "sub/b.txt": "Beta one.", "sub/c.txt": "Gamma one."})
    library.sync([str(folder)])
    (folder / "a.txt").write_text("Alpha two.")
    (folder / "sub/b.txt").write_text("Beta two.")
    (folder / "sub/c.txt").unlink()
    report = library.sync([str(folder)], changed={folder / "sub/b.txt", folder / "sub/c.txt"})
    assert (report.changed, report.gone, report.unchanged) == (["sub/b.txt"], ["sub/c.txt"], [])
    assert library.article("a.txt").text == "Alpha one."
    assert library.sync([str(folder)]).changed == ["a.txt"]


def test_a_folder_that_came_or_went_is_looked_at_whole(library: Library, articles):
    folder = articles({"a.txt": "Alpha.", "sub/deep/b.txt": "Beta.", "sub/c.txt": "Gamma."})
    assert library.sync([str(folder)], changed={folder / "sub"}).new == ["sub/c.txt", "sub/deep/b.txt"]
    (folder / "sub").rename(folder.with_name("away"))
    assert library.sync([str(folder)], changed={folder / "sub"}).gone == ["sub/c.txt", "sub/deep/b.txt"]


@pytest.mark.parametrize("asked", ["h", "h/sub", "h/a.md", "h/*.md", "h/*/*.md", "h/a.md h/sub"])
@pytest.mark.parametrize(
    "changed", ["h", "h/sub", "h/a.md", "h/c.md", "h/notes.txt", "h/sub/b.md", "x/d.md", "h/a.md x"]
)
def test_a_sync_of_what_has_changed_removes_nothing_that_it_was_not_asked_for(library, articles, asked, changed):
    """A watched file or pattern brings the changes of the whole folder that it is in."""
    names = ["h/a.md", "h/c.md", "h/notes.txt", "h/sub/b.md", "h/sub/c.txt", "x/d.md"]
    folder = articles({name: f"Words of {name}." for name in names})
    library.sync([str(folder)])
    paths = [str(folder / path) for path in asked.split()]
    inputs = find(paths)
    for name in names:
        (folder / name).write_text("")  # whatever is looked at goes
    report = library.sync(paths, changed={folder / path for path in changed.split()})
    assert report.gone == [
        name
        for name in names
        if inputs.cover(str(folder / name)) and any(name == c or name.startswith(f"{c}/") for c in changed.split())
    ]


def test_a_file_that_a_watched_pattern_no_longer_finds_is_gone(library, articles):
    folder = articles({"a.md": "Alpha.", "b.md": "Beta.", "c.txt": "Gamma."})
    library.sync([str(folder)])
    for name in ("b.md", "c.txt"):
        (folder / name).unlink()
    assert library.sync([str(folder / "*.md")], changed={folder / "b.md", folder / "c.txt"}).gone == ["b.md"]

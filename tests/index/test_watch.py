import threading
import time

import pytest

from index.errors import InputMissing
from index.library import Library
from index.watch import watch


def collected(paths, but, act):
    """What is seen of what `act` does."""
    stop, seen = threading.Event(), set()

    def look():
        for found in watch(paths, but, stop):
            seen.update(found)

    looking = threading.Thread(target=look)
    looking.start()
    time.sleep(0.5)
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

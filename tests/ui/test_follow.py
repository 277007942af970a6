"""`qa index --watch`: from within, and the real command, beside an index that is open all the while."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import IndexSettings, Library, embedder_for
from index.load import file
from ui.indexing import follow

WITHOUT_EXPORT = IndexSettings(quantised=False)


def soon(holds, seconds=20):
    """Whether it comes to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def ctrl_c_after(act):
    """Does something in another thread, then presses Ctrl+C."""

    def go():
        try:
            act()
        finally:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    acting = threading.Thread(target=go)
    acting.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    acting.join()


def test_what_changes_during_the_first_sync_is_indexed_too(library, articles, embedder, monkeypatch):
    folder = articles({"a.txt": "Alpha one."})
    documents = embedder.documents

    def changing(texts):
        (folder / "a.txt").write_text("Alpha two.")
        return documents(texts)

    monkeypatch.setattr(embedder, "documents", changing)
    with ctrl_c_after(lambda: soon(lambda: len(embedder.embedded) > 1, 5)):
        follow(library, WITHOUT_EXPORT, (str(folder),))
    assert embedder.embedded == ["a\nAlpha one.", "a\nAlpha two."]


def test_a_change_reads_only_what_changed_and_what_was_left_out_and_names_only_what_is_new(
    library, articles, monkeypatch, capsys
):
    files = {"a.txt": "Alpha.", "b.txt": "Beta.", "twin.txt": "Alpha.", "broken.json": "{", "picture.png": "x"}
    folder = articles(files)
    read, opened = file._bytes, []
    monkeypatch.setattr(file, "_bytes", lambda found, packed: (opened.append(found.name), read(found, packed))[1])

    def act():
        assert soon(lambda: [*library.titles()] == ["a.txt", "b.txt"])
        opened.clear()
        (folder / "c.txt").write_text("Gamma.")
        assert soon(lambda: "c.txt" in library.titles())
        (folder / "empty.txt").write_text("")
        assert soon(lambda: "empty.txt" in opened)
        (folder / "a.txt").unlink()
        assert soon(lambda: [*library.titles()] == ["b.txt", "c.txt", "twin.txt"])
        time.sleep(0.5)  # until it is said

    with ctrl_c_after(act):
        follow(library, WITHOUT_EXPORT, (str(folder),))
    assert "b.txt" not in opened
    first, *later = capsys.readouterr().out.split(f"{library.directory}: ")[1:]
    assert "3 skipped:" in first
    assert [(said.partition(";")[0], said.splitlines()[1:]) for said in later] == [
        ("1 new, 0 changed, 0 unchanged, 0 gone", []),
        ("0 new, 0 changed, 0 unchanged, 0 gone", ["1 skipped:", "  empty.txt: empty"]),
        ("1 new, 0 changed, 0 unchanged, 1 gone", []),
    ]


@pytest.mark.model
def test_what_happens_in_a_folder_is_found_and_ctrl_c_ends_it(articles, tmp_path, exported):
    folder = articles({"a.txt": "The ferry leaves at noon."})
    index = tmp_path / "index"
    index.mkdir()
    (index / "encoder").symlink_to(exported / "encoder")
    command = [sys.executable, "-m", "ui.cli", "index", str(folder), "--watch", "--index", str(index)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stderr.readline() == "watching for changes (Ctrl+C stops it)\n"
            time.sleep(0.5)
            reader = Library.open(index, embedder_for(IndexSettings(), index))

            def best():
                hits = reader.search("When does the ferry leave?", 1)
                return hits[0].text if hits else ""

            assert best() == "The ferry leaves at noon."
            (folder / "a.txt").write_text("The ferry leaves at one.")
            assert soon(lambda: best() == "The ferry leaves at one.")
            (folder / "a.txt").rename(folder / "b.txt")
            assert soon(lambda: [*reader.titles()] == ["b.txt"])
            (folder / "b.txt").unlink()
            assert soon(lambda: best() == "")
            reader.close()
        finally:
            watching.send_signal(signal.SIGINT)
        said, complaints = watching.communicate(timeout=20)
    assert "1 changed" in said
    assert "1 gone" in said
    assert complaints == "qa: stopped; what was finished is kept\n"

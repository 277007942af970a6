"""`qa index --watch`, the real command, beside an index that is open all the while."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index import IndexSettings, Library, embedder_for

pytestmark = pytest.mark.model


def soon(holds, seconds=20):
    """Whether it comes to hold."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


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

"""SIGKILL at random moments of a sync: no finished article is lost or embedded again, and the index always opens."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from index.library import Library

N_ARTICLES = 300
CHILD = """
import sys, time
from pathlib import Path
from index.library import Library
from tests.conftest import WordEmbedder

class Slow(WordEmbedder):
    def documents(self, texts):
        time.sleep(0.002 * len(texts))
        return super().documents(texts)

directory, folder = sys.argv[1:]
library = Library.open(Path(directory), Slow(), create=True)
print("syncing", flush=True)
report = library.sync([folder])
print(report.embedded, flush=True)
"""


def start(directory: Path, folder: Path) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(directory), str(folder)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "syncing\n"
    return child


def test_ten_kills_lose_nothing_that_was_finished(articles, embedder, tmp_path):
    folder = articles({f"{n:03}.txt": f"Article number {n} is about topic{n}." for n in range(N_ARTICLES)})
    directory = tmp_path / "index"
    moments = random.Random(11)
    finished: set[str] = set()
    for _ in range(10):
        with start(directory, folder) as child:
            time.sleep(moments.uniform(0, 0.35))
            child.kill()
        library = Library.open(directory, embedder)
        stored = {entry.id for entry in library._store.entries()}
        assert finished <= stored
        finished = stored
        for article_id in sorted(stored)[:3]:
            topic = library.article(article_id).text.split()[-1]
            assert library.search(topic, 1)[0].article.id == article_id
        library.close()
    with start(directory, folder) as child:
        embedded = int(child.stdout.readline())
    assert embedded == N_ARTICLES - len(finished)
    assert Library.open(directory, embedder).counts().articles == N_ARTICLES

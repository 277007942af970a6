"""SIGKILL at random moments of indexing, changing, removing and tidying up, while others ask: the index opens,
verifies, answers from every article that was finished, and nobody ever sees half a change."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from index.library import Library
from index.view import Hit
from tests.conftest import WordEmbedder
from tests.index.killable import NAMES, State, steps, text

SEED = 11


class Killed:
    """The process that works through the plan, and is killed."""

    def __init__(self, directory: Path, folder: Path) -> None:
        self._where = f"{directory} {folder}"
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.index.killable"],
            cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, step: int, seconds: float) -> list[int]:
        """From this step on, killed after so many seconds; the steps that it finished."""
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(f"{self._where} {SEED} {step}\n")
        self._zygote.stdin.flush()
        child = int(self._zygote.stdout.readline().removeprefix("pid"))
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        return [int(line) for line in iter(self._zygote.stdout.readline, "ended\n")]

    def close(self) -> None:
        with self._zygote:
            pass


class Asker(threading.Thread):
    """Asks all the while, and looks for answers that mix two versions of an article."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._library = Library.open(directory, WordEmbedder())
        self._stop_asking = threading.Event()
        self.asked = 0
        self.problems: list[object] = []

    def run(self) -> None:
        chosen = random.Random(3)
        try:
            while not self._stop_asking.is_set():
                self.problems += mixed(self._library.search(f"topic{chosen.choice(NAMES)} version", 12))
                self.asked += 1
        except BaseException as error:
            self.problems.append(error)
        self._library.close()

    def stop(self) -> None:
        self._stop_asking.set()
        self.join()


def mixed(hits: list[Hit]) -> list[str]:
    """Chunks that are not of the one version that their article has."""
    said = [(hit, set(re.findall(r"version (\d+)", hit.article.text))) for hit in hits]
    return [hit.text for hit, versions in said if set(re.findall(r"version (\d+)", hit.text)) != versions]


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Killed]:
    (tmp_path / "articles").mkdir()
    Library.open(tmp_path / "index", WordEmbedder(), create=True).close()
    killed = Killed(tmp_path / "index", tmp_path / "articles")
    yield killed
    killed.close()


@pytest.fixture
def askers(killed, tmp_path: Path) -> Iterator[list[Asker]]:
    askers = [Asker(tmp_path / "index") for _ in range(2)]
    for asker in askers:
        asker.start()
    yield askers
    for asker in askers:
        asker.stop()


def test_kills_lose_nothing_that_was_finished(killed, askers, tmp_path, pytestconfig):
    moments = random.Random(5)
    step = 0
    before: State = {}
    for _ in range(pytestconfig.getoption("kills")):
        finished = killed.run(step, moments.uniform(0, 0.25))
        if finished:
            step = finished[-1] + 1
            before = next(islice(steps(SEED), step - 1, None))
        after = next(islice(steps(SEED), step, None))
        check(tmp_path / "index", before, after)
        assert [asker.problems for asker in askers] == [[], []]
    assert min(asker.asked for asker in askers) > 20


def check(directory: Path, before: State, after: State) -> None:
    """Everything holds; each article is as it was before or after the step that was not finished."""
    library = Library.open(directory, WordEmbedder())
    assert library.verify() == [] or all("belongs to nothing" in problem for problem in library.verify())
    for name in NAMES:
        article = library.article(f"{name}.md")
        allowed = [text(name, state[name]) if name in state else None for state in (before, after)]
        assert (article.text if article else None) in allowed
        every = library.search(f"topic{name} version", 3 * len(NAMES))
        hits = [hit for hit in every if hit.article.id == f"{name}.md"]
        assert [hit.article for hit in hits] == ([article] * 3 if article else [])
        assert all(hit.text in hit.article.text for hit in hits)
    library.close()

"""Forks a process for every line it reads, "directory folder seed step": it goes through the steps of a plan from that
one on, in an index, and says what it has finished, until somebody kills it. (Starting Python anew for each would take
most of a test's time.)"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from index import sync
from index.library import Library
from tests.conftest import WordEmbedder

NAMES = [f"{n:02}" for n in range(24)]

State = dict[str, int]
"""Article → version."""


def steps(seed: int) -> Iterator[State]:
    """The articles after each step: some are new, some changed, some gone."""
    rng = random.Random(seed)
    state: State = {}
    version = 0
    while True:
        for name in rng.sample(NAMES, rng.randint(1, 12)):
            version += 1
            if rng.random() < 0.25:
                state.pop(name, None)
            else:
                state[name] = version
        yield dict(state)


def text(name: str, version: int) -> str:
    """Three chunks that each say which version they are of."""
    parts = (f"# Part {part}\n\nTopic{name} has version {version} in part {part}." for part in "abc")
    return "\n\n".join(parts) + "\n"


def write(folder: Path, state: State) -> None:
    for path in folder.iterdir():
        if path.stem not in state:
            path.unlink()
    for name, version in state.items():
        part = folder / f".{name}"
        part.write_text(text(name, version))
        part.replace(folder / f"{name}.md")


def go(directory: Path, folder: Path, seed: int, step: int) -> None:
    library = Library.open(directory, WordEmbedder(), create=True)
    for number, state in enumerate(steps(seed)):
        if number >= step:
            if number % 2:  # by name first; else the sync finds that they are gone
                library.remove(f"{name}.md" for name in NAMES if name not in state)
            write(folder, state)
            library.sync([str(folder)])
            say(number)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")  # at one stroke: it may be killed between two
    sys.stdout.flush()


def main() -> None:
    sync.BATCH_CHUNKS = 6  # several commits a step
    for line in sys.stdin:
        directory, folder, seed, step = line.split()
        child = os.fork()
        if not child:
            go(Path(directory), Path(folder), int(seed), int(step))
        say("pid", child)
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    main()

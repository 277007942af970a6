"""Progress bars on stderr, for whatever takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from tqdm import tqdm

from index.sync import Progress


@contextmanager
def sync_bar() -> Iterator[Progress]:
    """Of a sync."""
    with tqdm(unit=" files", desc="Indexing", delay=1, leave=False, file=sys.stderr) as bar:

        def tell(files: int, of: int, articles: int, embedded: int) -> None:
            bar.total = of
            bar.set_postfix_str(f"{articles} articles, {embedded} chunks embedded", refresh=False)
            bar.update(files - bar.n)

        yield tell


@contextmanager
def chunk_bar() -> Iterator[Callable[[int, int], None]]:
    """Of chunks that are checked."""
    with tqdm(unit=" chunks", desc="Checking", delay=1, leave=False, file=sys.stderr) as bar:

        def tell(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        yield tell


def question_bar(total: int, *, hidden: bool = False) -> tqdm[NoReturn]:
    """Of questions that are answered one after the other."""
    return tqdm(total=total, unit=" questions", desc="Asking", delay=1, leave=False, file=sys.stderr, disable=hidden)

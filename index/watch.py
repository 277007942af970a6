"""Folders, files and patterns → what of them has changed, as it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from watchfiles import watch as watched

from index.errors import InputMissing
from index.load.find import before_pattern

RETRY_MS = 5_000
"""What could not be done is tried again after this time, whether or not anything else changes."""


def watch(paths: Sequence[str], but: Path, stop: Event | None = None) -> Iterator[set[Path]]:
    """Files that were written, moved or removed, a moment after they were; empty every few seconds where none were.

    but: the index itself, which is passed over, as are hidden files. Raises InputMissing where there is nothing to
    watch.
    """
    roots = {_root(text) for text in paths}
    for changes in watched(
        *roots, watch_filter=None, stop_event=stop, rust_timeout=RETRY_MS, yield_on_timeout=True, raise_interrupt=True
    ):
        found = {Path(path) for _, path in changes}
        yield {path for path in found if not path.is_relative_to(but) and not _hidden(path, roots)}


def _root(text: str) -> Path:
    """A folder, or the one that a file or the first pattern of a path is in: a file that is replaced is another one."""
    path = Path(text).expanduser().absolute()
    root = path if path.exists() else before_pattern(path)
    root = root if root.is_dir() else root.parent
    if not root.is_dir():
        raise InputMissing(f"nothing at {text} to be watched; name a folder, a file or a pattern of articles")
    return root.resolve()


def _hidden(path: Path, roots: set[Path]) -> bool:
    below = min((path.relative_to(root).parts for root in roots if path.is_relative_to(root)), key=len, default=())
    return any(part.startswith(".") for part in below)

"""Folders, files and patterns → what of them has changed, as it changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence, Set
from itertools import chain
from pathlib import Path
from threading import Event

from watchfiles import Change
from watchfiles import watch as watched

from index.errors import InputMissing
from index.load.find import before_pattern

LOOK_MS = 1_000
"""So often it is looked whether the folders are still the ones that are watched."""


def watch(paths: Sequence[str], but: Path, stop: Event | None = None) -> Iterator[set[Path]]:
    """Files that were written, moved or removed since this was called, a moment after they were; empty every second
    where none were. Where a folder goes, or another comes in its place and is not empty, all are said to have changed.

    but: the index itself, which is passed over, as are hidden files. Raises InputMissing where there is nothing to
    watch.
    """
    roots = {_root(text) for text in paths}
    changes = _followed(roots, stop)
    first = next(changes, set())  # only when it is first asked does it begin to watch; the rest it collects meanwhile
    return (
        {path for path in found if not path.is_relative_to(but) and not _hidden(path, roots)}
        for found in chain([first], changes)
    )


def _root(text: str) -> Path:
    """A folder, or the one that a file or the first pattern of a path is in: a file that is replaced is another one."""
    path = Path(text).expanduser().absolute()
    root = path if path.exists() else before_pattern(path)
    root = root if root.is_dir() else root.parent
    if not root.is_dir():
        raise InputMissing(f"nothing at {text} to be watched; name a folder, a file or a pattern of articles")
    return root.resolve()


def _followed(roots: Set[Path], stop: Event | None) -> Iterator[set[Path]]:
    """What has changed at or below the folders, and below those that come in their place: the operating system goes on
    watching the first ones, wherever they are, or nothing where they are gone."""
    due: set[Path] = set()
    while not (stop and stop.is_set()):
        places = {root: _place(root) for root in roots}
        there = [root for root, place in places.items() if place]
        try:
            for changes in watched(
                *there, watch_filter=None, stop_event=stop, rust_timeout=LOOK_MS, yield_on_timeout=True
            ):
                ready = {root for root in due if not _is_empty(root)}
                due -= ready
                yield {Path(path) for _, path in changes} | ready
                removed = {Path(path) for change, path in changes if change is Change.deleted}
                if removed & roots or any(_place(root) != place for root, place in places.items()):
                    due = set(roots)  # all: what has happened meanwhile in the others is not known any more either
                    break
        except FileNotFoundError:  # one has gone just now
            continue


def _place(folder: Path) -> tuple[int, int] | None:
    """Device and inode, which one that is removed may pass on to the next of its name; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_empty(folder: Path) -> bool:
    """As the folder is where a share is not mounted: that has no say in what is indexed."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False


def _hidden(path: Path, roots: set[Path]) -> bool:
    below = min((path.relative_to(root).parts for root in roots if path.is_relative_to(root)), key=len, default=())
    return any(part.startswith(".") for part in below)

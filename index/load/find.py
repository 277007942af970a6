"""Paths and patterns → files, and what of the index they speak for."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from index.errors import InputMissing


@dataclass(frozen=True, slots=True)
class File:
    """name: its path below the folder that was asked for, with "/"; for a file asked for by itself only its name."""

    path: Path
    name: str
    asked_for: bool


@dataclass(frozen=True)
class Inputs:
    """Files in the order of their names, each once; folders and patterns speak for files they no longer hold too.

    part: files and folders outside of which they speak for nothing; None: there is no such limit.
    """

    files: tuple[File, ...]
    folders: tuple[Path, ...]
    patterns: tuple[str, ...]
    part: frozenset[str] | None = None

    def cover(self, source: str) -> bool:
        """Whether a file that was indexed earlier would be among these, were it still there."""
        return self._in_part(source) and (
            source in self._sources
            or any(_below(source, folder) for folder in self.folders)
            or any(_covers(Path(pattern).parts, Path(source).parts) for pattern in self.patterns)
        )

    @property
    def roots(self) -> list[Path]:
        """Files and folders at or below which all is that these cover, and more where there are patterns; none of them
        below another."""
        patterns = {before_pattern(Path(pattern)) for pattern in self.patterns}
        found = {*self.folders, *patterns, *(file.path for file in self.files)}
        if self.part is not None:
            changed = {path for path in map(Path, self.part) if not found.isdisjoint((path, *path.parents))}
            found = changed.union(path for path in found if self._in_part(str(path)))
        return sorted(path for path in found if found.isdisjoint(path.parents))

    def narrowed(self, changed: Set[Path]) -> Inputs:
        """These as far as they have changed, or are in a folder that has; what has changed beside them is nothing to
        them."""
        part = replace(self, part=frozenset(map(str, changed)))
        return replace(part, files=tuple(file for file in self.files if part._in_part(str(file.path))))

    def _in_part(self, name: str) -> bool:
        return self.part is None or not self.part.isdisjoint(_upwards(name))

    @cached_property
    def _sources(self) -> frozenset[str]:
        return frozenset(str(file.path) for file in self.files)


def find(paths: Sequence[str], but: Path | None = None) -> Inputs:
    """Folders are searched to the bottom; "~", "*", "?", "[…]" and "**" work as in a shell.

    Hidden files, symbolic links (they could lead anywhere) and the folder `but`, the index itself, are passed over.

    Raises InputMissing where a path is not there or a pattern matches nothing: a folder that has gone for the moment
    must not empty the index.
    """
    files: dict[Path, File] = {}
    folders: list[Path] = []
    patterns: list[str] = []
    for text in paths:
        path = _resolved(Path(text).expanduser())
        if path.is_dir():
            folders.append(path)
            found = [File(p, p.relative_to(path).as_posix(), False) for p in _walk(path, but)]
        elif path.exists():
            found = [File(path, path.name, True)]
        elif matches := sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
            patterns.append(str(path))
            found = [file for match in matches for file in _matched(Path(match).resolve(), but)]
        else:
            raise InputMissing(f"nothing at {text}; name a folder, a file or a pattern of articles")
        for file in found:
            files.setdefault(file.path, file)
    return Inputs(tuple(sorted(files.values(), key=lambda f: (f.name, f.path))), tuple(folders), tuple(patterns))


def _resolved(path: Path) -> Path:
    """Absolute, without symbolic links before the first pattern."""
    if path.exists():
        return path.resolve()
    plain = before_pattern(path.absolute())
    return plain.resolve() / path.absolute().relative_to(plain)


def before_pattern(path: Path) -> Path:
    """The parts of a path before the first that is a pattern."""
    parts = path.parts
    return Path(*parts[: next((n for n, part in enumerate(parts) if glob.has_magic(part)), len(parts))])


def _upwards(name: str) -> Iterator[str]:
    """A path and every folder above it, as text, since this is asked for every file."""
    while name:
        yield name
        name = name.rpartition(os.sep)[0]
    yield os.sep


def _below(source: str, folder: Path) -> bool:
    """Whether it is the folder or in it; as text, since this is asked for every article."""
    name = str(folder)
    return source == name or source.startswith(name if name.endswith(os.sep) else name + os.sep)


def _covers(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether the pattern matches the path or a folder above it, part by part; "**" stands for any number of parts."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_covers(pattern[1:], path[n:]) for n in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _covers(pattern[1:], path[1:])


def _matched(path: Path, but: Path | None) -> Iterator[File]:
    if path.is_dir():
        yield from (File(p, p.relative_to(path.parent).as_posix(), False) for p in _walk(path, but))
    else:
        yield File(path, path.name, False)


def _walk(folder: Path, but: Path | None) -> Iterator[Path]:
    for directory, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(n for n in subfolders if not n.startswith(".") and Path(directory, n) != but)
        for name in sorted(names):
            path = Path(directory, name)
            if not name.startswith(".") and not path.is_symlink():
                yield path

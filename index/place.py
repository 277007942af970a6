"""What lies in an index directory: which store, to be opened how; which files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexMissing, IndexReadOnly

FILE = "store.sqlite"

_EFFECTIVE = os.access in os.supports_effective_ids


@dataclass(frozen=True, slots=True)
class Place:
    """A store that was found: two are equal where it is the same file. frozen: time of change and size, where nobody
    can write here and nothing waits in its log; else None."""

    path: Path
    device: int
    inode: int
    frozen: tuple[int, int] | None

    @classmethod
    def of(cls, directory: Path) -> Place:
        """Raises IndexMissing where there is no store, IndexReadOnly where one can't see it."""
        path = directory.absolute() / FILE
        try:
            found = path.stat()
            frozen = not os.access(path.parent, os.W_OK, effective_ids=_EFFECTIVE) and not _logged(path)
        except (FileNotFoundError, NotADirectoryError):
            raise IndexMissing(f"no index at {directory}; make one with: qa index PATH --index {directory}") from None
        except OSError as error:
            raise IndexReadOnly(f"cannot read the index at {directory} ({error.strerror})") from error
        return cls(path, found.st_dev, found.st_ino, (found.st_mtime_ns, found.st_size) if frozen else None)

    @property
    def uri(self) -> str:
        """For SQLite, which makes files beside a store, or else must be told that it won't change. (Should somebody
        write all the same, from elsewhere, it is another place.)"""
        return f"{self.path.as_uri()}?{'immutable=1' if self.frozen else 'mode=rw'}"


def _logged(path: Path) -> int:
    """Bytes in the log of what has not been written into the store itself yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.stat().st_size if log.exists() else 0


def files(directory: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All below the directory; what a writer removes meanwhile is passed over."""
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                yield Path(folder, name), Path(folder, name).stat()

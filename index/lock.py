"""One writer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import IndexBusy, IndexReadOnly


class WriteLock:
    """The right to write to an index directory; the operating system takes it from a process that ends."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises IndexBusy where another process has it, IndexReadOnly where nobody may write."""
        lock = self._lock(timeout=1)  # a second, as `is_held` takes it for a moment
        try:
            lock.acquire()
        except Timeout:
            raise IndexBusy(f"another process is writing to {self._directory}; try again when it has ended") from None
        except OSError as error:
            raise IndexReadOnly(f"cannot write to {self._directory} ({error.strerror})") from error
        try:
            yield
        finally:
            lock.release()

    def is_held(self) -> bool:
        """Whether somebody is writing."""
        lock = self._lock(timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False

    def _lock(self, timeout: float) -> FileLock:
        return FileLock(self._directory / "write.lock", timeout=timeout, is_singleton=False)

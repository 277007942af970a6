"""API keys: made once, stored as hashes beside the index."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock

from filelock import FileLock

from index.errors import UserError
from ui.signin.asker import KEY_PREFIX, MAX_NAME, Asker, SignInFailed, usable

FILE = "keys.json"

PREFIX = "qa_"
"""Of every key, so that it is told from a token, and found by whoever looks for secrets in code."""


class KeysUnusable(UserError):
    """The file of keys cannot be read or written."""


class KeyInvalid(UserError):
    """There can be no such key, there is one already, or there is none."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is stored of a key. sha256: of the key, which is 256 random bits and so needs no slower hash.
    groups: of whoever uses it. created, expires: ISO 8601 with time zone. operator: it may read the metrics."""

    name: str
    sha256: str
    groups: tuple[str, ...]
    created: str
    expires: str | None = None
    operator: bool = False

    def expired(self) -> bool:
        return self.expires is not None and datetime.fromisoformat(self.expires) <= datetime.now(UTC)


class Keys:
    """The keys of an index directory. May be used from several threads; sees what other processes write."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE
        self._lock = Lock()
        self._stamp: tuple[int, int] | None = None
        self._by_hash: dict[str, Key] = {}

    def asker(self, secret: str) -> Asker:
        """Who uses this key. Raises SignInFailed for a key that is not there, revoked or expired."""
        key = self._known().get(_hash(secret))
        if key is None:
            raise SignInFailed("this key is not known, or was revoked")
        if key.expired():
            raise SignInFailed("this key has expired")
        return Asker(f"{KEY_PREFIX}{key.name}", frozenset(key.groups), key.operator)

    def all(self) -> list[Key]:
        """By name. Raises KeysUnusable."""
        return sorted(self._known().values(), key=lambda key: key.name)

    def add(self, name: str, groups: Iterable[str], *, days: int | None = None, operator: bool = False) -> str:
        """Make a key and return it; it is never shown again. Raises KeyInvalid, KeysUnusable."""
        if not usable(name):
            raise KeyInvalid(f"{name[:50]!r} can't name a key; take 1 to {MAX_NAME} characters that can be printed")
        secret = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC).replace(microsecond=0)
        expires = None if days is None else _after(now, days).isoformat()
        key = Key(name, _hash(secret), tuple(sorted(set(groups))), now.isoformat(), expires, operator)
        with self._writing():
            keys = self.all()
            if any(other.name == name for other in keys):
                raise KeyInvalid(f"there is a key {name!r} already; revoke it first, or choose another name")
            self._write([*keys, key])
        return secret

    def revoke(self, name: str) -> None:
        """Take a key away; a running server refuses it at once. Raises KeyInvalid, KeysUnusable."""
        with self._writing():
            keys = self.all()
            left = [key for key in keys if key.name != name]
            if len(left) == len(keys):
                known = ", ".join(key.name for key in keys) or "none"
                raise KeyInvalid(f"there is no key {name!r}; there are: {known}")
            self._write(left)

    def _writing(self) -> FileLock:
        if not self._path.parent.is_dir():
            raise KeysUnusable(f"no index at {self._path.parent}; make one first with: qa index PATH")
        return FileLock(self._path.with_suffix(".lock"), timeout=10)

    def _known(self) -> dict[str, Key]:
        """Read anew when the file has changed: one look at it a request."""
        with self._lock:
            try:
                found = self._path.stat()
                if self._stamp != (found.st_mtime_ns, found.st_ino):
                    known = json.loads(self._path.read_text("utf-8"))
                    keys = [Key(**(raw | {"groups": tuple(raw["groups"])})) for raw in known]
                    self._by_hash = {key.sha256: key for key in keys}
                    self._stamp = (found.st_mtime_ns, found.st_ino)
            except FileNotFoundError:
                self._by_hash, self._stamp = {}, None
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise KeysUnusable(f"cannot read the keys in {self._path} ({error}); restore the file") from error
            return self._by_hash

    def _write(self, keys: Iterable[Key]) -> None:
        """At one stroke, for the owner's eyes only."""
        temporary = None
        try:
            with NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, prefix=f".{FILE}.", delete=False
            ) as file:
                temporary = file.name  # created with mode 0600
                json.dump([asdict(key) for key in keys], file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._path)
        except OSError as error:
            if temporary:
                with suppress(OSError):
                    Path(temporary).unlink()
            raise KeysUnusable(f"cannot write {self._path} ({error.strerror})") from error


def _after(now: datetime, days: int) -> datetime:
    try:
        return now + timedelta(days=days)
    except OverflowError:
        raise KeyInvalid(
            f"{days} days end after the year 9999; leave --days out for a key that never expires"
        ) from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Asker: who asks, and which groups they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_NAME = 200  # characters of a name or a group
MAX_GROUPS = 500

KEY_PREFIX = "key:"
"""Of the name of whoever asks with a key, and of nobody else's: names are what is counted and logged."""


@dataclass(frozen=True, slots=True)
class Asker:
    """name: "" for someone who did not sign in. operator: may read the metrics from anywhere."""

    name: str = ""
    groups: frozenset[str] = frozenset()
    operator: bool = False


ANONYMOUS = Asker()


class SignInFailed(Exception):
    """Not signed in, or not in a way that holds; says why, for the one who asks."""


def usable(name: str) -> bool:
    """Whether it can be the name of a user, a group or a key."""
    return bool(name.strip()) and len(name) <= MAX_NAME and name.isprintable()


def asker(name: str, groups: Iterable[str]) -> Asker:
    """An asker from what a token or a proxy said. Raises SignInFailed for what can't be a name or a group."""
    name, known = name.strip(), frozenset(group.strip() for group in groups) - {""}
    if not name:
        raise SignInFailed("no user is named")
    if len(known) > MAX_GROUPS or name.startswith(KEY_PREFIX) or not all(map(usable, (name, *known))):
        raise SignInFailed("the user's name or groups can't be used")
    return Asker(name, known)

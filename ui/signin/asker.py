"""Asker: who asks, and which groups they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_NAME = 200  # characters of a name or a group
MAX_GROUPS = 500


@dataclass(frozen=True, slots=True)
class Asker:
    """name: "" for someone who did not sign in. operator: may read the metrics from anywhere."""

    name: str = ""
    groups: frozenset[str] = frozenset()
    operator: bool = False


ANONYMOUS = Asker()


class SignInFailed(Exception):
    """Not signed in, or not in a way that holds; says why, for the one who asks."""


def asker(name: str, groups: Iterable[str]) -> Asker:
    """An asker from what a token or a proxy said. Raises SignInFailed for what can't be a name or a group."""
    name, known = name.strip(), frozenset(group.strip() for group in groups) - {""}
    if not name:
        raise SignInFailed("no user is named")
    if len(known) > MAX_GROUPS or any(len(text) > MAX_NAME or not text.isprintable() for text in (name, *known)):
        raise SignInFailed("the user's name or groups can't be used")
    return Asker(name, known)

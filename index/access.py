"""Who may read what."""

from __future__ import annotations

from collections.abc import Collection

Groups = frozenset[str] | None
"""The groups that a reader belongs to; None: whoever has the files, who may read everything."""


def may_read(reader: Groups, groups: Collection[str]) -> bool:
    """groups: an article's; without any it is everybody's, otherwise its readers share one of them."""
    return reader is None or not groups or not reader.isdisjoint(groups)

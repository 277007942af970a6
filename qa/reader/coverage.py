"""How much of a question a text's words cover."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

_NONE: frozenset[str] = frozenset()


class Coverage:
    """Of one question, by its terms' rarity."""

    def __init__(self, terms: Sequence[str], rarity: Mapping[str, float]) -> None:
        """rarity: of each term, above 0, higher the fewer chunks hold it."""
        self.weights = {term: rarity[term] for term in terms}
        self._total = sum(self.weights.values()) or 1.0
        self._pairs = set(pairwise(terms))

    def share(self, held: Collection[str], but: Collection[str] = _NONE) -> float:
        """In [0, 1]: of the question's terms, those in `held` and not in `but`."""
        return sum(w for term, w in self.weights.items() if term in held and term not in but) / self._total

    def pairs(self, terms: Sequence[str]) -> float:
        """In [0, 1]: of the question's pairs of neighbouring terms, those that are neighbours here."""
        return len(self._pairs & set(pairwise(terms))) / max(1, len(self._pairs))

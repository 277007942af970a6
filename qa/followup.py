"""Question and history → a question that stands alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Turn = Mapping[str, str | None]
"""An earlier question and what was answered: {"question": …, "answer": … or None}."""

_ALONE = "and|but|also|or|then|so|what about|how about|what if|why not|why|how so|who|when|where|how much|how many"
_OPENING = "and|but|also|or|then|so|what about|how about|what if|same"
_STANDS_FOR = (
    "it|its|they|them|their|theirs|he|him|his|she|her|hers|the same|instead|else|the other|the latter|the former"
)
_POINTED_AT = (
    r"(?:of|for|about|with|on|in|at|to|from|by|after|before|is|are|was|were|does|do|did|can|will|like)"
    r"\s+(?:this|that|these|those|one|there)"
)
_LEANS = re.compile(
    rf"^\W*(?:{_ALONE})\W*$|^\W*(?:{_OPENING})\b|\b(?:{_STANDS_FOR}|{_POINTED_AT})\b|\b(?:this|that|there)\W*$",
    re.IGNORECASE,
)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question with, in brackets, the earlier one that it leans on; as it is where it leans on none.

    history: oldest first. A question leans on the one before it where it opens like "And …" or "What about …", or holds
    a word that stands for something said before ("it", "they", "for that").
    """
    leaning = [question.strip()]
    for turn in reversed(history):
        if not _LEANS.search(leaning[-1]):
            break
        if earlier := (turn.get("question") or "").strip():
            leaning.append(earlier)
    if len(leaning) == 1:
        return leaning[0]
    return f"{leaning[0]} ({' '.join(leaning[:0:-1])})"

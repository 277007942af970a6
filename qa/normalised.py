"""An answer as SQuAD compares it."""

from __future__ import annotations

import re
import string

_ARTICLE = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Lower case, without ASCII punctuation, without the words a, an, the, single spaces.

    Source: SQuAD 2.0's official evaluation script; Rajpurkar et al., ACL 2018, arXiv:1806.03822.
    """
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())

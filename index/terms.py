"""Text → terms: what BM25 counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from threading import Lock

import Stemmer
from bm25s import stopwords

_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s\b")

_LANGUAGES: dict[str, tuple[str, Iterable[str]]] = {
    "da": ("danish", stopwords.STOPWORDS_DANISH),
    "de": ("german", stopwords.STOPWORDS_GERMAN),
    "en": ("english", stopwords.STOPWORDS_EN_PLUS),
    "es": ("spanish", stopwords.STOPWORDS_SPANISH),
    "fr": ("french", stopwords.STOPWORDS_FRENCH),
    "it": ("italian", stopwords.STOPWORDS_ITALIAN),
    "nl": ("dutch", stopwords.STOPWORDS_DUTCH),
    "no": ("norwegian", stopwords.STOPWORDS_NORWEGIAN),
    "pt": ("portuguese", stopwords.STOPWORDS_PORTUGUESE),
    "ru": ("russian", stopwords.STOPWORDS_RUSSIAN),
    "sv": ("swedish", stopwords.STOPWORDS_SWEDISH),
    "tr": ("turkish", stopwords.STOPWORDS_TURKISH),
}
"""ISO 639-1 → Snowball's stemmer and a stop list. Lists that also drop content words lose: on SQuAD articles the
1,298 words of stop-words put the answer first for 72.3 % of the questions, these for 75.8 %, none at all for 74.7 %."""


class Terms:
    """Words in lower case (NFKC), stop words left out, stemmed.

    language: ISO 639-1, the one of most articles; a language not listed here goes without stop words and stemmer.
    May be called from several threads.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        algorithm, stop = _LANGUAGES.get(language, (None, ()))
        self._stop = frozenset(stop)
        self._stemmer = Stemmer.Stemmer(algorithm) if algorithm else None
        self._turn = Lock()  # a stemmer is not safe to share between threads

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, repeats kept."""
        plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).lower())
        words = [word for word in _WORD.findall(plain) if word not in self._stop]
        if self._stemmer is None:
            return words
        with self._turn:
            return list(self._stemmer.stemWords(words))

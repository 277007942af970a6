"""Text → terms: what BM25 counts."""

from __future__ import annotations

import re
import unicodedata
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock

import Stemmer

_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s\b")

_LANGUAGES = {
    "da": ("danish", "STOPWORDS_DANISH"),
    "de": ("german", "STOPWORDS_GERMAN"),
    "en": ("english", "STOPWORDS_EN_PLUS"),
    "es": ("spanish", "STOPWORDS_SPANISH"),
    "fr": ("french", "STOPWORDS_FRENCH"),
    "it": ("italian", "STOPWORDS_ITALIAN"),
    "nl": ("dutch", "STOPWORDS_DUTCH"),
    "no": ("norwegian", "STOPWORDS_NORWEGIAN"),
    "pt": ("portuguese", "STOPWORDS_PORTUGUESE"),
    "ru": ("russian", "STOPWORDS_RUSSIAN"),
    "sv": ("swedish", "STOPWORDS_SWEDISH"),
    "tr": ("turkish", "STOPWORDS_TURKISH"),
}
"""ISO 639-1 → Snowball's stemmer and bm25s' stop list. Lists that also drop content words lose: on SQuAD articles the
1,298 words of stop-words put the answer first for 72.3 % of the questions, these for 75.8 %, none at all for 74.7 %."""


def _stop_words(name: str) -> frozenset[str]:
    """One of bm25s's lists. Its module is loaded by its file: the package would bring SciPy, which takes 0.2 s."""
    package = find_spec("bm25s")
    assert package is not None and package.origin is not None
    spec = spec_from_file_location("bm25s_stopwords", Path(package.origin).with_name("stopwords.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(getattr(module, name))


class Terms:
    """Words in lower case (NFKC), stop words left out, stemmed.

    language: ISO 639-1, the one of most articles; a language not listed here goes without stop words and stemmer.
    May be called from several threads.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        algorithm, stop_list = _LANGUAGES.get(language, (None, ""))
        self._stop = _stop_words(stop_list) if stop_list else frozenset()
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

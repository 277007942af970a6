"""Question + chunk → the token sequence that the span reader reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from index.article import Article, Chunk

Ints = npt.NDArray[np.int32]

MAX_QUESTION = 48
MAX_HEADER = 24
MAX_TEXT = 320
"""Tokens; a chunk has about 135 of them, and what goes beyond is not read."""


@dataclass(frozen=True, slots=True)
class Text:
    """A chunk as tokens. header: ids of title and headings. ids: (n,), of the chunk's own words; starts, ends: (n,),
    where each token stands, characters of the article's text."""

    header: Ints
    ids: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Joined:
    """[CLS] question [SEP] title · headings : text [SEP]. ids, types: (length,); offset: the place of the text's first
    token; n: how many tokens of the text follow."""

    ids: Ints
    types: Ints
    offset: int
    n: int


class PairTokenizer:
    """BERT's word pieces, by a `tokenizers` file; see `Joined` for the form."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._cls, self._sep, self._colon = (_id(tokenizer, token) for token in ("[CLS]", "[SEP]", ":"))

    def questions(self, texts: Sequence[str]) -> list[Ints]:
        """The ids of each, at most MAX_QUESTION."""
        return [_ints(e.ids[:MAX_QUESTION]) for e in self._encoded(texts)]

    def texts(self, chunks: Sequence[tuple[Article, Chunk]]) -> list[Text]:
        """The chunks as tokens; each must be one of its article's."""
        headers = self._encoded([f"{a.title} {c.heading}" for a, c in chunks])
        own = self._encoded([a.text[c.start : c.end] for a, c in chunks])
        found = []
        for (_, chunk), header, text in zip(chunks, headers, own, strict=True):
            offsets = np.array(text.offsets[:MAX_TEXT], np.int32).reshape(-1, 2) + chunk.start
            ids = _ints(text.ids[:MAX_TEXT])
            found.append(Text(_ints(header.ids[:MAX_HEADER]), ids, offsets[:, 0], offsets[:, 1]))
        return found

    def join(self, question: Ints, text: Text, first: int = 0, last: int | None = None) -> Joined:
        """The sequence of a question and the text's tokens [first, last)."""
        own = text.ids[first:last]
        head = [self._cls, *question, self._sep, *text.header, self._colon]
        ids = np.concatenate([_ints(head), own, _ints([self._sep])])
        types = np.zeros(len(ids), np.int32)
        types[len(question) + 2 :] = 1
        return Joined(ids, types, len(head), len(own))

    def _encoded(self, texts: Sequence[str]) -> list[Encoding]:
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)


def _id(tokenizer: Tokenizer, token: str) -> int:
    number = tokenizer.token_to_id(token)
    if number is None:
        raise ValueError(f"the tokenizer has no {token}: the span reader needs one of BERT's kind")
    return int(number)


def _ints(values: Sequence[int]) -> Ints:
    return np.asarray(values, np.int32)

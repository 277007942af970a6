"""Sentence → quotation: what is shown with it so that it can be understood."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.article import Sentence

MAX_SENTENCES = 3

_PRONOUN = re.compile(
    r"(?:It|He|She|They|This|These|That|Those|His|Her|Their|Its|Both|Such)\b(?! (?:is|was) (?:a|the) \w+ that)"
)
_GOES_ON = re.compile(
    r"(?:It|They|This|These|That|Because|So|Then|After that|If|Otherwise|However|But|In addition|Also)\b"
)


def opens_with_pronoun(sentence: str) -> bool:
    """Whether its first word stands for something said before."""
    return _PRONOUN.match(sentence) is not None


def quotation(
    text: str, sentences: Sequence[Sentence], place: int, wants_more: bool
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The answer and the quotation around it, both whole sentences, up to three: [start, end) in the text.

    The answer is the sentence at `place` (from 0); it goes on into the next ones where the question wants more than a
    fact and they read on from it, and behind a colon. The quotation also takes in the sentence before one that opens
    with a pronoun.
    """
    last = place
    while (
        last + 1 < len(sentences) and last - place < MAX_SENTENCES - 1 and _reads_on(text, sentences, last, wants_more)
    ):
        last += 1
    answer = (sentences[place].start, sentences[last].end)
    full = last - place == MAX_SENTENCES - 1
    if place and not full and opens_with_pronoun(text[answer[0] : answer[1]]) and _adjacent(text, sentences, place - 1):
        return answer, (sentences[place - 1].start, answer[1])
    return answer, answer


def _reads_on(text: str, sentences: Sequence[Sentence], place: int, wants_more: bool) -> bool:
    if text[sentences[place].start : sentences[place].end].endswith(":"):
        return True
    following = text[sentences[place + 1].start : sentences[place + 1].end]
    return wants_more and _adjacent(text, sentences, place) and _GOES_ON.match(following) is not None


def _adjacent(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """Whether only spaces stand between this sentence and the next: both are of one paragraph."""
    return "\n" not in text[sentences[place].end : sentences[place + 1].start]

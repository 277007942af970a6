"""Answers as the server gives them."""

from __future__ import annotations

from typing import Any

ARTICLE = (
    "Annual leave\n\nFull-time staff have 27 days of paid leave a year. Leave is booked in the staff portal. "
    "Up to five days may be carried over into the next year, if they are taken before the end of March.\n\n"
    "Part-time staff have leave in proportion to their hours."
)


def citation(text: str, sentence: str, answer: str = "", n: int = 1, **changed: Any) -> dict[str, Any]:
    """A sentence of a text with the answer in it, offsets in code points as Python counts."""
    start = text.index(sentence)
    at = start + sentence.index(answer)
    known = {
        "n": n,
        "article_id": "hr/annual leave.md",
        "title": "Annual leave",
        "url": None,
        "author": "Priya Nair",
        "published": "2024-03-12",
        "sentence": sentence,
        "start": start,
        "end": start + len(sentence),
        "span": [at, at + len(answer)] if answer else None,
        "score": 1.5,
    }
    return known | changed


LEAVE = citation(ARTICLE, "Full-time staff have 27 days of paid leave a year.", "27 days of paid leave")


def answered(question: str = "How much leave do I get?", *citations: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "question": question,
        "standalone_question": question,
        "answered": True,
        "answer": "27 days of paid leave",
        "confidence": 0.87,
        "citations": list(citations) or [LEAVE],
        "alternatives": [],
        "closest": [],
        "timings_ms": {"retrieve": 4.0, "read": 60.0, "total": 65.0},
        "declined": None,
    } | changed


def declined(reason: str | None = "unsure", *closest: dict[str, Any]) -> dict[str, Any]:
    nothing = {"answered": False, "answer": None, "confidence": 0.12, "citations": []}
    return answered("Who is the chief executive’s spouse?") | nothing | {"closest": list(closest), "declined": reason}

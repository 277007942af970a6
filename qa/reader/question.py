"""What a question asks for, by its wording (English; in another language every question is just a question)."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["number", "time", "person", "place", "reason", "manner", "other"]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))  # type: ignore[misc]
    for kind, pattern in (
        (
            "number",
            r"\bhow (?:many|much|old|far|tall|high|large|big|often|fast|deep|wide)\b|\bpercent|"
            r"\bwhat (?:number|age|size|amount|price|cost|rate)\b|\b(?:cost|price)\b",
        ),
        ("time", r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b|\bhow long\b|\bdeadline\b"),
        ("person", r"\bwho(?:m|se)?\b"),
        ("place", r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|location|town|region|room|building)\b"),
        ("reason", r"\bwhy\b|\bwhat (?:reason|caused?)\b"),
        ("manner", r"\bhow\b|\bwhat does\b.*\bsay\b|\bexplain\b|\bdescribe\b"),
    )
)
SIGNS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion|half|"
        r"twice|dozen|once|several)\b",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\b(?:1\d{3}|20\d\d)\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b|"
        r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b|\bcentury\b|\d ?[ap]\.?m|\d:\d\d|"
        r"\b(?:today|annually|daily|weekly|monthly|yearly|years?|months?|weeks?|days?|hours?|minutes?|spring|summer|"
        r"autumn|winter)\b"
    ),
    "person": re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-zà-ÿ]+"),
    "place": re.compile(r"(?<!^)(?<![.!?]\s)\b[A-Z][a-zà-ÿ]+"),
    "reason": re.compile(
        r"\b(?:because|due to|since|so that|in order to|as a result|therefore|reason|caused?|to avoid|to prevent|"
        r"allows?)\b",
        re.IGNORECASE,
    ),
}
"""What a sentence that answers such a question nearly always shows."""


def kind(question: str) -> Kind:
    """The kind whose wording comes first, so that a follow-up counts before the question it leans on; "how many" before
    "how"."""
    lower = question.lower()
    found = [(match.start(), place, name) for place, (name, p) in enumerate(_KINDS) if (match := p.search(lower))]
    return min(found)[2] if found else "other"


def shows(sentence: str, asked: Kind) -> bool:
    """Whether the sentence has a sign of what is asked for: a digit for a number, a name for a person, and so on."""
    sign = SIGNS.get(asked)
    return sign is not None and sign.search(sentence) is not None


_SENTENCE_WANTED = re.compile(
    r"\bwhy\b|\bhow (?:do|can|could|should|must|may|shall|would) (?:i|we|you|one|they|staff|employees)\b|"
    r"\bhow (?:is|are|does|do) \S.* (?:work|done|handled|calculated|organi[sz]ed)\b|"
    r"\bwhat (?:do|does)\b.*\bsay\b|\bwhat happens\b|\b(?:explain|describe)\b|\btell me about\b"
)


def wants_a_sentence(question: str) -> bool:
    """Whether a few words would be no answer: it asks for a reason, a way, or what something says."""
    return _SENTENCE_WANTED.search(question.lower()) is not None

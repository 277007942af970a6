"""The objects that the HTTP API takes and gives, with the examples that its description shows."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from index.filter import Filter
from qa.answer import Answer
from qa.assistant import MAX_QUESTION
from qa.feedback import Verdict
from ui.conversation import MAX_HISTORY, MAX_TURNS

EXAMPLE_ANSWER: dict[str, Any] = {
    "question": "How many days of annual leave do full-time staff have?",
    "standalone_question": "How many days of annual leave do full-time staff have?",
    "answered": True,
    "answer": "27 days",
    "confidence": 0.97,
    "citations": [
        {
            "n": 1, "article_id": "handbook/annual-leave.md", "title": "Annual leave", "url": None, "author": None,
            "published": None, "sentence": "Full-time staff have 27 days of paid leave a year.", "start": 120,
            "end": 170, "span": [141, 148], "score": 3.1,
        }
    ],
    "alternatives": [],
    "closest": [],
    "timings_ms": {"retrieve": 9.1, "read": 52.3, "total": 61.4},
    "declined": None,
}  # fmt: skip

_ANSWER = TypeAdapter(Answer)


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value})


class Turn(BaseModel):
    """An earlier turn of the conversation."""

    question: str = Field(max_length=MAX_QUESTION)
    answer: str | None = Field(None, max_length=20_000, description="The exact words that were answered, if any")


class Only(BaseModel):
    """Which articles to look in; what is left out leaves nothing out."""

    languages: list[Annotated[str, Field(max_length=35)]] = Field([], max_length=100, description="ISO 639-1")
    since: date | None = Field(None, description="The earliest day of publication")
    until: date | None = Field(None, description="The latest")
    articles: list[Annotated[str, Field(max_length=1000)]] = Field([], max_length=1000, description="Their ids")

    def filter(self) -> Filter:
        since, until = (day.isoformat() if day else "" for day in (self.since, self.until))
        return Filter(frozenset(self.languages), since, until, frozenset(self.articles))


class Question(BaseModel):
    """A question in plain language."""

    model_config = _example(
        {
            "question": "And for part-time staff?",
            "history": [{"question": "How much annual leave is there?", "answer": "27 days"}],
        }
    )

    question: str = Field(
        max_length=4 * MAX_QUESTION,  # blanks around it don't count
        description=f"At most {MAX_QUESTION:,} characters",
        json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION, "pattern": r"\S"},
    )
    history: list[Turn] = Field(
        default_factory=list, max_length=MAX_TURNS, description=f"Oldest first; the last {MAX_HISTORY} count"
    )
    only: Only | None = None


def _as_json_has_it(value: object) -> object:
    """Of a parsed value Pydantic would take `true` for a number, and "1" too."""
    try:
        return _ANSWER.validate_json(to_json(value), strict=True)
    except (ValidationError, PydanticSerializationError) as error:
        raise ValueError("this is no answer as the API gives it") from error


class Judgement(BaseModel):
    """Whether an answer was right; null takes an earlier verdict back."""

    model_config = _example({"verdict": "up", "answer": EXAMPLE_ANSWER, "history": []})

    verdict: Verdict | None
    answer: Annotated[Answer, BeforeValidator(_as_json_has_it)]
    history: list[Turn] = Field(default_factory=list, max_length=MAX_TURNS)


class ArticleFound(BaseModel):
    """An article; the offsets of citations count its text's Unicode code points."""

    model_config = ConfigDict(from_attributes=True) | _example(
        {
            "id": "handbook/annual-leave.md", "title": "Annual leave",
            "text": "Annual leave\n\nFull-time staff have 27 days of paid leave a year.", "url": None, "author": None,
            "published": "2024-02-05", "section": None, "language": "en",
        }
    )  # fmt: skip

    id: str
    title: str
    text: str
    url: str | None
    author: str | None
    published: str | None
    section: str | None
    language: str | None


class Examples(BaseModel):
    """What to show before the first question."""

    model_config = _example({"title": "Ask the handbook", "articles": 124, "examples": ["Where can I park?"]})

    title: str
    articles: int = Field(description="How many articles you are answered from")
    examples: list[str]


class Alive(BaseModel):
    model_config = _example({"live": True})

    live: bool


class Health(Alive):
    model_config = _example({"live": True, "ready": True})

    ready: bool = Field(description="Whether questions are taken")


class Problem(BaseModel):
    """What went wrong, in one line for people, and the id to find it by in the log."""

    error: str
    request_id: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": description}
    for code, description in {
        400: "The body can't be read",
        401: "Sign-in is needed, or the key or token is unknown, expired or forged",
        403: "The page's origin, or the name the server was called by, is not allowed",
        408: "The request took too long to arrive",
        413: "The request is too large",
        422: "The question is empty or too long, or the body malformed",
        429: "Too many from you: Retry-After says in how many seconds again",
        500: "A mistake here; the log tells more",
        503: "Too many questions at the moment: Retry-After says in how many seconds again",
    }.items()
}

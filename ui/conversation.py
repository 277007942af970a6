"""Turns of a conversation, as the browser keeps them and as the assistant wants them.

The browser holds the conversation and sends it along with each question, so the server keeps no state: a restart loses
nothing. What comes back from it is hostile input: read_turns takes only what has the right form.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from qa.answer import Answer
from qa.assistant import MAX_QUESTION
from qa.feedback import Verdict

MAX_TURNS = 50  # kept in one conversation
MAX_HISTORY = 10  # turns that a follow-up question may refer to

_ANSWER = TypeAdapter(Answer)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer, or else the error's message; and whether it was called right."""

    question: str
    answer: Answer | None = None
    error: str | None = None
    verdict: Verdict | None = None


def question_problem(question: str) -> str | None:
    """What is wrong with a question, in words for whoever asked it; None if nothing."""
    if not question.strip():
        return "Type a question first."
    if len(question.strip()) > MAX_QUESTION:
        return f"A question can have {MAX_QUESTION:,} characters; this one has {len(question.strip()):,}."
    return None


def read_turns(conversation: object) -> list[Turn]:
    """The turns of what the browser sent, oldest first, at most the last MAX_TURNS; malformed ones are left out."""
    raw_turns = conversation.get("turns") if isinstance(conversation, Mapping) else None
    if not isinstance(raw_turns, list):
        return []
    turns = (_read_turn(raw) for raw in raw_turns[-MAX_TURNS:])
    return [turn for turn in turns if turn is not None]


def _read_turn(raw: object) -> Turn | None:
    if not isinstance(raw, Mapping):
        return None
    question, error = raw.get("question"), raw.get("error")
    if not isinstance(question, str) or question_problem(question):
        return None
    if isinstance(error, str):
        return Turn(question, error=error)
    try:
        answer = _ANSWER.validate_python(raw.get("answer"))
    except ValidationError:
        return None
    verdict = raw.get("verdict")
    return Turn(question, answer, verdict=verdict if verdict in ("up", "down") else None)


def write_conversation(conversation: object, turns: Sequence[Turn]) -> dict[str, Any]:
    """What the browser shall keep: the turns under the id that the conversation had, or a new one."""
    known = conversation.get("id") if isinstance(conversation, Mapping) else None
    kept = turns[-MAX_TURNS:]
    return {
        "id": known if isinstance(known, str) and len(known) <= 64 else secrets.token_urlsafe(12),
        "turns": [
            {
                "question": t.question,
                "answer": t.answer.to_dict() if t.answer else None,
                "error": t.error,
                "verdict": t.verdict,
            }
            for t in kept
        ],
    }


def history(turns: Sequence[Turn]) -> list[dict[str, str | None]]:
    """The turns that a follow-up may refer to, oldest first; failed ones taught the user nothing and are left out."""
    told = [turn for turn in turns if turn.answer is not None]
    return [{"question": t.question, "answer": t.answer.answer if t.answer else None} for t in told[-MAX_HISTORY:]]


def read_history(sent: object) -> list[dict[str, str | None]]:
    """The same from someone who calls the API: what has the right form, at most the last MAX_HISTORY turns."""
    turns: list[dict[str, str | None]] = []
    for turn in sent if isinstance(sent, list) else []:
        question = turn.get("question") if isinstance(turn, Mapping) else None
        if isinstance(question, str) and question_problem(question) is None:
            answer = turn.get("answer")
            turns.append({"question": question, "answer": answer if isinstance(answer, str) else None})
    return turns[-MAX_HISTORY:]

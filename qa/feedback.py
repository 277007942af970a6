"""Verdicts on answers, kept beside the index."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.article import Article
from index.errors import FeedbackUnkept
from qa.answer import Answer, Citation
from qa.followup import Turn

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "feedback.jsonl"

MAX_BYTES = 64 * 2**20
"""Of the file; some tens of thousands of verdicts. Whoever can ask can fill it, so it has an end."""

MAX_RECORD = 32 * 2**10
"""Bytes of one verdict, with its answer and the turns before; usual ones take a few thousand."""

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """time: ISO 8601 with time zone. verdict: None takes an earlier one back. history: the turns before."""

    time: str
    verdict: Verdict | None
    answer: Answer
    history: tuple[Turn, ...] = ()


@cache
def _feedback() -> TypeAdapter[Feedback]:
    from pydantic import TypeAdapter  # takes a tenth of a second to import

    return TypeAdapter(Feedback)


def quoted(answer: Answer) -> Iterator[Citation]:
    """All that an answer quotes."""
    yield from answer.citations
    yield from answer.closest
    for other in answer.alternatives:
        yield from other.citations


def stands(citation: Citation, article: Article | None) -> bool:
    """Whether it is in its article, now: what came from a browser proves nothing by itself."""
    return article is not None and article.text[citation.start : citation.end] == citation.sentence


def keep(feedback: Feedback, directory: Path) -> None:
    """Add a verdict to feedback.jsonl of an index directory. Raises FeedbackUnkept."""
    line = json.dumps(asdict(feedback), ensure_ascii=False).encode() + b"\n"
    path = directory / FILE
    if len(line) > MAX_RECORD:
        raise FeedbackUnkept(f"the verdict is too large to keep ({len(line):,} bytes; at most {MAX_RECORD:,})")
    try:
        path.touch(0o600)  # it holds what people asked
        with path.open("ab") as file:
            if file.tell() + len(line) > MAX_BYTES:
                raise FeedbackUnkept(f"{path} is full; evaluate it, then move it away")
            os.write(file.fileno(), line)  # at one stroke: other processes may write too
    except OSError as error:
        raise FeedbackUnkept(f"cannot write {path} ({error.strerror})") from error


def kept(directory: Path) -> Iterator[Feedback]:
    """What stands in feedback.jsonl, oldest first; lines that are damaged are passed over."""
    try:
        with (directory / FILE).open("rb") as lines:
            for line in lines:
                try:
                    yield _feedback().validate_json(line)
                except ValueError:
                    continue
    except FileNotFoundError:
        return

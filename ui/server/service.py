"""The assistant as the server offers it: to whoever asks, as they may see it, a bounded number at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from time import perf_counter

from index.article import Article
from index.database import State
from index.errors import FeedbackInvalid, QuestionInvalid, UserError
from index.filter import Filter
from qa import Assistant
from qa.answer import Answer
from qa.feedback import Feedback, quoted, stands
from qa.followup import Turn
from ui.server.gate import Busy, Gate
from ui.server.log import note
from ui.server.metrics import Metrics
from ui.signin import Asker

_MOST_VIEWS = 64  # kinds of askers whose example questions are remembered


def turned_down(error: UserError | Busy) -> tuple[int, str, dict[str, str]]:
    """HTTP's status, a line for who asked, and headers. What is wrong with the index is for whoever runs this, and is
    in the log."""
    match error:
        case Busy():
            return 503, str(error), {"Retry-After": str(error.retry_after)}
        case QuestionInvalid():
            return 422, str(error), {}
    return 503, "the articles can't be read at the moment", {"Retry-After": "60"}


class Service:
    """examples: questions to offer. log_questions: whether the log holds what was asked."""

    def __init__(
        self, assistant: Assistant, gate: Gate, metrics: Metrics, examples: Sequence[str], log_questions: bool = False
    ) -> None:
        self.assistant = assistant
        self.gate, self.metrics = gate, metrics
        self.log_questions = log_questions
        self._examples = examples
        self._answered: dict[frozenset[str], tuple[State, list[str]]] = {}
        self._lock = Lock()

    def visitor(self, asker: Asker, door: str, request_id: str) -> Visitor:
        """door: where they came in: "api", "chat", "gradio" or "mcp"."""
        return Visitor(self, asker, door, request_id)

    async def examples(self, view: Assistant, groups: frozenset[str]) -> list[str]:
        """The example questions that this view answers, remembered until the index changes."""
        state = view.library.state
        with self._lock:
            found = self._answered.get(groups)
        if found is None or found[0] != state:
            try:
                answered = await self.gate.run(lambda: [q for q in self._examples if view.ask(q).answered])
            except (Busy, UserError):
                return []
            found = state, answered
            with self._lock:
                while len(self._answered) >= _MOST_VIEWS:
                    del self._answered[next(iter(self._answered))]
                self._answered[groups] = found
        return found[1]


@dataclass(frozen=True, slots=True)
class Visitor:
    """The service for one request of one asker. `article` and `n_articles` may be called from several threads, the
    others in the server's event loop only."""

    service: Service
    asker: Asker
    door: str
    request_id: str

    @property
    def n_articles(self) -> int:
        return self._view.n_articles

    def article(self, article_id: str) -> Article | None:
        """None where there is none that the asker may read."""
        return self._view.article(article_id)

    async def examples(self) -> list[str]:
        """The questions of the configuration that are answered from what the asker may read: another one would lead
        nowhere, or tell of an article that is not for them."""
        return await self.service.examples(self._view, self.asker.groups)

    async def ask(self, question: str, history: Sequence[Turn] = (), only: Filter | None = None) -> Answer:
        """The answer from what the asker may read. Raises UserError, Busy, or what a bug raises."""
        began = perf_counter()
        try:
            answer = await self.service.gate.run(self._view.ask, question, history, only)
        except Exception as error:
            outcome = {Busy: "busy", QuestionInvalid: "invalid"}.get(type(error), "error")
            self.service.metrics.failed(self.door, outcome)
            why = {"error": str(error)} if outcome == "error" and isinstance(error, UserError) else {}
            self._note(question, outcome, logging.WARNING, **why)
            raise
        seconds = perf_counter() - began
        self.service.metrics.answered(self.door, answer, seconds)
        ms = round(1000 * seconds, 1)
        self._note(question, answer.declined or "answered", confidence=answer.confidence, ms=ms)
        return answer

    def keep(self, feedback: Feedback) -> None:
        """Raises FeedbackInvalid for an answer that quotes what does not stand in what the asker may read; else
        FeedbackUnkept."""
        if not all(stands(cited, self.article(cited.article_id)) for cited in quoted(feedback.answer)):
            raise FeedbackInvalid("the answer quotes what is not in these articles, or no longer")
        self.service.assistant.keep(feedback)

    @property
    def _view(self) -> Assistant:
        return self.service.assistant.seen_by(self.asker.groups)

    def _note(self, question: str, outcome: str, level: int = logging.INFO, **fields: float | str) -> None:
        asked = {"question": question} if self.service.log_questions else {}
        known = {"request_id": self.request_id, "door": self.door, "asker": self.asker.name, "outcome": outcome}
        note("question", level, **known, **fields, **asked)

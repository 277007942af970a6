"""Assistant: open an index, ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter

from index import Article, Filter, Hit, Library, embedder_for
from index.embed import Embedder, Remembering
from index.errors import QuestionInvalid
from index.terms import Terms
from index.view import View
from qa import compose
from qa.answer import Answer, Reason
from qa.confidence import recalibrated
from qa.config import Config
from qa.feedback import Feedback, keep
from qa.followup import Turn, standalone
from qa.reader import Reader, SentenceScorer, Span, SpanModel, SpanReader

MAX_QUESTION = 1000
"""Characters; who pastes more has not asked a question."""

UNRELATED = 0.25
"""A chunk below this cosine to a question, and without a word in common, has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer and what it was chosen from. hits: the chunks read; spans: what was read in them. Best first."""

    answer: Answer
    hits: Sequence[Hit]
    spans: Sequence[Span]


class Assistant:
    """Answers questions with quotations from the articles of one index. May be used from several threads."""

    def __init__(self, library: View, reader: Reader, config: Config) -> None:
        self.library = library
        self.config = config
        self._reader = reader

    @classmethod
    def open(
        cls, directory: str | Path, config: Config | str | Path | None = None, *, embedder: Embedder | None = None
    ) -> Assistant:
        """config: read from a file, or config.toml of the working directory, or the defaults. embedder: in place of the
        configured model. Raises UserError where there is no usable index or configuration."""
        if not isinstance(config, Config):
            config = Config.read(Path(config) if config else None)
        index = config.index
        embedder = embedder or embedder_for(index, Path(directory))
        library = Library.open(Path(directory), embedder, index, config.search)
        return cls(library, _reader(embedder, library.terms, config), config)

    @property
    def n_articles(self) -> int:
        return self.library.n_articles

    def article(self, article_id: str) -> Article | None:
        return self.library.article(article_id)

    def keep(self, feedback: Feedback) -> None:
        """Write down a verdict on an answer, beside the index. Raises FeedbackUnkept."""
        keep(feedback, self.library.directory)

    def close(self) -> None:
        """Closes the index, for all that share it."""
        self.library.close()

    def warm_up(self) -> None:
        """Load the models, so that the first question need not wait for them."""
        self.ask("ready?")

    def seen_by(self, groups: Iterable[str] | None) -> Assistant:
        """This assistant for someone in these groups: it answers from articles without groups, and from those that
        have one of these. None: from all. Costs nothing: models and index are shared."""
        return Assistant(self.library.seen_by(groups), self._reader, self.config)

    def ask(self, question: str, history: Sequence[Turn] = (), only: Filter | None = None) -> Answer:
        """The answer to a question, or the closest sentences where the articles hold none.

        history: earlier turns of the conversation, {"question": …, "answer": …}, oldest first; a question that leans on
        them ("And on Sundays?") is completed from them. only: which articles to look in.
        Raises QuestionInvalid for an empty or overlong question.
        """
        return self.trace(question, history, only=only).answer

    def trace(
        self, question: str, history: Sequence[Turn] = (), admit: Callable[[Article], bool] = lambda article: True,
        only: Filter | None = None,
    ) -> Trace:  # fmt: skip
        """Like `ask`, with what the answer was chosen from. admit: articles that it refuses are passed over."""
        question = _checked(question)
        began = perf_counter()
        asked = standalone(question, history)
        found = self.library.find(asked, self.config.search.top_k, admit, only)
        retrieved = perf_counter()
        spans = self._calibrated(self._reader.read(asked, found.hits, found.rarity))
        ended = perf_counter()
        timings = {"retrieve": retrieved - began, "read": ended - retrieved, "total": ended - began}
        timings = {name: round(1000 * seconds, 2) for name, seconds in timings.items()}
        return Trace(self._answer(question, asked, found.hits, spans, timings), found.hits, spans)

    def _calibrated(self, spans: Sequence[Span]) -> Sequence[Span]:
        slope, shift = self.config.answer.confidence_slope, self.config.answer.confidence_shift
        return [replace(span, confidence=recalibrated(span.confidence, slope, shift)) for span in spans]

    def _answer(
        self, question: str, asked: str, hits: Sequence[Hit], spans: Sequence[Span], timings: dict[str, float]
    ) -> Answer:
        settings, terms = self.config.answer, self.library.terms
        words = frozenset(terms(asked))
        best = spans[0] if spans else None
        confidence = round(best.confidence, 4) if best else 0.0
        if best is None or confidence < settings.decline_below:
            reason: Reason = "unsure"
            if best is None or all(hit.lexical == 0 and hit.dense < UNRELATED for hit in hits):
                reason = "nothing found"
            elif compose.contradict(spans, words, terms, settings.decline_below):
                reason = "contradiction"
            closest = compose.citations(compose.distinct(spans, compose.N_CLOSEST))
            return Answer(question, asked, False, None, confidence, (), (), closest, timings, reason)
        cited = compose.supporting(spans, words, terms, settings.max_citations)
        other = compose.different(spans, cited, words, terms, max(settings.decline_below, confidence / 2))
        alternatives = tuple(compose.alternatives(other, len(cited) + 1))
        return Answer(question, asked, True, best.text, confidence, compose.citations(cited), alternatives, (), timings)


def _reader(embedder: Embedder, terms: Terms, config: Config) -> Reader:
    """The trained reader for English, which is all it has learnt; for other languages the sentence scorer."""
    if config.index.language == "en":
        return SpanReader(_span_model(config.index.threads), terms)
    return SentenceScorer(Remembering(embedder), terms)


@cache
def _span_model(threads: int) -> SpanModel:
    return SpanModel.open(threads=threads)


def _checked(question: str) -> str:
    question = " ".join(question.split())
    if not question:
        raise QuestionInvalid("the question is empty; ask something in plain words")
    if len(question) > MAX_QUESTION:
        raise QuestionInvalid(f"the question is {len(question):,} characters long; ask in at most {MAX_QUESTION:,}")
    return question

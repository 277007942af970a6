"""Questions → run: every record, the measures over them, and how sure those are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import QuestionsUnusable
from qa.assistant import Assistant
from qa.evaluation.judge import Judge
from qa.evaluation.measures import measured
from qa.evaluation.question import Question
from qa.evaluation.record import Record
from qa.evaluation.resampling import Difference, Interval, differences, intervals
from qa.evaluation.table import Table, table

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1
"""Of run.json; another one is refused."""


@cache
def _records() -> TypeAdapter[tuple[Record, ...]]:
    from pydantic import TypeAdapter  # takes a tenth of a second to import

    return TypeAdapter(tuple[Record, ...])


@dataclass(frozen=True)
class Run:
    """An evaluation. made: ISO 8601 with time zone. settings: the configuration, and what the index held.

    asked: how many questions were to be asked; more than there are records where the run was stopped.
    """

    records: tuple[Record, ...]
    settings: Mapping[str, Any]
    asked: int
    seed: int = 0
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @cached_property
    def table(self) -> Table:
        return table(self.records)

    @cached_property
    def measures(self) -> dict[str, float]:
        """By name, in the order of MEASURES; nan where no question bears on one."""
        return measured(self.table)

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """(low, high) with 95 % certainty, by name."""
        return intervals(self.table, self.seed)

    def outcomes(self) -> Counter[str]:
        """How many questions came out how; see record.Outcome."""
        return Counter(record.outcome for record in self.records)

    def causes(self) -> Counter[str]:
        """How many misses each stage caused; see record.Cause."""
        return Counter(record.cause for record in self.records if record.cause)

    def still_rejected(self) -> tuple[int, int]:
        """Of the questions with quotations that people have called wrong: (those that still get one, all)."""
        judged = [record for record in self.records if record.question.rejected]
        return sum(any(c.sentence in r.question.rejected for c in r.answer.citations) for r in judged), len(judged)

    def against(self, baseline: Run) -> dict[str, Difference]:
        """This run minus the baseline, over the questions of both. Raises QuestionsUnusable where there are none."""
        theirs = {record.question.id: record for record in baseline.records}
        both = [r for r in self.records if r.question.id in theirs]
        if not both:
            raise QuestionsUnusable(
                "the baseline and this run have no question in common; compare runs of one test set"
            )
        return differences(table(both), table([theirs[r.question.id] for r in both]), self.seed)

    def summary(self) -> dict[str, Any]:
        """All but the records, as plain values; a measure that no question bears on is None."""
        measures = {
            name: {
                "value": _plain(value),
                "low": _plain(self.intervals[name][0]),
                "high": _plain(self.intervals[name][1]),
            }
            for name, value in self.measures.items()
        }
        return {
            "format": FORMAT,
            "made": self.made,
            "settings": dict(self.settings),
            "asked": self.asked,
            "answered": len(self.records),
            "seed": self.seed,
            "measures": measures,
            "outcomes": dict(self.outcomes()),
            "causes": dict(self.causes()),
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; `read` takes them back."""
        return self.summary() | {"records": [asdict(record) for record in self.records]}

    @classmethod
    def read(cls, path: Path) -> Run:
        """From run.json. Raises QuestionsUnusable."""
        try:
            found = json.loads(path.read_text("utf-8"))
            if found["format"] != FORMAT:
                raise QuestionsUnusable(f"{path} was written by another version; evaluate again")
            records = _records().validate_python(found["records"])
            return cls(records, found["settings"], found["asked"], found["seed"], found["made"])
        except OSError as error:
            raise QuestionsUnusable(f"cannot read {path} ({error.strerror or error})") from error
        except (ValueError, KeyError, TypeError) as error:
            raise QuestionsUnusable(f"{path} is not a run.json of qa eval --report") from error


def evaluate(
    assistant: Assistant,
    questions: Iterable[Question],
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Run:
    """Ask every question and judge the answers. progress: called with (done, of) after each question.

    Raises QuestionsUnusable where there is no question.
    """
    asked = list(questions)
    records = []
    for record in records_of(assistant, asked):
        records.append(record)
        progress(len(records), len(asked))
    return run_of(assistant, records, len(asked), seed)


def records_of(assistant: Assistant, questions: Iterable[Question]) -> Iterator[Record]:
    """A record for each question, in their order, as soon as it is there. The models are loaded before the first."""
    assistant.warm_up()
    judge = Judge(assistant)
    for question in questions:
        yield judge.record(question)


def run_of(assistant: Assistant, records: Sequence[Record], asked: int, seed: int) -> Run:
    """Raises QuestionsUnusable where there is no record."""
    if not records:
        raise QuestionsUnusable("no question to evaluate; name a file that holds some")
    return Run(tuple(records), settings(assistant), asked, seed)


def settings(assistant: Assistant) -> dict[str, Any]:
    """What an answer depends on besides the question: the configuration and the state of the index."""
    config = asdict(assistant.config)
    held = asdict(assistant.library.counts()) | {"generation": assistant.library.generation}
    reader = assistant.library.reader
    return {
        "search": config["search"],
        "answer": config["answer"],
        "model": assistant.config.index.model,
        "index": held,
    } | ({} if reader is None else {"groups": sorted(reader)})


def _plain(value: float) -> float | None:
    return None if isnan(value) else round(value, 6)

"""Questions with known answers → measures of the assistant, and a report."""

from qa.evaluation.formats import Bad, read, read_articles
from qa.evaluation.measures import MEASURES, Measure
from qa.evaluation.question import Question
from qa.evaluation.record import Record
from qa.evaluation.run import Run, evaluate

__all__ = ["MEASURES", "Bad", "Measure", "Question", "Record", "Run", "evaluate", "read", "read_articles"]

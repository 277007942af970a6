"""Question and found chunks → spans, each with the quotation it stands in and how sure it is."""

from qa.reader.sentence_scorer import SentenceScorer
from qa.reader.span import Reader, Span
from qa.reader.span_model import SpanModel
from qa.reader.span_reader import SpanReader

__all__ = ["Reader", "SentenceScorer", "Span", "SpanModel", "SpanReader"]

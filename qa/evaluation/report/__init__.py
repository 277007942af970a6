"""Run → files that people and programs read: report.html, run.json, run.trec, qrels.trec."""

from qa.evaluation.report.files import write

__all__ = ["write"]

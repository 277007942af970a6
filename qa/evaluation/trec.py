"""A run as trec_eval, ir_measures and ranx read it: run.trec and qrels.trec."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from qa.evaluation.run import Run

TAG = "qa"


def write(run: Run, folder: Path) -> None:
    """Items are named article#start-end, or by the article where whole articles are judged; %-escaped, as a space
    would end a column. Questions that have no answer, or none that is known, are left out."""
    judged = [record for record in run.records if record.question.answerable]
    with (folder / "run.trec").open("w", encoding="utf-8") as file:
        for record in judged:
            for rank, (item, score) in enumerate(record.found, 1):
                file.write(f"{_name(record.question.id)} Q0 {_name(item)} {rank} {score} {TAG}\n")
    with (folder / "qrels.trec").open("w", encoding="utf-8") as file:
        for record in judged:
            for item, grade in record.qrels.items():
                file.write(f"{_name(record.question.id)} 0 {_name(item)} {grade}\n")


def _name(text: str) -> str:
    return quote(text, safe="/#-._~")

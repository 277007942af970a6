"""The files of a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from qa.evaluation import trec
from qa.evaluation.report.page import page
from qa.evaluation.resampling import Difference
from qa.evaluation.run import Run


def write(run: Run, folder: Path, differences: Mapping[str, Difference] | None = None) -> Path:
    """Write report.html, run.json, run.trec and qrels.trec into the folder; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(run.to_dict(), ensure_ascii=False), "utf-8")
    trec.write(run, folder)
    target = folder / "report.html"
    target.write_text(page(run, differences), "utf-8")
    return target

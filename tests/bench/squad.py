"""Data sets in SQuAD's format → articles and open questions, for the benchmarks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

DATA = Path(__file__).parents[3] / "shared" / "data"
"""Where the public data sets lie, one folder each; the benchmarks take another place by --data."""

DEVELOPMENT = ("new_wiki", "qed", "tydiqa")
TRAINING = ("squad", "new_wiki-train", "qed-train", "tydiqa-train")


@dataclass(frozen=True, slots=True)
class Question:
    """An open question: asked alone, right with one of the answers from the article of that title."""

    text: str
    title: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataSet:
    """articles: title → text, its paragraphs joined by blank lines."""

    name: str
    articles: Mapping[str, str]
    questions: Sequence[Question]

    def write(self, path: Path) -> None:
        """The articles as a JSON lines file that `qa index` takes."""
        with path.open("w", encoding="utf-8") as file:
            for title, text in self.articles.items():
                file.write(json.dumps({"id": title, "title": title, "text": text}) + "\n")


def load(name: str, data: Path = DATA) -> DataSet:
    """The set with the paragraphs of an article joined; see `read`."""
    return _joined(name, read(name, data))


def read(name: str, data: Path = DATA) -> list[dict[str, Any]]:
    """The articles in SQuAD's format.

    new_wiki: its last 12; qed, tydiqa: the last tenth: the development split, on which nothing is trained. With
    "-train" behind it: the first 800 of the rest. squad: 60 articles of SQuAD 1.1's training set.
    Raises FileNotFoundError.
    """
    source = name.removesuffix("-train")
    if source == "new_wiki":
        articles = _read(data / "squadshifts" / "new_wiki.json")
        held_out = 12
    elif source in ("qed", "tydiqa"):
        articles = _read(data / source / "train.json.gz")
        held_out = len(articles) // 10
    else:
        articles = _read(data / "squad" / "train-v1.1.json.gz")[:60]
        held_out = len(articles)
    return articles[:-held_out][:800] if name.endswith("-train") else articles[-held_out:]


def _read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        found: list[dict[str, Any]] = json.load(file)["data"]
        return found


def _joined(name: str, articles: Sequence[Mapping[str, Any]]) -> DataSet:
    paragraphs: dict[str, dict[str, None]] = {}
    questions = []
    for article in articles:
        title = unquote(article["title"]).replace("_", " ")
        for paragraph in article["paragraphs"]:
            paragraphs.setdefault(title, {})[paragraph["context"]] = None
            for asked in paragraph["qas"]:
                if answers := tuple(sorted({answer["text"] for answer in asked["answers"]})):
                    questions.append(Question(asked["question"], title, answers))
    return DataSet(name, {title: "\n\n".join(texts) for title, texts in paragraphs.items()}, questions)

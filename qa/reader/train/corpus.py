"""Question sets in SQuAD's format → articles and labelled questions, the development articles left out."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index.article import Article

FILES = {
    "squad": "squad/train-v1.1.json.gz",
    "new_wiki": "squadshifts/new_wiki.json",
    "qed": "qed/train.json.gz",
    "tydiqa": "tydiqa/train.json.gz",
    "policyqa": "policyqa/*.json",
    "amazon": "squadshifts/amazon_reviews.json",
    "reddit": "squadshifts/reddit.json",
}
LOOSE = frozenset({"amazon", "reddit"})
"""Every paragraph is an article of its own, without a title."""

HELD_BACK = {"squad": 12, "new_wiki": 4, "qed": 150, "tydiqa": 80}
"""Articles at the end of the training part that are kept for tuning."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with its gold answers: texts, and [start, end) of each in the article's text."""

    text: str
    article: Article
    answers: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Articles of one set with the questions on them."""

    name: str
    articles: Sequence[Article]
    questions: Sequence[Labelled]


def development_size(name: str, n_articles: int) -> int:
    """How many articles at the end of a set's file are for development only."""
    return 12 if name == "new_wiki" else n_articles // 10 if name in ("qed", "tydiqa") else 0


def load(name: str, data: Path, split: str) -> Part:
    """A set's part for "train" or "tune" (the last HELD_BACK articles of the training part).

    Articles that bear the title of a development article of any set are left out. Raises FileNotFoundError.
    """
    records = read_records(data, name)
    held_out = development_size(name, len(records))
    records = records[: len(records) - held_out]
    back = HELD_BACK.get(name, 0)
    kept = {plain_title(r) for r in records[len(records) - back :]} if back else set()
    closed = _development_titles(data)
    chosen = [r for r in records if (plain_title(r) in kept) == (split == "tune") and plain_title(r) not in closed]
    return _part(name, _loose(chosen) if name in LOOSE else chosen)


def _development_titles(data: Path) -> set[str]:
    titles = set()
    for name in ("new_wiki", "qed", "tydiqa"):
        records = read_records(data, name)
        titles |= {plain_title(r) for r in records[len(records) - development_size(name, len(records)) :]}
    return titles


def read_records(data: Path, name: str) -> list[dict[str, Any]]:
    """A set's articles as its files have them, the development articles among them. Raises FileNotFoundError."""
    records: list[dict[str, Any]] = []
    paths = sorted(data.glob(FILES[name]))
    if not paths:
        raise FileNotFoundError(data / FILES[name])
    for path in paths:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            records += json.load(file)["data"]
    return records


def plain_title(record: Mapping[str, Any]) -> str:
    """An article's title without the marks of an address."""
    return unquote(record["title"]).replace("_", " ")


def _loose(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"title": "", "paragraphs": [p]} for r in records for p in r["paragraphs"]]


def _part(name: str, records: Sequence[Mapping[str, Any]]) -> Part:
    """Paragraphs of one title joined by blank lines, as `qa index` would be given them."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for number, record in enumerate(records):
        groups.setdefault(plain_title(record) or f"#{number}", []).extend(record["paragraphs"])
    articles, questions = [], []
    for key, paragraphs in groups.items():
        starts: dict[str, int] = {}
        at = 0
        for paragraph in paragraphs:
            context = unicodedata.normalize("NFC", paragraph["context"])
            if context not in starts:
                starts[context] = at
                at += len(context) + 2
        title = "" if key.startswith("#") else key
        article = Article(f"{name}/{key}", title, "\n\n".join(starts), language="en")
        articles.append(article)
        for paragraph in paragraphs:
            start = starts[unicodedata.normalize("NFC", paragraph["context"])]
            questions += [found for q in paragraph["qas"] if (found := _labelled(q, paragraph, article, start))]
    return Part(name, articles, questions)


def _labelled(asked: Mapping[str, Any], paragraph: Mapping[str, Any], article: Article, at: int) -> Labelled | None:
    """None where no gold answer can be found in the normalised text."""
    spans = set()
    for answer in asked["answers"]:
        text = unicodedata.normalize("NFC", answer["text"]).strip()
        before = unicodedata.normalize("NFC", paragraph["context"][: answer["answer_start"]])
        start = article.text.find(text, at + max(0, len(before) - 2))
        if text and 0 <= start - at - len(before) <= 2 + len(answer["text"]):
            spans.add((start, start + len(text)))
    if not spans:
        return None
    answers = tuple(sorted({article.text[start:end] for start, end in spans}))
    return Labelled(asked["question"].strip(), article, answers, tuple(sorted(spans)))

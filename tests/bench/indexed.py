"""A part of the public data, indexed."""

from __future__ import annotations

import json
from pathlib import Path

import squad

from index import Library, embedder_for
from qa import Config
from qa.evaluation import Question, read, read_articles


def indexed(name: str, folder: Path, data: Path) -> tuple[Library, list[Question]]:
    """An index of the part's articles, in folder/name, and its questions that have an answer. What is there already is
    not embedded again."""
    path = squad.write(name, folder, data)
    articles = folder / f"{name}.articles.jsonl"
    articles.write_text("".join(json.dumps(article) + "\n" for article in read_articles(path) or ()), "utf-8")
    config = Config()
    library = Library.open(
        folder / name, embedder_for(config.index, folder / name), config.index, config.search, create=True
    )
    library.sync([str(articles)])
    return library, [found for found in read(path) if isinstance(found, Question) and found.answers]

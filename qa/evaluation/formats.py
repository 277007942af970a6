"""Files of questions → questions: JSON lines, SQuAD, BEIR; told apart by what they hold."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index.errors import QuestionsUnusable
from qa.evaluation.question import Question, Turn


@dataclass(frozen=True, slots=True)
class Bad:
    """A part of a file that is no question, and why. place: "line 7", or article, paragraph and question of SQuAD."""

    source: str
    place: str
    reason: str


class _Unfit(Exception):
    """This record is no question; says why."""


def read(path: Path) -> Iterator[Question | Bad]:
    """The questions of a file, or of a BEIR folder, in their order.

    JSON lines: `question`; `answers` (text or list; none: the articles do not answer it); optionally `article_id` and
    `title` (text or list), `history`, `id`. SQuAD 1.1 and 2.0: an answer is expected from an article of that title.
    BEIR: queries.jsonl with qrels/*.tsv (test.tsv where there are several). Each also with .gz behind its name.
    Raises QuestionsUnusable where nothing in it can be read.
    """
    if path.is_dir():
        yield from _beir(path)
        return
    content = _text(path)
    data = _squad_data(content, path)
    if data is None:
        yield from _made(_json_lines(content), _from_line, path)
    else:
        yield from _made(_squad(data), _from_squad, path)


def read_articles(path: Path) -> Iterator[dict[str, Any]] | None:
    """The articles that a SQuAD file or BEIR folder asks about, as records that `qa index` takes; None where the path
    is neither.

    SQuAD: the paragraphs of one title are one article, blank lines between them. Raises QuestionsUnusable.
    """
    if path.is_dir():
        corpus = _named(path, "corpus.jsonl")
        return _beir_articles(corpus) if corpus else None
    if ".json" not in path.suffixes:
        return None
    data = _squad_data(_text(path), path)
    return None if data is None else _squad_articles(data)


def _beir_articles(corpus: Path) -> Iterator[dict[str, Any]]:
    for _, record in _json_lines(_text(corpus)):
        if isinstance(record, Mapping) and "_id" in record:
            yield {"id": record["_id"], "title": record.get("title") or "", "text": record.get("text") or ""}


def _squad_articles(data: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    paragraphs: dict[str, dict[str, None]] = {}
    for _, found in _paragraphs(data):
        if not isinstance(found, _Unfit):
            title, paragraph = found
            paragraphs.setdefault(title, {})[str(paragraph.get("context") or "")] = None
    for title, texts in paragraphs.items():
        yield {"id": title, "title": title, "text": "\n\n".join(texts)}


def _made(
    records: Iterable[tuple[str, Any]], make: Callable[[Any, str], Question], path: Path
) -> Iterator[Question | Bad]:
    """A question, or why it is none, for each (place, record); every id once."""
    known: set[str] = set()
    for place, record in records:
        try:
            if isinstance(record, _Unfit):
                raise record
            question = make(record, place)
            if question.id in known:
                raise _Unfit(f"the id {question.id} was there before")
        except _Unfit as problem:
            yield Bad(str(path), place, str(problem))
        else:
            known.add(question.id)
            yield question


def _from_line(record: Any, place: str) -> Question:
    if not isinstance(record, Mapping):
        raise _Unfit("not an object")
    return Question(
        id=_id(record, place),
        question=_question(record.get("question")),
        answers=_texts(record, "answers"),
        article_ids=_texts(record, "article_id"),
        titles=_texts(record, "title"),
        history=_history(record.get("history") or []),
    )


def _history(turns: Any) -> tuple[Turn, ...]:
    if not isinstance(turns, list) or not all(
        isinstance(t, Mapping) and isinstance(t.get("question"), str) for t in turns
    ):
        raise _Unfit('"history" is not a list of {"question": …, "answer": …}')
    answers = [turn.get("answer") for turn in turns]
    return tuple(
        {"question": turn["question"], "answer": answer if isinstance(answer, str) else None}
        for turn, answer in zip(turns, answers, strict=True)
    )


def _texts(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name)
    values = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
        raise _Unfit(f'"{name}" is neither text nor a list of texts')
    return tuple(dict.fromkeys(text for text in values if text.strip()))


def _question(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Unfit('no "question"')
    return value


def _squad_data(content: str, path: Path) -> list[Mapping[str, Any]] | None:
    """The articles of a SQuAD file; None where the content is something else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None  # several lines of JSON, or none
    data = found.get("data") if isinstance(found, Mapping) else None
    if data is None:
        return None
    if not isinstance(data, list) or not all(isinstance(article, Mapping) for article in data):
        raise QuestionsUnusable(f'{path}: "data" is not a list of articles as in SQuAD')
    return data


def _paragraphs(data: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """(place, (title, paragraph)) of a SQuAD file's articles."""
    for a, article in enumerate(data, 1):
        for p, paragraph in _listed(article, "paragraphs"):
            place = f"article {a}, paragraph {p}" if p else f"article {a}"
            yield place, paragraph if isinstance(paragraph, _Unfit) else (_title(article), paragraph)


def _squad(data: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """(place, (title, question)) of them."""
    for place, found in _paragraphs(data):
        if isinstance(found, _Unfit):
            yield place, found
            continue
        title, paragraph = found
        for q, asked in _listed(paragraph, "qas"):
            yield f"{place}, question {q}" if q else place, asked if isinstance(asked, _Unfit) else (title, asked)


def _listed(record: Mapping[str, Any], name: str) -> Iterator[tuple[int, Any]]:
    """The objects of a list, numbered from 1; _Unfit for what is none, 0 for the list itself."""
    items = record.get(name)
    if not isinstance(items, list):
        yield 0, _Unfit(f'"{name}" is not a list')
        return
    for number, item in enumerate(items, 1):
        yield number, item if isinstance(item, Mapping) else _Unfit("not an object")


def _from_squad(record: Any, place: str) -> Question:
    title, asked = record
    answers = asked.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(a, Mapping) for a in answers):
        raise _Unfit('"answers" is not a list of {"text": …}')
    answers = [] if asked.get("is_impossible") else [a.get("text") for a in answers]
    texts = _texts({"answers": answers}, "answers")
    return Question(_id(asked, place), _question(asked.get("question")), texts, titles=(title,))


def _id(record: Mapping[str, Any], place: str) -> str:
    given = record.get("id")
    return place if given in (None, "") else str(given)


def _title(article: Mapping[str, Any]) -> str:
    return unquote(str(article.get("title", ""))).replace("_", " ")


def _beir(folder: Path) -> Iterator[Question | Bad]:
    queries = _one_of(folder, "queries.jsonl")
    judged = _one_of(folder, "qrels/test.tsv", "qrels.tsv", "qrels/dev.tsv", "qrels/train.tsv")
    relevant: dict[str, dict[str, int]] = {}
    for number, row in enumerate(csv.reader(_text(judged).splitlines(), delimiter="\t"), 1):
        if len(row) != 3 or not row[2].lstrip("-").isdigit():
            if number > 1:  # the first line names the columns
                yield Bad(str(judged), f"line {number}", "not: query, article, grade")
        elif int(row[2]) > 0:
            relevant.setdefault(row[0], {})[row[1]] = int(row[2])

    def from_query(record: Any, place: str) -> Question:
        if not isinstance(record, Mapping) or "_id" not in record:
            raise _Unfit('no "_id"')
        name = str(record["_id"])
        return Question(name, _question(record.get("text")), relevant=relevant.get(name, {}))

    for made in _made(_json_lines(_text(queries)), from_query, queries):
        if isinstance(made, Bad) or made.relevant:  # the others belong to another part of the set
            yield made


def _one_of(folder: Path, *names: str) -> Path:
    for name in names:
        if path := _named(folder, name):
            return path
    raise QuestionsUnusable(f"{folder} is not a BEIR folder: it holds no {' or '.join(names)}")


def _named(folder: Path, name: str) -> Path | None:
    paths = (folder / name, folder / f"{name}.gz")
    return next((path for path in paths if path.is_file()), None)


def _json_lines(content: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except (ValueError, RecursionError) as error:
                yield f"line {number}", _Unfit(f"not JSON ({error})")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise QuestionsUnusable(f"{path} is a damaged gzip file ({error})") from error
    except OSError as error:
        raise QuestionsUnusable(f"cannot read {path} ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise QuestionsUnusable(f"{path} is not UTF-8 (at byte {error.start:,}); save it as UTF-8") from error

"""JSON, JSON lines and CSV → articles, one a record."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.load.fields import NotArticles, ReadersUnclear, Unusable, article

csv.field_size_limit(10_000_000)


def read_json(content: str, name: str) -> Iterator[Article | Unusable]:
    """One article, or a list of them."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"not JSON ({error})") from error
    yield from _articles(enumerate(found if isinstance(found, list) else [found], 1), name)


def read_jsonl(content: str, name: str) -> Iterator[Article | Unusable]:
    """One article a line; blank lines are passed over."""

    def records() -> Iterator[tuple[int, Any]]:
        for number, line in enumerate(content.split("\n"), 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield number, Unusable(f"line {number}: not JSON ({error})")

    yield from _articles(records(), name)


def read_csv(content: str, name: str) -> Iterator[Article | Unusable]:
    """One article a row, under the names of the first row; groups are separated by ";"."""
    try:
        dialect = csv.Sniffer().sniff(content[:10_000].partition("\n")[0], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = csv.DictReader(io.StringIO(content, newline=""), dialect=dialect)

    def records() -> Iterator[tuple[int, Any]]:
        for row in rows:
            if None in row:
                yield rows.line_num, Unusable(f"line {rows.line_num}: more cells than the first row names")
                continue
            if row.get("groups", "") is None:  # cut by a line end in its text, say: who may read it is lost
                reason = 'ends before its "groups"; quote texts that hold a line end'
                yield rows.line_num, ReadersUnclear(f"line {rows.line_num}: {reason}")
                continue
            if "groups" in row:
                row["groups"] = _named(row["groups"])
            yield rows.line_num, row

    try:
        yield from _articles(records(), name)
    except csv.Error as error:
        raise Unusable(f"not CSV ({error})") from error


def _named(cell: str) -> list[str]:
    """The groups of a cell: none where it is empty, a blank one, to be refused, where it holds nothing but ";"."""
    return [group for group in cell.split(";") if group.strip()] or ([""] if cell.strip() else [])


def _articles(records: Iterator[tuple[int, Any]], name: str) -> Iterator[Article | Unusable]:
    """An article, or why it is none, for each record; a record without an id is named by its place in the file."""
    for number, record in records:
        if isinstance(record, Unusable):
            yield record
            continue
        try:
            if not isinstance(record, dict):
                raise Unusable("not an object")
            if "text" not in record and "question" in record:
                raise NotArticles("questions, not articles")
            if "text" not in record:
                raise Unusable('no "text"')
            title = str(record.get("title") or "") or f"{name} #{number}"
            yield article(record, f"{name}#{number}", title)
        except NotArticles:
            raise
        except Unusable as problem:
            yield type(problem)(f"record {number}: {problem}")

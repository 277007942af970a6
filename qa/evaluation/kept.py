"""Records on disk while a run goes on, so that a stopped one can be taken up again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from index.errors import QuestionsUnusable
from qa.evaluation.record import Record

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "answers.jsonl"


@cache
def _record() -> TypeAdapter[Record]:
    from pydantic import TypeAdapter  # takes a tenth of a second to import

    return TypeAdapter(Record)


class Kept:
    """answers.jsonl in a folder: the settings in the first line, then a record a line."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._path = folder / FILE
        self._settings = json.loads(json.dumps(settings))

    def earlier(self) -> dict[str, Record]:
        """The records of a run that was stopped, by question id; none where there was no run.

        Raises QuestionsUnusable where it was made with other settings or other articles.
        """
        if not self._path.is_file():
            return {}
        with self._path.open(encoding="utf-8") as lines:
            records = [record for line in lines if (record := self._read(line))]
        return {record.question.id: record for record in records}

    @contextmanager
    def writing(self, earlier: Iterable[Record]) -> Iterator[IO[str]]:
        """The file, open for `add`, with the earlier records in it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"settings": self._settings}) + "\n")
            for record in earlier:
                add(file, record)
            yield file

    def _read(self, line: str) -> Record | None:
        """None for the settings, and for a line that is not whole because the writer was stopped in it."""
        try:
            found = json.loads(line)
        except ValueError:
            return None
        if "settings" in found:
            if found["settings"] != self._settings:
                remedy = "leave --resume out to begin again"
                raise QuestionsUnusable(f"{self._path} was made with other settings or articles; {remedy}")
            return None
        try:
            return _record().validate_python(found)
        except ValueError:
            return None


def add(file: IO[str], record: Record) -> None:
    """Write a record out at once."""
    file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
    file.flush()


def forget(folder: Path) -> None:
    """The run is over, and its report written: there is nothing left to resume."""
    (folder / FILE).unlink(missing_ok=True)

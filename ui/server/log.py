"""The log: lines of JSON on stderr, each bounded, whoever writes them."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LONGEST = 300  # characters of anything a visitor sent that goes into the log
LONGEST_TRACEBACK = 8_000  # the end of it

_log = logging.getLogger("qa.server")


def start() -> None:
    """All of the process's log on stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(Seldom())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("qa").setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """A record as one line: time, level, message, the record's `fields`, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)[-LONGEST_TRACEBACK:]
        bounded = {name: value if name == "traceback" else _bounded(value) for name, value in line.items()}
        return json.dumps(bounded, ensure_ascii=True)


class Seldom(logging.Filter):
    """Lets a warning of asyncio's pass once in ten seconds: out of sockets, it says so hundreds of times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != "asyncio":
            return True
        last = self._said.get(record.msg, float("-inf"))
        if due := record.created - last > 10:
            self._said = {record.msg: record.created}
        return due


class Printed(io.TextIOBase):
    """Takes what a library prints, as Gradio does its tracebacks, and makes lines of the log of it."""

    def __init__(self) -> None:
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, rest = (self._begun + text).split("\n")
        self._begun = rest[:LONGEST]
        for line in lines:
            if line.strip():
                note("printed", logging.WARNING, text=line)
        return len(text)


def note(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a line."""
    _log.log(level, event, extra={"fields": fields})


def _bounded(value: Any) -> Any:
    return value[:LONGEST] + "…" if isinstance(value, str) and len(value) > LONGEST else value

"""One line of JSON in the log for each request and question; each request's id; what fails unforeseen becomes a 500."""

from __future__ import annotations

import json
import logging
import re
import secrets
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.door import GRADIO, GRADIO_BELOW, PUBLIC, address
from ui.server.metrics import Metrics
from ui.server.refusal import refusal
from ui.signin import ANONYMOUS

LONGEST = 300  # characters of anything a visitor sent that goes into the log

_log = logging.getLogger("qa.server")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = (*PUBLIC, *GRADIO)


class JsonLines(logging.Formatter):
    """A record as one line: time, level, message, the record's `fields`, and a traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "event": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({name: _bounded(value) for name, value in line.items()}, ensure_ascii=True)


def note(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a line."""
    _log.log(level, event, extra={"fields": fields})


def _bounded(value: Any) -> Any:
    return value[:LONGEST] + "…" if isinstance(value, str) and len(value) > LONGEST and "\n" not in value else value


class Journal:
    """ASGI middleware; puts the request's id into scope["state"]["request_id"]."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = 0, perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            _log.exception("a request failed", extra={"fields": {"request_id": request_id, "path": scope["path"]}})
            if status:
                raise
            await refusal(scope, 500, "something went wrong here; the log tells more")(scope, receive, send_with_id)
        self._metrics.responded(status)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if status >= 400 or not (path in _QUIET or path.startswith(GRADIO_BELOW)):
            note(
                "request", request_id=request_id, method=scope["method"], path=scope["path"], status=status,
                ms=round(1000 * (perf_counter() - began), 1), address=address(scope),
                asker=scope.get("state", {}).get("asker", ANONYMOUS).name,
            )  # fmt: skip

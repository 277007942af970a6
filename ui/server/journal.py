"""One line in the log for each request; each request's id; what fails unforeseen becomes a 500."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.door import GRADIO, GRADIO_BELOW, PUBLIC, address
from ui.server.log import note
from ui.server.metrics import Metrics
from ui.server.proxy import own_path
from ui.server.refusal import refusal
from ui.signin import ANONYMOUS

FAILED = "something went wrong here; the log tells more"

_log = logging.getLogger("qa.server")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = (*PUBLIC, *GRADIO)


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
        status, ended, began = 0, False, perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            else:
                ended = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            _log.exception("a request failed", extra={"fields": {"request_id": request_id, "path": scope["path"]}})
            if not status:
                await refusal(scope, 500, FAILED)(scope, receive, send_with_id)
            elif not ended:
                raise  # so that the connection is closed: half an answer must not look like a whole one
        finally:
            if status:
                self._finished(scope, request_id, status, perf_counter() - began)

    def _finished(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        self._metrics.responded(status)
        path = own_path(scope)
        if status >= 400 or not (path in _QUIET or path.startswith(GRADIO_BELOW)):
            note(
                "request", request_id=request_id, method=scope["method"], path=scope["path"], status=status,
                ms=round(1000 * seconds, 1), address=address(scope),
                asker=scope.get("state", {}).get("asker", ANONYMOUS).name,
            )  # fmt: skip

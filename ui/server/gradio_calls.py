"""Gradio's own routes: no file is named to them, and what they hold for a page is not held for ever."""

from __future__ import annotations

import json
from secrets import token_hex
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

from gradio.queueing import Queue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.bounds import replayed
from ui.server.door import GRADIO_CALLS, GRADIO_STREAMS, address, asker_of
from ui.server.proxy import own_path
from ui.server.rate import identity
from ui.server.refusal import refusal

MOST_HELD = 64
"""Pages of one asker whose answers Gradio holds at a time."""

MOST_STREAMS = 1_000
"""Of one asker: a page that is open has one, and one more while it waits for an answer."""

_CALL, _DATA = "/gradio_api/call/", "/gradio_api/queue/data"


class GradioCalls:
    """ASGI middleware, behind Bounds, which hands on a body as a whole.

    A value of the form of Gradio's FileData makes Gradio open that file, or fetch that address, before any code of ours
    sees it; mounted in another application it doesn't look at what is allowed. Nothing here takes files: a body that
    holds one is refused. The answers for a page that never fetches them are dropped. Where a call was refused for a
    reason (scope["state"]["refused"]), its status says so; Gradio's would be 500.
    """

    def __init__(self, app: ASGIApp, queue: Queue, seconds: float) -> None:
        """seconds: after which a question has been answered, or never will be."""
        self._app = app
        self._held = Held(queue, seconds)
        self._streams: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = own_path(scope) if scope["type"] == "http" else ""
        if not path.startswith("/gradio_api/"):
            await self._app(scope, receive, send)
        elif scope["method"] == "GET":
            await self._streamed(path, scope, receive, send)
        else:
            await self._called(path, scope, receive, send)

    async def _called(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        try:
            body = json.loads(message.get("body") or "null")
        except (ValueError, RecursionError):
            await refusal(scope, 422, "the body is not JSON")(scope, receive, send)
            return
        if names_file(body):
            await refusal(scope, 422, "no files are taken here")(scope, receive, send)
            return
        if path.startswith(GRADIO_CALLS) and isinstance(body, dict):
            if not body.get("session_hash"):
                body["session_hash"] = token_hex(16)  # else it would be one that only Gradio knows
                message = {**message, "body": json.dumps(body).encode()}
                scope = {**scope, "headers": [h for h in scope["headers"] if h[0] != b"content-length"]}
            if not self._held.hold(str(body["session_hash"]), _who(scope)):
                wait = {"Retry-After": "5"}
                await refusal(scope, 429, "too many answers were not fetched", wait)(scope, receive, send)
                return

        async def corrected(message: Message) -> None:
            refused = scope.get("state", {}).get("refused")
            if refused is None:
                await send(message)
            elif message["type"] == "http.response.start":
                await refusal(scope, *refused)(scope, receive, send)

        await self._app(scope, replayed(message, receive), corrected)

    async def _streamed(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not path.startswith(GRADIO_STREAMS):
            await self._app(scope, receive, send)
            return
        who = _who(scope)
        if self._streams.get(who, 0) >= MOST_STREAMS:
            await refusal(scope, 429, "too many open pages", {"Retry-After": "60"})(scope, receive, send)
            return
        session = None
        if path.startswith(_CALL):
            session = self._held.session_of(path.rstrip("/").rpartition("/")[2])
        elif path.startswith(_DATA):
            (session,) = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[:1]
        self._streams[who] = self._streams.get(who, 0) + 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams[who] -= 1
            if not self._streams[who]:
                del self._streams[who]
            if session:
                self._held.fetched(session)


def names_file(value: Any) -> bool:
    """Whether a value of Gradio's FileData's form is anywhere in it."""
    left = [value]
    while left:
        match left.pop():
            case {"path": _, "meta": _}:
                return True
            case dict() as found:
                left += found.values()
            case list() as found:
                left += found
    return False


class Held:
    """The sessions (pages, calls) for which Gradio's queue holds answers. To be used in the server's event loop."""

    def __init__(self, queue: Queue, seconds: float) -> None:
        self._queue, self._seconds = queue, seconds
        self._since: dict[str, tuple[float, str]] = {}  # session → when last asked, by whom; the latest last

    def hold(self, session: str, who: str) -> bool:
        """Note that a session asks; False where one of its asker's too many is not fetched."""
        now = monotonic()
        while self._since and (first := next(iter(self._since))) and self._since[first][0] < now - self._seconds:
            self._drop(first)
        if session not in self._since and sum(other == who for _, other in self._since.values()) >= MOST_HELD:
            return False
        self._since.pop(session, None)
        self._since[session] = now, who
        return True

    def fetched(self, session: str) -> None:
        """A stream of its answers has ended; what is still to come, a page that has gone won't fetch."""
        if not self._queue.pending_event_ids_session.get(session):
            self._drop(session)

    def session_of(self, event: str) -> str | None:
        """The session of a call, by its event's id."""
        return next((s for s, events in self._queue.pending_event_ids_session.items() if event in events), None)

    def _drop(self, session: str) -> None:
        self._since.pop(session, None)
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)


def _who(scope: Scope) -> str:
    return identity(asker_of(scope), address(scope))

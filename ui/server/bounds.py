"""Request bodies: not longer than so many bytes, not slower than so many seconds."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.refusal import refusal


class Bounds:
    """ASGI middleware. max_bytes: of a body; seconds: until it must have arrived.

    A body is read whole before the application sees the request, which so never waits for a visitor.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self._app = app
        self._max_bytes, self._seconds = max_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the server sends no body then
            scope = {**scope, "method": "GET"}
        close = {"Connection": "close"}
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._body(Headers(scope=scope), receive)
        except TimeoutError:
            await refusal(scope, 408, "the request took too long to arrive", close)(scope, receive, send)
            return
        if body is None:
            most = f"at most {self._max_bytes // 1024:,} KiB are taken"
            await refusal(scope, 413, f"the request is too large; {most}", close)(scope, receive, send)
            return
        whole = {"type": "http.request", "body": body, "more_body": False}
        await self._app(scope, replayed(whole, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """The whole body; None where it is too large."""
        announced = headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced[:20]) > self._max_bytes:
            return None
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self._max_bytes:
                return None
        return b"".join(parts)


def replayed(message: Message, receive: Receive) -> Receive:
    """What receives this message again, then what comes after it."""
    ready = [message]

    async def received() -> Message:
        return ready.pop() if ready else await receive()

    return received

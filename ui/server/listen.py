"""The socket and the server process: start, serve, stop without losing a question."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import UserError
from ui.server.journal import JsonLines

_STREAMS = ("/gradio_api/heartbeat/", "/gradio_api/queue/data", "/gradio_api/mcp")
_LAST_WORDS = 0.3  # seconds that an answer has to reach the page after it is there


class AddressUnusable(UserError):
    """The server can't listen where it was told to; name another port or host."""


def serve(
    app: ASGIApp, drained: Callable[[], Awaitable[None]], host: str, port: int, ready: Callable[[str], None],
    seconds: float = 30.0,
) -> None:  # fmt: skip
    """Serve until interrupted; `ready` is called with the page's address when visitors can come.

    drained: returns when no question is in flight; seconds: how long the stop waits for that.
    Raises AddressUnusable where the port is taken or the host is not this machine's.
    """
    with _listen(host, port) as listening:
        address, bound = listening.getsockname()[:2]
        ready(f"http://{f'[{address}]' if ':' in address else address}:{bound}")
        _log_lines()
        streams = _Streams(app)
        config = uvicorn.Config(
            streams, log_config=None, access_log=False, proxy_headers=False, server_header=False, ws="none",
            timeout_keep_alive=20, h11_max_incomplete_event_size=64 * 1024, timeout_graceful_shutdown=int(seconds),
        )  # fmt: skip
        _Server(config, drained, streams).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Lets the questions in flight be answered before it closes the streams of open pages."""

    def __init__(self, config: uvicorn.Config, drained: Callable[[], Awaitable[None]], streams: _Streams) -> None:
        super().__init__(config)
        self._drained, self._streams = drained, streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        closing = asyncio.create_task(self._close_streams())
        await super().shutdown(sockets)
        await closing

    async def _close_streams(self) -> None:
        await self._drained()
        await asyncio.sleep(_LAST_WORDS)
        self._streams.ended.set()


class _Streams:
    """ASGI middleware: tells the streams of open pages that their visitor has gone, once `ended` is set. They would
    keep the server from stopping."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not any(stream in scope["path"] for stream in _STREAMS):
            await self._app(scope, receive, send)
            return

        async def until_ended() -> Message:
            """The next message, or a disconnect once the streams end."""
            if self.ended.is_set():
                return {"type": "http.disconnect"}
            message, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(self.ended.wait())
            try:
                await asyncio.wait([message, ended], return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                message.cancel()
                ended.cancel()

        await self._app(scope, until_ended, send)


def _log_lines() -> None:
    """All of the process's log as lines of JSON on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("qa").setLevel(logging.INFO)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnusable(f"can't listen on {host}: {error}; name another address with --host") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise AddressUnusable(_remedy(error, host, port)) from error
    return listening


def _remedy(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; choose another one: --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights; choose one above 1023: --port 8000"
    return f"can't listen on {host}:{port}: {error.strerror}; name another address with --host"

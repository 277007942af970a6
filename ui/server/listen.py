"""The socket and the server process: start, serve, stop without losing a question."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr, redirect_stdout, suppress

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from index.errors import UserError
from ui.server import log
from ui.server.door import GRADIO_STREAMS

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
        log.start()
        _as_many_sockets_as_allowed()
        streams = _Streams(app)
        config = uvicorn.Config(
            streams, http=_patient(seconds), ws="none", log_config=None, access_log=False, proxy_headers=False,
            server_header=False, timeout_keep_alive=20, h11_max_incomplete_event_size=64 * 1024,
            timeout_graceful_shutdown=int(seconds),
        )  # fmt: skip
        with redirect_stdout(log.Printed()), redirect_stderr(log.Printed()):
            _Server(config, drained, streams).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Lets the questions in flight be answered before it closes the streams of open pages."""

    def __init__(self, config: uvicorn.Config, drained: Callable[[], Awaitable[None]], streams: _Streams) -> None:
        super().__init__(config)
        self._drained, self._streams = drained, streams
        if mcp := sys.modules.get("sse_starlette.sse"):  # it would cut its streams off as soon as a stop is asked for
            mcp.AppStatus.disable_automatic_graceful_drain()

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
        if scope["type"] != "http" or not any(stream in scope["path"] for stream in GRADIO_STREAMS):
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


def _patient(seconds: float) -> type[H11Protocol]:
    """Closes a connection on which no whole head of a request arrives in this time, however slowly it trickles in:
    uvicorn itself waits for ever, until there are no sockets left."""

    class Patient(H11Protocol):
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if self._late:
                self._late.cancel()

        def _wait(self) -> None:
            """The clock runs from when a request could begin until it has begun."""
            if self.cycle is not None and not self.cycle.response_complete:
                if self._late:
                    self._late.cancel()
                self._late = None
            elif self._late is None:
                self._late = self.loop.call_later(seconds, self.transport.close)

    return Patient


def _as_many_sockets_as_allowed() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # where "unlimited" is more than the system has
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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

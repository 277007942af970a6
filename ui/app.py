"""The web application: the chat at "/", with headers that let its pages load nothing from another host."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from urllib.parse import quote

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import UserError
from ui.chat import Answering, build_chat, page_text

# Gradio's page starts with inline scripts and compiles component templates, hence the unsafe- words; what articles and
# questions bring in is escaped before it gets there. Everything else is this server or nothing.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)

_MAX_UPLOAD = 1  # byte: nothing here takes files, but Gradio's upload endpoint is always there
_SHUTDOWN_SECONDS = 2  # open pages hold a connection each, which would keep the server from ending


class AddressUnusable(UserError):
    """The server can't listen where it was told to; name another port or host."""


class SecurityHeaders:
    """ASGI middleware: adds the headers to each response; streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def create_app(assistant: Answering, *, title: str, examples: Sequence[str], feedback: bool = True) -> FastAPI:
    """The application: the chat at "/" and Gradio's API below "/gradio_api".

    The chat takes every path that no earlier route took, so further routes belong before it. FastAPI's own
    documentation pages are off: they load their scripts from another host.
    """
    app = FastAPI(title=title, docs_url=None, redoc_url=None)
    app.add_middleware(SecurityHeaders)
    gr.mount_gradio_app(
        app,
        build_chat(assistant, examples, title, feedback),
        path="/",
        theme=_theme(),
        head=_head(),
        footer_links=[],
        run_history=False,  # Gradio's own list of calls; the chat keeps its own
        show_error=False,
        max_file_size=_MAX_UPLOAD,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
    )
    return app


def serve(app: FastAPI, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is called with the page's address when visitors can come.

    Raises AddressUnusable where the port is taken or the host is not this machine's.
    """
    with _listen(host, port) as listening:
        address, bound = listening.getsockname()[:2]
        ready(f"http://{f'[{address}]' if ':' in address else address}:{bound}")
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_SHUTDOWN_SECONDS)
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnusable(f"can't listen on {host}: {error}; name another address with --host") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
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


def _theme() -> gr.themes.Base:
    # Plain names become no web font and no font file; frame.css has the whole system stack.
    return gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )


def _head() -> str:
    # Gradio's css parameter would prefix each rule with its container, so that none could reach <html> or <body>.
    icon = f"data:image/svg+xml,{quote(page_text('icon.svg'))}"
    style = "".join(page_text(f"{part}.css") for part in ("frame", "chat", "article"))
    return f'<link rel="icon" href="{icon}"><style>{style}</style>'

"""The web application: the chat at "/", the API, the widget, and what stands before them all."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from index.errors import ConfigInvalid
from qa import Assistant, Config
from qa.config import AccessSettings
from ui.api import create_api
from ui.chat import build_chat, page_text
from ui.server.bounds import Bounds
from ui.server.door import GRADIO_STATIC, LOOPBACK, MCP, OURS, Door, Rules, asker_of
from ui.server.gate import Gate
from ui.server.gradio_calls import GradioCalls
from ui.server.headers import SecurityHeaders
from ui.server.journal import FAILED, Journal
from ui.server.metrics import Metrics
from ui.server.proxy import Network, Proxy, networks
from ui.server.rate import Rate
from ui.server.refusal import refusal
from ui.server.service import Service, Visitor
from ui.signin import Keys, SignIn, Tokens

DESCRIPTION = """Ask the articles in plain language; the answer is a quotation, the exact words in the sentence
they stand in, with the article they come from, or an honest "not found in these articles". Sign in, where it is
needed, with the header "Authorization: Bearer KEY". Errors are {"error": "one line", "request_id": "..."}."""

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
_ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_OWN_PATHS = tuple(f"{path.rstrip('/')}/" for path in (*OURS, *GRADIO_STATIC, "/gradio_api"))
_MAX_UPLOAD = 1  # byte: nothing here takes files, but Gradio's upload endpoint is always there

_GRADIO_LOOKS_FOR = (LookupError, OSError, FnIndexInferError)
"""What Gradio's routes raise over a function, component or file that a request named and that is not there."""


@dataclass(frozen=True, slots=True)
class Application:
    """asgi: what a server serves. drained: to be awaited before it stops: every question taken is answered then."""

    asgi: ASGIApp
    drained: Callable[[], Awaitable[None]]


def create_app(assistant: Assistant, config: Config) -> Application:
    """Everything that config.toml asks for, from the network inwards. Raises ConfigInvalid."""
    rules, trusted = _rules(assistant, config), networks(config.server.trusted_proxies, "[server] trusted_proxies")
    server, access = config.server, config.access
    gate = Gate(server.answering, server.waiting, server.timeout)
    directory = assistant.library.directory
    metrics = Metrics(gate, assistant.library.counts, directory)
    service = Service(assistant, gate, metrics, config.chat.examples, server.log_questions)
    operators = networks(server.operators, "[server] operators")
    root_path = checked_root_path(server.root_path)

    page = _page(service, config)
    app: ASGIApp = _routes(page, service, metrics, config, operators, root_path)
    app = GradioCalls(app, page._queue, 2 * server.timeout)
    app = Bounds(app, server.body_kib * 1024, server.timeout)
    app = Door(app, rules)
    if access.widget_origins:
        app = CORSMiddleware(
            app,
            allow_origins=access.widget_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
            expose_headers=["X-Request-Id", "Retry-After"],
            allow_credentials=True,
            max_age=600,
        )
    app = SecurityHeaders(app, server.frame_ancestors)
    app = Journal(app, metrics)
    app = Proxy(app, root_path, trusted, (access.user_header, access.groups_header))
    return Application(app, gate.drained)


def _page(service: Service, config: Config) -> gr.Blocks:
    """The chat."""

    def visitor(request: gr.Request | None, door: str = "chat") -> Visitor:
        if request is None:
            raise TypeError("Gradio handed on no request")
        door = "mcp" if str(request.url.path).endswith(MCP) else door
        return service.visitor(request.state.asker, door, request.state.request_id)

    return build_chat(visitor, config.chat.title, config.chat.feedback)


def _routes(
    page: gr.Blocks, service: Service, metrics: Metrics, config: Config, operators: Sequence[Network], root_path: str
) -> FastAPI:
    """FastAPI's own documentation pages are off: they load their scripts from another host.

    The chat takes every path that no earlier route took, so it comes last.
    """
    app = FastAPI(
        title=config.chat.title, description=" ".join(DESCRIPTION.split()), version=version("qa-articles"),
        docs_url=None, redoc_url=None, exception_handlers={
            StarletteHTTPException: _refused, RequestValidationError: _malformed, Exception: _failed
        },
    )  # fmt: skip
    app.include_router(create_api(service, metrics, config.chat.title, config.chat.feedback, operators))
    described = app.openapi()  # made once, before the chat's routes are there
    described["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key (qa key add) or a token"}
    }
    described["security"] = [{"key": []}] if config.access.sign_in else [{}, {"key": []}]
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        root_path=root_path or None,
        auth_dependency=lambda request: asker_of(request.scope).name or "anonymous",
        theme=_theme(),
        head=_head(),
        footer_links=[],
        run_history=False,  # Gradio's own list of calls; the chat keeps its own
        show_error=False,
        max_file_size=_MAX_UPLOAD,
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        app_kwargs={"exception_handlers": dict.fromkeys(_GRADIO_LOOKS_FOR, _not_there) | {Exception: _failed}},
        mcp_server=config.server.mcp,
    )
    if page.mcp_server_obj:  # says an answer as Python writes it, which nobody else reads
        setattr(page.mcp_server_obj, "postprocess_output_data", _as_json)  # noqa: B010 (no method of its own)
    return app


def _as_json(data: Sequence[Any], _: str) -> list[Any]:
    """What an MCP tool returned, as JSON in its text."""
    from mcp.types import TextContent  # of the extra

    return [TextContent(type="text", text=json.dumps(output, ensure_ascii=False)) for output in data]


async def _failed(request: Request, _: Exception) -> Response:
    return refusal(request.scope, 500, FAILED)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    return refusal(request.scope, error.status_code, str(error.detail), dict(error.headers or {}))


async def _not_there(request: Request, _: Exception) -> Response:
    return refusal(request.scope, 404, "there is nothing here")


async def _malformed(request: Request, error: Exception) -> Response:
    """Says where and what; never what was sent, which may be as long as a body may be."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part)[:40] for part in first["loc"][:6])
    return refusal(request.scope, 422, f"{where}: {first['msg'][:200]}")


def _rules(assistant: Assistant, config: Config) -> Rules:
    server, access = config.server, config.access
    tokens = None
    if access.token_key:
        tokens = Tokens.read(Path(access.token_key), access.token_audience, access.token_max_age)
    if access.user_header and not server.trusted_proxies:
        raise ConfigInvalid("[access] user_header needs [server] trusted_proxies: anybody could send that header")
    if access.groups_header and not access.user_header:
        raise ConfigInvalid("[access] groups_header needs [access] user_header: groups belong to a user")
    for setting, origins in (("widget_origins", access.widget_origins), ("frame_ancestors", server.frame_ancestors)):
        for origin in origins:
            _check_origin(origin, setting)
    if server.mcp and find_spec("mcp") is None:
        raise ConfigInvalid("[server] mcp needs a package more: pip install 'qa-articles[mcp]', or set it to false")
    signin = SignIn(
        Keys(assistant.library.directory), tokens, access.sign_in, access.user_header.lower(),
        access.groups_header.lower(),
    )  # fmt: skip
    return Rules(signin, _hosts(config), frozenset(access.widget_origins), Rate(server.requests_per_minute), server.mcp)


def _hosts(config: Config) -> frozenset[str] | None:
    """The names that requests may call us by. While nobody signs in, a page of any host that had its name resolved to
    this machine could ask in the visitor's place (DNS rebinding); a key or token it would not have."""
    server, access = config.server, config.access
    named = frozenset(host.lower() for host in server.hosts)
    if access.sign_in or (access.open_to_all and not named):
        return named | LOOPBACK if named else None
    return named | LOOPBACK | {server.host.lower()}


def _check_origin(origin: str, setting: str) -> None:
    if not _ORIGIN.fullmatch(origin):
        example = "as https://wiki.example or http://localhost:8080"
        raise ConfigInvalid(f"{setting}: {origin!r} is not an origin; name scheme and host in small letters, {example}")


def checked_root_path(path: str) -> str:
    """ "/kb" of "/kb" or "/kb/", "" of "/". Raises ConfigInvalid."""
    path = path.rstrip("/")
    if path and not (_ROOT_PATH.fullmatch(path) and ".." not in path):
        raise ConfigInvalid(f"root path {path!r}: name the path below which a proxy serves this, as /kb")
    if f"{path}/".startswith(_OWN_PATHS):
        raise ConfigInvalid(f"root path {path!r} is one of this server's own paths; choose another, as /kb")
    return path


def check_listening(host: str, access: AccessSettings) -> None:
    """Raises ConfigInvalid where anybody on the network could ask without sign-in, and nobody said so."""
    if host.lower() in LOOPBACK or host.startswith("127.") or access.sign_in or access.open_to_all:
        return
    raise ConfigInvalid(
        f"listening on {host} lets the network in; set [access] sign_in = true, or open_to_all = true if whoever "
        "reaches this address may ask"
    )


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

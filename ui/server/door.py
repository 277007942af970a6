"""Who is let in: by the name they call us, the page they come from, their sign-in and how often they come."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import UserError
from ui.server.proxy import own_path
from ui.server.rate import Rate
from ui.server.refusal import refusal
from ui.signin import ANONYMOUS, Asker, SignIn, SignInFailed

_log = logging.getLogger("qa.server")

PUBLIC = ("/widget.js", "/health", "/health/live")
"""Served to anybody from anywhere: they say nothing of the articles."""

METRICS = "/metrics"

GRADIO = (
    "/",
    "/config",
    "/favicon.ico",
    "/manifest.json",
    "/robots.txt",
    "/theme.css",
    "/gradio_api/app_id",
    "/gradio_api/component_server",
    "/gradio_api/info",
    "/gradio_api/queue/data",
    "/gradio_api/queue/join",
    "/gradio_api/startup-events",
)
GRADIO_STATIC = ("/assets/", "/static/", "/svelte/")
GRADIO_BELOW = (*GRADIO_STATIC, "/gradio_api/call/", "/gradio_api/heartbeat/", "/gradio_api/run/")
"""What the chat and gradio_client need; Gradio has many routes more, for uploads, files and proxies."""

MCP = ("/gradio_api/mcp", "/gradio_api/mcp/")

COSTS = {"/api/feedback": 10, "/gradio_api/component_server": 5}
"""Of those requests, each counts as so many: verdicts are kept, in a file that has an end."""

_UNUSED = "/gradio_api/call/v2/"  # the same as call/ with other arguments

GRADIO_CALLS = ("/gradio_api/call/", "/gradio_api/queue/join")
"""Those of them after which Gradio holds an answer until it is fetched."""

GRADIO_STREAMS = ("/gradio_api/call/", "/gradio_api/heartbeat/", "/gradio_api/queue/data", *MCP)
"""Those that may stay open."""

OURS = ("/api/", "/articles/", "/docs", "/openapi.json", METRICS, "/page.css", *PUBLIC)


@dataclass(frozen=True, slots=True)
class Rules:
    """hosts: names we are reached by, None for any. origins: of pages that may use the API beside our own. requests:
    how many anyone may send. mcp: whether its route is there."""

    signin: SignIn
    hosts: frozenset[str] | None
    origins: frozenset[str]
    requests: Rate
    mcp: bool = False


class Door:
    """ASGI middleware; puts the Asker into scope["state"]["asker"]."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            turned_away = self._turned_away(scope)
            if turned_away is not None:
                await refusal(scope, *turned_away)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _turned_away(self, scope: Scope) -> tuple[int, str] | tuple[int, str, dict[str, str]] | None:
        headers = Headers(scope=scope)
        path = own_path(scope)
        host = _host(headers.get("host", ""))
        if self._rules.hosts is not None and host not in self._rules.hosts:
            return 403, f"this server is not known as {host[:100]!r}; add the name to [server] hosts"
        state = scope.setdefault("state", {})
        state["asker"] = ANONYMOUS
        if path in PUBLIC:
            return None
        if not self._served(path):
            return 404, "there is nothing here"
        origin = headers.get("origin")
        if origin is not None and not self._may_come_from(origin, headers):
            return 403, f"pages of {origin[:200]!r} may not ask here; add the origin to [access] widget_origins"
        try:
            asker = state["asker"] = self._rules.signin.asker(headers)
        except SignInFailed as error:
            refused = 401, str(error), {"WWW-Authenticate": "Bearer"}
            # Operators may be known by their address alone.
            return self._too_often(ANONYMOUS, scope) or (None if path == METRICS else refused)
        except UserError as error:
            _log.error("nobody can sign in: %s", error)
            return 503, "sign-in is not possible at the moment; the log tells more", {"Retry-After": "60"}
        return self._too_often(asker, scope)

    def _too_often(self, asker: Asker, scope: Scope) -> tuple[int, str, dict[str, str]] | None:
        wait = self._rules.requests.exceeded(asker, address(scope), COSTS.get(own_path(scope), 1))
        return (429, f"too many requests; try again in {wait} s", {"Retry-After": str(wait)}) if wait else None

    def _served(self, path: str) -> bool:
        if path in MCP:
            return self._rules.mcp
        known = path in GRADIO or path.rstrip("/") in GRADIO or path.startswith((*OURS, *GRADIO_BELOW))
        return known and not path.startswith(_UNUSED)

    def _may_come_from(self, origin: str, headers: Headers) -> bool:
        if origin in self._rules.origins:
            return True
        own = {headers.get("host", "").lower(), headers.get("x-forwarded-host", "").lower()}
        try:
            parts = urlsplit(origin)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return False
        name = parts.hostname or ""
        return bool(name) and ((f"[{name}]{port}" if ":" in name else name + port) in own or self._is_named(name))

    def _is_named(self, host: str) -> bool:
        """Whether config.toml says that it is our name: a proxy need not pass on the Host that it was called by."""
        return host in (self._rules.hosts or ()) and host not in LOOPBACK


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def address(scope: Scope) -> str:
    """The visitor's, "" where it is not known: a proxy that is not trusted forwards for many."""
    return "" if scope.get("qa.forwarded") or not scope.get("client") else str(scope["client"][0])


def asker_of(scope: Scope) -> Asker:
    """Whom the door let in."""
    found = scope.get("state", {}).get("asker")
    if not isinstance(found, Asker):
        raise TypeError("a request came in by no door")
    return found


def _host(header: str) -> str:
    """The name in a Host header, without its port."""
    header = header.lower().rstrip(".")
    return header[1 : header.find("]")] if header.startswith("[") else header.partition(":")[0].rstrip(".")

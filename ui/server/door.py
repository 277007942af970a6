"""Who is let in: by the name they call us, the page they come from, their sign-in and how often they come."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server.rate import Rate
from ui.server.refusal import refusal
from ui.signin import ANONYMOUS, Asker, SignIn, SignInFailed

PUBLIC = ("/widget.js", "/health", "/health/live")
"""Served to anybody from anywhere: they say nothing of the articles."""

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
GRADIO_BELOW = ("/assets/", "/static/", "/svelte/", "/gradio_api/call/", "/gradio_api/heartbeat/", "/gradio_api/run/")
"""What the chat and gradio_client need; Gradio has many routes more, for uploads, files and proxies."""

MCP = "/gradio_api/mcp"

OURS = ("/api/", "/articles/", "/docs", "/openapi.json", "/metrics", "/page.css", *PUBLIC)


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
        path = scope["path"].removeprefix(scope.get("root_path", ""))
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
            return 401, str(error), {"WWW-Authenticate": "Bearer"}
        if wait := self._rules.requests.exceeded(asker, address(scope)):
            return 429, f"too many requests; try again in {wait} s", {"Retry-After": str(wait)}
        return None

    def _served(self, path: str) -> bool:
        if path.startswith(MCP):
            return self._rules.mcp
        return path in GRADIO or path.rstrip("/") in GRADIO or path.startswith((*OURS, *GRADIO_BELOW))

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

"""Headers of every response: pages load nothing from other hosts and are framed only where that is allowed."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.door import GRADIO_STATIC
from ui.server.proxy import own_path

OWN_PAGES = ("/articles/", "/docs")
"""Pages that are wholly ours; the others are Gradio's."""


def gradio_policy(frame_ancestors: Sequence[str] = ()) -> str:
    """Gradio's page starts with inline scripts and compiles component templates, hence the unsafe- words; what
    articles and questions bring in is escaped before it gets there. Everything else is this server or nothing."""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            *_everywhere(frame_ancestors),
        ]
    )


def strict_policy(frame_ancestors: Sequence[str] = ()) -> str:
    """For our own pages and for what is no page: no script at all."""
    return "; ".join(["default-src 'none'", "style-src 'self'", "img-src 'self' data:", *_everywhere(frame_ancestors)])


def _everywhere(frame_ancestors: Sequence[str]) -> list[str]:
    ancestors = " ".join(["'self'", *frame_ancestors])
    return ["object-src 'none'", "base-uri 'self'", "form-action 'self'", f"frame-ancestors {ancestors}"]


class SecurityHeaders:
    """ASGI middleware: adds the headers to each response; streams pass through untouched."""

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str] = ()) -> None:
        self._app = app
        self._gradio, self._strict = gradio_policy(frame_ancestors), strict_policy(frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                path = own_path(scope)
                page = headers.get("content-type", "").startswith("text/html") and not path.startswith(OWN_PAGES)
                loose = page and message["status"] < 400
                headers.setdefault("Content-Security-Policy", self._gradio if loose else self._strict)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
                if not path.startswith(GRADIO_STATIC):  # the rest is for who asks, and for now
                    headers.setdefault("Cache-Control", "private, no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

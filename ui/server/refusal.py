"""A request that is not served: one line of JSON for scripts, a page for people."""

from __future__ import annotations

from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope


def refusal(scope: Scope, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """message: what happened and what to do, for whoever asked."""
    message = message[:1].upper() + message[1:]
    if "text/html" in Headers(scope=scope).get("accept", ""):
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{status}</title><p>{escape(message)}</p>'
        return HTMLResponse(page, status, headers)
    return JSONResponse({"error": message, "request_id": scope.get("state", {}).get("request_id", "")}, status, headers)

"""A page of another origin with the widget in it, in headless Chromium, and a stub of the API that can be made to fail.

A real server can't be made slow, busy or broken on command: hence the stub, which keeps the contract of the HTTP API.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.ui.widget.answers import answered
from ui.widget_script import widget_script

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
PREFIX = "/kb"

CORS = {
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-Id",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "X-Request-Id, Retry-After",
}

# What the page notes: keys that reach its own shortcuts, the widget's events, violations of its policy.
NOTES = """
window.keys = []; window.events = []; window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective} ${e.blockedURI}`));
document.addEventListener("keydown", (e) => keys.push(e.key));
for (const name of ["qa:open", "qa:close", "qa:answer", "qa:error"])
  document.addEventListener(name, (e) => events.push({ name, detail: e.detail }));
"""


@dataclass(frozen=True)
class Reply:
    """body: JSON, or bytes as they are; delay: seconds before it comes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Api:
    """Answers each path below PREFIX with the replies set for it, one after another, the last one for ever."""

    def __init__(self) -> None:
        self.address = ""
        self.origin = ""
        self.requests: list[Request] = []
        self._replies: dict[str, list[Reply]] = {}

    def set(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def asked(self) -> list[Request]:
        return self.of("/api/ask")

    def of(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path and request.method != "OPTIONS"]

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        replies = self._replies.get(request.path, [Reply(404, {"error": "nothing here"})])
        return replies.pop(0) if len(replies) > 1 else replies[0]


@dataclass
class Host:
    """Pages of another origin than the API's: path → markup and policy; the pages' own style; what was fetched."""

    address: str = ""
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    style: str = ""
    visited: list[str] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the browser has given up waiting


@pytest.fixture
def export_once() -> None:
    """No model here: the fixture of the same name beside it would export one."""


@contextmanager
def _served(handler: type[_Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api() -> Iterator[Api]:
    stub = Api()

    class Handler(_Handler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path).removeprefix(PREFIX)
            origin = {"Access-Control-Allow-Origin": stub.origin}
            if path == "/widget.js":
                script = widget_script().encode()
                headers = {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"}
                self.send(200, script, headers | {"Cross-Origin-Resource-Policy": "cross-origin"})
                return
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(self.command, path, dict(self.headers), json.loads(sent) if sent else None)
            if self.command == "OPTIONS":
                self.send(204, b"", CORS | origin)
                return
            reply = stub.reply(request)
            time.sleep(reply.delay)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            body = b"" if reply.status == 204 else body
            self.send(reply.status, body, {"Content-Type": "application/json"} | CORS | origin | reply.headers)

        def do_POST(self) -> None:
            self.do_GET()

        def do_OPTIONS(self) -> None:
            self.do_GET()

    with _served(Handler) as address:
        stub.address = address + PREFIX
        yield stub


@pytest.fixture
def host(api: Api) -> Iterator[Host]:
    site = Host()

    class Handler(_Handler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            site.visited.append(path)
            if path == "/style.css":
                self.send(200, site.style.encode(), {"Content-Type": "text/css"})
                return
            html, policy = site.pages.get(path, ("", ""))
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            self.send(200 if html else 404, html.encode(), headers)

    with _served(Handler) as address:
        site.address = api.origin = address
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *QUIET])
        yield browser
        browser.close()


class Visit(Protocol):
    """Opens a page with the widget in it.

    attributes: of the script's tag. body, style: the page's own. more: of its policy, beside what the README asks for.
    scripts: instead of the one tag. options: of the browser's context.
    """

    def __call__(
        self,
        attributes: str = "",
        body: str = "<h1>Intranet</h1><p>A page.</p>",
        style: str = "",
        more: str = "",
        scripts: str = "",
        lang: str = "en",
        **options: Any,
    ) -> Page: ...


@pytest.fixture
def visit(browser: Browser, api: Api, host: Host) -> Iterator[Visit]:
    """Fails the test where the page's policy was violated, a script failed or a request went to a third host."""
    opened: list[Page] = []
    elsewhere: list[str] = []
    failures: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            failures.append(message.text)

    def open_page(
        attributes: str = "",
        body: str = "<h1>Intranet</h1><p>A page.</p>",
        style: str = "",
        more: str = "",
        scripts: str = "",
        lang: str = "en",
        **options: Any,
    ) -> Page:
        origin = api.address.removesuffix(PREFIX)
        policy = f"default-src 'none'; script-src {origin}; connect-src {origin}; require-trusted-types-for 'script'"
        policy += "; style-src 'self'" if style else ""
        script = scripts or f'<script src="{api.address}/widget.js" {attributes} defer></script>'
        link = '<link rel="stylesheet" href="/style.css">' if style else ""
        html = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Intranet</title>'
            f'<meta name="viewport" content="width=device-width">{link}{script}</head><body>{body}</body></html>'
        )
        host.style = style
        host.pages["/"] = (html, policy + more)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(5_000)
        page = context.new_page()
        page.add_init_script(NOTES)
        page.on("request", lambda r: None if r.url.startswith((api.address, host.address)) else elsewhere.append(r.url))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", note)
        page.goto(host.address)
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        assert page.evaluate("violations") == []
        page.context.close()
    assert elsewhere == []
    assert failures == []


@pytest.fixture(autouse=True)
def willing(api: Api) -> None:
    """Unless a test says otherwise, every question is answered."""
    examples = ["How much leave do I get?", "Where can I park?"]
    api.set("/api/examples", Reply(body={"title": "Staff handbook", "articles": 1240, "examples": examples}))
    api.set("/api/ask", Reply(body=answered()))

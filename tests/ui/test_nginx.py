"""Below a path of an intranet's nginx, set up by deploy/nginx.conf itself: prefix kept, prefix stripped, TLS ended
there, sign-in by its headers; chat, widget in a foreign page, frame and API."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, expect, sync_playwright

from qa import Assistant
from tests.conftest import ARTICLES
from tests.ui.conftest import ROOT
from tests.ui.test_browser import CHROMIUM, QUIET

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(NGINX is None, reason="no nginx here; on Debian: apt-get install nginx-light"),
]

QUESTION = "How many days of annual leave do full-time staff have?"
SECRET = "---\ntitle: Board pay\ngroups: [hr]\n---\nThe board's secret bonus is 5,417 pounds a year."


@dataclass(frozen=True)
class Intranet:
    """Addresses: of the assistant below /kb in three ways, the same with sign-in, and of pages elsewhere."""

    kept: str
    stripped: str
    tls: str
    signed_in: str
    pages: str
    stranger: str


@pytest.fixture(scope="module")
def intranet(tmp_path_factory: pytest.TempPathFactory, samples: Assistant) -> Iterator[Intranet]:
    place = tmp_path_factory.mktemp("intranet")
    with ExitStack() as stack:
        pages, stranger = (stack.enter_context(host_pages()) for _ in range(2))
        settings = "[server]\nhosts = ['intranet.example']\ntrusted_proxies = ['127.0.0.1']\n"
        open_settings = f"frame_ancestors = ['{pages}']\n[access]\nwidget_origins = ['{pages}']\n"
        sso = "[access]\nsign_in = true\nuser_header = 'X-Remote-User'\ngroups_header = 'X-Remote-Groups'\n"
        index(place, samples.library.directory)
        open_port = stack.enter_context(qa_serve(place / "open.toml", settings + open_settings, place / "index"))
        sso_port = stack.enter_context(qa_serve(place / "sso.toml", settings + sso, place / "index"))
        ports = [free_port() for _ in range(4)]
        stack.enter_context(nginx(place, open_port, sso_port, ports))
        kept, stripped, tls, signed_in = (f"http://127.0.0.1:{port}/kb" for port in ports)
        yield Intranet(kept, stripped, tls.replace("http:", "https:"), signed_in, pages, stranger)


def index(place: Path, samples: Path) -> None:
    """The samples, and an article for the board only."""
    shutil.copytree(samples, place / "index")
    (place / "board.md").write_text(SECRET)
    paths = [str(ARTICLES), str(place / "board.md")]
    command = [sys.executable, "-m", "ui.cli", "index", *paths, "--index", str(place / "index")]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


@contextmanager
def qa_serve(config: Path, settings: str, directory: Path) -> Iterator[int]:
    """The port it listens on."""
    config.write_text(settings)
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--root-path", "/kb", "--config", str(config)]
    with (
        config.with_suffix(".log").open("w") as log,
        subprocess.Popen(
            [*command, "--index", str(directory)], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
        assert found is not None, config.with_suffix(".log").read_text()
        yield int(found[1])
        server.terminate()


@contextmanager
def nginx(place: Path, open_port: int, sso_port: int, ports: list[int]) -> Iterator[None]:
    snippet = (ROOT / "deploy" / "nginx.conf").read_text()
    assert snippet.count("http://127.0.0.1:7860;") == 1
    for name, target in (
        ("kept", f"{open_port};"), ("stripped", f"{open_port}/;"), ("sso", f"{sso_port};"),
    ):  # fmt: skip
        (place / f"{name}.conf").write_text(snippet.replace("7860;", target))
    certificate(place)
    (place / "users").write_text("ann:{PLAIN}a\nbob:{PLAIN}b\n")
    temporary = " ".join(
        f"{kind}_temp_path {place}/tmp-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "nginx.conf").write_text(
        f"""
        {"user root;" if os.geteuid() == 0 else ""}
        pid {place}/pid; error_log {place}/error.log; daemon off; worker_processes 1; events {{}}
        http {{
          access_log off; {temporary}
          map $remote_user $remote_groups {{ default ""; ann "staff, hr"; }}
          server {{ listen 127.0.0.1:{ports[0]}; include {place}/kept.conf; }}
          server {{ listen 127.0.0.1:{ports[1]}; include {place}/stripped.conf; }}
          server {{ listen 127.0.0.1:{ports[2]} ssl; include {place}/kept.conf;
                    ssl_certificate {place}/cert.pem; ssl_certificate_key {place}/key.pem; }}
          server {{ listen 127.0.0.1:{ports[3]}; include {place}/sso.conf;
                    auth_basic "intranet"; auth_basic_user_file {place}/users; }}
        }}
        """
    )
    assert NGINX is not None
    with subprocess.Popen(
        [NGINX, "-p", str(place), "-c", str(place / "nginx.conf")], stderr=subprocess.PIPE
    ) as process:
        for _ in range(100):
            try:
                httpx.get(f"http://127.0.0.1:{ports[0]}/")
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        yield
        process.terminate()


def certificate(place: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "intranet.example")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    ).sign(key, hashes.SHA256())
    (place / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


HOSTILE = (
    "* { all: unset !important; font-size: 40px !important; color: red !important } div { display: none !important }"
)


@contextmanager
def host_pages() -> Iterator[str]:
    """Pages on another site than the assistant's ("localhost" is another one than 127.0.0.1): /widget and /frame with
    the assistant's address behind "?"."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, api = self.path.partition("?")
            origin = "/".join(api.split("/")[:3])
            policy = f"default-src 'none'; script-src {origin}; connect-src {origin}; style-src 'self'"
            if path == "/hostile.css":
                self.reply("text/css", HOSTILE, "default-src 'none'")
            elif path == "/frame":
                self.reply(
                    "text/html", f'<iframe src="{api}/" width="900" height="600"></iframe>', f"frame-src {origin}"
                )
            else:
                script = f'<script src="{api}/widget.js" data-title="Handbook" defer></script>'
                style = '<link rel="stylesheet" href="/hostile.css">'
                self.reply("text/html", f"<!doctype html><title>Wiki</title>{style}<h1>Wiki</h1>{script}", policy)

        def reply(self, kind: str, body: str, policy: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--test-third-party-cookie-phaseout", *QUIET]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, *here: str, **options: object) -> Iterator[Page]:
    """A page; fails where it asks for anything that is not below these addresses, or a script fails."""
    with browser.new_context(ignore_https_errors=True, **options) as context:  # type: ignore[arg-type]
        page = context.new_page()
        elsewhere: list[str] = []
        failures: list[str] = []
        page.on(
            "request",
            lambda r: None if r.url.startswith((*here, "data:", "blob:")) else elsewhere.append(r.url),
        )
        page.on("response", lambda r: failures.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield page
        assert [url for url in elsewhere if not url.endswith("/favicon.ico")] == []
        assert [failure for failure in failures if not failure.endswith("/favicon.ico")] == []


WAYS = pytest.mark.parametrize("way", ["kept", "stripped", "tls"])


@WAYS
@pytest.mark.browser
def test_the_chat_answers_and_opens_articles(intranet, browser, way):
    address = getattr(intranet, way)
    with watched(browser, f"{address}/") as page:
        page.goto(f"{address}/")
        asks_in_chat(page)
        page.locator(".qa-answer .qa-cite").first.click()
        expect(page.locator("#qa-panel mark").first).to_contain_text("27 days of paid leave a year")


def asks_in_chat(page):
    box = page.get_by_label("Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.locator(".qa-answer .qa-quote").first).to_contain_text("27 days of paid leave", timeout=20_000)


@WAYS
@pytest.mark.browser
def test_the_widget_answers_in_a_foreign_page_with_a_strict_policy_and_hostile_style(intranet, browser, way):
    address = getattr(intranet, way)
    with watched(browser, f"{address}/", intranet.pages) as page:
        violations = violations_of(page)
        page.goto(f"{intranet.pages}/widget?{address}")
        page.get_by_role("button", name="Handbook").click()
        box = page.get_by_role("textbox")
        box.fill(QUESTION)
        box.press("Enter")
        expect(page.get_by_text("27 days of paid leave")).to_be_visible(timeout=20_000)
        assert (
            page.get_by_text("27 days of paid leave").first.evaluate("e => getComputedStyle(e).color")
            != "rgb(255, 0, 0)"
        )
        assert page.evaluate("document.cookie") == ""
        assert violations == []


def violations_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if "Content Security Policy" in m.text else None)
    return found


@pytest.mark.browser
def test_a_page_that_is_not_listed_is_refused_and_says_so(intranet, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{intranet.stranger}/widget?{intranet.kept}")
        page.get_by_role("button", name="Handbook").click()
        page.get_by_role("textbox").fill(QUESTION)
        page.get_by_role("textbox").press("Enter")
        expect(page.get_by_role("alert")).to_be_visible(timeout=20_000)
        assert page.get_by_role("textbox").input_value() == QUESTION


@pytest.mark.browser
def test_the_chat_stands_in_a_frame_of_a_listed_page_without_third_party_cookies(intranet, browser):
    with watched(browser, f"{intranet.kept}/", intranet.pages) as page:
        page.goto(f"{intranet.pages}/frame?{intranet.kept}")
        asks_in_chat(page.frame_locator("iframe"))


@pytest.mark.browser
def test_the_chat_stands_in_no_other_frame(intranet, browser):
    with browser.new_context() as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{intranet.stranger}/frame?{intranet.kept}")
        page.wait_for_timeout(500)
        assert any("frame-ancestors" in line for line in said)


@WAYS
def test_the_api_is_the_same_through_the_proxy(intranet, way):
    with httpx.Client(base_url=getattr(intranet, way), verify=False) as client:
        found = client.post("/api/ask", json={"question": QUESTION}).json()
        assert found["citations"][0]["article_id"] == "handbook/annual-leave.md"
        assert client.get("/api/articles/handbook/annual-leave.md").json()["title"] == "Annual leave"
        assert '"/kb/page.css"' in client.get("/articles/handbook/annual-leave.md").text
        assert client.get("/openapi.json").json()["paths"]["/api/ask"]
        assert "/kb/api/ask" in client.get("/docs").text
        assert client.get("/health").json() == {"live": True, "ready": True}
        assert client.get("/metrics").status_code == 404
        assert client.get("/api/articles/board.md").status_code == 404


@pytest.mark.parametrize(
    ("user", "headers", "status", "may"),
    [
        (None, {}, 401, False),
        (("ann", "a"), {}, 200, True),
        (("bob", "b"), {}, 200, False),
        (("bob", "b"), {"X-Remote-User": "ann", "X-Remote-Groups": "hr"}, 200, False),
        (("bob", "b"), {"x_remote_groups": "hr", "X-Forwarded-For": "127.0.0.1"}, 200, False),
        (("bob", "wrong"), {"X-Remote-User": "ann"}, 401, False),
    ],
)
def test_the_proxy_says_who_asks_and_the_visitor_does_not(intranet, user, headers, status, may):
    with httpx.Client(base_url=intranet.signed_in, auth=user, headers=headers) as client:
        asked = client.post("/api/ask", json={"question": "How high is the board's secret bonus?"})
        assert asked.status_code == status
        assert ("5,417" in asked.text) == may
        assert client.get("/api/articles/board.md").status_code == (status if status != 200 else 200 if may else 404)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "may"), [("ann", True), ("bob", False)])
def test_the_chat_shows_a_user_what_their_groups_may_read(intranet, browser, name, may):
    with watched(browser, intranet.signed_in, http_credentials={"username": name, "password": name[0]}) as page:
        page.goto(f"{intranet.signed_in}/")
        expect(page.get_by_text(f"from {23 if may else 22} articles")).to_be_visible(timeout=20_000)
        page.get_by_label("Your question").fill("How high is the board's secret bonus?")
        page.get_by_label("Your question").press("Enter")
        expect(page.locator(".qa-answer")).to_be_visible(timeout=20_000)
        assert ("5,417" in page.locator(".qa-answer").inner_text()) == may

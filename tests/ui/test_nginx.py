"""Below a path of an intranet's nginx, set up by deploy/nginx.conf itself: prefix kept, prefix stripped, TLS ended
there, sign-in by its headers, by key and by token; chat, widget in a foreign page, frame and API."""

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
import jwt
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
from ui.signin import Keys

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(NGINX is None, reason="no nginx here; on Debian: apt-get install nginx-light"),
]

QUESTION = "How many days of annual leave do full-time staff have?"
BONUS = "How high is the board's secret bonus?"
SECRET = "---\ntitle: Board pay\ngroups: [hr]\n---\nThe board's secret bonus is 5,417 pounds a year."
TOKEN_KEY = "k" * 32
SCRAPER = "127.0.0.9"


@dataclass(frozen=True)
class Intranet:
    """Addresses: of the assistant below /kb in three ways; signed in by auth_basic, prefix kept and stripped, and by
    auth_request; of pages elsewhere, of which one is listed. Keys: of hr, of no group, of an operator."""

    kept: str
    stripped: str
    tls: str
    basic: str
    basic_stripped: str
    asked: str
    pages: str
    stranger: str
    hr: str
    nobody: str
    operator: str


@pytest.fixture(scope="module")
def intranet(tmp_path_factory: pytest.TempPathFactory, samples: Assistant) -> Iterator[Intranet]:
    place = tmp_path_factory.mktemp("intranet")
    with ExitStack() as stack:
        pages, stranger = (stack.enter_context(host_pages()) for _ in range(2))
        settings = "[server]\nhosts = ['intranet.example']\ntrusted_proxies = ['127.0.0.1']\n"
        origins = f"widget_origins = ['{pages}']\n"
        open_settings = f"frame_ancestors = ['{pages}']\n[access]\n{origins}"
        sso = "[access]\nsign_in = true\nuser_header = 'X-Remote-User'\ngroups_header = 'X-Remote-Groups'\n"
        (place / "token.key").write_text(TOKEN_KEY)
        sso += f"token_key = '{place}/token.key'\n{origins}"
        index(place, samples.library.directory)
        open_port = stack.enter_context(qa_serve(place / "open.toml", settings + open_settings, place / "index"))
        sso_port = stack.enter_context(qa_serve(place / "sso.toml", settings + sso, place / "index"))
        ports = [free_port() for _ in range(6)]
        stack.enter_context(nginx(place, open_port, sso_port, ports))
        kept, stripped, tls, *signed_in = (f"http://127.0.0.1:{port}/kb" for port in ports)
        keys = Keys(place / "index")
        made = keys.add("hr", ["hr"]), keys.add("nobody", []), keys.add("prometheus", [], operator=True)
        yield Intranet(kept, stripped, tls.replace("http:", "https:"), *signed_in, pages, stranger, *made)


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
    for name, port, slash in (
        ("kept", open_port, ""), ("stripped", open_port, "/"), ("sso", sso_port, ""), ("sso-stripped", sso_port, "/"),
    ):  # fmt: skip
        (place / f"{name}.conf").write_text(snippet(port, slash))
    of_request = snippet(sso_port).replace("$remote_user;", "$asker;").replace("$remote_groups;", "$askers_groups;")
    (place / "asked.conf").write_text(of_request)
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
          map $asker $askers_groups {{ default ""; ann "staff, hr"; }}
          server {{ listen 127.0.0.1:{ports[0]}; include {place}/kept.conf; }}
          server {{ listen 127.0.0.1:{ports[1]}; include {place}/stripped.conf; }}
          server {{ listen 127.0.0.1:{ports[2]} ssl; include {place}/kept.conf;
                    ssl_certificate {place}/cert.pem; ssl_certificate_key {place}/key.pem; }}
          server {{ listen 127.0.0.1:{ports[3]}; include {place}/sso.conf;
                    auth_basic "intranet"; auth_basic_user_file {place}/users; }}
          server {{ listen 127.0.0.1:{ports[4]}; include {place}/sso-stripped.conf;
                    auth_basic "intranet"; auth_basic_user_file {place}/users; }}
          server {{ listen 127.0.0.1:{ports[5]}; include {place}/asked.conf;
                    auth_request /who; auth_request_set $asker $cookie_session; error_page 401 /sign-in;
                    location = /who {{ if ($cookie_session) {{ return 204; }} return 401; }}
                    location = /sign-in {{ auth_request off; return 200 "sign in here"; }} }}
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


def snippet(port: int, slash: str = "") -> str:
    """deploy/nginx.conf for the assistant at this port, with its line for Prometheus. slash: strips the prefix."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert text.count("http://127.0.0.1:7860;") == 2
    assert text.count("# if ($remote_addr = 10.0.0.9)") == 1
    text = text.replace(":7860;", f":{port}{slash};", 1).replace(":7860;", f":{port};")
    return text.replace("# if ($remote_addr = 10.0.0.9)", f"if ($remote_addr = {SCRAPER})")


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
        answer = page.get_by_role("log").get_by_text("27 days of paid leave").first
        expect(answer).to_be_visible(timeout=20_000)
        assert answer.evaluate("e => getComputedStyle(e).color") != "rgb(255, 0, 0)"
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


SIGN_INS = pytest.mark.parametrize("way", ["basic", "basic_stripped", "asked"])


@pytest.mark.parametrize("way", ["basic", "basic_stripped"])
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
def test_the_proxy_says_who_asks_and_the_visitor_does_not(intranet, way, user, headers, status, may):
    with httpx.Client(base_url=getattr(intranet, way), auth=user, headers=headers) as client:
        asked = client.post("/api/ask", json={"question": BONUS})
        assert asked.status_code == status
        assert ("5,417" in asked.text) == may
        assert client.get("/api/articles/board.md").status_code == (status if status != 200 else 200 if may else 404)


@pytest.mark.parametrize(("session", "status"), [("ann", 200), ("bob", 404), (None, 401)])
def test_a_sign_in_by_subrequest_says_who_asks_and_its_page_is_shown(intranet, session, status):
    with httpx.Client(base_url=intranet.asked, cookies={"session": session} if session else {}) as client:
        found = client.get("/api/articles/board.md", headers={"X-Remote-User": "ann", "X-Remote-Groups": "hr"})
        assert found.status_code == status
        assert ("sign in here" in found.text) == (session is None)


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


AS_ANN = {"X-Remote-User": "ann", "X-Remote-Groups": "hr"}


@SIGN_INS
def test_a_key_goes_past_the_proxys_sign_in(intranet, way):
    with httpx.Client(base_url=getattr(intranet, way), headers=bearer(intranet.hr)) as client:
        assert "5,417" in client.post("/api/ask", json={"question": BONUS}).text
        assert client.get("/config").json()["version"]  # where gradio_client begins
    with httpx.Client(base_url=getattr(intranet, way), headers=bearer(intranet.nobody) | AS_ANN) as client:
        assert client.get("/api/examples").json()["articles"] == 22
        assert client.get("/api/articles/board.md").status_code == 404


@SIGN_INS
def test_a_token_goes_past_the_proxys_sign_in_from_a_listed_page(intranet, way):
    claims = {"sub": "ann", "groups": ["hr"], "exp": int(time.time()) + 600}
    headers = bearer(jwt.encode(claims, TOKEN_KEY, "HS256"))
    with httpx.Client(base_url=getattr(intranet, way), headers=headers) as client:
        found = client.get("/api/articles/board.md", headers={"Origin": intranet.pages})
        assert (found.status_code, found.headers["Access-Control-Allow-Origin"]) == (200, intranet.pages)
        assert client.get("/api/articles/board.md", headers={"Origin": intranet.stranger}).status_code == 403


@SIGN_INS
def test_a_browser_is_told_whether_a_page_may_ask_before_anybody_signs_in(intranet, way):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    with httpx.Client(base_url=getattr(intranet, way), headers=asked) as client:
        listed = client.options("/api/ask", headers={"Origin": intranet.pages})
        assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (200, intranet.pages)
        stranger = client.options("/api/ask", headers={"Origin": intranet.stranger})
        assert (stranger.status_code, stranger.headers.get("Access-Control-Allow-Origin")) == (400, None)


@SIGN_INS
def test_script_and_health_are_for_everybody_and_nothing_beside_them(intranet, way):
    with httpx.Client(base_url=getattr(intranet, way)) as client:
        assert "QAWidget" in client.get("/widget.js").text
        assert client.get("/health").json() == {"live": True, "ready": True}
        for path in ("/", "/health/", "/health/live", "/widget.js/", "/api/examples", "/articles/board.md", "/docs"):
            assert client.get(path).status_code == 401


@SIGN_INS
@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", bearer("x")),
        ("GET", bearer("qa_x")),
        ("GET", {"Authorization": "bEARER  x"}),
        ("GET", {"Authorization": "Bearer"}),
        ("GET", {"Authorization": "Bearerx"}),
        ("GET", {"Authorization": "Basic Bearer x"}),
        ("GET", {"Access-Control-Request-Method": "GET", "X-HTTP-Method-Override": "OPTIONS"}),
        ("OPTIONS", {}),
        ("OPTIONS", bearer("x")),
        ("OPTIONS", {"Authorization": "Basic YW5uOndyb25n"}),  # ann:wrong
    ],
)
def test_past_the_sign_in_nobody_says_who_they_are(intranet, way, method, headers):
    with httpx.Client(base_url=getattr(intranet, way)) as client:
        for path in ("/api/articles/board.md", "/articles/board.md", "/gradio_api/info", "/"):
            assert client.request(method, path, headers=headers | AS_ANN).status_code == 401


def test_metrics_are_for_the_scraper_that_was_let_in_and_its_key(intranet):
    for address, key, status in (
        (SCRAPER, intranet.operator, 200), (SCRAPER, intranet.nobody, 403), (SCRAPER, None, 401),
        ("127.0.0.1", intranet.operator, 404),
    ):  # fmt: skip
        with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
            found = client.get(f"{intranet.basic}/metrics", headers=bearer(key) if key else {})
            assert found.status_code == status


@pytest.mark.browser
def test_the_widget_of_a_foreign_page_signs_in_by_its_token(intranet, browser):
    claims = {"sub": "ann", "groups": ["hr"], "exp": int(time.time()) + 600}
    with watched(browser, f"{intranet.basic}/", intranet.pages) as page:
        page.goto(f"{intranet.pages}/widget?{intranet.basic}")
        page.evaluate("token => QAWidget.setToken(token)", jwt.encode(claims, TOKEN_KEY, "HS256"))
        page.get_by_role("button", name="Handbook").click()
        page.get_by_role("textbox").fill(BONUS)
        page.get_by_role("textbox").press("Enter")
        expect(page.get_by_role("log").get_by_text("5,417").first).to_be_visible(timeout=20_000)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "may"), [("ann", True), ("bob", False)])
def test_the_chat_shows_a_user_what_their_groups_may_read(intranet, browser, name, may):
    with watched(browser, intranet.basic, http_credentials={"username": name, "password": name[0]}) as page:
        page.goto(f"{intranet.basic}/")
        expect(page.get_by_text(f"from {23 if may else 22} articles")).to_be_visible(timeout=20_000)
        page.get_by_label("Your question").fill(BONUS)
        page.get_by_label("Your question").press("Enter")
        expect(page.locator(".qa-answer")).to_be_visible(timeout=20_000)
        assert ("5,417" in page.locator(".qa-answer").inner_text()) == may

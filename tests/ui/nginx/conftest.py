"""An intranet: the assistant below a path of a real nginx, set up by deploy/nginx.conf itself, and pages on other
hosts."""

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
from playwright.sync_api import Browser, Page, sync_playwright

from qa import Assistant
from tests.conftest import ARTICLES
from tests.ui.conftest import ROOT
from tests.ui.test_browser import CHROMIUM, QUIET
from ui.signin import Keys

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

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

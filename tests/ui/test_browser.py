"""The road as a visitor walks it: a real server over the sample articles, in headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`qa serve` where there is no index yet: it indexes the sample articles, then says where it serves."""
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "serve",
        "--port",
        "0",
        "--index",
        str(tmp_path_factory.mktemp("browser")),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        else:
            pytest.fail("qa serve ended before it served")
        server.terminate()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """The chat, opened; fails the test where a request leaves this machine or a script fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *QUIET])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        elsewhere: list[str] = []
        failures: list[str] = []
        page.on(
            "request", lambda r: elsewhere.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None
        )
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        expect(page.get_by_text("What would you like to know?")).to_be_visible(timeout=30_000)
        yield page
        browser.close()
        assert elsewhere == []
        assert failures == []


def ask(page: Page, question: str) -> None:
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")

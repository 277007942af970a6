"""Signed in by the proxy, by its headers, or past its sign-in by key and by token."""

from __future__ import annotations

import time

import httpx
import jwt
import pytest
from playwright.sync_api import expect

from tests.ui.nginx.conftest import BONUS, NGINX, SCRAPER, TOKEN_KEY, watched

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(NGINX is None, reason="no nginx here; on Debian: apt-get install nginx-light"),
]

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
        (SCRAPER, intranet.operator, 200), (SCRAPER, intranet.nobody, 403), (SCRAPER, None, 403),
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

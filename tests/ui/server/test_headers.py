"""Headers of every response."""

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.server.headers import SecurityHeaders, gradio_policy, strict_policy

APP = Starlette(
    routes=[
        Route("/", lambda request: HTMLResponse("the chat")),
        Route("/articles/a", lambda request: HTMLResponse("an article")),
        Route("/api", lambda request: JSONResponse({})),
    ]
)


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/", gradio_policy()), ("/articles/a", strict_policy()), ("/api", strict_policy()), ("/no", strict_policy())],
)
def test_only_gradios_page_may_run_scripts(path, policy):
    headers = TestClient(SecurityHeaders(APP)).get(path).headers
    assert headers["content-security-policy"] == policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_no_policy_names_another_host_or_allows_inline_code_on_our_pages():
    for policy in (gradio_policy(), strict_policy()):
        assert "//" not in policy
        assert "*" not in policy
    assert "unsafe" not in strict_policy()
    assert "script-src" not in strict_policy()


def test_who_may_frame_is_listed():
    policy = TestClient(SecurityHeaders(APP, ["https://wiki.example"])).get("/").headers["content-security-policy"]
    assert "frame-ancestors 'self' https://wiki.example" in policy

"""The web application around the chat."""

import socket

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ui.app import CONTENT_SECURITY_POLICY, AddressUnusable, SecurityHeaders, serve


def test_a_taken_port_is_named_with_the_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressUnusable, match=f"port {port} is taken.*--port {port + 1}"):
            serve(FastAPI(), "127.0.0.1", port, print)


def test_a_host_that_is_not_here_is_named_with_the_remedy():
    with pytest.raises(AddressUnusable, match=r"192\.0\.2\.1.*--host"):
        serve(FastAPI(), "192.0.2.1", 0, print)


def test_every_answer_forbids_other_hosts():
    app = FastAPI()
    app.add_middleware(SecurityHeaders)
    assert TestClient(app).get("/nothing").headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_the_policy_names_no_other_host():
    assert "//" not in CONTENT_SECURITY_POLICY
    assert "*" not in CONTENT_SECURITY_POLICY

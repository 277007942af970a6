"""What is believed of a reverse proxy."""

import asyncio

import pytest

from index.errors import ConfigInvalid
from ui.server.proxy import Proxy, networks, within

TRUSTED = networks(["10.0.0.0/8", "::1"], "[server] trusted_proxies")


def through(peer, headers, root_path="", path="/api/ask"):
    """The scope that the application sees."""
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "path": path, "raw_path": path.encode(), "scheme": "http", "client": (peer, 1)}
    asyncio.run(Proxy(app, root_path, TRUSTED, ["X-User"])(scope | {"headers": raw}, None, None))
    return seen


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("6.6.6.6, 192.0.2.7", "192.0.2.7"),  # the visitor's own invention comes first
        ("192.0.2.7, 10.1.1.1", "192.0.2.7"),  # a chain of trusted proxies
        ("10.1.1.1", "10.1.1.1"),
        ("", "10.0.0.1"),
        ("rubbish", "rubbish"),
    ],
)
def test_a_trusted_proxy_tells_the_visitors_address(sent, address):
    assert through("10.0.0.1", [("x-forwarded-for", sent)])["client"][0] == address


@pytest.mark.parametrize("sent", ["127.0.0.9, 10.0.0.7", "::1", "127.0.0.1"])
def test_nobody_comes_through_a_proxy_from_its_own_machine(sent):
    assert through("10.0.0.1", [("x-forwarded-for", sent)])["qa.forwarded"]


def test_a_trusted_proxy_tells_the_scheme_and_the_user():
    seen = through("10.0.0.1", [("x-forwarded-proto", "https"), ("x-user", "ann")])
    assert seen["scheme"] == "https"
    assert (b"x-user", b"ann") in seen["headers"]


def test_anybody_elses_word_is_struck_out():
    said = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example"),
            ("x-user", "root"), ("forwarded", "for=127.0.0.1"), ("x-gradio-server", "http://evil.example"),
            ("accept", "*/*")]  # fmt: skip
    seen = through("192.0.2.7", said)
    assert (seen["client"][0], seen["scheme"], seen["qa.forwarded"]) == ("192.0.2.7", "http", True)
    assert seen["headers"] == [(b"accept", b"*/*")]


@pytest.mark.parametrize(
    ("path", "seen"),
    [("/kb/api/ask", "/kb/api/ask"), ("/api/ask", "/kb/api/ask"), ("/kb", "/kb/"), ("/", "/kb/"), ("/kbx", "/kb/kbx")],
)
def test_the_prefix_may_be_kept_or_stripped(path, seen):
    scope = through("192.0.2.7", [], "/kb", path)
    assert (scope["path"], scope["raw_path"], scope["root_path"]) == (seen, seen.encode(), "/kb")


def test_addresses_are_within_networks():
    assert within("10.2.3.4", TRUSTED)
    assert within("::ffff:10.2.3.4", TRUSTED)
    assert within("::1", TRUSTED)
    assert not within("11.0.0.1", TRUSTED)
    assert not within("", TRUSTED)
    with pytest.raises(ConfigInvalid, match="trusted_proxies"):
        networks(["proxy.example"], "[server] trusted_proxies")

"""Sockets."""

import asyncio
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from ui.server.listen import AddressUnusable, _patient, serve


async def drained():
    pass


def test_a_taken_port_is_named_with_the_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressUnusable, match=f"port {port} is taken.*--port {port + 1}"):
            serve(FastAPI(), drained, "127.0.0.1", port, print)


def test_a_host_that_is_not_here_is_named_with_the_remedy():
    with pytest.raises(AddressUnusable, match=r"192\.0\.2\.1.*--host"):
        serve(FastAPI(), drained, "192.0.2.1", 0, print)


async def slow(scope, receive, send):
    await asyncio.sleep(1.2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def impatient():
    """The address of a server that waits half a second for a request."""
    config = uvicorn.Config(slow, http=_patient(0.5), lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("sent", [[], [b"GET / HTTP/1.1\r\nHost: x\r\n"], [b"G", b"E", b"T", b" ", b"/"] * 9])
def test_a_connection_on_which_no_request_arrives_is_closed(impatient, sent):
    began = time.monotonic()
    with socket.create_connection(impatient, timeout=5) as connection:
        connection.settimeout(0.1)
        while time.monotonic() < began + 4:
            try:
                connection.sendall(sent.pop(0) if sent else b"")
                if not connection.recv(1000):
                    break
            except TimeoutError:
                continue
            except OSError:  # closed while something was sent
                break
    assert 0.4 < time.monotonic() - began < 3


def test_a_request_that_has_arrived_may_take_its_time_and_so_may_the_next(impatient):
    with httpx.Client(base_url="http://{}:{}".format(*impatient)) as client:
        assert [client.get("/").text for _ in range(2)] == ["ok", "ok"]

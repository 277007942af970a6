"""Sockets."""

import socket

import pytest
from fastapi import FastAPI

from ui.server.listen import AddressUnusable, serve


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

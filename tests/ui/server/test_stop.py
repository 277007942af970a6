"""A stop loses no question, and no open page holds it up."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from tests.ui.conftest import ROOT

pytestmark = pytest.mark.model

QUESTIONS = [f"How many days of annual leave do staff have after {years} years?" for years in range(16)]


@contextmanager
def serving(place, samples, *options):
    """A `qa serve` of its own, and its address."""
    shutil.copytree(samples.library.directory, place / "index")
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--index", str(place / "index"), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        yield process, address
        process.kill()


@pytest.fixture
def server(tmp_path, samples):
    with serving(tmp_path, samples) as found:
        yield found


@pytest.fixture
def server_with_mcp(tmp_path, samples):
    (tmp_path / "config.toml").write_text("[server]\nmcp = true\n")
    with serving(tmp_path, samples, "--config", str(tmp_path / "config.toml")) as found:
        yield found


async def stopped(process, posts):
    """How many were in flight when the process was told to stop, and all responses."""
    asked = [asyncio.create_task(post) for post in posts]
    while not any(task.done() for task in asked):  # the first answer is there: the others are in flight
        await asyncio.sleep(0.005)
    in_flight = sum(not task.done() for task in asked)
    process.send_signal(signal.SIGTERM)
    return in_flight, await asyncio.gather(*asked)


def test_questions_in_flight_are_answered_and_open_pages_let_go(server):
    process, address = server

    async def stopped_while_asked():
        async with (
            httpx.AsyncClient(base_url=address, timeout=30) as client,
            client.stream("GET", "/gradio_api/heartbeat/abcdef"),
        ):
            return await stopped(process, [client.post("/api/ask", json={"question": each}) for each in QUESTIONS])

    in_flight, responses = asyncio.run(stopped_while_asked())
    assert in_flight > 0
    assert [response.status_code for response in responses] == [200] * len(QUESTIONS)
    assert process.wait(timeout=20) == -signal.SIGTERM  # by the signal, after all was done
    assert "Traceback" not in process.stderr.read()


def test_a_language_models_question_in_flight_is_answered_too(server_with_mcp):
    process, address = server_with_mcp
    headers = {"Accept": "application/json, text/event-stream"}

    async def stopped_while_asked():
        async with httpx.AsyncClient(base_url=address, timeout=30, headers=headers) as client:
            calls = [
                {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                 "params": {"name": "ask", "arguments": {"question": question}}}
                for question in QUESTIONS * 2  # they take more than the half second after which the library looks again
            ]  # fmt: skip
            return await stopped(process, [client.post("/gradio_api/mcp/", json=call) for call in calls])

    in_flight, responses = asyncio.run(stopped_while_asked())
    assert in_flight > 0
    assert all('\\"citations\\": [' in response.text for response in responses)
    assert process.wait(timeout=20) == -signal.SIGTERM

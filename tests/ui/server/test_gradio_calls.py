"""Gradio's own routes open no file and fetch no address for anybody, and hold nothing for ever."""

from __future__ import annotations

import socket
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.ui.serving import SOUP, index_of, serving
from ui.server import gradio_calls
from ui.server.gradio_calls import Held, names_file

META = {"_type": "gradio.FileData"}
QUESTION = {"data": ["When is soup served?", None]}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("held")
    index_of(place, [SOUP])
    return place


@pytest.fixture
def heard():
    """Connections to a listener of this machine, and its address."""
    found: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    found.append(listener.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield found, f"http://127.0.0.1:{listener.getsockname()[1]}/x.txt"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("path", ["run/ask", "call/ask", "queue/join", "component_server", "mcp/"])
def test_a_file_or_address_named_in_a_call_is_not_touched(place, heard, path):
    secret = place / "secret.key"
    secret.write_text("a secret that nobody may copy")
    connections, address = heard
    cache = Path(tempfile.gettempdir(), "gradio")
    with serving(place, {"mcp": True}) as client:
        for named in (str(secret), address, "/dev/zero"):
            file = {"path": named, "meta": META}
            for data in (["x", file], [file, None], ["x", [{"question": file}]], [[[{"a": {"b": file}}]]]):
                body = {"data": data, "session_hash": "s", "fn_index": 0, "component_id": 1, "fn_name": "judge",
                        "method": "tools/call", "params": {"name": "ask", "arguments": {"history": data}}}  # fmt: skip
                assert client.post(f"/gradio_api/{path}", json=body).status_code == 422
        assert client.post("/api/ask", json={"question": "When is soup served?"}).json()["answered"]
    assert not list(cache.glob("**/secret.key"))
    assert connections == []


def test_a_file_is_found_wherever_it_hides():
    assert names_file({"a": [1, {"b": {"path": "/etc/passwd", "meta": META}}]})
    assert names_file({"path": None, "meta": None})
    assert not names_file({"data": ["path", {"meta": 1}, {"path": "x"}, None, 3.5]})


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"a=b"])
def test_what_is_no_json_is_refused(place, body):
    with serving(place) as client:
        for path in ("queue/join", "call/ask", "run/ask", "component_server"):
            assert client.post(f"/gradio_api/{path}", content=body).status_code in (400, 422)


def test_a_call_without_a_session_is_answered(place):
    with serving(place) as client:
        event = client.post("/gradio_api/call/ask", json=QUESTION).json()["event_id"]
        assert "The canteen serves soup at noon." in client.get(f"/gradio_api/call/ask/{event}").text


def test_too_many_answers_that_nobody_fetches_are_refused(place, monkeypatch):
    monkeypatch.setattr(gradio_calls, "MOST_HELD", 2)
    with serving(place) as client:
        events = [client.post("/gradio_api/call/ask", json=QUESTION) for _ in range(2)]
        refused = client.post("/gradio_api/call/ask", json=QUESTION)
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        for event in events:
            client.get(f"/gradio_api/call/ask/{event.json()['event_id']}")
        assert client.post("/gradio_api/call/ask", json=QUESTION).status_code == 200


def test_what_was_refused_says_why_by_its_status(place):
    with serving(place, {"answering": 1, "waiting": 0, "timeout": 0.001}) as client:
        busy = client.post("/gradio_api/run/ask", json=QUESTION)
        assert (busy.status_code, int(busy.headers["Retry-After"]) > 0) == (503, True)
    with serving(place) as client:
        for data in (["", None], [3, None], [None, None], ["x" * 2_000, None]):
            assert client.post("/gradio_api/run/ask", json={"data": data}).status_code == 422


class Queue(SimpleNamespace):
    """What Gradio's holds: session → messages, and the events that are still to be answered."""

    def __init__(self, *sessions: str) -> None:
        super().__init__(
            pending_messages_per_session={session: ["answer"] for session in sessions},
            pending_event_ids_session={session: {f"event of {session}"} for session in sessions},
        )


def test_what_was_not_fetched_in_time_is_dropped(monkeypatch):
    now = 100.0
    monkeypatch.setattr(gradio_calls, "monotonic", lambda: now)
    queue = Queue("a", "b")
    held = Held(queue, seconds=60)
    assert held.hold("a", "ann")
    now = 150.0
    assert held.hold("b", "ann")
    now = 161.0
    assert held.hold("c", "ann")
    assert list(queue.pending_messages_per_session) == list(queue.pending_event_ids_session) == ["b"]


def test_what_was_fetched_is_dropped_once_nothing_is_to_come():
    queue = Queue("a")
    held = Held(queue, seconds=60)
    held.hold("a", "ann")
    held.fetched("a")
    assert list(queue.pending_messages_per_session) == ["a"]
    queue.pending_event_ids_session["a"].clear()
    held.fetched("a")
    assert not queue.pending_messages_per_session
    assert not queue.pending_event_ids_session


def test_one_askers_pages_are_not_anothers(monkeypatch):
    monkeypatch.setattr(gradio_calls, "MOST_HELD", 1)
    held = Held(Queue(), seconds=60)
    assert [held.hold("a", "ann"), held.hold("b", "ann"), held.hold("b", "bob"), held.hold("a", "ann")] == [
        True, False, True, True,
    ]  # fmt: skip

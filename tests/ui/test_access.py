"""No trace of an article that one may not read, in any byte of any response: by property, through every door."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.qa.test_groups import ARTICLES, GROUPS, QUESTIONS, may_read, records
from tests.ui.serving import index_of, serving
from ui.signin import Keys

pytestmark = pytest.mark.model

SIGNED_IN = {"sign_in": True, "user_header": "x-user", "groups_header": "x-groups"}
ASKERS = st.sets(st.sampled_from([*GROUPS, "others"]), max_size=2)


def responses(client, groups, question, ids) -> Iterator[bytes]:
    """All that an asker can get out of the server about these articles, timings and ids of requests left out."""
    headers = {"X-User": "ann", "X-Groups": ",".join(sorted(groups)), "X-Request-Id": "same"}
    answer = client.post("/api/ask", json={"question": question}, headers=headers)
    yield json.dumps(answer.json() | {"timings_ms": None}).encode()
    called = client.post("/gradio_api/call/ask", json={"data": [question, None]}, headers=headers)
    event = called.json()["event_id"]
    data = client.get(f"/gradio_api/call/ask/{event}", headers=headers).text.partition("data: ")[2].partition("\n")[0]
    yield json.dumps(json.loads(data)[0] | {"timings_ms": None}).encode()
    for path in ("/api/examples", "/docs", "/openapi.json", "/metrics", "/health", "/config", "/gradio_api/info"):
        yield client.get(path, headers=headers).content.replace(event.encode(), b"")
    config = client.get("/config", headers=headers).json()
    (panel,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "qa-panel")
    for i in ids:
        for path in (f"/api/articles/{i}", f"/articles/{i}", f"/articles/{i}?start=0&end=9"):
            response = client.get(path, headers=headers)
            yield f"{response.status_code} ".encode() + response.content
        wanted = {"article_id": i, "start": 0, "end": 5, "quoted": "x"}
        body = {"data": wanted, "component_id": panel, "fn_name": "open_article", "session_hash": "x"}
        opened = client.post("/gradio_api/component_server", json=body, headers=headers)
        assert opened.status_code == 200
        yield opened.content


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ARTICLES, ASKERS, QUESTIONS)
def test_forbidden_articles_leave_no_trace_and_their_coming_and_going_none_either(articles, groups, question):
    everything = records(articles)
    theirs = [record for record in everything if may_read(record, groups)]
    ids = [record["id"] for record in everything]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        index_of(place, everything)
        served = {"trusted_proxies": ("127.0.0.1",), "operators": (), "requests_per_minute": 0}
        with serving(place, served, SIGNED_IN, examples=(question, "What of soup?")) as client:
            first = list(responses(client, groups, question, ids))
            index_of(place, theirs)
            second = list(responses(client, groups, question, ids))
    assert first == second
    for record in everything:
        if record not in theirs:
            mark = record["id"].removeprefix("article")
            text = b"".join(first).replace(f"/{record['id']}".encode(), b"")
            assert not any(f"{trace}{mark}".encode() in text for trace in ("Secret", "mark", "article"))


def test_a_key_opens_what_its_groups_may_read_and_nothing_else(tmp_path):
    index_of(tmp_path, records([(["soup noon"], {"hr"}), (["ferry price"], {"board"}), (["free dog"], set())]))
    key = Keys(tmp_path / "index").add("script", ["hr"])
    with serving(tmp_path, access={"sign_in": True}) as client:
        known = {"Authorization": f"Bearer {key}"}
        found = [client.get(f"/api/articles/article{n}", headers=known).status_code for n in range(3)]
        assert found == [200, 404, 200]
        assert client.get("/api/articles/article2").status_code == 401
        missing, forbidden = (
            client.get(f"/api/articles/{i}", headers=known | {"X-Request-Id": "1"}) for i in ("z", "article1")
        )
        assert missing.content == forbidden.content

"""The HTTP API as a program meets it."""

import json
import logging

import pytest

from qa import Assistant
from tests.ui.serving import PAY, SOUP, ask, index_of, serving
from ui.article_page import checked
from ui.server.log import JsonLines
from ui.signin import Keys

pytestmark = pytest.mark.model

STRICT = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("api")
    index_of(directory, [SOUP, PAY])
    return directory


@pytest.fixture(scope="module")
def client(place):
    with serving(place, examples=("When is soup served?", "When is the secret bonus paid?")) as client:
        yield client


def test_a_question_is_answered_with_a_quotation(client):
    found = ask(client, "When is soup served?").json()
    (cited,) = found["citations"]
    assert found["answered"]
    assert cited["sentence"] == SOUP["text"][cited["start"] : cited["end"]]
    assert cited["article_id"] == "news/soup.md"


def test_only_the_articles_asked_for_are_looked_in(client):
    for only, answered in (({"articles": ["news/soup.md"]}, True), ({"articles": ["x"]}, False), ({}, True)):
        found = client.post("/api/ask", json={"question": "When is soup served?", "only": only}).json()
        assert found["answered"] is answered


def test_a_follow_up_is_completed_from_the_history(client):
    history = [{"question": "When is soup served?", "answer": "at noon"}]
    found = client.post("/api/ask", json={"question": "Is it hot?", "history": history}).json()
    assert found["standalone_question"] != "Is it hot?"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"question": "  "}, "Type a question first."),
        ({"question": "x" * 1001}, "1,000 characters"),
        ({}, "question: Field required"),
        ({"question": 3}, "string"),
        ({"question": "Why?", "history": [{"answer": "x"}]}, "history.0.question"),
        ({"question": "Why?", "history": [{"question": "x"}] * 51}, "at most 50 items"),
        ({"question": "Why?", "only": {"since": "May"}}, "only.since"),
    ],
)
def test_what_is_no_question_is_said_in_one_line(client, body, said):
    response = client.post("/api/ask", json=body)
    assert response.status_code == 422
    assert said in response.json()["error"]
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_an_article_is_found_by_an_id_with_slashes(client):
    for path in ("/api/articles/news/soup.md", "/api/articles/news%2Fsoup.md"):
        assert client.get(path).json()["text"] == SOUP["text"]
    assert client.get("/api/articles/nothing").status_code == 404


def test_an_article_has_a_page_with_the_sentence_marked_and_no_script(client):
    page = client.get("/articles/news/soup.md?start=0&end=32")
    assert '<mark id="qa-highlight">The canteen serves soup at noon.</mark>' in page.text
    assert "script" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert client.get("/page.css").headers["content-type"].startswith("text/css")


def test_examples_are_those_that_are_answered_from_what_the_asker_may_read(client, place):
    assert client.get("/api/examples").json() == {
        "title": "Handbook", "articles": 1, "examples": ["When is soup served?"],
    }  # fmt: skip
    key = Keys(place / "index").add("examples", ["hr"])
    found = client.get("/api/examples", headers={"Authorization": f"Bearer {key}"}).json()
    assert found["articles"] == 2
    assert "When is the secret bonus paid?" in found["examples"]


def test_a_verdict_is_kept(client, place):
    answer = ask(client, "When is soup served?").json()
    assert client.post("/api/feedback", json={"verdict": "up", "answer": answer}).status_code == 204
    (line,) = (place / "index" / "feedback.jsonl").read_text().splitlines()
    assert json.loads(line)["answer"]["question"] == "When is soup served?"
    assert client.post("/api/feedback", json={"verdict": "up", "answer": {}}).status_code == 422


def test_a_verdict_on_what_does_not_stand_in_the_articles_that_one_may_read_is_refused(client, place):
    answer = ask(client, "When is soup served?").json()
    (cited,) = answer["citations"]
    before = (place / "index" / "feedback.jsonl").read_text()
    for other in (
        cited | {"sentence": "The canteen serves gold at noon."}, cited | {"start": 0, "end": 3},
        cited | {"article_id": "pay", "sentence": PAY["text"], "start": 0, "end": len(PAY["text"])},
        cited | {"article_id": "../../etc/passwd"},
    ):  # fmt: skip
        for forged in (answer | {"citations": [other]}, answer | {"closest": [other]}):
            assert client.post("/api/feedback", json={"verdict": "up", "answer": forged}).status_code == 422
    assert (place / "index" / "feedback.jsonl").read_text() == before


def test_verdicts_are_taken_less_often_than_questions(place):
    with serving(place, {"requests_per_minute": 21}) as client:
        answer = ask(client, "When is soup served?").json()
        verdict = {"verdict": "up", "answer": answer}
        assert [client.post("/api/feedback", json=verdict).status_code for _ in range(3)] == [204, 204, 429]


def test_monitors_may_ask_for_the_head_alone(client):
    for path in ("/health", "/health/live", "/widget.js", "/docs", "/metrics", "/api/examples", "/"):
        assert client.head(path).status_code == 200


def test_what_is_for_who_asks_is_kept_by_nobody_between(client):
    for path in ("/api/examples", "/api/articles/news/soup.md", "/articles/news/soup.md", "/config", "/"):
        assert client.get(path).headers["cache-control"] == "private, no-store"
    assert client.get("/widget.js").headers["cache-control"] == "public, max-age=300"


def test_a_bug_is_a_500_that_is_logged_once_counted_and_tells_nothing(place, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("a secret of the inside")

    caplog.set_level(logging.INFO, "qa.server")
    with serving(place) as client:
        monkeypatch.setattr(Assistant, "ask", broken)
        for path in ("/api/ask", "/gradio_api/run/ask"):
            caplog.clear()
            response = client.post(path, json={"question": "Why?", "data": ["Why?", None]}, headers=STRICT)
            assert response.status_code == 500
            assert "secret" not in response.text
            assert response.headers["x-content-type-options"] == "nosniff"
            (logged,) = (r.fields for r in caplog.records if getattr(r, "fields", {}).get("status") == 500)
            assert logged["path"] == path
        assert 'qa_responses_total{status="500"} 2.0' in client.get("/metrics").text


def test_an_index_that_is_gone_is_said_so_in_the_log_and_asked_for_again_later(tmp_path, caplog):
    index_of(tmp_path, [SOUP])
    caplog.set_level(logging.INFO, "qa.server")
    with serving(tmp_path) as client:
        (tmp_path / "index").rename(tmp_path / "elsewhere")
        gone = ask(client, "When is soup served?")
        assert (gone.status_code, "Retry-After" in gone.headers) == (503, True)
        assert str(tmp_path) not in gone.text
        assert any("no index at" in getattr(r, "fields", {}).get("error", "") for r in caplog.records)
        assert client.get("/health").status_code == 503
        (tmp_path / "elsewhere").rename(tmp_path / "index")
        assert ask(client, "When is soup served?").json()["answered"]


def test_keys_that_cannot_be_read_are_nobodys_fault_who_asks(place, tmp_path):
    index_of(tmp_path, [SOUP])
    (tmp_path / "index" / "keys.json").write_text("{bad")
    with serving(tmp_path, access={"sign_in": True}) as client:
        response = client.get("/api/examples", headers={"Authorization": "Bearer qa_x"})
        assert (response.status_code, "Retry-After" in response.headers) == (503, True)


def test_who_guesses_keys_is_slowed_down(place):
    with serving(place, {"requests_per_minute": 5}, {"sign_in": True}) as client:
        wrong = {"Authorization": "Bearer qa_wrong"}
        assert [client.get("/api/examples", headers=wrong).status_code for _ in range(7)] == [401] * 5 + [429] * 2


def test_a_request_id_is_kept_where_it_is_one(client):
    assert client.get("/health", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/health", headers={"X-Request-Id": "a b<"}).headers["x-request-id"] != "a b<"


def test_health_is_told_to_anybody_and_says_nothing_else(client):
    assert client.get("/health").json() == {"live": True, "ready": True}
    assert client.get("/health/live").json() == {"live": True}


def test_metrics_count_questions_and_tell_the_stages(client):
    before = _metric(client, 'qa_questions_total{door="api",outcome="answered"}')
    ask(client, "When is soup served?")
    assert _metric(client, 'qa_questions_total{door="api",outcome="answered"}') == before + 1
    assert _metric(client, 'qa_question_seconds_count{stage="read"}') >= 1
    assert _metric(client, "qa_index_articles") == 2
    assert 0 <= _metric(client, "qa_index_age_seconds") < 600


def _metric(client, name):
    lines = client.get("/metrics").text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "10.9.9.9"}, 403),  # a proxy that nobody told us of
        ("10.9.9.9", {}, 403),
        ("10.9.9.9", {"X-Forwarded-For": "127.0.0.1"}, 403),
    ],
)
@pytest.mark.parametrize("sign_in", [False, True])
def test_metrics_are_for_operators(place, address, headers, status, sign_in):
    with serving(place, access={"sign_in": sign_in}, client=(address, 1)) as client:
        assert client.get("/metrics", headers=headers).status_code == status


def test_an_operators_key_reads_the_metrics_from_anywhere(place):
    keys = Keys(place / "index")
    with serving(place, client=("10.9.9.9", 1)) as client:
        for name, operator, status in (("prometheus", True, 200), ("script", False, 403)):
            key = keys.add(name, [], operator=operator)
            assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == status


def test_the_widget_is_served_packed_and_once(client):
    first = client.get("/widget.js")
    assert first.headers["content-encoding"] == "gzip"
    assert "QAWidget" in first.text
    assert client.get("/widget.js", headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_description_names_every_path_and_loads_nothing(client):
    described = client.get("/openapi.json").json()
    page = client.get("/docs").text
    for path in ("/api/ask", "/api/articles/{article_id}", "/api/feedback", "/api/examples", "/health", "/metrics"):
        assert path in described["paths"]
        assert path in page
    assert "<script" not in page
    assert "http://" not in page


def test_the_log_holds_one_line_of_json_a_request_and_no_question(client, caplog):
    with caplog.at_level(logging.INFO, "qa"):
        ask(client, "When is soup served?", **{"X-Request-Id": "line-1"})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "qa.server"]
    assert {line["request_id"] for line in lines} == {"line-1"}
    assert [line["event"] for line in lines] == ["question", "request"]
    assert lines[1]["status"] == 200
    assert "soup" not in json.dumps(lines)


def test_the_log_holds_questions_where_it_shall(place, caplog):
    with serving(place, {"log_questions": True}) as client, caplog.at_level(logging.INFO, "qa"):
        ask(client, "When is soup served?\nInjected: line")
    lines = [JsonLines().format(record) for record in caplog.records if record.name == "qa.server"]
    assert json.loads(lines[0])["question"] == "When is soup served?\nInjected: line"
    assert all("\n" not in line for line in lines)


def test_too_many_requests_are_told_when_to_come_again(place):
    with serving(place, {"requests_per_minute": 3}) as client:
        statuses = [client.get("/api/examples").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = ask(client, "When is soup served?")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert client.get("/health").status_code == 200


def test_a_body_has_a_size(place):
    with serving(place, {"body_kib": 2}) as client:
        assert ask(client, "x" * 3000).status_code == 413
        assert client.post("/api/ask", content=iter([b"x" * 1500] * 3)).status_code == 413


@pytest.mark.parametrize(
    ("name", "status"),
    [("127.0.0.1", 200), ("localhost:99", 200), ("QA.example", 200), ("evil.example", 403), ("", 403)],
)
def test_without_sign_in_only_our_own_names_are_answered(place, name, status):
    with serving(place, {"hosts": ("qa.example",)}) as client:
        assert client.get("/api/examples", headers={"Host": name}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1", 200),
        ("https://wiki.example", 200),
        ("https://wiki.example.evil", 403),
        ("https://evil.example", 403),
        ("http://wiki.example", 403),
        ("null", 403),
    ],
)
def test_only_listed_pages_may_ask(place, origin, status):
    with serving(place, access={"widget_origins": ("https://wiki.example",)}) as client:
        response = ask(client, "When is soup served?", Origin=origin)
        assert response.status_code == status
        allowed = response.headers.get("access-control-allow-origin")
        assert allowed == (origin if origin == "https://wiki.example" else None)
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert client.options("/api/ask", headers=preflight).headers.get("access-control-allow-origin") == allowed


def test_refusals_can_be_read_by_the_page_that_may_ask(place):
    with serving(place, access={"widget_origins": ("https://wiki.example",), "sign_in": True}) as client:
        response = ask(client, "When is soup served?", Origin="https://wiki.example")
        assert response.status_code == 401
        assert response.headers["access-control-allow-origin"] == "https://wiki.example"


def test_below_a_path_it_is_the_same_with_the_prefix_and_without(place):
    with serving(place, {"root_path": "/kb"}) as client:
        for prefix in ("/kb", ""):
            assert client.post(f"{prefix}/api/ask", json={"question": "When is soup served?"}).json()["answered"]
            assert 'href="/kb/page.css"' in client.get(f"{prefix}/articles/news/soup.md").text
            assert client.get(f"{prefix}/health").status_code == 200
            assert client.get(f"{prefix}/").status_code == 200
            assert client.get(f"{prefix}/gradio_api/upload").status_code == 404


def test_the_tool_of_language_models_is_there_where_it_is_switched_on(place):
    call = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "When is soup served?"}},
    }  # fmt: skip
    headers = {"Accept": "application/json, text/event-stream"}
    with serving(place, {"mcp": True}) as client:
        listed = client.post("/gradio_api/mcp/", json=call | {"method": "tools/list", "params": {}}, headers=headers)
        assert [tool["name"] for tool in _event(listed)["result"]["tools"]] == ["ask"]
        found = _event(client.post("/gradio_api/mcp/", json=call, headers=headers))
        (citation,) = json.loads(found["result"]["content"][0]["text"])["citations"]
        assert citation["sentence"] == "The canteen serves soup at noon."
        assert client.get("/gradio_api/mcp/http").status_code == 404
    with serving(place, {"mcp": True}, {"sign_in": True}) as client:
        assert client.post("/gradio_api/mcp/", json=call, headers=headers).status_code == 401
    with serving(place) as client:
        assert client.post("/gradio_api/mcp/", json=call, headers=headers).status_code == 404


def _event(response):
    return json.loads(response.text.partition("data: ")[2].partition("\r\n")[0])


def test_an_article_that_has_changed_since_is_not_marked_at_will(client):
    sentence, page = "The canteen serves soup at noon.", "/articles/news/soup.md?start=0&end=32"
    assert f'<mark id="qa-highlight">{sentence}</mark>' in client.get(f"{page}&check={checked(sentence)}").text
    stale = client.get(f"{page}&check={checked('The canteen served soup at noon.')}").text
    assert "The article has changed since this answer." in stale
    assert "<mark" not in stale


@pytest.mark.parametrize(("sign_in", "needed"), [(True, [{"key": []}]), (False, [{}, {"key": []}])])
def test_the_description_says_how_to_sign_in_and_gives_an_example_of_each_call(place, sign_in, needed):
    key = Keys(place / "index").add(f"describes {sign_in}", [])
    with serving(place, access={"sign_in": sign_in}) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        found = client.get("/openapi.json").json()
        assert found["security"] == needed
        assert found["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
        assert found["paths"]["/health"]["get"]["security"] == []
        page = client.get("/docs").text
    assert page.count("<pre>") == 7  # question, answer, examples, article, verdict, two of health


def test_what_widget_and_page_compute_of_a_quotation_is_the_same():
    assert checked("27 days 🌴") == 1_103_237_715

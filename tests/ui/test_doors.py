"""The same question gets the same answer through every door: Python, the shell, the API and Gradio's own."""

import json
import subprocess
import sys

import httpx
import pytest

from qa.evaluation import read
from tests.conftest import ARTICLES
from tests.ui.conftest import ROOT

pytestmark = pytest.mark.model

HUNDRED = [question.question for question in read(ARTICLES / "questions.jsonl")][:100]


@pytest.fixture(scope="module")
def from_python(samples):
    return [told(json.loads(json.dumps(samples.ask(question).to_dict()))) for question in HUNDRED]


def told(answer):
    """What is said; but for timings, and scores: their last digit hangs on which sentences were embedded together."""
    others = [citation for other in answer["alternatives"] for citation in other["citations"]]
    shown = [*answer["citations"], *answer["closest"], *others]
    cited = [[c["article_id"], c["start"], c["end"], c["sentence"], c["span"]] for c in shown]
    confidence = pytest.approx(answer["confidence"], abs=1e-3)
    return answer["question"], answer["answered"], answer["answer"], cited, confidence


def test_a_hundred_questions_from_the_shell(from_python, samples):
    command = [sys.executable, "-m", "ui.cli", "ask", "-", "--json", "--index", str(samples.library.directory)]
    asked = "\n".join(HUNDRED)
    shell = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=ROOT)
    assert [told(json.loads(line)) for line in shell.stdout.splitlines()] == from_python


def test_a_hundred_questions_over_http(from_python, served):
    with httpx.Client(base_url=served.address, timeout=60) as client:
        asked = [client.post("/api/ask", json={"question": question}) for question in HUNDRED]
    assert [told(response.json()) for response in asked] == from_python


def test_every_fourth_over_gradios_api(from_python, served):
    with httpx.Client(base_url=f"{served.address}/gradio_api/call/ask", timeout=60) as client:

        def ask(question):
            event = client.post("", json={"data": [question, None]}).json()["event_id"]
            *_, data = client.get(f"/{event}").text.strip().splitlines()
            return json.loads(data.removeprefix("data: "))[0]

        assert [told(ask(question)) for question in HUNDRED[::4]] == from_python[::4]

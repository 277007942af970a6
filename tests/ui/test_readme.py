"""The README's examples, run against a real server."""

import json
import re
import shutil
import subprocess
from textwrap import dedent

import pytest

from qa import Config
from tests.ui.conftest import ROOT
from ui.signin import Keys, Tokens

README = (ROOT / "README.md").read_text()
PORT = "http://127.0.0.1:7860"


@pytest.fixture
def key(served):
    keys = Keys(served.index)
    yield keys.add("readme", ["hr"])
    keys.revoke("readme")


def blocks(section: str) -> list[str]:
    """The indented blocks below a heading, in order."""
    body = README.partition(f"# {section}\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", body, re.MULTILINE)
    return [dedent(block).strip("\n") for block in found]


def block(section: str, start: str) -> str:
    (found,) = (block for block in blocks(section) if block.startswith(start))
    return found


@pytest.mark.model
@pytest.mark.parametrize("start", ["import httpx", "from gradio_client"])
def test_asking_from_python(served, key, start):
    code = block("HTTP API", start)
    assert PORT in code
    assert "qa_..." in code
    names = {}
    exec(code.replace(PORT, served.address).replace("qa_...", key), names)
    assert names["answer"]["answered"] in (True, False)
    assert names["answer"]["question"] == "Where can I park?"


@pytest.mark.model
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_asking_from_the_shell(served, key):
    command = block("HTTP API", "curl").replace(PORT, served.address)
    asked = subprocess.run(["bash", "-c", command], env={"QA_KEY": key}, capture_output=True, text=True, check=True)
    answer = json.loads(asked.stdout)
    assert answer["standalone_question"] != answer["question"] == "And for part-time staff?"


def test_a_token_is_signed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "token.key"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    names = {}
    exec(block("Put it in your intranet in ten minutes", "from pathlib"), names)
    ann = Tokens.read(secret, "", Config().access.token_max_age).asker(names["token"])
    assert (ann.name, ann.groups) == ("ann", {"hr"})


def test_the_settings_for_an_intranet_are_settings(tmp_path):
    settings = block("Put it in your intranet in ten minutes", "[server]")
    (tmp_path / "config.toml").write_text(settings)
    config = Config.read(tmp_path / "config.toml")
    assert (config.server.root_path, config.access.sign_in) == ("/kb", True)

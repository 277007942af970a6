"""A real server; the embedding model, exported once for all tests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index import quantised

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """address: http://127.0.0.1:PORT. index: the index directory."""

    address: str
    index: Path


@pytest.fixture(autouse=True)
def export_once(monkeypatch: pytest.MonkeyPatch, exported: Path) -> None:
    """An export takes ten seconds, and every new index would need one: what was exported once is copied."""

    def copy(source: object, folder: Path) -> quantised.Manifest:
        shutil.copytree(exported / quantised.FOLDER, folder, dirs_exist_ok=True)
        return quantised.Manifest(**json.loads((folder / "encoder.json").read_text()))

    monkeypatch.setattr(quantised, "_export", copy)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, exported: Path) -> Iterator[Served]:
    """`qa serve` where there is no index yet: it indexes the sample articles, then says where it serves."""
    index = tmp_path_factory.mktemp("served")
    shutil.copytree(exported, index, dirs_exist_ok=True)
    config = tmp_path_factory.mktemp("config") / "config.toml"
    settings = (ROOT / "config.toml").read_text()  # all tests together ask more than one address may
    config.write_text(re.sub("(?m)^requests_per_minute = .*", "requests_per_minute = 0", settings))
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--index", str(index), "--config", str(config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield Served(found[0], index)
                break
        else:
            pytest.fail("qa serve ended before it served")
        server.terminate()

"""A real server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Served:
    """address: http://127.0.0.1:PORT. index: the index directory."""

    address: str
    index: Path


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`qa serve` where there is no index yet: it indexes the sample articles, then says where it serves."""
    index = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--index", str(index)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield Served(found[0], index)
                break
        else:
            pytest.fail("qa serve ended before it served")
        server.terminate()

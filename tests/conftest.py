"""What the tests share: a tiny embedder, an index made with it, the sample articles, the real model."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index import Library, SentenceTransformerEmbedder
from index.quantised import FOLDER, QuantisedEmbedder
from index.store import Vectors
from qa import Assistant, Config

ARTICLES = Path(__file__).parents[1] / "articles"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=50, help="how often tests/index/test_kill.py kills a writer")


class WordEmbedder:
    """A text's vector is the sum of one fixed random direction a word: texts with words in common are near."""

    name = "words"
    checksum = "words 1"
    dimension = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return self.questions(texts)

    def questions(self, texts: Sequence[str]) -> Vectors:
        vectors = np.stack([sum(map(_direction, words(text)), np.zeros(self.dimension)) + 1e-6 for text in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(WordEmbedder.dimension)


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def articles(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into a folder of articles and gives the folder: articles({"a.txt": "text"})."""
    folder = tmp_path / "articles"

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


@pytest.fixture
def library(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Library]:
    library = Library.open(tmp_path / "index", embedder, create=True)
    yield library
    library.close()


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the bundled model exported, as beside an index."""
    directory = tmp_path_factory.mktemp("exported")
    assert QuantisedEmbedder(SentenceTransformerEmbedder(), directory / FOLDER).dimension == 384
    return directory


@pytest.fixture(scope="session")
def model(exported: Path) -> QuantisedEmbedder:
    """The bundled model in int8, exported and loaded once."""
    return QuantisedEmbedder(SentenceTransformerEmbedder(), exported / FOLDER)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, exported: Path, model: QuantisedEmbedder) -> Iterator[Assistant]:
    """An assistant over the sample articles, with the bundled model."""
    directory = tmp_path_factory.mktemp("samples")
    shutil.copytree(exported, directory, dirs_exist_ok=True)  # for whoever opens it without an embedder
    library = Library.open(directory, model, create=True)
    library.sync([str(ARTICLES)])
    library.close()
    assistant = Assistant.open(directory, Config(), embedder=model)
    yield assistant
    assistant.close()

"""The embedding model in int8: exported once, used without torch, made again where its files are not right."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from index import IndexSettings, SentenceTransformerEmbedder, embedder_for
from index.embed import bundled
from index.quantised import FOLDER, QuantisedEmbedder

pytestmark = pytest.mark.model

TEXTS = ["The ferry leaves at 9.15.", "Leave is 25 days a year, and five more may be bought until the end of March."]


class Refuses(SentenceTransformerEmbedder):
    """A model that must not be needed."""

    def model(self):
        raise RuntimeError("made again")


@pytest.fixture
def copied(exported, tmp_path):
    shutil.copytree(exported / FOLDER, tmp_path / FOLDER)
    return tmp_path / FOLDER


def test_its_vectors_are_unit_vectors_near_the_model_s_own(model):
    found, own = model.documents(TEXTS), SentenceTransformerEmbedder().documents(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == own.shape
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert (np.sum(found * own, axis=1) > 0.98).all()
    assert model.documents([]).shape == (0, 384)


def test_a_text_has_the_same_vector_whatever_stands_beside_it(model):
    assert (model.documents(TEXTS)[1] == model.documents(TEXTS[1:])[0]).all()


def test_what_was_exported_serves_without_the_model_and_without_torch(copied):
    assert QuantisedEmbedder(Refuses(), copied).questions(TEXTS).shape == (2, 384)
    code = (
        "import sys; from pathlib import Path; from index import IndexSettings, embedder_for; "
        f"embedder_for(IndexSettings(), Path({str(copied.parent)!r})).questions(['When?']); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_missing_or_foreign_file_is_noticed(copied):
    whole = {path.name: path.read_bytes() for path in copied.iterdir()}
    for name, content in whole.items():
        for damaged in (content[:-1], content[: len(content) // 2] + b"?" + content[len(content) // 2 + 1 :], None):
            if damaged is None:
                (copied / name).unlink()
            else:
                (copied / name).write_bytes(damaged)
            if name != "encoder.json" or damaged != content:
                with pytest.raises(RuntimeError, match="made again"):
                    QuantisedEmbedder(Refuses(), copied).questions(TEXTS)
            (copied / name).write_bytes(content)
    for key, value in (("format", 0), ("model", "another"), ("stamp", "of other files")):
        manifest = json.loads(whole["encoder.json"]) | {key: value}
        (copied / "encoder.json").write_text(json.dumps(manifest))
        with pytest.raises(RuntimeError, match="made again"):
            QuantisedEmbedder(Refuses(), copied).questions(TEXTS)


class Odd(SentenceTransformerEmbedder):
    """A model that no exporter knows."""

    tries = 0

    def model(self):
        self.tries += 1
        return SimpleNamespace()


def test_a_model_that_cannot_be_exported_serves_itself_and_that_is_remembered(tmp_path):
    odd, own = Odd(), SentenceTransformerEmbedder()
    embedder = QuantisedEmbedder(odd, tmp_path / FOLDER)
    assert (embedder.documents(TEXTS) == own.documents(TEXTS)).all()
    assert embedder.checksum == own.checksum
    assert QuantisedEmbedder(odd, tmp_path / FOLDER).dimension == 384
    assert odd.tries == 1
    assert json.loads((tmp_path / FOLDER / "encoder.json").read_text())["reason"]


def test_a_folder_that_cannot_be_made_is_no_hindrance(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert QuantisedEmbedder(Odd(), tmp_path / "file" / FOLDER).questions(TEXTS).shape == (2, 384)


def test_a_directory_s_model_is_exported_with_its_prompts_and_again_when_it_changes(tmp_path):
    changed = SentenceTransformerEmbedder(str(bundled())).model()
    bert = changed[0].auto_model
    bert.encoder.layer = bert.encoder.layer[:1]  # a sixth of the time
    bert.config.num_hidden_layers = 1
    changed.prompts = {"query": "a question about ships: ", "passage": "a text about ships: "}
    changed.save(str(tmp_path / "model"), create_model_card=False)
    own = SentenceTransformerEmbedder(str(tmp_path / "model"))
    embedder = QuantisedEmbedder(own, tmp_path / FOLDER)
    for found, expected in (
        (embedder.questions(TEXTS), own.questions(TEXTS)),
        (embedder.documents(TEXTS), own.documents(TEXTS)),
    ):
        assert (np.sum(found * expected, axis=1) > 0.98).all()
    assert (np.sum(embedder.questions(TEXTS) * embedder.documents(TEXTS), axis=1) < 0.98).all()
    refuses = Refuses(str(tmp_path / "model"))
    assert QuantisedEmbedder(refuses, tmp_path / FOLDER).checksum == embedder.checksum
    os.utime(tmp_path / "model" / "model.safetensors", (0, 0))
    with pytest.raises(RuntimeError, match="made again"):
        QuantisedEmbedder(refuses, tmp_path / FOLDER).questions(TEXTS)


def test_in_float32_where_the_configuration_says_so(tmp_path):
    embedder = embedder_for(IndexSettings(quantised=False), tmp_path)
    assert isinstance(embedder, SentenceTransformerEmbedder)

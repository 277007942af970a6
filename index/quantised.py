"""The configured embedding model in int8: exported once, kept beside the index, run without torch."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from index.checksum import sha256
from index.embed import BUNDLED, Embedder, SentenceTransformerEmbedder
from index.onnx import OnnxModel
from index.settings import IndexSettings
from index.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

FORMAT = 1
"""Raised by one when the export changes, so that vectors of both kinds are never mixed."""

FOLDER = "encoder"
LEAST_COSINE = 0.97
"""Of a sample's vector in int8 to the model's own; a model that falls below is not run in int8."""

_SAMPLES = (
    "When could the summit be held?",
    "Leave is 25 days a year.",
    "The ferry to the island leaves at 9.15 and at 14.40 on weekdays; on Sundays and public holidays there is one "
    "crossing only, at noon. Dogs travel free of charge but have to be kept on a lead.",
)
_MODEL, _TOKENIZER, _MANIFEST = "model.onnx", "tokenizer.json", "encoder.json"


def embedder_for(settings: IndexSettings, directory: Path) -> Embedder:
    """The configured model, in int8 where that is asked for; directory: the index's."""
    source = SentenceTransformerEmbedder(settings.model, settings.batch, settings.threads)
    return QuantisedEmbedder(source, directory / FOLDER, settings.threads) if settings.quantised else source


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of an exported model. stamp: of the files it was made from. checksum: of the vectors it gives. files: name →
    sha256; empty where the model cannot be exported, for the `reason` given."""

    format: int
    model: str
    stamp: str
    checksum: str
    dimension: int
    max_tokens: int
    question_prompt: str
    document_prompt: str
    files: dict[str, str]
    reason: str = ""


class QuantisedEmbedder:
    """A sentence-transformers model through onnxruntime in int8.

    When something first needs it, the exported files are read, or made where they are missing, damaged or stale; where
    they cannot be written, they are made for this process alone. Where the model's modules cannot be exported, the
    model itself is used. Every property and method but `name` raises ModelMissing where the model cannot be loaded.
    """

    def __init__(self, source: SentenceTransformerEmbedder, directory: Path, threads: int = 0) -> None:
        """directory: of the exported files. threads: 0 for as many as there are processors."""
        self.name = source.name
        self._source, self._directory, self._threads = source, directory, threads
        self._loading = Lock()
        self._loaded: _Exported | SentenceTransformerEmbedder | None = None

    @property
    def checksum(self) -> str:
        return self._load().checksum

    @property
    def dimension(self) -> int:
        return self._load().dimension

    def documents(self, texts: Sequence[str]) -> Vectors:
        return self._load().documents(texts)

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._load().questions(texts)

    def _load(self) -> _Exported | SentenceTransformerEmbedder:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._kept() or self._made()
            return self._loaded

    def _kept(self) -> _Exported | SentenceTransformerEmbedder | None:
        """From the exported files, if they are whole and made from this model."""
        try:
            manifest = Manifest(**json.loads((self._directory / _MANIFEST).read_text("utf-8")))
            if (manifest.format, manifest.model, manifest.stamp) != (FORMAT, self.name, _stamp(self.name)):
                return None
            if not manifest.files:
                return self._source
            if any(sha256(self._directory / name) != digest for name, digest in manifest.files.items()):
                return None
            return _Exported(self._directory, manifest, self._threads)
        except (OSError, ValueError, TypeError, RuntimeError):
            return None

    def _made(self) -> _Exported | SentenceTransformerEmbedder:
        log.info("preparing the model %s, once", self.name)
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            manifest = _export(self._source, folder)
            try:
                self._keep(folder, manifest)
            except OSError as error:
                log.warning("the prepared model cannot be kept in %s: %s", self._directory, error.strerror)
            if not manifest.files:
                return self._source
            return _Exported(folder, manifest, self._threads)

    def _keep(self, folder: Path, manifest: Manifest) -> None:
        """The manifest last: whoever reads meanwhile finds files that don't fit it, and makes its own."""
        self._directory.mkdir(parents=True, exist_ok=True)
        (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        for name in (*manifest.files, _MANIFEST):
            part = self._directory / f".{name}.{os.getpid()}"
            part.write_bytes((folder / name).read_bytes())
            part.replace(self._directory / name)


class _Exported:
    def __init__(self, directory: Path, manifest: Manifest, threads: int) -> None:
        self.checksum, self.dimension = manifest.checksum, manifest.dimension
        self._manifest = manifest
        self._model = OnnxModel(directory / _MODEL, threads)
        self._tokenizer = Tokenizer.from_file(str(directory / _TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(manifest.max_tokens)

    def documents(self, texts: Sequence[str]) -> Vectors:
        return self._vectors(texts, self._manifest.document_prompt)

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._vectors(texts, self._manifest.question_prompt)

    def _vectors(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        encoded = self._tokenizer.encode_batch([prompt + text for text in texts])
        found = self._model.run([{"ids": np.array(e.ids, np.int64)} for e in encoded])
        return np.stack([vector for (vector,) in found])


def _export(source: SentenceTransformerEmbedder, folder: Path) -> Manifest:
    """Files into the folder, and what they are."""
    stamp = _stamp(source.name)
    model = source.model()
    checksum = f"{source.checksum}, int8 {FORMAT}"
    try:
        tokens = _write(model, folder)
        manifest = Manifest(
            FORMAT, source.name, stamp, checksum, source.dimension, tokens, _prompt(model, ("query",)),
            _prompt(model, ("document", "passage", "corpus")),
            {name: sha256(folder / name) for name in (_MODEL, _TOKENIZER)},
        )  # fmt: skip
        exported = _Exported(folder, manifest, 1)
        for own, other in ((exported.documents, source.documents), (exported.questions, source.questions)):
            if (cosine := float(np.min(np.sum(own(_SAMPLES) * other(_SAMPLES), axis=1)))) < LEAST_COSINE:
                raise ValueError(f"in int8 its vectors are too far from its own (cosine {cosine:.3f})")
    except Exception as error:  # whatever the exporter chokes on, the model itself still serves
        reason = str(error).strip().splitlines() or [type(error).__name__]
        log.warning("the model %s runs in float32, slower: %s", source.name, reason[0])
        return Manifest(FORMAT, source.name, stamp, source.checksum, source.dimension, 0, "", "", {}, reason[0])
    return manifest


def _write(model: SentenceTransformer, folder: Path) -> int:
    """The model and its tokenizer; how many tokens of a text it reads."""
    import torch

    from index.export import export_int8

    first, *others = model

    class Whole(torch.nn.Module):
        """One text without padding: ids (1, n_tokens) → unit vector (1, dimension)."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_ = model

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            features = {**first({"input_ids": ids}), "attention_mask": torch.ones_like(ids)}
            for module in others:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    export_int8(Whole(), ["ids"], ["vector"], folder / _MODEL)
    (folder / _TOKENIZER).write_text(model.tokenizer.backend_tokenizer.to_str(), "utf-8")
    return int(model.max_seq_length or 512)


def _prompt(model: SentenceTransformer, names: Sequence[str]) -> str:
    """What sentence-transformers puts before a text: the first of these prompts that there is, else the default one."""
    named = next((name for name in names if name in model.prompts), model.default_prompt_name)
    return model.prompts.get(named) or "" if named else ""


def _stamp(name: str) -> str:
    """Of a model's directory: names, sizes and times of its files; of the bundled model and of names: nothing."""
    if name == BUNDLED or not Path(name).is_dir():
        return ""
    files = sorted((str(p.relative_to(name)), p.stat()) for p in Path(name).rglob("*") if p.is_file())
    listed = "\n".join(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in files)
    return hashlib.sha256(listed.encode()).hexdigest()

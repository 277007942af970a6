"""The trained span model's files → scores of question and chunk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.checksum import sha256
from index.errors import ModelMissing
from index.onnx import Floats, OnnxModel
from qa.reader.sequence import Joined, PairTokenizer

SHIPPED = Path(__file__).parent / "weights"
"""Comes with the program; its README.md is the model card."""

MODEL, TOKENIZER, MANIFEST = "span.onnx", "tokenizer.json", "model.json"
INPUTS = ("ids", "types")
OUTPUTS = ("start", "end", "answerable")


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one chunk. start, end: (n_tokens,) logits of the text's own tokens. answerable: logit that it holds the
    answer."""

    start: Floats
    end: Floats
    answerable: float


class SpanModel:
    """May be used from several threads."""

    def __init__(self, path: Path, tokenizer: Path, threads: int = 0) -> None:
        """path: of an ONNX file with INPUTS, (1, n_tokens) each, and OUTPUTS. threads: 0 for all processors."""
        self.tokenizer = PairTokenizer(Tokenizer.from_file(str(tokenizer)))
        self._model = OnnxModel(path, threads)

    @classmethod
    def open(cls, directory: Path = SHIPPED, threads: int = 0) -> SpanModel:
        """Files whose checksums are those of model.json. Raises ModelMissing."""
        remedy = "install the program again"
        try:
            manifest = json.loads((directory / MANIFEST).read_text("utf-8"))
            for name in (MODEL, TOKENIZER):
                if sha256(directory / name) != manifest["sha256"][name]:
                    raise ModelMissing(f"the reader's file {directory / name} is not the one expected; {remedy}")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelMissing(f"the reader's files in {directory} cannot be read ({error}); {remedy}") from error
        return cls(directory / MODEL, directory / TOKENIZER, threads)

    def scores(self, texts: Sequence[Joined]) -> list[Scores]:
        """Of each question and chunk, in their order."""
        found = self._model.run([{"ids": t.ids.astype(np.int64), "types": t.types.astype(np.int64)} for t in texts])
        return [
            Scores(start[t.offset : t.offset + t.n], end[t.offset : t.offset + t.n], float(answerable))
            for t, (start, end, answerable) in zip(texts, found, strict=True)
        ]

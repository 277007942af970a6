"""An ONNX file of a text model → its outputs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_SLOW = ["SkipLayerNormFusion"]
"""Fusions that cost time: the fused kernel is not vectorised (a text of 150 tokens: 30 ms with it, 26 without)."""


class OnnxModel:
    """Runs one text at a time, as many at once as there are threads: nothing is padded, no thread waits for another.
    May be used from several threads."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        """threads: 0 for as many as there are processors. Raises what onnxruntime raises where it is no such file."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"], disabled_optimizers=_SLOW
        )
        self._names = [output.name for output in self._session.get_outputs()]
        self._pool = ThreadPoolExecutor(threads or os.cpu_count(), "onnx")

    def run(self, texts: Sequence[Mapping[str, Ints]]) -> list[list[Floats]]:
        """The model's outputs for each text, in their order. A text: input name → (n_tokens,)."""
        if len(texts) < 2:
            return [self._run(text) for text in texts]
        longest_first = sorted(range(len(texts)), key=lambda i: -max(len(row) for row in texts[i].values()))
        found = self._pool.map(self._run, [texts[i] for i in longest_first])
        outputs = dict(zip(longest_first, found, strict=True))
        return [outputs[i] for i in range(len(texts))]

    def _run(self, text: Mapping[str, Ints]) -> list[Floats]:
        rows = self._session.run(self._names, {name: row[np.newaxis] for name, row in text.items()})
        return [row[0] for row in rows]

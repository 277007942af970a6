"""A span model's ONNX file → scores."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from qa.reader.span_reader import Floats, Ints, Scorer

INPUTS = ("ids", "mask", "types")
OUTPUTS = ("start", "end", "answerable")


def session(path: Path, threads: int = 0) -> Scorer:
    """The file's model on the CPU. threads: 0 for onnxruntime's own choice. May be called from several threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    running = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def score(ids: Ints, mask: Ints, types: Ints) -> tuple[Floats, Floats, Floats]:
        start, end, answerable = running.run(OUTPUTS, dict(zip(INPUTS, (ids, mask, types), strict=True)))
        return start, end, answerable

    return score

"""Trained weights → the folder that the reader opens: ONNX file, tokenizer, checksums.

    python -m qa.reader.train.export WEIGHTS FOLDER [--float]

Dynamic quantisation: weights are stored in int8, activations are quantised as they come.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from torch import Tensor

from index.checksum import sha256
from index.embed import bundled
from index.export import export, export_int8
from qa.reader.span_model import INPUTS, MANIFEST, MODEL, OUTPUTS, TOKENIZER
from qa.reader.train.model import SpanModel, read


class Single(torch.nn.Module):
    """One question and chunk without padding: ids, types (1, n_tokens)."""

    def __init__(self, model: SpanModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        start, end, answerable = self.model(ids, None, types)
        return start, end, answerable


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="model.safetensors of a checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--float", action="store_true", help="leave everything in float32")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    kind = export if args.float else export_int8
    kind(Single(read(args.weights, bundled())), INPUTS, OUTPUTS, args.folder / MODEL)
    shutil.copy(bundled() / "tokenizer.json", args.folder / TOKENIZER)
    digests = {name: sha256(args.folder / name) for name in (MODEL, TOKENIZER)}
    (args.folder / MANIFEST).write_text(json.dumps({"sha256": digests}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Trained weights → one ONNX file, its matrices in int8.

    python -m qa.reader.train.export WEIGHTS TARGET [--per-channel] [--keep-embeddings]

Dynamic quantisation: weights are stored in int8, activations are quantised as they come.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from index.embed import bundled
from qa.reader.onnx import INPUTS, OUTPUTS
from qa.reader.train.model import SpanModel, read


def export(model: SpanModel, path: Path) -> None:
    """As float32, any number of rows of any length."""
    rows, length = torch.export.Dim("rows", min=1, max=1024), torch.export.Dim("length", min=2, max=512)
    example = tuple(torch.ones(3, 17, dtype=torch.long) for _ in INPUTS)
    torch.onnx.export(
        model, example, path, input_names=INPUTS, output_names=OUTPUTS, external_data=False, verbose=False,
        dynamic_shapes=tuple({0: rows, 1: length} for _ in INPUTS), dynamo=True,
    )  # fmt: skip


def quantise(source: Path, target: Path, per_channel: bool, keep_embeddings: bool) -> None:
    """keep_embeddings: leave the word vectors as they are, which makes the file 35 MB larger."""
    with TemporaryDirectory() as temporary:
        prepared = Path(temporary) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        kinds = ["MatMul", "Gemm"] if keep_embeddings else ["MatMul", "Gemm", "Gather"]
        heads = _heads(onnx.load(prepared))
        quantize_dynamic(
            prepared, target, op_types_to_quantize=kinds, per_channel=per_channel, reduce_range=False,
            weight_type=QuantType.QInt8, nodes_to_exclude=heads,
        )  # fmt: skip


def _heads(model: onnx.ModelProto) -> list[str]:
    """The products with the two small output matrices: they cost nothing and decide everything."""
    sizes = {i.name: max(i.dims) for i in model.graph.initializer if len(i.dims) == 2 and min(i.dims) <= 2}
    return [n.name for n in model.graph.node if n.op_type in ("MatMul", "Gemm") and any(i in sizes for i in n.input)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--float", action="store_true", help="leave everything in float32")
    parser.add_argument("--per-channel", action="store_true")
    parser.add_argument("--keep-embeddings", action="store_true")
    args = parser.parse_args()
    model = read(args.weights, bundled())
    if args.float:
        export(model, args.target)
        return
    with TemporaryDirectory() as temporary:
        plain = Path(temporary) / "model.onnx"
        export(model, plain)
        quantise(plain, args.target, args.per_channel, args.keep_embeddings)


if __name__ == "__main__":
    main()

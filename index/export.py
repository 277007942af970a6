"""A text model of torch → an ONNX file in int8. Needs torch; imports it, so import this late."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import PreTrainedModel

EXAMPLE_LENGTH = 17


def export(module: torch.nn.Module, inputs: Sequence[str], outputs: Sequence[str], path: Path) -> None:
    """As float32. The module takes one int64 tensor for each input, (1, n_tokens), n_tokens from 2 to 512."""
    for part in module.modules():
        if isinstance(part, PreTrainedModel):  # the fused attention guards against masks that are not there
            part.set_attn_implementation("eager")
    length = torch.export.Dim("length", min=2, max=512)
    example = tuple(torch.ones(1, EXAMPLE_LENGTH, dtype=torch.long) for _ in inputs)
    with _quiet():
        torch.onnx.export(
            module.eval(), example, path, input_names=inputs, output_names=outputs, external_data=False,
            dynamic_shapes=tuple({1: length} for _ in inputs), dynamo=True, verbose=False,
        )  # fmt: skip


def export_int8(module: torch.nn.Module, inputs: Sequence[str], outputs: Sequence[str], path: Path) -> None:
    """Like `export`; matrices and word vectors in int8, one scale a column, activations quantised as they come.

    Weights take 7 bits: with 8, processors without VNNI instructions overflow (bundled model: a mean cosine of 0.992
    to float32's vectors instead of 0.994), and the same file would give other results on another machine.
    """
    with TemporaryDirectory() as temporary, _quiet():
        plain, prepared = Path(temporary) / "plain.onnx", Path(temporary) / "prepared.onnx"
        export(module, inputs, outputs, plain)
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantize_dynamic(
            prepared, path, op_types_to_quantize=["MatMul", "Gemm", "Gather"], per_channel=True, reduce_range=True,
            weight_type=QuantType.QInt8, nodes_to_exclude=_heads(onnx.load(prepared)),
        )  # fmt: skip


def _heads(model: onnx.ModelProto) -> list[str]:
    """The products with matrices of one or two columns: they cost nothing and decide everything."""
    small = {i.name for i in model.graph.initializer if len(i.dims) == 2 and min(i.dims) <= 2}
    return [n.name for n in model.graph.node if n.op_type in ("MatMul", "Gemm") and any(i in small for i in n.input)]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's and the quantiser's own remarks."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)

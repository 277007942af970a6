"""Trained weights → ONNX, with the same scores."""

import numpy as np
import pytest
import torch

from index.export import export, export_int8
from index.onnx import OnnxModel
from qa.reader.span_model import INPUTS, OUTPUTS
from qa.reader.train.export import Single


@pytest.mark.parametrize(("kind", "tolerance"), [(export, 1e-5), (export_int8, 0.05)])
def test_the_file_scores_as_the_model_does(tiny, tmp_path, kind, tolerance):
    model = tiny().eval()
    kind(Single(model), INPUTS, OUTPUTS, tmp_path / "span.onnx")
    texts = [{"ids": np.arange(n) % 30, "types": np.arange(n) // 5 % 2} for n in (2, 40, 9)]
    for text, found in zip(texts, OnnxModel(tmp_path / "span.onnx", 2).run(texts), strict=True):
        ids, types = (torch.from_numpy(text[name][None]) for name in INPUTS)
        with torch.inference_mode():
            expected = [x[0].numpy() for x in model(ids, torch.ones_like(ids), types)]
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=tolerance)

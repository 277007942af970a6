"""The span model: BERT with a start, an end and an answerable score."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

IMPOSSIBLE = -1e4


class SpanModel(nn.Module):
    """ids, mask, types: (n, length) → start and end logits (n, length) and answerable logits (n,), from [CLS]."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        self.span = nn.Linear(config.hidden_size, 2)
        self.pool = nn.Linear(config.hidden_size, config.hidden_size)
        self.answerable = nn.Linear(config.hidden_size, 1)

    def forward(self, ids: Tensor, mask: Tensor | None, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
        start, end = self.span(hidden).float().unbind(-1)
        return start, end, self.answerable(torch.tanh(self.pool(hidden[:, 0]))).float().squeeze(-1)


def config(directory: Path) -> BertConfig:
    """Without dropout: it costs time, and no question is seen often enough to be learnt by heart."""
    return BertConfig.from_pretrained(directory, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def from_encoder(directory: Path) -> SpanModel:
    """On the pretrained encoder's weights, the heads new."""
    model = SpanModel(config(directory))
    weights = load_file(directory / "model.safetensors")
    missing, _ = model.bert.load_state_dict(weights, strict=False)
    assert not missing, missing
    for head in (model.span, model.pool, model.answerable):
        nn.init.normal_(head.weight, std=0.02)
        nn.init.zeros_(head.bias)
    return model


def read(path: Path, directory: Path) -> SpanModel:
    """From a file that `write` has written. directory: the encoder's, for its configuration."""
    model = SpanModel(config(directory))
    model.load_state_dict(load_file(path))
    return model.eval()


def write(model: SpanModel, path: Path) -> None:
    save_file({name: t.contiguous() for name, t in model.state_dict().items()}, path)

"""The training loop: seeded, resumable, its rate steady until a decay that may begin at any checkpoint."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from qa.reader.train.groups import Assembler, Batch, Sampler
from qa.reader.train.loss import ANSWERABLE_WEIGHT, answerable_loss, span_loss
from qa.reader.train.model import SpanModel, write

log = logging.getLogger(__name__)

LOG_EVERY = 20
"""Steps."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """rate: AdamW's, reached after `warmup` steps, kept for `steady` steps, then linear to 0 over `decay` steps.
    windows: blocks of questions, from the first, that are read in short windows instead of groups of whole chunks.
    budget: tokens of a step, padding included."""

    seed: int = 7
    rate: float = 8e-5
    warmup: int = 60
    steady: int = 4600
    decay: int = 1600
    windows: int = 140
    budget: int = 1536
    weight_decay: float = 0.01

    def factor(self, step: int) -> float:
        """Of the rate, in [0, 1], at a step from 0."""
        falling = 1 - (step - self.steady) / max(1, self.decay)
        return min(1.0, (step + 1) / self.warmup, max(0.0, falling))

    @property
    def steps(self) -> int:
        return self.steady + self.decay


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is: steps done; which block of questions, and how many of its batches are used."""

    step: int = 0
    block: int = 0
    batch: int = 0


class Run:
    """A model under training, where it lies; its checkpoints are complete: weights, optimiser, place."""

    def __init__(self, model: SpanModel, recipe: Recipe) -> None:
        self.model, self.recipe = model, recipe
        self.place = Place()
        named = list(model.named_parameters())
        plain = [p for n, p in named if p.ndim < 2]
        decayed = [p for n, p in named if p.ndim >= 2]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=recipe.rate, betas=(0.9, 0.98), fused=True,
        )  # fmt: skip
        self._device = next(model.parameters()).device
        self._in_bf16 = self._device.type == "cuda" or _has_bf16()

    def train(self, sampler: Sampler, assembler: Assembler, after: Callable[[Run], None]) -> None:
        """Until the recipe's last step; `after` is called after every step."""
        began = perf_counter()
        losses: list[tuple[float, float]] = []
        self.model.train()
        for number, block in zip(count(), sampler.blocks(), strict=False):
            if number < self.place.block:
                continue
            windows = number < self.recipe.windows
            batches = assembler.batches(block, windows, np.random.default_rng([self.recipe.seed, number]))
            for batch in batches[self.place.batch :]:
                if self.place.step >= self.recipe.steps:
                    return
                losses.append(self.step(batch))
                self.place = Place(self.place.step + 1, number, self.place.batch + 1)
                if self.place.step % LOG_EVERY == 0:
                    self._log(losses, (perf_counter() - began) / len(losses))
                    began, losses = perf_counter(), []
                after(self)
            self.place = Place(self.place.step, number + 1, 0)

    def _log(self, losses: Sequence[tuple[float, float]], seconds: float) -> None:
        span, answerable = np.mean(losses, axis=0).tolist()
        rate = self.optimiser.param_groups[0]["lr"]
        log.info(
            "step %d block %d span %.3f answerable %.3f rate %.2g %.2f s/step",
            self.place.step, self.place.block, span, answerable, rate, seconds,
        )  # fmt: skip

    def step(self, batch: Batch) -> tuple[float, float]:
        """One step; both parts of the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * self.recipe.factor(self.place.step)
        ids, mask, types, group_, text, starts, ends = (
            torch.from_numpy(getattr(batch, n)).to(self._device)
            for n in ("ids", "mask", "types", "group", "text", "starts", "ends")
        )
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._in_bf16):
            start, end, answerable = self.model(ids, mask, types)
        span = span_loss(start, text, starts, group_) + span_loss(end, text, ends, group_)
        known = answerable_loss(answerable, starts)
        (span + ANSWERABLE_WEIGHT * known).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        return float(span.detach()), float(known.detach())

    def save(self, directory: Path) -> None:
        """Into DIRECTORY/step-N, complete or not at all."""
        target = directory / f"step-{self.place.step:06d}"
        temporary = directory / f".{target.name}"
        temporary.mkdir(parents=True, exist_ok=True)
        write(self.model, temporary / "model.safetensors")
        states = self.optimiser.state_dict()["state"]
        save_file(
            {f"{i}.{k}": torch.as_tensor(v) for i, s in states.items() for k, v in s.items()},
            temporary / "optimiser.safetensors",
        )
        state = {"place": asdict(self.place), "recipe": asdict(self.recipe)}
        (temporary / "run.json").write_text(json.dumps(state, indent=1))
        temporary.rename(target)

    def resume(self, checkpoint: Path) -> None:
        """Go on from a checkpoint's weights, optimiser and place, by this run's own recipe."""
        self.model.load_state_dict(load_file(checkpoint / "model.safetensors"))
        state = self.optimiser.state_dict()
        state["state"] = {}
        for name, tensor in load_file(checkpoint / "optimiser.safetensors").items():
            number, key = name.split(".")
            state["state"].setdefault(int(number), {})[key] = tensor
        self.optimiser.load_state_dict(state)
        self.place = Place(**json.loads((checkpoint / "run.json").read_text())["place"])


def latest(directory: Path) -> Path | None:
    """The checkpoint with the most steps."""
    found = sorted(directory.glob("step-*"))
    return found[-1] if found else None


def _has_bf16() -> bool:
    """Whether the processor multiplies in bf16; where it only emulates it, a step took 13 times as long as in fp32."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return "avx512_bf16" in flags or "amx_bf16" in flags

"""The training loop: its rate, what it learns, and that a stopped run goes on as if it had not been stopped."""

import pytest
import torch

from qa.reader.train.groups import Assembler, Sampler
from qa.reader.train.loop import Recipe, Run, latest
from qa.reader.train.pool import Pool

RECIPE = Recipe(warmup=2, steady=6, decay=2, windows=1, budget=60, rate=1e-2)


def test_the_rate_rises_stays_and_falls_to_nothing():
    recipe = Recipe(warmup=4, steady=10, decay=5)
    assert [recipe.factor(step) for step in (0, 3, 9)] == [0.25, 1.0, 1.0]
    assert [recipe.factor(step) for step in (10, 12, 15)] == [1.0, 0.6, 0.0]
    assert recipe.steps == 15


@pytest.fixture
def train(part, tokenizer):
    def train(run, after=lambda run: None):
        assembler = Assembler(Pool([part], tokenizer), tokenizer, run.recipe.budget)
        run.train(Sampler({"squad": part}, run.recipe.seed), assembler, after)
        return run

    return train


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(train, tiny, tmp_path):
    class Stopped(Exception):
        pass

    def stop(run):
        if run.place.step == 3:
            run.save(tmp_path)
            raise Stopped

    straight = train(Run(tiny(), RECIPE))
    with pytest.raises(Stopped):
        train(Run(tiny(), RECIPE), stop)
    resumed = Run(tiny(), RECIPE)
    resumed.resume(latest(tmp_path))
    assert resumed.place.step == 3
    train(resumed)
    assert resumed.place == straight.place
    for ours, theirs in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_it_learns(train, tiny):
    losses = []
    run = Run(tiny(), Recipe(warmup=2, steady=60, decay=20, windows=9, budget=200, rate=1e-2))
    step = run.step
    run.step = lambda batch: losses.append(step(batch)) or losses[-1]
    train(run)
    assert sum(span for span, _ in losses[-10:]) < sum(span for span, _ in losses[:10]) / 2


def test_without_checkpoints_there_is_no_latest(tmp_path):
    assert latest(tmp_path) is None

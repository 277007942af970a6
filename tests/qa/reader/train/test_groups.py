"""Labelled questions → batches."""

import numpy as np
import pytest

from qa.reader.train.groups import Assembler, Sampler
from qa.reader.train.pool import Pool


@pytest.fixture
def assembler(part, tokenizer):
    return Assembler(Pool([part], tokenizer), tokenizer, budget=100)


@pytest.mark.parametrize("windows", [True, False])
def test_gold_places_are_where_the_answer_s_tokens_stand(part, tokenizer, assembler, windows):
    answers = {tuple(ids) for ids in tokenizer.questions([a for q in part.questions for a in q.answers])}
    found = 0
    for batch in assembler.batches(part.questions, windows, np.random.default_rng(1)):
        for row in range(len(batch.ids)):
            (starts,), (ends,) = np.nonzero(batch.starts[row]), np.nonzero(batch.ends[row])
            for start, end in zip(starts, ends, strict=True):
                found += 1
                assert tuple(batch.ids[row, start : end + 1]) in answers
                assert batch.text[row, start : end + 1].all()
    assert found >= len(part.questions) / 2


def test_a_batch_keeps_to_the_budget_and_groups_hold_negatives(part, assembler):
    batches = assembler.batches(part.questions, False, np.random.default_rng(1))
    assert all(batch.ids.size <= 100 for batch in batches)
    sizes = np.concatenate([np.bincount(batch.group) for batch in batches])
    assert sizes.max() == 3
    assert all((np.diff(batch.group) >= 0).all() for batch in batches)


def test_the_same_seed_draws_the_same_questions(part):
    first, again, other = (next(Sampler({"squad": part}, seed).blocks()) for seed in (1, 1, 2))
    assert first == again != other
    assert {q.text for q in first} == {q.text for q in part.questions}


def test_negatives_do_not_hold_the_answer(part, tokenizer):
    pool = Pool([part], tokenizer)
    when = part.questions[0]
    assert [pool.passages[n].article.title for n in pool.gold(when)] == ["Dunlin"]
    assert pool.negatives(when, pool.gold(when))
    who = part.questions[1]  # every article names Bo
    assert pool.negatives(who, pool.gold(who)) == []

from math import log

import pytest
import torch

from qa.reader.train.loss import answerable_loss, span_loss

YES, NO = True, False


def test_the_softmax_is_shared_by_the_passages_of_a_question():
    logits = torch.zeros(2, 2)
    gold = torch.tensor([[YES, NO], [NO, NO]])
    every = torch.ones(2, 2, dtype=torch.bool)
    assert span_loss(logits, every, gold, torch.tensor([0, 0])).item() == pytest.approx(log(4))


def test_any_gold_mention_counts_and_other_tokens_than_the_texts_do_not():
    logits = torch.tensor([[0.0, 0.0, 0.0, 50.0]])
    gold = torch.tensor([[YES, YES, NO, NO]])
    text = torch.tensor([[YES, YES, YES, NO]])
    assert span_loss(logits, text, gold, torch.tensor([0])).item() == pytest.approx(log(3 / 2))


def test_a_group_without_gold_has_no_span_loss():
    logits = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    gold = torch.tensor([[NO, NO], [YES, NO]])
    every = torch.ones(2, 2, dtype=torch.bool)
    assert span_loss(logits, every, gold, torch.tensor([0, 1])).item() == pytest.approx(log(2))
    assert span_loss(logits[:1], every[:1], gold[:1], torch.tensor([0])).item() == 0


def test_answerable_is_binary_cross_entropy():
    gold = torch.tensor([[YES, NO], [NO, NO]])
    assert answerable_loss(torch.zeros(2), gold).item() == pytest.approx(log(2))

"""A tiny part to train on, and a tiny model."""

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import BertConfig

from index.article import Article
from qa.reader.sequence import PairTokenizer
from qa.reader.train.corpus import Labelled, Part
from qa.reader.train.model import SpanModel

SHIPS = ("Dunlin", "Petrel", "Curlew", "Plover", "Tern")


@pytest.fixture
def part():
    """One article a ship, two questions each."""
    articles, questions = [], []
    for number, ship in enumerate(SHIPS):
        text = f"The {ship} was built in {1990 + number}. The {ship} was sold to Bo."
        articles.append(Article(f"squad/{ship}", ship, text))
        for question, answer in ((f"When was the {ship} built?", str(1990 + number)), ("Who bought it?", "Bo")):
            start = text.index(answer)
            questions.append(Labelled(question, articles[-1], (answer,), ((start, start + len(answer)),)))
    return Part("squad", articles, questions)


@pytest.fixture
def tokenizer():
    words = [*("[UNK]", "[CLS]", "[SEP]", ":", "?", "."), *("the", "was", "built", "in", "sold", "to", "bo", "when")]
    words += ["who", "bought", "it", *map(str.lower, SHIPS), *(str(1990 + number) for number in range(len(SHIPS)))]
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), BertPreTokenizer()
    return PairTokenizer(tokenizer)


@pytest.fixture
def tiny():
    """Makes the same model each time."""

    def make():
        torch.manual_seed(3)
        sizes = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        return SpanModel(BertConfig(intermediate_size=16, **sizes, **no_dropout))

    return make

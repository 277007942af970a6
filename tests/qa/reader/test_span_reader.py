import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

from index.article import Article, Sentence
from index.chunks import chunks
from index.library import Hit
from qa.reader.sequence import Encoder
from qa.reader.span_reader import SpanReader, around, whole_words

WORDS = [
    *("[UNK]", "[CLS]", "[SEP]", ":", "?", ".", "when", "was", "the", "dunlin", "built", "she", "in", "1998", "sails"),
    *("to", "sand", "##le", "nobody", "knows"),
]
SHIPS = Article("ships", "Dunlin", "The Dunlin sails to Sandle. She was built in 1998. Nobody knows when.")


@pytest.fixture
def encoder():
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), BertPreTokenizer()
    return Encoder(tokenizer)


def hits(article):
    return [Hit(article, chunk, 0.0, 0.0, 0.0) for chunk in chunks(article)]


def likes(word):
    """A model that finds the answer in this word piece, and the chunk answerable."""

    def scorer(ids, mask, types):
        found = np.where((ids == WORDS.index(word)) & (types == 1), 9.0, 0.0).astype(np.float32)
        return found, found, np.ones(len(ids), np.float32)

    return scorer


def test_a_question_and_a_chunk_become_one_sequence(encoder):
    (question,), (text,) = encoder.questions(["When?"]), encoder.texts([(h.article, h.chunk) for h in hits(SHIPS)])
    joined = encoder.join(question, text, 0, 3)
    assert [WORDS[i] for i in joined.ids] == [
        "[CLS]",
        "when",
        "?",
        "[SEP]",
        "dunlin",
        ":",
        "the",
        "dunlin",
        "sails",
        "[SEP]",
    ]
    assert joined.types.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert (joined.offset, joined.n) == (6, 3)


def test_the_answer_is_the_exact_words_inside_their_sentence(encoder):
    best = SpanReader(encoder, likes("1998")).read("When was the Dunlin built?", hits(SHIPS))[0]
    assert best.text == "1998"
    assert SHIPS.text[best.quote[0] : best.quote[1]] == "She was built in 1998."


def test_spans_are_of_different_sentences_best_first(encoder):
    spans = SpanReader(encoder, likes("1998")).read("When?", hits(SHIPS))
    assert len({span.quote for span in spans}) == len(spans) > 1
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)


def test_a_word_piece_is_widened_to_its_word(encoder):
    assert SpanReader(encoder, likes("##le")).read("Where?", hits(SHIPS))[0].text == "Sandle"


def test_nothing_found_nothing_read(encoder):
    assert SpanReader(encoder, likes("1998")).read("When?", []) == []


def test_only_cut_words_are_widened():
    assert whole_words("in Sandle.", 5, 7) == (3, 9)
    assert whole_words("in Sandle.", 3, 9) == (3, 9)


def test_a_span_over_two_sentences_is_quoted_with_both():
    assert around([Sentence(0, 10), Sentence(11, 20), Sentence(21, 30)], 5, 15) == (0, 20)

"""A question and chunks → spans; with a made-up model here, with the real one in tests/test_samples.py."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

from index.article import Article
from index.chunks import chunks
from index.library import Hit
from index.terms import Terms
from qa.reader.sequence import PairTokenizer
from qa.reader.span_model import Scores
from qa.reader.span_reader import MARGIN, SpanReader, whole_words

WORDS = [
    *("[UNK]", "[CLS]", "[SEP]", ":", "?", ".", "when", "was", "the", "dunlin", "built", "she", "in", "1998", "sails"),
    *("to", "sand", "##le", "nobody", "knows"),
]
SHIPS = Article("ships", "Dunlin", "The Dunlin sails to Sandle. She was built in 1998. Nobody knows when.")


@pytest.fixture
def tokenizer():
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), BertPreTokenizer()
    return PairTokenizer(tokenizer)


def hits(article):
    return [Hit(article, chunk, 0.0, 0.0, 0.0) for chunk in chunks(article)]


class Likes:
    """A model that finds the answer in this word piece, and every chunk answerable."""

    def __init__(self, tokenizer, word):
        self.tokenizer, self._id = tokenizer, WORDS.index(word)

    def scores(self, texts):
        found = []
        for text in texts:
            ids = text.ids[text.offset : text.offset + text.n]
            liked = np.where(ids == self._id, 9.0, 0.0).astype(np.float32)
            found.append(Scores(liked, liked, 1.0))
        return found


@pytest.fixture
def read(tokenizer):
    def read(word, question, found):
        terms = Terms("en")
        return SpanReader(Likes(tokenizer, word), terms).read(question, found, dict.fromkeys(terms(question), 1.0))

    return read


def test_a_question_and_a_chunk_become_one_sequence(tokenizer):
    (question,), (text,) = tokenizer.questions(["When?"]), tokenizer.texts([(h.article, h.chunk) for h in hits(SHIPS)])
    joined = tokenizer.join(question, text, 0, 3)
    words = [WORDS[i] for i in joined.ids]
    assert words == ["[CLS]", "when", "?", "[SEP]", "dunlin", ":", "the", "dunlin", "sails", "[SEP]"]
    assert joined.types.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert (joined.offset, joined.n) == (6, 3)


def test_the_answer_is_the_exact_words_inside_their_sentence(read):
    best = read("sails", "What does the Dunlin do?", hits(SHIPS))[0]
    assert best.text == "sails"
    assert SHIPS.text[best.quote[0] : best.quote[1]] == "The Dunlin sails to Sandle."


def test_a_sentence_that_opens_with_a_pronoun_is_quoted_with_the_one_before(read):
    best = read("1998", "When was the Dunlin built?", hits(SHIPS))[0]
    assert best.text == "1998"
    assert SHIPS.text[best.quote[0] : best.quote[1]] == "The Dunlin sails to Sandle. She was built in 1998."


def test_who_asks_for_a_reason_is_answered_with_the_sentence(read):
    assert read("sails", "Why does the Dunlin sail?", hits(SHIPS))[0].text == "The Dunlin sails to Sandle."


def test_spans_have_different_quotations_best_first(read):
    spans = read("1998", "When?", hits(SHIPS))
    assert len({span.quote for span in spans}) == len(spans) > 1
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)


def test_what_two_overlapping_chunks_hold_is_read_once(read):
    assert read("1998", "When?", hits(SHIPS) * 2)[0].confidence == read("1998", "When?", hits(SHIPS))[0].confidence


def test_the_same_words_in_another_article_make_it_surer(read):
    other = Article("log", "Log", "The Dunlin was built in 1998.")
    against = Article("log", "Log", "The Dunlin was built in.")
    sure, alone = (read("1998", "When?", hits(SHIPS) + hits(a))[0].confidence for a in (other, against))
    assert sure != alone


def test_a_word_piece_is_widened_to_its_word(read):
    assert read("##le", "Where?", hits(SHIPS))[0].text == "Sandle"


def test_nothing_found_nothing_read(read):
    assert read("1998", "When?", []) == []


def test_only_cut_words_are_widened():
    assert whole_words("in Sandle.", 5, 7) == (3, 9)
    assert whole_words("in Sandle.", 3, 9) == (3, 9)
    assert whole_words("At 4 p.m. it closes", 3, 8) == (3, 9)
    assert whole_words("It closes at 9.15.", 13, 17) == (13, 17)
    assert whole_words("It is 3.5.", 6, 9) == (6, 9)


def test_a_chunk_far_behind_the_best_is_not_read(read):
    other = Article("log", "Log", "The Dunlin was built in 1998.")
    for behind, ids in ((MARGIN - 0.1, {"ships", "log"}), (MARGIN + 0.1, {"ships"})):
        found = hits(SHIPS) + [Hit(other, chunk, -behind, 0.0, 0.0) for chunk in chunks(other)]
        assert {span.article.id for span in read("1998", "When?", found)} == ids

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.lexical import Lexical, Postings

TERMS = st.lists(st.sampled_from("abcdefgh"), max_size=12)


CUTS = st.lists(st.integers(0, 20), max_size=3).map(sorted)


def lexical(chunks, k1=0.9, b=0.4, cuts=()):
    """Over as many postings as the cuts make of the chunks."""
    bounds = [0, *(min(cut, len(chunks)) for cut in cuts), len(chunks)]
    parts = [chunks[first:last] for first, last in pairwise(bounds)]
    return Lexical([Postings.build(part) for part in parts], k1, b)


@given(st.lists(TERMS, min_size=1, max_size=20).filter(any), TERMS, st.floats(0.5, 2), st.floats(0, 1), CUTS)
def test_scores_are_rank_bm25s_own(chunks, asked, k1, b, cuts):
    with np.errstate(invalid="ignore"):  # 0 / 0 where b is 1 and a chunk has no terms
        expected = np.nan_to_num(BM25Okapi(chunks, k1=k1, b=b).get_scores(asked), nan=0)
    np.testing.assert_allclose(lexical(chunks, k1, b, cuts).scores(asked), expected, rtol=0, atol=1e-9)


@given(st.lists(st.tuples(TERMS, st.booleans()), min_size=1, max_size=20), TERMS, CUTS)
def test_what_is_hidden_is_to_the_scores_as_if_it_did_not_exist(chunks, asked, cuts):
    visible = np.array([seen for _, seen in chunks])
    part = lexical([terms for terms, _ in chunks], cuts=cuts).within(visible)
    alone = lexical([terms for terms, seen in chunks if seen])
    assert part.scores(asked)[visible].tolist() == alone.scores(asked).tolist()
    assert not part.scores(asked)[~visible].any()
    assert [part.count(term) for term in "abcdefgh"] == [alone.count(term) for term in "abcdefgh"]
    assert part.size == alone.size


@given(st.lists(st.lists(st.tuples(TERMS, st.booleans()), min_size=1, max_size=9), min_size=1, max_size=4))
def test_postings_merged_are_those_built_at_once(parts):
    merged = Postings.merge(
        [(Postings.build([terms for terms, _ in part]), np.array([stays for _, stays in part])) for part in parts]
    )
    built = Postings.build([terms for part in parts for terms, stays in part if stays])
    assert {name: array.tolist() for name, array in merged.arrays().items()} == {
        name: array.tolist() for name, array in built.arrays().items()
    }


def test_no_chunks_and_empty_chunks_score_nothing():
    assert lexical([]).scores(["a"]).tolist() == []
    assert lexical([[], []]).scores(["a"]).tolist() == [0, 0]


def test_a_word_may_be_anything_and_stand_often():
    chunks = [["\ud800", ""] * 200, ["b"]]
    assert lexical(chunks).scores(["\ud800"])[0] == BM25Okapi(chunks, k1=0.9, b=0.4).get_scores(["\ud800"])[0]


def test_words_that_nobody_holds_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("index.lexical.MAX_COUNTS", 50)
    index = lexical([["soup", "noon"], ["soup"]])
    for n in range(300):
        index.scores(["soup", f"unheard{n}"])
        assert (index.count("soup"), index.count(f"unheard{n}")) == (2, 0)
    assert len(index._counts) <= 52

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.lexical import Lexical

TERMS = st.lists(st.sampled_from("abcdefgh"), max_size=12)


@given(st.lists(TERMS, min_size=1, max_size=20).filter(any), TERMS, st.floats(0.5, 2), st.floats(0, 1))
def test_scores_are_rank_bm25s_own(chunks, asked, k1, b):
    with np.errstate(invalid="ignore"):  # 0 / 0 where b is 1 and a chunk has no terms
        expected = np.nan_to_num(BM25Okapi(chunks, k1=k1, b=b).get_scores(asked), nan=0)
    np.testing.assert_allclose(Lexical.build(chunks, k1, b).scores(asked), expected, rtol=0, atol=1e-9)


@given(st.lists(st.tuples(TERMS, st.booleans()), min_size=1, max_size=20), TERMS)
def test_what_is_hidden_is_to_the_scores_as_if_it_did_not_exist(chunks, asked):
    visible = np.array([seen for _, seen in chunks])
    part = Lexical.build([terms for terms, _ in chunks], 0.9, 0.4).within(visible)
    alone = Lexical.build([terms for terms, seen in chunks if seen], 0.9, 0.4)
    assert part.scores(asked)[visible].tolist() == alone.scores(asked).tolist()
    assert not part.scores(asked)[~visible].any()
    assert [part.count(term) for term in "abcdefgh"] == [alone.count(term) for term in "abcdefgh"]
    assert part.size == alone.size


def test_no_chunks_and_empty_chunks_score_nothing():
    assert Lexical.build([], 1.5, 0.75).scores(["a"]).tolist() == []
    assert Lexical.build([[], []], 1.5, 0.75).scores(["a"]).tolist() == [0, 0]


def test_saved_and_loaded_it_is_the_same(tmp_path):
    built = Lexical.build([["ä", "b"], ["b", "b", "c"], []], 1.5, 0.75)
    built.save(tmp_path / "lexical.npz")
    loaded = Lexical.load(tmp_path / "lexical.npz")
    assert loaded.scores(["ä", "c", "b"]).tolist() == built.scores(["ä", "c", "b"]).tolist()
    assert [loaded.count(term) for term in ("ä", "b", "z")] == [1, 2, 0]

import numpy as np
import pytest

from index import dense
from index.arrays import mapped, to_bytes
from index.dense import Dense

rng = np.random.default_rng(3)
VECTORS = rng.standard_normal((200, 16))
VECTORS = (VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)).astype(np.float16)
QUESTION = VECTORS[7].astype(np.float32)
COSINES = VECTORS.astype(np.float64) @ QUESTION
BEST = np.argsort(-COSINES, kind="stable")


@pytest.fixture(params=["exact", "codes"])
def built(request, monkeypatch):
    if request.param == "codes":
        monkeypatch.setattr(dense, "EXACT", 50)
    return Dense.build(VECTORS)


def best(found, n, wanted=None):
    """As a search does it: some more than n, then by their cosines."""
    _, numbers = found.nearest(QUESTION, 8 * n, wanted)
    return numbers[np.argsort(-found.scores(QUESTION, numbers), kind="stable")][:n].tolist()


def test_the_nearest_are_those_of_brute_force_also_from_files(built, tmp_path):
    (tmp_path / "dense.faiss").write_bytes(built.to_bytes())
    (tmp_path / "arrays").write_bytes(to_bytes({"vectors": VECTORS}))
    for found in (built, Dense.open(mapped(tmp_path / "arrays")["vectors"], tmp_path / "dense.faiss")):
        assert best(found, 10) == BEST[:10].tolist()
        np.testing.assert_allclose(found.scores(QUESTION, BEST), COSINES[BEST], atol=1e-5)


def test_a_score_does_not_depend_on_what_else_is_scored(built):
    alone = [built.scores(QUESTION, np.array([n]))[0] for n in range(200)]
    assert built.scores(QUESTION, np.arange(200)).tolist() == alone


def test_a_filter_works_inside_the_search(built):
    farthest = np.zeros(200, dtype=bool)
    farthest[BEST[-5:]] = True
    assert best(built, 10, farthest) == BEST[-5:].tolist()


def test_asking_for_more_than_there_are_gives_all():
    assert sorted(best(Dense.build(VECTORS[:3]), 10)) == [0, 1, 2]


def test_files_of_other_vectors_are_refused(built, tmp_path):
    (tmp_path / "dense.faiss").write_bytes(built.to_bytes())
    with pytest.raises(ValueError, match="other vectors"):
        Dense.open(VECTORS[:100], tmp_path / "dense.faiss")

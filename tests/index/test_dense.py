import numpy as np

from index.dense import Dense

rng = np.random.default_rng(3)
VECTORS = rng.standard_normal((200, 16)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def test_the_nearest_are_those_of_brute_force(tmp_path):
    built = Dense.build([VECTORS[:150], VECTORS[150:]])
    built.save(tmp_path / "dense.faiss")
    for dense in (built, Dense.load(tmp_path / "dense.faiss")):
        question = VECTORS[7]
        expected = np.argsort(-(VECTORS @ question), kind="stable")[:10]
        assert dense.top(question, 10).tolist() == expected.tolist()
        np.testing.assert_allclose(dense.scores(question, expected), (VECTORS @ question)[expected], atol=1e-6)


def test_a_filter_works_inside_the_search():
    question = VECTORS[7]
    farthest = np.zeros(200, dtype=bool)
    farthest[np.argsort(VECTORS @ question)[:5]] = True
    found = Dense.build([VECTORS]).within(farthest).top(question, 10)
    assert found.tolist() == np.argsort(VECTORS @ question)[:5][::-1].tolist()


def test_asking_for_more_than_there_are_gives_all():
    assert sorted(Dense.build([VECTORS[:3]]).top(VECTORS[0], 10).tolist()) == [0, 1, 2]


def test_an_empty_index_finds_nothing():
    assert Dense.build([]).top(VECTORS[0], 10).tolist() == []

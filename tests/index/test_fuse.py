import numpy as np
import pytest

from index.fuse import fuse


def test_the_worked_example():
    # dense 0, 2: mean 1, deviation 1 → -1, 1; lexical 30, 10: mean 20, deviation 10 → 1, -1
    assert fuse(np.array([0.0, 2.0]), np.array([30.0, 10.0]), 0.75).tolist() == [-0.5, 0.5]


def test_a_side_without_a_preference_counts_for_nothing():
    assert fuse(np.array([0.1, 0.3]), np.array([5.0, 5.0]), 0.5).tolist() == pytest.approx([-0.5, 0.5])


def test_nothing_fuses_to_nothing():
    assert fuse(np.array([]), np.array([]), 0.5).tolist() == []

"""How often one asker may come."""

import pytest

from ui.server.rate import Rate, identity
from ui.signin import ANONYMOUS, Asker


def test_each_asker_has_a_count_of_their_own():
    rate = Rate(2)
    assert [rate.exceeded(ANONYMOUS, "192.0.2.1") is None for _ in range(3)] == [True, True, False]
    assert rate.exceeded(ANONYMOUS, "192.0.2.2") is None
    assert rate.exceeded(Asker("ann"), "192.0.2.1") is None
    assert 1 <= rate.exceeded(ANONYMOUS, "192.0.2.1") <= 60


def test_nought_is_no_limit():
    assert all(Rate(0).exceeded(ANONYMOUS, "192.0.2.1") is None for _ in range(1000))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "rubbish", True),
    ],
)
def test_a_household_counts_as_one(one, other, same):
    assert (identity(ANONYMOUS, one) == identity(ANONYMOUS, other)) == same

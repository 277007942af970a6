import numpy as np

from qa.reader.decode import TokenSpan, best_spans


def floats(*values):
    return np.array(values, np.float32)


def best(start, end, limit, sentence=None, **options):
    sentence = np.zeros(len(start), np.int64) if sentence is None else np.array(sentence)
    return best_spans(start, end, sentence, limit, **options)


def test_the_best_span_has_the_highest_sum_of_start_and_end():
    assert best(floats(0, 3, 1), floats(2, 1, 0), 1) == [TokenSpan(1, 1, 4.0)]


def test_a_span_never_ends_before_it_starts():
    assert best(floats(0, 0, 5), floats(5, 0, 1), 1) == [TokenSpan(2, 2, 6.0)]


def test_a_span_is_no_longer_than_allowed():
    assert best(floats(9, 0, 0, 0), floats(0, 1, 0, 9), 1, max_tokens=2)[0] == TokenSpan(0, 1, 10.0)


def test_spans_share_no_token_and_the_earlier_of_two_equals_comes_first():
    found = best(floats(1, 1, 0), floats(1, 1, 0), 3)
    assert found == [TokenSpan(0, 0, 2.0), TokenSpan(1, 1, 2.0), TokenSpan(2, 2, 0.0)]


def test_no_tokens_no_spans():
    assert best(floats(), floats(), 3) == []


def test_a_span_stays_within_its_sentence():
    assert best(floats(9, 0, 0), floats(0, 1, 9), 1, [1, 1, 2]) == [TokenSpan(0, 1, 10.0)]
    assert len(best(floats(9, 0, 0), floats(0, 1, 9), 9, [1, 2, 3])) == 3

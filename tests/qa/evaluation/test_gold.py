"""EM and F1 as SQuAD 2.0 defines them, and whether a text holds an answer."""

import random
import re
import string
from collections import Counter

import pytest

from qa.evaluation.gold import exact_match, f1, holds, normalised


def defined(text: str) -> list[str]:
    """SQuAD's normalisation, as its paper and script describe it, step by step."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def defined_f1(answer: str, gold: str) -> float:
    a, g = Counter(defined(answer)), Counter(defined(gold))
    if not a or not g:
        return float(a == g)
    same = sum(min(n, g[word]) for word, n in a.items())
    if same == 0:
        return 0.0
    precision, recall = same / sum(a.values()), same / sum(g.values())
    return 2 * precision * recall / (precision + recall)


def pairs() -> list[tuple[str, list[str]]]:
    """1,000 answers with one to three gold answers, made of words that make trouble."""
    words = [
        *["a", "an", "the", "The", "A.", "an,", "9", "5", "$5", "5.0", "--", "!", "ß"],
        *["the-cat", "cat", "Cat's", "46p", "U.S.", "U.S", "naïve", "don't", "two"],
    ]
    dice = random.Random(4)

    def text() -> str:
        return " ".join(dice.choice(words) for _ in range(dice.choice((0, 1, 1, 2, 3, 6))))

    return [(text(), [text() for _ in range(dice.randint(0, 3))]) for _ in range(1000)]


def test_em_and_f1_are_squads_on_1000_made_up_pairs():
    seen = set()
    for answer, answers in pairs():
        gold = [g for g in answers if defined(g)] or [""]
        expected = max(float(defined(answer) == defined(g)) for g in gold), max(defined_f1(answer, g) for g in gold)
        assert (exact_match(answer, answers), f1(answer, answers)) == pytest.approx(expected), (answer, answers)
        seen.add(expected)
    assert len(seen) > 15


@pytest.mark.parametrize(
    ("answer", "answers", "em", "f1_worked"),
    [
        ("the Eiffel Tower!", ["Eiffel tower"], 1, 1),
        ("in 1921", ["1921", "the year 1921"], 0, 2 / 3),
        ("two two three", ["two three three"], 0, 2 / 3),
        ("", [], 1, 1),
        ("", ["1921"], 0, 0),
        ("anything", [], 0, 0),
        ("the", ["a"], 1, 1),
    ],
)
def test_worked_by_hand(answer, answers, em, f1_worked):
    assert exact_match(answer, answers) == em
    assert f1(answer, answers) == pytest.approx(f1_worked)


def test_normalised_leaves_words_alone_that_only_begin_like_articles():
    assert normalised("The theatre, a-n-d an ant") == "theatre and ant"


@pytest.mark.parametrize(
    ("text", "answer", "held"),
    [
        ("It costs £46 a month.", "£46", True),
        ("It opened in 1999.", "9", False),
        ("A French-speaking crew.", "French", True),
        ("The ship's bell.", "ship", True),
        ("the United States", "United States", True),
        ("born September 20, 1937–May 25, 2005", "–May 25, 2005", True),
        ("is held typically in August", "ypically in August", True),
        ("Dr Smith, who left", "dr. smith", True),
        ("anything", "", False),
        ("anything", "the", False),
    ],
)
def test_a_text_holds_whole_words(text, answer, held):
    assert holds(text, [answer]) is held

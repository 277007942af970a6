import pytest

from qa.reader.question import kind, shows


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many days do I get?", "number"),
        ("what's the price of a pass", "number"),
        ("When does it open?", "time"),
        ("How long does approval take?", "time"),
        ("Who approves leave?", "person"),
        ("Where do I park?", "place"),
        ("Why was it closed?", "reason"),
        ("How do I claim expenses?", "manner"),
        ("Which form is needed?", "other"),
        ("Who approves it? (How many days do I get?)", "person"),
    ],
)
def test_the_wording_tells_what_is_asked_for(question, expected):
    assert kind(question) == expected


@pytest.mark.parametrize(
    ("sentence", "asked", "expected"),
    [
        ("It has 120 places.", "number", True),
        ("It has many places.", "number", False),
        ("It opens on Mondays.", "time", True),
        ("Ask Ann Lee.", "person", True),
        ("Nobody knows.", "person", False),
        ("It closed because of rain.", "reason", True),
        ("It has 120 places.", "other", False),
    ],
)
def test_a_sentence_shows_signs_of_what_is_asked_for(sentence, asked, expected):
    assert shows(sentence, asked) is expected

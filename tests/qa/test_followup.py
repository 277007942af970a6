import pytest

from qa.followup import standalone

LEAVE = {"question": "How many days of leave do I get?", "answer": "28 days"}


@pytest.mark.parametrize(
    "question",
    [
        "And for part-time staff?",
        "Who approves it?",
        "What about contractors?",
        "Why?",
        "Is this also true for apprentices?",
    ],
)
def test_a_question_that_leans_on_the_one_before_is_completed(question):
    assert standalone(question, [LEAVE]) == f"{question} (How many days of leave do I get?)"


@pytest.mark.parametrize(
    "question", ["Where is the car park?", "Who is the director?", "What is the form that I need for expenses?"]
)
def test_a_question_that_stands_alone_is_left_alone(question):
    assert standalone(question, [LEAVE]) == question


def test_a_chain_of_follow_ups_goes_back_to_what_they_are_about():
    history = [
        {"question": "Where is the bus?", "answer": None},
        LEAVE,
        {"question": "Who approves it?", "answer": "Ann"},
    ]
    assert standalone("And when?", history) == "And when? (How many days of leave do I get? Who approves it?)"


def test_without_history_nothing_is_added():
    assert standalone(" And when? ", []) == "And when?"

import re

import pytest

from index.article import Sentence
from qa.reader.quotation import quotation


def quoted(text, place, wants_more=False):
    """The answer and the quotation, for a text whose sentences end at "." or ":" """
    sentences = [Sentence(m.start(), m.end()) for m in re.finditer(r"\S[^.:]*[.:]", text)]
    answer, quote = quotation(text, sentences, place, wants_more)
    return text[slice(*answer)], text[slice(*quote)]


def test_a_fact_is_one_sentence():
    assert quoted("It rains. Ann leads the lab. Bo cooks.", 1) == ("Ann leads the lab.", "Ann leads the lab.")


def test_a_sentence_that_opens_with_a_pronoun_is_shown_with_the_one_before():
    assert quoted("The lab is new. It has ten rooms.", 1) == ("It has ten rooms.", "The lab is new. It has ten rooms.")


def test_but_not_across_paragraphs():
    assert quoted("The lab is new.\nIt has ten rooms.", 1) == ("It has ten rooms.", "It has ten rooms.")


def test_a_question_that_wants_more_gets_what_reads_on_up_to_three_sentences():
    text = "Fill the form. Then sign. Then scan. Then send. Tea."
    assert quoted(text, 0, wants_more=True)[0] == "Fill the form. Then sign. Then scan."
    assert quoted(text, 3, wants_more=True)[0] == "Then send."


def test_what_stands_behind_a_colon_belongs_to_it():
    assert quoted("To claim:\nFill the form.\nTea.", 0)[0] == "To claim:\nFill the form."


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("wants_more", [False, True])
def test_the_answer_lies_in_the_quotation_of_at_most_three_sentences(place, wants_more):
    answer, quote = quoted("It is. They go: This one. It too. If so. These.", place, wants_more)
    assert answer in quote
    assert len(re.findall(r"[.:]", quote)) <= 3

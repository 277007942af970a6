from qa import Answer, Citation
from ui.answer_text import answer_text


def citation(n, sentence, title="T"):
    return Citation(n, "a.txt", title, None, "Ann", "2025-01-02", sentence, 0, len(sentence), (0, 4), 1.0)


def test_an_answer_is_its_quotations_with_their_sources():
    answer = Answer("Q?", "Q?", True, "One", 0.756, (citation(1, "One\ntwo."), citation(2, "Two.")), (), (), {})
    assert answer_text(answer) == (
        "One\n[1] “One two.”\n    T · Ann · 2025-01-02 · a.txt\n"
        "[2] “Two.”\n    T · Ann · 2025-01-02 · a.txt\nconfidence 76%"
    )


def test_a_whole_sentence_is_not_said_twice():
    answer = Answer("Q?", "Q?", True, "One two.", 0.756, (citation(1, "One two."),), (), (), {})
    assert answer_text(answer).startswith("[1] “One two.”")


def test_a_declined_one_says_why():
    answer = Answer("Q?", "Q?", False, None, 0.0, (), (), (), {}, "nothing found")
    assert answer_text(answer) == "Not found in these articles. None of them is about this."


def test_a_declined_one_says_so_first():
    answer = Answer("Q?", "Q?", False, None, 0.1, (), (), (citation(1, "One."),), {})
    assert answer_text(answer, with_question=True).startswith(
        "? Q?\nNot found in these articles.\nclosest:\n[1] “One.”"
    )


def test_an_article_cannot_steer_the_terminal():
    answer = Answer("Q?", "Q?", True, "One", 0.5, (citation(1, "One \x1b[2J.", "T\x9b"),), (), (), {})
    assert "[1] “One �[2J.”\n    T� · Ann" in answer_text(answer)

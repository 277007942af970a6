from index import Article
from qa import compose
from qa.reader import Span


def span(article_id, text, confidence=0.8):
    return Span(Article(article_id, article_id, text), 0, len(text), (0, len(text)), confidence, confidence)


def terms(text):
    return text.lower().strip(".").split()


ASKED = frozenset({"leave", "days"})


def support(*spans):
    return [s.article.id for s in compose.supporting(spans, ASKED, terms, 3)]


def test_the_same_number_elsewhere_supports_the_answer():
    assert support(span("a", "leave is 28 days."), span("b", "staff get 28 days.", 0.6)) == ["a", "b"]


def test_another_number_does_not():
    first, second = span("a", "leave is 28 days."), span("b", "leave is 25 days.", 0.6)
    assert support(first, second) == ["a"]
    assert compose.different([first, second], [first], ASKED, terms, 0.3) is second


def test_without_numbers_a_third_of_the_new_words_decides():
    assert support(span("a", "ann lee approves leave."), span("b", "leave approves ann lee today.")) == ["a", "b"]
    assert support(span("a", "ann lee approves leave."), span("b", "leave needs a form and bo.")) == ["a"]


def test_one_that_is_much_less_sure_neither_supports_nor_differs():
    first, second = span("a", "leave is 28 days."), span("b", "staff get 28 days.", 0.3)
    assert support(first, second) == ["a"]
    assert compose.different([first, second], [first], ASKED, terms, 0.4) is None


def test_closest_sentences_do_not_overlap():
    article = Article("a", "a", "One two. Three.")
    overlapping = [
        Span(article, 0, 8, (0, 8), 1, 1),
        Span(article, 4, 8, (0, 15), 1, 1),
        Span(article, 9, 15, (9, 15), 1, 1),
    ]
    assert compose.distinct(overlapping, 3) == [overlapping[0], overlapping[2]]


def test_a_citation_is_the_articles_own_words_and_numbered():
    article = Article("a", "T", "One two. Three.", url="https://x.example", author="Ann", published="2025-01-02")
    (citation,) = compose.citations([Span(article, 4, 7, (0, 8), 1.23456, 0.5)], first=2)
    assert (citation.n, citation.sentence, citation.span, citation.score) == (2, "One two.", (4, 7), 1.2346)
    assert (citation.title, citation.url, citation.author, citation.published) == (
        "T",
        "https://x.example",
        "Ann",
        "2025-01-02",
    )


def test_the_very_same_words_support_from_a_quarter_of_the_confidence():
    first = span("a", "Ann Lee", 0.8)
    assert support(first, span("b", "The Ann Lee!", 0.25)) == ["a", "b"]
    assert support(first, span("b", "The Ann Lee!", 0.15)) == ["a"]
    assert support(first, span("b", "Ann Lee or Bo", 0.25)) == ["a"]


def test_two_articles_contradict_each_other_by_their_numbers():
    first, second = span("a", "leave is 28 days.", 0.15), span("b", "leave is 25 days.", 0.12)
    assert compose.contradict([first, second], ASKED, terms, 0.2)
    assert not compose.contradict([first, second], ASKED, terms, 0.3)
    assert not compose.contradict([first, span("b", "leave is 28 days.", 0.12)], ASKED, terms, 0.2)
    assert not compose.contradict([first, span("b", "ann approves 25 others.", 0.12)], ASKED, terms, 0.2)
    assert not compose.contradict(
        [span("a", "ann has leave", 0.15), span("b", "bo has leave", 0.12)], ASKED, terms, 0.2
    )
    assert not compose.contradict([first], ASKED, terms, 0.2)

"""The sample articles and their questions: complete, consistent, and answered as well as was measured."""

import pytest

from index.load import find, read
from qa.evaluation import Question
from qa.evaluation import read as read_questions
from qa.evaluation.gold import holds
from tests.conftest import ARTICLES

QUESTIONS = list(read_questions(ARTICLES / "questions.jsonl"))


@pytest.fixture(scope="module")
def texts():
    found = [
        article for file in find([str(ARTICLES)]).files if file.name != "questions.jsonl" for article in read(file)
    ]
    return {article.id: article for article in found}


def test_there_are_at_least_15_articles_of_200_to_600_words(texts):
    assert len(texts) >= 15
    for article in texts.values():
        assert 200 <= len(article.text.split()) <= 600, article.id
        assert article.title != article.id


def test_there_are_at_least_60_questions_a_fifth_of_them_unanswerable_some_follow_ups():
    assert len(QUESTIONS) >= 60
    assert all(isinstance(q, Question) for q in QUESTIONS)
    assert sum(not q.answerable for q in QUESTIONS) * 5 >= len(QUESTIONS)
    assert sum(bool(q.history) for q in QUESTIONS) >= 10


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.answerable], ids=lambda q: q.id)
def test_every_answer_stands_in_its_article(question, texts):
    articles = [texts[article_id] for article_id in question.article_ids]
    assert all(answer in articles[0].text for answer in question.answers)
    assert all(holds(article.text, question.answers) for article in articles)


@pytest.mark.model
def test_every_quotation_is_the_articles_own_words(samples):
    quoted = 0
    for q in QUESTIONS[::8]:
        answer = samples.ask(q.question, q.history)
        alternatives = [c for a in answer.alternatives for c in a.citations]
        for c in (*answer.citations, *answer.closest, *alternatives):
            text = samples.article(c.article_id).text
            assert text[c.start : c.end] == c.sentence
            assert c.start <= c.span[0] < c.span[1] <= c.end
            quoted += 1
        if answer.answered:
            first = answer.citations[0]
            assert samples.article(first.article_id).text[slice(*first.span)] == answer.answer
    assert quoted >= len(QUESTIONS) // 8


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "words", "article_id"),
    [
        ("How many days of annual leave do full-time staff have?", "27 days", "handbook/annual-leave.md"),
        ("What is the mileage rate now?", "47p a mile", "news/2025-03-14-mileage-rate.md"),
        ("When was the company founded?", "1921", "about/who-we-are.md"),
        ("Can I bring my dog on the ferry?", "Dogs travel free", "services/faq.md"),
        ("How long does the crossing to Sandle take?", "1 hour 10 minutes", "news/2026-05-11-avocet-in-service.md"),
    ],
)
def test_the_first_citation_holds_the_answer(samples, question, words, article_id):
    first = samples.ask(question).citations[0]
    assert words in first.sentence
    assert first.article_id == article_id


@pytest.mark.model
@pytest.mark.parametrize("question", ["What is the capital of Mongolia?", "How do I bake sourdough bread?", "xyzzy"])
def test_what_the_articles_do_not_say_is_declined_with_the_closest_sentences(samples, question):
    answer = samples.ask(question)
    assert (answer.answered, answer.answer, answer.citations, answer.alternatives) == (False, None, (), ())
    assert 1 <= len(answer.closest) <= 3
    assert [c.n for c in answer.closest] == list(range(1, len(answer.closest) + 1))

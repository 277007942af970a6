"""Asking for real: an index, questions, records; and what is kept of them."""

import json

import pytest

from index.errors import QuestionsUnusable
from qa import Assistant, Config, evaluate
from qa.evaluation import Question, Run
from qa.evaluation.judge import off_topic
from qa.evaluation.kept import FILE, Kept, add, forget
from qa.evaluation.trec import write
from tests.qa.evaluation.conftest import SETTINGS, made

FILES = {
    "leave.txt": "Annual leave\n\nFull-time staff get 28 days of annual leave. Part-time staff get it pro rata.",
    "lunch.txt": "The canteen\n\nSoup is served at noon. It is hot.",
}
LEAVE = Question("q1", "How many days of annual leave do full-time staff get?", ("28 days",), ("leave.txt",))
SOUP = Question("q2", "When is soup served?", ("noon",), titles=("The canteen",))


@pytest.fixture
def assistant(library, articles, embedder):
    library.sync([str(articles(FILES))])
    return Assistant.open(library.directory, Config(), embedder=embedder)


def test_right_answers_are_found_right(assistant):
    told = []
    run = evaluate(assistant, [LEAVE, SOUP], progress=lambda *step: told.append(step))
    assert [record.cites_rightly(record.best) for record in run.records] == [True, True]
    assert run.measures["hit@1"] == run.measures["verbatim"] == 1
    assert told == [(1, 2), (2, 2)]
    assert run.settings["index"]["articles"] == 2


def test_what_is_relevant_is_every_chunk_of_the_right_article_with_a_gold_answer(assistant):
    (record,) = evaluate(assistant, [SOUP]).records
    (chunk,) = assistant.library.chunks("lunch.txt")
    assert dict(record.qrels) == {f"lunch.txt#{chunk.start}-{chunk.end}": 1}
    assert record.source in record.qrels


def test_off_topic_questions_are_asked_without_their_article(assistant):
    questions = [LEAVE, SOUP, Question("q3", "Why?", ()), Question("q4", "Who?", ("she",))]
    asked = list(off_topic(questions))
    assert [(q.id, q.answerable) for q in asked] == [("q1 off-topic", False), ("q2 off-topic", False)]
    for record in evaluate(assistant, asked).records:
        taken_away = "leave.txt" if record.question.article_ids else "lunch.txt"
        shown = [*record.answer.citations, *record.answer.closest]
        assert taken_away not in {citation.article_id for citation in shown}
        assert not any(item.startswith(taken_away) for item, _ in record.found)


def test_judged_articles_are_ranked_by_their_best_chunk(assistant):
    (record,) = evaluate(assistant, [Question("q", "annual leave", relevant={"leave.txt": 2})]).records
    assert record.found[0][0] == "leave.txt"
    assert len({item for item, _ in record.found}) == len(record.found)
    assert record.right


def test_a_question_that_is_refused_counts_as_declined(assistant):
    (record,) = evaluate(assistant, [Question("q", "why " * 400, ("noon",))]).records
    assert (record.outcome, record.cause) == ("wrongly declined", "not retrieved")


def test_without_questions_there_is_nothing_to_say(assistant):
    with pytest.raises(QuestionsUnusable, match="no question"):
        evaluate(assistant, [])


def test_a_run_is_read_back_as_it_was_written(assistant, tmp_path):
    run = evaluate(assistant, [LEAVE, SOUP, Question("q3", "Why?", (), history=({"question": "?", "answer": None},))])
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run.to_dict()))
    assert Run.read(path).records == run.records
    assert Run.read(path).measures == pytest.approx(run.measures, nan_ok=True)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1}', '{"format": 99}'])
def test_another_file_is_no_run(content, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(QuestionsUnusable, match=r"run\.json"):
        Run.read(path)


def test_a_stopped_run_is_taken_up_where_it_broke_off(tmp_path):
    first, second = made(Question("1", "When?")), made(Question("2", "When?"))
    kept = Kept(tmp_path / "report", SETTINGS)
    assert kept.earlier() == {}
    with kept.writing([first]) as file:
        add(file, second)
    with (tmp_path / "report" / FILE).open("a") as file:
        file.write('{"question": {"id": "3", "ques')
    assert kept.earlier() == {"1": first, "2": second}
    forget(tmp_path / "report")
    assert kept.earlier() == {}


def test_a_run_with_other_settings_is_not_taken_up(tmp_path):
    with Kept(tmp_path, SETTINGS).writing([made()]):
        pass
    with pytest.raises(QuestionsUnusable, match="other settings or articles; leave --resume out"):
        Kept(tmp_path, SETTINGS | {"model": "other"}).earlier()


def test_trec_files_hold_run_and_qrels(run, tmp_path):
    spaced = made(Question("q 1", "When?", ("noon",)), found=("my file.md#0-9", "a#0-23"))
    write(run(spaced, made(Question("none", "Why?", ()))), tmp_path)
    assert (tmp_path / "run.trec").read_text() == (
        "q%201 Q0 my%20file.md#0-9 1 1.0 qa\nq%201 Q0 a#0-23 2 0.5 qa\n"
    )  # fmt: skip
    assert (tmp_path / "qrels.trec").read_text() == "q%201 0 a#0-23 1\n"

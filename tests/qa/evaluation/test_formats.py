"""Files of questions, good and bad."""

import gzip
import json

import pytest

from index.errors import QuestionsUnusable
from qa.evaluation import Bad, Question, read, read_articles


@pytest.fixture
def file(tmp_path):
    def write(content, name="q.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def test_json_lines_with_everything_and_with_the_least(file):
    full = {
        "id": 7, "question": "When?", "answers": ["noon", "12"], "article_id": "a.md", "title": ["A", "B"],
        "history": [{"question": "Where?", "answer": "here"}, {"question": "Who?"}],
    }  # fmt: skip
    assert list(read(file(json.dumps(full) + "\n\n" + '{"question": "Why?"}'))) == [
        Question(
            "7", "When?", ("noon", "12"), ("a.md",), ("A", "B"),
            history=({"question": "Where?", "answer": "here"}, {"question": "Who?", "answer": None}),
        ),
        Question("line 3", "Why?", ()),
    ]  # fmt: skip


def test_one_answer_may_stand_without_a_list_and_blank_ones_are_none(file):
    first, second = read(file('{"question": "When?", "answers": "noon"}\n{"question": "Why?", "answers": [" "]}'))
    assert (first.answers, second.answers) == (("noon",), ())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("3", "not an object"),
        ('{"answers": []}', 'no "question"'),
        ('{"question": "  "}', 'no "question"'),
        ('{"question": "When?", "answers": [1]}', '"answers" is neither text nor a list of texts'),
        ('{"question": "When?", "history": ["Where?"]}', '"history" is not a list of'),
        ('{"question": "When?", "id": "line 1"}', "the id line 1 was there before"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(file, line, reason):
    path = file('{"question": "First?"}\n' + line + '\n{"question": "Last?"}')
    first, bad, last = read(path)
    assert (first.question, last.question) == ("First?", "Last?")
    assert (bad.source, bad.place) == (str(path), "line 2")
    assert bad.reason.startswith(reason)


def asked(name, question, answers, **more):
    return {"id": name, "question": question, "answers": answers, **more}


SQUAD = {
    "data": [
        {
            "title": "Caf%C3%A9_culture",
            "paragraphs": [
                {"context": "One.", "qas": [asked("q1", "What?", [{"text": "One", "answer_start": 0}])]},
                {"context": "Two.", "qas": [asked("q2", "Who?", [{"text": "x"}], is_impossible=True)]},
                {"context": "One.", "qas": [asked("q3", "How?", "One")]},
            ],
        }
    ]
}


@pytest.mark.parametrize("packed", [False, True])
def test_squad_questions_and_their_articles(file, packed):
    content = json.dumps(SQUAD).encode()
    path = file(gzip.compress(content) if packed else content, "dev.json.gz" if packed else "dev.json")
    assert list(read(path)) == [
        Question("q1", "What?", ("One",), titles=("Café culture",)),
        Question("q2", "Who?", (), titles=("Café culture",)),
        Bad(str(path), "article 1, paragraph 3, question 1", '"answers" is not a list of {"text": …}'),
    ]
    assert list(read_articles(path)) == [{"id": "Café culture", "title": "Café culture", "text": "One.\n\nTwo."}]


def test_squad_with_parts_that_are_none(file):
    parts = [{"paragraphs": [7, {"context": None, "qas": 3}, {"qas": [None, asked(0, "Who?", [])]}]}, {"title": "T"}]
    path = file(json.dumps({"data": parts}), "dev.json")
    assert [(found.place, found.reason) if isinstance(found, Bad) else found.id for found in read(path)] == [
        ("article 1, paragraph 1", "not an object"),
        ("article 1, paragraph 2", '"qas" is not a list'),
        ("article 1, paragraph 3, question 1", "not an object"),
        "0",
        ("article 2", '"paragraphs" is not a list'),
    ]
    assert list(read_articles(path)) == [{"id": "", "title": "", "text": ""}]


def test_a_beir_folder(file, tmp_path):
    file('{"_id": "d1", "title": "T", "text": "One."}\n{"_id": "d2", "text": "Two."}', "corpus.jsonl")
    file('{"_id": "q1", "text": "What?"}\n{"_id": "q2", "text": "of another part"}\n{"text": "?"}', "queries.jsonl")
    file("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq1\tbroken", "qrels/test.tsv")
    judged, question, bad = read(tmp_path)
    assert question == Question("q1", "What?", relevant={"d1": 2})
    assert question.answerable
    assert (judged.place, bad.place, bad.reason) == ("line 4", "line 3", 'no "_id"')
    assert [article["id"] for article in read_articles(tmp_path)] == ["d1", "d2"]


def test_articles_of_other_kinds_are_left_to_the_index(file, tmp_path):
    assert read_articles(file("text", "a.md")) is None
    assert read_articles(file('{"text": "One."}', "a.json")) is None
    assert read_articles(tmp_path) is None


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"\xff\xfe", "q.jsonl", "not UTF-8"),
        (b"not gzip", "q.jsonl.gz", "damaged gzip"),
        ('{"data": 3}', "q.json", '"data" is not a list of articles'),
    ],
)
def test_what_cannot_be_read_at_all_is_one_error(file, content, name, message):
    with pytest.raises(QuestionsUnusable, match=message):
        list(read(file(content, name)))


def test_a_missing_file_and_a_folder_of_something_else(tmp_path):
    with pytest.raises(QuestionsUnusable, match="cannot read"):
        list(read(tmp_path / "none.jsonl"))
    with pytest.raises(QuestionsUnusable, match="is not a BEIR folder"):
        list(read(tmp_path))

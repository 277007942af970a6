"""`qa eval`, as a user meets it. The embedding model is the real one: the command line has no other."""

import json

import pytest
from click.testing import CliRunner

from qa.evaluation import resampling
from qa.evaluation.judge import Judge
from ui.cli import main

pytestmark = pytest.mark.model

ARTICLES = {
    "leave.md": "# Annual leave\n\nFull-time staff get 28 days of annual leave a year.",
    "parking.md": "# Parking\n\nThe car park at Mill Lane has 120 places. It is free after 6 p.m.",
}
QUESTIONS = """\
{"id": "a", "question": "How many days of annual leave do staff get?", "answers": ["28 days"], "article_id": "leave.md"}
{"id": "b", "question": "How many places does the car park have?", "answers": ["120 places"], "title": "Parking"}
{"id": "c", "question": "Who is the king of Spain?", "answers": []}
"""


@pytest.fixture
def qa(tmp_path, monkeypatch, articles):
    """Runs `qa eval` where articles/ and questions.jsonl are; there is no index yet."""
    monkeypatch.setattr(resampling, "DRAWS", 100)  # how sure the measures are is tested elsewhere
    monkeypatch.chdir(tmp_path)
    articles(ARTICLES)
    (tmp_path / "questions.jsonl").write_text(QUESTIONS)

    def run(*arguments):
        return CliRunner().invoke(main, ["eval", *arguments], catch_exceptions=False)

    return run


@pytest.fixture
def on_articles(qa):
    """`qa eval` over the articles, indexed into a folder that is thrown away."""
    return lambda *arguments: qa("questions.jsonl", "--articles-from", "articles", *arguments)


def test_the_table_has_measures_outcomes_and_the_number_of_questions(on_articles, tmp_path):
    result = on_articles()
    assert result.exit_code == 0
    assert result.stdout.startswith("3 questions: 2 answerable, 1 not; over 2 articles\n")
    assert "  hit@1                    1.000   1.000 – 1.000" in result.stdout
    assert "outcomes: 3 right\n" in result.stdout
    assert not (tmp_path / "my-index").exists()


def test_json_is_one_object_on_stdout(on_articles):
    found = json.loads(on_articles("--json").stdout)
    assert (found["asked"], found["answered"], found["outcomes"]) == (3, 3, {"right": 3})
    assert found["measures"]["verbatim"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_a_bad_line_is_named_the_others_are_evaluated_and_the_code_is_1(on_articles, tmp_path):
    (tmp_path / "questions.jsonl").write_text(QUESTIONS + "{\n")
    result = on_articles()
    assert result.exit_code == 1
    assert "qa: questions.jsonl, line 4: not JSON" in result.stderr
    assert result.stdout.startswith("3 questions")


def test_what_falls_short_is_named_and_the_code_is_1(on_articles):
    result = on_articles("--require", "hit@1=1", "--require", "em=1.0", "--require", "p95_ms=0.01")
    assert result.exit_code == 1
    assert [line.split()[1] for line in result.stderr.splitlines() if "required" in line] == ["em", "p95_ms"]
    assert on_articles("--require", "hit@1=1").exit_code == 0


def test_a_report_and_a_baseline(on_articles, tmp_path):
    assert on_articles("--report", "first").exit_code == 0
    names = {path.name for path in (tmp_path / "first").iterdir()}
    assert names == {"report.html", "run.json", "run.trec", "qrels.trec"}
    result = on_articles("--baseline", "first/run.json")
    assert "against the baseline" in result.stdout
    assert "+0.000 [+0.000, +0.000], p = 1.000" in result.stdout


def test_off_topic_questions_are_asked_too(on_articles):
    found = json.loads(on_articles("--off-topic", "--json").stdout)
    assert found["answered"] == 5
    assert found["measures"]["declined_unanswerable"]["value"] is not None


def test_a_limit_draws_by_the_seed(on_articles, tmp_path):
    assert on_articles("--limit", "2", "--seed", "1").stdout.startswith("2 questions")


def test_a_stopped_run_reports_what_was_done_and_is_taken_up_again(on_articles, tmp_path, monkeypatch):
    judge, asked = Judge.record, []

    def stopping(self, question):
        asked.append(question.id)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return judge(self, question)

    monkeypatch.setattr(Judge, "record", stopping)
    stopped = on_articles("--report", "report")
    assert stopped.exit_code == 130
    assert stopped.stdout.startswith("1 question of 3, stopped before the end")
    resumed = on_articles("--report", "report", "--resume")
    assert resumed.exit_code == 0
    assert asked == ["a", "b", "b", "c"]
    assert len(json.loads((tmp_path / "report" / "run.json").read_text())["records"]) == 3


def test_squad_brings_its_own_articles(qa, tmp_path):
    paragraph = {"context": "Soup is served at noon.", "qas": [{"id": "1", "question": "When is soup served?"}]}
    paragraph["qas"][0]["answers"] = [{"text": "noon", "answer_start": 18}]
    (tmp_path / "dev.json").write_text(json.dumps({"data": [{"title": "Canteen", "paragraphs": [paragraph]}]}))
    result = qa("dev.json", "--articles-from", "dev.json", "--require", "first_citation=1")
    assert (result.exit_code, result.stderr) == (0, "")


def test_feedback_is_asked(on_articles, tmp_path):
    result = on_articles("--index", "kept", "--from-feedback")
    assert result.stdout.startswith("3 questions")
    answer = json.loads(CliRunner().invoke(main, ["ask", "How much annual leave?", "--index", "kept", "--json"]).stdout)
    given = {"time": "2026-01-01T10:00:00Z", "verdict": "up", "answer": answer, "history": []}
    (tmp_path / "kept" / "feedback.jsonl").write_text(json.dumps(given) + "\n")
    assert on_articles("--index", "kept", "--from-feedback").stdout.startswith("4 questions")


def test_a_risk_that_cannot_be_kept_is_said_after_the_table(on_articles):
    result = on_articles("--calibrate", "--risk", "0.05")
    assert result.exit_code == 2
    assert result.stdout.startswith("3 questions")
    assert "qa: no threshold keeps wrong answers at or below 5.0% with 95% certainty" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a file of questions, or --from-feedback"),
        (("questions.jsonl", "--resume"), "--resume needs the --report folder"),
        (("questions.jsonl", "--write-config"), "--write-config writes what --calibrate finds"),
        (("questions.jsonl", "--require", "f2=1"), "there is no measure 'f2'"),
        (("questions.jsonl", "--risk", "1"), "not in the range"),
        (("none.jsonl",), "qa: cannot read none.jsonl"),
        (("articles",), "is not a BEIR folder"),
        (("questions.jsonl",), "qa: no index at my-index"),
        (("questions.jsonl", "--baseline", "none.json"), "qa: cannot read none.json"),
    ],
)
def test_wrong_usage_is_code_2_with_the_remedy(qa, arguments, message):
    result = qa(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr

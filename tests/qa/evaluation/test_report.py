"""The report: one page that loads nothing and trusts nothing."""

import re

import pytest

from qa.evaluation import MEASURES, Question, resampling
from qa.evaluation.report import write
from qa.evaluation.report.page import page
from tests.qa.evaluation.conftest import made

EVIL = "<script>alert('x')</script>\"'"


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """How sure the measures are is tested elsewhere."""
    monkeypatch.setattr(resampling, "DRAWS", 100)


@pytest.fixture
def records():
    return [
        made(Question("1", "When is soup?", ("noon",), ("a",)), span="noon"),
        made(Question("2", "Is it hot?", ("hot",), ("a",)), sentence="Cold.", source="b#0-9"),
        made(Question("3", "Why?", ()), confidence=0.1, qrels=()),
    ]


def test_every_measure_and_question_is_there(run, records):
    html = page(run(*records))
    assert [name for name in MEASURES if f"<code>{name}</code>" not in html] == []
    assert "When is soup?" in html and "<mark>noon</mark>" in html
    assert "Most often: <strong>retrieved, not read</strong>, 1 of 1 misses" in html
    assert re.findall(r'<details data-outcome="([\w ]+)">', html) == ["right", "wrong sentence", "right"]
    assert html.count("<svg") == 4


def test_nothing_of_a_question_or_article_is_markup(run):
    evil = Question(EVIL, EVIL, (EVIL,), (EVIL,), history=({"question": EVIL, "answer": EVIL},))
    html = page(run(made(evil, sentence=EVIL, article_id=EVIL, source=EVIL, found=(EVIL,), qrels=(EVIL,))))
    assert "<script>alert" not in html
    assert html.count("<script>") == 1


def test_it_loads_nothing(run, records):
    html = page(run(*records))
    assert re.findall(r'\b(?:src|href)="?', html) == []
    assert "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_a_baseline_is_compared_with(run, records):
    base = run(*[made(record.question, sentence="Cold.") for record in records])
    this = run(*records)
    html = page(this, this.against(base))
    assert "Against the baseline" in html
    assert "+0.500 [" in html
    assert "Against the baseline" not in page(this)


def test_a_run_without_a_miss_or_an_answerable_question(run):
    assert "No answerable question was missed." in page(run(made()))
    assert "0 answerable, 1 not" in page(run(made(Question("3", "Why?", ()), qrels=())))


def test_the_files_of_a_report(run, records, tmp_path):
    assert write(run(*records), tmp_path / "new" / "folder") == tmp_path / "new" / "folder" / "report.html"
    names = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert names == {"report.html", "run.json", "run.trec", "qrels.trec"}

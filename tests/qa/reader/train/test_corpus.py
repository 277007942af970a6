import json

import pytest

from qa.reader.train import corpus


def article(title, *paragraphs):
    return {"title": title, "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs]}


def asked(question, text, start):
    return {"question": question, "answers": [{"text": text, "answer_start": start}]}


@pytest.fixture
def data(tmp_path):
    """20 articles of every set with a development part; of the 20, one or twelve are for development."""
    for name, path in (
        ("new_wiki", "squadshifts/new_wiki.json"),
        ("qed", "qed/train.json"),
        ("tydiqa", "tydiqa/train.json"),
    ):
        articles = [article(f"{name}_{i}", (f"Built in {i}.", [asked("When?", str(i), 9)])) for i in range(200)]
        write(tmp_path / path, [*articles[:5], article("qed_199", ("Twin.", [])), *articles[5:]])
    return tmp_path


def write(path, articles):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(json.dumps({"data": articles}))


@pytest.fixture(autouse=True)
def plain_files(monkeypatch):
    monkeypatch.setattr(corpus, "FILES", {n: p.removesuffix(".gz") for n, p in corpus.FILES.items()})


def test_development_articles_are_never_trained_or_tuned_on(data):
    used = {
        a.title for name in ("new_wiki", "qed", "tydiqa") for split in ("train", "tune")
        for a in corpus.load(name, data, split).articles
    }  # fmt: skip
    assert not used & {f"new wiki {i}" for i in range(188, 200)}
    assert not used & {f"{name} {i}" for name in ("qed", "tydiqa") for i in range(180, 200)}
    assert {"new wiki 0", "new wiki 187", "qed 180"} - used == {"qed 180"}


def test_training_and_tuning_share_no_article(data):
    train, tune = ({a.title for a in corpus.load("qed", data, split).articles} for split in ("train", "tune"))
    assert train and tune and not train & tune


def test_answers_stand_where_the_joined_text_has_them(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "_development_titles", lambda data: set())
    first, second = ("Built in 1998.", [asked("When?", "1998", 9)]), ("Sold in 2001.", [asked("When sold?", "2001", 8)])
    write(tmp_path / "policyqa" / "a.json", [article("The_Dunlin", first, second)])
    part = corpus.load("policyqa", tmp_path, "train")
    assert part.articles[0].text == "Built in 1998.\n\nSold in 2001."
    assert [q.spans for q in part.questions] == [((9, 13),), ((24, 28),)]
    assert part.articles[0].title == "The Dunlin"

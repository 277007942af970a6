"""Nobody learns anything of articles they may not read: by property, over random articles, groups and askers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Library
from qa import Assistant, Config
from tests.conftest import WordEmbedder

WORDS = ["soup", "leave", "ferry", "dog", "permit", "noon", "monday", "price", "free", "pay", "harbour", "board"]
GROUPS = ["hr", "board", "staff"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=2, max_size=7).map(" ".join), min_size=1, max_size=4)
ARTICLES = st.lists(
    st.tuples(TEXTS, st.sets(st.sampled_from(GROUPS), max_size=2)),
    min_size=1,
    max_size=7,
    unique_by=lambda a: str(a[0]),
)
ASKERS = st.sets(st.sampled_from([*GROUPS, "others"]), max_size=2)
QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: f"What of {' '.join(words)}?")

pytestmark = pytest.mark.model


def records(articles):
    """Each article says its own secret word, so that any trace of it can be seen."""
    return [
        {
            "id": f"article{number}", "title": f"Secret{number}", "groups": sorted(groups),
            "text": " ".join(f"{sentence.capitalize()} mark{number}." for sentence in sentences),
        }
        for number, (sentences, groups) in enumerate(articles)
    ]  # fmt: skip


def may_read(record, groups):
    return not record["groups"] or bool(groups & set(record["groups"]))


def indexed(directory: str, records) -> Assistant:
    place = Path(directory)
    (place / "articles").mkdir(exist_ok=True)
    (place / "articles" / "all.jsonl").write_text("\n".join(map(json.dumps, records)))
    with_these = Library.open(place / "index", WordEmbedder(), create=True)
    with_these.sync([str(place / "articles")])
    with_these.close()
    return Assistant.open(place / "index", Config(), embedder=WordEmbedder())


def told(assistant: Assistant, question: str):
    """All that an asker can learn."""
    answer = assistant.ask(question).to_dict()
    answer["timings_ms"] = {}
    library = assistant.library
    hits = [(hit.article.id, hit.chunk, hit.score, hit.lexical) for hit in library.search(question, 20)]
    return answer, hits, library.titles(), assistant.n_articles, library.counts(), library.readers()


@settings(max_examples=40, deadline=None)
@given(ARTICLES, ASKERS, QUESTIONS)
def test_an_asker_is_told_the_same_as_if_there_were_no_other_articles(articles, groups, question):
    everything = records(articles)
    theirs = [record for record in everything if may_read(record, groups)]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole, alone = indexed(one, everything), indexed(other, theirs)
        seen = told(whole.seen_by(groups), question)
        assert near(seen, told(alone, question))
        for record in everything:
            if record not in theirs:
                mark = record["id"].removeprefix("article")
                assert not any(f"{trace}{mark}" in repr(seen) for trace in ("article", "Secret", "mark"))
                assert whole.seen_by(groups).article(record["id"]) is None
        whole.close()
        alone.close()


@settings(max_examples=20, deadline=None)
@given(ARTICLES, ASKERS, QUESTIONS)
def test_what_comes_and_goes_unseen_changes_nothing(articles, groups, question):
    everything = records(articles)
    theirs = [record for record in everything if may_read(record, groups)]
    with tempfile.TemporaryDirectory() as place:
        assistant = indexed(place, theirs)
        before = told(assistant.seen_by(groups), question)
        for now in (everything, theirs):
            indexed(place, now).close()
            assert near(told(assistant.seen_by(groups), question), before)
        assistant.close()


def near(one, other) -> bool:
    """Equal but for the last digits of cosines, which hang on how FAISS batches vectors."""
    if isinstance(one, float):
        return one == pytest.approx(other, abs=2e-4)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(near(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(near, one, other))
    return one == other

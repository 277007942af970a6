import numpy as np
import pytest

from qa.reader import SentenceScorer
from qa.reader.sentence_scorer import CONFIDENCE, WEIGHTS, head_row

FILES = {
    "fares.md": "# Fares\n\nTickets are sold on the pier.\n\n"
    "| Route | Adult |\n|---|---|\n| Sandle | £11 |\n| Fennay | £5 |",
    "ships.txt": "Ships\n\nThe Dunlin sails to Sandle. She was built in 1998. Nobody knows why.",
}


@pytest.fixture
def reader(library, articles, embedder):
    library.sync([str(articles(FILES))])
    return SentenceScorer(embedder, library.terms)


def read(reader, library, question):
    found = library.find(question, 9)
    return reader.read(question, found.hits, found.rarity)


def test_every_sentence_becomes_a_span_once_best_first(reader, library):
    spans = read(reader, library, "When was the Dunlin built?")
    assert len({(span.article.id, span.start) for span in spans}) == len(spans) == 6
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
    assert all(0 < span.confidence < 1 for span in spans)


def test_a_sentence_that_shows_what_is_asked_for_wins(reader, library):
    assert read(reader, library, "When was the Dunlin built?")[0].text == "She was built in 1998."


def test_the_quotation_explains_the_pronoun(reader, library):
    best = read(reader, library, "When was the Dunlin built?")[0]
    assert best.article.text[slice(*best.quote)] == "The Dunlin sails to Sandle. She was built in 1998."


def test_a_tables_head_is_no_answer_but_helps_its_rows(reader, library):
    spans = read(reader, library, "How much does an adult pay to Fennay?")
    assert spans[0].text == "Fennay | £5"
    assert "Route | Adult" not in [span.text for span in spans]


@pytest.mark.parametrize(
    ("texts", "place", "expected"),
    [
        (["k | v", "a | 1", "b | 2"], 2, 0),
        (["k | v", "a | 1"], 0, 0),
        (["Text.", "k | v", "a | 1"], 2, 1),
        (["a | 1", "b | 2"], 1, None),
        (["k | v"], 0, None),
        (["k | v", "a | 1", "Text."], 2, None),
    ],
)
def test_the_head_of_a_table_is_its_first_row_without_digits(texts, place, expected):
    assert head_row(texts, place) == expected


def test_without_hits_there_is_nothing_to_read(reader):
    assert reader.read("Anything?", [], {}) == []


def test_features_stand_in_the_order_of_the_weights(reader, library):
    found = library.find("When was the Dunlin built?", 9)
    candidates = reader.candidates(found.hits)
    features = reader.features("When was the Dunlin built?", candidates, found.rarity)
    assert features.shape == (len(candidates), len(WEIGHTS))
    column = dict(zip(WEIGHTS, features.T, strict=True))
    best = [c.text for c in candidates].index("She was built in 1998.")
    assert column["time"][best] == 1
    assert column["cosine_to_best"].max() == 0
    assert np.isfinite(features).all()
    assert set(CONFIDENCE) - set(WEIGHTS) == {"constant", "share", "covered", "shows"}

import json

import pytest

from index.errors import FilterInvalid
from index.filter import Filter

ARTICLES = [
    {"id": "old", "text": "Soup costs one pound.", "published": "2019-05-01", "language": "en"},
    {"id": "new", "text": "Soup costs two pounds.", "published": "2026-05-01T09:30:00Z", "language": "en"},
    {"id": "de", "text": "Soup kostet drei Euro.", "published": "2026-06-01", "language": "de"},
    {"id": "undated", "text": "Soup is free.", "groups": ["staff"]},
]


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles({"all.jsonl": "\n".join(map(json.dumps, ARTICLES))}))])
    return library


@pytest.mark.parametrize(
    ("only", "ids"),
    [
        (Filter(), ["de", "new", "old", "undated"]),
        (Filter(languages=frozenset({"de"})), ["de"]),
        (Filter(languages=frozenset({"de", "fr"})), ["de"]),
        (Filter(since="2026-05-01"), ["de", "new"]),
        (Filter(until="2026-05-01"), ["new", "old"]),
        (Filter(since="2020-01-01", until="2026-05-31"), ["new"]),
        (Filter(articles=frozenset({"old", "undated", "nowhere"})), ["old", "undated"]),
        (Filter(languages=frozenset({"en"}), since="2026-01-01", articles=frozenset({"new", "de"})), ["new"]),
        (Filter(articles=frozenset({"nowhere"})), []),
        (Filter(languages=frozenset({"fr"})), []),
    ],
)
def test_only_what_the_filter_lets_through_is_found(filled, only, ids):
    assert sorted(hit.article.id for hit in filled.search("soup", 10, only=only)) == ids


def test_a_filter_opens_nothing_that_one_may_not_read(filled):
    assert filled.seen_by([]).search("soup", 10, only=Filter(articles=frozenset({"undated"}))) == []


def test_a_filter_never_empties_what_is_there(library, articles):
    """The one that is wanted matches worst, far below the depth of the search."""
    many = [{"id": f"{n}", "text": f"Soup soup {n}.", "title": "Soup", "language": "en"} for n in range(300)]
    wanted = {"id": "wanted", "text": "A long text about gardens that names soup once.", "language": "de"}
    library.sync([str(articles({"all.jsonl": "\n".join(map(json.dumps, [*many, wanted]))}))])
    assert "wanted" not in [hit.article.id for hit in library.search("soup", 100)]
    assert [h.article.id for h in library.search("soup", 100, only=Filter(frozenset({"de"})))] == ["wanted"]


def test_a_score_of_bm25_is_the_same_with_a_filter(filled):
    whole = {hit.article.id: hit.lexical for hit in filled.search("soup pounds", 10)}
    (found,) = filled.search("soup pounds", 10, only=Filter(articles=frozenset({"new"})))
    assert found.lexical == whole["new"]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "1 May"])
def test_what_is_no_date_is_named(wrong):
    with pytest.raises(FilterInvalid, match=f"since: '{wrong}' is no date; write one as 2026-04-01"):
        Filter(since=wrong)

"""What one who belongs to certain groups sees of an index."""

import json

import pytest

from index import IndexSettings, Library
from index.access import may_read
from index.errors import ConfigInvalid
from tests.conftest import WordEmbedder

OPEN = {"id": "open", "text": "The canteen serves soup at noon."}
STAFF = {"id": "staff", "text": "The soup fund pays for staff lunches.", "groups": ["staff"]}
BOARD = {"id": "board", "text": "The board eats soup in the tower.", "groups": ["board", "owners"]}


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles({"all.jsonl": "\n".join(json.dumps(a) for a in (OPEN, STAFF, BOARD))}))])
    return library


def found(view):
    return sorted(hit.article.id for hit in view.search("soup", 10))


@pytest.mark.parametrize(
    ("reader", "groups", "may"),
    [
        (None, ["hr"], True),
        (frozenset(), [], True),
        (frozenset(), ["hr"], False),
        (frozenset({"hr"}), ["hr", "board"], True),
        (frozenset({"hr"}), ["board"], False),
        (frozenset({"HR"}), ["hr"], False),
    ],
)
def test_an_article_is_for_everybody_or_for_its_groups(reader, groups, may):
    assert may_read(reader, groups) == may


@pytest.mark.parametrize(
    ("groups", "ids"),
    [
        (None, ["board", "open", "staff"]),
        ([], ["open"]),
        (["staff"], ["open", "staff"]),
        (["owners", "staff"], ["board", "open", "staff"]),
        (["nobody's"], ["open"]),
    ],
)
def test_a_view_shows_what_its_reader_may_read(filled, groups, ids):
    view = filled.seen_by(groups)
    assert found(view) == ids
    assert list(view.titles()) == ids
    assert [i for i in ("board", "open", "staff") if view.article(i)] == ids
    assert [i for i in ("board", "open", "staff") if view.chunks(i)] == ids
    assert (view.n_articles, view.counts().articles, view.counts().chunks) == (len(ids),) * 3
    assert sum(view.readers().values()) == len(ids)


def test_a_view_is_seen_through_its_own_groups_only(filled):
    assert found(filled.seen_by(["staff"]).seen_by([])) == ["open"]


def test_rarity_is_that_among_what_may_be_read(filled):
    everybody = filled.seen_by([]).find("soup tower unheard", 1).rarity
    assert everybody["soup"] > filled.find("soup", 1).rarity["soup"]
    assert everybody["tower"] == everybody["unheard"]


def test_changed_groups_are_taken_over_without_embedding(filled, articles, embedder):
    embedder.embedded.clear()
    changed = [OPEN | {"groups": ["staff"]}, STAFF | {"groups": []}, BOARD]
    report = filled.sync([str(articles({"all.jsonl": "\n".join(map(json.dumps, changed))}))])
    assert (sorted(report.changed), report.unchanged) == (["open", "staff"], ["board"])
    assert found(filled.seen_by([])) == ["staff"]
    assert embedder.embedded == []
    again = filled.sync([str(articles({}))])
    assert (again.changed, len(again.unchanged)) == ([], 3)


def test_an_article_for_few_does_not_take_the_place_of_its_twin_for_everybody(library, articles):
    twins = [OPEN | {"id": "a", "groups": ["hr"]}, OPEN | {"id": "b"}, OPEN | {"id": "c"}]
    report = library.sync([str(articles({"all.jsonl": "\n".join(map(json.dumps, twins))}))])
    assert [skipped.reason for skipped in report.skipped] == ["same text as b"]
    assert found(library.seen_by([])) == ["b"]


def ruled(tmp_path, articles, files, rules):
    folder = articles(files)
    rules = {str(folder / name): groups for name, groups in rules.items()}
    library = Library.open(tmp_path / "ruled", WordEmbedder(), IndexSettings(folder_groups=rules), create=True)
    library.sync([str(folder)])
    return library.readers(), library


def test_a_folders_groups_are_those_of_articles_that_name_none(tmp_path, articles):
    files = {
        "hr/pay.txt": "Pay is monthly.",
        "hr/board/bonus.txt": "The bonus is large.",
        "hr/open.md": "---\ngroups: [all-staff]\n---\nThe fund is open.",
        "hr/none.json": '{"text": "None at all.", "groups": null}',
        "hr/empty.json": '{"text": "An empty list.", "groups": []}',
        "hr/blank.csv": "text,groups\nA blank cell.,\n",
        "hrx/news.txt": "Near the folder but not in it.",
    }
    readers, library = ruled(tmp_path, articles, files, {"hr": ("hr",), "hr/board": ("board",)})
    assert readers == {("hr",): 4, ("board",): 1, ("all-staff",): 1, (): 1}
    assert library.seen_by([]).titles().keys() == {"hrx/news.txt"}


@pytest.mark.parametrize(
    ("rules", "what"), [({"hrr": ("hr",)}, "no folder"), ({"hr": ()}, "no group"), ({"hr": (" ",)}, "no group")]
)
def test_a_rule_that_would_leave_articles_open_is_refused(tmp_path, articles, rules, what):
    with pytest.raises(ConfigInvalid, match=f"{what}.*everybody's"):
        ruled(tmp_path, articles, {"hr/pay.txt": "Pay is monthly."}, rules)


@pytest.mark.parametrize("groups", ['"hr; board"', "[1]", '[""]', "{}1", "true", '[["hr"]]', '" "', "0"])
def test_groups_that_cannot_be_read_never_open_an_article(library, articles, groups):
    report = library.sync([str(articles({"a.json": f'{{"text": "Secret soup.", "groups": {groups}}}'}))])
    assert found(library.seen_by([])) == []
    assert len(report.skipped) + len(found(library)) == 1

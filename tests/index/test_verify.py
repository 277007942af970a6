"""Every damage is named in a line with its remedy, and the remedy helps; no alarm is false."""

import shutil
import sqlite3

import numpy as np
import pytest

from index import verify
from index.catalog import Catalog
from index.errors import IndexBroken
from index.library import Library
from index.writer import Writer

TEXTS = {
    f"{n}.md": f"# T{n}\n\nAlpha {n} goes here. A second sentence {n} is here too. A third {n} ends." for n in range(5)
}


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles(TEXTS))])
    return library


def damaged(library, *statements):
    """The same, after somebody has done this to its store."""
    library.close()
    with sqlite3.connect(library.directory / "store.sqlite") as database:
        for statement in statements:
            database.execute(*statement) if isinstance(statement, tuple) else database.execute(statement)
    database.close()
    return Library.open(library.directory, library.embedder)


def sentences(*spans):
    return "UPDATE chunk SET sentences = ? WHERE article = 2", (np.array(spans, "<i4").tobytes(),)


def of(assignment):
    return f"UPDATE article SET {assignment} WHERE key = 2"


def of_chunk(assignment):
    return f"UPDATE chunk SET {assignment} WHERE article = 2"


CHANGED = "not as it was written"
ARTICLES = {
    "a sentence cut": (sentences((6, 24), (25, 50), (55, 69)), CHANGED),
    "a sentence dropped": (sentences((6, 24), (55, 69)), CHANGED),
    "a sentence beyond the end": (sentences((6, 999)), f"{CHANGED}, a sentence lies outside its text"),
    "sentences that overlap": (sentences((6, 24), (20, 54)), f"{CHANGED}, sentences overlap"),
    "no sentence": (of_chunk("sentences = x''"), f"{CHANGED}, a chunk's sentences can't be read"),
    "half a sentence": (of_chunk("sentences = x'00'"), f"{CHANGED}, a chunk's sentences can't be read"),
    "another heading": (of_chunk("heading = 'T'"), CHANGED),
    "a vector cut": (of_chunk("vector = substr(vector, 1, 128)"), f"{CHANGED}, a vector is not of unit length"),
    "a vector torn": (of_chunk("vector = x'00'"), f"{CHANGED}, a chunk's vector can't be read"),
    "two numbers of a vector": (of_chunk("vector = substr(vector, 5, 4) || vector"), CHANGED),
    "a word": (of("text = replace(text, 'too', 'not')"), CHANGED),
    "the title": (of("title = 'Other'"), CHANGED),
    "the address": (of("url = 'https://evil.example'"), CHANGED),
    "the hash": (of("hash = x'00'"), CHANGED),
    "groups torn": (of("groups = '['"), f"{CHANGED}, its groups can't be read"),
    "groups of another kind": (of("groups = '5'"), f"{CHANGED}, its groups can't be read"),
    "metadata torn": (of("metadata = '{'"), f"{CHANGED}, its metadata can't be read"),
    "text that is no text": (of("text = x'ffff'"), f"{CHANGED}, it holds something else where text should be"),
    "text that is not UTF-8": (of("title = CAST(x'ff' AS TEXT)"), f"{CHANGED}, it holds something else where text"),
    "a date that is no text": (of("published = x'ff'"), f"{CHANGED}, it holds something else where text should be"),
}


@pytest.mark.parametrize("damage", ARTICLES)
def test_damage_to_an_article_is_named_and_mended_as_it_says(filled, articles, damage):
    statement, said = ARTICLES[damage]
    library = damaged(filled, statement)
    (problem,) = library.verify()
    assert problem.startswith(f"article 1.md: {said}")
    assert problem.endswith("; qa remove 1.md, then qa index again")
    assert library.remove(["1.md"]) == ["1.md"]
    library.sync([str(articles({}))])
    assert library.verify() == []
    assert library.search("alpha 1", 1)[0].article.id == "1.md"
    library.close()


def test_an_article_without_chunks_is_named_and_mended_as_it_says(filled, articles):
    library = damaged(filled, "DELETE FROM chunk WHERE article = 2")
    assert library.verify() == [f"article 1.md: {CHANGED}, it has no chunks; qa remove 1.md, then qa index again"]
    library.remove(["1.md"])
    library.sync([str(articles({}))])
    (problem,) = library.verify()
    assert "holds 5 chunks, the store 4; remove " in problem
    follow(problem)
    library.sync([str(articles({}))])
    assert library.verify() == []
    library.close()


def follow(problem):
    """Does what a line about a segment says."""
    shutil.rmtree(problem.split("; remove ")[1].split(", and")[0])


@pytest.mark.parametrize("damage", ARTICLES)
def test_a_damaged_article_does_not_keep_segments_from_being_made_again(filled, articles, damage):
    library = damaged(filled, ARTICLES[damage][0], "DELETE FROM segment")
    library.sync([str(articles({"new.md": "Something new."}))])
    assert [line for line in library.verify() if not line.startswith("article 1.md")] == []
    library.remove(["1.md"])
    library.sync([str(articles({}))])
    assert library.verify() == []
    library.close()


def test_an_index_of_which_nothing_can_be_read_finds_nothing_and_is_mended(library, articles):
    folder = articles({"0.md": "# T0\n\nHello there.", "1.md": "# T1\n\nAlpha goes here."})
    library.sync([str(folder)])
    library.remove(["0.md"])
    found = damaged(library, of("groups = '['"), "DELETE FROM segment")
    assert found.search("alpha", 3) == []
    assert found.remove(["1.md"]) == ["1.md"]
    found.sync([str(folder)])
    assert found.verify() == []
    found.close()


def test_an_article_whose_readers_cannot_be_read_counts_as_changed(filled, articles):
    library = damaged(filled, of("groups = '['"))
    assert library.sync([str(articles({}))]).changed == ["1.md"]
    assert library.verify() == []
    library.close()


def test_an_article_that_cannot_be_read_is_named_to_who_asks_for_it(filled):
    library = damaged(filled, of("groups = '['"))
    with pytest.raises(
        IndexBroken, match=r"article 1.md is damaged \(its groups can't be read\); qa remove 1.md, then"
    ):
        library.article("1.md")
    assert library.article("2.md")
    assert "1.md" not in library.titles()
    assert library.readers() == {(): 4}
    library.close()


def test_text_that_is_not_utf8_is_one_line_that_says_where_to_look(filled):
    library = damaged(filled, of("title = CAST(x'ff0a' AS TEXT)"))
    with pytest.raises(IndexBroken, match=r"holds text that is not UTF-8\); qa status --verify --index .* says where"):
        library.titles()
    library.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM segment", "segment 1-5: its chunks are in none; the next question or qa index makes it again"),
        ("UPDATE segment SET sums = '{'", "missing, damaged or out of date; the next question or qa index makes it"),
        ("DELETE FROM meta WHERE name = 'model'", "store: its model is missing; qa index notes it again"),
        ("DELETE FROM meta WHERE name = 'language'", "store: its language is missing; qa index notes it again"),
        ("DELETE FROM meta WHERE name = 'generation'", "store: which generation it is of is missing; the next change"),
    ],
)
def test_damage_to_what_articles_share_is_named_and_mended_by_indexing_again(filled, articles, statement, said):
    library = damaged(filled, statement)
    assert said in library.verify()[0]
    library.sync([str(articles({"new.md": "Something new."}))])
    assert library.verify() == []
    library.close()


@pytest.mark.parametrize("name", ["format", "generation"])
def test_a_number_that_is_none_is_one_line(filled, name):
    with pytest.raises(IndexBroken, match=rf"damaged \({name} is 'x'\); remove .*store.sqlite\* and index again"):
        damaged(filled, f"UPDATE meta SET value = 'x' WHERE name = '{name}'").verify()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE segment SET dead = x'02'", "holds 4 chunks, the store 5"),
        ("UPDATE article SET title = 'Other', checksum = NULL WHERE key = 2", "another terms than the store's"),
    ],
)
def test_a_segment_that_is_not_like_the_store_is_named_and_mended_as_it_says(filled, statement, said):
    library = damaged(filled, statement)
    (folder,) = (library.directory / "segments").iterdir()
    remedy = f"remove {folder}, and the next question or qa index makes it again"
    assert library.verify() == [f"segment {folder.name}: {said}; {remedy}"]
    follow(library.verify()[0])
    library.search("alpha", 1)
    assert library.verify() == []
    library.close()


def test_an_article_of_an_earlier_version_gets_its_checksum_when_it_is_written(filled, articles, embedder):
    damaged(
        filled,
        "ALTER TABLE article DROP COLUMN checksum",
        "UPDATE meta SET value = '2' WHERE name = 'format'",
        "UPDATE article SET url = 'https://evil.example' WHERE key = 2",
    ).close()
    library = Library.open(filled.directory, embedder)
    assert library.verify() == []
    library.sync([str(articles({"0.md": "Alpha 0 is another one now."}))])
    checksums = "SELECT id FROM article WHERE checksum IS NOT NULL"
    assert library._store.database.execute(checksums).fetchall() == [("0.md",)]
    assert library.verify() == []
    library.close()


def test_what_is_written_meanwhile_is_no_problem(filled, articles, embedder, monkeypatch):
    """From the moment that the files are open, everything is as it was then."""
    folder = articles({})
    integrity = filled._store.integrity

    def written():
        writer = Library.open(filled.directory, embedder)
        (folder / "0.md").write_text("Alpha 0 is another one now.")
        (folder / "1.md").unlink()
        writer.sync([str(folder)])
        writer.remove(["2.md", "3.md"])  # the segment is written anew, the old one swept away
        writer.close()
        return integrity()

    monkeypatch.setattr(filled._store, "integrity", written)
    assert filled.verify() == []


@pytest.mark.parametrize(("holder", "name"), [(verify, "opened"), (Catalog, "orphans")])
def test_what_is_replaced_while_it_is_looked_for_is_looked_for_again(filled, articles, embedder, holder, name):
    look = getattr(holder, name)

    def late(*arguments):
        patch.undo()
        writer = Library.open(filled.directory, embedder)
        writer.sync([str(articles({"0.md": "Alpha 0 is another one now."}))])
        writer.remove(["1.md", "2.md"])
        writer.close()
        return look(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holder, name, late)
        assert filled.verify() == []


def test_a_folder_that_belongs_to_nothing_is_named_unless_somebody_writes(filled):
    (filled.directory / "segments" / "left").mkdir()
    assert filled.verify() == ["segment left: a folder that belongs to nothing; the next qa index removes it"]
    with filled._store.lock.held():
        assert filled.verify() == []
    with filled._store.writing():
        Writer(filled._store, filled.terms)
    assert filled.verify() == []

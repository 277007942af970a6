"""Search, generations, and files that are missing, stale or damaged."""

import os
import shutil
import threading

import numpy as np
import pytest

from index import IndexSettings
from index.errors import IndexBroken, IndexMissing, IndexNewer, IndexReadOnly, ModelMismatch
from index.library import Library
from index.segment import Segment
from index.store import Store

TEXTS = {
    "leave.txt": "Staff get 28 days of annual leave. Part-time staff get it pro rata.",
    "parking.txt": "The car park at Mill Lane has 120 places. It is free after 6 p.m.",
    "canteen.txt": "The canteen serves lunch from noon. Soup costs two pounds.",
}


@pytest.fixture
def filled(library, articles):
    library.sync([str(articles(TEXTS))])
    return library


def found(library, question, top_k=3):
    return [hit.article.id for hit in library.search(question, top_k)]


def test_the_chunk_with_the_words_comes_first(filled):
    assert found(filled, "How many places has the car park?")[0] == "parking.txt"
    assert found(filled, "soup", 1) == ["canteen.txt"]


def test_both_sides_are_asked_and_both_scores_given(filled):
    best = filled.search("lunch soup pounds", 1)[0]
    assert best.text == TEXTS["canteen.txt"]
    assert best.dense > 0
    assert best.lexical > 0


def test_an_empty_index_finds_nothing(library):
    assert library.search("Anything?", 5) == []


def test_a_question_without_known_words_still_gets_the_nearest(filled):
    assert len(found(filled, "xyzzy")) == 3


def test_removed_articles_are_not_found_and_are_named(filled):
    assert filled.remove(["parking.txt", "nope"]) == ["parking.txt"]
    assert "parking.txt" not in found(filled, "How many places has the car park?")


def test_an_open_reader_sees_what_another_process_indexed(filled, articles, embedder):
    reader = Library.open(filled.directory, embedder)
    assert "gym.txt" not in found(reader, "When does the gym open?")
    filled.sync([str(articles({"gym.txt": "The gym opens at seven."}))])
    assert found(reader, "When does the gym open?")[0] == "gym.txt"


def segment(library):
    (folder,) = (library.directory / "segments").iterdir()
    return folder


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "torn": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "foreign": lambda path: path.write_bytes(b"something else"),
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:-9] + b"\0" + path.read_bytes()[-8:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["dense.faiss", "arrays.safetensors"])
def test_damaged_files_are_made_again_without_embedding(filled, embedder, name, damage):
    before = filled.search("car park", 3)
    DAMAGE[damage](segment(filled) / name)
    embedder.embedded.clear()
    (problem,) = filled.verify()
    assert "missing, damaged or out of date" in problem
    assert Library.open(filled.directory, embedder).search("car park", 3) == before
    assert embedder.embedded == []
    assert (segment(filled) / name).is_file()
    assert filled.verify() == []


def test_files_that_nothing_needs_any_more_are_removed(filled, articles):
    filled.sync([str(articles({"gym.txt": "The gym opens at seven."}))])
    assert len(list((filled.directory / "segments").iterdir())) == 1
    assert filled.verify() == []


def full(*_):
    raise OSError(28, "No space left on device")


def test_files_that_cannot_be_written_do_not_stop_a_reader(filled, embedder, monkeypatch):
    (segment(filled) / "dense.faiss").unlink()
    monkeypatch.setattr(Segment, "write", full)
    assert found(Library.open(filled.directory, embedder), "soup", 1) == ["canteen.txt"]


def test_a_full_disk_is_named_and_loses_nothing(filled, articles, monkeypatch):
    folder = str(articles({"gym.txt": "The gym opens at seven."}))
    with monkeypatch.context() as patched:
        patched.setattr(Segment, "write", full)
        with pytest.raises(IndexReadOnly, match=r"No space left on device.*not full; nothing is lost"):
            filled.sync([folder])
    assert found(filled, "soup", 1) == ["canteen.txt"]
    assert filled.verify() == []
    assert filled.sync([folder]).new == ["gym.txt"]


def test_an_index_of_an_earlier_version_is_taken_over_without_embedding(filled, embedder):
    before = filled.search("car park", 3)
    filled._store.database.execute("DROP TABLE segment")
    filled._store.database.execute("ALTER TABLE article DROP COLUMN checksum")
    filled._store.database.execute("DELETE FROM meta WHERE name = 'language'")
    filled._store.database.execute("UPDATE meta SET value = '1' WHERE name = 'format'")
    shutil.rmtree(filled.directory / "segments")
    (filled.directory / "derived-1").mkdir()
    filled.close()
    embedder.embedded.clear()
    library = Library.open(filled.directory, embedder)
    assert library.search("car park", 3) == before
    assert library.verify() == []
    assert embedder.embedded == []
    assert not (filled.directory / "derived-1").exists()


def test_an_index_without_keys_for_sources_and_texts_gets_them(filled, embedder):
    database = filled._store.database
    listed = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    names = database.execute(listed).fetchall()
    assert len(names) == 4
    database.execute("DROP INDEX article_source")
    database.execute("DROP INDEX article_text")
    filled.close()
    library = Library.open(filled.directory, embedder, create=True)
    assert library._store.database.execute(listed).fetchall() == names
    for statement in ("id FROM article WHERE text_hash = ''", "id, source FROM article WHERE source >= 'a'"):
        (plan,) = library._store.database.execute(f"EXPLAIN QUERY PLAN SELECT {statement}")
        assert "USING" in plan[-1]


GERMAN = IndexSettings(language="de")


def test_another_language_is_refused_with_the_remedy(filled, embedder):
    for create in (False, True):
        with pytest.raises(ModelMismatch, match=r"made with language en, the configuration says de; set it back, or"):
            Library.open(filled.directory, embedder, GERMAN, create=create)


@pytest.fixture
def unbound(filled):
    """Made before the language was noted."""
    filled._store.database.execute("DELETE FROM meta WHERE name = 'language'")
    filled._store.database.execute("UPDATE segment SET recipe = 'format 0'")
    return filled


def test_an_index_without_a_language_takes_that_of_who_writes_next(unbound, articles, embedder):
    german = Library.open(unbound.directory, embedder, GERMAN)
    german.sync([str(articles({}))])
    assert german.search("the", 3)[0].lexical > 0  # in German no stop word
    assert german.verify() == []
    with pytest.raises(ModelMismatch, match="made with language de, the configuration says en"):
        Library.open(unbound.directory, embedder)


def test_two_languages_do_not_write_the_segments_in_turns(unbound, embedder):
    english, german = Library.open(unbound.directory, embedder), Library.open(unbound.directory, embedder, GERMAN)
    assert german.search("the", 1)
    layout = german._store.state()
    for _ in range(3):
        with pytest.raises(ModelMismatch):
            english.search("the", 1)
        assert german.search("the", 1)
    assert german._store.state() == layout


def test_no_index_is_named_with_the_remedy(tmp_path, embedder):
    with pytest.raises(IndexMissing, match="make one with: qa index PATH --index"):
        Library.open(tmp_path / "none", embedder)


def test_a_damaged_store_is_named_with_the_remedy(filled, embedder):
    filled.close()
    (filled.directory / "store.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(IndexBroken, match="damaged"):
        Library.open(filled.directory, embedder)


def test_an_index_of_a_newer_version_is_refused(filled, embedder):
    filled._store._db.execute("UPDATE meta SET value = 99 WHERE name = 'format'")
    with pytest.raises(IndexNewer, match="update this program"):
        Library.open(filled.directory, embedder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_made_is_named(tmp_path, embedder):
    tmp_path.chmod(0o500)
    with pytest.raises(IndexReadOnly, match="Permission denied"):
        Library.open(tmp_path / "x", embedder, create=True)


def test_threads_may_search_while_another_writes(filled, articles, embedder):
    folder = articles({})
    problems = []

    def ask():
        try:
            for _ in range(30):
                for hit in filled.search("car park places", 3):
                    assert hit.text in hit.article.text
        except BaseException as error:
            problems.append(error)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for thread in askers:
        thread.start()
    writer = Library.open(filled.directory, embedder)
    for n in range(10):
        (folder / "parking.txt").write_text(f"The car park at Mill Lane has {n} places.")
        writer.sync([str(folder)])
    for thread in askers:
        thread.join()
    assert problems == []


def test_a_stored_article_comes_back_as_it_was(library, articles):
    record = (
        '{"id": "é", "title": "T", "text": "A.\\n", "url": "https://x.example", "author": "A", '
        '"published": "2025-01-02", "section": "News", "language": "de", "groups": ["b", "a"], '
        '"more": [1, {"x": null}]}'
    )
    library.sync([str(articles({"a.jsonl": record}))])
    article = library.article("é")
    assert (article.text, article.groups, article.metadata) == ("A.\n", ("a", "b"), {"more": [1, {"x": None}]})
    assert (article.section, article.language, article.published) == ("News", "de", "2025-01-02")


def test_vectors_are_kept_as_they_were_embedded(filled, embedder):
    store = Store.open(filled.directory)
    rows = list(store.rows(1, 3))
    vectors = np.stack([np.frombuffer(row.vector, "<f4") for row in rows])
    np.testing.assert_array_equal(vectors, embedder.questions([f"{row.title}\n{row.text}" for row in rows]))


def test_keys_of_chunks_are_never_given_twice(filled, articles):
    filled._store.database.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'chunk'")
    filled.sync([str(articles({"gym.txt": "The gym opens at seven."}))])
    assert filled.verify() == []

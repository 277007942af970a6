import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from index.errors import IndexBusy, InputMissing, ModelMismatch
from index.library import Library
from index.load import find
from index.writer import Writer


def summary(report):
    return report.new, report.changed, report.unchanged, report.gone


def test_a_sync_tells_new_changed_unchanged_and_gone(library, articles):
    folder = articles({"a.txt": "Alpha one.", "b.txt": "Beta one.", "c.txt": "Gamma one."})
    assert summary(library.sync([str(folder)])) == (["a.txt", "b.txt", "c.txt"], [], [], [])
    (folder / "b.txt").write_text("Beta two.")
    (folder / "c.txt").unlink()
    assert summary(library.sync([str(folder)])) == ([], ["b.txt"], ["a.txt"], ["c.txt"])
    assert library.article("b.txt").text == "Beta two."
    assert library.article("c.txt") is None


def test_only_new_and_changed_articles_are_embedded(library, articles, embedder):
    folder = articles({"a.txt": "Alpha one.", "b.txt": "Beta one."})
    library.sync([str(folder)])
    embedder.embedded.clear()
    (folder / "b.txt").write_text("Beta two.")
    assert library.sync([str(folder)]).embedded == 1
    assert embedder.embedded == ["b\nBeta two."]


def test_a_long_title_stays_but_is_not_embedded_with_every_chunk(library, articles, embedder):
    title = "word " * 20_000 + "end"
    text = "# One\\n\\nAlpha.\\n\\n# Two\\n\\nBeta."
    library.sync([str(articles({"a.json": f'{{"id": "a", "title": "{title}", "text": "{text}"}}'}))])
    assert library.article("a").title == title
    assert [len(text) < 400 for text in embedder.embedded] == [True, True]
    assert embedder.embedded[1].startswith("word word ")
    assert embedder.embedded[1].endswith(" word\nTwo\nBeta.")


def test_the_index_itself_is_not_read(library, articles):
    articles({"a.txt": "Alpha."})
    library.sync([str(library.directory.parent / "articles")])
    report = library.sync([str(library.directory.parent)])
    assert (report.new, report.gone, report.skipped) == (["articles/a.txt"], ["a.txt"], [])


def test_an_article_of_another_folder_stays(library, articles):
    folder = articles({"x/a.txt": "Alpha.", "y/b.txt": "Beta."})
    library.sync([str(folder / "x")])
    assert summary(library.sync([str(folder / "y")])) == (["b.txt"], [], [], [])
    assert library.counts().articles == 2


@pytest.mark.parametrize(
    "asked",
    ["a", "a/b", "a/b/1.txt", "a*", "a/*/1.txt", "**/2.txt", "a-b a/b", ". a", "a/1.txt a/b-c", "a/b/1.txt a/b/2.txt"],
)
def test_a_sync_removes_what_it_speaks_for_and_nothing_else(library, articles, asked):
    """Names that sort between a folder and what is in it, patterns, single files, several of them."""
    folders = ["", "a/", "a/b/", "a/b-c/", "a-b/", "a0/", "a/b/c/", "é/"]
    folder = articles({f"{f}{n}.txt": f"Words {f}{n} of its own." for f in folders for n in (1, 2)})
    library.sync([str(folder)])
    everything = set(library.titles())
    inputs = find([str(folder / path) for path in asked.split()])
    spoken_for = {i for i in everything if inputs.cover(str(folder / i))}
    assert spoken_for
    for file in inputs.files:
        file.path.write_text("")  # named and there, but empty: its article goes
    report = library.sync([str(folder / path) for path in asked.split()])
    assert set(report.gone) == spoken_for
    assert set(library.titles()) == everything - spoken_for


def test_a_file_whose_name_is_no_text_can_be_named(library, articles):
    folder = articles({"a.txt": "Alpha."})
    (folder / "b\udcff.txt").write_text("Words.")
    report = library.sync([str(folder / "b\udcff.txt"), str(folder / "a.txt")])
    assert (report.new, len(report.skipped)) == (["a.txt"], 1)


def test_a_text_that_its_article_gives_up_is_free_for_another(library, articles):
    old, new = (
        articles({"old/a.txt": "One text."}) / "old",
        articles({"new/a.txt": "Another.", "new/b.txt": "x"}) / "new",
    )
    library.sync([str(old)])
    (old / "a.txt").unlink()
    (new / "b.txt").write_text("One text.")
    report = library.sync([str(new)])
    assert summary(report) == (["b.txt"], ["a.txt"], [], [])


def test_a_folder_that_has_gone_does_not_empty_the_index(library, articles):
    folder = articles({"a.txt": "Alpha."})
    library.sync([str(folder)])
    folder.rename(folder.with_name("away"))
    with pytest.raises(InputMissing):
        library.sync([str(folder)])
    assert library.counts().articles == 1


def test_an_article_of_which_it_is_not_clear_any_more_who_may_read_it_goes(library, articles):
    folder = articles(
        {"pay.md": "Pay is due.", "other.md": "Other.", "all.jsonl": '{"id": "x", "text": "Ten pounds."}'}
    )
    library.sync([str(folder)])
    (folder / "pay.md").write_text("---\nGroups: hr\n---\nPay is due.")
    (folder / "all.jsonl").write_text('{"id": "x", "text": "Ten pounds.", "group": "hr"}\nnot JSON')
    report = library.sync([str(folder)])
    assert sorted((s.source, s.kind) for s in report.skipped) == [
        ("all.jsonl", "failed"), ("all.jsonl", "refused"), ("pay.md", "refused"),
    ]  # fmt: skip
    assert (report.gone, list(library.titles())) == (["pay.md", "x"], ["other.md"])


def test_a_file_that_fails_keeps_its_earlier_version_and_an_emptied_one_goes(library, articles):
    folder = articles({"a.txt": "Alpha.", "b.txt": "Beta."})
    library.sync([str(folder)])
    (folder / "a.txt").write_bytes(b"\xff\xfe\xff")
    (folder / "b.txt").write_text("")
    report = library.sync([str(folder)])
    assert [(s.source, s.kind) for s in report.skipped] == [("a.txt", "failed"), ("b.txt", "empty")]
    assert report.gone == ["b.txt"]
    assert library.article("a.txt").text == "Alpha."


def test_the_same_text_is_indexed_once_and_says_where(library, articles):
    folder = articles({"a.txt": "Alpha  one.", "b.txt": "Alpha one.\n"})
    report = library.sync([str(folder)])
    assert report.new == ["a.txt"]
    assert [(s.source, s.reason, s.kind) for s in report.skipped] == [("b.txt", "same text as a.txt", "duplicate")]
    (folder / "a.txt").unlink()
    assert summary(library.sync([str(folder)])) == (["b.txt"], [], [], ["a.txt"])


def test_files_that_wait_for_others_to_change_are_named(library, articles):
    files = {"a.txt": "Alpha.", "b.txt": "Alpha.", "c.txt": b"\xff", "d.txt": "", "e.png": "x"}
    folder = articles(files | {"n.jsonl": '{"id": "a.txt", "text": "B."}\n{"id": "n", "text": "C."}'})
    report = library.sync([str(folder)])
    assert report.waiting == {folder / name for name in ("b.txt", "c.txt", "n.jsonl")}


def test_two_articles_with_one_id_are_named(library, articles):
    folder = articles(
        {"n.jsonl": '{"id": "n", "text": "A."}\n{"id": "n", "text": "B."}', "x/a.txt": "C.", "y/a.txt": "D."}
    )
    for first, second in (("n.jsonl", "n.jsonl"), ("x/a.txt", "y/a.txt")):
        skipped = library.sync([str(folder / first)]).skipped or library.sync([str(folder / second)]).skipped
        assert [s.kind for s in skipped] == ["failed"]
        assert f"is already that of {folder / first}; give one of them another id" in skipped[0].reason


def test_a_moved_folder_is_unchanged(library, articles):
    folder = articles({"a.txt": "Alpha."})
    library.sync([str(folder)])
    moved = folder.rename(folder.with_name("moved"))
    assert library.sync([str(moved)]).unchanged == ["a.txt"]
    (moved / "a.txt").unlink()
    assert library.sync([str(moved)]).gone == ["a.txt"]


def test_other_chunk_sizes_cut_every_article_anew(tmp_path, embedder, articles, library):
    folder = articles({"a.txt": "Alpha. " * 300})
    library.sync([str(folder)])
    other = Library.open(library.directory, embedder, index=type(library._index)(chunk_words=50))
    assert other.sync([str(folder)]).changed == ["a.txt"]


def test_what_was_finished_before_an_interruption_is_kept(library, articles, embedder, monkeypatch):
    folder = articles({f"{n:03}.txt": f"Text number {n}." for n in range(200)})
    put = Writer.put
    calls = []

    def interrupted(writer, batch):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        put(writer, batch)

    monkeypatch.setattr(Writer, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        library.sync([str(folder)])
    assert library.counts().articles == 128
    monkeypatch.undo()
    report = library.sync([str(folder)])
    assert (len(report.unchanged), len(report.new), report.embedded) == (128, 72, 72)


def test_other_readers_are_written_batch_by_batch(library, articles, embedder, monkeypatch):
    folder = articles({f"{n:03}.txt": f"Text number {n}." for n in range(200)})
    library.sync([str(folder)])
    settings = replace(library._index, folder_groups={str(folder): ("hr",)})
    restricted = Library.open(library.directory, embedder, settings)
    put, sizes = Writer.put, []

    def interrupted(writer, batch):
        sizes.append(sum(len(item.chunks) for item in batch))
        if len(sizes) == 3:
            raise KeyboardInterrupt
        put(writer, batch)

    monkeypatch.setattr(Writer, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        restricted.sync([str(folder)])
    assert sizes == [64, 64, 64]
    assert restricted.readers() == {("hr",): 128, (): 72}
    monkeypatch.undo()
    report = restricted.sync([str(folder)])
    assert (len(report.unchanged), len(report.changed), report.embedded) == (128, 72, 0)
    assert restricted.verify() == []


def test_an_interruption_waits_for_no_more_than_a_slice_of_a_large_article(library, articles, embedder, monkeypatch):
    folder = articles({"a.md": "\n\n".join(f"# Part {n}\n\nText of part {n}." for n in range(500))})
    slices = []

    def documents(texts):
        slices.append(len(texts))
        if len(slices) == 2:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            time.sleep(0.5)
        return embedder.questions(texts)

    monkeypatch.setattr(embedder, "documents", documents)
    with pytest.raises(KeyboardInterrupt):
        library.sync([str(folder)])
    assert slices == [64, 64]


def test_of_two_writers_the_second_is_refused(library, articles):
    folder = articles({"a.txt": "Alpha."})
    with library._store.writing(), pytest.raises(IndexBusy, match="another process is writing"):
        Library.open(library.directory, library.embedder).sync([str(folder)])


def test_two_models_are_never_mixed(library, articles, embedder):
    library.sync([str(articles({"a.txt": "Alpha."}))])
    other = type(embedder)()
    other.name = "other"
    with pytest.raises(ModelMismatch, match="was made with model words, the configuration says other; set it back"):
        Library.open(library.directory, other)
    changed = type(embedder)()
    changed.checksum = "words 2"
    with pytest.raises(ModelMismatch, match="model checksum"):
        Library.open(library.directory, changed).search("Alpha?", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(library, articles):
    folder = articles({"a.txt": "Alpha."})
    (folder / "a.txt").chmod(0)
    assert [s.reason for s in library.sync([str(folder)]).skipped] == ["unreadable (Permission denied)"]

"""Whatever happened to an index, it ranks as one built afresh from the same articles."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import dense, segment, writer
from index.library import Library
from tests.conftest import WordEmbedder

WORDS = ["ferry", "harbour", "soup", "noon", "leave", "ticket", "dog", "car"]
TEXT = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=1, max_size=4).map(
    lambda sentences: "\n\n".join(f"# {words[0]}\n\n{' '.join(words)}." for words in sentences)
)
CHANGES = st.dictionaries(st.sampled_from("abcdefgh"), st.none() | st.tuples(TEXT, st.sampled_from(["", "hr", "it"])))
QUESTIONS = ("soup at noon", "dog ticket ferry", "car", "harbour leave leave")


def applied(library: Library, folder: Path, articles: dict[str, dict]) -> None:
    for path in folder.iterdir():
        path.unlink()
    for name, article in articles.items():
        (folder / f"{name}.json").write_text(json.dumps(article))
    library.sync([str(folder)])


def ranks(library: Library) -> list:
    return [
        [(hit.article, hit.chunk, hit.score, hit.dense, hit.lexical) for hit in view.search(question, 3)]
        for view in (library, library.seen_by([]), library.seen_by(["hr"]))
        for question in QUESTIONS
    ] + [library.counts(), library.find(" ".join(WORDS), 1).rarity]


@pytest.mark.parametrize("most", [1, 5, 131_072])
@pytest.mark.parametrize("exact", [2, 16_384])
@settings(deadline=None, max_examples=15)
@given(rounds=st.lists(CHANGES, min_size=1, max_size=6))
def test_any_sequence_of_changes_ranks_like_a_fresh_index(rounds, most, exact):
    with TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        for module in (segment, writer):
            patch.setattr(module, "MAX_CHUNKS", most)
        patch.setattr(dense, "EXACT", exact)
        folder, place = Path(temporary, "articles"), Path(temporary)
        folder.mkdir()
        library = Library.open(place / "index", WordEmbedder(), create=True)
        reader = Library.open(place / "index", WordEmbedder())
        articles: dict[str, dict] = {}
        for changes in rounds:
            for name, change in changes.items():
                articles.pop(name, None)
                if change:
                    articles[name] = {"title": name, "text": change[0], "groups": [change[1]] if change[1] else []}
            applied(library, folder, articles)
            assert library.verify() == []
        fresh = Library.open(place / "fresh", WordEmbedder(), create=True)
        fresh.sync([str(folder)])
        assert ranks(library) == ranks(reader) == ranks(fresh)
        for opened in (library, reader, fresh):
            opened.close()

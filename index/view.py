"""The index as someone sees it: search, articles, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import log1p
from pathlib import Path

from index.access import Groups, may_read
from index.article import Article, Chunk
from index.current import Current
from index.database import State
from index.embed import Embedder
from index.filter import Filter
from index.lexical import Lexical
from index.settings import SearchSettings
from index.snapshot import Ranked
from index.store import Counts, Store
from index.terms import Terms


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, with its article. score: fused; dense: cosine in [-1, 1]; lexical: BM25."""

    article: Article
    chunk: Chunk
    score: float
    dense: float
    lexical: float

    @property
    def text(self) -> str:
        return self.article.text[self.chunk.start : self.chunk.end]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought, all of it of one generation, whatever is written meanwhile.

    hits: best first. rarity: each of the question's terms → its weight, ln(1 + (N - n + 0.5) / (n + 0.5)), above 0,
    for the n of N chunks that hold it.
    """

    hits: list[Hit]
    rarity: Mapping[str, float]


class View:
    """What one who belongs to certain groups sees of an index: articles without groups, and those with one of theirs.

    Nothing in it tells of other articles: ranks, scores, rarities and counts are as if those did not exist. May be
    used from several threads; picks up what another process has indexed. terms: how this index turns texts and
    questions into BM25's terms.
    """

    def __init__(
        self, store: Store, embedder: Embedder, search: SearchSettings, terms: Terms, current: Current, reader: Groups
    ) -> None:
        self.embedder = embedder
        self.terms = terms
        self.reader = reader
        self._store, self._search, self._current = store, search, current

    def seen_by(self, groups: Iterable[str] | None) -> View:
        """The same index as someone in these groups sees it; None: whole. Costs nothing: all is shared."""
        reader = None if groups is None else frozenset(groups)
        return View(self._store, self.embedder, self._search, self.terms, self._current, reader)

    def close(self) -> None:
        """Closes the index, for every view of it."""
        self._store.close()

    @property
    def directory(self) -> Path:
        return self._store.directory

    @property
    def generation(self) -> int:
        """Rises with every change; while it stays the same, so do the articles."""
        return self._store.generation()

    @property
    def state(self) -> State:
        """While it stays the same, so does all that is found, and it is the same index."""
        return self._store.state()

    @property
    def n_articles(self) -> int:
        return sum(articles for groups, articles in self._store.readers().items() if may_read(self.reader, groups))

    def counts(self) -> Counts:
        if self.reader is None:
            return self._store.counts()
        return Counts(self.n_articles, self._current.get().seen_by(self.reader).lexical.size)

    def readers(self) -> dict[tuple[str, ...], int]:
        """Groups that articles are for → how many articles are for them; () for everybody's."""
        found = self._store.readers()
        return {groups: articles for groups, articles in found.items() if may_read(self.reader, groups)}

    def article(self, article_id: str) -> Article | None:
        """None where there is none, and where it is not for this reader: one can't tell which."""
        found = self._store.article(article_id)
        return found if found and may_read(self.reader, found.groups) else None

    def titles(self) -> dict[str, str]:
        """Article id → title, by id."""
        return self._store.titles(self.reader)

    def chunks(self, article_id: str) -> list[Chunk]:
        """An article's chunks in the order of its text."""
        return self._store.chunks_of(article_id) if self.article(article_id) else []

    def search(
        self, question: str, top_k: int, admit: Callable[[Article], bool] = lambda article: True,
        only: Filter | None = None,
    ) -> list[Hit]:  # fmt: skip
        """The hits of `find`."""
        return self.find(question, top_k, admit, only).hits

    def find(
        self, question: str, top_k: int, admit: Callable[[Article], bool] = lambda article: True,
        only: Filter | None = None,
    ) -> Found:  # fmt: skip
        """The top_k chunks for a question, best first; both sides of the index are asked.

        only: what may be found; fewer than top_k only where no more of it is there. admit: articles that it refuses are
        passed over among the best `[search] depth` of each side.
        """
        if not self._current.get().seen_by(self.reader).lexical.size:
            return Found([], {})
        self._store.require("model checksum", self.embedder.checksum)
        vector = self.embedder.questions([question])[0]
        terms, depth = self.terms(question), max(self._search.depth, top_k)
        with self._current.present() as snapshot:
            part = snapshot.seen_by(self.reader)
            articles = self._store.articles(only.articles) if only and only.articles else None
            ranked = part.search(vector, terms, depth, self._search.dense_weight, only, articles)
            hits = (hit for hit in self._hits(ranked) if admit(hit.article))
            return Found(list(islice(hits, top_k)), {term: _rarity(part.lexical, term) for term in terms})

    def _hits(self, ranked: Iterable[Ranked]) -> Iterator[Hit]:
        """Those for this reader, in the store's present view."""
        articles: dict[str, Article | None] = {}
        for r in ranked:
            if found := self._store.chunk(r.key):
                article_id, chunk = found
                if article_id not in articles:
                    articles[article_id] = self.article(article_id)
                if article := articles[article_id]:
                    yield Hit(article, chunk, r.score, r.dense, r.lexical)


def _rarity(lexical: Lexical, term: str) -> float:
    n = lexical.count(term)
    return log1p((lexical.size - n + 0.5) / (n + 0.5))

"""Articles → sentences → chunks → vectors and terms: all that is built ahead of a question."""

from index.article import Article, Chunk, Sentence
from index.embed import Embedder, SentenceTransformerEmbedder
from index.errors import UserError
from index.filter import Filter
from index.library import Hit, Library
from index.quantised import embedder_for
from index.settings import IndexSettings, SearchSettings
from index.sync import SyncReport

__all__ = [
    "Article",
    "Chunk",
    "Embedder",
    "Filter",
    "Hit",
    "IndexSettings",
    "Library",
    "SearchSettings",
    "Sentence",
    "SentenceTransformerEmbedder",
    "SyncReport",
    "UserError",
    "embedder_for",
]

"""What config.toml says of the index; the file explains each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.embed import BUNDLED


@dataclass(frozen=True, slots=True)
class IndexSettings:
    model: str = BUNDLED
    language: str = "en"
    chunk_words: int = 100
    chunk_overlap: int = 1
    batch: int = 32
    threads: int = 0
    quantised: bool = True
    folder_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchSettings:
    depth: int = 100
    top_k: int = 8
    dense_weight: float = 0.5
    bm25_k1: float = 0.9
    bm25_b: float = 0.4

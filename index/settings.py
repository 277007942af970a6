"""What config.toml says of the index; the file explains each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from index.embed import BUNDLED


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a setting may have, both ends included; NaN is in none."""

    least: float
    most: float

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"from {self.least:,} to {self.most:,}"


Share = Annotated[float, Range(0, 1)]


@dataclass(frozen=True, slots=True)
class IndexSettings:
    model: str = BUNDLED
    language: str = "en"
    chunk_words: Annotated[int, Range(1, 10_000)] = 100
    chunk_overlap: Annotated[int, Range(0, 100)] = 1
    batch: Annotated[int, Range(1, 10_000)] = 32
    threads: Annotated[int, Range(0, 1024)] = 0
    quantised: bool = True
    folder_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchSettings:
    depth: Annotated[int, Range(1, 100_000)] = 100
    top_k: Annotated[int, Range(1, 1000)] = 8
    dense_weight: Share = 0.5
    bm25_k1: Annotated[float, Range(0, 100)] = 0.9
    bm25_b: Share = 0.4

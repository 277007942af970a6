"""FAISS over the chunks' vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.store import Vectors


@dataclass(frozen=True)
class Dense:
    """Exact search by inner product over unit vectors of chunks numbered from 0; a score is a cosine, in [-1, 1].

    visible: (n_chunks,), the chunks that may be found, None for all.
    """

    vectors: Any  # faiss.Index; faiss has no type stubs
    visible: npt.NDArray[np.bool_] | None = None

    @classmethod
    def build(cls, batches: Iterable[Vectors]) -> Dense:
        """From (n, dimension) float32 arrays, in the order of the chunks."""
        flat: Any = None
        for batch in batches:
            flat = flat or faiss.IndexFlatIP(batch.shape[1])
            flat.add(np.ascontiguousarray(batch))
        return cls(flat or faiss.IndexFlatIP(1))

    def save(self, path: Path) -> None:
        """Raises OSError; FAISS's own writer would raise something else for a full disk."""
        path.write_bytes(faiss.serialize_index(self.vectors).tobytes())

    @classmethod
    def load(cls, path: Path) -> Dense:
        return cls(faiss.deserialize_index(np.fromfile(path, dtype=np.uint8)))

    def within(self, visible: npt.NDArray[np.bool_]) -> Dense:
        """The same over the chunks of the mask alone."""
        return replace(self, visible=visible)

    def top(self, question: Vectors, depth: int) -> npt.NDArray[np.int64]:
        """The numbers of the nearest chunks, best first; fewer than depth where there are fewer."""
        depth = min(depth, self._size)
        if depth == 0:
            return np.empty(0, np.int64)
        numbers: npt.NDArray[np.int64] = self.vectors.search(question.reshape(1, -1), depth, params=self._params)[1][0]
        return numbers

    def scores(self, question: Vectors, numbers: npt.NDArray[np.int64]) -> Vectors:
        """The cosines of these chunks, float32, (n,)."""
        cosines: Vectors = self.vectors.reconstruct_batch(numbers) @ question
        return cosines

    @cached_property
    def _size(self) -> int:
        return int(self.vectors.ntotal if self.visible is None else self.visible.sum())

    @cached_property
    def _params(self) -> Any:
        """What keeps FAISS to the visible chunks, inside the search: a filter after it could leave nothing over."""
        if self.visible is None:
            return None
        loose: Any = faiss  # its stubs know only the C++ signatures
        return loose.SearchParameters(sel=loose.IDSelectorBitmap(np.packbits(self.visible, bitorder="little")))

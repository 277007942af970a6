"""FAISS over chunks' vectors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

EXACT = 16_384
"""Vectors up to which FAISS compares them all as they are; above, their codes of one bit a dimension (RaBitQ: Gao and
Long, SIGMOD 2024, arXiv:2405.12497). Twelve times as fast on 100,000 vectors; see tests/bench/scale.py."""

_QUERY_BITS = 4
_ROTATION_SEED = 7

_faiss: Any = faiss  # its stubs know only the C++ signatures


@dataclass(frozen=True)
class Dense:
    """Vectors of some chunks, numbered from 0.

    vectors: float16, (n_chunks, dimension), unit rows, from which every score is computed. index: FAISS over the same,
    which says what is worth a score. Neither depends on how the vectors came in.
    """

    vectors: npt.NDArray[np.float16]
    index: Any  # faiss.Index

    @classmethod
    def build(cls, vectors: npt.NDArray[np.float16]) -> Dense:
        dimension = vectors.shape[1]
        if len(vectors) <= EXACT:
            index = _halves(dimension)
        else:
            rotation = _faiss.RandomRotationMatrix(dimension, dimension)
            rotation.init(_ROTATION_SEED)
            codes = _faiss.IndexRaBitQ(dimension, faiss.METRIC_INNER_PRODUCT)
            codes.train(np.zeros((1, dimension), np.float32))  # the centre is 0 whatever the vectors are
            index = _faiss.IndexPreTransform(rotation, codes)
        _faiss.omp_set_num_threads(os.cpu_count())  # of this thread's calls
        for first in range(0, len(vectors), EXACT):
            index.add(vectors[first : first + EXACT].astype(np.float32))
        return cls(vectors, index)

    @classmethod
    def open(cls, vectors: npt.NDArray[np.float16], path: Path) -> Dense:
        """Raises RuntimeError where the file cannot be read, ValueError where it is of other vectors."""
        index = _faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if (index.ntotal, index.d) != vectors.shape:
            raise ValueError(f"{path} holds other vectors")
        return cls(vectors, index)

    def to_bytes(self) -> bytes:
        """The FAISS index. (Its own writer would raise something else than OSError for a full disk.)"""
        found: bytes = faiss.serialize_index(self.index).tobytes()
        return found

    def nearest(
        self, question: npt.NDArray[np.float32], n: int, wanted: npt.NDArray[np.bool_] | None
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """The numbers of about the n nearest chunks with their estimated cosines, best first; fewer where there are
        fewer. wanted: (n_chunks,), those that may be found, None for all: kept to inside the search."""
        n = min(n, len(self.vectors) if wanted is None else int(np.count_nonzero(wanted)))
        if n == 0:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        _faiss.omp_set_num_threads(1)  # on several, they wait for each other; questions run side by side instead
        estimates, numbers = self.index.search(question.reshape(1, -1), n, params=self._params(wanted))
        return estimates[0], numbers[0]

    def scores(self, question: npt.NDArray[np.float32], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """The cosines of these chunks, (n,), in [-1, 1]. Each is summed alone, so it does not depend on the others."""
        _faiss.omp_set_num_threads(1)
        rows = _halves(self.vectors.shape[1]).sa_decode(self.vectors[numbers].view(np.uint8))
        cosines: npt.NDArray[np.float64] = np.einsum("ij,j->i", rows, question).astype(np.float64)
        return cosines

    def _params(self, wanted: npt.NDArray[np.bool_] | None) -> Any:
        only: Any = {}
        if wanted is not None:
            only["sel"] = _faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
        if not isinstance(self.index, faiss.IndexPreTransform):
            return _faiss.SearchParameters(**only)
        codes = _faiss.RaBitQSearchParameters(qb=_QUERY_BITS, **only)
        return _faiss.SearchParametersPreTransform(index_params=codes)


def _halves(dimension: int) -> Any:
    """An empty index of float16 vectors; its decoder is twice as fast as NumPy's."""
    return _faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)

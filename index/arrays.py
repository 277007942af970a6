"""Named arrays in one file (safetensors), memory-mapped when read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

Arrays = dict[str, npt.NDArray[Any]]

_TYPES = {
    "U8": np.uint8, "I32": np.int32, "U32": np.uint32, "I64": np.int64, "U64": np.uint64, "F16": np.float16,
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A dataclass whose fields are arrays."""

    def arrays(self) -> Arrays:
        """By the names of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def to_bytes(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """What `mapped` reads."""
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def mapped(path: Path) -> Arrays:
    """The file's arrays, read-only; a page is read when something in it is. Raises OSError, ValueError, KeyError."""
    data = np.memmap(path, np.uint8, mode="r").view(np.ndarray)  # a memmap's own indexing is slow
    start = 8 + int.from_bytes(data[:8].tobytes(), "little")
    header = json.loads(data[8:start].tobytes())
    arrays: Arrays = {}
    for name, about in header.items():
        if name != "__metadata__":
            first, last = about["data_offsets"]
            arrays[name] = data[start + first : start + last].view(_TYPES[about["dtype"]]).reshape(about["shape"])
    return arrays

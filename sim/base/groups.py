"""Grouping: which rows or values belong to each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def slices_by_kind(kinds: npt.NDArray[np.integer], count: int) -> list[slice]:
    """Slice of each of `count` kinds among rows that are sorted by kind."""
    ends = np.bincount(kinds, minlength=count).cumsum().tolist()
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def by_kind(values: npt.NDArray[Any], kinds: npt.NDArray[np.integer], count: int) -> list[npt.NDArray[Any]]:
    """Split values by their kind: one array for each kind 0 to `count` - 1, in the original order."""
    values = values[kinds.argsort(kind="stable")]
    return [values[mine] for mine in slices_by_kind(kinds, count)]

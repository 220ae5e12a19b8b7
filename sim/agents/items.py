"""Content: items, and their listings on platforms."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.tables import F8, I8, Population


def take_rows(table: Population[Any], free: npt.NDArray[np.bool_], count: int) -> I8:
    """Reserve `count` free rows, lowest first, growing the table where needed."""
    rows = free.nonzero()[0][:count]
    short = count - len(rows)
    if short > 0:
        start = table.capacity
        table.reserve(start + short)
        rows = np.concatenate([rows, np.arange(start, start + short)])
    return rows


def best_of(drafts: Any, u: F8) -> F8:
    """Uniform number whose normal quantile is the best of `drafts` normal numbers (a real number of drafts, >= 1)."""
    return np.asarray(u ** (1.0 / np.asarray(drafts, np.float64)))

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


LIFE_HALVINGS = 8.0  # half-lives of freshness after which a listing is closed: its weight is then below 0.4 %


SHORTEST_DAYS, LONGEST_DAYS = 3.0, 180.0  # life of a listing


def listing_days(freshness: F8) -> F8:
    """Days for which a listing can be met, given its platform's freshness half-life in days."""
    return np.clip(LIFE_HALVINGS * freshness, SHORTEST_DAYS, LONGEST_DAYS)


def listing_ticks(freshness: F8, ticks_per_day: int) -> I8:
    """Do as `listing_days`, in ticks."""
    return np.ceil(listing_days(freshness) * ticks_per_day).astype(np.int64)

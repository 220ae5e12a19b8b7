"""Rows of items in tables, the best of several drafts, and how long listings live."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.codes import FALSE, ORIGINS, TRUTHS
from sim.base.tables import F8, I1, I8, U1, Population


def take_rows(table: Population[Any], free: npt.NDArray[np.bool_], count: int) -> I8:
    """Return `count` free rows of a table, lowest first; the table grows where there are too few."""
    rows = free.nonzero()[0][:count]
    short = count - len(rows)
    if short > 0:
        start = table.capacity
        table.reserve(start + short)
        rows = np.concatenate([rows, np.arange(start, start + short)])
    return rows


def life_cells(platform: I8 | I1, origin: U1, accuracy: U1) -> I8:
    """Number of the cell of platform, origin and truth in which each item's life is counted, shape (n,).

    Parameters
    ----------
    platform : on which it was published first, or should have been, shape (n,).
    origin, accuracy : codes, shape (n,).
    """
    held = np.asarray(platform, np.int64) * len(ORIGINS) + origin
    return np.asarray(held * len(TRUTHS) + np.minimum(accuracy, FALSE), np.int64)


def best_of(drafts: Any, u: F8) -> F8:
    """Turn uniform numbers into those of the best of several drafts: u ** (1 / drafts).

    The normal quantile of the result has the law of the largest of `drafts` normal numbers; `drafts` is a real number
    >= 1.
    """
    return np.asarray(u ** (1.0 / np.asarray(drafts, np.float64)))


LIFETIME_HALVINGS = 8.0  # lifetime of a listing in half-lives of freshness: its weight is then below 0.4 %


SHORTEST_DAYS, LONGEST_DAYS = 3.0, 180.0  # bounds of the lifetime of a listing


def listing_days(freshness: F8) -> F8:
    """Lifetime of a listing in days, given its platform's half-life of freshness in days."""
    return np.clip(LIFETIME_HALVINGS * freshness, SHORTEST_DAYS, LONGEST_DAYS)


def listing_ticks(freshness: F8, ticks_per_day: int) -> I8:
    """Lifetime of a listing in ticks, rounded up, given its platform's half-life of freshness in days."""
    return np.ceil(listing_days(freshness) * ticks_per_day).astype(np.int64)

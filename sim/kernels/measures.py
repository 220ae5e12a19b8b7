"""Loops over tables for outcomes; each has a NumPy twin in the tests."""

from __future__ import annotations

import numpy as np

from sim.base.tables import F8, I4, I8, U2
from sim.kernels.elementary import compiled, unmanaged


@compiled()
def pair_gaps(axes: F8) -> F8:
    """Squared distances between all pairs of points, in the order (0, 1), (0, 2), ..., (1, 2), ...

    Parameters
    ----------
    axes : coordinates, one row per axis, shape (D, n).

    Returns
    -------
    Shape (n (n - 1) / 2,).
    """
    dims, count = axes.shape
    gaps = np.zeros(count * (count - 1) // 2)
    start = 0
    for i in range(count - 1):
        mine = gaps[start : start + count - 1 - i]
        for d in range(dims):
            x, others = axes[d, i], axes[d, i + 1 :]
            for j in range(len(mine)):
                mine[j] += (others[j] - x) * (others[j] - x)
        start += count - 1 - i
    return gaps


@unmanaged()
def count_listed(listings: I4) -> int:
    """Number of items with at least one listing. `listings` are rows of listings, -1 for none, shape (items, 2)."""
    listed = 0
    for i in range(listings.shape[0]):
        anywhere = False
        for p in range(listings.shape[1]):
            anywhere = anywhere or listings[i, p] >= 0
        listed += anywhere
    return listed


@compiled()
def add_weeks(posts: U2) -> F8:
    """Sum of each person's posts over the last weeks; `posts` has shape (n, weeks), the result shape (n,)."""
    total = np.zeros(posts.shape[0])
    for i in range(posts.shape[0]):
        for w in range(posts.shape[1]):
            total[i] += posts[i, w]
    return total


@unmanaged()
def sum_back(column: I8, last: int, count: int) -> int:
    """Sum of the last `count` entries of a ring buffer.

    The latest is number `last`; entry i lies at index i modulo length.
    """
    total = 0
    for number in range(last - count + 1, last + 1):
        total += column[number % len(column)]
    return total

"""Loops over tables for outcomes; each has a NumPy twin in the tests."""

from __future__ import annotations

import numpy as np

from sim.base.codes import CREATOR, GENERATED
from sim.base.records import AGES
from sim.base.tables import F4, F8, I4, I8, U1, U2
from sim.kernels.elementary import compiled, unmanaged

MIN_USES = 10  # of a listing whose half-life counts
HALVES = tuple(2.0 ** (0.5 * step) for step in range(-4, 11))  # days between which half-lives are counted


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


@compiled()
def sum_market(listed: I8, used: F8, sums: F8) -> None:
    """Add a week's new listings and uses, (K, G, 3) each by origin, to the first four of `MARKET`, (K, G, sums)."""
    for k in range(listed.shape[0]):
        for g in range(listed.shape[1]):
            for origin in range(listed.shape[2]):
                ai = origin == GENERATED
                sums[k, g, 0] += listed[k, g, origin]
                sums[k, g, 1] += ai * listed[k, g, origin]
                sums[k, g, 2] += used[k, g, origin]
                sums[k, g, 3] += ai * used[k, g, origin]


@compiled()
def sum_aged(
    platform: U1, genre: U1, origin: U1, maker: U1, fans: I4, uses: F4, hit: F8, known: float, sums: F8, halves: F8
) -> F8:
    """Add listings that have come of age to the third to sixth pair of `MARKET`, and compute their half-lives.

    A half-life is the time until half of a listing's uses; within a span of ages uses are taken to be even.

    Parameters
    ----------
    platform, genre, origin, maker : codes of each listing, shape (n,).
    fans : followers of its maker when it was listed, shape (n,).
    uses : by age, shape (n, spans); spans but the last end at `AGES`, which is taken to end at twice its beginning.
    hit : uses from which a listing on each platform is a hit, shape (K,); 0 where that is not known.
    known : followers from which a creator is known.
    sums : by platform and genre, shape (K, G, sums), added to.
    halves : listings by half-life, shape (K, G, len(HALVES) + 1), added to.

    Returns
    -------
    Half-lives in days of those that have them.
    """
    days, n = np.empty(platform.size), 0
    for i in range(platform.size):
        k, g, ai = platform[i], genre[i], np.int64(origin[i] == GENERATED)
        total = 0.0
        for a in range(uses.shape[1]):
            total += uses[i, a]
        sums[k, g, 4 + ai] += 1
        sums[k, g, 6 + ai] += total
        if hit[k] > 0.0:
            is_hit, is_unknown = total >= hit[k], maker[i] == CREATOR and fans[i] < known
            sums[k, g, 8] += 1
            sums[k, g, 9] += is_hit
            sums[k, g, 10] += is_unknown
            sums[k, g, 11] += is_hit and is_unknown
        if total < MIN_USES:
            continue
        done, start, a = 0.0, 0, 0
        while a < len(AGES) and 2.0 * (done + uses[i, a]) < total:
            done += uses[i, a]
            start = AGES[a]
            a += 1
        end = AGES[a] if a < len(AGES) else 2 * start
        days[n] = start + (0.5 * total - done) / uses[i, a] * (end - start)
        span = 0
        while span < len(HALVES) and days[n] >= HALVES[span]:
            span += 1
        halves[k, g, span] += 1
        n += 1
    return days[:n]

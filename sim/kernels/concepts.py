"""Loops over concept space: nearest exemplars, seeds near a prompt, blends."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import numpy as np

from sim.base.cache import cached
from sim.base.randomness import origin, unit
from sim.base.tables import DIMS, F4, F8, I4, I8, U8
from sim.kernels.elementary import compiled, exp4, prefetch

GUIDE = 4096  # entries of a guide table over [0, 1); a power of two, so that u * GUIDE is exact
FINE = 256  # groups of exemplars; the smallest gaps of groups bound the distance of the nearest exemplars
COARSE = 64  # groups where exemplars are few, and the number of merged groups that are ranked
FEWEST = 16  # merged groups that are ranked where at most two thirds as many exemplars are asked for
MANY = 800  # from so many exemplars on there are FINE groups
MAX_PLACED = 256  # up to so many rows are sorted by comparing all pairs
SLACK = 1e-6  # bound of the relative error of a sum in single precision, per summand


@cached(inline="always")
def _insert(best: F4, index: I4, gap: np.float32, row: int) -> None:
    """Insert a gap and its row into `best`, which ascends, dropping the last.

    Equal gaps keep their order of arrival.
    """
    at = best.size - 1
    while at > 0 and gap < best[at - 1]:
        best[at], index[at] = best[at - 1], index[at - 1]
        at -= 1
    best[at], index[at] = gap, row


@cached(inline="always")
def _place(gaps: F4, rows: I4, place: I4, best: F4, index: I4) -> None:
    """Write the smallest gaps and their rows to `best` and `index`, ascending; equal gaps keep their order.

    The rank of each is counted by comparing all pairs, which is branch-free; `place` is scratch for the ranks.
    """
    for e in range(gaps.size):
        x, later = gaps[e], np.int32(0)
        for before in range(e):
            less = np.int32(x < gaps[before])
            place[before] += less
            later += less
        place[e] = e - later
    for e in range(gaps.size):
        if place[e] < best.size:
            best[place[e]], index[place[e]] = gaps[e], rows[e]


@cached(inline="always")
def _least(low: F4, k: int) -> np.float32:
    """The k-th smallest of a few non-negative numbers, found by comparing all pairs."""
    least = np.float32(0.0)
    for x in low:
        before = np.int32(0)
        for y in low:
            before += np.int32(y < x)
        if before < k and x > least:
            least = x
    return least


@cached(inline="always")
def _reach(low: F4, merged: F4, k: int) -> np.float32:
    """Upper bound of the k-th smallest gap, given the smallest gap of each group: the k-th smallest of those.

    It is a bound because k groups each hold a gap no larger. Groups are first merged into `merged`, which is scratch,
    because ranking takes the square of their number.
    """
    if k > merged.size:
        return np.float32(np.inf)
    merged[:] = np.inf
    for first in range(0, low.size, merged.size):
        part = low[first : first + merged.size]
        for g in range(merged.size):
            merged[g] = part[g] if part[g] < merged[g] else merged[g]
    return _least(merged, k)


@cached(inline="always")
def _axes_of(bank: F4, deep: int, groups: int) -> F4:
    """Copy of a bank of exemplars by axis, with groups side by side, so that loops over rows vectorise.

    Row g * deep + t of the bank becomes column t * groups + g; missing rows of the last group are at infinity. Shape
    (`DIMS`, deep * groups).
    """
    axes = np.full((DIMS, deep, groups), np.inf, np.float32)
    for g in range(groups):
        for t in range(min(deep, bank.shape[0] - g * deep)):
            for d in range(DIMS):
                axes[d, t, g] = bank[g * deep + t, d] if d < bank.shape[1] else 0.0
    return axes.reshape(DIMS, deep * groups)


@cached(inline="always")
def _gaps_to(point: F4, axes: F4, gap: F4) -> None:
    """Write to `gap` the squared distances of a point to all rows of a bank in the layout of `_axes_of`."""
    for j in range(gap.size):
        total = np.float32(0.0)
        for d in range(DIMS):
            step = axes[d, j] - point[d]
            total += step * step
        gap[j] = total


@cached(inline="always")
def _within(reach: np.float32, gap: F4, low: F4, close: I4, rows: I4, gaps: F4) -> int:
    """Find the rows of a bank whose gap, the squared distance to a point, is at most `reach`; return how many.

    Groups whose smallest gap is larger are skipped. To be branch-free, every row tried is written to the next free
    slot, which the following row overwrites unless the gap was small enough.

    Parameters
    ----------
    gap : of all rows, in the layout of `_axes_of`: that of row g * deep + t, the t-th of group g, at t * groups + g.
    low : smallest gap of each group.
    close : scratch for the groups that are not skipped, with a slot more than there are groups.
    rows, gaps : to which the rows found and their gaps are written, group after group, with a slot more than `gap` has.
    """
    groups, near, found = low.size, 0, 0
    deep = gap.size // groups
    for g in range(groups):
        close[near] = g
        near += low[g] <= reach
    for g in close[:near]:
        for t in range(deep):
            rows[found], gaps[found] = g * deep + t, gap[t * groups + g]
            found += gaps[found] <= reach
    return found


@compiled()
def nearest(points: F4, bank: F4, own: I8, k: int) -> tuple[I4, F8]:
    """Find the `k` rows of `bank` nearest to each point, nearest first; of equal ones the lower row comes first.

    Parameters
    ----------
    points : shape (n, D), D at most 8.
    bank : shape (N, D).
    own : row of `bank` that is the point itself and is left out, or -1; shape (n,), or (0,) if no point is in the bank.
    k : 1 to N - 1 (to N where no point is in the bank).

    Returns
    -------
    Rows of `bank`, shape (n, k), and distances, shape (n, k).

    Notes
    -----
    The bank is divided into groups of consecutive rows; only groups with a gap within `_reach` are searched.
    """
    count, dims, size = points.shape[0], points.shape[1], bank.shape[0]
    groups, ranked = FINE if size >= MANY else COARSE, FEWEST if 3 * k <= 2 * FEWEST else COARSE
    deep = -(-size // groups)  # rows of a group
    room = deep * groups
    axes, point = _axes_of(bank, deep, groups), np.zeros(DIMS, np.float32)
    index = np.zeros((count, k), np.int32)
    best = np.full((count, k), np.inf, np.float32)
    gap, low, merged = np.empty(room, np.float32), np.empty(groups, np.float32), np.empty(ranked, np.float32)
    close, place = np.empty(groups + 1, np.int32), np.empty(MAX_PLACED, np.int32)
    rows, gaps = np.empty(room + 1, np.int32), np.empty(room + 1, np.float32)
    for i in range(count):
        for d in range(dims):
            point[d] = points[i, d]
        _gaps_to(point, axes, gap)
        if own.size > 0 and own[i] >= 0:
            gap[own[i] % deep * groups + own[i] // deep] = np.inf
        low[:] = np.inf
        for first in range(0, room, groups):
            part = gap[first : first + groups]
            for g in range(groups):
                low[g] = part[g] if part[g] < low[g] else low[g]
        found = _within(_reach(low, merged, k), gap, low, close, rows, gaps)
        if found <= MAX_PLACED:
            _place(gaps[:found], rows[:found], place, best[i], index[i])
        else:
            for e in range(found):
                if gaps[e] < best[i, k - 1]:
                    _insert(best[i], index[i], gaps[e], rows[e])
    return index, np.sqrt(best.astype(np.float64))


@cached(inline="always")
def _row_from(row: int, cumulative: F8, u: float) -> int:
    """First row, from `row` on, whose cumulative probability exceeds u, or the last row."""
    while row < cumulative.shape[0] - 1 and cumulative[row] <= u:
        row += 1
    return row


@compiled(no_cpython_wrapper=True)
def guide_to(cumulative: F8) -> I4:
    """Guide table for sampling from a cumulative distribution (Chen & Asau 1974), shape (GUIDE + 1,).

    Entry p is the row at which to begin the search for a u in [p / GUIDE, (p + 1) / GUIDE): the first row whose
    cumulative probability exceeds p / GUIDE.
    """
    rows = cumulative.size
    guide, row = np.zeros(GUIDE + 1, np.int32), 0
    for c in cumulative:
        guide[min(int(np.ceil(c * GUIDE)), GUIDE)] += 1
    for part in range(GUIDE):
        row += guide[part]
        guide[part] = min(row, rows - 1)
    return guide


@cached(inline="always")
def _pick_exactly(gap: F8, least: float, scale: float, u: float, weight: F8) -> int:
    """Draw an index with weights exp(-gap * scale) by the uniform number u, in double precision.

    `weight` is scratch.
    """
    total, s = 0.0, 0
    for e in range(gap.size):
        total += exp((least - gap[e]) * scale)
        weight[e] = total
    while s < gap.size - 1 and weight[s] <= u * total:
        s += 1
    return s


@cached(inline="always")
def _pick(gap: F8, scale: float, u: float, weight: F8, single: F4) -> int:
    """Draw the same index as `_pick_exactly`, but faster.

    In single precision, repeated exactly if rounding could matter.
    """
    least, total = np.inf, 0.0
    for x in gap:
        least = x if x < least else least
    for e in range(gap.size):
        single[e] = exp4((least - gap[e]) * scale)
    for e in range(gap.size):
        total += single[e]
        weight[e] = total
    target, doubt, s, doubtful = u * total, SLACK * gap.size * total, 0, 0
    for e in range(gap.size - 1):
        s += weight[e] <= target
        doubtful += abs(weight[e] - target) < doubt
    return s if doubtful == 0 else _pick_exactly(gap, least, scale, u, weight)


@compiled()
def prompted_seeds(
    prompts: F4, bank: F4, cumulative: F8, length: float, start: tuple[Any, Any], uids: U8, drafts: int, candidates: int
) -> I8:
    """Draw a seed exemplar for every draft: draw `candidates`, keep one with weight exp(-distance² / 2 length²).

    Distance is measured to the prompt. A Gumbel-max choice would follow the same law, but needs a draw per candidate.

    Parameters
    ----------
    prompts : shape (n, D).
    bank, cumulative : exemplars, shape (N, D), and their cumulative probabilities of becoming candidates, shape (N,).
    length : distance in concept units over which likeness fades.
    start : a stream's key and the step.
    uids : who prompts, shape (n,). Draft m uses draws m (candidates + 1) onwards.

    Returns
    -------
    Rows of `bank`, shape (n, drafts).
    """
    chosen = np.zeros((prompts.shape[0], drafts), np.int64)
    rows, u = np.zeros(candidates, np.int64), np.zeros(candidates + 1)
    gap, weight, single = np.zeros(candidates), np.zeros(candidates), np.zeros(candidates, np.float32)
    scale = 0.5 / (length * length)
    guide = guide_to(cumulative)
    for i in range(prompts.shape[0]):
        word = origin(start[0], start[1], uids[i])
        for m in range(drafts):
            for s in range(candidates + 1):
                u[s] = unit(word, np.uint64(m * (candidates + 1) + s))
            for s in range(candidates):
                rows[s] = guide[int(u[s] * GUIDE)]
                prefetch(cumulative, rows[s])
            for s in range(candidates):
                rows[s] = _row_from(rows[s], cumulative, u[s])
                prefetch(bank, rows[s])
            for s in range(candidates):
                total = 0.0
                for d in range(prompts.shape[1]):
                    total += (np.float64(bank[rows[s], d]) - prompts[i, d]) ** 2
                gap[s] = total
            chosen[i, m] = rows[_pick(gap, scale, u[candidates], weight, single)]
    return chosen


@compiled()
def blend_neighbours(
    seeds: I8, pick: F8, lots: F8, noise: F8, bank: F4, neighbours: I4, middle: F8, spread: float, temperature: float
) -> F8:
    """Make new concepts: a random weighted mean of each seed and two of its neighbours, part of it replaced by noise.

    Parameters
    ----------
    seeds : rows of `bank`, shape (n,).
    pick : uniform numbers that choose the two neighbours, which differ if there are two; shape (n, 2).
    lots : exponential numbers, normalised to Dirichlet(1) weights of the three; shape (n, 3).
    noise : normal numbers, shape (n, D).
    bank, neighbours : exemplars, shape (N, D), and rows of those near each, shape (N, k).
    middle : point towards which each mean is drawn to make room for the noise, shape (n, D).
    spread : standard deviation per axis that the noise stands for, in concept units.
    temperature : part of the spread that is noise, 0 to 1.

    Returns
    -------
    Concepts, shape (n, D).
    """
    count, dims, near = seeds.size, bank.shape[1], neighbours.shape[1]
    made = np.empty((count, dims))
    kept, blur = sqrt(max(0.0, 1.0 - temperature * temperature)), temperature * spread
    for i in range(count):
        seed = seeds[i]
        one = int(pick[i, 0] * near)
        two = (one + 1 + int(pick[i, 1] * max(near - 1, 1))) % near
        total = lots[i, 0] + lots[i, 1] + lots[i, 2]
        a, b, c = lots[i, 0] / total, lots[i, 1] / total, lots[i, 2] / total
        x, y, z = bank[seed], bank[neighbours[seed, one]], bank[neighbours[seed, two]]
        for d in range(dims):
            mean = a * x[d] + b * y[d] + c * z[d]
            made[i, d] = middle[i, d] + kept * (mean - middle[i, d]) + blur * noise[i, d]
    return made


@compiled()
def keep_highest(keys: F8, uids: U8, rows: F4, held: int, new_keys: F8, new_uids: U8, new_rows: F4) -> int:
    """Merge offered rows into a list of the rows with the highest keys, highest first.

    On equal keys the earlier comes first.

    Parameters
    ----------
    keys, uids, rows : the list, with room for N >= 1, shape (N,) and (N, D), of which the first `held` are in use;
        changed in place.
    new_keys, new_uids, new_rows : what is offered, each uid once, shape (n,) and (n, D); uids already in the list are
        ignored.

    Returns
    -------
    Length of the list now.
    """
    size = keys.size
    for i in range(new_keys.size):
        if held == size and new_keys[i] <= keys[size - 1]:
            continue
        known = False
        for uid in uids[:held]:
            known |= uid == new_uids[i]
        if known:
            continue
        at = min(held, size - 1)
        held = at + 1
        while at > 0 and keys[at - 1] < new_keys[i]:
            keys[at], uids[at] = keys[at - 1], uids[at - 1]
            for d in range(rows.shape[1]):
                rows[at, d] = rows[at - 1, d]
            at -= 1
        keys[at], uids[at] = new_keys[i], new_uids[i]
        for d in range(rows.shape[1]):
            rows[at, d] = new_rows[i, d]
    return held

"""Loops over concept space: nearest exemplars, seeds near a prompt, blends."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np

from sim.base.cache import cached
from sim.base.randomness import origin, unit
from sim.base.tables import DIMS, F4, F8, I4, I8, U8
from sim.kernels.elementary import compiled, exp4, prefetch

GUIDE = 4096  # parts of [0, 1), a power of two so that none is missed by rounding
FINE = 256  # groups of exemplars, whose least gaps tell how far the nearest can be at most
COARSE = 64  # groups where exemplars are few, and groups that are ranked, for which finer ones are merged
FEWEST = 16  # groups that are ranked where few exemplars are asked for: at most two thirds as many
MANY = 800  # exemplars from which groups are fine
MAX_PLACED = 256  # rows whose order is found by comparing all with all
SLACK = 1e-6  # of the sum of weights, for each of them: more than single precision can be wrong by


@cached(inline="always")
def _insert(best: F4, index: I4, gap: np.float32, row: int) -> None:
    """Insert a gap that is less than the last of `best`, which ascends; equals keep the order they came in."""
    at = best.size - 1
    while at > 0 and gap < best[at - 1]:
        best[at], index[at] = best[at - 1], index[at - 1]
        at -= 1
    best[at], index[at] = gap, row


@cached(inline="always")
def _place(gaps: F4, rows: I4, place: I4, best: F4, index: I4) -> None:
    """Write the least of some gaps and their rows in order, found without branches; equals stay in theirs."""
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
    """Find the k-th least of a few numbers, not below zero."""
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
    """Bound of the k-th least gap: the k-th least of the groups' least, as k groups hold one no larger.

    Groups are merged first, in `merged`, which is scratch: ranking costs the square of their number.
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
    """Copy of a bank, one axis after another and groups side by side, so that loops over rows vectorise.

    Rows that fill up the last group lie at infinity. Shape (`DIMS`, deep * groups).
    """
    axes = np.full((DIMS, deep, groups), np.inf, np.float32)
    for g in range(groups):
        for t in range(min(deep, bank.shape[0] - g * deep)):
            for d in range(DIMS):
                axes[d, t, g] = bank[g * deep + t, d] if d < bank.shape[1] else 0.0
    return axes.reshape(DIMS, deep * groups)


@cached(inline="always")
def _gaps_to(point: F4, axes: F4, gap: F4) -> None:
    """Write the squared distances of a point to all rows of a bank that lies as `_axes_of` lays it."""
    for j in range(gap.size):
        total = np.float32(0.0)
        for d in range(DIMS):
            step = axes[d, j] - point[d]
            total += step * step
        gap[j] = total


@cached(inline="always")
def _within(reach: np.float32, gap: F4, low: F4, close: I4, rows: I4, gaps: F4) -> int:
    """Write rows and gaps of what lies within reach, group after group, without a branch to be guessed wrong.

    Returns how many there are; `close` is scratch.
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
    """Find the `k` rows of `bank` nearest to each point, nearest first; the first row comes first where equal.

    Parameters
    ----------
    points : shape (n, D), D at most 8.
    bank : shape (N, D).
    own : the row of `bank` that is the point itself and is left out, or -1; shape (n,), or (0,) where no point is.
    k : 1 to N - 1 (to N where no point is in the bank).

    Returns
    -------
    Rows of `bank`, shape (n, k), and distances, shape (n, k).

    Notes
    -----
    A group holds rows that follow one another. Only groups with a gap within `_reach` are searched.
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
    """First row, from `row` on, whose cumulated probability exceeds `u`, else the last."""
    while row < cumulative.shape[0] - 1 and cumulative[row] <= u:
        row += 1
    return row


@compiled(no_cpython_wrapper=True)
def guide_to(cumulative: F8) -> I4:
    """Write from which row each part of [0, 1) is searched (Chen & Asau 1974): the first that exceeds its beginning."""
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
    """Pick one of some squared distances with weight exp(-gap scale); `weight` is scratch."""
    total, s = 0.0, 0
    for e in range(gap.size):
        total += exp((least - gap[e]) * scale)
        weight[e] = total
    while s < gap.size - 1 and weight[s] <= u * total:
        s += 1
    return s


@cached(inline="always")
def _pick(gap: F8, scale: float, u: float, weight: F8, single: F4) -> int:
    """Pick as `_pick_exactly` does: with weights in single precision, and anew where these leave doubt."""
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
    """Draw, for every draft, one of `candidates` seeds with weight exp(-distance² / 2 length²) to the prompt.

    The Gumbel-max choice and this inverse transform follow one law; this one needs a single uniform a draft.

    Parameters
    ----------
    prompts : shape (n, D).
    bank, cumulative : exemplars, shape (N, D), and cumulated probability of being a candidate, shape (N,).
    length : distance at which likeness fades.
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
def local_spread(bank: F4, rows: I4) -> F8:
    """Root mean, over axes, of the variance of each point's neighbours, whose `rows` of `bank` have shape (n, k).

    Parameters
    ----------
    bank : shape (N, D), D at most 8.

    Returns
    -------
    Shape (n,).
    """
    count, near, dims = rows.shape[0], rows.shape[1], bank.shape[1]
    mean, variance, spread = np.zeros(DIMS), np.zeros(DIMS), np.empty(count)
    for i in range(count):
        mean[:], variance[:] = 0.0, 0.0
        for row in rows[i]:
            for d in range(dims):
                mean[d] += np.float64(bank[row, d])
        mean /= near
        for row in rows[i]:
            for d in range(dims):
                step = np.float64(bank[row, d]) - mean[d]
                variance[d] += step * step
        v = variance / near
        spread[i] = np.sqrt((((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]))) / dims)
    return spread


@compiled()
def blend_neighbours(
    seeds: I8, pick: F8, lots: F8, noise: F8, bank: F4, neighbours: I4, spread: F8, temperature: float
) -> F8:
    """Average each seed with two others near it and blur it.

    Parameters
    ----------
    seeds : rows of `bank`, shape (n,).
    pick : uniform numbers that choose the two neighbours, which differ where there are two; shape (n, 2).
    lots : exponential numbers, which make Dirichlet(1) weights of the three; shape (n, 3).
    noise : normal numbers, shape (n, D).
    bank, neighbours, spread : exemplars, shape (N, D), those near each, shape (N, k), and their local spread (N,).

    Returns
    -------
    Shape (n, D).
    """
    count, dims, near = seeds.size, bank.shape[1], neighbours.shape[1]
    made = np.empty((count, dims))
    for i in range(count):
        seed = seeds[i]
        one = int(pick[i, 0] * near)
        two = (one + 1 + int(pick[i, 1] * max(near - 1, 1))) % near
        total = lots[i, 0] + lots[i, 1] + lots[i, 2]
        a, b, c = lots[i, 0] / total, lots[i, 1] / total, lots[i, 2] / total
        x, y, z = bank[seed], bank[neighbours[seed, one]], bank[neighbours[seed, two]]
        for d in range(dims):
            made[i, d] = a * x[d] + b * y[d] + c * z[d] + temperature * spread[seed] * noise[i, d]
    return made


@compiled()
def keep_highest(keys: F8, uids: U8, rows: F4, held: int, new_keys: F8, new_uids: U8, new_rows: F4) -> int:
    """Keep the highest keys of those held and those offered, highest first; of equal ones the first comes first.

    Parameters
    ----------
    keys, uids, rows : room for N >= 1, shape (N,) and (N, D), of which the first `held` are taken; changed in place.
    new_keys, new_uids, new_rows : what is offered, each identity once, shape (n,) and (n, D); what is held already
        is left as it is.

    Returns
    -------
    How many are held now.
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

"""Loops over concept space: nearest exemplars and seeds drawn near a prompt, each with a NumPy twin."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from sim.kernels.elementary import compiled
from sim.randomness import Stream, origin, unit

F4 = npt.NDArray[np.float32]
F8 = npt.NDArray[np.float64]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint64]


GUIDE = 4096  # parts of [0, 1), a power of two so that none is missed by rounding
GROUPS = 64  # of exemplars, whose least gaps tell how far the nearest can be at most


@njit(inline="always", cache=True)
def _insert(best: F4, index: I4, gap: np.float32, row: int) -> None:
    """Insert a gap that is less than the last of `best`, which ascends; equals keep the order they came in."""
    at = best.size - 1
    while at > 0 and gap < best[at - 1]:
        best[at], index[at] = best[at - 1], index[at - 1]
        at -= 1
    best[at], index[at] = gap, row


@njit(inline="always", cache=True)
def _reach(gap: F4, low: F4, best: F4, index: I4) -> np.float32:
    """Bound of the k-th least gap: the k-th least of the groups' least, as k groups hold one no larger.

    `low` is scratch of `GROUPS`; `best` and `index`, of length k, are left as they are needed next.
    """
    k = best.size
    best[:] = np.inf
    if k > GROUPS:
        return np.float32(np.inf)
    low[:] = np.inf
    for first in range(0, gap.size - gap.size % GROUPS, GROUPS):
        part = gap[first : first + GROUPS]
        for g in range(GROUPS):
            low[g] = part[g] if part[g] < low[g] else low[g]
    for g in range(GROUPS):
        if low[g] < best[k - 1]:
            _insert(best, index, low[g], 0)
    reach: np.float32 = best[k - 1]
    best[:] = np.inf
    return reach


@compiled()
def nearest(points: F4, bank: F4, own: I8, k: int) -> tuple[I4, F8]:
    """Find the `k` rows of `bank` nearest to each point, nearest first.

    Parameters
    ----------
    points : shape (n, D).
    bank : shape (N, D).
    own : the row of `bank` that is the point itself and is left out, or -1; shape (n,).
    k : 1 to N - 1 (to N where no point is in the bank).

    Returns
    -------
    Rows of `bank`, shape (n, k), and distances, shape (n, k).
    """
    count, dims, size = points.shape[0], points.shape[1], bank.shape[0]
    axes = np.ascontiguousarray(bank.T)  # one axis after another, so that the inner loop vectorises
    index = np.zeros((count, k), np.int32)
    best = np.full((count, k), np.inf, np.float32)
    gap, low, close = np.empty(size, np.float32), np.empty(GROUPS, np.float32), np.empty(size, np.int32)
    for i in range(count):
        gap[:] = 0.0
        for d in range(dims):
            x = points[i, d]
            for j in range(size):
                gap[j] += (axes[d, j] - x) * (axes[d, j] - x)
        if own[i] >= 0:
            gap[own[i]] = np.inf
        reach, found = _reach(gap, low, best[i], index[i]), 0
        for j in range(size):  # without a branch to be guessed wrong
            close[found] = j
            found += gap[j] <= reach
        for j in close[:found]:
            if gap[j] < best[i, k - 1]:
                _insert(best[i], index[i], gap[j], j)
    return index, np.sqrt(best.astype(np.float64))


def nearest_numpy(points: F4, bank: F4, own: I8, k: int) -> tuple[I4, F8]:
    """Twin of `nearest`."""
    gap = np.zeros((len(points), len(bank)), np.float32)
    for d in range(bank.shape[1]):
        gap += np.square(bank[None, :, d] - points[:, None, d])
    inside = np.flatnonzero(own >= 0)
    gap[inside, own[inside]] = np.inf
    index = np.argsort(gap, axis=1, kind="stable")[:, :k].astype(np.int32)
    return index, np.sqrt(np.take_along_axis(gap, index.astype(np.int64), axis=1).astype(np.float64))


@njit(inline="always", cache=True)
def _row_from(row: int, cumulative: F8, u: float) -> int:
    """First row, from `row` on, whose cumulated probability exceeds `u`, else the last."""
    while row < cumulative.shape[0] - 1 and cumulative[row] <= u:
        row += 1
    return row


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
    rows = np.zeros(candidates, np.int64)
    gap, weight = np.zeros(candidates), np.zeros(candidates)
    scale = 0.5 / (length * length)
    guide, row = np.empty(GUIDE, np.int32), 0  # from which row each part of [0, 1) is searched (Chen & Asau 1974)
    for part in range(GUIDE):
        guide[part] = row = _row_from(row, cumulative, part / GUIDE)
    for i in range(prompts.shape[0]):
        word = origin(start[0], start[1], uids[i])
        for m in range(drafts):
            first = m * (candidates + 1)
            for s in range(candidates):
                u = unit(word, np.uint64(first + s))
                row = _row_from(guide[int(u * GUIDE)], cumulative, u)
                rows[s], gap[s] = row, 0.0
                for d in range(prompts.shape[1]):
                    gap[s] += (np.float64(bank[row, d]) - prompts[i, d]) ** 2
            nearest_gap, total = np.inf, 0.0
            for s in range(candidates):
                nearest_gap = min(nearest_gap, gap[s])
            for s in range(candidates):
                total += exp((nearest_gap - gap[s]) * scale)
                weight[s] = total
            target, s = unit(word, np.uint64(first + candidates)) * total, 0
            while s < candidates - 1 and weight[s] <= target:
                s += 1
            chosen[i, m] = rows[s]
    return chosen


def prompted_seeds_numpy(
    prompts: F4, bank: F4, cumulative: F8, length: float, stream: Stream, step: int, uids: U8, drafts: int,
    candidates: int,
) -> I8:
    """Twin of `prompted_seeds`."""
    draws = np.arange(drafts * (candidates + 1))
    u = stream.uniform(step, uids[:, None], draws[None, :]).reshape(len(uids), drafts, candidates + 1)
    rows = np.minimum(np.searchsorted(cumulative, u[..., :-1], side="right"), len(bank) - 1)
    gap = np.square(bank[rows].astype(np.float64) - prompts[:, None, None, :]).sum(axis=3)
    weight = np.cumsum(np.exp((gap.min(axis=2, keepdims=True) - gap) * (0.5 / length**2)), axis=2)
    pick = (weight <= u[..., -1:] * weight[..., -1:]).sum(axis=2)
    return np.asarray(np.take_along_axis(rows, np.minimum(pick, candidates - 1)[..., None], axis=2)[..., 0], np.int64)

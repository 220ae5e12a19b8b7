"""Loops over follow graphs and over tables of what each consumer follows or has installed."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import origin, unit
from sim.base.tables import F4, F8, I4, I8, U1
from sim.kernels.columns import load
from sim.kernels.elementary import compiled, unmanaged


@compiled()
def stands_in(row: I4, value: int) -> bool:
    """Whether a row contains a value."""
    for x in row:
        if x == value:
            return True
    return False


@compiled()
def choose_followed(chosen: I4, degree: I8, triad: float, key: np.uint64) -> None:
    """Grow a follow graph: fill `chosen[i, :degree[i]]` with the nodes that i follows, in the order of choice.

    In each round a node follows, with probability `triad`, someone linked to the one it chose last; otherwise a node
    drawn in proportion to its links so far (preferential attachment).

    Parameters
    ----------
    chosen : shape (n, rounds), n where nobody is chosen yet; changed in place.
    degree : number of nodes that each follows, at most `rounds`, shape (n,).
    triad : probability that a choice after the first closes a triangle.
    key : a stream's key; draws are keyed by (round, node).
    """
    n, rounds = chosen.shape
    choices = 0
    for i in range(n):
        choices += degree[i]
    # Both ends of every link so far: a uniform draw from them picks a node in proportion to its number of links.
    ends = np.empty(2 * choices + 2, np.int32)
    ends[0], ends[1], filled = 0, 1, 2  # so that there is something to draw from at first
    for turn in range(rounds):
        first, fans = invert_choices(chosen, turn)
        for i in range(n):
            if turn >= degree[i]:
                continue
            start, draw, target = origin(key, np.uint64(turn), np.uint64(i)), np.uint64(1), i
            if turn > 0 and unit(start, np.uint64(0)) < triad:
                friend = chosen[i, turn - 1]
                known = min(turn, degree[friend])
                pick = int(unit(start, draw) * (known + first[friend + 1] - first[friend]))
                target = chosen[friend, pick] if pick < known else fans[first[friend] + pick - known]
            while target == i or stands_in(chosen[i, :turn], target):
                draw += np.uint64(1)
                target = ends[int(unit(start, draw) * filled)]
            chosen[i, turn] = target
            ends[filled], ends[filled + 1] = i, target
            filled += 2


@compiled()
def invert_choices(chosen: I4, turns: int) -> tuple[I8, I4]:
    """List each node's followers, given the first `turns` choices of all: `fans[first[j]:first[j + 1]]` follow node j.

    Returns
    -------
    `first`, shape (n + 1,), and `fans`, shape (choices,).
    """
    n = len(chosen)
    first = np.zeros(n + 2, np.int64)
    for i in range(n):
        for j in chosen[i, :turns]:
            first[min(j, n - 1) + 2] += j < n
    for i in range(n + 1):
        first[i + 1] += first[i]
    fans = np.empty(first[-1], np.int32)
    for i in range(n):
        for j in chosen[i, :turns]:
            if j < n:
                fans[first[j + 1]] = i
                first[j + 1] += 1
    return first[:-1], fans


@unmanaged()
def average_followed(indptr: I4 | I8, indices: I4, flag: U1, share: F8) -> None:
    """Write to `share` the mean flag of those whom each node follows, 0 for a node that follows nobody.

    Parameters
    ----------
    indptr, indices : the follow graph (`CSR`).
    flag : 0 or 1 for each node, shape (n,).
    share : shape (n,), overwritten.
    """
    for i in range(len(share)):
        raised = np.int64(0)
        for e in range(np.uint64(indptr[i]), np.uint64(indptr[i + 1])):
            raised += flag[np.uint32(indices[e])]  # unsigned: numba then makes no check for negative indices
        share[i] = raised / max(indptr[i + 1] - indptr[i], 1)


@unmanaged()
def drop_followed(follows: I4, n_follows: U1, gone: U1) -> None:
    """Remove some producers from all lists of followed producers; the rest keep their order, without gaps.

    Parameters
    ----------
    follows : rows of the producers that each consumer follows, then -1, shape (n, slots); changed in place.
    n_follows : how many each consumer follows, shape (n,); changed in place.
    gone : 1 for producers to remove, shape (m,); producers from row m on stay.
    """
    for i in range(len(n_follows)):
        n, kept = n_follows[i], 0
        for s in range(n):
            p = follows[i, s]
            if p >= len(gone) or gone[p] == 0:
                follows[i, kept] = p
                kept += 1
        for s in range(kept, n):
            follows[i, s] = -1
        n_follows[i] = kept


@unmanaged()
def sum_held(value: F4, held: U1, total: F8, number: I8) -> None:
    """Add up each column's values over the rows that hold it.

    Parameters
    ----------
    value, held : numbers, and 1 where they count, shape (n, K).
    total, number : sums and how many were summed, shape (K,), added to in place.
    """
    for i in range(value.shape[0]):
        for k in range(value.shape[1]):
            if held[i, k]:
                total[k] += load(value, (i, k))
                number[k] += 1


@compiled()
def count_held(held: U1) -> I8:
    """Number of rows with a 1 in each column of a table of zeros and ones, shape (n, K); result of shape (K,)."""
    number = np.zeros(held.shape[1], np.int64)
    for k in range(held.shape[1]):
        count = np.int64(0)
        for i in range(held.shape[0]):
            count += held[i, k]
        number[k] = count
    return number

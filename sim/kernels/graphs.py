"""Loops over follow graphs: who follows whom, round by round."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import origin, unit
from sim.base.tables import F4, F8, I4, I8, U1
from sim.kernels.columns import load
from sim.kernels.elementary import compiled, unmanaged


@compiled()
def stands_in(row: I4, value: int) -> bool:
    """Whether a value stands in a row."""
    for x in row:
        if x == value:
            return True
    return False


@compiled()
def choose_followed(chosen: I4, degree: I8, triad: float, key: np.uint64) -> None:
    """Fill `chosen[i, :degree[i]]` with the people that i follows, in the order of choice.

    Parameters
    ----------
    chosen : shape (n, rounds), n where nobody is chosen yet; changed in place.
    degree : number of people that each follows, at most `rounds`, shape (n,).
    triad : probability that a choice after the first closes a triangle.
    key : a stream's key; draws are keyed by (round, node).
    """
    n, rounds = chosen.shape
    choices = 0
    for i in range(n):
        choices += degree[i]
    ends = np.empty(2 * choices + 2, np.int32)
    ends[0], ends[1], filled = 0, 1, 2  # lets the first two nodes find each other
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
    """Invert the first `turns` choices: node j's followers are `fans[first[j]:first[j + 1]]`.

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
    """Write to `share` the mean flag of those whom each node follows, 0 for nobody; all but `indices` of shape (n,)."""
    for i in range(len(share)):
        raised = np.int64(0)
        for e in range(np.uint64(indptr[i]), np.uint64(indptr[i + 1])):
            raised += flag[np.uint32(indices[e])]  # unsigned: no check for places counted from the end
        share[i] = raised / max(indptr[i + 1] - indptr[i], 1)


@unmanaged()
def drop_followed(follows: I4, n_follows: U1, gone: U1) -> None:
    """End all follows of the producers whose flag is up; the others keep their order and stand first.

    Parameters
    ----------
    follows : producers followed, which stand first, shape (n, places), and -1 behind them; changed in place, as is
        their number, `n_follows` (n,).
    gone : shape (m,); producers from m on stay.
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
    """Add up the values of a table's columns where they are held, shape (n, K), to `total` and `number`, shape (K,)."""
    for i in range(value.shape[0]):
        for k in range(value.shape[1]):
            if held[i, k]:
                total[k] += load(value, (i, k))
                number[k] += 1


@compiled()
def count_held(held: U1) -> I8:
    """Number of rows that hold each column, (K,), of a table of zeros and ones, shape (n, K)."""
    number = np.zeros(held.shape[1], np.int64)
    for k in range(held.shape[1]):
        count = np.int64(0)
        for i in range(held.shape[0]):
            count += held[i, k]
        number[k] = count
    return number

"""Loops over workers: count them by state, and pick some at random."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import origin, unit
from sim.base.tables import F8, I4, I8, U1, U8
from sim.kernels.elementary import compiled, unmanaged


@unmanaged()
def count_in_state(state: U1, wanted: int, senior: U1, cell: I4, number: I8) -> None:
    """Add the number of people in the wanted state, by rank and cell, to `number`.

    Parameters
    ----------
    state, senior, cell : of each person, shape (n,); `senior` is 0 or 1.
    wanted : code of the state to count.
    number : shape (2, C), added to in place.
    """
    for i in range(len(state)):
        if state[i] == wanted:
            number[senior[i], np.uint32(cell[i])] += 1


@compiled()
def draw_from_cells(state: U1, wanted: int, cell: I4, uid: U8, chance: F8, key: np.uint64, step: int) -> tuple[I8, F8]:
    """Pick people in the wanted state at random, each with the probability of its cell.

    Parameters
    ----------
    state, cell, uid : of each person, shape (n,).
    wanted : code of the state.
    chance : probability by cell, shape (C,).
    key, step : a stream's key and the step; a person is picked if its first draw there is below the probability.

    Returns
    -------
    Rows of the people picked, and their draws; shape (picked,).
    """
    rows, draws, picked = np.empty(len(state), np.int64), np.empty(len(state)), 0
    for i in range(len(state)):
        if state[i] == wanted and chance[cell[i]] > 0.0:
            u = unit(origin(key, np.uint64(step), uid[i]), np.uint64(0))
            if u < chance[cell[i]]:
                rows[picked], draws[picked] = i, u
                picked += 1
    return rows[:picked], draws[:picked]

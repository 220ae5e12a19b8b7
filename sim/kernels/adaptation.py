"""Sums over items that producers adapt to."""

from __future__ import annotations

from sim.base.tables import F8, I4, I8, U1
from sim.kernels.elementary import unmanaged


@unmanaged()
def sum_by_truth(
    seconds: I8, alive: U1, week: I4, origin: U1, accuracy: U1, now: int, generated: int, false: int, sums: F8
) -> None:
    """Add up the week's seconds of use and the number of new items, by origin and truth.

    From these sums AI producers learn what falsehood earns (`agents.farms.learn_falsehood`).

    Parameters
    ----------
    seconds, alive, week, origin, accuracy : of each item, shape (items,): seconds of use this week, whether it can be
        met, week of publication, and the codes of origin and accuracy.
    now : this week.
    generated : code of the origin of items by AI alone.
    false : accuracy code from which on items count as false.
    sums : shape (2, 2, 2), added to in place. Axes: generated (no, yes), false (no, yes), and (seconds, new items).
    """
    for j in range(len(seconds)):
        new = week[j] == now and alive[j] > 0
        if new or seconds[j] != 0:
            at = int(origin[j] == generated), int(accuracy[j] >= false)
            sums[at[0], at[1], 0] += seconds[j]
            sums[at[0], at[1], 1] += new

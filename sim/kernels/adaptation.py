"""What new and used items show to those who adapt."""

from __future__ import annotations

from sim.base.tables import F8, I4, I8, U1
from sim.kernels.elementary import unmanaged


@unmanaged()
def sum_by_truth(
    seconds: I8, alive: U1, week: I4, origin: U1, accuracy: U1, now: int, generated: int, false: int, paid: F8
) -> None:
    """Add up a week's seconds and new items by origin (by others, by AI alone) and truth (other, false).

    Parameters
    ----------
    seconds, alive, week, origin, accuracy : of each item, shape (items,): seconds this week, whether it can be met, and
        the week in which it was published.
    now : this week.
    generated, false : the origin of items by AI alone, and the accuracy from which on items count as false.
    paid : seconds and new items, shape (2, 2, 2); added to.
    """
    for j in range(len(seconds)):
        new = week[j] == now and alive[j] > 0
        if new or seconds[j] != 0:
            at = int(origin[j] == generated), int(accuracy[j] >= false)
            paid[at[0], at[1], 0] += seconds[j]
            paid[at[0], at[1], 1] += new

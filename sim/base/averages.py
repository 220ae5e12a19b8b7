"""How a world settles before release: running means start as plain averages, and slow stocks turn over faster."""

from __future__ import annotations

SPAN = 8.0  # weeks over which most things are averaged: assumption
SPIN_UP_FACTOR = 8.0  # how many times faster than usual slow stocks turn over in the first half of burn-in: assumption


def averaging_weeks(week: int, span: float = SPAN) -> float:
    """Number of weeks that a running mean averages over: the weeks so far, at most `span`.

    A mean is updated by `mean += (value - mean) / averaging_weeks(week)`. Up to week `span` that is the plain average
    of all weeks so far, afterwards an exponential moving average. `week` counts from 0.
    """
    return min(span, week + 1.0)


def spin_up_factor(week: int, burn_in_weeks: int) -> float:
    """Factor on the weekly rates of slow stocks (follows, installed platforms): 8 in the first half of burn-in, then 1.

    Inflow and outflow are multiplied alike, so a stock reaches the same equilibrium within burn-in instead of years
    later (accelerated spin-up, Bryan 1984, J Phys Oceanogr 14:666).
    """
    return SPIN_UP_FACTOR if 2 * week < burn_in_weeks else 1.0

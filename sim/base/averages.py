"""How a world settles before release: running means whose first weeks average evenly, and slow stocks in haste."""

from __future__ import annotations

SPAN = 8.0  # weeks over which most things are averaged: assumption
SPIN_UP_FACTOR = 8.0  # times as fast as usual that slow stocks turn over while a world settles: assumption


def averaging_weeks(week: int, span: float = SPAN) -> float:
    """Divisor of a running mean's step in a week, from 0: the weeks so far, then `span`."""
    return min(span, week + 1.0)


def spin_up_factor(week: int, burn_in_weeks: int) -> float:
    """Factor on the rates of slow stocks, such as follows and platforms in use: high in the first half of burn-in.

    Inflow and outflow are hastened alike, so that a stock comes to where it rests within burn-in and not years later
    (accelerated spin-up, Bryan 1984, J Phys Oceanogr 14:666).
    """
    return SPIN_UP_FACTOR if 2 * week < burn_in_weeks else 1.0

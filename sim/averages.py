"""Running means over weeks whose first weeks average evenly, so that no starting value lingers."""

from __future__ import annotations

SPAN = 8.0  # weeks over which most things are averaged: assumption


def warm_span(week: int, span: float = SPAN) -> float:
    """Divisor of a running mean's step in a week, from 0: the weeks so far, then `span`."""
    return min(span, week + 1.0)

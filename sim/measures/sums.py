"""Counts, quotients and means that outcomes are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.tables import F8

Values = dict[str, float | None]  # outcomes by name; None is null
MIN_EVENTS = 200  # a rate over fewer events is null


def count(flags: npt.NDArray[Any]) -> int:
    """Number of entries that are true or non-zero."""
    return int(np.count_nonzero(flags))


def ratio(top: float, bottom: float, least: float = 0.0) -> float | None:
    """Quotient, or None where the denominator is not above `least`."""
    return float(top) / float(bottom) if bottom > least else None


def share(top: float, bottom: float) -> float:
    """Quotient limited to [0, 1]; 0 if the denominator is 0."""
    return min(max(float(top) / float(bottom), 0.0), 1.0) if bottom > 0 else 0.0


def top_share(amounts: F8, part: float) -> float | None:
    """Share of the total held by the largest `part` of the entries (at least one entry)."""
    total = amounts.sum()
    if total <= 0:
        return None
    n = max(1, round(part * len(amounts)))
    return float(np.sort(amounts)[-n:].sum() / total)


def herfindahl(amounts: npt.ArrayLike) -> float | None:
    """Herfindahl index: sum of squared shares, 1/n for n equal ones; None if the total is 0."""
    x = np.asarray(amounts, np.float64)
    total = x.sum()
    return float(np.square(x / total).sum()) if total > 0 else None


def ratio_within(amount: npt.ArrayLike, number: npt.ArrayLike) -> float | None:
    """Compare the mean amount of chosen ones with that of the others within strata (Mantel & Haenszel 1959).

    One half is added to both sums, so that neither is zero. None if no stratum has both, or if the amounts sum to less
    than `MIN_EVENTS`.

    Parameters
    ----------
    amount, number : sum of amounts, and how many there are: of the others and of the chosen, shape (2, strata).
    """
    (of_others, of_chosen), (others, chosen) = np.asarray(amount, np.float64), np.asarray(number, np.float64)
    total = np.maximum(others + chosen, 1.0)
    top, bottom = float((of_chosen * others / total).sum()), float((of_others * chosen / total).sum())
    enough = of_others.sum() + of_chosen.sum() >= MIN_EVENTS
    return (top + 0.5) / (bottom + 0.5) if enough and (others * chosen).any() else None


def mean_known(values: Sequence[float | None]) -> float | None:
    """Mean of the values that are not null; None without any."""
    known = [value for value in values if value is not None]
    return float(np.add.reduce(known)) / len(known) if known else None

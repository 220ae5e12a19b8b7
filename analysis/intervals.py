"""Intervals over replications: on the scale that fits an outcome's bounds, and none where the replications are few.

A *level* (an outcome's mean of the last year, one number a replication) gets a t-interval on a scale of its own: shares
on that of logits, what cannot be negative on that of logs, the rest as it is. Put back, the interval is one of the
*typical replication*, the centre of the transformed values: for a share the median of replications where logits are
symmetric, for a price or a count their geometric mean. It is no interval of the arithmetic mean, and cannot leave the
bounds. A *paired difference* gets the ordinary paired t-interval of its mean, cut at what the bounds allow.

What the interval of a share holds, by simulation (tests/test_intervals.py), at five and at ten replications: the
median of replications in 95 % where logits are normal, whatever their mean and spread; in 94 to 96 % under beta laws,
beta(2, 5) as well as beta(0.5, 5), which crowds at 0, or beta(0.5, 0.5), which crowds at both ends; in 94 % where
replications fall into two humps. The arithmetic mean it does not hold: under beta(0.5, 5) in 92 % at five replications
and in 76 % at ten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit, stdtrit

from sim.outcomes import Outcome, Scale

CONFIDENCE = 0.95
LEAST_REPLICATIONS = 5  # under which a t-interval is wider than what its values tell: each value is shown instead
Effect = Literal["up", "down", "no clear effect"]
Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Interval:
    """A sample's centre and 95 % interval.

    Attributes
    ----------
    scale : "logit", "log" or "linear": on which the interval was made.
    n : values that are not null.
    mean : their arithmetic mean; None where there are none.
    typical : centre of the interval, in the outcome's unit; the mean on the linear scale. None where there is none.
    low, high : None where fewer than five values can enter it.
    zeros, ones : values at exactly 0 (logit, log) or 1 (logit). They have no place on the scale: the interval, if any,
        is of the others.
    """

    scale: Scale
    n: int
    mean: float | None
    typical: float | None
    low: float | None
    high: float | None
    zeros: int = 0
    ones: int = 0

    @property
    def half_width(self) -> float | None:
        """Half the interval's width: of shares in their unit (0.05 is five points), of the rest over the centre."""
        if self.low is None or self.high is None or self.typical is None:
            return None
        half = (self.high - self.low) / 2
        if self.scale == "logit" or half == 0:
            return half
        return half / abs(self.typical) if self.typical else math.inf


def known(values: Numbers) -> np.ndarray:
    """The values that are not null (NaN), as floats."""
    sample = np.asarray(values, dtype=float)
    return sample[~np.isnan(sample)]


def interval(values: Numbers) -> tuple[float | None, float | None, float | None]:
    """Mean and two-sided 95 % t-interval of a sample.

    Parameters
    ----------
    values : (n,) one number a replication or future; NaN counts as missing.

    Returns
    -------
    mean, low, high
        `mean` is None without any value, `low` and `high` are None below five.
    """
    sample = known(values)
    if sample.size == 0:
        return None, None, None
    mean = float(sample.mean())
    if sample.size < LEAST_REPLICATIONS:
        return mean, None, None
    if (sample == sample[0]).all():
        return float(sample[0]), float(sample[0]), float(sample[0])  # a sum's rounding would make it a spread
    quantile = float(stdtrit(sample.size - 1, 0.5 + CONFIDENCE / 2))
    half = quantile * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return mean, mean - half, mean + half


def quantiles(values: Numbers, places: Sequence[float]) -> np.ndarray:
    """Quantiles of the values that are not null, as an interval over them: NaN below five."""
    sample = known(values)
    if sample.size < LEAST_REPLICATIONS:
        return np.full(len(places), np.nan)
    return np.asarray(np.quantile(sample, places))


def interval_of(values: Numbers, outcome: Outcome) -> Interval:
    """Interval of a level's typical replication, on the scale of its outcome.

    Parameters
    ----------
    values : (replications,) in the outcome's unit, NaN where null.

    Returns
    -------
    Interval
        Values at exactly 0 or 1 are counted, not used: where fewer than five others remain, `low` and `high` are None.
    """
    least, most = outcome.bounds
    sample = known(values).clip(least, most)
    mean = float(sample.mean()) if sample.size else None
    if outcome.scale == "linear":
        centre, low, high = interval(sample)
        if low is None or high is None:
            return Interval("linear", sample.size, mean, None, None, None)
        return Interval("linear", sample.size, mean, centre, max(low, least), min(high, most))
    zeros, ones = int((sample == least).sum()), int((sample == most).sum())
    inside = sample[(sample > least) & (sample < most)]
    forth, back = (logit, expit) if outcome.scale == "logit" else (np.log, np.exp)
    centre, low, high = interval(forth(inside))
    if centre is None or low is None or high is None:
        return Interval(outcome.scale, sample.size, mean, None, None, None, zeros, ones)
    ends = (float(back(place)) for place in (centre, low, high))
    return Interval(outcome.scale, sample.size, mean, *ends, zeros, ones)


def paired_interval(arm: np.ndarray, other: np.ndarray, outcome: Outcome) -> Interval:
    """Paired t-interval of the mean difference of two arms, within what the outcome's bounds allow.

    Parameters
    ----------
    arm, other : (replications,) levels, in the same order; a pair with a null does not count.

    Returns
    -------
    Interval
        On the linear scale. Both arms' levels lie within the bounds, so that the difference can fall by no more than
        the other arm's level lies above the lower bound, and rise by no more than it lies below the upper; that level
        is taken at the end of its own t-interval that leaves more room. Differences of shares thus stay within
        ±100 points, and a count does not fall by more than there may have been.
    """
    both = ~np.isnan(arm) & ~np.isnan(other)
    arm, other = arm[both], other[both]
    centre, low, high = interval(arm - other)
    _, bottom, top = interval(other)
    if low is None or high is None or bottom is None or top is None:
        return Interval("linear", arm.size, centre, None, None, None)
    least, most = outcome.bounds
    low = max(low, least - min(top, most))
    high = min(high, most - max(bottom, least))
    return Interval("linear", arm.size, centre, centre, low, high)


def effect_of(low: float | None, high: float | None) -> Effect | None:
    """Say which way a paired difference goes, or that its 95 % interval covers zero."""
    if low is None or high is None:
        return None
    if low > 0:
        return "up"
    return "down" if high < 0 else "no clear effect"


def side_of(sample: Interval, mark: float) -> Effect | None:
    """Say on which side of a mark the typical replication lies; values at exactly 0 or 1 count as what they are."""
    ends = [end for end in (sample.low, sample.high) if end is not None]
    ends += [0.0] * bool(sample.zeros) + [1.0] * bool(sample.ones)
    whole = sample.low is not None or sample.zeros + sample.ones == sample.n
    if not ends or not whole or sample.n < LEAST_REPLICATIONS:
        return None
    return effect_of(min(ends) - mark, max(ends) - mark)

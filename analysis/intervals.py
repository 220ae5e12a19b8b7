"""Intervals over replications: on the scale that fits an outcome's bounds, and none where the replications are few.

A *level* (an outcome's mean of the last year, one number a replication) gets a t-interval on a scale of its own: shares
on that of logits, what cannot be negative on that of logs, the rest as it is. Put back, the interval is one of the
*typical replication*, the centre of the transformed values: for a share the median of replications where logits are
symmetric, for a price or a count their geometric mean. It is no interval of the arithmetic mean, and cannot leave the
bounds. Where replications lie at exactly 0 or 1 these have no place on the scale: the interval is one of the others
alone, and *conditional*. A *paired difference* gets the ordinary paired t-interval of its mean, cut at what the bounds
allow; that it goes up or down takes an exact test of its signs besides.

What the interval of a share holds, by simulation (tests/test_intervals.py), at five and at ten replications: the
median of replications in 95 % where logits are normal, whatever their mean and spread; in 94 to 96 % under beta laws,
beta(2, 5) as well as beta(0.5, 5), which crowds at 0, or beta(0.5, 0.5), which crowds at both ends; in 94 % where
replications fall into two humps. The arithmetic mean it does not hold: under beta(0.5, 5) in 92 % at five replications
and in 76 % at ten.

What "up" and "down" of five to twelve pairs are worth, by simulation (tests/test_intervals.py). Where AI changes no
more than the draws, the arms of a pair could change places: differences are symmetric round 0, the test of signs is
exact whatever their law (at 1/16, the least that five pairs can reach), and 5 % or fewer come out clear. Where
differences are skewed round a mean of 0, more do: at five pairs 10 % of exponential ones and 16 % of lognormal ones (sd
of logs 1), 12 and 19 % without the test of signs; five pairs of which one is 0 are never clear. A law whose mean rests
on a rare jump shows only its other values: of a fall of 0.1 that a jump of 1 in one of ten pairs makes up for, 59 % of
experiments with five pairs and 35 % with ten say "down". That is true of nearly every pair and not of the mean, and no
test of few pairs can do better (Bahadur & Savage 1956, Annals of Mathematical Statistics 27:1115): a skew-corrected t
(Hall 1992, Journal of the Royal Statistical Society B 54:221) has 57 %. What rare worlds do takes more replications.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.special import expit, logit, stdtrit

from sim.base.outcomes import Outcome, Scale

CONFIDENCE = 0.95
MIN_REPLICATIONS = 5  # under which a t-interval is wider than what its values tell: each value is shown instead
ROUNDING = 1e-12  # part of the levels up to which their difference is what adding up in another order makes
MAX_FLIPPED = 12  # pairs up to which all signs are tried; of more the test of signs and the t-interval hardly differ
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
    zeros, ones : values at exactly 0 (logit, log) or 1 (logit). They have no place on the scale: `typical`, `low` and
        `high`, if any, are of the others.
    effect : of paired differences; None of levels and without an interval.
    """

    scale: Scale
    n: int
    mean: float | None
    typical: float | None
    low: float | None
    high: float | None
    zeros: int = 0
    ones: int = 0
    effect: Effect | None = None

    @property
    def conditional(self) -> bool:
        """Whether the interval is of some replications only, because others lie at exactly 0 or 1."""
        return self.low is not None and self.zeros + self.ones > 0

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width, relative to the centre; None without an interval.

        For shares it is in their own unit: 0.05 is five percentage points.
        """
        if self.low is None or self.high is None or self.typical is None:
            return None
        half = (self.high - self.low) / 2
        if self.scale == "logit" or half == 0:
            return half
        return half / abs(self.typical) if self.typical else math.inf


def known(values: Numbers) -> np.ndarray:
    """Drop nulls (NaN) and return the values as floats."""
    sample: np.ndarray = np.asarray(values, dtype=float)
    present: np.ndarray = sample[~np.isnan(sample)]
    return present


def interval(values: Numbers, rounding: float = 0.0) -> tuple[float | None, float | None, float | None]:
    """Compute the mean of a sample and its two-sided 95 % t-interval.

    Parameters
    ----------
    values : (n,) one number a replication or future; NaN counts as missing.
    rounding : numbers no further apart are the same.

    Returns
    -------
    mean, low, high
        `mean` is None without any value, `low` and `high` are None below five.
    """
    sample = known(values)
    if sample.size == 0:
        return None, None, None
    mean = float(sample.mean())
    if sample.size < MIN_REPLICATIONS:
        return mean, None, None
    if np.ptp(sample) <= rounding:
        return float(sample[0]), float(sample[0]), float(sample[0])  # a sum's rounding would make it a spread
    half = t_quantile(sample.size - 1) * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return mean, mean - half, mean + half


def t_quantile(freedom: float) -> float:
    """Quantile of Student's t at the end of a two-sided 95 % interval."""
    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2))


def quantiles(values: Numbers, places: Sequence[float]) -> np.ndarray:
    """Compute quantiles of the values that are not null; NaN below five values, as for an interval."""
    sample = known(values)
    if sample.size < MIN_REPLICATIONS:
        return np.full(len(places), np.nan)
    return np.asarray(np.quantile(sample, places))


def interval_of(values: Numbers, outcome: Outcome) -> Interval:
    """Compute the interval of a level's typical replication, on the scale of its outcome.

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
    centre, low, high = (float(back(place)) for place in (centre, low, high))
    return Interval(outcome.scale, sample.size, mean, centre, low, high, zeros, ones)


def gaps_between(arm: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Subtract two arms pair by pair: exactly 0 where they differ by rounding only, NaN where one of a pair is null."""
    gaps = np.asarray(arm - other, dtype=float)
    return np.where(np.abs(gaps) <= ROUNDING * np.maximum(np.abs(arm), np.abs(other)), 0.0, gaps)


def paired_interval(arm: np.ndarray, other: np.ndarray, outcome: Outcome) -> Interval:
    """Paired t-interval of the mean difference of two arms, within what the outcome's bounds allow, and its effect.

    Parameters
    ----------
    arm, other : (replications,) levels, in the same order; a pair with a null does not count.

    Returns
    -------
    Interval
        On the linear scale. Both arms' mean levels lie in their own t-intervals, cut at the bounds, and the difference
        between what these allow: it falls by no more than the other arm may lie above the one, and rises by no more
        than the one may lie above the other. Differences of shares thus stay within ±100 points, a count does not fall
        by more than there may have been, and does not rise where there is none now.

    Notes
    -----
    The interval may go beyond the other arm's mean: that is a mean of few replications too, and there may be more to
    lose than they show. Cut at it, an interval of five lognormal levels (sd of logs 0.5) of which all but a tenth is
    lost would hold the true fall in 61 % instead of 91 % (tests/test_intervals.py).
    """
    gaps = gaps_between(arm, other)
    both = ~np.isnan(gaps)
    gaps, arm, other = gaps[both], arm[both], other[both]
    rounding = ROUNDING * float(np.abs([arm, other]).max(initial=0.0))
    centre, low, high = interval(gaps, rounding)
    if centre is None or low is None or high is None:
        return Interval("linear", gaps.size, centre, None, None, None)
    effect = effect_of_gaps(gaps, rounding)
    (bottom, top), (least, most) = _mean_within(arm, outcome), _mean_within(other, outcome)
    low, high = min(centre, max(low, bottom - most)), max(centre, min(high, top - least))  # the centre's: rounding
    return Interval("linear", gaps.size, centre, centre, low, high, effect=effect)


def _mean_within(values: np.ndarray, outcome: Outcome) -> tuple[float, float]:
    """Return the ends of the t-interval of a mean, cut at the bounds of its outcome."""
    _, low, high = interval(values)
    least, most = outcome.bounds
    return max(-math.inf if low is None else low, least), min(math.inf if high is None else high, most)


def effect_of_gaps(gaps: np.ndarray, rounding: float = 0.0) -> Effect | None:
    """Say which way paired differences go, by their t-interval and an exact test of their signs; none below five."""
    gaps = known(gaps)
    effect = effect_of(*interval(gaps, rounding)[1:])
    return effect if effect is None or _signs_tell(gaps) else "no clear effect"


def _signs_tell(gaps: np.ndarray) -> bool:
    """Whether an exact test (Fisher's randomisation test) confirms that the mean difference is not 0.

    If an arm made no difference, each pair's difference could as well have the other sign. The test holds where at most
    one in sixteen of all ways to choose the signs has a mean as far from 0 as the one found.
    """
    if gaps.size > MAX_FLIPPED:
        return True
    sums = np.abs(_sign_choices(gaps.size) @ gaps)
    return bool((sums >= abs(gaps.sum()) * (1 - 1e-9)).mean() <= 2.0 ** (1 - MIN_REPLICATIONS))


@cache
def _sign_choices(n: int) -> np.ndarray:
    """List the ways to choose n signs as rows of +1 and -1, shape (2^(n-1), n).

    The last sign is always +1: a choice and its opposite give means equally far from 0, so that one of them is enough.
    """
    # Row r has a -1 where r has a bit 1; no r below 2^(n-1) has bit n - 1.
    return 1.0 - 2.0 * (np.arange(2 ** (n - 1))[:, None] >> np.arange(n) & 1)


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
    if not ends or not whole or sample.n < MIN_REPLICATIONS:
        return None
    return effect_of(min(ends) - mark, max(ends) - mark)

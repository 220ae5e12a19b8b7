"""Spread and its parts: intervals of a standard deviation, and variance components of a nested design."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri

from analysis.intervals import CONFIDENCE, known, t_quantile

TAIL = (1.0 - CONFIDENCE) / 2.0
PIVOTS = 4_000  # draws of a generalised interval: its ends are then known to some 2 % of the component


def sd_interval(sd: float, freedom: int) -> tuple[float, float]:
    """95 % interval of a standard deviation by the chi-square law of a normal sample's variance.

    Shares that lie near 0 or 1 in some replications have lighter tails than normal ones: there it is too wide.
    """
    ends = chdtri(freedom, np.array([TAIL, 1.0 - TAIL]))  # chdtri takes the probability above
    return sd * math.sqrt(freedom / ends[0]), sd * math.sqrt(freedom / ends[1])


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over replications, each with its 95 % interval; `freedom` is that of the sd."""

    n: int
    mean: float
    mean_low: float
    mean_high: float
    sd: float
    sd_low: float
    sd_high: float
    freedom: int


def spread(values: np.ndarray, controls: np.ndarray | None = None) -> Spread:
    """Measure the mean and the sd of an outcome over replications.

    Parameters
    ----------
    values : (replications,); null where NaN, which does not count.
    controls : (replications, controls) numbers of the replication with a known mean; what is linear in them is taken
        out of the spread (control variates: Lavenberg & Welch 1981, Management Science 27:322).
    """
    sample = known(values)
    n, centre, freedom = sample.size, float(sample.mean()), sample.size - 1
    residual = sample - centre
    if controls is not None:
        columns = controls[~np.isnan(np.asarray(values, float))]
        columns = columns - columns.mean(axis=0)
        slope, *_, rank, _ = np.linalg.lstsq(columns, residual, rcond=None)
        residual, freedom = residual - columns @ slope, n - 1 - int(rank)
    if freedom < 1:
        raise ValueError(f"{n} values leave no spread to measure")
    sd = math.sqrt(float(residual @ residual) / freedom)
    half = math.sqrt(sd**2 / n) * t_quantile(freedom)
    return Spread(n, centre, centre - half, centre + half, sd, *sd_interval(sd, freedom), freedom)


@dataclass(frozen=True)
class Component:
    """A source's part of an outcome's variance.

    Attributes
    ----------
    variance, low, high : the unbiased estimate, which chance may put below 0, and its 95 % interval, which it may not.
    part, part_low, part_high : the same over the sum of all sources.
    """

    source: str
    freedom: int
    variance: float
    low: float
    high: float
    part: float
    part_low: float
    part_high: float


def nested_components(values: np.ndarray, sources: tuple[str, ...], seed: int = 0) -> list[Component]:
    """Split a variance by its sources in a balanced nested design.

    Parameters
    ----------
    values : an axis per source, outermost first: `values[i, j, k]` is continuation k of world j under parameters i.

    Notes
    -----
    Mean squares of the analysis of variance; a component is the difference of two of them over the number of values
    that an effect is common to, which is unbiased whatever the law (Searle, Casella & McCulloch 1992, *Variance
    Components*, chapter 3). Intervals are generalised ones (Weerahandi 1993, JASA 88:899): of mean squares whose
    chi-squares are drawn; they hold for normal effects and are rough for others.
    """
    if values.ndim != len(sources) or np.isnan(values).any():
        raise ValueError("values need an axis per source and no null")
    squares, freedom, common = mean_squares(values)
    estimates = _components(squares, common)
    rng = np.random.default_rng(seed)
    drawn = squares * freedom / rng.chisquare(freedom, (PIVOTS, len(freedom)))
    pivots = np.maximum(_components(drawn, common), 0.0)
    total, totals = estimates.sum(), pivots.sum(axis=1)
    parts = np.divide(pivots, totals[:, None], out=np.zeros_like(pivots), where=totals[:, None] > 0)
    ends, part_ends = (np.quantile(x, [TAIL, 1.0 - TAIL], axis=0) for x in (pivots, parts))
    return [
        Component(
            source, int(freedom[k]), float(estimates[k]), float(ends[0, k]), float(ends[1, k]),
            float(estimates[k] / total) if total > 0 else 0.0, float(part_ends[0, k]), float(part_ends[1, k]),
        )
        for k, source in enumerate(sources)
    ]  # fmt: skip


def mean_squares(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each source's mean square, its degrees of freedom, and how many values share one of its effects."""
    shape = values.shape
    inner = [math.prod(shape[axis + 1 :]) for axis in range(values.ndim)]
    means = [values.mean(axis=tuple(range(axis, values.ndim)), keepdims=True) for axis in range(values.ndim + 1)]
    freedom = np.array([math.prod(shape[:axis]) * (shape[axis] - 1) for axis in range(values.ndim)])
    if (freedom < 1).any():
        raise ValueError(f"a design of {shape} leaves a source without freedom: take two or more of each")
    sums = [inner[axis] * float(((means[axis + 1] - means[axis]) ** 2).sum()) for axis in range(values.ndim)]
    return np.array(sums) / freedom, freedom, np.array(inner)


def _components(squares: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Subtract each source's mean square from the next outer one's, over the values that share its effects."""
    inner = np.concatenate([squares[..., 1:], np.zeros_like(squares[..., :1])], axis=-1)
    return np.asarray((squares - inner) / common)


def between(means: np.ndarray, errors: np.ndarray) -> float:
    """Unbiased variance between groups, from their means and the means' standard errors; chance may put it below 0."""
    return float(means.var(ddof=1) - (errors**2).mean())

"""Which factors an outcome hangs on: Sobol indices, Morris effects, and for plain samples rank and binned estimates.

Every answer's frame has one row a number: `factor`, `index`, `value`, `low`, `high` (95 % band, NaN where there is
none, and below five base samples or trajectories) and `samples`, the size of sample on which it rests; smaller ones
show whether the numbers have converged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from analysis.answers import Answer
from analysis.intervals import CONFIDENCE, MIN_REPLICATIONS

Floats = npt.NDArray[np.float64]
RESAMPLES = 200
PARTS = (8, 4, 2, 1)  # a sample's eighth, quarter, half and whole
MIN_BASE = 64  # base samples of a Sobol design
MIN_TRAJECTORIES = 10  # Campolongo, Cariboni & Saltelli 2007, Environmental Modelling & Software 22:1509
MIN_POINTS_PER_FACTOR = 10  # points per factor in a plain sample (Loeppky, Sacks & Welch 2009, Technometrics 51:366)
# A total index is well estimated where its 95 % band is narrower than this, and a rank of factors then too. Sarrazin,
# Pianosi & Wagener 2016 (Environmental Modelling & Software 79:135) ask 0.05 for numbers, less for a rank: a judgement.
WIDEST = 0.2
BINS = 10
COLUMNS = ["factor", "index", "value", "low", "high", "samples"]


class BrokenDesignError(ValueError):
    """A structured design whose points are not all there."""


def sobol(values: npt.ArrayLike, factors: Sequence[str], samples: int, seed: int = 0) -> Answer:
    """Estimate first-order and total indices from a Sobol design.

    Parameters
    ----------
    values : outcome of every point in the design's order: for each base sample A, A with each factor from B in turn,
        B. NaN is a failed run, and leaves its base sample out.
    samples : base samples of the design.

    Returns
    -------
    Answer
        Indices `first` and `total` at an eighth, a quarter, half and all of the base samples.

    Raises
    ------
    BrokenDesignError : the number of values is no Sobol design of so many samples and factors.

    Notes
    -----
    Saltelli et al. 2010, Computer Physics Communications 181:259, by SALib (Iwanaga, Usher & Herman 2022,
    Socio-Environmental Systems Modelling 4:18155); bands are of its bootstrap.
    """
    y, k = np.asarray(values, np.float64), len(factors)
    if len(y) != samples * (k + 2):
        raise BrokenDesignError(f"{len(y)} values are no Sobol design of {samples} samples and {k} factors")
    blocks = y.reshape(samples, k + 2)
    blocks = blocks[~np.isnan(blocks).any(axis=1)]
    n, rows = len(blocks), list[tuple[Any, ...]]()
    if n < 2 or np.ptp(blocks) == 0:
        return _answer(rows, "constant" if n >= 2 else "sobol_few", False, {"n": n, "least": MIN_BASE})
    for size in sorted({n // part for part in PARTS if n // part >= 8} | {n}):
        found = _salib_sobol(blocks[:size], factors, seed)
        for index, key in (("first", "S1"), ("total", "ST")):
            rows += [
                (name, index, value, *_band(value, half, size), size)
                for name, value, half in zip(factors, found[key], found[f"{key}_conf"], strict=True)
            ]
    if n < MIN_REPLICATIONS:
        return _answer(rows, "sobol_few", False, {"n": n, "least": MIN_BASE})
    widest = max(high - low for _, index, _, low, high, size in rows if index == "total" and size == n)
    noted = {"n": n, "least": MIN_BASE, "width": f"{widest:.2f}", "widest": WIDEST}
    if n < MIN_BASE:
        return _answer(rows, "sobol_few", False, noted)
    return _answer(rows, "sobol_wide" if widest > WIDEST else "sobol", widest <= WIDEST, noted)


def _band(value: float, half: float, size: int) -> tuple[float, float]:
    """Return value ± half-width; NaN below five base samples or trajectories, too few to resample."""
    return (value - half, value + half) if size >= MIN_REPLICATIONS else (np.nan, np.nan)


def _salib_sobol(blocks: Floats, factors: Sequence[str], seed: int) -> dict[str, Any]:
    """Estimate Sobol indices by SALib: first-order (`S1`), total (`ST`) and bootstrap half-widths (`…_conf`).

    All are 0 where the outcome is constant.
    """
    from SALib.analyze import sobol as method

    if np.ptp(blocks) == 0:
        zeros = np.zeros(len(factors))
        return {key: zeros for key in ("S1", "ST", "S1_conf", "ST_conf")}
    problem = {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}
    # SALib takes the seed 0 for none
    found: dict[str, Any] = method.analyze(
        problem, blocks.ravel(), calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed + 1
    )
    return found


def morris(places: npt.ArrayLike, values: npt.ArrayLike, factors: Sequence[str], seed: int = 0) -> Answer:
    """Estimate elementary effects from a Morris design.

    Parameters
    ----------
    places : (points, factors) in [0, 1] of each factor's range (see `analysis.sweep.design_places`), trajectory by
        trajectory.
    values : (points,) outcome; NaN is a failed run, and leaves its trajectory out.

    Returns
    -------
    Answer
        `mu_star` (mean size of an effect over the whole range, with band), `mu` (with sign) and `sigma` (spread:
        interaction or curvature), in the outcome's unit, at growing numbers of trajectories.

    Raises
    ------
    BrokenDesignError : the number of points is no multiple of factors plus one.

    Notes
    -----
    Morris 1991, Technometrics 33:161; Campolongo, Cariboni & Saltelli 2007; bands of the bootstrap over trajectories.
    """
    x, y, k = np.asarray(places, np.float64), np.asarray(values, np.float64), len(factors)
    if len(y) % (k + 1) or x.shape != (len(y), k):
        raise BrokenDesignError(f"{len(y)} values are no Morris design of {k} factors")
    whole = ~np.isnan(y.reshape(-1, k + 1)).any(axis=1)
    x, y = x[np.repeat(whole, k + 1)], y[np.repeat(whole, k + 1)]
    n, rows = int(whole.sum()), list[tuple[Any, ...]]()
    noted: dict[str, object] = {"n": n, "least": MIN_TRAJECTORIES}
    if n < 2:
        return _answer(rows, "morris_few", False, noted)
    if np.ptp(y) == 0:
        return _answer(rows, "constant", False, noted)
    effects, rng = _effects(x, y), np.random.default_rng(seed)
    for size in sorted({n // part for part in PARTS if n // part >= 2} | {n}):
        found = effects[:size]
        drawn = np.abs(found)[rng.integers(size, size=(RESAMPLES, size))].mean(axis=1)
        halves = float(ndtri(0.5 + CONFIDENCE / 2)) * drawn.std(axis=0, ddof=1)
        stars, means, spreads = np.abs(found).mean(axis=0), found.mean(axis=0), found.std(axis=0, ddof=1)
        for j, name in enumerate(factors):
            rows.append((name, "mu_star", stars[j], *_band(stars[j], halves[j], size), size))
            rows += [(name, "mu", means[j], np.nan, np.nan, size), (name, "sigma", spreads[j], np.nan, np.nan, size)]
    enough = n >= MIN_TRAJECTORIES
    return _answer(rows, "morris" if enough else "morris_few", enough, noted)


def _effects(x: Floats, y: Floats) -> Floats:
    """Compute elementary effects, shape (trajectories, factors), from places and values, trajectory by trajectory.

    Each is divided by the factor's own step: that of a named value or a whole number is not the design's. One whose
    value did not change has no effect.
    """
    k = x.shape[1]
    steps, changes = np.diff(x.reshape(-1, k + 1, k), axis=1), np.diff(y.reshape(-1, k + 1), axis=1)
    slopes = np.divide(changes[:, :, None], steps, out=np.zeros_like(steps), where=steps != 0)
    return np.asarray(slopes.sum(axis=1))


def ranked(
    places: npt.ArrayLike, values: npt.ArrayLike, factors: Sequence[str], seed: int = 0, futures: Any = None
) -> Answer:
    """Estimate rank correlations and first-order indices from any sample, such as a Latin hypercube or a grid.

    Parameters
    ----------
    places : (points, factors), any monotone scale. values : (points,); NaN is a failed run and is left out.
    futures : (points,) numbers of the futures that settings of levers share; without it each point is its own. Points
        of one future are no independent evidence on what they share: such factors are judged by the future's mean.

    Returns
    -------
    Answer
        `prcc`, the partial rank correlation: which way the outcome moves with a factor when the others are held, and
        how steadily; `first`, the part of the outcome's variance that the factor alone explains, whatever the shape.
        `samples` counts futures. A factor that does not vary where there is a value has no row.

    Notes
    -----
    Marino et al. 2008, Journal of Theoretical Biology 254:178, with Fisher's band; indices from given data after
    Plischke 2010, Reliability Engineering & System Safety 95:354, as adjusted correlation ratio over ten equal bins,
    with bands of the bootstrap.
    """
    x, y = np.asarray(places, np.float64), np.asarray(values, np.float64)
    kept = ~np.isnan(y)
    x, y = x[kept], y[kept]
    varying = [j for j in range(x.shape[1]) if len(y) and np.ptp(x[:, j]) > 0]
    x, factors = x[:, varying], [factors[j] for j in varying]
    numbers = np.arange(len(kept)) if futures is None else np.asarray(futures)
    which = np.unique(numbers[kept], return_inverse=True)[1]
    shared = [j for j in range(x.shape[1]) if _stands_still(x[:, j], which)]
    n, rows = int(which.max(initial=-1)) + 1, list[tuple[Any, ...]]()
    least = MIN_POINTS_PER_FACTOR * max(len(shared), 1)
    noted: dict[str, object] = {"n": n, "least": least}
    if n < len(shared) + MIN_REPLICATIONS:
        return _answer(rows, "ranked_few", False, noted)
    if np.ptp(y) == 0:
        return _answer(rows, "constant", False, noted)
    if not factors:
        return _answer(rows, "alone", False, noted)
    rng = np.random.default_rng(seed)
    for size in sorted({n // part for part in PARTS if n // part >= 2 * (len(shared) + 5)} | {n}):
        draws = rng if size == n else None
        mine = which < size
        one, between = _future_means(x[mine], y[mine], which[mine])
        rows += _ranks(one[0][:, shared], one[1], [factors[j] for j in shared], size, between, draws)
        if len(shared) < len(factors):
            chosen = [j for j in range(len(factors)) if j not in shared]
            found = _ranks(x[mine], y[mine], factors, size, 1.0, draws, which[mine])
            rows += [row for row in found if row[0] in {factors[j] for j in chosen}]
    enough = n >= least
    return _answer(rows, "ranked" if enough else "ranked_few", enough, noted)


def _stands_still(column: Floats, which: npt.NDArray[np.int64]) -> bool:
    """Whether a factor has a single value within each future; `which` is the future of each point."""
    first = np.full(int(which.max(initial=-1)) + 1, np.nan)
    first[which[::-1]] = column[::-1]
    return bool((first[which] == column).all())


def _future_means(x: Floats, y: Floats, which: npt.NDArray[np.int64]) -> tuple[tuple[Floats, Floats], float]:
    """Average points by future.

    Returns the factors (of one point per future) and mean outcomes, and the share of the outcome's variance that lies
    between futures.
    """
    count = np.bincount(which)
    places, means = np.zeros((len(count), x.shape[1])), np.bincount(which, y) / count
    places[which] = x
    total = float(((y - y.mean()) ** 2).sum())
    return (places, means), float((count * (means - y.mean()) ** 2).sum()) / total if total > 0 else 0.0


def _ranks(
    x: Floats,
    y: Floats,
    factors: Sequence[str],
    size: int,
    part: float,
    rng: np.random.Generator | None,
    which: npt.NDArray[np.int64] | None = None,
) -> list[tuple[Any, ...]]:
    """Make the rows of both indices, rank correlation and first-order, over `size` futures.

    Parameters
    ----------
    part : the part of all variance that y has. rng : where given, draws the bands.
    which : future of each point, drawn whole, since what a lever does in one is no independent evidence.
    """
    rows: list[tuple[Any, ...]] = []
    draws = () if rng is None else _resamples(np.arange(len(y)) if which is None else which, rng)
    for j, (name, value) in enumerate(zip(factors, partial_rank_correlations(x, y), strict=True)):
        if np.ptp(x[:, j]) == 0:
            continue  # what stands still tells nothing
        rows.append((name, "prcc", value, *_fisher_band(value, size, len(factors) - 1), size))
        bins = bins_of(x[:, j])
        first, half = part * correlation_ratio(bins, y), np.nan
        if len(draws):
            # a resample repeats points, which raises the ratio: the band's width counts, not its place
            resampled = [part * correlation_ratio(bins[drawn], y[drawn]) for drawn in draws]
            half = float(ndtri(0.5 + CONFIDENCE / 2)) * float(np.std(resampled, ddof=1))
        rows.append((name, "first", first, first - half, first + half, size))
    return rows


def _resamples(which: npt.NDArray[np.int64], rng: np.random.Generator) -> Sequence[npt.NDArray[np.int64]]:
    """Draw as many futures as there are with replacement, `RESAMPLES` times, and list the points of those drawn."""
    order, count = np.argsort(which, kind="stable"), np.bincount(which)
    drawn = rng.integers(len(count), size=(RESAMPLES, len(count)))
    if count.max() == 1:
        return list(order[drawn])
    points = np.split(order, np.cumsum(count)[:-1])
    return [np.concatenate([points[k] for k in futures]) for futures in drawn]


def partial_rank_correlations(x: Floats, y: Floats) -> Floats:
    """Correlate each column's ranks with the outcome's ranks, given the other columns.

    What the other columns' ranks explain is first removed from both.
    """
    ranks, target = rankdata(x, axis=0), rankdata(y)
    found = np.zeros(x.shape[1])
    for j in range(x.shape[1]):
        others = np.column_stack([np.ones(len(y)), np.delete(ranks, j, axis=1)])
        mine, rest = (v - others @ np.linalg.lstsq(others, v, rcond=None)[0] for v in (ranks[:, j], target))
        spread = float(np.sqrt((mine @ mine) * (rest @ rest)))
        found[j] = mine @ rest / spread if spread > 1e-9 * len(y) else 0.0
    return found


def _fisher_band(correlation: float, n: int, controls: int) -> tuple[float, float]:
    """Return the 95 % interval of a partial correlation by Fisher's z-transform."""
    half = float(ndtri(0.5 + CONFIDENCE / 2)) / np.sqrt(max(n - controls - 3, 1))
    z = np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    return float(np.tanh(z - half)), float(np.tanh(z + half))


def bins_of(x: Floats) -> npt.NDArray[np.int64]:
    """Sort a factor's values into ten bins of equal count; a factor with ten values or fewer has a bin for each."""
    levels = np.unique(x)
    if len(levels) <= BINS:
        return np.searchsorted(levels, x).astype(np.int64)
    return (np.argsort(np.argsort(x, kind="stable"), kind="stable") * BINS) // len(x)


def correlation_ratio(bins: npt.NDArray[np.int64], y: Floats) -> float:
    """Compute the share of an outcome's variance that lies between bins, adjusted for what chance alone puts there."""
    count, sums = np.bincount(bins), np.bincount(bins, y)
    count, sums = count[count > 0], sums[count > 0]
    total = float(((y - y.mean()) ** 2).sum())
    within = total - float((count * (sums / count - y.mean()) ** 2).sum())
    if total == 0 or len(y) <= len(count):
        return 0.0
    return 1.0 - within / (len(y) - len(count)) * (len(y) - 1) / total


def _answer(rows: Sequence[tuple[Any, ...]], note: str, enough: bool, values: dict[str, object]) -> Answer:
    """Make the answer on sensitivity from its rows, the key of its sentence and that sentence's values."""
    from analysis.sweep_figures import sensitivity

    return Answer(pd.DataFrame(list(rows), columns=COLUMNS), enough, note, sensitivity, values)

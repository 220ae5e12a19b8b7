"""Scenario discovery: under which conditions something happens, as a box of factors found by PRIM.

The questions and their thresholds are declared here, once; `find_box` peels and pastes as Friedman & Fisher 1999
(Statistics and Computing 9:123) describe, and tests each bound as Bryant & Lempert 2010 (Technological Forecasting and
Social Change 77:34) do.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from analysis.answers import Answer
from sim.base.errors import InputError

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Bounds = dict[str, tuple[float, float]]
PEEL = 0.05  # part of the points that a step takes away
MIN_MASS = 0.05  # part of the points that a box holds at least
DENSITY = 0.8  # part of a box's points in which it happens, from which the box is an answer; held out from it too
SIGNIFICANT = 0.05  # a bound with a larger quasi-p-value is dropped
MIN_POINTS, MIN_CASES = 100, 20  # futures in all, and on either side: a judgement
HALVES = 20  # random halves of the futures that say how steadily a factor is named


WORKBENCH_PYTHON = (3, 12)


@dataclass(frozen=True)
class Question:
    """Something that may happen: an outcome's difference from the paired arm reaches a threshold.

    Why the threshold is where it is, stands with the question's name in `analysis/text`.
    """

    key: str
    outcome: str
    side: Literal["at least", "at most"]
    threshold: float

    def holds(self, differences: npt.ArrayLike) -> Bools:
        """Return for each point whether the answer is yes; no where the outcome is null."""
        values = np.asarray(differences, np.float64)
        return np.asarray(values >= self.threshold if self.side == "at least" else values <= self.threshold)


QUESTIONS = (
    Question("equal_producer", "ai_attention_share", "at least", 1 / 3),
    Question("displacement_wave", "displacement_rate", "at least", 0.05),
    Question("shallow_turn", "depth_used", "at most", -0.05),
    Question("reshuffle", "rank_turnover", "at least", 0.1),
)


@dataclass(frozen=True)
class Box:
    """Bounds of factors (from, to) and what lies inside.

    Attributes
    ----------
    bounds : by factor; an end that does not bind is minus or plus infinity.
    density : part of the points inside in which it happens.
    coverage : part of all points in which it happens that lie inside.
    mass : part of all points inside.
    """

    bounds: Bounds
    density: float
    coverage: float
    mass: float


Peeling = Callable[[pd.DataFrame, Bools], list[Box]]  # from factors and what happens to the boxes after every step


def inside(places: pd.DataFrame, bounds: Bounds) -> Bools:
    """Return for each point whether it lies in a box; points on a bound do."""
    kept = np.ones(len(places), np.bool_)
    for name, (low, high) in bounds.items():
        column = places[name].to_numpy(np.float64)
        kept &= (column >= low) & (column <= high)
    return kept


def measure(places: pd.DataFrame, happens: Bools, bounds: Bounds) -> Box:
    """Make the box with these bounds, with its density, coverage and mass among the points."""
    kept = inside(places, bounds)
    n, hits = int(kept.sum()), int(happens[kept].sum())
    return Box(dict(bounds), hits / max(n, 1), hits / max(int(happens.sum()), 1), n / len(happens))


def peel(places: pd.DataFrame, happens: Bools) -> list[Box]:
    """Peel the box of all points: step by step remove the slice whose loss raises the density most, per point lost.

    Returns the box after every step, from all points to the densest.
    """
    bounds: Bounds = {}
    boxes = [measure(places, happens, bounds)]
    least = max(int(np.ceil(MIN_MASS * len(happens))), 1)
    while True:
        kept = inside(places, bounds)
        best: tuple[float, Bounds] | None = None
        for name in map(str, places):
            column = places[name].to_numpy(np.float64)
            for trial in _slices(name, column, kept, bounds):
                low, high = trial[name]
                left = kept & (column >= low) & (column <= high)
                n = int(left.sum())
                if least <= n < kept.sum():
                    # rise of density for each point given up, so that factors of few values gain nothing by big steps
                    gain = (happens[left].mean() - happens[kept].mean()) / (kept.sum() - n)
                    if best is None or gain > best[0]:
                        best = float(gain), trial
        if best is None or best[0] <= 0:
            return boxes
        bounds = best[1]
        boxes.append(measure(places, happens, bounds))


def _slices(name: str, column: Floats, kept: Bools, bounds: Bounds) -> list[Bounds]:
    """Return the two boxes left when the lowest or the highest twentieth of points in one factor is cut off.

    Points with equal values go together. A new bound lies midway between the values on its two sides.
    """
    values = np.sort(column[kept])
    away = max(int(PEEL * len(values)), 1)
    low, high = bounds.get(name, (-np.inf, np.inf))
    above, below = values[values > values[away - 1]], values[values < values[-away]]
    trials = []
    if above.size:
        trials.append({**bounds, name: ((values[values <= values[away - 1]][-1] + above[0]) / 2, high)})
    if below.size:
        trials.append({**bounds, name: (low, (below[-1] + values[values >= values[-away]][0]) / 2)})
    return trials


def paste(places: pd.DataFrame, happens: Bools, box: Box) -> Box:
    """Widen a box, one bound at a time, as long as its density does not fall."""
    while True:
        wider = []
        for name, (low, high) in box.bounds.items():
            column = places[name].to_numpy(np.float64)
            reach = np.sort(column[inside(places, without(box.bounds, name))])
            step = max(int(PEEL * box.mass * len(happens)), 1)
            under, over = reach[reach < low], reach[reach > high]
            if under.size:
                wider.append({**box.bounds, name: (float(under[max(len(under) - step, 0)]), high)})
            if over.size:
                wider.append({**box.bounds, name: (low, float(over[min(step, len(over)) - 1]))})
        tried = [measure(places, happens, bounds) for bounds in wider]
        good = [trial for trial in tried if trial.density >= box.density and trial.mass > box.mass]
        if not good:
            return box
        box = max(good, key=lambda trial: (trial.density, trial.mass))


def without(bounds: Bounds, name: str, end: int | None = None) -> Bounds:
    """Return the bounds with those of one factor removed, or only one end of them (0 the lower, 1 the upper)."""
    rest = {key: value for key, value in bounds.items() if key != name}
    if end is None or np.isinf(bounds[name][1 - end]):
        return rest
    low, high = bounds[name]
    return {**bounds, name: (-np.inf, high) if end == 0 else (low, np.inf)}


def quasi_p(
    places: pd.DataFrame, happens: Bools, box: Box, name: str, end: int | None = None, evidence: float = 1.0
) -> float:
    """Test one factor's bound, or one end of it: how likely is the box's density if the bound does nothing?

    A one-sided binomial test against the density of the box without the bound.

    Parameters
    ----------
    evidence : independent points over all points.
    """
    rest = measure(places, happens, without(box.bounds, name, end))
    n = round(box.mass * len(happens) * evidence)
    return float(binom.sf(round(box.density * n) - 1, n, rest.density))


def choose(boxes: Sequence[Box]) -> Box:
    """Choose the box with the best harmonic mean of density and coverage, among those dense enough if there are any."""
    dense = [box for box in boxes if box.density >= DENSITY] or boxes
    return max(dense, key=lambda box: 2 * box.density * box.coverage / max(box.density + box.coverage, 1e-300))


def workbench_prim() -> Any:
    """Return the PRIM module of the EMA Workbench (Kwakkel 2017, Environmental Modelling & Software 96:239).

    Raises
    ------
    InputError : it is not installed, or cannot be on this Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its optional parts
            from ema_workbench.analysis import prim
    except ImportError:
        can = sys.version_info >= WORKBENCH_PYTHON
        wanted = "pip install 'metavalue[uncertainty]'" if can else "Python 3.12 or later, which it needs"
        raise InputError("--workbench", "no EMA Workbench 3 here", wanted) from None
    return prim


def workbench_peel(places: pd.DataFrame, happens: Bools) -> list[Box]:
    """Peel as `peel` does, by the EMA Workbench.

    Raises
    ------
    InputError : it is not there.
    """
    prim = workbench_prim()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, on ways of the Workbench that will go
        found = prim.Prim(places, np.asarray(happens, np.int64), peel_alpha=PEEL, mass_min=MIN_MASS).find_box()
    if found is None:
        return [measure(places, happens, {})]
    whole, boxes = found.box_lims[0], []
    for limits in found.box_lims:
        bounds = {
            str(name): (
                float(limits[name][0]) if limits[name][0] > whole[name][0] else -np.inf,
                float(limits[name][1]) if limits[name][1] < whole[name][1] else np.inf,
            )
            for name in limits
        }
        tight = {name: ends for name, ends in bounds.items() if np.isfinite(ends).any()}
        boxes.append(measure(places, happens, tight))
    return boxes


def find_box(places: pd.DataFrame, happens: npt.ArrayLike, peeling: Peeling = peel, evidence: float = 1.0) -> Box:
    """Find the box of factors in which something mostly happens.

    Parameters
    ----------
    places : a row a point, a column a factor, numbers.
    happens : (points,) whether it happens.
    peeling : `peel`, or `workbench_peel` for that of the EMA Workbench.
    evidence : independent points over all points.
    """
    hits = np.asarray(happens, np.bool_)
    box = paste(places, hits, choose(peeling(places, hits)))
    while box.bounds:
        ends = [(name, end) for name, bound in box.bounds.items() for end in (0, 1) if np.isfinite(bound[end])]
        tests = [quasi_p(places, hits, box, name, end, evidence) for name, end in ends]
        worst = int(np.argmax(tests))
        if tests[worst] <= SIGNIFICANT:
            break
        box = measure(places, hits, without(box.bounds, *ends[worst]))
    return box


def discover(
    places: pd.DataFrame, happens: npt.ArrayLike, seed: int = 0, peeling: Peeling = peel, futures: Any = None
) -> Answer:
    """Find the conditions under which something happens, and how far to trust them.

    Parameters
    ----------
    places : a row a point, a column a factor, numbers. happens : (points,) whether it happens.
    peeling : see `find_box`.
    futures : (points,) numbers of the futures that settings of levers share; without it each point is its own. Tests
        and halves count futures, since points of one are no independent evidence.

    Returns
    -------
    Answer
        One row a bound factor: `factor`, `low`, `high` (infinite where an end does not bind), `first`, `last` (the
        factor's range over the points inside), `least`, `most` (over all points), `quasi_p`, `reproduced` (part of
        random halves of the futures in which the factor is bound too), and of the box `density`, `coverage`, `mass`,
        `held_density`, `held_coverage` (means over boxes found in random halves, on the halves that were held out: what
        to expect of new futures), with `base` the part of all points in which it happens. No row where no condition
        tells anything. Cases count as futures in which it happens in some point, and in which it does not in some. A
        box is a condition only if it is dense on the futures that were held out too.
    """
    hits = np.asarray(happens, np.bool_)
    cases, n = int(hits.sum()), len(hits)
    which = np.unique(np.arange(n) if futures is None else np.asarray(futures), return_inverse=True)[1]
    shared = int(which.max(initial=-1)) + 1
    noted: dict[str, object] = {"n": n, "cases": cases, "points": MIN_POINTS, "least": MIN_CASES}
    if cases in (0, n):
        return _answer([], "never" if cases == 0 else "always", shared >= MIN_POINTS, noted)
    evidence = shared / n
    box = find_box(places, hits, peeling, evidence)
    named, held = _reproduced(places, hits, which, seed, peeling)
    kept = places[inside(places, box.bounds)]
    whole = (box.density, box.coverage, box.mass, *held, cases / n)
    rows = [
        (
            name,
            low,
            high,
            kept[name].min(),
            kept[name].max(),
            places[name].min(),
            places[name].max(),
            quasi_p(places, hits, box, name, evidence=evidence),
            named[name],
            *whole,
        )
        for name, (low, high) in box.bounds.items()
    ]
    noted |= {"density": f"{box.density:.0%}", "coverage": f"{box.coverage:.0%}", "base": f"{cases / n:.0%}"}
    noted |= {"held": f"{held[0]:.0%}", "held_coverage": f"{held[1]:.0%}"}
    sides = [len(np.unique(which[side])) for side in (hits, ~hits)]
    noted |= {"futures": shared, "hits": sides[0], "misses": sides[1]}
    if shared < MIN_POINTS or min(sides) < MIN_CASES:
        return _answer(rows, "prim_few", False, noted)
    if not rows:
        return _answer(rows, "prim_none", True, noted)
    return _answer(rows, "prim" if min(box.density, held[0]) >= DENSITY else "prim_thin", True, noted)


COLUMNS = ["factor", "low", "high", "first", "last", "least", "most", "quasi_p", "reproduced", "density", "coverage",
           "mass", "held_density", "held_coverage", "base"]  # fmt: skip


def _reproduced(
    places: pd.DataFrame, hits: Bools, which: npt.NDArray[np.int64], seed: int, peeling: Peeling
) -> tuple[dict[str, float], tuple[float, float]]:
    """Repeat the search on random halves of the futures, and try the boxes found on the other halves.

    Returns
    -------
    How often each factor is bound, and mean density and coverage of the boxes found, on the other half.
    """
    shared = int(which.max()) + 1
    rng, counts, held = np.random.default_rng(seed), dict.fromkeys(places, 0), list[tuple[float, float]]()
    for _ in range(HALVES):
        half = np.isin(which, rng.permutation(shared)[: shared // 2])
        if hits[half].any() and not hits[half].all():
            bounds = find_box(places[half], hits[half], peeling, shared / len(hits)).bounds
            for name in bounds:
                counts[name] += 1
            found = measure(places[~half], hits[~half], bounds)
            held.append((found.density, found.coverage))
    mean = np.mean(held, axis=0) if held else np.full(2, np.nan)
    return {str(name): count / HALVES for name, count in counts.items()}, (float(mean[0]), float(mean[1]))


def _answer(rows: list[tuple[Any, ...]], note: str, enough: bool, values: dict[str, object]) -> Answer:
    """Make the answer on a question from its rows, the key of its sentence and that sentence's values."""
    from analysis.sweep_figures import box

    return Answer(pd.DataFrame(rows, columns=COLUMNS), enough, note, box, values)

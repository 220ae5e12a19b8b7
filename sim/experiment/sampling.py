"""Drawing futures: places in [0, 1] by a design, and the values of a prior or of a list that stand there."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from sim.base.randomness import Streams
from sim.base.tables import F8
from sim.settings import registry, starred
from sim.settings.scenario import Scenario, checked

if TYPE_CHECKING:
    from sim.experiment.plan import Factor, Plan

BLOCK = 40  # futures of one Latin hypercube; more samples are more hypercubes
MORRIS_LEVELS = 4  # Morris 1991, Technometrics 33:161
FIRST_SOBOL = 256  # base samples that are drawn before the rest, so that a first look at a large design is quick


def hypercube(paths: Iterable[str], draws: int, seed: int, block: int = 0) -> dict[str, F8]:
    """Places in [0, 1) by path, each of shape (draws,): each of `draws` equal parts is hit once (Latin hypercube).

    A path's numbers depend on itself, the seed, the block and `draws` alone, so that a new path moves no other.

    Notes
    -----
    McKay, Beckman & Conover 1979, Technometrics 21:239.
    """
    streams, uids = Streams(seed), np.arange(1, draws + 1).astype(np.uint64)
    places = {}
    for path in paths:
        stream = streams[f"prior {path}"]
        part = np.argsort(np.argsort(stream.uniform(block, uids, 0)))
        places[path] = np.asarray((part + stream.uniform(block, uids, 1)) / draws, np.float64)
    return places


def quantile(low: float, high: float, prior: str, u: F8) -> F8:
    """Values of a prior on [low, high] at the quantiles u, of the same shape."""
    if prior == "loguniform":
        return np.asarray(np.clip(low * (high / low) ** u, low, high))
    return np.asarray(low + (high - low) * u)


def futures_of(plan: Plan) -> Iterator[Sequence[Any]]:
    """Futures in order, drawn as they are asked for: a value for every uncertainty, as the registry holds it."""
    factors, base = plan.uncertainties, plan.cases[plan.scenario].scenario
    if not factors:
        yield ()
    elif plan.design == "grid":
        yield from itertools.product(*(levels_of(plan, factor) for factor in factors))
    else:
        draw = {"lhs": _hypercubes, "sobol": _sobol, "morris": _trajectories}[plan.design]
        for places in draw(plan):
            for row in places.tolist():
                yield [value_at(base, factor, u) for factor, u in zip(factors, row, strict=True)]


def levels_of(plan: Plan, factor: Factor) -> list[Any]:
    """Values that a grid gives a factor: those listed, or as many samples of its range, whole numbers once each."""
    steps = (np.arange(plan.samples) + 0.5) / plan.samples
    base = plan.cases[plan.scenario].scenario
    return list(factor.values) or list(dict.fromkeys(value_at(base, factor, u) for u in steps.tolist()))


def _hypercubes(plan: Plan) -> Iterator[F8]:
    """Latin hypercubes of `BLOCK` futures each, the last perhaps cut off; shape (samples, factors) in all."""
    paths = [factor.path for factor in plan.uncertainties]
    for block in range(-(-plan.samples // BLOCK)):
        places = hypercube(paths, BLOCK, plan.seed, block)
        yield np.stack([places[path] for path in paths], axis=1)[: plan.samples - block * BLOCK]


def _problem(plan: Plan) -> dict[str, Any]:
    paths = [factor.path for factor in plan.uncertainties]
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def _sobol(plan: Plan) -> Iterator[F8]:
    """Radial design of Saltelli et al. 2010 on a scrambled Sobol sequence; shape (samples · (factors + 2), factors)."""
    from SALib.sample import sobol

    done = 0
    for samples in sorted({min(plan.samples, FIRST_SOBOL), plan.samples}):  # a longer sequence begins as a shorter one
        places = np.asarray(sobol.sample(_problem(plan), samples, calc_second_order=False, seed=plan.seed), np.float64)
        yield places[done:]
        done = len(places)


def _trajectories(plan: Plan) -> Iterator[F8]:
    """Morris' trajectories, each with a seed of its own; shape (samples · (factors + 1), factors) in all."""
    from SALib.sample import morris

    for k in range(plan.samples):
        seed = int.from_bytes(hashlib.sha256(f"{plan.seed} {k}".encode()).digest()[:4])
        yield np.asarray(morris.sample(_problem(plan), 1, num_levels=MORRIS_LEVELS, seed=seed), np.float64)


def value_at(scenario: Scenario, factor: Factor, u: float) -> Any:
    """A factor's value at a place in [0, 1]."""
    if factor.values:
        return factor.values[min(int(u * len(factor.values)), len(factor.values) - 1)]
    low, high = cast(float, factor.low), cast(float, factor.high)
    parameter = registry()[starred(factor.path)]
    if parameter.type == "int":
        high = math.nextafter(high + 1, low)  # rounded down, so that each whole number has an equal part
    value = float(quantile(low, high, factor.prior, np.asarray(u)))
    whole = math.floor(value) if parameter.type == "int" else value
    # inside the range against rounding
    return checked(
        scenario, factor.path, min(max(whole, cast(float, parameter.info.low)), cast(float, parameter.info.high))
    )

"""Drawing futures: places in [0, 1] by a design, and the values of a prior or of a list that stand there."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from sim.base.randomness import Streams
from sim.base.tables import F8
from sim.settings import registry, starred
from sim.settings.scenario import Scenario, checked

BLOCK = 40  # futures of one Latin hypercube; more samples are more hypercubes
MORRIS_LEVELS = 4  # Morris 1991, Technometrics 33:161
FIRST_SOBOL = 256  # base samples that are drawn before the rest, so that a first look at a large design is quick


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What a sweep varies.

    Attributes
    ----------
    path : name, and column of tables: a parameter's path, or a policy's name, which stands for its levers' strengths.
    role : `lever`, which somebody chooses, or `uncertainty`.
    paths : parameters that it sets.
    values : its values where they are given one by one.
    low, high, prior : its range and law where they are not.
    """

    path: str
    role: Literal["lever", "uncertainty"]
    paths: tuple[str, ...]
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    prior: str = ""

    @property
    def shared(self) -> bool:
        """Whether the counterfactual has this factor too.

        It has all uncertainties; of the levers only those of the calendar, as pairs are compared week by week.
        """
        return self.role == "uncertainty" or self.path.startswith("time.")


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What futures are drawn from, and how.

    Attributes
    ----------
    factors : what nobody chooses.
    scenario : the one whose parameters they set.
    samples : values of a range in a grid, futures of a Latin hypercube, base samples of Sobol's and Morris' designs.
    """

    factors: tuple[Factor, ...]
    scenario: Scenario
    design: str
    samples: int
    seed: int


def hypercube(paths: Iterable[str], draws: int, seed: int, block: int = 0) -> dict[str, F8]:
    """Draw a Latin hypercube: places in [0, 1) by path, shape (draws,); each of `draws` equal parts is hit once.

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
    """Return the values of a prior on [low, high] at the quantiles `u`, in the same shape."""
    if prior == "loguniform":
        return np.asarray(np.clip(low * (high / low) ** u, low, high))
    return np.asarray(low + (high - low) * u)


def futures_of(draw: Draw) -> Iterator[Sequence[Any]]:
    """Yield futures in order, drawn one by one: a value for every uncertainty, as the registry holds it."""
    if not draw.factors:
        yield ()
    elif draw.design == "grid":
        yield from itertools.product(*(levels_of(draw, factor) for factor in draw.factors))
    else:
        design = {"lhs": _hypercubes, "sobol": _sobol, "morris": _trajectories}[draw.design]
        for places in design(draw):
            for row in places.tolist():
                yield [value_at(draw.scenario, factor, u) for factor, u in zip(draw.factors, row, strict=True)]


def levels_of(draw: Draw, factor: Factor) -> list[Any]:
    """List the values that a grid gives a factor: the listed ones, or `samples` values over its range, each once."""
    steps = (np.arange(draw.samples) + 0.5) / draw.samples
    return list(factor.values) or list(dict.fromkeys(value_at(draw.scenario, factor, u) for u in steps.tolist()))


def _hypercubes(draw: Draw) -> Iterator[F8]:
    """Yield Latin hypercubes of `BLOCK` futures each, the last perhaps cut off, of shape (futures, factors)."""
    paths = [factor.path for factor in draw.factors]
    for block in range(-(-draw.samples // BLOCK)):
        places = hypercube(paths, BLOCK, draw.seed, block)
        yield np.stack([places[path] for path in paths], axis=1)[: draw.samples - block * BLOCK]


def _problem(draw: Draw) -> dict[str, Any]:
    """Describe the factors for SALib: as many places in [0, 1]."""
    paths = [factor.path for factor in draw.factors]
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def _sobol(draw: Draw) -> Iterator[F8]:
    """Yield the points of the radial design of Saltelli et al. 2010, on a scrambled Sobol sequence.

    They come in one or two arrays with a row per point and a column per factor; samples · (factors + 2) rows in all.
    """
    from SALib.sample import sobol

    done = 0
    for samples in sorted({min(draw.samples, FIRST_SOBOL), draw.samples}):  # a longer sequence begins as a shorter one
        places = np.asarray(sobol.sample(_problem(draw), samples, calc_second_order=False, seed=draw.seed), np.float64)
        yield places[done:]
        done = len(places)


def _trajectories(draw: Draw) -> Iterator[F8]:
    """Yield Morris trajectories of shape (factors + 1, factors).

    Each has a seed of its own, so that a larger number of samples adds trajectories and keeps the first ones.
    """
    from SALib.sample import morris

    for k in range(draw.samples):
        seed = int.from_bytes(hashlib.sha256(f"{draw.seed} {k}".encode()).digest()[:4])
        yield np.asarray(morris.sample(_problem(draw), 1, num_levels=MORRIS_LEVELS, seed=seed), np.float64)


def value_at(scenario: Scenario, factor: Factor, u: float) -> Any:
    """Return a factor's value at a place in [0, 1]."""
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

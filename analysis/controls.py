"""Control variates: the mean of an outcome over replications, freed of luck whose mean is known from cheap runs.

At release it is settled who creates: how gifted, and how much they make a head (the outcomes `creator_gift` and
`creator_items_per_head`). That is luck of the replication, it moves what comes after, and its mean is known closely
from many burn-ins, which cost a small part of a run. So what is linear in it can be taken off the outcome (Lavenberg &
Welch 1981, Management Science 27:322).

With slopes fitted to the same replications the adjusted mean has a bias of order 1/n. Here the slopes for a replication
come from the others alone (Avramidis & Wilson 1993, Operations Research 41:1080, take parts of the sample): they are
independent of what they multiply, so the adjusted mean is unbiased whatever the law.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from analysis.intervals import CONFIDENCE
from sim.base.clock import MONTH

if TYPE_CHECKING:
    from sim.settings import Settings
    from sim.simulation.results import RunResult

CONTROLS = ("creator_gift", "creator_items_per_head")  # outcomes whose values before release are control variates


@dataclass(frozen=True)
class Adjusted:
    """A mean over replications with control variates.

    Attributes
    ----------
    n : replications.
    mean, low, high : the adjusted arithmetic mean and its 95 % interval.
    plain : the mean as simulated.
    slopes : of the outcome in each control, mean over replications.
    variance_ratio : squared standard error of the plain mean over that of the adjusted one: how many times as many
        replications would have given the same interval. Below 1 where the controls tell nothing.
    """

    n: int
    mean: float
    low: float
    high: float
    plain: float
    slopes: tuple[float, ...]
    variance_ratio: float


def adjusted_mean(values: np.ndarray, controls: np.ndarray, known: np.ndarray) -> Adjusted:
    """Compute an outcome's mean over replications with what is linear in the controls taken off.

    Parameters
    ----------
    values : of the outcome, shape (n,), none null.
    controls : of the same replications, shape (n, k).
    known : the same controls of other replications, from which their means are known, shape (m, k).

    Raises
    ------
    ValueError : fewer than k + 3 replications, which leave no spread beside the slopes.
    """
    (n, k), m = controls.shape, len(known)
    if n < k + 3:
        raise ValueError(f"{n} replications are too few for {k} controls: take {k + 3} or more")
    centred = controls - known.mean(axis=0)
    slopes = np.array([_slopes(np.delete(values, i), np.delete(controls, i, axis=0)) for i in range(n)])
    adjusted = values - (slopes * centred).sum(axis=1)
    slope = slopes.mean(axis=0)
    of_means = float(slope @ np.atleast_2d(np.cov(known, rowvar=False)) @ slope) / m
    error = float(adjusted.var(ddof=1)) / n + of_means
    mean, half = float(adjusted.mean()), float(stdtrit(n - 1 - k, 0.5 + CONFIDENCE / 2)) * math.sqrt(error)
    plain = float(values.var(ddof=1)) / n
    return Adjusted(n, mean, mean - half, mean + half, float(values.mean()), tuple(slope.tolist()), plain / error)


def _slopes(values: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Least-squares slopes of values in controls, shape (k,); 0 for controls that do not vary."""
    found: np.ndarray = np.linalg.lstsq(controls - controls.mean(axis=0), values - values.mean(), rcond=None)[0]
    return found


def controls_before_release(runs: Sequence[RunResult]) -> np.ndarray:
    """Read each run's controls: means over the last four weeks before release, shape (runs, controls)."""
    last = [int(run.manifest["settings"]["time"]["burn_in_weeks"]) for run in runs]
    return np.array(
        [
            [run.outcomes[name].to_numpy(float)[max(0, end - MONTH) : end].mean() for name in CONTROLS]
            for run, end in zip(runs, last, strict=True)
        ]
    )


def known_controls(settings: Settings, seed: int, replications: Sequence[int]) -> np.ndarray:
    """Run burn-ins alone and measure their controls, shape (replications, controls).

    Take other replications than those whose outcomes are adjusted, such as those with the numbers that follow.
    """
    from sim.schedule import open_world, run_week

    rows = []
    for replication in replications:
        world = open_world(settings, seed, replication)
        end = settings.time.burn_in_weeks
        for _ in range(end):
            run_week(world, settings)
        world.crew.close()
        rows.append([world.memory.outcomes[name][max(0, end - MONTH) : end].mean() for name in CONTROLS])
    return np.array(rows)

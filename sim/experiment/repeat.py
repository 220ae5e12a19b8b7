"""Repeat what ran, from its manifest."""

from __future__ import annotations

import os
import warnings
from typing import Any

from sim.experiment.from_manifest import read_recorded
from sim.experiment.pairing import Comparison, run_arms
from sim.simulation.results import RunResult
from sim.simulation.simulate import Progress, check_counts, simulate


def repeat(
    path: str | os.PathLike[str],
    *,
    followers: Any = None,
    population: Any = None,
    threads: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RunResult | Comparison:
    """Run again what a manifest says, bit for bit: a whole experiment, or a single run.

    Settings are the manifest's own, so that no file of changes and no preset is needed; data are read from where they
    were, and must be the same bytes. A program other than that of the first time is warned of: numbers may differ.

    Parameters
    ----------
    path : the manifest of a run or of an experiment, or its directory.
    followers, population : in place of data that came from no file or have moved; they must be the same.
    threads : of the kernels in each run; any number gives the same result.
    workers : processes, for an experiment.
    progress : called with (weeks done, weeks in all).

    Raises
    ------
    InputError : the manifest is missing, damaged or not as it was written, or data are missing or have changed.
    """
    check_counts(seed=0, threads=threads)
    recorded = read_recorded(path, followers, population)
    if recorded.differs:
        warnings.warn(f"numbers may differ, since the program does: {recorded.differs}", stacklevel=2)
    if recorded.single:
        return simulate(recorded.cases[0], recorded.seed, recorded.replications[0], threads, progress)
    count = len(recorded.replications)
    return run_arms(recorded.cases, recorded.seed, count, threads=threads, workers=workers, progress=progress)

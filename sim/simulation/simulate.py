"""One run: step the model through its weeks, describe what ran."""

from __future__ import annotations

import datetime
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.base import source as sources
from sim.base.errors import InputError
from sim.base.source import ROOT
from sim.settings.added_levers import with_levers
from sim.settings.scenario import Scenario, compose
from sim.simulation.cases import Case, prepare
from sim.simulation.caveats import caveats_of, described, findings_of
from sim.simulation.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from sim.simulation.interrupts import uninterrupted
from sim.simulation.manifests import SCHEMA_VERSION
from sim.simulation.results import RunResult
from sim.world.state import collect, restore

PACKAGES = ("hydra-core", "mesa", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy")
SEEDS = range(2**32)
CHECKPOINT_WEEKS = 13  # between two checkpoints, unless said otherwise
MAX_THREADS, MAX_REPLICATIONS = 1_024, 10_000

Progress = Callable[[int, int], None]


def run(
    scenario: str | Scenario = "",
    *,
    seed: int = 0,
    replication: int = 0,
    overrides: Iterable[str] = (),
    config: str | Path | None = None,
    threads: int = 1,
    levers: str | Iterable[str] = (),
    followers: Any = None,
    population: Any = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = CHECKPOINT_WEEKS,
) -> RunResult:
    """Run a scenario once.

    Parameters
    ----------
    scenario : a preset's name (default: the one that `config` names, else `baseline`) or a composed scenario.
    seed, replication : key every draw; two scenarios with the same pair compare agent by agent.
    overrides, config : changes to the preset, as on the command line (see `sim.settings.scenario.compose`).
    threads : of the kernels; any number gives the same result.
    levers : policies to put in, as `NAME[:STRENGTH][@DATE]` (see `sim.settings.added_levers.with_levers`).
    followers, population : a user's own data: a path, or for followers a networkx graph.
    progress : called with (weeks done, weeks in all) after every week.
    checkpoint, checkpoint_every : a file in which the run leaves its state every so many weeks; where it exists, the
        run goes on from it. It stays when the run is done.

    Raises
    ------
    InputError : what is wrong with the scenario, the data or the checkpoint.
    """
    check_counts(seed=seed, threads=threads)
    kept = None if checkpoint is None else Checkpoint(Path(checkpoint), checkpoint_every)
    composed = scenario if isinstance(scenario, Scenario) else compose(scenario, overrides, config)
    case = prepare(with_levers(composed, levers), followers, population)
    return simulate(case, seed, replication, threads, progress, kept)


def check_counts(*, seed: int, threads: int = 1, replications: int = 1) -> None:
    """Refuse a seed, or a number of threads or replications, that is out of range."""
    if seed not in SEEDS:
        raise InputError("seed", seed, f"a whole number from 0 to {SEEDS[-1]}")
    for key, value, most in (("threads", threads, MAX_THREADS), ("replications", replications, MAX_REPLICATIONS)):
        if not isinstance(value, int) or not 1 <= value <= most:
            raise InputError(key, value, f"a whole number from 1 to {most:,}")


def simulate(
    case: Case,
    seed: int,
    replication: int,
    threads: int = 1,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
) -> RunResult:
    """Step a prepared case through its weeks; where a checkpoint was saved, go on from it."""
    from sim.measures.exhibits import exhibit_frames
    from sim.measures.recorder import outcome_frame
    from sim.schedule import open_world, run_week

    clock, settings = time.perf_counter(), case.scenario.settings
    manifest = describe_case(case, seed, replication)
    stored = checkpoint and read_checkpoint(checkpoint.path, manifest)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    manifest["started"] = stored.started if stored else now
    with uninterrupted():
        world = open_world(
            settings, seed, replication, threads=threads, followers=case.followers, population=case.population
        )
    if stored:
        restore(world, stored.state)
        clock -= stored.wall_s
    for week in range(world.now + 1, settings.time.weeks + 1):
        with uninterrupted():
            run_week(world, settings)
            if checkpoint and checkpoint.due(week):
                write_checkpoint(checkpoint.path, manifest, week, time.perf_counter() - clock, collect(world))
        if progress is not None:
            progress(week, settings.time.weeks)
    with uninterrupted():
        outcomes, exhibits = outcome_frame(world.memory, world.calendar.first_monday), exhibit_frames(world)
    world.crew.close()
    manifest |= {"wall_s": round(time.perf_counter() - clock, 3), "threads": threads}
    result = RunResult(outcomes, manifest, exhibits)
    manifest["warnings"] = described([*caveats_of([case]), *findings_of([case], {case.name: [result]})])
    return result


def describe_case(case: Case, seed: int, replication: int) -> dict[str, Any]:
    """Describe a run of a case for its manifest: identity, settings, sources, machine."""
    scenario = case.scenario
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id_of(scenario.hash, case.inputs, seed, replication),
        "scenario": case.name,
        "preset": scenario.name,
        "scenario_hash": scenario.hash,
        "overrides": list(scenario.overrides),
        "levers": list(scenario.levers),
        "seed": seed,
        "replication": replication,
        "weeks": scenario.settings.time.weeks,
        **environment(),
        "directory": os.getcwd(),
        "inputs": case.inputs,
        "data": case.data,
        "notices": case.notices,
        "label": scenario.label,
        "label_zh": scenario.label_zh,
        "description": scenario.description,
        "description_zh": scenario.description_zh,
        "settings": scenario.tree,
    }


def run_id_of(
    scenario_hash: str, inputs: Mapping[str, Mapping[str, str]], seed: int, replication: int, source: str = ""
) -> str:
    """Hash a run's identity: what is simulated, on which data, with which draws, by which source ("" for this one)."""
    identity = [scenario_hash, inputs, seed, replication, source or sources.source_hash()]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


@functools.cache
def environment() -> dict[str, Any]:
    """Return the versions of model, Python and packages, and the machine."""
    return {
        "model_version": _version("metavalue"),
        "source_hash": sources.source_hash(),
        "commit": _commit(),
        "python": sys.version.split()[0],
        "packages": {name: _version(name) for name in PACKAGES},
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
    }


def _version(name: str) -> str | None:
    """Return a package's version; None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the checkout's commit, marked `-dirty` where files differ from it; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return None
    try:
        said = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()

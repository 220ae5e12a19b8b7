"""Pairs of scenarios: the same seeds in both arms, so that differences are effects and not luck."""

from __future__ import annotations

import datetime
import hashlib
import os
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.base.errors import InputError
from sim.experiment.arms import compose_arms
from sim.experiment.engines import Job, cores, run_all
from sim.experiment.workplace import Workplace, held
from sim.settings.scenario import Scenario
from sim.simulation.cases import Case
from sim.simulation.caveats import caveats_of, described, findings_of
from sim.simulation.folders import one_name
from sim.simulation.manifests import content_of, read_manifest, write_manifest
from sim.simulation.results import RunResult, Savable, load_run
from sim.simulation.simulate import CHECKPOINT_WEEKS, Progress, check_counts, describe_case

OF_AN_ARM = (  # the arms of an experiment need not share these
    "preset", "overrides", "levers", "settings", "inputs", "label", "label_zh", "description", "description_zh",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Savable):
    """Runs of a scenario over replications, perhaps with those of a second arm that has the same random draws.

    Attributes
    ----------
    scenario, against : the arms' names: their scenarios', or, where both have the same, of the first what it adds too.
    arms : by name, its runs in order of replication; run k of both arms has the same draws.
    manifest : what ran, as for a run, with `against`, `replications` and `arms`.
    """

    scenario: str
    against: str | None
    arms: dict[str, list[RunResult]]
    manifest: dict[str, Any]

    def __repr__(self) -> str:
        """What ran, in one line; the rest lies in the attributes."""
        told = ", ".join(f"{arm}: {len(runs)} runs" for arm, runs in self.arms.items())
        return f"<Comparison of seed {self.manifest.get('seed')}, {told}>"

    def write(self, folder: Path) -> None:
        """Write the experiment's files into an existing directory: runs in `runs/<arm>/<replication>/`."""
        for arm, runs in self.arms.items():
            for run in runs:
                place = folder / "runs" / arm / str(run.manifest["replication"])
                place.mkdir(parents=True)
                run.write(place)
        write_manifest(folder, self.manifest, folder.glob("runs/*/*/manifest.json"))


def load(path: str | os.PathLike[str]) -> RunResult | Comparison:
    """Read what a run left: a whole experiment from its directory, a single run from one inside it.

    Raises
    ------
    InputError : there is neither in the directory, or its files are not as they were written.
    """
    return load_comparison(path) if "arms" in read_manifest(Path(path))[0] else load_run(path)


def load_comparison(path: str | os.PathLike[str]) -> Comparison:
    """Read an experiment from its directory.

    Raises
    ------
    InputError : there is none in the directory, or its files are not as they were written.
    """
    folder = Path(path)
    manifest, files = read_manifest(folder)
    if "arms" not in manifest:
        raise InputError(str(folder), "a single run", "the directory of a whole experiment, above runs/")
    file = str(folder / "manifest.json")
    count, names = manifest.get("replications"), manifest["arms"]
    if not isinstance(names, dict) or not names:
        raise InputError(f"{file}, arms", names, "arms by name")
    if not isinstance(count, int) or count < 1:
        raise InputError(f"{file}, replications", count, "a whole number from 1")
    for arm, key in ((manifest.get("scenario"), "scenario"), (manifest.get("against"), "against")):
        if arm not in names and (key, arm) != ("against", None):
            raise InputError(f"{file}, {key}", arm, "one of its arms")
    arms = {
        arm: [_load_one(folder, f"runs/{one_name(f'{file}, arms', arm)}/{k}", files) for k in range(count)]
        for arm in names
    }
    return Comparison(manifest["scenario"], manifest["against"], arms, manifest)


def _load_one(folder: Path, name: str, files: dict[str, str]) -> RunResult:
    """Read one run of an experiment, after checking that it is the run whose hash the experiment's manifest holds."""
    content_of(folder, f"{name}/manifest.json", files)
    return load_run(folder / name)


def compare(
    a: str | Scenario = "",
    b: str | Scenario | None = None,
    seed: int = 0,
    replications: int = 3,
    *,
    overrides: Iterable[str] = (),
    config: str | Path | None = None,
    levers: str | Iterable[str] = (),
    threads: int = 1,
    workers: int | None = None,
    followers: Any = None,
    population: Any = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = CHECKPOINT_WEEKS,
) -> Comparison:
    """Run a scenario, and another one with the same draws, over replications.

    Parameters
    ----------
    a, b : presets' names or composed scenarios; without `b` there is one arm.
    overrides, config, followers, population : for both arms, as in `sim.run`.
    levers : policies put into the first arm only, as `NAME[:STRENGTH][@DATE]`; so a policy meets its absence:
        `compare("baseline", "baseline", levers="labelling")`.
    threads : of the kernels in each run.
    workers : processes; by default as many as cores and runs allow.
    progress : called with (weeks done, weeks in all), over all runs.
    checkpoint, checkpoint_every : a directory in which each run leaves its state every so many weeks, and its result;
        called again with the same directory, it goes on from there. It stays when all is done.

    Raises
    ------
    InputError : what is wrong with the scenarios, the data or the checkpoints.
    """
    check_counts(seed=seed, threads=threads, replications=replications)
    place = None if checkpoint is None else Workplace(Path(checkpoint), checkpoint_every)
    cases = compose_arms(a, b, overrides, config, followers, population, levers)
    with nullcontext() if place is None else held(place):
        return run_arms(cases, seed, replications, threads=threads, workers=workers, progress=progress, place=place)


def run_arms(
    cases: list[Case],
    seed: int,
    replications: int,
    *,
    threads: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    place: Workplace | None = None,
    before: Comparison | None = None,
) -> Comparison:
    """Run prepared arms over replications. Runs of the arms alternate, so that all arms progress together.

    Parameters
    ----------
    progress : counts the weeks of the runs that are done now.
    place : where runs leave checkpoints and results, and from which those that have left some go on.
    before : the same experiment with fewer replications, which are taken over.

    Raises
    ------
    InputError : a checkpoint is damaged.
    """
    started, clock = datetime.datetime.now(datetime.UTC), time.perf_counter()
    numbers = range(before.manifest["replications"] if before else 0, replications)
    jobs = [Job(case, seed, replication, threads, place) for replication in numbers for case in cases]
    total = sum(job.case.scenario.settings.time.weeks for job in jobs)
    results: list[RunResult | None] = [None] * len(jobs)
    done = 0
    if place is not None:
        results = [place.finished(job.case, seed, job.replication) for job in jobs]
        done = sum(
            len(result.outcomes) if result else place.week(job.case, job.replication)
            for job, result in zip(jobs, results, strict=True)
        )
        if progress is not None and done:
            progress(done, total)

    def on_week() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    left = [job for job, result in zip(jobs, results, strict=True) if result is None]
    found = iter(run_all(left, workers or at_once(threads), on_week))
    whole = [next(found) if result is None else result for result in results]
    arms = {case.name: whole[k :: len(cases)] for k, case in enumerate(cases)}
    wall_s, began = round(time.perf_counter() - clock, 3), started.isoformat(timespec="seconds")
    if before is not None:
        arms = {name: before.arms[name] + runs for name, runs in arms.items()}
        wall_s, began = round(wall_s + before.manifest["wall_s"], 3), before.manifest["started"]
    manifest = _describe(cases, arms, seed, replications) | {"started": began, "wall_s": wall_s, "threads": threads}
    names = list(arms)
    return Comparison(names[0], names[1] if len(names) > 1 else None, arms, manifest)


def at_once(threads: int) -> int:
    """Return how many runs of so many threads this machine's cores can do side by side."""
    return max(1, cores() // threads)


def experiment_id(cases: list[Case], seed: int, replications: int) -> str:
    """Hash the ids of an experiment's runs, arm by arm."""
    ids = [describe_case(case, seed, replication)["run_id"] for case in cases for replication in range(replications)]
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]


def _describe(cases: list[Case], arms: dict[str, list[RunResult]], seed: int, replications: int) -> dict[str, Any]:
    """Describe an experiment for its manifest: what its runs share, and what belongs to each arm."""
    shared = describe_case(cases[0], seed, 0)
    for key in (*OF_AN_ARM, "replication"):
        del shared[key]
    return {
        **shared,
        "run_id": experiment_id(cases, seed, replications),
        "against": cases[1].name if len(cases) > 1 else None,
        "replications": replications,
        "overrides": list(cases[0].scenario.overrides),
        "inputs": cases[0].inputs,
        "warnings": described([*caveats_of(cases), *findings_of(cases, arms)]),
        "arms": {
            case.name: {
                "scenario_hash": case.scenario.hash,
                "run_ids": [run.manifest["run_id"] for run in arms[case.name]],
                **{key: describe_case(case, seed, 0)[key] for key in OF_AN_ARM},
            }
            for case in cases
        },
    }

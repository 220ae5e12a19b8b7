"""Tables of many runs that go on where they were stopped: a row of numbers per task, kept as soon as it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from analysis.durations import duration
from analysis.statistics import last_year
from sim.base.clock import MONTH
from sim.base.outcomes import OUTCOMES
from sim.experiment.engines import Inline, Local, dispatch, result_of
from sim.experiment.pairing import at_once
from sim.measures.recorder import outcome_frame
from sim.schedule import open_world, run_week
from sim.settings.scenario import Scenario
from sim.simulation.cases import Case, prepare
from sim.simulation.results import RunResult
from sim.simulation.simulate import run_id_of
from sim.world.world import World

Numbers = dict[str, float]
FOLDER = Path("outputs/studies")
CONTROLS = (
    "creator_gift",
    "creator_items_per_head",
)  # who creates: outcomes whose values at release are control variates
NAMES = tuple(outcome.name for outcome in OUTCOMES.values() if outcome.headline)
TOLD_EVERY = 15.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Task:
    """A piece of work that gives a row of numbers.

    Attributes
    ----------
    key : names the row; two tasks with the same key have the same numbers.
    labels : say what it is, such as its arm and replication.
    """

    key: str
    labels: Mapping[str, Any]
    work: Callable[..., Numbers]
    arguments: tuple[Any, ...]


def rows_of(tasks: Sequence[Task], workers: int | None, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Do the tasks that no study has done, and return the labels and numbers of all, in order.

    Every row is added to `outputs/studies/runs.jsonl` as its task ends, so that studies share what they have in common.

    Parameters
    ----------
    workers : processes; None for as many as there are cores.
    """
    path = FOLDER / "runs.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = _read(path)
    left = [task for task in tasks if task.key not in kept]
    tell(f"{len(tasks) - len(left)} of {len(tasks)} runs are there")
    if left:
        with path.open("a", encoding="utf-8") as file:
            if kept:
                file.write("\n")  # ends a line that was cut off
            for done, (task, numbers) in enumerate(_do(left, workers or at_once(1), tell), start=1):
                kept[task.key] = numbers
                file.write(json.dumps([task.key, numbers]) + "\n")
                file.flush()
                if done == len(left):
                    tell(f"{done} of {done} done")
    return [{**task.labels, **kept[task.key]} for task in tasks]


def _read(path: Path) -> dict[str, Numbers]:
    """Read the rows that are there by their keys; a last line that was cut off does not count."""
    rows: dict[str, Numbers] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                key, numbers = json.loads(line)
            except ValueError:  # cut off, or empty
                continue
            rows[key] = numbers
    return rows


def _do(tasks: list[Task], workers: int, tell: Callable[[str], None]) -> Iterator[tuple[Task, Numbers]]:
    """Do tasks in worker processes, or here where there is one; yield each with its numbers as it ends."""
    engine = Local(min(workers, len(tasks))) if workers > 1 and len(tasks) > 1 else Inline()
    clock = told = time.perf_counter()
    done = 0

    def tick() -> None:
        nonlocal told
        now = time.perf_counter()
        if now - told >= TOLD_EVERY and done:
            told = now
            tell(f"{done} of {len(tasks)} done, about {duration((now - clock) / done * (len(tasks) - done))} left")

    calls = ((number, task.work, task.arguments) for number, task in enumerate(tasks))
    try:
        # the first goes alone: it compiles the kernels, so that the others only load them
        for some in (islice(calls, 1), calls):
            for (number, *_), future in dispatch(engine, some, _call, tick):
                numbers = result_of(future)
                done += 1
                yield tasks[number], numbers
    except BaseException:
        engine.close(now=True)
        raise
    engine.close()


def _call(_: int, work: Callable[..., Numbers], arguments: tuple[Any, ...]) -> Numbers:
    """Do a task in a worker."""
    return work(*arguments)


def run_task(scenario: Scenario, seed: int, replication: int, luck: int = 0, **labels: Any) -> Task:
    """Make the task of one whole run, whose numbers are those of `levels_of_run`."""
    case = prepare(scenario)
    key = key_of_run(case, seed, replication, f"run {luck}")
    return Task(key, {**labels, "replication": replication}, levels_of_run, (case, seed, replication, luck))


def key_of_run(case: Case, seed: int, replication: int, what: str) -> str:
    """Name what is measured of a run, by the run's settings, draws and source."""
    return f"{run_id_of(case.scenario.hash, case.inputs, seed, replication)} {what}"


def levels_of_run(case: Case, seed: int, replication: int, luck: int = 0) -> Numbers:
    """Run a case to its end.

    Parameters
    ----------
    luck : of all that happens after the set-up (see `World.fork`).

    Returns
    -------
    dict
        Each headline outcome's mean of the last year, the control variates, and `cpu_s`, the processor's seconds.
    """
    start = time.process_time()
    world = open_world(case.scenario.settings, seed, replication)
    if luck:
        world = world.fork(luck)
    live(world, case.scenario.settings.time.weeks)
    return levels_at_end(world, case) | {"cpu_s": time.process_time() - start}


def live(world: World, until: int) -> None:
    """Run a world through its weeks until so many are done."""
    while world.now < min(until, world.settings.time.weeks):
        run_week(world, world.settings)


def levels_at_end(world: World, case: Case) -> Numbers:
    """Average each headline outcome over the last year of a world whose weeks are over; read its control variates."""
    frame = outcome_frame(world.memory, world.calendar.first_monday)
    result = RunResult(frame, {"settings": case.scenario.tree}, {})
    world.crew.close()
    released = world.settings.time.burn_in_weeks
    month = frame[max(0, released - MONTH) : released]
    return {name: last_year(result, name) for name in NAMES} | {name: float(month[name].mean()) for name in CONTROLS}


def column(rows: Sequence[Mapping[str, Any]], name: str, **labels: Any) -> np.ndarray:
    """Return a column of the rows that have these labels, shape (rows,); null where a run has no value."""
    return np.array([row[name] for row in rows if all(row[key] == value for key, value in labels.items())], float)

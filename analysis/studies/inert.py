"""A study that lists which parameters move no headline outcome, each with the reason why it stays (`screening`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from analysis.studies.levers import EAGER
from analysis.studies.markdown import number, table
from analysis.studies.record import Record, made_by
from analysis.studies.screening import Change, Factor, Levels, ends_of, floor_of, screen
from analysis.studies.study import Study, show_line
from analysis.studies.table import NAMES, Task, column, rows_of, run_task
from sim.settings import registry
from sim.settings.scenario import Scenario, compose, read_yaml, with_values

REASONS = Path(__file__).with_name("inert.yaml")
LUCKS = 4  # other lucks of the defaults, from which the noise floor is measured
AREAS = {  # by the name of an area, the settings that belong to it
    "attention": ("attention.",),
    "culture": ("culture.",),
    "feeds": ("pools.", "strategy.", *(f"platforms.*.{name}" for name in (
        "followed", "friends", "interest", "trending", "exploration", "query", "theta", "freshness", "quality_weight",
        "depth_bias", "shows_counts", "moderation", "detection",
    ))),
    "farms": ("farms.",),
}  # fmt: skip
# Settings that say which law holds, how precisely it is worked out or what a platform is, rather than how much
NOT_TRIED = ("attention.recall",)


def factors_of(scenario: Scenario) -> list[Factor]:
    """List the parameters of all areas with the ends of their ranges, those of platforms for all platforms at once."""
    starts, found = tuple(start for area in AREAS.values() for start in area), []
    for parameter in registry().values():
        ends = ends_of(parameter)
        if ends is None or parameter.path in NOT_TRIED or not parameter.path.startswith(starts):
            continue
        places = list(scenario.settings.platforms) if "*" in parameter.path else [""]
        paths = tuple(parameter.path.replace("*", place) for place in places)
        found.append(Factor(parameter.path, paths, *ends))
    return found


def measure(study: Study) -> Record:
    """Screen the parameters of all areas in a world where AI works alone from release and soon pays."""
    base = compose("baseline", (f"world={study.world}", *EAGER, *study.overrides))

    def tasks_of(scenario: Scenario, luck: int = 0) -> list[Task]:
        return [run_task(scenario, study.seed, k, luck) for k in range(study.replications)]

    def levels(tasks: list[Task]) -> list[Levels]:
        rows = rows_of(tasks, study.workers, show_line)
        table_of = np.stack([column(rows, outcome) for outcome in NAMES], axis=1)
        return list(table_of.reshape(-1, study.replications, len(NAMES)))

    def run(settings: Sequence[Mapping[str, Any]]) -> list[Levels]:
        return levels([task for values in settings for task in tasks_of(with_values(base, values))])

    usual, *others = levels([task for luck in range(LUCKS + 1) for task in tasks_of(base, luck)])
    floor, factors = floor_of(usual, others), factors_of(base)
    found = screen(factors, run, usual, floor, study.seed)
    inert = dict(found.inert())
    return {
        "tried": {factor.path: [factor.low, factor.high] for factor in factors},
        "floor": {name: {"sd": floor.unit[k], "threshold": floor.threshold[k]} for k, name in enumerate(NAMES)},
        "groups": [{"members": list(paths), **_change(change)} for paths, change in found.groups],
        "members": {path: _change(change) for path, change in found.members.items()},
        "inert": {path: _change(change) for path, change in inert.items()},
    }


def _change(change: Change) -> Record:
    """Keep a change with the outcome's name."""
    return {**asdict(change), "outcome": NAMES[change.outcome]}


def reasons() -> dict[str, str]:
    """Read why each parameter that moves nothing stays."""
    found = read_yaml(REASONS.read_text(encoding="utf-8"))
    return {str(path): str(reason) for path, reason in (found or {}).items()}


def tell(record: Record) -> dict[str, str]:
    """Write what moves nothing with its reason, and the strongest effect of each of the others."""
    why, tried = reasons(), record["tried"]
    head = ("parameter", "tried between", "largest change, of the noise floor", "in", "reason")
    rows = [
        (
            f"`{path}`",
            f"{tried[path][0]} and {tried[path][1]}",
            "none in any digit" if change["same"] else number(change["times"]),
            "–" if change["same"] else f"`{change['outcome']}`",
            why.get(path, "–"),
        )
        for path, change in record["inert"].items()
    ]
    moving = {path: change for path, change in record["members"].items() if path not in record["inert"]}
    others = [
        (f"`{path}`", f"`{change['outcome']}`", "only at one end" if change["units"] is None else
         number(change["units"], "+"), number(change["times"]))
        for path, change in moving.items()
    ]  # fmt: skip
    told = f"{len(tried)} parameters tried, {len(rows)} of them move no headline outcome."
    other_head = ("parameter", "moves most", "by, in sd over seeds", "of the noise floor")
    return {
        "inert": f"{made_by(record)}\n\n{told}\n\n{table(head, rows)}",
        "moving": f"{made_by(record)}\n\n{table(other_head, others)}",
        "floor": f"{made_by(record)}\n\n{_floor(record)}",
    }


def _floor(record: Record) -> str:
    """Write the noise floor of each outcome."""
    rows = [(f"`{name}`", number(found["sd"]), number(found["threshold"])) for name, found in record["floor"].items()]
    return table(("outcome", "sd over seeds", "smallest mean change that counts"), rows)

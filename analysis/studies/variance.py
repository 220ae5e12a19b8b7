"""A variance ledger: which part of each headline outcome's variance comes from where.

Draws of the parameters from their priors, worlds under each, futures of each world from release on: a nested design,
whose variance components are those of an analysis of variance. A world is everything up to release; its futures are
forks with other luck. Beside it stand worlds and their futures at the defaults. What size adds comes from the study of
sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.studies.components import between, nested_components
from analysis.studies.markdown import band, number, table
from analysis.studies.priors import sample_priors
from analysis.studies.record import Record, made_by, read_record
from analysis.studies.study import HEADLINES, Study, show_line
from analysis.studies.table import NAMES, Numbers, Task, key_of_run, levels_at_end, live, rows_of
from sim.base.errors import InputError
from sim.schedule import open_world
from sim.settings.scenario import compose, with_values
from sim.simulation.cases import Case, prepare

WORLDS, FUTURES = 2, 2  # under each draw of the parameters, and of each world
SOURCES = ("parameters", "initial world", "later luck")


def measure(study: Study) -> Record:
    """Run the nested design over the priors, and worlds with their futures at the defaults; split the variances."""
    base, draws = compose("baseline", study.texts()), sample_priors(study.replications, study.seed)
    tasks = []
    for draw, values in draws.iterrows():
        case = prepare(with_values(base, dict(values)))
        tasks += [_world(case, study.seed, int(draw) * WORLDS + j, "priors") for j in range(WORLDS)]  # type: ignore[call-overload]
    case = prepare(base)
    tasks += [_world(case, study.seed, k, "defaults") for k in range(study.replications)]
    rows = rows_of(tasks, study.workers, show_line)
    found = {name: _outcome(rows, name, study.replications) for name in NAMES}
    return {"worlds": WORLDS, "futures": FUTURES, "outcomes": {k: v for k, v in found.items() if v}}


def _world(case: Case, seed: int, replication: int, where: str) -> Task:
    """Make the task of a world and its futures."""
    key = key_of_run(case, seed, replication, f"{FUTURES} futures")
    return Task(key, {"where": where}, futures_of_world, (case, seed, replication, FUTURES))


def futures_of_world(case: Case, seed: int, replication: int, futures: int) -> Numbers:
    """Run a world to release, then each of its futures, the first with its own luck.

    Returns
    -------
    dict
        Levels, as `OUTCOME K` of future K.
    """
    settings = case.scenario.settings
    world = open_world(settings, seed, replication)
    live(world, settings.time.burn_in_weeks)
    found: Numbers = {}
    for k in range(futures):
        future = world.fork(luck=k)
        live(future, settings.time.weeks)
        found |= {f"{name} {k}": value for name, value in levels_at_end(future, case).items()}
    return found


def _outcome(rows: Sequence[Mapping[str, Any]], name: str, draws: int) -> Record:
    """Split an outcome's variance; draws and worlds in which it is null somewhere are left out."""
    values = np.array([[row[f"{name} {k}"] for k in range(FUTURES)] for row in rows], float)
    nested, at_defaults = values[: draws * WORLDS].reshape(draws, WORLDS, FUTURES), values[draws * WORLDS :]
    nested = nested[~np.isnan(nested).any(axis=(1, 2))]
    at_defaults = at_defaults[~np.isnan(at_defaults).any(axis=1)]
    if min(len(nested), len(at_defaults)) < 2:
        return {}
    return {
        "priors": _ledger(nested, SOURCES),
        "defaults": _ledger(at_defaults, SOURCES[1:]),
    }


def _ledger(values: np.ndarray, sources: tuple[str, ...]) -> Record:
    """Keep how many were drawn, their mean, and each source's part."""
    parts = nested_components(values, sources)
    return {"draws": len(values), "mean": float(values.mean()), "sources": [asdict(part) for part in parts]}


def size_variances() -> dict[str, float]:
    """Return what size adds to each outcome's variance, from the record of the study of sizes; empty without one."""
    try:
        record = read_record("sizes", "standard")
    except InputError:
        return {}
    found = {}
    for name in record["levels"][str(record["people"][0])]:
        levels = [record["levels"][str(n)][name] for n in record["people"]]
        means, errors = (np.array([f(level) for level in levels]) for f in (_mean, _error))
        found[name] = between(means, errors)
    return found


def _mean(level: Mapping[str, float]) -> float:
    """Return a level's mean."""
    return level["mean"]


def _error(level: Mapping[str, float]) -> float:
    """Return the standard error of a level's mean."""
    return level["sd"] / float(np.sqrt(level["n"]))


def tell(record: Record) -> dict[str, str]:
    """Write the ledger: each source's part of the variance over the priors, and its sd at the defaults."""
    head = ("", "outcome", "mean", "sd", *(f"{source}, % [95 %]" for source in SOURCES),
            "sd at the defaults from the initial world", "from later luck", "between sizes")  # fmt: skip
    sizes, rows = size_variances(), []
    for outcome in HEADLINES:
        found = record["outcomes"].get(outcome.name)
        if not found:
            continue
        priors, defaults = found["priors"], found["defaults"]
        total = sum(part["variance"] for part in priors["sources"])
        if total <= 0.0:
            continue  # it is the same in all runs
        rows.append(
            (
                outcome.prediction,
                f"`{outcome.name}`",
                number(priors["mean"]),
                number(_root(total)),
                *(_part(part) for part in priors["sources"]),
                *(_sd(part) for part in defaults["sources"]),
                number(_root(sizes[outcome.name])) if outcome.name in sizes else "–",
            )
        )
    return {"variance": f"{made_by(record)}\n\n{table(head, rows)}"}


def _part(part: Mapping[str, Any]) -> str:
    """Write a source's part in per cent, with its interval."""
    return f"{100 * part['part']:.0f} [{100 * part['part_low']:.0f}, {100 * part['part_high']:.0f}]"


def _sd(part: Mapping[str, Any]) -> str:
    """Write the sd that a source alone would make, with its interval."""
    return f"{number(_root(part['variance']))} {band(_root(part['low']), _root(part['high']))}"


def _root(variance: float) -> float:
    """Square root of a variance; 0 of an estimate below 0."""
    return float(np.sqrt(max(variance, 0.0)))

"""Writing a plan down: every point and run in the registry, and the plan as a person reads it."""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.experiment.plan import Plan
from sim.experiment.registry import VERSION, facts_of, note
from sim.settings.scenario import hash_of
from sim.simulation.simulate import run_id_of


def enter_plan(registry: sqlite3.Connection, plan: Plan, source: str) -> None:
    """Write every point and run of a plan into the registry, in place of those there; finished runs stay as they are.

    Parameters
    ----------
    source : hash of the model that the runs are of.
    """
    key = _enter_facts(registry, plan, {"source": source, "enlisted": _now()})
    ids = {arm: _Identities(plan, arm, source) for arm in plan.arms}
    calendars = {arm: _Calendars(plan, arm) for arm in plan.arms}
    number = 0
    for k, point in enumerate(plan.each_point()):
        registry.execute("insert into points values (?, ?)", (k, json.dumps(point)))
        for arm in plan.arms:
            values = plan.values_of(arm, point)
            for replication in range(plan.replications):
                run_id = ids[arm](values, plan.draws(k, replication))
                _enter_run(registry, key, number, (k, arm, replication, run_id, *calendars[arm](point)))
                number += 1


def enter_listing(registry: sqlite3.Connection, plan: Plan, facts: Mapping[str, Any], listing: pd.DataFrame) -> None:
    """Write points and runs into the registry as they are in another list (`Reader.runs`)."""
    key = _enter_facts(registry, plan, {name: facts[name] for name in ("source", "enlisted")})
    paths = [factor.path for factor in plan.factors]
    first = listing.drop_duplicates("point")
    factors = first[paths].to_numpy(object).tolist() if paths else [[]] * len(first)
    registry.executemany(
        "insert into points values (?, ?)",
        (
            (int(k), json.dumps(dict(zip(paths, row, strict=True)), default=_plain))
            for k, row in zip(first["point"], factors, strict=True)
        ),
    )
    columns = ["point", "arm", "replication", "run_id", "start", "burn_in"]
    for number, (k, arm, replication, run_id, start, burn_in) in enumerate(
        listing[columns].itertuples(index=False, name=None)
    ):
        row = (int(k), str(arm), int(replication), str(run_id), str(start), int(burn_in))
        _enter_run(registry, key, number, row)


def facts_of_plan(registry: sqlite3.Connection) -> dict[str, Any]:
    """Return what a shard or a list of runs says about its sweep."""
    facts = facts_of(registry)
    plan, source = facts["plan"], facts.get("source", "")
    return {
        "version": VERSION, "plan": plan, "plan_id": _key_of(plan, source), "source": source,
        "enlisted": facts.get("enlisted", ""), "part": facts.get("part", "1/1"),
    }  # fmt: skip


def _enter_facts(registry: sqlite3.Connection, plan: Plan, facts: Mapping[str, Any]) -> str:
    """Write a plan into the registry, delete the runs and points of the one before, and return the plan's key."""
    tree = json.dumps(plan.to_tree())
    key = _key_of(tree, facts["source"])
    note(registry, {**facts, "plan": tree})
    registry.execute("insert or ignore into plans values (?, ?, ?)", (key, facts["source"], tree))
    registry.execute("delete from runs")
    registry.execute("delete from points")
    return key


def _enter_run(registry: sqlite3.Connection, key: str, number: int, row: tuple[int, str, int, str, str, int]) -> None:
    """Write a run (point, arm, replication, id, start, burn-in) into the registry, and a job that does it."""
    registry.execute("insert into runs values (?, ?, ?, ?, ?, ?)", row)
    registry.execute("insert or ignore into jobs (run_id, number, plan) values (?, ?, ?)", (row[3], number, key))


def _key_of(tree: str, source: str) -> str:
    """Hash a plan and the model's source."""
    return hashlib.sha256(f"{source} {tree}".encode()).hexdigest()[:12]


def _now() -> str:
    """Return the present time in UTC as an ISO text."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")


def _plain(value: Any) -> Any:
    """Turn a NumPy number into a Python number, for JSON."""
    return value.item()


class _Identities:
    """Computes the ids of an arm's runs, without building their settings.

    It sets values in the arm's tree of settings and hashes the tree.
    """

    def __init__(self, plan: Plan, arm: str, source: str) -> None:
        """Take the parts of a run's identity that all runs of the arm share."""
        case = plan.cases[arm]
        self.seed, self.inputs, self.tree, self.source = plan.seed, case.inputs, case.scenario.tree, source

    def __call__(self, values: Mapping[str, Any], draws: int) -> str:
        """Return the id of the run with these values of parameters, by path, and these random draws (`Plan.draws`).

        Values stay in the tree, so that every call must set the same parameters.
        """
        for path, value in values.items():
            *groups, name = path.split(".")
            node = self.tree
            for group in groups:
                node = node[group]
            node[name] = value
        return run_id_of(hash_of(self.tree), self.inputs, self.seed, draws, self.source)


class _Calendars:
    """Computes first day and burn-in of an arm's runs, once for each combination of times."""

    def __init__(self, plan: Plan, arm: str) -> None:
        """Note which factors change the calendar."""
        self.plan, self.arm = plan, arm
        self.paths = [path for factor in plan.factors for path in factor.paths if path.startswith("time.")]
        self.known: dict[tuple[Any, ...], tuple[str, int]] = {}

    def __call__(self, point: Mapping[str, Any]) -> tuple[str, int]:
        """Return the first day (ISO date) and the burn-in (weeks) of runs at a point."""
        key = tuple(point[path] for path in self.paths)
        if key not in self.known:
            calendar = self.plan.calendar_of(self.arm, point)
            self.known[key] = calendar.start.isoformat(), calendar.burn_in
        return self.known[key]

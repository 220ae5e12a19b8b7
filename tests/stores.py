"""Sweeps whose runs take no time, and readers of their stores, for tests of what a store keeps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.experiment import registry, runner, shards
from sim.experiment.engines import Inline
from sim.experiment.plan import Plan
from sim.experiment.registration import facts_of_plan
from sim.experiment.runner import Limits, run_sweep
from sim.experiment.shards import Finished
from sim.experiment.store import Store, Todo, open_store
from sim.experiment.sweep_file import build_plan

ROOT = Path(__file__).parents[1]
FREE = Limits(1e6, 1e6)
SHORT = ["world=tiny", "time.weeks=3", "time.burn_in_weeks=2"]


def small(**keys: Any) -> Plan:
    tree = {"name": "small", "base": "baseline", "overrides": SHORT, "uncertainties": ["trust.rate"], "samples": 12,
            "outcomes": ["trust_mean", "items_new"]}  # fmt: skip
    return build_plan(tree | keys)


def made_up(work: Any, run: Todo) -> Finished:
    """A run's outcomes, drawn from its id: 3 weeks, or one value."""
    values = np.random.default_rng(int(run.run_id, 16)).random((3 if work.weekly else 1, len(work.outcomes)))
    return Finished(run.run_id, 0.5, values.astype(np.float32))


def quicken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have runs take no time and each kept before the next; returns the ids of those that are asked for."""
    asked: list[str] = []
    monkeypatch.setattr(runner, "do_run", lambda work, run: asked.append(run.run_id) or made_up(work, run))
    monkeypatch.setattr(runner, "BATCH_SECONDS", 0.0)  # one run in a batch
    monkeypatch.setattr(runner, "FLUSH_SECONDS", -1.0)
    return asked


def done(place: Path, plan: Plan, engine: Any = None, **more: Any) -> Store:
    """A store with a plan's runs done."""
    store = Store.create(place, plan)
    run_sweep(store, engine or Inline(), limits=FREE, **more)
    return store


def every_row(store: Store) -> dict[str, Any]:
    """All that a store says, as plain values."""
    rows = store.read().astype({"run_id": str}).sort_values(["run_id", "week"], ignore_index=True)
    status = store.status() | {"wall_s": 0}
    return {"runs": store.runs().to_csv(), "rows": rows.to_csv(), "status": status}


def shards_apart(store: Store) -> list[str]:
    """Put every run of a store into a shard of its own, as a driver that was killed leaves them."""
    ids = [str(run_id) for run_id in store.runs()["run_id"]]
    with registry.writing(store.folder) as connection:
        ((name, digest),) = connection.execute("select name, sha256 from shards").fetchall()
        table = shards.read(store.folder, name, digest)
        facts = facts_of_plan(connection)
        names = []
        for run_id in ids:
            shard = store._enter(connection, shards.shard_of(shards.only(table, [run_id]), facts))
            connection.execute("update jobs set shard = ? where run_id = ?", (shard.name, run_id))
            names.append(shard.name)
        connection.execute("delete from shards where name = ?", (name,))
    store.export()
    (store.folder / "shards" / name).unlink()
    return names


def by_duckdb(place: Path) -> pd.DataFrame:
    """What the documented query gives, asked of a store."""
    duckdb = pytest.importorskip("duckdb")
    (query,) = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8"), re.DOTALL)
    query = query.replace("outputs/sweeps/first_look", str(place)).replace("v.ai_attention_share", "v.trust_mean")
    return duckdb.sql(query.replace("avg(", "count(*) as rows, avg(")).df()


def by_listed_files(place: Path) -> pd.DataFrame:
    """What the documented R gives: all rows of the listed files, joined to the runs."""
    runs = pd.read_parquet(place / "runs.parquet")
    files = runs["shard"].dropna().unique()
    rows = pd.concat([pd.read_parquet(place / "shards" / name) for name in files])
    return rows.astype({"run_id": str}).merge(runs, on="run_id")


def check_once(place: Path, runs: int, weeks: int = 3) -> None:
    """Fail where any reader counts a row twice, or misses one."""
    frame = open_store(place).read()
    assert len(frame) == runs * weeks and not frame.duplicated(["run_id", "week"]).any()
    assert len(by_listed_files(place)) == runs * weeks
    asked = by_duckdb(place)
    assert asked["rows"].tolist() == [runs] * weeks
    assert np.allclose(asked["share"], frame.groupby("week")["trust_mean"].mean(), rtol=1e-6)

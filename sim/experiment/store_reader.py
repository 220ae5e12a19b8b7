"""Reading a sweep's store: how far it is, its runs, and their outcomes; all of it from the store alone."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sim.base import source as sources
from sim.base.errors import InputError
from sim.experiment import registry as registries
from sim.experiment import shards
from sim.experiment.plan import Plan
from sim.experiment.sweep_file import FILES

DONE, FAILED = "done", "failed"
ALIVE = ".alive.lock"  # held by a driver at work; who only looks tries this one, never the one that makes it a driver
TRIES = 5  # to read shards that a driver joins meanwhile
READERS = 4  # threads: hashing and decoding leave Python's lock
# what may hide earlier runs, in the order in which it is reported
NUMBERS = ("seed", "samples", "replications")
OTHERS = ("overrides", "factors", "design", "rows")


class Reader:
    """A sweep's directory, open for reading."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan

    @contextmanager
    def _look(self) -> Iterator[sqlite3.Connection]:
        """Open a consistent view of the registry."""
        with registries.reading(self.folder) as registry:
            yield registry

    def is_driven(self) -> bool:
        """Whether a driver works on the store now."""
        from filelock import FileLock, Timeout

        if not os.path.exists(self.folder / ALIVE):
            return False
        try:
            with FileLock(self.folder / ALIVE, timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a place that cannot be written has no driver
            return False

    def status(self) -> dict[str, Any]:
        """Count the runs that are `planned`, `done`, `failed` and `running`, and estimate the time left.

        `wall_s` and `eta_s` are seconds so far and left, None if unknown.
        """
        with self._look() as registry:
            counts = dict(
                registry.execute(
                    "select status, count(*) from jobs where run_id in (select run_id from runs) group by status"
                )
            )
            facts = registries.facts_of(registry)
        driven = self.is_driven()
        done, failed = counts.get(DONE, 0), counts.get(FAILED, 0)
        planned = sum(counts.values())
        wall = float(facts.get("wall_s", 0.0))
        rate = float(facts.get("rate", 0.0))
        left = planned - done - failed
        return {
            "planned": planned,
            "done": done,
            "failed": failed,
            "running": int(facts.get("running", 0)) if driven else 0,
            "wall_s": round(wall, 1),
            "eta_s": 0.0 if not left else round(left / rate, 1) if driven and rate > 0 else None,
        }

    @property
    def part(self) -> tuple[int, int]:
        """Which share of the runs this store does: (i, N) for the i-th of every N."""
        with self._look() as registry:
            i, _, n = registries.facts_of(registry).get("part", "1/1").partition("/")
        return int(i), int(n)

    def is_share_done(self) -> bool:
        """Whether a store that does a share of the runs has done all of it, though runs of other shares are left."""
        i, n = self.part
        query = (
            "select count(*) from jobs where status = 'planned' and run_id in (select run_id from runs) "
            "and number % ? = ?"
        )
        with self._look() as registry:
            return n > 1 and registry.execute(query, (n, i - 1)).fetchone() == (0,)

    def failures(self, most: int = 5) -> list[tuple[str, str]]:
        """List run ids and tracebacks of the first failed runs."""
        with self._look() as registry:
            return registry.execute(
                "select run_id, error from jobs where status = 'failed' and run_id in (select run_id from runs) "
                "order by number limit ?",
                (most,),
            ).fetchall()

    def uncounted(self) -> list[str]:
        """Say which finished runs do not count now, and why, in a line for each reason.

        A further line says so where `resume` would run all of them again.

        Another source, seed, plan or data make other runs; those that are there stay, and count again with what they
        were made by.
        """
        with self._look() as registry:
            facts = registries.facts_of(registry)
            groups = registry.execute(
                "select p.source, p.tree, count(*) from jobs j join plans p on p.plan = j.plan where j.status = 'done' "
                "and j.run_id not in (select run_id from runs) group by j.plan"
            ).fetchall()
        counts: dict[str, int] = {}
        now = self.plan.to_tree()
        for made_by, tree, count in groups:
            reason = _reason(made_by, json.loads(tree), facts.get("source", ""), now)
            counts[reason] = counts.get(reason, 0) + count
        lines = [f"{reason}: {n:,} finished run{'s' * (n > 1)} not counted" for reason, n in counts.items()]
        ours = sources.source_hash()
        if facts.get("source", ours) != ours:
            lines.append(
                f"the model's source has changed since these runs (hash {facts['source'][:12]}, now {ours[:12]}): they "
                "stay readable, and `metavalue sweep resume` runs all of them anew"
            )
        edited = self._edited(facts)
        if edited:
            name = self.folder / edited[0]
            lines.append(f"{name} was edited, which does not count yet: {how_to_take_edits(self.folder)}")
        return lines

    def _edited(self, facts: Mapping[str, str]) -> list[str]:
        """List the files of the plan that somebody has changed since they were written."""
        changed = []
        for name in FILES:
            try:
                content = (self.folder / name).read_bytes()
            except OSError:
                continue
            if name in facts and hashlib.sha256(content).hexdigest() not in facts[name].split():
                changed.append(name)
        return changed

    def runs(self) -> pd.DataFrame:
        """List runs: `run_id, arm, point, replication, seed, draws, status, wall_s, start, burn_in`, then the factors.

        `seed` and `draws` are what `sim.run` calls seed and replication; `start` is the Monday of the run's first week,
        and `burn_in` the weeks before its release. Runs that are the same, such as the counterfactual of several
        settings of levers, share an id.
        """
        return self._listing().drop(columns="shard")

    def _listing(self) -> pd.DataFrame:
        """List runs as `runs` does, with the shard that holds each."""
        columns = ["run_id", "arm", "point", "replication", "status", "wall_s", "start", "burn_in", "shard"]
        with self._look() as registry:
            frame = pd.DataFrame(
                registry.execute(
                    "select r.run_id, r.arm, r.point, r.replication, j.status, j.wall_s, r.start, r.burn_in, j.shard "
                    "from runs r join jobs j on j.run_id = r.run_id order by r.point, r.arm != ?, r.replication",
                    (self.plan.scenario,),
                ).fetchall(),
                columns=columns,
            )
            points = registry.execute("select factors from points order by point").fetchall()
        frame["wall_s"] = frame["wall_s"].astype(float)
        frame.insert(4, "seed", self.plan.seed)
        pairs = zip(frame["point"], frame["replication"], strict=True)
        frame.insert(5, "draws", [self.plan.draws(int(point), int(replication)) for point, replication in pairs])
        values = [json.loads(factors) for (factors,) in points]
        for factor in self.plan.factors:
            column = pd.Series([value[factor.path] for value in values])
            frame[factor.path] = column.to_numpy()[frame["point"].to_numpy(int)]
        return frame

    def read(self, outcomes: Sequence[str] | None = None, weeks: tuple[int, int] | None = None) -> pd.DataFrame:
        """Read the outcomes of all finished runs.

        Parameters
        ----------
        outcomes : those to read; all by default.
        weeks : first and last week to read, both included.

        Returns
        -------
        DataFrame
            `run_id`, and for weekly sweeps `week` and `date` (Monday, by the run's own start), then outcomes in their
            units, float32.

        Raises
        ------
        InputError : an outcome that was not kept.
        StoreError : a shard is damaged or missing; `sweep resume` runs its runs again.
        """
        for name in outcomes or ():
            if name not in self.plan.outcomes:
                raise InputError("outcomes", name, f"outcomes that were kept: {', '.join(self.plan.outcomes)}")
        weekly = self.plan.resolution == "weekly"
        names = list(self.plan.outcomes if outcomes is None else outcomes)
        table, starts = self._read_registered(["run_id", *(["week"] if weekly else []), *names])
        if weeks is not None and weekly:
            week = table["week"]
            table = table.filter(pc.and_(pc.greater_equal(week, weeks[0]), pc.less_equal(week, weeks[1])))
        frame: pd.DataFrame = table.to_pandas()
        if weekly:
            ids = frame["run_id"].cat
            mondays = np.array([starts[run_id] for run_id in ids.categories], "datetime64[s]")
            own = mondays[ids.codes.to_numpy()] if len(frame) else mondays[:0]
            frame.insert(2, "date", own + frame["week"].to_numpy().astype("timedelta64[W]"))
        return frame

    def _read_registered(self, columns: Sequence[str]) -> tuple[pa.Table, dict[str, str]]:
        """Read the rows of every finished run, and the first day of each run.

        Rows are read from the shard in which their run is registered.
        """
        for attempt in range(TRIES):
            with self._look() as registry:
                found = registry.execute(
                    "select j.shard, s.sha256, j.run_id, min(r.start) from jobs j join runs r on r.run_id = j.run_id "
                    "left join shards s on s.name = j.shard where j.status = 'done' group by j.run_id"
                ).fetchall()
            ids: dict[tuple[str, str], list[str]] = {}
            for shard, digest, run_id, _ in found:
                ids.setdefault((shard, digest or ""), []).append(run_id)

            def rows(item: tuple[tuple[str, str], list[str]]) -> pa.Table:
                (name, digest), wanted = item
                return shards.only(shards.read(self.folder, name, digest, columns), wanted)

            try:
                with ThreadPoolExecutor(READERS) as pool:
                    tables = list(pool.map(rows, sorted(ids.items())))
            except FileNotFoundError as error:  # a driver may have joined it to others since the look
                if attempt + 1 == TRIES:
                    raise shards.damaged(Path(error.filename), "no such file") from None
                continue
            starts = {run_id: start for *_, run_id, start in found}
            return pa.concat_tables(tables).unify_dictionaries() if tables else shards.empty(columns), starts
        raise AssertionError  # never: the last attempt returns or raises


def how_to_take_edits(folder: Path) -> str:
    """Say what to do about an edited plan."""
    return f"`metavalue sweep run {folder / FILES[0]} --out {folder}` takes the edit; the plan returns if it is deleted"


def _reason(made_by: str, then: Mapping[str, Any], source_now: str, now: Mapping[str, Any]) -> str:
    """Say why finished runs of an earlier plan do not count."""
    if made_by != source_now:
        return f"another source of the model (hash {made_by[:12]}, now {source_now[:12]})"
    told = [f"{key} {now[key]} instead of {then[key]}" for key in NUMBERS if now[key] != then[key]]
    told += [f"other {key}" for key in OTHERS if now[key] != then[key]]
    return ", ".join(told) or "other data in the files that the plan names"

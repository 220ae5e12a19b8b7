"""Where a sweep lives: its plan, a registry of its runs, and shards of their outcomes.

`FOLDER/{plan.yaml, registry.sqlite, shards/*.parquet, runs.parquet, sweep.log}`. A shard is written under a temporary
name, synced and renamed before the runs in it are registered, in one transaction; readers trust only what is
registered. So a driver may die anywhere: what it had not registered is run again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.errors import InputError
from sim.experiment.design import plan_files
from sim.experiment.plan import Plan, same_store
from sim.files import PARTIAL, write_safely
from sim.outcomes import OUTCOMES
from sim.scenario import hash_of, start_date
from sim.simulate import run_id_of, source_hash

VERSION = 1
SHARD_RUNS = 100  # in a file, about
WAIT_SECONDS = 30.0  # for another reader or writer of the registry
DONE, FAILED = "done", "failed"
SCHEMA = """
create table facts (name text primary key, value text not null) without rowid;
create table points (point integer primary key, factors text not null);
create table jobs (
    run_id text primary key, number integer not null, status text not null default 'planned', wall_s real,
    shard text, error text
) without rowid;
create table runs (
    point integer, arm text, replication integer, run_id text not null, primary key (point, arm, replication)
) without rowid;
create table shards (name text primary key, runs integer, bytes integer, sha256 text) without rowid;
create index jobs_by_number on jobs (status, number);
"""


@dataclass(frozen=True, eq=False)
class Finished:
    """How a run ended: its outcomes, shape (weeks, outcomes), or the traceback of its failure."""

    run_id: str
    wall_s: float
    values: npt.NDArray[np.float32] | None
    error: str | None = None


@dataclass(frozen=True)
class Todo:
    """A run to do: which arm of the plan, at which parameters, on which draws."""

    run_id: str
    arm: str
    values: Mapping[str, Any]
    draws: int


class StoreError(RuntimeError):
    """The store cannot be written or read; what is registered is safe."""


class Store:
    """A sweep's directory, open for reading; `lock` makes it writable by one driver at a time."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self._buffer: list[Finished] = []

    # Making and opening

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> Store:
        """Make a store, or open the one that is there for the same plan or a wider one.

        Raises
        ------
        InputError : the place holds something else, another sweep, or cannot be written.
        """
        if (folder / "registry.sqlite").exists():
            store = open_store(folder)
            same_store(store.plan, plan)
            store.plan = plan
        elif folder.exists() and any(path.suffix != PARTIAL for path in folder.iterdir()):
            raise InputError("--out", str(folder), "a new directory, or that of a sweep")
        else:
            store = cls(folder, plan)
            with _explained(folder):
                folder.mkdir(parents=True, exist_ok=True)
                _write(folder / "registry.sqlite", _new_registry(plan))
        return store

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store as its only driver.

        Raises
        ------
        StoreError : another driver holds it.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / ".driver.lock", timeout=0)
        with _explained(self.folder):
            try:
                lock.acquire()
            except Timeout:
                raise StoreError(f"another driver is at work on {self.folder}; wait for it or stop it") from None
        try:
            yield
        finally:
            lock.release()

    def is_driven(self) -> bool:
        """Whether a driver is at work on the store now."""
        from filelock import FileLock, Timeout

        if not (self.folder / ".driver.lock").exists():
            return False
        try:
            with FileLock(self.folder / ".driver.lock", timeout=0):
                return False
        except (Timeout, OSError):
            return True

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the registry."""
        if not self.folder.is_dir():
            raise StoreError(f"{self.folder} is gone; run the sweep again")
        registry = sqlite3.connect(self.folder / "registry.sqlite", timeout=WAIT_SECONDS)
        try:
            registry.execute("pragma synchronous = full")
            with registry:
                yield registry
        finally:
            registry.close()

    # Planning

    def enlist(self) -> None:
        """Write the plan down, with every point and run in it; runs that are there already stay as they are."""
        plan = self.plan
        with _explained(self.folder), self._connect() as registry:
            registry.execute("delete from runs")
            registry.execute("delete from points")
            number = 0
            ids = {arm: _Identities(plan, arm) for arm in plan.arms}
            for k, point in enumerate(plan.each_point()):
                registry.execute("insert into points values (?, ?)", (k, json.dumps(point)))
                for arm in plan.arms:
                    for replication in range(plan.replications):
                        run_id = ids[arm](plan.values_of(arm, point), plan.draws(k, replication))
                        registry.execute("insert into runs values (?, ?, ?, ?)", (k, arm, replication, run_id))
                        registry.execute("insert or ignore into jobs (run_id, number) values (?, ?)", (run_id, number))
                        number += 1
            self._note(registry, {"source": source_hash(), "plan": json.dumps(plan.to_tree())})
            for name, content in plan_files(plan).items():
                _write(self.folder / name, content)

    def todo(self, shard: tuple[int, int] = (1, 1), again: bool = False) -> Iterator[Todo]:
        """Yield runs that are planned and not done, in order, each once; `again` first forgets failures.

        Parameters
        ----------
        shard : (i, N) leaves out all but the i-th of every N runs, from 1.
        """
        if again:
            with self._connect() as registry:
                registry.execute("update jobs set status = 'planned', error = null where status = 'failed'")
        last, columns = -1, "j.number, r.run_id, r.arm, r.point, r.replication, p.factors"
        query = (
            f"select {columns} from jobs j join runs r on r.run_id = j.run_id join points p on p.point = r.point "
            "where j.status = 'planned' and j.number > ? group by j.run_id order by j.number limit 1000"
        )
        while True:
            with self._connect() as registry:
                page = registry.execute(query, (last,)).fetchall()
            if not page:
                return
            for number, run_id, arm, point, replication, factors in page:
                last = number
                if number % shard[1] == shard[0] - 1:
                    values = self.plan.values_of(arm, json.loads(factors))
                    yield Todo(run_id, arm, values, self.plan.draws(point, replication))

    # Writing

    @property
    def waiting(self) -> int:
        """Finished runs that are taken and not yet kept."""
        return len(self._buffer)

    def add(self, runs: Sequence[Finished]) -> None:
        """Take finished runs; they are kept once `flush` has returned."""
        self._buffer += runs
        if len(self._buffer) >= SHARD_RUNS:
            self.flush()

    def flush(self) -> None:
        """Write what was taken into a shard, and register it.

        Raises
        ------
        StoreError : the disk is full, the store is gone or may not be written; what is registered stays.
        """
        if not self._buffer:
            return
        runs, self._buffer = self._buffer, []
        kept = [run for run in runs if run.values is not None]
        with _explained(self.folder), self._connect() as registry:
            name = self._write_shard(kept, registry) if kept else None
            registry.executemany(
                "update jobs set status = ?, wall_s = ?, shard = ?, error = ? where run_id = ?",
                [
                    (FAILED, run.wall_s, None, run.error, run.run_id) if run.values is None
                    else (DONE, run.wall_s, name, None, run.run_id)
                    for run in runs
                ],
            )  # fmt: skip

    def _write_shard(self, runs: Sequence[Finished], registry: sqlite3.Connection) -> str:
        weeks = [np.arange(len(run.values), dtype=np.int16) for run in runs if run.values is not None]
        lengths = [len(week) for week in weeks]
        ids = pa.DictionaryArray.from_arrays(
            pa.array(np.repeat(np.arange(len(runs), dtype=np.int32), lengths)), [run.run_id for run in runs]
        )
        values = np.concatenate([run.values for run in runs if run.values is not None])
        columns: dict[str, Any] = {"run_id": ids}
        if self.plan.resolution == "weekly":
            columns["week"] = pa.array(np.concatenate(weeks))
        columns |= {
            name: pa.array(np.ascontiguousarray(values[:, k]), from_pandas=True)
            for k, name in enumerate(self.plan.outcomes)
        }
        return self._write_table(_described(pa.table(columns)), len(runs), registry)

    def _write_table(self, table: pa.Table, runs: int, registry: sqlite3.Connection) -> str:
        """Write runs into a shard, and enter it; returns its name."""
        sink = pa.BufferOutputStream()
        floats = [name for name in table.column_names if name in OUTCOMES]
        parquet.write_table(
            table, sink, compression="zstd", compression_level=3, use_dictionary=["run_id"],
            use_byte_stream_split=floats, write_statistics=False, store_schema=True,
        )  # fmt: skip
        content = sink.getvalue().to_pybytes()
        digest = hashlib.sha256(content).hexdigest()
        name = f"{digest[:16]}.parquet"
        self._enter(registry, name, runs, content, digest)
        return name

    def _enter(self, registry: sqlite3.Connection, name: str, runs: int, content: bytes, digest: str) -> None:
        """Put a shard into the store, and register it."""
        path = self.folder / "shards" / name
        path.parent.mkdir(exist_ok=True)
        _write(path, content)
        registry.execute("insert or replace into shards values (?, ?, ?, ?)", (name, runs, len(content), digest))

    def note(self, **facts: Any) -> None:
        """Write down facts about the sweep, such as when it began."""
        with _explained(self.folder), self._connect() as registry:
            self._note(registry, facts)

    @staticmethod
    def _note(registry: sqlite3.Connection, facts: Mapping[str, Any]) -> None:
        registry.executemany("insert or replace into facts values (?, ?)", [(k, str(v)) for k, v in facts.items()])

    def drop_damaged(self) -> int:
        """Forget runs whose shards are missing or damaged, and files that no run is registered in; returns how many."""
        with self._connect() as registry:
            shards = registry.execute("select name, bytes, sha256 from shards").fetchall()
            bad = [name for name, size, digest in shards if not self._is_whole(name, size, digest)]
            lost = 0
            for name in bad:
                lost += registry.execute(
                    "update jobs set status = 'planned', shard = null where shard = ?", (name,)
                ).rowcount
                registry.execute("delete from shards where name = ?", (name,))
        kept = {name for name, *_ in shards} - set(bad)
        for path in (self.folder / "shards").glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        return lost

    def _is_whole(self, name: str, size: int, digest: str) -> bool:
        try:
            content = (self.folder / "shards" / name).read_bytes()
        except OSError:
            return False
        return len(content) == size and hashlib.sha256(content).hexdigest() == digest

    def export(self) -> None:
        """Write `runs.parquet`, a copy of `runs()` for other programs."""
        with _explained(self.folder):
            write_safely(self.folder / "runs.parquet", lambda file: self.runs().to_parquet(file, index=False))

    def compact(self) -> None:
        """Put small shards together, so that a sweep of long runs does not leave a file a run."""
        with self._connect() as registry:
            small = registry.execute(
                "select name, runs from shards where runs < ? order by name", (SHARD_RUNS // 2,)
            ).fetchall()
        for names, count in _portions(small):
            with _explained(self.folder), self._connect() as registry:
                tables = [_read_shard(self.folder / "shards" / name, None) for name in names]
                table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
                joined = self._write_table(table, count, registry)
                marks = ",".join("?" * len(names))
                registry.execute(f"update jobs set shard = ? where shard in ({marks})", (joined, *names))
                registry.execute(f"delete from shards where name in ({marks}) and name != ?", (*names, joined))
            for name in names:
                if name != joined:
                    (self.folder / "shards" / name).unlink(missing_ok=True)

    def take_over(self, other: Store) -> int:
        """Take the finished runs of another store of the same plan; returns how many are new here."""
        same_store(self.plan, other.plan)
        with other._connect() as theirs:
            rows = theirs.execute(
                "select run_id, number, status, wall_s, shard, error from jobs where status != 'planned'"
            ).fetchall()
            shards = theirs.execute("select name, runs, bytes, sha256 from shards").fetchall()
        with self._connect() as registry:
            have = {run_id for (run_id,) in registry.execute("select run_id from jobs where status = 'done'")}
        new = [row for row in rows if row[0] not in have]
        needed = {row[4] for row in new}
        with _explained(self.folder), self._connect() as registry:
            for name, runs, size, digest in shards:
                if name in needed:
                    if not other._is_whole(name, size, digest):
                        raise StoreError(f"{other.folder}: shard {name} is damaged; resume that sweep first")
                    self._enter(registry, name, runs, (other.folder / "shards" / name).read_bytes(), digest)
            registry.executemany(
                "insert into jobs (run_id, number, status, wall_s, shard, error) values (?, ?, ?, ?, ?, ?) on conflict "
                "(run_id) do update set status = excluded.status, wall_s = excluded.wall_s, shard = excluded.shard, "
                "error = excluded.error",
                new,
            )
        return len(new)

    # Reading

    def status(self) -> dict[str, Any]:
        """`planned, done, failed, running, wall_s, eta_s`: runs, seconds so far, and seconds left (null if unknown)."""
        with self._connect() as registry:
            counts = dict(
                registry.execute(
                    "select status, count(*) from jobs where run_id in (select run_id from runs) group by status"
                )
            )
            facts = dict(registry.execute("select name, value from facts"))
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
        """Which share of the runs this store was begun for: (i, N), the i-th of every N."""
        with self._connect() as registry:
            found = registry.execute("select value from facts where name = 'part'").fetchone()
        i, _, n = (found[0] if found else "1/1").partition("/")
        return int(i), int(n)

    def failures(self, most: int = 5) -> list[tuple[str, str]]:
        """Run ids and tracebacks of some failed runs."""
        with self._connect() as registry:
            return registry.execute(
                "select run_id, error from jobs where status = 'failed' and run_id in (select run_id from runs) "
                "order by number limit ?", (most,),
            ).fetchall()  # fmt: skip

    def runs(self) -> pd.DataFrame:
        """One row a run: `run_id, arm, point, replication, seed, draws, status, wall_s`, then a column a factor.

        `seed` and `draws` are what `sim.run` calls seed and replication. Runs that are the same, such as the
        counterfactual of several settings of levers, share an id.
        """
        with self._connect() as registry:
            frame = pd.DataFrame(
                registry.execute(
                    "select r.run_id, r.arm, r.point, r.replication, j.status, j.wall_s from runs r join jobs j on "
                    "j.run_id = r.run_id order by r.point, r.arm != ?, r.replication", (self.plan.base,),
                ).fetchall(),
                columns=["run_id", "arm", "point", "replication", "status", "wall_s"],
            )  # fmt: skip
            points = registry.execute("select factors from points order by point").fetchall()
        frame.insert(4, "seed", self.plan.seed)
        pairs = zip(frame["point"], frame["replication"], strict=True)
        frame.insert(5, "draws", [self.plan.draws(int(point), int(replication)) for point, replication in pairs])
        values = [json.loads(factors) for (factors,) in points]
        places = zip(frame["arm"], frame["point"], strict=True)
        calendars = [self.plan.calendar_of(arm, values[point]) for arm, point in places]
        frame["start"] = [calendar.start.isoformat() for calendar in calendars]
        frame["burn_in"] = [calendar.burn_in for calendar in calendars]
        for factor in self.plan.factors:
            column = pd.Series([value[factor.path] for value in values])
            frame[factor.path] = column.to_numpy()[frame["point"].to_numpy(int)]
        return frame

    def read(self, outcomes: Sequence[str] | None = None, weeks: tuple[int, int] | None = None) -> pd.DataFrame:
        """Outcomes of all finished runs.

        Parameters
        ----------
        outcomes : those to read; all by default.
        weeks : first and last week to read, both included.

        Returns
        -------
        DataFrame
            `run_id`, and for weekly sweeps `week` and `date` (Monday), then outcomes in their units, float32.

        Raises
        ------
        InputError : an outcome that was not kept.
        StoreError : a shard is damaged or missing; `sweep resume` runs its runs again.
        """
        for name in outcomes or ():
            if name not in self.plan.outcomes:
                raise InputError("outcomes", name, f"outcomes that were kept: {', '.join(self.plan.outcomes)}")
        names = list(self.plan.outcomes if outcomes is None else outcomes)
        weekly = self.plan.resolution == "weekly"
        columns = ["run_id", *(["week"] if weekly else []), *names]
        with self._connect() as registry:
            shards = [name for (name,) in registry.execute("select name from shards order by name")]
            counted = "run_id in (select run_id from runs) from jobs where status = 'done'"
            ours = dict(registry.execute(f"select run_id, {counted}"))
        tables = [_read_shard(self.folder / "shards" / name, columns) for name in shards]
        table = pa.concat_tables(tables).unify_dictionaries() if tables else _empty(columns)
        if not all(ours.values()):  # some are of an earlier plan or source
            wanted = pa.array([run_id for run_id, is_ours in ours.items() if is_ours], pa.string())
            table = table.filter(pa.compute.is_in(table["run_id"].cast(pa.string()), wanted))
        if weeks is not None and weekly:
            week = table["week"]
            inside = pa.compute.and_(pa.compute.greater_equal(week, weeks[0]), pa.compute.less_equal(week, weeks[1]))
            table = table.filter(inside)
        frame: pd.DataFrame = table.to_pandas()
        if weekly:
            monday = np.datetime64(start_date(self.plan.cases[self.plan.base].scenario.settings), "s")
            frame.insert(2, "date", monday + frame["week"].to_numpy().astype("timedelta64[W]"))
        return frame


def open_store(path: str | os.PathLike[str]) -> Store:
    """Open the sweep in a directory.

    Raises
    ------
    InputError : there is none, or it is of another version of the program's stores.
    """
    folder = Path(path)
    expected = "the directory of a sweep, such as outputs/sweeps/NAME"
    if not (folder / "registry.sqlite").is_file():
        raise InputError(str(folder), "no sweep", expected)
    try:
        # Opened for reading alone, SQLite does not undo the transaction that a killed driver left half done.
        registry = sqlite3.connect(f"file:{folder / 'registry.sqlite'}?mode=rw", uri=True, timeout=WAIT_SECONDS)
        try:
            facts = dict(registry.execute("select name, value from facts"))
        finally:
            registry.close()
    except sqlite3.Error as error:
        raise InputError(str(folder / "registry.sqlite"), str(error), expected) from None
    if facts.get("version") != str(VERSION):
        raise InputError(str(folder), f"layout {facts.get('version')}", f"a sweep of layout {VERSION}")
    return Store(folder, Plan.from_tree(json.loads(facts["plan"])))


class _Identities:
    """Ids of runs of one arm: the base settings with some leaves changed, hashed without building them anew."""

    def __init__(self, plan: Plan, arm: str) -> None:
        case = plan.cases[arm]
        self.seed, self.inputs, self.tree = plan.seed, case.inputs, case.scenario.tree

    def __call__(self, values: Mapping[str, Any], draws: int) -> str:
        for path, value in values.items():
            *groups, name = path.split(".")
            node = self.tree
            for group in groups:
                node = node[group]
            node[name] = value
        return run_id_of(hash_of(self.tree), self.inputs, self.seed, draws)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what a disk or the registry says into one line that tells how to go on."""
    try:
        yield
    except (OSError, sqlite3.Error, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise StoreError(
            f"{folder} cannot be written: {reason}; what is registered is safe: mend it, then `metavalue sweep resume`"
        ) from error


def _new_registry(plan: Plan) -> bytes:
    """A registry without runs, as a file that appears whole: a driver may be killed while it makes one."""
    with closing(sqlite3.connect(":memory:")) as registry:
        registry.executescript(SCHEMA)
        Store._note(registry, {"version": VERSION, "plan": json.dumps(plan.to_tree())})
        registry.commit()
        return registry.serialize()


def _write(path: Path, content: bytes) -> None:
    write_safely(path, lambda file: file.write(content))


def _read_shard(path: Path, columns: Sequence[str] | None) -> pa.Table:
    try:
        return parquet.ParquetFile(path, read_dictionary=["run_id"]).read(columns=columns)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"{path.name}: {reason}; `metavalue sweep resume` runs its runs again") from None


def _portions(shards: Sequence[tuple[str, int]]) -> Iterator[tuple[list[str], int]]:
    """Groups of small shards of about `SHARD_RUNS` runs together; a single one stays as it is."""
    names: list[str] = []
    count = 0
    for name, runs in shards:
        names, count = [*names, name], count + runs
        if count >= SHARD_RUNS:
            yield names, count
            names, count = [], 0
    if len(names) > 1:
        yield names, count


def _described(table: pa.Table) -> pa.Table:
    """The table with every outcome's unit and labels in its schema."""
    described = [
        field.with_metadata({"unit": o.unit, "label": o.label, "label_zh": o.label_zh})
        if (o := OUTCOMES.get(field.name)) else field
        for field in table.schema
    ]  # fmt: skip
    return table.cast(pa.schema(described))


def _empty(columns: Sequence[str]) -> pa.Table:
    kinds = {"run_id": pa.dictionary(pa.int32(), pa.string()), "week": pa.int16()}
    return pa.table({name: pa.array([], kinds.get(name, pa.float32())) for name in columns})

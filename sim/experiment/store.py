"""Where a sweep lives: its plan, a registry of its runs, and shards of their outcomes.

`FOLDER/{plan.yaml, registry.sqlite, shards/*.parquet, runs.parquet, sweep.log}`. A shard is written under a temporary
name, synced and renamed before the runs in it are registered, in one transaction; readers trust only what is
registered. So a driver may die anywhere: what it had not registered is run again. `runs.parquet` lists the runs and the
shard of each for other programs; a shard that it lists is removed only once another list stands in its place.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from sim.base import source as sources
from sim.base.errors import InputError
from sim.base.files import PARTIAL, write_safely
from sim.experiment import registry as registries
from sim.experiment import shards
from sim.experiment.plan import Plan, same_store
from sim.experiment.registration import enter_listing, enter_plan, facts_of_plan
from sim.experiment.registry import StoreError as StoreError
from sim.experiment.shards import Finished as Finished
from sim.experiment.shards import FoundShard, Shard
from sim.experiment.store_reader import ALIVE, DONE, FAILED, TRIES, Reader, how_to_take_edits
from sim.experiment.sweep_file import FILES, plan_files
from sim.settings.scenario import read_yaml

log = logging.getLogger("metavalue.sweep")
LISTING = "runs.parquet"
DRIVER = ".driver.lock"
# files of a store beside its registry
OWN = {*FILES, LISTING, DRIVER, ALIVE, "sweep.log", "report.html", shards.FOLDER,
       f"{registries.NAME}-journal"}  # fmt: skip
PART = re.compile(r"shard-\d+-of-\d+")  # folder of one job's share, as `sweep run --shard` names it
MAX_SMALL = 20  # small shards of one driver, before it joins them
ALIVE_SECONDS = 5.0  # in which who only looks lets go of the lock


@dataclass(frozen=True)
class Todo:
    """A run to do: its arm of the plan, the parameters that its point sets, and the number of its random draws."""

    run_id: str
    arm: str
    values: Mapping[str, Any]
    draws: int


class Store(Reader):
    """A sweep's directory, which one driver at a time may write (see `lock`)."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        super().__init__(folder, plan)
        self._buffer: dict[str, Finished] = {}
        self._small: list[str] = []  # shards of few runs that the registry alone names

    @classmethod
    def create(cls, folder: Path, plan: Plan) -> Store:
        """Make a store, or open the one that is there if it is of the same plan or of one that this plan widens.

        Raises
        ------
        InputError : the place holds something else, another sweep, or can have no such name.
        StoreError : it cannot be written.
        """
        with _explained(folder):
            if is_store(folder):
                store = open_store(folder)
                same_store(store.plan, plan)
                store.plan = plan
                return store
            if os.path.exists(folder) and not _is_free(folder):
                raise InputError("--out", str(folder), "a new directory, or that of a sweep")
            folder.mkdir(parents=True, exist_ok=True)
            _forget_journal(folder)
            with closing(registries.new()) as registry:
                registries.note(registry, {"plan": json.dumps(plan.to_tree())})
                _write(folder / registries.NAME, registry.serialize())
        return cls(folder, plan)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store as its only driver.

        Raises
        ------
        StoreError : another driver holds it.
        """
        from filelock import FileLock, Timeout

        driver = FileLock(self.folder / DRIVER, timeout=0)
        alive = FileLock(self.folder / ALIVE, timeout=ALIVE_SECONDS, poll_interval=0.005)
        with _explained(self.folder):
            try:
                driver.acquire()
            except Timeout:
                raise StoreError(f"another driver is at work on {self.folder}; wait for it or stop it") from None
            # readers hold this lock for moments; if it stays taken, `is_driven` misses this driver, which does no harm
            with suppress(Timeout):
                alive.acquire()
        try:
            yield
        finally:
            alive.release()
            driver.release()

    @contextmanager
    def _write_registry(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction on the registry; an error becomes one line that says how to go on."""
        with _explained(self.folder), registries.writing(self.folder) as registry:
            yield registry

    # Planning

    def enlist(self) -> None:
        """Write the plan into the store, with all its points and runs; runs that are there already stay as they are.

        Raises
        ------
        InputError : somebody edited `plan.yaml` or its table, which this would overwrite.
        """
        files = plan_files(self.plan)
        facts = self._refuse_edits(files)
        with self._write_registry() as registry:
            enter_plan(registry, self.plan, sources.source_hash())
            registries.note(registry, _digests(facts, files))
        self._write_files(files)
        self.export()

    def adopt(self, other: Reader) -> None:
        """Write the plan of another store into this one, with its points and runs, without composing any of them.

        Raises
        ------
        InputError : somebody edited `plan.yaml` or its table, which this would overwrite.
        """
        files, listing = plan_files(other.plan), other._listing()
        facts = self._refuse_edits(files)
        with other._look() as theirs:
            given = registries.facts_of(theirs)
        with self._write_registry() as registry:
            enter_listing(registry, other.plan, given, listing)
            registries.note(registry, _digests(facts, files))
        self._write_files(files)

    def _refuse_edits(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Refuse to overwrite files of the plan that somebody has edited; return the facts in the registry."""
        with self._look() as registry:
            facts = registries.facts_of(registry)
        for name in self._edited(facts):
            if name in files and not _same_content(self.folder / name, files[name]):
                raise InputError(str(self.folder / name), "an edited plan", how_to_take_edits(self.folder))
        return facts

    def _write_files(self, files: Mapping[str, bytes]) -> None:
        """Write the files of the plan."""
        with _explained(self.folder):
            for name, content in files.items():
                _write(self.folder / name, content)

    def is_complete(self) -> bool:
        """Whether every planned run is done or has failed."""
        status = self.status()
        return bool(status["planned"]) and status["planned"] == status["done"] + status["failed"]

    def todo(self, shard: tuple[int, int] = (1, 1), again: bool = False) -> Iterator[Todo]:
        """Yield the runs that are planned and not done, in order, each once; with `again` also those that failed.

        Parameters
        ----------
        shard : (i, N) leaves out all but the i-th of every N runs, from 1.
        """
        if again:
            with self._write_registry() as registry:
                registry.execute("update jobs set status = 'planned', error = null where status = 'failed'")
        last, columns = -1, "j.number, r.run_id, r.arm, r.point, r.replication, p.factors"
        query = (
            f"select {columns} from jobs j join runs r on r.run_id = j.run_id join points p on p.point = r.point "
            "where j.status = 'planned' and j.number > ? group by j.run_id order by j.number limit 1000"
        )
        while True:
            with self._write_registry() as registry:
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
        """Number of finished runs that were added and not yet written to disk."""
        return len(self._buffer)

    def add(self, runs: Sequence[Finished]) -> None:
        """Add finished runs; they are safe once `flush` has returned."""
        self._buffer |= {run.run_id: run for run in runs}
        if len(self._buffer) >= shards.RUNS:
            self.flush()

    def flush(self, **facts: Any) -> None:
        """Write the runs that were added as a shard and register it, with facts to note in the same transaction.

        Raises
        ------
        StoreError : the disk is full, the store is gone or may not be written; what is registered stays, and what was
            taken is kept by the next `flush` that succeeds.
        """
        if not self._buffer and not facts:
            return
        with self._write_registry() as registry:
            registries.note(registry, facts)
            done = _done_of(registry, self._buffer)
            ended = [run for run_id, run in self._buffer.items() if run_id not in done]
            kept = [run for run in ended if run.values is not None]
            name = self._enter_runs(registry, kept).name if kept else None
            registry.executemany(
                "update jobs set status = ?, wall_s = ?, shard = ?, error = ? where run_id = ?",
                [
                    (FAILED, float(run.wall_s), None, run.error, run.run_id)
                    if run.values is None
                    else (DONE, float(run.wall_s), name, None, run.run_id)
                    for run in ended
                ],
            )
        self._buffer = {}
        if name is not None and len(kept) < shards.RUNS // 2:
            self._small.append(name)
            if len(self._small) >= MAX_SMALL:
                joined, gone = self._join(self._small)
                self._small = [joined.name] if joined.runs < shards.RUNS // 2 else []
                self._unlink(gone)

    def _enter_runs(self, registry: sqlite3.Connection, runs: Sequence[Finished]) -> Shard:
        """Write runs as a shard, and register it."""
        table = shards.table_of(runs, self.plan.outcomes, self.plan.resolution == "weekly")
        return self._enter(registry, shards.shard_of(table, facts_of_plan(registry)))

    def _enter(self, registry: sqlite3.Connection, shard: Shard) -> Shard:
        """Write a shard's file, and register it."""
        path = self.folder / shards.FOLDER / shard.name
        path.parent.mkdir(exist_ok=True)
        _write(path, shard.content)
        registry.execute("insert or ignore into shards values (?, ?, ?, ?)", shard.row)
        return shard

    def begin(self, shard: tuple[int, int]) -> None:
        """Note which share of the runs this store does; all of them once it was begun for a different share."""
        part = f"{shard[0]}/{shard[1]}"
        with self._write_registry() as registry:
            before = registries.facts_of(registry).get("part", part)
            registries.note(registry, {"part": part if part == before else "1/1"})

    def note(self, **facts: Any) -> None:
        """Store facts about the sweep, such as when it began."""
        with self._write_registry() as registry:
            registries.note(registry, facts)

    def export(self) -> None:
        """Write `runs.parquet` for other programs: a copy of `runs()`, with a column `shard`.

        That column names the file which holds the run.
        """
        table = pa.Table.from_pandas(self._listing().astype({"shard": "string"}), preserve_index=False)
        with self._look() as registry:
            facts = facts_of_plan(registry)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), shards.KEY: shards.packed(facts)})
        with _explained(self.folder):
            write_safely(self.folder / LISTING, lambda file: parquet.write_table(table, file))
        self._small = []

    def drop_damaged(self) -> int:
        """Forget runs whose shards are missing or damaged; return how many there were.

        Files that are not registered are removed.
        """
        with self._look() as registry:
            known = registry.execute("select name, bytes, sha256 from shards").fetchall()
        bad = [name for name, size, digest in known if not shards.is_whole(self.folder, name, size, digest)]
        lost = 0
        if bad:
            with self._write_registry() as registry:
                for name in bad:
                    forget = "update jobs set status = 'planned', shard = null where shard = ?"
                    lost += registry.execute(forget, (name,)).rowcount
                    registry.execute("delete from shards where name = ?", (name,))
        strays = shards.found_in(self.folder, {name for name, *_ in known} - set(bad))
        ours = [stray for stray in strays if _fits(stray.facts, self.plan)]
        found = self._take_strays(ours) if ours else 0
        with self._look() as registry:
            kept = {name for (name,) in registry.execute("select name from shards")}
        self._tidy(kept | {stray.name for stray in strays if stray not in ours})
        return max(lost - found, 0)

    def _take_strays(self, strays: Sequence[FoundShard]) -> int:
        """Register undamaged shards that nobody registered; return how many runs they add.

        Runs that another shard holds are left out.

        A killed driver leaves such shards, and so does an older or another sweep's registry put in the place of the
        store's.

        A driver that was killed leaves such, and an older registry or another's, put in the place of the store's own.
        """
        with self._write_registry() as registry:
            done = {run_id for (run_id,) in registry.execute("select run_id from jobs where status = 'done'")}
            return _place_runs(registry, strays, done)

    def _tidy(self, kept: set[str]) -> None:
        """Remove shards that are not registered, and drafts of drivers that died."""
        place = self.folder / shards.FOLDER
        strays = [path for path in (place.iterdir() if place.is_dir() else ()) if path.name not in kept]
        written = (registries.NAME, *FILES, LISTING)
        drafts = [path for name in written for path in self.folder.glob(f".{name}*{PARTIAL}")]
        if strays:
            self.export()  # first, as the list may name them
        with _explained(self.folder):
            for path in [*strays, *drafts]:
                if not path.is_dir():
                    path.unlink(missing_ok=True)

    def compact(self) -> None:
        """Join small shards, so that a sweep of long runs does not leave one file per run, and list the runs."""
        with self._look() as registry:
            small = registry.execute(
                "select name, runs from shards where runs < ? order by name", (shards.RUNS // 2,)
            ).fetchall()
        gone = [name for names in shards.portions(small) for name in self._join(names)[1]]
        self.export()
        self._unlink(gone)

    def _join(self, names: Sequence[str]) -> tuple[Shard, list[str]]:
        """Rewrite shards as one; return it, and the names of those that are no longer registered."""
        marks = ",".join("?" * len(names))
        with self._write_registry() as registry:
            known = dict(registry.execute(f"select name, sha256 from shards where name in ({marks})", names))
            ids: dict[str, list[str]] = {name: [] for name in known}
            for name, run_id in registry.execute(f"select shard, run_id from jobs where shard in ({marks})", names):
                ids[name].append(run_id)
            tables = [shards.only(self._shard(name, known[name]), ids[name]) for name in known]
            joined = self._enter(registry, shards.shard_of(pa.concat_tables(tables), facts_of_plan(registry)))
            registry.execute(f"update jobs set shard = ? where shard in ({marks})", (joined.name, *names))
            registry.execute(f"delete from shards where name in ({marks}) and name != ?", (*names, joined.name))
        return joined, [name for name in names if name != joined.name]

    def _shard(self, name: str, digest: str) -> pa.Table:
        """Read a registered shard; it is damaged if its file is missing."""
        try:
            return shards.read(self.folder, name, digest)
        except FileNotFoundError:
            raise shards.damaged(self.folder / shards.FOLDER / name, "no such file") from None

    def _unlink(self, names: Iterable[str]) -> None:
        """Remove shards; those that cannot be removed now are removed at the next start."""
        for name in names:
            with suppress(OSError):
                (self.folder / shards.FOLDER / name).unlink(missing_ok=True)

    def take_over(self, other: Store) -> int:
        """Take the finished runs of another store of the plan, even while its driver works; return how many are new.

        Raises
        ------
        InputError : it is of another sweep.
        StoreError : a shard of it is damaged or missing, or this store cannot be written.
        """
        same_store(self.plan, other.plan)
        for attempt in range(TRIES):
            try:
                return self._take_finished(other)
            except StoreError as error:
                gone = error.__cause__
                if not isinstance(gone, FileNotFoundError) or not str(gone.filename).startswith(str(other.folder)):
                    raise
                if attempt + 1 == TRIES:
                    raise shards.damaged(Path(gone.filename), "no such file") from None
        raise AssertionError  # never: the last attempt returns or raises

    def _take_finished(self, other: Store) -> int:
        """Copy the finished runs of another store that are not done here; return how many."""
        with other._look() as theirs:
            rows = theirs.execute(
                "select run_id, number, plan, status, wall_s, shard, error from jobs where status != 'planned'"
            ).fetchall()
            plans = theirs.execute("select plan, source, tree from plans").fetchall()
            digests = dict(theirs.execute("select name, sha256 from shards"))
        with self._look() as registry:
            have = {run_id for (run_id,) in registry.execute("select run_id from jobs where status = 'done'")}
        new = [row for row in rows if row[0] not in have]
        wanted: dict[str, set[str]] = {}
        for run_id, *_, shard, _ in new:
            if shard is not None:
                wanted.setdefault(shard, set()).add(run_id)
        with self._write_registry() as registry:
            names = {
                shard: self._enter(registry, other._part_of(shard, digests[shard], ids, registry)).name
                for shard, ids in wanted.items()
            }
            registry.executemany("insert or ignore into plans values (?, ?, ?)", plans)
            registry.executemany(
                "insert into jobs (run_id, number, plan, status, wall_s, shard, error) values (?, ?, ?, ?, ?, ?, ?) "
                "on conflict (run_id) do update set status = excluded.status, wall_s = excluded.wall_s, "
                "shard = excluded.shard, error = excluded.error",
                [(*row[:5], names.get(row[5]), row[6]) for row in new],
            )
        return len(new)

    def _part_of(self, name: str, digest: str, ids: set[str], registry: sqlite3.Connection) -> Shard:
        """Return a shard with only the runs in `ids`: the shard itself where it has no others."""
        table = shards.read(self.folder, name, digest)
        if set(shards.ids_in(table)) == ids:
            return Shard(name, len(ids), shards.content_of(self.folder, name, digest))
        return shards.shard_of(shards.only(table, ids), facts_of_plan(registry))


def is_store(folder: Path) -> bool:
    """Whether a directory holds a sweep, or the shards of one whose registry is lost."""
    return registries.exists(folder) or bool(shards.names_in(folder))


def open_store(path: str | os.PathLike[str]) -> Store:
    """Open the sweep in a directory; a lost registry is rebuilt from the shards.

    Raises
    ------
    InputError : there is none, or it is of another version of the program's stores.
    StoreError : its registry is damaged.
    """
    folder = Path(path)
    if not is_store(folder):
        raise InputError(str(folder), "no sweep", "the directory of a sweep, such as outputs/sweeps/NAME")
    if not registries.exists(folder):
        rebuild(folder)
    with registries.reading(folder) as registry:
        plan = registries.facts_of(registry)["plan"]
    return Store(folder, Plan.from_tree(json.loads(plan)))


def rebuild(folder: Path) -> None:
    """Rebuild a store's registry: the plan from its list of runs or its shards, finished runs from the shards.

    Failed runs are forgotten, and run again.

    Raises
    ------
    InputError : no shard says what it belongs to.
    """
    found = [shard for shard in shards.found_in(folder) if shard.facts.get("version") == registries.VERSION]
    if not found:
        raise InputError(str(folder), "shards without a registry that do not say what they belong to", "a sweep")
    facts = max((shard.facts for shard in found), key=lambda facts: str(facts["enlisted"]))  # the latest plan
    if any(shard.facts["part"] != facts["part"] for shard in found):
        facts = facts | {"part": "1/1"}  # shards of several shares: the store has them all
    listed, listing = _listed(folder)
    plan = Plan.from_tree(json.loads(facts["plan"]))
    if listing is not None and str(listed["enlisted"]) >= str(facts["enlisted"]):
        facts, plan = listed, Plan.from_tree(json.loads(listed["plan"]))
    with closing(registries.new()) as registry:
        if facts is listed:
            enter_listing(registry, plan, facts, listing)
            seconds = listing.loc[listing["wall_s"].notna(), ["wall_s", "run_id"]].itertuples(index=False, name=None)
            registry.executemany("update jobs set wall_s = ? where run_id = ?", seconds)
        else:
            enter_plan(registry, plan, facts["source"])
        registries.note(registry, {name: facts[name] for name in ("part", "enlisted")})
        placed = _place_runs(registry, [shard for shard in found if _fits(shard.facts, plan)])
        content = registry.serialize()
    store = Store(folder, plan)
    with store.lock(), _explained(folder):
        _forget_journal(folder)
        _write(folder / registries.NAME, content)
    log.warning(
        "%s was lost and is rebuilt: %d finished runs found in %d shards", folder / registries.NAME, placed, len(found)
    )


def _fits(facts: Mapping[str, Any], plan: Plan) -> bool:
    """Whether a shard belongs to a plan under which this plan's store may have been before."""
    if facts.get("version") != registries.VERSION:
        return False
    try:
        same_store(Plan.from_tree(json.loads(facts["plan"])), plan)
    except InputError:
        return False
    return True


def _place_runs(registry: sqlite3.Connection, found: Sequence[FoundShard], done: Iterable[str] = ()) -> int:
    """Register each run that is not done in the largest of the shards that hold it; return how many."""
    taken = set(done)
    before = len(taken)
    for name, content, facts, ids in sorted(found, key=lambda shard: (-len(shard.ids), shard.name)):
        own = [run_id for run_id in ids if run_id not in taken]
        taken |= set(own)
        if own:
            row = (facts["plan_id"], facts["source"], facts["plan"])
            registry.execute("insert or ignore into plans values (?, ?, ?)", row)
            registry.execute("insert into shards values (?, ?, ?, ?)", Shard(name, len(ids), content).row)
            registry.executemany(
                "insert into jobs (run_id, number, plan, status, shard) values (?, -1, ?, 'done', ?) "
                "on conflict (run_id) do update set status = 'done', shard = excluded.shard, error = null",
                [(run_id, facts["plan_id"], name) for run_id in own],
            )
    return len(taken) - before


def _listed(folder: Path) -> tuple[dict[str, Any], Any]:
    """Read `runs.parquet`: facts about the sweep, and the runs; ({}, None) where it is missing or cannot be read."""
    try:
        table = parquet.read_table(folder / LISTING)
        facts = shards.unpacked(table.schema)
        return facts, table.to_pandas() if facts.get("version") == registries.VERSION else None
    except (OSError, pa.ArrowException):
        return {}, None


def _done_of(registry: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    """Return those of some runs that are registered as done, so that none is stored twice."""
    wanted = list(ids)
    marks = ",".join("?" * len(wanted))
    query = f"select run_id from jobs where status = 'done' and run_id in ({marks})"
    return {run_id for (run_id,) in registry.execute(query, wanted)}


def _is_free(folder: Path) -> bool:
    """Whether a sweep may begin in a directory.

    It may hold what a sweep left that stored no run, and the parts of a sweep that are to be merged into it.
    """
    return folder.is_dir() and all(
        path.suffix == PARTIAL or path.name in OWN or (PART.fullmatch(path.name) and is_store(path))
        for path in folder.iterdir()
    )


def _forget_journal(folder: Path) -> None:
    """Remove SQLite's journal of a lost registry, which SQLite would apply to the new one."""
    (folder / f"{registries.NAME}-journal").unlink(missing_ok=True)


def _digests(facts: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, str]:
    """List the hashes that files of the plan may have: the one before stays valid until the new file is written."""
    return {
        name: " ".join([*facts.get(name, "").split()[-1:], hashlib.sha256(content).hexdigest()])
        for name, content in files.items()
    }


def _same_content(path: Path, text: bytes) -> bool:
    """Whether a YAML file has the same content as a text."""
    import yaml

    try:
        return bool(read_yaml(path.read_text(encoding="utf-8")) == read_yaml(text.decode()))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return False


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn an error of the disk or the registry into one line that says how to go on."""
    try:
        yield
    except (OSError, sqlite3.Error, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        if getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise InputError("--out", str(folder), "a directory whose names are short enough") from None
        raise StoreError(
            f"{folder} cannot be written: {reason}; what is registered is safe: mend it, then `metavalue sweep resume`"
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    write_safely(path, lambda file: file.write(content))

"""What a sweep's store keeps is what was found: nothing twice, nothing silently changed, and all of it in the store."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from app.cli import main
from sim.errors import InputError
from sim.experiment import registry, runner, shards
from sim.experiment import store as stores
from sim.experiment.design import build_plan
from sim.experiment.engines import Inline, Local, WorkerDiedError, result_of, say_last
from sim.experiment.plan import Plan
from sim.experiment.runner import Batch, Limits, run_sweep
from sim.experiment.shards import Finished
from sim.experiment.store import Store, StoreError, Todo, open_store
from tests.soak import compare

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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs that take no time; gives the ids of those that were asked for."""
    asked: list[str] = []
    monkeypatch.setattr(runner, "do_run", lambda work, run: asked.append(run.run_id) or made_up(work, run))
    monkeypatch.setattr(runner, "BATCH_SECONDS", 0.0)  # one run in a batch, and
    monkeypatch.setattr(runner, "FLUSH_SECONDS", -1.0)  # each kept before the next
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


# A worker that is not the driver's


class Foreign:
    """An engine whose second batch comes from a worker of another program, with wrong numbers."""

    slots = 1

    def __init__(self, answer: Callable[[Batch], Any]) -> None:
        self.answer, self.batches = answer, 0

    def submit(self, function: Any, work: Any, batch: Any) -> Any:
        self.batches += 1
        future = Inline().submit(function, work, batch)
        if self.batches > 1:
            future = Inline().submit(self.answer, future.result())
        return future

    def close(self, now: bool = False) -> None: ...


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda batch: batch._replace(program=batch.program | {"source": "ab" * 32}), "another source of the model"),
        (lambda batch: batch._replace(program=batch.program | {"numpy": "1.0"}), "another version of numpy"),
        (lambda batch: batch._replace(program=batch.program | {"python": "3.9.1"}), "another version of python"),
        (lambda batch: batch.runs, "another source of the model"),  # of a version that does not say what it is
    ],
)
def test_numbers_of_another_program_are_refused_and_the_others_kept(
    tmp_path: Path, quick: list[str], answer: Any, said: str
) -> None:
    with pytest.raises(StoreError, match=said) as refused:
        done(tmp_path / "s", small(), Foreign(answer))
    assert "\n" not in str(refused.value) and "Finished runs are kept" in str(refused.value)
    store = open_store(tmp_path / "s")
    assert store.status()["done"] == 1 and set(store.read()["run_id"].astype(str)) == {quick[0]}


def test_a_worker_that_is_not_the_drivers_does_no_run(quick: list[str]) -> None:
    work = runner.Work.of(small(), FREE)
    other = runner.Work(**{**vars(work), "program": {**work.program, "source": "ab" * 32}})
    assert runner.do_batch(other, [(Todo("00", "baseline", {}, 0), 0)]).runs == [] and not quick
    assert len(runner.do_batch(work, [(Todo("00", "baseline", {}, 0), 0)]).runs) == 1


EDITED = """
import os, signal, sys
from pathlib import Path
from sim.experiment.engines import Local, WorkerDiedError, result_of
from sim.experiment.runner import program

def ask(engine):
    return result_of(engine.submit(program))["source"]

if __name__ == "__main__":
    engine, ours = Local(1), program()["source"]
    print(ask(engine) == ours)
    path = Path("sim/experiment/runner.py")
    path.write_text(path.read_text().replace("-LAST_WEEKS:", "-LAST_WEEKS // 2:"))
    print(ask(engine) == ours)  # it loaded what was there before
    os.kill(result_of(engine.submit(os.getpid)), signal.SIGKILL)
    while True:
        try:
            print(ask(engine) == ours)
            break
        except WorkerDiedError:
            pass
    print(program()["source"] == ours)
    engine.close()
"""


def test_a_worker_that_loads_an_edited_source_says_so_and_one_that_loaded_it_before_does_not(tmp_path: Path) -> None:
    for name in ("sim", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "ask.py").write_text(EDITED)
    said = subprocess.run([sys.executable, "ask.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(tmp_path)})  # fmt: skip
    assert said.stdout.split() == ["True", "True", "False", "True"], said.stderr


def test_a_source_edited_while_the_driver_starts_is_refused(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "is_unchanged", lambda: False)
    with pytest.raises(StoreError, match="edited while the program started"):
        done(tmp_path / "s", small())
    assert not quick


# Nothing twice


def parts(folder: Path, plan: Plan) -> list[Path]:
    """Stores of a half and of three thirds of a plan's runs."""
    places = {folder / name: shard for name, shard in zip("abcd", [(1, 2), (1, 3), (2, 3), (3, 3)], strict=True)}
    for place, shard in places.items():
        done(place, plan, shard=shard)
    return list(places)


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


def test_overlapping_shards_give_every_row_once_however_often_they_are_merged(
    tmp_path: Path, quick: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, calm = small(), done(tmp_path / "calm", small())
    places = parts(tmp_path, plan)
    for given in (places, [*places, *places], [places[1], places[0], *places[2:]]):
        words = ["metavalue", "sweep", "merge", *map(str, given), "--out", str(tmp_path / "m")]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code and "12 of 12 runs done" in capsys.readouterr().out
        check_once(tmp_path / "m", 12)
        compare(open_store(tmp_path / "m"), calm, 12)


def test_merging_needs_neither_the_data_nor_the_source_of_the_shards(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = parts(tmp_path, small())
    monkeypatch.setattr("sim.simulate.source_hash", lambda: "another")
    monkeypatch.setattr(Plan, "cases", property(lambda plan: pytest.fail("composed")))
    monkeypatch.setattr(sys, "argv", ["metavalue", "sweep", "merge", *map(str, places), "--out", str(tmp_path / "m")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code and open_store(tmp_path / "m").status()["done"] == 12
    assert "the model's source has changed since these runs" in capsys.readouterr().err


def test_a_run_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s", small())
    work = runner.Work.of(store.plan, FREE)
    store.enlist()
    todo = list(store.todo())
    for run in [*todo, *todo[:5]]:
        store.add([made_up(work, run)])
        store.flush()
    assert len(store.read()) == 12 * 3
    store.compact()
    check_once(tmp_path / "s", 12)


@pytest.mark.parametrize("step", ["_unlink", "export", "_join"])
def test_a_kill_inside_compaction_leaves_nothing_that_a_reader_counts_twice(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = done(tmp_path / "s", small())
    calm = every_row(store)
    small_ones = shards_apart(store)
    with monkeypatch.context() as context:
        context.setattr(Store, step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.compact()
    assert set(small_ones) <= set(os.listdir(tmp_path / "s" / "shards"))  # the leftovers lie there
    check_once(tmp_path / "s", 12)
    assert every_row(open_store(tmp_path / "s")) == calm
    assert every_row(done(tmp_path / "s", small())) == calm and len(quick) == 12
    check_once(tmp_path / "s", 12)
    assert len(os.listdir(tmp_path / "s" / "shards")) == 1


def shards_apart(store: Store) -> list[str]:
    """Put every run of a store into a shard of its own, as a driver that was killed leaves them."""
    ids = [str(run_id) for run_id in store.runs()["run_id"]]
    with registry.writing(store.folder) as connection:
        ((name, digest),) = connection.execute("select name, sha256 from shards").fetchall()
        table = shards.read(store.folder, name, digest)
        facts = stores.facts_of_plan(connection)
        names = []
        for run_id in ids:
            shard = store._enter(connection, shards.shard_of(shards.only(table, [run_id]), facts))
            connection.execute("update jobs set shard = ? where run_id = ?", (shard.name, run_id))
            names.append(shard.name)
        connection.execute("delete from shards where name = ?", (name,))
    store.export()
    (store.folder / "shards" / name).unlink()
    return names


def test_shards_stay_few_while_runs_are_kept_one_by_one(tmp_path: Path, quick: list[str]) -> None:
    plan, most = small(samples=90), []
    folder = tmp_path / "s" / "shards"
    done(tmp_path / "s", plan, progress=lambda _: most.append(len(list(folder.glob("*.parquet")))))
    assert 10 < max(most) <= stores.MOST_SMALL + 1 and len(os.listdir(folder)) <= 2
    check_once(tmp_path / "s", 90)


# Nothing silently changed


def flipped(content: bytes, draw: random.Random) -> bytes:
    """The content with one bit the other way."""
    bit = draw.randrange(8 * len(content))
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("victim", ["shard", "registry.sqlite"])
def test_flipped_bits_are_told_or_make_no_difference(tmp_path: Path, quick: list[str], victim: str) -> None:
    store = done(tmp_path / "s", small(samples=60 if victim == "registry.sqlite" else 12))
    calm, draw = every_row(store), random.Random(1)
    path = next((tmp_path / "s" / "shards").iterdir()) if victim == "shard" else tmp_path / "s" / victim
    content, told = path.read_bytes(), 0
    for _ in range(150):
        path.write_bytes(flipped(content, draw))
        try:
            found = every_row(open_store(tmp_path / "s"))
        except (StoreError, InputError) as error:
            told += 1
            assert "\n" not in str(error) and (victim != "shard" or path.name in str(error))
        else:
            assert found == calm
    assert told == 150 if victim == "shard" else told > 30  # the pages of a small registry are empty for the most part


def test_every_value_in_the_registry_is_sealed(tmp_path: Path, quick: list[str]) -> None:
    """A value that is changed in its place, in any column of any table, is never read."""
    store = done(tmp_path / "s", small(samples=2))
    path = tmp_path / "s" / "registry.sqlite"
    content = path.read_bytes()
    for table, columns in registry.COLUMNS.items():
        for column in columns:
            path.write_bytes(content)
            connection = sqlite3.connect(path)
            connection.execute(
                f"update {table} set {column} = case when typeof({column}) = 'text' then {column} || ' ' "
                f"else coalesce({column}, 0) + 1 end where rowid = 1" if table == "points" else
                f"update {table} set {column} = case when typeof({column}) = 'text' then {column} || ' ' "
                f"else coalesce({column}, 0) + 1 end where {columns[0]} = (select max({columns[0]}) from {table})"
            )  # fmt: skip
            connection.commit()
            connection.close()
            with pytest.raises((StoreError, InputError), match=r"damaged|layout"):
                store.status()
    path.write_bytes(content)
    connection = sqlite3.connect(path)
    connection.execute("delete from jobs where number = 1")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"registry\.sqlite is damaged.*its table jobs"):
        open_store(tmp_path / "s")


def test_a_flipped_bit_in_a_shard_is_mended_by_running_again(tmp_path: Path, quick: list[str]) -> None:
    store = done(tmp_path / "s", small())
    calm = every_row(store)
    (path,) = (tmp_path / "s" / "shards").iterdir()
    path.write_bytes(flipped(path.read_bytes(), random.Random(2)))
    other = Store.create(tmp_path / "m", small())
    other.enlist()
    for reading in (store.read, lambda: other.take_over(store)):
        with pytest.raises(StoreError, match=f"{path.name} is damaged.*resume"):
            reading()
    assert every_row(done(tmp_path / "s", small())) == calm and len(quick) == 24


# What a disk or a person takes away


@pytest.mark.parametrize("listing", [True, False])
def test_a_lost_registry_is_rebuilt_and_nothing_is_run_twice(
    tmp_path: Path, quick: list[str], listing: bool, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "s"
    store = done(place, small(against="no_ai"), shard=(1, 2))
    before, rows = store.status() | {"wall_s": 0}, every_row(store)["rows"]
    count = len(quick)
    assert count == 12 and store.part == (1, 2)
    shards_apart_of = next((place / "shards").iterdir())
    shutil.copy(shards_apart_of, place / "shards" / "0123456789abcdef.parquet")  # not what its name says
    (place / "registry.sqlite").unlink()
    (place / "registry.sqlite-journal").write_bytes(b"of the registry that is lost")
    if not listing:
        (place / "runs.parquet").unlink()
    again = open_store(place)
    assert [r.message for r in caplog.records if "is rebuilt: 12 finished runs" in r.message]
    assert again.status() | {"wall_s": 0} == before and every_row(again)["rows"] == rows and again.part == (1, 2)
    assert not again.hidden()
    done(place, small(against="no_ai"), shard=again.part)
    assert len(quick) == count
    assert not (place / "shards" / "0123456789abcdef.parquet").exists()


def test_a_registry_lost_inside_compaction_is_rebuilt_with_every_run_once(tmp_path: Path, quick: list[str]) -> None:
    store = done(tmp_path / "s", small())
    calm = every_row(store)["rows"]
    (whole,) = (tmp_path / "s" / "shards").iterdir()
    content = whole.read_bytes()
    shards_apart(store)
    whole.write_bytes(content)
    (tmp_path / "s" / "registry.sqlite").unlink()
    (tmp_path / "s" / "runs.parquet").unlink()
    assert every_row(open_store(tmp_path / "s"))["rows"] == calm
    done(tmp_path / "s", small())
    check_once(tmp_path / "s", 12)
    assert len(quick) == 12


def test_shards_that_do_not_say_what_they_belong_to_are_no_sweep(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    parquet.write_table(pa.table({"run_id": ["a"]}), tmp_path / "shards" / "a.parquet")
    with pytest.raises(InputError, match="do not say what they belong to"):
        open_store(tmp_path)


def test_a_disk_that_is_full_at_any_write_keeps_what_is_done(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = small(samples=3)
    calm = every_row(done(tmp_path / "calm", plan))["rows"]
    for full_at in range(1, 60):
        place, writes = tmp_path / f"s{full_at}", 0

        def fsync(fd: int, full_at: int = full_at) -> None:
            nonlocal writes
            writes += 1
            if writes >= full_at:
                raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as context:
            context.setattr(os, "fsync", fsync)
            try:
                done(place, plan)
            except StoreError as error:
                assert "No space left on device" in str(error)
            else:
                break
        kept = set(open_store(place).read()["run_id"].astype(str)) if stores.is_store(place) else set()
        del quick[:]
        store = done(place, plan)
        assert every_row(store)["rows"] == calm and not list(place.rglob("*.partial"))
        assert sorted([*kept, *quick]) == sorted(store.runs()["run_id"])  # what was kept is not run again
        check_once(place, 3)
    assert full_at > 10


def test_runs_that_could_not_be_written_are_kept_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.create(tmp_path / "s", small())
    store.enlist()
    work = runner.Work.of(store.plan, FREE)
    store.add([made_up(work, run) for run in store.todo()])
    with monkeypatch.context() as context:
        context.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(StoreError, match="No space left"):
            store.flush()
    assert store.waiting == 12 and store.status()["done"] == 0
    store.flush()
    assert store.status()["done"] == 12


def test_drafts_and_shards_of_dead_drivers_are_removed_at_the_next_start(tmp_path: Path, quick: list[str]) -> None:
    place = tmp_path / "s"
    done(place, small())
    litter = [place / "shards" / ".abc.parquet.99999.partial", place / "shards" / "abc.parquet",
              place / ".registry.sqlite.99999.partial", place / ".plan.yaml.99999.partial",
              place / ".runs.parquet.99999.partial"]  # fmt: skip
    for path in litter:
        path.write_bytes(b"half")
    done(place, small())
    assert not [path for path in litter if path.exists()] and len(quick) == 12


def test_a_finished_sweep_is_read_from_itself_alone(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text("follower,followed\n" + "".join(f"{k},{(k * 7) % 40}\n" for k in range(1, 40)))
    plan = small(overrides=[*SHORT, "input.followers=f.csv"], against="no_ai")
    calm = every_row(done(Path("s"), plan))
    (tmp_path / "f.csv").rename(tmp_path / "g.csv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store = open_store("../s")
    assert every_row(store) == calm and not store.failures() and not store.hidden() and store.part == (1, 1)
    assert run_sweep(store, Inline(), limits=FREE)["done"] == 24 and len(quick) == 24
    (tmp_path / "s" / "registry.sqlite").unlink()
    assert every_row(open_store("../s")) == calm
    for path in (tmp_path / "s" / "shards").iterdir():
        path.unlink()
    with pytest.raises(InputError, match=r"f\.csv"):  # runs are left, which need it
        run_sweep(store, Inline(), limits=FREE)


def test_a_place_that_cannot_be_written_is_read(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = every_row(done(tmp_path / "s", small()))
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "s").rglob("*"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    store = open_store(tmp_path / "s")
    assert every_row(store) == calm and not store.hidden()
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "s").rglob("*")) == before


def test_an_older_layout_is_refused_with_the_version_that_reads_it(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "registry.sqlite")
    connection.execute("create table facts (name text primary key, value text not null)")
    connection.executemany("insert into facts values (?, ?)", [("version", "1"), ("source", "0123456789abcdef")])
    connection.commit()
    connection.close()
    with pytest.raises(InputError, match=r"layout 1, expected layout 2; .*\(source 0123456789ab\) reads it"):
        open_store(tmp_path)


# Every run's own calendar


def test_every_run_is_dated_and_averaged_by_its_own_release(tmp_path: Path) -> None:
    changes = {"levers": {"time.release": ["2022-11-28", "2024-02-26"], "time.burn_in_weeks": [2, 4]},
               "overrides": ["world=tiny", "time.weeks=6"], "uncertainties": {}, "against": "no_ai"}  # fmt: skip
    weekly, final = done(tmp_path / "w", small(**changes)), done(tmp_path / "f", small(resolution="final", **changes))
    runs = weekly.runs()
    assert len(runs) == 8
    released = pd.to_datetime(runs["start"]) + pd.to_timedelta(7 * runs["burn_in"], unit="D")
    assert (released.dt.strftime("%Y-%m-%d") == runs["time.release"]).all()
    assert (runs["burn_in"] == runs["time.burn_in_weeks"]).all()
    values = weekly.read().astype({"run_id": str}).merge(runs[["run_id", "start", "burn_in"]].drop_duplicates())
    assert (values["date"] - pd.to_datetime(values["start"]) == pd.to_timedelta(7 * values["week"], unit="D")).all()
    means = values[values["week"] >= values["burn_in"]].groupby("run_id")["items_new"].mean()
    kept = final.read().astype({"run_id": str}).set_index("run_id")["items_new"]
    assert np.allclose(kept, means.loc[kept.index], rtol=1e-6)


# What is hidden


def test_runs_that_do_not_count_any_more_are_told_with_the_reason(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    done(tmp_path / "s", small(), say=said.append)
    assert not said
    done(tmp_path / "s", small(samples=5), say=said.append)
    assert said == ["samples 5 instead of 12: 7 finished runs not counted"]
    assert open_store(tmp_path / "s").hidden() == said
    done(tmp_path / "s", small(), say=said.append)
    assert len(said) == 1 and len(quick) == 12
    done(tmp_path / "s", small(seed=2), say=said.append)
    assert said[1:] == ["seed 2 instead of 0: 12 finished runs not counted"]
    done(tmp_path / "s", small(overrides=[*SHORT, "farms.removal=0.1"]), say=said.append)
    assert said[2:] == ["seed 0 instead of 2, other overrides: 12 finished runs not counted",
                        "other overrides: 12 finished runs not counted"] or len(said) == 4  # fmt: skip
    monkeypatch.setattr("sim.simulate.source_hash", lambda: "another")
    (line, *_) = [line for line in open_store(tmp_path / "s").hidden() if "source has changed" in line]
    assert "resume` runs all of them anew" in line and len(open_store(tmp_path / "s").read()) == 36
    del said[:]
    done(tmp_path / "s", small(overrides=[*SHORT, "farms.removal=0.1"]), say=said.append)
    assert len(said) == 1 and re.fullmatch(
        r"another source of the model \(hash [0-9a-f]{12}, now another\): 36 finished runs not counted", said[0]
    )


def test_an_edited_plan_is_not_overwritten(tmp_path: Path, quick: list[str]) -> None:
    store = done(tmp_path / "s", small())
    path = tmp_path / "s" / "plan.yaml"
    edited = path.read_text().replace("samples: 12", "samples: 14")
    path.write_text(edited)
    assert [line for line in store.hidden() if "plan.yaml was edited" in line and "sweep run" in line]
    with pytest.raises(InputError, match=r"plan\.yaml: got an edited plan, expected .*sweep run"):
        done(tmp_path / "s", small())
    assert path.read_text() == edited and len(quick) == 12
    assert done(tmp_path / "s", small(samples=14)).status()["done"] == 14  # it says what the file says
    path.unlink()
    assert done(tmp_path / "s", small(samples=14)).status()["done"] == 14 and path.exists()


# Limits, locks and names


def last_words(how: int) -> None:
    say_last(("00ff", "900 MB of memory, over the limit of 500"))
    os._exit(how)


def test_a_worker_that_ends_itself_leaves_its_reason() -> None:
    engine = Local(1)
    try:
        with pytest.raises(WorkerDiedError) as died:
            result_of(engine.submit(last_words, runner.OUT_OF_BOUNDS))
    finally:
        engine.close()
    assert died.value.last_words == ("00ff", "900 MB of memory, over the limit of 500")


class Bounded:
    """An engine whose worker ends itself over one run."""

    slots = 1

    def submit(self, function: Any, work: Any, batch: Any) -> Any:
        guilty = [run.run_id for run, _ in batch if run.draws == 3]
        if guilty:
            return Inline().submit(self.die, guilty[0])
        return Inline().submit(function, work, batch)

    def die(self, run_id: str) -> None:
        raise WorkerDiedError("its worker died", (run_id, "900 MB of memory, over the limit of 500"))

    def close(self, now: bool = False) -> None: ...


def test_a_run_far_over_its_limit_is_reported_by_its_reason(tmp_path: Path, quick: list[str]) -> None:
    store = done(tmp_path / "s", small(), Bounded())
    assert store.status()["failed"] == 1 and store.status()["done"] == 11
    ((_, error),) = store.failures()
    assert error.splitlines()[-1] == "900 MB of memory, over the limit of 500" and "trust.rate" in error


def test_looking_at_a_sweep_keeps_no_driver_from_it(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    monkeypatch.setattr(stores, "ALIVE_SECONDS", 0.01)
    store = Store.create(tmp_path / "s", small())
    assert not store.is_driven()
    with store.lock():
        assert store.is_driven() and open_store(tmp_path / "s").is_driven()
    assert not store.is_driven()
    with FileLock(tmp_path / "s" / stores.ALIVE), store.lock():  # somebody looks for as long as the driver begins
        pass
    taken = [path.name for path in (tmp_path / "s").iterdir() if path.name.endswith(".lock")]
    assert set(taken) == {stores.ALIVE, stores.DRIVER}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["metavalue", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return int(ended.value.code or 0), out.out, out.err

    yield called


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        ("run", "baseline", "--memory-limit", "nan"),
        ("run", "baseline", "--memory-limit", "inf"),
        ("run", "baseline", "--memory-limit", "-1"),
        ("run", "baseline", "--memory-limit", "0"),
        ("run", "baseline", "--time-limit", "nan"),
        ("run", "baseline", "--time-limit", "inf"),
        ("run", "baseline", "--workers", "0"),
        ("run", "baseline", "--workers", "1000000000"),
        ("plan", "baseline", "--workers", "-1"),
        ("run", "baseline", "name=--help"),
        ("run", "baseline", "name=-x"),
        ("run", "baseline", f"name={LONG}"),
        ("run", "baseline", "name=" + "长" * 80),
        ("run", "baseline", "--out", LONG),
        ("run", "baseline", "--out", f"{LONG}/s", "--shard", "1/2"),
        ("merge", LONG),
        ("merge", f"a/{LONG}"),
        ("status", LONG),
        ("resume", LONG),
    ],
)
def test_what_cannot_be_a_limit_or_a_name_is_refused(call: Any, words: tuple[str, ...], tmp_path: Path) -> None:
    code, _, err = call("sweep", *words)
    assert code == 2 and err.count("\n") == 1 and len(err) <= 320, err
    assert not list(tmp_path.iterdir())


def test_analysing_a_sweep_of_a_name_that_is_too_long_is_refused(call: Any) -> None:
    code, _, err = call("analyse", LONG)
    assert code == 2 and err.count("\n") == 1


def test_status_tells_what_is_hidden_and_rebuilt(call: Any, quick: list[str], tmp_path: Path) -> None:
    words = ("sweep", "run", "baseline", *SHORT, "farms.removal=0,0.1", "--engine", "inline", "--quiet")
    assert call(*words)[0] == 0
    code, _, err = call(*words, "seed=3")
    assert code == 0 and err == "metavalue: note: seed 3 instead of 0: 2 finished runs not counted\n"
    code, out, err = call("sweep", "status", "baseline", "--json")
    assert code == 0 and json.loads(out)["done"] == 2 and "not counted" in err
    (tmp_path / "outputs" / "sweeps" / "baseline" / "registry.sqlite").unlink()
    code, out, _ = call("sweep", "resume", "baseline", "--engine", "inline", "--quiet")
    assert code == 0 and "2 of 2 runs done" in out and len(quick) == 4


def test_sigterm_ends_a_sweep_as_ctrl_c_does_and_keeps_what_is_finished(tmp_path: Path) -> None:
    place = tmp_path / "s"
    words = [sys.executable, "-m", "app.cli", "sweep", "run", "baseline", *SHORT, "replications=9000",
             "resolution=final", "--out", str(place), "--workers", "1", "--quiet"]  # fmt: skip
    driver = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while driver.poll() is None and not (stores.is_store(place) and open_store(place).status()["done"]):
            time.sleep(0.2)
        driver.send_signal(signal.SIGTERM)
        _, said = driver.communicate(timeout=60)
    finally:
        driver.kill()
    assert driver.returncode == 130 and "finished runs are kept" in said and said.count("\n") == 1
    store = open_store(place)
    assert 0 < len(store.read()) == store.status()["done"] < 9000
    assert not store.is_driven() and not list(place.rglob("*.partial"))
    assert "stopped: KeyboardInterrupt" in (place / "sweep.log").read_text()

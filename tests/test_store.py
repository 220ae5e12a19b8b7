"""What a sweep's store keeps is what was found: nothing twice, nothing silently changed, and all in the store."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from sim.base.errors import InputError
from sim.experiment import registry, runner, shards
from sim.experiment import store as stores
from sim.experiment.engines import Inline
from sim.experiment.plan import Plan
from sim.experiment.runner import run_sweep
from sim.experiment.store import Store, StoreError, open_store
from tests.commands import call
from tests.soak import compare
from tests.stores import (
    FREE,
    SHORT,
    check_once,
    done,
    every_row,
    made_up,
    shards_apart,
    small,
)

# Nothing twice


def parts(folder: Path, plan: Plan) -> list[Path]:
    """Stores of a half and of three thirds of a plan's runs."""
    places = {folder / name: shard for name, shard in zip("abcd", [(1, 2), (1, 3), (2, 3), (3, 3)], strict=True)}
    for place, shard in places.items():
        done(place, plan, shard=shard)
    return list(places)


def test_overlapping_shards_give_every_row_once_however_often_they_are_merged(
    tmp_path: Path, quick: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, calm = small(), done(tmp_path / "calm", small())
    places = parts(tmp_path, plan)
    for given in (places, [*places, *places], [places[1], places[0], *places[2:]]):
        words = ["sweep", "merge", *map(str, given), "--out", str(tmp_path / "m")]
        assert call(monkeypatch, *words) == 0 and "12 of 12 runs done" in capsys.readouterr().out
        check_once(tmp_path / "m", 12)
        compare(open_store(tmp_path / "m"), calm, 12)


def test_merging_needs_neither_the_data_nor_the_source_of_the_shards(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = parts(tmp_path, small())
    monkeypatch.setattr("sim.base.source.source_hash", lambda: "another")
    monkeypatch.setattr(Plan, "cases", property(lambda plan: pytest.fail("composed")))
    assert call(monkeypatch, "sweep", "merge", *map(str, places), "--out", str(tmp_path / "m")) == 0
    assert open_store(tmp_path / "m").status()["done"] == 12
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


def test_shards_stay_few_while_runs_are_kept_one_by_one(tmp_path: Path, quick: list[str]) -> None:
    plan, most = small(samples=90), []
    folder = tmp_path / "s" / "shards"
    done(tmp_path / "s", plan, progress=lambda _: most.append(len(list(folder.glob("*.parquet")))))
    assert 10 < max(most) <= stores.MAX_SMALL + 1 and len(os.listdir(folder)) <= 2
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
                f"else coalesce({column}, 0) + 1 end where rowid = 1"
                if table == "points"
                else f"update {table} set {column} = case when typeof({column}) = 'text' then {column} || ' ' "
                f"else coalesce({column}, 0) + 1 end where {columns[0]} = (select max({columns[0]}) from {table})"
            )
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
    assert not again.uncounted()
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
        assert len({*kept, *quick}) == len(kept) + len(quick)  # what was kept is not run again
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
    assert every_row(store) == calm and not store.failures() and not store.uncounted() and store.part == (1, 1)
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
    assert every_row(store) == calm and not store.uncounted()
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
    assert open_store(tmp_path / "s").uncounted() == said
    done(tmp_path / "s", small(), say=said.append)
    assert len(said) == 1 and len(quick) == 12
    done(tmp_path / "s", small(seed=2), say=said.append)
    assert said[1:] == ["seed 2 instead of 0: 12 finished runs not counted"]
    done(tmp_path / "s", small(overrides=[*SHORT, "farms.removal=0.1"]), say=said.append)
    assert (
        said[2:]
        == [
            "seed 0 instead of 2, other overrides: 12 finished runs not counted",
            "other overrides: 12 finished runs not counted",
        ]
        or len(said) == 4
    )
    monkeypatch.setattr("sim.base.source.source_hash", lambda: "another")
    (line, *_) = [line for line in open_store(tmp_path / "s").uncounted() if "source has changed" in line]
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
    assert [line for line in store.uncounted() if "plan.yaml was edited" in line and "sweep run" in line]
    with pytest.raises(InputError, match=r"plan\.yaml: got an edited plan, expected .*sweep run"):
        done(tmp_path / "s", small())
    assert path.read_text() == edited and len(quick) == 12
    assert done(tmp_path / "s", small(samples=14)).status()["done"] == 14  # it says what the file says
    path.unlink()
    assert done(tmp_path / "s", small(samples=14)).status()["done"] == 14 and path.exists()


def test_a_merge_overwrites_no_edited_plan(tmp_path: Path, quick: list[str]) -> None:
    done(tmp_path / "a", small())
    store = done(tmp_path / "b", small())
    path = tmp_path / "b" / "plan.yaml"
    edited = path.read_text().replace("samples: 12", "samples: 14")
    path.write_text(edited)
    with pytest.raises(InputError, match=r"plan\.yaml: got an edited plan, expected .*sweep run"):
        store.adopt(open_store(tmp_path / "a"))
    assert path.read_text() == edited


def test_a_registry_of_another_sweep_loses_no_finished_run(tmp_path: Path, quick: list[str]) -> None:
    """Put in the place of the store's own; its sweep is refused here, and the store's own goes on where it was."""
    store = done(tmp_path / "a", small())
    whole = every_row(store)
    for name, keys in (("b", {"seed": 3}), ("c", {"outcomes": ["trust_mean"], "samples": 3})):
        done(tmp_path / name, small(**keys))
        own = (tmp_path / "a" / "registry.sqlite").read_bytes()
        shutil.copy(tmp_path / name / "registry.sqlite", tmp_path / "a" / "registry.sqlite")
        with pytest.raises(InputError, match="an edited plan"):
            done(tmp_path / "a", small(**keys))
        if name == "c":  # whose outcomes are others, so that only its own registry reads the place
            (tmp_path / "a" / "registry.sqlite").write_bytes(own)
        quick.clear()
        assert every_row(done(tmp_path / "a", small()))["rows"] == whole["rows"] and not quick


def test_an_older_registry_loses_no_finished_run(tmp_path: Path, quick: list[str]) -> None:
    done(tmp_path / "s", small(samples=4))
    old = (tmp_path / "s" / "registry.sqlite").read_bytes()
    whole = every_row(done(tmp_path / "s", small()))
    (tmp_path / "s" / "registry.sqlite").write_bytes(old)
    (tmp_path / "s" / "plan.yaml").unlink()
    quick.clear()
    assert every_row(done(tmp_path / "s", small()))["rows"] == whole["rows"] and not quick
    check_once(tmp_path / "s", 12)


def test_a_part_whose_driver_joins_its_shards_meanwhile_is_merged(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = done(tmp_path / "part", small())
    shards_apart(part)
    store, asked = Store.create(tmp_path / "all", small()), list[str]()

    def read(folder: Path, name: str, *more: Any) -> pa.Table:
        asked.append(name)
        if len(asked) == 3:
            open_store(tmp_path / "part").compact()
        return real(folder, name, *more)

    real = shards.read
    monkeypatch.setattr(shards, "read", read)
    store.adopt(part)
    assert store.take_over(part) == 12
    store.compact()
    check_once(tmp_path / "all", 12)
    for path in (tmp_path / "part" / "shards").iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="damaged or missing: no such file"):
        Store.create(tmp_path / "other", small()).take_over(part)

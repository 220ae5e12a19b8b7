"""Sweeps lose nothing: engines agree, the killed are made good, and every failure leaves a usable store."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.statistics import summarise
from analysis.sweep import Sweep, pair
from sim.experiment import runner
from sim.experiment.engines import Dask, Engine, Inline, Local, WorkerDiedError, result_of
from sim.experiment.plan import MAX_POINTS, Plan, count_runs
from sim.experiment.runner import Finished, Limits, run_sweep
from sim.experiment.store import Store, StoreError, Todo, open_store
from sim.experiment.sweep_file import build_plan
from tests import commands
from tests.soak import compare, disturb

SHORT = ["world=tiny", "time.weeks=3", "time.burn_in_weeks=2"]
FREE = Limits(1e6, 1e6)


def small(**keys: Any) -> Plan:
    tree = {"name": "small", "base": "baseline", "overrides": SHORT, "uncertainties": ["trust.rate"], "samples": 4,
            "against": "no_ai", "outcomes": ["trust_mean", "items_new", "turing_pass_rate"]}  # fmt: skip
    return build_plan(tree | keys)


def done(place: Path, plan: Plan, engine: Engine | None = None, **more: Any) -> Store:
    """A store with a plan's runs done."""
    store = Store.create(place, plan)
    run_sweep(store, engine or Inline(), limits=FREE, **more)
    return store


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small sweep, done in this process and undisturbed."""
    return done(tmp_path_factory.mktemp("sweep") / "calm", small())


# What is kept


def test_every_run_is_there_with_its_numbers(calm: Store) -> None:
    table, frame = calm.runs(), calm.read()
    assert list(table.columns) == [
        "run_id",
        "arm",
        "point",
        "replication",
        "seed",
        "draws",
        "status",
        "wall_s",
        "start",
        "burn_in",
        "trust.rate",
    ]
    assert set(table["start"]) == {"2022-11-14"} and set(table["burn_in"]) == {2}
    assert len(table) == 8 and (table["status"] == "done").all() and table["run_id"].is_unique
    assert list(frame.columns) == ["run_id", "week", "date", *calm.plan.outcomes]
    assert len(frame) == 8 * 3 and (frame["items_new"] > 0).all()
    assert frame["turing_pass_rate"].isna().all()  # null before release, and without AI
    assert str(frame["date"].max().date()) == "2022-11-28"


def test_a_run_of_a_sweep_is_the_run_of_its_scenario(calm: Store) -> None:
    import sim

    first = calm.runs().iloc[0]
    run = sim.run("baseline", overrides=[*SHORT, f"trust.rate={float(first['trust.rate'])!r}"])
    assert run.manifest["run_id"] == first["run_id"]
    kept = calm.read(["trust_mean"])
    mine = kept[kept["run_id"] == first["run_id"]]["trust_mean"].to_numpy()
    assert np.array_equal(mine, run.outcomes["trust_mean"].to_numpy(np.float32))


def test_counterfactual_is_shared_by_settings_of_levers(tmp_path: Path) -> None:
    store = done(tmp_path / "s", small(levers={"labelling": [0, 1]}, samples=1))
    table = store.runs()
    assert len(table) == 4 and table["run_id"].nunique() == 3
    assert store.status()["planned"] == count_runs(store.plan) == 3


def test_final_values_are_means_of_the_last_year(tmp_path: Path, calm: Store) -> None:
    frame = done(tmp_path / "s", small(resolution="final")).read().set_index("run_id")
    weekly = calm.read()
    assert (weekly["trust_mean"] > 0).all()
    last = weekly[weekly["week"] == 2].set_index("run_id")  # the only week that is not before release
    assert np.allclose(frame["trust_mean"], last["trust_mean"].loc[frame.index], rtol=1e-6)
    assert frame["turing_pass_rate"].isna().all()


@pytest.mark.parametrize("resolution", ["final", "weekly"])
def test_a_run_and_a_sweep_tell_the_same_number(tmp_path: Path, resolution: str) -> None:
    import sim

    short = ["world=tiny", "time.weeks=8", "time.burn_in_weeks=5"]
    names = ["trust_mean", "items_new", "deep_time_share"]
    store = done(tmp_path / "s", small(overrides=short, outcomes=names, samples=1, resolution=resolution))
    rate = float(store.runs().iloc[0]["trust.rate"])
    comparison = sim.compare("baseline", "no_ai", 0, 1, overrides=[*short, f"trust.rate={rate!r}"])
    for name, row in summarise(comparison).items():
        if name in names:
            table = pair(Sweep(store.runs(), store.read(), store.plan), name)
            assert table["level"].item() == pytest.approx(row["mean"], rel=1e-6)
            assert table["counterfactual"].item() == pytest.approx(row["against"], rel=1e-6)
    frame = comparison.arms["baseline"][0].outcomes
    assert summarise(comparison)["items_new"]["mean"] == pytest.approx(frame["items_new"].to_numpy()[5:].mean())


def test_a_year_is_taken_after_release_alone() -> None:
    values = np.arange(10.0)[:, None]
    assert runner.last_year(values, 4).item() == 6.5 and runner.last_year(values, 10).item() == 4.5
    assert runner.last_year(np.arange(100.0)[:, None], 4).item() == 73.5


def test_reading_some_outcomes_and_weeks(calm: Store) -> None:
    frame = calm.read(["trust_mean"], weeks=(1, 2))
    assert list(frame.columns) == ["run_id", "week", "date", "trust_mean"] and set(frame["week"]) == {1, 2}
    with pytest.raises(Exception, match="outcomes that were kept"):
        calm.read(["craft_mean"])


# Engines


def test_engines_and_shards_give_the_same_rows(tmp_path: Path, calm: Store) -> None:
    local = Local(2)
    try:
        compare(done(tmp_path / "local", small(), local), calm, 8)
    finally:
        local.close()
    for i in (1, 2, 3):
        part = done(tmp_path / f"part{i}", small(), shard=(i, 3))
        assert part.status()["done"] in (2, 3)
    whole = Store.create(tmp_path / "whole", small())
    whole.enlist()
    for i in (1, 2, 3, 1):
        whole.take_over(open_store(tmp_path / f"part{i}"))
    whole.compact()
    compare(whole, calm, 8)


@pytest.mark.filterwarnings("ignore")
def test_dask_survives_a_worker_killed_in_the_middle(tmp_path: Path, calm: Store) -> None:
    """A scheduler and two worker processes of their own; one is killed while it works."""
    pytest.importorskip("distributed")
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster:
        engine = Dask(2, cluster.scheduler_address)
        with Client(cluster) as client:
            victim = next(iter(client.run(os.getpid).values()))
        killed = []

        def progress(state: Any) -> None:
            if not killed and state["done"]:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        try:
            compare(done(tmp_path / "dask", small(), engine, progress=progress), calm, 8)
        finally:
            engine.close()
    assert killed


def test_killed_driver_and_workers_lose_nothing(tmp_path: Path) -> None:
    """The small soak test: `kill -9` of driver and workers, resumed each time, against an undisturbed sweep."""
    words = [sys.executable, "-m", "app.cli", "sweep", "run", "baseline", *SHORT, "replications=24", "resolution=final"]
    one, other = tmp_path / "disturbed", tmp_path / "calm"
    happened = disturb(one, [*words, "--workers", "2", "--out", str(one)], 3, random.Random(1), 1.5)
    plan = build_plan(
        {"name": "baseline", "base": "baseline", "overrides": SHORT, "replications": 24, "resolution": "final"}
    )
    compare(open_store(one), done(other, plan), 24)
    assert happened >= 1


KILLED = """
import os, sqlite3, sys
registry = sqlite3.connect(sys.argv[1])
registry.execute("pragma cache_size = 1")  # so that changes reach the file before they are final
registry.execute("create table padding (text)")
registry.executemany("insert into padding values (?)", [("x" * 4000,)] * 50)
registry.execute("update facts set value = 'half written'")
os._exit(9)
"""


def test_driver_killed_within_a_transaction_leaves_a_usable_registry(tmp_path: Path) -> None:
    place = tmp_path / "s"
    before = Store.create(place, small(samples=2)).status()
    subprocess.run([sys.executable, "-c", KILLED, str(place / "registry.sqlite")], check=False)
    assert list(place.glob("*-journal")), "nothing was left to undo"
    assert open_store(place).status() == before
    assert done(place, small(samples=2)).status()["done"] == 4


def test_driver_killed_while_it_makes_the_store_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "s"
    with monkeypatch.context() as context:
        context.setattr(Path, "unlink", lambda *_, **__: None)  # a killed process tidies nothing
        context.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "killed")))
        with pytest.raises(StoreError, match="killed"):
            Store.create(place, small(samples=2))
    assert len(list(place.iterdir())) == 1
    assert done(place, small(samples=2)).status()["done"] == 4


def test_workers_end_with_their_driver(tmp_path: Path) -> None:
    """A driver that is killed leaves no process behind."""
    psutil = pytest.importorskip("psutil")
    words = [sys.executable, "-m", "app.cli", "sweep", "run", "baseline", "world=tiny", "replications=50", "--out",
             str(tmp_path / "s"), "--workers", "2"]  # fmt: skip
    driver = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    below: list[Any] = []
    until = time.monotonic() + 60
    while len(below) < 2 and time.monotonic() < until:
        time.sleep(0.2)
        below = psutil.Process(driver.pid).children(recursive=True)
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(below, timeout=30)
    assert below and not alive


# Going on


def test_finished_sweep_does_nothing_and_a_wider_one_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = runner.do_run
    monkeypatch.setattr(runner, "do_run", lambda work, run: asked.append(run.run_id) or real(work, run))
    done(tmp_path / "s", small(samples=2))
    done(tmp_path / "s", small(samples=2))
    assert len(asked) == 4
    store = done(tmp_path / "s", small(samples=3))
    assert len(asked) == len(set(asked)) == 6 and store.status() | {"wall_s": 0} == {
        "planned": 6,
        "done": 6,
        "failed": 0,
        "running": 0,
        "wall_s": 0,
        "eta_s": 0.0,
    }


def test_edited_source_makes_new_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = set(done(tmp_path / "s", small(samples=1)).runs()["run_id"])
    monkeypatch.setattr("sim.base.source.source_hash", lambda: "another")
    store = done(tmp_path / "s", small(samples=1))
    assert not old & set(store.runs()["run_id"]) and store.status()["done"] == 2
    assert set(store.read()["run_id"].astype(str)) == set(store.runs()["run_id"])


def test_another_question_needs_another_name(tmp_path: Path) -> None:
    Store.create(tmp_path / "s", small()).enlist()
    with pytest.raises(Exception, match=r"outcomes: got .*as in the sweep that is there"):
        Store.create(tmp_path / "s", small(outcomes=["trust_mean"]))


# Failures


def test_failed_run_is_recorded_and_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = runner.simulate

    def simulate(case: Any, seed: int, draws: int, *rest: Any) -> Any:
        if draws == plan.draws(0, 1):
            raise ZeroDivisionError("on purpose")
        return real(case, seed, draws, *rest)

    monkeypatch.setattr(runner, "simulate", simulate)
    plan = small(samples=1, replications=3, against=None)
    store = done(tmp_path / "s", plan)
    assert store.status()["failed"] == 1 and store.status()["done"] == 2
    ((_, error),) = store.failures()
    assert "ZeroDivisionError: on purpose" in error and "trust.rate" in error and "Traceback" in error
    assert "on purpose" in (store.folder / "sweep.log").read_text()
    monkeypatch.setattr(runner, "simulate", real)
    assert done(tmp_path / "s", plan).status()["failed"] == 1  # not again by itself
    assert done(tmp_path / "s", plan, retry_failed=True).status() | {"wall_s": 0} == {
        "planned": 3,
        "done": 3,
        "failed": 0,
        "running": 0,
        "wall_s": 0,
        "eta_s": 0.0,
    }


def test_fail_fast_stops_at_the_first_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(runner, "simulate", broken)
    status = done(tmp_path / "s", small(), fail_fast=True).status()
    assert status["failed"] == 1 and status["done"] == 0


@pytest.mark.parametrize(
    ("limits", "said"), [(Limits(1.0, 1e6), "MB of memory"), (Limits(1e6, 1e-9), "over the limit")]
)
def test_run_over_its_limit_is_a_failed_run(tmp_path: Path, limits: Limits, said: str) -> None:
    store = Store.create(tmp_path / "s", small(samples=1, against=None))
    run_sweep(store, Inline(), limits=limits)
    assert store.status()["failed"] == 1 and said in store.failures()[0][1]


class Deadly:
    """An engine whose worker dies over runs of the second replication, as if out of memory."""

    slots = 1

    def submit(self, function: Any, work: Any, batch: list[tuple[Todo, int]]) -> Future[Any]:
        future: Future[Any] = Future()
        if any(run.draws == MAX_POINTS for run, _ in batch):
            future.set_exception(WorkerDiedError("killed"))
        else:
            future.set_result(function(work, batch))
        return future

    def close(self, now: bool = False) -> None: ...


def test_run_that_kills_its_workers_is_a_failed_run(tmp_path: Path) -> None:
    store = done(tmp_path / "s", small(samples=1, against=None, replications=4), Deadly())
    assert store.status()["failed"] == 1 and store.status()["done"] == 3
    assert "worker died 3 times" in store.failures()[0][1]


def die(how: int) -> int:
    os._exit(how) if how else None
    return how


def test_local_engine_replaces_a_dead_worker() -> None:
    engine = Local(1)
    try:
        with pytest.raises(WorkerDiedError):
            result_of(engine.submit(die, 7))
        assert result_of(engine.submit(die, 0)) == 0
    finally:
        engine.close()


def test_disk_full_ends_in_a_clear_message_and_a_usable_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, real, calls = small(), os.fsync, []

    def full(fd: int) -> None:
        calls.append(fd)
        if len(calls) > 1:  # the plan is written; then the disk is full
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd)

    monkeypatch.setattr("sim.experiment.store.os.fsync", full)
    with pytest.raises(StoreError, match="No space left on device; what is registered is safe"):
        done(tmp_path / "s", plan)
    monkeypatch.setattr("sim.experiment.store.os.fsync", real)
    assert open_store(tmp_path / "s").status()["done"] == 0
    assert not list((tmp_path / "s" / "shards").glob("*"))
    assert done(tmp_path / "s", plan).status()["done"] == 8


def test_store_removed_under_way_ends_in_a_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    real = runner.do_run

    def remove(work: Any, run: Todo) -> Finished:
        shutil.rmtree(tmp_path / "s", ignore_errors=True)
        return real(work, run)

    monkeypatch.setattr(runner, "do_run", remove)
    with pytest.raises(StoreError, match="is gone"):
        done(tmp_path / "s", small())
    monkeypatch.setattr(runner, "do_run", real)
    assert done(tmp_path / "s", small(samples=1)).status()["done"] == 2


def test_damaged_shard_is_told_and_its_runs_are_run_again(tmp_path: Path, calm: Store) -> None:
    store = done(tmp_path / "s", small())
    shard = next((store.folder / "shards").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-40])
    with pytest.raises(StoreError, match="sweep resume"):
        store.read()
    (store.folder / "shards" / "stray.parquet").write_bytes(b"of a driver that died")
    compare(done(tmp_path / "s", small()), calm, 8)
    assert not (store.folder / "shards" / "stray.parquet").exists()


def test_second_driver_is_refused(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "s", small(samples=1))
    with store.lock(), pytest.raises(StoreError, match="another driver"):
        run_sweep(open_store(tmp_path / "s"), Inline(), limits=FREE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_place_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        Store.create(tmp_path / "s", small())


def test_place_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Store.create(tmp_path / "file" / "s", small())


def test_small_shards_are_put_together(tmp_path: Path, calm: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.experiment.runner.FLUSH_SECONDS", 0.0)
    store = done(tmp_path / "s", small())
    assert len(list((store.folder / "shards").iterdir())) == 1
    compare(store, calm, 8)


# The command line


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)

    def called(*words: str) -> tuple[int, str, str]:
        return commands.call(monkeypatch, "sweep", *words), *capsys.readouterr()

    yield called


def test_commands_from_plan_to_status(call: Any, tmp_path: Path) -> None:
    words = ("baseline", *SHORT, "farms.removal=0,0.1", "resolution=final")
    code, out, _ = call("plan", *words)
    assert code == 0 and "2 points (grid)" in out and "outputs/sweeps/baseline" in out and not list(tmp_path.iterdir())
    code, out, err = call("run", *words, "--engine", "inline")
    assert code == 0 and "2 of 2 runs done" in out and "2 of 2 runs" in err
    code, out, _ = call("status", "baseline", "--json")
    assert code == 0 and json.loads(out).keys() == {"planned", "done", "failed", "running", "wall_s", "eta_s"}
    code, out, _ = call("resume", "baseline", "--engine", "inline", "--quiet")
    assert code == 0 and "2 of 2 runs done" in out


def test_failed_runs_end_with_exit_code_3(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = call("run", "baseline", *SHORT, "--engine", "inline", "--time-limit", "0.000000001", "--quiet")
    assert code == 3 and "1 failed" in out and "--retry-failed" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "baselin"), "did you mean 'baseline'"),
        (("run", "no.yaml"), "no.yaml"),
        (("run", "baseline", "--engine", "cloud"), "--engine: got cloud"),
        (("run", "baseline", "--shard", "3/2"), "--shard: got 3/2"),
        (("run", "baseline", "--workers", "0"), "--workers"),
        (("run", "baseline", "samples=x"), "samples"),
        (("status", "nothing"), "no sweep"),
        (("resume", "nothing"), "no sweep"),
    ],
)
def test_wrong_words_end_with_exit_code_2(call: Any, words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    code, _, err = call(*words)
    assert code == 2 and said in err and err.count("\n") == 1


@pytest.mark.filterwarnings("ignore")
def test_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell of the notebook, in order, in a place of its own; DuckDB gives what pandas gives."""
    pytest.importorskip("duckdb")
    notebook = json.loads((Path(__file__).parents[1] / "docs" / "sweeps.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    by_pandas = names["values"].merge(names["runs"], on="run_id").groupby("arm")["ai_attention_share"].mean()
    by_duckdb = names["duckdb"].sql(names["query"]).df().set_index("arm")["mean"]
    assert np.allclose(by_pandas, by_duckdb.loc[by_pandas.index])


def test_a_run_leaves_no_model_behind() -> None:
    """Whatever keeps one would fill a worker's memory."""
    import gc

    from sim.world.world import World

    def alive() -> int:
        gc.collect()
        return sum(type(item) is World for item in gc.get_objects())

    work, before = runner.Work.of(small(samples=1), FREE), alive()  # other tests may hold worlds of their own
    for replication in range(2):
        assert runner.do_run(work, Todo("x", "baseline", {}, replication)).error is None
    assert alive() <= before

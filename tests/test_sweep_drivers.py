"""Drivers and workers of sweeps: who does no run, who is refused, how they end and what they say."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.experiment import runner
from sim.experiment import store as stores
from sim.experiment.engines import Inline, Local, WorkerDiedError, result_of, send_last_message
from sim.experiment.runner import Limits, Returned, run_sweep
from sim.experiment.store import Store, StoreError, Todo, open_store
from sim.simulation.results import RunResult
from tests import commands
from tests.stores import (
    FREE,
    ROOT,
    SHORT,
    done,
    small,
)

# A worker that is not the driver's


class Foreign:
    """An engine whose second batch comes from a worker of another program, with wrong numbers."""

    slots = 1

    def __init__(self, answer: Callable[[Returned], Any]) -> None:
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
from sim.experiment.runner import loaded_program as program

def ask(engine):
    return result_of(engine.submit(program))["source"]

if __name__ == "__main__":
    engine, ours = Local(1), program()["source"]
    print(ask(engine) == ours)
    path = Path("sim/experiment/runner.py")
    path.write_text(path.read_text() + "EDITED = True\\n")
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
    said = subprocess.run(
        [sys.executable, "ask.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert said.stdout.split() == ["True", "True", "False", "True"], said.stderr


def test_a_source_edited_while_the_driver_starts_is_refused(
    tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "started_unedited", lambda: False)
    with pytest.raises(StoreError, match="edited while the program started"):
        done(tmp_path / "s", small())
    assert not quick


# Limits, locks and names


def last_words(how: int) -> None:
    send_last_message(("00ff", "900 MB of memory, over the limit of 500"))
    os._exit(how)


def test_a_worker_that_ends_itself_leaves_its_reason() -> None:
    engine = Local(1)
    try:
        with pytest.raises(WorkerDiedError) as died:
            result_of(engine.submit(last_words, runner.EXIT_OVER_LIMIT))
    finally:
        engine.close()
    assert died.value.last_message == ("00ff", "900 MB of memory, over the limit of 500")


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


KEPT: list[bytearray] = []


def keep_memory(work: Any, batch: Any) -> Any:
    """Do a batch in which the run of the second future takes memory and keeps it, and no other takes any."""

    def simulate(case: Any, seed: int, draws: int, threads: int, progress: Any) -> Any:
        if draws == 1:
            KEPT.append(bytearray(1_000_000_000))
        progress(0, 3)
        return RunResult(pd.DataFrame({name: np.zeros(3) for name in work.outcomes}), {}, {})

    runner.simulate = simulate
    return runner.do_batch(work, batch)


class Keeping(Local):
    """Workers in which it does."""

    def submit(self, function: Any, *arguments: Any) -> Any:
        return super().submit(keep_memory, *arguments)


def test_a_run_over_its_limit_of_memory_takes_no_later_run_along(tmp_path: Path) -> None:
    engine = Keeping(1)
    try:
        store = Store.create(tmp_path / "s", small(samples=6))
        run_sweep(store, engine, limits=Limits(1000, 1e6))
    finally:
        engine.close()
    ((_, error),) = store.failures()
    assert "over the limit of 1000" in error and store.status()["done"] == 5


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
        return commands.call(monkeypatch, *words), *capsys.readouterr()

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


def test_a_finished_sweep_says_that_nothing_is_left(call: Any, quick: list[str]) -> None:
    words = ("sweep", "run", "baseline", *SHORT, "farms.removal=0,0.1", "--engine", "inline")
    assert call(*words)[0] == 0 and len(quick) == 2
    code, _, err = call(*words)
    assert (code, err) == (0, "Nothing left to run\n") and len(quick) == 2
    assert call(*words, "--quiet")[2] == ""


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
    store = open_store(place)
    kept = f"{store.status()['done']:,} of 9,000 runs are kept"
    assert said == f"metavalue: interrupted; {kept}; go on with: metavalue sweep resume {place}\n"
    assert driver.returncode == 130
    assert 0 < len(store.read()) == store.status()["done"] < 9000
    assert not store.is_driven() and not list(place.rglob("*.partial"))
    assert "stopped: KeyboardInterrupt" in (place / "sweep.log").read_text()


def test_shares_are_merged_where_they_lie_and_say_when_they_are_done(
    call: Any, quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `docs/sweeps.md` has it: `metavalue sweep merge outputs/sweeps/my/shard-*`, once more as shares come in."""
    monkeypatch.chdir(tmp_path)
    words = ("run", "baseline", *SHORT, "farms.removal=0.1,0.2,0.3", "name=my", "outcomes=trust_mean", "--quiet",
             "--engine", "inline")  # fmt: skip
    for share in ("1/2", "2/2"):
        code, out, _ = call("sweep", *words, "--shard", share)
        assert code == 0 and f"all of share {share}; merge the shares with: metavalue sweep merge" in out
        code, out, _ = call("sweep", "merge", *map(str, sorted(Path("outputs/sweeps/my").glob("shard-*"))))
        assert code == 0 and ("3 of 3 runs done" in out) == (share == "2/2")
    for share in ("1/3", "2/3"):  # two shares in one place: who goes on does all
        assert call("sweep", *words, "--out", "two", "--shard", share)[0] == 0
    assert "3 of 3 runs done" in call("sweep", "resume", "two", "--quiet", "--engine", "inline")[1]

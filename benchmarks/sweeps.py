"""What a sweep costs beside its runs: `python -m benchmarks.sweeps`, some minutes on a machine with nothing else to do.

Overhead of a run, gain of a second worker, and how 10,000 runs of 312 weeks and 60 outcomes lie on disk and are read.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis.sweep import Sweep, fan_of
from benchmarks.measure import Row, keep, loops_gain, show
from sim.base.outcomes import OUTCOMES
from sim.experiment.engines import Local
from sim.experiment.plan import Plan
from sim.experiment.runner import Limits, Work, do_run, run_sweep
from sim.experiment.store import Finished, Store, Todo
from sim.experiment.sweep_file import read_plan
from tests.memory import peak_bytes

LIMITS = Limits(1e9, 1e9)
RUNS, WEEKS, KEPT = 10_000, 312, 60  # of the large sweep
WINDOW = (0.15, 0.9)  # part of a sweep's runs between which its pace is taken: all workers are up, none has run dry
SAMPLE = 8  # runs of the model from which the large sweep is made


def pace(runs: int, workers: int) -> dict[str, float]:
    """Runs a second of the tiny world in steady state, and what a run costs beside its own seconds."""
    plan, ticks = read_plan("baseline", ["world=tiny", f"replications={runs}", "resolution=final"]), [(0, 0.0)]

    def watch(state: Mapping[str, Any]) -> None:
        if state["done"] != ticks[-1][0]:
            ticks.append((state["done"], time.perf_counter()))

    with tempfile.TemporaryDirectory() as folder:
        store, engine = Store.create(Path(folder) / "pace", plan), Local(workers)
        try:
            run_sweep(store, engine, limits=LIMITS, progress=watch)
        finally:
            engine.close()
        own = float(store.runs()["wall_s"].median())
    inside = [tick for tick in ticks if WINDOW[0] * runs <= tick[0] <= WINDOW[1] * runs]
    rate = (inside[-1][0] - inside[0][0]) / (inside[-1][1] - inside[0][1])
    return {"rate": rate, "run_ms": 1e3 * own, "overhead_ms": 1e3 * (workers / rate - own)}


def workers(runs: int = 400, repeats: int = 3) -> dict[str, Any]:
    """Gain of a second worker beside that of two arithmetic loops, in turns."""
    found: dict[str, list[float]] = {"gain": [], "loops": [], "overhead_ms": []}
    for _ in range(repeats):
        one, loops, two = pace(runs // 2, 1), loops_gain(2.0), pace(runs, 2)
        found["gain"].append(two["rate"] / one["rate"])
        found["loops"].append((loops + loops_gain(2.0)) / 2)
        found["overhead_ms"].append(two["overhead_ms"])
    ratios = np.array(found["gain"]) / np.array(found["loops"])
    return found | {"of_loops": float(np.median(ratios)), "overhead": float(np.median(found["overhead_ms"]))}


def large_plan(runs: int) -> Plan:
    """The plan of a sweep whose runs are not run."""
    names = ",".join(list(OUTCOMES)[:KEPT])
    return read_plan("baseline", ["world=tiny", f"time.weeks={WEEKS}", f"replications={runs}", f"outcomes={names}"])


def storage(runs: int = RUNS) -> dict[str, Any]:
    """Fill a store with runs that differ from a few of the model's by noise, and read one outcome's fan from it."""
    plan = large_plan(runs)
    work, rng = Work.of(plan, LIMITS), np.random.default_rng(0)
    models = [do_run(work, Todo(f"{k}", plan.base, {}, k)).values for k in range(SAMPLE)]
    with tempfile.TemporaryDirectory() as folder:
        store, wall, peaks = Store.create(Path(folder) / "large", plan), time.perf_counter(), []
        with store.lock():
            store.enlist()
            planned = time.perf_counter() - wall
            for k, todo in enumerate(store.todo()):
                values = models[k % SAMPLE]
                assert values is not None
                noise = rng.standard_normal(values.shape, np.float32)
                store.add([Finished(todo.run_id, 1.0, values * (1 + np.float32(1e-3) * noise))])
                if k + 1 in (runs // 2, runs):
                    peaks.append(peak_bytes() / 2**20)
            store.flush()
            kept = time.perf_counter() - wall - planned
        size = sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file())
        wall = time.perf_counter()
        values = store.read(["ai_attention_share"])
        read = time.perf_counter() - wall
        frame = fan_of(Sweep(store.runs(), values, plan), "ai_attention_share").frame
        fan = time.perf_counter() - wall
        assert len(frame) == WEEKS
    return {
        "runs": runs, "mb": size / 1e6, "plan_s": planned, "keep_ms_a_run": 1e3 * kept / runs, "read_s": read,
        "fan_s": fan, "peak_mb_at_half": peaks[0], "peak_mb": peaks[1],
    }  # fmt: skip


def rows(results: Mapping[str, Any]) -> list[Row]:
    """Values beside their targets."""
    two, large = results["workers"], results["storage"]
    return [
        ("second worker's gain over two loops'", two["of_loops"], ">=", 0.9),
        ("overhead of a run at two workers, ms", two["overhead"], "<=", 5.0),
        (f"{large['runs']:,} runs of {WEEKS} weeks and {KEPT} outcomes, MB", large["mb"], "<=", 550.0),
        ("reading one outcome's fan from them, s", large["fan_s"], "<=", 2.0),
        ("driver's memory, all runs over half of them", large["peak_mb"] / large["peak_mb_at_half"], "<=", 1.05),
    ]


def main() -> int:
    """Measure, print a table and write it down."""
    results = {"workers": workers(), "storage": storage()}
    show(rows(results))
    print(keep(results, rows(results), "-sweeps"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

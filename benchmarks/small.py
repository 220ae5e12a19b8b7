"""What a person waits for: help, a run in a classroom, a future re-run from release, and compiling."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.worlds import advance, build
from sim.world.state import collect, restore

WORLD, FIVE_YEARS = "classroom", 261
LEAST = (
    "world.consumers=10", "world.creators=10", "world.studios=2", "world.workers=400", "world.occupations=1",
    "world.freelancers=10", "world.genres=1", "world.new_items=20", "world.canon=64",
)  # what is left of a week when there is hardly anybody: the calls of its steps  # fmt: skip
COMMAND = str(Path(sys.executable).with_name("metavalue"))
COMPILE = """
import json
import sim.kernels
from numba.core import event
from sim.settings.scenario import compose
from sim.model import ContentEcosystem
spent, depth = 0.0, 0
with event.install_recorder("numba:compile") as record:
    for scenario in ("baseline", "autonomous"):
        model = ContentEcosystem(settings=compose(scenario, ["world=tiny", "time.weeks=39"]).settings, rng=0)
        for _ in range(39):
            model.step()
for moment, happened in record.buffer:  # compiling a function compiles those that it calls: the outermost count
    if happened.is_start:
        begun = moment if depth == 0 else begun
        depth += 1
    else:
        depth -= 1
        spent += moment - begun if depth == 0 else 0.0
print(json.dumps({"seconds": spent, "functions": len(record.buffer) // 2}))
"""
FUTURES = """
import json
from benchmarks.small import LEAST, future
print(json.dumps({"future": future(), "least": future(LEAST)}))
"""


def seconds(*command: str, repeats: int = 5) -> float:
    """Median seconds of a command after one that is not counted."""
    spent = []
    for turn in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        if turn:
            spent.append(time.perf_counter() - start)
    return float(np.median(spent))


def compiling(**places: str) -> dict[str, Any]:
    """Seconds of numba's compiler, and functions compiled, in a new process with caches at given places."""
    return in_own_process(COMPILE, **{k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | places)


def in_own_process(command: str, **environment: str) -> dict[str, Any]:
    """Numbers that a command of Python's prints as JSON, in a new process with an environment."""
    printed = subprocess.run(
        (sys.executable, "-c", command), check=True, capture_output=True, text=True, env=environment or None
    )
    measured: dict[str, Any] = json.loads(printed.stdout)
    return measured


def future(overrides: Iterable[str] = (), repeats: int = 3) -> dict[str, float]:
    """Seconds of the five years after release, from a snapshot of the burn-in."""
    model = build(WORLD, [f"time.weeks={FIVE_YEARS + 400}", *overrides])
    advance(model, model.settings.time.burn_in_weeks)
    held, spent, back = collect(model.world), [], []
    for _ in range(repeats):
        start = time.perf_counter()
        restore(model.world, held)
        back.append(time.perf_counter() - start)
        advance(model, FIVE_YEARS)
        spent.append(time.perf_counter() - start)
    return {"seconds": min(spent), "restore_s": min(back)}


def small() -> dict[str, Any]:
    """Measure all of it."""
    with tempfile.TemporaryDirectory() as folder:
        run = seconds(COMMAND, "run", f"world={WORLD}", "--out", f"{folder}/run", "--overwrite", "--quiet", repeats=2)
        cold = compiling(XDG_CACHE_HOME=f"{folder}/cache")
        warm = compiling(XDG_CACHE_HOME=f"{folder}/cache")
        Path(folder, "file").touch()
        nowhere = {"XDG_CACHE_HOME": f"{folder}/file/cache", "TMPDIR": folder}  # as in a home that cannot be written
        compiling(**nowhere)
        kept = compiling(**nowhere)
    return {
        "world": WORLD, **in_own_process(FUTURES), "help_s": seconds(COMMAND, "--help"), "run_s": run,
        "compile_s": cold["seconds"], "functions": cold["functions"],
        "compiled_again": warm["functions"] + kept["functions"],
    }  # fmt: skip

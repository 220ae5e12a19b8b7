"""Times that mean something on a shared machine: repeats taken in turns, and ratios of what ran side by side."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from sim.kernels.elementary import unmanaged
from sim.simulation.simulate import environment

RESULTS = Path(__file__).with_name("results")
Times = dict[str, list[float]]
Row = tuple[str, float, str, float]  # what, value, ">=" or "<=", target
Work = Callable[[], object] | tuple[Callable[[], object], Callable[[], object]]


def in_turns(repeats: int, works: Mapping[str, Work]) -> Times:
    """Seconds of several pieces of work, each run once a round, after a round that is not counted.

    A pair of functions is (prepare, work), of which only the second is timed.
    """
    times: Times = {name: [] for name in works}
    for turn in range(repeats + 1):
        for name, work in works.items():
            if isinstance(work, tuple):
                work[0]()
            run = work[1] if isinstance(work, tuple) else work
            start = time.perf_counter()
            run()
            if turn:
                times[name].append(time.perf_counter() - start)
    return times


def ratio(times: Times, slow: str, fast: str) -> float:
    """How many times longer the first takes than the second: median over rounds, in which both met the same noise."""
    return float(np.median(np.array(times[slow]) / np.array(times[fast])))


def exponent(sizes: list[float], seconds: list[float]) -> float:
    """Slope of log time over log size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


@unmanaged()
def spin(rounds: int, x: float) -> float:
    """Arithmetic that touches no memory."""
    for _ in range(rounds):
        x = x * 0.999999 + 1e-6
    return x


def loops_gain(seconds: float = 0.5) -> float:
    """What a second core is worth this minute: gain of two independent arithmetic loops over one after the other."""
    spin(10, 1.0)
    start = time.perf_counter()
    spin(10_000_000, 1.0)
    rounds = int(10_000_000 * seconds / (time.perf_counter() - start))
    start = time.perf_counter()
    for _ in range(2):
        spin(rounds, 1.0)
    alone = time.perf_counter() - start
    with ThreadPoolExecutor(2) as pool:
        start = time.perf_counter()
        list(pool.map(spin, [rounds] * 2, [1.0] * 2))
        return alone / (time.perf_counter() - start)


def describe_machine() -> dict[str, Any]:
    """Processor, cores, memory, compiler and versions, without the machine's name."""
    facts = {key: environment()[key] for key in ("model_version", "source_hash", "commit", "python", "packages")}
    compiler = subprocess.run([os.environ.get("CC", "gcc"), "--version"], capture_output=True, text=True, check=False)
    facts |= {"system": platform.system(), "architecture": platform.machine(), "cores": os.cpu_count()}
    facts["compiler"] = compiler.stdout.partition("\n")[0]
    facts["memory_gib"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        named = [line for line in cpu.read_text().splitlines() if line.startswith("model name")]
        facts["processor"] = named[0].partition(":")[2].strip() if named else ""
    return facts


def meets(row: Row, margin: float = 1.0) -> bool:
    """Whether a value meets its target, or a part of it."""
    _, value, sense, target = row
    return value >= margin * target if sense == ">=" else value <= target / margin


def show(found: list[Row], margin: float = 1.0) -> None:
    """Print the table."""
    width = max(len(row[0]) for row in found)
    for row in found:
        print(f"{row[0]:{width}}  {row[1]:10.3f}  {row[2]} {row[3]:<8g} {'' if meets(row, margin) else 'NOT MET'}")


def keep(results: Mapping[str, Any], table: Sequence[Row] = (), suffix: str = "") -> Path:
    """Write results as JSON, dated, with the machine and the values beside their targets."""
    today = datetime.date.today().isoformat()
    told = {what: {"value": value, "target": f"{sense} {target:g}"} for what, value, sense, target in table}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{today}{suffix}.json"
    whole = {"date": today, "machine": describe_machine(), **({"table": told} if told else {}), **results}
    path.write_text(json.dumps(whole, indent=1, sort_keys=False) + "\n")
    return path

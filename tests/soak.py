"""Soak test of sweeps: drivers and workers are killed at random, and nothing may be lost.

`make soak` runs a sweep with `kill -9` of the driver or a worker at random moments, resumed each time, and an even part
of the same sweep undisturbed. Every run must be there once, and those of the part must have the same numbers in both.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from sim.experiment.store import Store, open_store

ROOT = Path(__file__).resolve().parents[1]
MIN_SECONDS = 0.5  # between kills


def command(*words: str) -> list[str]:
    """A `metavalue sweep` command of this checkout."""
    return [sys.executable, "-m", "app.cli", "sweep", *words]


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """Start a driver, silent."""
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def children(pid: int) -> list[int]:
    """Processes below another one that simulate, of those that live."""
    import psutil

    try:
        below = psutil.Process(pid).children(recursive=True)
        return [p.pid for p in below if "spawn_main" in " ".join(p.cmdline())]
    except psutil.Error:
        return []


def disturb(place: Path, first: list[str], kills: int, draw: random.Random, span: float) -> int:
    """Run a sweep to its end while killing its driver or one of its workers; returns how often that happened."""
    happened, driver = 0, start(first)
    try:
        while happened < kills:
            time.sleep(MIN_SECONDS + draw.random() * span)
            if driver.poll() is not None:
                if is_whole(place):
                    break
                driver = start(next_command(place, first))
                continue
            workers = children(driver.pid)
            victim = draw.choice(workers) if workers and draw.random() < 0.5 else driver.pid
            os.kill(victim, signal.SIGKILL)
            happened += 1
            if victim == driver.pid:
                driver.wait()
                driver = start(next_command(place, first))
        driver.wait()
        for _ in range(kills):  # a driver that was killed last is resumed until all is done
            if is_whole(place):
                break
            subprocess.run([*next_command(place, first), "--quiet"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    finally:
        if driver.poll() is None:
            driver.kill()
    return happened


def next_command(place: Path, first: list[str]) -> list[str]:
    """What goes on with a sweep: `resume` once there is something to resume."""
    if (place / "registry.sqlite").exists():
        return command("resume", str(place), "--workers", "2")
    return first


def is_whole(place: Path) -> bool:
    """Whether every planned run is done."""
    try:
        status = open_store(place).status()
    except Exception:
        return False
    return bool(status["planned"]) and status["done"] == status["planned"]


def rows(store: Store) -> pd.DataFrame:
    """All numbers of a sweep, sorted by run id and week."""
    frame = store.read().astype({"run_id": str})
    keys = ["run_id", *(["week"] if "week" in frame else [])]
    return frame.sort_values(keys, ignore_index=True)


def compare(disturbed: Store, calm: Store, runs: int) -> int:
    """Fail where a run is missing, twice there, or has other numbers; return how many runs were compared."""
    table, part = disturbed.runs(), calm.runs()
    assert len(table) == runs and table["run_id"].is_unique, "a run is missing or registered twice"
    assert (table["status"] == "done").all() and (part["status"] == "done").all(), "a run is not done"
    one, other = rows(disturbed), rows(calm)
    assert one["run_id"].nunique() == runs, "rows of a run are missing"
    assert not one.duplicated(["run_id", *(["week"] if "week" in one else [])]).any(), "rows are twice there"
    assert other["run_id"].nunique() == len(part) > 0, "rows of an undisturbed run are missing"
    assert one[one["run_id"].isin(other["run_id"])].reset_index(drop=True).equals(other), "numbers differ"
    return len(part)


def main() -> None:
    """Run the soak test, and say what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--part", type=int, default=10, help="compare every so many-th run with an undisturbed one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--span", type=float, default=60.0, help="seconds between kills at most")
    parser.add_argument("changes", nargs="*", help="key=value for every run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        a, b = Path(folder) / "disturbed", Path(folder) / "calm"
        changes = ["world=tiny", f"replications={given.runs}", "resolution=final", *given.changes]
        clock = time.monotonic()
        kills = disturb(
            a,
            command("run", "baseline", *changes, "--out", str(a), "--workers", "2"),
            given.kills,
            random.Random(given.seed),
            given.span,
        )
        print(f"{given.runs:,} runs, {kills} kills, {time.monotonic() - clock:.0f} s", flush=True)
        clock = time.monotonic()
        part = f"{random.Random(given.seed).randint(1, given.part)}/{given.part}"
        words = command("run", "baseline", *changes, "--out", str(b), "--shard", part, "--workers", "2", "--quiet")
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
        print(f"part {part} of them undisturbed, {time.monotonic() - clock:.0f} s", flush=True)
        compared = compare(open_store(a), open_store(b), given.runs)
        print(f"Every run is registered once, and the numbers of {compared:,} are the same as undisturbed.")


if __name__ == "__main__":
    main()

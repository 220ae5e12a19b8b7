"""Flip single bits of a finished sweep's shards and registry: what is read is refused, or is what was written."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sim.base.errors import InputError
from sim.experiment.store import StoreError, open_store
from tests.fuzz.harness import ROOT

DIFFERENT = "DIFFERENT"
CHANGES = ("world=tiny", "time.weeks=8", "time.burn_in_weeks=3", "farms.human_minutes=2,5,10", "replications=4")


def make_sweep(place: Path) -> Path:
    """A finished sweep of a dozen runs."""
    words = [sys.executable, "-m", "app.cli", "sweep", "run", "autonomous", *CHANGES, "--out", str(place), "--quiet",
             "--engine", "inline"]  # fmt: skip
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return place


def numbers(place: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All that a reader gets from a sweep: its runs, and their outcomes."""
    store = open_store(place)
    values = store.read().astype({"run_id": str}).sort_values(["run_id", "week"], ignore_index=True)
    return store.runs(), values


def flip(path: Path, draw: random.Random) -> int:
    """Flip one bit of a file; returns its place."""
    bit = draw.randrange(path.stat().st_size * 8)
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))
    return bit


def flips(good: Path, scratch: Path, count: int, seed: int) -> Iterator[tuple[str, str, int]]:
    """Try so many flips, shards and registry in turn; yields file, what came of it, and the bit.

    What comes of it is `refused`, `same` or `DIFFERENT`.
    """
    runs, values = numbers(good)
    for number in range(count):
        draw = random.Random(f"{seed} flip {number}")
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(good, scratch)
        shards = sorted((scratch / "shards").glob("*.parquet"))
        path = draw.choice(shards) if number % 2 else scratch / "registry.sqlite"
        bit = flip(path, draw)
        try:
            got_runs, got_values = numbers(scratch)
        except (InputError, StoreError):
            yield path.suffix, "refused", bit
            continue
        same = got_values.equals(values) and got_runs.drop(columns="wall_s").equals(runs.drop(columns="wall_s"))
        same = same and got_runs["wall_s"].equals(runs["wall_s"])
        yield path.suffix, "same" if same else DIFFERENT, bit


def try_flips(folder: Path, count: int, seed: int) -> Counter[tuple[str, str]]:
    """Count what came of so many flips."""
    good = make_sweep(folder / "good")
    found: Counter[tuple[str, str]] = Counter()
    for kind, outcome, bit in flips(good, folder / "flipped", count, seed):
        found[kind, outcome] += 1
        if outcome == DIFFERENT:
            print(f"bit {bit} of {kind} differs silently", flush=True)
    return found

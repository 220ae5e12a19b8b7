"""Kill commands at random steps on the disk, go on, and compare with what an undisturbed command leaves.

`python -m tests.soak_kills --kills 100`: `run --overwrite`, `sweep run`, `sweep merge`, compaction and `report` in
turn, each killed before a random call of fsync, rename, replace, unlink, mkdir or rmdir, or a random statement of SQL.
Nothing may be lost, twice there, or torn.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import sim
from sim.experiment.store import open_store
from tests import kills
from tests.soak import rows

TINY = ("world=tiny", "time.weeks=4", "time.burn_in_weeks=2")
RUN = ("run", "baseline", "--against", "no_ai", *TINY, "--replications", "2", "--quiet")
SWEEP = ("baseline", *TINY, "farms.human_minutes=2,5,10", "replications=4")
COMPACT = """
from sim.experiment.store import open_store
store = open_store({!r})
with store.lock():
    store.compact()
"""
SMALL = """
import sys
from app import cli
from sim.experiment import runner
from sim.experiment.store import Store
Store.compact = lambda self: None  # a driver that was killed before it
runner.FLUSH_SECONDS = 0.0
sys.argv = {!r}
cli.main()
"""

Frames = tuple[pd.DataFrame, ...]


@dataclass(frozen=True)
class Target:
    """A command to kill.

    Attributes
    ----------
    words : the command.
    again : what goes on after a kill; it may be called several times.
    read : the numbers that are there in the end, or right after a kill where `whole`.
    whole : whether what is there right after a kill is complete: the old or the new.
    """

    name: str
    words: tuple[str, ...]
    again: tuple[str, ...]
    read: Callable[[Path], Frames]
    whole: bool = False


def results(folder: Path) -> Frames:
    """Weekly outcomes of all runs of an experiment."""
    found = sim.load(folder / "r")
    return tuple(run.outcomes for runs in found.arms.values() for run in runs)


def sweep(name: str) -> Callable[[Path], Frames]:
    """Reader of a finished sweep's runs and numbers; each run is there once."""

    def read(folder: Path) -> Frames:
        store = open_store(folder / name)
        runs = store.runs()
        assert (runs["status"] == "done").all() and runs["run_id"].is_unique, "a run is missing or twice there"
        values = rows(store)
        assert not values.duplicated(["run_id", "week"]).any(), "rows are twice there"
        assert sorted(values["run_id"].unique()) == sorted(runs["run_id"]), "rows of a run are missing"
        return runs.drop(columns="wall_s"), values

    return read


def page(folder: Path) -> Frames:
    """A report's size, whole or not."""
    text = (folder / "r" / "report.html").read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>"), "a torn page"
    return (pd.DataFrame({"page": [len(text)]}),)


def targets(folder: Path) -> tuple[Target, ...]:
    """The commands that are killed, on places in a folder."""
    at = {name: str(folder / name) for name in ("r", "s", "m", "small", *(f"part{k}" for k in range(3)))}
    run = ("sweep", "run", *SWEEP, "--engine", "inline", "--quiet", "--out", at["s"])
    merge = ("sweep", "merge", *(at[f"part{k}"] for k in range(3)), "--out", at["m"])
    compact = ("-c", COMPACT.format(at["small"]))
    return (
        Target("run", (*RUN, "--overwrite", "--out", at["r"]), (*RUN, "--overwrite", "--out", at["r"]), results, True),
        Target("sweep run", run, run, sweep("s")),
        Target("merge", merge, merge, sweep("m")),
        Target("compact", compact, ("sweep", "resume", at["small"], "--quiet"), sweep("small"), True),
        Target("report", ("report", at["r"]), ("report", at["r"]), page, True),
    )


def command(*words: str) -> None:
    """Run a command to its end."""
    program = [sys.executable, *words] if words[0] == "-c" else [sys.executable, "-m", "app.cli", *words]
    subprocess.run(program, cwd=kills.ROOT, check=True, stdout=subprocess.DEVNULL)


def prepare(folder: Path) -> None:
    """What the commands begin with: an old result, shards to merge, and a store of small files."""
    command(*RUN, "--seed", "1", "--out", str(folder / "r"))
    for k in range(3):
        part = ("--shard", f"{k + 1}/3", "--out", str(folder / f"part{k}"))
        command("sweep", "run", *SWEEP, "--engine", "inline", "--quiet", *part)
    words = ["metavalue", "sweep", "run", *SWEEP, "--engine", "inline", "--quiet", "--out", str(folder / "small")]
    command("-c", SMALL.format(words))
    assert len(list((folder / "small" / "shards").iterdir())) > 3


def same(one: Frames, other: Frames) -> bool:
    """Whether all numbers are the same."""
    return len(one) == len(other) and all(a.equals(b) for a, b in zip(one, other, strict=True))


@dataclass(frozen=True)
class Bench:
    """Prepared places, and by command: its steps, and what it leaves undisturbed, and what was there before."""

    start: Path
    steps: dict[str, int]
    before: dict[str, Frames | None]
    after: dict[str, Frames]


def set_up(folder: Path) -> Bench:
    """Prepare the places; run every command undisturbed, counting its steps."""
    start = folder / "start"
    start.mkdir()
    prepare(start)
    bench = Bench(start, {}, {}, {})
    for number in range(len(targets(folder))):
        place = folder / f"calm{number}"
        shutil.copytree(start, place)
        target = targets(place)[number]
        bench.before[target.name] = target.read(place) if target.whole else None
        bench.steps[target.name] = kills.steps(place, *target.words, cwd=place)
        if target.name == "compact":
            command(*target.again)
        bench.after[target.name] = target.read(place)
        shutil.rmtree(place)
    return bench


def disturb(bench: Bench, folder: Path, number: int, seed: int) -> tuple[str, bool]:
    """Kill one command once, go on, and check; returns its name and whether it was killed."""
    draw = random.Random(f"{seed} kill {number}")
    place = folder / f"kill{number}"
    shutil.copytree(bench.start, place)
    target = targets(place)[number % len(targets(place))]
    happened = kills.kill(draw.randint(1, bench.steps[target.name]), place, *target.words, cwd=place)
    before, after = bench.before[target.name], bench.after[target.name]
    if before is not None:
        found = target.read(place)
        assert same(found, before) or same(found, after), f"{target.name} {number}: torn after a kill"
    command(*target.again)
    assert same(target.read(place), after), f"{target.name} {number}: other numbers after going on"
    litter = [path.name for path in place.rglob("*") if path.name.endswith((".partial", ".old"))]
    assert not litter, f"{target.name} {number}: left {litter}"
    shutil.rmtree(place)
    return target.name, happened


def main() -> None:
    """Kill, compare, and say what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    clock = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(given.workers) as pool:
        print(summary(disturbances(Path(name), range(given.kills), given.seed, pool.map), time.monotonic() - clock))


def disturbances(folder: Path, numbers: Sequence[int], seed: int, each: Callable[..., object]) -> Counter[str]:
    """Kill so many commands, and count kills by command."""
    bench = set_up(folder)
    print("Steps: " + ", ".join(f"{name} {count}" for name, count in bench.steps.items()), flush=True)
    found: Counter[str] = Counter()
    for name, happened in each(lambda number: disturb(bench, folder, number, seed), numbers):  # type: ignore[attr-defined]
        found[name] += happened
    return found


def summary(found: Counter[str], seconds: float) -> str:
    """What was done."""
    told = ", ".join(f"{name} {count}" for name, count in found.items())
    return f"{found.total()} kills at random steps ({told}), {seconds:.0f} s: nothing lost, twice there or torn."


if __name__ == "__main__":
    main()

"""`python -m tests.fuzz`: 9,000 wrong inputs in processes of many, 1,000 in one each, 1,000 flipped bits; counts."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from tests.fuzz.cases import case_of, stored
from tests.fuzz.flips import DIFFERENT, try_flips
from tests.fuzz.harness import ROOT, as_process, faults_of, in_process, stop_simulations

SHOWN = 200  # characters of a fault that is printed
PIECE = 100  # cases that a process does

Found = dict[str, Any]


def try_piece(seed: int, first: int, count: int, apart: bool) -> None:
    """Answer some cases, in this process or in one each, and print what came of each as a line of JSON."""
    stored()
    if not apart:
        stop_simulations()
    for number in range(first, first + count):
        case = case_of(seed, number)
        said = as_process(case) if apart else in_process(case)
        end = "taken" if said.accepted else str(said.code)
        found = {"kind": f"{case.kind} {end}", "faults": faults_of(case, said), "words": _short(" ".join(case.words)),
                 "said": _short(said.err), "seconds": said.seconds, "peak": said.peak}  # fmt: skip
        print(json.dumps(found), flush=True)


def _short(text: str) -> str:
    return ascii(text[:SHOWN])


def piece(seed: int, first: int, count: int, apart: bool) -> list[Found]:
    """Have some cases answered by a process of their own; where it dies, the case that ended it is a fault."""
    found: list[Found] = []
    while len(found) < count:
        words = [str(number) for number in (first + len(found), count - len(found), int(apart))]
        command = [sys.executable, "-m", "tests.fuzz", "--seed", str(seed), "--piece", *words]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            found += [json.loads(line) for line in process.stdout or ()]
        if len(found) < count:
            case = case_of(seed, first + len(found))
            found.append(
                {
                    "kind": f"{case.kind} died",
                    "faults": [f"its process ended with {process.returncode}"],
                    "words": _short(" ".join(case.words)),
                    "said": "",
                    "seconds": 0.0,
                    "peak": 0,
                }
            )
    return found


def try_inputs(title: str, apart: bool, seed: int, numbers: range, workers: int) -> int:
    """Answer cases, print counts and faults; returns the number of faults."""
    clock, counts, bad, slowest, largest = time.monotonic(), Counter[str](), 0, 0.0, 0
    starts = numbers[::PIECE]
    lengths = [len(numbers[k : k + PIECE]) for k in range(0, len(numbers), PIECE)]
    with ThreadPoolExecutor(workers) as pool:
        pieces = pool.map(piece, repeat(seed), starts, lengths, repeat(apart))
        for start, found in zip(starts, pieces, strict=True):
            for number, one in enumerate(found, start):
                counts[one["kind"]] += 1
                slowest, largest = max(slowest, one["seconds"]), max(largest, one["peak"])
                if one["faults"]:
                    bad += 1
                    told = (f"FAULT {number}: {', '.join(one['faults'])}", one["words"], one["said"])
                    print(*told, sep="\n  ", flush=True)
    print(
        f"{len(numbers):,} wrong inputs {title}, {time.monotonic() - clock:.0f} s: {bad} faults, slowest "
        f"{slowest:.1f} s, largest {largest / 2**20:.0f} MiB"
    )
    print("  " + ", ".join(f"{kind}: {number}" for kind, number in sorted(counts.items())), flush=True)
    return bad


def main() -> int:
    """Try everything, print what was found, and fail where there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inputs", type=int, default=9000, help="wrong inputs in processes of many")
    parser.add_argument("--processes", type=int, default=1000, help="wrong inputs in a process each")
    parser.add_argument("--flips", type=int, default=1000, help="bits of a stored sweep")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--piece", type=int, nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.piece:
        first, count, apart = given.piece
        try_piece(given.seed, first, count, bool(apart))
        return 0
    many = range(given.inputs)
    alone = range(given.inputs, given.inputs + given.processes)
    bad = try_inputs("in processes of many", False, given.seed, many, given.workers)
    bad += try_inputs("in a process each", True, given.seed, alone, given.workers)
    with tempfile.TemporaryDirectory() as folder:
        found = try_flips(Path(folder), given.flips, given.seed) if given.flips else Counter()
    print(f"{given.flips:,} flipped bits: " + ", ".join(f"{a} {b}: {n}" for (a, b), n in sorted(found.items())))
    bad += sum(number for (_, outcome), number in found.items() if outcome == DIFFERENT)
    print(f"{bad} faults" if bad else "No fault.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

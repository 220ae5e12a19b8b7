"""Measure everything and print a table: `python -m benchmarks`; `--quick` guards against regressions in seconds.

Ratios compare what ran in turns in the same process, so that they hold on a busy machine too; seconds do not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from benchmarks import parts
from benchmarks.measure import RESULTS, Row, keep, meets, show
from benchmarks.plots import plot_processes, plot_scaling
from benchmarks.precision import precision
from benchmarks.small import small
from sim.base.errors import InputError

PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "day": parts.day, "choice": parts.choice, "exact": parts.exact, "whole": parts.whole, "large": parts.large,
    "scaling": parts.scaling, "threads": parts.threads, "bytes": parts.bytes_a_consumer, "fork": parts.fork,
    "small": small, "precision": precision,
}  # fmt: skip
QUICK_MARGIN = 0.75  # of a target, by which a short run on a busy machine may miss it


def rows(results: dict[str, Any]) -> list[Row]:
    """Values beside their targets."""
    found: list[Row] = []
    if day := results.get("day"):
        found += [
            ("choices as in C, %", 100 * day["agreement"]["choices"], ">=", 99.99),
            ("time spread as in C, %", 100 * day["agreement"]["spread"], ">=", 99.99),
            ("kernel's speed over C's", day["kernel_of_c"], ">=", 0.8),
        ]
    if whole := results.get("whole"):
        found.append(("whole week's speed over the C loop's", whole["model_of_c"], ">=", 0.5))
    if choice := results.get("choice"):
        found += [
            ("bare choice, times Mesa agents", choice["kernel_over_mesa"], ">=", 60.0),
            ("bare choice, times NumPy arrays", choice["kernel_over_numpy"], ">=", 4.0),
        ]
    if exact := results.get("exact"):
        found.append(("exact recall, million listings weighed a second", exact["weighed_a_second"] / 1e6, ">=", 100.0))
    for name, part in results.get("scaling", {}).items():
        found.append((f"exponent of cost in {name}", part["exponent"], "<=", 1.05))
        found.append((f"the same of the last doubling of {name}", part["last_exponent"], "<=", 1.05))
    if large := results.get("large"):
        found.append(("set-up of a large world, weeks", large["setup_weeks"], "<=", 20.0))
        over = large["us_a_consumer_week"] / large["standard_us_a_consumer_week"]
        found.append(("consumer-week of a large world over standard's", over, "<=", 2.5))
    if threads := results.get("threads"):
        least, note = (0.9, "") if threads["judged"] else (0.0, f" ({threads['loops_gain']:.2f}: not judged)")
        found += [
            (f"sessions on two threads over two loops{note}", threads["sessions_of_loops"], ">=", least),
            (f"whole week on two threads over two loops{note}", threads["week_of_loops"], ">=", least),
            ("same bits on 1, 2, 4 threads", float(threads["same_bits"]), ">=", 1.0),
        ]
    if held := results.get("bytes"):
        found.append(("bytes a consumer of a nation", held["held"], "<=", 300.0))
    if fork := results.get("fork"):
        found.append(("fork of a world over a plain copy of its arrays", fork["fork_over_copies"], "<=", 1.5))
    if waits := results.get("small"):
        found += [
            ("classroom's five years from a snapshot, s", waits["future"]["seconds"], "<=", 1.2),
            ("metavalue --help, s", waits["help_s"], "<=", 0.4),
            ("metavalue run world=classroom, warm, s", waits["run_s"], "<=", 5.0),
            ("compiling everything cold, s", waits["compile_s"], "<=", 30.0),
            ("functions compiled again, also where home cannot be written", waits["compiled_again"], "<=", 0.0),
        ]
    if answer := results.get("precision"):
        found += answer_rows(answer)
    return found


def answer_rows(answer: dict[str, Any]) -> list[Row]:
    """What an answer costs, with its 95 % intervals, and how many times less than before."""
    asked = f"AI's share of attention to ±{100 * answer['half_width']:g} points (95 %) at {answer['world']}"
    now, before = f"[{answer['low']:.0f}, {answer['high']:.0f}]", answer["before_seconds"]
    times = f"[{answer['times_low']:.2f}, {answer['times_high']:.2f}]"
    return [
        (f"CPU-seconds for {asked} {now}", answer["seconds"], "<=", before / 1.7),
        (f"the same before ({before:.0f}), times more {times}", answer["times_less"], ">=", 1.7),
    ]


def quick() -> list[Row]:
    """Measure only what a few seconds suffice for, all of it as ratios to the C or NumPy twin."""
    found = rows({"day": parts.day(15, "classroom", 60, full=False), "choice": parts.choice(3, people=2_000)})
    return [row for row in found if "speed" in row[0] or "times" in row[0] or "as in C" in row[0]]


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ratios to the twins, with a margin; exit 1 if missed")
    parser.add_argument("--only", choices=PARTS, nargs="+", help="measure some parts; nothing is written")
    given = parser.parse_args()
    if given.quick:
        found = quick()
        show(found, QUICK_MARGIN)
        return 0 if all(meets(row, QUICK_MARGIN) for row in found) else 1
    results: dict[str, Any] = {}
    for name in given.only or PARTS:
        print(f"measuring {name} ...", file=sys.stderr)
        try:
            results[name] = PARTS[name]()
        except InputError as error:  # what it rests on is not on record
            print(error, file=sys.stderr)
    show(rows(results))
    if given.only is None:
        path = keep(results, rows(results))
        print(path)
        plot_scaling(results, RESULTS / f"{path.stem}-scaling.png")
        plot_processes(results, RESULTS / f"{path.stem}-processes.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())

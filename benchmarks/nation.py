"""A nation or a part of one: set-up, cost of a week and peak of memory. `python -m benchmarks.nation [PART [WEEKS]]`.

PART divides consumers, creators and items (1 is the whole nation); the first WEEKS are before AI's release, as many
after it are run again. Prints JSON; that of a whole nation is also written to `benchmarks/results/`.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

from benchmarks.measure import keep
from benchmarks.worlds import build, time_week
from sim.settings.scenario import compose
from tests.memory import peak_bytes


def peak_gib() -> float:
    """Most memory held so far."""
    return peak_bytes() / 2**30


def measure(world: str, part: int, weeks: int) -> dict[str, Any]:
    """Set up a world or a part of one and run so many weeks before and after release."""
    full = compose(overrides=[f"world={world}"]).settings.world
    sizes = {"consumers": full.consumers, "creators": full.creators, "new_items": full.new_items}
    smaller = [f"world.{name}={int(value / part)}" for name, value in sizes.items()]
    start = time.perf_counter()
    model = build(world, [*smaller, f"time.burn_in_weeks={weeks}", f"time.weeks={2 * weeks}"])
    setting_up, first_peak = time.perf_counter() - start, peak_gib()
    process: dict[str, float] = {}
    spent = [time_week(model, process) for _ in range(2 * weeks)]
    week = float(np.median(spent))
    consumers = len(model.world.consumers.columns.uid)
    return {
        "world": world, "part": part, "consumers": consumers, "setup_s": setting_up, "week_s": spent,
        "setup_weeks": setting_up / week, "us_a_consumer_week": 1e6 * week / consumers,
        "setup_peak_gib": first_peak, "peak_gib": peak_gib(), "peak_bytes_a_consumer": peak_gib() * 2**30 / consumers,
        "process_ms": {
            name: 1e3 * seconds / len(spent) for name, seconds in sorted(process.items(), key=lambda x: -x[1])
        },
    }  # fmt: skip


if __name__ == "__main__":
    part, weeks = (int(word) for word in [*sys.argv[1:], *("20", "6")[len(sys.argv) - 1 :]])
    # of the same age, since a world's first weeks are its cheapest; the second time, with all kernels compiled
    standard = [measure("standard", 1, weeks) for _ in range(2)][-1]["us_a_consumer_week"]
    measured = measure("nation", part, weeks) | {"standard_us_a_consumer_week": standard}
    print(json.dumps(measured))
    if part == 1:
        keep(measured, suffix="-nation")

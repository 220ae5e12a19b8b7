"""What an answer costs: processor's seconds until AI's share of attention is known to ±5 points, now and before.

Replications times seconds of one. How far replications lie apart is on record (`analysis/studies/records`), since it
takes dozens of runs; what a run costs is measured here. `before` is what an earlier source took on the machine that its
file names: on another one the two are not comparable.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import fdtri

from analysis.studies.components import TAIL
from analysis.studies.record import read_record
from analysis.studies.spreads import AS_IT_IS, HALF_WIDTH, runs_for
from sim.settings.scenario import compose
from sim.simulation.cases import prepare
from sim.simulation.simulate import simulate

BEFORE = Path(__file__).with_name("before.json")
OUTCOME = "ai_attention_share"


def seconds_of_run(world: str) -> float:
    """Processor's seconds of a run, after one that is cut short and not counted."""
    simulate(prepare(compose("baseline", [f"world={world}", "time.weeks=60"])), 0, 0)
    start = time.process_time()
    simulate(prepare(compose("baseline", [f"world={world}"])), 0, 0)
    return time.process_time() - start


def precision(world: str = "standard") -> dict[str, Any]:
    """Measure what the answer costs, and how many times less than before."""
    spread = read_record("spreads", world)["arms"][AS_IT_IS][OUTCOME]
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    return {"world": world, "outcome": OUTCOME, "half_width": HALF_WIDTH, **cost(spread, seconds_of_run(world), before)}


def cost(spread: dict[str, Any], cpu_s: float, before: dict[str, Any]) -> dict[str, Any]:
    """Work out what the answer costs.

    Parameters
    ----------
    spread : `sd` over replications, ends of its interval `sd_low` and `sd_high`, and its degrees of `freedom`.
    cpu_s : of a run.
    before : the same of the earlier source, with `cpu_s` beside them.

    Returns
    -------
    dict
        `seconds` with `low` and `high`, as the sd's interval has them; `before_seconds`; `times_less`, with an interval
        by the law of a ratio of two variances. Its two ends, unlike its centre, leave out that five runs are the least.
    """
    seconds, low, high = (cpu_s * runs_for(spread[key]) for key in ("sd", "sd_low", "sd_high"))
    earlier = before["cpu_s"] * runs_for(before["sd"])
    bare = before["cpu_s"] * before["sd"] ** 2 / (cpu_s * spread["sd"] ** 2)
    ends = fdtri(before["freedom"], spread["freedom"], np.array([1 - TAIL, TAIL]))
    return {
        "sd": spread["sd"], "replications": runs_for(spread["sd"]), "cpu_s": cpu_s,
        "seconds": seconds, "low": low, "high": high, "before": before, "before_seconds": earlier,
        "times_less": earlier / seconds, "times_low": bare / ends[0], "times_high": bare / ends[1],
    }  # fmt: skip

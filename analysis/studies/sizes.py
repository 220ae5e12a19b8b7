"""A study of size: the same world per head with fewer and with more people. What must not depend on size is compared.

Sizes have populations of their own, so that differences are those of unpaired means (Welch 1947, Biometrika 34:28).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np

from analysis.intervals import t_quantile
from analysis.studies.components import spread
from analysis.studies.markdown import band, number, table
from analysis.studies.priors import WATCHED
from analysis.studies.record import Record, made_by
from analysis.studies.study import HEADLINES, Study, show_line
from analysis.studies.table import column, rows_of, run_task
from sim.settings.scenario import Scenario, compose, with_values

SHARES = tuple(o.name for o in HEADLINES if o.unit == "share" and o.prediction in WATCHED)
RELATIVE = ("depth_used",)  # compared relative to their level
POINTS, PART = 0.08, 0.10  # within which the interval of a difference shall lie: of a share, and of a level
FEWEST = 6  # replications of the largest world
FACTORS = (0.1, 1.0, 10.0)  # of the study's world
MAKERS = ("creators", "studios", "new_items")
PER_HEAD = ("consumers", "freelancers", *MAKERS)  # workers: precision alone
Verdict = Literal["inside", "outside", "open"]


def scaled(scenario: Scenario, factor: float) -> Scenario:
    """Return a scenario with so many times as many people, and as much of all else per head.

    A smaller world keeps the rows of makers and their items, each of which then stands for less: how many rows there
    are is precision, and coarse supply has fewer items to choose among, whatever the number of people.
    """
    size, values = scenario.settings.world, {}
    for name in PER_HEAD:
        value = getattr(size, name) * (max(factor, 1.0) if name in MAKERS else factor)
        values[f"world.{name}"] = round(value) if isinstance(getattr(size, name), int) else value
    values["world.items_per_row"] = size.items_per_row * min(factor, 1.0)
    return with_values(scenario, values)


def replications_of(factor: float, most: int) -> int:
    """Count the replications of a size: fewer of a large world, whose runs differ less and cost more."""
    return most if factor <= 1.0 else max(min(FEWEST, most), round(most / factor))


def measure(study: Study) -> Record:
    """Run the world at each size and compare what must not depend on it."""
    base, names = compose("baseline", study.texts()), (*SHARES, *RELATIVE)
    tasks, people = [], {}
    for factor in FACTORS:
        scenario = scaled(base, factor)
        people[factor] = scenario.settings.world.consumers
        count = replications_of(factor, study.replications)
        tasks += [run_task(scenario, study.seed, k, people=people[factor]) for k in range(count)]
    rows = rows_of(tasks, study.workers, show_line)
    values = {n: {name: column(rows, name, people=n) for name in names} for n in people.values()}
    return {
        "people": list(people.values()),
        "levels": {str(n): {name: _level(found[name]) for name in names} for n, found in values.items()},
        "differences": [compare(name, values, people[1.0]) for name in names],
    }


def _level(values: np.ndarray) -> Record:
    """Keep the number of values, their mean and their sd."""
    found = spread(values)
    return {"n": found.n, "mean": found.mean, "sd": found.sd}


def compare(name: str, values: dict[int, dict[str, np.ndarray]], usual: int) -> Record:
    """Compare an outcome between all sizes; what is relative is so to its level at the usual size."""
    relative = name in RELATIVE
    scale = abs(float(np.nanmean(values[usual][name]))) if relative else 1.0
    bound, gaps = PART if relative else POINTS, []
    for fewer, more in combinations(sorted(values), 2):
        mean, low, high = difference(values[fewer][name] / scale, values[more][name] / scale)
        found = {"difference": mean, "low": low, "high": high}
        gaps.append({"fewer": fewer, "more": more, **found, "verdict": verdict(low, high, bound)})
    return {"outcome": name, "bound": bound, "relative": relative, "gaps": gaps}


def difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """Mean of the other sample less that of the one, with its 95 % interval by Welch's t."""
    one, other = one[~np.isnan(one)], other[~np.isnan(other)]
    errors = np.array([one.var(ddof=1) / one.size, other.var(ddof=1) / other.size])
    gap, total = float(other.mean() - one.mean()), float(errors.sum())
    if total == 0.0:
        return gap, gap, gap
    freedom = total**2 / float((errors**2 / [one.size - 1, other.size - 1]).sum())
    half = t_quantile(freedom) * math.sqrt(total)
    return gap, gap - half, gap + half


def verdict(low: float, high: float, bound: float) -> Verdict:
    """Say where an interval lies: inside the bounds, wholly outside them, or across one, which leaves it open."""
    if -bound <= low and high <= bound:
        return "inside"
    return "outside" if low > bound or high < -bound else "open"


def tell(record: Record) -> dict[str, str]:
    """Write levels by size, and every difference with its verdict."""
    people: Sequence[int] = record["people"]
    head = ("outcome", *(f"{n:,} people" for n in people), "difference [95 %]", "bound", "verdict")
    rows = []
    for found in record["differences"]:
        name = found["outcome"]
        levels = [record["levels"][str(n)][name] for n in people]
        told = [f"{gap['fewer']:,} → {gap['more']:,}: {_gap(gap, found['relative'])}" for gap in found["gaps"]]
        rows.append(
            (
                f"`{name}`",
                *(f"{number(level['mean'])} ± {number(level['sd'])} ({level['n']})" for level in levels),
                "; ".join(told),
                f"±{100 * found['bound']:g} {'%' if found['relative'] else 'points'}",
                overall([gap["verdict"] for gap in found["gaps"]]),
            )
        )
    return {"sizes": f"{made_by(record)}\n\n{table(head, rows)}"}


def _gap(gap: dict[str, Any], relative: bool) -> str:
    """Write a difference with its interval, in points of a share or per cent of a level."""
    mean, low, high = (None if gap[key] is None else 100 * gap[key] for key in ("difference", "low", "high"))
    return f"{number(mean, '+')} {band(low, high, '+')}{' %' if relative else ''}"


def overall(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the worst of the verdicts on an outcome's differences."""
    return max(verdicts, key=("inside", "open", "outside").index)

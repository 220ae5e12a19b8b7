"""Replications until intervals are as narrow as asked: a sequential rule over several outcomes at once.

**What must be narrow.** Of one arm, the level of every headline outcome; of two arms, the paired difference, and the
level of what only AI can have where an arm has no AI (it is not tested against a world without). A share's half-width
is asked in its own unit (0.05: five points), any other's over its level (0.05: five per cent); that of a difference
over the larger of the two arms' mean levels, since a difference may be 0. Left out, and told, is what has no such
width: null in a replication, the same in all, too often at exactly 0 or 1 for an interval, or of a level that may be 0.

**When to stop.** Intervals that are looked at after every run and taken at the first look that fits hold less often
than they say, since one stops where the spread happens to look small; they are right only as the width goes to 0 (Chow
& Robbins 1965). What helps are replications to begin with and caution at the stop (Law 2015, *Simulation Modeling and
Analysis*, 9.4). So there are few looks, each with half as many replications again, the first at 7, and all must be
narrow at two looks in a row: ten replications at least. All outcomes wait for the widest, so for each of the others
the rule is stricter still.

**What it claims**, of each outcome by itself and not of all at once, where it says *reached*, by simulation at the
usual 100 replications at most (tests/test_precision.py): where the law needs up to some 60 replications, the centre
told lies within what was asked of the true one in 98 % of experiments where values are normal on their outcome's
scale or have heavy tails, in 94 % or more where they are as skewed as waiting times. The 95 % interval told with it
is narrower: it holds in 93 to 95 %, of skewed values in 85 to 93 %, as t-intervals of few values do at a fixed number
too.

**What it does not claim.** Where the law needs about as many as are allowed, or more, it is mostly not reached; where
it is all the same, the spread was small by luck, and with it the centre is off: of skewed values that need 90 of 100,
it is reached in a quarter of experiments, of which 88 % lie within, of those that need 130 in 3 %, of which half. No
rule that ends can mend that, a stricter one has fewer and unluckier; *reached and outside* are 6 % of all experiments
at most. Nor does it see what has not come up: of a share that jumps in one of ten worlds, and is calm in the others,
a third of experiments see no jump in ten and say reached.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from analysis.durations import duration
from analysis.intervals import MIN_REPLICATIONS, interval, interval_of, paired_interval
from analysis.statistics import both_have_ai, levels
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES, Outcome
from sim.simulation.simulate import MAX_REPLICATIONS

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison

FIRST_LOOK, LEAST, GROWTH = 7, 10, 1.5
AT_MOST = 100
Unit = Literal["points", "relative"]
Tell = Callable[[str], None]


class Run(Protocol):
    """Runs an experiment up to so many replications, going on from what is there."""

    def __call__(self, replications: int, before: Comparison | None) -> Comparison: ...


@dataclass(frozen=True)
class Width:
    """How closely an outcome is known; `left_out` is a key of `REASONS`, "" where the width counts."""

    name: str
    of: Literal["level", "difference"]
    unit: Unit
    half: float = math.nan
    left_out: str = ""


REASONS = {
    "null": "null in one replication or more",
    "same": "the same in all replications",
    "extremes": "at exactly 0 or 1 in too many replications",
    "zero": "its level may be 0, so that no relative width exists",
    "alone": "means something only beside a paired arm",
}


def check_precision(precision: float, at_most: int) -> None:
    """Refuse a precision that says nothing, and a number of replications that the rule can't work with."""
    if not 0.0 < precision <= 1.0:
        raise InputError("--precision", precision, "a number above 0 and up to 1: 0.05 for ±5 points or ±5 %")
    if not LEAST <= at_most <= MAX_REPLICATIONS:
        expected = f"a whole number from {LEAST}, which the rule takes at least, to {MAX_REPLICATIONS:,}"
        raise InputError("--at-most", at_most, expected)


def looks(at_most: int) -> Iterator[int]:
    """Yield the numbers of replications after which widths are looked at; the last is `at_most`."""
    n = FIRST_LOOK
    while n < at_most:
        yield n
        n = int(n * GROWTH)
    yield at_most


# Widths


def widths(comparison: Comparison) -> list[Width]:
    """Measure how closely each headline outcome is known."""
    runs = comparison.arms[comparison.scenario]
    twins = comparison.arms[comparison.against] if comparison.against else None
    compared = both_have_ai(comparison)
    found = []
    for name, outcome in OUTCOMES.items():
        if not outcome.headline:
            continue
        if twins is None or (outcome.of_ai and not compared):
            found.append(width_of_level(outcome, levels(runs, name)))
        else:
            found.append(width_of_difference(outcome, levels(runs, name), levels(twins, name)))
    return found


def width_of_level(outcome: Outcome, values: np.ndarray) -> Width:
    """Measure how closely a level is known, from its replications, shape (replications,)."""
    width = Width(outcome.name, "level", _unit(outcome))
    if outcome.twin:
        return replace(width, left_out="alone")
    if np.isnan(values).any():
        return replace(width, left_out="null")
    if (values == values[0]).all():
        return replace(width, left_out="same")
    found = interval_of(values, outcome)
    if found.low is None or found.half_width is None:
        return replace(width, left_out="extremes" if found.n >= MIN_REPLICATIONS else "null")
    if _may_be_zero(outcome, values):
        return replace(width, left_out="zero")
    return replace(width, half=found.half_width)


def width_of_difference(outcome: Outcome, arm: np.ndarray, other: np.ndarray) -> Width:
    """Measure how closely a paired difference is known, from both arms' replications, shapes (replications,)."""
    width = Width(outcome.name, "difference", _unit(outcome))
    if np.isnan(arm).any() or np.isnan(other).any():
        return replace(width, left_out="null")
    if (arm - other == arm[0] - other[0]).all():
        return replace(width, left_out="same")
    larger = max(arm, other, key=lambda values: abs(values.mean()))
    if _may_be_zero(outcome, larger):
        return replace(width, left_out="zero")
    found = paired_interval(arm, other, outcome)
    if found.low is None or found.high is None:
        return replace(width, left_out="null")
    half = (found.high - found.low) / 2
    return replace(width, half=half if width.unit == "points" else half / abs(float(larger.mean())))


def _unit(outcome: Outcome) -> Unit:
    """Return the unit of an outcome's width: points for shares, otherwise relative to the level."""
    return "points" if outcome.unit == "share" else "relative"


def _may_be_zero(outcome: Outcome, values: np.ndarray) -> bool:
    """Whether a relative width has no meaning, since the level's interval holds 0."""
    if outcome.unit == "share":
        return False
    _, low, high = interval(values)
    return low is None or high is None or low <= 0.0 <= high


# The rule


def run_to_precision(
    run: Run, precision: float, at_most: int, *, tell: Tell = lambda line: None, at_once: int = 1
) -> Comparison:
    """Run replications until all half-widths are small enough, or `at_most` are done.

    Parameters
    ----------
    run : replications 0 to n - 1 are those of an experiment with n replications; none is run twice.
    tell : takes lines on costs, on what must be narrow, and on how far it is.
    at_once : runs that are done at the same time, for the costs.

    Returns
    -------
    Comparison
        Its manifest has `precision`: `asked`, `reached`, `at_most`, `replications`, `widest` (name of the widest
        outcome, null where none counts), `outcomes` (by name: `of`, `unit`, `half_width`, `narrow`) and `left_out`
        (reasons by name).
    """
    check_precision(precision, at_most)
    comparison = run(1, None)
    tell(_cost(_each(comparison, at_once), at_most))
    told_of: set[str] | None = None  # the outcomes that count, as last told

    def look(n: int) -> list[Width]:
        nonlocal comparison, told_of
        comparison = run(n, comparison)
        found = widths(comparison)
        counted = {width.name for width in found if not width.left_out}
        if counted != told_of:
            tell(_counted(len(counted), len(found) - len(counted), first=told_of is None))
            told_of = counted
        if n < at_most:
            tell(_stand(n, found, precision, at_most, _each(comparison, at_once)))
        return found

    found, reached = stop(look, precision, at_most)
    told = _describe(found, precision, at_most, comparison.manifest["replications"], reached)
    return replace(comparison, manifest=comparison.manifest | {"precision": told})


def stop(look: Callable[[int], list[Width]], precision: float, at_most: int) -> tuple[list[Width], bool]:
    """Look at growing numbers of replications until all widths that count are narrow at two looks in a row.

    Returns
    -------
    widths, reached
        Those of the last look, and whether they are known to be narrow. Where nothing has a width there is nothing to
        wait for, and nothing is reached.
    """
    found: list[Width] = []
    before: set[str] | None = None  # what was narrow at the last look
    for n in looks(at_most):
        found = look(n)
        counted = {width.name for width in found if not width.left_out}
        narrow = {width.name for width in found if not width.left_out and _narrow(width, precision)}
        if before is not None and counted <= narrow & before:
            return found, bool(counted)
        before = narrow
    return found, False


def compare_to_precision(
    a: Any = "",
    b: Any = None,
    seed: int = 0,
    *,
    precision: float = 0.05,
    at_most: int = AT_MOST,
    threads: int = 1,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    tell: Tell = lambda line: None,
    **arms: Any,
) -> Comparison:
    """Compare as `sim.compare` does, over as many replications as a precision takes.

    Parameters
    ----------
    a, b, seed, threads, workers, progress : as in `sim.compare`; `progress` counts the weeks of each batch.
    precision : half-width that all headline outcomes shall have: points of shares, relative of all others.
    at_most : replications.
    tell : takes lines on how far it is, such as `print`.
    arms : what else `sim.compare` takes to compose arms: overrides, config, levers, followers, population.

    Raises
    ------
    InputError : what is wrong with the scenarios, the data or the numbers.
    """
    from sim.experiment.arms import compose_arms
    from sim.experiment.pairing import at_once, run_arms
    from sim.simulation.simulate import check_counts

    check_counts(seed=seed, threads=threads)
    check_precision(precision, at_most)
    cases = compose_arms(a, b, **arms)
    go_on = partial(run_arms, cases, seed, threads=threads, workers=workers, progress=progress)
    width = workers or at_once(threads)
    return run_to_precision(lambda n, before: go_on(n, before=before), precision, at_most, tell=tell, at_once=width)


def _narrow(width: Width, precision: float) -> bool:
    """Whether a width is as small as asked."""
    return width.half <= precision


def _describe(found: list[Width], precision: float, at_most: int, n: int, reached: bool) -> dict[str, Any]:
    """Describe what was reached, for the manifest (see `run_to_precision`)."""
    counted = [width for width in found if not width.left_out]
    return {
        "asked": precision,
        "reached": reached,
        "at_most": at_most,
        "replications": n,
        "widest": max(counted, key=lambda width: width.half).name if counted else None,
        "outcomes": {
            width.name: {"of": width.of, "unit": width.unit, "half_width": width.half,
                         "narrow": _narrow(width, precision)}
            for width in counted
        },
        "left_out": {width.name: REASONS[width.left_out] for width in found if width.left_out},
    }  # fmt: skip


# In words


def shown(half: float, unit: str) -> str:
    """Write a half-width: "±4.9 points" or "±4.9 %"."""
    return f"±{100 * half:.2g} {'points' if unit == 'points' else '%'}"


def verdict(told: dict[str, Any]) -> str:
    """Say in a line whether the precision was reached, and which outcomes are wider than asked."""
    wide = {name: row for name, row in told["outcomes"].items() if not row["narrow"]}
    asked = f"±{100 * told['asked']:g} points of shares and ±{100 * told['asked']:g} % of all others"
    if not told["outcomes"]:
        return f"Precision: none of the headline outcomes has a width, after {told['replications']} replications"
    if told["reached"]:
        return f"Precision reached with {told['replications']} replications: {asked}; widest {_widest(told)}"
    stopped = f"Precision not reached with {told['replications']} replications, the most allowed"
    if not wide:
        return f"{stopped}: all are narrow enough at the last look, but were not at the one before"
    names = ", ".join(f"{name} {shown(row['half_width'], row['unit'])}" for name, row in wide.items())
    return f"{stopped}: {len(wide)} of {len(told['outcomes'])} outcomes are wider than {asked}: {names}"


def _widest(told: dict[str, Any]) -> str:
    """Write the outcome that is known least closely, with its half-width."""
    row = told["outcomes"][told["widest"]]
    return f"{told['widest']}, {shown(row['half_width'], row['unit'])}"


def _each(comparison: Comparison, at_once: int) -> float:
    """Estimate the seconds that one replication of all arms takes, with `at_once` runs side by side."""
    seconds = [float(np.median([run.manifest["wall_s"] for run in runs])) for runs in comparison.arms.values()]
    return sum(seconds) / at_once


def _cost(each: float, at_most: int) -> str:
    """Say after the first replication how long the whole may take."""
    least, most = duration(each * LEAST), duration(each * at_most)
    return f"{LEAST} to {at_most} replications, some {duration(each)} each: about {least} to {most}"


def _counted(count: int, left_out: int, first: bool) -> str:
    """Say how many outcomes decide when to stop, and how many are left out."""
    left = f", {left_out} {'is' if left_out == 1 else 'are'} left out (listed in the report)" if left_out else ""
    return f"{'' if first else 'now '}{count} headline outcome{'s count' if count != 1 else ' counts'}{left}"


def _stand(n: int, found: list[Width], precision: float, at_most: int, each: float) -> str:
    """Say how many outcomes are narrow enough, how many more replications may be needed, and how long they take."""
    counted = [width for width in found if not width.left_out]
    if not counted:
        return f"{n} replications: no outcome has a width yet"
    widest = max(counted, key=lambda width: width.half)
    narrow = sum(_narrow(width, precision) for width in counted)
    start = f"{n} replications: {narrow} of {len(counted)} narrow enough, widest {widest.name} "
    start += shown(widest.half, widest.unit)
    if narrow == len(counted):
        return start
    needed = n * (widest.half / precision) ** 2 * GROWTH  # the look after confirms it
    likely = math.ceil(max(needed, n + 1))
    more = duration(each * (min(likely, at_most) - n))
    if likely <= at_most:
        return f"{start}; some {likely:,} should do: about {more} more"
    return f"{start}; some {likely:,} would be needed, at most {at_most} are run: about {more} more"

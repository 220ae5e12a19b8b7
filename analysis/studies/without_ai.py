"""Two studies of a world without AI: does it meet the published market facts, and does it stand still?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.intervals import effect_of, interval, quantiles
from analysis.studies.markdown import band, number, table
from analysis.studies.study import HEADLINES, Study
from sim.base.clock import QUARTER, YEAR

if TYPE_CHECKING:
    import pandas as pd


class Target(NamedTuple):
    """A published market fact: the row of docs/evidence.md that holds it, the outcome, and its range."""

    evidence: str
    outcome: str
    low: float
    high: float


TARGETS = (
    Target("C2", "creator_uses_top3", 0.80, 0.90),
    Target("C3", "creator_income_top1", 0.45, 0.65),
    Target("C4", "posts_top10", 0.75, 0.90),
    Target("C4", "silent_share", 0.45, 0.60),
    Target("C5", "platform_hhi", 0.22, 0.32),
    Target("C10", "shallow_habit_correlation", -0.50, -0.20),
)
TARGET_WEEKS = QUARTER  # at the end of burn-in, over which a target is measured
NEAR = 0.25  # of a range's width: a mean outside the range by at most this is near it

DRIFT_YEARS = 5  # over which a drift is judged
MAX_DRIFT = 0.05  # of the mean level over those years; less counts as small
MIN_LEVEL = 0.1  # in the outcome's unit: levels nearer to zero count as this, since drifts are divided by the level


def verdict(mean: float, low: float, high: float) -> str:
    """Say whether a mean lies "in" a range, "near" it, or "out" of it."""
    if low <= mean <= high:
        return "in"
    gap = max(low - mean, mean - high)
    return "near" if gap <= NEAR * (high - low) else "out"


def targets(study: Study) -> dict[str, str]:
    """Score the world without AI, at the end of burn-in, against the published market facts."""
    runs = study.run("no_ai", None, f"time.weeks={study.weeks_before}").arms["no_ai"]
    rows = []
    for evidence, name, low, high in TARGETS:
        values = np.array([np.nanmean(run.outcomes[name].to_numpy(float)[-TARGET_WEEKS:]) for run in runs])
        mean, (bottom, top) = float(values.mean()), quantiles(values, (0.05, 0.95))
        score = verdict(mean, low, high)
        rows.append((evidence, f"`{name}`", f"{low:g} to {high:g}", number(mean), band(bottom, top), score))
    head = ("target", "outcome", "range", "mean", "90 % of replications", "score")
    return {"targets": f"{study.source}\n\n{table(head, rows)}"}


def slope(frame: pd.DataFrame, name: str, start: int) -> float:
    """Least-squares slope per year of an outcome from week `start` on; NaN with fewer than three values."""
    tail = frame[frame["week"] >= start]
    known = tail[name].notna().to_numpy()
    if known.sum() < 3:
        return float("nan")
    years = tail["week"].to_numpy(float)[known] / YEAR
    return float(np.polyfit(years, tail[name].to_numpy(float)[known], 1)[0])


def drift(study: Study) -> dict[str, str]:
    """Look for trends after burn-in in every headline outcome that a world without AI has."""
    runs, start = study.run("no_ai").arms["no_ai"], study.weeks_before
    rows = []
    for outcome in HEADLINES:
        tails = [run.outcomes.loc[run.outcomes["week"] >= start, outcome.name] for run in runs]
        values = np.concatenate([tail.dropna().to_numpy(float) for tail in tails])
        if not values.any():
            continue  # AI's own outcomes are 0 or null
        level = max(abs(float(values.mean())), MIN_LEVEL)
        mean, low, high = interval([slope(run.outcomes, outcome.name, start) / level for run in runs])
        if mean is None:
            continue
        clear = effect_of(low, high) in ("up", "down")
        reading = "drifts" if clear and abs(mean) * DRIFT_YEARS > MAX_DRIFT else "small" if clear else "none seen"
        ends = "–" if low is None else f"[{low:+.2%}, {high:+.2%}]"
        in_all = f"{mean * DRIFT_YEARS:+.1%}"
        rows.append((f"`{outcome.name}`", number(values.mean()), f"{mean:+.2%}", ends, in_all, reading))
    head = ("outcome", "mean level", "slope per year", "95 % interval", f"in {DRIFT_YEARS} years", "drift")
    return {"drift": f"{study.source}\n\n{table(head, rows)}"}

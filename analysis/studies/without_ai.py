"""A study of a world without AI: does it stand still after burn-in?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import effect_of, interval
from analysis.studies.markdown import number, table
from analysis.studies.study import HEADLINES, Study
from sim.base.clock import YEAR

if TYPE_CHECKING:
    import pandas as pd


MAX_DRIFT = 0.02  # of the mean level a year; less counts as small
MIN_LEVEL = 0.1  # in the outcome's unit: levels nearer to zero count as this, since drifts are divided by the level


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
        reading = "drifts" if clear and abs(mean) > MAX_DRIFT else "small" if clear else "none seen"
        ends = "–" if low is None else f"[{low:+.2%}, {high:+.2%}]"
        rows.append((f"`{outcome.name}`", number(values.mean()), f"{mean:+.2%}", ends, reading))
    head = ("outcome", "mean level", "slope per year", "95 % interval", "drift")
    return {"drift": f"{study.source}\n\n{table(head, rows)}"}

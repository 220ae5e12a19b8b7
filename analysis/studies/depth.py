"""What a change in the depth of use is made of: what is offered, what of it is shown, and what people do with that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import interval
from analysis.studies.markdown import band, number, table
from analysis.studies.opposites import OPEN_QUESTIONS
from analysis.studies.study import Study, late_means

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.simulation.results import RunResult

PARTS = {  # of `depth_used`, which they add up to: an outcome, and what is taken from it
    "supply": ("depth_offered", None),
    "ranking": ("depth_shown", "depth_offered"),
    "choice and habit": ("depth_used", "depth_shown"),
}
SHOWN = {"change of `depth_used`": ("depth_used", None), **PARTS, "`depth_spread`": ("depth_spread", None)}


def level(runs: Sequence[RunResult], upper: str, lower: str | None) -> np.ndarray:
    """Mean of the last three years of an outcome, less that of another if there is one, shape (replications,)."""
    return late_means(runs, upper) - (late_means(runs, lower) if lower else 0.0)


def depth(study: Study) -> dict[str, str]:
    """Split what AI does to the depth of use, against the paired world without AI: at the defaults, with cheap AI."""
    rows = []
    for texts in ((), *OPEN_QUESTIONS["depth"].settings):
        arms = study.run("baseline", "no_ai", *texts).arms
        changes = (_told(level(arms["baseline"], *of) - level(arms["no_ai"], *of)) for of in SHOWN.values())
        settings = ", ".join(f"`{text}`" for text in texts) or "defaults"
        rows.append((settings, number(float(late_means(arms["no_ai"], "depth_used").mean())), *changes))
    return {"depth": f"{study.source}\n\n{table(('settings', 'without AI', *SHOWN), rows)}"}


def _told(gaps: np.ndarray) -> str:
    """Write a mean and its 95 % interval."""
    mean, low, high = interval(gaps)
    if mean is None or low is None or high is None:
        return "–" if mean is None else number(mean, "+")
    return f"{number(mean, '+')} {band(low, high, '+')}"

"""What all studies share: a `Study` runs arms in its world, and results are judged and written as reports do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.intervals import Effect, Interval, interval_of, paired_interval, side_of
from analysis.studies.markdown import band, number
from sim.base.clock import YEAR
from sim.base.outcomes import OUTCOMES
from sim.experiment.pairing import compare
from sim.settings.scenario import compose

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.simulation.results import RunResult

HEADLINES = tuple(outcome for outcome in OUTCOMES.values() if outcome.headline)
LAST_THREE_YEARS = 3 * YEAR  # weeks; one year is too short for outcomes with one noisy value a year
CHEAP_AI = ("farms.human_minutes=2", "farms.account_cost=0.02")  # AI producers' items cost little


@dataclass(frozen=True)
class Study:
    """The world and the replications of a study; `command` is the line that produces the same numbers again."""

    command: str
    world: str
    replications: int
    seed: int
    workers: int | None
    overrides: tuple[str, ...] = ()

    def run(self, a: str, b: str | None = None, *overrides: str) -> Comparison:
        """Run one or two arms in the world of the study."""
        return compare(
            a,
            b,
            self.seed,
            self.replications,
            overrides=self.texts(*overrides),
            workers=self.workers,
            progress=show_progress,
        )

    def texts(self, *more: str) -> tuple[str, ...]:
        """Return the overrides of an arm: the study's world, its own overrides, and those of the arm."""
        return (f"world={self.world}", *self.overrides, *more)

    @property
    def weeks_before(self) -> int:
        """Number of weeks before release in the world of the study."""
        return compose("no_ai", self.texts()).settings.time.burn_in_weeks

    @property
    def source(self) -> str:
        """The line above a table: the command, the world, the number of replications and the seed."""
        runs = "one replication" if self.replications == 1 else f"{self.replications} replications"
        return f"`{self.command}` (world {self.world}, {runs}, seed {self.seed}):"


def show_line(text: str) -> None:
    """Write a line of progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def show_progress(done: int, total: int) -> None:
    """Count weeks on standard error, every 50 weeks."""
    if done == total or done % 50 == 0:
        print(f"\r{done} of {total} weeks", end="\n" if done == total else "", file=sys.stderr, flush=True)


def late_means(runs: Sequence[RunResult], name: str) -> np.ndarray:
    """Mean of an outcome over the last three years of each run, shape (replications,)."""
    return np.array([np.nanmean(run.outcomes[name].to_numpy(float)[-LAST_THREE_YEARS:]) for run in runs])


def late_effect(
    runs: Sequence[RunResult], without: Sequence[RunResult], name: str, threshold: float
) -> tuple[Interval, Effect | None]:
    """Compare the last three years with the paired runs without AI, or with a threshold where one is given.

    A threshold other than 0 serves outcomes that a world without AI does not have (AI's share of attention) and states
    of one arm (concentration). They are judged as the report judges a level: by a typical replication's interval.

    Returns
    -------
    interval : of the outcome itself where there is a threshold, else of the paired differences.
    effect : "up", "down", no clear effect, or None where there are too few replications.
    """
    values, outcome = late_means(runs, name), OUTCOMES[name]
    if threshold:
        found = interval_of(values, outcome)
        return found, side_of(found, threshold)
    change = paired_interval(values, late_means(without, name), outcome)
    return change, change.effect


def interval_text(found: Interval, threshold: float = 0.0) -> str:
    """Write an interval less a threshold: centre and ends, and the number of replications at exactly 0 or 1.

    Those replications are not in the interval.
    """
    if found.typical is None or found.low is None or found.high is None:
        text = "–" if found.mean is None else number(found.mean - threshold, "+")
    else:
        ends = band(found.low - threshold, found.high - threshold, "+")
        text = f"{number(found.typical - threshold, '+')} {ends}"
    left_out = found.zeros + found.ones
    return text + (f", {left_out} of {found.n} at exactly 0 or 1" if left_out else "")


def measured(name: str, threshold: float) -> str:
    """Write what `late_effect` measures: the outcome, less the threshold if there is one."""
    return f"`{name}`" + (f" less {threshold:g}" if threshold else "")

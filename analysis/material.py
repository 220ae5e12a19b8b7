"""What the sections of a report read: the runs, their summary and settings, and the figures stored so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.page import Figures
from analysis.predictions import Verdict, judge
from analysis.statistics import summarise
from sim.settings import Settings

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.simulation.results import RunResult


@dataclass
class Report:
    """What the sections read: the runs, their summary, and the figures stored so far."""

    comparison: Comparison
    figures: Figures = field(default_factory=Figures)

    @cached_property
    def summary(self) -> dict[str, dict[str, Any]]:
        """Last year's levels and paired differences by outcome."""
        return summarise(self.comparison)

    @property
    def runs(self) -> list[RunResult]:
        """The scenario's replications."""
        return list(self.comparison.arms[self.comparison.scenario])

    @property
    def against(self) -> str | None:
        """The counterfactual's name, where that arm was run."""
        name = self.comparison.against
        return name if name and self.comparison.arms.get(name) else None

    @property
    def arms(self) -> dict[str, list[RunResult]]:
        """Scenario first, then its counterfactual."""
        names = [self.comparison.scenario] + ([self.against] if self.against else [])
        return {name: list(self.comparison.arms[name]) for name in names}

    @cached_property
    def frames(self) -> dict[str, list[pd.DataFrame]]:
        """Outcomes by week of every replication, by arm."""
        return {arm: [run.outcomes for run in runs] for arm, runs in self.arms.items()}

    @property
    def replications(self) -> int:
        """Replications of the scenario."""
        return len(self.runs)

    @property
    def manifest(self) -> dict[str, Any]:
        """The comparison's manifest over that of its first run."""
        return {**self.runs[0].manifest, **self.comparison.manifest}

    def settings(self, arm: str) -> dict[str, Any]:
        """Resolved parameters of an arm by dotted path; empty where the manifest does not hold them."""
        return flatten(self.comparison.arms[arm][0].manifest.get("settings") or {})

    @cached_property
    def release(self) -> str:
        """Monday of the week in which AI is released, as an ISO date."""
        day = pd.Timestamp(self.settings(self.comparison.scenario).get("time.release", Settings().time.release))
        return str((day - pd.Timedelta(days=day.weekday())).date())

    def exhibit(self, name: str, arm: str | None = None) -> pd.DataFrame:
        """Stack an exhibit's rows of all replications of an arm, by default of the scenario.

        The frame is empty where none was kept.
        """
        runs = self.arms[arm or self.comparison.scenario]
        frames = [run.exhibits[name] for run in runs if name in run.exhibits]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def verdict(self, prediction: str) -> Verdict:
        """Judge a prediction by the runs."""
        return judge(prediction, self.comparison, self.summary)

    def recorded(self, name: str) -> bool:
        """Whether any replication holds a value of this outcome."""
        return any(name in run.outcomes and run.outcomes[name].notna().any() for run in self.runs)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn a nested tree of settings into one dictionary of values by dotted path."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return flat

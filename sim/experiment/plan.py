"""The plan of a sweep: its factors and arms, its points and runs, and when each takes place.

A *point* is one future (a value for every uncertainty) under one setting of the levers. Futures come from the design,
settings from the grid of the levers' values, and every setting meets every future: point = future · settings + setting.
More samples add futures behind those that are there, so that a wider design repeats none of its runs (a finer grid is
another one). A future has random draws of its own, which all its settings and its counterfactual share: effects are
told in pairs, and their spread over futures holds the luck of a run as well as what is not known.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, NamedTuple

import pandas as pd

from sim.base.errors import InputError
from sim.experiment.arms import LONGEST
from sim.experiment.sampling import Draw, Factor, futures_of, levels_of
from sim.settings.scenario import Scenario, compose, members, names, start_date
from sim.simulation.cases import Case, prepare

Design = Literal["grid", "lhs", "sobol", "morris", "csv"]
DESIGNS: tuple[Design, ...] = ("grid", "lhs", "sobol", "morris", "csv")
MAX_POINTS = 10_000_000
OF_LEVERS = ("policy=", "policy.")  # overrides that the counterfactual does not have


class RunDates(NamedTuple):
    """When a run takes place (see `Plan.calendar_of`).

    Attributes
    ----------
    start : Monday of its first week, numbered 0.
    burn_in : weeks before AI is released in it.
    weeks : in all.
    """

    start: datetime.date
    burn_in: int
    weeks: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A sweep's plan; its fields are the keys of the sweep file, with levers and uncertainties in `factors`."""

    name: str
    label: str
    label_zh: str
    description: str
    description_zh: str
    base: str
    overrides: tuple[str, ...]
    factors: tuple[Factor, ...]
    design: Design
    samples: int
    replications: int
    against: str | None
    outcomes: tuple[str, ...]
    resolution: str
    seed: int
    rows: tuple[tuple[Any, ...], ...] = ()  # points of a CSV design

    @property
    def levers(self) -> tuple[Factor, ...]:
        """Factors that somebody chooses."""
        return tuple(factor for factor in self.factors if factor.role == "lever")

    @property
    def uncertainties(self) -> tuple[Factor, ...]:
        """Factors that nobody chooses."""
        return tuple(factor for factor in self.factors if factor.role == "uncertainty")

    @property
    def scenario(self) -> str:
        """Name of the arm that has the levers.

        It is the base's name; where the counterfactual has the same, the paths of the factors that it lacks are added.
        """
        if self.base != self.against:
            return self.base
        name = "+".join([self.base, *(factor.path for factor in self.factors if not factor.shared)])
        return name if self.base != name and len(name) <= LONGEST else f"{self.base}+settings"

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms: the scenario, then the counterfactual if there is one."""
        return (self.scenario, self.against) if self.against else (self.scenario,)

    @property
    def draw(self) -> Draw:
        """What futures are drawn from."""
        return Draw(
            factors=self.uncertainties,
            scenario=self.cases[self.scenario].scenario,
            design=self.design,
            samples=self.samples,
            seed=self.seed,
        )

    @functools.cached_property
    def cases(self) -> dict[str, Case]:
        """Every arm by name, composed, with the user's data; the counterfactual has no levers."""
        cases = {self.scenario: prepare(self._composed())}
        if self.against:
            # the second arm shares the data that the first has read, and has no levers
            read = cases[self.scenario]
            other = compose(self.against, [text for text in self.overrides if not text.startswith(OF_LEVERS)])
            cases[self.against] = prepare(other, read.followers, read.population)
        return cases

    def _composed(self) -> Scenario:
        """Compose the base with its own policies and those that the levers vary."""
        varied = [member for factor in self.levers for member in policies(factor.path)]
        if not varied:
            return compose(self.base, self.overrides)
        groups = [text for text in self.overrides if not text.startswith(("policy.", "policy={"))]
        has = compose(self.base, groups).settings.policy
        chosen = f"policy=[{','.join(dict.fromkeys([*has, *varied]))}]"
        return compose(self.base, [*self.overrides, chosen])

    @property
    def settings(self) -> int:
        """Number of settings of the levers that each future meets; 1 in a CSV design, whose rows are points."""
        return 1 if self.design == "csv" else math.prod(len(factor.values) for factor in self.levers)

    @property
    def sample_size(self) -> int:
        """Number of futures in one sample: the rows of a base sample (Sobol) or trajectory (Morris), otherwise 1."""
        k = len(self.uncertainties)
        return {"sobol": k + 2, "morris": k + 1}.get(self.design, 1)

    def draws(self, point: int, replication: int) -> int:
        """Return the number of a run's random draws: that of its future, and different for each replication.

        Rows of a Sobol design's base sample and of a Morris trajectory share theirs, as their differences are what is
        told. Numbered so that more samples or replications rename none.
        """
        if self.design == "csv":
            return self._futures_of_rows[point] + MAX_POINTS * replication
        return point // self.settings // self.sample_size + MAX_POINTS * replication

    @functools.cached_property
    def _futures_of_rows(self) -> list[int]:
        """For each row of a CSV design, the first row with the same uncertainties."""
        places = [k for k, factor in enumerate(self.factors) if factor.role == "uncertainty"]
        first: dict[tuple[Any, ...], int] = {}
        return [first.setdefault(tuple(row[k] for k in places), number) for number, row in enumerate(self.rows)]

    def each_point(self) -> Iterator[dict[str, Any]]:
        """Yield points in the design's order, drawn one by one: a value for every factor, by path."""
        columns = [factor.path for factor in self.factors]
        for row in self._point_rows():
            yield dict(zip(columns, row, strict=True))

    def points(self) -> pd.DataFrame:
        """List all points, a column for each factor, in the design's order; the index is the point's number."""
        columns = [factor.path for factor in self.factors]
        return pd.DataFrame(list(self._point_rows()), pd.RangeIndex(count_points(self)), columns, dtype=object)

    def _point_rows(self) -> Iterator[Sequence[Any]]:
        """Yield the design's points, each as a list of one value per factor, in the order of `factors`.

        A CSV file lists its points; any other design combines each drawn future with each setting of the levers.
        """
        if self.design == "csv":
            yield from self.rows
            return
        settings = [factor.values for factor in self.levers]
        for future in futures_of(self.draw):
            for setting in itertools.product(*settings):
                own = {"lever": iter(setting), "uncertainty": iter(future)}
                yield [next(own[factor.role]) for factor in self.factors]

    def values_of(self, arm: str, point: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters that an arm has at a point, by path.

        The scenario has all factors, the counterfactual those that it shares.
        """
        factors = [factor for factor in self.factors if arm == self.scenario or factor.shared]
        return {path: point[factor.path] for factor in factors for path in factor.paths}

    def calendar_of(self, arm: str, point: Mapping[str, Any]) -> RunDates:
        """Return the calendar of the runs of an arm at a point.

        Factors such as `time.release` give each point a calendar of its own.
        """
        settings = self.cases[arm].scenario.settings
        own = {path: value for path, value in self.values_of(arm, point).items() if path.startswith("time.")}
        time = replace(settings.time, **{path.removeprefix("time."): value for path, value in own.items()})
        return RunDates(start_date(replace(settings, time=time)), time.burn_in_weeks, time.weeks)

    def to_tree(self) -> dict[str, Any]:
        """Return the plan as plain data, from which `from_tree` makes it again."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Plan:
        """Make the plan that `to_tree` wrote."""

        def frozen(value: Any) -> Any:
            return tuple(frozen(item) for item in value) if isinstance(value, list) else value

        factors = tuple(Factor(**{key: frozen(value) for key, value in item.items()}) for item in tree["factors"])
        return cls(**{key: frozen(value) for key, value in tree.items()} | {"factors": factors})


def policies(name: str) -> list[str]:
    """List the levers that a factor of this name stands for: a policy, or the levers of a package.

    A parameter stands for none.
    """
    return members("policy", name) if name in names("policy") else []


def count_points(plan: Plan) -> int:
    """Count the points without drawing them."""
    if plan.design == "csv":
        return len(plan.rows)
    if plan.design == "grid":
        futures = math.prod(len(levels_of(plan.draw, factor)) for factor in plan.uncertainties)
    else:
        futures = plan.samples * plan.sample_size if plan.uncertainties else 1
    return futures * plan.settings


def count_runs(plan: Plan) -> int:
    """Count the runs of the plan.

    All settings of a future share one run of the counterfactual, except for levers that the counterfactual has too.
    """
    points = count_points(plan)
    if not plan.against:
        return plan.replications * points
    alone = [len(factor.values) for factor in plan.levers if not factor.shared]
    others = len(set(plan._futures_of_rows)) if plan.design == "csv" else points // math.prod(alone)
    return plan.replications * (points + others)


def same_store(old: Plan, new: Plan) -> None:
    """Refuse a new plan for a place whose stored numbers would not mean the same under it.

    Raises
    ------
    InputError : outcomes, resolution, base, counterfactual or factors differ.
    """
    for item in fields(Plan):
        if item.name in ("base", "against", "outcomes", "resolution"):
            before, now = getattr(old, item.name), getattr(new, item.name)
            if before != now:
                before, now = (", ".join(x) if isinstance(x, tuple) else x for x in (before, now))
                raise InputError(item.name, now, f"{before}, as in the sweep that is there, or another name")

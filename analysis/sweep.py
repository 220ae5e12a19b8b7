"""From a sweep's runs to its answers: pair the runs, name settings and futures, ask every method what it can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.answers import Answer, Gaps
from analysis.decisions import AIMS, BETTER, check_aims, pareto, regret
from analysis.discovery import QUESTIONS, Peeling, Question, discover, peel
from analysis.sensitivity import BrokenDesignError, morris, ranked, sobol
from analysis.statistics import has_ai, paired_differences, quantile_fan
from sim.base.clock import first_averaged
from sim.base.outcomes import OUTCOMES
from sim.simulation.caveats import Caveat

if TYPE_CHECKING:
    from sim.experiment.plan import Plan
    from sim.experiment.sampling import Factor

SHOWN = 12  # outcomes with figures of their own
LEVELS = 12  # of a factor, each named where an outcome never has a value
ROUNDING = 1e-6  # of the largest level: values are kept as 32-bit floats, and a difference has the errors of both
ALL = ""  # the setting's name where levers are sampled and not crossed with futures


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep's runs.

    Attributes
    ----------
    runs : one row a run: `run_id, arm, point, replication, seed, status, wall_s, start, burn_in` and a column a
        factor; `start` is the Monday of its first week, `burn_in` the number of weeks before its release.
    values : `run_id`, `week`, `date` and outcomes, one row a run and week, or one row a run with final values.
    """

    runs: pd.DataFrame
    values: pd.DataFrame
    plan: Plan

    @property
    def scenario(self) -> str:
        """Name of the arm that has the levers."""
        arms = self.runs.loc[self.runs["arm"] != self.plan.against, "arm"]
        return str(arms.iloc[0]) if len(arms) else self.plan.base

    @property
    def paths(self) -> list[str]:
        """Paths of all factors, in the order of the design."""
        return [factor.path for factor in self.plan.factors]

    @property
    def levers(self) -> list[str]:
        """Paths of the factors that somebody chooses."""
        return [factor.path for factor in self.plan.factors if factor.role == "lever"]

    @property
    def uncertainties(self) -> list[str]:
        """Paths of the factors that nobody chooses."""
        return [factor.path for factor in self.plan.factors if factor.role != "lever"]

    @property
    def outcomes(self) -> list[str]:
        """Outcomes that the sweep kept, in order of the registry."""
        return [name for name in OUTCOMES if name in self.values]

    @property
    def shown(self) -> list[str]:
        """List the outcomes that get figures of their own: at most twelve.

        Those of questions and aims come first, then headline outcomes.
        """
        asked = {question.outcome for question in QUESTIONS} | set(BETTER)
        order = sorted(self.outcomes, key=lambda name: (name not in asked, not OUTCOMES[name].headline))
        return [name for name in self.outcomes if name in order[:SHOWN]]

    @property
    def weekly(self) -> bool:
        """Whether outcomes were kept by week."""
        return bool(self.values["run_id"].duplicated().any())

    @property
    def done(self) -> pd.DataFrame:
        """Runs that have finished without an error."""
        return self.runs[self.runs["status"] == "done"]

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Mean of every outcome over the last 52 weeks of each run (none before its release), by run id.

        Where only final values were kept, these.
        """
        values = self.values
        if self.weekly:
            weeks = values.groupby("run_id")["week"].max() + 1
            release = self.runs.drop_duplicates("run_id").set_index("run_id")["burn_in"].reindex(weeks.index)
            first = pd.Series(map(first_averaged, weeks, release), weeks.index)
            values = values[values["week"] >= values["run_id"].map(first).to_numpy(int)]
        return values.groupby("run_id")[self.outcomes].mean()

    @cached_property
    def both_have_ai(self) -> bool:
        """Whether AI leaves a trace in both arms, in the outcomes that were kept."""
        arms = self.values["run_id"].map(self.runs.drop_duplicates("run_id").set_index("run_id")["arm"])
        return all(has_ai([self.values[(arms == arm).to_numpy()]]) for arm in (self.scenario, self.plan.against))

    def compares(self, outcome: str) -> bool:
        """Whether an outcome is analysed as a difference from the counterfactual; otherwise its level is analysed.

        That is so for what an arm without AI cannot have.
        """
        return bool(self.plan.against) and (self.both_have_ai or not OUTCOMES[outcome].of_ai)

    @cached_property
    def points(self) -> pd.DataFrame:
        """Make a frame of the planned points, in the design's order.

        It has a column for each factor, and the numbers of its `setting` and `future`.

        By the plan, and not by values, which futures may share: point = future · settings + setting. Only in a table
        of points of one's own, futures are those that have the same uncertainties.
        """
        points = self.runs.drop_duplicates("point").set_index("point")[self.paths].sort_index()
        if self.plan.design != "csv":
            future, setting = np.divmod(points.index.to_numpy(), self.plan.settings)
            return points.assign(future=future, setting=setting)
        return points.assign(
            future=points.groupby(self.uncertainties, sort=False).ngroup() if self.uncertainties else 0,
            setting=points.groupby(self.levers, sort=False).ngroup() if self.crossed else 0,
        )

    @cached_property
    def crossed(self) -> bool:
        """Whether there are several settings of the levers and each meets the same futures."""
        if self.plan.design != "csv":
            return self.plan.settings > 1
        points = self.runs.drop_duplicates("point")
        if not self.levers:
            return False
        counts = points.groupby(self.levers, sort=False).size()
        others = len(points[self.uncertainties].drop_duplicates()) if self.uncertainties else 1
        return len(counts) > 1 and len(counts) * others == len(points)

    @cached_property
    def independent(self) -> pd.Index:
        """Numbers of the points whose futures share, by design, neither factors' values nor random draws.

        Those are the first row of each base sample of a Sobol design (A; B has the same draws) and of each trajectory
        of Morris's. Means, quantiles, bands and tests rest on them; of other designs on all points.
        """
        return self.points.index[self.points["future"] % self.plan.sample_size == 0]


def pair(sweep: Sweep, outcome: str) -> pd.DataFrame:
    """Pair every run of the scenario with its counterfactual.

    Returns
    -------
    DataFrame
        One row a point and replication whose runs are done: `point`, `replication`, a column a factor, `setting`
        (levers as `path=value` with blanks between; "" where they are not crossed with futures), `future` (number of
        the combination of uncertainties; the replication where there are none), `level`, `counterfactual` and
        `difference` (null where no counterfactual was run or kept), in the outcome's unit.
    """
    done = sweep.done.assign(level=sweep.done["run_id"].map(sweep.levels[outcome]))
    keys, against = ["point", "replication"], sweep.plan.against
    table = done.loc[done["arm"] != against, [*keys, *sweep.paths, "level"]]
    other = done.loc[done["arm"] == against, [*keys, "level"]].rename(columns={"level": "counterfactual"})
    table = table.merge(other, on=keys, how="inner" if against else "left")
    table["difference"] = table["level"] - table["counterfactual"]
    table["setting"] = [_setting(row) for row in table[sweep.levers].to_dict("records")] if sweep.crossed else ALL
    table["future"] = table["point"].map(sweep.points["future"]) if sweep.uncertainties else table["replication"]
    return table.sort_values(["setting", *keys], kind="stable", ignore_index=True)


def futures(sweep: Sweep, outcome: str) -> pd.DataFrame:
    """Return the pairs (see `pair`) of independent points only, on which means and tests may rest."""
    table = pair(sweep, outcome)
    return table[table["point"].isin(sweep.independent)]


def gaps_of(sweep: Sweep, outcomes: Sequence[str], told: Callable[..., pd.Series] | None = None) -> Gaps:
    """Find the points that are done but have no value of some outcome.

    Also find the levels of factors at which that is always so.

    Parameters
    ----------
    told : what is asked of an outcome, `measured` by default.
    """
    has = pd.Series(dtype=bool)
    for name in outcomes:
        table = futures(sweep, name)
        found = (told or measured)(sweep, name, table).notna().groupby(table["point"]).any()
        has = found if has.empty else has & found
    points, lacks = sweep.points.loc[has.index], ~has.to_numpy(bool)
    never, told_of = list[str](), np.zeros(len(points), bool)
    for path in sweep.paths if 0 < lacks.sum() < len(lacks) else ():
        levels = points[path].drop_duplicates()
        if len(levels) > max(2, min(LEVELS, len(points) // 2)):
            continue  # a range, of which hardly any value comes twice
        for level in levels:
            here = (points[path] == level).to_numpy(bool)
            if len(levels) > 1 and lacks[here].all():
                never.append(_setting({path: level}))
                told_of |= here
    explained = bool(never and (told_of == lacks).all())
    return Gaps(int(lacks.sum()), len(lacks), tuple(never), explained, sweep.crossed)


def differences_of(sweep: Sweep, outcome: str) -> Answer:
    """Answer how much an outcome differs from the counterfactual, for each setting of the levers."""
    answer = paired_differences(futures(sweep, outcome), OUTCOMES[outcome], sweep.compares(outcome))
    return replace(answer, gaps=gaps_of(sweep, [outcome]))


def _setting(values: Mapping[Any, Any]) -> str:
    """Name values of factors as `path=value path=value`."""
    return " ".join(f"{path}={_short(value)}" for path, value in values.items())


def _short(value: Any) -> str:
    """Write a value with six digits, or with all where six would make it another number."""
    short = f"{value:g}" if _is_number(value) else str(value)
    return short if not _is_number(value) or float(short) == value else repr(float(value))


def _is_number(value: object) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def _has_order(value: object) -> bool:
    """Whether a value has an order of its own: a number or an ISO date."""
    return _is_number(value) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None)


def measured(sweep: Sweep, outcome: str, table: pd.DataFrame) -> pd.Series:
    """Return what is analysed of an outcome: its difference between arms, otherwise its level.

    The difference is taken where the counterfactual can have the outcome too.

    The level of an outcome that means something only net of a twin is null.
    """
    if sweep.compares(outcome):
        return table["difference"]
    return table["level"] * np.nan if OUTCOMES[outcome].twin else table["level"]


def unit_places(sweep: Sweep, table: pd.DataFrame) -> pd.DataFrame:
    """Scale the factors that vary in the table to places in [0, 1] (see `_places`), one column for each.

    A factor whose values are text is left out unless the plan lists them, as only a list gives them an order.
    """
    kept = [
        factor
        for factor in sweep.plan.factors
        if table[factor.path].nunique() > 1 and (factor.values or pd.api.types.is_numeric_dtype(table[factor.path]))
    ]
    return pd.DataFrame({factor.path: _places(factor, table[factor.path]) for factor in kept}, index=table.index)


def design_places(sweep: Sweep, table: pd.DataFrame) -> pd.DataFrame:
    """Scale every uncertainty to places in [0, 1] (see `_places`), in the design's order."""
    kept = [factor for factor in sweep.plan.factors if factor.role != "lever"]
    return pd.DataFrame({factor.path: _places(factor, table[factor.path]) for factor in kept}, index=table.index)


def _places(factor: Factor, column: pd.Series) -> np.ndarray:
    """Scale a factor's values to [0, 1] in its range, on the scale of its prior; listed values are spaced evenly.

    Listed numbers and dates are ordered by size, listed names as in the list.
    """
    if factor.values:
        ordered = sorted(factor.values) if all(map(_has_order, factor.values)) else list(factor.values)
        numbers = {value: number for number, value in enumerate(ordered)}
        return column.map(numbers).to_numpy(np.float64) / max(len(ordered) - 1, 1)
    values = column.to_numpy(dtype=float)
    low = values.min() if factor.low is None else factor.low
    high = values.max() if factor.high is None else factor.high
    if factor.prior == "loguniform" and low > 0:
        return np.asarray(np.log(values / low) / np.log(high / low))
    return np.asarray((values - low) / max(high - low, 1e-300))


def by_point(sweep: Sweep, outcome: str) -> pd.DataFrame:
    """Average an outcome over the replications of each planned point, in the design's order.

    The frame also has the factors and `future`.

    The value is null where none is done, so that structured designs keep their places.
    """
    table = pair(sweep, outcome)
    value = measured(sweep, outcome, table).groupby(table["point"]).mean()
    if value.max() - value.min() <= ROUNDING * table["level"].abs().max():
        value = value.where(value.isna(), value.mean())
    points = sweep.points
    # settings that meet no uncertainty are points of their own: replications are averaged
    future = points["future"] if sweep.uncertainties else points.index
    return points.assign(future=future, value=value.reindex(points.index))


def sensitivity_of(sweep: Sweep, outcome: str) -> Answer:
    """Estimate which factors an outcome depends on, by the method that the design is made for.

    A structured design that was cut, mixed with other points or has points without a value has lost its structure, and
    is asked by ranks, over the points that have one.
    """
    return replace(_sensitivity(sweep, outcome), gaps=gaps_of(sweep, [outcome]))


def _sensitivity(sweep: Sweep, outcome: str) -> Answer:
    """Choose the method, and estimate; see `sensitivity_of`."""
    points, plan = by_point(sweep, outcome), sweep.plan
    if plan.design in ("sobol", "morris") and sweep.uncertainties:
        # every setting runs the whole design: the mean over settings is a function of the uncertainties
        one = points[points["setting"] == 0]
        value = points.groupby("future")["value"].agg(lambda part: part.mean(skipna=False)).to_numpy(dtype=float)
        places = design_places(sweep, one)
        try:
            if not _lacks_by_chance(sweep, outcome, places.to_numpy(float), np.isnan(value)):
                raise BrokenDesignError("values are missing at some levels more than at others")
            if plan.design == "sobol":
                answer = sobol(value, sweep.uncertainties, plan.samples, plan.seed)
            else:
                answer = morris(places, value, sweep.uncertainties, plan.seed)
            varying = [path for path in places if places[path].nunique() > 1]  # one value has no effect, not one of 0
            return replace(answer, frame=answer.frame[answer.frame["factor"].isin(varying)].reset_index(drop=True))
        except BrokenDesignError:
            points = points.loc[sweep.independent]
    places = unit_places(sweep, points)
    return ranked(places, points["value"], [str(path) for path in places], plan.seed, points["future"])


def _lacks_by_chance(sweep: Sweep, outcome: str, places: np.ndarray, lacks: np.ndarray) -> bool:
    """Whether a Sobol or Morris design lacks values only because runs failed, and still shows every factor.

    Methods leave out each sample, of `Plan.sample_size` futures, that lacks a value: a base sample (Sobol) or a
    trajectory (Morris). Every point that has finished runs must have a value, and each factor that varies in the design
    must vary in the samples that are left. Where all futures lack a value, that is no factor's doing either.

    Parameters
    ----------
    places : of the uncertainties (see `design_places`), shape (futures, uncertainties).
    lacks : whether a future has no value in some setting, shape (futures,).
    """
    table, rows = pair(sweep, outcome), sweep.plan.sample_size
    if len(lacks) % rows:
        return False
    told = measured(sweep, outcome, table).notna().groupby(table["point"]).any()
    kept = places[~np.repeat(lacks.reshape(-1, rows).any(axis=1), rows)]
    if not len(kept):
        return bool(lacks.all())
    still = np.ptp(kept, axis=0) == 0
    return bool(told.all() and not (still & (np.ptp(places, axis=0) > 0)).any())


def discovery_of(sweep: Sweep, question: Question, peeling: Peeling = peel) -> Answer:
    """Find the conditions under which a question is answered yes.

    It is asked of the mean over replications of every independent point that has a value; conditions are ranges of
    numeric factors that vary among these points.
    """
    points = by_point(sweep, question.outcome).loc[sweep.independent].dropna(subset=["value"])
    is_numeric = pd.api.types.is_numeric_dtype
    varying = [name for name in sweep.paths if is_numeric(points[name]) and points[name].nunique() > 1]
    places, happens = points[varying].astype(float), question.holds(points["value"])
    answer = discover(places, happens, sweep.plan.seed, peeling, futures=points["future"])
    return replace(answer, gaps=gaps_of(sweep, [question.outcome]))


def regret_of(sweep: Sweep, outcome: str) -> Answer:
    """Compute the regret of each setting of the levers in one outcome."""
    table = futures(sweep, outcome)
    answer = regret(table.assign(value=measured(sweep, outcome, table)), BETTER[outcome])
    return replace(answer, gaps=gaps_of(sweep, [outcome]))


def pareto_of(sweep: Sweep, outcomes: Sequence[str]) -> Answer:
    """Find the settings that none beats in all of several outcomes."""
    frames = []
    for name in outcomes:
        table = futures(sweep, name)
        value = measured(sweep, name, table)
        frames.append(value.groupby([table["setting"], table["future"]], sort=False).mean().rename(name))
    table = pd.concat(frames, axis=1).reset_index() if frames else pd.DataFrame(columns=["setting", "future"])
    answer = pareto(table, {name: BETTER[name] for name in outcomes}, differences=bool(sweep.plan.against))
    return replace(answer, gaps=gaps_of(sweep, outcomes))


def fan_of(sweep: Sweep, outcome: str) -> Answer:
    """Compute the quantiles of an outcome over runs of independent points, by arm and week.

    Only weeks that all runs of an arm have are included.

    Where runs have different calendars, each's weeks are counted from its own release, and have no date.
    """
    done = sweep.done[sweep.done["point"].isin(sweep.independent)]
    runs = done.drop_duplicates("run_id").set_index("run_id")  # settings share a future's counterfactual
    own = runs.reindex(sweep.values["run_id"])[["arm", "burn_in"]].reset_index(drop=True)
    weekly = sweep.values[["week", "date"]].reset_index(drop=True).assign(value=sweep.values[outcome].to_numpy())
    weekly = weekly.assign(arm=own["arm"])
    if len(runs[["start", "burn_in"]].drop_duplicates()) > 1:
        weekly = weekly.assign(week=weekly["week"] - own["burn_in"], date=np.datetime64("NaT", "ns"))
    weekly = weekly.dropna(subset=["arm"])
    count = weekly.groupby(["arm", "week"])["week"].transform("size")
    weekly = weekly[count == weekly["arm"].map(runs["arm"].value_counts())].astype({"week": int})
    answer = quantile_fan(weekly)
    frame = answer.frame
    other = (frame["arm"] == sweep.plan.against).to_numpy()  # the counterfactual stands last
    frame = pd.concat([frame[~other], frame[other]], ignore_index=True)
    return replace(answer, frame=frame, gaps=gaps_of(sweep, [outcome], lambda _sweep, _name, table: table["level"]))


Answers = dict[str, Answer]


@dataclass(frozen=True, eq=False)
class Analysis:
    """A sweep's answers.

    Attributes
    ----------
    differences, fans, sensitivity : by outcome (`fans` is empty where only final values were kept, `differences`
        where there is no counterfactual).
    discovery : by question whose outcome was kept.
    regret : by outcome of which it is said what is better, where levers are crossed with futures; the aims first.
    pareto : over the aims; None where levers are not crossed or there are fewer than two aims.
    caveats : what a reader should know first.
    """

    sweep: Sweep
    differences: Answers
    fans: Answers
    sensitivity: Answers
    discovery: Answers
    regret: Answers
    pareto: Answer | None
    caveats: Sequence[Caveat] = ()
    questions: Mapping[str, Question] = field(default_factory=lambda: {one.key: one for one in QUESTIONS})


def analyse(
    runs: pd.DataFrame,
    values: pd.DataFrame,
    plan: Plan,
    *,
    aims: Sequence[str] = (),
    peeling: Peeling = peel,
    caveats: Sequence[Caveat] = (),
) -> Analysis:
    """Answer all that the runs of a sweep can answer.

    Parameters
    ----------
    runs, values, plan : see `Sweep` and `Plan`.
    aims : outcomes of which settings of the levers are to be good in all, of `analysis.decisions.BETTER`.
    peeling : the implementation of PRIM, see `analysis.discovery.find_box`.
    caveats : to stand first on the page, see `sim.experiment.sweep_caveats.caveats_of_sweep`.

    Raises
    ------
    InputError : an aim that cannot be one.
    """
    sweep = Sweep(runs, values, plan)
    check_aims(aims, sweep.outcomes)
    known = [name for name in sweep.outcomes if sweep.levels[name].notna().any()]
    shown = [name for name in sweep.shown if name in known]
    told = [name for name in shown if plan.against or not OUTCOMES[name].twin]
    good = [name for name in BETTER if name in (*told, *aims)] if sweep.crossed else []
    good = [name for name in good if measured(sweep, name, futures(sweep, name)).notna().any()]
    chosen = [name for name in aims if name in good] or good[:AIMS]

    def each(names: Sequence[str], method: Callable[[Sweep, str], Answer]) -> Answers:
        return {name: method(sweep, name) for name in names}

    questions = [one for one in QUESTIONS if one.outcome in known and plan.against]
    return Analysis(
        sweep,
        each(known if plan.against else [], differences_of),
        each(shown if sweep.weekly else [], fan_of),
        each(told if sweep.paths else [], sensitivity_of),
        {one.key: discovery_of(sweep, one, peeling) for one in questions} if sweep.paths else {},
        each([*chosen, *(name for name in good if name not in chosen)], regret_of),
        pareto_of(sweep, chosen) if len(chosen) > 1 else None,
        caveats,
    )

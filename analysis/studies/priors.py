"""Run draws from the priors: no headline share may stay at 0 or 1 for a year unless a cause, checked, explains it.

`python -m analysis.studies.priors --draws 200` prints what it found, writes `outputs/priors/draws.parquet` (one row per
draw, row 0 the defaults) and ends with exit code 1 when the defaults or more than 5 % of the draws fail. With
`--against no_ai` each draw also runs without AI on the same random numbers, and the differences are kept: they show in
which part of the priors a prediction turns into its opposite.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.intervals import quantiles
from analysis.statistics import last_year
from sim.agents.farms import expect_bans, expect_cost, item_costs
from sim.agents.vendors import autonomy_needs, capability_at, lowest_price
from sim.base.clock import WEEKS_PER_MONTH, WEEKS_PER_YEAR, YEAR
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES, Outcome
from sim.experiment.engines import Job, run_all
from sim.experiment.sampling import hypercube, quantile
from sim.money.flows import Account, Flow
from sim.settings import Parameter, Settings, registry
from sim.settings.levers import Levers
from sim.settings.scenario import Scenario, compose, with_values
from sim.simulation.cases import prepare
from sim.simulation.results import RunResult

Bools = npt.NDArray[np.bool_]
FILE = Path("outputs/priors/draws.parquet")
AT_BOUND = 1e-9  # closer than this is at the bound
MIN_PASSING = 0.95
WATCHED = ("P1", "P2", "P3", "P7")  # predictions whose headline shares are watched
SHOWN = 6  # parameters in a ranking
FEW_TRIALS = 3.0  # expected; there are none with a chance of exp(-3)
SMOOTHED_WEEKS = 8  # over which producers learn what an item earns
QUESTIONS = (  # outcome, level whose two sides mean opposite answers, whether against the other arm
    ("ai_attention_share", 0.5, False), ("ai_supply_share", 0.5, False), ("depth_used", 0.0, True),
    ("creativity_premium", 0.0, True),
)  # fmt: skip


class Violation(NamedTuple):
    """A share that stayed at a bound for a year or longer without a cause; weeks count from release."""

    outcome: str
    bound: int
    first: int
    weeks: int


@dataclass(frozen=True)
class Cause:
    """Why a share may stay at a bound.

    `holds` gives the weeks of a run in which that is so, from settings and results.
    """

    name: str
    outcomes: tuple[str, ...]
    bound: int
    holds: Callable[[Settings, RunResult], Bools]


def _years(settings: Settings) -> npt.NDArray[np.float64]:
    """Return the years since release at each week, negative before it."""
    weeks = np.arange(settings.time.weeks) - settings.time.burn_in_weeks
    return np.asarray(weeks / WEEKS_PER_YEAR, np.float64)


def not_yet_autonomous(settings: Settings, run: RunResult) -> Bools:
    """Weeks in which AI can produce alone in no genre, or may not."""
    technology = settings.technology
    lead = technology.autonomy_lead / WEEKS_PER_YEAR
    need = autonomy_needs(settings.world.genres, technology).min()
    years = _years(settings)
    able = np.array([year >= 0 and capability_at(year + lead, technology) >= need for year in years])
    return ~(able & technology.autonomous & technology.released)


def never_pays(settings: Settings, run: RunResult) -> Bools:
    """Weeks in which a generated item of the cheapest kind costs more than what a human item earned lately.

    That is what whoever thinks of entering an ordinary platform hopes for. In a week without payouts
    those of the week before hold.
    """
    technology, frame, flows = settings.technology, run.outcomes, run.exhibits["flows"]
    human = flows[(flows["flow"] == Flow.PAYOUT) & (flows["payee"] != Account.FARMS)].groupby("week")["amount"].sum()
    items = (frame["items_new"] * (1.0 - frame["ai_supply_share"])).to_numpy()
    weeks = human.index.to_numpy(dtype=int)
    known = pd.Series(human.to_numpy() / np.maximum(items[weeks], 1.0), index=weeks).reindex(range(len(items)))
    earned = known.ffill().bfill().rolling(SMOOTHED_WEEKS, min_periods=1).mean().to_numpy()
    price = lowest_price(settings.vendors) if technology.released else np.inf
    fee = technology.item_price * technology.price_decay ** np.maximum(_years(settings), 0.0) * price
    banned, made = expect_bans(settings)
    costs = item_costs(np.zeros(1, np.bool_), 0.0, Levers(), settings)
    least = [cost._replace(amount=cost.amount.min(keepdims=True)) for cost in costs]
    cost = expect_cost(fee[None], least, np.ones(1), banned / made, settings)[0]
    return np.asarray(earned * (1.0 - settings.farms.removal) < cost)


def nobody_tries(settings: Settings, run: RunResult) -> Bools:
    """Weeks up to which so few creators are expected to have tried AI unprompted that it may be none."""
    months = np.maximum(_years(settings), 0.0) * WEEKS_PER_YEAR / WEEKS_PER_MONTH
    return np.asarray(settings.creators.adoption_rate * settings.world.creators * months < FEW_TRIALS, np.bool_)


AI_SHARES = ("ai_supply_share", "ai_attention_share", "ai_revenue_share")
CAUSES = (
    Cause("AI cannot produce alone yet, or may not", AI_SHARES, 0, not_yet_autonomous),
    Cause("a generated item costs more than it earns", AI_SHARES, 0, never_pays),
    Cause("few creators, who hardly ever try something new", ("assisted_share",), 0, nobody_tries),
)


def watched() -> list[Outcome]:
    """List the headline shares of the watched predictions."""
    return [o for o in OUTCOMES.values() if o.headline and o.unit == "share" and o.prediction in WATCHED]


def headlines() -> list[str]:
    """List the names of all headline outcomes."""
    return [outcome.name for outcome in OUTCOMES.values() if outcome.headline]


def runs_of(mask: Bools) -> Iterator[tuple[int, int]]:
    """Yield the first position and the length of every unbroken stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(end - start)


def at_bound(values: npt.ArrayLike, bound: int) -> Bools:
    """Return where a share lies at a bound; a null does not."""
    return np.asarray(np.abs(np.asarray(values, np.float64) - bound) < AT_BOUND)


def check_run(settings: Settings, run: RunResult, causes: Sequence[Cause] = CAUSES) -> tuple[list[Violation], set[str]]:
    """Find shares that stay at a bound for a year after release.

    Returns
    -------
    violations : stretches of 52 weeks or more in which no cause holds.
    explained : "outcome: cause" of stretches that would have been violations but for the cause.
    """
    violations: list[Violation] = []
    explained: set[str] = set()
    after = settings.time.burn_in_weeks
    for name in (outcome.name for outcome in watched()):
        for bound in (0, 1):
            stuck = at_bound(run.outcomes[name].to_numpy()[after:], bound)
            if not _stretches(stuck):
                continue
            unexplained = stuck.copy()
            for cause in causes:
                if name in cause.outcomes and bound == cause.bound:
                    holds = cause.holds(settings, run)[after:]
                    unexplained &= ~holds
                    if any(holds[start : start + weeks].any() for start, weeks in _stretches(stuck)):
                        explained.add(f"{name} at {bound}: {cause.name}")
            violations += [Violation(name, bound, start, weeks) for start, weeks in _stretches(unexplained)]
    return violations, explained


def _stretches(mask: Bools) -> list[tuple[int, int]]:
    """List the stretches of true values that last a year or longer, as (first week, weeks)."""
    return [(start, weeks) for start, weeks in runs_of(mask) if weeks >= YEAR]


def uncertain() -> list[Parameter]:
    """List the parameters with a prior."""
    return [parameter for parameter in registry().values() if parameter.info.prior]


def sample_priors(draws: int, seed: int, rows: Iterable[Parameter] | None = None) -> pd.DataFrame:
    """Draw from the priors by Latin hypercube: each parameter hits each of `draws` equal parts of its prior once.

    A parameter's numbers depend on its path, the seed and `draws` alone, so that a new parameter moves no other.

    Returns
    -------
    DataFrame
        Index `draw` from 1, one column a parameter, in its unit.
    """
    listed = list(uncertain() if rows is None else rows)
    places = hypercube([parameter.path for parameter in listed], draws, seed)
    columns = {}
    for parameter in listed:
        low, high = parameter.info.low, parameter.info.high
        assert low is not None and high is not None
        columns[parameter.path] = quantile(low, high, parameter.info.prior, places[parameter.path])
    return pd.DataFrame(columns, index=pd.RangeIndex(1, draws + 1, name="draw"))


@dataclass(frozen=True)
class Survey:
    """Results of the draws.

    Attributes
    ----------
    table : row 0 the defaults, then one row a draw: parameters, `passed`, mean of the last 52 weeks of every headline
        outcome, and with a second arm its paired difference as `<outcome>_difference`.
    violations, explained : by draw.
    against : the second arm, "" without one.
    """

    table: pd.DataFrame
    violations: Mapping[int, list[Violation]]
    explained: Mapping[int, set[str]]
    against: str

    @property
    def passing(self) -> float:
        """Share of the draws, defaults left out, that pass."""
        return float(self.table["passed"].drop(0).mean())

    @property
    def good(self) -> bool:
        """Whether the defaults and enough of the draws pass."""
        return bool(self.table.loc[0, "passed"]) and self.passing >= MIN_PASSING


def survey(
    draws: int,
    seed: int = 0,
    workers: int = 1,
    overrides: Sequence[str] = ("world=classroom",),
    against: str = "",
    on_week: Callable[[], None] = lambda: None,
) -> Survey:
    """Run the defaults and the draws, and look for shares that stay at a bound.

    Parameters
    ----------
    overrides : changes to the scenarios that all draws share; draws come on top.
    against : a second scenario to run on each draw's random numbers.

    Raises
    ------
    InputError : a scenario or an override is wrong.
    """
    sample = sample_priors(draws, seed)
    arms = [compose(name, overrides) for name in ("baseline", against) if name]
    defaults = pd.DataFrame([[_value(arms[0], str(path)) for path in sample]], [0], sample.columns)
    sample = pd.concat([defaults, sample]).rename_axis("draw")
    cases = [[prepare(with_values(arm, dict(values))) for arm in arms] for _, values in sample.iterrows()]
    jobs = [Job(case, seed, draw, 1) for draw, pair in enumerate(cases) for case in pair]
    results = run_all(jobs, workers, on_week)
    found: list[dict[str, float | bool]] = []
    violations, explained = {}, {}
    for draw, pair in enumerate(cases):
        first, *other = results[draw * len(arms) : (draw + 1) * len(arms)]
        violations[draw], explained[draw] = check_run(pair[0].scenario.settings, first)
        found.append({"passed": not violations[draw], **_levels(first, other)})
    return Survey(sample.join(pd.DataFrame(found)), violations, explained, against)


def _value(scenario: Scenario, path: str) -> float:
    """Look up a number in the settings by its path."""
    node: object = scenario.settings
    for part in path.split("."):
        node = getattr(node, part)
    assert isinstance(node, int | float)
    return float(node)


def _levels(first: RunResult, other: Sequence[RunResult]) -> dict[str, float]:
    """Average each headline outcome over the last year, and its difference from the paired run where there is one."""
    levels = {name: last_year(first, name) for name in headlines()}
    paired = {f"{name}_difference": levels[name] - last_year(run, name) for run in other for name in levels}
    return levels | paired


def separate(table: pd.DataFrame, column: str, level: float) -> pd.DataFrame:
    """Rank parameters by how much an outcome differs between the top and the bottom third of their values.

    Returns
    -------
    DataFrame
        By parameter: `bottom` and `top`, mean of the outcome over the draws of either third; `above_bottom` and
        `above_top`, share of them above `level`; the largest difference first.
    """
    drawn = table.drop(0).dropna(subset=[column])
    rows = {}
    for path in (parameter.path for parameter in uncertain()):
        order = drawn[column].to_numpy()[np.argsort(drawn[path].to_numpy())]
        third = max(len(order) // 3, 1)
        bottom, top = order[:third], order[-third:]
        rows[path] = (bottom.mean(), top.mean(), (bottom > level).mean(), (top > level).mean())
    ranked = pd.DataFrame.from_dict(rows, "index", columns=["bottom", "top", "above_bottom", "above_top"])
    return ranked.loc[(ranked["top"] - ranked["bottom"]).abs().sort_values(ascending=False).index]


def describe(result: Survey) -> str:
    """Write what was found as text."""
    drawn = result.table.drop(0)
    lines = [
        f"{int(drawn['passed'].sum())} of {len(drawn)} draws pass ({result.passing:.1%}; at least "
        f"{MIN_PASSING:.0%} must); the defaults {'pass' if result.table.loc[0, 'passed'] else 'FAIL'}.",
        "",
        "Headline shares, mean of the last 52 weeks          default     5 %  median    95 %",
    ]
    for name in (outcome.name for outcome in watched()):
        numbers = [result.table[name][0], *quantiles(drawn[name].to_numpy(float), [0.05, 0.5, 0.95])]
        lines.append(f"  {name:<48} " + "".join(f"{number:8.3f}" for number in numbers))
    causes = Counter(text for draw, texts in result.explained.items() if draw for text in texts)
    lines += ["", "At a bound for a year with a cause (draws; several causes may hold in turn)"]
    lines += [f"  {n:4}  {text}" for text, n in causes.most_common()] or ["  none"]
    lines += ["", "At a bound for a year without a cause", *_violations(result)]
    for outcome, level, paired in QUESTIONS:
        lines += ["", *_answers(result, outcome, level, paired)]
    return "\n".join(lines)


def _violations(result: Survey) -> Iterator[str]:
    """List what stays at a bound for a year without a cause, draw by draw, each draw with its parameters."""
    if not any(result.violations.values()):
        yield "  none"
    for draw, found in result.violations.items():
        for v in found:
            yield f"  draw {draw}: {v.outcome} at {v.bound} for {v.weeks} weeks from week {v.first} after release"
        if found:
            values = result.table.loc[draw, [parameter.path for parameter in uncertain()]]
            yield "    " + " ".join(f"{path}={value:.4g}" for path, value in values.items())


def _answers(result: Survey, outcome: str, level: float, paired: bool) -> Iterator[str]:
    """Say how often an outcome lies above its level, and which parameters decide on which side it lies.

    Those are the parameters that best separate the draws above from those below.
    """
    column = f"{outcome}_difference" if paired else outcome
    if column not in result.table:
        yield f"{outcome}, difference: needs --against"
        return
    drawn = result.table[column].drop(0).dropna()
    title = f"{outcome}, difference to {result.against}" if paired else outcome
    if drawn.empty:
        yield f"{title}: null in every draw"
        return
    yield (
        f"{title}: above {level:g} in {(drawn > level).mean():.0%} of {len(drawn)} draws "
        f"(defaults {result.table[column][0]:+.3f})"
    )
    yield "  mean in the bottom and top third of a parameter, and how much of each lies above"
    for row in separate(result.table, column, level).head(SHOWN).itertuples():
        yield f"  {row.Index!s:<32} {row.bottom:+8.3f} {row.top:+8.3f} {row.above_bottom:6.0%} {row.above_top:6.0%}"


def save(result: Survey, path: Path) -> Path:
    """Write the table of draws."""
    path.parent.mkdir(parents=True, exist_ok=True)
    result.table.to_parquet(path)
    return path


def _counter(total: int) -> Callable[[], None]:
    """Return a callback that prints progress on standard error from time to time; call it after every week."""
    clock, done = time.perf_counter(), 0

    def on_week() -> None:
        nonlocal done
        done += 1
        if done % max(total // 20, 1) == 0:
            spent = time.perf_counter() - clock
            print(f"{done / total:4.0%}, about {spent / done * (total - done):.0f} s left", file=sys.stderr, flush=True)

    return on_week


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.studies.priors", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--draws", type=int, default=200, help="draws from the priors")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=0, help="of the draws and of the runs")
    parser.add_argument("--weeks", type=int, help="weeks simulated, burn-in included")
    parser.add_argument("--against", default="", help="a scenario that each draw is paired with, such as no_ai")
    given = parser.parse_args(arguments)
    overrides = ["world=classroom"] + ([f"time.weeks={given.weeks}"] if given.weeks is not None else [])
    clock = time.perf_counter()
    try:
        if given.draws < 3 or given.workers < 1:
            raise InputError("--draws and --workers", f"{given.draws}, {given.workers}", "at least 3 draws, 1 worker")
        weeks = compose("baseline", overrides).settings.time.weeks
        total = (given.draws + 1) * (2 if given.against else 1) * weeks
        found = survey(given.draws, given.seed, given.workers, overrides, given.against, _counter(total))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(describe(found))
    print(f"\n{save(found, FILE)} written; {time.perf_counter() - clock:.0f} s.")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())

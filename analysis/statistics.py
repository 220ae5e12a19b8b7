"""Levels and differences of paired arms, with intervals and the gain from pairing; fans of quantiles over a sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.answers import Answer
from analysis.intervals import MIN_REPLICATIONS, gaps_between, interval_of, known, paired_interval, quantiles
from analysis.text import Words, significant
from sim.base.clock import first_averaged
from sim.base.outcomes import OUTCOMES, Outcome

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.simulation.results import RunResult

MIN_BAND = 10  # futures under which a band over them says little: a judgement
MIN_FAN = 20  # runs under which one of them lies beyond the 5 % and 95 % quantiles by less than one
FAN = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def burn_in(run: RunResult) -> int:
    """Read from a run's manifest the number of weeks before release; 0 where it has no settings."""
    return int(((run.manifest.get("settings") or {}).get("time") or {}).get("burn_in_weeks", 0))


def averaged(run: RunResult, words: Words) -> str:
    """Say over which weeks a run's outcomes are averaged."""
    weeks = len(run.outcomes)
    key = "since_release" if burn_in(run) < weeks else "before_release"
    return words(f"averaged.{key}", weeks=weeks - first_averaged(weeks, burn_in(run)))


def last_year(run: RunResult, name: str) -> float:
    """Average an outcome over the last 52 weeks of a run, none of them before release (see `first_averaged`).

    Returns
    -------
    float
        In the outcome's unit; NaN where the run has no such column or only nulls.
    """
    if name not in run.outcomes:
        return math.nan
    values = run.outcomes[name].to_numpy(dtype=float)
    values = values[first_averaged(len(values), burn_in(run)) :]
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else math.nan


def levels(runs: Sequence[RunResult], name: str) -> np.ndarray:
    """Average an outcome over each run's last year, shape (replications,)."""
    return np.array([last_year(run, name) for run in runs], dtype=float)


def pairing_gain(arm: np.ndarray, other: np.ndarray) -> tuple[float | None, float | None]:
    """Measure what pairing saves: the arms' correlation, and a ratio of runs.

    The ratio says how many times as many unpaired runs would give the same interval.

    Parameters
    ----------
    arm, other : (replications,) levels of the two arms.

    Returns
    -------
    correlation, run_ratio
        None below five pairs, where there is no band to save on, or where an arm does not vary. The ratio is the
        variance of a difference of independent runs over that of paired ones (common random numbers, Law 2015,
        *Simulation Modeling and Analysis*, section 11.2).
    """
    both = ~np.isnan(arm) & ~np.isnan(other)
    arm, other = arm[both], other[both]
    if arm.size < MIN_REPLICATIONS or arm.std() == 0 or other.std() == 0:
        return None, None
    correlation = float(np.corrcoef(arm, other)[0, 1])
    paired = float((arm - other).var(ddof=1))
    apart = float(arm.var(ddof=1) + other.var(ddof=1))
    return correlation, apart / paired if paired > 1e-12 * apart else None


def has_ai(frames: Iterable[pd.DataFrame]) -> bool:
    """Whether AI leaves a trace in an arm: an outcome that only AI can have is neither 0 nor null in some row."""
    return any(
        np.nan_to_num(frame[name].to_numpy(dtype=float)).any()
        for frame in frames
        for name, outcome in OUTCOMES.items()
        if outcome.of_ai and name in frame
    )


def both_have_ai(comparison: Comparison) -> bool:
    """Whether AI leaves a trace in both arms; only then are outcomes that only AI can have compared."""
    twins = comparison.arms.get(comparison.against) if comparison.against else None
    arms = (comparison.arms[comparison.scenario], twins)
    return all(runs is not None and has_ai(run.outcomes for run in runs) for runs in arms)


def _listed(values: np.ndarray) -> list[float | None]:
    """List values with None for NaN."""
    return [None if math.isnan(value) else float(value) for value in values]


LEVEL = ("scale", "n", "mean", "typical", "low", "high", "conditional", "zeros", "ones")  # of an interval, in a row


def _level(outcome: Outcome, values: np.ndarray) -> dict[str, Any]:
    """Make the part of a summary's row that describes one arm (see `summarise`)."""
    found = interval_of(values, outcome)
    row = {key: getattr(found, key) for key in LEVEL}
    reasons = []
    if found.n == 0:
        reasons.append("none")
    elif found.low is None:
        reasons.append("few" if found.n < MIN_REPLICATIONS else "extremes")
    return {"unit": outcome.unit, **row, "nulls": values.size - found.n, "reasons": reasons}


def _change(outcome: Outcome, arm: np.ndarray, other: np.ndarray | None, judged: bool) -> dict[str, Any]:
    """Make the part of a summary's row that describes the paired difference (see `summarise`)."""
    row: dict[str, Any] = dict.fromkeys(
        ("against", "difference", "difference_low", "difference_high", "correlation", "run_ratio", "effect")
    )
    row |= {"against_values": [], "differences": [], "reasons": []}
    if other is None:
        return row | {"reasons": ["unpaired"]}
    gaps = gaps_between(arm, other)
    told = judged and not np.isnan(gaps).all()
    here = other[~np.isnan(gaps)] if told else known(other)
    row |= {"against": float(here.mean()) if here.size else None, "against_values": _listed(other)}
    if not judged:
        return row | {"reasons": ["without_ai"]}
    found = paired_interval(arm, other, outcome)
    row |= {"difference": found.mean, "difference_low": found.low, "difference_high": found.high}
    row |= {"differences": _listed(gaps), "effect": found.effect}
    row["correlation"], row["run_ratio"] = pairing_gain(arm, other)
    if found.n == 0:
        return row | {"reasons": ["unmatched"] if known(arm).size else []}
    return row | {"reasons": ["few"] if found.low is None else []}


def _net(level: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Replace the level in a row by the difference from the twin, since the raw level has no meaning of its own."""
    row = level | change | {"scale": "linear", "zeros": 0, "ones": 0, "conditional": False}
    row["values"] = change["differences"]
    row |= {"mean": row["difference"], "typical": None, "low": row["difference_low"], "high": row["difference_high"]}
    row["reasons"] = [key for key in level["reasons"] if key == "none"] or change["reasons"]
    if row["difference"] is None:
        alone = ["alone"] if "unpaired" in change["reasons"] else []
        return row | {"against": None, "against_values": [], "reasons": row["reasons"] + alone}
    typical = row["difference"] if row["low"] is not None else None
    return row | {"typical": typical, "against": 0.0, "against_values": [0.0] * len(row["values"])}


def _matched(values: np.ndarray, differences: Sequence[float | None]) -> np.ndarray:
    """Keep the values of replications that have a difference; NaN for the others."""
    return np.where([gap is None for gap in differences], np.nan, values)


def summarise(comparison: Comparison, registry: Mapping[str, Outcome] = OUTCOMES) -> dict[str, dict[str, Any]]:
    """Summarise the last year of each outcome: levels, paired difference, intervals, what pairing saved.

    Parameters
    ----------
    comparison : arms by name, replications in the same order in each.

    Returns
    -------
    dict
        By outcome, in its unit: `unit`; `values` of the replications; `n`, how many count, and `nulls`, how many do
        not, as they have no value, or their pair has none where a difference is reported; `mean` of those that count;
        `scale` ("logit", "log", "linear"), `typical`, `low`, `high`: the 95 % interval of a typical replication and its
        centre; `zeros`, `ones`: replications at exactly 0 or 1, which the interval leaves out, and `conditional`,
        whether it therefore is one of the others alone; `against` and `against_values`: the same of the other arm;
        `difference`, `differences`, `difference_low`, `difference_high`: the mean paired difference and its 95 %
        t-interval; `correlation`, `run_ratio`; `effect` ("up", "down", "no clear effect"); `reasons` and `reason`:
        keys, and sentences, of why something is null.

    Notes
    -----
    Below five replications no interval and no effect is reported. What only AI can have is not held against an arm
    without AI: it has a level and no difference. Where a difference is reported, all numbers are those of its pairs, so
    that it is `mean` less `against`. Outcomes that need a twin are net of the paired arm: their `against` is 0.
    """
    runs = comparison.arms[comparison.scenario]
    twins = comparison.arms.get(comparison.against) if comparison.against else None
    compared = both_have_ai(comparison)
    say = Words("en")
    rows = {}
    for name, outcome in registry.items():
        values, other = levels(runs, name), None if twins is None else levels(twins, name)
        change = _change(outcome, values, other, compared or not outcome.of_ai)
        level = _level(outcome, values if change["difference"] is None else _matched(values, change["differences"]))
        level["values"] = _listed(values)
        if outcome.twin:
            row = _net(level, change)
        else:
            row = level | change | {"reasons": list(dict.fromkeys(level["reasons"] + change["reasons"]))}
        rows[name] = row | {"reason": " ".join(say(f"reasons.{key}") for key in row["reasons"]) or None}
    return rows


# Over a sweep


def paired_differences(table: pd.DataFrame, outcome: Outcome, compared: bool = True) -> Answer:
    """Compute an outcome's paired differences over futures, for each setting of the levers.

    Parameters
    ----------
    table : one row a pair of runs: `setting`, `future`, `level`, `counterfactual`, `difference` (see
        `analysis.sweep.pair`); null differences do not count.
    compared : whether the other arm can have any of this. Where it cannot, levels stand in the differences' place.

    Returns
    -------
    Answer
        By setting: `mean`, `low`, `high` (95 % t-interval over futures, replications averaged first, within what the
        outcome's bounds allow), `q05`, `q95` (quantiles over futures; these four are null below five), `rises` (part of
        the futures), `futures`, `pairs`, `effect` ("" without an interval, and of levels), `compared`, and what pairing
        saved: `correlation` of the arms over pairs and `run_ratio`, how many times as many unpaired runs give the same
        band. Where futures have several replications, both are reported within futures, since the futures' own spread,
        which no comparison would leave in, is no gain.
    """
    from analysis.sweep_figures import differences

    rows = []
    if not compared:
        table = table.assign(counterfactual=0.0, difference=table["level"])
    known = table.dropna(subset=["difference"])
    within = bool(known.duplicated(["setting", "future"]).any())
    for setting, pairs in known.groupby("setting", sort=False):
        by_future = pairs.groupby("future")["difference"].mean().to_numpy(dtype=float)
        apart = pairs.groupby("future")[["level", "counterfactual"]].mean().to_numpy(dtype=float)
        found = paired_interval(apart[:, 0], apart[:, 1], outcome)
        mean, low, high = found.mean, found.low, found.high
        correlation, ratio = pairing_gain(*_arms(pairs, within))
        numbers = [np.nan if x is None else x for x in (mean, low, high, *quantiles(by_future, [0.05, 0.95]))]
        rows.append(
            (
                setting,
                *numbers,
                float((by_future > 0).mean()),
                len(by_future),
                len(pairs),
                (found.effect if compared else None) or "",
                np.nan if correlation is None else correlation,
                np.nan if ratio is None else ratio,
            )
        )
    columns = ["setting", "mean", "low", "high", "q05", "q95", "rises", "futures", "pairs", "effect", "correlation",
               "run_ratio"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns).assign(compared=compared)
    n = int(frame["futures"].min()) if len(frame) else 0
    ratio = float(frame["run_ratio"].median()) if frame["run_ratio"].notna().any() else math.nan
    times = "–" if math.isnan(ratio) else significant(ratio, 2)
    noted: dict[str, object] = {"n": n, "least": MIN_BAND, "pairs": len(known), "ratio": times}
    if len(frame) == 0:
        return Answer(frame, False, "no_pairs" if table.empty else "no_values", differences, noted)
    if n < MIN_BAND:
        return Answer(frame, False, "differences_few" if compared else "levels_few", differences, noted)
    if not compared:
        return Answer(frame, True, "levels", differences, noted)
    note = "differences_alone" if math.isnan(ratio) else "differences_within" if within else "differences"
    return Answer(frame, True, note, differences, noted)


def _arms(pairs: pd.DataFrame, within: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels of both arms, one per pair.

    With `within`, only of futures with several pairs and less the mean of their future, so that only a run's luck
    varies.
    """
    levels = pairs[["level", "counterfactual"]].astype(float)
    if within:
        levels = levels[pairs.duplicated("future", keep=False)]
        levels = levels - levels.groupby(pairs["future"]).transform("mean")
    return levels["level"].to_numpy(), levels["counterfactual"].to_numpy()


def quantile_fan(weekly: pd.DataFrame) -> Answer:
    """Compute quantiles of an outcome over runs, week by week.

    Parameters
    ----------
    weekly : one row a run and week: `arm`, `week`, `date`, `value`; null values do not count.

    Returns
    -------
    Answer
        By arm and week: `date`, `q05`, `q25`, `q50`, `q75`, `q95` and `runs`, the number with a value in that week.
        Below five runs only the median is reported.
    """
    from analysis.sweep_figures import fan

    # sorted once and cut by week: a group-by's quantiles sort all rows anew for each quantile
    kept = weekly[weekly["value"].notna()].sort_values(["arm", "week"], kind="stable", ignore_index=True)
    frame = kept[["arm", "week", "date"]].drop_duplicates(["arm", "week"])
    first, values = frame.index.to_numpy(), kept["value"].to_numpy(np.float64)
    spread = [np.quantile(week, list(FAN.values())) for week in np.split(values, first[1:]) if len(week)]
    frame = frame.reset_index(drop=True)
    frame[list(FAN)] = np.reshape(spread, (len(frame), len(FAN)))
    frame["runs"] = np.diff(first, append=len(values))
    frame.loc[frame["runs"] < MIN_REPLICATIONS, [key for key in FAN if key != "q50"]] = np.nan
    n = int(frame["runs"].min()) if len(frame) else 0
    enough = n >= MIN_FAN
    return Answer(frame, enough, "fan" if enough else "fan_few", fan, {"n": n, "least": MIN_FAN})

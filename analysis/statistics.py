"""Differences between paired arms, with t-intervals and the gain from pairing; fans of quantiles over a sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.answers import Answer
from sim.outcomes import OUTCOMES, Outcome
from sim.results import LAST_WEEKS

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.results import RunResult

CONFIDENCE = 0.95
LEAST_BAND = 10  # futures under which a band over them says little: a judgement
LEAST_FAN = 20  # runs under which one of them lies beyond the 5 % and 95 % quantiles by less than one
FAN = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
Effect = Literal["up", "down", "no clear effect"]


def interval(values: Sequence[float] | np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Mean and two-sided 95 % t-interval of a sample.

    Parameters
    ----------
    values : (n,) one number per replication; NaN counts as missing.

    Returns
    -------
    mean, low, high
        `mean` is None without any value, `low` and `high` are None below two.
    """
    sample = np.asarray(values, dtype=float)
    sample = sample[~np.isnan(sample)]
    if sample.size == 0:
        return None, None, None
    mean = float(sample.mean())
    if sample.size < 2:
        return mean, None, None
    quantile = float(stdtrit(sample.size - 1, 0.5 + CONFIDENCE / 2))
    half = quantile * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return mean, mean - half, mean + half


def last_year(frame: pd.DataFrame, name: str) -> float:
    """Mean of an outcome's values in the last 52 weeks of one run (of all weeks where the run is shorter).

    Returns
    -------
    float
        In the outcome's unit; NaN where the run has no such column or only nulls.
    """
    if name not in frame:
        return math.nan
    values = frame[name].to_numpy(dtype=float)[-LAST_WEEKS:]
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else math.nan


def levels(runs: Sequence[RunResult], name: str) -> np.ndarray:
    """Last year's mean of an outcome per replication, shape (replications,)."""
    return np.array([last_year(run.outcomes, name) for run in runs], dtype=float)


def effect_of(low: float | None, high: float | None) -> Effect | None:
    """Say which way a paired difference goes, or that its 95 % interval covers zero."""
    if low is None or high is None:
        return None
    if low > 0:
        return "up"
    return "down" if high < 0 else "no clear effect"


def pairing_gain(arm: np.ndarray, other: np.ndarray) -> tuple[float | None, float | None]:
    """Correlation of two arms over replications, and how many times more unpaired runs give the same band.

    Parameters
    ----------
    arm, other : (replications,) levels of the two arms.

    Returns
    -------
    correlation, run_ratio
        None below three pairs (two always correlate perfectly) or where an arm does not vary. The ratio is the
        variance of a difference of independent runs over that of paired ones (common random numbers, Law 2015,
        *Simulation Modeling and Analysis*, section 11.2).
    """
    both = ~np.isnan(arm) & ~np.isnan(other)
    arm, other = arm[both], other[both]
    if arm.size < 3 or arm.std() == 0 or other.std() == 0:
        return None, None
    correlation = float(np.corrcoef(arm, other)[0, 1])
    paired = float((arm - other).var(ddof=1))
    apart = float(arm.var(ddof=1) + other.var(ddof=1))
    return correlation, apart / paired if paired > 1e-12 * apart else None


def _row(outcome: Outcome, arm: np.ndarray, other: np.ndarray | None) -> dict[str, Any]:
    mean, low, high = interval(arm)
    row: dict[str, Any] = dict.fromkeys(
        ("against", "difference", "difference_low", "difference_high", "correlation", "run_ratio", "effect")
    )
    if other is not None:
        row["against"] = interval(other)[0]
        row["difference"], row["difference_low"], row["difference_high"] = interval(arm - other)
        row["correlation"], row["run_ratio"] = pairing_gain(arm, other)
        row["effect"] = effect_of(row["difference_low"], row["difference_high"])
    row |= {"unit": outcome.unit, "mean": mean, "low": low, "high": high}
    return row | {"reason": _reason(row, arm.size, other is not None)}


def _reason(row: Mapping[str, Any], replications: int, paired: bool) -> str | None:
    if row["mean"] is None:
        return "not recorded in this run"
    if not paired:
        return "no paired arm was run"
    if row["difference"] is None:
        return "null in the paired arm"
    return "fewer than two replications" if replications < 2 else None


def _net(row: dict[str, Any]) -> dict[str, Any]:
    """Put the difference from the twin in the level's place: the raw level has no meaning of its own."""
    if row["difference"] is None:
        reason = row["reason"] if row["mean"] is None else "means something only beside a paired arm"
        return row | {"mean": None, "low": None, "high": None, "against": None, "reason": reason}
    net = {"mean": row["difference"], "low": row["difference_low"], "high": row["difference_high"], "against": 0.0}
    return row | net


def summarise(comparison: Comparison, registry: Mapping[str, Outcome] = OUTCOMES) -> dict[str, dict[str, Any]]:
    """Each outcome's last year: level, counterfactual, paired difference, bands, and what pairing saved.

    Parameters
    ----------
    comparison : arms by name, replications in the same order in each.

    Returns
    -------
    dict
        By outcome: `unit, mean, low, high, against, difference, difference_low, difference_high` in the outcome's
        unit, `correlation`, `run_ratio`, `effect` ("up", "down", "no clear effect") and `reason` (why something is
        null). Outcomes that need a twin are net of the paired arm: their `against` is 0.
    """
    runs = comparison.arms[comparison.scenario]
    twins = comparison.arms.get(comparison.against) if comparison.against else None
    rows = {}
    for name, outcome in registry.items():
        other = None if twins is None else levels(twins, name)
        row = _row(outcome, levels(runs, name), other)
        rows[name] = _net(row) if outcome.twin else row
    return rows


# Over a sweep


def paired_differences(table: pd.DataFrame) -> Answer:
    """An outcome's paired differences over futures, by setting of the levers.

    Parameters
    ----------
    table : one row a pair of runs: `setting`, `future`, `level`, `counterfactual`, `difference` (see
        `analysis.sweep.pair`); null differences do not count.

    Returns
    -------
    Answer
        By setting: `mean`, `low`, `high` (95 % t-interval over futures, replications averaged first), `q05`, `q95`
        (quantiles over futures), `rises` (part of the futures), `futures`, `pairs`, `effect`, and what pairing saved:
        `correlation` of the arms over pairs and `run_ratio`, how many times as many unpaired runs give the same band.
        Where futures have several replications, both are told within futures, since the futures' own spread, which
        no comparison would leave in, is no gain.
    """
    from analysis.sweep_figures import differences

    rows = []
    known = table.dropna(subset=["difference"])
    within = bool(known.duplicated(["setting", "future"]).any())
    for setting, pairs in known.groupby("setting", sort=False):
        by_future = pairs.groupby("future")["difference"].mean().to_numpy(dtype=float)
        mean, low, high = interval(by_future)
        correlation, ratio = pairing_gain(*_arms(pairs, within))
        numbers = [np.nan if x is None else x for x in (mean, low, high, *np.quantile(by_future, [0.05, 0.95]))]
        rows.append(
            (setting, *numbers, float((by_future > 0).mean()), len(by_future), len(pairs), effect_of(low, high) or "",
             np.nan if correlation is None else correlation, np.nan if ratio is None else ratio)
        )  # fmt: skip
    columns = ["setting", "mean", "low", "high", "q05", "q95", "rises", "futures", "pairs", "effect", "correlation",
               "run_ratio"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    n = int(frame["futures"].min()) if len(frame) else 0
    ratio = float(frame["run_ratio"].median()) if frame["run_ratio"].notna().any() else math.nan
    noted: dict[str, object] = {"n": n, "least": LEAST_BAND, "pairs": len(known), "ratio": f"{ratio:.2g}"}
    if len(frame) == 0:
        return Answer(frame, False, "no_pairs" if table.empty else "no_values", differences, noted)
    if n < LEAST_BAND:
        return Answer(frame, False, "differences_few", differences, noted)
    note = "differences_alone" if math.isnan(ratio) else "differences_within" if within else "differences"
    return Answer(frame, True, note, differences, noted)


def _arms(pairs: pd.DataFrame, within: bool) -> tuple[np.ndarray, np.ndarray]:
    """Levels of both arms, less the mean of their future where asked, of futures with several pairs."""
    levels = pairs[["level", "counterfactual"]].astype(float)
    if within:
        levels = levels[pairs.duplicated("future", keep=False)]
        levels = levels - levels.groupby(pairs["future"]).transform("mean")
    return levels["level"].to_numpy(), levels["counterfactual"].to_numpy()


def quantile_fan(weekly: pd.DataFrame) -> Answer:
    """Quantiles of an outcome over runs, week by week.

    Parameters
    ----------
    weekly : one row a run and week: `arm`, `week`, `date`, `value`; null values do not count.

    Returns
    -------
    Answer
        By arm and week: `date`, `q05`, `q25`, `q50`, `q75`, `q95` and `runs`, the number with a value in that week.
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
    n = int(frame["runs"].min()) if len(frame) else 0
    enough = n >= LEAST_FAN
    return Answer(frame, enough, "fan" if enough else "fan_few", fan, {"n": n, "least": LEAST_FAN})

"""A study of null models: for which effects do time, volume or cost alone suffice?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from analysis.intervals import Effect, effect_of_gaps, gaps_between, interval_of, paired_interval, side_of
from analysis.predictions import YARDSTICK
from analysis.statistics import levels
from analysis.studies.markdown import table
from analysis.studies.study import HEADLINES, Study, interval_text
from sim.base.clock import HALF_YEAR
from sim.base.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.simulation.results import RunResult

NULLS = ("no_ai", "null_more_humans", "null_cost")  # time alone, volume alone, cost and volume alone
PREDICTIONS = ("P1", "P2", "P3", "P7", "thesis")  # whose headline outcomes are held against the nulls
Reproduction = Literal["", "all", "part", "fails"]  # how much of an effect a null shows; "" where there is no effect
# Whether a claim counts, by what the nulls show. The first entry that any of them shows decides.
COUNTS: dict[Reproduction, str] = {"": "–", "all": "no", "part": "beyond the nulls", "fails": "yes"}


@dataclass(frozen=True)
class ArmEffect:
    """How an arm differs in one outcome from what it is compared with.

    Attributes
    ----------
    differences : by replication; NaN where either value is missing.
    text : the interval in words.
    effect : which way they go; None with too few replications.
    """

    differences: np.ndarray
    text: str
    effect: Effect | None


def nulls(study: Study) -> dict[str, str]:
    """Run the nulls beside the full model and say for which effects each suffices.

    In `null_cost` attention is random before release too, so it is compared with a world without AI of its own.
    """
    arms = study.run("baseline", "no_ai").arms | study.run("null_more_humans", "null_cost").arms
    without, rows = dict.fromkeys(arms, arms["no_ai"]), []
    without["null_cost"] = study.run("null_cost", None, "technology=none").arms["null_cost"]
    for outcome in HEADLINES:
        if outcome.prediction not in PREDICTIONS:
            continue
        name = outcome.name
        effects = {arm: effect_of_ai(arms[arm], without[arm], name) for arm in ("baseline", *NULLS[1:])}
        earlier = means_before_release(arms["no_ai"], name, study.weeks_before)
        effects["no_ai"] = paired_effect(levels(arms["no_ai"], name), earlier, name)
        shown = {arm: reproduction(effects["baseline"], effects[arm]) for arm in NULLS}
        cells = [f"{effects[arm].text}{shown[arm] and f': {shown[arm]}'}" for arm in NULLS]
        counts = next(reading for part, reading in COUNTS.items() if part in shown.values())
        if counts == "yes" and not any(np.nan_to_num(effects[arm].differences).any() for arm in NULLS):
            counts = "by definition"  # the nulls can't have it at all
        rows.append((outcome.prediction, f"`{name}`", effects["baseline"].text, *cells, counts))
    head = ("", "outcome", "`baseline`", *(f"`{arm}`" for arm in NULLS), "counts")
    return {"nulls": f"{study.source}\n\n{table(head, rows)}"}


def means_before_release(runs: Sequence[RunResult], name: str, burn_in: int) -> np.ndarray:
    """Mean of an outcome over the half-year before release (week `burn_in`) by replication; NaN without any value."""
    rows = [run.outcomes[name].to_numpy(float)[:burn_in][-HALF_YEAR:] for run in runs]
    return np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in rows])


def effect_of_ai(runs: Sequence[RunResult], without: Sequence[RunResult], name: str) -> ArmEffect:
    """Compare the last year of an outcome with the paired world without AI.

    Where that world has no value, or the claim names a yardstick (a level, or another outcome of the same run), the
    outcome is compared with the yardstick.
    """
    values, other, yardstick = levels(runs, name), levels(without, name), YARDSTICK.get(name)
    if yardstick is None or not np.isnan(other).all():
        return paired_effect(values, other, name)
    if isinstance(yardstick, str):
        return paired_effect(values, levels(runs, yardstick), name)
    found = interval_of(values, OUTCOMES[name])
    differences = gaps_between(values, np.full(values.size, yardstick))
    return ArmEffect(differences, interval_text(found, yardstick), side_of(found, yardstick))


def paired_effect(values: np.ndarray, other: np.ndarray, name: str) -> ArmEffect:
    """Compare two arms replication by replication, as the report does; "0" where no pair differs.

    Parameters
    ----------
    values, other : levels of the outcome `name` in each arm, shape (replications,).
    """
    differences, change = gaps_between(values, other), paired_interval(values, other, OUTCOMES[name])
    alike = change.n > 0 and not np.nan_to_num(differences).any()
    return ArmEffect(differences, "0" if alike else interval_text(change), change.effect)


def reproduction(full: ArmEffect, null: ArmEffect) -> Reproduction:
    """Say how much of the full model's effect a null shows.

    Parameters
    ----------
    full, null : effects of the full model and of the null, replications in the same order.

    Returns
    -------
    str
        "" where the full model has no clear effect, or too few values; "fails" where the null has none of the same
        sign; "all" where it has and is not clearly smaller; "part" where it is.
    """
    if full.effect not in ("up", "down"):
        return ""
    if null.effect != full.effect:
        return "fails"
    smaller = effect_of_gaps(gaps_between(full.differences, null.differences)) == full.effect
    return "part" if smaller else "all"

"""Each prediction's verdict: did the outcomes that speak to it go where the report of 2023 expects?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from analysis.intervals import MIN_REPLICATIONS, gaps_between, interval_of, known, paired_interval, side_of
from analysis.statistics import levels
from sim.base.outcomes import OUTCOMES, Outcome

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison

PREDICTIONS = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "thesis")
Finding = Literal["supported", "contradicted", "no clear effect", "not judged"]
Judgement = Literal["supported", "contradicted", "mixed", "no clear effect", "not judged", "later"]

# Where a world without AI cannot be the yardstick (it has none of it), the claim names one itself: "equal to humans"
# is half, success is judged against human works, collaboration against raw generation, imitation against humans' rate.
# A number is a level; a name is another outcome of the same run.
YARDSTICK: dict[str, float | str] = {
    "ai_supply_share": 0.5,
    "ai_attention_share": 0.5,
    "ai_revenue_share": 0.5,
    "visibility_odds_ratio": 1.0,
    "turing_pass_rate": "human_pass_rate",
    "assisted_share": "ai_supply_share",
    "assisted_appeal_ratio": 1.0,
    "lovelace_pass_rate": "lovelace_human_rate",
}
FITTED = ("interactive_time_share",)  # to published counts: its size was put in, so that it can decide on no claim


@dataclass(frozen=True)
class Measure:
    """One outcome's word on its prediction.

    Attributes
    ----------
    yardstick : a level, or another outcome of the same run; None where the paired arm is the yardstick.
    gaps : what was measured less the yardstick, by replication; NaN where null.
    reason : why it is not judged: "" where it is, "context" where the report of 2023 expects no direction, "fitted"
        where its size was put in, "without_ai" where the paired arm cannot have it, "no_mark" where its
        yardstick is 0 or null in too many replications, "few" where there is no interval for want of replications.
    """

    name: str
    finding: Finding
    gaps: tuple[float, ...]
    yardstick: float | str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """A prediction's judgement and the measures it rests on; "later" where no outcome of it is recorded yet."""

    prediction: str
    judgement: Judgement
    measures: tuple[Measure, ...]

    def count(self, finding: Finding) -> int:
        """Count the measures with this finding."""
        return sum(measure.finding == finding for measure in self.measures)

    @property
    def judged(self) -> int:
        """Number of measures that could be judged."""
        return len(self.measures) - self.count("not judged")


def _finding(effect: str | None, direction: str) -> Finding:
    """Compare an effect with the expected direction, "up" or "down"."""
    if effect is None or not direction:
        return "not judged"
    if effect == "no clear effect":
        return "no clear effect"
    return "supported" if effect == direction else "contradicted"


def measure(outcome: Outcome, comparison: Comparison, row: Mapping[str, Any]) -> Measure:
    """Judge one outcome by the direction that the registry expects.

    Where the yardstick is a level, a typical replication must clearly lie on one side of it; where it is another
    outcome or the paired arm, the mean difference must. What only AI can have is not judged against an arm without AI:
    such a claim could not have failed.

    Held against a level, a typical replication must lie to one side of it; held against another outcome or the paired
    arm, the mean difference. What only AI can have is not judged against an arm without AI: it could not have failed.
    """
    name = outcome.name
    yardstick = YARDSTICK.get(name)
    runs = comparison.arms[comparison.scenario]
    mine = levels(runs, name)
    if yardstick is None:
        effect, gaps = row["effect"], [np.nan if gap is None else gap for gap in row["differences"]]
    elif isinstance(yardstick, str):
        other = levels(runs, yardstick)
        if OUTCOMES[yardstick].of_ai:
            other[other == 0] = np.nan  # AI that makes nothing by itself is no yardstick: nothing could fall below it
        gaps = list(gaps_between(mine, other))
        effect = paired_interval(mine, other, outcome).effect
    else:
        gaps = list(gaps_between(mine, np.full(mine.size, yardstick)))
        effect = side_of(interval_of(mine, outcome), yardstick)
    reason = ""
    if name in FITTED:
        effect, reason = None, "fitted"
    elif effect is None:
        reason = "without_ai" if yardstick is None and "without_ai" in row["reasons"] else "few"
        if isinstance(yardstick, str) and len(known(mine)) >= MIN_REPLICATIONS:
            reason = "no_mark"
    elif not outcome.direction:
        reason = "context"
    return Measure(name, _finding(effect, outcome.direction), tuple(float(gap) for gap in gaps), yardstick, reason)


def judge(prediction: str, comparison: Comparison, summary: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """Judge a prediction by its headline outcomes.

    Parameters
    ----------
    prediction : "P1" to "P8" or "thesis".
    comparison, summary : the runs and what `statistics.summarise` made of them.

    Returns
    -------
    Verdict
        "supported" or "contradicted" where all clear measures agree and are at least half of those judged, "mixed"
        where they disagree or are fewer, "no clear effect" where none is clear, "not judged" where there is no band,
        "later" where nothing is recorded.
    """
    outcomes = [row for row in OUTCOMES.values() if row.prediction == prediction and row.headline]
    measures = tuple(measure(outcome, comparison, summary[outcome.name]) for outcome in outcomes)
    runs = comparison.arms[comparison.scenario]
    if not any(
        name in run.outcomes and run.outcomes[name].notna().any()
        for name in (outcome.name for outcome in outcomes)
        for run in runs
    ):
        return Verdict(prediction, "later", ())
    draft = Verdict(prediction, "not judged", measures)
    yes, no = draft.count("supported"), draft.count("contradicted")
    if not draft.judged:
        return draft
    if yes == no == 0:
        return Verdict(prediction, "no clear effect", measures)
    if (yes and no) or 2 * max(yes, no) < draft.judged:
        return Verdict(prediction, "mixed", measures)
    return Verdict(prediction, "supported" if yes else "contradicted", measures)

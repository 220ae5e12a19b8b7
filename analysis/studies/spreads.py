"""A study of the spread over seeds: how far replications lie apart, and what each mend takes off.

Each arm is the baseline with one mend switched off, beside the model as it is and the model with none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.special import logit, ndtri

from analysis.intervals import CONFIDENCE, MIN_REPLICATIONS
from analysis.studies.components import spread
from analysis.studies.markdown import band, number, table
from analysis.studies.record import Record, made_by
from analysis.studies.study import Study, show_line
from analysis.studies.table import CONTROLS, column, rows_of, run_task
from sim.settings.scenario import compose

SPREAD_OUTCOMES = ("ai_supply_share", "ai_attention_share")
AS_IT_IS, INDEPENDENT, NONE = "as it is", "creators drawn independently", "none of these mends"
MENDS = {  # what is missing without a mend, and the override that switches the mend off
    INDEPENDENT: "world.draws=independent",
    "entry on a cell's own record": "farms.entry=own",
    "a gift for life": "farms.gift_lasting=1",
    "one item per session": "attention.spread=single",
}
ARMS = {AS_IT_IS: (), **{name: (text,) for name, text in MENDS.items()}, NONE: tuple(MENDS.values())}
MOST = {  # standard deviation over seeds that is asked for, by world
    "classroom": {"ai_supply_share": 0.05, "ai_attention_share": 0.08},
    "standard": {"ai_supply_share": 0.03, "ai_attention_share": 0.06},
}
MOST_BIAS = 0.02  # by which the means of the two ways to draw creators may differ
HALF_WIDTH = 0.05  # of the 95 % interval of AI's share for which runs are counted


def measure(study: Study) -> Record:
    """Run every arm over the seeds; measure its spread, and what is left of it beside control variates."""
    counts = {arm: replications_of(arm, study.replications) for arm in ARMS}
    scenarios = {arm: compose("baseline", study.texts(*texts)) for arm, texts in ARMS.items()}
    # replication by replication, and first those arms that have most: what is stopped has an even number of each
    order = sorted((-counts[arm], k, place, arm) for place, arm in enumerate(ARMS) for k in range(counts[arm]))
    tasks = [run_task(scenarios[arm], study.seed, k, arm=arm) for _, k, _, arm in order]
    rows = rows_of(tasks, study.workers, show_line)
    return {"arms": {arm: spread_of_arm([row for row in rows if row["arm"] == arm]) for arm in ARMS}}


def replications_of(arm: str, most: int) -> int:
    """Count the replications of an arm: half as many where no target asks for more."""
    return most if arm in (AS_IT_IS, INDEPENDENT) else max(most // 2, 3)


def spread_of_arm(rows: Sequence[Mapping[str, Any]]) -> Record:
    """Measure the spread of an arm from its runs: as simulated, and with control variates."""
    controls = np.stack([column(rows, name) for name in CONTROLS], axis=1)
    found: Record = {"cpu_s": float(np.median(column(rows, "cpu_s")))}
    for name in SPREAD_OUTCOMES:
        values = column(rows, name)
        found[name] = asdict(spread(values)) | {"values": values.tolist()}
        if len(values) > 1 + len(CONTROLS) + 1:
            found[name]["controlled"] = asdict(spread(values, controls))
    return found


def runs_for(sd: float, half_width: float = HALF_WIDTH) -> float:
    """Count the runs that bring the 95 % interval of a mean to a half-width; five at least, as reports ask."""
    quantile = float(ndtri(0.5 + CONFIDENCE / 2))
    return max(float(MIN_REPLICATIONS), (quantile * sd / half_width) ** 2)


def tell(record: Record) -> dict[str, str]:
    """Write the table of a world's spreads, and how they compare with what was asked."""
    head = ("arm", "runs", "outcome", "mean [95 %]", "sd [95 %]", "sd beside control variates", "sd of logits",
            f"runs for ±{100 * HALF_WIDTH:g} points")  # fmt: skip
    rows = [
        row
        for arm, found in record["arms"].items()
        for row in (_row(arm, name, found[name]) for name in SPREAD_OUTCOMES)
    ]
    name = f"spreads_{record['world']}"
    return {name: f"{made_by(record)}\n\n{table(head, rows)}\n\n" + "\n".join(f"- {line}" for line in verdicts(record))}


def _row(arm: str, name: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Write an arm's row on one outcome."""
    other = found.get("controlled")
    beside = "–" if other is None else f"{number(other['sd'])} {band(other['sd_low'], other['sd_high'])}"
    return (
        arm,
        str(found["n"]),
        f"`{name}`",
        f"{number(found['mean'])} {band(found['mean_low'], found['mean_high'])}",
        f"{number(found['sd'])} {band(found['sd_low'], found['sd_high'])}",
        beside,
        number(sd_of_logits(np.array(found["values"]))),
        number(runs_for(found["sd"])),
    )


def sd_of_logits(shares: np.ndarray) -> float:
    """Standard deviation of shares on the scale of logits, on which nearness to 0 or 1 makes no spread small."""
    inside = shares[(shares > 0.0) & (shares < 1.0)]
    return float(logit(inside).std(ddof=1)) if inside.size > 1 else float("nan")


def verdicts(record: Record) -> list[str]:
    """Say of each outcome whether its spread is as small as asked, and whether both ways of drawing agree."""
    lines, arms = [], record["arms"]
    for name in SPREAD_OUTCOMES:
        found, other = arms[AS_IT_IS][name], arms[INDEPENDENT][name]
        most = MOST.get(record["world"], {}).get(name)
        if most is not None:
            met = "met" if found["sd"] <= most else "missed"
            lines.append(f"`{name}`: sd {number(found['sd'])}, at most {most:g} asked: {met}.")
        gap = found["mean"] - other["mean"]
        error = float(np.hypot(found["sd"] / found["n"] ** 0.5, other["sd"] / other["n"] ** 0.5))
        met = "met" if abs(gap) <= MOST_BIAS else "missed"
        lines.append(
            f"`{name}`: means of stratified and independent creators differ by {gap:+.3f} (standard error "
            f"{error:.3f}), at most {MOST_BIAS:g} asked: {met}."
        )
    return lines

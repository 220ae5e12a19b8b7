"""A study of the baseline beside the paired world without AI: headline outcomes, and what pairing saves."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.statistics import summarise
from analysis.studies.markdown import band, number, table
from analysis.studies.study import HEADLINES, Study


def replications(study: Study) -> dict[str, str]:
    """Compare the baseline with the paired world without AI, and say how many runs pairing saves."""
    summary = summarise(study.run("baseline", "no_ai"))
    rows = [
        (
            outcome.prediction,
            f"`{outcome.name}`",
            _level(summary[outcome.name]),
            number(summary[outcome.name]["against"]),
            _difference(summary[outcome.name]),
            number(summary[outcome.name]["correlation"]),
        )
        for outcome in HEADLINES
    ]
    head = ("", "outcome", "with AI (AI's own: typical replication [95 %])", "without", "difference [95 %]",
            "correlation of arms")  # fmt: skip
    return {
        "replications": f"{study.source}\n\n{table(head, rows)}",
        "pairing": f"{study.source}\n\n{_pairing(summary)}",
    }


def _difference(row: dict[str, Any]) -> str:
    """Write a paired difference with its interval; otherwise that no effect is clear, or that none is judged."""
    if row["difference"] is None:
        return "not judged" if "without_ai" in row["reasons"] else "–"
    ends = band(row["difference_low"], row["difference_high"], "+")
    if row["effect"] == "no clear effect":
        return f"no clear effect {ends}"
    return f"{number(row['difference'], '+')} {ends}"


def _level(row: dict[str, Any]) -> str:
    """Write the mean level; a typical replication with its interval where only a world with AI has the outcome."""
    if "without_ai" not in row["reasons"] or row["low"] is None:
        return number(row["mean"])
    return f"{number(row['typical'])} {band(row['low'], row['high'])}"


def _pairing(summary: dict[str, dict[str, Any]]) -> str:
    """Write how many independent runs give an interval as narrow as one pair does, by outcome and their median."""
    varied = [outcome.name for outcome in HEADLINES if summary[outcome.name]["run_ratio"] is not None]
    if not varied:
        return "No outcome varies in both arms over five pairs or more."
    ratios = [summary[name]["run_ratio"] for name in varied]
    rows = [(f"`{name}`", number(summary[name]["correlation"]), number(summary[name]["run_ratio"])) for name in varied]
    return (
        f"Median over {len(ratios)} headline outcomes that vary in both arms: {number(float(np.median(ratios)))} "
        f"independent runs give the band of one pair; for {sum(ratio > 1 for ratio in ratios)} of them pairing helps."
        "\n\n" + table(("outcome", "correlation of arms", "independent runs for a pair"), rows)
    )

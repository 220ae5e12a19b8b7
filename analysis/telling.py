"""How a row of the summary is told: numbers and bands as sentences want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.text import Words
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from analysis.report import Report


def day(date: pd.Timestamp) -> str:
    """An ISO date that does not break at its hyphens."""
    return str(date.date()).replace("-", "\u2011")


def level(row: Mapping[str, Any], words: Words, key: str) -> str:
    value = words.value(row["mean"], row["unit"])
    if row["low"] is None:
        return value
    return words(f"bottom.{key}", value=value, band=words.levels(row["low"], row["high"], row["unit"]))


def change(name: str, row: Mapping[str, Any], words: Words, plain: str) -> str:
    unit = row["unit"]
    end = words("points") if unit == "share" else ""
    band = f"{words.band(row['difference_low'], row['difference_high'], unit)} {end}".strip() if not plain else ""
    kind = "change_net" if OUTCOMES[name].twin else "change"
    return words(
        f"bottom.{kind}{plain}",
        label=words.outcome_inline(name),
        band=band,
        mean=words.value(row["mean"], unit),
        against=words.number(row["against"], unit),
        difference=words.difference(row["difference"], unit),
    )


def replications(report: Report, words: Words) -> str:
    if report.replications == 1:
        return words("replications_one")
    return words("replications_many" if report.against else "replications_single_arm", n=report.replications)

"""The report's section on what changed: forests, the table of headlines, the folded table of all outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import figures
from analysis.page import both, say, section, table
from analysis.statistics import LAST_WEEKS
from analysis.text import Words, significant
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from analysis.report import Report


def _signed(value: float | None, unit: str, words: Words) -> str:
    """A difference as the table shows it: points named, other units stand beside the label."""
    return words.difference(value, unit if unit == "share" else "1")


def _effect(row: Mapping[str, Any]) -> str:
    if row["effect"] is None:
        return say("change.unknown")
    if row["effect"] == "no clear effect":
        return say("change.clear_none", css="unclear")
    return say(f"change.{row['effect']}", css=row["effect"])


def _saving(row: Mapping[str, Any]) -> str:
    """How many times as many unpaired runs give the same band."""
    if not row["run_ratio"]:
        return say("null")
    correlation = f"{row['correlation']:.2f}".replace("-", "\u2212")
    return say("change.saving_hint", ratio=significant(row["run_ratio"], 2), correlation=correlation)


def _outcome_row(report: Report, name: str, definitions: bool) -> str:
    row, outcome = report.summary[name], OUTCOMES[name]
    unit = row["unit"]
    label = both(lambda w: w.outcome(name)) + both(lambda w: ", " * bool(w.unit(unit)) + w.unit(unit), css="unit")
    if outcome.twin:
        label += say("change.twin", css="unit")
    if definitions:
        label += f'<span class="definition" lang="en">{escape(outcome.definition)}</span>'
    numbers, saved = [both(lambda w: w.number(row["mean"], unit))], ""
    if report.against:
        saved = _saving(row)
        numbers += [both(lambda w: w.number(row["against"], unit)), both(lambda w: _signed(row["difference"], unit, w))]
    low, high = ("difference_low", "difference_high") if report.against else ("low", "high")
    spread = both(
        lambda w: w.band(row[low], row[high], unit) if report.against else w.levels(row[low], row[high], unit)
    )
    cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
    effect = _effect(row)
    if row["reason"] and (row["mean"] is None or (report.against and row["difference"] is None)):
        effect = say(f"reasons.{row['reason']}", css="small")
    elif not report.against:
        effect = ""
    tail = f'<td>{effect}</td><td class="wide nowrap">{saved}</td>' if report.against else f"<td>{effect}</td>"
    return f'<tr><td>{label}</td>{cells}<td class="number wide">{spread}</td>{tail}</tr>'


def _outcomes(report: Report, names: list[str], definitions: bool) -> str:
    head = [(say("change.outcome"), "")]
    if report.against:
        head += [(both(lambda w, a=arm: w.arm(a)), "number") for arm in report.arms] + [
            (say("change.difference"), "number")
        ]
    else:
        head += [(say("change.level"), "number")]
    head += [(say("change.band"), "number wide"), (say("change.effect") if report.against else "", "")]
    head += [(say("change.saving"), "wide")] if report.against else []
    return table(head, [_outcome_row(report, name, definitions) for name in names], "outcomes")


def _gain(report: Report) -> str:
    rows = [row for row in report.summary.values() if row["run_ratio"]]
    if not rows:
        return say("change.gain_few", "p")
    correlation = np.median([row["correlation"] for row in rows])
    ratio = significant(float(np.median([row["run_ratio"] for row in rows])), 2)
    return say("change.gain", "p", correlation=f"{correlation:.2f}", ratio=ratio)


def _in_proportion(row: Mapping[str, Any]) -> bool:
    """Whether a change can be told in percent: the other arm's level is not lost in the band of the change."""
    against, high = row["against"], row["difference_high"]
    return bool(against) and (high is None or high - row["difference"] <= 2 * abs(against))


def change(report: Report) -> str:
    """Levels, paired differences and their bands: forest, table of headlines, folded table of all."""
    weeks = min(LAST_WEEKS, len(report.runs[0].outcomes))
    headlines = [name for name, row in OUTCOMES.items() if row.headline and report.recorded(name)]
    folded = (
        f'<details><summary>{say("change.all")}<span class="count">{len(OUTCOMES)}</span></summary>'
        f"{_outcomes(report, list(OUTCOMES), True)}</details>"
    )
    if not report.against:
        return section(
            "change", say("change.intro_single", "p", weeks=weeks), _outcomes(report, headlines, False), folded
        )
    differ = [name for name in headlines if report.summary[name]["difference"] is not None]
    shares = [name for name in differ if OUTCOMES[name].unit == "share"]
    others = [name for name in differ if OUTCOMES[name].unit != "share" and _in_proportion(report.summary[name])]
    plots = [
        report.figures.add(
            lambda w, names=names, relative=relative: figures.forest(report.summary, names, relative, w),
            say(f"change.figure_{kind}"),
        )
        for kind, names, relative in (("shares", shares, False), ("relative", others, True))
        if names
    ]
    banded = sum(row["effect"] is not None for row in report.summary.values())
    intro = (
        say("change.intro", "p", weeks=weeks, n=report.replications) + _gain(report)
        if banded
        else say("change.intro_single", "p", weeks=weeks)
    )
    caution = say("change.caution", "p", "small", n=banded, chance=max(1, round(0.05 * banded))) if banded else ""
    grid = f'<div class="grid two">{"".join(plots)}</div>'
    return section("change", intro, grid, _outcomes(report, headlines, False), caution, folded)

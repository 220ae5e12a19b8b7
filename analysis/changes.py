"""The report's section on what changed: forests, the table of headlines, the folded table of all outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis import figures
from analysis.intervals import MIN_REPLICATIONS
from analysis.page import arm_name, both, say, section, table
from analysis.statistics import averaged
from analysis.telling import (
    agreement,
    conditional,
    counted,
    difference_band,
    level,
    level_band,
    listed,
    listed_differences,
    numbers,
)
from analysis.text import significant
from sim.base.outcomes import OUTCOMES

if TYPE_CHECKING:
    from analysis.material import Report


def _effect(row: Mapping[str, Any]) -> str:
    """Say which way the outcome goes, or that no effect is clear.

    Without an interval, say why there is none, or in how many pairs the outcome is higher or lower.
    """
    if row["effect"] is not None:
        clear = row["effect"] != "no clear effect"
        return say(
            f"change.{row['effect']}" if clear else "change.clear_none", css=row["effect"] if clear else "unclear"
        )
    if row["mean"] is None or row["difference"] is None:
        return say(f"reasons.{row['reasons'][-1]}", css="small") if row["reasons"] else ""
    return both(lambda w: agreement(row["differences"], w), css="small")


def _saving(row: Mapping[str, Any]) -> str:
    """Say how many times as many unpaired runs would give an interval as narrow as the paired one."""
    if not row["run_ratio"]:
        return say("null")
    correlation = f"{row['correlation']:.2f}".replace("-", "\u2212")
    return say("change.saving_hint", ratio=significant(row["run_ratio"], 2), correlation=correlation)


def _own(row: Mapping[str, Any]) -> bool:
    """Whether only AI can have this outcome and the other arm has no AI; then its level is shown and no change."""
    return "without_ai" in row["reasons"]


def _mark_typical(row: Mapping[str, Any]) -> str:
    """Write the typical replication, the centre of a level's interval; every replication where there is no interval."""
    unit = row["unit"]
    if row["low"] is None:
        return both(lambda w: level(row, w, count=False) if row["mean"] is not None else w("null"))
    if row["conditional"]:
        return both(lambda w: conditional(row, w.number(row["typical"], unit), w))
    return both(lambda w: w.number(row["typical"], unit))


def _cells(report: Report, row: Mapping[str, Any], twin: bool) -> list[tuple[str, str]]:
    """Write an outcome's numbers as pairs of cell and CSS class, in the order of the table's head."""
    unit, few = row["unit"], report.replications < MIN_REPLICATIONS
    points = unit if unit == "share" else "1"  # other units stand beside the label
    typical, band = _mark_typical(row), both(lambda w: level_band(row, w))
    whole = row["low"] is not None and not row["conditional"]
    if not report.against:
        return [(typical, "number" if whole else "number each")] + ([] if few else [(band, "number wide")])
    none = both(lambda w: w("null"))  # what is net of the twin has no level
    if few:
        other = [value for value in row["against_values"] if not (_own(row) and not value)]
        return [
            (none if twin else both(lambda w: listed(row["values"], points, w)), "number each"),
            (none if twin else both(lambda w: listed(other, points, w)), "number each wide"),
            (both(lambda w: listed_differences(row["differences"], points, w)), "number each"),
        ]
    if _own(row):
        if whole:
            typical += f"<br>{say('change.typical_note', css='unit')}"
        css = "number" if whole else "number each"
        return [(typical, css), (none, "number"), (none, "number"), (band, "number wide")]
    return [
        (none if twin else both(lambda w: w.number(row["mean"], unit)), "number"),
        (none if twin else both(lambda w: w.number(row["against"], unit)), "number"),
        (both(lambda w: w.difference(row["difference"], points)), "number"),
        (both(lambda w: difference_band(row, w, points=False)), "number wide"),
    ]


def _outcome_row(report: Report, name: str, definitions: bool) -> str:
    """Write the table's row on one outcome: its label and its numbers.

    With two arms it also has the effect, and what pairing saved.
    """
    row, outcome = report.summary[name], OUTCOMES[name]
    unit = row["unit"]
    label = both(lambda w: w.outcome(name)) + both(lambda w: ", " * bool(w.unit(unit)) + w.unit(unit), css="unit")
    if outcome.twin:
        label += say("change.twin", css="unit")
    if row["nulls"] and row["n"]:
        label += "<br>" + both(lambda w: counted(row, w), css="unit")
    if definitions:
        label += f'<span class="definition" lang="en">{escape(outcome.definition)}</span>'
    cells = "".join(f'<td class="{css}">{text}</td>' for text, css in _cells(report, row, outcome.twin))
    if report.against:
        cells += f"<td>{_effect(row)}</td>"
        if report.replications >= MIN_REPLICATIONS:
            cells += f'<td class="wide nowrap">{_saving(row)}</td>'
    elif row["mean"] is None:
        cells += f"<td>{_effect(row)}</td>"
    else:
        cells += "<td></td>"
    return f"<tr><td>{label}</td>{cells}</tr>"


def _outcomes(report: Report, names: list[str], definitions: bool) -> str:
    """Write the table of some outcomes.

    Its columns depend on whether there are two arms, and five replications or more.
    """
    few = report.replications < MIN_REPLICATIONS
    head = [(say("change.outcome"), "")]
    if not report.against:
        head += [(say("change.each"), "number")] if few else [(say("change.typical"), "number")]
        head += [] if few else [(say("change.band"), "number wide")]
        return table([*head, ("", "")], [_outcome_row(report, name, definitions) for name in names], "outcomes")
    arms = [arm_name(arm) for arm in report.arms]
    head += [(arms[0], "number"), (arms[1], "number wide" if few else "number")]
    if few:
        head += [(say("change.each_difference"), "number"), (say("change.in_words"), "")]
    else:
        head += [(say("change.difference"), "number"), (say("change.band"), "number wide")]
        head += [(say("change.effect"), ""), (say("change.saving"), "wide")]
    return table(head, [_outcome_row(report, name, definitions) for name in names], "outcomes")


def _gain(report: Report) -> str:
    """Say what pairing saved over all outcomes: the median correlation of the arms and the median ratio of runs."""
    rows = [row for row in report.summary.values() if row["run_ratio"]]
    if not rows:
        return ""
    correlation = np.median([row["correlation"] for row in rows])
    ratio = significant(float(np.median([row["run_ratio"] for row in rows])), 2)
    return say("change.gain", "p", correlation=f"{correlation:.2f}", ratio=ratio)


def _in_proportion(row: Mapping[str, Any]) -> bool:
    """Whether a change can be given in percent of the counterfactual's level.

    The outcome must never be negative, and no end of the interval may lie further from the mean change than twice that
    level.
    """
    if row["scale"] != "log" or not row["against"]:
        return False
    ends = [row["difference_high"]] if row["difference_high"] is not None else numbers(row["differences"])
    return bool(max(abs(end - row["difference"]) for end in ends) <= 2 * row["against"])


def _intro(report: Report, key: str) -> str:
    """Write the sentences under the key: over which weeks numbers are averaged, and how to read them."""
    return both(lambda w: w(key, n=report.replications, averaged=averaged(report.runs[0], w)), "p")


def change(report: Report) -> str:
    """Write the section on what changed: figures, a table of headline outcomes, a folded table of all outcomes.

    Figures need two arms. There is one each for differences of shares; for levels of shares that the other arm, having
    no AI, cannot have (`own`); and for differences in percent of the other arm's level (`relative`). The caution says
    how many of the differences with an interval (`banded`) would seem clear by chance alone.
    """
    headlines = [name for name, row in OUTCOMES.items() if row.headline and report.recorded(name)]
    folded = (
        f'<details><summary>{say("change.all")}<span class="count">{len(OUTCOMES)}</span></summary>'
        f"{_outcomes(report, list(OUTCOMES), True)}</details>"
    )
    few = report.replications < MIN_REPLICATIONS
    if not report.against:
        intro = _intro(report, "change.intro_single_few" if few else "change.intro_single")
        return section("change", intro, _outcomes(report, headlines, False), folded)
    rows = report.summary
    differ = [name for name in headlines if rows[name]["difference"] is not None]
    kinds = {
        "shares": [name for name in differ if OUTCOMES[name].unit == "share"],
        "own": [name for name in headlines if _own(rows[name]) and OUTCOMES[name].unit == "share"],
        "relative": [name for name in differ if OUTCOMES[name].unit != "share" and _in_proportion(rows[name])],
    }
    plots = [
        report.figures.add(partial(figures.forest, rows, names, kind), say(f"change.figure_{kind}"))
        for kind, names in kinds.items()
        if names
    ]
    banded = sum(row["effect"] is not None for row in rows.values())
    intro = _intro(report, "change.intro_few" if few else "change.intro") + _gain(report)
    caution = say("change.caution", "p", "small", n=banded, chance=max(1, round(0.05 * banded))) if banded else ""
    grid = f'<div class="grid two">{"".join(plots)}</div>'
    return section("change", intro, grid, _outcomes(report, headlines, False), caution, folded)

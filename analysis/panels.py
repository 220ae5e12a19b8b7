"""The report's panels on the eight predictions and the thesis: claim, verdict, figures with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis import figures
from analysis.intervals import MIN_REPLICATIONS
from analysis.page import arm_name, both, same, say, section
from analysis.predictions import FITTED, PREDICTIONS, Measure, Verdict
from analysis.telling import agreement, difference, level
from analysis.text import Words
from analysis.theme import COLOURS
from sim.base.outcomes import OUTCOMES

if TYPE_CHECKING:
    from analysis.material import Report


def _arm_key(report: Report) -> str:
    """Write the key to the arms' lines: solid for the scenario, dashed for its counterfactual."""
    line = '<span><i style="color:{};border-top-style:{}"></i>{}</span>'
    spans = "".join(
        line.format(COLOURS[colour], style, arm_name(arm))
        for arm, colour, style in zip(report.arms, ("arm", "against"), ("solid", "dashed"), strict=False)
    )
    return f'<div class="key">{spans}</div>'


def _finding(measure: Measure) -> str:
    """Write the verdict on one measure, or why there is none, and its yardstick where that is not the other arm."""
    aim, unit = measure.yardstick, OUTCOMES[measure.name].unit

    def mark(w: Words) -> str:
        return w("quoted", text=w.outcome_inline(aim)) if isinstance(aim, str) else w.value(aim, unit)

    if measure.reason in ("context", "fitted"):
        return say("predictions.no_yardstick", css="not-judged")
    if measure.reason == "without_ai":
        return say("reasons.without_ai", css="not-judged")
    if measure.reason == "no_mark":
        return both(lambda w: w("predictions.no_mark", yardstick=mark(w)), css="not-judged")
    if measure.reason:
        return both(lambda w: agreement(measure.gaps, w, "" if aim is None else mark(w)), css="not-judged")
    css = {"no clear effect": "unclear"}.get(measure.finding, measure.finding)
    if aim is None:
        return say(f"predictions.{css}", css=css)
    side = "above" if (measure.finding == "supported") == (OUTCOMES[measure.name].direction == "up") else "below"
    return both(lambda w: w(f"predictions.{css}_by", yardstick=mark(w), side=w(f"predictions.side.{side}")), css=css)


def _numbers(row: Mapping[str, Any], twin: bool, words: Words) -> str:
    """Write a measure's numbers: levels of both arms and their difference.

    Where it has no difference, write the level alone.
    """
    unit = row["unit"]
    if row["mean"] is None:
        return words(f"reasons.{row['reasons'][-1]}")
    if row["difference"] is None:
        whole = row["low"] is not None and not row["conditional"]
        return words("predictions.typical", level=level(row, words)) if whole else level(row, words)
    change = difference(row, words)
    if twin or row["difference_low"] is None:
        return change
    return f"{words.number(row['against'], unit)} → {words.value(row['mean'], unit)} · {change}"


def _measure(report: Report, measure: Measure) -> str:
    """Draw one measure of a prediction as a figure, with its numbers and verdict in the caption."""
    row, name = report.summary[measure.name], measure.name
    caption = both(lambda w: w.outcome(name), "h4")
    caption += (
        f'<div class="small">{both(lambda w: _numbers(row, OUTCOMES[name].twin, w))}<br>{_finding(measure)}</div>'
    )
    if not report.recorded(name):
        return f"<figure><figcaption>{caption}</figcaption></figure>"
    return report.figures.add(lambda w: figures.fan(report.frames, name, report.release, w), caption)


def _not_judged(report: Report, verdict: Verdict) -> str:
    """Say why no measure of a prediction is judged."""
    if all(one.name in FITTED or not OUTCOMES[one.name].direction for one in verdict.measures):
        return say("predictions.not_judged_fitted", "p")
    if report.replications < MIN_REPLICATIONS or not report.against:
        return say("predictions.not_judged", "p")
    reasons = {one.reason for one in verdict.measures}
    if "few" not in reasons:
        return say("predictions.not_judged_other", "p")
    rows = [report.summary[one.name] for one in verdict.measures if one.reason == "few"]
    rows = [row for row in rows if row["n"] >= MIN_REPLICATIONS]  # of the others most have no value
    alike = {(row["zeros"], row["ones"], row["n"]) for row in rows}
    zeros, ones, n = next(iter(alike), (0, 0, 0))
    if len(alike) > 1 or not zeros or ones:
        return say("predictions.not_judged_extremes", "p")
    return say("predictions.not_judged_zeros", "p", count=zeros, n=n)


def _tally(report: Report, verdict: Verdict) -> str:
    """Say how many of a prediction's measures support and contradict it, or why none is judged."""
    yes, no = verdict.count("supported"), verdict.count("contradicted")
    if not verdict.judged:
        return _not_judged(report, verdict)
    if yes + no == 0:
        return say("predictions.tally_none", "p", n=verdict.judged)
    return say("predictions.tally", "p", n=verdict.judged, yes=yes, no=no)


def panel(report: Report, prediction: str) -> str:
    """Write the panel of one prediction: its claim, its verdict, and a figure for each measure."""
    verdict = report.verdict(prediction)
    key = f"predictions.{prediction}"
    css = {"no clear effect": "unclear", "not judged": "not-judged"}.get(verdict.judgement, verdict.judgement)
    number = "" if prediction == "thesis" else same(prediction, css="number-tag")
    tag = say(f"verdicts.{verdict.judgement}", css=f"tag {css}")
    head = f'<div class="head">{number}{say(f"{key}.name", "h3")}{tag}</div>'
    text = say(f"{key}.claim", "p", "claim") + say(f"{key}.question", "p")
    later = both(lambda w: w(f"later.{prediction}"), "p", "note") if prediction in ("P4", "P5", "P7", "P8") else ""
    if verdict.judgement == "later":
        return f'<article class="panel open" id="{prediction}">{head}{text}{later}</article>'
    plots = "".join(_measure(report, measure) for measure in verdict.measures)
    return (
        f'<article class="panel" id="{prediction}">{head}{text}{_tally(report, verdict)}{later}'
        f'{_arm_key(report)}<div class="grid">{plots}</div></article>'
    )


def predictions(report: Report) -> str:
    """Write the section on the eight predictions and the thesis."""
    return section("predictions", say("predictions.intro", "p"), *(panel(report, name) for name in PREDICTIONS))

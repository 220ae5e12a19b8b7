"""The page of a sweep: from its answers to one self-contained HTML file in English and Chinese."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis import sweep_figures
from analysis.answers import Answer
from analysis.decisions import BETTER, clear_mean, steady_minimax
from analysis.page import Figures, assemble, both, outcome_name, same, say, table
from analysis.sweep import Analysis
from analysis.sweep_figures import bound_text, factor_label, setting_label
from analysis.text import Words, significant
from sim.base.files import write_safely
from sim.base.outcomes import OUTCOMES
from sim.simulation.caveats import Caveat

SECTIONS = (
    "question", "runs", "differences", "fans", "sensitivity", "discovery", "regret", "pareto", "reproduce",
)  # fmt: skip
LEAD = ("depth_used", "trust_mean", "displacement_rate", "employment", "creativity_premium")
ROWS = 2000  # of the table of all outcomes; with more, only outcomes with a picture are listed
LISTED = 12  # values of a factor that are shown one by one; of more, the least and the most
CHOICES = 3  # aims of which the bottom line names a setting


def _cell(content: str, css: str = "") -> str:
    """Write a cell of a table."""
    return f'<td class="{css}">{content}</td>' if css else f"<td>{content}</td>"


def _row(*cells: str) -> str:
    """Write a row of a table."""
    return f"<tr>{''.join(cells)}</tr>"


def _head(*keys: str, numbers: int = 0) -> list[tuple[str, str]]:
    """Write a table's headings; the last `numbers` of them are above numbers."""
    first = len(keys) - numbers
    return [(say(f"sweep.head.{key}"), "number" if place >= first else "") for place, key in enumerate(keys)]


def _note(answer: Answer) -> str:
    """Say whether the runs are enough; where they are not, a warning comes first."""

    def write(words: Words) -> str:
        weak = "" if answer.enough else words("sweep.weak")
        return weak + answer.tell(words)

    return both(write, "p", "small")


def _drawn(draw: Callable[[pd.DataFrame, Words], go.Figure], answer: Answer) -> Callable[[Words], dict[str, Any]]:
    """Return what draws an answer's figure as plain data, in the language of the words it is given."""
    return lambda words: _json(draw(answer.frame, words))


def _json(figure: go.Figure) -> dict[str, Any]:
    """Turn a plotly figure into plain data."""
    stored: dict[str, Any] = figure.to_plotly_json()
    return stored


def _in_unit(draw: Callable[[pd.DataFrame, Words], go.Figure], answer: Answer, unit: str, axis: str) -> Any:
    """Return what draws an answer's figure with shares in percent, or other units named on the axis of values."""

    def drawn(words: Words) -> dict[str, Any]:
        figure = draw(answer.frame, words)
        shown = {"tickformat": ".3~p"} if unit == "share" else {"title": {"text": words.unit(unit)}}
        return _json(figure.update_layout({f"{axis}axis": shown}))

    return drawn


def _figure(figures: Figures, answer: Answer, name: str, axis: str = "x", unit: str | None = None) -> str:
    """Draw an answer below its outcome's name and what the runs can tell.

    Where there is nothing to draw, write only these texts.
    """
    caption = outcome_name(name) + _note(answer)
    if answer.frame.empty:
        return f"<figure><figcaption>{caption}</figcaption></figure>"
    unit = OUTCOMES[name].unit if unit is None else unit
    return figures.add(_in_unit(answer.draw, answer, unit, axis), caption)


def _grid(parts: list[str]) -> str:
    """Arrange figures in two columns."""
    return f'<div class="grid two">{"".join(parts)}</div>'


# Sections


def question(analysis: Analysis, figures: Figures) -> str:
    """Write the section on what was varied, and over which ranges."""
    rows = [
        _row(
            _cell(both(partial(factor_label, factor.path)) + f"<br><code>{escape(factor.path)}</code>"),
            _cell(say(f"sweep.roles.{factor.role}")),
            _cell(_range(analysis, factor), "number"),
        )
        for factor in analysis.sweep.plan.factors
    ]
    return say("sweep.text.question", "p") + table(_head("factor", "role", "range", numbers=1), rows)


def _range(analysis: Analysis, factor: Any) -> str:
    """Write the values that a factor takes, or the ends of its range."""
    values = analysis.sweep.runs[factor.path].drop_duplicates()
    ranged = factor.low is not None and pd.api.types.is_numeric_dtype(values)
    if len(values) <= 5 or not (ranged or len(values) > LISTED):
        texts = [f"{value:g}" if isinstance(value, int | float) else str(value) for value in sorted(values)]
        return escape(", ".join(texts))
    ends = (factor.low, factor.high) if ranged else (values.min(), values.max())
    return escape(" – ".join(str(end) if isinstance(end, str) else f"{end:g}" for end in ends))


def runs(analysis: Analysis, figures: Figures) -> str:
    """Write the section on how many runs were planned, are done, and failed."""
    counts = _counts(analysis)
    rows = [_row(_cell(say(f"sweep.status.{key}")), _cell(f"{n:,}", "number")) for key, n in counts.items()]
    failed = say("sweep.text.failed", "p") if counts["failed"] else ""
    return say("sweep.text.runs", "p") + table(_head("status", "number", numbers=1), rows) + failed


def _counts(analysis: Analysis) -> dict[str, int]:
    """Count runs: planned, and by status."""
    status = analysis.sweep.runs.drop_duplicates("run_id")["status"]  # settings share a future's counterfactual
    return {"planned": len(status)} | {key: int((status == key).sum()) for key in ("done", "failed", "running")}


def differences(analysis: Analysis, figures: Figures) -> str:
    """Write the section on paired differences by setting, with a table of all outcomes."""
    if not analysis.differences:
        return say("sweep.text.single", "p")
    told = analysis.differences
    parts = [_figure(figures, told[name], name) for name in analysis.sweep.shown if name in told]
    whole = sum(len(answer.frame) for answer in told.values()) <= ROWS
    listed = told if whole else {name: answer for name, answer in told.items() if name in analysis.sweep.shown}
    rows = [_difference(name, row) for name, answer in listed.items() for row in answer.frame.to_dict("records")]
    head = _head("outcome", "setting", "mean", "band", "futures", "rises", "saved", numbers=5)
    head = [(text, css + " wide" if place in (4, 6) else css) for place, (text, css) in enumerate(head)]
    fold = f"<details><summary>{say('sweep.text.differences_all')}</summary>{table(head, rows, 'outcomes')}</details>"
    return say("sweep.text.differences", "p") + _grid(parts) + fold


def _difference(name: str, row: Mapping[Any, Any]) -> str:
    """Write the table's row on the difference of one outcome at one setting."""
    unit = OUTCOMES[name].unit

    def band(low: str, high: str) -> str:
        ends = [None if math.isnan(row[key]) else row[key] for key in (low, high)]
        return both(lambda w: (w.band if row["compared"] else w.levels)(ends[0], ends[1], unit))

    def mean(words: Words) -> str:
        return (words.difference if row["compared"] else words.value)(row["mean"], unit)

    own = "" if row["compared"] else "<br>" + say("reasons.without_ai", css="small")
    rises = f"{row['rises']:.0%}" if row["compared"] else "–"
    saved = "–" if math.isnan(row["run_ratio"]) else f"{significant(row['run_ratio'], 2)}×"
    return _row(
        _cell(outcome_name(name) + own),
        _cell(_setting(row["setting"])),
        _cell(both(mean), "number"),
        _cell(band("low", "high"), "number"),
        _cell(band("q05", "q95"), "number wide"),
        _cell(rises, "number"),
        _cell(saved, "number wide"),
    )


def _setting(setting: str) -> str:
    """Write a setting of the levers in both languages."""
    return both(lambda w: setting_label(setting, w))


def fans(analysis: Analysis, figures: Figures) -> str:
    """Write the section that shows outcomes by week over all runs."""
    if not analysis.fans:
        return say("sweep.text.fans_final", "p")
    parts = [_figure(figures, answer, name, "y") for name, answer in analysis.fans.items()]
    return say("sweep.text.fans", "p") + _grid(parts)


def sensitivity(analysis: Analysis, figures: Figures) -> str:
    """Write the section on what each outcome depends on, and whether the numbers have converged."""
    if not analysis.sensitivity:
        return say("sweep.text.none", "p")
    indices = {index for answer in analysis.sensitivity.values() for index in answer.frame["index"]}
    method = "sobol" if "total" in indices else "morris" if "mu_star" in indices else "ranked"
    parts, folds = [], []
    for name, answer in analysis.sensitivity.items():
        unit = OUTCOMES[name].unit if method == "morris" else "1"
        parts.append(_figure(figures, answer, name, unit=unit))
        if answer.frame["samples"].nunique() > 1:
            folds.append(figures.add(_drawn(sweep_figures.convergence, answer), outcome_name(name)))
    fold = f"<details><summary>{say('sweep.text.converged')}</summary>{_grid(folds)}</details>" if folds else ""
    return say(f"sweep.text.sensitivity_{method}", "p") + _grid(parts) + fold


def discovery(analysis: Analysis, figures: Figures) -> str:
    """Write the section on the conditions under which each question is answered yes."""
    if not analysis.discovery:
        return say("sweep.text.single" if not analysis.sweep.plan.against else "sweep.text.none", "p")
    parts = [say("sweep.text.discovery", "p"), say("sweep.text.thresholds", "p")]
    for key, answer in analysis.discovery.items():
        asked = analysis.questions[key]
        parts.append(
            f'<article class="panel"><div class="head">{say(f"sweep.questions.{key}", "h3")}</div>'
            + both(partial(_threshold, asked, analysis.sweep.compares(asked.outcome)), "p", "claim")
            + say(f"sweep.reasons.{key}", "p", "small")
            + _note(answer)
        )
        if len(answer.frame):
            rows = [_bound(row) for row in answer.frame.to_dict("records")]
            parts.append(figures.add(_drawn(answer.draw, answer)))
            parts.append(table(_head("factor", "bound", "quasi_p", "reproduced", numbers=3), rows))
        parts.append("</article>")
    return "".join(parts)


def _threshold(asked: Any, compared: bool, words: Words) -> str:
    """Write what a question asks: that its outcome is at least or at most a threshold."""
    unit = OUTCOMES[asked.outcome].unit
    threshold = words.difference(asked.threshold, unit) if compared else words.value(asked.threshold, unit)
    key = f"sweep.question{'' if compared else '_level'}_{asked.side}"
    return words(key, label=words.outcome(asked.outcome), threshold=threshold)


def _bound(row: Mapping[Any, Any]) -> str:
    """Write the table's row on one factor's bound."""
    bound = bound_text(row["low"], row["high"], row["first"], row["last"])
    test = "< 0.001" if row["quasi_p"] < 0.001 else f"{row['quasi_p']:.3f}"
    return _row(
        _cell(both(lambda w: factor_label(row["factor"], w))),
        _cell(bound, "number"),
        _cell(test, "number"),
        _cell(f"{row['reproduced']:.0%}", "number"),
    )


def regret(analysis: Analysis, figures: Figures) -> str:
    """Write the section on what each setting loses against the best setting in the same future."""
    if not analysis.regret:
        return say("sweep.text.uncrossed", "p")
    parts = [_figure(figures, answer, name) for name, answer in analysis.regret.items()]
    rows = [_lost(name, row) for name, answer in analysis.regret.items() for row in answer.frame.to_dict("records")]
    head = [*_head("better", "setting", "mean", "max", "best", "steady", numbers=4), *_head("choice")]
    head = [(text, css + " wide" if place in (4, 5) else css) for place, (text, css) in enumerate(head)]
    fold = f"<details><summary>{say('sweep.text.regret_all')}</summary>{table(head, rows, 'outcomes')}</details>"
    return say("sweep.text.regret", "p") + _grid(parts) + fold


def _lost(name: str, row: Mapping[Any, Any]) -> str:
    """Write the table's row on the regret of one setting in one outcome."""
    unit = OUTCOMES[name].unit
    choice = say(f"sweep.choices.{row['choice']}") if row["choice"] else ""
    steady = "–" if math.isnan(row["minimax_share"]) else f"{row['minimax_share']:.0%}"
    mean, largest = (both(partial(_amount, row[key], unit)) for key in ("mean_regret", "max_regret"))
    return _row(
        _cell(outcome_name(name) + " · " + say(f"sweep.better.{BETTER[name]}", css="unit")),
        _cell(_setting(row["setting"])),
        _cell(mean, "number"),
        _cell(largest, "number"),
        _cell(f"{row['best']:.0%}", "number wide"),
        _cell(steady, "number wide"),
        _cell(choice),
    )


def _amount(value: float, unit: str, words: Words) -> str:
    """Write a level with its unit."""
    return words.value(value, unit)


def _change(value: float, unit: str, words: Words) -> str:
    """Write a signed difference with its unit."""
    return words.difference(value, unit)


def pareto(analysis: Analysis, figures: Figures) -> str:
    """Write the section on the Pareto front: the settings that no other setting beats in all outcomes.

    "uncrossed" means that settings do not all meet the same futures, so that they cannot be compared; then, and with
    fewer than two aims, the section says only that. Otherwise the table gives the state of each setting: "yes", on the
    front; "clear", clearly beaten by another; "no", neither, which leaves it undecided.
    """
    answer = analysis.pareto
    if answer is None:
        return say("sweep.text.uncrossed", "p")
    if answer.frame.empty:
        return _note(answer)
    plot = figures.add(_drawn(answer.draw, answer))
    outcomes = list(dict.fromkeys(answer.frame["outcome"]))
    rows = []
    for place, (setting, found) in enumerate(answer.frame.groupby("setting", sort=False), 1):
        means = found.set_index("outcome")["mean"]
        status = "yes" if found["front"].iloc[0] else "clear" if found["clearly_beaten"].iloc[0] else "no"
        values = [_cell(both(partial(_change, means[name], OUTCOMES[name].unit)), "number") for name in outcomes]
        label = _cell(f"{place}. " + _setting(str(setting)))
        rows.append(_row(label, _cell(say(f"sweep.front.{status}")), *values))
    head = [*_head("setting", "front"), *((outcome_name(name), "number") for name in outcomes)]
    return say("sweep.text.pareto", "p") + _note(answer) + plot + table(head, rows)


def command() -> str:
    """Return the commands that repeat the sweep and this page in another directory, from the sweep's own."""
    return "metavalue sweep run plan.yaml --out ../again\nmetavalue analyse ../again"


def reproduce(analysis: Analysis, figures: Figures) -> str:
    """Write the section on how to repeat the sweep."""
    return say("sweep.text.reproduce", "p") + same(command(), "pre")


BUILD: Mapping[str, Callable[[Analysis, Figures], str]] = {
    "question": question,
    "runs": runs,
    "differences": differences,
    "fans": fans,
    "sensitivity": sensitivity,
    "discovery": discovery,
    "regret": regret,
    "pareto": pareto,
    "reproduce": reproduce,
}

# The head


def bottom_line(analysis: Analysis, words: Words) -> str:
    """Sum up the sweep in a few sentences; what the runs are too few to tell is left out or said to be open."""
    parts = [*_changes(analysis, words), *_happenings(analysis, words), *_choices(analysis, words)]
    return (" " if words.language == "en" else "").join(parts) or words("sweep.bottom.nothing")


def _changes(analysis: Analysis, words: Words) -> list[str]:
    """Say which leading outcomes clearly differ from the counterfactual."""
    told = {name: answer for name, answer in analysis.differences.items() if answer.enough}
    changes, n = [], 0
    for name in [name for name in LEAD if name in told]:
        first = told[name].frame.iloc[0]
        if first["effect"] in ("up", "down"):
            n = int(first["futures"])
            value = words.difference(first["mean"], OUTCOMES[name].unit)
            changes.append(words("sweep.bottom.one", label=words.outcome_inline(name), value=value))
    if not changes:
        return []
    setting = next(iter(told.values())).frame.iloc[0]["setting"]
    arms = {"base": words.arm(analysis.sweep.scenario), "against": words.arm(analysis.sweep.plan.against or "")}
    key = "change" if not setting else "change_setting"
    arms["setting"] = setting_label(setting, words)
    return [words(f"sweep.bottom.{key}", n=n, changes=words.listing(changes), **arms)]


def _happenings(analysis: Analysis, words: Words) -> list[str]:
    """Say for each question how often it is answered yes, and under which conditions."""
    parts = []
    for key, answer in analysis.discovery.items():
        if not answer.enough:
            parts.append(words(f"sweep.bottom.untold.{key}"))
            continue
        asked = words(f"sweep.questions.{key}")
        where = ""
        if answer.note == "prim":
            conditions = words.listing([condition(row, words) for row in answer.frame.to_dict("records")])
            where = words("sweep.bottom.where", density=answer.values["density"], conditions=conditions)
        n, cases = answer.values["n"], answer.values["cases"]
        base = f"{cases / n:.0%}" if isinstance(n, int) and isinstance(cases, int) and n else "–"
        key = "happens_known" if answer.gaps.missing else "happens"
        parts.append(words(f"sweep.bottom.{key}", question=asked, base=base, where=where, n=n))
    return parts


def condition(row: Mapping[Any, Any], words: Words) -> str:
    """Write a factor's bound as a part of a sentence."""
    low, high = (f"{row[key]:.3g}" for key in ("low", "high"))
    if row["first"] == row["last"]:
        return words("sweep.bottom.equals", factor=factor_label(row["factor"], words), value=f"{row['first']:.3g}")
    key = "above" if math.isinf(row["high"]) else "below" if math.isinf(row["low"]) else "between"
    value = {"above": low, "below": high, "between": ""}[key]
    label = factor_label(row["factor"], words)
    return words(f"sweep.bottom.{key}", factor=label, value=value, low=low, high=high)


def _choices(analysis: Analysis, words: Words) -> list[str]:
    """Say for the first aims which setting has the smallest mean regret and which the smallest largest regret."""
    parts = []
    for name, answer in list(analysis.regret.items())[:CHOICES]:
        if answer.frame.empty:
            continue
        mean, worst = clear_mean(answer), steady_minimax(answer)
        named = {
            "mean": "" if mean is None else setting_label(mean, words),
            "worst": "" if worst is None else setting_label(worst, words),
        }
        parts.append(words(f"sweep.bottom.{_choice(mean, worst)}", label=words.outcome_inline(name), **named))
    return parts


def _choice(mean: str | None, worst: str | None) -> str:
    """Return the key of the sentence on the best settings by mean regret (`mean`) and by largest regret (`worst`).

    None stands for a setting that is not known.
    """
    if mean is None:
        return "choice_open" if worst is None else "choice_worst"
    if worst is None:
        return "choice_mean"
    return "choice_safe" if mean == worst else "choice_two"


def _header(analysis: Analysis) -> str:
    """Write the page's head: title, facts of the sweep, warnings, bottom line, and links to the sections."""
    plan, counts = analysis.sweep.plan, _counts(analysis)
    buttons = "".join(
        f'<button type="button" data-language="{code}">{name}</button>'
        for code, name in (("en", "English"), ("zh", "中文"))
    )
    kind = "sweep.subtitle_paired" if plan.against else "sweep.subtitle_single"
    links = "".join(f'<a href="#{name}">{say(f"sweep.sections.{name}")}</a>' for name in SECTIONS)
    points = analysis.sweep.runs["point"].nunique()

    def subtitle(words: Words) -> str:
        base, against = words.arm(analysis.sweep.scenario), words.arm(plan.against or "")
        return words(kind, name=plan.name, base=base, against=against)

    def facts(words: Words) -> str:
        numbers = {key: f"{n:,}" for key, n in counts.items()} | {"points": f"{points:,}"}
        design = words(f"sweep.designs.{plan.design}")
        return words("sweep.facts", **numbers, replications=plan.replications, design=design)

    return (
        f'<div class="bar">{say("brand", css="brand")}<div class="switch" role="group">{buttons}</div></div>'
        + say("sweep.title", "h1")
        + both(subtitle, "p", "subtitle")
        + both(facts, "p", "facts")
        + "".join(map(_warning, analysis.caveats))
        + both(lambda w: bottom_line(analysis, w), "p", "bottom")
        + f"<nav>{links}</nav>"
    )


def _warning(caveat: Caveat) -> str:
    """Write a warning in both languages."""
    return both(lambda w: w("warning", text=caveat.text_zh if w.language == "zh" else caveat.text), "p", "callout")


def write_sweep_report(analysis: Analysis, path: str | os.PathLike[str]) -> Path:
    """Write a sweep's answers as one self-contained bilingual HTML page.

    Parameters
    ----------
    path : the file to write; its folder must exist.
    """
    figures = Figures()
    body = "".join(
        f'<section id="{name}">{say(f"sweep.sections.{name}", "h2")}{BUILD[name](analysis, figures)}</section>'
        for name in SECTIONS
    )
    footer = both(lambda w: w("brand"))
    page = assemble(lambda w: f"{w('sweep.title')} · {w('brand')}", _header(analysis), body, footer, figures)
    write_safely(Path(path), lambda file: file.write(page.encode("utf-8", "backslashreplace")))
    return Path(path)

"""The report: one self-contained page in English and Chinese, from a comparison to an HTML file."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import figures
from analysis.money import between, mean_flows
from analysis.page import CHINESE, ENGLISH, Figures, assemble, both, same, say, table
from analysis.predictions import PREDICTIONS, Measure, Verdict, judge
from analysis.statistics import LAST_WEEKS, summarise
from analysis.text import Words, significant
from analysis.theme import COLOURS
from sim.codes import ORIGINS
from sim.outcomes import OUTCOMES
from sim.parameters import Entry, Settings, registry

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.results import RunResult

# the bottom line speaks of these, in this order
CHANGES = ("items_new", "deep_time_share", "false_exposure_share", "trust_mean", "creativity_premium")
SHARES = {"supply": "ai_supply_share", "attention": "ai_attention_share", "revenue": "ai_revenue_share"}
HALF_YEAR = 26  # weeks over which attention is averaged before it is held against one half
MAPS = 6  # half-years shown of concept space
HALF = 0.5
SECTIONS = (
    "change", "shares", "predictions", "money", "platforms", "network", "concepts", "ages", "parameters", "cite",
)  # fmt: skip
FIELDS = (
    "scenario_hash",
    "source_hash",
    "commit",
    "model_version",
    "run_id",
    "seed",
    "python",
    "packages",
    "machine",
    "started",
    "wall_s",
    "threads",
)


@dataclass
class Report:
    """What the sections read: the runs, their summary, and the figures stored so far."""

    comparison: Comparison
    figures: Figures = field(default_factory=Figures)

    @cached_property
    def summary(self) -> dict[str, dict[str, Any]]:
        """Last year's levels and paired differences by outcome."""
        return summarise(self.comparison)

    @property
    def runs(self) -> list[RunResult]:
        """The scenario's replications."""
        return list(self.comparison.arms[self.comparison.scenario])

    @property
    def against(self) -> str | None:
        """The counterfactual's name, where that arm was run."""
        name = self.comparison.against
        return name if name and self.comparison.arms.get(name) else None

    @property
    def arms(self) -> dict[str, list[RunResult]]:
        """Scenario first, then its counterfactual."""
        names = [self.comparison.scenario] + ([self.against] if self.against else [])
        return {name: list(self.comparison.arms[name]) for name in names}

    @cached_property
    def frames(self) -> dict[str, list[pd.DataFrame]]:
        """Outcomes by week of every replication, by arm."""
        return {arm: [run.outcomes for run in runs] for arm, runs in self.arms.items()}

    @property
    def replications(self) -> int:
        """Replications of the scenario."""
        return len(self.runs)

    @property
    def manifest(self) -> dict[str, Any]:
        """The comparison's manifest over that of its first run."""
        return {**self.runs[0].manifest, **self.comparison.manifest}

    def settings(self, arm: str) -> dict[str, Any]:
        """Resolved parameters of an arm by dotted path; empty where the manifest does not hold them."""
        return flatten(self.comparison.arms[arm][0].manifest.get("settings") or {})

    @cached_property
    def release(self) -> str:
        """Monday of the release week, ISO date."""
        day = pd.Timestamp(self.settings(self.comparison.scenario).get("time.release", Settings().time.release))
        return str((day - pd.Timedelta(days=day.weekday())).date())

    def exhibit(self, name: str, arm: str | None = None) -> pd.DataFrame:
        """An exhibit of all replications below each other; empty where none was kept."""
        runs = self.arms[arm or self.comparison.scenario]
        frames = [run.exhibits[name] for run in runs if name in run.exhibits]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def verdict(self, prediction: str) -> Verdict:
        """What the runs say on a prediction."""
        return judge(prediction, self.comparison, self.summary)

    def recorded(self, name: str) -> bool:
        """Whether any replication holds a value of this outcome."""
        return any(name in run.outcomes and run.outcomes[name].notna().any() for run in self.runs)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn a nested tree of settings into values by dotted path."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= flatten(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return flat


def _section(name: str, *parts: str) -> str:
    return f'<section id="{name}">{say(f"{name}.title", "h2")}{"".join(parts)}</section>'


def bottom_line(report: Report, words: Words) -> str:
    """The whole comparison in two or three plain sentences."""
    rows = report.summary
    if not rows[SHARES["supply"]]["mean"]:
        lead = words("bottom.lead_plain")
    else:
        kind = "lead_single" if not report.against else "lead_no_ai" if report.against == "no_ai" else "lead_other"
        values = {place: _level(rows[name], words, "share") for place, name in SHARES.items()}
        names = (
            {"scenario": words.arm(report.comparison.scenario), "against": words.arm(report.against or "")}
            if kind == "lead_other"
            else {}
        )
        lead = words(f"bottom.{kind}", **values, **names)
    clear, plain, unclear = [], [], []
    for name in CHANGES:
        row = rows[name]
        if row["effect"] in ("up", "down"):
            clear.append(_change(name, row, words, ""))
        elif row["effect"]:
            unclear.append(words.outcome_inline(name))
        elif row["difference"] is not None:
            plain.append(_change(name, row, words, "_plain"))
    tail = [words("bottom.moves", changes=words.listing(clear))] if clear else []
    tail += [words("bottom.moves_plain", changes=words.listing(plain))] if plain else []
    tail += [words("bottom.none", labels=words.listing(unclear))] if unclear else []
    return (" " if words.language == "en" else "").join([lead, *tail])


def _level(row: Mapping[str, Any], words: Words, key: str) -> str:
    value = words.value(row["mean"], row["unit"])
    if row["low"] is None:
        return value
    return words(f"bottom.{key}", value=value, band=words.levels(row["low"], row["high"], row["unit"]))


def _change(name: str, row: Mapping[str, Any], words: Words, plain: str) -> str:
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


def _replications(report: Report, words: Words) -> str:
    if report.replications == 1:
        return words("replications_one")
    return words("replications_many" if report.against else "replications_single_arm", n=report.replications)


def _brackets(report: Report) -> str:
    """What the brackets in the bottom line hold; nothing where it has none."""
    if report.summary[SHARES["supply"]]["low"] is None:
        return ""
    weeks = min(LAST_WEEKS, len(report.runs[0].outcomes))
    return say("bottom.brackets", "p", "small", n=report.replications, weeks=weeks)


def _header(report: Report) -> str:
    buttons = "".join(
        f'<button type="button" data-language="{code}">{name}</button>'
        for code, name in (("en", "English"), ("zh", "中文"))
    )
    frame = report.runs[0].outcomes
    start, end = (_date(pd.Timestamp(frame.index[place])) for place in (0, -1))
    settings = report.settings(report.comparison.scenario)
    consumers = settings.get("world.consumers", Settings().world.consumers)
    kind = "subtitle_paired" if report.against else "subtitle_single"
    note = (
        say("single_note", "p", "callout")
        if not report.against
        else say("one_note", "p", "callout")
        if report.replications < 2
        else ""
    )
    links = "".join(f'<a href="#{name}">{say(f"{name}.title")}</a>' for name in _present(report))
    return (
        f'<div class="bar">{say("brand", css="brand")}<div class="switch" role="group">{buttons}</div></div>'
        + say("title", "h1")
        + both(
            lambda w: w(kind, scenario=w.arm(report.comparison.scenario), against=w.arm(report.against or "")),
            "p",
            "subtitle",
        )
        + both(
            lambda w: w(
                "facts",
                consumers=f"{consumers:,}",
                weeks=len(frame),
                start=start,
                end=end,
                replications=_replications(report, w),
            ),
            "p",
            "facts",
        )
        + both(lambda w: bottom_line(report, w), "p", "bottom")
        + _brackets(report)
        + note
        + f"<nav>{links}</nav>"
    )


def _has_ages(report: Report) -> bool:
    groups = report.exhibit("groups")
    return len(groups) > 0 and groups["age_group"].nunique() > 1


def _present(report: Report) -> list[str]:
    """The sections that this comparison has data for."""
    needs = {"money": "flows", "platforms": "platforms", "network": "nodes", "concepts": "works"}
    return [
        name
        for name in SECTIONS
        if (name not in needs or len(report.exhibit(needs[name]))) and (name != "ages" or _has_ages(report))
    ]


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
        return _section(
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
    return _section("change", intro, grid, _outcomes(report, headlines, False), caution, folded)


def _date(date: pd.Timestamp) -> str:
    """An ISO date that does not break at its hyphens."""
    return str(date.date()).replace("-", "\u2011")


def _half(report: Report) -> str:
    """When generated works first hold half of attention over half a year, or how near they come."""
    means = [run.outcomes["ai_attention_share"].rolling(HALF_YEAR, min_periods=1).mean() for run in report.runs]
    values = np.stack([mean.to_numpy(dtype=float) for mean in means])
    dates = pd.DatetimeIndex(report.runs[0].outcomes.index)
    reached = (values >= HALF).any(axis=1)
    if reached.any():
        first = int(np.median((values[reached] >= HALF).argmax(axis=1)))
        return say("shares.half_reached", "p", when=_date(dates[first]), n=int(reached.sum()), all=len(values))
    peak = float(np.nanmax(values))
    return both(lambda w: w("shares.half_never", end=_date(dates[-1]), peak=w.value(peak, "share")), "p")


def shares(report: Report) -> str:
    """Supply against attention against revenue."""
    frames = report.frames[report.comparison.scenario]
    plot = report.figures.add(lambda w: figures.shares(frames, report.release, w))
    return _section("shares", say("shares.text", "p"), _half(report), plot)


def _arm_key(report: Report) -> str:
    line = '<span><i style="color:{};border-top-style:{}"></i>{}</span>'
    spans = "".join(
        line.format(COLOURS[colour], style, both(lambda w, a=arm: w.arm(a)))
        for arm, colour, style in zip(report.arms, ("arm", "against"), ("solid", "dashed"), strict=False)
    )
    return f'<div class="key">{spans}</div>'


def _finding(measure: Measure, row: Mapping[str, Any]) -> str:
    """The verdict on one measure, and what it is measured by where that is not the other arm; below its caption."""
    aim, outcome = measure.yardstick, OUTCOMES[measure.name]
    if measure.finding == "not judged":
        none = row["against"] == 0 and not outcome.twin and aim is None
        return say(
            f"predictions.{'no_yardstick' if not outcome.direction else 'trivial' if none else 'unmeasured'}",
            css="not-judged",
        )
    css = {"no clear effect": "unclear"}.get(measure.finding, measure.finding)
    if aim is None:
        return say(f"predictions.{css}", css=css)
    return both(
        lambda w: w(
            f"predictions.{css}_by", yardstick=w.outcome(aim) if isinstance(aim, str) else w.value(aim, row["unit"])
        ),
        css=css,
    )


def _numbers(row: Mapping[str, Any], twin: bool, words: Words) -> str:
    unit = row["unit"]
    if row["mean"] is None:
        return words(f"reasons.{row['reason']}")
    level = words.value(row["mean"], unit)
    if row["difference"] is None:
        return _level(row, words, "measured")
    change = words.difference(row["difference"], unit)
    if row["difference_low"] is not None:
        band = words.band(row["difference_low"], row["difference_high"], unit)
        change = words("bottom.measured", value=change, band=band)
    return change if twin else f"{words.number(row['against'], unit)} → {level} · {change}"


def _measure(report: Report, measure: Measure) -> str:
    row, name = report.summary[measure.name], measure.name
    caption = both(lambda w: w.outcome(name), "h4")
    caption += (
        f'<div class="small">{both(lambda w: _numbers(row, OUTCOMES[name].twin, w))}<br>{_finding(measure, row)}</div>'
    )
    if not report.recorded(name):
        return f"<figure><figcaption>{caption}</figcaption></figure>"
    return report.figures.add(lambda w: figures.fan(report.frames, name, report.release, w), caption)


def _tally(verdict: Verdict) -> str:
    yes, no = verdict.count("supported"), verdict.count("contradicted")
    if not verdict.judged:
        return say("predictions.not_judged", "p")
    if yes + no == 0:
        return say("predictions.tally_none", "p", n=verdict.judged)
    return say("predictions.tally", "p", n=verdict.judged, yes=yes, no=no)


def panel(report: Report, prediction: str) -> str:
    """One prediction: claim, verdict, figures with their numbers."""
    verdict = report.verdict(prediction)
    key = f"predictions.{prediction}"
    css = {"no clear effect": "unclear", "not judged": "not-judged"}.get(verdict.judgement, verdict.judgement)
    number = "" if prediction == "thesis" else same(prediction, css="number-tag")
    tag = say(f"verdicts.{verdict.judgement}", css=f"tag {css}")
    head = f'<div class="head">{number}{say(f"{key}.name", "h3")}{tag}</div>'
    text = say(f"{key}.claim", "p", "claim") + say(f"{key}.question", "p")
    later = both(lambda w: w(f"later.{prediction}"), "p", "note") if prediction in ("P4", "P5", "P8") else ""
    if verdict.judgement == "later":
        return f'<article class="panel open" id="{prediction}">{head}{text}{later}</article>'
    plots = "".join(_measure(report, measure) for measure in verdict.measures)
    return (
        f'<article class="panel" id="{prediction}">{head}{text}{_tally(verdict)}{later}'
        f'{_arm_key(report)}<div class="grid">{plots}</div></article>'
    )


def predictions(report: Report) -> str:
    """The eight predictions and the thesis."""
    return _section("predictions", say("predictions.intro", "p"), *(panel(report, name) for name in PREDICTIONS))


def platforms(report: Report) -> str:
    """Where time goes and how much of it AI gets, by platform."""
    frame = report.exhibit("platforms")
    plots = [
        report.figures.add(
            lambda w, c=column, s=stacked: figures.platforms(frame, c, s, report.release, w), say(f"platforms.{key}")
        )
        for key, column, stacked in (("shares", "attention_share", True), ("ai", "ai_attention_share", False))
    ]
    return _section("platforms", say("platforms.text", "p"), f'<div class="grid two">{"".join(plots)}</div>')


def money(report: Report) -> str:
    """Who pays whom in the year before release and in the last year, as pictures and as a table."""
    frames = [run.exhibits["flows"] for run in report.runs if "flows" in run.exhibits]
    flows = mean_flows(frames, report.release)
    plots = [
        report.figures.add(lambda w, a=amounts: figures.sankey(a, w), say(f"money.{key}"))
        for key in ("before", "after")
        if (amounts := between(flows[key]))
    ]
    rows = [
        f"<tr><td>{both(lambda w, f=flow: w.flow(f))}<br>"
        f'{both(lambda w, a=payer, b=payee: f"{w.account(a)} → {w.account(b)}", css="unit")}</td>'
        + "".join(f'<td class="number">{significant(value)}</td>' for value in (row["before"], row["after"]))
        + "</tr>"
        for (flow, payer, payee), row in flows.iterrows()
    ]
    head = [(say("money.flow"), ""), (say("money.early"), "number"), (say("money.late"), "number")]
    return _section("money", say("money.text", "p"), f'<div class="grid two">{"".join(plots)}</div>', table(head, rows))


def network(report: Report) -> str:
    """The picture of a sample of the follower network."""
    nodes, edges = (report.runs[0].exhibits[name] for name in ("nodes", "edges"))
    nodes = figures.linked(nodes, edges)
    layout = figures.spring(nodes, edges)
    plot = report.figures.add(lambda w: figures.network(nodes, *layout, w))
    return _section("network", say("network.text", "p", n=len(nodes)), plot)


def concepts(report: Report) -> str:
    """Small maps of concept space over half-years of the first replication."""
    works = report.runs[0].exhibits["works"]
    weeks = np.unique(works["week"].to_numpy())
    chosen = weeks[np.unique(np.linspace(0, len(weeks) - 1, min(MAPS, len(weeks))).round().astype(int))]
    plane = figures.concept_plane(works, report.release)
    maps = []
    for week in chosen:
        rows = works[works["week"] == week]
        date = str(pd.Timestamp(rows["date"].min()).date())
        before = " · " + say("concepts.before") if date < report.release else ""
        maps.append(
            report.figures.add(lambda w, rows=rows: figures.concept_map(rows, *plane, w), same(date) + before)
        )
    key = "".join(
        f'<span><i class="dot" style="background:{COLOURS[origin]}"></i>{say(f"origins.{origin}")}</span>'
        for origin in ORIGINS
    )
    grid = f'<div class="grid maps">{"".join(maps)}</div>'
    return _section("concepts", say("concepts.text", "p"), f'<div class="key">{key}</div>', grid)


def ages(report: Report) -> str:
    """Depth, trust and AI's share by age group, where the run had a population table."""
    frames = {arm: report.exhibit("groups", arm) for arm in report.arms}
    plots = [
        report.figures.add(lambda w, c=column: figures.ages(frames, c, w), both(lambda w, c=column: w.outcome(c)))
        for column in ("deep_time_share", "ai_attention_share", "trust_mean")
    ]
    return _section("ages", say("ages.text", "p"), f'<div class="grid">{"".join(plots)}</div>')


def show(value: object, words: Words) -> str:
    """A parameter's value as read, not as typed."""
    if isinstance(value, bool):
        return words("parameters.yes" if value else "parameters.no")
    if value in ("", None):
        return words("parameters.empty")
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def _used(entry: Entry, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's values in this run, by the name that stands for `*` ("" where there is none)."""
    if "*" not in entry.path:
        return {"": settings[entry.path]} if entry.path in settings else {}
    start, end = entry.path.split("*")
    return {
        path[len(start) : -len(end)]: value
        for path, value in settings.items()
        if path.startswith(start) and path.endswith(end)
    }


def _shown(used: Mapping[str, Any], words: Words) -> str:
    values = {name: show(value, words) for name, value in used.items()}
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return " · ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())


def _source(source: str, words: Words) -> str:
    if words.language == "zh":
        for english, chinese in (("structural choice", "结构选择"), ("assumption", "假设")):
            source = source.replace(english, chinese)
    return source


def _parameter_row(entry: Entry, settings: Mapping[str, Any]) -> str:
    used = _used(entry, settings)
    changed = any(value != entry.default for value in used.values())
    label = (
        f"{both(lambda w: w.parameter(entry))}<br><code>{escape(entry.path)}</code>"
        f'<span class="definition" lang="en">{escape(entry.info.description)}</span>'
    )
    cells = (
        ("default", both(lambda w: show(entry.default, w))),
        ("value", both(lambda w: _shown(used, w)) if used else ""),
        ("unit", both(lambda w: w.unit(entry.info.unit))),
        ("source", both(lambda w: _source(entry.info.source, w))),
    )
    columns = "".join(
        f'<td data-en="{ENGLISH(f"parameters.{key}")}" data-zh="{CHINESE(f"parameters.{key}")}">{text}</td>'
        for key, text in cells
    )
    return f"<tr{' class=changed' if changed else ''}><td>{label}</td>{columns}</tr>"


def parameters(report: Report) -> str:
    """What was set, what differs between the arms, and every parameter with its source."""
    settings = report.settings(report.comparison.scenario)
    groups: dict[str, list[str]] = {}
    for entry in registry().values():
        if "*" not in entry.path or _used(entry, settings) or not settings:
            groups.setdefault(entry.path.split(".")[0], []).append(_parameter_row(entry, settings))
    head = [(say(f"parameters.{key}"), "") for key in ("parameter", "default", "value", "unit", "source")]
    folds = "".join(
        f'<details class="parameters"><summary>{say(f"parameters.groups.{group}")}'
        f'<span class="count">{len(rows)}</span>'
        f"</summary>{table(head, rows, 'parameters')}</details>"
        for group, rows in groups.items()
    )
    overrides = report.manifest.get("overrides") or []
    typed = (
        say("parameters.overridden", "p") + same("\n".join(overrides), "pre")
        if overrides
        else say("parameters.none_overridden", "p")
    )
    search = (
        f'<label class="search">{say("parameters.search")}<input type="search" id="search" autocomplete="off"></label>'
    )
    missing = say("parameters.values_missing", "p", "note") if not settings else ""
    return _section("parameters", say("parameters.intro", "p"), typed, _arms_differ(report), missing, search, folds)


def _arms_differ(report: Report) -> str:
    if not report.against:
        return ""
    one, other = report.settings(report.comparison.scenario), report.settings(report.against)
    paths = [path for path in {**one, **other} if one.get(path) != other.get(path)]
    if not paths:
        return ""
    rows = [
        f"<tr><td><code>{escape(path)}</code></td><td>{both(lambda w, p=path: show(one.get(p), w))}</td>"
        f"<td>{both(lambda w, p=path: show(other.get(p), w))}</td></tr>"
        for path in paths
    ]
    names = [both(lambda w, a=arm: w.arm(a)) for arm in report.arms]
    return say("parameters.arms_differ", "p") + table(
        [(say("parameters.parameter"), ""), *((n, "") for n in names)], rows
    )


def command(report: Report) -> str:
    """The command line that repeats this run."""
    manifest = report.manifest
    words = ["metavalue", "run", report.comparison.scenario, *manifest.get("overrides", [])]
    words += ["--against", report.against] if report.against else []
    words += ["--seed", str(manifest.get("seed", 0)), "--replications", str(report.replications)]
    return shlex.join(words)


def cite(report: Report) -> str:
    """How to repeat and how to cite."""
    manifest = report.manifest

    def citation(w: Words) -> str:
        against = w("cite.citation_against", against=report.against) if report.against else ""
        return w(
            "cite.citation",
            version=manifest.get("model_version", ""),
            scenario=report.comparison.scenario,
            against=against,
            seed=manifest.get("seed", 0),
            n=_replications(report, w),
            hash=str(manifest.get("scenario_hash", ""))[:16],
        )

    def content(value: Any) -> str:
        if isinstance(value, Mapping):
            return ", ".join(f"{key} {entry}" for key, entry in value.items())
        return f"{value:.1f}" if isinstance(value, float) else str(value)

    rows = [
        f"<tr><td>{say(f'cite.{key}')}</td><td><code>{escape(content(manifest[key]))}</code></td></tr>"
        for key in FIELDS
        if manifest.get(key) not in (None, "")
    ]
    head = [(say("cite.field"), ""), (say("cite.content"), "")]
    return _section(
        "cite",
        say("cite.how", "p"),
        same(command(report), "pre"),
        say("cite.cite_as", "p"),
        both(citation, "p", "callout"),
        table(head, rows),
    )


BUILD = {
    "change": change,
    "shares": shares,
    "predictions": predictions,
    "money": money,
    "platforms": platforms,
    "network": network,
    "concepts": concepts,
    "ages": ages,
    "parameters": parameters,
    "cite": cite,
}


def write_report(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a comparison as one self-contained bilingual HTML page.

    Parameters
    ----------
    comparison : a scenario's replications, perhaps with those of its paired arm.
    path : the file to write; its folder must exist.

    Returns
    -------
    Path
        The file.
    """
    report = Report(comparison)
    body = "".join(BUILD[name](report) for name in _present(report))
    footer = both(lambda w: f"{w('brand')} {report.manifest.get('model_version', '')}")
    page = assemble(lambda w: f"{w('title')} · {w('brand')}", _header(report), body, footer, report.figures)
    target = Path(path)
    target.write_text(page, encoding="utf-8")
    return target

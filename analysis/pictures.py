"""The report's sections beside changes and predictions: shares, money, platforms, networks, concepts, ages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import figures
from analysis.money import between, mean_flows
from analysis.page import both, outcome_name, same, say, section, table
from analysis.telling import day
from analysis.text import significant
from analysis.theme import COLOURS
from sim.base.clock import HALF_YEAR
from sim.base.codes import ORIGINS

if TYPE_CHECKING:
    from analysis.material import Report

MAPS = 6  # half-years shown of concept space
HALF = 0.5


def _half(report: Report) -> str:
    """Say when AI's works first hold half of attention over half a year, or how near they come to it."""
    means = [run.outcomes["ai_attention_share"].rolling(HALF_YEAR, min_periods=1).mean() for run in report.runs]
    values = np.stack([mean.to_numpy(dtype=float) for mean in means])
    dates = pd.DatetimeIndex(report.runs[0].outcomes.index)
    reached = (values >= HALF).any(axis=1)
    if reached.any():
        first = int(np.median((values[reached] >= HALF).argmax(axis=1)))
        return say("shares.half_reached", "p", when=day(dates[first]), n=int(reached.sum()), all=len(values))
    peak = float(np.nanmax(values))
    return both(lambda w: w("shares.half_never", end=day(dates[-1]), peak=w.value(peak, "share")), "p")


def shares(report: Report) -> str:
    """Write the section that shows AI's share of supply beside its shares of attention and revenue."""
    frames = report.frames[report.comparison.scenario]
    plot = report.figures.add(lambda w: figures.shares(frames, report.release, w))
    return section("shares", say("shares.text", "p"), _half(report), plot)


def platforms(report: Report) -> str:
    """Write the section on platforms: their shares of attention, and AI's share on each."""
    frame = report.exhibit("platforms")
    plots = [
        report.figures.add(partial(figures.platforms, frame, column, stacked, report.release), say(f"platforms.{key}"))
        for key, column, stacked in (("shares", "attention_share", True), ("ai", "ai_attention_share", False))
    ]
    return section("platforms", say("platforms.text", "p"), f'<div class="grid two">{"".join(plots)}</div>')


def money(report: Report) -> str:
    """Write the section on who pays whom in the year before release and in the last year: two pictures and a table."""
    frames = [run.exhibits["flows"] for run in report.runs if "flows" in run.exhibits]
    flows = mean_flows(frames, report.release)
    plots = [
        report.figures.add(partial(figures.sankey, amounts), say(f"money.{key}"))
        for key in ("before", "after")
        if (amounts := between(flows[key]))
    ]
    rows = [_flow_row(*row) for row in flows.reset_index()[["flow", "payer", "payee", "before", "after"]].to_numpy()]
    head = [(say("money.flow"), ""), (say("money.early"), "number"), (say("money.late"), "number")]
    return section("money", say("money.text", "p"), f'<div class="grid two">{"".join(plots)}</div>', table(head, rows))


def _flow_row(flow: str, payer: str, payee: str, before: float, after: float) -> str:
    """Write the table's row on one flow of money: name, payer, payee, and mean amounts before and after.

    Amounts are in hours' wage per week.
    """
    between_whom = both(lambda words: f"{words.account(payer)} → {words.account(payee)}", css="unit")
    numbers = "".join(f'<td class="number">{significant(value)}</td>' for value in (before, after))
    return f"<tr><td>{both(lambda words: words.flow(flow))}<br>{between_whom}</td>{numbers}</tr>"


def network(report: Report) -> str:
    """Write the section with the picture of a sample of the follower network."""
    nodes, edges = (report.runs[0].exhibits[name] for name in ("nodes", "edges"))
    nodes = figures.linked(nodes, edges)
    layout = figures.spring(nodes, edges)
    plot = report.figures.add(lambda w: figures.network(nodes, *layout, w))
    return section("network", say("network.text", "p", n=len(nodes)), plot)


def concepts(report: Report) -> str:
    """Write the section with small maps of concept space, one per half-year, of the first replication."""
    works = report.runs[0].exhibits["works"]
    weeks = np.unique(works["week"].to_numpy())
    chosen = weeks[np.unique(np.linspace(0, len(weeks) - 1, min(MAPS, len(weeks))).round().astype(int))]
    plane = figures.concept_plane(works, report.release)
    maps = []
    for week in chosen:
        rows = works[works["week"] == week]
        date = str(pd.Timestamp(rows["date"].min()).date())
        before = " · " + say("concepts.before") if date < report.release else ""
        maps.append(report.figures.add(partial(figures.concept_map, rows, *plane), same(date) + before))
    key = "".join(
        f'<span><i class="dot" style="background:{COLOURS[origin]}"></i>{say(f"origins.{origin}")}</span>'
        for origin in ORIGINS
    )
    grid = f'<div class="grid maps">{"".join(maps)}</div>'
    return section("concepts", say("concepts.text", "p"), f'<div class="key">{key}</div>', grid)


def has_ages(report: Report) -> bool:
    """Whether the run had a population table with several age groups."""
    groups = report.exhibit("groups")
    return len(groups) > 0 and groups["age_group"].nunique() > 1


def ages(report: Report) -> str:
    """Write the section on age groups: depth, trust and AI's share in each."""
    frames = {arm: report.exhibit("groups", arm) for arm in report.arms}
    plots = [
        report.figures.add(partial(figures.ages, frames, column), outcome_name(column))
        for column in ("deep_time_share", "ai_attention_share", "trust_mean")
    ]
    return section("ages", say("ages.text", "p"), f'<div class="grid">{"".join(plots)}</div>')

"""A study of published market facts: does a world without AI meet them at the end of burn-in, and one with AI later?

Concentration over items is read from the sessions that chose them, not from uses, which are spread over slates, and
held platform by platform against what as many items and users would have in the world where the fact was found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from analysis.intervals import quantiles
from analysis.studies.markdown import band, number, table
from analysis.studies.study import Study, show_line
from analysis.studies.table import Numbers, Task, column, key_of_run, live, rows_of
from sim.base.clock import HALF_YEAR, QUARTER, WEEKS_PER_MONTH
from sim.base.codes import CREATOR, FARM
from sim.base.outcomes import OUTCOMES
from sim.base.randomness import Stream
from sim.base.tables import F8
from sim.measures.exhibits import exhibit_frames
from sim.measures.sums import top_share
from sim.schedule import open_world, run_week
from sim.settings.scenario import compose
from sim.simulation.cases import Case, prepare
from sim.world.world import World

TOPS = (0.037, 0.0016)  # parts of all items whose share of uses McGrady et al. 2023 give
SIGMA = 3.1  # of log uses, which fits both of their shares at the scale of a nation
FEWEST = 3.0  # items that a part holds on average, for its share to be read
SETS = 200  # sets of items drawn for a reference
GRID = np.linspace(-8.0, 8.0, 801)  # standard deviations, over which the mean of the law is taken


class Target(NamedTuple):
    """A published market fact: the row of docs/evidence.md that holds it, what is measured, and its range."""

    evidence: str
    measure: str
    low: float
    high: float


TARGETS = (
    Target("C2", "creator_uses_top3", 0.80, 0.90),
    Target("C2", "creator_sessions_top3", 0.80, 0.90),
    Target("C3", "creator_income_top1", 0.45, 0.65),
    Target("C4", "posts_top10", 0.75, 0.90),
    Target("C4", "silent_share", 0.45, 0.60),
    Target("C5", "platform_hhi", 0.22, 0.32),
    Target("C10", "shallow_habit_correlation", -0.50, -0.20),
    Target("C11", "half_life microblog", 0.0, 2.0),  # under a day, within a factor of 2; a tick is a day
    Target("C11", "half_life short_video", 0.5, 2.0),
    Target("C11", "half_life video_library", 3.0, 18.0),
    Target("C12", "unknown_hit_gap", 0.0, 1.0),
    Target("C12", "concentration_gap", 0.0, 1.0),
)
SOON, LATER, RISE_MONTHS = 12, 30, 12  # months after release at which C6 reads a share; months over which it then rises
WITH_AI = (  # AI's share of new items on open text after so many months; points a month that it then rises
    Target("C6", f"ai_share {SOON}", 0.30, 0.40),
    Target("C6", f"ai_share {LATER}", 0.35, 0.55),
    Target("C6", f"ai_share_rise {LATER}", -1.0, 1.0),
)
OPEN_TEXT = "open_text"
AROUND = 4  # weeks on either side over which a share is taken
INTEREST_FEED, FOLLOW_GRAPH = "short_video", "microblog"  # that C12 compares
READ = tuple(target.measure for target in TARGETS if target.measure in OUTCOMES)
ENDS = (0.05, 0.95)  # of the interval over replications
NEAR = 0.25  # of a range's width: a median outside the range by at most this is near it
FACTOR = 3.0  # a range whose ends lie farther apart than this is one of factors: its width is that of logarithms


def verdict(median: float, low: float, high: float) -> str:
    """Say whether a median lies "in" a range, "near" it, or "out" of it."""
    if low <= median <= high:
        return "in"
    if low > 0.0 and high > FACTOR * low:
        median, low, high = (math.log(max(x, 1e-9)) for x in (median, low, high))
    gap = max(low - median, median - high)
    return "near" if gap <= NEAR * (high - low) else "out"


def targets(study: Study) -> dict[str, str]:
    """Score the world without AI at the end of burn-in, and the one with AI later, against published market facts."""
    case = prepare(compose("no_ai", study.texts(f"time.weeks={study.weeks_before}")))
    rows = _replicated(study, case, "targets", measure_targets)
    lines = [_line(target, column(rows, target.measure)) for target in TARGETS]
    for place in case.scenario.settings.platforms:
        for part in TOPS:
            lines += _against_reference(rows, place, part)
    if OPEN_TEXT in case.scenario.settings.platforms:
        weeks = study.weeks_before + round((LATER + RISE_MONTHS) * WEEKS_PER_MONTH) + AROUND
        later = prepare(compose("baseline", study.texts(f"time.weeks={weeks}")))
        rows = _replicated(study, later, "targets with AI", measure_with_ai)
        lines += [_line(target, column(rows, target.measure)) for target in WITH_AI]
    head = ("target", "measured", "range", "median", "90 % of replications", "score")
    return {"targets": f"{study.source}\n\n{table(head, lines)}"}


def _replicated(study: Study, case: Case, what: str, measure: Callable[..., Numbers]) -> list[dict[str, Any]]:
    """Measure every replication of a case; `what` keeps the rows of one measure apart from those of another."""
    tasks = [
        Task(key_of_run(case, study.seed, k, what), {}, measure, (case, study.seed, k))
        for k in range(study.replications)
    ]
    return rows_of(tasks, study.workers, show_line)


def _line(target: Target, values: F8) -> tuple[str, ...]:
    """Write a target's row: its range, the median over replications and their interval, and the score."""
    known = values[~np.isnan(values)]
    name, *where = target.measure.split()
    wanted = "above 0" if target.evidence == "C12" else f"{target.low:g} to {target.high:g}"
    if not known.size:
        return (target.evidence, " ".join([f"`{name}`", *where]), wanted, "–", "–", "not measured")
    median = float(np.median(known))
    score = verdict(median, target.low, target.high)
    if target.evidence == "C12":  # a sign
        score = "in" if median > 0 else "out"
    return (target.evidence, " ".join([f"`{name}`", *where]), wanted, number(median), _ends(known), score)


def _against_reference(rows: Sequence[Mapping[str, Any]], place: str, part: float) -> list[tuple[str, ...]]:
    """Write the row of a platform's concentration, if it has enough items: its range is the reference's 90 %."""
    found, low, high = (column(rows, f"{what} {part} {place}") for what in ("top", "low", "high"))
    if np.isnan(found).all():
        return []
    ends, median = [float(np.nanmedian(end)) for end in (low, high)], float(np.nanmedian(found))
    score = verdict(median, *ends)
    name = f"top {100 * part:g} % of items, {place}"
    return [("C1", name, f"{ends[0]:.2f} to {ends[1]:.2f}", number(median), _ends(found), score)]


def _ends(values: F8) -> str:
    """Write the interval over replications; a dash below five of them."""
    low, high = quantiles(values, ENDS)
    return "–" if np.isnan(low) else band(float(low), float(high))


def measure_targets(case: Case, seed: int, replication: int) -> Numbers:
    """Run a world until release and measure all that targets ask for; NaN where there is too little to measure."""
    world = open_world(case.scenario.settings, seed, replication)
    last = case.scenario.settings.time.weeks
    live(world, last - HALF_YEAR)
    place, chosen, maker = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, np.int64)]
    while world.now < last:
        mature = run_week(world, world.settings).mature
        items = world.items.columns
        place.append(items.first[mature.rows].astype(np.int64))
        chosen.append(items.chosen[mature.rows].astype(np.float64))
        maker.append(mature.card["producer"].astype(np.int64))
    counts = np.concatenate(chosen)
    found: Numbers = {name: _late(world.memory.outcomes[name][:last]) for name in READ}
    found |= _by_creator(world, np.concatenate(maker), counts)
    found |= _by_platform(world, np.concatenate(place), counts, replication)
    found |= _by_governance(world)
    found["concentration_gap"] = found[f"top {TOPS[0]} {INTEREST_FEED}"] - found[f"top {TOPS[0]} {FOLLOW_GRAPH}"]
    world.crew.close()
    return found


def measure_with_ai(case: Case, seed: int, replication: int) -> Numbers:
    """Run a world with AI and measure its share of new items on open text at the months that C6 names."""
    world = open_world(case.scenario.settings, seed, replication)
    place = [platform.key for platform in world.platforms].index(OPEN_TEXT)
    share = np.zeros(case.scenario.settings.time.weeks)
    while world.now < len(share):
        now, batch = world.now, run_week(world, world.settings).batch
        there = batch.producer[(batch.platforms == place).any(axis=1)]
        share[now] = (world.producers.columns.kind[there] == FARM).mean() if there.size else np.nan
    world.crew.close()

    def at(months: int) -> float:
        week = case.scenario.settings.time.burn_in_weeks + round(months * WEEKS_PER_MONTH)
        return float(np.nanmean(share[week - AROUND : week + AROUND]))

    rise = 100.0 * (at(LATER + RISE_MONTHS) - at(LATER)) / RISE_MONTHS
    return dict(zip((target.measure for target in WITH_AI), (at(SOON), at(LATER), rise), strict=True))


def _late(values: F8) -> float:
    """Mean of an outcome over the last quarter; NaN where it has no value."""
    late = values[-QUARTER:]
    return float(np.nanmean(late)) if (~np.isnan(late)).any() else float("nan")


def _by_creator(world: World, maker: F8, chosen: F8) -> Numbers:
    """Share of the sessions with creators' items that the top 3 % of active creators hold."""
    active = (world.producers.columns.kind == CREATOR) & (world.producers.columns.active > 0)
    sessions = np.bincount(maker, chosen, minlength=len(active))[active]
    return {"creator_sessions_top3": top_share(sessions, 0.03) or float("nan")}


def _by_platform(world: World, place: F8, chosen: F8, replication: int) -> Numbers:
    """Share of sessions of the top items first listed on each platform, and the ends of its reference."""
    found: Numbers = {}
    users = (world.consumers.columns.installed > 0).sum(axis=0)
    stream = Stream(replication, 0, "reference")
    for k, platform in enumerate(world.platforms):
        mine = chosen[place == k]
        sets = reference_shares(mine, int(users[k]), stream, k) if mine.sum() > 0 else None
        for n, part in enumerate(TOPS):
            read = sets is not None and part * len(mine) >= FEWEST
            low, high = np.quantile(sets[n], ENDS) if sets is not None and read else (np.nan, np.nan)
            share = top_share(mine, part) if read else None
            found[f"top {part} {platform.key}"] = np.nan if share is None else share
            found[f"low {part} {platform.key}"], found[f"high {part} {platform.key}"] = float(low), float(high)
    return found


def reference_shares(chosen: F8, users: int, stream: Stream, step: int) -> F8:
    """Share of all sessions of the top items in sets of as many items as there are, shape (`TOPS`, `SETS`).

    An item has Poisson(N (1 − exp(−s L))) sessions, N users, L log-normal with `SIGMA`, s such that the mean is right.

    Parameters
    ----------
    chosen : sessions that chose each item, shape (n,).
    step : keys the draws.
    """
    n, mean = len(chosen), min(float(chosen.mean()), 0.999 * users)
    luck, weight = np.exp(SIGMA * GRID), np.exp(-0.5 * GRID**2) / np.exp(-0.5 * GRID**2).sum()
    low, high = -40.0, 40.0  # of the log of s
    for _ in range(60):
        middle = 0.5 * (low + high)
        short = users * -np.expm1(-np.exp(middle) * luck) @ weight < mean
        low, high = (middle, high) if short else (low, middle)
    sets = np.arange(SETS, dtype=np.uint64)
    shares = np.zeros((len(TOPS), SETS))
    for one in sets:
        each = np.arange(n, dtype=np.uint64) + one * np.uint64(n)
        rate = users * -np.expm1(-np.exp(middle + SIGMA * stream.normal(step, each)))
        drawn = stream.poisson(step, each, rate, 1).astype(np.float64)
        shares[:, int(one)] = [top_share(drawn, part) or 0.0 for part in TOPS]
    return shares


def _by_governance(world: World) -> Numbers:
    """Half-lives by platform over the last half-year, and the gap in the chance of a hit that C12 speaks of."""
    frame = exhibit_frames(world)["platforms"]
    late = frame[frame["week"] >= world.now - HALF_YEAR]
    found: Numbers = {}
    for target in TARGETS:
        if target.evidence == "C11":
            mine = late[late["platform"] == target.measure.split()[1]]
            found[target.measure] = float(mine["half_life"].mean())
    sums = late.groupby("platform")[["unknown_hits", "unknown"]].sum()
    chance = sums["unknown_hits"] / sums["unknown"]
    found["unknown_hit_gap"] = float(chance[INTEREST_FEED] - chance[FOLLOW_GRAPH])
    return found

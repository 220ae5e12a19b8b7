"""Outcomes that check the model: numbers of agents and items, and facts of ecosystems such as concentration."""

from __future__ import annotations

import numpy as np

from sim.base.clock import MONTH
from sim.kernels.columns import read
from sim.kernels.measures import add_weeks, count_listed
from sim.measures.sums import Values, count, ratio, top_share
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

MIN_SPREAD = 1e-6  # range of either variable below which a correlation is null: it would be one of rounding
MIN_CHOICES = 5  # in four weeks, of whose share a person counts; fewer where there are not as many sessions
MIN_PEOPLE = 20  # over whom a correlation is taken


def measure_checks(world: World, week: Week, settings: Settings) -> Values:
    """Measure what checks the model: agents, live items, unfinished tests, concentration of uses, income and posts."""
    people, size = world.consumers.columns, settings.world
    producers, creators = world.producers.columns, world.creators.columns
    active = producers.active[: size.creators] > 0
    posts = add_weeks(people.posts)
    income = creators.income[creators.income > 1e-9]
    values: Values = {
        "n_farms": float(world.farms.columns.number.sum()),
        "n_creators": float(count(active)),
        "n_live": float(count_listed(world.items.columns.listings)),
        "starved_share": ratio(count(week.aged.stage == 0), len(week.aged.stage)),
        "creator_uses_top3": top_share(creators.uses[active], 0.03),
        "creator_income_top1": top_share(income, 0.01),
        "posts_top10": top_share(posts, 0.10),
        "silent_share": count(posts == 0) / len(posts),
        "platforms_per_consumer": count(people.installed) / len(people.uid),
    }
    if world.now % MONTH == MONTH - 1:
        values["shallow_habit_correlation"] = _shallow_habit(world, week)
    return values


def _shallow_habit(world: World, week: Week) -> float | None:
    """Correlate, over consumers, the shallow part of four weeks' choices with the habit of depth at their start."""
    people = world.consumers.columns
    rows = people.n_used >= min(MIN_CHOICES, 7 * MONTH // float(week.rules.days))
    x, y = people.n_shallow[rows] / people.n_used[rows], read(people.old_habit[rows])
    if len(x) < MIN_PEOPLE or np.ptp(x) < MIN_SPREAD or np.ptp(y) < MIN_SPREAD:
        return None
    return float(np.corrcoef(x, y)[0, 1])

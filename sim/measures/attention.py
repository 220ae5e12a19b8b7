"""Outcomes of attention: where time goes, how deep, what is believed, and what people get from it."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import held_trust
from sim.base.averages import averaging_weeks
from sim.base.clock import YEAR
from sim.base.codes import GENERATED
from sim.base.tables import F8
from sim.kernels.columns import read
from sim.measures.sums import Values, herfindahl, ratio, share
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_attention(world: World, week: Week, settings: Settings) -> Values:
    """Measure AI's share of time, time on screen, concentration over platforms, and surplus."""
    t = week.tallies
    seconds = t.platform_seconds.sum()
    screen = seconds + t.interactive_seconds[0]
    surplus = ratio(t.surplus[0], t.surplus[1])
    return {
        "ai_attention_share": share(t.origin_seconds[:, GENERATED].sum(), seconds),
        "ai_attention_share_weighted": share(t.ai_seconds.sum(), seconds),
        "screen_share": share(screen, screen + t.off_seconds[0]),
        "platform_hhi": herfindahl(t.platform_seconds),
        "consumer_surplus": surplus,
        "slate_fill": ratio(t.filled[0], t.filled[1]),
        "craft_used": ratio(t.craft_seconds[0], seconds),
    } | _surplus_in_time(world, seconds, surplus, settings)


def _surplus_in_time(world: World, seconds: float, surplus: float | None, settings: Settings) -> Values:
    """Measure what has been gained since release in minutes of use, and what they are worth; null before release.

    The surplus of a week is taken to be proportional to time. So it is as large as that of so many more minutes of the
    mean session of the year before release.
    """
    usual = world.memory.usual_surplus
    if surplus is not None and world.weeks_since_release < 0:
        usual += (surplus - usual) / averaging_weeks(world.now, YEAR)
        world.memory.usual_surplus = usual
    if surplus is None or usual <= 0.0 or world.weeks_since_release < 0:
        return {"surplus_minutes": None, "surplus_money": None}
    minutes = seconds / 60.0 / len(world.consumers.columns.uid) * (surplus / usual - 1.0)
    return {"surplus_minutes": minutes, "surplus_money": minutes * settings.money.minute_worth}


def measure_depth(world: World, week: Week, settings: Settings) -> Values:
    """Measure depth of use and the habit of it, exposure to what is false, and trust in platforms."""
    t, people, a = week.tallies, world.consumers.columns, settings.attention
    seconds = t.platform_seconds.sum()
    exposures = t.exposures.sum()
    habit = float(read(people.habit).mean())
    trust, users = held_trust(people)
    p = 1.0 / (1.0 + np.exp(-a.deep_base))
    return {
        **_depths(world, week),
        "depth_spread": float(read(people.habit).std()),
        "deep_time_share": ratio(t.deep_seconds[0], seconds),
        "dwell_mean": ratio(seconds, t.uses[0]),
        "habit_mean": habit,
        # Four times the slope of the logistic chance of deep use in habit, at the mean habit
        "habit_gain": 4.0 * a.deep_habit * p * (1.0 - p) * (1.0 - a.skim) * max(habit, 0.0),
        "false_exposure_share": ratio(t.exposures[1:].sum(), exposures),
        "falsehood_exposure_share": ratio(t.exposures[2:].sum(), exposures),
        "trust_mean": ratio((trust / np.maximum(users, 1) * t.platform_seconds).sum(), seconds),
        "trust_unweighted": float(trust.sum() / max(users.sum(), 1)),
    }


def _depths(world: World, week: Week) -> Values:
    """Measure the depth of what is offered, of what is shown and of what is attended.

    What is offered weighs by the seconds spent on its platform, so that it tells of supply and not of where people go.
    """
    t = week.tallies
    seconds, shown = t.platform_seconds, t.shown_depth.sum(axis=0)
    offered = offered_depth(world)
    there = (seconds > 0) & np.isfinite(offered)
    return {
        "depth_offered": ratio((offered[there] * seconds[there]).sum(), seconds[there].sum()),
        "depth_shown": ratio(shown[0], shown[1]),
        "depth_used": ratio(t.depth_seconds.sum(), seconds.sum()),
    }


def offered_depth(world: World) -> F8:
    """Mean depth of the listings on each platform, shape (K,); NaN where there are none."""
    listings, k = world.listings.columns, len(world.platforms)
    rows = (listings.item >= 0).nonzero()[0]
    platform, depth = listings.platform[rows], world.items.columns.card["depth"][listings.item[rows]]
    number = np.bincount(platform, minlength=k)
    mean = np.bincount(platform, depth, minlength=k) / np.maximum(number, 1)
    return np.where(number > 0, mean, np.nan)

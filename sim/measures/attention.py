"""Outcomes of attention: where time goes, how deep, what is believed, and what people get from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.agents.consumers import held_trust
from sim.base.codes import GENERATED
from sim.base.tables import F8
from sim.kernels.columns import read
from sim.measures.sums import MIN_EVENTS, Values, herfindahl, ratio, share
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_attention(world: World, week: Week, settings: Settings) -> Values:
    """Measure AI's share of time and visibility, time on screen, concentration over platforms, and surplus."""
    t = week.tallies
    seconds = t.platform_seconds.sum()
    screen = seconds + t.interactive_seconds[0]
    rows, card, _, uses = week.mature
    first = world.items.columns.first[rows]
    odds = stratified_ratio(uses, card["origin"] == GENERATED, first, len(world.platforms))
    return {
        "ai_attention_share": share(t.origin_seconds[:, GENERATED].sum(), seconds),
        "ai_attention_share_weighted": share(t.ai_seconds.sum(), seconds),
        "visibility_odds_ratio": odds,
        "screen_share": share(screen, screen + t.off_seconds[0]),
        "platform_hhi": herfindahl(t.platform_seconds),
        "consumer_surplus": ratio(t.surplus[0], t.surplus[1]),
        "slate_fill": ratio(t.filled[0], t.filled[1]),
        "craft_used": ratio(t.craft_seconds[0], seconds),
    }


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


def stratified_ratio(amount: F8, chosen: npt.NDArray[np.bool_], stratum: npt.NDArray[Any], strata: int) -> float | None:
    """Compare the mean amount of chosen items with that of the others within strata (Mantel & Haenszel 1959).

    One half is added to both sums, so that neither is zero. None if no stratum has items of both, or if the amounts sum
    to less than `MIN_EVENTS`.

    Parameters
    ----------
    amount, chosen, stratum : of each item, shape (n,).
    strata : their number.
    """
    group = stratum + strata * chosen
    n_other, n_chosen = np.bincount(group, minlength=2 * strata).reshape(2, strata)
    of_other, of_chosen = np.bincount(group, amount, minlength=2 * strata).reshape(2, strata)
    total = np.maximum(n_other + n_chosen, 1)
    top, bottom = float((of_chosen * n_other / total).sum()), float((of_other * n_chosen / total).sum())
    return ratio(top + 0.5, bottom + 0.5) if (n_other * n_chosen).any() and amount.sum() >= MIN_EVENTS else None

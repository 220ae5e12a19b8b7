"""Immersive media and platforms' strategy: time, cost and number of immersive items, entrants, and feeds."""

from __future__ import annotations

from sim.agents.immersive import work_factor
from sim.agents.platforms import feed_weights
from sim.agents.studios import item_hours
from sim.base.codes import INTEREST
from sim.measures.sums import Values
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_immersive(world: World, week: Week, settings: Settings) -> Values:
    """Measure time on immersive platforms, studios' mean cost of an immersive item, and how many items are new."""
    seconds = week.tallies.platform_seconds
    first = settings.world.creators
    with_ai = world.producers.columns.uses_ai[first : first + settings.world.studios] > 0
    fee = week.frontier.immersive_fee * week.frontier.mean_price
    cost = item_hours(world.studios.columns, settings) * work_factor(week.frontier.level, with_ai, settings)
    total = max(int(seconds.sum()), 1)
    return {
        "immersive_time_share": float(seconds[world.charters.immersive].sum() / total),
        "immersive_unit_cost": float((cost + with_ai * fee).mean()),
        "immersive_items_new": float(world.charters.immersive[week.batch.platforms[:, 0]].sum()),
    }


def measure_platforms(world: World, week: Week, settings: Settings) -> Values:
    """Measure open platforms, the share of time on AI-native ones, and the weight of interest in feeds."""
    market, seconds = world.market.columns, week.tallies.platform_seconds
    weights = feed_weights(world.charters.sources, market.tilt)
    interest = weights[:, INTEREST] / weights.sum(axis=1)
    total = int(seconds.sum())
    return {
        "n_platforms": float(market.is_open.sum()),
        "ai_native_time_share": float(seconds[world.charters.native].sum() / max(total, 1)),
        "feed_interest_share": float(interest @ seconds / total) if total else None,
    }

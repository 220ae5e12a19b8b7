"""Immersive media and platforms' strategy: time, cost and number of immersive items, entrants, and feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.immersive import work_factor
from sim.agents.platforms import feed_weights
from sim.agents.studios import item_hours
from sim.base.codes import INTEREST
from sim.measures.sums import Values

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def measure_immersive(model: ContentEcosystem) -> Values:
    """Time on immersive platforms, studios' cost of an immersive item, and new ones."""
    settings, seconds = model.settings, model.tallies.platform_seconds
    first = settings.world.creators
    with_ai = model.producers.columns.uses_ai[first : first + settings.world.studios] > 0
    fee = model.frontier.immersive_fee * model.frontier.mean_price
    cost = item_hours(model.studios.columns, settings) * work_factor(model.frontier.level, with_ai, settings)
    total = max(int(seconds.sum()), 1)
    return {
        "immersive_time_share": float(seconds[model.charters.immersive].sum() / total),
        "immersive_unit_cost": float((cost + with_ai * fee).mean()),
        "immersive_items_new": float(model.charters.immersive[model.batch.platforms[:, 0]].sum()),
    }


def measure_platforms(model: ContentEcosystem) -> Values:
    """Open platforms, time on AI-native ones, and the part of feeds that goes by interest."""
    market, seconds = model.market.columns, model.tallies.platform_seconds
    weights = feed_weights(model.charters.sources, market.tilt)
    interest = weights[:, INTEREST] / weights.sum(axis=1)
    total = int(seconds.sum())
    return {
        "n_platforms": float(market.is_open.sum()),
        "ai_native_time_share": float(seconds[model.charters.native].sum() / max(total, 1)),
        "feed_interest_share": float(interest @ seconds / total) if total else None,
    }

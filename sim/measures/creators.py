"""Who creates: what creators were born with, weighted by what they make, and how much that is a head."""

from __future__ import annotations

from sim.measures.sums import Values, ratio
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_creators(world: World, week: Week, settings: Settings) -> Values:
    """Measure creators' gift and output at par: at release they are luck of the population, with known means."""
    creators, producers = world.creators.columns, world.producers.columns
    n = len(creators.rate)
    made = (creators.rate * producers.active[:n]).astype(float)
    return {
        "creator_gift": ratio(float(made @ producers.mean_appeal[:n]), float(made.sum())),
        "creator_items_per_head": float(made.sum()) / world.consumers.n,
    }

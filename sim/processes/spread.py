"""Spread: what was shared becomes visible to friends from the next tick on; posts are noted."""

from __future__ import annotations

from sim.kernels.tally import mark_posts
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def spread_shares(world: World, week: Week, settings: Settings) -> None:
    """Show what was shared in this tick to friends, from the next tick on, and count posts by consumer."""
    rows, people = slice(*world.turn(world.tick)), world.consumers.columns
    month = world.now % people.posts.shape[1]
    mark_posts(
        week.events.posts[rows],
        week.events.shares[rows],
        week.events.listing[rows],
        world.tick,
        world.listings.columns.item,
        world.items.columns.card,
        people.posts[rows, month],
        people.shared[rows],
    )

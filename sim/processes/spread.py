"""Spread: what was shared becomes visible to friends from the next tick on; posts are noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernels.attention import Events
from sim.kernels.tally import mark_posts

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def spread_shares(model: ContentEcosystem, events: Events) -> None:
    """Let this tick's shares travel one hop."""
    rows, people = slice(*model.turn(model.tick)), model.consumers.columns
    month = model.week % people.posts.shape[1]
    mark_posts(
        events.posts[rows],
        events.shares[rows],
        events.listing[rows],
        model.tick,
        model.listings.columns.item,
        model.items.columns.card,
        people.posts[rows, month],
        people.shared[rows],
    )

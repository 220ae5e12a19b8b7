"""Spread: what was shared becomes visible to followers from the next tick on; posts are noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernels.attention import Events
from sim.kernels.tally import mark_shares

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def spread_shares(model: ContentEcosystem, events: Events) -> None:
    """Let this tick's shares travel one hop."""
    people = model.consumers.columns
    mark_shares(events, people, model.items.columns, model.listings.columns, model.tick)
    people.posts[:, model.week % people.posts.shape[1]] += events.posts

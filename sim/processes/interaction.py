"""Interaction: consumers take up interactive AI as their peers do, and it draws on their attention."""

from __future__ import annotations

import numpy as np

from sim.agents.adopters import take_up_or_drop
from sim.agents.friends import share_of_followed
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def take_up_interactive(world: World, week: Week, settings: Settings) -> None:
    """One week of adoption, from some weeks after release on; sets each consumer's chance to talk, and subscribers."""
    rule = settings.interactive
    if not world.vendors or world.weeks_since_release < rule.opening:
        return
    people, adopters = world.consumers.columns, world.adopters.columns
    peers = share_of_followed(world.graph, adopters.adopted)
    u = world.streams["interactive"].uniform(world.now, people.uid)
    take_up_or_drop(adopters, peers, week.frontier.level, rule, u)
    people.talk[:] = np.where(adopters.adopted > 0, adopters.appetite, 0)  # both are held alike
    world.ai_subscribers = rule.paying_share * float(adopters.adopted.sum())

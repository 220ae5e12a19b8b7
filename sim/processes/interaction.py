"""Interaction: consumers take up interactive AI as their peers do, and it draws on their attention."""

from __future__ import annotations

import numpy as np

from sim.agents.adopters import take_up_or_drop
from sim.agents.friends import share_of_followed
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def take_up_interactive(world: World, week: Week, settings: Settings) -> None:
    """Let consumers take up or drop interactive AI; set each one's chance to talk with it, and count subscribers.

    Nothing happens until it opens, some weeks after the release of AI.
    """
    rule = settings.interactive
    if not world.vendors or world.weeks_since_release < rule.opening:
        return
    people, adopters = world.consumers.columns, world.adopters.columns
    peers = share_of_followed(world.graph, adopters.adopted)
    u = world.streams["interactive"].uniform(world.now, people.uid)
    take_up_or_drop(adopters, peers, week.frontier.level, rule, u)
    people.talk[:] = np.where(adopters.adopted > 0, adopters.appetite, 0)  # held alike: nothing is rounded
    world.ai_subscribers = rule.paying_share * float(adopters.adopted.sum())

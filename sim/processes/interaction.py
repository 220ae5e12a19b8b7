"""Interaction: consumers take up interactive AI as their peers do, and it draws on their attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.adopters import take_up_or_drop
from sim.agents.friends import share_of_followed

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def take_up_interactive(model: ContentEcosystem) -> None:
    """One week of adoption, from some weeks after release on; sets each consumer's chance to talk, and subscribers."""
    rule = model.settings.interactive
    if not model.vendors or model.weeks_since_release < rule.opening:
        return
    people, adopters = model.consumers.columns, model.adopters.columns
    peers = share_of_followed(model.graph, adopters.adopted)
    u = model.streams["interactive"].uniform(model.week, people.uid)
    take_up_or_drop(adopters, peers, model.frontier.level, rule, u)
    people.talk[:] = np.where(adopters.adopted > 0, adopters.appetite, 0)  # both are held alike
    model.ai_subscribers = rule.paying_share * float(adopters.adopted.sum())

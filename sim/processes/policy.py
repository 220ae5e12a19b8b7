"""Policy: applies the levers whose date has come."""

from __future__ import annotations

from sim.settings import Settings
from sim.settings.levers import LEVERS, Levers
from sim.world.week import Week
from sim.world.world import World


def apply_policy(world: World, week: Week, settings: Settings) -> None:
    """Put the strengths of all levers in this week into `week.levers`: 0 for those that have not begun."""
    held = {name: settings.policy[name] for name in LEVERS if name in settings.policy}
    begun = {name: lever for name, lever in held.items() if world.now >= world.calendar.week_of(lever.start)}
    week.levers = Levers(**{name: lever.strength for name, lever in begun.items()})

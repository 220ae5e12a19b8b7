"""Interactive AI: time that it takes, and how many use it."""

from __future__ import annotations

from sim.measures.sums import Values, count, ratio
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def measure_interactive(world: World, week: Week, settings: Settings) -> Values:
    """Measure interactive AI's share of seconds on screen, and its users as a share of consumers."""
    talked = float(week.tallies.interactive_seconds[0])
    adopted = world.adopters.columns.adopted
    screen = talked + float(week.tallies.platform_seconds.sum())
    return {
        "interactive_time_share": ratio(talked, screen),
        "interactive_users_share": count(adopted) / len(adopted),
    }

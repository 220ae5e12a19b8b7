"""Interactive AI: time that it takes, and how many use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.measures.sums import Values, count, ratio

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def measure_interactive(model: ContentEcosystem) -> Values:
    """Seconds with interactive AI over all on screen; users over consumers."""
    talked = float(model.tallies.interactive_seconds[0])
    adopted = model.adopters.columns.adopted
    screen = talked + float(model.tallies.platform_seconds.sum())
    return {
        "interactive_time_share": ratio(talked, screen),
        "interactive_users_share": count(adopted) / len(adopted),
    }

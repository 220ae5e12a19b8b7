"""Outcomes of quality: craft, and how much likelier an item is chosen than the median human one before release."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.averages import averaging_weeks
from sim.base.clock import MONTH, YEAR
from sim.base.groups import by_kind
from sim.base.tables import F8
from sim.kernels.sessions import Rules
from sim.measures.sums import Values, mean_known
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

CRAFT_RANKS = (1, 10, 100)  # of a genre, at which craft is read
RANKS = (1, 10, 100, 1_000)  # of all genres, at which quality is read


def measure_quality(world: World, week: Week, settings: Settings) -> Values:
    """Measure craft and, every four weeks, quality among the last four weeks' items; None for want of items."""
    items = world.items.columns
    card = items.card.take(((items.alive > 0) & (items.week > world.now - MONTH)).nonzero()[0])
    values = _craft_at_ranks(card, settings.world.genres)
    if world.now % MONTH == MONTH - 1 and card.size:
        values |= _quality(world, week, np.sort(log_quality(card, week.rules)))
    return values


def _quality(world: World, week: Week, worth: F8) -> Values:
    """Measure the quality of new items and of what is used; before release, learn that of the median item.

    `worth` is the log quality of four weeks' items, ascending, shape (n,).
    """
    memory, middle = world.memory, float(worth[len(worth) // 2])
    if world.weeks_since_release < 0:
        memory.usual_quality += (middle - memory.usual_quality) / averaging_weeks(world.now // MONTH, YEAR // MONTH)
    usual = memory.usual_quality
    return {
        f"quality_at_rank_{rank}": float(np.exp(worth[-rank] - usual)) if worth.size >= rank else None for rank in RANKS
    } | {"quality_median": float(np.exp(middle - usual)), "quality_used": _quality_used(world, week)}


def log_quality(card: npt.NDArray[Any], rules: Rules) -> F8:
    """Utility of each item to a viewer of mean expertise from appeal, craft and emotion alone, shape (n,).

    It is the logarithm of the item's odds of being chosen, other things equal.
    """
    return np.asarray(
        card["appeal"] + rules.craft_base * card["craft"].astype(np.float64) + rules.beta_emotion * card["emotion"]
    )


def _craft_at_ranks(card: npt.NDArray[Any], genres: int) -> Values:
    """Read craft at ranks of each genre's items, mean over genres; None for a rank that some genre has too few for."""
    ranked = [np.sort(craft) for craft in by_kind(card["craft"], card["genre"], genres) if craft.size]
    fewest = min(map(len, ranked), default=0)
    return {
        f"craft_at_rank_{rank}": mean_known([float(mine[-rank]) for mine in ranked]) if fewest >= rank else None
        for rank in CRAFT_RANKS
    }


def _quality_used(world: World, week: Week) -> float | None:
    """Geometric mean of quality over the week's uses; None without any."""
    items = world.items.columns
    uses = items.uses - items.uses_before
    used = uses.nonzero()[0]
    if not used.size:
        return None
    worth = log_quality(items.card.take(used), week.rules)
    return float(np.exp(uses[used] @ worth / uses[used].sum() - world.memory.usual_quality))

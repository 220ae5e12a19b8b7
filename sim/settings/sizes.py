"""Sizes that the kernels' records cannot hold, refused before a world is set up."""

from __future__ import annotations

import numpy as np

from sim.base.errors import InputError
from sim.base.records import CARD, RECENT, Consumers
from sim.base.tables import DIMS, LINE, schema
from sim.settings.needs import MAX_NEEDS, NEEDS
from sim.settings.tree import Settings

MAX_SERIALS = int(np.iinfo(CARD["serial"]).max)  # items that can ever be numbered in a run
MAX_PLATFORMS = 8 * min(RECENT["platforms"].itemsize, np.dtype(schema(Consumers)["visited"].dtype).itemsize)


def check_sizes(settings: Settings) -> None:
    """Check that records hold what settings and codes ask of them.

    Raises
    ------
    InputError : more platforms than a record has bits for, dimensions that a card lacks, more needs than draws.
    """
    count = len(settings.platforms)
    if count > MAX_PLATFORMS:
        raise InputError("platforms", f"{count} platforms", f"at most {MAX_PLATFORMS}")
    held = CARD["concept"].shape[0]
    if held != DIMS or CARD.itemsize != LINE:
        raise InputError("DIMS", DIMS, f"{held}, as a card holds, in a record of {LINE} bytes ({CARD.itemsize} now)")
    if not 1 <= len(NEEDS) <= MAX_NEEDS:
        raise InputError("NEEDS", f"{len(NEEDS)} needs", f"1 to {MAX_NEEDS}, for which consumers have draws")


MOST_PER_HUMAN_ITEM = 50.0  # new items a week over those of humans at the start; a run's memory grows with them


def most_items(settings: Settings) -> float:
    """Items that a week may bring, so that a run fits into memory and all its items can be numbered.

    Far above any plausible supply: at `MOST_PER_HUMAN_ITEM` AI makes 49 items in 50.
    """
    return min(MOST_PER_HUMAN_ITEM * settings.world.new_items, MAX_SERIALS / settings.time.weeks)

"""Sizes that the kernels' records cannot hold, refused before a world is set up."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from sim.base.codes import NEEDS
from sim.base.errors import InputError
from sim.base.records import CARD, RECENT, Consumers
from sim.base.tables import DIMS, LINE, schema
from sim.settings.attention import Attention
from sim.settings.platforms import PlatformRules
from sim.settings.tree import Settings

MAX_PLATFORMS = 8 * min(RECENT["platforms"].itemsize, np.dtype(schema(Consumers)["visited"].dtype).itemsize)


def check_sizes(settings: Settings) -> None:
    """Check that records hold what settings and codes ask of them.

    Raises
    ------
    InputError : more platforms than a record has bits for, dimensions that a card lacks, a need without parameters.
    """
    count = len(settings.platforms)
    if count > MAX_PLATFORMS:
        raise InputError("platforms", f"{count} platforms", f"at most {MAX_PLATFORMS}")
    held = CARD["concept"].shape[0]
    if held != DIMS or CARD.itemsize != LINE:
        raise InputError("DIMS", DIMS, f"{held}, as a card holds, in a record of {LINE} bytes ({CARD.itemsize} now)")
    weights = {item.name.removeprefix("need_") for item in fields(Attention) if item.name.startswith("need_")} - {"sd"}
    fits = weights & {item.name for item in fields(PlatformRules)}
    if {*NEEDS} != weights or {*NEEDS} != fits:
        expected = "a parameter attention.need_NAME and platforms.*.NAME for each, which now are those of "
        raise InputError("NEEDS", ", ".join(NEEDS), expected + ", ".join(sorted(fits)))

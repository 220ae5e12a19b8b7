"""AI producers (farms): accounts that enter and leave by margin."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.parameters import Settings
from sim.tables import F8, I4, Column

CAP_SHARE = 0.9  # part of an AI producer's items that a full upload cap forbids: assumption


class Farms(NamedTuple):
    """One row per cell of platform and genre in which farms publish."""

    number: Annotated[F8, Column("f8", "accounts", "accounts that publish")]
    margin: Annotated[F8, Column("f8", "1", "smoothed margin over cost")]
    accounts: Annotated[I4, Column("i4", "accounts", "accounts ever opened")]


def item_cost(fee: F8, settings: Settings, crowding: float) -> F8:
    """Cost of a generated item: model fee, human minutes, and the account's cost over the items it may publish."""
    return np.asarray(fee + settings.farms.human_minutes / 60.0 + settings.farms.account_cost * crowding)


def enter_or_leave(farms: Farms, payout: F8, cost: F8, allowed: F8, room: float, settings: Settings) -> None:
    """Let the number of farms in each cell follow the smoothed margin: N <- N e^(g tanh(margin)).

    Parameters
    ----------
    payout, cost : hours' wage per item made, whether or not it was removed, shape (cells,).
    allowed : 1 where AI can produce alone for this genre and platform, else 0, shape (cells,).
    room : accounts that the bound of supply still admits in all.
    """
    rule = settings.farms
    step = 1.0 / rule.smoothing
    margin = np.where(allowed > 0, payout / cost - 1.0, 0.0)
    farms.margin[:] += step * (margin - farms.margin)
    seeds = 0.1  # accounts that try a cell where AI can produce and a margin beckons
    number = np.where((farms.number < seeds) & (farms.margin > 0), seeds, farms.number)
    number = number * np.exp(rule.growth * np.tanh(farms.margin)) * allowed
    number[number < 0.01] = 0.0
    total = number.sum()
    farms.number[:] = number * min(1.0, room / total) if total > 0 else 0.0

"""AI producers (farms): accounts that enter and leave by margin."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.creators import Creators
from sim.agents.producers import FARM, Producers, draw_humans
from sim.parameters import Settings
from sim.randomness import Streams, derive
from sim.tables import B1, F8, I4, I8, U8, Column

CAP_SHARE = 0.9  # part of an AI producer's items that a full upload cap forbids: assumption
SEEDS, LEAST_ACCOUNTS = 0.1, 0.01  # accounts that try a promising cell; a cell with fewer is empty: assumption
CAPPED = 0.999  # part of the room from which supply counts as capped


class Farms(NamedTuple):
    """One row per cell of platform and genre in which farms publish."""

    number: Annotated[F8, Column("f8", "accounts", "accounts that publish")]
    margin: Annotated[F8, Column("f8", "1", "smoothed margin over cost")]
    accounts: Annotated[I4, Column("i4", "accounts", "accounts ever opened")]


def draw_accounts(
    producers: Producers, creators: Creators, rows: I8, platforms: U8, cell: I8, account: I8, settings: Settings,
    streams: Streams,
) -> None:  # fmt: skip
    """Draw what AI producers are born with; under the null law they get a human's traits besides.

    The gift is that of a human, drawn as the parity law says.

    Parameters
    ----------
    rows : where they stand among the producers, shape (n,).
    platforms : uids of the platforms, shape (K,).
    cell, account : cell of each account and its number within the cell, shape (n,).
    """
    genres = settings.world.genres
    producers.uid[rows] = uid = derive("farm", platforms[cell // genres], (cell % genres) * 1_000_003 + account)
    producers.kind[rows], producers.active[rows] = FARM, 1
    producers.genre[rows], producers.cell[rows], producers.account[rows] = cell % genres, cell, account
    draw_humans(producers, rows, settings, streams, 0.0)
    humans = settings.world.creators
    weight = creators.rate * producers.active[:humans]
    if settings.farms.parity == "producer":
        weight = producers.active[:humans].astype(np.float64)
    total = np.cumsum(weight.astype(np.float64))
    if total[-1] > 0:
        chosen = np.minimum(np.searchsorted(total, streams["farm_gift"].uniform(0, uid) * total[-1]), humans - 1)
        for name in ("gift", "skill") if settings.farms.law == "human" else ("gift",):
            getattr(producers, name)[rows] = getattr(producers, name)[chosen]


def expect_payout(income: F8, made: F8, pays: B1, usual: F8, settings: Settings) -> F8:
    """Payout that an item promises in each cell, in hours' wage; shape (cells,).

    Where farms publish it is what they earn, which has removal in it already; elsewhere they hope for what a human
    item earns, on platforms that pay.

    Parameters
    ----------
    income, made : what farms were paid this week and the items that they made, shape (cells,).
    pays : whether the cell's platform pays, shape (cells,).
    usual : mean payout of a human item, shape (cells,).
    """
    hoped = pays * usual * (1.0 - settings.farms.removal)
    return np.where(made > 0, income / np.maximum(made, 1.0), hoped)


def item_cost(fee: F8, settings: Settings, crowding: float, work: F8) -> F8:
    """Cost of a generated item: model fee, human minutes, and the account's cost over the items it may publish.

    `work` is the human work of the item over that of an ordinary one.
    """
    return np.asarray(fee + settings.farms.human_minutes / 60.0 * work + settings.farms.account_cost * crowding)


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
    number = np.where((farms.number < SEEDS) & (farms.margin > 0), SEEDS, farms.number)
    number = number * np.exp(rule.growth * np.tanh(farms.margin)) * allowed
    number[number < LEAST_ACCOUNTS] = 0.0
    total = number.sum()
    farms.number[:] = number * min(1.0, room / total) if total > 0 else 0.0

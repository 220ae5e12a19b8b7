"""The accounts in the ledger that belong to producers, and what they are paid where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.agents.producers import Producers
from sim.base.codes import CREATOR, FARM, STUDIO
from sim.base.tables import I8
from sim.money.flows import Account
from sim.settings import Settings
from sim.world.week import Week

PRODUCERS = {CREATOR: Account.CREATORS, STUDIO: Account.STUDIOS, FARM: Account.FARMS}  # by kind of producer


def by_class(producers: Producers, rows: I8, settings: Settings) -> Iterator[tuple[Account, I8, I8]]:
    """Sort producers by the class of their accounts in the ledger.

    Parameters
    ----------
    rows : rows of producers, shape (n,); one may occur often.

    Yields
    ------
    For creators, studios and AI producers: the class of accounts, the positions within `rows` of the producers who have
    theirs in it, and the number of the account of each.
    """
    kind = producers.kind[rows]
    for code, name in PRODUCERS.items():
        mine = (kind == code).nonzero()[0]
        account = producers.cell[rows[mine]].astype(np.int64) if code == FARM else rows[mine]
        yield name, mine, account - settings.world.creators if code == STUDIO else account


def note_use_pay(week: Week, producers: Producers, rows: I8, platform: I8 | int, amounts: I8) -> None:
    """Add what producers are paid for the use of their items to `week.use_pay`, by platform and genre.

    Parameters
    ----------
    rows, platform, amounts : row of each payee, the platform that pays, and micro-units, shape (n,).
    """
    _, platforms, genres = week.use_pay.shape
    cell = np.asarray(platform * genres + producers.genre[rows].astype(np.int64))
    ai = producers.kind[rows] == FARM
    for k, mine in enumerate((slice(None), ai)):
        paid = np.bincount(cell[mine], amounts[mine], minlength=platforms * genres)
        week.use_pay[k] += paid.reshape(platforms, genres)

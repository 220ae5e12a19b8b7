"""What is left: to owners, to people who consume, and back to the world outside."""

from __future__ import annotations

import numpy as np

from sim.base.tables import I8
from sim.money.accounts import DRAWN, OWNED, SPENT, dividends
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_owners(world: World, week: Week, settings: Settings) -> None:
    """Dividends of firms; draw of small ones, whose owners bear losses too; creditors get what closed studios earn."""
    ledger, closed = world.ledger, world.studios.columns.hours == 0.0
    if closed.any():
        left = np.where(closed, np.maximum(ledger.balances["studios"], 0), 0)
        ledger.post("liquidation", "studios", "capital", left)
    for name in OWNED:
        ledger.post("dividends", name, "capital", dividends(ledger.balances[name], ledger.spent[name]))
    ledger.post("equity", "capital", "farms", np.maximum(-ledger.balances["farms"], 0))
    for name in DRAWN:
        ledger.post("draw", name, "capital", np.maximum(ledger.balances[name], 0))


def close_accounts(world: World, week: Week, settings: Settings) -> None:
    """People consume; households and the world outside make good what others are short of: the circle closes."""
    ledger = world.ledger

    def above(name: str) -> I8:
        return np.maximum(ledger.balances[name], 0)

    def short(name: str) -> I8:
        return np.maximum(-ledger.balances[name], 0)

    ledger.post("taxes", "households", "regulator", short("regulator"))
    ledger.post("transfers", "regulator", "households", above("regulator"))
    for name in ("creators", "freelancers"):
        ledger.post("own money", "households", name, short(name))
    for name in SPENT:
        ledger.post("consumption", name, "world", above(name))
    ledger.post("earnings", "world", "households", short("households"))
    ledger.post("consumption", "households", "world", above("households"))
    ledger.post("sales", "world", "advertisers", short("advertisers"))

"""What is left: to owners, to people who consume, and back to the world outside."""

from __future__ import annotations

import numpy as np

from sim.base.tables import I8
from sim.money.accounts import DRAWN, OWNED, SPENT, dividends
from sim.money.flows import Account, Flow
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_owners(world: World, week: Week, settings: Settings) -> None:
    """Pay owners what firms have to spare.

    Platforms and studios pay dividends; AI producers and the marketplace pay out all that is left, and owners cover the
    losses of AI producers. What a closed studio still earns goes to its creditors, the owners who bore its debt.
    """
    ledger, closed = world.ledger, world.studios.columns.hours == 0.0
    if closed.any():
        left = np.where(closed, np.maximum(ledger.balances[Account.STUDIOS], 0), 0)
        ledger.post(Flow.LIQUIDATION, Account.STUDIOS, Account.CAPITAL, left)
    for name in OWNED:
        ledger.post(Flow.DIVIDENDS, name, Account.CAPITAL, dividends(ledger.balances[name], ledger.spent[name]))
    ledger.post(Flow.EQUITY, Account.CAPITAL, Account.FARMS, np.maximum(-ledger.balances[Account.FARMS], 0))
    for name in DRAWN:
        ledger.post(Flow.DRAW, name, Account.CAPITAL, np.maximum(ledger.balances[name], 0))


def spend_the_rest(world: World, week: Week, settings: Settings) -> None:
    """Balance what is left at the end of the week, so that money goes round in a circle.

    Households pay the regulator's deficit and get its surplus, and cover what creators and freelancers lack; people
    spend all that they have left; the world outside covers what households and advertisers lack.
    """
    ledger = world.ledger

    def above(name: Account) -> I8:
        """What each account holds above zero."""
        return np.maximum(ledger.balances[name], 0)

    def short(name: Account) -> I8:
        """What each account lacks to zero."""
        return np.maximum(-ledger.balances[name], 0)

    ledger.post(Flow.TAXES, Account.HOUSEHOLDS, Account.REGULATOR, short(Account.REGULATOR))
    ledger.post(Flow.TRANSFERS, Account.REGULATOR, Account.HOUSEHOLDS, above(Account.REGULATOR))
    for name in (Account.CREATORS, Account.FREELANCERS):
        ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, name, short(name))
    for name in SPENT:
        ledger.post(Flow.CONSUMPTION, name, Account.WORLD, above(name))
    ledger.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, short(Account.HOUSEHOLDS))
    ledger.post(Flow.CONSUMPTION, Account.HOUSEHOLDS, Account.WORLD, above(Account.HOUSEHOLDS))
    ledger.post(Flow.SALES, Account.WORLD, Account.ADVERTISERS, short(Account.ADVERTISERS))

"""The accounts of a world: who holds one, in what order money moves at the end of a week, and small claims on it."""

from __future__ import annotations

import numpy as np

from sim.base.tables import B1, F8, I8
from sim.money.flows import Account
from sim.money.ledger import MICRO, Ledger
from sim.settings import Settings

OWNED = (Account.PLATFORMS, Account.STUDIOS)  # firms whose owners get dividends of what is above a buffer
DRAWN = (Account.FARMS, Account.MARKETPLACE)  # firms whose owners draw what is left
# Who consume what they have, in this order
SPENT = (Account.CREATORS, Account.WORKERS, Account.FREELANCERS, Account.CAPITAL, Account.RIGHTS_HOLDERS)
# Who may be below zero at the end of a week, and why; whoever else cannot pay what it owes pays it in part.
CREDIT = {
    Account.STUDIOS: "of one that works, for `studios.insolvency_weeks`; then it closes, and its debt is written off",
    Account.CAPITAL: "owners bring in wealth that they hold outside",
    Account.WORLD: "the world outside is where money comes from and goes to",
}
BUFFER = 13.0  # weeks' cost that a firm keeps in cash, and with which it begins
PART_PAID = 8  # of the cash above the buffer one part in so many is paid a week
ROUNDING = 1e-15  # more than the rounding of the few float operations from which a part is made
LARGEST_AMOUNT = 1e9  # hours' wage; a posting beyond it would not fit an account in an extreme world


def open_ledger(platforms: int, vendors: int, settings: Settings) -> Ledger:
    """Accounts of every class; AI producers hold theirs by cell of platform and genre.

    Parameters
    ----------
    platforms, vendors : their numbers.
    """
    size = settings.world
    many = {
        Account.PLATFORMS: platforms,
        Account.CREATORS: size.creators,
        Account.STUDIOS: size.studios,
        Account.FARMS: platforms * size.genres,
        Account.VENDORS: vendors,
    }
    return Ledger({account: many.get(account, 1) for account in Account})


def dividends(balance: I8, spent: I8) -> I8:
    """An eighth of the cash above 13 weeks' cost, micro-units; costs are those of this week."""
    return np.asarray(np.maximum(balance - round(BUFFER) * spent, 0) // PART_PAID, np.int64)


def micro(amounts: F8) -> I8:
    """Whole micro-units of amounts in hours' wage, each within what an account can hold."""
    held: F8 = np.minimum(np.maximum(amounts, 0.0), LARGEST_AMOUNT)
    return np.rint(held * MICRO).astype(np.int64)


def payable(cash: I8, due: I8) -> F8:
    """Part of what each owes that its cash pays for, 0 to 1; shape (n,).

    It is rounded so that what `in_part` makes of what is due never adds up to more than the cash.
    """
    short = due > cash
    return np.where(short, np.maximum(cash, 0) / np.maximum(due, 1) * (1.0 - ROUNDING), 1.0)


def in_part(amounts: I8, part: F8) -> I8:
    """These parts of amounts, rounded down to micro-units."""
    return np.where(part < 1.0, (amounts * part).astype(np.int64), amounts)


def overdrawn(ledger: Ledger, closed: B1) -> list[str]:
    """Accounts that are below zero at the end of a week and may not be: see `CREDIT`.

    Parameters
    ----------
    closed : which places of studios are empty, shape (studios,): these have no credit.
    """
    below = {name: balance < 0 for name, balance in ledger.balances.items() if name not in CREDIT}
    below[Account.STUDIOS] = (ledger.balances[Account.STUDIOS] < 0) & closed
    return [f"{name} {account}" for name, accounts in below.items() for account in np.flatnonzero(accounts)]

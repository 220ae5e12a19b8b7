"""The accounts of a world: who holds one, what becomes of balances at the end of a week, and how much can be paid."""

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
PART_PAID = 8  # one eighth of the cash above the buffer is paid to owners per week
ROUNDING = 1e-15  # more than the rounding of the few float operations from which a part is made
LARGEST_AMOUNT = 1e9  # hours' wage; a posting beyond it would not fit an account in an extreme world


def open_ledger(platforms: int, vendors: int, settings: Settings) -> Ledger:
    """Open all accounts, empty: one per class, or one per member; AI producers have one per cell of platform and genre.

    Parameters
    ----------
    platforms, vendors : their numbers.
    """
    size = settings.world
    number = {
        Account.PLATFORMS: platforms,
        Account.CREATORS: size.creators,
        Account.STUDIOS: size.studios,
        Account.FARMS: platforms * size.genres,
        Account.VENDORS: vendors,
    }
    return Ledger({account: number.get(account, 1) for account in Account})


def dividends(balance: I8, spent: I8) -> I8:
    """Work out dividends: an eighth of the cash above 13 weeks' cost, at least 0; micro-units, shape (n,).

    `balance` is each firm's cash, `spent` its cost of this week.
    """
    return np.asarray(np.maximum(balance - round(BUFFER) * spent, 0) // PART_PAID, np.int64)


def micro(amounts: F8) -> I8:
    """Convert amounts in hours' wage to whole micro-units, cut to 0 to `LARGEST_AMOUNT`, which an account can hold."""
    held: F8 = np.minimum(np.maximum(amounts, 0.0), LARGEST_AMOUNT)
    return np.rint(held * MICRO).astype(np.int64)


def payable(cash: I8, due: I8) -> F8:
    """Work out which part of what is due the cash of each payer covers, 0 to 1; shape (n,).

    It is rounded down a little, so that several bills, each cut by `in_part`, never add up to more than the cash.
    """
    short = due > cash
    return np.where(short, np.maximum(cash, 0) / np.maximum(due, 1) * (1.0 - ROUNDING), 1.0)


def in_part(amounts: I8, part: F8) -> I8:
    """Cut each amount to the part of it that is paid, rounded down to micro-units; shape (n,)."""
    return np.where(part < 1.0, (amounts * part).astype(np.int64), amounts)


def overdrawn(ledger: Ledger, closed: B1) -> list[str]:
    """List the accounts, as `CLASS NUMBER`, that are below zero at the end of a week and may not be: see `CREDIT`.

    Parameters
    ----------
    closed : which places of studios are empty, shape (studios,): these have no credit.
    """
    below = {name: balance < 0 for name, balance in ledger.balances.items() if name not in CREDIT}
    below[Account.STUDIOS] = (ledger.balances[Account.STUDIOS] < 0) & closed
    return [f"{name} {account}" for name, accounts in below.items() for account in np.flatnonzero(accounts)]

"""One posting of the ledger as a loop, with a NumPy twin."""

from __future__ import annotations

import numpy as np

from sim.kernels.elementary import unmanaged
from sim.tables import I8

LARGEST = 2**63 - 1
DONE, NEGATIVE, NO_PAYER, NO_PAYEE, OVERFLOW = range(5)  # how a posting ends


@unmanaged()
def transfer(n: int, source: I8, target: I8, spent: I8, paying: I8, paid_to: I8, amounts: I8) -> tuple[int, int]:
    """Take amounts from accounts and give them to others: all of them or, where one cannot be, none.

    Parameters
    ----------
    n : number of payments.
    source, target, spent : int64 (accounts,): payers' balances, payees' balances, what payers have spent.
    paying, paid_to, amounts : int64 (n,) or (1,): accounts and amount of each payment, or of every one.

    Returns
    -------
    How it ended (`DONE`, ...), and the total paid.
    """
    each_pays, each_gets, each_amount = paying.size > 1, paid_to.size > 1, amounts.size > 1
    total = 0
    for i in range(n):
        amount = amounts[i if each_amount else 0]
        if amount < 0:
            return NEGATIVE, 0
        if not 0 <= paying[i if each_pays else 0] < source.size:
            return NO_PAYER, 0
        if not 0 <= paid_to[i if each_gets else 0] < target.size:
            return NO_PAYEE, 0
        if amount > LARGEST - total:
            return OVERFLOW, 0
        total += amount
    if total == 0:
        return DONE, 0
    room = LARGEST - total
    for j in range(source.size):
        if source[j] < -room:
            return OVERFLOW, 0
    for j in range(target.size):
        if target[j] > room:
            return OVERFLOW, 0
    for i in range(n):
        payer, amount = paying[i if each_pays else 0], amounts[i if each_amount else 0]
        source[payer] -= amount
        spent[payer] += amount
        target[paid_to[i if each_gets else 0]] += amount
    return DONE, total


def transfer_numpy(
    n: int, source: I8, target: I8, spent: I8, paying: I8, paid_to: I8, amounts: I8
) -> tuple[int, int]:
    """Twin of `transfer`."""
    amounts, paying, paid_to = (np.broadcast_to(given, n) for given in (amounts, paying, paid_to))
    for ending, wrong in (
        (NEGATIVE, amounts < 0), (NO_PAYER, (paying < 0) | (paying >= source.size)),
        (NO_PAYEE, (paid_to < 0) | (paid_to >= target.size)),
    ):  # fmt: skip
        if wrong.any():
            return ending, 0
    total = sum(map(int, amounts))
    if total and max(-int(source.min()), int(target.max())) + total > LARGEST:
        return OVERFLOW, 0
    np.subtract.at(source, paying, amounts)
    np.add.at(spent, paying, amounts)
    np.add.at(target, paid_to, amounts)
    return DONE, total

"""Loops of the ledger: post payments, split a pool of money, match debtors with creditors."""

from __future__ import annotations

import numpy as np

from sim.base.tables import F8, I8
from sim.kernels.elementary import compiled, unmanaged

LARGEST = 2**63 - 1
DONE, NEGATIVE, NO_PAYER, NO_PAYEE, OVERFLOW = range(5)  # result of a posting: done, or why nothing was paid


@unmanaged()
def transfer(n: int, source: I8, target: I8, spent: I8, paying: I8, paid_to: I8, amounts: I8) -> tuple[int, int]:
    """Post payments: take amounts from payers' balances and add them to payees'. If one is invalid, nothing is paid.

    Parameters
    ----------
    n : number of payments.
    source, target, spent : int64 (accounts,): balances of payers and payees, total spent by each payer; changed in
        place.
    paying, paid_to, amounts : int64 (n,), or (1,) for all payments alike: payer, payee and amount in micro-units.

    Returns
    -------
    Result code (`DONE`, or why nothing was paid), and the total paid.
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


@compiled()
def round_down(pool: np.uint64, weight: F8) -> tuple[I8, I8]:
    """Split a pool in proportion to weights, rounded down, and return the remainders of the division.

    Parameters
    ----------
    pool : micro-units.
    weight : integers (as floats) whose total is at most 2**60, shape (n,).

    Returns
    -------
    Quotas, floor(pool * weight / total weight), in micro-units, and remainders, (pool * weight) mod total weight;
    int64, shape (n,).
    """
    n = weight.size
    shares, rest = np.empty(n, np.int64), np.empty(n, np.int64)
    total = np.int64(0)
    for i in range(n):
        total += np.int64(weight[i])
    quota = np.float64(pool) / np.float64(total)
    for i in range(n):
        share = np.int64(weight[i] * quota)
        # The products may wrap around 64 bits; their difference, the remainder, fits, so it comes out right.
        remainder = np.int64(np.uint64(weight[i]) * pool - np.uint64(share) * np.uint64(total))
        shares[i], rest[i] = share + remainder // total, remainder % total
    return shares, rest


@compiled()
def match_debts(paid: I8, owed: I8) -> tuple[I8, I8, I8]:
    """Pair payers with payees in order, so that each pays and receives its amount; both amounts have the same total.

    Parameters
    ----------
    paid, owed : what each payer pays and each payee receives, in micro-units, shapes (n,) and (m,).

    Returns
    -------
    Payer, payee and amount of each payment, shape (n + m,); some amounts are zero.
    """
    n = paid.size + owed.size
    payer, payee, amount = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    i, j, to_pay, to_get = 0, 0, paid[0], owed[0]
    for e in range(n):
        payer[e], payee[e], amount[e] = i, j, min(to_pay, to_get)
        to_pay -= amount[e]
        to_get -= amount[e]
        if to_pay == 0 and i < paid.size - 1:
            i += 1
            to_pay = paid[i]
        elif to_get == 0 and j < owed.size - 1:
            j += 1
            to_get = owed[j]
    return payer, payee, amount

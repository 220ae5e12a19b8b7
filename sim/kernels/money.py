"""One posting of the ledger, the split of a pool and the matching of debts as loops."""

from __future__ import annotations

import numpy as np

from sim.base.tables import F8, I8
from sim.kernels.elementary import compiled, unmanaged

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


@compiled()
def round_down(pool: np.uint64, weight: F8) -> tuple[I8, I8]:
    """Quotas of a pool, pool * weight / total weight, rounded down, and their remainders times the total weight.

    Parameters
    ----------
    pool : micro-units.
    weight : whole numbers whose total is at most 2**60, shape (n,).

    Returns
    -------
    int64 micro-units and int64 remainders, shape (n,).
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
    """Pair payers with payees, in order, so that everyone pays and gets its amount; both sum to the same.

    Parameters
    ----------
    paid, owed : micro-units, shapes (n,) and (m,).

    Returns
    -------
    payer, payee and amount of each payment, shape (n + m,); some are zero.
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

"""The loops of the ledger once more in NumPy and in Python's whole numbers."""

from __future__ import annotations

import numpy as np

from sim.base.tables import F8, I8
from sim.kernels.money import DONE, LARGEST, NEGATIVE, NO_PAYEE, NO_PAYER, OVERFLOW


def transfer_numpy(n: int, source: I8, target: I8, spent: I8, paying: I8, paid_to: I8, amounts: I8) -> tuple[int, int]:
    """Twin of `kernels.money.transfer`."""
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


def round_down_numpy(pool: int, weight: F8) -> tuple[I8, I8]:
    """Twin of `kernels.money.round_down`, in Python's whole numbers."""
    exact = [int(w) for w in weight]
    shares, rest = zip(*(divmod(int(pool) * w, sum(exact)) for w in exact), strict=True)
    return np.array(shares, np.int64), np.array(rest, np.int64)


def match_debts_numpy(paid: I8, owed: I8) -> tuple[I8, I8, I8]:
    """Twin of `kernels.money.match_debts`; zero payments may stand between others."""
    paying, getting = np.cumsum(paid), np.cumsum(owed)
    edges = np.sort(np.concatenate([paying, getting]))
    return np.searchsorted(paying, edges), np.searchsorted(getting, edges), np.diff(edges, prepend=0)

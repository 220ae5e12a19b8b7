"""Double-entry accounts in whole micro-units of money, and the exact split of a pool.

One unit is the median junior hourly wage; money is int64 micro-units, so that totals depend on no order of addition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import copy

import numpy as np
import numpy.typing as npt

from sim.base.errors import InputError
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.kernels.money import DONE, NEGATIVE, NO_PAYER, OVERFLOW, round_down, transfer
from sim.money.flows import ACCOUNTS, FLOWS, Account, Flow, Key

MICRO = 1_000_000  # micro-units in a unit
LARGEST_POOL = 2**53  # beyond it a float quota may be off by so much that the remainder no longer fits 64 bits
_WEIGHT_BITS = 59  # bits of the total of scaled weights: a quota off by up to 4 leaves a remainder below 2**63
_LIMIT = 2**63


def to_micro(amount: float) -> int:
    """Convert an amount in units to whole micro-units, rounded (halves to even).

    Raises
    ------
    ValueError : the amount is not finite or does not fit int64.
    """
    if not abs(amount) * MICRO < _LIMIT:
        raise ValueError(f"{amount!r} units do not fit an account")
    return round(amount * MICRO)


class Ledger:
    """Accounts grouped by class, and the week's flows between classes.

    Every posting takes from one account what it gives to another, so the balances always sum to exactly zero.

    Parameters
    ----------
    classes : number of accounts of each class, e.g. {Account.HOUSEHOLDS: 1, Account.CREATORS: 1500}.

    Attributes
    ----------
    balances : int64 micro-units by class, shape (accounts,).
    flows : micro-units paid since `forget_flows`, by (flow, payer class, payee class).
    spent : int64 micro-units that each account has paid since `forget_flows`, by class, shape (accounts,).
    """

    def __init__(self, classes: Mapping[Account, int]) -> None:
        self.balances: dict[Account, I8] = {name: np.zeros(size, np.int64) for name, size in classes.items()}
        self.flows: dict[Key, int] = {}
        self.spent: dict[Account, I8] = {name: np.zeros(size, np.int64) for name, size in classes.items()}
        self._all: dict[Account, I8] = {name: np.arange(size) for name, size in classes.items()}

    def forget_flows(self) -> None:
        """Forget the flows of the week before."""
        self.flows.clear()
        for spent in self.spent.values():
            spent[:] = 0

    def post(
        self,
        flow: Flow,
        payer: Account,
        payee: Account,
        amounts: npt.ArrayLike,
        *,
        payer_index: npt.ArrayLike | None = None,
        payee_index: npt.ArrayLike | None = None,
    ) -> None:
        """Pay amounts from accounts of one class to accounts of another; all of them or, on error, none.

        Parameters
        ----------
        flow : what is paid for.
        payer, payee : classes of accounts, among those that the flow names.
        amounts : micro-units, whole and not negative; a number or shape (n,).
        payer_index, payee_index : account of each amount (one may occur often); a number or shape (n,). Left out, it
            is the only account of its class, or every account in order, when `amounts` has one for each.

        Raises
        ------
        KeyError : the ledger has no such class.
        TypeError : amounts or accounts that are not whole numbers.
        ValueError : a class that the flow does not name, a negative amount, or amounts and accounts that differ in
            number.
        IndexError : no such account.
        OverflowError : a balance would leave int64.
        """
        if payer not in flow.payers or payee not in flow.payees:
            raise ValueError(f"{flow}: {', '.join(flow.payers)} pay {', '.join(flow.payees)}, not {payer} {payee}")
        key = flow, payer, payee
        moved = self.move(payer, payee, amounts, what=flow, payer_index=payer_index, payee_index=payee_index)
        self.flows[key] = self.flows.get(key, 0) + moved

    def move(
        self,
        payer: Account,
        payee: Account,
        amounts: npt.ArrayLike,
        *,
        what: str = "move",
        payer_index: npt.ArrayLike | None = None,
        payee_index: npt.ArrayLike | None = None,
    ) -> int:
        """Move money as `post` does, between any two classes and recording no flow; return the sum in micro-units."""
        paid = np.asarray(amounts)
        kind = paid.dtype.kind
        if kind not in "iu":
            raise TypeError(f"{what}: amounts are whole micro-units, not {paid.dtype}")
        if kind == "u" and paid.size and int(paid.max()) >= _LIMIT:
            raise ValueError(f"{what}: amounts lie in 0 to 2**63 - 1")
        paying, paid_to = self._find_accounts(payer, payer_index, paid), self._find_accounts(payee, payee_index, paid)
        paid = np.ascontiguousarray(paid, np.int64)
        sizes = {paid.size, paying.size, paid_to.size} - {1}
        if len(sizes) > 1:
            raise ValueError(f"{what}: {paid.size} amounts, {paying.size} payers and {paid_to.size} payees")
        ending, total = transfer(
            sizes.pop() if sizes else 1,
            self.balances[payer],
            self.balances[payee],
            self.spent[payer],
            paying,
            paid_to,
            paid,
        )
        if ending == NEGATIVE:
            raise ValueError(f"{what}: amounts lie in 0 to 2**63 - 1")
        if ending == OVERFLOW:
            raise OverflowError(f"{what}: {_exact_sum(paid)} micro-units more do not fit an account")
        if ending != DONE:
            name = payer if ending == NO_PAYER else payee
            raise IndexError(f"{name}: an account outside 0 to {len(self.balances[name]) - 1}")
        return int(total)

    def _find_accounts(self, name: Account, index: npt.ArrayLike | None, paid: npt.NDArray[np.integer]) -> I8:
        """Return the number, within class `name`, of the account that each amount is taken from or given to.

        Without an `index` these are all accounts of the class in order, or its only one; shape (n,) or (1,).
        """
        if index is None:
            size = len(self.balances[name])
            if size != 1 and paid.shape != (size,):
                raise ValueError(f"{name}: {size} accounts and amounts of shape {paid.shape}: name the accounts")
            return self._all[name]
        chosen = np.asarray(index)
        if chosen.dtype.kind not in "iu":
            raise TypeError(f"{name}: accounts are whole numbers, not {chosen.dtype}")
        return np.ascontiguousarray(chosen, np.int64)

    def balance_total(self) -> int:
        """Sum all balances exactly: 0, unless an account was changed other than by `post`."""
        return sum(_exact_sum(balance) for balance in self.balances.values())

    def copy(self) -> Ledger:
        """Return an independent copy."""
        twin = copy(self)
        twin.balances = {name: balance.copy() for name, balance in self.balances.items()}
        twin.spent = {name: spent.copy() for name, spent in self.spent.items()}
        twin.flows = dict(self.flows)
        return twin

    def arrays(self) -> dict[str, I8]:
        """Copy balances and flows as named arrays: `balance/CLASS` and, of shape (1,), `flow/FLOW/PAYER/PAYEE`."""
        state = {f"balance/{name}": balance.copy() for name, balance in self.balances.items()}
        return state | {"/".join(("flow", *key)): np.array([amount], np.int64) for key, amount in self.flows.items()}

    def restore(self, arrays: Mapping[str, I8]) -> None:
        """Take over the state that `arrays` of a ledger with the same classes returned.

        Raises
        ------
        InputError : other classes or numbers of accounts, or amounts that are not whole.
        ValueError : balances that do not sum to zero.
        """
        balances = {name.split("/", 1)[1]: a.copy() for name, a in arrays.items() if name[:8] == "balance/"}
        own = {str(name): balance for name, balance in self.balances.items()}
        for name in own | balances:
            kinds = [(of[name].dtype, of[name].shape) for of in (own, balances) if name in of]
            if len(kinds) == 1 or kinds[0] != kinds[1]:
                raise InputError(f"balance/{name}", "other accounts", "those of the settings, in whole micro-units")
        if sum(_exact_sum(balance) for balance in balances.values()):
            raise ValueError("the stored balances do not sum to zero")
        self.balances = {name: balances[name] for name in self.balances}
        self.flows = {}
        for name, amount in arrays.items():
            if name.startswith("flow/"):
                flow, payer, payee = name.removeprefix("flow/").split("/")
                self.flows[FLOWS[flow], ACCOUNTS[payer], ACCOUNTS[payee]] = int(amount[0])


def split_pool(pool: int, weights: npt.ArrayLike, uids: npt.ArrayLike, key: int | np.uint64) -> I8:
    """Split a pool in proportion to weights by largest remainder (Hamilton's method), in O(n).

    Every share is its quota, pool · weight / total weight, rounded down or up; the shares sum to the pool; listing
    the accounts in another order gives each the same share. With no weight at all every share is 0 and the caller
    keeps the pool. Whole weights that sum to less than 2**58 are used exactly; others are first rounded to 2**-59 of
    their total.

    Parameters
    ----------
    pool : micro-units, 0 to `LARGEST_POOL`.
    weights : finite and not negative, shape (n,).
    uids : distinct identities of the accounts, shape (n,).
    key : keys the order in which equal remainders are served.

    Returns
    -------
    int64 micro-units, shape (n,).

    Raises
    ------
    ValueError : a pool, weight or number of uids that is none of this.
    """
    weight, uid = np.asarray(weights, np.float64), np.asarray(uids, np.uint64)
    if not 0 <= pool <= LARGEST_POOL or pool != int(pool):
        raise ValueError(f"a pool is a whole number from 0 to {LARGEST_POOL}, not {pool!r}")
    least, most = float(weight.min(initial=0.0)), float(weight.max(initial=0.0))
    if weight.ndim != 1 or weight.shape != uid.shape or not 0.0 <= least <= most < math.inf:
        raise ValueError("weights are finite, not negative, and as many as the uids")
    if most == 0.0:
        return np.zeros(len(weight), np.int64)
    shares, rest = round_down(np.uint64(pool), _whole(weight, most))
    left = int(pool) - int(shares.sum())
    if left:  # micro-units that rounding down has left over: one each to the largest remainders
        cut = np.partition(rest, -left)[-left]
        served = rest >= cut
        shares += served
        surplus = int(np.count_nonzero(served)) - left
        if surplus:  # remainders at the cut are equal: a lot decides which of them are served
            tied = np.flatnonzero(rest == cut)
            lot = derive("split", key, uid[tied])
            shares[tied[np.argpartition(lot, -surplus)[-surplus:]]] -= 1
    return shares


def _whole(weight: F8, most: float) -> F8:
    """Scale weights by a power of two and round them, so that their sum is a whole number of `_WEIGHT_BITS` bits.

    `most` is the largest weight. The order of the weights makes no difference.
    """
    _, top = math.frexp(most)
    shift = _WEIGHT_BITS - len(weight).bit_length() - top  # a coarse scale, at which the sum surely fits int64
    total = int(np.rint(np.ldexp(weight, shift)).astype(np.int64).sum())
    return np.asarray(np.rint(np.ldexp(weight, shift + _WEIGHT_BITS - total.bit_length())), np.float64)


def _exact_sum(amounts: I8) -> int:
    """Sum int64 numbers without overflow: upper and lower 32 bits are summed apart."""
    return (int((amounts >> 32).sum()) << 32) + int((amounts & 0xFFFFFFFF).sum())

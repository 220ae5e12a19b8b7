"""The ledger conserves money exactly; a pool is split exactly, fairly and whatever the order."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernels.money import DONE, round_down, transfer
from sim.money.flows import ACCOUNTS, FLOWS, Account, Flow, Group, flows_of, key_at, number_of, paid_for
from sim.money.ledger import LARGEST_POOL, Ledger, split_pool, to_micro
from tests.twins.money import round_down_numpy, transfer_numpy

CLASSES = {Account.HOUSEHOLDS: 1, Account.PLATFORMS: 3, Account.CREATORS: 6, Account.WORLD: 1}
WHOLE = st.lists(st.integers(0, 2**40), min_size=1, max_size=30)
REAL = st.lists(st.floats(0, allow_nan=False, allow_infinity=False), min_size=1, max_size=30)
POOLS = st.one_of(st.integers(0, 100), st.integers(0, LARGEST_POOL))


def uids(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(11)


def hamilton(pool: int, weights: list[int], shares: np.ndarray) -> bool:
    """Check shares against Python integers: rounded quotas, and no larger remainder left unserved."""
    total = sum(weights)
    quotas = [divmod(pool * w, total) for w in weights]
    ups = [int(s) - q for s, (q, _) in zip(shares, quotas, strict=True)]
    served = [r for up, (_, r) in zip(ups, quotas, strict=True) if up == 1]
    unserved = [r for up, (_, r) in zip(ups, quotas, strict=True) if up == 0]
    return set(ups) <= {0, 1} and min(served, default=total) >= max(unserved, default=0) and 0 not in served


def test_a_payment_moves_money() -> None:
    ledger = Ledger(CLASSES)
    ledger.post(Flow.SUBSCRIPTIONS, Account.HOUSEHOLDS, Account.PLATFORMS, 70, payee_index=1)
    ledger.post(Flow.PAYOUT, Account.PLATFORMS, Account.CREATORS, [5, 6, 7, 8], payer_index=1, payee_index=[2, 0, 2, 5])
    assert {name: b.tolist() for name, b in ledger.balances.items()} == {
        "households": [-70],
        "platforms": [0, 44, 0],
        "creators": [6, 0, 12, 0, 0, 8],
        "world": [0],
    }
    assert ledger.flows == {("subscriptions", "households", "platforms"): 70, ("payout", "platforms", "creators"): 26}


def test_accounts_left_out_are_the_only_one_or_all() -> None:
    ledger = Ledger(CLASSES)
    ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.CREATORS, np.arange(6))
    ledger.post(Flow.CONSUMPTION, Account.CREATORS, Account.WORLD, np.arange(6))
    ledger.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, 15)
    assert not any(balance.any() for balance in ledger.balances.values())
    with pytest.raises(ValueError, match="name the accounts"):
        ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.CREATORS, 5)


def test_a_class_may_pay_itself() -> None:
    ledger = Ledger(CLASSES)
    ledger.move(Account.CREATORS, Account.CREATORS, [3, 4], payer_index=[0, 1], payee_index=[1, 0])
    assert ledger.balances["creators"].tolist() == [1, -1, 0, 0, 0, 0]


@pytest.mark.parametrize("amounts", [1.0, [1.5], True, [True], np.nan, "1", [1, None], 2**70])
def test_amounts_that_are_not_whole_numbers_are_refused(amounts: object) -> None:
    with pytest.raises(TypeError):
        Ledger(CLASSES).post(Flow.CONSUMPTION, Account.HOUSEHOLDS, Account.WORLD, amounts)


@pytest.mark.parametrize(
    ("error", "amounts", "account"),
    [
        (ValueError, -1, 0),
        (ValueError, [3, -1], [0, 1]),
        (ValueError, 2**63, 0),
        (ValueError, [1, 2], [0, 1, 2]),
        (IndexError, 1, 6),
        (IndexError, 1, -1),
        (TypeError, 1, 0.0),
        (TypeError, 1, True),
    ],
)
def test_a_refused_payment_changes_nothing(error: type[Exception], amounts: object, account: object) -> None:
    ledger = Ledger(CLASSES)
    with pytest.raises(error):
        ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.CREATORS, amounts, payee_index=account)
    with pytest.raises(KeyError):
        ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.FREELANCERS, 1)
    assert not ledger.flows and not any(balance.any() for balance in ledger.balances.values())


@given(st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_transfer_is_as_in_numpy(many: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 5))
    accounts = [rng.integers(-(2**61), 2**61, size) for size in (3, 4, 3)]
    shape = [n if many >> bit & 1 else 1 for bit in range(2)]
    paying, paid_to = rng.integers(-1, 4, shape[0]) % 4, rng.integers(0, 5, shape[1])
    amounts = rng.integers(-1, 2 ** int(rng.integers(2, 63)), n)
    one, other = [a.copy() for a in accounts], [a.copy() for a in accounts]
    ending, total = transfer(n, *one, paying, paid_to, amounts)
    twin, twins_total = transfer_numpy(n, *other, paying, paid_to, amounts)
    assert ((ending == DONE), total) == ((twin == DONE), twins_total)  # of several errors either may be told
    assert all(a.tolist() == b.tolist() for a, b in zip(one, other, strict=True))


def test_overflow_is_refused_not_wrapped() -> None:
    ledger = Ledger(CLASSES)
    spend = Flow.CONSUMPTION, Account.HOUSEHOLDS, Account.WORLD
    ledger.post(*spend, 2**63 - 1)
    with pytest.raises(OverflowError):
        ledger.post(*spend, 1)
    with pytest.raises(OverflowError):
        ledger.post(Flow.PAYOUT, Account.PLATFORMS, Account.CREATORS, [2**62] * 4, payer_index=0, payee_index=0)
    assert ledger.balance_total() == 0
    assert ledger.flows == {spend: 2**63 - 1}


def test_totals_do_not_overflow() -> None:
    ledger = Ledger({Account.PLATFORMS: 4, Account.VENDORS: 4})
    ledger.move(Account.PLATFORMS, Account.VENDORS, [2**61] * 3 + [2**61 - 1])
    ledger.balances[Account.VENDORS][:] *= 2
    assert ledger.balance_total() == 2**63 - 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(CLASSES)),
            st.sampled_from(sorted(CLASSES)),
            st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 99), st.integers(0, 99)), max_size=8),
        ),
        max_size=12,
    )
)
def test_balances_agree_with_python_integers(posts: list[tuple[str, str, list[tuple[int, int, int]]]]) -> None:
    ledger, expected, moved = Ledger(CLASSES), {name: [0] * size for name, size in CLASSES.items()}, 0
    for payer, payee, rows in posts:
        amounts, giving, taking = np.array(rows, np.int64).reshape(-1, 3).T
        giving, taking = giving % CLASSES[payer], taking % CLASSES[payee]
        moved += ledger.move(payer, payee, amounts, payer_index=giving, payee_index=taking)
        for amount, i, j in zip(amounts.tolist(), giving.tolist(), taking.tolist(), strict=True):
            expected[payer][i] -= amount
            expected[payee][j] += amount
        assert ledger.balance_total() == 0
    assert {name: b.tolist() for name, b in ledger.balances.items()} == expected
    assert moved == sum(row[0] for _, _, rows in posts for row in rows) and not ledger.flows


def test_flows_are_counted_by_week() -> None:
    ledger = Ledger(CLASSES)
    for _ in range(2):
        ledger.forget_flows()
        ledger.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, 4)
        ledger.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, 5)
    assert ledger.flows == {(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS): 9}
    assert ledger.balances["households"].tolist() == [18]
    ledger.forget_flows()
    assert not ledger.flows


def test_state_is_written_and_read_back() -> None:
    ledger, other = Ledger(CLASSES), Ledger(CLASSES)
    ledger.post(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.CREATORS, [1, 2, 3, 4, 5, 6])
    state = ledger.arrays()
    other.restore(state)
    ledger.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, 4)
    assert other.flows == {(Flow.OWN_MONEY, Account.HOUSEHOLDS, Account.CREATORS): 21}
    assert other.balances["creators"].tolist() == [1, 2, 3, 4, 5, 6]
    other.post(Flow.EARNINGS, Account.WORLD, Account.HOUSEHOLDS, 4)
    assert {k: v.tolist() for k, v in other.arrays().items()} == {k: v.tolist() for k, v in ledger.arrays().items()}


def test_a_foreign_state_is_refused() -> None:
    state = Ledger(CLASSES).arrays()
    with pytest.raises(ValueError, match="other accounts"):
        Ledger(CLASSES | {"creators": 7}).restore(state)
    state["balance/world"][0] = 1
    with pytest.raises(ValueError, match="sum to zero"):
        Ledger(CLASSES).restore(state)


@pytest.mark.parametrize(
    ("payer", "payee"), [(Account.PLATFORMS, Account.CREATORS), (Account.HOUSEHOLDS, Account.WORLD)]
)
def test_whom_a_flow_does_not_name_neither_pays_nor_is_paid(payer: Account, payee: Account) -> None:
    ledger = Ledger(CLASSES)
    with pytest.raises(ValueError, match=f"subscriptions: households pay platforms, not {payer} {payee}"):
        ledger.post(Flow.SUBSCRIPTIONS, payer, payee, 1, payer_index=0, payee_index=0)
    assert not ledger.flows and not any(balance.any() for balance in ledger.balances.values())


def test_flows_and_accounts_have_names_in_both_languages_of_their_own() -> None:
    for members in (tuple(Flow), tuple(Account)):
        for labels in ([member.label for member in members], [member.label_zh for member in members]):
            assert len(set(labels)) == len(members) and all(labels)
    assert all(flow.amount and set(flow.payers) | set(flow.payees) <= set(Account) for flow in Flow)
    assert FLOWS["farm wages"] is Flow.FARM_WAGES and ACCOUNTS["farms"] is Account.FARMS


def test_every_flow_between_two_classes_has_a_number_of_its_own() -> None:
    keys = [(flow, payer, payee) for flow in Flow for payer in Account for payee in Account]
    assert [key_at(number_of(key)) for key in keys] == keys


def test_a_flow_counts_in_every_sum_that_it_names() -> None:
    assert Flow.MODEL_FEE in flows_of(Group.ITEM_COST) and Flow.MODEL_FEE in flows_of(Group.MODEL_SALES)
    flows = {
        (Flow.MODEL_FEE, Account.FARMS, Account.VENDORS): 5,
        (Flow.ACCOUNTS, Account.FARMS, Account.WORLD): 7,
        (Flow.PROMOTION, Account.FARMS, Account.PLATFORMS): 11,
        (Flow.MODEL_FEE, Account.STUDIOS, Account.VENDORS): 13,
    }
    assert paid_for(flows, Group.ITEM_COST, Account.FARMS) == 12
    assert paid_for(flows, Group.ITEM_COST, Account.STUDIOS) == 13


@given(POOLS, WHOLE, st.integers(0, 2**64 - 1))
def test_a_split_is_hamiltons(pool: int, weights: list[int], key: int) -> None:
    shares = split_pool(pool, weights, uids(len(weights)), key)
    if not sum(weights):
        assert not shares.any()
        return
    assert shares.dtype == np.int64 and sum(shares.tolist()) == pool
    assert hamilton(pool, weights, shares)


@given(POOLS, st.lists(st.integers(2**52, 2**55) | st.just(2**54), min_size=16, max_size=16))
def test_quotas_match_their_twin(pool: int, weights: list[int]) -> None:
    weight = np.array(weights, np.float64)
    for found, wanted in zip(round_down(np.uint64(pool), weight), round_down_numpy(pool, weight), strict=True):
        assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("law", ["lognormal", "pareto", "equal", "whole"])
def test_large_pools_against_exact_fractions(law: str) -> None:
    rng = np.random.default_rng(5)
    n = 2000
    draws = {
        "lognormal": rng.lognormal(0, 3, n),
        "pareto": rng.pareto(0.7, n),
        "equal": np.full(n, 0.1),
        "whole": rng.integers(0, 600_000, n).astype(float),
    }
    weights = [Fraction(w) for w in draws[law].tolist()]
    total = sum(weights)
    for pool in (10**12, 10**12 + 7, LARGEST_POOL):
        shares = split_pool(pool, draws[law], uids(n), 3).tolist()
        assert sum(shares) == pool
        assert all(abs(s - pool * w / total) < 1 for s, w in zip(shares, weights, strict=True))


@given(POOLS, REAL)
def test_any_weights_stay_within_one_of_their_quota(pool: int, weights: list[float]) -> None:
    shares = split_pool(pool, weights, uids(len(weights)), 1).tolist()
    total = sum(map(Fraction, weights))
    assert sum(shares) == (pool if total else 0)
    rounding = Fraction(pool * len(weights), 2**57)  # weights are rounded to 2**-59 of their total
    assert all(
        abs(s - pool * Fraction(w) / total) < 1 + rounding for s, w in zip(shares, weights, strict=True) if total
    )


@given(POOLS, st.one_of(WHOLE, REAL, st.lists(st.integers(0, 2), min_size=1, max_size=30)), st.randoms())
def test_order_does_not_matter(pool: int, weights: list[float], random: object) -> None:
    order = list(range(len(weights)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shares = split_pool(pool, weights, uids(len(weights)), 9)
    again = split_pool(pool, np.array(weights)[order], uids(len(weights))[order], 9)
    assert np.array_equal(shares[order], again)


def test_ties_are_drawn_by_key_and_uid_alike() -> None:
    wins = sum(split_pool(3, np.ones(10), uids(10), key) for key in range(2000))
    assert wins.sum() == 6000
    assert np.all(abs(wins - 600) < 5 * math.sqrt(600 * 0.7))


@settings(max_examples=20)
@given(st.integers(1, 10**12), st.integers(1, 400))
def test_equal_weights_differ_by_one_at_most(pool: int, n: int) -> None:
    shares = split_pool(pool, np.full(n, 0.3), uids(n), 2)
    assert shares.sum() == pool and np.ptp(shares) <= 1


def test_many_accounts_split_exactly() -> None:
    weights = np.random.default_rng(1).lognormal(0, 2, 100_000)
    shares = split_pool(10**12, weights, uids(100_000), 4)
    assert shares.sum() == 10**12
    assert np.abs(shares - 10**12 * (weights / math.fsum(weights))).max() < 1.001  # float noise at 10**10


def test_without_weight_the_caller_keeps_the_pool() -> None:
    assert split_pool(10, np.zeros(3), uids(3), 1).tolist() == [0, 0, 0]
    assert split_pool(10, [], [], 1).tolist() == []


@pytest.mark.parametrize(
    ("pool", "weights"),
    [(-1, [1.0]), (LARGEST_POOL + 1, [1.0]), (1.5, [1.0]), (1, [-1.0]), (1, [np.nan]), (1, [np.inf]), (1, [1.0, 1.0])],
)
def test_a_wrong_pool_or_weight_is_refused(pool: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"pool|weights"):
        split_pool(pool, weights, uids(1), 1)


def test_units_become_micro_units() -> None:
    assert [to_micro(x) for x in (1, 0.1, -2.5, 1e-7, 123456.789012)] == [10**6, 10**5, -2_500_000, 0, 123456789012]
    for amount in (math.nan, math.inf, 1e13):
        with pytest.raises(ValueError, match="account"):
            to_micro(amount)

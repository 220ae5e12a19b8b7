"""Nobody pays what it does not have: each kind of bill under forced want, and random worlds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.moderators import affordable
from sim.agents.vendors import OPEN, roster
from sim.model import ContentEcosystem
from sim.money.accounts import CREDIT, in_part, payable
from sim.settings import Lever
from tests.solvency import find_faults
from tests.test_money import busy, flow
from tests.worlds import base, debts, opened, patched, run

WORLDS = 20  # of two years, among them some whose platforms cannot pay for review and some whose vendors are broke


@pytest.mark.parametrize("number", range(WORLDS))
def test_no_account_is_below_what_it_may_be_in_random_worlds(number: int) -> None:
    assert list(find_faults(number, 104)) == []


@given(st.lists(st.tuples(st.integers(-(10**12), 10**15), st.integers(0, 10**15), st.integers(0, 10**15)), min_size=1))
def test_who_cannot_pay_all_pays_the_same_part_of_each_bill(rows: list[tuple[int, int, int]]) -> None:
    cash, one, other = np.array(rows, np.int64).T
    part = payable(cash, one + other)
    paid = in_part(one, part), in_part(other, part)
    assert (paid[0] + paid[1] <= np.maximum(cash, 0)).all() and (part >= 0.0).all()
    able = one + other <= cash
    assert np.array_equal(paid[0][able], one[able]) and np.array_equal(paid[1][able], other[able])
    left = np.maximum(cash, 0) - paid[0] - paid[1]
    assert (left[~able] <= 2 + 1e-14 * np.abs(cash[~able])).all()


def test_the_first_at_each_platform_are_as_many_as_it_pays_for() -> None:
    u, place = np.array([0.5, 0.1, 0.3, 0.2, 0.9]), np.array([0, 0, 0, 2, 2])
    wage, cash = np.array([1, 2, 2, 3, 3]), np.array([4, -1, 5])
    assert affordable(u, place, wage, cash).tolist() == [False, True, True, True, False]
    assert affordable(u, place, wage, cash + 1).tolist() == [True, True, True, True, True]
    assert not affordable(u, place, wage, np.array([-9, 0, 2])).any()
    assert affordable(u[:0], place[:0], wage[:0], cash).tolist() == []


# Platforms


def reviewing(weeks: int, advertising: float) -> ContentEcosystem:
    """A world whose platforms review all items, at half an hour each."""
    settings = patched(
        base(),
        {
            "time.weeks": 30,
            "time.burn_in_weeks": 5,
            "moderation.review_minutes": 30.0,
            "money.advertising": advertising,
            "money.promotion": 0.0,
            "platforms.short_video.subscription": 0.0,
            "policy": {"content_review": Lever(start="2022-12-05", strength=1.0)},
        },
    )
    return opened(settings, weeks, rng=4)


def test_a_platform_pays_for_review_what_it_has_and_then_reviews_what_it_can_pay_for() -> None:
    model, wage = reviewing(5, 0.01), 500_000  # half an hour
    before, met = model.world.ledger.balances["platforms"].copy(), False
    for _ in range(20):
        ahead = model.world.market.columns.pays_ahead.copy()
        run(model, 1)
        place = np.maximum(model.last_week.batch.platforms[:, 0], 0)
        reviewed = np.bincount(place[model.last_week.reviewed], minlength=len(before))
        possible = np.bincount(place, minlength=len(before))
        limit = np.where(ahead > 0, before // wage, possible)
        if model.last_week.levers.content_review:
            assert np.array_equal(reviewed, np.minimum(possible, limit))
            met |= bool((reviewed < possible).any())
        paid = np.where(model.world.market.columns.pays_ahead > ahead, 0, reviewed * wage).sum()
        assert flow(model, "review") >= paid
        assert (model.world.ledger.balances["platforms"] >= 0).all() and debts(model) == []
        before = model.world.ledger.balances["platforms"].copy()
    assert met and model.world.market.columns.pays_ahead.any()


def test_a_platform_with_money_reviews_all() -> None:
    model = reviewing(25, 50.0)
    assert not model.world.market.columns.pays_ahead.any() and model.last_week.reviewed.all()
    assert flow(model, "review", "platforms", "workers") == len(model.last_week.batch.uid) * 500_000


# Vendors


def poor(weeks: int, **values: object) -> ContentEcosystem:
    """A world whose vendors' fixed cost is far above what they sell."""
    return busy(weeks, **{"vendors__fixed_cost": 200.0, "vendors__licensed_share": 1.0} | values)


def test_the_last_vendor_in_business_pays_all_bills_in_the_same_part() -> None:
    model = poor(
        60,
        vendors__giants=1,
        vendors__independents=0,
        vendors__platform_owned=0,
        vendors__open_weights=False,
        vendors__entry_rate=0.0,
    )
    model.world.ledger.move("vendors", "world", model.world.ledger.balances["vendors"][0], payer_index=0)
    for _ in range(10):
        run(model, 1)
        assert model.world.vendor_state.columns.active.sum() == 1 and model.world.vendor_state.columns.cash[0] < 0.0
        assert 0 <= model.world.ledger.balances["vendors"][0] < 10
        running = flow(model, "running costs") / (200.0 * 80 / 1_000 * 1e6)
        owed = model.last_week.sales.licences.sum() * 1e6
        assert 0.0 < running < 1.0
        assert flow(model, "data licence", payee="studios") == pytest.approx(running * owed, rel=1e-4, abs=10)


def test_open_weights_pay_no_licence_that_they_cannot() -> None:
    model = busy(
        40, vendors__licence_rate=0.5, vendors__licensed_share=1.0, vendors__open_delay=1, vendors__open_weights=True
    )
    is_open = roster(model.settings.vendors) == OPEN
    short = False
    for _ in range(20):
        run(model, 1)
        assert (model.world.ledger.balances["vendors"] >= 0).all()
        short |= bool((model.world.vendor_state.columns.cash[is_open] < 0.0).any())
    assert short and model.world.vendor_state.columns.active[is_open].any()


def test_a_vendor_out_of_cash_gives_up_and_owes_nothing() -> None:
    model = poor(20, vendors__giants=1, vendors__independents=2, vendors__entry_rate=0.0)
    state, broke = model.world.vendor_state.columns, 1  # an independent
    model.world.ledger.move("vendors", "world", model.world.ledger.balances["vendors"][broke], payer_index=broke)
    run(model, 1)
    assert state.active[broke] and state.cash[broke] < 0.0 and debts(model) == []
    run(model, 1)
    assert not state.active[broke] and state.active[0] and debts(model) == []
    assert model.world.ledger.balances["vendors"][broke] == 0 and not flow(model, "write-off", payee="vendors")


# Studios and all others


def test_a_closed_studio_has_no_credit_for_its_tuned_model() -> None:
    model = busy(20, studios__founding=0.0, vendors__custom_fee=1.0, money__licence=0.0)
    model.world.ledger.move("studios", "world", np.maximum(model.world.ledger.balances["studios"], 0) + 1_000_000)
    model.world.studios.columns.insolvent[:] = 1_000
    model.world.studios.columns.tuned[:] = 1
    run(model, 1)
    assert not model.world.studios.columns.hours.any() and model.last_week.sales.custom.all()
    for _ in range(4):
        assert (model.world.ledger.balances["studios"] >= 0).all() and debts(model) == []
        run(model, 1)


@pytest.mark.parametrize("name", ["households", "advertisers", "regulator", "creators", "freelancers", "farms"])
def test_what_others_are_short_of_is_made_good_within_the_week(name: str) -> None:
    model = busy(12)
    model.world.ledger.move(name, "world", np.full(len(model.world.ledger.balances[name]), 5_000_000))
    assert name not in CREDIT and debts(model)
    run(model, 1)
    assert (
        debts(model) == [] and not model.world.ledger.balances[name].any() and model.world.ledger.balance_total() == 0
    )

"""Known answers of AI producers' entry: what they expect, how many they become, and what their items are like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.creators import Creators
from sim.agents.entry import (
    CellWeek,
    Pay,
    add_second_listing,
    enter_or_leave,
    expect_listing,
    keep_records,
    own_payout,
    pay_per_listing,
    pooled_ratio,
)
from sim.agents.farms import Farms, first_news, learn_removal
from sim.agents.gifts import PLACES, draw_gifts, measure_gifts
from sim.agents.producers import create_producers
from sim.base.codes import GENERATED
from sim.base.tables import F8, Population
from sim.money.flows import Account, Group, paid_for
from sim.settings import PlatformRules, Settings
from tests.bench import change, society

PAYS = np.ones(2, bool)


def rules(**values: Any) -> Settings:
    return change(Settings(), **{f"farms__{name}": value for name, value in values.items()})


# The number of AI producers


def grow(payout: Any, weeks: int, *, start: float = 0.0, room: float = 1e12, allowed: float = 1.0, **rule: Any) -> F8:
    """Number of AI producers in one cell week by week, an item costing 1 and earning `payout(number)`."""
    farms = Population(Farms, 1).columns
    farms.number[:] = start
    settings, found = rules(**rule), []
    for _ in range(weeks):
        paid, others = np.full(1, payout(farms.number[0])), np.full(1, 10.0)
        enter_or_leave(farms, paid, np.ones(1), np.full(1, allowed), others, room, settings)
        found.append(farms.number[0])
    return np.array(found)


def test_nobody_enters_below_break_even() -> None:
    assert grow(lambda n: 0.98, 500).max() == 0.0
    assert grow(lambda n: 1.05, 500)[-1] > 1.0
    assert grow(lambda n: 9.0, 500, allowed=0.0).max() == 0.0


@pytest.mark.parametrize("growth", [0.05, 0.15])
def test_growth_is_bounded_and_follows_the_margin(growth: float) -> None:
    rich, modest = grow(lambda n: 1e3, 120, growth=growth), grow(lambda n: 1.5, 300, growth=growth)
    steps = np.diff(np.log(rich[40:]))
    assert steps.max() <= growth * 1.5 and steps[-1] == pytest.approx(growth, rel=1e-2)
    assert np.log(modest[-1] / modest[-2]) == pytest.approx(growth * np.tanh(0.5), rel=1e-2)
    fall = grow(lambda n: 0.0, 300, start=100.0, growth=growth)
    assert np.log(fall[0] / 100.0) >= -growth and fall[-1] == 0.0


def test_pioneers_come_in_proportion_to_what_is_published() -> None:
    """A world ten times as large has ten times as many, from the first week: no lottery of a first account."""
    paths = []
    for size in (1.0, 10.0):
        farms = Population(Farms, 1).columns
        for _ in range(40):
            enter_or_leave(farms, np.full(1, 2.0), np.ones(1), np.ones(1), np.full(1, size), 1e12, rules())
            paths.append(farms.number[0] / size)
    np.testing.assert_allclose(paths[:40], paths[40:])
    assert paths[0] > 0 and grow(lambda n: 9.0, 1, smoothing=1.0)[0] == pytest.approx(
        0.08 * 10 * np.expm1(0.15 * np.tanh(8))
    )


@pytest.mark.parametrize(("pool", "visibility", "removal"), [(4.0, 1.0, 0.0), (4.0, 0.5, 0.2), (9.0, 2.0, 0.05)])
def test_supply_settles_where_an_item_pays_its_cost(pool: float, visibility: float, removal: float) -> None:
    """Plateau of kept items over human ones: payout (1 - removal) / cost - 1 / visibility."""
    human, per_farm = 100.0, 2.0

    def payout(number: float) -> float:
        kept = number * per_farm * (1.0 - removal)
        return visibility * (1.0 - removal) * pool * human / (human + visibility * kept)

    number = grow(payout, 1_000, removal=removal)
    plateau = pool * (1.0 - removal) - 1.0 / visibility
    assert number[-1] * per_farm * (1.0 - removal) / human == pytest.approx(plateau, rel=0.01)
    assert number.max() < 2.0 * number[-1]  # a margin smoothed for longer overshoots further


def test_without_a_cost_that_stays_the_share_goes_to_one() -> None:
    """Cost falls to a tenth a year: the floor alone keeps supply of AI from crowding everyone out."""
    share = {}
    for floor in (0.0, 0.5):
        farms, human = Population(Farms, 1).columns, np.full(1, 100.0)
        for week in range(8 * 52):
            paid = 2.0 * human / (human + farms.number[0])
            enter_or_leave(farms, paid, np.full(1, 0.1 ** (week / 52) + floor), np.ones(1), human, 1e12, Settings())
        share[floor] = farms.number[0] / (100.0 + farms.number[0])
    assert share[0.0] > 0.999
    assert share[0.5] == pytest.approx(1.0 - 0.5 / 2.0, abs=0.01)  # N/H = 2/0.5 - 1


def test_supply_keeps_within_the_room_over_all_cells() -> None:
    farms, three = Population(Farms, 3).columns, np.ones(3)
    for _ in range(200):
        enter_or_leave(farms, np.array([2.0, 5.0, 9.0]), three, three, three, 40.0, rules())
    assert farms.number.sum() == pytest.approx(40.0)


# What is expected


def ratios(income: Any, made: Any, cell_pay: Any, **rule: Any) -> tuple[F8, F8]:
    """Pooled ratios of two platforms of two genres, by what AI's items earned and how many there were."""
    pay = np.array(cell_pay, float)
    platform = pay.mean(axis=1)
    return pooled_ratio(np.array(income, float), np.array(made, float) * pay, Pay(1.0, platform, pay), rules(**rule))


def test_many_items_speak_for_themselves_and_none_for_the_platform() -> None:
    pay = [[2.0, 2.0], [0.1, 0.1]]
    platform, cell = ratios([[6e6, 0.0], [0.0, 0.0]], [[1e7, 0.0], [0.0, 0.0]], pay)
    assert cell[0, 0] == pytest.approx(0.3, rel=1e-3)  # n -> infinity: the cell's own mean
    assert cell[0, 1] == pytest.approx(platform[0])  # n = 0: the platform's
    assert platform[1] == pytest.approx(0.3, rel=1e-3)  # and where there is no record at all, that of all
    assert ratios(np.zeros((2, 2)), np.zeros((2, 2)), pay)[1] == pytest.approx(np.ones((2, 2)))


@pytest.mark.parametrize("pooling", [50.0, 200.0])
def test_as_many_items_that_earn_nothing_halve_what_is_expected(pooling: float) -> None:
    made = [[pooling, 0.0], [0.0, 0.0]]
    platform, cell = ratios(np.zeros((2, 2)), made, [[2.0, 2.0], [0.1, 0.1]], pooling=pooling)
    assert cell[0, 0] == pytest.approx(platform[0] / 2.0)
    assert platform[0] < 1.0  # they speak for the platform too


def test_nothing_is_expected_where_nothing_is_paid() -> None:
    farms = Population(Farms, 4).columns
    farms.paid[:], farms.listed[:] = (10.0, 10.0, 0.0, 0.0), 10.0
    pay = pay_per_listing(farms, np.array([1.0, 1.0]), np.array([True, False]), rules())
    assert (pay.cell[0] > 0.9).all() and (pay.cell[1] == 0).all()
    expected = expect_listing(farms, pay, rules())
    assert (expected[0] > 0).all() and (expected[1] == 0).all()
    promised = add_second_listing(expected, np.zeros(2, bool), rules())
    np.testing.assert_array_equal(promised, expected)  # nobody lists twice for nothing, nor first for a second's sake
    assert own_payout(np.zeros(1), np.zeros(1), np.zeros(1, bool), np.full(1, 2.0), rules())[0] == 0.0


def test_pay_of_a_listing_is_the_cells_own_with_many_listings_and_hoped_for_without() -> None:
    farms = Population(Farms, 4).columns
    farms.paid[:], farms.listed[:] = (4e5, 0.0, 0.0, 0.0), (1e5, 0.0, 0.0, 0.0)
    pay = pay_per_listing(farms, np.array([1.0, 3.0]), PAYS, rules())
    assert pay.cell[0, 0] == pytest.approx(4.0, rel=1e-3) and pay.cell[0, 1] == pytest.approx(4.0, rel=1e-3)
    assert pay.cell[1] == pytest.approx([3.0, 3.0])


def test_a_second_listing_adds_what_a_logit_by_pay_finds() -> None:
    expected = np.array([[0.2], [0.1], [0.3], [9.0]])
    promised = add_second_listing(expected, np.array([False, False, False, True]), change(Settings()))
    rest = (0.1 * 0.1 + 0.3 * 0.3) / 0.4
    assert promised[0, 0] == pytest.approx(0.2 + 0.4 * rest) and promised[3, 0] == 9.0


def week_of(number: F8, human: F8, pool: F8, odds: F8) -> CellWeek:
    """A week in which pools are shared by listings, AI's counting `odds` times."""
    weight = human + odds * number
    income = pool * odds * number / weight
    listed = human + number
    return CellWeek(pool, income, listed, number, 3 * listed, 3 * number)


class Market:
    """Two platforms of two genres whose pools are shared by listings; AI's count `odds` times, a part is refused."""

    def __init__(self, human: Any, pool: Any, odds: Any, cost: float, refused: float = 0.0, **rule: Any) -> None:
        self.human, self.pool, self.odds = (np.array(x, float) for x in (human, pool, odds))
        self.cost, self.settings, self.now = cost, rules(removal=0.05, items=1.0, **rule), 0
        self.refused, self.news = refused, first_news(self.settings)
        self.farms, self.entries = Population(Farms, 4).columns, np.zeros(4)
        for _ in range(26):
            self.observe()

    def observe(self) -> None:
        number = (1.0 - self.refused) * self.farms.number.reshape(2, 2)
        if number.any():
            learn_removal(self.news, float(number.sum()), float(self.farms.number.sum()))
        keep_records(self.farms, week_of(number, self.human, self.pool, self.odds), self.now)
        self.now += 1

    def run(self, weeks: int) -> F8:
        farms = self.farms
        for _ in range(weeks):
            self.observe()
            pay = pay_per_listing(farms, np.ones(2), PAYS, self.settings)
            expected = (1.0 - self.news.removal) * expect_listing(farms, pay, self.settings).ravel()
            before = farms.number.copy()
            costs, all_ = np.full(4, self.cost), np.ones(4)
            enter_or_leave(farms, expected, costs, all_, self.human.ravel(), 1e12, self.settings)
            self.entries += (before == 0) & (farms.number > 0)
        return farms.number.reshape(2, 2) / self.human


@pytest.mark.parametrize("refused", [0.0, 0.4])
@pytest.mark.parametrize(("growth", "smoothing"), [(0.05, 4.0), (0.15, 4.0), (0.3, 2.0), (0.15, 12.0)])
def test_where_supply_settles_does_not_depend_on_how_fast_it_moves(
    growth: float, smoothing: float, refused: float
) -> None:
    """Of what is admitted N/H = K - 1/v in every cell, K the pay of a human item over the cost of an admitted one."""
    human, odds = np.full((2, 2), 200.0), 0.8
    market = Market(human, 0.9 * human, np.full((2, 2), odds), 0.3, refused, growth=growth, smoothing=smoothing)
    settled = (1.0 - refused) * market.run(1_500)
    np.testing.assert_allclose(settled, 0.9 * (1.0 - refused) / 0.3 - 1.0 / odds, rtol=0.02)


@pytest.mark.parametrize("size", [1.0, 20.0])
def test_what_earns_nothing_is_left_and_not_tried_for_ever(size: float) -> None:
    """One platform of two earns AI nothing, whatever the size of the world."""
    human = np.full((2, 2), 10.0 * size)
    market = Market(human, 1.5 * human, [[1.0, 1.0], [0.0, 0.0]], 0.3)
    settled = market.run(2 * 52)
    assert (settled[1] < 0.02).all() and (market.farms.tried[2:] > 50).all()  # it was tried
    settled = market.run(5 * 52)
    assert (settled[1] == 0.0).all() and (market.entries[2:] == 1).all()
    np.testing.assert_allclose(settled[0], 4.0, rtol=0.01)


def test_a_deserted_cell_keeps_its_record_and_is_tried_again_when_ai_earns_more_elsewhere() -> None:
    human = np.full((2, 2), 100.0)
    market = Market(human, 1.5 * human, [[0.5, 0.5], [0.0, 0.0]], 0.3)
    market.run(200)
    left = market.farms.due[2:].copy()
    assert (market.farms.number[2:] == 0).all() and (market.farms.left[2:] >= 0).all() and (left > 0).all()
    market.run(100)
    assert (market.farms.due[2:] >= left).all() and (market.farms.number[2:] == 0).all()
    market.odds[:] = 1.5  # AI becomes better everywhere
    market.run(150)
    assert (market.farms.number[2:] > 100.0).all()


def test_records_are_sums_of_half_a_year_and_crowding_is_seen_at_once() -> None:
    farms, one = Population(Farms, 1).columns, np.ones((1, 1))
    farms.number[:] = 1.0
    for week in range(400):
        keep_records(farms, CellWeek(8 * one, 2 * one, 4 * one, one, 12 * one, 3 * one), week)
    assert farms.income[0] == pytest.approx(2 * 26) and farms.made[0] == pytest.approx(26)
    assert farms.due[0] == pytest.approx(farms.income[0])  # a quarter of what is alive, so a quarter of the pay
    for week in range(400, 408):
        keep_records(farms, CellWeek(8 * one, 2 * one, 40 * one, one, 12 * one, 3 * one), week)
    assert farms.listed[0] > 35.0 and farms.paid[0] == pytest.approx(8.0)


# Gifts


def population(n: int, **values: Any) -> tuple[Any, Creators, Settings]:
    settings = change(Settings(), world__creators=n, world__studios=1, **values)
    producers, creators = create_producers(settings).columns, Population(Creators, n).columns
    rng = np.random.default_rng(0)
    producers.mean_appeal[:n], producers.skill[:n] = rng.normal(0.5, 2.0, n), rng.normal(size=n)
    producers.active[:n], creators.rate[:] = 1, np.exp(rng.normal(size=n))
    return producers, creators, settings


def test_gifts_follow_the_law_of_human_items_however_much_of_them_lasts() -> None:
    n, items = 5_000, 40_000
    producers, creators, settings = population(n)
    creators.rate[:] *= np.exp(0.3 * producers.mean_appeal[:n])  # the gifted make more
    law = measure_gifts(producers, creators, settings)
    weight = creators.rate / creators.rate.sum()
    mean = float(weight @ producers.mean_appeal[:n])
    spread = float(np.sqrt(weight @ (producers.mean_appeal[:n] - mean) ** 2))
    assert law[0].mean() == pytest.approx(mean, abs=0.05)
    rng = np.random.default_rng(1)
    account = rng.normal(size=items // 100).repeat(100)
    for kept in (0.0, 0.5, 1.0):
        gift = draw_gifts(law[0], account, rng.normal(size=items), change(settings, farms__gift_lasting=kept))
        tolerance = 0.06 if kept == 0 else 0.35  # of 400 accounts where it lasts
        assert gift.mean() == pytest.approx(mean, abs=tolerance) and gift.std() == pytest.approx(spread, rel=0.1)
        within = gift.reshape(-1, 100).std(axis=1).mean() / gift.std()
        assert within == pytest.approx(np.sqrt(1.0 - kept), abs=0.05)
    alike = measure_gifts(producers, creators, change(settings, farms__parity="producer"))
    assert alike[0].mean() == pytest.approx(producers.mean_appeal[:n].mean(), abs=0.05) and (np.diff(law) >= 0).all()
    assert PLACES[0] == pytest.approx(1.0 / 1024)


def test_who_has_quit_lends_no_gift() -> None:
    producers, creators, settings = population(400)
    producers.mean_appeal[:200] = 99.0
    producers.active[:200] = 0
    assert measure_gifts(producers, creators, settings)[0].max() < 20.0
    producers.active[:] = 0
    assert (measure_gifts(producers, creators, settings) == 0).all()


# In the model


def test_supply_settles_at_a_runs_own_payout_and_visibility() -> None:
    """N/H = K - 1/v: K a human item's pay without AI over an AI item's cost, v the odds of AI's items being used."""
    feed = PlatformRules(followed=0.0, friends=0.0, interest=0.6, trending=0.1, exploration=0.3, freshness=1.0)
    quick = {"farms__growth": 0.3, "farms__smoothing": 2.0, "farms__human_minutes": 10.0, "farms__pioneers": 0.3}
    quick |= {"farms__items": 14.0, "money__advertising": 0.12, "time__weeks": 104}
    small = {"world__consumers": 1_500, "world__creators": 150, "world__new_items": 100.0}
    model = society(64, **small, **quick, platforms={"a": feed})
    world, found = model.world, []
    for _ in range(40):
        model.step()
        flows, batch = world.ledger.flows, model.last_week.batch
        by_ai = float((batch.origin == GENERATED).sum())
        paid = {payee: flows.get(("payout", "platforms", payee), 0) / 1e6 for payee in ("farms", "creators", "studios")}
        cost = paid_for(flows, Group.ITEM_COST, Account.FARMS) / 1e6
        found.append((by_ai, len(batch.uid) - by_ai, paid["farms"], sum(paid.values()), cost))
    made, human, earned, pool, cost = np.array(found).mean(axis=0)
    odds = (earned / made) / ((pool - earned) / human)
    k = pool / human / (cost / made)
    assert k > 1.5 and made / human > 0.3
    assert made / human == pytest.approx(k - 1.0 / odds, rel=0.2)
    assert earned == pytest.approx(cost, rel=0.1)


def test_what_is_refused_is_learned() -> None:
    feed = PlatformRules(interest=0.6, exploration=0.4)
    quick = {"farms__growth": 0.3, "farms__human_minutes": 1.0, "farms__pioneers": 0.3, "time__weeks": 60}
    for rule in (0.3, 0.0):
        model = society(30, farms__removal=rule, moderation__vigilance=0.0, **quick, platforms={"a": feed})
        model.world.farm_news.listed[:] = 100.0  # nothing, they believe
        for _ in range(30):
            model.step()
        assert model.world.farm_news.removal == pytest.approx(rule, abs=0.15 * rule + 1e-9)

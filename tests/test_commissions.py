"""Known answers of the market for commissions, alone and inside the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents import freelancers
from sim.agents.freelancers import (
    COMMISSION_HOURS,
    FEWEST,
    FULL,
    HALF_LEARNT,
    NOTHING,
    NOVICE_WEEKS,
    RATING_PULL,
    RAW,
    RESERVED,
    SEGMENTS,
    TIERS,
    Freelancers,
    Segments,
    adjust_prices,
    believed_quality,
    choose_offers,
    create_freelancers,
    decide_leaving,
    decide_tools,
    draw_worth,
    growth_of,
    hours_with_ai,
    learn_usage,
    meet_sellers,
    offer_shares,
    open_commissions,
    price_index,
    segment_of,
    standing_of,
    take_reviews,
    willing_part,
    work_quality,
)
from sim.base.clock import YEAR, Calendar
from sim.base.randomness import Streams
from sim.base.tables import F8, Population
from sim.money.ledger import to_micro
from sim.processes.commission import trade_commissions
from sim.processes.technology import advance_technology
from sim.settings import Settings
from tests.bench import Part, change, technology_alone
from tests.worlds import base, differences, opened, patched

WEEKS = 6 * YEAR
NOBODY = np.full(1, -50.0)  # a need so low that any quality will do


def market(seed: int = 1, **values: Any) -> Part:
    """The market alone: no consumers, platforms or producers; technology moves as in the model."""
    settings = change(Settings(), **values)
    streams = Streams(seed)
    table = create_freelancers(settings, streams)
    segments, terms = open_commissions(table.columns, settings)
    return technology_alone(
        settings,
        seed=seed,
        streams=streams,
        freelancers=table,
        segments=segments,
        terms=terms,
        viable_freelancers=float(settings.world.freelancers),
        calendar=Calendar(settings.time.release, settings.time.burn_in_weeks, 1),
    )


def trade(part: Part, weeks: int = WEEKS) -> dict[str, F8]:
    """Run the market; orders by offer (weeks, offers), price of the basket, sellers, novices' share."""
    rows = []
    for _ in range(weeks):
        advance_technology(*part)
        trade_commissions(*part)
        rows.append(part.week.trades)
        part.world.now += 1
    orders = np.array([row.orders for row in rows], np.float64)
    human = orders[:, :SEGMENTS].sum(axis=1)
    return {
        "orders": orders, "human": human, "price": np.array([row.basket for row in rows], np.float64),
        "sellers": np.array([row.sellers for row in rows], np.float64),
        "novices": orders[:, :SEGMENTS:TIERS].sum(axis=1) / np.maximum(human, 1.0),
    }  # fmt: skip


# Clients


def volume(price: float, elasticity: float, clients: int = 200_000) -> float:
    """Share of clients who buy from the one seller, quality aside; the first price is 1."""
    settings = change(Settings(), commissions__elasticity=elasticity)
    worth = draw_worth((np.arange(clients) + 0.5) / clients, settings)
    return float(offer_shares(worth, NOBODY, np.array([[price]]), np.zeros(1), np.zeros((1, 1))).mean())


@pytest.mark.parametrize("elasticity", [0.3, 1.0, 1.8])
@pytest.mark.parametrize("price", [0.8, 1.5, 2.0])
def test_one_sellers_volume_and_spend_follow_the_elasticity(
    elasticity: float, price: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freelancers, "MAX_WORTH", 1e9)  # no upper end,
    monkeypatch.setattr(freelancers, "TOLERANCE", 1e-3)  # and no noise
    ratio = volume(price, elasticity) / volume(1.0, elasticity)
    assert ratio == pytest.approx(price**-elasticity, rel=0.005)
    assert price * ratio == pytest.approx(price ** (1.0 - elasticity), rel=0.005)


@pytest.mark.parametrize(("elasticity", "most"), [(0.3, 0.35), (1.0, 1.03), (1.8, 1.87)])
def test_the_upper_end_of_worth_and_noise_hardly_bend_demand(elasticity: float, most: float) -> None:
    slope = -np.log(volume(1.25, elasticity) / volume(0.8, elasticity)) / np.log(1.25 / 0.8)
    assert elasticity - 0.01 < slope < most


def test_choice_is_a_logit_with_nothing_beside() -> None:
    worth, need = np.array([1.0, 2.0]), np.array([0.0, -1.0])
    price, quality, alike = np.array([[0.7], [0.25]]), np.array([0.5, -0.5]), np.zeros((2, 1))
    fit = 1.0 / (1.0 + np.exp(-3.0 * (quality[:, None] - need)))
    weight = np.exp(10.0 * (worth * fit - price) / worth)
    shares = offer_shares(worth, need, price, quality, alike)
    np.testing.assert_allclose(shares, weight / (1.0 + weight.sum(axis=0)))
    assert np.isfinite(offer_shares(1e3 * worth, need, price, quality, alike)).all()
    u = (np.arange(10_000) + 0.5) / 10_000
    chosen = choose_offers(np.repeat(shares[:, :1], len(u), axis=1), u)
    np.testing.assert_allclose(np.bincount(chosen) / len(u), [*shares[:, 0], 1.0 - shares[:, 0].sum()], atol=2e-4)


def test_dividing_alike_sellers_changes_no_choice() -> None:
    worth, need, quality = np.linspace(0.3, 5.0, 50), np.full(50, -0.5), np.full(SEGMENTS, 0.2)
    price = np.ones((SEGMENTS, 1))
    whole = offer_shares(worth, need, price, quality, standing_of(np.array([90.0, 0.0, 0.0, 0.0]))[:, None])
    split = offer_shares(worth, need, price, quality, standing_of(np.array([20.0, 30.0, 39.0, 1.0]))[:, None])
    np.testing.assert_allclose(split.sum(axis=0), whole.sum(axis=0))
    np.testing.assert_allclose(split[3], whole[0] / 90.0)
    assert (whole[1:] == 0.0).all()


# Sellers


def sellers_of(**columns: Any) -> Freelancers:
    """A table of sellers with these columns, all active and of mean prompt skill."""
    table = Population(Freelancers, len(next(iter(columns.values())))).columns
    table.active[:], table.prompt_skill[:] = 1, 1.0
    for name, value in columns.items():
        getattr(table, name)[:] = value
    return table


def segments_of(price: Any, usage: Any) -> Segments:
    """Four segments at these prices and uses of capacity."""
    segments = Population(Segments, SEGMENTS).columns
    segments.price[:], segments.usage[:] = price, usage
    return segments


def test_prices_follow_the_use_of_capacity() -> None:
    segments = segments_of(40.0, [FULL, 0.45, 3.0, 0.0])
    adjust_prices(segments)
    np.testing.assert_allclose(np.log(segments.price / 40.0), [0.0, -0.015, 0.03, -0.0285])


def working(price: Any, hours: Any = 1.0, fee: float = 0.0) -> F8:
    """Part of sellers who work at a price, where the marketplace takes nothing."""
    free = change(Settings(), commissions__marketplace_fee=0.0)
    return willing_part(np.asarray(price, float), hours, fee, free)


def test_fewer_sellers_work_at_a_lower_price() -> None:
    """Half of them where an hour pays `RESERVED` of pay elsewhere after all fees; some at any price."""
    price, hours = COMMISSION_HOURS * np.array([0.01, RESERVED, 0.8 * RESERVED, 3.0]), np.array([1.0, 1.0, 0.8, 1.0])
    np.testing.assert_allclose(working(price, hours), [FEWEST, 0.5, 0.5, 1.0], atol=1e-6)
    assert working(price + 5.0, 1.0, 5.0)[1] == pytest.approx(0.5)
    halved = change(Settings(), commissions__marketplace_fee=0.5)
    assert willing_part(2.0 * price[1:2], 1.0, 0.0, halved)[0] == pytest.approx(0.5)


def test_a_price_that_few_work_for_stops_falling() -> None:
    """Where a third of the sellers is wanted the price settles where as many of them work."""
    segments, orders = segments_of(40.0, FULL), np.full(SEGMENTS, 33.0)
    for _ in range(1_000):
        learn_usage(segments, orders, 100.0 * working(segments.price))
        adjust_prices(segments)
    np.testing.assert_allclose(100.0 * working(segments.price) * FULL, 33.0, rtol=0.01)


def test_an_empty_segment_waits_at_the_price_of_the_other_way() -> None:
    segments = segments_of([30.0, 50.0, 7.0, 9.0], [0.9, 1.1, 0.2, 0.3])
    learn_usage(segments, np.array([8.0, 22.0, 0.0, 3.0]), np.array([10.0, 20.0, 0.0, 6.0]))
    np.testing.assert_allclose(segments.price, [30.0, 50.0, 30.0, 9.0])
    np.testing.assert_allclose(segments.usage, [0.9 - 0.1 / 8, 1.1, FULL, 0.3 + 0.2 / 8])


def test_entry_and_exit_follow_the_income_ratio() -> None:
    np.testing.assert_allclose(growth_of(np.array([1.0, np.e, np.exp(-1.0), 1e3, 1e-3])), [0, 4e-3, -4e-3, 0.01, -0.01])
    segment, growth, n = np.repeat([0, 1, -1], 10_000), np.array([-0.01, 0.004, 0.0, 0.0]), 20_000
    u = Streams(1)["x"].uniform(0, np.arange(len(segment), dtype=np.uint64))
    left = decide_leaving(segment, growth, n, 0.008, u)
    np.testing.assert_allclose([left[segment == s].mean() for s in (0, 1)], [0.018, 0.004], atol=0.003)
    assert not left[segment == -1].any()
    fewer = decide_leaving(segment, growth, n - 1_000, 0.008, u)
    assert fewer.sum() == 1_000 and (fewer >= left).all()


def test_orders_go_to_sellers_of_the_segment_the_better_rated_more_often() -> None:
    segment, believed = np.array([1, -1, 0, 1, 3, 1]), np.array([0.0, 9.0, 1.0, 1.0, 0.0, 2.0])
    taken = np.repeat([0, 1, 3], 30_000)
    u = np.tile((np.arange(30_000) + 0.5) / 30_000, 3)
    met = meet_sellers(segment, believed, taken, u)
    assert np.array_equal(segment[met], taken)
    count = np.bincount(met[taken == 1], minlength=6)[[0, 3, 5]] / 30_000
    pull = np.exp(RATING_PULL * np.array([0.0, 1.0, 2.0]))
    np.testing.assert_allclose(count, pull / pull.sum(), atol=1e-3)


def test_reviews_are_a_mean_that_a_tool_does_not_wipe_out() -> None:
    sellers = sellers_of(reviews=[0, 3], rating=[0.0, 1.0], skill=[0.0, 0.0])
    take_reviews(sellers, np.array([0, 1, 1]), np.array([0.5, 2.0, -1.0]))
    np.testing.assert_allclose(sellers.reviews, [1, 5])
    np.testing.assert_allclose(sellers.rating, [0.5, 4.0 / 5.0])
    before = believed_quality(sellers, 1.0, Settings())
    sellers.assisted[:] = 1
    culture = Settings().culture
    help_ = culture.assist_share * culture.assist_gain * (culture.assist_ceiling + 1.0)
    moved = believed_quality(sellers, 1.0, Settings()) - before
    np.testing.assert_allclose(moved, help_ * 5.0 / (5.0 + sellers.reviews))  # the less is known, the more it counts


def test_experience_adds_quality_and_ai_levels_it() -> None:
    settings = Settings()
    sellers = sellers_of(reviews=[0, int(HALF_LEARNT), 10**6], entered=[9, 10, 11])
    gain = settings.commissions.experience
    by_hand = work_quality(sellers, 1.0, settings)
    np.testing.assert_allclose(by_hand, [0.0, gain / 2.0, gain], atol=1e-4)
    sellers.assisted[:] = 1
    helped = work_quality(sellers, 1.0, settings) - by_hand
    assert helped[0] > helped[1] > helped[2] > 0.0
    assert segment_of(sellers, 10 + NOVICE_WEEKS).tolist() == [3, 3, 2]
    hours = hours_with_ai(sellers_of(prompt_skill=[0.0, 1.0, 9.0]), 1.0, settings)
    np.testing.assert_allclose(hours, [1.0, 1.0 - settings.commissions.saving, 0.1])


def test_tools_are_taken_up_where_they_pay_and_dropped_where_they_do_not() -> None:
    settings, u = Settings(), Streams(1)["x"].uniform(0, np.arange(20_000, dtype=np.uint64))
    start = np.zeros(20_000, np.uint8)
    rate = {gain: decide_tools(start, np.full(20_000, gain), settings, u).mean() for gain in (-1.0, 0.0, 1.0)}
    assert rate[-1.0] < rate[0.0] < rate[1.0]
    assert decide_tools(start + 1, np.full(20_000, -1.0), settings, u).mean() < 1.0 - 10 * rate[-1.0]


def test_price_index_is_of_a_fixed_basket_and_of_quality() -> None:
    settings, quality, basket = Settings(), np.zeros(SEGMENTS), np.array([0.3, 0.7])
    number = np.array([10.0, 20.0, 0.0, 0.0])
    at = price_index(segments_of([30.0, 50.0, 30.0, 50.0], FULL), number, quality, basket, settings)
    assert at is not None
    shifted = price_index(segments_of([30.0, 50.0, 30.0, 50.0], FULL), number[::-1] + 5.0, quality, basket, settings)
    assert shifted == pytest.approx(at)  # who sells how much is not in it
    doubled = price_index(segments_of([60.0, 100.0, 0.0, 0.0], FULL), number, quality, basket, settings)
    assert doubled == pytest.approx(2.0 * at)
    better = price_index(segments_of([30.0, 50.0, 0.0, 0.0], FULL), number, quality + 1.0, basket, settings)
    assert better is not None and better < 0.8 * at
    assert price_index(segments_of(30.0, FULL), np.array([3.0, 0.0, 2.0, 0.0]), quality, basket, settings) is None


# The market


def change_over(found: dict[str, F8], name: str) -> float:
    """Mean of the last year over that of the first."""
    return float(found[name][-YEAR:].mean() / found[name][:YEAR].mean())


def test_a_world_without_ai_stands_still_for_six_years() -> None:
    runs = [trade(market(seed, technology__released=False, world__freelancers=400)) for seed in range(8)]
    for name, most in {"human": 0.02, "price": 0.03, "sellers": 0.03, "novices": 0.12}.items():
        change_ = np.array([change_over(run, name) for run in runs]) - 1.0
        assert abs(change_.mean()) < most, (name, change_)
        assert abs(change_.mean()) < 3.5 * change_.std(ddof=1) / np.sqrt(len(runs)), (name, change_)
    assert not any(run["orders"][:, TIERS:].any() for run in runs)
    usage = runs[0]["human"].mean() / runs[0]["sellers"].mean()
    assert usage == pytest.approx(FULL, abs=0.01)


def last_year(name: str, seeds: int = 3, **values: Any) -> float:
    """Mean of the last year over a few seeds."""
    return float(np.mean([trade(market(seed, **values))[name][-YEAR:].mean() for seed in range(seeds)]))


def test_human_commissions_grow_or_shrink_by_elasticity_alone() -> None:
    """All else is equal; one raw AI offer, one saving of hours."""
    found = {}
    for elasticity in (0.3, 1.8):
        values = {"commissions__elasticity": elasticity, "commissions__brief_gap": 0.5}
        without = last_year("human", technology__released=False, **values)
        found[elasticity] = last_year("human", **values) / without
    assert found[0.3] < 0.95 and found[1.8] > 1.05, found


def test_raw_ai_is_not_bought_where_it_is_far_below_and_costs_much_time() -> None:
    poor = {"technology__craft_ceiling": -1.0, "commissions__brief_gap": 2.0, "commissions__own_time": 1.0}
    orders = trade(market(1, **poor))["orders"]
    assert orders[:, RAW].sum() < 1e-4 * orders.sum()  # a logit is never quite zero
    good = trade(market(1, commissions__brief_gap=0.0, commissions__own_time=0.05, technology__craft_ceiling=1.0))
    assert good["orders"][-YEAR:, RAW].sum() > good["human"][-YEAR:].sum()
    barred = trade(market(1, commissions__brief_gap=0.0, technology__autonomous=False))
    assert barred["orders"][:, RAW].sum() == 0 and barred["orders"][-YEAR:, TIERS:].sum() > 0


def test_novices_share_may_fall_or_hold() -> None:
    """Where raw AI takes what they sold it falls; where AI helps sellers alone it need not."""
    without = last_year("novices", technology__released=False)
    fallen = last_year("novices", commissions__brief_gap=0.25, commissions__elasticity=0.3)
    held = last_year("novices", commissions__brief_gap=2.0, commissions__saving=0.2)
    assert fallen < without - 0.04 and held > without - 0.03, (fallen, held, without)


def test_reviews_persist_as_long_as_a_seller_stays() -> None:
    part = market(3, world__freelancers=60, creators__adoption_rate=0.1)
    switched, left = 0, 0
    for _ in range(150):
        old = {name: getattr(part.world.freelancers.columns, name).copy() for name in Freelancers._fields}
        trade(part, 1)
        new = part.world.freelancers.columns
        n = len(old["uid"])
        same = (old["uid"] == new.uid[:n]) & (old["active"] > 0) & (new.active[:n] > 0)
        assert (new.reviews[:n][same] >= old["reviews"][same]).all()
        received = new.reviews[:n][same].sum() - old["reviews"][same].sum()
        assert received <= part.week.trades.orders[:SEGMENTS].sum()
        assert not new.reviews[:n][(old["uid"] != new.uid[:n])].any()
        switched += int((old["assisted"] != new.assisted[:n])[same & (old["reviews"] > 0)].sum())
        left += int((~same & (old["active"] > 0)).sum())
    assert switched > 20 and left > 20


# Inside the model


def test_every_commission_is_paid_and_all_accounts_close() -> None:
    model = opened(patched(base(), {"time.weeks": 40, "world.freelancers": 30, "commissions.brief_gap": 0.0}))
    raw = 0
    for _ in range(40):
        model.step()
        ledger, trades = model.world.ledger, model.last_week.trades
        assert ledger.balance_total() == 0
        for name in ("clients", "freelancers", "marketplace"):
            assert not ledger.balances[name].any(), name
        sold = trades.orders[:SEGMENTS].tolist()
        paid = sum(n * to_micro(price) for n, price in zip(sold, trades.price.tolist(), strict=True))
        flow = {(name, payer): amount for (name, payer, _), amount in ledger.flows.items()}
        fees = [flow.get(("commission fee", payer), 0) for payer in ("clients", "freelancers")]
        assert flow["commissions", "clients"] == paid and flow["budgets", "world"] == paid + fees[0]
        assert flow["consumption", "freelancers"] == paid - flow["marketplace fee", "freelancers"] - fees[1]
        assert (fees[0] > 0) == (trades.orders[RAW] > 0) and (fees[1] > 0) == (sum(sold[TIERS:]) > 0)
        assert len(trades.orders) == NOTHING
        raw += int(trades.orders[RAW])
    assert raw > 0


def test_commissions_change_nothing_elsewhere() -> None:
    """But through what vendors earn, which counts with a delay: in their research and in who enters or closes."""
    other = {"world.freelancers": 25, "commissions.elasticity": 1.8, "commissions.own_time": 0.0}
    world = patched(base(), {"vendors.research_returns": 0.0, "vendors.entry_rate": 0.0})
    apart = differences(opened(world, 9, rng=4), opened(patched(world, other), 9, rng=4))
    own = ("freelancers/", "segments/", "viable_freelancers", "ledger/balance/world", "ledger/balance/capital",
           "memory/outcomes/commission", "memory/outcomes/novice_share", "memory/outcomes/n_freelancers",
           "memory/outcomes/incumbent_share", "memory/sales", "memory/shown_sales/",
           "vendor_state/sales", "vendor_state/cash", "ledger/balance/vendors", "memory/outcomes/vendor_",
           "ledger/balance/platforms", "memory/flows/")  # fmt: skip
    commission = ("ledger/flow/commission", "ledger/flow/marketplace", "ledger/flow/budgets", "ledger/flow/dividends",
                  "ledger/flow/draw", "ledger/flow/consumption", "ledger/flow/compute", "ledger/flow/research",
                  "ledger/flow/public", "ledger/flow/earnings", "ledger/flow/taxes")  # fmt: skip
    assert apart and not [name for name in apart if not name.startswith(own + commission)]

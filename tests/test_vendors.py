"""Known answers of vendors: competition, entry and exit, what they sell, and what they may train on."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.agents.studios import TUNED_WEEKS, Studios, buy_seats, decide_tuning, reorganise
from sim.agents.vendors import (
    GIANT,
    INDEPENDENT,
    LICENSED,
    MONOPOLY_MARKUP,
    OPEN,
    OPEN_MARKUP,
    PLATFORM,
    SCRAPED,
    WITHHELD,
    VendorState,
    access_works,
    adjust_prices,
    catch_up,
    create_vendors,
    data_terms,
    decide_exit,
    entry_hazard,
    expected_profit,
    fixed_cost,
    learn_sales,
    move_customers,
    roster,
    shares_by_platform,
    subscribes,
    synthetic_needed,
    use_shares,
    wanted_price,
)
from sim.base.codes import CREATOR, FARM, STUDIO
from sim.base.randomness import Stream, derive
from sim.base.tables import DIMS, F8, Population
from sim.culture.canons import Canon
from sim.culture.corpora import Corpus, works_of
from sim.kernels.money import match_debts
from sim.measures.vendors import herfindahl, measure_vendors
from sim.model import ContentEcosystem
from sim.money.flows import Group, flows_of
from sim.money.ledger import MICRO
from sim.processes.technology import _train, advance_technology
from sim.settings import Settings
from sim.settings.levers import Levers
from tests.bench import change, technology_alone
from tests.twins.money import match_debts_numpy
from tests.worlds import base, opened, patched, run

ALIKE = {
    "vendors__independents": 0, "vendors__platform_owned": 0, "vendors__open_weights": False,
    "vendors__entry_rate": 0.0,
}  # fmt: skip


Past = list[tuple[float | None, float | None, int]]  # a week: concentration of spending and of use, vendors in business


def compete(weeks: int, spend: float, **values: Any) -> tuple[Past, VendorState]:
    """Vendors alone: customers spend so many fixed costs a week in all; their past, and how they are in the end."""
    settings = change(Settings(), **values)
    part, past = technology_alone(settings), []
    state, kinds, rule = part.world.vendor_state.columns, roster(settings.vendors), settings.vendors
    unit = fixed_cost(change(Settings()))  # the default cost, so that another fixed cost alone changes nothing else
    for _ in range(weeks):
        advance_technology(*part)
        paid = state.share * state.price
        receipts = spend * unit * paid / paid.sum()
        margin = receipts * (1.0 - 1.0 / (state.price * MONOPOLY_MARKUP)) * (1.0 - rule.research_share)
        running = fixed_cost(settings) * ((state.active > 0) & (kinds != OPEN))
        learn_sales(state, receipts, state.cash + margin - running)
        past.append((herfindahl(paid), herfindahl(state.share), int(state.active.sum())))
        part.world.now += 1
    return past, state


# Competition


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_equal_vendors_concentrate_to_one_over_n(n: int) -> None:
    for spend, use, active in compete(150, 20.0, vendors__giants=n, **ALIKE)[0]:
        assert active == n
        assert spend == pytest.approx(1.0 / n, abs=1e-12) == use
    assert herfindahl([]) is None and herfindahl([0.0, 0.0]) is None


def market(kinds: list[int], **values: Any) -> tuple[Any, Any, Settings]:
    """A state with one vendor of each of these kinds, alike in price and capability."""
    settings = change(Settings(), **values)
    state = create_vendors().columns
    n = len(kinds)
    state.active[:n], state.price[:n], state.capability[:n] = 1, 1.0, 0.5
    every = np.array(kinds + [INDEPENDENT] * (len(state.active) - n))
    return state, every, settings


def test_choice_is_a_logit_in_log_price_and_capability() -> None:
    state, _, settings = market([GIANT, GIANT])
    rule = settings.vendors
    np.testing.assert_allclose(use_shares(state, rule)[:3], [0.5, 0.5, 0.0])
    state.price[0] = 0.5
    assert use_shares(state, rule)[0] == pytest.approx(0.8)  # price sensitivity of 2
    state.price[0], state.capability[0] = 1.0, 0.8
    assert use_shares(state, rule)[0] == pytest.approx(1.0 / (1.0 + np.exp(-0.3 * rule.quality_sensitivity)))


def test_customers_switch_slowly_unless_their_vendor_closes() -> None:
    state, _, settings = market([GIANT, GIANT, GIANT])
    state.share[:3] = [1.0, 0.0, 0.0]
    for week in range(1, 30):
        move_customers(state, settings.vendors)
        assert state.share[0] - 1 / 3 == pytest.approx(2 / 3 * (1.0 - settings.vendors.switching) ** week)
        assert state.share.sum() == pytest.approx(1.0)
    state.active[0] = 0
    move_customers(state, settings.vendors)
    np.testing.assert_allclose(state.share[:3], [0.0, 0.5, 0.5])


def test_prices_settle_at_marginal_cost_times_the_markup() -> None:
    state, kinds, settings = market([GIANT, INDEPENDENT, OPEN])
    state.share[:3] = [0.7, 0.1, 0.2]
    rule = settings.vendors
    apart = np.log(wanted_price(state.share, kinds, rule) / state.price)
    for week in range(1, 400):
        adjust_prices(state, kinds, Levers(), settings)
        left = np.log(wanted_price(state.share, kinds, rule) / state.price)
        np.testing.assert_allclose(left[:3], apart[:3] * (1.0 - rule.price_adjustment) ** week, atol=1e-9)
    # Elasticity 2 (1 - s), 1.5 at least: 1.5 and 1.8.
    np.testing.assert_allclose(state.price[:3] * MONOPOLY_MARKUP, [3.0, 1.8 / 0.8, OPEN_MARKUP], rtol=1e-6)
    plain = state.price[:3].copy()
    assert wanted_price(np.ones(1), np.array([GIANT]), rule)[0] == 1.0  # the reference fee is a monopolist's
    borne = settings.full_strength.computing_subsidy
    for _ in range(400):
        adjust_prices(state, kinds, Levers(public_computing=1.0), settings)
    np.testing.assert_allclose(state.price[:3], plain * [1.0, 1.0 - borne, 1.0 - borne], rtol=1e-6)


def test_followers_close_a_part_of_the_gap_and_research_counts() -> None:
    state, kinds, settings = market([GIANT, INDEPENDENT, PLATFORM, OPEN], vendors__research_returns=0.5)
    rule = settings.vendors
    for week in range(1, 60):
        catch_up(state, kinds, 0.9, Levers(), settings)  # nobody has sold anything: research is alike
        left = 0.4 * (1.0 - rule.catch_up) ** week
        np.testing.assert_allclose(0.9 - state.capability[:4], [0.0, left, left, rule.open_gap])
    state.capability[1:3] = 0.5
    state.sales[:3] = [1.0, 2.0, 0.5]
    catch_up(state, kinds, 0.9, Levers(), settings)
    gained = state.capability[1:3] - 0.5
    assert gained[0] == pytest.approx(2.0 * gained[1])  # four times the research, to the power of one half
    state.capability[1:3] = 0.5
    catch_up(state, kinds, 0.9, Levers(public_computing=1.0), settings)
    assert state.capability[1] - 0.5 == pytest.approx(2.0 * gained[0])
    assert state.capability[2] - 0.5 == pytest.approx(gained[1])
    assert state.capability[3] > 0.9 - rule.open_gap


def test_nobody_enters_at_break_even_and_more_do_above() -> None:
    settings = Settings()
    cost, rate = fixed_cost(settings), settings.vendors.entry_rate
    assert entry_hazard(0.0, settings) == entry_hazard(cost, settings) == 0.0
    assert entry_hazard(2.0 * cost, settings) == pytest.approx(rate)
    assert entry_hazard(1.5 * cost, settings) == pytest.approx(rate / 2)
    state, _, settings = market([GIANT, GIANT])
    state.share[:2], state.sales[:2] = 0.5, 10.0
    few = expected_profit(state, 0.5, settings)
    state.active[2], state.price[2], state.capability[2] = 1, 1.0, 0.5
    assert 0 < expected_profit(state, 0.5, settings) < few  # a rival more
    assert compete(200, 0.0)[0][-1][2] < 6 < compete(200, 60.0)[0][-1][2]


def test_who_is_out_of_cash_leaves_but_for_the_last() -> None:
    state, kinds, _ = market([GIANT, INDEPENDENT, OPEN])
    state.cash[:3] = [1.0, -0.1, -5.0]
    assert decide_exit(state, kinds).nonzero()[0].tolist() == [1]
    state.active[2] = 0
    state.cash[:3] = [-1.0, -0.1, 0.0]
    assert decide_exit(state, kinds).nonzero()[0].tolist() == [0]
    past, last = compete(900, 0.0, vendors__open_weights=False)
    assert past[-1][2] == 1 and last.share.sum() == pytest.approx(1.0)


def test_vendors_concentrate_or_not() -> None:
    """Returns to research and dear entry against none and cheap entry: concentration of spending rises or falls."""
    grip = {"vendors__research_returns": 1.0, "vendors__quality_sensitivity": 8.0, "vendors__open_weights": False}
    dear, _ = compete(250, 12.0, vendors__fixed_cost=0.2, **grip)
    cheap, _ = compete(250, 12.0, vendors__fixed_cost=0.003, vendors__research_returns=0.0)
    assert dear[-1][0] > dear[0][0] + 0.05
    assert cheap[-1][0] < cheap[0][0] - 0.05


def test_a_platforms_own_vendor_is_preferred_there_until_it_may_not() -> None:
    state, _, settings = market([GIANT, PLATFORM])
    state.share[:2], state.owner[1] = 0.5, 1
    rule = settings.vendors
    shares = shares_by_platform(state, 3, Levers(), settings)
    np.testing.assert_allclose(shares[[0, 2], :2], 0.5)
    assert shares[1, 1] / shares[1, 0] == pytest.approx(np.exp(rule.own_preference))
    np.testing.assert_allclose(shares_by_platform(state, 3, Levers(integration_cap=1.0), settings)[:, :2], 0.5)


# What they sell


def studios(income: list[float], **values: Any) -> tuple[Any, Settings]:
    table = Population(Studios, len(income), {"stages": 3, "lead": 1}).columns
    table.hours[:], table.intensity[:], table.income[:], table.lag[:] = 80.0, 0.5, income, 52.0
    return table, change(Settings(), **values)


def test_large_studios_buy_tuned_models_which_save_more() -> None:
    table, settings = studios([0.1, 50.0])
    uid = derive("studio", 0, np.arange(2))
    for week in range(TUNED_WEEKS):  # each studio decides once a year
        decide_tuning(table, uid, 0.5, 1.0, settings, week)
    assert table.tuned.tolist() == [0, 1]
    reorganise(table, 0.5, 0.0, settings)
    assert (table.automated[1] > table.automated[0]).all()
    decide_tuning(table, uid, 0.5, 1e6, settings, int(-uid[1].astype(object) % TUNED_WEEKS))
    assert table.tuned[1] == 0


def test_subscriptions_are_paid_out_of_the_budget_for_tools() -> None:
    table, settings = studios([0.0, 1.0, 1e6])
    np.testing.assert_allclose(buy_seats(table, 0.2, settings), [0.0, 0.5, 1.0])  # half of two people use AI
    uses, income = np.array([1, 1, 0], np.uint8), np.array([0.9, 1.1, 9.0])
    assert subscribes(uses, income, 0.1, settings.vendors).tolist() == [False, True, False]


def test_debts_are_matched_exactly() -> None:
    draw = np.random.default_rng(1)
    for _ in range(50):
        owed = draw.integers(0, 5, 7) * draw.integers(0, 10**12, 7)
        paid = draw.multinomial(10_000, np.ones(4) / 4) * (owed.sum() // 10_000)
        paid[2] += owed.sum() - paid.sum()
        payer, payee, amounts = match_debts(paid, owed)
        found, twin = (
            {(p, g): a for p, g, a in zip(*made, strict=True) if a}
            for made in ((payer, payee, amounts), match_debts_numpy(paid, owed))
        )
        assert found == twin
        assert (amounts >= 0).all() and len(amounts) == 11
        assert np.array_equal(np.bincount(payer, amounts, 4).astype(np.int64), paid)
        assert np.array_equal(np.bincount(payee, amounts, 7).astype(np.int64), owed)
    assert match_debts(np.zeros(3, np.int64), np.zeros(2, np.int64))[2].sum() == 0


SALES = flows_of(Group.MODEL_SALES)
BUSY = {
    "time.weeks": 54, "time.burn_in_weeks": 8, "world.consumers": 80, "world.creators": 40, "world.new_items": 60.0,
    "technology.takeoff_years": 0.5, "technology.growth_years": 0.2, "culture.retrain_weeks": 8,
    "studios.intensity": 1.0, "farms.human_minutes": 30.0, "farms.account_cost": 0.25,
    "vendors.open_delay": 10,
    "vendors.fixed_cost": 0.1, "vendors.custom_fee": 0.001, "vendors.licence_rate": 0.001,
}  # fmt: skip


@cache
def busy(*values: tuple[str, Any]) -> tuple[ContentEcosystem, dict[tuple[str, str, str], int], dict[str, float]]:
    """A year after release with all levers at half strength: the model, its flows in all, means of the last weeks."""
    model = opened(patched(base(), BUSY | dict(values)), rng=2)
    flows: dict[tuple[str, str, str], int] = {}
    for _ in range(model.settings.time.weeks):
        before = model.world.ledger.balances["vendors"].copy()
        run(model, 1)
        assert model.world.ledger.balance_total() == 0
        moved = 0
        for (flow, payer, payee), amount in model.world.ledger.flows.items():
            flows[flow, payer, payee] = flows.get((flow, payer, payee), 0) + amount
            moved += amount * ((payee == "vendors") - (payer == "vendors"))
        assert moved == int((model.world.ledger.balances["vendors"] - before).sum())
        sold = sum(
            a for (flow, _, payee), a in model.world.ledger.flows.items() if flow in SALES and payee == "vendors"
        )
        assert sold == (model.last_week.vendor_receipts.sum() if model.world.vendor_state.columns.active.any() else 0)
    return model, flows, model.outcomes().iloc[-20:].mean(numeric_only=True).to_dict()


def test_all_flows_of_vendors_run_and_all_accounts_close() -> None:
    model, flows, means = busy(("vendors.licensed_share", 0.9))
    for flow in (
        ("model fee", "farms", "vendors"), ("model subscription", "creators", "vendors"),
        ("model subscription", "studios", "vendors"), ("custom work", "studios", "vendors"),
        ("compute", "vendors", "world"), ("research", "vendors", "world"), ("running costs", "vendors", "world"),
        ("data licence", "vendors", "studios"), ("data licence", "vendors", "rights_holders"),
        ("public computing", "regulator", "vendors"), ("equity", "capital", "vendors"),
    ):  # fmt: skip
        assert flows.get(flow, 0) > 0, flow
    balances = model.world.ledger.balances
    assert (balances["regulator"] == 0).all() and (balances["rights_holders"] == 0).all()
    state = model.world.vendor_state.columns
    left = balances["vendors"] / MICRO
    np.testing.assert_allclose(np.maximum(state.cash, 0.0), left, atol=1e-5)  # what bills leave by rounding
    assert (left >= 0).all()
    assert 0 < means["vendor_revenue_share"] < 1 and means["data_licence_share"] <= 0.05


def test_computing_costs_marginal_cost_times_use() -> None:
    _, flows, _ = busy(
        ("vendors.giants", 1),
        ("vendors.independents", 0),
        ("vendors.platform_owned", 0),
        ("vendors.open_weights", False),
        ("vendors.entry_rate", 0.0),
    )
    sold = sum(amount for (flow, _, payee), amount in flows.items() if flow in SALES and payee == "vendors")
    cost = flows["compute", "vendors", "world"]
    assert 1.0 < sold / cost <= MONOPOLY_MARKUP + 1e-6  # from the first price, without rivals, up to a monopolist's


def test_households_who_talk_with_ai_pay_vendors() -> None:
    model = opened(patched(base(), BUSY), 20)
    model.world.ai_subscribers = 40.0
    run(model, 1)
    frontier = model.last_week.frontier
    seat = model.settings.vendors.subscription * float(frontier.shares @ frontier.prices)
    paid = model.world.ledger.flows["model subscription", "households", "vendors"]
    assert paid == pytest.approx(40.0 * seat * MICRO, abs=1)
    assert measure_vendors(model.world, model.last_week, model.settings)["vendor_revenue_share"] > 0


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("vendor_subscription_share", {"vendors.tool_budget": 0.0}, -1),
        ("vendor_revenue_share", {"vendors.tool_budget": 0.0, "vendors.custom_gain": 0.0}, -1),
        ("licensed_training_share", {"vendors.licensed_share": 0.0, "policy": {}}, -1),
        ("data_licence_share", {"vendors.licence_rate": 0.0}, -1),
        ("synthetic_training_share", {"vendors.synthetic_part": 0.8}, 1),
        (
            "vendor_hhi_use",
            {
                "vendors.giants": 1,
                "vendors.independents": 0,
                "vendors.platform_owned": 0,
                "vendors.open_weights": False,
                "vendors.entry_rate": 0.0,
            },
            1,
        ),
        ("vendor_gap", {"vendors.open_gap": 0.5}, 1),
        ("vendor_markup", {"vendors.open_weights": False}, 1),
        ("n_vendors", {"vendors.fixed_cost": 0.6}, -1),
    ],
)
def test_outcomes_follow_their_mechanisms(name: str, values: dict[str, Any], sign: int) -> None:
    if "policy" in values:
        off = {f"policy.{lever}.strength": 0.0 for lever in base().policy}
        values = {k: v for k, v in values.items() if k != "policy"} | off
    moved, usual = (busy(*sorted(given.items()))[2][name] for given in (values, {}))
    assert sign * (moved - usual) > 0


# Training data


def access(levers: Levers, n: int = 40_000, **values: Any) -> F8:
    """Shares withheld, scraped, licensed among studios', creators' and farms' works, shape (3, 3)."""
    terms = data_terms(levers, change(Settings(), **values))
    u = Stream(0, 0, "rights").uniform(0, derive("x", 0, np.arange(2 * n)))
    found = [access_works(np.full(n, kind), u[:n], u[n:], terms) for kind in (STUDIO, CREATOR, FARM)]
    return np.array([np.bincount(row, minlength=3) / n for row in found])


def test_works_are_scraped_unless_licensed_or_withheld() -> None:
    assert (WITHHELD, SCRAPED, LICENSED) == (0, 1, 2)
    plain = access(Levers(), vendors__licensed_share=0.4)
    np.testing.assert_allclose(plain, [[0, 0.6, 0.4], [0, 0.9, 0.1], [0, 1, 0]], atol=0.01)
    rights = access(Levers(data_rights=1.0), vendors__licensed_share=0.4)
    withheld = Settings().full_strength.data_rights_withheld
    np.testing.assert_allclose(rights[0], [0.3 * withheld, 0.3 * (1 - withheld), 0.7], atol=0.01)
    assert rights[1, SCRAPED] < plain[1, SCRAPED] and rights[2, SCRAPED] == 1.0  # machines own nothing
    shared = access(Levers(national_data_platform=1.0), vendors__licensed_share=0.4)
    assert shared[0, LICENSED] == rights[0, LICENSED] and shared[0, WITHHELD] == 0.0
    assert access(Levers(), vendors__filtered_share=0.5)[2, WITHHELD] == pytest.approx(0.5, abs=0.01)


def corpus_of(count: int, capacity: int, mode: str = "accumulate") -> Corpus:
    corpus = Corpus(capacity, np.zeros(DIMS), mode)
    uid, noise = derive("human", 0, np.arange(count)), Stream(0, 0, "noise").normals(0, np.arange(count), DIMS)
    licensed = np.arange(count) % 4 == 0
    corpus.offer(works_of(noise, 1.0, 0.0, licensed), Stream(0, 0, "corpus").uniform(0, uid), step=0)
    return corpus


@pytest.mark.parametrize("part", [0.0, 0.3, 0.8])
def test_synthetic_data_are_their_part_of_what_is_new(part: float) -> None:
    settings = change(Settings(), vendors__synthetic_part=part)
    corpus = corpus_of(400, 4_000, "replace")
    alone = technology_alone(settings, corpora=[corpus], canons=[Canon(8, DIMS)])
    _train(*alone, 0)
    assert corpus.synthetic_share == 0.0 and corpus.licensed_share == 0.25  # nothing to make it with yet
    again = corpus_of(400, 4_000)
    corpus.offer(again.works, Stream(0, 0, "corpus").uniform(0, derive("human", 1, np.arange(400))), step=1)
    assert corpus.taken == 400
    _train(*alone, 0)
    assert corpus.synthetic_share == pytest.approx(part, rel=0.003) and corpus.taken == 0  # of whole works
    assert corpus.licensed_share == pytest.approx(0.25 * (1.0 - part), rel=0.003)
    more = data_terms(Levers(synthetic_data_market=1.0), settings).synthetic
    assert more == pytest.approx(min(1.0 - (1.0 - part) / 2, 0.95))
    assert synthetic_needed(0, 64, data_terms(Levers(), settings)) == 0


def test_data_rights_and_markets_move_corpora_in_the_model() -> None:
    def last(**levers: float) -> dict[str, float]:
        off = {f"policy.{name}.strength": 0.0 for name in base().policy}
        return busy(*sorted((off | {f"policy.{k}.strength": v for k, v in levers.items()}).items()))[2]

    plain, rights, market_ = last(), last(data_rights=1.0), last(synthetic_data_market=1.0)
    assert rights["licensed_training_share"] > plain["licensed_training_share"]
    assert rights["data_licence_share"] > plain["data_licence_share"]
    assert market_["synthetic_training_share"] > plain["synthetic_training_share"] + 0.05
    assert last(public_computing=1.0)["vendor_gap"] < plain["vendor_gap"]

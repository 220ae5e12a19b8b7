"""Platforms that experiment and enter: known answers, and what neither may touch."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from sim.agents.lengths import seconds_an_item
from sim.agents.platforms import (
    MAX_TILT,
    enters,
    expected_share,
    experiment_keys,
    feed_arms,
    feed_weights,
    move_tilt,
    share_of_advertising,
    source_weights,
    weigh_arms,
)
from sim.base.codes import FARM, HUMAN, INTEREST, SOURCES, STUDIO
from sim.base.randomness import coin, coins, derive, key_of
from sim.base.tables import F8
from sim.settings import PlatformRules, Settings
from sim.settings.scenario import compose
from sim.world.state import collect, restore
from tests.bench import Bench, change
from tests.worlds import base, differences, opened, patched, run

ENTRANTS = ["world=tiny", "platforms=[short_video,microblog,publisher,ai_native,immersive]"]
TRYING = {"strategy.step": 2.0, "strategy.weeks": 3}
# AI works alone and pays at once, so that an AI-native platform has something to show.
EAGER = {
    "technology.autonomy_lead": 260.0, "technology.item_price": 0.001, "farms.human_minutes": 0.5,
    "farms.account_cost": 0.005, "farms.growth": 0.3, "farms.smoothing": 2.0, "money.advertising": 5.0,
    "creators.adoption_rate": 0.1, "platforms.ai_native.opens": "2022-12-05", "platforms.ai_native.entry_cost": 0.05,
    "platforms.immersive.opens": "2022-10-03", "platforms.immersive.entry_cost": 1e-4,
}  # fmt: skip


@functools.cache
def crowded() -> Settings:
    """A tiny world with two platforms that may enter, and eager AI."""
    return patched(compose("baseline", ENTRANTS).settings, EAGER)


# Experiments: known answers


def test_coins_are_fair_fixed_and_independent_of_one_another() -> None:
    uids = derive("consumer", 0, np.arange(20_000))
    keys = derive("experiment", 7, np.arange(3))
    arms = np.array([coins(key, uids) for key in keys])
    assert arms.mean(axis=1) == pytest.approx([0.5] * 3, abs=0.015)
    assert np.abs(np.corrcoef(arms)[np.triu_indices(3, 1)]).max() < 0.03
    twin = [int(coin(keys[0], uid)) for uid in uids[:200]]  # what the kernel draws
    assert arms[0, :200].tolist() == twin


def test_users_are_split_anew_with_every_experiment_and_by_platform() -> None:
    settings, platforms = Settings(), derive("platform", 1, np.arange(2))
    key, weeks = key_of("stream"), settings.strategy.weeks
    now = experiment_keys(platforms, 0, key, settings)
    assert (now == experiment_keys(platforms, weeks - 1, key, settings)).all()
    assert (now != experiment_keys(platforms, weeks, key, settings)).all() and now[0] != now[1]


def test_each_arm_meets_its_own_feed() -> None:
    bench = Bench(4_000, 40)
    bench.test[:20] = 1.0  # half of the items are under test
    bench.sources = np.zeros((bench.platforms, 2, len(SOURCES)))
    bench.sources[:, 0] = np.cumsum([source == "interest" for source in SOURCES])
    bench.sources[:, 1] = np.cumsum([source == "exploration" for source in SOURCES])
    first = bench.session().slate[:, 0]
    platform = bench.listings.platform[np.maximum(first, 0)]
    arm = coins(bench.experiment[platform], bench.people.uid)
    shown = first >= 0
    assert (bench.test[first[shown & (arm == 1)]] > 0).all()
    assert (bench.test[first[shown & (arm == 0)]] == 0).any()


def test_arms_differ_in_the_weight_of_interest_alone() -> None:
    rules = [PlatformRules(), PlatformRules(interest=0.1)]
    settings = change(Settings(), strategy__step=0.1, strategy__perturbation=0.3)
    tilt = np.array([0.0, 0.5])
    weight = np.diff(feed_arms(source_weights(rules), tilt, settings), axis=2, prepend=0.0)
    ratio = weight[:, 1] / np.maximum(weight[:, 0], 1e-12)
    assert ratio[:, INTEREST] == pytest.approx(np.exp(0.6))
    others = [n for n in range(len(SOURCES)) if n != INTEREST and SOURCES[n] != "query"]
    assert ratio[:, others] == pytest.approx(1.0)
    assert np.sqrt(weight[:, 0] * weight[:, 1]) == pytest.approx(feed_weights(source_weights(rules), tilt))
    still = feed_arms(source_weights(rules), tilt, change(settings, strategy__step=0.0))
    assert (still[:, 0] == still[:, 1]).all()


def test_objective_is_relative_revenue_and_the_share_who_return() -> None:
    settings = change(Settings(), strategy__retention=2.0)
    spent, budget = np.array([[100, 300], [50, 50]]), np.array([[1000.0, 1000.0], [1000.0, 500.0]])
    users, returned = np.array([[10.0, 10.0], [10.0, 8.0]]), np.array([[5.0, 6.0], [5.0, 4.0]])
    value = weigh_arms(spent, budget, users, returned, settings)
    assert value[0] == pytest.approx([0.5 + 1.0, 1.5 + 1.2])
    assert value[1] == pytest.approx([2 / 3 + 1.0, 4 / 3 + 1.0])  # each arm by the seconds that its own users have
    empty = weigh_arms(np.zeros((1, 2), np.int64), budget[:1], users[:1], returned[:1], settings)
    assert (move_tilt(np.zeros(1), empty, settings) == 0).all()


def test_experiments_climb_to_the_best_weight_and_stay_in_bounds() -> None:
    settings = change(Settings(), strategy__step=0.2, strategy__perturbation=0.3)
    rule, best = settings.strategy, np.array([-0.8, 0.4, 9.0])
    tilt: F8 = np.zeros(3)
    for _ in range(100):
        arms = np.stack([tilt - rule.perturbation, tilt + rule.perturbation], axis=1)
        tilt = move_tilt(tilt, -np.square(arms - best[:, None]), settings)
    assert tilt == pytest.approx([-0.8, 0.4, MAX_TILT])


# Experiments inside the model


def test_without_a_step_experiments_change_no_bit() -> None:
    still = {"strategy.step": 0.0}
    one = opened(patched(base(), still), 9)
    other = {"strategy.perturbation": 0.9, "strategy.retention": 4.0, "strategy.weeks": 2}
    assert differences(one, opened(patched(base(), still | other), 9)) == []
    assert (one.world.market.columns.tilt == 0).all() and not one.world.consumers.columns.visited.any()
    assert differences(one, opened(patched(base(), TRYING), 9)) != []


def test_weights_move_only_when_an_experiment_closes() -> None:
    model = opened(patched(base(), TRYING))
    moved = []
    for _ in range(9):
        before = model.world.market.columns.tilt.copy()
        model.step()
        moved.append(bool((model.world.market.columns.tilt != before).any()))
    assert moved == [False, False, True] * 3


def test_visits_of_a_running_experiment_are_those_of_its_users() -> None:
    model = opened(patched(base(), TRYING), 5)  # two weeks into the second experiment
    spent = model.world.market.columns.spent
    seconds = np.zeros(len(model.world.platforms), np.int64)
    again = opened(patched(base(), TRYING), 3)
    for _ in range(2):
        again.step()
        seconds += again.last_week.tallies.platform_seconds
    assert (spent.sum(axis=1) == seconds).all() and (spent[seconds > 0] > 0).all() and seconds.any()
    visited = model.world.consumers.columns.visited
    assert visited[:, 0].any() and not visited[:, 1].any()  # the second half begins with the third week


def test_state_continues_bit_for_bit_amid_an_experiment_with_entrants() -> None:
    world = patched(crowded(), TRYING | {"time.weeks": 24})
    whole, half = opened(world, 24, rng=3), opened(world, 16, rng=3)
    again = opened(world, rng=3)
    restore(again.world, collect(half.world))
    assert differences(run(again, 8), whole) == []


def test_names_change_nothing_with_entrants() -> None:
    world = patched(crowded(), TRYING)
    rules = list(world.platforms.values())
    renamed = patched(world, {"platforms": {f"site{n}": rules[n] for n in (3, 1, 4, 0, 2)}})
    assert differences(opened(world, 20), opened(renamed, 20)) == []


# Entry: known answers


def test_expected_share_is_a_logit_by_need_as_far_as_there_is_something_to_show() -> None:
    settings = change(
        Settings(),
        attention__needs__inform=0.5,
        attention__needs__divert=0.5,
        attention__needs__socialise=0.0,
        attention__needs__make=0.0,
        attention__nest_scale=1.0,
    )
    pull = np.zeros((4, 3))
    pull[1, 2] = np.log(2.0)
    is_open = np.array([True, True, False])
    share = expected_share(2, pull, is_open, np.array([10.0, 20.0, 15.0]), settings)
    assert share == pytest.approx(0.5 * (0.5 * 1 / 3 + 0.5 * 2 / 4))  # half a stock of what others show
    assert expected_share(2, pull, is_open, np.array([10.0, 20.0, 0.0]), settings) == 0.0
    assert expected_share(2, pull, np.zeros(3, bool), np.ones(3), settings) == 1.0


def test_a_share_of_time_is_one_of_advertising_by_what_minutes_are_worth() -> None:
    worth, seconds = np.array([1.0, 0.2, 10.0]), np.array([30.0, 50.0, 0.0])
    assert share_of_advertising(0.5, 2, worth, seconds) == pytest.approx(10.0 / (10.0 + 40.0 / 80.0))
    assert share_of_advertising(0.3, 2, np.ones(3), seconds) == pytest.approx(0.3)
    assert share_of_advertising(1.0, 2, worth, seconds) == 1.0 == share_of_advertising(1.0, 2, worth, np.zeros(3))
    assert share_of_advertising(0.0, 2, worth, seconds) == 0.0


def test_an_entrant_enters_when_profit_exceeds_its_cost() -> None:
    settings = change(Settings(), world__consumers=100, strategy__entry_horizon=50.0, strategy__entry_doubt=0.5)
    rules = PlatformRules(payout=0.6, entry_cost=0.2)
    profit = 0.1 * 10.0 * 0.4 * 50.0  # twenty hours' wage, against a cost of twenty on average
    assert profit == pytest.approx(0.2 * 100)
    assert enters(0.1, 10.0, rules, 0.01, settings) is None
    assert enters(0.1, 10.0, rules, -0.5, settings) == pytest.approx(20.0 * np.exp(-0.25))
    assert enters(0.0, 10.0, rules, -5.0, settings) is None


# Entry inside the model


def test_entrants_wait_for_their_date_and_for_profit() -> None:
    def opening(**values: Any) -> tuple[int | None, int | None]:
        model = opened(patched(crowded(), {k.replace("__", "."): v for k, v in values.items()}))
        rows = {p.rules.kind: k for k, p in enumerate(model.world.platforms)}
        weeks: dict[str, int | None] = {"ai_native": None, "immersive": None}
        for week in range(26):
            for kind, first in weeks.items():
                if first is None and model.world.market.columns.is_open[rows[kind]]:
                    weeks[kind] = week
            used = model.world.consumers.columns.installed.any(axis=0)
            assert all(weeks[kind] is not None or not used[rows[kind]] for kind in weeks)  # nobody has a closed one
            model.step()
        return weeks["ai_native"], weeks["immersive"]

    native, immersive = opening()
    assert native is not None and native >= 14 and immersive == 5
    assert opening(technology__released=False) == (None, 5)  # nobody makes anything for an AI-native platform
    assert opening(platforms__ai_native__entry_cost=1e4, platforms__immersive__entry_cost=1e4) == (None, None)


def test_ai_native_platforms_show_work_with_ai_alone() -> None:
    model = opened(patched(crowded(), {"platforms.ai_native.entry_cost": 0.0}), 26)
    at = next(k for k, p in enumerate(model.world.platforms) if p.rules.kind == "ai_native")
    listings, items = model.world.listings.columns, model.world.items.columns
    mine = listings.item[(listings.item >= 0) & (listings.platform == at)]
    assert mine.size > 10 and (items.card["origin"][mine] != HUMAN).all()
    assert (model.world.producers.columns.kind[items.card["producer"][mine]] != STUDIO).all()
    assert model.outcomes()["ai_native_time_share"].max() > 0
    assert model.world.platforms[at].takes(FARM, 0) and not model.world.platforms[at].takes(0, 0)


def test_producers_hope_to_earn_at_an_entrant_what_they_earn_elsewhere() -> None:
    model = opened(crowded(), 5)
    k = int(np.flatnonzero(model.world.charters.immersive)[0])
    others = [p.opens_by(0) for p in model.world.platforms]
    assert model.world.market.columns.is_open[k]
    returns = seconds_an_item(model.world.market.columns)
    assert (returns[others] > 0).any() and returns[k].sum() > 0


# Scenarios


def test_random_choice_ignores_what_items_are_worth() -> None:
    bench = Bench(4_000, 12)
    bench.items.card["appeal"] = np.linspace(-3.0, 3.0, 12)
    bench.rule(choice=0.0)
    used = np.bincount(bench.session().listing[bench.events.listing >= 0], minlength=12)
    assert used.std() / used.mean() < 0.1
    bench.forget()
    bench.rule(choice=1.0)
    used = np.bincount(bench.session(1).listing[bench.events.listing >= 0], minlength=12)
    assert used[-1] > 5 * used[0]


def test_scenarios_assume_what_they_say() -> None:
    boom, seek, null = (compose(name).settings for name in ("immersive_boom", "creativity_premium", "null_cost"))
    plain = compose("baseline").settings
    assert boom.immersive.headset < plain.immersive.headset and boom.immersive.network > plain.immersive.network
    assert seek.attention.novelty_amplitude == 3.0 and list(seek.policy) == ["quality_ranking"]
    assert (null.farms.law, null.attention.choice) == ("human", "random")
    assert null.technology == plain.technology and null.farms.account_cost == plain.farms.account_cost

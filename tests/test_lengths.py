"""Known answers of depth and length: one law of choice, the work that a length takes, and what follows for output."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.studies.depth import PARTS, level
from analysis.studies.study import late_means
from sim.agents.creators import Genres, plan_output
from sim.agents.lengths import (
    DOUBTED_ITEMS,
    RETURN_WEEKS,
    choose_depth,
    expected_work,
    learn_usual,
    learn_work,
    length_powers,
    liked_depths,
    raw_work,
    seconds_an_item,
    stretch,
    work_of,
    worth_of_depths,
    worth_to_makers,
)
from sim.agents.platforms import PlatformState
from sim.agents.producers import create_producers
from sim.agents.studios import Studios, run_projects
from sim.base.codes import CREATOR, FARM
from sim.base.randomness import Stream, Streams, derive
from sim.base.records import DEPTHS
from sim.base.tables import F8, Population
from sim.measures.attention import offered_depth
from sim.settings import Settings
from tests.bench import change
from tests.test_producers import creators
from tests.worlds import base, opened, patched

N = 40_000
U = (np.arange(N) + 0.5) / N
EVEN = np.ones((N, DEPTHS))


def rules(**values: float) -> Settings:
    return change(Settings(), **values)


def chosen(liked: float, worth: Any, power: float, settings: Settings) -> F8:
    """Depths at evenly spaced chances, of makers who like one depth."""
    return choose_depth(np.full(N, liked), np.broadcast_to(worth, (N, DEPTHS)), np.full(N, power), U, settings)


def test_without_returns_and_costs_makers_do_what_they_like() -> None:
    depth = chosen(0.45, 1.0, 0.0, rules(creators__depth_range=0.1))
    assert depth.mean() == pytest.approx(0.45, abs=1e-3) and depth.std() == pytest.approx(0.1, rel=0.01)
    assert (np.diff(depth) >= 0).all()  # a higher chance is a deeper item, so that paired arms share their luck
    edges = chosen(-0.4, 1.0, 0.0, rules()), chosen(1.4, 1.0, 0.0, rules())
    assert edges[0].max() < 0.5 < edges[1].min() and edges[0].min() == 0.0 and edges[1].max() == 1.0


def test_depth_is_a_logit_in_return_over_work() -> None:
    settings = rules(creators__depth_range=0.5, creators__return_weight=1.0)
    worth = np.array([1.0, 2.0, 1.0, 3.0, 1.0])
    free, drawn = (np.histogram(chosen(0.5, w, 0.0, settings), DEPTHS, (0, 1))[0] for w in (1.0, worth))
    np.testing.assert_allclose(drawn / drawn.sum(), free * worth / (free * worth).sum(), atol=1e-3)
    power, middle = 0.5, (np.arange(DEPTHS) + 0.5) / DEPTHS
    dear = np.histogram(chosen(0.5, 1.0, power, settings), DEPTHS, (0, 1))[0]
    law = free * np.exp(-power * stretch(settings) * middle)
    np.testing.assert_allclose(dear / dear.sum(), law / law.sum(), atol=1e-3)


def test_the_sign_is_open() -> None:
    """Depth falls where an hour of short work earns more, and rises where one of long work does."""
    settings = rules()
    length = np.exp(stretch(settings) * (np.arange(DEPTHS) + 0.5) / DEPTHS)
    even = chosen(0.45, 1.0, 0.0, settings).mean()
    assert chosen(0.45, 1.0, 0.5, settings).mean() < even - 0.02
    assert chosen(0.45, length, 0.5, settings).mean() > even + 0.02
    assert chosen(0.45, length**0.5, 0.5, settings).mean() == pytest.approx(even, abs=2e-3)
    still = rules(creators__return_weight=0.0)
    assert chosen(0.45, length, 1.0, still).mean() == pytest.approx(even, abs=1e-3)


def test_ai_and_people_choose_alike_under_one_elasticity() -> None:
    """Item for item: people who like long items make fewer of them, as each takes longer."""
    uid, worth = derive("item", 0, np.arange(N)), np.array([2.0, 1.0, 1.0, 1.5, 0.5])
    z, u = Stream(0, 0, "liking").normal(0, uid), Stream(0, 0, "depth").uniform(0, uid)
    own = (0.45 + 0.2 * Stream(0, 0, "producers").normal(0, uid)).clip(0, 1).astype(np.float32)

    def made(kind: int, settings: Settings) -> tuple[F8, F8]:
        """Depths of the items of makers with equal hours, and how many each makes."""
        power = np.full(N, length_powers(settings)[int(kind == FARM)])
        liked = liked_depths(own, np.full(N, kind, np.uint8), np.full(N, 0.0), z, settings)
        depth = choose_depth(liked, np.broadcast_to(worth, (N, DEPTHS)), power, u, settings)
        share = np.exp(-power * stretch(settings) * own) if kind == CREATOR else np.ones(N)
        return depth, share / share.sum()

    alike = rules(creators__length_cost=0.5, farms__length_cost=0.5)
    people, ai = (
        np.histogram(depth, 10, (0, 1), weights=share)[0] for depth, share in (made(k, alike) for k in (CREATOR, FARM))
    )
    np.testing.assert_allclose(ai, people, atol=0.015)
    middle = (np.arange(10) + 0.5) / 10
    free, dear = (np.average(made(FARM, rules(farms__length_cost=power))[0]) for power in (0.0, 1.0))
    assert dear + 0.02 < ai @ middle < free - 0.02


def test_what_is_expected_is_what_is_paid() -> None:
    settings, usual = rules(farms__length_cost=0.7), np.array([3.0, 4.0])
    worth = np.array([[[2.0, 1.0, 1.0, 1.5, 0.5], [1.0] * 5], [[0.5, 1.0, 4.0, 1.0, 1.0], [1.0] * 5]])
    bias = np.array([-0.2, 0.1])
    uid = derive("item", 0, np.arange(N))
    z, u = Stream(0, 0, "liking").normal(0, uid), Stream(0, 0, "depth").uniform(0, uid)
    found = np.empty((2, 2))
    for k, g in np.ndindex(2, 2):
        kind = np.full(N, FARM, np.uint8)
        liked = liked_depths(np.zeros(N, np.float32), kind, np.full(N, bias[k]), z, settings)
        depth = choose_depth(liked, np.broadcast_to(worth[k, g], (N, DEPTHS)), np.full(N, 0.7), u, settings)
        found[k, g] = work_of(depth, kind == FARM, usual, settings).mean()
    np.testing.assert_allclose(expected_work(worth, bias, usual, settings), found, rtol=0.02)


def test_work_grows_with_length_and_is_one_for_the_usual_item() -> None:
    settings, depth = rules(creators__length_cost=0.5, farms__length_cost=1.0), np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(raw_work(depth, settings), [[1.0, 1.0], [60**0.25, 60**0.5], [60**0.5, 60.0]])
    usual = np.zeros(2)
    for week in range(400):
        learn_usual(usual, depth, week, settings)
    for by_ai in (False, True):
        assert work_of(depth, np.full(3, by_ai), usual, settings).mean() == pytest.approx(1.0)
    flat = rules(creators__length_cost=0.0, farms__length_cost=0.0)
    np.testing.assert_allclose(work_of(depth, np.arange(3) > 0, np.ones(2), flat), 1.0)


def test_little_is_concluded_from_few_items() -> None:
    listed = np.full((2, 3, DEPTHS), 1e-12)
    assert np.allclose(worth_of_depths(np.zeros_like(listed), listed, 100), 1.0)  # nothing known
    listed[0, 0] = 1e6
    amount = np.zeros_like(listed)
    amount[0, 0] = 1e6 * np.array([1.0, 1.0, 1.0, 1.0, 6.0])
    worth = worth_of_depths(amount, listed, 100)
    np.testing.assert_allclose(worth[0, 0], [0.5, 0.5, 0.5, 0.5, 3.0], rtol=1e-3)  # many items: its own mean
    np.testing.assert_allclose(worth[0, 1], worth[0, 0], rtol=1e-3)  # another genre: as on the platform
    np.testing.assert_allclose(worth[1, 2], worth[0, 0], rtol=1e-3)  # another platform: as on all
    few = np.full((1, 1, DEPTHS), DOUBTED_ITEMS / RETURN_WEEKS)
    nothing = np.broadcast_to([0.0, 1.25, 1.25, 1.25, 1.25], few.shape) * few
    assert worth_of_depths(nothing, few, 100)[0, 0, 0] == pytest.approx(0.5**3)  # halved on all, there, and in the cell


def test_pay_decides_where_there_is_pay_and_use_elsewhere() -> None:
    market = Population(PlatformState, 2, {"stages": 1, "scores": 1, "genres": 1, "depths": DEPTHS, "arms": 2}).columns
    market.listed[:] = 1e6
    market.earned[:], market.used[:] = np.arange(1.0, 6.0), np.arange(5.0, 0.0, -1.0)
    worth = worth_to_makers(market, np.array([[True, True, True], [False, True, False]]), 100)
    np.testing.assert_allclose(worth[0, 0, 0], np.arange(1.0, 6.0) / 3.0, rtol=1e-3)
    np.testing.assert_allclose(worth[1, 1, 0], np.arange(1.0, 6.0) / 3.0, rtol=1e-3)
    np.testing.assert_allclose(worth[1, 0, 0], np.arange(5.0, 0.0, -1.0) / 3.0, rtol=1e-3)
    np.testing.assert_allclose(seconds_an_item(market), 15.0 / 5e6)


def test_longer_items_leave_fewer() -> None:
    table, producers, settings = creators(3)
    genres = Population(Genres, settings.world.genres).columns
    table.rate[:], producers.item_work[:3] = 2.0, [1.0, 2.0, 0.5]
    np.testing.assert_allclose(plan_output(table, producers, genres, settings), [2.0, 1.0, 4.0])
    studios = Population(Studios, 400, {"stages": 3, "lead": 1}).columns
    studios.hours[:] = 10.0 * 24.0
    work = np.where(np.arange(400) < 200, 1.0, 2.0).astype(np.float32)
    run_projects(studios, derive("studio", 0, np.arange(400)), work, Settings(), Streams(0), 0)
    assert studios.pipeline[:200].mean() == pytest.approx(10.0, rel=0.05)
    assert studios.pipeline[200:].mean() == pytest.approx(5.0, rel=0.05)


def test_makers_learn_how_long_their_items_take() -> None:
    producers = create_producers(change(Settings(), world__creators=3, world__studios=0)).columns
    assert (producers.item_work == 1.0).all()
    learn_work(producers.item_work, np.array([0, 0, 1]), np.array([2.0, 4.0, 3.0]))
    np.testing.assert_allclose(producers.item_work, [1.0 + 2.0 * (1.0 - 0.9**2), 1.2, 1.0])
    for _ in range(200):
        learn_work(producers.item_work, np.array([0]), np.array([3.0]))
    assert producers.item_work[0] == pytest.approx(3.0, rel=1e-3)


def test_a_world_spends_the_hours_that_it_has() -> None:
    """Whatever lengths cost, the usual item takes its usual work, so that burn-in makes as many items."""
    made = {}
    for power in (0.2, 1.0):
        model = opened(patched(base(), {"creators.length_cost": power, "time.weeks": 30, "time.burn_in_weeks": 29}), 29)
        made[power] = float(np.nansum(model.world.memory.outcomes["items_new"][:29]))
        batch, usual = model.last_week.batch, model.world.usual_work
        assert work_of(batch.depth, np.zeros(len(batch.uid), np.bool_), usual, model.settings).mean() == pytest.approx(
            1.0, abs=0.25
        )
    assert made[1.0] == pytest.approx(made[0.2], rel=0.15)


def test_depth_of_use_counts_the_part_that_is_used() -> None:
    model = opened(base(), 7)
    week, out = model.last_week, model.world.memory.outcomes
    t = week.tallies
    assert out["depth_used"][6] == pytest.approx(t.depth_seconds.sum() / t.platform_seconds.sum())
    assert out["depth_shown"][6] == pytest.approx(t.shown_depth[:, 0].sum() / t.shown_depth[:, 1].sum())
    assert t.shown_depth[:, 1].sum() == t.exposures.sum() and t.cell_seconds.sum() == t.platform_seconds.sum()
    upto = t.cell_seconds.sum(axis=(0, 1)) / t.platform_seconds.sum() @ np.arange(1, DEPTHS + 1) / DEPTHS
    assert 0.0 < out["depth_used"][6] < upto
    offered, card = offered_depth(model.world), model.world.items.columns.card
    rows = (model.world.listings.columns.item >= 0) & (model.world.listings.columns.platform == 0)
    assert offered[0] == pytest.approx(card["depth"][model.world.listings.columns.item[rows]].mean())
    full = opened(patched(base(), {"attention.skim": 1.0}), 7)
    tallies = full.last_week.tallies
    share = tallies.cell_seconds.sum(axis=(0, 1)) / tallies.platform_seconds.sum()
    least = share @ np.arange(DEPTHS) / DEPTHS
    assert least < full.world.memory.outcomes["depth_used"][6] < least + 1.0 / DEPTHS


def test_the_parts_of_a_change_add_up() -> None:
    rng, names = np.random.default_rng(1), ("depth_offered", "depth_shown", "depth_used")
    runs: Any = [SimpleNamespace(outcomes=pd.DataFrame({name: rng.random(200) for name in names})) for _ in range(3)]
    parts = sum(level(runs, *of) for of in PARTS.values())
    np.testing.assert_allclose(parts, late_means(runs, "depth_used"))

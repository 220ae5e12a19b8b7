"""Known answers of immersive media, and what its parts do inside the model."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from sim.agents.entry import usual_payout
from sim.agents.farms import FarmNews
from sim.agents.immersive import headset_burden, is_afforded, network_pull, work_factor
from sim.base.clock import WEEKS_PER_YEAR
from sim.base.codes import FARM
from sim.base.randomness import Stream, derive
from sim.base.tables import B1, F8
from sim.model import ContentEcosystem
from sim.processes.farms import _farm_terms
from sim.settings import PlatformRules, Settings
from sim.settings.levers import Levers
from sim.settings.scenario import compose
from sim.world.setup import open_platforms
from tests.bench import change, charters_of, frontier_at, part_of_week, part_of_world
from tests.worlds import opened, patched

PLACES = ["world=tiny", "platforms=[short_video,microblog,publisher,immersive]"]
# An immersive platform that opens in the fifth week, people who change platforms quickly, AI at its ceiling at once.
READY = {
    "platforms.immersive.opens": "2022-09-26", "platforms.immersive.entry_cost": 0.0, "technology.takeoff_years": -5.0,
    "creators.adoption_rate": 0.1, "immersive.multiple": 2.0, "world.consumers": 400, "world.new_items": 100.0,
    "attention.install_rate": 0.1,
}  # fmt: skip


@functools.cache
def ready() -> Settings:
    """A tiny world with an open immersive platform and mature AI."""
    return patched(compose("baseline", PLACES).settings, READY)


def late(model: ContentEcosystem, name: str) -> float:
    """Mean of an outcome over the last 13 weeks."""
    return float(model.outcomes()[name].iloc[-13:].mean())


@functools.cache
def share(**values: Any) -> float:
    """Late share of time in immersive media, mean over two replications; a__b stands for a.b."""
    world = patched(ready(), {key.replace("__", "."): value for key, value in values.items()})
    return float(np.mean([late(opened(world, 26, replication=r), "immersive_time_share") for r in range(2)]))


# Known answers


def test_work_falls_with_capability_down_to_the_human_part() -> None:
    settings = change(Settings(), immersive__multiple=40.0, immersive__automatable=0.9)
    without, with_ai = np.zeros(1, bool), np.ones(1, bool)
    assert work_factor(1.0, without, settings)[0] == 40.0  # AI lowers nothing for those who do not use it
    assert [work_factor(c, with_ai, settings)[0] for c in (0.0, 0.5, 1.0)] == pytest.approx([40.0, 22.0, 4.0])
    assert work_factor(1.0, with_ai, change(settings, immersive__multiple=2.0))[0] == 1.0  # never below an ordinary one


def test_a_budget_of_work_makes_one_item_for_each_factor() -> None:
    uid = derive("item", 0, np.arange(40_000))
    u = Stream(1, 0, "immersive").uniform(0, uid)
    for work in (1.0, 2.5, 10.0):
        assert is_afforded(np.full(40_000, work), u).mean() == pytest.approx(1 / work, abs=0.01)
    assert is_afforded(np.ones(40_000), u).all()


def test_network_value_is_in_proportion_to_users_of_immersive_platforms_alone() -> None:
    settings = change(Settings(), immersive__network=3.0)
    pull = network_pull(np.array([False, True, True]), np.array([0.9, 0.5, 0.0]), settings)
    assert pull.tolist() == [0.0, 1.5, 0.0]


def test_headset_burden_decays_from_the_opening_date() -> None:
    settings = change(Settings(), immersive__headset=2.0, immersive__headset_decay=0.8)
    weeks = np.array([-30.0, 0.0, WEEKS_PER_YEAR, 2 * WEEKS_PER_YEAR])
    burden = headset_burden(np.ones(4, bool), weeks, settings)
    assert burden == pytest.approx([2.0, 2.0, 1.6, 1.28])
    assert headset_burden(np.zeros(4, bool), weeks, settings).tolist() == [0.0] * 4


BESIDE = {"feed": PlatformRules(), "worlds": PlatformRules(immersive=True)}  # in the order of their rows


def test_ai_alone_makes_immersive_items_only_above_its_need_and_at_their_cost() -> None:
    alike = {"platforms": BESIDE, "world__genres": 2, "farms__minutes_image": 1.0}
    settings = change(ready(), immersive__multiple=30.0, immersive__automatable=0.5, **alike)
    charters = charters_of(settings)
    assert charters.immersive.tolist() == [False, True]

    def terms(alone: float) -> tuple[B1, F8, F8]:
        fee = {"fee": np.full(2, 0.01), "alone": np.ones(2), "immersive_fee": 0.7, "immersive_alone": alone}
        market = open_platforms(settings, charters, np.ones(2, np.bool_))
        news = FarmNews(paid_by_truth=np.zeros((2, 2, 2)), bans=np.array([1.0, 50.0]), listed=np.ones(2))
        world = part_of_world(market=market, farm_news=news, charters=charters)
        week = part_of_week(frontier=frontier_at(0.8, **fee), levers=Levers(), ai_work=np.ones((2, 2)))
        return _farm_terms(world, week, settings)

    assert terms(0.0)[1].tolist() == [[1.0, 1.0], [0.0, 0.0]]
    takes, allowed, cost = terms(1.0)
    assert takes.all()
    assert allowed.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    minutes, account = settings.farms.human_minutes / 60, settings.farms.account_cost
    lost = 1 + settings.farms.ban_items / 50  # one account in fifty items is banned
    assert cost[0] == pytest.approx((0.01 + minutes + account) * lost)
    assert cost[1] == pytest.approx((0.7 + minutes * 30 * (1 - 0.5 * 0.8) + account) * lost)


def test_farms_hope_for_more_where_an_immersive_item_earns_more() -> None:
    settings = change(ready(), platforms=BESIDE, world__genres=1)
    immersive = charters_of(settings).immersive
    assert usual_payout(2.0, np.array([[100.0], [600.0]]), immersive).tolist() == [[2.0], [12.0]]
    assert usual_payout(2.0, np.array([[100.0, 300.0]]), np.ones(1, bool)).tolist() == [[2.0, 2.0]]  # of all platforms


# Inside the model


def test_immersive_items_are_listed_on_their_platform_alone() -> None:
    model = opened(ready(), 20)
    places = model.last_week.batch.platforms
    at = int(np.flatnonzero(model.world.charters.immersive)[0])
    assert ((places == at).any(axis=1) == (places[:, 0] == at)).all()
    mine = places[:, 0] == at
    assert mine.any() and not mine.all() and (places[mine, 1] == -1).all()
    assert late(model, "immersive_items_new") > 0


def test_no_farm_makes_immersive_items_below_the_need() -> None:
    eager = {"farms.human_minutes": 0.5, "farms.account_cost": 0.005, "money.advertising": 5.0, "farms.smoothing": 2.0}
    made = []
    for need in (1.0, 0.5):
        model = opened(patched(ready(), eager | {"technology.autonomy_immersive": need}), 26)
        producers = model.world.producers.columns
        cells = producers.cell[: model.world.producers.n][producers.kind[: model.world.producers.n] == FARM]
        made.append(bool(model.world.charters.immersive[cells // model.settings.world.genres].any()))
    assert made == [False, True]


def test_unit_cost_falls_with_ai_and_stays_without() -> None:
    world = patched(ready(), {"studios.reorganisation": 26.0, "studios.intensity": 1.0, "immersive.multiple": 10.0})
    worlds = (world, patched(world, {"technology.released": False}))
    cost, without = (opened(each, 26).outcomes()["immersive_unit_cost"] for each in worlds)
    hours = 24.0 * 10.0
    assert (without == hours).all() and (cost[:13] == hours).all()
    least = 1.0 - ready().immersive.automatable
    assert least * hours < cost.iloc[-1] < 0.5 * hours


def test_money_sums_to_zero_with_immersive_items_and_an_entrant() -> None:
    world = patched(
        ready(),
        {
            "platforms.immersive.opens": "2022-10-03",
            "platforms.immersive.entry_cost": 1e-4,
            "immersive.multiple": 1.0,
            "immersive.headset": 0.0,
        },
    )
    model, paid = ContentEcosystem(settings=world), 0
    for _ in range(26):
        model.step()
        assert sum(int(balance.sum()) for balance in model.world.ledger.balances.values()) == 0
        paid += model.world.ledger.flows.get(("entry", "capital", "world"), 0)
    assert paid > 0 and late(model, "n_platforms") == 4


# Switched off, each part moves the outcome


def test_costly_items_keep_immersive_media_small() -> None:
    assert share(immersive__multiple=500.0, immersive__automatable=0.0) < 0.5 * share()


def test_without_network_value_fewer_come() -> None:
    assert share(immersive__network=0.0) < share()


def test_a_heavy_headset_keeps_people_away() -> None:
    assert share(immersive__headset=8.0) < 0.5 * share()


def test_immersive_media_can_boom_and_fail() -> None:
    """The same world, two regions: cheap work, light headsets and company that counts, or the opposite."""
    boom = share(immersive__multiple=1.0, immersive__network=6.0, immersive__headset=0.0)
    fail = share(immersive__multiple=500.0, immersive__network=0.0, immersive__headset=8.0)
    assert fail < 0.03 < 0.15 < boom


def test_nobody_is_there_without_an_immersive_platform() -> None:
    frame = opened(compose("baseline", ["world=tiny"]).settings, 15).outcomes()
    assert (frame["immersive_time_share"] == 0).all() and (frame["immersive_items_new"] == 0).all()

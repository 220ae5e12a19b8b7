"""Known answers of supply: farms, studios, creators, vendors, publication, and what they are paid."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.agents.consumers import forget_producers, sort_people
from sim.agents.creators import (
    Creators,
    Genres,
    begin_careers,
    decide_adoption,
    hopes,
    learn_genres,
    learn_results,
    list_posters,
    plan_output,
    quit_hazard,
    seat_creators,
)
from sim.agents.farms import crowding, expect_cost, item_costs
from sim.agents.items import best_of, listing_days
from sim.agents.producers import choose_platforms, create_producers, learn_authority, remember_items
from sim.agents.studios import Studios, item_hours, reorganise, stage_hours
from sim.agents.vendors import capability_at
from sim.base.codes import CREATOR, FARM
from sim.base.randomness import Stream, Streams, derive
from sim.base.records import DECLARED
from sim.base.tables import F8, Population, some
from sim.culture.canons import Canon, fading_keys
from sim.kernels.listings import choose_listing_platforms, close_listings, note_items
from sim.model import ContentEcosystem
from sim.processes.adaptation import _observe_genres
from sim.processes.technology import advance_technology
from sim.settings import Lever, PlatformRules, Settings, Technology
from sim.settings.levers import Levers
from sim.world.week import Frontier
from tests.bench import change, crowd, part_of_world, society, table_of, technology_alone
from tests.twins.listings import choose_listing_platforms_numpy, close_listings_numpy, note_items_numpy

# A feed in which popularity feeds on nothing, so that shares are not lost in luck.
LEVEL = PlatformRules(
    kind="interest_feed",  # whose draws it has
    followed=0.0,
    friends=0.0,
    interest=0.6,
    trending=0.1,
    exploration=0.3,
    freshness=2.0,
    theta=0.0,
    shows_counts=False,
)
EVER = "2000-01-01"


# Farms


def test_cost_has_a_floor_that_does_not_fall() -> None:
    settings = change(Settings(), farms__human_minutes=6.0, farms__account_cost=0.05, farms__minutes_image=1.0)
    settings = change(settings, world__genres=2)
    fee = np.array([[0.5, 0.0]])  # of two genres on one platform
    cost = expect_cost(fee, item_costs(np.zeros(1, np.bool_), 0.0, Levers(), settings), np.ones((1, 1)), 0.0, settings)
    np.testing.assert_allclose(cost, [[0.65, 0.15]])
    crowded = item_costs(np.zeros(1, np.bool_), 0.0, Levers(upload_cap=1.0), settings)  # ten accounts for one
    np.testing.assert_allclose(expect_cost(fee, crowded, np.ones((1, 1)), 0.0, settings), [[1.1, 0.6]])
    row = change(settings, world__items_per_row=3.0)  # which stands for three, each of which costs as much
    crowded = item_costs(np.zeros(1, np.bool_), 0.0, Levers(upload_cap=1.0), row)
    assert expect_cost(fee, crowded, np.ones((1, 1)), 0.0, row)[0] == pytest.approx([3.3, 1.8])
    several = change(
        settings, world__genres=5, farms__minutes_image=0.5, farms__minutes_audio=2.0, farms__minutes_video=4.0
    )
    wages, _ = item_costs(np.zeros(1, np.bool_), 0.0, Levers(), several)
    np.testing.assert_allclose(wages.amount, [[0.1, 0.05, 0.2, 0.4, 0.1]])  # text, image, audio, video, text


def uses_by_kind(model: ContentEcosystem, first: int, last: int) -> tuple[F8, F8, F8]:
    """Uses a published item, its relative error (items of one producer being alike), and items: creators, farms."""
    items, producers = model.world.items.columns, model.world.producers.columns
    rows = np.flatnonzero((items.week >= first) & (items.week <= last) & (items.uid > 0))
    producer = items.card["producer"][rows].astype(int)
    found = []
    for kind in (CREATOR, FARM):
        mine = producers.kind[producer] == kind
        uses, count = np.bincount(producer[mine], items.uses[rows][mine]), np.bincount(producer[mine])
        mean = uses.sum() / count.sum()
        found.append((mean, np.sqrt(((uses - mean * count) ** 2).sum()) / uses.sum(), count.sum()))
    return tuple(np.array(found).T)  # type: ignore[return-value]


def visibility(parity: str, rng: int) -> tuple[float, float]:
    """Visibility odds ratio of farms under the human law, and its relative error."""
    model = society(
        12,
        rng=rng,
        farms=2_500,
        farms__law="human",
        farms__parity=parity,
        platforms={"a": LEVEL},
        world__consumers=3_000,
        world__creators=2_500,
        world__new_items=2_500.0,
        spread__activity_gift=0.5,
    )
    mean, error, count = uses_by_kind(model, 5, 9)
    assert count.min() > 5_000
    return float(mean[1] / mean[0]), float(np.hypot(*error))


def test_farms_like_humans_are_as_visible_as_humans() -> None:
    found = [visibility("item", rng) for rng in (0, 1)]
    ratio, error = np.exp(np.mean([np.log(r) for r, _ in found])), np.hypot(*(e for _, e in found)) / 2
    assert error < 0.08
    assert abs(np.log(ratio)) < 2.5 * error
    handicapped, _ = visibility("producer", 0)  # active creators are better ones
    assert np.log(handicapped) < -4 * error


def test_null_law_gives_farms_human_works() -> None:
    cheap = {"trust__draft_budget": 15.0, "trust__verification": 4.0, "farms__scruple": 0.001}
    cheap |= {"moderation__vigilance": 0.0}
    model = society(6, farms=300, farms__law="human", trust__human_falsehood=0.0, **cheap)
    farm = model.world.producers.columns.kind[model.last_week.batch.producer] == FARM
    assert farm.sum() > 100
    assert (model.last_week.batch.origin[farm] == 0).all() and (model.last_week.batch.ai[farm] == 0).all()
    assert (model.last_week.batch.accuracy[farm] >= 2).sum() == 0  # falsehood gets more drafts: it belongs to the law
    plain = society(6, farms=300, trust__human_falsehood=0.2, **cheap)
    farm = plain.world.producers.columns.kind[plain.last_week.batch.producer] == FARM
    assert (plain.last_week.batch.origin[farm] == 2).all() and (plain.last_week.batch.accuracy[farm] >= 2).mean() > 0.8


def test_accounts_publish_and_caps_and_removal_cut_them() -> None:
    def made_and_kept(**values: Any) -> tuple[int, int, ContentEcosystem]:
        model = society(6, farms=20, farms__items=30.0, platforms={"a": LEVEL}, **values)
        producers, items = model.world.producers.columns, model.world.items.columns
        kept = producers.kind[items.card["producer"][(items.week == 5) & (items.alive > 0)]] == FARM
        return int((producers.kind[model.last_week.batch.producer] == FARM).sum()), int(kept.sum()), model

    made, kept, model = made_and_kept()
    assert (model.world.producers.columns.kind[: model.world.producers.n] == FARM).sum() == 20
    assert made == pytest.approx(600, abs=75) and kept == pytest.approx(0.9986 * made, rel=0.02)
    made, kept, _ = made_and_kept(farms__removal=0.5)
    assert kept / made == pytest.approx(0.5, abs=0.08)
    made, _, model = made_and_kept(policy={"upload_cap": Lever(start=EVER, strength=1.0)})
    assert made == pytest.approx(60, abs=25) and crowding(model.last_week.levers, model.settings) == pytest.approx(10.0)


# Studios


def studio(
    weeks: int, *, capability: float = 1.0, fee: float = 0.0, lag: float = 104.0, **rule: Any
) -> tuple[Any, Settings]:
    """One studio after some weeks of reorganisation."""
    hours = {"hours_plan": 4.0, "hours_create": 12.0, "hours_edit": 8.0}
    caps = {"cap_plan": 0.5, "cap_create": 0.75, "cap_edit": 0.6, "intensity": 0.5}
    settings = change(Settings(), **{f"studios__{name}": value for name, value in (hours | caps | rule).items()})
    table = Population(Studios, 1, {"stages": 3, "lead": 1}).columns
    table.lag[:] = lag
    for _ in range(weeks):
        reorganise(table, capability, fee, settings)
    return table, settings


def saving(*args: Any, **values: Any) -> float:
    table, settings = studio(*args, **values)
    return 1.0 - float(item_hours(table, settings)[0]) / float(stage_hours(settings).sum())


def test_studios_save_nine_per_cent_in_two_years() -> None:
    assert saving(104) == pytest.approx(0.09, abs=0.015)
    assert saving(5_000) == pytest.approx(0.5 * 15.8 / 24, abs=0.005)
    assert saving(52) < 0.035  # slow at first: use and reorganisation both lag
    assert saving(104, lag=26.0) > 2 * saving(104)


def test_studios_weigh_savings_against_fees() -> None:
    assert saving(500, capability=0.0) == 0.0
    assert saving(500, fee=20.0) < 0.01 < saving(500, fee=1.0)  # 24 hours an item, two thirds of them at best
    assert saving(500, capability=0.3) < saving(500, capability=0.6) < saving(500)
    table, _ = studio(2_000, capability=1.0)
    np.testing.assert_allclose(table.automated[0], 0.5 * np.array([0.5, 0.75, 0.6]), rtol=0.01)


# Creators


def creators(n: int, **values: Any) -> tuple[Any, Any, Settings]:
    plain = {
        "creators__adoption_rate": 0.01, "creators__adoption_gain": 3.0, "creators__adoption_peers": 3.0,
        "creators__effort": 0.6, "creators__time_saving": 0.25, "creators__quit_rate": 0.006, "creators__motive": 0.8,
        "creators__income_keeps": 0.3,
    }  # fmt: skip
    settings = change(Settings(), world__creators=n, **(plain | values))
    producers = create_producers(settings).columns
    producers.active[:] = 1
    return Population(Creators, n).columns, producers, settings


def adopt(weeks: int, gain: float, peers: float, price: float, **values: Any) -> tuple[float, float]:
    """Share of 20,000 creators who use AI after some weeks, and who ever did."""
    table, producers, settings = creators(20_000, **values)
    ever, uid = np.zeros(20_000, bool), derive("creator", 0, np.arange(20_000))
    for week in range(weeks):
        u = Stream(0, 0, "adopt").uniform(week, uid)
        n = np.ones(20_000)
        producers.uses_ai[:20_000] = decide_adoption(table, producers, gain * n, peers * n, price, settings, u)
        ever |= producers.uses_ai[:20_000] > 0
    return float(producers.uses_ai[:20_000].mean()), float(ever.mean())


def test_without_gain_and_peers_adopters_come_at_a_constant_rate() -> None:
    weeks, monthly = 156, 0.03
    months = weeks * 12 / 52.18
    alone = {"creators__adoption_rate": monthly, "creators__adoption_peers": 0.0}
    now, ever = adopt(weeks, 0.0, 0.0, 0.0, **alone)
    assert ever == pytest.approx(1 - np.exp(-monthly * months), abs=0.01)
    assert now == pytest.approx((1 - np.exp(-2 * monthly * months)) / 2, abs=0.01)  # given up at the same rate


def test_peers_pull_both_ways_alike() -> None:
    """Without a gain, a share p of peers who use AI pulls up as much as a share 1 - p pulls down."""
    for peers in (0.5, 0.7, 0.9):
        long = [adopt(600, 0.0, p, 0.0, creators__adoption_rate=0.1)[0] for p in (peers, 1.0 - peers)]
        assert sum(long) == pytest.approx(1.0, abs=0.02)
    assert long[0] > 0.85 > 0.15 > long[1]


def test_adoption_rises_with_gain_and_peers_and_falls_with_price() -> None:
    base = adopt(52, 0.0, 0.0, 0.0)[0]
    assert adopt(52, 0.5, 0.0, 0.0)[0] > 2 * base
    assert adopt(52, 0.0, 0.5, 0.0)[0] > 2 * base
    assert adopt(52, 0.0, 0.0, 0.5)[0] < base / 2
    weekly = 1 - np.exp(-0.01 * 12 / 52.18 * np.exp(3.0 * 0.5 + 3.0 * 0.2))
    assert adopt(1, 0.5, 0.2, 0.0)[0] == pytest.approx(weekly, rel=0.1)


def test_adopters_gain_is_against_their_own_past() -> None:
    n = 1_000
    table, producers, settings = creators(n, world__genres=1)
    genres = table_of(genres_of(1, uses=13.0))
    world = part_of_world(creators=table_of(table), producers=table_of(producers), genres=genres, seen_gain=np.zeros(1))
    producers.uses_ai[:400] = 1
    table.usual_uses[:] = np.where(np.arange(n) < 400, 1e6, 1e3)
    table.uses[:] = table.usual_uses  # adopters have more uses, but had them before
    for _ in range(200):
        gain, peers = _observe_genres(world, settings)
    assert peers[0] == pytest.approx(0.4) and abs(gain[0]) < 0.01
    table.uses[:400] *= 2.0
    for _ in range(200):
        gain, _ = _observe_genres(world, settings)
    assert gain[0] == pytest.approx(np.log(2.0), rel=0.03)


def test_motive_and_income_keep_creators() -> None:
    table, _, settings = creators(3)
    table.motive[:] = [0.0, 1.0, 0.0]
    table.income[:] = [0.0, 0.0, 7.0]
    hazard = quit_hazard(table, 1.0, np.ones(3), settings)
    np.testing.assert_allclose(hazard / 0.006, [1.0, np.exp(-0.8), 8.0**-0.3], rtol=1e-6)


def test_income_halved_for_all_raises_quitting_by_its_elasticity() -> None:
    """Of those too who have earned little; a creator's own loss counts as its own income says."""
    table, _, settings = creators(3)
    table.income[:] = [0.0, 1.0, 30.0]
    usual = quit_hazard(table, 1.0, np.ones(3), settings)
    table.income[:] /= 2.0
    np.testing.assert_allclose(quit_hazard(table, 1.0, np.full(3, 0.5), settings) / usual, 2.0**0.3, rtol=1e-6)
    alone = quit_hazard(table, 1.0, np.ones(3), settings) / usual
    np.testing.assert_allclose(alone, (np.array([1.0, 1.5, 16.0]) / np.array([1.0, 2.0, 31.0])) ** -0.3, rtol=1e-6)
    assert np.isfinite(quit_hazard(table, 1.0, np.zeros(3), settings)).all()


def genres_of(count: int, **values: Any) -> Genres:
    """A record of genres with some values in all of them."""
    table = Population(Genres, count).columns
    for name, value in values.items():
        getattr(table, name)[:] = value
    return table


def test_effort_follows_uses_and_ai_saves_time() -> None:
    table, producers, settings = creators(4)
    table.rate[:], table.usual_uses[:] = 2.0, 99.0
    table.uses[:] = [99.0, 399.0, 24.0, 99.0]
    producers.uses_ai[3] = 1
    genres = genres_of(settings.world.genres, uses=13.0)  # an item a quarter more is a use a week more
    planned = plan_output(table, producers, genres, settings)
    np.testing.assert_allclose(planned, 2.0 * np.array([1.0, 4**0.6, 0.25**0.6, 1.25]))
    producers.active[0] = 0
    assert plan_output(table, producers, genres, settings)[0] == 0.0


def lose_half(weeks: int, since_release: int) -> F8:
    """Effort of creators week by week, whose uses and income are halved in week 100."""
    table, producers, settings = creators(4)
    table.rate[:] = np.array([0.2, 1.0, 3.0, 3.0])
    found = []
    genres = genres_of(settings.world.genres)
    for week in range(weeks):
        if week == 90:
            table.since[3] = week  # a newcomer
            table.uses[3] = table.usual_uses[3] = table.income[3] = 0.0
        uses = 1_000.0 * table.rate * (0.5 if week >= 100 else 1.0)
        learn_results(table, uses, uses / 50, week)
        par = np.bincount(producers.genre[:4], table.rate, settings.world.genres)
        sums = np.bincount(producers.genre[:4], uses, settings.world.genres)
        learn_genres(genres, par, sums, sums / 50, week, week - 100 + since_release)
        found.append(plan_output(table, producers, genres, settings) / table.rate)
    assert hopes(genres, since_release + weeks)[0] == pytest.approx(0.5 if since_release else 1.0, rel=1e-3)
    return np.array(found)


def test_a_loss_for_good_costs_effort_for_good() -> None:
    effort = lose_half(800, since_release=50)
    np.testing.assert_allclose(effort[:100], 1.0, rtol=1e-5)
    np.testing.assert_allclose(effort[-1], 2.0**-0.6, rtol=1e-3)  # of newcomers too
    assert (effort[101:] < 1.0).all() and effort[110, 2] == pytest.approx(
        (0.5 + 0.5 * (12 / 13) ** 11) ** 0.6, rel=0.15
    )


def test_running_means_of_results() -> None:
    table, _, _ = creators(1)
    for week in range(400):
        learn_results(table, np.full(1, 100 if week < 200 else 0), np.ones(1), week)
    assert table.income[0] == pytest.approx(1.0)
    assert table.uses[0] == pytest.approx(100 * (1 - 1 / 13) ** 200, abs=1e-4)
    assert table.usual_uses[0] == pytest.approx(100 * (1 - 1 / 52) ** 200, rel=1e-6)


def test_active_creators_are_better_and_output_has_its_mean() -> None:
    settings = change(
        Settings(),
        world__creators=20_000,
        world__consumers=5_000,
        world__new_items=16_000.0,
        spread__activity_gift=0.5,
        spread__activity_sd=1.8,
        studios__item_share=0.15,
    )
    streams, even = Streams(0, 0), np.zeros((4, len(settings.platforms)))
    people = crowd(settings, even)
    producers, table = create_producers(settings), Population(Creators, 20_000)
    posters = list_posters(people, sort_people(settings)[0])
    rows = np.arange(20_000)
    born = begin_careers(table.columns, producers.columns, rows, rows, 0.68, settings, streams)
    seat_creators(table, producers.columns, people, posters, rows, born, 0, settings, streams)
    rate, mean_appeal = table.columns.rate, producers.columns.mean_appeal[:20_000]
    assert np.corrcoef(np.log(rate), mean_appeal)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert np.log(rate).std() == pytest.approx(1.8, rel=0.03)
    assert rate.sum() == pytest.approx(16_000 * 0.85, rel=0.15)  # the tail is heavy
    active = people.activity[table.columns.consumer]
    assert active.mean() > 3 * people.activity.mean()  # those who post more come forward
    assert len(np.unique(producers.columns.uid[:20_000])) == 20_000


def test_authority_is_earned_and_shrunken() -> None:
    producers = some(creators(3)[1], slice(3))
    for week in range(400):
        learn_authority(producers, np.array([20.0, 0.0, 2.0]), np.array([10.0, 0.0, 1.0]), 1.0, week)
    authority = producers.authority
    assert authority[0] == pytest.approx(10.0 / 30.0, abs=0.01)  # a surplus of 1 a choice, shrunken by 20 choices
    assert authority[1] == 0.0 and 0.0 < authority[2] < authority[0] / 3


def test_recent_items_are_a_ring() -> None:
    _, producers, _ = creators(3)

    def remember(producer: list[int], item: list[int]) -> None:
        row, both = np.array(item), np.array([[0, -1], [1, -1], [0, 1]])
        remember_items(producers, np.array(producer), row, (row + 1).astype(np.uint32), both[row % 3])

    remember([1, 1, 0] * 4, list(range(12)))
    assert producers.n_recent[0] == 4 and producers.n_recent[1] == 8
    assert list(producers.recent["item"][1]) == [0, 1, 3, 4, 6, 7, 9, 10]
    assert (producers.recent["platforms"][2] == 0).all()
    remember([1], [20])
    assert list(producers.recent["item"][1]) == [20, 1, 3, 4, 6, 7, 9, 10]
    assert producers.recent["serial"][1, 0] == 21 and producers.recent["platforms"][1, 0] == 3


# Technology


def frontier(week: int, **values: Any) -> Frontier:
    """This week's technology after the release."""
    settings = change(Settings(), **{f"technology__{name}": value for name, value in values.items()})
    part = technology_alone(settings, week=week)
    advance_technology(*part)
    return part.week.frontier


def test_prices_fall_and_capability_rises_by_date() -> None:
    now, later = frontier(1, price_decay=0.2), frontier(1 + 5_218, price_decay=0.2)
    assert (frontier(-1).fee == 0).all() and (frontier(-1).alone == 0).all()
    years = 100.0
    np.testing.assert_allclose(np.log(later.fee / now.fee) / years, np.log(0.2), rtol=1e-9)
    assert (frontier(52, price_decay=0.3).fee > frontier(52, price_decay=0.05).fee).all()
    technology = Technology(takeoff_years=2.0)
    assert capability_at(2.0, technology) == pytest.approx(0.5) and capability_at(-0.1, technology) == 0.0
    assert now.level < frontier(52).level < frontier(200).level < 1.0
    assert (np.diff([frontier(week).alone.sum() for week in range(0, 300, 10)]) >= 0).all()
    assert frontier(0, autonomy_lead=200.0).alone.sum() > frontier(0).alone.sum()
    assert frontier(300, autonomous=False).alone.sum() == 0
    assert frontier(100).error < now.error


def test_best_of_drafts() -> None:
    u = (np.arange(10_000) + 0.5) / 10_000
    assert best_of(1, u).mean() == pytest.approx(0.5)
    assert best_of(3, u).mean() == pytest.approx(0.75, abs=1e-3)  # the mean of the best of m is m / (m + 1)
    assert best_of(2.5, u).mean() == pytest.approx(2.5 / 3.5, abs=1e-3)


# Publication and payment


@pytest.fixture(scope="module")
def small() -> ContentEcosystem:
    """Twelve weeks of a small world with AI accounts, all items declared."""
    return society(12, farms=100, policy={"labelling": Lever(start=EVER, strength=1.0)})


def test_listings_and_items_point_at_each_other(small: ContentEcosystem) -> None:
    listings, items, batch = small.world.listings.columns, small.world.items.columns, small.last_week.batch
    live = np.flatnonzero(listings.item >= 0)
    assert len(live) > 500
    assert (items.listings[listings.item[live]] == live[:, None]).any(axis=1).all()
    placed = items.listings[items.listings >= 0]
    assert sorted(placed) == list(live)
    assert (items.alive[listings.item[live]] == 1).all()
    ticks = small.world.calendar.ticks_per_week
    last = (small.world.now - 1) * ticks
    assert (listings.ends[live] > last).all() and (listings.opens[live] < last + ticks).all()
    days = listing_days(np.array([2.0]))[0]
    assert (listings.ends[live] - listings.opens[live] == np.ceil(days)).all()
    assert small.world.n_published == small.world.n_removed + small.world.n_serial
    assert len(np.unique(items.card["serial"][items.alive > 0])) == (items.alive > 0).sum()
    new = items.week == small.world.now - 1
    assert set(items.uid[new]) <= set(batch.uid)
    pools = small.settings.pools
    assert pools.test_low <= small.world.market.columns.test[0] <= pools.test_high
    assert list(listing_days(np.array([0.01, 1.0, 999.0]))) == [3.0, 8.0, 180.0]


def test_births_spread_over_the_week(small: ContentEcosystem) -> None:
    listings, monday = small.world.listings.columns, (small.world.now - 1) * small.world.calendar.ticks_per_week
    opens = listings.opens[(listings.item >= 0) & (listings.opens >= monday)]
    assert np.bincount(opens % small.world.calendar.ticks_per_week, minlength=7).min() > len(opens) / 14


def test_declared_items_carry_their_origin(small: ContentEcosystem) -> None:
    card = small.world.items.columns.card[small.world.items.columns.alive > 0]
    assert (card["detectability"][card["origin"] == 2] == DECLARED).all()
    assert (card["detectability"][card["origin"] == 0] == 0).all()
    half = society(6, farms=300, policy={"labelling": Lever(start=EVER, strength=0.5)}).world.items.columns
    detectability = half.card["detectability"][(half.alive > 0) & (half.card["origin"] == 2)]
    assert (detectability == DECLARED).mean() == pytest.approx(0.5, abs=0.08)


def test_payouts_share_the_pool_by_seconds(small: ContentEcosystem) -> None:
    pool = int(small.last_week.advertising[0]) * small.world.platforms[0].rules.payout
    assert small.last_week.payouts.sum() == pytest.approx(pool, abs=2)
    seconds = small.last_week.tallies.producer_seconds[: small.world.producers.n, 0]
    assert np.abs(small.last_week.payouts - pool * seconds / seconds.sum()).max() < 2
    assert small.last_week.payout_origin[:3].sum() == pytest.approx(pool, abs=1)
    assert small.last_week.payout_origin[2] / pool == pytest.approx(
        small.last_week.tallies.origin_seconds[0, 2] / small.last_week.tallies.platform_seconds[0]
    )
    assert sum(int(balance.sum()) for balance in small.world.ledger.balances.values()) == 0


def test_places_follow_returns_and_what_platforms_take() -> None:
    n, three = 4_000, {"a": LEVEL, "b": LEVEL, "c": LEVEL}
    settings = change(
        Settings(), world__creators=n, platforms=three, creators__return_weight=1.0, creators__second_platform=0.3
    )
    producers, uid, draw = create_producers(settings).columns, derive("item", 0, np.arange(n)), Stream(0, 0, "place")
    producers.kind[:100], producers.cell[:100] = FARM, 2
    returns, farms_alone = np.array([[1e4], [3e4], [1e5]]), np.array([[True] * 3, [True] * 3, [False, False, True]])
    gumbel, u = draw.gumbel(0, uid[:, None], np.arange(3)[None, :]), draw.uniform(0, uid, 3)
    takes, work = np.stack([farms_alone, farms_alone], axis=2), np.ones((3, 2))
    takes[:, FARM] = True
    pay = np.array([[0.0], [0.3], [0.1]])  # the first platform earns AI producers nothing
    first, second = choose_platforms(producers, np.arange(n), returns, pay, takes, work, gumbel, u, settings).T
    assert (first[:100] == 2).all() and set(second[:100]) == {-1, 1}  # an AI producer starts from its cell
    assert (first[100:] == 1).mean() == pytest.approx(0.75, abs=0.025)  # a logit with weight 1 shares by returns
    assert (second[100:] >= 0).mean() == pytest.approx(0.3, abs=0.025)
    assert (second[100:][second[100:] >= 0] == 1 - first[100:][second[100:] >= 0]).all()


@pytest.mark.parametrize("platforms", [1, 2, 8])
def test_places_are_chosen_and_items_noted_as_by_numpy(platforms: int) -> None:
    rng, n = np.random.default_rng(platforms), 500
    taste, worth = rng.integers(0, 3, (40, platforms)).astype(np.float32), rng.integers(0, 3, (platforms, 6)) * 1.0
    worth[rng.random(worth.shape) < 0.3] = -np.inf  # and many are alike
    producer, law = rng.integers(0, 40, n), rng.integers(0, 6, n)
    noise, home = rng.integers(0, 2, (n, platforms + 1)) * 1.0, rng.integers(-4, platforms, n).clip(-1)
    given = taste, producer, worth, law, noise, home, rng.random(n) < 0.5
    platform = choose_listing_platforms(*given)
    np.testing.assert_array_equal(platform, choose_listing_platforms_numpy(*given))
    columns = [create_producers(change(Settings(), world__creators=40)).columns for _ in range(2)]
    for one, note in zip(columns, (note_items, note_items_numpy), strict=True):
        note(one.recent, one.n_recent, producer, np.arange(n), np.arange(n).astype(np.uint32), platform)
    np.testing.assert_array_equal(columns[0].recent, columns[1].recent)
    np.testing.assert_array_equal(columns[0].n_recent, columns[1].n_recent)


def test_listings_are_closed_as_by_numpy() -> None:
    rng, n = np.random.default_rng(0), 300
    held = rng.permutation(900)[: 2 * n].reshape(n, 2).astype(np.int32)
    held[rng.random(held.shape) < 0.4] = -1
    item = np.full(900, -1, np.int32)
    item[held[held >= 0]] = np.broadcast_to(np.arange(n)[:, None], held.shape)[held >= 0]
    closing, week = rng.permutation(held[held >= 0])[:200].astype(np.int64), rng.integers(0, 10, n).astype(np.int32)
    alive, made = (rng.random(n) < 0.9).astype(np.uint8), []
    for close in (close_listings, close_listings_numpy):
        columns = item.copy(), held.copy(), alive.copy()
        made.append((close(closing, *columns, week, 6), *columns))
    assert len(made[0][0]) > 0
    for ours, twins in zip(*made, strict=True):
        np.testing.assert_array_equal(ours, twins)


def test_moderation_removes_inaccurate_items() -> None:
    def inaccurate(moderation: float) -> float:
        feed = PlatformRules(followed=0.0, friends=0.0, moderation=moderation)
        items = society(5, platforms={"a": feed}, trust__human_error=0.3).world.items.columns
        return float((items.card["accuracy"][items.alive > 0] > 0).mean())

    assert inaccurate(0.0) == pytest.approx(1 - 0.7 * 0.98, abs=0.04)
    assert inaccurate(0.5) == pytest.approx(0.157 / (1 - 0.157), abs=0.04)
    assert inaccurate(1.0) == 0.0


# Directions: what a parameter does to an outcome, other things and draws equal


@cache
def plain() -> dict[str, F8]:
    """Outcomes of a small world with AI accounts."""
    return society(9, farms=200, platforms=feed()).world.memory.outcomes


def feed(**values: Any) -> dict[str, PlatformRules]:
    """One platform that differs from the plain one; without popularity in serving, so that a few hits decide less."""
    usual: dict[str, Any] = {"followed": 0.0, "friends": 0.0, "interest": 0.6, "freshness": 2.0, "theta": 0.0}
    return {"a": PlatformRules(**(usual | values))}


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("craft_used", {"platforms": feed(quality_weight=2.0)}, 1),
        ("n_live", {"platforms": feed(freshness=0.3)}, -1),
        ("ai_attention_share", {"attention__stance_mean": 4.0, "attention__stance_sd": 0.0}, -1),
        ("ai_attention_share", {"technology__emotion_gap": 4.0}, -1),
        ("false_exposure_share", {"trust__ai_error": 0.9, "trust__ai_error_floor": 0.9}, 1),
        ("screen_share", {"attention__off_screen": 5.0}, -1),
        ("deep_time_share", {"attention__deep_base": 2.0}, 1),
        ("dwell_mean", {"attention__skim": 0.6}, 1),
        ("posts_top10", {"spread__activity_sd": 2.2}, 1),
        ("silent_share", {"spread__silent_share": 0.6}, 1),
        ("ai_supply_share", {"farms__items": 5.0}, 1),
    ],
)
def test_directions(name: str, values: dict[str, Any], sign: int) -> None:
    moved = society(9, farms=200, **({"platforms": feed()} | values)).world.memory.outcomes[name][5:9].mean()
    base = plain()[name][5:9].mean()
    assert sign * (moved - base) > 0.02 * base


@pytest.mark.parametrize("rng", [0, 1, 2])
def test_rewarding_engagement_concentrates_uses(rng: int) -> None:
    """Among creators of much the same gift and output, whom only success can set apart."""

    def top(theta: float) -> float:
        alike = {"spread__activity_sd": 0.2, "attention__producer_sd": 0.5}
        model = society(9, rng=rng, platforms=feed(theta=theta), **alike)
        return float(model.world.memory.outcomes["creator_uses_top3"][5:9].mean())

    assert top(5.0) > 1.05 * top(0.0)


def test_a_longer_memory_keeps_older_works() -> None:
    def age(memory: float) -> float:
        canon = Canon(64, 8)
        for week in range(156):
            uid = derive("work", week, np.arange(20))
            keys = fading_keys(np.ones(20), uid, now=float(week), memory=memory, stream=Stream(0, 0, "canon"))
            canon.offer(np.full((20, 8), float(week)), keys, uid)
        return 155.0 - float(canon.concepts[:, 0].mean())

    assert age(13.0) < age(26.0) - 5.0 < age(104.0) - 20.0


def test_who_leaves_is_no_longer_followed() -> None:
    people = crowd(change(Settings(), world__consumers=4), np.zeros((4, len(Settings().platforms))))
    people.follows[:] = -1
    people.follows[0, :3], people.follows[1, :2], people.follows[2, :1] = (5, 7, 9), (7, 5), 7
    people.n_follows[:] = (3, 2, 1, 0)
    forget_producers(people, np.array([5, 9]))
    assert [list(row[row >= 0]) for row in people.follows] == [[7], [7], [7], []]
    assert (people.follows[:3, 0] == 7).all() and list(people.n_follows) == [1, 1, 1, 0]


def test_output_starts_at_what_the_world_asks_for_and_stays() -> None:
    """Those who stay earn more than those who go: they are as many from the start as in the long run."""
    model = society(
        30,
        world__creators=2_000,
        world__new_items=2_000.0,
        spread__activity_sd=1.8,
        creators__quit_rate=0.02,
        creators__income_keeps=1.0,
        creators__entry_rate=1.0,
    )
    made = model.world.memory.outcomes["items_new"]
    assert made[:4].mean() == pytest.approx(2_000, rel=0.1)
    assert made[-8:].mean() == pytest.approx(made[:8].mean(), rel=0.1)
    fresh = model.world.first_output * np.exp(0.0) * 2_000
    assert fresh < 0.9 * made.mean()  # newcomers make less than those who have stayed

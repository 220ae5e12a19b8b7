"""Known answers of outcomes on hand-made tables: listings, quality, reach, surplus, commissions, and their exhibits."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.agents.freelancers import SEGMENTS
from sim.agents.items import life_cells
from sim.base.codes import ASSISTED, CREATOR, FARM, GENERATED, HUMAN, IMPOSTOR, STUDIO
from sim.base.records import CARD
from sim.kernels.measures import HALVES, sum_aged, sum_market
from sim.measures.attention import measure_attention
from sim.measures.listings import HIT, measure_listings
from sim.measures.market import median_life, rates_of
from sim.measures.quality import log_quality, measure_quality
from sim.measures.sums import ratio_within
from sim.measures.supply import measure_collaboration
from sim.measures.truth import measure_truth
from sim.model import ContentEcosystem
from sim.world.memory import HALF_LIVES, MARKET, TOP
from tests.worlds import base, opened, patched


@pytest.fixture(scope="module")
def made() -> ContentEcosystem:
    """A small world after eight weeks, of which five were before release."""
    return opened(base(), 8)


def column(name: str) -> int:
    """Place of a sum of `MARKET`."""
    return MARKET.index(name)


def aged(*rows: tuple[int, int, int, int, list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add listings (platform, origin, maker, fans, uses by age) of genre 0; sums, counts of half-lives, half-lives."""
    platform, origin, maker, fans = (np.array(part) for part in list(zip(*rows, strict=True))[:4])
    kinds = (part.astype(np.uint8) for part in (platform, np.zeros(len(rows)), origin, maker))
    sums, halves = np.zeros((2, 1, len(MARKET))), np.zeros((2, 1, HALF_LIVES))
    uses = np.array([row[4] for row in rows], np.float32)
    days = sum_aged(*kinds, fans.astype(np.int32), uses, np.array([100.0, 0.0]), 5.0, sums, halves)
    return sums, halves, days


def test_half_lives_are_read_from_uses_by_age() -> None:
    """Half of 40 uses is reached half through the first day; of 20, half-way from day 2 to 4; of 10, on day 24."""
    uses = [[40, 0, 0, 0, 0, 0], [4, 3, 6, 7, 0, 0], [0, 0, 0, 0, 0, 10], [5, 4, 0, 0, 0, 0]]
    _, halves, days = aged(*((0, HUMAN, CREATOR, 0, row) for row in uses))
    assert days.tolist() == [0.5, 3.0, 24.0]  # the last has fewer than ten uses
    assert halves.sum() == 3 and halves[0, 0, np.searchsorted(HALVES, 3.0, side="right")] == 1


def test_hits_and_the_unknown_are_counted_where_it_is_known_what_is_usual() -> None:
    """A hit has 100 uses on the first platform; on the second nothing is known."""
    sums, *_ = aged(
        (0, HUMAN, CREATOR, 4, [100, 0, 0, 0, 0, 0]),
        (0, HUMAN, CREATOR, 5, [0, 0, 200, 0, 0, 0]),
        (0, GENERATED, FARM, 0, [50, 50, 0, 0, 0, 0]),
        (0, ASSISTED, CREATOR, 0, [99, 0, 0, 0, 0, 0]),
        (0, HUMAN, STUDIO, 0, [0, 0, 0, 0, 0, 0]),
        (1, HUMAN, CREATOR, 0, [900, 0, 0, 0, 0, 0]),
    )
    first = dict(zip(MARKET, sums[0, 0], strict=True))
    assert (first["aged"], first["aged_ai"], first["aged_uses"], first["aged_ai_uses"]) == (4, 1, 399, 100)
    assert (first["judged"], first["hits"], first["unknown"], first["unknown_hits"]) == (5, 3, 2, 1)
    assert sums[1, 0, column("judged") :].sum() == 0 and sums[1, 0, column("aged_uses")] == 900


def test_all_listings_and_uses_are_summed_by_platform_and_genre() -> None:
    listed, used = np.arange(12).reshape(2, 2, 3), 10.0 * np.arange(12).reshape(2, 2, 3)
    sums = np.zeros((2, 2, len(MARKET)))
    for _ in range(2):
        sum_market(listed, used, sums)
    assert sums[1, 0, :4].tolist() == [2 * (6 + 7 + 8), 2 * 8, 20 * (6 + 7 + 8), 20 * 8]
    assert sums[..., 4:].sum() == 0


def test_visibility_is_weighed_within_platforms() -> None:
    """Generated listings that crowd where uses are few are no less visible for that."""
    number = np.array([[1, 9, 0], [9, 1, 0]])  # of people's and of generated listings on three platforms
    uses = number * [10, 1000, 0]
    assert ratio_within(uses, number) == pytest.approx(1.0)
    assert ratio_within(uses * [[1], [2]], number) == pytest.approx(2.0, rel=1e-3)
    assert ratio_within(uses * [[0], [1]], number * [[0], [1]]) is None  # nothing to compare with
    assert ratio_within(uses // 100, number) is None  # fewer than 200 uses in all


def test_every_listing_of_an_item_counts(made: ContentEcosystem) -> None:
    """What is listed in a week are all open listings of the week's items, not the first of each item alone."""
    world, week = made.world, made.last_week
    items = world.items.columns
    new = (items.alive > 0) & (items.week == world.now - 1)
    listed = (items.listings[new] >= 0).sum(axis=1)
    assert week.listed.sum() == listed.sum() > new.sum()
    by_ai = items.card["origin"][new] == GENERATED
    share = listed[by_ai].sum() / listed.sum()
    assert 0 < made.world.memory.outcomes["ai_listing_share"][world.now - 1] == pytest.approx(share)
    uses = week.tallies.market_uses
    assert world.memory.outcomes["ai_use_share"][world.now - 1] == uses[..., GENERATED].sum() / uses.sum()


def test_uses_of_live_listings_are_those_of_their_items(made: ContentEcosystem) -> None:
    items, listings = made.world.items.columns, made.world.listings.columns
    rows = np.flatnonzero((items.alive > 0) & (items.week == made.world.now - 1))  # none of theirs has closed
    rows = rows[(items.listings[rows] >= 0).any(axis=1)]
    held = np.where(items.listings[rows, :, None] >= 0, listings.uses[items.listings[rows]], 0)
    assert held.sum() > 0
    np.testing.assert_allclose(held.sum(axis=(1, 2)), items.uses[rows], rtol=1e-5)
    assert (listings.fans[items.listings[rows, 0]] >= 0).all()


def test_what_is_usual_is_learned_in_the_year_before_release_and_kept(made: ContentEcosystem) -> None:
    world = opened(base(), 5).world
    then = world.memory.usual_uses.copy(), world.memory.usual_followers.copy(), world.memory.usual_quality
    assert then[0].sum() > 0 and then[1][1] > 0 and then[2] != 0
    later = made.world.memory
    assert (later.usual_uses == then[0]).all() and (later.usual_followers == then[1]).all()
    assert later.usual_quality == then[2]


def test_hits_are_ten_times_the_usual(made: ContentEcosystem) -> None:
    world, week = made.world.fork(), made.last_week
    settings = world.settings
    memory, uses = world.memory, np.sort(week.aged.uses.sum(axis=1, dtype=np.float64))
    least = (uses[-1] + uses[-2]) / 2.0  # between the most used listing of the week and the next
    memory.usual_uses[:] = [200.0, 200.0 * least / HIT]
    memory.hits[:] = [40.0, 0.0, 0.0, 0.0]
    values = measure_listings(world, week, settings)
    assert uses[-1] > uses[-2] and values["hit_share"] == pytest.approx(1.0 / (12 * 40 + len(uses)))
    memory.usual_uses[:, 0] = 199  # too few to know
    measure_listings(world, week, settings)
    assert memory.hits[world.now % 13].sum() == 0


def test_turnover_of_the_top(made: ContentEcosystem) -> None:
    world, week = made.world.fork(), made.last_week
    items = world.items.columns
    items.uses_before[:], items.uses[:] = 0, 0
    assert measure_listings(world, week, world.settings)["top_turnover"] is None  # nothing is used
    items.uses[: 2 * TOP] = np.arange(2 * TOP) + 1
    items.uid[: 2 * TOP] = np.arange(2 * TOP) + 1
    world.memory.top[:] = np.arange(TOP + 10, 2 * TOP + 10) + 1  # all but ten of them are on top again
    assert measure_listings(world, week, world.settings)["top_turnover"] == pytest.approx(10 / TOP)
    assert measure_listings(world, week, world.settings)["top_turnover"] == 0.0


def test_frames_of_months_have_rates_of_sums() -> None:
    sums = pd.DataFrame(
        np.zeros((2, len(MARKET) + HALF_LIVES)), columns=[*MARKET, *(f"h{i}" for i in range(HALF_LIVES))]
    )
    sums[["listings", "ai_listings", "uses", "ai_uses"]] = [[10, 4, 1000, 100], [0, 0, 0, 0]]
    sums[["aged", "aged_ai", "aged_uses", "aged_ai_uses"]] = [[6, 4, 900, 300], [3, 0, 900, 0]]
    sums.loc[0, ["seconds", "depth_seconds", "h7"]] = 500.0, 150.0, 1.0
    frame = rates_of(sums.assign(platform="a"), ["platform"])
    assert frame["ai_listing_share"].tolist()[0] == 0.4 and frame["ai_use_share"][0] == 0.1
    assert frame["visibility_odds_ratio"][0] == pytest.approx(300 / 4 / (900 / 6), rel=1e-3)
    assert frame["aged"].tolist() == [10, 3] and frame.iloc[1, -5:].isna().all() and frame["depth_used"][0] == 0.3
    assert frame["half_life"][0] == pytest.approx(2.0**1.25)  # the middle of the span from 2 to 2.83 days


def test_the_median_half_life_of_counts_is_near_that_of_the_days() -> None:
    days = np.random.default_rng(3).lognormal(1.0, 0.8, 20_000)
    counts = np.bincount(np.searchsorted(HALVES, days, side="right"), minlength=HALF_LIVES)
    assert median_life(counts[None])[0] == pytest.approx(np.median(days), rel=0.02)
    assert np.isnan(median_life(np.zeros((1, HALF_LIVES)))[0])


def test_quality_is_the_odds_of_choice_by_what_an_item_is(made: ContentEcosystem) -> None:
    rules = made.world.rules
    card = np.zeros(3, CARD)
    card["appeal"], card["craft"], card["emotion"] = [np.log(2.0), 0, 0], [0, 1, 0], [0, 0, 1]
    expected = [np.log(2.0), rules.craft_base, rules.beta_emotion]
    np.testing.assert_allclose(log_quality(card, rules), expected, rtol=1e-6)


def test_quality_at_ranks_is_over_that_of_the_median_before_release(made: ContentEcosystem) -> None:
    world, week = made.world.fork(), made.last_week
    items = world.items.columns
    world.now = 11  # the last week of four
    items.alive[:], items.week[:] = 0, world.now
    items.alive[:12] = 1
    for name in ("craft", "emotion"):
        items.card[name] = 0.0
    items.card["appeal"][:12] = np.log(np.arange(12) + 1.0)
    items.uses[:], items.uses_before[:] = 0, 0
    items.uses[[0, 1]] = 3, 1
    world.memory.usual_quality = np.log(4.0)
    values = measure_quality(world, week, world.settings)
    assert values["quality_at_rank_1"] == pytest.approx(12 / 4) and values["quality_at_rank_10"] == pytest.approx(3 / 4)
    assert values["quality_median"] == pytest.approx(7 / 4) and values["quality_at_rank_100"] is None
    assert values["quality_used"] == pytest.approx(2.0 ** (1 / 4) / 4)
    world.now = 12
    assert "quality_median" not in measure_quality(world, week, world.settings)


def test_surplus_in_time_is_that_of_more_sessions_as_they_were(made: ContentEcosystem) -> None:
    world, week = made.world.fork(), made.last_week
    usual = float(week.tallies.surplus[0] / week.tallies.surplus[1])
    minutes = week.tallies.platform_seconds.sum() / 60 / len(world.consumers.columns.uid)
    world.memory.usual_surplus = usual / 1.25
    values = measure_attention(world, week, world.settings)
    assert values["surplus_minutes"] == pytest.approx(0.25 * minutes)
    assert values["surplus_money"] == pytest.approx(0.25 * minutes * world.settings.money.minute_worth)
    world.now = 4  # before release
    assert measure_attention(world, week, world.settings)["surplus_minutes"] is None


def test_staff_who_use_ai_are_counted_by_hours(made: ContentEcosystem) -> None:
    world = made.world.fork()
    world.studios.columns.hours[:], world.studios.columns.intensity[:] = [10, 30, 0], [0.9, 0.1, 1.0]
    assert measure_collaboration(world, made.last_week, world.settings)["staff_ai_share"] == pytest.approx(12 / 40)


def test_reach_of_falsehood_is_compared_within_platforms_and_origins(made: ContentEcosystem) -> None:
    """False items crowd where items reach many; at like reach in each cell the ratio is 1."""
    world = made.world.fork()
    world.reach[:] = 0.0
    world.reach[0, 0, HUMAN] = [[100, 10], [7, 7], [9000, 900]]  # people and items: true, mistaken, false
    world.reach[0, 1, GENERATED] = [[900, 900], [0, 0], [1, 1]]
    values = measure_truth(world, made.last_week, world.settings)
    assert values["reach_ratio_false"] == pytest.approx(1.0, abs=0.01)
    assert values["human_reach_true"] == 10 and values["ai_reach_false"] == 1
    world.reach[0, 0, HUMAN, 2, 0] *= 2
    assert measure_truth(world, made.last_week, world.settings)["reach_ratio_false"] == pytest.approx(2.0, abs=0.02)
    world.reach[0, 0, HUMAN, 2] = world.reach[0, 1, GENERATED, 2] = 0
    assert measure_truth(world, made.last_week, world.settings)["reach_ratio_false"] is None


def test_impostors_count_as_false_and_cells_as_platform_origin_truth() -> None:
    assert life_cells(np.array([2]), np.array([1]), np.array([IMPOSTOR])).tolist() == [(2 * 3 + 1) * 3 + 2]


@pytest.fixture(scope="module")
def months() -> tuple[ContentEcosystem, dict[str, pd.DataFrame]]:
    """A small world after 24 weeks, six months, with fact checks, and its exhibits."""
    model = opened(
        patched(base(), {"time.weeks": 24, "trust.human_falsehood": 0.2, "moderation.flag_threshold": 1}), 24
    )
    return model, model.exhibits()


def test_every_item_has_one_whole_life(months: tuple[ContentEcosystem, dict[str, pd.DataFrame]]) -> None:
    """Those given up and those refused everywhere, each once, by platform, origin, truth and mark."""
    model, frames = months
    world, lives = model.world, frames["reach"]
    assert lives["items"].sum() == world.n_retired + world.n_removed > 100
    assert set(lives["truth"]) == {"true", "mistaken", "false"} and {"none", "refuted"} <= set(lives["mark"])
    assert not lives.duplicated(["week", "platform", "origin", "truth", "mark"]).any()
    assert (lives["people"] <= lives["items"] * len(world.consumers.columns.uid)).all() and lives["people"].sum() > 0


def test_months_add_up_to_their_weeks(months: tuple[ContentEcosystem, dict[str, pd.DataFrame]]) -> None:
    model, frames = months
    outcomes, market, platforms = model.outcomes(), frames["market"], frames["platforms"]
    month = market[market["week"] == 23]
    assert not market.duplicated(["week", "platform", "genre"]).any()
    ours = platforms[platforms["week"] == 23].set_index("platform")
    assert month.groupby("platform")["uses"].sum().to_dict() == ours["uses"].dropna().to_dict()
    depth, last = month["depth_used"].dropna(), outcomes["depth_used"].iloc[20:24]
    assert depth.min() <= last.mean() <= depth.max()
    weekly = outcomes["ai_listing_share"].iloc[20:24]
    pooled = (month["ai_listing_share"] * month["listings"]).sum() / month["listings"].sum()
    assert weekly.min() <= pooled <= weekly.max() and pooled > 0
    assert month["listings"].sum() > outcomes["items_new"].iloc[20:24].sum() * 0.9


def test_commissions_by_genre_add_up(months: tuple[ContentEcosystem, dict[str, pd.DataFrame]]) -> None:
    model, frames = months
    outcomes, sales = model.outcomes(), frames["commissions"]
    month = sales[sales["week"] == 23]
    assert sorted(month["genre"]) == list(range(model.world.settings.world.genres))
    last = outcomes.iloc[20:24]
    assert month["hand"].sum() + month["assisted"].sum() == last["commissions_human"].sum()
    assert month["spend"].sum() == pytest.approx(last["commission_spend"].sum(), rel=1e-6)
    prices = model.world.segments.columns.price
    assert prices.min() * 0.8 <= month["price"].min() <= month["price"].max() <= prices.max() * 1.2
    early = (month["incumbent_share"] * (month["hand"] + month["assisted"])).sum() / last["commissions_human"].sum()
    weekly = last["incumbent_share"]
    assert weekly.min() <= early <= weekly.max() <= 1.0 and early < 1.0
    trades = model.last_week.trades
    assert trades.by_genre.sum(axis=0).tolist() == trades.orders.tolist()
    assert trades.spend.sum() == pytest.approx(trades.orders[:SEGMENTS] @ trades.price + trades.raw_fees)


def test_a_world_without_ai_has_none_of_it_in_its_months() -> None:
    frames = sim.run("no_ai", overrides=["world=tiny", "time.weeks=16", "time.burn_in_weeks=6"]).exhibits
    assert len(frames["market"]) > 10
    assert (frames["market"][["ai_listing_share", "ai_use_share"]].fillna(0.0) == 0.0).all().all()
    assert set(frames["reach"]["origin"]) == {"human"} and (frames["commissions"]["raw"] == 0).all()
    assert frames["market"]["visibility_odds_ratio"].isna().all()

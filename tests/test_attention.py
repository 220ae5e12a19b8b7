"""Known answers of attention: feeds, slates, choice, habit, satiation, sharing, traffic pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from sim.agents.consumers import (
    fade_satisfaction,
    posting_rates,
    seen_slots,
    session_period,
    sort_people,
    swap_platforms,
)
from sim.agents.producers import create_producers
from sim.agents.sessions import session_rules
from sim.base.averages import SPIN_UP_FACTOR
from sim.base.randomness import Stream, Streams, derive
from sim.base.records import AGES, DECLARED, RECENT, Items, Listings
from sim.base.tables import F8, Population
from sim.culture.premium import poisson_fit
from sim.kernels.learning import poisson
from sim.kernels.pools import follow_engagement, list_ending, settle_pools
from sim.kernels.sessions import MAX_SLOTS
from sim.kernels.slates import Serving, Stock, draw_listing, rate_listings, stack_shelf, weigh_listings
from sim.kernels.tally import count_sessions, count_slates, empty_tallies
from sim.processes.attention import prepare_sessions
from sim.settings import PlatformRules, Settings
from sim.settings.levers import Levers
from sim.settings.needs import Fit
from sim.world.setup import open_platforms
from tests.bench import Bench, change, charters_of, consumers_of, crowd, part_of_week, part_of_world, society, table_of
from tests.worlds import base, opened, patched

UNLIKELY = 1e-4  # draws are keyed, so a test that passes once passes always; a wrong law falls far below this


def drawn(name: str, count: int, draw: int = 0) -> F8:
    """Normal numbers to fill a table with."""
    return Stream(0, 0, name).normal(0, derive("test", 0, np.arange(count)), draw)


def softmax(x: Any) -> F8:
    return np.asarray(special.softmax(np.asarray(x, np.float64), axis=-1))


def distance(a: F8, b: F8) -> float:
    """Total variation of two tables of counts."""
    return float(0.5 * np.abs(a / a.sum() - b / b.sum()).sum())


def fits(counts: F8, law: F8) -> bool:
    """Whether counts follow a law, by chi-square over cells of at least five."""
    expected = law / law.sum() * counts.sum()
    small = expected < 5
    counts = np.append(counts[~small], counts[small].sum())
    expected = np.append(expected[~small], expected[small].sum())
    keep = expected > 0
    assert counts[~keep].sum() == 0
    return bool(stats.chisquare(counts[keep], expected[keep]).pvalue > UNLIKELY)


# Slates


def stock_of(cell: Any, weight: Any) -> Stock:
    """Listings that have a cell and a weight."""
    rows = np.flatnonzero((cell >= 0) & (weight > 0)).astype(np.int32)
    return Stock(rows, cell[rows], weight[rows])


WEIGHTS = st.one_of(st.just(0.0), st.floats(1e-3, 100.0))


@given(st.lists(WEIGHTS, min_size=1, max_size=40), st.integers(1, 4))
def test_alias_tables_hold_the_weights(weights: list[float], cells: int) -> None:
    weight = np.array(weights)
    cell = (np.arange(len(weight)) % (cells + 1) - 1).astype(np.int32)  # some are on no shelf
    shelf = stack_shelf(stock_of(cell, weight), cells)
    for c in range(cells):
        lo, hi = shelf.start[c], shelf.start[c + 1]
        mine = np.flatnonzero((cell == c) & (weight > 0))
        slot = shelf.slot[lo:hi]
        assert list(slot["listing"]) == list(mine)
        if lo == hi:
            assert draw_listing(shelf, c, 0.5) == -1
            continue
        chance = np.zeros(len(weight))
        np.add.at(chance, slot["listing"], slot["keep"])
        np.add.at(chance, slot["other"], 1.0 - slot["keep"])
        np.testing.assert_allclose(chance[mine] / (hi - lo), weight[mine] / weight[mine].sum(), atol=1e-6)


def test_draws_are_in_proportion_to_weight() -> None:
    weight = np.exp(drawn("weight", 30))
    shelf = stack_shelf(stock_of(np.zeros(30, np.int32), weight), 1)
    grid = (np.arange(40_000) + 0.5) / 40_000
    found = np.bincount([draw_listing(shelf, 0, u) for u in grid], minlength=30)
    np.testing.assert_allclose(found / 40_000, weight / weight.sum(), atol=1e-3)


def feed(recall: str) -> Bench:
    """2,000 items of unequal weight on two platforms, in four genres, some trending and some under test."""
    bench = Bench(10_000, 2_000, genres=4, platforms=2, slate=8, exact=recall == "exact")
    bench.mix(interest=0.5, trending=0.2, exploration=0.3)
    bench.items.card["appeal"] = 0.8 * drawn("appeal", 2_000)
    bench.weight[:] = np.exp(2.0 * drawn("weight", 2_000))
    row = np.arange(2_000)
    bench.trend[:] = np.where(row % 50 < 4, bench.weight, 0.0)
    bench.test[:] = np.where(row % 7 == 0, bench.weight, 0.0)
    bench.people.affinity[:] = np.cumsum([0.4, 0.3, 0.2, 0.1])
    return bench


def law_of(bench: Bench) -> F8:
    """Chance of each listing in a slate's first slot, the two platforms being alike."""
    place, genre = bench.listings.platform.astype(int), bench.items.card["genre"].astype(int)
    law = np.zeros(len(bench.weight))
    for k in range(2):
        here = place == k
        for g, share in enumerate((0.4, 0.3, 0.2, 0.1)):
            cell = here & (genre == g)
            law[cell] += 0.25 * share * bench.weight[cell] / bench.weight[cell].sum()
        law[here] += 0.10 * bench.trend[here] / bench.trend[here].sum()
        law[here] += 0.15 * bench.test[here] / bench.test[here].sum()
    return law


def test_recall_draws_one_law_by_tables_and_by_enumeration() -> None:
    """Shares of use over 2,000 items and 28 days: tables and enumeration differ no more than two runs of tables do."""
    sampled, exact = feed("sampled"), feed("exact")
    law = law_of(sampled)
    first, used = sampled.count(28, "a")
    _, again = sampled.count(28, "b")
    first_exact, used_exact = exact.count(28, "c")
    assert fits(first, law) and fits(first_exact, law)
    assert not fits(first, np.where(np.arange(2_000) % 2, 1.1, 1.0) * law)  # the test sees a tenth
    floor = distance(used, again)
    assert floor < 0.03
    assert distance(used, used_exact) < min(1.1 * floor, 0.03)


def test_a_slate_holds_an_item_once() -> None:
    bench = Bench(500, 8, slate=6)
    bench.listings.item[:] = np.arange(8) // 2  # every item is listed twice
    slate = bench.session().slate
    item = np.where(slate >= 0, bench.listings.item[slate], -1 - np.arange(6))
    assert all(len(set(row)) == 6 for row in item)
    assert (slate >= 0).sum(axis=1).max() == 4


def test_a_query_finds_the_nearest() -> None:
    bench = Bench(2_000, 400, query_candidates=8)
    bench.items.card["concept"] = np.stack([drawn("concept", 400, d) for d in range(8)], axis=1)
    bench.people.taste[:] = np.stack([drawn("taste", 2_000, d) for d in range(8)], axis=1)

    def gap() -> float:
        bench.forget()
        slate = bench.session().slate[:, 0]
        return float(np.linalg.norm(bench.items.card["concept"][slate] - bench.people.taste, axis=1).mean())

    by_interest = gap()
    bench.mix(query=1.0)
    several = gap()
    bench.rule(query_candidates=1)
    assert several < by_interest - 0.5
    assert gap() == pytest.approx(by_interest, abs=0.1)


def test_followers_meet_the_followed() -> None:
    bench = Bench(300, 200)
    bench.items.card["producer"] = np.arange(200) // 8
    bench.recent = np.zeros((25, 8), RECENT)
    bench.recent["item"], bench.recent["platforms"] = np.arange(200).reshape(25, 8), 1
    bench.recent["serial"] = bench.recent["item"] + 1
    bench.mix(followed=1.0)
    bench.people.follows[:, 0], bench.people.n_follows[:] = 3, 1  # one of sixteen places is taken
    assert set(bench.session().slate[:, 0]) <= set(range(24, 32))
    bench.listings.opens[24:28], bench.weight[24:28] = 1, 0.0
    shown = set(bench.session().slate.ravel())
    assert shown >= set(range(28, 32)) and not shown & set(range(24, 28))  # published, not yet open
    bench.people.follows[:], bench.people.n_follows[:] = -1, 0  # who follows nobody is shown what interests
    assert len(set(bench.session().slate[:, 0])) > 50


def test_friends_meet_a_fresh_share() -> None:
    bench = Bench(300, 200, share_ticks=3.0)
    bench.mix(friends=1.0)
    bench.friends = (list(range(1, 300)), [0] * 299)
    bench.people.shared[0] = (77, 78, 10)  # listing, serial, tick
    assert (bench.session(13).slate[1:, 0] == 77).all()
    assert (bench.session(14).slate[1:, 0] == 77).mean() < 0.1  # forgotten after three ticks
    bench.people.shared["serial"][0] = 5  # the row holds another item by now
    assert (bench.session(13).slate[1:, 0] == 77).mean() < 0.1


# Choice


def test_choice_is_softmax_of_appeal() -> None:
    bench = Bench(20_000, 40)
    bench.items.card["appeal"] = drawn("appeal", 40)
    events = bench.session()
    full = (events.slate >= 0).all(axis=1)
    slate = events.slate[full]
    expected = np.zeros(40)
    np.add.at(expected, slate, softmax(bench.items.card["appeal"][slate]))
    used = np.bincount(events.listing[full], minlength=40)
    assert full.mean() > 0.9
    assert fits(used.astype(float), expected)
    assert not fits(used.astype(float), np.bincount(slate.ravel(), minlength=40).astype(float))
    surplus = np.log1p(np.exp(bench.items.card["appeal"][slate]).sum(axis=1))
    np.testing.assert_allclose(events.surplus[full], surplus, rtol=1e-4)


def test_places_and_displayed_counts_move_choice_but_not_surplus() -> None:
    bench = Bench(20_000, 60)
    calm = bench.session().surplus.copy()
    bench.forget()
    bench.place[:] = np.exp(-0.3 * np.arange(MAX_SLOTS))
    bench.items.fame[:] = np.arange(60) % 2 * 10.0
    bench.counts[:] = 1
    bench.rule(beta_popularity=0.1)
    events = bench.session()
    full = (events.slate >= 0).all(axis=1)
    odds = softmax(-0.3 * np.arange(6) + 0.1 * bench.items.fame[events.slate[full]])
    at = (events.slate[full] == events.listing[full, None]).argmax(axis=1)
    assert fits(np.bincount(at, minlength=6).astype(float), odds.sum(axis=0))
    assert (bench.items.fame[events.listing[full]] > 0).mean() > 0.6
    np.testing.assert_allclose(events.surplus, calm, rtol=1e-6)


@pytest.mark.parametrize("nest", [1.0, 0.5])
def test_platforms_are_nested_logit_by_need(nest: float) -> None:
    bench = Bench(20_000, 400, platforms=4, nest=nest)
    bench.pull[:] = np.array([[1.0, 0.0, -0.5, 0.3], [0.0, 0.0, 0.0, 2.0], [0.0] * 4, [0.0] * 4])
    for need in (0, 1, 2):
        bench.forget()
        bench.people.needs[:] = (np.arange(4) >= need).astype(np.float32)
        events = bench.session(need)
        share = np.bincount(bench.listings.platform[events.listing], minlength=4).astype(float)
        assert fits(share, softmax(bench.pull[need] / nest))
    bench.is_open[3], bench.people.installed[:10_000, 0] = 0, 0
    bench.forget()
    place = bench.listings.platform[bench.session(9).listing]
    assert not (place == 3).any() and not (place[:10_000] == 0).any() and (place[10_000:] == 0).any()
    bench.rule(off_screen=1.0)
    bench.pull[:] = 0.5
    on = (bench.session(10).listing[10_000:] >= 0).mean()
    assert on == pytest.approx(special.expit(0.5 + nest * np.log(3.0) - 1.0), abs=0.015)


def test_market_pulls_by_need_audience_and_advertising() -> None:
    platforms = {
        "a": PlatformRules(fit=Fit(inform=1.0, divert=0.2), ad_load=2.0),
        "b": PlatformRules(kind="library", fit=Fit(inform=0.5, divert=0.2), ad_load=1.0),
    }
    settings = change(Settings(), platforms=platforms, attention__audience_pull=2.0, attention__beta_ads=0.3)
    settings = change(settings, world__consumers=2)
    consumers, charters = consumers_of(settings, np.zeros((4, 2))), charters_of(settings)
    consumers.columns.installed[:] = [[1, 1], [0, 1]]
    items, listings = shelf_of(6)
    items.card["detectability"] = [0.0, DECLARED, 1.0, DECLARED, DECLARED, DECLARED]
    listings.item[:] = [0, 1, -1, 2, 3, -1]  # the last items are not listed
    world = part_of_world(
        now=0,
        memory_unit=1.0,
        top_stage=3,
        charters=charters,
        consumers=consumers,
        streams=Streams(1),
        market=open_platforms(settings, charters, np.ones(2, np.bool_)),
        listings=table_of(listings),
        items=table_of(items),
        producers=create_producers(settings),
        rules=session_rules(settings),
    )
    week = part_of_week(levers=Levers(), rules=world.rules)
    prepare_sessions(world, week, settings)
    pull = week.sessions_market.pull
    audience_and_ads = 2.0 * np.log(2.0) + 0.3 * (2.0 - 1.0)
    assert pull[0, 1] - pull[0, 0] == pytest.approx(0.5 - 1.0 + audience_and_ads, abs=0.01)
    assert pull[1, 1] - pull[1, 0] == pytest.approx(audience_and_ads, abs=0.01)  # to divert both are fit alike
    half = 0.5 * settings.moderation.label_doubt
    assert week.rules.label == pytest.approx(half)  # half of what is listed says it


def test_follows_and_platforms_in_use_settle_in_the_first_half_of_burn_in() -> None:
    """Follows are won and lost alike faster; platforms change hands faster unless data say who uses which."""
    settings = patched(base(), {"time.burn_in_weeks": 6, "time.weeks": 6, "world.consumers": 600})
    usual, moved = session_rules(settings), np.zeros((2, 6))
    for surveyed in (False, True):
        model, paces = opened(settings), []
        model.world.surveyed = surveyed
        for week in range(6):
            before = model.world.consumers.columns.installed.copy()
            model.step()
            moved[int(surveyed), week] = (model.world.consumers.columns.installed != before).any(axis=1).mean()
            paces.append(model.last_week.rules.unfollow_rate / usual.unfollow_rate)
            assert model.last_week.rules.follow_rate / usual.follow_rate == pytest.approx(paces[-1], rel=1e-4)
        assert paces == pytest.approx([SPIN_UP_FACTOR] * 3 + [1.0] * 3, rel=1e-4)  # at a session a day
    early, late = moved[:, :3].mean(axis=1), moved[:, 3:].mean(axis=1)
    assert early[0] > 4 * late[0] and early[1] < 2 * late[1]


def test_satisfaction_fades_by_its_half_life() -> None:
    people = Bench(2, 1, platforms=3).people
    people.satisfaction[:] = -1.0
    for week in range(26):
        fade_satisfaction(people, 26.0, Stream(0, 0, "rounding"), week)
    np.testing.assert_allclose(people.satisfaction, -0.5, rtol=1e-5)


@pytest.mark.parametrize("sessions", [4.0, 1.0, 0.25])
def test_turns_part_people_evenly_by_identity(sessions: float) -> None:
    settings = change(Settings(), world__consumers=4_000, world__sessions_per_day=sessions)
    person, turns = sort_people(settings)
    period = session_period(settings)
    assert sorted(person) == list(range(4_000)) and len(turns) == period + 1
    uid = derive("consumer", 0, person)
    for turn in range(period):
        mine = uid[turns[turn] : turns[turn + 1]]
        assert (mine % np.uint64(period) == turn).all()
        assert len(mine) == pytest.approx(4_000 / period, rel=0.25)
    fewer = change(settings, world__consumers=1_000)
    others = sort_people(fewer)[0]
    assert np.array_equal(person[person < 1_000], others)  # newcomers leave the others in their order


def test_any_split_over_pieces_gives_the_same() -> None:
    whole, parts = Bench(1_000, 50), Bench(1_000, 50)
    for tick in range(3):
        for a, b in zip(whole.session(tick), parts.session(tick, pieces=7), strict=True):
            np.testing.assert_array_equal(a, b)
    for a, b in zip(whole.people, parts.people, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nobody_uses_an_item_twice() -> None:
    bench = Bench(200, 25, seen=32)
    uses = np.zeros((200, 25), int)
    for tick in range(60):
        events = bench.session(tick)
        on = events.listing >= 0
        uses[on, events.listing[on]] += 1
    assert uses.max() == 1 and uses.mean() > 0.9  # nearly all that can be used were
    assert seen_slots(Settings(), 180.0) >= 180  # a session a day for as long as a listing lives
    bench.people.seen[:] = 0
    assert (bench.session(61).listing >= 0).all()


def premium(dot_product: bool) -> float:
    """Elasticity of use to an item's distance from the middle of taste, where nothing but taste counts."""
    bench = Bench(4_000, 600, dot_product=dot_product, beta_taste=0.5)
    concept = np.stack([drawn("concept", 600, d) for d in range(8)], axis=1)
    bench.items.card["concept"] = concept * np.exp(0.3 * drawn("far", 600))[:, None]
    bench.people.taste[:] = np.stack([drawn("taste", 4_000, d) for d in range(8)], axis=1)
    _, used = bench.count(8)
    far = np.log(np.linalg.norm(bench.items.card["concept"], axis=1))
    fit = poisson_fit(used, far[:, None], np.zeros(600, np.int64))
    assert fit is not None
    return float(fit[0][0])


def test_a_dot_product_builds_a_premium_on_novelty_in() -> None:
    assert premium(True) > 0.3
    assert premium(False) < -0.3  # an ideal point by itself makes the far less welcome


def test_taste_for_novelty_peaks_where_it_says() -> None:
    def liked(peak: float) -> float:
        bench = Bench(4_000, 400, novelty_amplitude=3.0, novelty_peak=float(np.log(peak)))
        bench.items.card["concept"][:, 0] = np.arange(400) / 400 * 12.0  # novelty 0 to 3, the unit being 4
        bench.people.n_seen[:] = 1  # of an item at the origin
        return float(np.median(bench.items.card["concept"][bench.session().listing, 0] / 4.0))

    assert liked(0.8) == pytest.approx(0.9, abs=0.2)
    assert liked(1.6) == pytest.approx(1.6, abs=0.2)


def test_novelty_is_the_distance_to_the_nearest_remembered() -> None:
    bench = Bench(1, 1, memory=4, novelty_amplitude=1.0, novelty_peak=0.0, novelty_width=0.3)
    bench.people.memory[0, :, 0] = [2.0, 4.0, 6.0, 50.0]
    bench.people.n_seen[0] = 4
    utility = float(bench.session().utility[0])  # mean distance to three, over the unit of 4: 1, where it peaks
    assert utility == pytest.approx(1.0, abs=1e-5)
    bench.people.n_seen[0], bench.people.seen[:] = 2, 0
    bench.people.memory[0, :2, 0] = [2.0, 4.0]
    assert float(bench.session().utility[0]) == pytest.approx(np.exp(-0.5 * (np.log(0.75) / 0.3) ** 2), abs=1e-5)


@pytest.mark.parametrize(
    ("rule", "value", "make_better"),
    [
        ("craft_base", 1.0, "craft"),
        ("craft_expertise", 1.0, "craft"),
        ("beta_emotion", 1.0, "emotion"),
        ("beta_follow", 1.0, "followed"),
        ("beta_effort", 1.0, "shallow"),
    ],
)
def test_each_weight_has_its_sign_and_size(rule: str, value: float, make_better: str) -> None:
    bench = Bench(20_000, 50, **{rule: value})
    good, card = np.arange(50) < 25, bench.items.card
    card["depth"], card["producer"], bench.people.expertise[:] = 1.4, np.where(good, 1, 2), 1.0
    if make_better in ("craft", "emotion"):
        card[make_better] = good
    elif make_better == "followed":
        bench.people.follows[:, 5] = 1
    else:
        card["depth"] = np.where(good, 0.4, 1.4)  # a habit of 0.4
    events = bench.session()
    slate = events.slate[(events.slate >= 0).all(axis=1)]
    expected = (softmax(good[slate] * value) * good[slate]).sum(axis=1).mean()
    assert good[events.listing].mean() == pytest.approx(expected, abs=0.015)
    assert good[slate].mean() < expected - 0.1


# What use leaves behind


def test_habit_follows_the_depth_used() -> None:
    """A short item watched to the end is no deep one: habit falls to 0. Skimming gives a part of the depth."""
    ends = {}
    for deep in (True, False):
        for depth in (0.0, 1.0):
            bench = Bench(50, 100, deep_base=99.0 if deep else -99.0, deep_habit=0.0, habit_step=0.1, skim=0.2)
            bench.items.card["depth"] = depth
            for tick in range(20):
                assert (bench.session(tick).deep == deep).all()
            ends[deep, depth] = float(bench.people.habit.mean())
    left = 0.9**20
    for (deep, depth), habit in ends.items():
        assert habit == pytest.approx(left * 0.4 + (1 - left) * depth * (1.0 if deep else 0.2), abs=1e-4)


def test_deep_use_follows_habit_and_skimming_covers_more_items() -> None:
    bench = Bench(20_000, 50, deep_base=0.5, deep_habit=2.0, deep_pleasure=0.0, short=20.0, stretch=float(np.log(60.0)))
    bench.items.card["depth"] = 0.5
    bench.rule(habit_step=0.0)
    bench.people.habit[:10_000], bench.people.habit[10_000:] = 0.9, 0.1
    events = bench.session()
    assert events.deep[:10_000].mean() == pytest.approx(special.expit(1.3), abs=0.02)
    assert events.deep[10_000:].mean() == pytest.approx(special.expit(-0.3), abs=0.02)
    length = 20.0 * np.sqrt(60.0)
    for rows, chance in ((slice(10_000), special.expit(1.3)), (slice(10_000, None), special.expit(-0.3))):
        np.testing.assert_allclose(events.uses[rows], 600 / (length * (chance + 0.2 * (1 - chance))), rtol=1e-4)
    bench.rule(spread=False)
    bench.forget()
    events = bench.session()
    assert (events.uses[events.deep > 0] == round(600 / length)).all()
    assert (events.uses[events.deep == 0] == round(600 / (0.2 * length))).all()


@pytest.mark.parametrize("sessions", [1.0, 0.5, 0.25])
def test_satiation_halves_in_its_half_life(sessions: float) -> None:
    settings = change(Settings(), world__sessions_per_day=sessions, attention__satiation_days=2.0)
    bench = Bench(20, 20, settings=settings)
    bench.people.satiation[:] = 1.0
    bench.is_open[:] = 0
    for tick in range(round(8 * sessions)):
        bench.session(tick)
    np.testing.assert_allclose(bench.people.satiation, 1 / 16, rtol=1e-5)


@pytest.mark.parametrize("sessions", [0.5, 0.25])
def test_rare_sessions_leave_what_daily_ones_do(sessions: float) -> None:
    """A session that stands for several days moves habit, satiation and follows as one a day would in as long."""
    daily, rare = (session_rules(change(Settings(), world__sessions_per_day=x)) for x in (1.0, sessions))
    days = round(1 / sessions)
    for step in ("habit_step", "follow_rate", "unfollow_rate", "satisfaction_step", "trust_step", "memory_step"):
        assert 1 - getattr(rare, step) == pytest.approx((1 - getattr(daily, step)) ** days, abs=1e-6), step
    met = 0.0
    for _ in range(days):
        met = met * daily.satiation_kept + daily.satiation
    assert rare.satiation == pytest.approx(met, rel=1e-5)
    assert rare.checked_step == pytest.approx(daily.checked_step * days)


def test_satiation_turns_viewers_to_another_genre() -> None:
    bench = Bench(5_000, 100, genres=2, satiation_kept=1.0)
    bench.people.satiation[:, 0] = 2.0
    assert (bench.session().listing % 2 == 0).mean() < 0.25
    used = Bench(1, 1, satiation=0.7)
    used.session()
    assert used.people.satiation[0, 0] == pytest.approx(0.7 * np.exp(-0.5))  # novelty 1 without memory


def test_likers_follow_and_followers_drop() -> None:
    bench = Bench(5_000, 40, follow_rate=0.3)
    bench.items.card["producer"], bench.items.card["appeal"] = 7, 1.0
    events = bench.session()
    assert (events.gained == 7).mean() == pytest.approx(0.3, abs=0.02) and (events.lost == -1).all()
    assert ((bench.people.follows == 7).sum(axis=1) == (events.gained == 7)).all()
    had = (bench.people.follows == 7).any(axis=1)
    assert (bench.session(1).gained[had] == -1).all()  # nobody follows twice
    bench.items.card["appeal"] = -5.0
    assert (bench.session(2).gained == -1).all()  # what disappoints is not followed
    bench.rule(follow_rate=0.0, unfollow_rate=0.02)
    bench.people.follows[:], bench.people.n_follows[:] = 3, 16
    events = bench.session(3)
    assert (events.lost == 3).mean() == pytest.approx(0.02 * 16, abs=0.02)
    left = (bench.people.follows == 3).sum(axis=1)
    assert (left == 16 - (events.lost == 3)).all() and (left == bench.people.n_follows).all()
    assert (bench.people.follows[left < 16, -1] == -1).all()  # the rest stand first


def test_sharing_rises_with_pleasure_and_emotion() -> None:
    def shared(**values: float) -> float:
        bench = Bench(20_000, 40, share_base=-1.0, share_pleasure=0.5, share_emotion=0.4, days=1.0)
        for name, value in values.items():
            bench.items.card[name] = value
        bench.people.activity[:] = 50.0  # posts every day
        return float(bench.session().shares.mean())

    base = -1.0 + 1.0 * (0.9 - 0.6)  # trust of 0.9
    assert shared() == pytest.approx(special.expit(base), abs=0.015)
    assert shared(appeal=1.0) == pytest.approx(special.expit(base + 0.5), abs=0.015)
    assert shared(emotion=1.0) == pytest.approx(special.expit(base + 0.4), abs=0.015)


# Posting


@pytest.mark.parametrize("mean", [0.05, 1.0, 7.0, 49.0, 80.0])
def test_counts_are_poisson(mean: float) -> None:
    grid = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([poisson(mean, u) for u in grid])
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(mean, rel=0.02 if mean <= 50 else 0.05)
    assert (np.diff(counts) >= 0).all()


def test_posts_are_concentrated_and_many_are_silent() -> None:
    uid = derive("consumer", 0, np.arange(200_000))
    stream = Stream(0, 0, "posts")
    rates = posting_rates(0.35, 1.8, 8.0, stream.uniform(0, uid, 0), stream.normal(0, uid, 1))
    posts = np.sort(stream.poisson(0, uid, rates, 2))[::-1]
    assert posts.mean() == pytest.approx(8.0, rel=0.08)  # the tail is heavy
    assert posts[:20_000].sum() / posts.sum() == pytest.approx(0.79, abs=0.015)
    assert (posts == 0).mean() == pytest.approx(0.52, abs=0.01)


def test_sessions_post_at_the_personal_rate() -> None:
    bench = Bench(20_000, 40, days=2.0)
    bench.people.activity[:] = np.where(np.arange(20_000) % 2, 0.6, 0.0)
    posts = bench.session().posts
    assert posts[1::2].mean() == pytest.approx(1.2, rel=0.03) and posts[::2].sum() == 0


# Serving and traffic pools


def shelf_of(n: int, platforms: int = 1) -> tuple[Any, Any]:
    """Items with one listing each, open from tick 0, with a full budget."""
    items, listings = (
        Population(Items, n, {"listings": 2}).columns,
        Population(Listings, n, {"ages": len(AGES) + 1}).columns,
    )
    listings.item[:], listings.platform[:] = np.arange(n), np.arange(n) % platforms
    listings.budget[:] = 8.0
    return items, listings


def serve(items: Any, listings: Any, tick: int, **values: float) -> dict[str, Stock]:
    rules = {"freshness": 2.0, "quality": 0.0, "theta": 2.0, "mean": 0.5} | values
    by_platform = (np.full(1, rules[name]) for name in ("freshness", "quality", "theta", "mean"))
    *rated, _ = rate_listings(listings, items.card, np.full(4, 0.5, np.float32), 4, float(DECLARED))
    serving = Serving(*by_platform, np.ones(1, np.uint8), 20.0, 3, 4, *rated)
    stocks = weigh_listings(tick, 1.0, listings, serving)
    return dict(zip(("serve", "query", "trend", "test"), stocks, strict=True))


def test_serving_weight_fades_and_rewards_engagement() -> None:
    items, listings = shelf_of(4)
    np.testing.assert_allclose(serve(items, listings, 0)["serve"].weight, 8.0)
    np.testing.assert_allclose(serve(items, listings, 6)["serve"].weight, 1.0)  # three half-lives
    listings.shown[1], listings.engaged[1] = 20.0, 20.0  # twice the mean, shrunken half-way
    weight = serve(items, listings, 0, theta=3.0)["serve"].weight
    np.testing.assert_allclose(weight, [8.0, 8.0 * 1.5**3, 8.0, 8.0])
    items.card["craft"][1] = 1.0
    out = serve(items, listings, 0, quality=2.0, theta=0.0)
    assert out["serve"].weight[1] / out["serve"].weight[0] == pytest.approx(np.exp(2.0))
    assert out["query"].weight[0] == pytest.approx(np.exp(1.0))  # the account's authority of 0.5


def test_listings_stand_on_the_shelves_of_their_stage() -> None:
    items, listings = shelf_of(5)
    items.card["genre"] = [0, 1, 2, 3, 0]
    listings.stage[:], listings.opens[3], listings.item[4] = [0, 2, 3, 0, 0], 1, -1
    listings.budget[1] = 0.0
    cells = {name: dict(zip(s.listing, s.cell, strict=True)) for name, s in serve(items, listings, 0).items()}
    # One without budget is no longer served, one not yet open or closed is nowhere.
    assert cells == {"serve": {0: 0, 2: 2}, "query": {0: 0, 1: 1, 2: 2}, "trend": {2: 0}, "test": {0: 0}}


def test_engagement_is_followed_where_something_was_shown() -> None:
    mean, exposures = np.array([0.5, 0.5, 0.5]), np.array([1.0, 2.0, 3.0])
    follow_engagement(np.array([10.0, 0.0, 4.0]), np.array([10.0, 0.0, 0.0]), 2.0, 0.3, mean, exposures)
    np.testing.assert_array_equal(mean, [0.75, 0.5, 0.3])
    np.testing.assert_array_equal(exposures, [11.0, 2.0, 7.0])


def settle(listings: Any, state: Any, tick: int, promoted: float = 0.25) -> None:
    uids = derive("item", 0, np.arange(len(listings.item)))
    scores, n_scores = state
    mean, rules = np.full(1, 0.5), (np.full(1, 8.0), 4.0, 6, 20.0, promoted)
    settle_pools(listings, uids, tick, Stream(0, 0, "ties").key, mean, scores, n_scores, rules)


@pytest.mark.parametrize("promoted", [0.25, 0.4])
def test_of_equals_each_stage_keeps_its_part(promoted: float) -> None:
    """Equal scores: a share phi of the listings moves on, phi^r after r stages."""
    n, rounds = 40_000, 3
    _, listings = shelf_of(n)
    state = np.zeros((1, 6, 256)), np.zeros((1, 6), np.int64)
    listings.budget[:], listings.shown[:], listings.engaged[:] = 8.0, 8.0, 4.0
    tick, kept = 0, []
    for stage in range(rounds):
        alive = np.flatnonzero(listings.stage == stage)
        for lot in np.array_split(alive, max(1, len(alive) // 100)):  # as they come in a live feed
            tick += 1
            listings.budget[lot] = 0.0
            settle(listings, state, tick, promoted=promoted)
        late = alive[len(alive) // 10 :]  # the ring fills first
        kept.append((listings.stage[late] == stage + 1).mean())
        assert (listings.budget[listings.stage == stage + 1] == 8.0 * 4.0 ** (stage + 1)).all()
    assert kept[0] == pytest.approx(promoted, abs=0.02)
    assert np.prod(kept) == pytest.approx(promoted**rounds, rel=0.2)


def test_the_better_move_on_and_the_last_stage_may_repeat() -> None:
    _, listings = shelf_of(1_000)
    good = np.arange(1_000) % 10 == 0
    state = np.full((1, 6, 256), 0.5), np.full((1, 6), 256)
    listings.budget[:], listings.shown[:], listings.engaged[:] = 0.0, 20.0, np.where(good, 16.0, 6.0)
    listings.opens[1] = 5
    settle(listings, state, 0)
    assert (listings.stage[good] == 1).all() and (listings.stage[~good][1:] == -1).all()
    assert listings.stage[1] == 0  # not open yet
    listings.stage[good], listings.budget[good] = 5, 0.0
    settle(listings, state, 1)
    assert (listings.stage[good] == 5).all() and (listings.budget[good] == 8.0 * 4.0**5).all()
    listings.budget[:] = 0.0
    before = listings.stage.copy()
    settle(listings, state, -1)  # nothing is open: nothing moves
    np.testing.assert_array_equal(listings.stage, before)


def test_a_tick_is_counted_once() -> None:
    bench = Bench(400, 60, genres=2, platforms=2)
    bench.items.card["producer"], bench.items.card["depth"] = np.arange(60) % 5, 0.7
    bench.items.ai[:] = 0.25
    followers, shown, engaged = np.zeros(5, np.int32), np.zeros(2), np.zeros(2)
    tallies = empty_tallies(2, 2, 5, 1)
    bench.listings.budget[:] = 100.0
    uses = 0.0
    for tick in range(3):
        events = bench.session(tick)
        accuracy = bench.items.card["accuracy"][bench.listings.item]
        count_slates(tick, 1, 0, 400, events, bench.items, bench.listings, accuracy, shown, engaged, tallies)
        count_sessions(0, 400, events, bench.people.age, followers, tallies)
        uses += events.uses.sum()
    assert bench.listings.shown.sum() == shown.sum() == bench.items.exposures.sum()
    assert tallies.filled[0] == tallies.exposures.sum() == shown.sum()
    assert (bench.listings.budget + bench.listings.shown == 100.0).all()
    seconds = 3 * 400 * 600
    assert tallies.platform_seconds.sum() == bench.items.week_seconds.sum() == tallies.producer_seconds.sum() == seconds
    assert tallies.cell_seconds[:, :, 3].sum() == seconds and tallies.cell_uses[:, :, 3].sum() == tallies.uses[0]
    assert tallies.group_seconds[0, 0] == seconds
    assert tallies.ai_seconds.sum() == pytest.approx(0.25 * seconds)
    assert bench.items.chosen.sum() == 1_200 and bench.items.chosen.max() <= 400
    assert bench.items.chance.sum() == pytest.approx(1_200) == tallies.producer_pleasure[:, 1].sum()
    assert tallies.uses[0] == pytest.approx(uses, rel=1e-5) and bench.items.uses.sum() == pytest.approx(tallies.uses[0])
    assert tallies.producer_uses.sum() == pytest.approx(tallies.uses[0])
    assert 0.7 * 0.2 * seconds < tallies.depth_seconds.sum() < 0.7 * seconds  # between skimmed and deep
    assert tallies.safe_seconds.sum() == pytest.approx(tallies.depth_seconds.sum() / 0.7, rel=1e-5)  # all are accurate
    assert tallies.deep_seconds[0] == tallies.group_seconds[0, 1] and tallies.group_seconds[0, 2] == 0
    assert engaged.sum() == pytest.approx(bench.listings.engaged.sum())
    np.testing.assert_allclose(bench.items.fame, np.log1p(bench.items.uses), rtol=1e-5)
    assert bench.listings.uses.sum() == pytest.approx(tallies.uses[0]) == tallies.market_uses.sum()
    assert (bench.listings.uses.sum(axis=0) > 0).tolist() == [True, True, True, False, False, False]  # days 0, 1, 2


def test_listings_end_and_come_of_age() -> None:
    """A month of 28 ticks: they come of age at 28 or, where they are shorter, when they end."""
    _, listings = shelf_of(6)
    listings.opens[:], listings.ends[:] = [0, 0, 0, 10, 10, 0], [40, 20, 28, 100, 100, 5]
    listings.stage[:], listings.item[5] = [0, 1, 0, 0, 0, 0], -1
    aged = [list_ending(listings, tick, 28, 7)[1].tolist() for tick in (19, 20, 28, 34, 35)]
    assert aged == [[], [1], [0, 1, 2], [0, 1, 2], [1]]
    assert list_ending(listings, 27, 28, 7)[0].tolist() == [1]
    assert list_ending(listings, 40, 28, 7)[0].tolist() == [0, 1, 2]


def curves(ticks: int) -> dict[str, float]:
    """Mean outcomes over three small worlds with two platforms, whose days are cut into ticks."""
    a = PlatformRules(fit=Fit(divert=1.0), freshness=2.0, theta=1.0)
    b = PlatformRules(kind="library", fit=Fit(inform=1.0), freshness=8.0, theta=1.0)
    size: dict[str, Any] = {
        "world__new_items": 2_000.0, "world__creators": 1_000, "time__ticks_per_day": ticks,
        "attention__habit_start": 0.6, "attention__habit_rate": 0.02,  # far from its end, so that its pace shows
    }  # fmt: skip
    runs = [society(10, rng=rng, platforms={"a": a, "b": b}, **size).world.memory.outcomes for rng in range(3)]
    return {name: float(np.mean([run[name][4:10] for run in runs])) for name in runs[0]}


def test_shorter_ticks_give_the_same_curves() -> None:
    """Where supply is ample and success feeds little on itself.

    A traffic pool moves on once a tick at most: where items are few they go sooner, and where uses follow
    engagement steeply the winners are found sooner.
    """
    day, half = curves(1), curves(2)
    assert half["items_new"] == pytest.approx(day["items_new"], rel=0.01)  # makers learn what length takes, and pays
    for name, margin in (
        ("screen_share", 0.02), ("platform_hhi", 0.01), ("deep_time_share", 0.02), ("habit_mean", 0.02),
        ("slate_fill", 0.04), ("posts_top10", 0.02), ("false_exposure_share", 0.03), ("craft_used", 0.2),
    ):  # fmt: skip
        assert half[name] == pytest.approx(day[name], abs=margin), name
    assert half["dwell_mean"] == pytest.approx(day["dwell_mean"], rel=0.1)


# Platforms in use


def test_swaps_balance_and_favour_the_liked() -> None:
    platforms = {
        name: PlatformRules(kind=kind) for name, kind in zip("abc", ("forum", "library", "photo"), strict=True)
    }
    settings = change(
        Settings(),
        platforms=platforms,
        world__consumers=4_000,
        attention__satisfaction_weight=1.0,
        attention__install_concavity=0.5,
        attention__multi_homing=2.0,
    )
    streams, even = Streams(0, 0), np.zeros((4, 3))
    people = crowd(settings, even)
    before = people.installed.sum()
    people.satisfaction[:, 1] = 3.0
    is_open = np.array([1, 1, 1], np.uint8)
    users = people.installed.mean(axis=0)
    for week in range(20):
        swap_platforms(people, even, is_open, settings, streams["swaps"], week, 0.2)
    assert people.installed.sum() == before
    assert (people.installed.sum(axis=1) >= 1).all()
    assert people.installed.mean(axis=0)[1] > users[1] + 0.05
    shut = crowd(settings, even)
    new = shut.installed[:, 2].copy()
    for week in range(20):
        swap_platforms(shut, even, np.array([1, 1, 0], np.uint8), settings, streams["swaps"], week, 0.2)
    assert (shut.installed[:, 2] <= new).all()  # nobody installs what is not open


def test_installs_and_swaps_follow_the_fit_to_needs() -> None:
    platforms = {
        name: PlatformRules(kind=kind) for name, kind in zip("abc", ("forum", "library", "photo"), strict=True)
    }
    settings = change(
        Settings(),
        platforms=platforms,
        world__consumers=4_000,
        attention__multi_homing=2.0,
        attention__need_sd=1.0,
    )
    streams, even, fit = Streams(0, 0), np.zeros((4, 3)), np.zeros((4, 3))
    fit[0, 1] = 3.0  # the second informs
    suited = crowd(settings, fit).installed[:, 1]
    people = crowd(settings, even)
    before = people.installed[:, 1].mean()
    assert suited.mean() > before + 0.1
    informed = people.needs[:, 0] > np.median(people.needs[:, 0])  # those who mostly want to be informed
    assert suited[informed].mean() > suited[~informed].mean() + 0.05
    for week in range(20):
        swap_platforms(people, fit, np.ones(3, np.uint8), settings, streams["swaps"], week, 0.2)
    assert people.installed[:, 1].mean() > before + 0.05

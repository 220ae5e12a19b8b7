"""Known answers of how a session's seconds and uses are spread over its slate, and what that is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from sim.base.codes import GENERATED
from sim.base.randomness import Stream, derive
from sim.base.tables import F8
from sim.kernels.sessions import ATTENDED, CHANCE, ENGAGED, MAX_SLOTS, PLEASURE, SECONDS, USES
from sim.kernels.tally import count_slates, empty_tallies
from tests.bench import Bench

SHORT, LONG, SKIM = 20.0, 1_200.0, 0.2


def varied(people: int, items: int, **rules: Any) -> Bench:
    """Items of all depths and appeals, and people of all habits and budgets."""
    bench = Bench(people, items, **{"short": SHORT, "stretch": float(np.log(LONG / SHORT)), "skim": SKIM} | rules)
    draw, mine, things = Stream(0, 0, "varied"), bench.people.uid, derive("thing", 0, np.arange(items))
    bench.items.card["depth"], bench.items.card["appeal"] = draw.uniform(0, things), draw.normal(1, things)
    bench.people.habit[:], bench.people.seconds[:] = draw.uniform(2, mine), 1 + 20_000 * draw.uniform(3, mine)
    return bench


def expected(bench: Bench, slate: Any) -> tuple[F8, F8]:
    """Chance of deep use and seconds of a use, of each place of a slate, by the model page's formulas."""
    rules, card = bench.rules, bench.items.card[bench.listings.item[slate]]
    depth = card["depth"].astype(float)
    x = (
        rules.deep_base
        + rules.deep_habit * (bench.people.habit[:, None] - depth)
        + rules.deep_pleasure * card["appeal"]
    )
    deep = special.expit(x)
    return deep, SHORT * (LONG / SHORT) ** depth * (deep + (1 - deep) * SKIM)


def test_seconds_and_uses_follow_the_chances_of_choice() -> None:
    bench = varied(3_000, 60, habit_step=0.0)
    bench.place[:] = np.exp(-0.1 * np.arange(MAX_SLOTS))
    events = bench.session()
    full = (events.slate >= 0).all(axis=1)
    out, seconds = events.spread[full].astype(float), events.seconds[full]
    utility = bench.items.card["appeal"][events.slate[full]].astype(float)
    chance = special.softmax(utility - 0.1 * np.arange(6), axis=1)
    deep, dwell = (part[full] for part in expected(bench, events.slate))
    uses = seconds / (chance * dwell).sum(axis=1)
    np.testing.assert_allclose(out[:, :, CHANCE], chance, rtol=1e-4)
    np.testing.assert_allclose(events.uses[full], uses, rtol=1e-4)
    np.testing.assert_allclose(out[:, :, USES], uses[:, None] * chance, rtol=1e-4)
    np.testing.assert_allclose(out[:, :, SECONDS], out[:, :, USES] * dwell, rtol=1e-4, atol=1.0)
    np.testing.assert_allclose(out[:, :, ENGAGED], chance * (deep + (1 - deep) * SKIM), rtol=1e-4)
    np.testing.assert_allclose(out[:, :, PLEASURE], chance * utility, rtol=1e-3, atol=1e-6)
    length = SHORT * (LONG / SHORT) ** bench.items.card["depth"][events.slate[full]].astype(float)
    attended = uses[:, None] * chance * length * (deep + (1 - deep) * SKIM**2)
    np.testing.assert_allclose(out[:, :, ATTENDED], attended, rtol=1e-4)
    deep_seconds = (uses[:, None] * chance * length * deep).sum(axis=1)
    np.testing.assert_allclose(events.deep_seconds[full], deep_seconds, rtol=1e-4, atol=1.0)


@pytest.mark.parametrize("spread", [True, False])
def test_no_second_is_lost(spread: bool) -> None:
    bench = varied(3_000, 12, spread=spread, seen=8)
    bench.items.card["origin"][::3] = GENERATED
    for tick in range(8):
        events = bench.session(tick)
        on, out = events.listing >= 0, events.spread[:, :, SECONDS].astype(np.int64)
        assert (out.sum(axis=1) == np.where(on, events.seconds, 0)).all() and (out >= 0).all()
        assert (out[events.slate < 0] == 0).all()
        made = (events.slate >= 0) & (events.slate % 3 == 0)
        assert (events.generated_seconds == (out * made).sum(axis=1)).all() and events.generated_seconds.any()
        assert (events.deep_seconds <= events.seconds).all() and events.deep_seconds.any()
        np.testing.assert_allclose(events.spread[:, :, USES].sum(axis=1), events.uses, rtol=1e-5)
        np.testing.assert_allclose(events.spread[:, :, CHANCE].sum(axis=1), on, rtol=1e-5)
    assert not on.all()  # some have chosen all that there is


def test_whole_seconds_are_right_on_average() -> None:
    """Items that each get less than half a second of a session get their part of all of them."""
    bench = Bench(40_000, 6, slate=6, deep_pleasure=0.0)
    bench.people.seconds[:] = 2
    bench.items.card["appeal"] = np.log([1.0, 2.0, 3.0, 4.0, 5.0, 20.0])
    events = bench.session()
    shown, out = events.slate[events.slate >= 0], events.spread[events.slate >= 0]
    found, exact = (np.bincount(shown, x) for x in (out[:, SECONDS], 2.0 * out[:, CHANCE]))  # all are of one length
    np.testing.assert_allclose(found, exact, rtol=0.03)


def test_what_was_chosen_before_gets_nothing() -> None:
    bench = varied(1_000, 12, seen=16)
    before = np.zeros((1_000, 12), bool)
    for tick in range(6):
        events = bench.session(tick)
        rows = np.arange(1_000)[:, None]
        old = before[rows, events.slate] & (events.slate >= 0)
        assert (events.spread[old] == 0.0).all()
        new = ~old & (events.slate >= 0)
        assert (events.spread[new][:, CHANCE] > 0.0).all()
        on = events.listing >= 0
        before[np.flatnonzero(on), events.listing[on]] = True
    assert old.mean() > 0.2


def test_equal_items_are_used_equally_but_for_their_place() -> None:
    bench = Bench(2_000, 60, slate=4)
    events = bench.session()
    full = (events.slate >= 0).all(axis=1)
    np.testing.assert_allclose(events.spread[full][:, :, CHANCE], 0.25, rtol=1e-5)
    bench.forget()
    bench.place[:] = np.exp(-0.3 * np.arange(MAX_SLOTS))
    events = bench.session()
    full = (events.slate >= 0).all(axis=1)
    uses = events.spread[full][:, :, USES].mean(axis=0)
    np.testing.assert_allclose(uses[1:] / uses[:-1], np.exp(-0.3), rtol=1e-3)


def test_a_slate_of_one_place_is_the_single_choice() -> None:
    """The same choices, seconds and state; a use takes its expected length instead of a drawn one."""
    spread, single = varied(2_000, 60, slate=1), varied(2_000, 60, slate=1, spread=False)
    for tick in range(3):
        one, other = spread.session(tick), single.session(tick)
        for name in ("listing", "seconds", "deep", "utility", "generated_seconds"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        for column in (SECONDS, CHANCE, PLEASURE):
            np.testing.assert_array_equal(one.spread[:, :, column], other.spread[:, :, column])
        assert one.deep_seconds.sum() == pytest.approx(other.deep_seconds.sum(), rel=0.5)
    for a, b in zip(spread.people, single.people, strict=True):
        np.testing.assert_array_equal(a, b)


def test_spreading_moves_no_state() -> None:
    """Whom a choice leads to follow, remember or trust does not depend on where the time goes."""
    spread, single = varied(2_000, 60, follow_rate=0.2), varied(2_000, 60, follow_rate=0.2, spread=False)
    for tick in range(3):
        one, other = spread.session(tick), single.session(tick)
        for name in ("listing", "deep", "gained", "posts", "shares", "slate"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for a, b in zip(spread.people, single.people, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_single_choice_gets_all_as_before() -> None:
    bench = varied(2_000, 50, spread=False)
    events = bench.session()
    at = (events.slate == events.listing[:, None]).argmax(axis=1)
    out = events.spread[np.arange(2_000), at]
    others = events.spread.copy()
    others[np.arange(2_000), at] = 0.0
    assert (others == 0.0).all()
    length = SHORT * (LONG / SHORT) ** bench.items.card["depth"][events.listing].astype(float)
    share = np.where(events.deep > 0, 1.0, SKIM)
    np.testing.assert_array_equal(out[:, SECONDS], events.seconds)
    np.testing.assert_array_equal(out[:, CHANCE], 1.0)
    np.testing.assert_allclose(out[:, USES], np.maximum(1, np.floor(events.seconds / (share * length) + 0.5)), atol=1.0)
    np.testing.assert_allclose(out[:, ENGAGED], share, rtol=1e-6)
    np.testing.assert_allclose(out[:, ATTENDED], events.seconds * share, rtol=1e-6)
    np.testing.assert_array_equal(events.deep_seconds, np.where(events.deep > 0, events.seconds, 0))


def seconds_of_items(spread: bool, key: str) -> tuple[F8, F8]:
    """Seconds and mean satisfaction of 300 items after a tick of 400 people whose draws are keyed by `key`."""
    bench = varied(400, 300, spread=spread, stretch=0.0)
    events = bench.session(key=key)
    tallies, k = empty_tallies(1, 1, 1, 1), np.zeros(1)
    accuracy = bench.items.card["accuracy"][bench.listings.item]
    count_slates(0, 1, 0, 400, events, bench.items, bench.listings, accuracy, k, k.copy(), tallies)
    return bench.items.week_seconds / 1.0, bench.items.pleasure / np.maximum(bench.items.chance, 1e-9)


def test_spreading_makes_the_same_seconds_with_less_luck() -> None:
    """Items of one length, over draws of the same world: means equal, and the variance over draws is a fraction."""
    runs = {spread: [seconds_of_items(spread, f"run {n}") for n in range(60)] for spread in (True, False)}
    means, variances = {}, {}
    for spread, found in runs.items():
        seconds = np.array([row for row, _ in found])
        means[spread], variances[spread] = seconds.mean(axis=0), seconds.var(axis=0, ddof=1)
    error = np.sqrt(variances[False].mean() / 60)
    assert np.sqrt(np.mean((means[True] - means[False]) ** 2)) < 1.5 * error
    assert variances[True].mean() < 0.5 * variances[False].mean()

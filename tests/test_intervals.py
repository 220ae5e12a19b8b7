"""Intervals over replications: known answers, coverage by simulation, nothing impossible, none below five."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit, logit, ndtri
from scipy.stats import beta

from analysis.intervals import (
    MIN_REPLICATIONS,
    effect_of,
    gaps_between,
    interval,
    interval_of,
    paired_interval,
    side_of,
)
from sim.base.outcomes import OUTCOMES

SHARE, COUNT, PRICE, SIGNED = (OUTCOMES[name] for name in ("deep_time_share", "items_new", "unit_cost", "craft_mean"))
DRAWS = 2000
Law = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
HELD = [(n, mean, sd) for n in (5, 10) for mean in (0.003, 0.449, 0.9) for sd in (0.05, 0.7, 2.5)]


def test_interval_of_five_values_is_the_textbooks() -> None:
    # t(4 df, 0.975) = 2.776445; sd of 1 to 5 is sqrt(2.5)
    mean, low, high = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    assert mean == 3.0
    assert high == pytest.approx(3 + 2.776445 * math.sqrt(2.5 / 5), abs=1e-5)
    assert low == pytest.approx(3 - 2.776445 * math.sqrt(2.5 / 5), abs=1e-5)


def test_below_five_values_there_is_no_interval_whatever_the_outcome() -> None:
    assert MIN_REPLICATIONS == 5
    for values in ([], [0.4], [0.57, 0.24, 0.54], [0.57, 0.24, 0.54, 0.3], [0.1, 0.2, 0.3, 0.4, math.nan]):
        assert interval(values)[1:] == (None, None)
        for outcome in OUTCOMES.values():
            found = interval_of(values, outcome)
            assert (found.low, found.high, found.typical, found.half_width) == (None, None, None, None)
        sample = np.array(values)
        assert paired_interval(sample, sample / 2, SHARE).low is None
    assert interval_of([0.57, 0.24, 0.54], SHARE).mean == pytest.approx(0.45)


def test_the_interval_of_a_share_is_a_t_interval_of_logits() -> None:
    values = expit([-1.0, 0.0, 1.0, 2.0, 3.0])
    found = interval_of(values, SHARE)
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert (found.scale, found.n, found.zeros, found.ones) == ("logit", 5, 0, 0)
    assert found.mean == pytest.approx(values.mean())
    assert logit([found.low, found.typical, found.high]) == pytest.approx([1 - half, 1.0, 1 + half], abs=1e-5)
    assert found.half_width == pytest.approx((found.high - found.low) / 2)


def test_what_cannot_be_negative_gets_an_interval_of_logarithms() -> None:
    found = interval_of([1.0, 10.0, 100.0, 10.0, 10.0], PRICE)
    assert found.scale == "log" and found.typical == pytest.approx(10.0)
    assert found.low == pytest.approx(100.0 / found.high) and found.low > 0
    assert found.half_width == pytest.approx((found.high - found.low) / 20)
    signed = interval_of([-2.0, -1.0, 0.0, 1.0, 2.0], SIGNED)
    assert signed.scale == "linear" and signed.low == pytest.approx(-signed.high) and signed.typical == 0.0


def test_extremes_are_counted_and_leave_the_interval_to_the_others() -> None:
    inside = [0.2, 0.25, 0.3, 0.35, 0.4]
    found = interval_of([0.0, *inside, 0.0, 1.0], SHARE)
    alone = interval_of(inside, SHARE)
    assert found.conditional and not alone.conditional
    assert (found.n, found.zeros, found.ones) == (8, 2, 1)
    assert (found.low, found.typical, found.high) == (alone.low, alone.typical, alone.high)
    assert found.mean == pytest.approx(2.5 / 8)
    few = interval_of([0.0, *inside[:4], 0.0], SHARE)
    assert (few.n, few.zeros, few.low, few.high) == (6, 2, None, None)
    counts = interval_of([0.0] * 3 + [4.0, 5.0, 6.0, 7.0, 8.0], COUNT)
    assert (counts.zeros, counts.ones) == (3, 0) and 4.0 < counts.low < counts.high < 8.5
    none = interval_of([0.0] * 6, SHARE)
    assert (none.zeros, none.low, none.mean) == (6, None, 0.0)
    tiny_over = interval_of([1.0 + 1e-13] * 6, SHARE)
    assert (tiny_over.ones, tiny_over.mean) == (6, 1.0)


@pytest.mark.parametrize(("n", "mean", "sd"), HELD)
def test_the_interval_of_a_share_holds_the_typical_replication_in_93_of_100(n: int, mean: float, sd: float) -> None:
    rng = np.random.default_rng((n, round(1000 * mean), round(10 * sd)))
    draws = expit(rng.normal(logit(mean), sd, (DRAWS, n)))
    found = [interval_of(sample, SHARE) for sample in draws]
    assert np.mean([one.low <= mean <= one.high for one in found]) >= 0.93
    assert all(0.0 <= one.low <= one.typical <= one.high <= 1.0 for one in found)


@pytest.mark.parametrize(("a", "b"), [(2, 5), (0.5, 5), (0.5, 0.5)])
@pytest.mark.parametrize("n", [5, 10])
def test_the_interval_of_a_share_holds_the_median_under_beta_laws_too(n: int, a: float, b: float) -> None:
    middle = beta(a, b).median()
    draws = np.random.default_rng((n, 7)).beta(a, b, (DRAWS, n))
    found = [interval_of(sample, SHARE) for sample in draws]
    assert np.mean([one.low <= middle <= one.high for one in found]) >= 0.93


def test_the_interval_of_a_share_is_none_of_the_mean() -> None:
    draws = np.random.default_rng(8).beta(0.5, 5, (DRAWS, 10))
    held = [one.low <= 0.5 / 5.5 <= one.high for one in (interval_of(sample, SHARE) for sample in draws)]
    assert np.mean(held) == pytest.approx(0.76, abs=0.03)


def test_nothing_impossible_comes_out_for_any_outcome() -> None:
    rng = np.random.default_rng(3)
    for outcome in OUTCOMES.values():
        least, most = outcome.bounds
        floor, top = max(least, -3.0), min(most, 2000.0)
        for n in (5, 6, 10):
            for spread in (0.02, 0.3, 1.0):
                arm, other = (
                    floor + (top - floor) * (rng.beta(spread, 5 * spread, n) * (rng.random(n) > 0.2)) for _ in "ab"
                )
                found = interval_of(arm, outcome)
                if found.low is not None:
                    assert least <= found.low <= found.typical <= found.high <= most, outcome.name
                change = paired_interval(arm, other, outcome)
                room = most - least
                assert -room <= change.low <= change.mean <= change.high <= room, outcome.name
                assert change.mean == pytest.approx((arm - other).mean())


def test_a_difference_is_a_paired_t_interval_cut_only_by_the_bounds() -> None:
    other = np.array([0.40, 0.42, 0.44, 0.46, 0.48])
    change = np.array([0.01, 0.02, 0.03, 0.04, 0.05])
    found = paired_interval(other + change, other, SHARE)
    half = 2.776445 * math.sqrt(2.5e-4 / 5)
    assert (found.low, found.high) == (pytest.approx(0.03 - half), pytest.approx(0.03 + half))
    shares = paired_interval(np.array([1.0, 1.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 0.0, 1.0, 0.0]), SHARE)
    assert shares.low >= -1.0 and shares.high == 1.0
    # nothing there before: nothing can be lost
    rising = paired_interval(np.array([0.0, 0.0, 0.0, 0.0, 9.0]), np.zeros(5), COUNT)
    assert rising.low == 0.0 and rising.high > rising.mean == pytest.approx(1.8)
    # all is lost: the interval is that of what there was, not cut to half of it
    lost = np.array([3.0, 4.0, 5.0, 6.0, 7.0])
    assert paired_interval(np.zeros(5), lost, COUNT).low == pytest.approx(-interval(lost)[2])


def test_a_difference_stays_within_what_both_arms_levels_allow() -> None:
    zeros, late = np.zeros(5), np.array([0.0, 0.0, 0.0, 0.0, 50.0])
    gone = paired_interval(zeros, late, COUNT)
    assert (gone.low, gone.high, gone.effect) == (pytest.approx(-interval(late)[2]), 0.0, "no clear effect")
    come = paired_interval(late, zeros, COUNT)
    assert (come.low, come.high) == (0.0, pytest.approx(interval(late)[2]))
    rng = np.random.default_rng(11)
    for _ in range(200):
        arm, other = rng.lognormal(rng.normal(), 1.5, (2, 5)) * rng.integers(0, 2, (2, 5))
        found, here, there = paired_interval(arm, other, COUNT), interval(arm), interval(other)
        assert -max(there[2], 0.0) <= found.low <= found.mean <= found.high <= max(here[2], 0.0)


def test_a_difference_may_go_beyond_the_mean_told_of_few_replications() -> None:
    rng = np.random.default_rng(6)
    other = rng.lognormal(0, 0.5, (DRAWS, 5))
    arm = 0.1 * other * rng.lognormal(0, 0.2, other.shape) / math.exp(0.02)
    truth = -0.9 * math.exp(0.125)
    found = [paired_interval(*pair, COUNT) for pair in zip(arm, other, strict=True)]
    assert np.mean([one.low <= truth <= one.high for one in found]) == pytest.approx(0.91, abs=0.03)
    cut = [max(one.low, -level.mean()) <= truth <= one.high for one, level in zip(found, other, strict=True)]
    assert np.mean(cut) == pytest.approx(0.61, abs=0.03)


def clear(gaps: np.ndarray) -> float:
    """Part of experiments whose differences are told to go up or down; shape (experiments, pairs)."""
    told = [paired_interval(row, np.zeros(row.size), SIGNED).effect for row in gaps]
    return float(np.mean([effect in ("up", "down") for effect in told]))


@pytest.mark.parametrize("n", [5, 6, 7, 10])
def test_arms_that_differ_by_their_draws_alone_are_clear_in_5_of_100_or_fewer(n: int) -> None:
    rng = np.random.default_rng((n, 12))
    shape = (2 * DRAWS, n)
    assert clear(rng.normal(size=shape)) <= 0.055
    assert clear(rng.lognormal(0, 1.5, shape) - rng.lognormal(0, 1.5, shape)) <= 0.05
    jumps = 1.0 * (rng.random(shape) < 0.1) - (rng.random(shape) < 0.1)
    assert clear(jumps + 0.02 * rng.normal(size=shape)) <= 0.05
    assert clear(jumps) <= 0.01


def test_skewed_differences_round_a_mean_of_0_are_clear_too_often_and_rare_jumps_most_of_all() -> None:
    rng = np.random.default_rng(13)
    shape = (DRAWS, 5)
    laws = {
        0.10: rng.exponential(size=shape) - 1,
        0.16: rng.lognormal(size=shape) - math.exp(0.5),
        0.59: rng.normal(-0.1, 0.02, shape) + (rng.random(shape) < 0.1),
    }
    for rate, gaps in laws.items():
        assert clear(gaps) == pytest.approx(rate, abs=0.025)
        assert clear(gaps) <= np.mean([effect_of(*interval(row)[1:]) != "no clear effect" for row in gaps])


def test_one_of_five_pairs_that_does_not_change_leaves_the_effect_unclear() -> None:
    four = np.array([0.0, 1.0, 1.0, 1.0, 1.0])
    assert effect_of(*interval(four)[1:]) == "up"
    assert paired_interval(four, np.zeros(5), SIGNED).effect == "no clear effect"
    assert paired_interval(four + 0.1, np.zeros(5), SIGNED).effect == "up"
    assert paired_interval(np.append(four, [1.0, 1.0]), np.zeros(7), SIGNED).effect == "up"
    assert paired_interval(np.array([2.0] * 5), np.ones(5), SIGNED).effect == "up"


def test_differences_within_rounding_are_none() -> None:
    arm, other = np.array([0.1 + 0.2] * 5), np.array([0.3] * 5)
    assert (arm != other).all() and gaps_between(arm, other).tolist() == [0.0] * 5
    found = paired_interval(arm, other, SHARE)
    assert (found.mean, found.low, found.high, found.effect) == (0.0, 0.0, 0.0, "no clear effect")
    steps = np.arange(5) / 10
    even = paired_interval(0.3 + steps, 0.2 + steps, SHARE)
    assert even.low == even.high == pytest.approx(0.1) and even.effect == "up"
    assert gaps_between(np.array([1e-14, math.nan]), np.array([0.0, 1.0]))[0] == 1e-14


@pytest.mark.parametrize("zero", [0.1, 0.3, 0.5, 0.65])
@pytest.mark.parametrize("n", [5, 10, 20])
def test_a_band_of_the_typical_replication_is_told_where_zeros_cannot_change_it(n: int, zero: float) -> None:
    """Part `zero` of replications is at exactly 0: bands that are not of the others alone hold the median of all."""
    rng = np.random.default_rng((n, round(100 * zero)))
    draws = np.where(rng.random((DRAWS, n)) < zero, 0.0, expit(rng.normal(0.0, 0.3, (DRAWS, n))))
    middle = 0.0 if zero >= 0.5 else float(expit(0.3 * ndtri((0.5 - zero) / (1 - zero))))
    found = [interval_of(sample, SHARE) for sample in draws]
    banded = [one for one in found if one.low is not None]
    missed = [not one.conditional and not one.low <= middle <= one.high for one in banded]
    assert all(one.conditional == (one.zeros > 0) for one in banded)
    assert sum(missed) / DRAWS <= 0.08
    others = [one for one in banded if one.conditional]
    if len(others) > DRAWS / 10:
        assert np.mean([one.low <= 0.5 <= one.high for one in others]) >= 0.93


def test_pairs_with_a_null_do_not_count() -> None:
    arm, other = np.array([1.0, 2.0, 3.0, 4.0, 5.0, math.nan]), np.array([0.0, 1.5, 2.0, math.nan, 4.0, 5.0])
    found = paired_interval(arm, other, COUNT)
    assert (found.n, found.low) == (4, None) and found.mean == pytest.approx(3.5 / 4)


def test_a_mark_is_judged_by_the_interval_and_by_exact_extremes_too() -> None:
    high = [0.60, 0.61, 0.62, 0.63, 0.64]
    assert side_of(interval_of(high, SHARE), 0.5) == "up"
    assert side_of(interval_of([0.0, *high], SHARE), 0.5) == "no clear effect"
    assert side_of(interval_of([1.0, *high], SHARE), 0.5) == "up"
    assert side_of(interval_of([0.0] * 5, SHARE), 0.5) == "down"
    assert side_of(interval_of([0.0] * 3, SHARE), 0.5) is None
    assert side_of(interval_of([0.0, 0.0, 0.1, 0.2, 0.3], SHARE), 0.5) is None
    assert side_of(interval_of(high[:4], SHARE), 0.5) is None

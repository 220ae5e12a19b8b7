"""Known answers of the statistics: t-intervals, last year's means, pairing, netting, verdicts."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.predictions import judge
from analysis.statistics import effect_of, interval, last_year, pairing_gain, summarise
from sim.outcomes import OUTCOMES
from tests.synthetic import Comparison, Run

CONTRACT = {"unit", "mean", "low", "high", "against", "difference", "difference_low", "difference_high"}


def arm(levels: list[float], name: str = "deep_time_share", weeks: int = 60) -> list[Run]:
    """Runs of which one outcome stands still at a level a replication."""
    dates = pd.date_range("2022-01-03", periods=weeks, freq="7D", name="date")
    return [Run(pd.DataFrame({name: np.full(weeks, level)}, index=dates), {}, {}) for level in levels]


def pair(one: list[float], other: list[float] | None, name: str = "deep_time_share") -> Comparison:
    """A comparison of two such arms, or of one alone."""
    arms = {"baseline": arm(one, name)} | ({"no_ai": arm(other, name)} if other is not None else {})
    return Comparison("baseline", None if other is None else "no_ai", arms)


def test_interval_of_three_values_is_the_textbooks() -> None:
    # t(2 df, 0.975) = 4.302653; sd of 1, 2, 3 is 1
    mean, low, high = interval([1.0, 2.0, 3.0])
    assert mean == 2.0
    assert high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-5)
    assert low == pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-5)


def test_interval_covers_the_mean_of_a_normal_sample_in_95_percent() -> None:
    rng = np.random.default_rng(5)
    covered = [low < 0 < high for _, low, high in (interval(rng.normal(size=4)) for _ in range(2000))]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_no_band_below_two_values() -> None:
    assert interval([3.0]) == (3.0, None, None)
    assert interval([3.0, math.nan]) == (3.0, None, None)
    assert interval([math.nan]) == (None, None, None)


def test_last_year_takes_52_weeks_skips_nulls_and_takes_what_exists() -> None:
    values = np.concatenate([np.full(10, 100.0), np.arange(52.0)])
    assert last_year(pd.DataFrame({"x": values}), "x") == pytest.approx(25.5)
    assert last_year(pd.DataFrame({"x": [1.0, math.nan, 3.0]}), "x") == 2.0
    assert math.isnan(last_year(pd.DataFrame({"x": [math.nan]}), "x"))
    assert math.isnan(last_year(pd.DataFrame({"y": [1.0]}), "x"))


def test_pairing_finds_an_effect_that_luck_hides() -> None:
    luck = [0.2, 0.4, 0.6, 0.8]
    better = [value + change for value, change in zip(luck, (0.010, 0.012, 0.010, 0.012), strict=True)]
    row = summarise(pair(better, luck))
    assert row["deep_time_share"]["effect"] == "up"
    assert row["deep_time_share"]["difference"] == pytest.approx(0.011)
    assert row["deep_time_share"]["against"] == pytest.approx(0.5)
    assert row["deep_time_share"]["low"] < 0.5 < row["deep_time_share"]["high"]
    assert row["deep_time_share"]["correlation"] > 0.99


def test_gain_from_pairing_is_the_ratio_of_variances() -> None:
    one, other = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 4.0, 5.0])
    correlation, ratio = pairing_gain(one, other)
    assert correlation == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert ratio == pytest.approx((one.var() + other.var()) / (one - other).var())
    assert pairing_gain(one[:2], other[:2]) == (None, None)
    assert pairing_gain(one, np.zeros(4)) == (None, None)


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [(0.1, 0.2, "up"), (-0.2, -0.1, "down"), (-0.1, 0.1, "no clear effect"), (0.0, 0.1, "no clear effect"),
     (None, None, None)],
)  # fmt: skip
def test_effect_words(low: float | None, high: float | None, effect: str | None) -> None:
    assert effect_of(low, high) == effect


def test_one_replication_has_differences_but_no_bands() -> None:
    row = summarise(pair([0.4], [0.5]))["deep_time_share"]
    assert row["difference"] == pytest.approx(-0.1)
    bands = ("low", "high", "difference_low", "difference_high", "effect", "correlation")
    assert [row[key] for key in bands] == [None] * 6
    assert row["reason"] == "fewer than two replications"


def test_every_row_keeps_the_contract() -> None:
    for row in summarise(pair([0.4, 0.5], None)).values():
        assert row.keys() >= CONTRACT
        assert row["difference"] is None
        assert row["reason"]


def test_twins_are_netted_or_null_with_a_reason() -> None:
    name = "consumer_surplus"
    assert OUTCOMES[name].twin
    row = summarise(pair([2.0, 2.2, 2.4], [1.0, 1.1, 1.5], name))[name]
    assert row["mean"] == row["difference"] == pytest.approx(1.0)
    assert row["against"] == 0.0
    assert (row["low"], row["high"]) == (row["difference_low"], row["difference_high"])
    alone = summarise(pair([2.0, 2.2, 2.4], None, name))[name]
    assert alone["mean"] is None
    assert alone["reason"] == "means something only beside a paired arm"


def verdict(prediction: str, name: str, one: list[float], other: list[float] | None) -> str:
    """The judgement where only one outcome is recorded."""
    comparison = pair(one, other, name)
    return judge(prediction, comparison, summarise(comparison)).judgement


def test_verdicts_follow_the_registrys_direction() -> None:
    assert OUTCOMES["deep_time_share"].direction == "down"
    low, high = [0.30, 0.31, 0.32], [0.40, 0.41, 0.42]
    assert verdict("P7", "deep_time_share", low, high[::-1]) == "supported"
    assert verdict("P7", "deep_time_share", high, low[::-1]) == "contradicted"
    assert verdict("P7", "deep_time_share", low, [0.35, 0.31, 0.28]) == "no clear effect"
    assert verdict("P7", "deep_time_share", low, None) == "not judged"
    assert verdict("P4", "deep_time_share", low, high) == "later"


def test_an_equal_producer_is_judged_against_half_not_against_nothing() -> None:
    assert verdict("P1", "ai_attention_share", [0.20, 0.21, 0.22], [0.0, 0.0, 0.0]) == "contradicted"
    assert verdict("P1", "ai_attention_share", [0.60, 0.61, 0.62], [0.0, 0.0, 0.0]) == "supported"


def test_what_could_not_have_failed_is_not_judged() -> None:
    assert verdict("P5", "vendor_revenue_share", [0.20, 0.21, 0.22], [0.0, 0.0, 0.0]) == "not judged"


def test_few_clear_measures_among_many_are_mixed() -> None:
    comparison = pair([0.60, 0.61, 0.62], [0.0, 0.0, 0.0], "ai_supply_share")
    for runs, attention in (("baseline", [0.4, 0.5, 0.6]), ("no_ai", [0.0, 0.0, 0.0])):
        for run, level in zip(comparison.arms[runs], attention, strict=True):
            run.outcomes["ai_attention_share"] = run.outcomes["ai_revenue_share"] = level
    assert judge("P1", comparison, summarise(comparison)).judgement == "mixed"

"""Known answers of the statistics: last year's means, pairing, netting, what is not judged, verdicts."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from analysis.intervals import effect_of, interval
from analysis.predictions import judge
from analysis.statistics import averaged, has_ai, last_year, pairing_gain, summarise
from analysis.text import Words
from sim.base.outcomes import OUTCOMES
from sim.settings.scenario import compose
from tests.synthetic import Comparison, Run

CONTRACT = {
    "unit", "scale", "values", "n", "nulls", "mean", "typical", "low", "high", "conditional", "zeros", "ones",
    "against", "against_values", "difference", "differences", "difference_low", "difference_high", "correlation",
    "run_ratio", "effect", "reasons", "reason",
}  # fmt: skip
BANDS = ("typical", "low", "high", "difference_low", "difference_high", "effect", "correlation", "run_ratio")


def arm(levels: list[float], name: str = "deep_time_share", weeks: int = 60) -> list[Run]:
    """Runs of which one outcome stands still at a level a replication."""
    dates = pd.date_range("2022-01-03", periods=weeks, freq="7D", name="date")
    return [Run(pd.DataFrame({name: np.full(weeks, level)}, index=dates), {}, {}) for level in levels]


def pair(one: list[float], other: list[float] | None, name: str = "deep_time_share") -> Comparison:
    """A comparison of two such arms, or of one alone."""
    arms = {"baseline": arm(one, name)} | ({"no_ai": arm(other, name)} if other is not None else {})
    return Comparison("baseline", None if other is None else "no_ai", arms)


def test_last_year_takes_52_weeks_skips_nulls_and_takes_what_exists() -> None:
    def mean(values: Sequence[float], burn_in: int = 0) -> float:
        settings = {"time": {"burn_in_weeks": burn_in}}
        return last_year(Run(pd.DataFrame({"x": values}), {"settings": settings}, {}), "x")

    values = [*[100.0] * 10, *np.arange(52.0)]
    assert mean(values) == mean(values, 10) == pytest.approx(25.5)
    assert mean(values, 49) == pytest.approx(45.0)  # of 39 to 51
    assert mean(values, 62) == mean(values, 80) == pytest.approx(25.5)  # ends before release
    assert mean([1.0, math.nan, 3.0]) == 2.0
    assert math.isnan(mean([math.nan]))
    assert math.isnan(last_year(Run(pd.DataFrame({"y": [1.0]}), {}, {}), "x"))


def test_a_world_of_two_quarters_is_averaged_over_the_quarter_since_release() -> None:
    time = compose("baseline", ["world=tiny"]).settings.time
    frame = pd.DataFrame({"x": np.arange(float(time.weeks))})
    settings = {"time": {"burn_in_weeks": time.burn_in_weeks}}
    run = Run(frame, {"settings": settings}, {})
    assert last_year(run, "x") == np.arange(13, 26).mean()
    assert averaged(run, Words("en")) == "the last 13 weeks since release"
    assert averaged(run, Words("zh")) == "发布后最后13周"
    run = Run(frame.head(13), {"settings": settings}, {})
    assert averaged(run, Words("en")).endswith("13 weeks, all before release")


def test_each_arm_is_averaged_over_its_own_weeks_since_release() -> None:
    comparison = pair([0.0] * 5, [0.0] * 5)
    for runs, burn_in in zip(comparison.arms.values(), (47, 34), strict=True):
        for run in runs:
            run.outcomes["deep_time_share"] = np.arange(60) / 100.0
            run.manifest["settings"] = {"time": {"burn_in_weeks": burn_in}}
    row = summarise(comparison)["deep_time_share"]
    assert (row["mean"], row["against"]) == pytest.approx((0.53, 0.465))


def test_pairing_finds_an_effect_that_luck_hides() -> None:
    luck = [0.2, 0.4, 0.5, 0.6, 0.8]
    better = [value + change for value, change in zip(luck, (0.010, 0.012, 0.011, 0.010, 0.012), strict=True)]
    row = summarise(pair(better, luck))
    assert row["deep_time_share"]["effect"] == "up"
    assert row["deep_time_share"]["difference"] == pytest.approx(0.011)
    assert row["deep_time_share"]["against"] == pytest.approx(0.5)
    assert row["deep_time_share"]["low"] < 0.5 < row["deep_time_share"]["high"]
    assert row["deep_time_share"]["correlation"] > 0.99


def test_gain_from_pairing_is_the_ratio_of_variances() -> None:
    one, other = np.array([1.0, 2.0, 3.0, 4.0, 6.0]), np.array([1.0, 2.0, 4.0, 5.0, 6.0])
    correlation, ratio = pairing_gain(one, other)
    assert correlation == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert ratio == pytest.approx((one.var() + other.var()) / (one - other).var())
    assert pairing_gain(one[:4], other[:4]) == (None, None)
    assert pairing_gain(one, np.zeros(5)) == (None, None)


@pytest.mark.parametrize(
    ("low", "high", "effect"),
    [
        (0.1, 0.2, "up"),
        (-0.2, -0.1, "down"),
        (-0.1, 0.1, "no clear effect"),
        (0.0, 0.1, "no clear effect"),
        (None, None, None),
    ],
)
def test_effect_words(low: float | None, high: float | None, effect: str | None) -> None:
    assert effect_of(low, high) == effect


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_below_five_replications_each_is_listed_and_nothing_is_claimed(n: int) -> None:
    one, other = [0.57, 0.24, 0.54, 0.30][:n], [0.40, 0.20, 0.50, 0.29][:n]
    for name, row in summarise(pair(one, other)).items():
        assert [row[key] for key in BANDS] == [None] * len(BANDS), name
        assert row["reason"]
    row = summarise(pair(one, other))["deep_time_share"]
    assert row["values"] == pytest.approx(one) and row["against_values"] == pytest.approx(other)
    assert row["differences"] == pytest.approx(np.subtract(one, other))
    assert row["mean"] == pytest.approx(np.mean(one))
    assert row["difference"] == pytest.approx(np.mean(row["differences"]))
    assert row["reason"] == "Fewer than five replications: no interval."


def test_five_replications_have_the_band_of_a_typical_one_and_of_the_paired_difference() -> None:
    one, other = [0.57, 0.24, 0.54, 0.30, 0.41], [0.40, 0.20, 0.50, 0.29, 0.35]
    row = summarise(pair(one, other))["deep_time_share"]
    logits = np.log(one) - np.log1p(-np.array(one))
    middle, low, high = interval(logits)
    assert row["scale"] == "logit" and row["reason"] is None and (row["zeros"], row["ones"]) == (0, 0)
    assert [row["typical"], row["low"], row["high"]] == pytest.approx(1 / (1 + np.exp(-np.array([middle, low, high]))))
    assert row["mean"] == pytest.approx(np.mean(one)) and row["mean"] != pytest.approx(row["typical"], abs=1e-4)
    band = [row["difference"], row["difference_low"], row["difference_high"]]
    assert band == pytest.approx(interval(np.subtract(one, other)))
    assert row["effect"] == "no clear effect"


def test_an_interval_that_exact_zeros_leave_too_few_for_is_null_with_its_reason() -> None:
    row = summarise(pair([0.0, 0.0, 0.2, 0.3, 0.4, 0.5], [0.1] * 6))["false_exposure_share"]
    assert row["mean"] is None
    row = summarise(pair([0.0, 0.0, 0.2, 0.3, 0.4, 0.5], [0.1] * 6, "false_exposure_share"))["false_exposure_share"]
    assert (row["zeros"], row["low"], row["reasons"]) == (2, None, ["extremes"])
    assert row["difference_low"] is not None and row["effect"] == "no clear effect"
    assert "no interval of the level" in row["reason"]


def test_where_a_difference_is_told_both_arms_are_those_of_its_pairs() -> None:
    one = [0.9, 0.9, 0.9, 0.9, 0.9, 0.21, 0.22, 0.23, 0.215, 0.225]
    other = [math.nan] * 5 + [0.10, 0.12, 0.11, 0.10, 0.12]
    row = summarise(pair(one, other, "reach_ratio_false"))["reach_ratio_false"]
    assert (row["mean"], row["against"], row["difference"]) == pytest.approx((0.22, 0.11, 0.11))
    assert row["low"] < row["typical"] < row["high"] < 0.25
    assert (row["n"], row["nulls"]) == (5, 5) and row["values"] == pytest.approx(one)
    mixed = summarise(pair([0.6, math.nan, 0.4], [math.nan, 0.5, 0.1], "reach_ratio_false"))["reach_ratio_false"]
    assert [mixed[key] for key in ("mean", "against", "n", "nulls")] == pytest.approx([0.4, 0.1, 1, 2])
    # without a pair each arm has its own
    apart = summarise(pair([0.6, math.nan], [math.nan, 0.5], "reach_ratio_false"))["reach_ratio_false"]
    assert [apart[key] for key in ("mean", "against", "n", "nulls")] == pytest.approx([0.6, 0.5, 1, 1])


def test_nulls_are_counted() -> None:
    few = [math.nan] * 95 + [1.1, 1.2, 1.15, 1.12, 1.18]
    for other in (None, [math.nan] * 95 + [1.0] * 5):
        row = summarise(pair(few, other, "reach_ratio_false"))["reach_ratio_false"]
        assert (row["n"], row["nulls"]) == (5, 95)
    net = summarise(pair([2.0, math.nan, 2.4, 2.2, 2.3, 2.0], [1.0] * 6, "consumer_surplus"))["consumer_surplus"]
    assert (net["n"], net["nulls"]) == (5, 1)


def test_a_band_of_the_replications_between_exact_zeros_says_so() -> None:
    row = summarise(pair([0.0] * 13 + [0.4, 0.41, 0.42, 0.4, 0.43, 0.42, 0.39], None, "ai_supply_share"))
    assert row["ai_supply_share"]["conditional"] and row["ai_supply_share"]["zeros"] == 13
    assert not summarise(pair(WITH_AI, None, "ai_supply_share"))["ai_supply_share"]["conditional"]


def test_an_effect_takes_all_signs_of_five_pairs() -> None:
    gaps = [0.0, 0.05, 0.05, 0.05, 0.05]
    row = summarise(pair([0.4 + gap for gap in gaps], [0.4] * 5))["deep_time_share"]
    assert row["difference_low"] > 0 and row["effect"] == "no clear effect"
    assert verdict("P7", "depth_used", [0.4] * 5, [0.4 + gap for gap in gaps]) == "no clear effect"


def test_every_row_keeps_the_contract() -> None:
    for row in summarise(pair([0.4, 0.5, 0.6, 0.5, 0.4], None)).values():
        assert row.keys() == CONTRACT
        assert row["difference"] is None
        assert row["reason"]


def test_twins_are_netted_or_null_with_a_reason() -> None:
    name = "consumer_surplus"
    assert OUTCOMES[name].twin
    row = summarise(pair([2.0, 2.2, 2.4, 2.2, 2.3], [1.0, 1.1, 1.5, 1.2, 1.2], name))[name]
    assert row["mean"] == row["typical"] == row["difference"] == pytest.approx(0.98 + 0.04)
    assert row["against"] == 0.0 and row["against_values"] == [0.0] * 5
    assert (row["low"], row["high"]) == (row["difference_low"], row["difference_high"])
    assert row["values"] == row["differences"] and row["scale"] == "linear"
    alone = summarise(pair([2.0, 2.2, 2.4, 2.2, 2.3], None, name))[name]
    assert alone["mean"] is None
    assert alone["reasons"][-1] == "alone" and "Means something only beside a paired arm." in alone["reason"]


WITH_AI = [0.60, 0.61, 0.62, 0.61, 0.63]


@pytest.mark.parametrize("name", ["ai_attention_share", "turing_pass_rate", "n_farms", "lovelace_pass_rate"])
@pytest.mark.parametrize("none", [0.0, math.nan])
def test_what_only_ai_can_have_is_not_held_against_a_world_without_it(name: str, none: float) -> None:
    assert OUTCOMES[name].of_ai
    for one, other in ((WITH_AI, [none] * 5), ([none] * 5, WITH_AI)):
        row = summarise(pair(one, other, name))[name]
        told = [row[key] for key in ("effect", "difference", "difference_low", "difference_high", "correlation")]
        assert told == [None] * 5 and row["differences"] == []
        assert "Not judged: the world without AI has none of this." in row["reason"]
    row = summarise(pair(WITH_AI, [none] * 5, name))[name]
    assert row["low"] < row["typical"] < row["high"] and row["values"] == pytest.approx(WITH_AI)


def test_what_the_other_arm_happens_to_have_none_of_is_judged() -> None:
    row = summarise(pair([0.04, 0.05, 0.06, 0.05, 0.04], [0.0] * 5, "false_exposure_share"))["false_exposure_share"]
    assert row["effect"] == "up" and row["difference"] == pytest.approx(0.048) and row["difference_low"] > 0
    # the same zeros in an arm in which AI is at work elsewhere: it could have had some
    comparison = pair([3.0, 4.0, 5.0, 4.0, 3.0], [0.0] * 5, "accounts_banned")
    for run in (*comparison.arms["baseline"], *comparison.arms["no_ai"]):
        run.outcomes["ai_supply_share"] = 0.3
    assert has_ai(run.outcomes for run in comparison.arms["no_ai"])
    assert summarise(comparison)["accounts_banned"]["effect"] == "up"


def verdict(prediction: str, name: str, one: list[float], other: list[float] | None) -> str:
    """The judgement where only one outcome is recorded."""
    comparison = pair(one, other, name)
    return judge(prediction, comparison, summarise(comparison)).judgement


def test_verdicts_follow_the_registrys_direction() -> None:
    assert OUTCOMES["depth_used"].direction == "down"
    low, high = [0.30, 0.31, 0.32, 0.31, 0.30], [0.40, 0.41, 0.42, 0.40, 0.43]
    assert verdict("P7", "depth_used", low, high[::-1]) == "supported"
    assert verdict("P7", "depth_used", high, low[::-1]) == "contradicted"
    assert verdict("P7", "depth_used", low, [0.35, 0.31, 0.28, 0.35, 0.27]) == "no clear effect"
    assert verdict("P7", "depth_used", low, None) == "not judged"
    assert verdict("P7", "depth_used", low[:4], high[:4]) == "not judged"
    assert verdict("P4", "depth_used", low, high) == "later"


def test_an_equal_producer_is_judged_against_half_not_against_nothing() -> None:
    assert verdict("P1", "ai_attention_share", [0.20, 0.21, 0.22, 0.21, 0.20], [0.0] * 5) == "contradicted"
    assert verdict("P1", "ai_attention_share", WITH_AI, [0.0] * 5) == "supported"
    assert verdict("P1", "ai_attention_share", [0.0, *WITH_AI], [0.0] * 6) == "no clear effect"
    assert verdict("P1", "ai_attention_share", [0.0] * 5, [0.0] * 5) == "contradicted"
    assert verdict("P1", "ai_attention_share", [0.20, 0.21, 0.22], [0.0] * 3) == "not judged"


@pytest.mark.parametrize("zeros", [0, 1, 4, 5])
def test_ai_that_makes_nothing_by_itself_is_no_yardstick(zeros: int) -> None:
    comparison = pair([0.30, 0.31, 0.32, 0.31, 0.30], [0.0] * 5, "assisted_share")
    for k, run in enumerate(comparison.arms["baseline"]):
        run.outcomes["ai_supply_share"] = 0.0 if k < zeros else 0.1 + 0.01 * k
    found = {one.name: one for one in judge("P3", comparison, summarise(comparison)).measures}["assisted_share"]
    expected = ("supported", "") if zeros == 0 else ("not judged", "no_mark")
    assert (found.finding, found.reason) == expected
    assert np.isnan(found.gaps).sum() == zeros


def test_passing_for_human_is_judged_by_how_often_humans_do() -> None:
    comparison = pair([0.30, 0.31, 0.32, 0.31, 0.30], [math.nan] * 5, "turing_pass_rate")
    for run in comparison.arms["baseline"]:
        run.outcomes["human_pass_rate"] = 0.6
    found = {one.name: one for one in judge("P1", comparison, summarise(comparison)).measures}["turing_pass_rate"]
    assert (found.finding, found.yardstick) == ("contradicted", "human_pass_rate")


def test_what_could_not_have_failed_is_not_judged() -> None:
    assert verdict("P5", "vendor_revenue_share", WITH_AI, [0.0] * 5) == "not judged"


def test_few_clear_measures_among_many_are_mixed() -> None:
    comparison = pair(WITH_AI, [0.0] * 5, "ai_supply_share")
    for runs, attention in (("baseline", [0.4, 0.5, 0.6, 0.45, 0.55]), ("no_ai", [0.0] * 5)):
        for run, level in zip(comparison.arms[runs], attention, strict=True):
            run.outcomes["ai_attention_share"] = run.outcomes["ai_revenue_share"] = level
    assert judge("P1", comparison, summarise(comparison)).judgement == "mixed"

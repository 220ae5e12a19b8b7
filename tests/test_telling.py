"""How rows of the summary are told in sentences: both sides of a tie, nulls, zeros and equal values."""

import math
from typing import Any

import pandas as pd

from analysis.changes import change
from analysis.material import Report
from analysis.statistics import summarise
from analysis.telling import agreement, difference, level
from analysis.telling import change as telling_change
from analysis.text import Words
from tests.synthetic import Comparison, Run, comparison


def told(one: list[float], other: list[float] | None, name: str) -> dict[str, Any]:
    """A row of the summary of made-up levels, the other arm's beside them."""
    arms = {"a": one} | ({"b": other} if other is not None else {})
    runs = {arm: [Run(pd.DataFrame({name: [value]}), {}, {}) for value in values] for arm, values in arms.items()}
    return summarise(Comparison("a", "b" if other is not None else None, runs))[name]


def test_more_and_less_are_both_said() -> None:
    en, zh = Words("en"), Words("zh")
    assert agreement([1, 1, -1, -1], en) == "more in 2, less in 2 of 4 pairs"
    assert agreement([1, -1, 0], en) == "more in 1, less in 1, the same in 1 of 3 pairs"
    assert agreement([0, 0, 1, math.nan], zh) == "3 对中 1 对增加、2 对不变"
    assert agreement([0.1, 0.2, -0.1], en, "50%") == "above 50% in 2, below 50% in 1 of 3 replications"
    assert agreement([1, 1], en) == "more in all 2 pairs" and agreement([-1], en) == "less"


def test_nulls_are_told_beside_what_rests_on_the_rest() -> None:
    row = told([math.nan] * 95 + [1.1, 1.2, 1.15, 1.12, 1.18], [math.nan] * 94 + [2.0] + [1.0] * 5, "reach_ratio_false")
    assert difference(row, Words("en")).endswith("; both values in 5 of 100 pairs)")
    assert "both values in 5 of 100 pairs" in telling_change("reach_ratio_false", row, Words("en"))
    alone = told([math.nan] * 2 + [1.1, 1.2], None, "reach_ratio_false")
    assert level(alone, Words("en")) == "1.10 and 1.20 (a value in 2 of 4 replications)"
    assert "（4 次重复中 2 次有数值）" in level(alone, Words("zh"))
    made = comparison(6)
    for run in made.arms["no_ai"][:1]:
        run.outcomes["reach_ratio_false"] = math.nan
    assert "both values in 5 of 6 pairs" in change(Report(made))


def test_one_value_at_0_is_not_all_of_them_and_equal_values_have_no_band() -> None:
    en = Words("en")
    assert level(told([math.nan] * 4 + [0.0], None, "deep_time_share"), en) == "0% (a value in 1 of 5 replications)"
    assert level(told([4.0] * 5, None, "studios_open"), en).endswith("(the same in all 5)")
    same = told([0.1 + 0.2] * 5, [0.3] * 5, "deep_time_share")
    assert difference(same, en) == "0 pp (the same in all 5)" and same["effect"] == "no clear effect"
    assert agreement(same["differences"], en) == "the same in all 5 pairs"

"""Regret and Pareto fronts: small known answers, and too few futures say so."""

import numpy as np
import pandas as pd
import pytest

from analysis.decisions import BETTER, clear_mean, pareto, regret, steady_minimax, undominated
from analysis.intervals import interval
from analysis.text import Words
from sim.base.outcomes import OUTCOMES


def table(values: dict[str, list[float]]) -> pd.DataFrame:
    """A row a setting and future."""
    rows = [(name, future, value) for name, column in values.items() for future, value in enumerate(column)]
    return pd.DataFrame(rows, columns=["setting", "future", "value"])


def test_regret_of_a_small_table() -> None:
    """Regrets by hand: a 0 4, b 2 0, c 1 1."""
    frame = regret(table({"a": [5, 1], "b": [3, 5], "c": [4, 4]}), "up").frame.set_index("setting")
    assert frame["mean_regret"].tolist() == [2.0, 1.0, 1.0] and frame["max_regret"].tolist() == [4.0, 2.0, 1.0]
    assert frame["best"].tolist() == [0.5, 0.5, 0.0]
    assert frame["choice"].tolist() == ["", "", ""]  # two futures tell nothing
    frame = regret(table({"a": [5, 1], "b": [3, 5], "c": [4, 4]}), "down").frame.set_index("setting")
    assert frame["mean_regret"].tolist() == [1.0, 2.0, 2.0] and frame["max_regret"].tolist() == [2.0, 4.0, 3.0]


def test_settings_are_chosen_where_they_alone_lose_least_and_tied_where_several_do() -> None:
    many = regret(table({"a": [5, 1] * 6, "b": [3, 5] * 6, "c": [4, 4] * 6}), "up").frame.set_index("setting")
    assert many["choice"].tolist() == ["", "tied", "minimax"]
    alike = regret(table({"a": [1] * 12, "b": [1] * 12, "c": [0] * 12}), "up").frame
    assert alike["choice"].tolist() == ["tied", "tied", ""]
    for language in ("en", "zh"):
        assert Words(language)("sweep.choices.tied") in ("tied", "并列")


def test_regret_says_whether_the_choice_is_clear() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=40)
    clear = regret(table({"a": list(base), "b": list(base - 1 + 0.1 * rng.normal(size=40))}), "up")
    assert clear.enough and clear.note == "regret" and clear.frame["choice"].tolist() == ["both", ""]
    close = regret(table({"a": list(base), "b": list(base + 0.5 * rng.normal(size=40))}), "up")
    assert not close.enough and close.note == "regret_close"
    few = regret(table({"a": [1, 2, 3], "b": [0, 0, 0]}), "up")
    assert not few.enough and few.note == "regret_few" and "10" in few.say("zh")


def spoilt(**worst: list[float]) -> pd.DataFrame:
    """Forty futures of three settings, `a` clearly the best on average; each is spoilt in its first futures."""
    noise = 0.1 * np.random.default_rng(2).normal(size=(3, 40))
    values = dict(zip("abc", np.array([[5.0], [4.0], [3.0]]) + noise, strict=True))
    for name, losses in worst.items():
        values[name][: len(losses)] -= losses
    return table({name: list(column) for name, column in values.items()})


def test_a_smallest_worst_regret_is_named_where_it_does_not_hang_on_one_future() -> None:
    one = regret(spoilt(a=[6]), "up")  # the worst of `a` is a single future, which many resamples lack
    assert (clear_mean(one), steady_minimax(one)) == ("a", None)
    assert one.frame.set_index("setting").loc["b", "choice"] == "minimax"
    many = regret(spoilt(a=[6, 6, 6, 6]), "up")
    assert (clear_mean(many), steady_minimax(many)) == (None, "b")
    assert steady_minimax(regret(spoilt(), "up")) == "a"
    # what is the same in every future is no choice; and few futures tell nothing
    assert steady_minimax(regret(table({"a": [1.0] * 12, "b": [1.0] * 12, "c": [0.0] * 12}), "up")) is None
    assert steady_minimax(regret(table({"a": [1.0] * 3, "b": [0.0] * 3}), "up")) is None


def test_futures_without_all_settings_are_left_out() -> None:
    rows = table({"a": [5, 1, 9], "b": [3, 5, np.nan]})
    assert set(regret(rows, "up").frame["futures"]) == {2}
    nothing = regret(rows[rows["setting"] == "a"], "up")
    assert nothing.note == "regret_uncrossed" and nothing.frame.empty and "cross levers" in nothing.say()
    assert len(nothing.figure().data) == 2


def test_undominated_rows() -> None:
    values = np.array([[1.0, 5.0], [3.0, 3.0], [2.0, 2.0], [5.0, 1.0], [3.0, 3.0]])
    assert undominated(values).tolist() == [True, True, False, True, True]


def test_pareto_front_of_a_small_table() -> None:
    """Trust up, unemployment down: c loses to b in both."""
    rng = np.random.default_rng(1)
    means = {"a": (0.9, 0.10), "b": (0.7, 0.05), "c": (0.6, 0.06)}
    rows = pd.DataFrame(
        [
            (name, future, trust + shock, jobs + shock / 10)
            for future, shock in enumerate(0.02 * rng.normal(size=12))
            for name, (trust, jobs) in means.items()
        ],
        columns=["setting", "future", "trust_mean", "unemployment"],
    )
    better = {name: BETTER[name] for name in ("trust_mean", "unemployment")}
    answer = pareto(rows, better)
    frame = answer.frame.drop_duplicates("setting").set_index("setting")
    assert answer.enough and frame["front"].tolist() == [True, True, False]
    assert frame["clearly_beaten"].tolist() == [False, False, True]
    jobs = answer.frame[answer.frame["outcome"] == "unemployment"].set_index("setting")
    assert jobs["mean"].to_dict() == pytest.approx({k: v[1] for k, v in means.items()}, abs=0.002)
    assert (jobs["low"] <= jobs["mean"]).all() and (jobs["mean"] <= jobs["high"]).all()
    assert len(answer.figure("zh").data) == 2
    few = pareto(rows[rows["future"] < 3], better)
    assert not few.enough and few.note == "pareto_few"
    assert pareto(rows[rows["setting"] == "a"], better).note == "regret_uncrossed"


def test_a_band_of_differences_holds_its_mean_below_zero_too() -> None:
    """A level of trust cannot be negative; its fall against a counterfactual can."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        [
            {"setting": name, "future": future, "trust_mean": fall + one, "unemployment": fall + other}
            for name, fall in (("a", -0.05), ("b", -0.02))
            for future, (one, other) in enumerate(0.01 * rng.normal(size=(12, 2)))
        ]
    )
    answer = pareto(rows, {"trust_mean": "up", "unemployment": "down"}, differences=True)
    frame = answer.frame.set_index(["setting", "outcome"])
    assert (frame["low"] < frame["mean"]).all() and (frame["mean"] < frame["high"]).all()
    trust = rows.loc[rows["setting"] == "a", "trust_mean"]
    band = (frame.loc[("a", "trust_mean"), end] for end in ("mean", "low", "high"))
    assert tuple(band) == pytest.approx(interval(trust.to_numpy()))
    wild = rows.assign(trust_mean=np.where(rows["future"] % 2, 0.99, -0.99))
    ends = pareto(wild, {"trust_mean": "up", "unemployment": "down"}, differences=True).frame
    assert ends["low"].min() >= -1.0 and ends["high"].max() <= 1.0


def test_what_is_beaten_on_the_mean_alone_cannot_be_told() -> None:
    """`b` loses clearly to `a`; `c` loses by a tenth of what futures differ; `d` is best in the other outcome."""
    rng = np.random.default_rng(4)
    means = {"a": (0.9, 0.05), "b": (0.8, 0.05), "c": (0.897, 0.05), "d": (0.7, 0.01)}
    rows = [
        {"setting": name, "future": future, "trust_mean": trust + noise, "unemployment": jobs}
        for name, (trust, jobs) in means.items()
        for future, noise in enumerate(0.03 * rng.permutation(np.linspace(-1, 1, 20)))
    ]
    answer = pareto(pd.DataFrame(rows), {"trust_mean": "up", "unemployment": "down"})
    frame = answer.frame.drop_duplicates("setting").set_index("setting")
    assert frame["front"].to_dict() == {"a": True, "b": False, "c": False, "d": True}
    assert frame["clearly_beaten"].to_dict() == {"a": False, "b": True, "c": False, "d": False}
    assert "2 are beaten by none on the mean, 1 are clearly beaten, of 1 it cannot be told" in answer.say()
    for language, names in (("en", ["beaten by none", "cannot be told", "clearly beaten"]),
                            ("zh", ["无可超越", "尚不能判断", "明显被超越"])):  # fmt: skip
        shown = {trace.name: len(trace.x) for trace in answer.figure(language).data}
        assert list(shown) == names and list(shown.values()) == [2, 1, 1]


def test_aims_are_outcomes() -> None:
    assert set(BETTER) <= set(OUTCOMES) and set(BETTER.values()) == {"up", "down"}

"""A sweep's answers: pairs, settings and futures, the method that fits the design, and the page in both languages."""

import dataclasses
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.answers import Answer
from analysis.decisions import BETTER, regret
from analysis.png import write_png
from analysis.statistics import MIN_FAN, paired_differences, quantile_fan
from analysis.sweep import Analysis, Sweep, analyse, by_point, pair, unit_places
from analysis.sweep_figures import factor_label, setting_label
from analysis.sweep_report import bottom_line, write_sweep_report
from analysis.text import LANGUAGES, Words
from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES
from sim.experiment import sweep_caveats
from sim.experiment.plan import Plan
from sim.experiment.store_reader import Reader
from sim.experiment.sweep_file import read_plan
from sim.simulation.caveats import Caveat
from tests import commands, known
from tests.sweeps import KEPT, LEVERS, UNCERTAINTIES, function_sweep, sweep
from tests.test_decisions import spoilt
from tests.test_discovery import planted
from tests.test_report import Page, data, prose

NONE, BOTH = (" ".join(f"{path}={value}" for path in LEVERS) for value in (0, 1))
CASES: dict[str, dict[str, Any]] = {
    "crossed": {"weeks": 60, "samples": 100},
    "sobol": {"design": "sobol", "samples": 64, "levers": False},
    "sobol crossed": {"design": "sobol", "samples": 32},
    "morris": {"design": "morris", "samples": 12, "levers": False, "failed": 3},
    "grid, alone": {"design": "grid", "samples": 30, "against": None},
    "few": {"samples": 4, "failed": 5},
    "replications": {"samples": 5, "levers": False, "replications": 3, "weeks": 4},
}


@cache
def answered(case: str) -> Analysis:
    return analyse(*sweep(**CASES[case]))


@cache
def page(case: str, folder: Path) -> str:
    return write_sweep_report(answered(case), folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


# Pairs


def test_pairs_stand_beside_their_counterfactual() -> None:
    table = pair(answered("crossed").sweep, "depth_used")
    assert len(table) == 400 and not table["difference"].isna().any()
    assert np.allclose(table["difference"], table["level"] - table["counterfactual"])
    assert set(table["setting"]) >= {NONE, BOTH} and table["setting"].nunique() == 4
    # the same future is the same point of the uncertainties in every setting
    assert (table.groupby("future")[list(UNCERTAINTIES)].nunique() == 1).all().all()
    assert (table.groupby("future").size() == 4).all()


def test_a_failed_run_takes_its_pair_along() -> None:
    failed = Sweep(*sweep(samples=10, levers=False, failed=3))
    table = pair(failed, "trust_mean")
    assert table["point"].tolist() == list(range(2, 10)) and (table["setting"] == "").all()
    points = by_point(failed, "trust_mean")
    assert len(points) == 10 and points["value"].isna().tolist() == [True] * 2 + [False] * 8


def test_levels_are_means_of_the_last_52_weeks() -> None:
    values = pd.DataFrame(
        {"run_id": "a", "week": np.arange(60), "date": pd.Timestamp("2022-01-03"), "trust_mean": np.arange(60.0)}
    )
    runs, _, plan = sweep(samples=1, levers=False)
    found = Sweep(runs.assign(run_id=["a", "b"]), values, plan).levels["trust_mean"]
    assert found["a"] == np.arange(8, 60).mean()
    late = runs.assign(run_id=["a", "b"], burn_in=[40, 5])  # each run's own release counts
    assert Sweep(late, values, plan).levels["trust_mean"]["a"] == np.arange(40, 60).mean()


def test_without_counterfactual_levels_are_told_and_twins_are_not() -> None:
    alone = answered("grid, alone")
    assert not alone.differences and not alone.discovery
    assert "depth_used" in alone.sensitivity and "displacement_rate" not in alone.sensitivity


@pytest.mark.parametrize("case", ["sobol", "sobol crossed", "morris"])
def test_means_and_tests_rest_on_points_that_share_nothing(case: str) -> None:
    sampled = answered(case).sweep
    points = by_point(sampled, "trust_mean").loc[sampled.independent]
    settings = 4 if sampled.crossed else 1
    assert len(points) == settings * CASES[case]["samples"]
    if case != "morris":
        assert all(points[path].nunique() == len(points) // settings for path in UNCERTAINTIES)
    shown = answered(case).differences["trust_mean"].frame
    assert shown["futures"].max() <= len(points) // settings


@pytest.mark.parametrize("design", ["lhs", "sobol", "morris"])
def test_futures_that_tests_rest_on_have_draws_of_their_own(design: str) -> None:
    plan = read_plan("policy_mix", [f"design={design}", "samples=4"])
    points = plan.points()
    sampled = Sweep(points.assign(point=points.index), pd.DataFrame(), plan)
    futures = sampled.points.loc[sampled.independent, "future"]
    draws = pd.Series({point: plan.draws(point, 0) for point in futures.index})
    assert futures.nunique() == 4 and (draws.groupby(futures).nunique() == 1).all() and draws.nunique() == 4


def test_structure_comes_from_the_plan_and_not_from_values() -> None:
    """Futures of a Morris design repeat; settings that cross them are settings all the same, and no factors."""
    answers = analyse(*sweep("morris", samples=12))
    assert answers.sweep.crossed and len(answers.regret["trust_mean"].frame) == 4
    frame = answers.sensitivity["trust_mean"].frame
    size = frame[(frame["index"] == "mu_star") & (frame["samples"] == 12)].set_index("factor")["value"]
    assert set(size.index) == set(UNCERTAINTIES)
    assert size["platforms.forum.theta"] == pytest.approx(0.05, abs=0.003)
    assert size.drop("platforms.forum.theta").max() < 0.004


def test_a_named_uncertainty_keeps_its_column_of_the_design() -> None:
    places = known.sobol_places(256, 3)
    outcomes = {"trust_mean": places[:, 2], "depth_used": places[:, 1] < 0.5}
    runs, values, plan = function_sweep("sobol", 256, places, **outcomes)
    named = plan.factors[1].path
    runs[named] = np.where(runs["point"].map(dict(enumerate(places[:, 1]))) < 0.5, "a", "b")
    factors = [
        dataclasses.replace(f, low=None, high=None, values=("a", "b")) if f.path == named else f for f in plan.factors
    ]
    answers = analyse(runs, values, dataclasses.replace(plan, factors=factors))
    for outcome, place in (("trust_mean", 2), ("depth_used", 1)):
        frame = answers.sensitivity[outcome].frame
        first = frame[(frame["index"] == "first") & (frame["samples"] == 256)].set_index("factor")["value"]
        assert list(first.index) == [f.path for f in factors]
        assert np.allclose(first, np.arange(3) == place, atol=0.1)


def test_effects_of_named_values_cross_the_whole_range() -> None:
    places = known.morris_places(20, 3, 4)
    places[:, 1] = places[:, 1] >= 0.5
    runs, values, plan = function_sweep("morris", 20, places, trust_mean=places @ np.array([3.0, -2.0, 1.0]))
    named = plan.factors[1].path
    runs[named] = runs["point"].map(dict(enumerate(places[:, 1]))).astype(bool)
    factors = [
        dataclasses.replace(f, low=None, high=None, values=(False, True)) if f.path == named else f
        for f in plan.factors
    ]
    answer = analyse(runs, values, dataclasses.replace(plan, factors=factors)).sensitivity["trust_mean"]
    assert answer.enough and np.allclose(index_of(answer, "mu"), [3, -2, 1])


@pytest.mark.parametrize("names", [("a", "b"), (False, True)])
def test_a_plain_sample_is_asked_about_named_values_too(names: tuple[Any, Any]) -> None:
    places = np.random.default_rng(0).random((200, 3))
    runs, values, plan = function_sweep("lhs", 200, places, trust_mean=places[:, 0] + 2 * (places[:, 1] < 0.5))
    named = plan.factors[1].path
    runs[named] = [names[int(places[point, 1] < 0.5)] for point in runs["point"]]
    factors = [
        dataclasses.replace(f, low=None, high=None, values=names) if f.path == named else f for f in plan.factors
    ]
    answer = analyse(runs, values, dataclasses.replace(plan, factors=factors)).sensitivity["trust_mean"]
    last = answer.frame[answer.frame["samples"] == 200].set_index(["factor", "index"])["value"]
    assert last[(named, "first")] == pytest.approx(12 / 13, abs=0.03) and last[(named, "prcc")] > 0.8


@pytest.mark.parametrize("values", [(40.0, 2.0, 10.0, 20.0), ("2024-02-26", "2022-11-28", "2023-05-01", "2022-12-26")])
@pytest.mark.parametrize("design", ["csv", "grid", "morris"])
def test_listed_numbers_and_dates_are_ordered_by_size_whatever_the_order_of_the_list(
    design: str, values: tuple[Any, ...]
) -> None:
    places = known.morris_places(40, 3, 4)
    levels = np.array([sorted(values)[int(3.99 * place)] for place in places[:, 1]], dtype=object)
    runs, found, plan = function_sweep(design, 40, places, trust_mean=places[:, 1] + 0.001 * places[:, 0])
    runs[plan.factors[1].path] = pd.Series(levels[runs["point"]], runs.index).infer_objects()
    factors = [
        dataclasses.replace(f, low=None, high=None, values=values) if k == 1 else f for k, f in enumerate(plan.factors)
    ]
    answer = analyse(runs, found, dataclasses.replace(plan, factors=factors)).sensitivity["trust_mean"]
    frame = answer.frame[answer.frame["samples"] == answer.frame["samples"].max()].set_index(["factor", "index"])
    value = frame.loc[(factors[1].path, "mu" if design == "morris" else "prcc"), "value"]
    assert value == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("design", ["sobol", "morris", "lhs"])
def test_what_moves_by_rounding_alone_is_constant(design: str) -> None:
    places = known.sobol_places(64, 3) if design == "sobol" else known.morris_places(80, 3, 4)
    runs, values, plan = function_sweep(design, 64 if design == "sobol" else 80, places, trust_mean=places[:, 0])
    point = values["run_id"].str.extract(r"(\d+)", expand=False).astype(int)
    rounded = (0.1 + 0.7 * point.mod(7) / 7).astype(np.float32)
    lift = np.where(values["run_id"].str.startswith("baseline"), 0.1, 0)
    answer = analyse(runs, values.assign(trust_mean=(rounded + lift).astype(np.float32)), plan)
    assert answer.sensitivity["trust_mean"].note == "constant" and answer.sensitivity["trust_mean"].frame.empty


def test_settings_that_differ_in_the_last_digits_are_settings_of_their_own() -> None:
    runs, values, plan = sweep(samples=10)
    near = 1.0 - 1e-8
    runs[LEVERS[0]] = runs[LEVERS[0]].where(runs[LEVERS[0]] == 1.0, near)
    factors = [dataclasses.replace(plan.factors[0], values=(near, 1.0)), *plan.factors[1:]]
    frame = analyse(runs, values, dataclasses.replace(plan, factors=factors)).differences["trust_mean"].frame
    assert list(frame["pairs"]) == [10] * 4 and frame["setting"].str.startswith(f"{LEVERS[0]}={near} ").sum() == 2


def test_replications_alone_give_a_band() -> None:
    plan = dataclasses.replace(sweep(levers=False)[2], factors=[], replications=20)
    runs = pd.DataFrame(
        [
            {
                "run_id": f"{arm}{k}",
                "arm": arm,
                "point": 0,
                "replication": k,
                "seed": 0,
                "status": "done",
                "wall_s": 1.0,
            }
            for k in range(20)
            for arm in ("baseline", "no_ai")
        ]
    )
    noise = np.random.default_rng(0).normal(size=40)
    values = pd.DataFrame({"run_id": runs["run_id"], "trust_mean": noise + (runs["arm"] == "baseline")})
    (row,) = analyse(runs, values, plan).differences["trust_mean"].frame.to_dict("records")
    assert row["futures"] == 20 and row["low"] < row["mean"] < row["high"]


def test_factors_lie_on_the_scale_of_their_priors() -> None:
    sampled = answered("sobol").sweep
    places = unit_places(sampled, by_point(sampled, "trust_mean"))
    assert list(places) == list(UNCERTAINTIES) and ((places >= 0) & (places <= 1)).all().all()
    assert abs(places.mean() - 0.5).max() < 0.02


# Answers


def test_settings_that_help_are_told_from_those_that_do_not() -> None:
    answers = answered("crossed")
    frame = answers.differences["trust_mean"].frame.set_index("setting")
    assert frame.loc[BOTH, "effect"] == "up" and frame.loc[NONE, "effect"] == "down"
    assert (frame["low"] < frame["mean"]).all() and (frame["q05"] < frame["low"]).all()
    chosen = answers.regret["trust_mean"].frame.set_index("setting")
    assert chosen.loc[BOTH, "choice"] == "both" and chosen.loc[BOTH, "max_regret"] == 0
    assert set(answers.regret) == set(KEPT) & set(BETTER)
    assert answers.pareto is not None
    assert list(answers.pareto.frame["outcome"][:3]) == ["trust_mean", "employment", "depth_used"]
    change = answers.differences["trust_mean"].frame.set_index("setting").sort_index()
    weighed = answers.pareto.frame.query("outcome == 'trust_mean'").set_index("setting").sort_index()
    assert (weighed["mean"] < 0).any() and weighed["mean"].to_numpy() == pytest.approx(change["mean"].to_numpy())
    assert (weighed["low"] <= weighed["mean"]).all() and (weighed["mean"] <= weighed["high"]).all()


def test_aims_are_chosen_and_checked() -> None:
    made = sweep(samples=12)
    answers = analyse(*made, aims=["displacement_rate", "trust_mean"])
    assert answers.pareto is not None and set(answers.pareto.frame["outcome"]) == {"displacement_rate", "trust_mean"}
    assert list(answers.regret)[:2] == ["displacement_rate", "trust_mean"]
    wrongs = {"trust_men": "did you mean 'trust_mean'", "ai_supply_share": "one of", "unemployment": "kept"}
    for wrong, match in wrongs.items():
        with pytest.raises(InputError, match=match):
            analyse(*made, aims=[wrong])


def test_the_condition_of_a_shallow_turn_is_found() -> None:
    answer = answered("crossed").discovery["shallow_turn"]
    frame = answer.frame.set_index("factor")
    assert answer.enough and set(frame.index) == {LEVERS[0], *list(UNCERTAINTIES)[:2]}
    assert frame.loc[LEVERS[0], "first"] == frame.loc[LEVERS[0], "last"] == 0.0  # without labels
    assert frame.loc["culture.imagination", "high"] == pytest.approx(0.5, abs=0.04)
    assert answered("crossed").discovery["reshuffle"].note == "never"


@pytest.mark.parametrize(
    ("case", "indices"),
    [
        ("crossed", {"prcc", "first"}),
        ("sobol", {"first", "total"}),
        ("sobol crossed", {"first", "total"}),
        ("morris", {"mu_star", "mu", "sigma"}),
    ],
)
def test_each_design_is_asked_by_its_own_method(case: str, indices: set[str]) -> None:
    answer = answered(case).sensitivity["rank_turnover"]
    assert set(answer.frame["index"]) == indices
    last = answer.frame[answer.frame["samples"] == answer.frame["samples"].max()]
    leading = last[last["index"] == sorted(indices & {"first", "total", "mu_star"})[-1]]
    assert leading.set_index("factor")["value"].idxmax() == "technology.price_decay"


# Known answers from rows of runs to indices and boxes, whatever the order of rows


def index_of(answer: Answer, index: str) -> np.ndarray:
    rows = answer.frame[(answer.frame["index"] == index) & (answer.frame["samples"] == answer.frame["samples"].max())]
    return rows["value"].to_numpy()


def test_ishigami_and_g_from_runs_of_a_sobol_design() -> None:
    for function, first, total, atol in (
        (known.ishigami, known.ISHIGAMI_FIRST, known.ISHIGAMI_TOTAL, 0.04),
        (known.g_function, known.G_FIRST, known.G_TOTAL, 0.05),
    ):
        places = known.sobol_places(512, len(first))
        answer = analyse(*function_sweep("sobol", 512, places, trust_mean=function(places))).sensitivity["trust_mean"]
        assert np.allclose(index_of(answer, "first"), first, atol=atol)
        assert np.allclose(index_of(answer, "total"), total, atol=atol)


def test_g_from_runs_of_a_morris_design() -> None:
    places = known.morris_places(50, 8, 4)
    answers = analyse(*function_sweep("morris", 50, places, trust_mean=known.g_function(places)))
    star = index_of(answers.sensitivity["trust_mean"], "mu_star")
    assert list(np.argsort(-star)[:4]) == [0, 1, 2, 3] and (star[4:] < 0.1 * star[0]).all()


def test_the_planted_box_from_runs() -> None:
    places, happens = planted()
    made = function_sweep("lhs", 1000, places.to_numpy(), depth_used=np.where(happens, -0.06, -0.01))
    answer = analyse(*made).discovery["shallow_turn"]
    factors = [factor.path for factor in made[2].factors]
    assert answer.enough and set(answer.frame["factor"]) == {factors[0], factors[2], factors[4]}
    assert answer.frame["density"].iloc[0] > 0.9 and answer.frame["coverage"].iloc[0] > 0.75


def test_a_design_that_was_cut_is_asked_by_ranks() -> None:
    runs, values, plan = sweep("sobol", 16, levers=False)
    cut = analyse(runs[runs["point"] < 70], values, plan)
    assert set(cut.sensitivity["trust_mean"].frame["index"]) == {"prcc", "first"}


@pytest.mark.parametrize("design", ["grid", "csv"])
def test_levers_alone_are_compared_over_replications(design: str) -> None:
    runs, values, plan = sweep(samples=1, replications=12)
    levers = dataclasses.replace(plan, factors=plan.factors[:2], design=design)
    answers = analyse(runs, values, levers)
    assert set(answers.regret["trust_mean"].frame["futures"]) == {12}
    assert (answers.differences["trust_mean"].frame["futures"] == 12).all()


def test_rows_of_a_table_that_have_the_same_uncertainties_are_one_future() -> None:
    """Of four settings of thirty futures one point is left out, so that they are not crossed; no evidence is gained."""
    runs, values, plan = sweep("csv", 30)
    answers = analyse(runs[runs["point"] != 7], values, plan)
    assert not answers.sweep.crossed
    (row,) = answers.differences["trust_mean"].frame.to_dict("records")
    assert row["futures"] == 30 and row["pairs"] == 119
    assert answers.discovery["shallow_turn"].note == "prim_few"


def test_a_sweeps_page_is_repeated_from_its_own_directory(folder: Path) -> None:
    text = page("few", folder)
    assert "metavalue sweep run plan.yaml --out ../again\nmetavalue analyse ../again" in text
    assert "outputs/sweeps" not in text


def test_few_runs_say_so_everywhere() -> None:
    answers = answered("few")
    every = [*answers.differences.values(), *answers.sensitivity.values(), *answers.regret.values(), answers.pareto]
    every += list(answers.discovery.values())
    assert len(every) > 15 and not any(answer.enough for answer in every if answer)
    for language in LANGUAGES:
        words = Words(language)
        assert words("sweep.bottom.untold.shallow_turn") in bottom_line(answers, words)
    assert not any(answer.frame["choice"].any() for answer in answers.regret.values())
    assert not answered("replications").fans["trust_mean"].enough


@pytest.mark.parametrize(
    ("worst", "said"),
    [
        ({}, ("and the smallest worst one, is: a.", "最坏后悔值也最小的设置是：a。")),
        (
            {"a": [6.0]},
            ("is: a. Which has the smallest worst regret cannot be told.", "是：a；哪种设置的最坏后悔值最小"),
        ),
        ({"a": [2.5] * 5}, ("is: a; the smallest worst regret is that of: b.", "是：a；最坏后悔值最小的是：b。")),
        ({"a": [6.0] * 4}, ("has clearly the smallest mean regret; the smallest worst", "最坏后悔值最小的是：b。")),
    ],
)
def test_the_bottom_line_names_the_clear_mean_and_the_steady_worst(
    worst: dict[str, list[float]], said: tuple[str, str]
) -> None:
    answers = dataclasses.replace(answered("crossed"), regret={"trust_mean": regret(spoilt(**worst), "up")})
    for language, sentence in zip(LANGUAGES, said, strict=True):
        assert sentence.replace(" ", "") in bottom_line(answers, Words(language)).replace(" ", "")


def test_differences_average_replications_before_futures() -> None:
    rows = [("", future, k, future + shift) for future in range(12) for k, shift in enumerate((-1.0, 1.0))]
    table = pd.DataFrame(rows, columns=["setting", "future", "replication", "difference"])
    table = table.assign(level=table["difference"] + 5, counterfactual=5.0)
    answer = paired_differences(table, OUTCOMES["items_new"])
    row = answer.frame.iloc[0]
    assert answer.enough and row["mean"] == 5.5 and row["futures"] == 12 and row["pairs"] == 24
    spread = np.arange(12).std(ddof=1) / np.sqrt(12) * 2.2009851600829  # t with 11 degrees of freedom
    assert row["high"] - row["mean"] == pytest.approx(spread)
    assert not paired_differences(table[table["future"] < 5], OUTCOMES["items_new"]).enough
    assert paired_differences(table[:0], OUTCOMES["items_new"]).note == "no_pairs"


def test_below_five_futures_a_difference_has_no_band_and_claims_no_effect() -> None:
    rows = [("", future, 0.3 + 0.01 * future, 0.2) for future in range(5)]
    table = pd.DataFrame(rows, columns=["setting", "future", "level", "counterfactual"])
    table["difference"] = table["level"] - table["counterfactual"]
    four = paired_differences(table[:4], OUTCOMES["depth_used"]).frame.iloc[0]
    assert np.isnan([four["low"], four["high"], four["run_ratio"]]).all() and four["effect"] == ""
    assert four["rises"] == 1.0 and four["futures"] == 4 and four["mean"] == pytest.approx(0.115)
    five = paired_differences(table, OUTCOMES["depth_used"]).frame.iloc[0]
    assert 0 < five["low"] < five["high"] and five["effect"] == "up"


def test_a_sweep_of_three_futures_has_no_interval_anywhere() -> None:
    answers = analyse(*sweep(samples=3))
    tables = [answer.frame for group in (answers.differences, answers.regret) for answer in group.values()]
    tables += [answers.pareto.frame] if answers.pareto else []
    assert len(tables) > 5
    for frame in tables:
        assert frame["low"].isna().all() and frame["high"].isna().all()


def test_over_futures_too_what_only_ai_can_have_is_not_held_against_a_world_without_it() -> None:
    table = pd.DataFrame({"setting": "", "future": range(12), "level": np.linspace(0.2, 0.9, 12)})
    table = table.assign(counterfactual=0.0, difference=table["level"])
    answer = paired_differences(table, OUTCOMES["ai_attention_share"], compared=False)
    row = answer.frame.iloc[0]
    assert row["effect"] == "" and 0 < row["low"] < row["high"] < 1 and not row["compared"]
    assert answer.say().startswith("Not judged: the world without AI has none of this.")
    assert paired_differences(table, OUTCOMES["false_exposure_share"]).frame["effect"].item() == "up"


@pytest.mark.parametrize("none", [0.0, np.nan])
def test_a_sweep_against_no_ai_asks_what_only_ai_can_have_by_its_level(tmp_path: Path, none: float) -> None:
    runs, values, plan = sweep(samples=12, levers=False)
    without = values["run_id"].isin(runs.loc[runs["arm"] == "no_ai", "run_id"])
    values["turing_pass_rate"] = values["ai_attention_share"] / 2
    values.loc[without, ["turing_pass_rate", "ai_attention_share"]] = none
    answers = analyse(runs, values, plan)
    for name in ("turing_pass_rate", "ai_attention_share"):
        told = answers.differences[name]
        assert told.note == "levels" and told.gaps.missing == answers.sensitivity[name].gaps.missing == 0
        assert told.frame["effect"].item() == "" and told.frame["mean"].item() == values.loc[~without, name].mean()
        assert np.allclose(by_point(answers.sweep, name)["value"], values.loc[~without, name])
    assert answers.differences["depth_used"].note.startswith("differences")
    page = prose(write_sweep_report(answers, tmp_path / "page.html").read_text())
    assert "a level of at least 33.3%" in page and "水平至少为33.3%" in page
    assert page.count("Not judged: the world without AI has none of this.") >= 4  # below the pictures, and in the table


def test_two_arms_with_ai_are_compared_in_all_outcomes() -> None:
    runs, values, plan = sweep(samples=12, levers=False)
    without = values["run_id"].isin(runs.loc[runs["arm"] == "no_ai", "run_id"])
    values["turing_pass_rate"] = np.where(without, 0.0, 0.3)  # the arm has AI, and happens to have none of this
    values.loc[without, "ai_attention_share"] = 0.1
    answers = analyse(runs, values, plan)
    assert answers.differences["turing_pass_rate"].frame["effect"].item() == "up"
    assert answers.differences["ai_attention_share"].frame["compared"].all()


def test_a_difference_of_shares_over_futures_stays_within_what_shares_allow() -> None:
    level, other = np.array([1.0, 0, 1, 0, 1, 0]), np.array([0.0, 1, 0, 1, 0, 0])
    table = pd.DataFrame({"setting": "", "future": range(6), "level": level, "counterfactual": other})
    table["difference"] = level - other
    row = paired_differences(table, OUTCOMES["false_exposure_share"]).frame.iloc[0]
    assert -1 <= row["low"] <= row["high"] <= 1


def test_the_gain_from_pairing_leaves_out_the_spread_of_futures() -> None:
    """Luck of 1 that the arms share and 1 of their own each: 4 / 2, however far futures lie apart."""
    rng = np.random.default_rng(3)
    future = np.repeat(np.arange(400), 4)
    level = rng.normal(size=400)[future] * 10 + rng.normal(size=1600)
    table = pd.DataFrame({"setting": "", "future": future, "level": level, "counterfactual": level})
    table[["level", "counterfactual"]] += rng.normal(size=(1600, 2))
    table["difference"] = table["level"] - table["counterfactual"]
    answer = paired_differences(table, OUTCOMES["items_new"])
    assert answer.frame["run_ratio"].item() == pytest.approx(2, abs=0.15)
    assert answer.frame["correlation"].item() == pytest.approx(0.5, abs=0.05)
    assert answer.note == "differences_within" and "within a future" in answer.say() and "未来之内" in answer.say("zh")
    single = paired_differences(table[~table.duplicated("future")], OUTCOMES["items_new"])
    assert single.note == "differences" and "other futures" in single.say() and single.frame["run_ratio"].item() > 20


def test_fans_are_quantiles_by_week() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 3))
    weekly = pd.DataFrame(
        {
            "arm": "baseline",
            "week": np.tile(np.arange(3), 40),
            "value": values.ravel(),
            "date": np.tile(pd.date_range("2022-01-03", periods=3, freq="7D"), 40),
        }
    )
    answer = quantile_fan(weekly)
    assert answer.enough and answer.frame["runs"].tolist() == [40] * 3
    expected = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0).T
    assert np.allclose(answer.frame[["q05", "q25", "q50", "q75", "q95"]], expected)
    few = quantile_fan(weekly[: 3 * (MIN_FAN - 1)])
    assert not few.enough and str(MIN_FAN) in few.say("zh")
    four = quantile_fan(weekly[: 3 * 4])
    assert four.frame["q50"].notna().all() and four.frame[["q05", "q25", "q75", "q95"]].isna().all(axis=None)
    assert [trace.fill for trace in four.figure().data] == [None]


@pytest.mark.parametrize("futures", [4, 5])
def test_below_five_futures_no_quantile_and_no_share_of_resamples_is_told(futures: int) -> None:
    place = np.arange(2 * futures)
    table = pd.DataFrame(
        {
            "setting": np.where(place % 2, "a", "b"),
            "future": place // 2,
            "value": np.sqrt(place),
            "level": np.sqrt(place),
            "counterfactual": 1.0,
        }
    )
    told = paired_differences(table.assign(difference=table["level"] - 1.0), OUTCOMES["items_new"])
    assert told.frame[["low", "high", "q05", "q95"]].isna().all(axis=None) == (futures < 5)
    ranges = [trace for trace in told.figure().data if trace.mode == "lines"]
    assert len(ranges) == (0 if futures < 5 else 2)
    assert regret(table, "up").frame["minimax_share"].isna().all() == (futures < 5)


def _broken(runs: pd.DataFrame, values: pd.DataFrame, plan: Plan, case: str) -> tuple[Any, Any, Plan]:
    """Runs, values and plan with something missing or odd."""
    runs, values = runs.copy(), values.copy()
    if case == "twins failed":
        runs.loc[runs["arm"] == "no_ai", "status"] = "failed"
        values = values[values["run_id"].isin(runs.loc[runs["status"] == "done", "run_id"])]
    elif case == "mostly planned":
        runs.loc[6:, "status"] = "planned"
        values = values[values["run_id"].isin(runs.loc[:5, "run_id"])]
    elif case == "a factor that stands still":
        runs["culture.imagination"] = 0.4
    elif case == "a lever of names":
        runs[LEVERS[0]] = np.where(runs[LEVERS[0]] > 0, "on", "off")
        plan = dataclasses.replace(
            plan, factors=[dataclasses.replace(plan.factors[0], values=("off", "on")), *plan.factors[1:]]
        )
    elif case == "an outcome without values":
        values["trust_mean"] = np.nan
    elif case == "no question's outcome":
        values = values[["run_id", "ai_attention_share"]]
    return runs, values, plan


@pytest.mark.parametrize(
    "case",
    [
        "twins failed",
        "mostly planned",
        "a factor that stands still",
        "a lever of names",
        "an outcome without values",
        "no question's outcome",
    ],
)
def test_odd_sweeps_still_give_a_page(case: str, tmp_path: Path) -> None:
    runs, values, plan = sweep(samples=12)
    answers = analyse(*_broken(runs, values, plan, case))
    assert write_sweep_report(answers, tmp_path / "report.html").stat().st_size > 1_000_000
    if case == "twins failed":
        assert answers.differences["trust_mean"].note == "no_pairs"
    if case == "a lever of names":
        assert any("=on" in setting for setting in answers.regret["trust_mean"].frame["setting"])


# Labels


def test_names_of_factors_and_settings() -> None:
    en, zh = (Words(language) for language in LANGUAGES)
    assert factor_label(LEVERS[0], en) == "Explicit AI label" and factor_label(LEVERS[0], zh) == "显式AI标识"
    assert "Forum" in factor_label("platforms.forum.theta", en)
    assert factor_label("technology.price_decay", zh) == "同等能力的价格衰减"
    assert setting_label(NONE, en) == "no lever" and setting_label(BOTH, en).startswith("Explicit AI label + ")
    assert setting_label(f"{LEVERS[0]}=0.5", en) == "Explicit AI label 0.5"
    assert setting_label("technology.price_decay=0.1", en).endswith(" 0.1")
    # a policy's name stands for its strength
    assert setting_label("labelling=0 data_rights=1", en) == factor_label("policy.data_rights.strength", en)
    assert setting_label("labelling=1", zh) == "显式AI标识" and setting_label("labelling=0", en) == "no lever"


def test_both_languages_have_the_same_sentences() -> None:
    def keys(tree: Any, path: str = "") -> set[str]:
        if not isinstance(tree, dict):
            return {path + " " + " ".join(sorted(set(re.findall(r"\{\w+\}", str(tree)))))}
        return {key for name, branch in tree.items() for key in keys(branch, f"{path}.{name}")}

    one, other = (keys(Words(language)._sentences["sweep"]) for language in LANGUAGES)
    assert one == other


# The page


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_whole_and_fetches_nothing(case: str, folder: Path) -> None:
    text = page(case, folder)
    found = Page(text)
    assert found.fetched == ["data:,"] and all(link[1:] in found.ids for link in found.links)
    sections = ["question", "runs", "differences", "fans", "sensitivity", "discovery", "regret", "pareto", "reproduce"]
    assert found.ids[: len(sections)] == sections or set(sections) <= set(found.ids)
    prose = text[text.index("<body>") : text.index("<script>")]
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<[^>]*>", " ", prose))
    assert prose.count('lang="en"') == prose.count('lang="zh"')
    assert len(text) < 8_000_000 and "metavalue sweep run" in prose
    assert len(data(text)["figures"]) >= (5 if case != "few" else 1)


def test_every_figure_becomes_a_small_picture(folder: Path) -> None:
    answers = answered("crossed")
    shown = [answers.differences["trust_mean"], answers.fans["trust_mean"], answers.sensitivity["trust_mean"],
             answers.discovery["shallow_turn"], answers.regret["trust_mean"], answers.pareto]  # fmt: skip
    for place, answer in enumerate(shown):
        assert answer is not None
        file = write_png(answer.figure(), folder / f"{place}.png")
        assert file.read_bytes()[:4] == b"\x89PNG" and 4_000 < file.stat().st_size < 80_000
    again = write_png(shown[0].figure(), folder / "again.png")  # type: ignore[union-attr]
    assert again.read_bytes() == (folder / "0.png").read_bytes()


# The command


class Given(Reader):
    """A store whose runs and outcomes are given."""

    def __init__(self, folder: Path, plan: Plan, runs: pd.DataFrame, values: pd.DataFrame) -> None:
        super().__init__(folder, plan)
        self._runs, self._values = runs, values

    def runs(self) -> pd.DataFrame:
        return self._runs

    def read(self, outcomes: Any = None, weeks: Any = None) -> pd.DataFrame:
        return self._values


def test_the_command_writes_the_page_and_refuses_what_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, values, plan = sweep(samples=12)
    monkeypatch.setattr("sim.experiment.store.open_store", lambda path: Given(path, plan, runs, values))
    monkeypatch.setattr("sim.experiment.store.is_store", Path.is_dir)
    monkeypatch.setattr(sweep_caveats, "caveats_of_sweep", lambda plan: [Caveat("labelling never acts", "从不生效")])
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        return commands.call(monkeypatch, "analyse", *words), *capsys.readouterr()

    place = tmp_path / "outputs/sweeps/made_up"
    place.mkdir(parents=True)
    code, out, err = call("made_up")
    assert code == 0 and out == "outputs/sweeps/made_up/report.html\n", err
    assert "labelling never acts" in (place / "report.html").read_text(encoding="utf-8")
    assert call(str(place))[0] == 0 and [path.name for path in place.iterdir()] == ["report.html"]
    assert "kept" in call("made_up", "--aim", "unemployment")[2]
    code, _, err = call("made_upp")
    assert code == 2 and "did you mean 'made_up'" in err and err.count("\n") == 1
    runs["status"] = "failed"
    assert call("made_up")[0] == 2


def test_the_page_says_what_failed(folder: Path) -> None:
    assert "sweep&#x27;s log" in page("few", folder) or "sweep's log" in page("few", folder)
    assert json.dumps(data(page("few", folder)))


def test_warnings_stand_first_on_the_page_and_ratios_are_plain_numbers(tmp_path: Path) -> None:
    answers = analyse(*sweep(samples=12, levers=False), caveats=[Caveat("labelling never acts", "标识从未生效")])
    page = prose(write_sweep_report(answers, tmp_path / "page.html").read_text("utf-8"))
    first = ("Warning: labelling never acts.", "警告：标识从未生效。", "Over 12 futures")
    places = [page.index(text) for text in first]
    assert places == sorted(places)
    table = pd.DataFrame({"setting": "", "future": range(12), "level": np.linspace(0.0, 1.0, 12)})
    table = table.assign(counterfactual=table["level"] + 1e-4 * np.cos(np.arange(12)))
    said = paired_differences(table.assign(difference=table["level"] - table["counterfactual"]), OUTCOMES["craft_mean"])
    assert re.search(r"[\d,]+,\d{3} times as many runs", said.say()) and "e+" not in said.say()

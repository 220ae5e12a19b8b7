"""Outcomes that exist only at some levels of a factor: counted and named, and no effect is made of their absence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.answers import Answer, Gaps
from analysis.discovery import QUESTIONS
from analysis.page import Figures
from analysis.sweep import (
    Sweep,
    analyse,
    differences_of,
    discovery_of,
    fan_of,
    pareto_of,
    regret_of,
    sensitivity_of,
)
from analysis.sweep_report import question, write_sweep_report
from sim.experiment.sampling import Factor
from tests.known import morris_places, sobol_places
from tests.sweeps import LEVERS, plan_with, sweep, uncertainty

LAW = Factor(path="farms.law", role="uncertainty", paths=("farms.law",), values=("ai", "human"))
MINUTES = uncertainty("farms.human_minutes", 0.5, 3.0)
HUMAN = "farms.law=human"


def by_law(design: str, samples: int, human: int = 29) -> Sweep:
    """A sweep without counterfactual whose outcome is there under the law `ai` alone, and rises with minutes."""
    if design == "lhs":
        law = np.random.default_rng(3).permutation(np.arange(samples) < human)
        places = np.column_stack([law * 0.75, np.linspace(0, 1, samples)])
    else:
        places = sobol_places(samples, 2) if design == "sobol" else morris_places(samples, 2, 4)
    law, minutes = np.where(places[:, 0] < 0.5, "ai", "human"), 0.5 + 2.5 * places[:, 1]
    point = np.arange(len(places))
    runs = pd.DataFrame(
        {"run_id": [f"r{k}" for k in point], "arm": "baseline", "point": point, "replication": 0, "seed": 0,
         "status": "done", "wall_s": 1.0, "start": "2021-11-29", "burn_in": 2, "farms.law": law,
         "farms.human_minutes": minutes}
    )  # fmt: skip
    rate = np.where(law == "ai", minutes + 0.1 * np.sin(40 * minutes), np.nan)
    values = pd.DataFrame({"run_id": runs["run_id"], "turing_pass_rate": rate, "trust_mean": minutes * 2})
    return Sweep(runs, values, plan_with([LAW, MINUTES], design, None, samples=samples))


def test_a_factor_that_decides_whether_an_outcome_exists_has_no_effect_of_zero() -> None:
    answer = sensitivity_of(by_law("lhs", 60), "turing_pass_rate")
    assert answer.gaps == Gaps(29, 60, (HUMAN,), True, False)
    assert set(answer.frame["factor"]) == {"farms.human_minutes"} and answer.values["n"] == 31
    assert answer.frame.query("index == 'prcc'")["value"].max() > 0.9
    assert "No value in 29 of 60 futures: all with farms.law=human; what is told rests on the other 31." in answer.say()
    assert "60个未来中有29个没有数值：farms.law=human的全部如此；结论只依据其余31个。" in answer.say("zh")


def test_an_outcome_that_is_always_there_has_no_gap() -> None:
    answer = sensitivity_of(by_law("lhs", 60), "trust_mean")
    assert answer.gaps == Gaps(0, 60) and "No value" not in answer.say()
    assert set(answer.frame["factor"]) == {"farms.law", "farms.human_minutes"}


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_a_structured_design_is_not_told_from_the_part_that_has_values(design: str) -> None:
    """Its base samples without null are those in which the law stands still: it would have an index of 0 [0, 0]."""
    gapped = by_law(design, 64)
    answer = sensitivity_of(gapped, "turing_pass_rate")
    assert set(answer.frame["index"]) == {"prcc", "first"} and set(answer.frame["factor"]) == {"farms.human_minutes"}
    human = (gapped.points.loc[gapped.independent, "farms.law"] == "human").sum()
    assert answer.gaps == Gaps(human, 64, (HUMAN,), True, False)
    whole = sensitivity_of(gapped, "trust_mean").frame
    assert set(whole["index"]) == ({"first", "total"} if design == "sobol" else {"mu_star", "mu", "sigma"})


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_a_factor_of_one_value_has_no_index_of_zero(design: str) -> None:
    places = sobol_places(64, 2) if design == "sobol" else morris_places(64, 2, 4)
    point = np.arange(len(places))
    runs = pd.DataFrame(
        {"run_id": [f"r{k}" for k in point], "arm": "baseline", "point": point, "replication": 0, "seed": 0,
         "status": "done", "farms.law": "ai", "farms.human_minutes": 0.5 + 2.5 * places[:, 1]}
    )  # fmt: skip
    values = pd.DataFrame({"run_id": runs["run_id"], "trust_mean": places[:, 1] ** 2})
    fixed = dataclasses.replace(LAW, values=("ai",))
    answer = sensitivity_of(Sweep(runs, values, plan_with([fixed, MINUTES], design, None, samples=64)), "trust_mean")
    assert set(answer.frame["factor"]) == {"farms.human_minutes"}


@pytest.mark.parametrize("design", ["sobol", "morris"])
def test_runs_that_fail_under_one_law_leave_no_index_of_zero_either(design: str) -> None:
    cut = by_law(design, 64)
    runs = cut.runs.assign(status=np.where(cut.runs["farms.law"] == "human", "failed", "done"))
    answer = sensitivity_of(Sweep(runs, cut.values, cut.plan), "trust_mean")
    assert set(answer.frame["factor"]) == {"farms.human_minutes"} and answer.gaps.missing == 0


def test_nothing_is_attributed_where_no_factor_is_left() -> None:
    alone = by_law("lhs", 60)
    plan = plan_with([LAW], "lhs", None, samples=60)
    answer = sensitivity_of(Sweep(alone.runs, alone.values, plan), "turing_pass_rate")
    assert answer.frame.empty and not answer.enough and "No factor varies among the 31 futures" in answer.say()


def test_levels_that_explain_a_part_are_named_as_a_part() -> None:
    gapped = by_law("lhs", 60)
    values = gapped.values.copy()
    values.loc[values["turing_pass_rate"].first_valid_index(), "turing_pass_rate"] = np.nan
    answer = sensitivity_of(Sweep(gapped.runs, values, gapped.plan), "turing_pass_rate")
    assert answer.gaps == Gaps(30, 60, (HUMAN,), False, False)
    assert "No value in 30 of 60 futures, among them all with farms.law=human;" in answer.say()
    values.loc[values["turing_pass_rate"].first_valid_index(), "turing_pass_rate"] = np.nan
    runs = gapped.runs.assign(**{"farms.law": "ai"})
    assert sensitivity_of(Sweep(runs, values, gapped.plan), "turing_pass_rate").gaps == Gaps(31, 60)


def unlabelled() -> Sweep:
    """Four settings over 40 futures, of which the two without a label lack trust in the arm with AI."""
    runs, values, plan = sweep(samples=40)
    bare = runs.loc[(runs["policy.labelling.strength"] == 0) & (runs["arm"] != "no_ai"), "run_id"]
    values = values.assign(trust_mean=values["trust_mean"].where(~values["run_id"].isin(bare)))
    return Sweep(runs, values, plan)


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: differences_of(s, "trust_mean"),
        lambda s: regret_of(s, "trust_mean"),
        lambda s: sensitivity_of(s, "trust_mean"),
        lambda s: pareto_of(s, ["trust_mean", "employment"]),
    ],
    ids=["differences", "regret", "sensitivity", "pareto"],
)
def test_every_answer_says_at_which_settings_there_is_none(ask: Callable[[Sweep], Answer]) -> None:
    answer = ask(unlabelled())
    assert answer.gaps == Gaps(80, 160, ("policy.labelling.strength=0",), True, True)
    assert "No value in 80 of 160 combinations of futures and settings: all with policy.labelling" in answer.say()
    assert "160个未来与设置的组合中有80个没有数值" in answer.say("zh")
    named = {text for column in ("setting", "factor") for text in answer.frame.get(column, ())}
    assert named and not any(text == LEVERS[0] or f"{LEVERS[0]}=0 " in text for text in named)


def test_conditions_are_told_of_what_has_a_value() -> None:
    runs, values, plan = sweep(samples=150, levers=False)
    low = runs.loc[runs["point"] < 50, "run_id"]
    values = values.assign(depth_used=values["depth_used"].where(~values["run_id"].isin(low)))
    asked = next(one for one in QUESTIONS if one.outcome == "depth_used")
    answer = discovery_of(Sweep(runs, values, plan), asked)
    assert answer.gaps == Gaps(50, 150) and answer.values["n"] == 100
    assert "No value in 50 of 150 futures; what is told rests on the other 100." in answer.say()


def test_pairs_without_a_value_are_not_said_to_be_undone() -> None:
    runs, values, plan = sweep(samples=12, levers=False)
    bare = runs.loc[runs["arm"] == "no_ai", "run_id"]
    values = values.assign(trust_mean=values["trust_mean"].where(~values["run_id"].isin(bare)))
    answer = differences_of(Sweep(runs, values, plan), "trust_mean")
    assert answer.say().startswith("No pair of runs has a value in both arms.") and answer.gaps == Gaps(12, 12)


def test_page_names_the_gap_in_both_languages(tmp_path: Path) -> None:
    gapped = by_law("lhs", 60)
    page = write_sweep_report(analyse(gapped.runs, gapped.values, gapped.plan), tmp_path / "p.html").read_text("utf-8")
    assert "No value in 29 of 60 futures: all with farms.law=human;" in page
    assert "60个未来中有29个没有数值：farms.law=human的全部如此" in page


def test_page_shows_the_ends_of_many_values_and_lists_few() -> None:
    gapped = by_law("lhs", 60)
    many = dataclasses.replace(MINUTES, low=None, high=None, values=tuple(gapped.runs["farms.human_minutes"]))
    listed = Sweep(gapped.runs, gapped.values, plan_with([LAW, many], "csv", None))
    page = question(analyse(listed.runs, listed.values, listed.plan), Figures())
    assert ">0.5 – 3<" in page and ">ai, human<" in page


def calendars(**own: Any) -> Sweep:
    """Runs by week whose outcome is the number of weeks since their own release, and in burn-in 100."""
    runs, _, plan = sweep(samples=30, levers=False, weeks=1)
    late = runs["point"] % 2 == 1
    columns = {key: np.where(late, values[1], values[0]) for key, values in own.items() if key != "weeks"}
    runs = runs.assign(**columns)
    lengths = np.where(late, own.get("weeks", (20, 20))[1], own.get("weeks", (20, 20))[0])
    frames = []
    for row, weeks in zip(runs.itertuples(), lengths, strict=True):
        week = np.arange(weeks)
        since = week - row.burn_in
        date = pd.Timestamp(row.start) + pd.to_timedelta(7 * week, unit="D")
        value = np.where(since < 0, 100.0, since)
        frames.append(pd.DataFrame({"run_id": row.run_id, "week": week, "date": date, "trust_mean": value}))
    return Sweep(runs, pd.concat(frames, ignore_index=True), plan)


def test_every_run_is_averaged_after_its_own_release() -> None:
    varied = calendars(start=("2022-11-14", "2022-08-29"), burn_in=(2, 13))
    levels = varied.runs.assign(level=varied.runs["run_id"].map(varied.levels["trust_mean"]))
    assert levels.groupby("burn_in")["level"].unique().map(list).to_dict() == {2: [8.5], 13: [3.0]}


def test_fan_of_runs_with_different_calendars_counts_weeks_from_each_release() -> None:
    frame = fan_of(calendars(start=("2022-11-14", "2022-08-29"), burn_in=(2, 13)), "trust_mean").frame
    weeks = frame.groupby("arm")["week"].unique().map(list)
    assert frame["date"].isna().all() and weeks.tolist() == [[*range(-2, 7)]] * 2 and (frame["runs"] == 30).all()
    after = frame[frame["week"] >= 0]
    assert (after["q05"] == after["week"]).all() and (after["q95"] == after["week"]).all()


def test_fan_of_one_calendar_has_dates_and_the_weeks_that_all_runs_have() -> None:
    frame = fan_of(calendars(start=("2022-11-14",) * 2, burn_in=(2, 2), weeks=(20, 12)), "trust_mean").frame
    base = frame[frame["arm"] == "baseline"]
    assert base["week"].tolist() == list(range(12)) and str(base["date"].iloc[2].date()) == "2022-11-28"
    assert (base["runs"] == 30).all()


@pytest.mark.parametrize(("language", "title"), [("en", "weeks since release"), ("zh", "发布后的周数")])
def test_figure_says_what_its_weeks_are_counted_from(language: str, title: str) -> None:
    varied = fan_of(calendars(start=("2022-11-28", "2024-02-26"), burn_in=(0, 0)), "trust_mean")
    axis = varied.figure(language).layout.xaxis
    assert axis.title.text == title and axis.type != "date"
    same = fan_of(calendars(start=("2022-11-28",) * 2, burn_in=(0, 0)), "trust_mean").figure(language)
    assert same.layout.xaxis.type == "date"

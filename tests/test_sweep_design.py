"""Designs of sweeps: what a file may say, which points it makes, and that a wider design keeps its points."""

from __future__ import annotations

import datetime
import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.base.errors import InputError
from sim.experiment.plan import MAX_POINTS, Plan, count_points, count_runs
from sim.experiment.sampling import BLOCK
from sim.experiment.sweep_file import KEYS, build_plan, read_plan
from sim.settings.scenario import names

TINY = {"name": "x", "base": "baseline", "overrides": ["world=tiny"]}


def made(**keys: Any) -> Plan:
    return build_plan(TINY | keys)


def test_levers_are_crossed_with_futures() -> None:
    """Every setting of the levers meets every future, settings fastest; policies stand for their strengths."""
    plan = made(
        levers={"labelling": [0, 1], "farms.removal": "range(0,0.31,0.1)"}, uncertainties=["trust.rate"], samples=3
    )
    points = plan.points()
    assert len(points) == count_points(plan) == 3 * 2 * 4
    assert list(points["labelling"][:8]) == [0.0] * 4 + [1.0] * 4
    assert np.allclose(list(points["farms.removal"][:4]), [0, 0.1, 0.2, 0.3])
    assert points["trust.rate"][:8].nunique() == 1 and points["trust.rate"].nunique() == 3
    assert plan.values_of("baseline", points.iloc[7].to_dict()).keys() == {
        "policy.labelling.strength",
        "farms.removal",
        "trust.rate",
    }


def test_counterfactual_has_the_futures_and_no_lever() -> None:
    plan = made(levers={"labelling": [0, 1]}, uncertainties=["trust.rate"], against="no_ai")
    values = plan.values_of("no_ai", plan.points().iloc[1].to_dict())
    assert values.keys() == {"trust.rate"} and not plan.cases["no_ai"].scenario.settings.policy


def test_a_point_has_the_calendar_of_its_own_factors() -> None:
    """Release and burn-in as factors move the first Monday, the counterfactual's too, which has no other lever."""
    plan = made(
        overrides=["world=tiny", "time.weeks=30"],
        against="no_ai",
        levers={"time.burn_in_weeks": [2, 8], "labelling": [0, 1, 0.5]},
        uncertainties={"time.release": "choice('2022-11-28','2024-02-28')"},
        samples=5,
    )
    late = {"time.burn_in_weeks": 2, "labelling": 1.0, "time.release": "2024-02-28"}
    assert plan.calendar_of("baseline", late) == (datetime.date(2024, 2, 12), 2, 30)
    assert plan.calendar_of("no_ai", late) == plan.calendar_of("baseline", late)
    assert plan.calendar_of("baseline", late | {"time.burn_in_weeks": 8}) == (datetime.date(2024, 1, 1), 8, 30)
    assert count_runs(plan) == 5 * 2 * (3 + 1)


def test_package_sets_all_its_levers() -> None:
    plan = made(levers={"trusted_aigc": [0, 1]})
    assert len(plan.factors[0].paths) > 1
    assert set(plan.values_of("baseline", {"trusted_aigc": 1}).values()) == {1}


@pytest.mark.parametrize(("design", "samples", "points"), [("lhs", 70, 70), ("sobol", 8, 8 * 4), ("morris", 5, 5 * 3)])
def test_wider_design_keeps_its_points(design: str, samples: int, points: int) -> None:
    """Twice the samples begin with the same points; all lie in their ranges."""
    keys = {"uncertainties": {"trust.rate": None, "farms.removal": [0.1, 0.2]}, "design": design}
    narrow, wide = made(samples=samples, **keys).points(), made(samples=2 * samples, **keys).points()
    assert len(narrow) == points and len(wide) == 2 * points
    assert narrow.equals(wide.iloc[:points])
    assert wide["trust.rate"].between(0.003, 0.03).all() and wide["farms.removal"].between(0.1, 0.2).all()


def test_latin_hypercube_hits_every_part_once() -> None:
    points = made(uncertainties={"farms.removal": [0.0, 0.5]}, samples=BLOCK).points()
    places = np.sort(points["farms.removal"].astype(float)) / 0.5
    assert (np.floor(places * BLOCK) == np.arange(BLOCK)).all()


def test_prior_is_a_law_and_not_a_range_alone() -> None:
    """A loguniform prior puts half of its futures below the geometric middle."""
    values = made(uncertainties=["farms.account_cost"], samples=BLOCK).points()["farms.account_cost"].astype(float)
    assert (values < np.sqrt(0.001 * 0.2)).sum() == BLOCK // 2


def test_a_future_has_draws_of_its_own_that_its_settings_share() -> None:
    plan = made(levers={"labelling": [0, 1]}, uncertainties=["trust.rate"], samples=3, replications=2)
    draws = [[plan.draws(point, replication) for point in range(6)] for replication in range(2)]
    assert draws == [[0, 0, 1, 1, 2, 2], [MAX_POINTS + k for k in (0, 0, 1, 1, 2, 2)]]
    wider = made(levers={"labelling": [0, 1]}, uncertainties=["trust.rate"], samples=30, replications=7)
    assert [wider.draws(point, 1) for point in range(6)] == draws[1]  # no run is renamed


@pytest.mark.parametrize(("design", "rows"), [("sobol", 4), ("morris", 3)])
def test_points_whose_difference_is_told_share_draws(design: str, rows: int) -> None:
    plan = made(design=design, samples=2, uncertainties=["trust.rate", "farms.removal"], levers={"labelling": [0, 1]})
    assert [plan.draws(point, 0) for point in range(count_points(plan))] == [0] * 2 * rows + [1] * 2 * rows


def test_rows_of_a_table_share_draws_where_they_are_of_one_future(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("labelling,trust.rate\n0,0.01\n1,0.02\n1,0.01\n")
    plan = made(design="csv", table=str(tmp_path / "p.csv"))
    assert [plan.draws(row, 0) for row in range(3)] == [0, 1, 0]


def test_whole_numbers_are_equally_likely() -> None:
    points = made(uncertainties={"vendors.giants": [1, 4]}, samples=BLOCK).points()
    assert points["vendors.giants"].value_counts().to_dict() == dict.fromkeys((1, 2, 3, 4), BLOCK // 4)


def test_whole_numbers_and_names_vary_too() -> None:
    plan = made(uncertainties={"vendors.giants": [1, 4], "vendors.open_weights": "choice(true,false)"}, samples=50)
    points = plan.points()
    assert set(points["vendors.giants"]) == {1, 2, 3, 4} and set(points["vendors.open_weights"]) == {True, False}


def test_table_of_points(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("labelling,trust.rate\n0,0.01\n1,0.02\n")
    plan = made(design="csv", table=str(tmp_path / "p.csv"))
    assert [factor.role for factor in plan.factors] == ["lever", "uncertainty"]
    assert plan.points().to_numpy(object).tolist() == [[0.0, 0.01], [1.0, 0.02]]
    (tmp_path / "p.csv").write_text("trust.rate\n0.01\n7\n")
    with pytest.raises(InputError, match=re.escape("p.csv, line 3, column trust.rate")):
        made(design="csv", table=str(tmp_path / "p.csv"))


def test_plan_is_written_and_read_back(tmp_path: Path) -> None:
    for name in names("sweep"):
        plan = read_plan(name)
        assert Plan.from_tree(plan.to_tree()) == plan
        assert plan.label and plan.label_zh and plan.description and plan.description_zh


def test_command_line_makes_levers_of_several_values() -> None:
    plan = read_plan("baseline", ["world=tiny", "farms.removal=0,0.1", "replications=2", "seed=4"])
    assert plan.design == "grid" and [f.path for f in plan.levers] == ["farms.removal"]
    assert (plan.replications, plan.seed, plan.overrides) == (2, 4, ("world=tiny",))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"sample": 3}, "sample: got 3, expected one of name.*did you mean 'samples'"),
        ({"samples": 0}, "samples: got 0, expected a whole number from 1"),
        ({"samples": True}, "samples: got True"),
        ({"design": "lhss"}, "did you mean 'lhs'"),
        ({"design": "sobol", "samples": 6, "uncertainties": ["trust.rate"]}, "a power of two"),
        ({"base": "basline"}, "did you mean 'baseline'"),
        ({"against": "baseline"}, "against: got baseline, expected a scenario whose settings differ"),
        ({"against": "baseline", "levers": {"labelling": [0]}}, "expected a scenario whose settings differ"),
        ({"levers": {"labeling": [0, 1]}}, "labeling"),
        ({"levers": {"labelling": [0, 2]}}, r"levers.labelling: got 2, expected a number from 0 to 1"),
        ({"levers": {"labelling": []}}, "a list of values"),
        ({"levers": [1]}, "levers: got"),
        ({"uncertainties": ["trust.rat"]}, "did you mean 'trust.rate'"),
        ({"uncertainties": {"trust.rate": [0.02, 0.01]}}, r"\[low, high\]"),
        ({"uncertainties": {"trust.rate": [0.01, 7]}}, "trust.rate: got 7"),
        ({"uncertainties": ["vendors.open_weights"]}, "its values"),
        ({"levers": {"trust.rate": [0.01]}, "uncertainties": ["trust.rate"]}, "each once"),
        ({"uncertainties": ["trust.rate", "trust.rate"]}, "each once"),
        ({"levers": {"labelling": [0, 1], "policy.labelling.strength": [0, 0.5]}}, "labelling sets .* too"),
        ({"levers": {"labelling": [0, 1]}, "uncertainties": ["policy.labelling.strength"]}, "labelling sets .* too"),
        ({"levers": {"trusted_aigc": [0, 1], "labelling": [0, 1]}}, "trusted_aigc sets policy.labelling.strength too"),
        ({"levers": {"trusted_aigc": [0, 1], "ethics_governance": [0, 1]}}, "each once, but trusted_aigc sets"),
        ({"levers": {"labelling": [0, 0, 1]}}, "levers.labelling: got 0, 0, 1, expected each value once"),
        ({"levers": {"labelling": [0, 0.0, 1]}}, "each value once"),
        ({"levers": {"labelling": "1,1.0"}}, "each value once"),
        ({"levers": {"time.release": ["2022-11-28", "20221128"]}}, "each value once"),
        ({"uncertainties": {"farms.law": "choice(ai,ai)"}}, "uncertainties.farms.law: got ai, ai, .* each value once"),
        ({"overrides": ["trust.rate=0.01"], "uncertainties": ["trust.rate"]}, "the factor trust.rate sets"),
        ({"overrides": ["trust={rate: 0.01}"], "uncertainties": ["trust.rate"]}, "the factor trust.rate sets"),
        ({"overrides": ["policy.labelling.strength=1"], "levers": {"labelling": [0, 1]}}, "the factor labelling sets"),
        ({"overrides": ["scenario=no_ai"]}, "which the keys base and against name"),
        ({"levers": {"platforms.*.theta": [1, 2]}}, "platforms.publisher.theta"),
        ({"levers": {"world": ["tiny", "standard"]}}, "plan one sweep per world"),
        ({"levers": {"input.followers": ["a.csv", "nowhere.csv"]}}, "no data file among factors: plan one sweep per"),
        ({"uncertainties": {"input.population": "choice(a.csv,b.csv)"}}, "no data file among factors"),
        ({"meta": "hello"}, "meta: got hello, expected label, label_zh"),
        ({"meta": {"labl": "x"}}, "meta.labl: .* did you mean 'label'"),
        ({"meta": {"label": 5}}, "meta.label: got 5, expected text"),
        ({"overrides": "world=tiny"}, "overrides: got world=tiny, expected a list of key=value"),
        ({"overrides": [{"world": "tiny"}]}, "expected a list of key=value"),
        ({"overrides": ["world"]}, "expected a list of key=value"),
        ({"levers": 0}, "levers: got 0"),
        ({"uncertainties": 5}, "uncertainties: got 5"),
        ({"uncertainties": [5]}, "uncertainties: got 5"),
        ({"uncertainties": {"trust.rate": [0.01, 0.02, 0.03]}}, r"\[low, high\]"),
        ({"outcomes": 3}, "outcomes: got 3"),
        ({"outcomes": [["trust_mean"]]}, "outcomes: got"),
        ({"outcomes": ["trust_mean", "trust_mean"]}, "each once"),
        ({"outcomes": []}, "one or more"),
        ({"seed": True}, "seed: got True"),
        ({"replications": 1.0}, "replications: got 1.0"),
        ({"replications": 10**9}, "replications: got 1000000000, expected a whole number from 1 to 10,000,000"),
        ({"samples": 16**6000}, "samples: got a number of some 7,226 digits"),
        ({"samples": 10**7, "uncertainties": ["trust.rate"], "against": "no_ai"}, "20,000,000 runs, expected at most"),
        ({"levers": {"trust.rate": "range(0,1000000000)"}}, "at most 10,000 values"),
        ({"name": "--help"}, "the first a letter or digit"),
        ({"name": "x" * 300}, "at most 80"),
        ({"design": "lhs"}, "uncertainties to draw"),
        ({"design": "csv", "table": "x.csv", "levers": {"labelling": [0, 1]}}, "no levers beside design: csv"),
        ({"design": "csv", "table": "x.csv", "uncertainties": ["trust.rate"]}, "no uncertainties beside design: csv"),
        ({"design": "csv", "table": "x.csv", "samples": 8}, "no samples beside design: csv"),
        ({"table": "x.csv"}, "no table beside design: grid; design: csv takes one"),
        ({"design": "csv", "table": "nowhere.csv"}, "nowhere.csv: got no such file"),
        ({"levers": {"labelling": [0.3, 0.1 + 0.2]}}, "each value once$"),
        ({"levers": {"time.release": ["2022-11-28", "2022-11-30"]}}, "each value once .a date stands for its week"),
        ({"outcomes": ["trust_men"]}, "did you mean 'trust_mean'"),
        ({"resolution": "daily"}, "weekly, final"),
        ({"name": "../x"}, "letters"),
        ({"seed": 2**40}, "seed"),
        ({"design": "csv"}, "a CSV file of points"),
    ],
)
def test_wrong_plan_is_refused_with_one_clear_line(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as wrong:
        made(**keys)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "keys",
    [
        {"base": "autonomous", "overrides": ["technology=observed"]},  # what tells it from the baseline is overridden
        {"base": "no_ai", "overrides": ["technology=none"]},
        {"base": "null_more_humans", "uncertainties": {"farms.law": "choice(ai,human)"}},
    ],
)
def test_arms_that_are_alike_in_every_run_are_refused(keys: dict[str, Any]) -> None:
    """Whatever their names, and whether overrides or factors make them alike."""
    with pytest.raises(InputError, match="against: got baseline, expected a scenario whose settings differ from those"):
        made(against="baseline", **keys)


def test_arms_that_differ_in_some_runs_are_kept() -> None:
    """A lever tells the base from its counterfactual, though nothing else does."""
    plan = made(against="baseline", base="autonomous", overrides=["technology=observed"], levers={"labelling": [0, 1]})
    assert count_runs(plan) == 3
    plan = made(against="baseline", base="null_more_humans", levers={"farms.law": ["human", "ai"]})
    assert count_runs(plan) == 3


def test_a_scenario_is_compared_with_itself_without_the_levers() -> None:
    """The first arm is then called by what varies, as that of `run baseline --with labelling --against baseline` is."""
    plan = made(against="baseline", levers={"labelling": [0.5, 1]}, uncertainties=["trust.rate"], samples=3)
    assert plan.arms == ("baseline+labelling", "baseline") and count_runs(plan) == 3 * (2 + 1)
    first, second = (plan.cases[arm].scenario.settings.policy for arm in plan.arms)
    assert set(first) == {"labelling"} and not second
    point = {"labelling": 0.5, "trust.rate": 0.01}
    assert plan.values_of("baseline", point) == {"trust.rate": 0.01}
    assert plan.values_of("baseline+labelling", point)["policy.labelling.strength"] == 0.5
    assert Plan.from_tree(plan.to_tree()).arms == plan.arms
    plan = made(against="baseline", overrides=["world=tiny", "policy=[labelling]"])
    assert plan.arms == ("baseline+settings", "baseline") and count_runs(plan) == 2


def test_levers_stand_beside_the_policies_that_are_chosen() -> None:
    for keys in ({"overrides": ["policy=[data_rights]"]}, {"base": "creativity_premium"}):
        plan = made(levers={"labelling": [0, 1]}, **keys)
        chosen = plan.cases[plan.scenario].scenario.settings.policy
        assert set(chosen) == {"labelling", "data_rights" if "overrides" in keys else "quality_ranking"}


def test_a_grid_has_every_whole_number_of_a_range_once() -> None:
    plan = made(design="grid", samples=10, uncertainties={"vendors.giants": [1, 4]})
    assert list(plan.points()["vendors.giants"]) == [1, 2, 3, 4] and count_points(plan) == 4


def test_the_first_points_of_a_large_plan_are_drawn_without_the_rest() -> None:
    for design, samples in (("lhs", MAX_POINTS), ("sobol", 2**21), ("morris", 3_000_000)):
        keys = {"uncertainties": {"trust.rate": None, "farms.removal": None}, "design": design}
        small, large = made(**keys, samples=16), made(**keys, samples=samples)
        assert list(itertools.islice(large.each_point(), 5)) == small.points().head(5).to_dict("records")
        assert count_points(large) == samples * {"lhs": 1, "sobol": 4, "morris": 3}[design]


def test_keys_are_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sweeps.md").read_text(encoding="utf-8")
    for key in KEYS:
        assert f"| `{key}` |" in page


FILE = """\
base: baseline
overrides: [world=tiny]
against: no_ai
levers:
  labelling: [0, 1]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "labelling:",
            "labeling:",
            "5, levers.labeling: got labeling, expected a policy or parameter; did you mean 'labelling'?",
        ),
        ("[0, 1]", "[0, 3]", "5, levers.labelling: got 3, expected a number from 0 to 1"),
        ("labelling:", "trust.rat:", "5, levers.trust.rat: got trust.rat, .*; did you mean 'trust.rate'?"),
        ("labelling:", "platforms.forum.opens:", "5, levers.platforms.forum.opens: got 0, expected a selected name"),
        ("baseline", "basline", "1, base: got basline, expected a scenario of .*; did you mean 'baseline'?"),
        ("no_ai", "noai", "3, against: got noai, expected a scenario of .*; did you mean 'no_ai'?"),
        ("world=tiny", "world=tinny", "2, overrides.world: got tinny, .*; did you mean 'tiny'?"),
        ("world=tiny", "farms.human_minutes=x", "2, overrides.farms.human_minutes: got x, expected a number"),
        ("[world=tiny]", "[policy.labelling.strength=1]", "2, overrides: got policy.labelling.strength"),
        ("levers:", "uncertainties:", "5, uncertainties.labelling: got labelling, expected a parameter"),
    ],
)
def test_what_is_wrong_in_a_sweep_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(FILE.replace(old, new))
    with pytest.raises(InputError, match=r"s\.yaml, line " + said.replace("?", r"\?")):
        read_plan(str(path))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("labeling=0,1", "labeling: got labeling, expected a policy or parameter; did you mean 'labelling'?"),
        ("labelling=0,3", "labelling: got 3, expected a number from 0 to 1"),
        ("world=tinny", "world: got tinny, "),
        ("against=noai", "against: got noai, "),
    ],
)
def test_what_is_wrong_on_the_command_line_is_told_as_it_was_typed(tmp_path: Path, word: str, said: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(FILE)
    for source in (str(path), "baseline"):
        with pytest.raises(InputError) as wrong:
            read_plan(source, [word])
        assert str(wrong.value).startswith(said)

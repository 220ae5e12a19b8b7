"""Arms of a comparison: a policy against its absence, what tells two arms apart, and what they are called."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.base.errors import InputError
from sim.experiment.arms import LONGEST, compose_arms
from sim.experiment.pairing import load_comparison
from sim.experiment.workplace import Experiment, open_workplace, read_workplace
from sim.settings.added_levers import with_levers
from sim.settings.scenario import compose, members, names
from tests.commands import call

TINY = ("world=tiny", "time.weeks=16", "time.burn_in_weeks=6")
FIRST = pd.Timestamp("2022-10-17")  # the Monday six weeks before release


def name_of(a: list[str], b: list[str], levers: str = "") -> str:
    """Name the first of two arms of `baseline` that differ in overrides or levers."""
    first, second = (compose("baseline", ["world=tiny", *overrides]) for overrides in (a, b))
    one, two = compose_arms(first, second, levers=levers or ())
    assert two.name == "baseline"
    return one.name


def first_difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.Timestamp | None:
    """The first week in which any outcome differs by as much as a bit."""
    apart = ~((one == other) | (one.isna() & other.isna())).all(axis=1)
    return None if not apart.any() else one.index[np.argmax(apart.to_numpy())]


@pytest.mark.parametrize("lever", ["content_review:1", "quality_ranking", "trusted_aigc:1"])
@pytest.mark.parametrize("weeks", [0, 4, 9])
def test_the_first_week_that_differs_is_that_in_which_the_policy_starts(lever: str, weeks: int) -> None:
    monday = FIRST + pd.Timedelta(weeks=weeks)
    date = (monday + pd.Timedelta(days=3)).date()  # a lever holds in the whole week in which its date falls
    pair = sim.compare("baseline", "baseline", replications=1, overrides=TINY, levers=f"{lever}@{date}", workers=1)
    (one,), (other,) = pair.arms.values()
    assert first_difference(one.outcomes, other.outcomes) == monday
    alone = sim.run("baseline", overrides=TINY)
    assert first_difference(other.outcomes, alone.outcomes) is None, "the second arm is the scenario as it is"


def test_a_lever_of_strength_0_changes_no_outcome_but_is_another_setting() -> None:
    one = sim.run("baseline", overrides=TINY, levers="content_review:0@2022-10-17")
    other = sim.run("baseline", overrides=TINY)
    assert first_difference(one.outcomes, other.outcomes) is None
    assert one.manifest["scenario_hash"] != other.manifest["scenario_hash"]


def test_levers_from_the_command_line_go_into_the_first_arm_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["run", "baseline", *TINY, "--with", "fact_check,content_review:0.25@2022-11-21", "--with", "watermark"]
    assert call(monkeypatch, *words, "--against", "baseline", "--quiet", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    arm = "baseline+content_review+fact_check+watermark"
    folder = Path("outputs", f"{arm}-vs-baseline")
    assert (summary["scenario"], summary["against"], summary["name"]) == (arm, "baseline", folder.name)
    assert summary["out"] == str(folder)
    assert sorted(path.name for path in (folder / "runs").iterdir()) == ["baseline", arm]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["scenario"], manifest["against"], list(manifest["arms"])) == (arm, "baseline", [arm, "baseline"])
    assert [described["preset"] for described in manifest["arms"].values()] == ["baseline", "baseline"]
    comparison = load_comparison(folder)
    assert (comparison.scenario, comparison.against, list(comparison.arms)) == (arm, "baseline", [arm, "baseline"])
    (one,), (other,) = comparison.arms.values()
    assert (one.manifest["scenario"], other.manifest["scenario"]) == (arm, "baseline")
    assert not other.manifest["settings"]["policy"]
    assert one.manifest["settings"]["policy"] == {
        "content_review": {"start": "2022-11-21", "strength": 0.25},
        "fact_check": {"start": "2025-09-01", "strength": 0.5},
        "watermark": {"start": "2025-09-01", "strength": 1.0},
    }
    assert first_difference(one.outcomes, other.outcomes) == pd.Timestamp("2022-11-21")
    page = (folder / "report.html").read_text()
    assert arm in page and "Generative AI as observed + Review before publication + Fact checks + Watermark" in page
    assert "生成式AI（按实际） + 先审后发" in page
    assert f"# metavalue {' '.join(words)} --against baseline" in page
    assert call(monkeypatch, "run", "--from", str(folder), "--out", "again", "--quiet", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert [again[key] for key in ("scenario", "against", "run_ids", "warnings", "outcomes")] == [
        summary[key] for key in ("scenario", "against", "run_ids", "warnings", "outcomes")
    ]
    described = json.loads(Path("again", "manifest.json").read_text())
    assert described["arms"] == manifest["arms"] and described["overrides"] == manifest["overrides"]


def test_without_another_arm_a_lever_is_only_added() -> None:
    (case,) = compose_arms("baseline", None, TINY, levers=["labelling:0.5"])
    assert case.name == "baseline"
    assert (
        case.scenario.hash == compose("baseline", [*TINY, "policy=[labelling]", "policy.labelling.strength=0.5"]).hash
    )


def test_a_package_stands_for_its_levers_at_the_strength_and_date_that_are_asked() -> None:
    scenario = with_levers(compose("baseline", TINY), "trusted_aigc:0.5@2024-01-01")
    assert sorted(scenario.settings.policy) == sorted(members("policy", "trusted_aigc"))
    assert {(lever.strength, lever.start) for lever in scenario.settings.policy.values()} == {(0.5, "2024-01-01")}
    both = with_levers(compose("baseline", TINY), "trusted_aigc,ethics_governance")  # they share two levers
    assert sorted(both.settings.policy) == sorted(
        {*members("policy", "trusted_aigc"), *members("policy", "ethics_governance")}
    )


def test_every_policy_can_be_put_in_and_is_what_it_would_be_if_it_were_chosen() -> None:
    for name in names("policy"):
        chosen = compose("baseline", [*TINY, f"policy=[{name}]"])
        assert with_levers(compose("baseline", TINY), name).settings == chosen.settings


def test_the_order_in_which_levers_are_given_makes_no_other_scenario() -> None:
    base = compose("baseline", TINY)
    assert with_levers(base, "watermark,labelling").hash == with_levers(base, ["labelling", "watermark"]).hash


@pytest.mark.parametrize(
    ("texts", "expected", "nearest"),
    [
        ("labeling", "list policies", "labelling"),
        ("Labelling", "list policies", "labelling"),
        ("content-review", "list policies", "content_review"),
        ("标识", "list policies", ""),
        ("../labelling", "list policies", "labelling"),
        ("labelling:2", "from 0 to 1", ""),
        ("labelling:-0.1", "from 0 to 1", ""),
        ("labelling:nan", "from 0 to 1", ""),
        ("labelling:1_0", "from 0 to 1", ""),
        ("labelling:50%", "from 0 to 1", ""),
        ("labelling:", "from 0 to 1", ""),
        ("labelling:0,5", "decimal point", "labelling:0.5"),
        ("labelling:0,5@2024-01-01", "decimal point", "labelling:0.5@2024-01-01"),
        ("labelling=0.5", "NAME[:STRENGTH][@DATE]", "labelling:0.5"),
        ("labelling：0.5", "half-width", "labelling:0.5"),
        ("labelling＠2024-01-01", "half-width", "labelling@2024-01-01"),
        ("labelling，watermark", "half-width", "labelling,watermark"),
        ("labelling、watermark", "half-width", "labelling,watermark"),
        ("labelling:０．５", "half-width", "labelling:0.5"),
        ("labelling@2024-02-30", "ISO date", ""),
        ("labelling@tomorrow", "ISO date", ""),
        ("labelling@3024-01-01", "ISO date", ""),
        ("labelling@", "ISO date", ""),
        ("labelling@2024-01-01:0.5", "NAME[:STRENGTH][@DATE]", ""),
        ("", "NAME[:STRENGTH][@DATE]", ""),
        ("labelling,,watermark", "NAME[:STRENGTH][@DATE]", ""),
        ("labelling,", "NAME[:STRENGTH][@DATE]", ""),
        (["labelling", "labelling:0.5"], "once", ""),
        ("trusted_aigc,labelling", "labelling is in trusted_aigc too", ""),
        ("labelling,trusted_aigc", "labelling is in trusted_aigc too", ""),
        ("trusted_aigc:0.2,ethics_governance", "data_rights is in trusted_aigc and ethics_governance too", ""),
        ([5], "texts of the form", ""),
        ({"labelling": 0.5}, "texts of the form", ""),
        (0.5, "texts of the form", ""),
        (b"labelling", "texts of the form", ""),
    ],
    ids=str,
)
def test_malformed_levers_are_refused_in_one_line(texts: str | list[str], expected: str, nearest: str) -> None:
    with pytest.raises(InputError) as wrong:
        with_levers(compose("baseline", TINY), texts)
    assert wrong.value.key == "levers" and expected in wrong.value.expected
    assert wrong.value.nearest == nearest and len(str(wrong.value)) <= 300


@pytest.mark.parametrize(
    ("scenario", "overrides", "lever", "held"),
    [
        ("baseline", ["policy=[labelling]"], "labelling:0.5", "labelling:1@2025-09-01"),
        (
            "baseline",
            ["policy=[trusted_aigc]", "policy.watermark.strength=0.3"],
            "watermark",
            "watermark:0.3@2025-09-01",
        ),
        ("creativity_premium", [], "quality_ranking", "quality_ranking:1@2025-09-01"),
    ],
)
def test_a_lever_that_holds_already_is_refused_with_what_holds(
    scenario: str, overrides: list[str], lever: str, held: str
) -> None:
    with pytest.raises(InputError, match="do not hold already") as wrong:
        compose_arms(scenario, scenario, [*TINY, *overrides], levers=lever)
    assert held in wrong.value.expected


@pytest.mark.parametrize("overrides", [[], ["policy=[labelling]"]])
def test_equal_settings_are_refused_with_what_to_do(overrides: list[str]) -> None:
    told = "both arms have the same settings; levers='NAME' puts a lever into the first arm only"
    with pytest.raises(InputError, match=told):
        compose_arms("baseline", "baseline", [*TINY, *overrides])
    with pytest.raises(InputError, match=told):
        sim.compare(compose("baseline", [*TINY, *overrides]), compose("baseline", [*TINY, *overrides]))


def test_the_order_of_policies_does_not_make_two_arms() -> None:
    one, other = (
        compose("baseline", [*TINY, f"policy=[{both}]"]) for both in ("labelling,upload_cap", "upload_cap,labelling")
    )
    with pytest.raises(InputError, match="both arms have the same settings"):
        compose_arms(one, other)


def test_composed_arms_of_one_scenario_run_and_keep_their_states_apart(tmp_path: Path) -> None:
    overrides = [*TINY, "time.weeks=8"]
    one, other = compose("baseline", [*overrides, "farms.human_minutes=7"]), compose("baseline", overrides)
    pair = sim.compare(one, other, replications=1, workers=1, checkpoint=tmp_path / "place", checkpoint_every=3)
    assert (pair.scenario, pair.against) == ("baseline+farms.human_minutes=7", "baseline")
    assert sorted(path.name for path in (tmp_path / "place" / "runs").iterdir()) == sorted(pair.arms)
    pair.save(tmp_path / "saved")
    again = load_comparison(tmp_path / "saved")
    for arm, minutes in (("baseline+farms.human_minutes=7", 7.0), ("baseline", compose().settings.farms.human_minutes)):
        assert again.arms[arm][0].manifest["settings"]["farms"]["human_minutes"] == minutes


def test_an_interrupted_experiment_remembers_its_arms(tmp_path: Path) -> None:
    cases = compose_arms("baseline", "baseline", TINY, levers="labelling:0.5,watermark@2023-01-01")
    open_workplace(tmp_path / "out", Experiment(cases=cases, seed=0, replications=2, threads=1, every=4))
    _, experiment = read_workplace(tmp_path / "out")
    assert [case.name for case in experiment.cases] == ["baseline+labelling+watermark", "baseline"]
    assert [case.scenario for case in experiment.cases] == [case.scenario for case in cases]


@pytest.mark.parametrize(
    ("a", "b", "levers", "name"),
    [
        ([], [], "labelling", "baseline+labelling"),
        ([], [], "labelling,content_review:0.5", "baseline+content_review+labelling"),
        ([], [], "trusted_aigc", "baseline+trusted_aigc"),
        ([], [], "trusted_aigc,fact_check", "baseline+fact_check+trusted_aigc"),
        (["policy=[labelling]"], [], "", "baseline+labelling"),
        ([], ["policy=[labelling]"], "", "baseline-labelling"),
        (
            ["policy=[labelling]", "policy.labelling.strength=0.5"],
            ["policy=[labelling]"],
            "",
            "baseline+labelling.strength=0.5",
        ),
        (["farms.human_minutes=7"], [], "", "baseline+farms.human_minutes=7"),
        (
            ["farms.human_minutes=7", "farms.law=human"],
            [],
            "labelling",
            "baseline+labelling+farms.law=human+farms.human_minutes=7",
        ),
        (["platforms=[forum,search]"], ["platforms=[forum]"], "", "baseline+search"),
        (["world=classroom"], [], "", "baseline+world=classroom"),
        (["technology.autonomous=false"], [], "", "baseline+technology.autonomous=false"),
    ],
    ids=str,
)
def test_of_two_arms_of_one_scenario_the_first_is_called_by_what_it_adds(
    a: list[str], b: list[str], levers: str, name: str
) -> None:
    assert name_of(a, b, levers) == name


def test_names_of_arms_are_short_and_fit_every_file_system() -> None:
    every = [path for path in names("policy") if members("policy", path) == [path]]
    long = name_of([], [], ",".join(every))
    assert long == name_of([], [], ",".join(reversed(every))) != name_of([], [], ",".join(every[1:]))
    for name in (long, name_of([], [], "trusted_aigc,industry_push,fact_check,upload_cap,quality_ranking")):
        assert len(name) <= LONGEST
    swapped = name_of(["platforms=[forum,search]"], ["platforms=[search,forum]"])
    for name in (
        long,
        swapped,
        name_of(["policy=[trusted_aigc,industry_push]", "farms.law=human"], ["farms.law=human"]),
    ):
        assert name.isascii() and not set(name) & set('<>:"/\\|?* ') and not name.endswith(".")


def test_arms_of_different_scenarios_keep_their_names() -> None:
    cases = compose_arms("baseline", "no_ai", TINY, levers="labelling")
    assert [case.name for case in cases] == ["baseline", "no_ai"]


def test_arms_with_other_data_are_other_arms_and_each_reads_its_own(tmp_path: Path) -> None:
    rings = {}
    for name, step in (("near", 1), ("far nets", 7), ("same", 1)):
        rows = [f"p{k:02},p{(k + step) % 40:02}" for k in range(40)]
        rings[name] = tmp_path / f"{name}.csv"
        rings[name].write_text("\n".join(["follower,followed", *rows]) + "\n")
    near, far, same = (compose("baseline", [*TINY, f"input.followers='{path}'"]) for path in rings.values())
    one, other = compose_arms(far, near)
    assert (one.name, other.name) == ("baseline+followers=far_nets.csv", "baseline")
    assert one.inputs["followers"]["sha256"] != other.inputs["followers"]["sha256"]
    with pytest.raises(InputError, match="both arms have the same settings"):
        compose_arms(near, same)

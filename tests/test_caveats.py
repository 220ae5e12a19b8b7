"""What a run is told of settings that do nothing: on standard error, in JSON, in the manifest and on the page."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import sim
from app.console import warn
from app.run import EXAMPLES
from sim.base.errors import InputError
from sim.experiment.arms import compose_arms
from sim.experiment.sweep_caveats import caveats_of_sweep
from sim.experiment.sweep_file import build_plan
from sim.settings.levers import LEVERS
from sim.settings.scenario import members, names
from sim.simulation.caveats import caveats_of
from tests.commands import call

ROOT = Path(__file__).resolve().parents[1]
TINY = ("world=tiny", "time.weeks=16", "time.burn_in_weeks=6")  # Mondays from 2022-10-17 to 2023-01-30
HELPED = (*TINY, "creators.adoption_rate=0.1")  # in so short a time some creators take up AI all the same


def told(a: str, b: str | None = None, *overrides: str, levers: str = "") -> list[str]:
    """Compose arms in a tiny world and return what is told of them."""
    return [caveat.text for caveat in caveats_of(compose_arms(a, b, [*TINY, *overrides], levers=levers or ()))]


@pytest.mark.parametrize(
    ("lever", "line"),
    [
        (":1@2023-02-06", " starts on 2023-02-06, after the last week (of 2023-01-30): it never acts"),
        (":1@2023-02-05", " acts only in the last 1 week of the 10 that are averaged (from 2023-02-05)"),
        (":1@2023-01-23", " acts only in the last 2 weeks of the 10 that are averaged (from 2023-01-23)"),
        (":1@2023-01-16", ""),
        (":1@2020-01-01", ""),
        (":0@2022-12-05", " has strength 0: it changes nothing"),
    ],
)
def test_a_lever_that_hardly_acts_is_told(lever: str, line: str) -> None:
    expected = [f"content_review{line}"] if line else []
    assert told("baseline", "baseline", levers=f"content_review{lever}") == expected
    assert told("baseline", levers=f"content_review{lever}") == expected


def test_a_scenario_s_own_policy_that_starts_too_late_is_told_too() -> None:
    (line,) = told("baseline", None, "policy=[labelling]")
    assert line == "labelling starts on 2025-09-01, after the last week (of 2023-01-30): it never acts"


def test_a_horizon_that_ends_before_release_is_told() -> None:
    line = "AI plays no part: the run ends after 6 weeks, before AI is released (after time.burn_in_weeks, 6)"
    assert told("baseline", None, "time.weeks=6") == [line]
    assert told("baseline", "no_ai", "time.weeks=6") == [line]
    assert told("baseline", None, "time.weeks=7") == []


def test_arms_without_ai_are_told_unless_one_has_it() -> None:
    assert told("no_ai") == ["AI plays no part in no_ai: technology.released is false"]
    assert told("baseline", "no_ai") == []
    line = "AI plays no part in no_ai+content_review and no_ai: technology.released is false"
    assert told("no_ai", "no_ai", levers="content_review@2022-12-05") == [line]
    assert line.replace("no_ai+content_review and no_ai", "baseline and no_ai") in told(
        "baseline", "no_ai", "technology.released=false", "farms.human_minutes=5", levers="content_review@2022-12-05"
    )


def test_a_lever_that_needs_ai_is_told_where_there_is_none() -> None:
    assert "labelling changes nothing in no_ai, where no AI exists" in told(
        "no_ai", None, levers="labelling@2022-12-05"
    )
    assert len(told("no_ai", None, levers="content_review@2022-12-05")) == 1  # that AI plays no part


@pytest.fixture(scope="module")
def without_ai() -> pd.DataFrame:
    return sim.run("no_ai", overrides=[*TINY, "time.weeks=10"]).outcomes


@pytest.mark.parametrize("lever", LEVERS)
def test_levers_that_need_ai_are_those_that_change_no_bit_without_it(lever: str, without_ai: pd.DataFrame) -> None:
    run = sim.run("no_ai", overrides=[*TINY, "time.weeks=10"], levers=f"{lever}:1@2022-10-17")
    if LEVERS[lever].of_ai:
        assert run.outcomes.equals(without_ai)
    elif lever != "retraining_subsidy":  # for those who are laid off, whom a few weeks do not bring
        assert not run.outcomes.equals(without_ai)


def test_every_packaged_lever_is_one_that_the_model_applies() -> None:
    assert {name for name in names("policy") if members("policy", name) == [name]} == set(LEVERS)


def test_platforms_that_never_open_are_told_in_one_line() -> None:
    line = "never open, as the last week is that of 2023-01-30: ai_native (2023-06-01), immersive (2024-02-02)"
    assert told("baseline", "no_ai", "platforms=[short_video,ai_native,immersive]") == [line]
    assert told("baseline", None, "platforms=[short_video,ai_native]", "platforms.ai_native.opens=2023-02-05") == []
    (line,) = told("baseline", None, "platforms=[short_video,search]")
    assert line.endswith(": the answer layer of search (2024-05-14)")


def test_a_policy_in_both_arms_is_told_with_the_option_that_puts_it_into_one() -> None:
    lines = told("baseline", "no_ai", "policy=[labelling]", "policy.labelling.start=2022-12-05")
    assert lines == [
        "policy=[labelling] is in both arms, so their difference is not its effect; --with labelling puts it into the "
        "first arm only"
    ]
    assert told("creativity_premium", "no_ai") != told("baseline", "no_ai", "policy=[quality_ranking]")


def test_warnings_reach_the_terminal_json_the_manifest_and_both_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["run", "baseline", *HELPED, "--with", "labelling", "--against", "baseline", "--quiet", "--json"]
    assert call(monkeypatch, *words) == 0
    said = capsys.readouterr()
    foretold = "labelling starts on 2025-09-01, after the last week (of 2023-01-30): it never acts"
    warnings = json.loads(said.out)["warnings"]
    assert warnings[0] == foretold and len(warnings) == 2
    nothing = "AI makes no item by itself in baseline+labelling and baseline, so its shares of new items, "
    assert warnings[1].startswith(nothing + "attention and payouts are 0")
    assert said.err.splitlines() == [f"metavalue: warning: {line}" for line in warnings]
    folder = Path("outputs/baseline+labelling-vs-baseline")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [warning["text"] for warning in manifest["warnings"]] == warnings
    page = (folder / "report.html").read_text()
    assert foretold in page and "显式AI标识自2025-09-01起生效，晚于最后一周（2023-01-30起）：从未生效" in page


def example(text: str) -> list[str]:
    """Words of the first command after a line that speaks of a first look."""
    found = re.search(
        r"first look.*\n\s+metavalue (run .*)|metavalue (run [^#\n]*[^#\n ]) +#.*(first look|先看一眼)", text, re.I
    )
    assert found
    return (found[1] or found[2]).split()


def test_what_is_called_a_first_look_shows_ai_at_work_beside_a_world_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = example(EXAMPLES)
    assert all(example((ROOT / page).read_text(encoding="utf-8")) == words for page in ("README.md", "README.zh.md"))
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *words, "--quiet", "--json") == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    share, items = (result["outcomes"][name] for name in ("ai_supply_share", "items_new"))
    assert 0.1 < share["mean"] < 1 and items["difference"] == items["mean"] - items["against"] > 0
    assert sum(bool(row["difference"]) for row in result["outcomes"].values()) > 50
    assert result["warnings"] == [] and not said.err


def test_a_sweep_is_warned_of_what_does_nothing_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["sweep", "plan", "baseline", TINY[0], TINY[2], "policy=[labelling]"]
    line = "metavalue: warning: labelling starts on 2025-09-01, after the last week (of 2023-01-30): it never acts\n"
    ages = (
        "metavalue: warning: levels are means over different ages of AI: the last 10 weeks to week 10 since release at "
        "time.weeks=16 time.burn_in_weeks=6; the last 12 weeks to week 12 since release at time.weeks=18 "
        "time.burn_in_weeks=6\n"
    )
    for more, expected in (([TINY[1], "farms.human_minutes=2,10"], line), (["time.weeks=16,18"], ages)):
        assert call(monkeypatch, *words, *more) == 0 and capsys.readouterr().err == expected


def test_a_run_says_when_ai_made_nothing_and_is_silent_where_it_did() -> None:
    quiet = sim.run("baseline", overrides=HELPED).manifest["warnings"]
    assert [re.sub(r"; .*", "", warning["text"]) for warning in quiet] == [
        "AI makes no item by itself in baseline, so its shares of new items, attention and payouts are 0"
    ]
    at_work = sim.run("autonomous", overrides=["world=tiny"], replication=1)  # where an account finds its public
    assert at_work.outcomes["ai_supply_share"].max() > 0 and at_work.manifest["warnings"] == []
    helped = sim.run("assistive", overrides=HELPED)  # AI that may not work alone is not missed
    assert helped.outcomes["assisted_share"].max() > 0 and helped.manifest["warnings"] == []


def test_a_day_on_which_an_answer_layer_opens_is_checked_as_other_dates_are() -> None:
    with pytest.raises(InputError, match="ISO date") as wrong:
        sim.run("baseline", overrides=[*TINY, "platforms.microblog.answer_layer_opens=tomorrow"])
    assert wrong.value.key == "platforms.microblog.answer_layer_opens"


def test_a_number_of_people_beside_data_is_told(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("age_group,minutes,platforms\n" + "adults,300,\n" * 60)
    data = f"input.population={people}"
    line = "world.consumers=100 does nothing: the data have 60 people"
    assert told("baseline", "no_ai", data, "world.consumers=100") == [line]
    assert told("baseline", None, data, "world.consumers=60") == [] == told("baseline", None, data)


def test_a_repeated_run_warns_as_the_first_one_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = (*TINY, "policy=[labelling]", "policy.labelling.start=2024-01-01", "--quiet")
    assert call(monkeypatch, "run", "baseline", *words, "--out", "one") == 0
    first = capsys.readouterr().err.splitlines()
    assert [line[:20] for line in first] == ["metavalue: warning: "] * 2 and "labelling starts" in first[0]
    assert call(monkeypatch, "run", "--from", "one/runs/baseline/0", "--quiet", "--out", "two") == 0
    assert capsys.readouterr().err.splitlines() == first


def test_a_warning_is_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    warn(["policy=[" + "x" * 1000 + "\n\x1b[31m]"])
    line = capsys.readouterr().err
    assert line.startswith("metavalue: warning: policy=[x") and line.endswith(r"\n\x1b[31m]" + "\n")
    assert len(line) == 301


def sweep_of(**keys: object) -> list[str]:
    tree = {"name": "s", "base": "baseline", "against": "no_ai", "samples": 2, "outcomes": ["trust_mean"]}
    return [caveat.text for caveat in caveats_of_sweep(build_plan(tree | keys))]


def test_a_sweep_warns_of_levels_of_different_ages_of_ai() -> None:
    overrides = ["world=tiny", "time.weeks=26"]
    (said,) = sweep_of(overrides=overrides, uncertainties={"time.burn_in_weeks": "choice(8,13,30)"})
    assert "the last 18 weeks to week 18 since release at time.weeks=26 time.burn_in_weeks=8" in said
    assert "the last 13 weeks to week 13 since release at time.weeks=26 time.burn_in_weeks=13" in said
    assert said.endswith("no week since release at time.weeks=26 time.burn_in_weeks=30")
    assert sweep_of(overrides=overrides, uncertainties=["trust.rate"]) == []


def test_a_sweep_warns_of_a_lever_that_never_acts() -> None:
    overrides = ["world=tiny", "time.weeks=26", "policy=[labelling]", "policy.labelling.start=2030-01-07"]
    said = sweep_of(overrides=overrides, levers={"labelling": [0, 1]}, uncertainties=["trust.rate"])
    assert any("labelling starts on 2030-01-07" in text and "it never acts" in text for text in said)

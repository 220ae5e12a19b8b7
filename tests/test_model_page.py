"""docs/model.md names code, parameters and outcomes that exist; the studies behind it score and fill as they say."""

import importlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.studies import __main__ as command
from analysis.studies import nulls, opposites, study, targets, without_ai
from analysis.studies.study import Study
from sim.base.outcomes import OUTCOMES
from sim.experiment.pairing import Comparison
from sim.settings import Settings, parameters_of
from sim.settings.scenario import compose
from sim.simulation.results import RunResult

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "model.md").read_text(encoding="utf-8")
PATHS = {parameter.path for parameter in parameters_of(Settings)}


def exists(name: str) -> bool:
    """Whether a dotted name is a parameter or something below `sim`."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module("sim." + ".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            thing = getattr(thing, part, None)
        return thing is not None
    return False


def test_every_name_exists() -> None:
    text = PAGE.split("## What is not in the model yet")[0]
    names = set(re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", text)) - PATHS - {"module.function"}
    assert len(names) > 60
    assert not [name for name in sorted(names) if not exists(name)]
    assert not exists("culture.Canon.novelties")


def test_blocks_are_those_that_the_commands_fill() -> None:
    blocks = set(re.findall(r"<!-- results: (\w+) -->", PAGE))
    assert set(command.COMMANDS) | {"pairing"} <= blocks
    assert len(re.findall("<!-- end -->", PAGE)) == len(blocks)


@pytest.mark.parametrize("page", ["model.md", "variance.md", "screening.md"])
def test_every_block_has_its_table_or_says_how_to_make_it(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    blocks = re.findall(r"<!-- results: (\w+) -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert blocks and not [name for name, told in blocks if "`python -m analysis.studies" not in told]


def test_filling_replaces_one_block_alone() -> None:
    page = "a\n<!-- results: x -->\nold\n<!-- end -->\nb\n<!-- results: y -->\nkept\n<!-- end -->\n"
    assert command.fill(page, "x", r"new \1") == page.replace("old", r"new \1")
    with pytest.raises(ValueError, match="no block"):
        command.fill(page, "z", "new")


def test_slope_is_per_year_and_leaves_burn_in_out() -> None:
    week = np.arange(156)
    values = np.where(week < 52, 99.0, 3.0 + 0.5 * week / 52)
    values[week % 2 == 1] = np.nan
    frame = pd.DataFrame({"week": week, "deep_time_share": values})
    assert without_ai.slope(frame, "deep_time_share", 52) == pytest.approx(0.5)
    assert np.isnan(without_ai.slope(frame, "deep_time_share", 153))


def test_targets_and_regions_name_outcomes_and_parameters() -> None:
    assert len(targets.READ) == 6 and set(targets.READ) <= set(OUTCOMES)
    assert {region.outcome for region in opposites.OPPOSITE_REGIONS.values()} <= set(OUTCOMES)
    changed = {text.split("=")[0] for texts in opposites.REGION_SETTINGS.values() for text in texts}
    assert {name for region in opposites.OPPOSITE_REGIONS.values() for name in region.regions} == set(
        opposites.REGION_SETTINGS
    )
    assert changed <= PATHS
    for texts in opposites.REGION_SETTINGS.values():
        compose("baseline", ["world=classroom", *texts])  # refuses what lies outside its range


def test_drift_reports_what_a_world_without_ai_has() -> None:
    plan = Study("line", "tiny", 2, 1, 1)
    text = without_ai.drift(plan)["drift"]
    assert "`depth_used`" in text and "`ai_supply_share`" not in text


def test_open_questions_have_settings_in_range_that_differ() -> None:
    sides = []
    for side in (0, 1):
        texts = [
            text
            for question in opposites.OPEN_QUESTIONS.values()
            if not question.own_world
            for text in question.settings[side]
        ]
        assert len({text.split("=")[0] for text in texts}) == len(texts)  # no question undoes another's settings
        sides.append(compose("baseline", ["world=classroom", *texts]).settings)
    for question in opposites.OPEN_QUESTIONS.values():
        for texts in question.settings:
            compose("baseline", ["world=classroom", *texts])  # within their ranges
    assert sides[0] != sides[1]
    assert {question.outcome for question in opposites.OPEN_QUESTIONS.values()} <= set(OUTCOMES)


def test_signs_say_which_answer_each_side_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [question.outcome for question in opposites.OPEN_QUESTIONS.values()]
    low = {text for question in opposites.OPEN_QUESTIONS.values() for text in question.settings[0]}

    def run(plan: object, a: str, b: str, *texts: str) -> Comparison:
        value = {a: 0.1 if set(texts) <= low else 0.9, b: 0.5}
        luck = (0, 1, 3, 4, 6)
        frames = {arm: [pd.DataFrame(value[arm] + 1e-3 * k, range(9), outcomes) for k in luck] for arm in (a, b)}
        for k, frame in enumerate(frames[a]):
            frame += 1e-3 * k  # differences vary over replications
        return Comparison(a, b, {arm: [RunResult(f, {}, {}) for f in rows] for arm, rows in frames.items()}, {})

    monkeypatch.setattr(Study, "run", run)
    rows = opposites.signs(Study("line", "tiny", 5, 1, 1))["signs"].splitlines()[4:]
    assert [row.split("|")[-2].strip() for row in rows] == [
        answer for question in opposites.OPEN_QUESTIONS.values() for answer in question.answers
    ]


def test_a_null_reproduces_all_part_or_nothing() -> None:
    def said(full: np.ndarray, null: np.ndarray) -> str:
        return nulls.reproduction(*(nulls.paired_effect(one, np.zeros(one.size), "craft_mean") for one in (full, null)))

    full, noise = np.array([0.9, 1.0, 1.1, 0.95, 1.05]), np.array([0.01, -0.02, 0.02, -0.01, 0.0])
    cases = {"all": full + noise, "part": 0.3 * full, "fails": -full}
    assert {name: said(full, null) for name, null in cases.items()} == {name: name for name in cases}
    assert said(full, noise) == said(full, np.full(5, np.nan)) == "fails"
    assert said(noise, full) == said(full[:4], full[:4]) == ""
    assert said(np.array([0.0, 1.0, 1.0, 1.0, 1.0]), full) == ""  # as the page judges five pairs of which one is 0


def runs_of(name: str, values: list[float]) -> list[RunResult]:
    """Runs of one week and one outcome."""
    return [RunResult(pd.DataFrame({name: [value]}), {}, {}) for value in values]


def test_tables_judge_and_cut_as_the_report_does() -> None:
    # a share crowded at 0 by its logits, not by an interval that goes below 0
    crowded = runs_of("ai_attention_share", [0.001, 0.002, 0.004, 0.001, 0.3])
    found, effect = study.late_effect(crowded, crowded, "ai_attention_share", 0.5)
    assert 0 < found.low < found.typical < 0.01 and effect == "down"
    assert study.interval_text(found, 0.5).startswith("-0.49")
    none = runs_of("ai_attention_share", [0.0] * 5)
    found, effect = study.late_effect(none, none, "ai_attention_share", 0.5)
    assert (study.interval_text(found, 0.5), effect) == ("-0.5, 5 of 5 at exactly 0 or 1", "down")
    # all of a share cannot rise by more
    full, empty = (runs_of("deep_time_share", values) for values in ([1.0, 1.0, 1.0, 0.0, 1.0], [0, 0, 0, 0.5, 0]))
    found, effect = study.late_effect(full, empty, "deep_time_share", 0.0)
    assert found.high == 1.0 and found.low > -1.0
    # a ratio by its logarithms
    ratio = nulls.effect_of_ai(
        runs_of("visibility_odds_ratio", [1.6, 1.8, 3.0, 9.0, 20.0]), [], "visibility_odds_ratio"
    )
    assert ratio.effect == "up"


def test_effects_are_held_against_the_world_without_ai_or_the_claims_yardstick() -> None:
    def runs(**levels: float) -> list[RunResult]:
        return [RunResult(pd.DataFrame(levels, range(3)), {}, {})]

    full = runs(
        ai_supply_share=0.3, turing_pass_rate=0.5, human_pass_rate=0.6, visibility_odds_ratio=1.2, trust_mean=0.7
    )
    none = runs(ai_supply_share=0.0, turing_pass_rate=np.nan, visibility_odds_ratio=np.nan, trust_mean=0.8)
    expected = {"ai_supply_share": 0.3, "turing_pass_rate": -0.1, "visibility_odds_ratio": 0.2, "trust_mean": -0.1}
    assert {name: nulls.effect_of_ai(full, none, name).differences.item() for name in expected} == pytest.approx(
        expected
    )


def test_nulls_are_scenarios_beside_the_full_model(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(compose(name).name == name for name in nulls.NULLS)
    run, small = Study.run, ("time.weeks=9", "time.burn_in_weeks=4")
    monkeypatch.setattr(Study, "run", lambda plan, a, b=None, *texts: run(plan, a, b, *texts, *small))
    page = nulls.nulls(Study("line", "tiny", 2, 1, 1))["nulls"]
    assert "nan" not in page
    named = {o.name for o in OUTCOMES.values() if o.headline and o.prediction in nulls.PREDICTIONS}
    assert named == set(re.findall(r"^\| \w+ \| `(\w+)`", page, re.M))
    rows = {row.split("|")[2].strip(" `"): row for row in page.splitlines()[4:]}
    assert all(cell.strip() in {"0", "–"} for cell in rows["ai_supply_share"].split("|")[4:7])

"""docs/model.md names code, parameters and outcomes that exist; docs/results.py scores and fills as it says."""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from sim.outcomes import OUTCOMES
from sim.parameters import Settings, entries

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "model.md").read_text(encoding="utf-8")
PATHS = {entry.path for entry in entries(Settings)}


@pytest.fixture(scope="module")
def results() -> ModuleType:
    sys.path.insert(0, str(DOCS))  # as when the script is run
    try:
        return importlib.import_module("results")
    finally:
        sys.path.remove(str(DOCS))


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


def test_blocks_are_those_that_the_commands_fill(results: ModuleType) -> None:
    blocks = set(re.findall(r"<!-- results: (\w+) -->", PAGE))
    assert set(results.COMMANDS) | {"pairing"} <= blocks
    assert len(re.findall("<!-- end -->", PAGE)) == len(blocks)


def test_filling_replaces_one_block_alone(results: ModuleType) -> None:
    page = "a\n<!-- results: x -->\nold\n<!-- end -->\nb\n<!-- results: y -->\nkept\n<!-- end -->\n"
    assert results.fill(page, "x", r"new \1") == page.replace("old", r"new \1")
    with pytest.raises(ValueError, match="no block"):
        results.fill(page, "z", "new")


def test_verdicts(results: ModuleType) -> None:
    verdicts = [results.verdict(mean, 0.4, 0.8) for mean in (0.4, 0.8, 0.31, 0.89, 0.29, 0.91)]
    assert verdicts == ["in", "in", "near", "near", "out", "out"]


def test_slope_is_a_year_and_leaves_burn_in_out(results: ModuleType) -> None:
    week = np.arange(156)
    values = np.where(week < 52, 99.0, 3.0 + 0.5 * week / 52)
    values[week % 2 == 1] = np.nan
    frame = pd.DataFrame({"week": week, "deep_time_share": values})
    assert results.slope(frame, "deep_time_share", 52) == pytest.approx(0.5)
    assert np.isnan(results.slope(frame, "deep_time_share", 153))


def test_targets_and_regions_name_outcomes_and_parameters(results: ModuleType) -> None:
    assert {name for _, name, _, _ in results.TARGETS} <= set(OUTCOMES)
    assert {region.outcome for region in results.REGIONS.values()} <= set(OUTCOMES)
    changed = {text.split("=")[0] for texts in results.SETS.values() for text in texts}
    assert {name for region in results.REGIONS.values() for name in region.sets} == set(results.SETS)
    assert changed <= PATHS


def test_drift_reports_what_a_world_without_ai_has(results: ModuleType) -> None:
    plan = results.Plan("line", "tiny", 2, 1, 1)
    text = results.drift(plan)["drift"]
    assert "`deep_time_share`" in text and "`ai_supply_share`" not in text

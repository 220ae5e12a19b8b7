"""Bounds that are told: found where something is at one, counted, said on the page; short default runs touch none."""

import dataclasses
from pathlib import Path

import pytest

import sim
from sim.agents.creators import LARGEST_LOG_GAIN
from sim.agents.platforms import MAX_PAYOUT, MAX_TILT
from sim.agents.studios import LARGEST
from sim.agents.vendors import INDEPENDENT, roster
from sim.agents.workers import WAGE_BOUND
from sim.base.bounds import BOUNDS
from sim.kernels.sessions import MIN_TRUST
from sim.measures.bounds import measure_bounds, parts_at_bounds
from sim.model import ContentEcosystem
from sim.settings.scenario import compose
from sim.simulation.cases import prepare
from sim.simulation.caveats import findings_of
from sim.world.week import Week
from sim.world.world import World
from tests.worlds import base, opened


@pytest.fixture(scope="module")
def made() -> ContentEcosystem:
    return opened(base(), 8)


def put(world: World, week: Week, name: str) -> None:
    """Put something at one bound."""
    if name == "gain":
        world.seen_gain[0] = -LARGEST_LOG_GAIN
    elif name == "staff":
        world.studios.columns.hours[0] = LARGEST * world.studios.columns.par[0]
    elif name == "payouts":
        world.market.columns.payout[0] = MAX_PAYOUT
    elif name == "feeds":
        world.market.columns.tilt[1] = -MAX_TILT
    elif name == "wages":
        world.labour.cells.columns.wage[0] = -WAGE_BOUND
    elif name == "vendors":
        places = roster(world.settings.vendors)
        world.vendor_state.columns.active[:] = places == INDEPENDENT  # a giant has closed
    elif name == "trust":
        world.consumers.columns.trust[:] = 1.0 - MIN_TRUST
    elif name == "supply":
        week.supply_capped = 1.0


@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_at_a_bound_is_found_and_noted(made: ContentEcosystem, name: str) -> None:
    world, week = made.world.fork(), Week()
    week.supply_capped = 0.0
    world.now, before = 11, parts_at_bounds(world, week)
    assert measure_bounds(world, week, world.settings) == {"at_bound": 0.0} and not len(world.memory.bounds.rows)
    put(world, week, name)
    after = parts_at_bounds(world, week)
    assert [other for other in BOUNDS if after[other] > before[other]] == [name]
    assert measure_bounds(world, week, world.settings) == {"at_bound": 1.0}
    (row,) = world.memory.bounds.rows.tolist()
    assert row == [11.0, list(BOUNDS).index(name), after[name]]
    world.now = 12
    assert measure_bounds(world, week, world.settings) == {}  # every four weeks


def test_a_bound_that_few_touch_is_not_told(made: ContentEcosystem) -> None:
    """Somebody of many is always at the end of a range."""
    world, week = made.world.fork(), made.last_week
    people, world.now = world.consumers.columns, 11
    people.trust[:], people.installed[:] = 0.9, 1
    people.trust[0, 0] = MIN_TRUST
    assert 0 < parts_at_bounds(world, week)["trust"] < BOUNDS["trust"].least
    assert measure_bounds(world, week, world.settings) == {"at_bound": 0.0}


def test_a_run_that_touched_a_bound_says_so_in_both_languages() -> None:
    words = ["world=tiny", "time.weeks=20", "time.burn_in_weeks=8", "platforms.short_video.payout=0.9"]
    run = sim.run("no_ai", overrides=words)
    assert run.outcomes["at_bound"].dropna().tolist() == [1.0] * 5
    assert set(run.exhibits["bounds"]["bound"]) == {"payouts"} and len(run.exhibits["bounds"]) == 5
    (told,) = [warning for warning in run.manifest["warnings"] if "payout" in warning["text"]]
    assert told["text"].startswith(
        "a platform's payout is at a bound in 100% of the weeks of no_ai that were looked at"
    )
    assert "(3 of 3)" in told["text"] and "有平台的分成比例达到界限，占所查各周的100%（3周中的3周）" in told["text_zh"]
    case = prepare(compose("no_ai", words))
    free = dataclasses.replace(run, exhibits={**run.exhibits, "bounds": run.exhibits["bounds"].iloc[:0]})
    assert not [caveat for caveat in findings_of([case], {case.name: [free]}) if "bound" in caveat.text]


@pytest.mark.parametrize("scenario", ["baseline", "no_ai"])
def test_no_short_default_run_touches_a_bound(scenario: str) -> None:
    run = sim.run(scenario, overrides=["world=tiny", "time.weeks=60"])
    assert run.outcomes["at_bound"].max() == 0.0 and run.exhibits["bounds"].empty


def test_every_told_bound_is_in_the_page() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "model.md").read_text(encoding="utf-8")
    assert not [name for name in BOUNDS if f"| `{name}` |" not in page]

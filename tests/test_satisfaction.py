"""Satisfaction: what gets better for good is felt for years, moves time on screen, and fades as people adapt."""

from functools import cache

import numpy as np
import pytest

from sim.agents.sessions import session_rules, slow_adaptation
from sim.kernels.columns import read
from sim.schedule import open_world, run_week
from sim.settings.scenario import compose
from sim.world.week import Week
from sim.world.world import World

BEFORE, YEAR, RISE = 40, 52, 0.6  # weeks, weeks, utility
SMALL = (
    "world=tiny", "world.consumers=300", f"time.burn_in_weeks={BEFORE}", "time.weeks=200", "creators.quit_rate=0",
    "platforms=[short_video]",  # where all time on screen is spent
)  # fmt: skip


def satisfied(world: World) -> float:
    """Mean satisfaction with platforms in use."""
    people = world.consumers.columns
    return float(read(people.satisfaction)[people.installed > 0].mean())


def on_screen(week: Week) -> float:
    """Share of time spent on screen."""
    used, off = week.tallies.platform_seconds.sum(), week.tallies.off_seconds.sum()
    return float(used / (used + off))


@cache
def gains(years: float) -> tuple[list[float], float]:
    """What a lasting rise of all appeal adds, `years` being those of adaptation.

    Returns satisfaction with platforms at the end of each of two years, and the share of time on screen in the second.
    """
    settings = compose("no_ai", (*SMALL, f"attention.adaptation_years={years}")).settings
    plain = open_world(settings, 1)
    for _ in range(BEFORE):
        run_week(plain, settings)
    better = plain.fork()
    better.producers.columns.mean_appeal[:] += RISE
    better.items.columns.card["appeal"] += RISE
    satisfaction, screen = [], np.zeros(2)
    for week in range(1, 2 * YEAR + 1):
        seen = [on_screen(run_week(world, settings)) for world in (plain, better)]
        screen += np.array(seen) * (week > YEAR) / YEAR
        if week % YEAR == 0:
            satisfaction.append(satisfied(better) - satisfied(plain))
    return satisfaction, float(screen[1] - screen[0])


def test_a_lasting_rise_of_utility_raises_satisfaction_for_years() -> None:
    """By as much as utility, less the tenth that fades between uses: as long as people do not get used to it."""
    (first, second), screen = gains(50.0)
    assert 0.75 * RISE < (first + second) / 2 < 1.1 * RISE and second > 0.7 * first
    assert screen > 0.02


def test_people_adapt_in_the_time_that_the_parameter_says() -> None:
    """With a year, a third of a rise is still felt after a year and an eighth after two."""
    slow, fast = (np.array(gains(years)[0]) for years in (50.0, 1.0))
    assert (fast < np.array([0.65, 0.4]) * slow).all() and fast[0] > 0.2 * RISE


@pytest.mark.parametrize("sessions", [1.0, 0.25])
def test_the_step_of_what_is_usual_is_half_a_year_before_release_and_years_from_then_on(sessions: float) -> None:
    more = (f"world.sessions_per_day={sessions}", "attention.adaptation_years=4")
    settings = compose("no_ai", ("world=tiny", *more)).settings
    steps = session_rules(settings).pleasure_step, slow_adaptation(settings)["pleasure_step"]
    kept = [(1.0 - float(step)) ** (182.0 * sessions) for step in steps]
    assert kept == pytest.approx([np.exp(-1.0), np.exp(-182.0 / (4 * 365.25))], rel=1e-3)

"""Known answers and known traps of the labour market, by itself and within a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.labour_market import open_labour, run_labour
from sim.agents.studios import STAGES
from sim.agents.workers import (
    EMPLOYED,
    HALF_YEAR,
    JUNIOR,
    LEFT,
    LOW_ACCESS,
    META,
    PARTS,
    RETRAINING,
    SEARCHING,
    SENIOR,
    TURNOVER,
    WAGE_BOUND,
    LabourMarket,
    Trade,
    Use,
    account_change,
    apply_and_win,
    describe_trade,
    hazard_of_leaving,
    is_stuck,
    jobs_of,
    lowest_per_group,
    open_vacancies,
    reach_of,
    want_jobs,
    withdraw_vacancies,
)
from sim.base.outcomes import OUTCOMES
from sim.base.randomness import Streams
from sim.base.tables import F8
from sim.model import ContentEcosystem
from sim.settings import Settings
from tests.bench import change
from tests.worlds import base, differences, opened, patched

NONE = Use.none()
WORK = [name for name, outcome in OUTCOMES.items() if outcome.prediction == "P8"]


def made(workers: int = 4_000, occupations: int = 4, **labour: Any) -> Settings:
    """Settings with a labour market of this size."""
    rules = {f"labour__{name}": value for name, value in labour.items()}
    return change(Settings(), world__workers=workers, world__occupations=occupations, **rules)


def altered(market: LabourMarket, **fields: F8) -> None:
    """Change some of a trade's tasks and distances."""
    market.trade = Trade.of(*market.trade._replace(**fields)[:6])


def scaled(market: LabourMarket, factor: float) -> None:
    """Let firms want so many times the posts."""
    altered(market, hours=market.trade.hours * factor)


def use(plan: float, create: float, edit: float, intensity: float = 0.0) -> Use:
    """AI that has taken over these parts of every modality's hours."""
    return NONE._replace(
        automated=np.tile([plan, create, edit], (len(NONE.fee), 1)), intensity=np.full(len(NONE.fee), intensity)
    )


def weeks(market: LabourMarket, n: int, settings: Settings, streams: Streams, ai: Use = NONE, calm: bool = False) -> F8:
    """Run on; unemployment, vacancies, employed juniors, seniors and meta-editors by week, shape (n, 5)."""
    rows = []
    for _ in range(n):
        run_labour(market, ai, settings, streams, calm)
        posts = np.bincount(market.trade.level, market.employed, minlength=3)
        state = market.workers.columns.state
        rows.append([(state == SEARCHING).sum(), market.cells.columns.vacancies.sum(), *posts])
    return np.array(rows, float)


def grown(ai: Use, n: int, settings: Settings, seed: int = 1, phase: int = 104) -> tuple[LabourMarket, F8]:
    """A market after AI has come in over some weeks."""
    streams = Streams(seed)
    market = open_labour(settings, streams)
    rows = [weeks(market, 1, settings, streams, Use(*(min(1.0, k / phase) * x for x in ai))) for k in range(n)]
    return market, np.concatenate(rows)


def test_people_sum_to_the_population_and_posts_are_filled_once() -> None:
    settings, streams = made(1_000), Streams(1)
    market = open_labour(settings, streams)
    people, cells = market.workers.columns, market.cells.columns
    for week in range(150):
        ai = use(0.3, 0.6, 0.4, 0.5) if week > 50 else NONE
        before = people.state.copy()
        run_labour(market, ai, settings, streams, week < 50)
        count = np.bincount(people.state, minlength=4)
        assert len(count) == 4 and count.sum() == 1_000
        assert market.employed.sum() == count[EMPLOYED] and market.searching.sum() == count[SEARCHING]
        assert (cells.vacancies >= 0).all()
        level = market.trade.level[people.cell]
        assert np.array_equal(people.senior[level != META] > 0, level[level != META] == SENIOR)
        assert (people.out[people.state == EMPLOYED] == 0).all()
        assert set(before[people.state == LEFT].tolist()) <= {SEARCHING, LEFT, EMPLOYED}


def test_without_ai_there_are_no_automated_and_no_meta_hours() -> None:
    settings, streams = made(), Streams(1)
    market = open_labour(settings, streams)
    path = weeks(market, 52, settings, streams)
    assert (path[:, 2 + META] == 0).all()
    assert (market.cells.columns.demand[market.trade.level == META] == 0).all()
    np.testing.assert_array_equal(market.effects[[PARTS.index(x) for x in ("displacement", "reinstatement")]], 0.0)
    parts = want_jobs(market.trade, NONE, np.zeros(len(market.trade.level)), settings)
    np.testing.assert_allclose(parts[:, 3:], 1.0)
    np.testing.assert_allclose(jobs_of(parts), market.trade.hours.sum(axis=1))


def test_hours_of_all_occupations_are_those_of_an_item() -> None:
    settings = made(occupations=7)
    hours = describe_trade(settings).hours
    assert hours.sum() == pytest.approx(settings.labour.jobs * settings.world.workers)
    item = np.array([getattr(settings.studios, f"hours_{stage}") for stage in STAGES])
    np.testing.assert_allclose(hours.sum(axis=0) / hours.sum(), item / item.sum())


def test_two_states_settle_where_flows_meet() -> None:
    """u* = d / (d + f), d counting those who are not hired in the very week; every application wins a post."""
    juniors = {f"junior_{stage}": 1.0 for stage in STAGES}
    settings = made(20_000, 1, **juniors, apply=0.05, separation=0.005, exit=0.0, retraining_rate=0.0, jobs=0.5)
    market, streams = LabourMarket(settings, Streams(2)), Streams(2)
    scaled(market, 60.0)
    weeks(market, 150, settings, streams, calm=True)
    found = weeks(market, 250, settings, streams, calm=True)[:, 0].mean() / 20_000
    f, d = 0.05, 0.005 * TURNOVER[JUNIOR] * 0.95
    assert found == pytest.approx(d / (d + f), rel=0.03)


@pytest.mark.parametrize(("vacancies", "searchers"), [(200, 100), (200, 300), (50, 500)])
def test_urns_and_balls(vacancies: int, searchers: int) -> None:
    settings, rng = made(apply=1.0), np.random.default_rng(1)
    filled = []
    for _ in range(300):
        draws = rng.uniform(size=(searchers, 4))
        own = np.zeros(searchers, np.int64)
        won = apply_and_win(np.ones((1, 1)), np.array([vacancies]), own, draws, settings)
        filled.append((won == 0).sum())
    assert np.mean(filled) == pytest.approx(vacancies * (1 - np.exp(-searchers / vacancies)), rel=0.01)


def test_each_vacancy_takes_one_and_none_is_taken_that_is_not_there() -> None:
    rng = np.random.default_rng(3)
    vacancies, draws = np.array([0, 3, 0, 40]), rng.uniform(size=(400, 4))
    choice = np.array([[0.0, 0.5, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]])
    own = np.repeat([0, 1], 200)
    won = apply_and_win(choice, vacancies, own, draws, made(apply=1.0))
    assert (np.bincount(won[won >= 0], minlength=4) <= vacancies).all()
    assert (won == 1).sum() == 3 and (won[200:] == -1).all()


def test_lowest_fills_each_group_to_its_room() -> None:
    chance, group = np.array([0.9, 0.1, 0.5, 0.3, 0.2]), np.array([0, 0, 0, 1, 1])
    assert lowest_per_group(chance, group, np.array([2, 0])).tolist() == [False, True, True, False, False]


def test_account_of_hours_closes() -> None:
    rng = np.random.default_rng(5)
    before, now = rng.lognormal(size=(2, 24, 5))
    assert account_change(before, now).sum() == pytest.approx(jobs_of(now).sum() - jobs_of(before).sum(), abs=1e-9)
    settings = made()
    market, _ = grown(use(0.2, 0.5, 0.3, 0.4), 200, settings)
    opened_at = open_labour(settings, Streams(1)).cells.columns.demand.sum()
    assert market.effects.sum() == pytest.approx(market.cells.columns.demand.sum() - opened_at, abs=1e-9)
    gained = dict(zip(PARTS, market.effects, strict=True))
    assert gained["displacement"] < 0 < min(gained["reinstatement"], gained["output"], gained["review"])


def test_beveridge_loop_turns_counter_clockwise() -> None:
    """In a slump vacancies fall before unemployment rises: the signed area in (u, v) is positive."""
    settings, areas = made(4_000, 4), []
    for seed in range(10):
        streams = Streams(seed)
        market = open_labour(settings, streams)
        hours, path = market.trade.hours, []
        for week in range(156):
            slump = 1.0 - 0.06 * np.sin(np.pi * min(week, 104) / 104) ** 2
            altered(market, hours=hours * slump)
            path.append(weeks(market, 1, settings, streams)[0, :2])
        u, v = np.array(path).T
        areas.append(0.5 * (u * np.roll(v, -1) - v * np.roll(u, -1)).sum())
    assert min(areas) > 0, areas


def test_stage_that_ai_takes_over_decides_who_loses() -> None:
    ratio = {}
    for name, ai in {"none": NONE, "create": use(0.0, 0.5, 0.0), "plan and edit": use(0.5, 0.0, 0.5)}.items():
        _, path = grown(ai, 260, made(8_000))
        ratio[name] = path[-52:, 2].mean() / path[-52:, 3].mean()
    assert ratio["create"] < 0.97 * ratio["none"]
    assert ratio["plan and edit"] > 1.02 * ratio["none"]


def test_caps_reach_juniors_through_studios() -> None:
    """The same within a run: caps heavy in creation and in planning and editing, wanted posts of juniors by seniors."""
    world = {"time.weeks": 60, "world.workers": 500, "technology.takeoff_years": 0.0, "studios.intensity": 1.0}
    found = []
    for plan, create, edit in ((0.0, 0.9, 0.0), (0.9, 0.0, 0.9)):
        caps = {"studios.cap_plan": plan, "studios.cap_create": create, "studios.cap_edit": edit}
        market = opened(patched(base(), world | caps), 60).world.labour
        demand = np.bincount(market.trade.level, market.cells.columns.demand)
        start = np.bincount(market.trade.level, market.trade.hours.sum(axis=1))
        found.append(demand[JUNIOR] / demand[SENIOR] - start[JUNIOR] / start[SENIOR])
    assert found[0] < -0.01 and found[1] > 0.01


def test_elasticity_decides_whether_work_shrinks_or_grows() -> None:
    ai = use(0.2, 0.4, 0.3, 0.4)
    grew = {}
    for elasticity in (0.3, 1.0, 1.8):
        market, _ = grown(ai, 104, made(1_000, elasticity=elasticity))
        grew[elasticity] = market.cells.columns.demand.sum() / market.trade.hours.sum() - 1.0
    assert grew[0.3] < -0.05 and abs(grew[1.0]) < 0.02 and grew[1.8] > 0.05


# Calm


@pytest.fixture(scope="module")
def calm() -> tuple[LabourMarket, F8]:
    """Six years without AI, the first of them before release, after settling."""
    settings, streams = made(10_000, 8), Streams(7)
    market, rows = open_labour(settings, streams), []
    for week in range(6 * 52):
        run_labour(market, NONE, settings, streams, week < 52)
        people, cells, level = market.workers.columns, market.cells.columns, market.trade.level
        posts = np.bincount(level, market.employed, minlength=3)
        vacancies = np.bincount(level, cells.vacancies, minlength=3)
        stuck = is_stuck(people, cells.access)[0].sum()
        count = np.bincount(people.state, minlength=4)
        surplus = (market.employed + cells.vacancies - cells.demand).max()
        rows.append(
            [
                posts.sum(),
                posts[0] / posts[1],
                stuck,
                vacancies[0],
                vacancies[1],
                np.abs(cells.wage).max(),
                cells.demand.sum(),
                count[SEARCHING],
                count[RETRAINING],
                count[LEFT],
                surplus,
                cells.access[level != META].min(),
                people.senior[people.state == SEARCHING].sum(),
            ]
        )
    return market, np.array(rows)


def test_calm_starts_in_its_steady_state_and_stays_there(calm: tuple[LabourMarket, F8]) -> None:
    rows = calm[1]
    years = rows.reshape(6, 52, -1).mean(axis=1)
    filled = years[:, 0] / years[:, 6]
    assert (filled > 0.97).all() and (filled < 0.995).all()
    assert np.ptp(years[:, 0]) / years[0, 0] < 0.005 and np.ptp(years[:, 1]) / years[0, 1] < 0.02
    assert (years[:, 2] < 0.005 * 10_000).all()
    assert (years[:, 9] < 0.01 * 10_000).all()  # few leave


def test_demand_lies_below_the_labour_force(calm: tuple[LabourMarket, F8]) -> None:
    """Above it, firms could never fill their posts, and the junior effect takes the wrong sign."""
    rows = calm[1]
    assert (rows[:, 6] < 10_000 - rows[:, 9]).all()
    assert (rows[:, 7] > rows[:, 3] + rows[:, 4]).all()  # more searchers than vacancies


def test_gaps_are_not_posted_twice(calm: tuple[LabourMarket, F8]) -> None:
    assert calm[1][:, 10].max() < 2.5  # rounding, and wages that move after posting
    level, chance = np.array([JUNIOR, META]), np.zeros(2)
    opened_ = open_vacancies(np.array([20, 20]), np.array([80, 80]), np.array([100.0, 100.0]), level, made(), chance)
    assert (opened_ == 0).all()


def test_promotion_leaves_seniors_vacancies(calm: tuple[LabourMarket, F8]) -> None:
    rows = calm[1]
    assert rows[-52:, 4].mean() > 5.0
    assert rows[-52:, 12].mean() < 0.02 * 10_000  # who seeks a senior post finds one


def test_wages_stay_near_their_start_in_calm(calm: tuple[LabourMarket, F8]) -> None:
    assert calm[1][:, 5].max() < 0.25 * WAGE_BOUND
    assert calm[1][-52:, 11].min() > LOW_ACCESS


def test_vacancies_are_withdrawn_before_anyone_is_laid_off() -> None:
    vacancies, employed = np.array([12, 12, 0]), np.array([95, 88, 110])
    taken = withdraw_vacancies(vacancies, employed, np.full(3, 100.0), np.zeros(3))
    assert taken.tolist() == [1, 0, 0]
    settings, streams = made(), Streams(4)
    market = open_labour(settings, streams)
    scaled(market, 0.993)  # the slack of vacancies and turnover absorb a small slump
    weeks(market, 13, settings, streams)
    cohort = market.cohorts.columns
    recent = (market.step - 1 - np.arange(13)) % len(cohort.laid_off)
    assert cohort.laid_off[recent].sum() < 0.001 * settings.world.workers


def test_coming_back_does_not_depend_on_vacancies() -> None:
    """In step with tightness it would turn the Beveridge loop the wrong way."""
    back = []
    for factor in (0.7, 1.1):
        settings, streams = made(), Streams(6)
        market = open_labour(settings, streams)
        people = market.workers.columns
        gone = np.flatnonzero(people.state == SEARCHING)
        people.state[gone] = LEFT
        scaled(market, factor)
        run_labour(market, NONE, settings, streams, False)
        back.append(gone[people.state[gone] == SEARCHING])
    assert back[0].tolist() == back[1].tolist()


# Slumps


def test_layoffs_hit_what_is_too_many_and_cohorts_add_up() -> None:
    settings, streams = made(4_000), Streams(3)
    market = open_labour(settings, streams)
    scaled(market, 0.85)
    weeks(market, 104, settings, streams)
    c = market.cohorts.columns
    assert c.laid_off.sum() > 100
    assert (c.laid_off <= c.displaced).all()
    assert (c.within_26 <= c.within_52).all() and (c.within_52 <= c.laid_off).all()
    assert (c.same + c.meta <= c.within_52).all()
    assert 0 < c.within_26.sum() < c.within_52.sum() < c.laid_off.sum()


def test_a_slump_closes_trades_and_training_helps_only_where_posts_are() -> None:
    """One trade dies, another grows: those who are retrained with success are no longer stuck."""
    stuck = {}
    for success in (0.0, 1.0):
        settings, streams = made(4_000, 2, retraining_success=success, retraining_rate=0.1), Streams(3)
        market = open_labour(settings, streams)
        factor = np.where(market.trade.occupation == 0, 0.6, 1.6)[:, None]
        altered(
            market,
            hours=market.trade.hours * factor,
            distance=np.where(market.trade.occupation[:, None] == market.trade.occupation, market.trade.distance, 1.0),
        )
        weeks(market, 156, settings, streams)
        rows = is_stuck(market.workers.columns, market.cells.columns.access)
        stuck[success] = rows[0].sum() + rows[1].sum()
    assert stuck[0.0] > 200 and stuck[1.0] < 0.7 * stuck[0.0]


def test_nobody_takes_training_where_vacancies_are_in_reach(calm: tuple[LabourMarket, F8]) -> None:
    assert calm[1][52:, 8].max() < 0.002 * 10_000


def test_reach_widens_with_the_age_of_vacancies_up_to_a_bound() -> None:
    settings = made()
    cells = LabourMarket(settings, Streams(1)).cells.columns
    cells.age[:3] = 0.0, 12.0, 500.0
    np.testing.assert_allclose(reach_of(cells, settings)[:3] - settings.labour.reach, [0.0, 0.10, 0.15])


def test_leaving_starts_after_half_a_year_and_rises() -> None:
    settings = made()
    hazard = hazard_of_leaving(np.array([HALF_YEAR - 1, HALF_YEAR, 2 * HALF_YEAR, 99 * HALF_YEAR]), settings)
    np.testing.assert_allclose(hazard / settings.labour.exit, [0.0, 1.0, 2.0, 4.0])


def test_meta_editors_come_with_automated_hours_and_mostly_from_within() -> None:
    market, path = grown(use(0.2, 0.5, 0.3, 0.4), 260, made(4_000, new_tasks=0.3))
    wanted = market.cells.columns.demand[market.trade.level == META].sum()
    assert path[-26:, 2 + META].mean() == pytest.approx(wanted, rel=0.1)
    people = market.workers.columns
    seniors = people.senior[(people.state == EMPLOYED) & (market.trade.level[people.cell] == META)].mean()
    assert 0.2 < seniors < 0.95


# Within a run


def test_ai_moves_only_what_follows_its_release() -> None:
    settings, none = made(1_000), Streams(2)
    one, two = open_labour(settings, none), open_labour(settings, Streams(2))
    weeks(one, 30, settings, none)
    weeks(two, 30, settings, Streams(2))
    assert all(np.array_equal(a, two.arrays()[name]) for name, a in one.arrays().items())
    weeks(two, 30, settings, Streams(2), use(0.0, 0.5, 0.0))
    weeks(one, 30, settings, none)
    same = one.workers.columns.state == two.workers.columns.state
    assert 0.8 < same.mean() < 1.0  # draws are the person's own: most careers go on as they would have


def test_work_reaches_the_rest_through_wages_alone() -> None:
    """With wages fixed, another labour market leaves every other part of the state as it was, bit for bit."""
    rules = {"labour.elasticity": 0.3, "labour.separation": 0.01, "labour.jobs": 0.9}
    world = patched(base(), {"world.workers": 200, "labour.wage_response": 0.0})
    one, two = (opened(settings, 9) for settings in (world, patched(world, rules)))
    columns = {f"memory/outcomes/{name}" for name in WORK}
    differ = set(differences(one, two))
    assert differ and all(name in columns or name.startswith("labour/") for name in differ)
    moving = {"labour.wage_response": 0.005}
    assert "memory/outcomes/wages_paid" in differences(one, opened(patched(world, moving), 9))


def test_outcomes_of_work_move_with_ai() -> None:
    eager = {"time.weeks": 80, "time.burn_in_weeks": 8, "studios.intensity": 1.0, "technology.takeoff_years": 0.0,
             "labour.elasticity": 0.3, "world.workers": 1_000}  # fmt: skip
    frames = [
        opened(patched(base(), eager | {"technology.released": released}), 80).outcomes().iloc[-1]
        for released in (True, False)
    ]
    with_ai, without = frames
    assert with_ai["meta_editor_share"] > 0 == without["meta_editor_share"]
    assert with_ai["employment"] < without["employment"] and with_ai["job_destruction"] > without["job_destruction"]
    assert with_ai["work_displaced"] < 0 < min(with_ai["work_reinstated"], with_ai["work_review"])
    assert without["work_displaced"] == without["work_reinstated"] == without["work_review"] == 0


def test_worlds_have_their_workers() -> None:
    model: ContentEcosystem = opened(base())
    market = model.world.labour
    assert len(market.workers.columns.uid) == 500 and (market.trade.level != META).sum() == 4
    assert market.first_employment == market.employed.sum() > 450

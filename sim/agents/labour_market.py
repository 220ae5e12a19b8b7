"""A week of the labour market: demand, losses, moves inside firms, vacancies, search, wages, training and leaving."""

from __future__ import annotations

import numpy as np

from sim.agents.workers import (
    EMPLOYED,
    JUNIOR,
    LEFT,
    META,
    PROMOTED,
    RETRAINING,
    SEARCHING,
    SENIOR,
    SETTLING_WEEKS,
    LabourMarket,
    Use,
    access_of,
    account_change,
    application_shares,
    apply_and_win,
    hazard_of_leaving,
    hazards_of_loss,
    jobs_of,
    lowest_per_group,
    move_wages,
    open_vacancies,
    round_at_random,
    start_training,
    want_jobs,
    withdraw_vacancies,
)
from sim.base.averages import averaging_weeks
from sim.base.clock import HALF_YEAR, YEAR
from sim.base.randomness import Streams
from sim.base.tables import F8, I8
from sim.kernels.labour import draw_from_cells
from sim.settings import Settings


def open_labour(settings: Settings, streams: Streams) -> LabourMarket:
    """A labour market that has run for two years without AI, so that it starts in its steady state."""
    market, none = LabourMarket(settings, streams), Use.none()
    for _ in range(SETTLING_WEEKS):
        run_labour(market, none, settings, streams, True)
    market.first_employment = max(int(market.employed.sum()), 1)
    market.effects[:] = 0.0
    return market


def run_labour(market: LabourMarket, use: Use, settings: Settings, streams: Streams, calm: bool) -> None:
    """Run one week of the labour market.

    Its steps: demand, losses, moves inside firms, vacancies, search, wages, training and leaving. `use` is firms' use
    of AI; `calm` is True before release.
    """
    cohorts = market.cohorts.columns
    for column in cohorts:
        column[market.step % len(column)] = 0
    _want(market, use, settings)
    _shrink(market, settings, streams)
    _move_inside(market, settings, streams)
    _advertise(market, settings, streams)
    _search(market, settings, streams)
    _price(market, settings, calm)
    _wait(market, settings, streams)
    market.step += 1


def _want(market: LabourMarket, use: Use, settings: Settings) -> None:
    """Update the jobs wanted by cell, and add the change to the account of its causes."""
    cells = market.cells.columns
    parts = want_jobs(market.trade, use, cells.wage, settings)
    market.effects += account_change(cells.parts, parts)
    cells.parts[:], cells.demand[:] = parts, jobs_of(parts)


def _shrink(market: LabourMarket, settings: Settings, streams: Streams) -> None:
    """Withdraw vacancies where there are too many people, then end jobs, by themselves or by layoffs."""
    people, cells, trade = market.workers.columns, market.cells.columns, market.trade
    employed = market.employed
    chance = streams["posts"].uniform(market.step, cells.uid)
    cells.vacancies[:] -= withdraw_vacancies(cells.vacancies, employed, cells.demand, chance)
    end, layoff = hazards_of_loss(employed, cells.demand, trade.level, settings)
    lost, u = draw_from_cells(
        people.state, EMPLOYED, people.cell, people.uid, end + layoff, streams["separations"].key, market.step
    )
    cell = people.cell[lost]
    laid_off = u >= end[cell]  # the lower part of the draw is what happens without AI too
    people.laid_off[lost[laid_off]] = market.step
    _start_search(market, lost)
    slot = market.step % len(market.cohorts.columns.laid_off)
    market.cohorts.columns.laid_off[slot] = laid_off.sum()
    market.cohorts.columns.displaced[slot] = (laid_off | (employed >= cells.demand + 1.0)[cell]).sum()


def _start_search(market: LabourMarket, rows: I8) -> None:
    """Let people whose jobs have ended search; `lost` keeps the cell of the job."""
    people = market.workers.columns
    people.state[rows], people.lost[rows] = SEARCHING, people.cell[rows]
    people.weeks[rows] = people.out[rows] = 0


def _move_inside(market: LabourMarket, settings: Settings, streams: Streams) -> None:
    """Let firms fill jobs from inside: staff become meta-editors, and juniors are promoted.

    Meta-editors come from cells with too many people, where there are such.
    """
    people, cells, trade, labour = market.workers.columns, market.cells.columns, market.trade, settings.labour
    employed, meta, senior = market.employed, trade.meta, trade.senior
    chance = streams["conversions"].uniform(market.step, cells.uid[meta])
    room = round_at_random(np.multiply(cells.vacancies[meta], labour.conversion, dtype=np.float64), chance)
    if room.any():
        surplus = np.maximum(employed - cells.demand, 0.0)[trade.level != META].reshape(len(meta), 2).sum(axis=1)
        rows = np.flatnonzero(people.state == EMPLOYED)
        cell = people.cell[rows]
        own = trade.occupation[cell]
        able = (trade.level[cell] != META) & (room[own] > 0)
        able &= (surplus[own] == 0) | (employed[cell] > cells.demand[cell])
        rows, own = rows[able], own[able]
        moved = lowest_per_group(streams["conversions"].uniform(market.step, people.uid[rows]), own, room)
        people.cell[rows[moved]] = meta[own[moved]]
        cells.vacancies[meta] -= np.bincount(own[moved], minlength=len(meta))
        employed = market.employed
    gap = np.maximum(cells.demand - employed - cells.vacancies, 0.0)[senior]
    room = round_at_random(PROMOTED * gap, streams["promotions"].uniform(market.step, cells.uid[senior]))
    if not room.any():
        return
    ready = np.where((trade.level == JUNIOR) & (room[trade.occupation] > 0), 1.0 / labour.promotion_weeks, 0.0)
    rows, u = draw_from_cells(
        people.state, EMPLOYED, people.cell, people.uid, ready, streams["promotions"].key, market.step
    )
    rows = rows[lowest_per_group(u, trade.occupation[people.cell[rows]], room)]
    people.cell[rows] = senior[trade.occupation[people.cell[rows]]]
    people.senior[rows] = 1


def _advertise(market: LabourMarket, settings: Settings, streams: Streams) -> None:
    """Open new vacancies, and update the mean age of vacancies."""
    cells = market.cells.columns
    chance = streams["posts"].uniform(market.step, cells.uid, 1)
    new = open_vacancies(cells.vacancies, market.employed, cells.demand, market.trade.level, settings, chance)
    cells.age[:] *= cells.vacancies / np.maximum(cells.vacancies + new, 1)
    cells.vacancies[:] += new


def _search(market: LabourMarket, settings: Settings, streams: Streams) -> None:
    """Let searchers apply and be hired, and update how many vacancies each trade can reach."""
    people, cells, trade = market.workers.columns, market.cells.columns, market.trade
    choice = application_shares(cells, trade, settings)
    access = access_of(choice, cells.vacancies, market.searching)
    cells.access[:] += (access - cells.access) / HALF_YEAR
    rows = np.flatnonzero(people.state == SEARCHING)
    own = people.senior[rows].astype(np.int64) * len(cells.uid) + people.cell[rows]
    draws = streams["search"].uniforms(market.step, people.uid[rows], 4)
    won = apply_and_win(choice.reshape(-1, len(cells.uid)), cells.vacancies, own, draws, settings)
    rows, won = rows[won >= 0], won[won >= 0]
    _count_returns(market, rows, won)
    people.cell[rows], people.state[rows], people.weeks[rows], people.out[rows] = won, EMPLOYED, 0, 0
    ranked = trade.level[won] != META
    people.senior[rows[ranked]] = trade.level[won[ranked]] == SENIOR
    people.laid_off[rows] = -1
    cells.vacancies[:] -= np.bincount(won, minlength=len(cells.uid))
    cells.age[:] = np.where(cells.vacancies > 0, cells.age + 1.0, 0.0)


def _count_returns(market: LabourMarket, rows: I8, won: I8) -> None:
    """Count people who are back in a job in the cohort of the week in which they were laid off.

    `won` are their new cells.
    """
    people, cohorts, level = market.workers.columns, market.cohorts.columns, market.trade.level
    since = market.step - people.laid_off[rows]
    counted = (people.laid_off[rows] >= 0) & (since <= YEAR)
    if not counted.any():
        return
    meta = level[won] == META
    for column, which in (
        (cohorts.within_26, since <= HALF_YEAR), (cohorts.within_52, True),
        (cohorts.same, won == people.lost[rows]), (cohorts.meta, meta & (won != people.lost[rows])),
    ):  # fmt: skip
        np.add.at(column, people.laid_off[rows][counted & which] % len(column), 1)


def _price(market: LabourMarket, settings: Settings, calm: bool) -> None:
    """Move wages by labour market tightness, compared with that before release; `calm` is True before release."""
    cells = market.cells.columns
    now = cells.vacancies / (market.searching.sum(axis=0) + 1.0)
    cells.tightness[:] += (now - cells.tightness) / averaging_weeks(market.step)
    if calm:
        cells.reference[:] += (cells.tightness - cells.reference) / averaging_weeks(market.step, SETTLING_WEEKS)
    cells.wage[:] = move_wages(cells.wage, cells.tightness, cells.reference, settings)
    cells.past[:, market.step % cells.past.shape[1]] = cells.demand


def _wait(market: LabourMarket, settings: Settings, streams: Streams) -> None:
    """Let a week pass for people without a job: training starts and ends, some leave the market and some come back."""
    people, cells, labour = market.workers.columns, market.cells.columns, settings.labour
    idle = np.flatnonzero(people.state != EMPLOYED)
    people.weeks[idle] += 1
    people.out[idle] += 1
    state = people.state[idle]
    u = streams["leaving"].uniform(market.step, people.uid[idle])
    searching = state == SEARCHING
    leaves = searching & (u < hazard_of_leaving(people.out[idle], settings))
    back = idle[(state == LEFT) & (u < labour.reentry)]
    done = idle[(state == RETRAINING) & (people.weeks[idle] >= labour.retraining_weeks)]
    leaving, stay = idle[leaves], idle[searching & ~leaves]
    chance = streams["training"].uniform(market.step, people.uid[stay])
    begin = start_training(people, stay, cells.access, chance, settings)
    _finish_training(market, done, settings, streams)
    for rows, to in ((leaving, LEFT), (back, SEARCHING), (begin, RETRAINING), (done, SEARCHING)):
        people.state[rows], people.weeks[rows] = to, 0
    people.out[back] = 0


def _finish_training(market: LabourMarket, rows: I8, settings: Settings, streams: Streams) -> None:
    """Let people finish retraining.

    Those who succeed enter a cell with vacancies as juniors or meta-editors, in proportion to vacancies.
    """
    people, cells, level = market.workers.columns, market.cells.columns, market.trade.level
    open_to: F8 = np.cumsum(np.where(level == SENIOR, 0, cells.vacancies)).astype(np.float64)
    draw = streams["training"]
    passed = rows[draw.uniform(market.step, people.uid[rows], 1) < settings.labour.retraining_success]
    if passed.size == 0 or open_to[-1] == 0:
        return
    at = np.searchsorted(open_to, draw.uniform(market.step, people.uid[passed], 2) * open_to[-1], side="right")
    people.cell[passed] = at
    people.senior[passed] &= level[at] == META

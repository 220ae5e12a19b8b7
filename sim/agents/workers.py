"""Workers and jobs: who is employed, searching, retraining or out; the jobs that firms want; and decisions of both.

A cell is an occupation at a level: junior, senior, or meta-editor (who edits what machines make). Hiring follows the
urn-ball matching model (Butters 1977, RES 44:465; Petrongolo & Pissarides 2001, JEL 39:390), mobility
between occupations by their distance in tasks del Rio-Chanona et al. 2021, J R Soc Interface 18:20200898, and the
account of hours Acemoglu & Restrepo 2018, AER 108:1488.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.agents.studios import STAGES, stage_hours
from sim.agents.vendors import MODALITIES
from sim.base.clock import HALF_YEAR, QUARTER, YEAR
from sim.base.randomness import Stream, Streams, derive
from sim.base.tables import B1, F8, I4, I8, U1, U8, Column, Population
from sim.kernels.labour import count_in_state
from sim.settings import Settings

EMPLOYED, SEARCHING, RETRAINING, LEFT = range(4)
JUNIOR, SENIOR, META = LEVELS = range(3)

# Rules of thumb that all worlds share; assumption where no source stands in the registry.
TURNOVER = np.array([1.6, 0.6, 1.0])  # separations by level, over the mean: assumption
BASE_WAGE = np.array([1.0, 1.5, 1.25])  # hours' wage by level: assumption
# Factors on hours by stage in occupations of makers, editors and planners.
TILT = np.array([[0.6, 1.4, 0.7], [0.7, 0.7, 1.7], [2.2, 0.7, 0.9]])
META_TASKS = np.array([0.3, 0.2, 0.5])  # planning, creation, editing in a meta-editor's work: assumption
MODALITY_GAP = np.array(
    [  # between text, image, audio, video: assumption
        [0.0, 0.6, 0.5, 0.8],
        [0.6, 0.0, 0.9, 0.4],
        [0.5, 0.9, 0.0, 0.5],
        [0.8, 0.4, 0.5, 0.0],
    ]
)
TASK_SCALE = 1.2  # sum of differences in task shares that counts as distance 1
NEARNESS = 0.15  # scale of distance over which applications become rarer
WAGE_PULL = 4.0  # weight of log wages in the choice where to apply
WIDER, WIDER_WEEKS, WIDEST = 0.10, 12.0, 0.15  # reach added per weeks that jobs stand open, at most
WAGE_BOUND = 0.2  # of log wages on either side
WAGE_ELASTICITY = 0.5  # of the demand for hours
WITHDRAWN = 0.25  # share of the excess of jobs that firms withdraw as vacancies per week
PROMOTED = 0.5  # share of missing seniors that promotions may fill in a week; the rest is advertised
LOW_ACCESS = 0.05  # vacancies per competing searcher below which a trade is closed
EXIT_RISE = 4.0  # largest ratio of the hazard of leaving to its first value
SETTLING_WEEKS = 104  # of the market alone before the world opens


class Workers(NamedTuple):
    """One row per worker."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    cell: Annotated[I4, Column("i4", "1", "cell of the job held, last held, or trained for")]
    lost: Annotated[I4, Column("i4", "1", "cell of the last job that ended")]
    senior: Annotated[U1, Column("u1", "1", "whether senior; meta-editors keep the rank they had")]
    state: Annotated[U1, Column("u1", "1", "employed, searching, retraining or left")]
    weeks: Annotated[I4, Column("i4", "weeks", "time in the state")]
    out: Annotated[I4, Column("i4", "weeks", "time since the last job, or since coming back")]
    laid_off: Annotated[I4, Column("i4", "1", "step of the last layoff; -1: none since the last job", (), -1)]


class Cells(NamedTuple):
    """One row per cell; a job is one worker's hours."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    vacancies: Annotated[I8, Column("i8", "jobs", "jobs advertised")]
    age: Annotated[F8, Column("f8", "weeks", "mean time that vacancies have been open")]
    demand: Annotated[F8, Column("f8", "jobs", "jobs wanted, filled or not")]
    past: Annotated[F8, Column("f8", "jobs", "jobs wanted in the last 53 weeks", ("year",))]
    parts: Annotated[F8, Column("f8", "jobs; 1", "tasks, review, new tasks; output and wage factors", ("parts",))]
    wage: Annotated[F8, Column("f8", "log", "log wage over its start")]
    tightness: Annotated[F8, Column("f8", "1", "vacancies over searchers, eight-week mean")]
    reference: Annotated[F8, Column("f8", "1", "mean tightness before release")]
    access: Annotated[F8, Column("f8", "1", "vacancies per competing searcher, half-year mean, by rank", ("ranks",))]


class Cohorts(NamedTuple):
    """One row per week of the last two years: how many people were laid off in it, and what became of them."""

    laid_off: Annotated[I8, Column("i8", "people", "laid off")]
    displaced: Annotated[I8, Column("i8", "people", "laid off, or left a cell that has too many")]
    within_26: Annotated[I8, Column("i8", "people", "of those laid off, back in a job within 26 weeks")]
    within_52: Annotated[I8, Column("i8", "people", "within 52 weeks")]
    same: Annotated[I8, Column("i8", "people", "within 52 weeks, in the cell that they lost")]
    meta: Annotated[I8, Column("i8", "people", "within 52 weeks, as meta-editors")]


class Trade(NamedTuple):
    """What does not change in a world. C cells, O occupations, S stages; `of` works out the later fields."""

    modality: I8  # (C,)
    level: I8  # (C,)
    occupation: I8  # (C,)
    hours: F8  # (C, S) jobs at the start; none at the level of meta-editors
    reviewers: F8  # (C,) part of the occupation's review that falls to the cell
    distance: F8  # (C, C)
    near: F8  # (C, C) applications at that distance, over those nearby
    pay: F8  # (C,) log of the first wage
    jobs: F8  # (C,) at the start
    jobs_nearby: F8  # (2, C) at the start, in the cell's whole occupation and modality
    senior: I8  # (O,) cell of each occupation's seniors
    meta: I8  # (O,) cell of its meta-editors

    @classmethod
    def of(cls, modality: I8, level: I8, occupation: I8, hours: F8, reviewers: F8, distance: F8) -> Trade:
        """The world of work with these tasks and distances."""
        jobs = hours.sum(axis=1)
        return cls(
            modality=modality,
            level=level,
            occupation=occupation,
            hours=hours,
            reviewers=reviewers,
            distance=distance,
            near=np.exp(-np.square(distance / NEARNESS)),
            pay=np.log(BASE_WAGE[level]),
            jobs=jobs,
            jobs_nearby=np.stack([sum_alike(jobs, occupation), sum_alike(jobs, modality)]),
            senior=np.flatnonzero(level == SENIOR),
            meta=np.flatnonzero(level == META),
        )


class Use(NamedTuple):
    """AI at work by modality. M modalities."""

    automated: F8  # (M, S) part of hours
    intensity: F8  # (M,) of use
    fee: F8  # (M,) model fee over the cost of an item's hours

    @classmethod
    def none(cls) -> Use:
        """A world without AI."""
        m = len(MODALITIES)
        return cls(np.zeros((m, len(STAGES))), np.zeros(m), np.zeros(m))


PARTS = ("displacement", "review", "reinstatement", "output", "wages")  # of the change in jobs wanted


class LabourMarket:
    """Workers, cells and cohorts of a world.

    Attributes
    ----------
    trade : tasks and distances.
    effects : jobs gained since the start, by part of the account (`PARTS`), shape (5,).
    first_employment : people employed at the start.
    step : weeks so far, those of settling included.
    """

    _OWN = ("effects", "first_employment", "step")

    def __init__(self, settings: Settings, streams: Streams) -> None:
        n = settings.world.workers
        self.trade = describe_trade(settings)
        c = len(self.trade.level)
        self.workers = Population(Workers, n)
        self.cells = Population(Cells, c, {"year": YEAR + 1, "parts": len(PARTS), "ranks": 2})
        self.cohorts = Population(Cohorts, 2 * YEAR)
        self.workers.n, self.cells.n, self.cohorts.n = n, c, 2 * YEAR
        self.effects, self.first_employment, self.step = np.zeros(len(PARTS)), n, 0
        seat_workers(self.workers.columns, self.cells.columns, self.trade, streams["workers"])

    @property
    def employed(self) -> I8:
        """People in jobs by cell, shape (C,)."""
        lower, senior = count_in(self.workers.columns, EMPLOYED, len(self.trade.level))
        return np.asarray(lower + senior, np.int64)

    @property
    def searching(self) -> I8:
        """People who search by rank and cell, shape (2, C)."""
        return count_in(self.workers.columns, SEARCHING, len(self.trade.level))

    def copy(self) -> LabourMarket:
        """Return an independent copy; what the trade is never changes."""
        twin = copy(self)
        twin.workers, twin.cells, twin.cohorts = self.workers.copy(), self.cells.copy(), self.cohorts.copy()
        twin.effects = self.effects.copy()
        return twin

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """State as named arrays."""
        state: dict[str, npt.NDArray[Any]] = {name: np.array(getattr(self, name)) for name in self._OWN}
        for part in ("workers", "cells", "cohorts"):
            state |= {f"{part}/{name}": array for name, array in getattr(self, part).arrays().items()}
        return state

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        self.effects = arrays["effects"].copy()
        self.first_employment, self.step = int(arrays["first_employment"]), int(arrays["step"])
        for part in ("workers", "cells", "cohorts"):
            own = {name.removeprefix(part + "/"): a for name, a in arrays.items() if name.startswith(part + "/")}
            getattr(self, part).restore(own)


# The world of work


def describe_trade(settings: Settings) -> Trade:
    """Tasks of every cell and the distances between cells.

    Occupations take modalities in turn, and emphasise making, editing or planning in turn. Over all occupations the
    hours of each stage are in proportion to those of a studio's item.
    """
    world, labour = settings.world, settings.labour
    o = np.arange(world.occupations)
    tilt = TILT[o % len(TILT)]
    hours = stage_hours(settings) * tilt / tilt.sum(axis=0)
    hours *= labour.jobs * world.workers / hours.sum()
    junior = np.array([getattr(labour, f"junior_{stage}") for stage in STAGES])
    split = np.stack([hours * junior, hours * (1.0 - junior), np.zeros_like(hours)], axis=1)  # (O, levels, S)
    tasks = split / np.maximum(split.sum(axis=2, keepdims=True), 1e-12)
    tasks[:, META] = META_TASKS
    edit = split[:, :, STAGES.index("edit")]
    edit = np.where(edit.sum(axis=1, keepdims=True) > 0, edit, split.sum(axis=2))
    flat = tasks.reshape(-1, len(STAGES))
    modality = np.repeat(o % len(MODALITIES), len(LEVELS))
    apart = np.abs(flat[:, None] - flat[None]).sum(axis=2) / TASK_SCALE
    return Trade.of(
        modality,
        np.tile(np.arange(len(LEVELS)), len(o)),
        np.repeat(o, len(LEVELS)),
        split.reshape(flat.shape),
        (edit / edit.sum(axis=1, keepdims=True)).ravel(),
        0.5 * apart + 0.5 * MODALITY_GAP[modality][:, modality],
    )


def seat_workers(workers: Workers, cells: Cells, trade: Trade, draw: Stream) -> None:
    """Give each worker a trade, in proportion to jobs, and a job as long as there are any; the rest search."""
    n = len(workers.uid)
    workers.uid[:], cells.uid[:] = derive("worker", 0, np.arange(n)), derive("cell", 0, np.arange(len(cells.uid)))
    jobs = trade.jobs
    cells.parts[:] = np.stack([jobs, *np.zeros((2, len(jobs))), *np.ones((2, len(jobs)))], axis=1)
    cells.demand[:] = jobs
    cells.past[:] = jobs[:, None]
    cells.access[:] = 1.0
    edges = np.cumsum(jobs) / jobs.sum() * n
    workers.cell[:] = np.minimum(np.searchsorted(edges, np.arange(n) + 0.5), len(jobs) - 1)
    workers.lost[:] = workers.cell
    workers.senior[:] = trade.level[workers.cell] == SENIOR
    place = np.arange(n) - np.searchsorted(workers.cell, workers.cell)
    idle = place >= np.floor(jobs)[workers.cell]
    workers.state[idle] = SEARCHING
    workers.out[idle] = (draw.uniform(0, workers.uid[idle]) * QUARTER).astype(np.int32)


def sum_alike(x: F8, group: I8) -> F8:
    """For each element, the sum of x over all elements of the same group, shape (n,)."""
    return np.bincount(group, x)[group].astype(np.float64)


def count_in(workers: Workers, state: int, cells: int) -> I8:
    """Number of people in a state, by rank (0 lower, 1 senior) and cell, shape (2, C)."""
    number = np.zeros((2, cells), np.int64)
    count_in_state(workers.state, state, workers.senior, workers.cell, number)
    return number


# What firms want


def want_jobs(trade: Trade, use: Use, wage: F8, settings: Settings) -> F8:
    """Parts of the jobs wanted by cell, shape (C, 5): tasks, review, new tasks, output factor and wage factor.

    Jobs wanted are (tasks + review + new tasks) * output * wage factor. Output rises as unit cost falls, with an
    elasticity. Reviewing takes hours in proportion to AI use; new tasks arise in proportion to automated hours.
    """
    labour, parts = settings.labour, np.empty((len(trade.level), len(PARTS)))
    tasks, review, new, output, wages = parts.T
    taken = (trade.hours * use.automated[trade.modality]).sum(axis=1)
    in_occupation, in_modality = trade.jobs_nearby
    tasks[:] = trade.jobs - taken
    review[:] = labour.review * use.intensity[trade.modality] * in_occupation * trade.reviewers
    new[:] = np.where(trade.level == META, labour.new_tasks * sum_alike(taken, trade.occupation), 0.0)
    fees = (use.fee * use.intensity)[trade.modality]
    output[:] = (sum_alike(tasks + review + new, trade.modality) / in_modality + fees) ** -labour.elasticity
    wages[:] = np.exp(-WAGE_ELASTICITY * wage)
    return parts


def jobs_of(parts: F8) -> F8:
    """Number of jobs wanted by cell, shape (C,), from the parts that `want_jobs` returns."""
    return np.asarray(parts[:, :3].sum(axis=1) * parts[:, 3] * parts[:, 4], np.float64)


def wage_index(market: LabourMarket) -> F8:
    """Mean wage of the jobs at the start, as paid now over then, by modality, shape (M,).

    A modality in which nobody works takes the mean of all.
    """
    trade, m = market.trade, len(MODALITIES)
    bill = trade.jobs * BASE_WAGE[trade.level]
    now = bill * np.exp(market.cells.columns.wage)
    before = np.bincount(trade.modality, bill, minlength=m)
    index = np.bincount(trade.modality, now, minlength=m) / np.where(before > 0, before, 1.0)
    return np.where(before > 0, index, now.sum() / bill.sum())


def account_change(before: F8, now: F8) -> F8:
    """Split the change of all jobs wanted into the contributions of its parts (`PARTS`), shape (5,), which sum to it.

    Tasks, review and new tasks change at the old output and wages, then output at the old wages, then wages.
    """
    *_, output, wages = before.T
    load, change = now[:, :3].sum(axis=1), np.empty((len(PARTS), len(now)))
    np.subtract(now.T, before.T, out=change)
    change[:3] *= output * wages
    change[3] *= wages
    change[4] *= now[:, 3]
    change[3:] *= load
    return np.asarray(change.sum(axis=1), np.float64)


def round_at_random(amount: F8, chance: F8) -> I8:
    """Integers whose expected values are `amount`, shape (n,): rounded up with the probability of the fraction.

    `chance` holds uniform numbers.
    """
    return np.floor(amount + chance).astype(np.int64)


def withdraw_vacancies(vacancies: I8, employed: I8, demand: F8, chance: F8) -> I8:
    """Vacancies that firms withdraw, by cell: a share of the excess of people and vacancies over demand."""
    excess = np.maximum(employed + vacancies - demand, 0.0)
    return np.minimum(round_at_random(WITHDRAWN * excess, chance), vacancies)


def open_vacancies(vacancies: I8, employed: I8, demand: F8, level: I8, settings: Settings, chance: F8) -> I8:
    """New vacancies by cell: replacements for those who leave plus part of the gap, but at most the gap.

    The gap is demand less people and vacancies. Jobs of meta-editors open evenly over some weeks. `chance` rounds.
    """
    labour = settings.labour
    gap = np.maximum(demand - employed - vacancies, 0.0)
    replaced = np.minimum(gap, labour.separation * TURNOVER[level] * employed + labour.opening * gap)
    return round_at_random(np.where(level == META, gap / labour.meta_weeks, replaced), chance)


def hazards_of_loss(employed: I8, demand: F8, level: I8, settings: Settings) -> tuple[F8, F8]:
    """Weekly chances that a worker leaves a job, and is laid off from it, by cell, each of shape (C,).

    Layoffs are for lack of demand; other jobs end at a rate that depends on the level alone.
    """
    labour = settings.labour
    layoff = labour.layoff * np.maximum(employed - demand, 0.0) / np.maximum(employed, 1)
    return labour.separation * TURNOVER[level], layoff


# What people do


def lowest_per_group(chance: F8, group: I8, room: I8) -> B1:
    """Which elements have the lowest `chance` in their group, as many as `room` says for the group, shape (n,)."""
    order = np.lexsort((chance, group))
    sorted_group = group[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_group, sorted_group)
    chosen = np.zeros(len(order), bool)
    chosen[order] = rank < room[sorted_group]
    return chosen


def reach_of(cells: Cells, settings: Settings) -> F8:
    """Largest distance from which a cell's vacancies attract people.

    It grows with the time they have been open; shape (C,).
    """
    return settings.labour.reach + np.minimum(WIDER * cells.age / WIDER_WEEKS, WIDEST)


def application_shares(cells: Cells, trade: Trade, settings: Settings) -> F8:
    """Probability that a searcher applies to each cell, by the searcher's rank and own cell, shape (2, C, C).

    Rows sum to 1, or to 0 if nothing is within reach. Only seniors apply for senior jobs.
    """
    pay, c = trade.pay + cells.wage, len(trade.level)
    near = trade.near * (trade.distance <= reach_of(cells, settings))
    pull = np.empty((2, c, c))
    pull[1] = near * (cells.vacancies * np.exp(WAGE_PULL * (pay - pay.max())))
    pull[0] = pull[1] * (trade.level != SENIOR)
    total = pull.sum(axis=2, keepdims=True)
    return np.asarray(pull / np.where(total > 0, total, 1.0))


def apply_and_win(choice: F8, vacancies: I8, own: I8, draws: F8, settings: Settings) -> I8:
    """Draw who applies where and who is hired: the cell in which each searcher gets a job, -1 for none, shape (n,).

    A searcher applies or not, picks a cell, then one of its vacancies; each vacancy takes one applicant at random.

    Parameters
    ----------
    choice : chance of each cell by rank and own cell in one row, shape (2C, C).
    vacancies : by cell, shape (C,).
    own : row of `choice` for each searcher, shape (n,).
    draws : uniform numbers, shape (n, 4).
    """
    won = np.full(len(own), -1, np.int64)
    sure = np.cumsum(choice, axis=1)
    eager = np.flatnonzero((draws[:, 0] < settings.labour.apply) & (sure[own, -1] > 0))
    if eager.size == 0:
        return won
    row = sure[own[eager]]
    at = (row <= (draws[eager, 1] * row[:, -1])[:, None]).sum(axis=1)
    slot = (np.cumsum(vacancies) - vacancies)[at] + (draws[eager, 2] * vacancies[at]).astype(np.int64)
    winner = lowest_per_group(draws[eager, 3], slot, np.ones(int(vacancies.sum()) + 1, np.int64))
    won[eager[winner]] = at[winner]
    return won


def access_of(choice: F8, vacancies: I8, searching: I8) -> F8:
    """Vacancies per competing searcher that people of each cell and rank can reach now, shape (C, 2)."""
    competing = np.einsum("rc,rcd->d", searching, choice)
    return np.asarray(np.einsum("rcd,d->cr", choice, vacancies / np.maximum(competing, 1.0)), np.float64)


def move_wages(wage: F8, tightness: F8, reference: F8, settings: Settings) -> F8:
    """Log wages one week later, shape (C,). They rise where tightness exceeds its reference, and drift back to zero."""
    labour = settings.labour
    pressure = labour.wage_response * np.clip(tightness - reference, -1.0, 1.0)
    return np.asarray(np.clip(wage + pressure - labour.wage_return * wage, -WAGE_BOUND, WAGE_BOUND))


def start_training(workers: Workers, rows: I8, access: F8, chance: F8, settings: Settings) -> I8:
    """Rows of the searchers who start retraining.

    They have been out of work for a quarter, and their trade has too few vacancies. `chance` are uniform numbers.
    """
    closed = access[workers.cell[rows], workers.senior[rows]] < LOW_ACCESS
    return rows[closed & (workers.out[rows] >= QUARTER) & (chance < settings.labour.retraining_rate)]


def hazard_of_leaving(out: npt.NDArray[Any], settings: Settings) -> F8:
    """Weekly chance that a searcher leaves the labour market.

    It is 0 in the first half-year `out` of work, then rises; (n,).
    """
    return np.where(out >= HALF_YEAR, settings.labour.exit * np.minimum(out / HALF_YEAR, EXIT_RISE), 0.0)


def is_stuck(workers: Workers, access: F8) -> tuple[B1, B1]:
    """Who is structurally unemployed, and who left a trade with too few vacancies; two arrays of shape (n,).

    Structurally unemployed: searching or retraining for half a year in a trade with too few vacancies.
    """
    closed = access[workers.cell, workers.senior] < LOW_ACCESS
    looking = (workers.state == SEARCHING) | (workers.state == RETRAINING)
    return closed & looking & (workers.out >= HALF_YEAR), closed & (workers.state == LEFT)

"""Outcomes of work: jobs and those who hold or lose them, and the market for commissions."""

from __future__ import annotations

import numpy as np

from sim.agents.freelancers import RAW, SEGMENTS, TIERS
from sim.agents.workers import JUNIOR, LEFT, META, SENIOR, LabourMarket, is_stuck
from sim.base.clock import HALF_YEAR, YEAR
from sim.kernels.measures import sum_back
from sim.measures.sums import Values, count, ratio, share
from sim.money.flows import Account
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

MIN_LAID_OFF = 20  # people; re-absorption of fewer is null


def measure_labour(world: World, week: Week, settings: Settings) -> Values:
    """Measure employment, people in surplus, and what became of jobs and of those who lost theirs."""
    market = world.labour
    people, cells, level = market.workers.columns, market.cells.columns, market.trade.level
    employed, first = market.employed, market.first_employment
    jobs = np.bincount(level, employed, minlength=3)
    n, vacancies = jobs.sum(), cells.vacancies.sum()
    force = float(count(people.state != LEFT))
    stuck, stranded = (float(count(rows)) for rows in is_stuck(people, cells.access))
    year_ago = cells.past[:, market.step % cells.past.shape[1]]
    names = ("work_displaced", "work_review", "work_reinstated", "work_output", "work_wages")
    return {
        "employment": share(n, len(people.uid)),
        "displacement_rate": share(_sum_year(market, "displaced", 0), first),
        "job_destruction": share(np.maximum(year_ago - cells.demand, 0.0).sum(), first),
        "structural_surplus": share(stuck, force),
        "stranded": share(stuck + stranded, force + stranded),
        "meta_editor_share": share(jobs[META], n),
        "junior_senior_ratio": ratio(jobs[JUNIOR], jobs[SENIOR]),
        "unemployment": share(force - n, force),
        "vacancy_rate": ratio(vacancies, vacancies + n),
        "reabsorbed_26": _returned(market, "within_26", HALF_YEAR),
        "reabsorbed_52": _returned(market, "within_52", YEAR),
        "reabsorbed_same": _returned(market, "same", YEAR),
        "reabsorbed_meta": _returned(market, "meta", YEAR),
    } | {name: float(part) / first for name, part in zip(names, market.effects, strict=True)}


def _sum_year(market: LabourMarket, name: str, ago: int) -> int:
    """Sum a column of the cohorts of laid-off people over the 52 weeks that ended `ago` weeks ago."""
    return int(sum_back(getattr(market.cohorts.columns, name), market.step - 1 - ago, YEAR))


def _returned(market: LabourMarket, name: str, weeks: int) -> float | None:
    """Share of the people laid off in a year, which ended `weeks` ago, who are in the cohorts' column `name` by now.

    The columns count those who are back in a job: soon, within a year, in the same cell, or as meta-editors.
    """
    laid_off = _sum_year(market, "laid_off", weeks)
    return ratio(_sum_year(market, name, weeks), laid_off) if laid_off >= MIN_LAID_OFF else None


def measure_commissions(world: World, week: Week, settings: Settings) -> Values:
    """Measure the price and number of commissions, what clients spend, and who gets the orders."""
    trades, flows = week.trades, world.ledger.flows
    hand, assisted = (float(part.sum()) for part in trades.orders[:SEGMENTS].reshape(-1, TIERS))
    human, total = hand + assisted, float(trades.orders.sum())
    _add_sales(world, week)
    return {
        "commission_price": trades.basket,
        "novice_share": ratio(trades.orders[:SEGMENTS:TIERS].sum(), human),
        "commissions_human": human,
        "commission_hand_share": ratio(hand, total),
        "commission_assisted_share": ratio(assisted, total),
        "commission_raw_share": ratio(trades.orders[RAW], total),
        "commission_spend": sum(amount for (_, payer, _), amount in flows.items() if payer == Account.CLIENTS) / MICRO,
        "n_freelancers": float(trades.sellers),
        "incumbent_share": ratio(trades.incumbents.sum(), human) if world.weeks_since_release >= 0 else None,
    }


def _add_sales(world: World, week: Week) -> None:
    """Add the week's commissions by genre to the month's sums, in the order of `SALES`."""
    trades, sales = week.trades, world.memory.sales
    hand, assisted = np.moveaxis(trades.by_genre[:, :SEGMENTS].reshape(len(sales), -1, TIERS).sum(axis=2), 1, 0)
    raw, paid = trades.by_genre[:, RAW], trades.by_genre[:, :SEGMENTS] @ trades.price
    sales += np.stack([hand, assisted, raw, paid, trades.spend, trades.incumbents], axis=1)

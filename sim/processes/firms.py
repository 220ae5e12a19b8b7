"""Firms: studios close, begin, hire and lay off; platforms bargain once a year; both learn from the week's accounts."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import forget_producers, users_by_platform
from sim.agents.platforms import bargain, outside_options, paying_share
from sim.agents.studios import (
    adjust_staff,
    close_studios,
    expect_margin,
    find_insolvent,
    follow_the_trade,
    founding_hazard,
    learn_income,
    pay_in_trade,
    payroll,
    seat_studios,
    studio_rows,
    studio_wage,
    who_begins,
)
from sim.agents.workers import wage_index
from sim.base.averages import SPAN, averaging_weeks
from sim.base.clock import QUARTER, YEAR
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.money.accounts import BUFFER, micro
from sim.money.flows import Account
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Firms, Week
from sim.world.world import World


def steer_firms(world: World, week: Week, settings: Settings) -> None:
    """Let studios begin, close and adjust staff by last week's accounts; once a year platforms bargain over payouts."""
    _steer_studios(world, week, settings)
    if world.weeks_since_release > 0 and world.weeks_since_release % YEAR == 0:
        bargain(world.market.columns, world.charters.payout, settings.money.payout_step)


def _steer_studios(world: World, week: Week, settings: Settings) -> None:
    """Close insolvent studios, adjust staff, and fill empty places; record in `week.firms` what began and closed."""
    studios, producers = world.studios.columns, world.producers.columns
    wages = wage_index(world.labour)
    rows, wage = studio_rows(settings), studio_wage(world.producers.columns.genre[studio_rows(settings)], wages)
    cash = world.ledger.balances[Account.STUDIOS] / MICRO
    begun = np.arange(len(rows)) if world.now == 0 else _draw_founded(world, settings, wage)
    closed = find_insolvent(studios, cash, settings)
    adjust_staff(studios, wage, cash, world.now, settings)
    if closed.size:
        close_studios(studios, producers, closed, rows[closed])
    if begun.size and world.now > 0:
        seat_studios(studios, producers, begun, rows[begun], world.now, settings, world.streams)
        studios.pay[begun] = world.studio_pay
        follow_the_trade(studios, begun)
        forget_producers(world.consumers.columns, rows[begun])
    week.firms = Firms(closed, begun, micro(BUFFER * payroll(studios, wage)[begun]), wages)


def _draw_founded(world: World, settings: Settings, wage: F8) -> I8:
    """Draw the empty places (rows of studios) in which a new studio begins this week, ascending."""
    studios = world.studios.columns
    if studios.hours.all():
        return np.zeros(0, np.int64)
    candidate = derive("studio", studios.generation.astype(np.int64), np.arange(len(studios.hours)))
    hazard = founding_hazard(expect_margin(studios, wage), settings)
    return np.flatnonzero(who_begins(studios, hazard, world.streams["founding"].uniform(world.now, candidate)))


def book_results(world: World, week: Week, settings: Settings) -> None:
    """Update running means of producers', studios' and platforms' business from the week's accounts."""
    producers, n = world.producers.columns, world.producers.n
    earned = (week.payouts + week.fees + week.grants) / MICRO
    producers.income[:n] += (earned - producers.income[:n]) / SPAN
    _book_studios(world, week, settings)
    _book_platforms(world, week, settings)


def _book_studios(world: World, week: Week, settings: Settings) -> None:
    """Update studios' income and pay; until release also the usual pay of the trade, which is kept from then on."""
    studios = world.studios.columns
    learn_income(studios, week.studio_income, world.studio_pay, world.now, settings)
    if world.weeks_since_release < 0:
        world.studio_pay = pay_in_trade(studios, settings)


def _book_platforms(world: World, week: Week, settings: Settings) -> None:
    """Update platforms' subscribers, and what they bargain with: what either side could earn without the other."""
    market, people = world.market.columns, world.consumers.columns
    seconds = week.tallies.platform_seconds.astype(np.float64)
    price = world.charters.subscription
    if price.any():
        users = users_by_platform(people).astype(np.float64)
        minutes = seconds / 60.0 / np.maximum(users, 1.0)
        paying = users * paying_share(minutes, price, settings.money.minute_worth)
        market.subscribers[:] += (paying - market.subscribers) / averaging_weeks(world.now, float(QUARTER))
    revenue = week.advertising.astype(np.float64)
    outside = outside_options(revenue, market.payout)
    audience = seconds / max(float(seconds.sum()), 1.0)
    step = 1.0 / averaging_weeks(world.now, float(YEAR))
    market.outside[:] += step * (outside - market.outside)
    market.audience[:] += step * (audience - market.audience)
    # The first split is agreed for good at release, or when a platform has been open for a year.
    release = settings.time.burn_in_weeks
    market.age[:] += market.is_open
    agreeing = (market.age <= YEAR) | (world.now < release)
    market.first_outside[agreeing] = market.outside[agreeing]
    market.first_audience[agreeing] = market.audience[agreeing]

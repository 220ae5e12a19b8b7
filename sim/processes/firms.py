"""Firms: studios close, begin, hire and lay off; platforms bargain once a year; both learn from the week's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.consumers import forget_producers, users_by_platform
from sim.agents.platforms import bargain, outside_options, paying_share
from sim.agents.studios import (
    BUFFER,
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
    who_begins,
)
from sim.agents.workers import wage_index
from sim.base.averages import SPAN, warm_span
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.measures.cohorts import YEAR
from sim.money.accounts import Firms, micro, studio_rows, studio_wage
from sim.money.ledger import MICRO

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

QUARTER = 13.0  # weeks


def steer_firms(model: ContentEcosystem) -> None:
    """Decide on last week's accounts; what begins and ends is left in `model.firms` for payment to settle."""
    _steer_studios(model)
    if model.weeks_since_release > 0 and model.weeks_since_release % YEAR == 0:
        bargain(model.market.columns, model.charters.payout, model.settings.money.payout_step)


def _steer_studios(model: ContentEcosystem) -> None:
    """Fill empty places while margins last, close the insolvent, and let staff follow income."""
    studios, producers, settings = model.studios.columns, model.producers.columns, model.settings
    wages = wage_index(model.labour)
    rows, wage = studio_rows(model), studio_wage(model, wages)
    cash = model.ledger.balances["studios"] / MICRO
    begun = np.arange(len(rows)) if model.week == 0 else _choose_places(model, wage)
    closed = find_insolvent(studios, cash, settings)
    adjust_staff(studios, wage, cash, model.week, settings)
    if closed.size:
        close_studios(studios, producers, closed, rows[closed])
    if begun.size and model.week > 0:
        seat_studios(studios, producers, begun, rows[begun], model.week, settings, model.streams)
        studios.pay[begun] = model.studio_pay
        follow_the_trade(studios, begun)
        forget_producers(model.consumers.columns, rows[begun])
    model.firms = Firms(closed, begun, micro(BUFFER * payroll(studios, wage)[begun]), wages)


def _choose_places(model: ContentEcosystem, wage: F8) -> I8:
    """Empty places that are taken this week, in order."""
    studios = model.studios.columns
    if studios.hours.all():
        return np.zeros(0, np.int64)
    seat = derive("studio", studios.generation.astype(np.int64), np.arange(len(studios.hours)))
    hazard = founding_hazard(expect_margin(studios, wage), model.settings)
    return np.flatnonzero(who_begins(studios, hazard, model.streams["founding"].uniform(model.week, seat)))


def book_results(model: ContentEcosystem) -> None:
    """Fold the week's accounts into what producers, studios and platforms know of their business."""
    producers, n = model.producers.columns, model.producers.n
    earned = (model.payouts + model.grants) / MICRO
    producers.income[:n] += (earned - producers.income[:n]) / SPAN
    _book_studios(model)
    _book_platforms(model)


def _book_studios(model: ContentEcosystem) -> None:
    """Income, pay, and, until release, what the trade pays an hour."""
    studios, settings = model.studios.columns, model.settings
    learn_income(studios, model.studio_income, model.studio_pay, model.week, settings)
    if model.weeks_since_release < 0:
        model.studio_pay = pay_in_trade(studios, settings)


def _book_platforms(model: ContentEcosystem) -> None:
    """Subscribers, and what each side of the bargain could do without the other."""
    market, people, settings = model.market.columns, model.consumers.columns, model.settings
    seconds = model.tallies.platform_seconds.astype(np.float64)
    price = model.charters.subscription
    if price.any():
        users = users_by_platform(people).astype(np.float64)
        minutes = seconds / 60.0 / np.maximum(users, 1.0)
        paying = users * paying_share(minutes, price, settings.money.minute_worth)
        market.subscribers[:] += (paying - market.subscribers) / warm_span(model.week, QUARTER)
    revenue = model.advertising.astype(np.float64)
    outside = outside_options(seconds, revenue, revenue * market.payout)
    audience = seconds / max(float(seconds.sum()), 1.0)
    step = 1.0 / warm_span(model.week, float(YEAR))
    market.outside[:] += step * (outside - market.outside)
    market.audience[:] += step * (audience - market.audience)
    # The first split is agreed for good at release, or when a platform has been open for a year.
    release = settings.time.burn_in_weeks
    market.age[:] += market.is_open
    agreeing = (market.age <= YEAR) | (model.week < release)
    market.first_outside[agreeing] = market.outside[agreeing]
    market.first_audience[agreeing] = market.audience[agreeing]

"""AI producers (farms): what they learn from the week, and who enters, leaves and opens accounts."""

from __future__ import annotations

import numpy as np

from sim.agents.farms import (
    CAPPED,
    crowding,
    enter_or_leave,
    expect_cost,
    expect_payout,
    item_costs,
    learn_bans,
    learn_falsehood,
    learn_payout,
    open_accounts,
    usual_payout,
)
from sim.base.averages import averaging_weeks
from sim.base.codes import FARM
from sim.base.tables import F8
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def adapt_farms(world: World, week: Week, settings: Settings) -> None:
    """Update `world.farm_news`; let AI producers enter and leave by margin, and open accounts for new ones.

    Writes farms, accounts (rows of producers) and `week.supply_capped`.
    """
    producers, news = world.producers.columns, world.farm_news
    humans, n = settings.world.creators + settings.world.studios, world.producers.n
    maker = week.batch.producer
    paid, by_humans = (week.payouts + week.fees) / MICRO, max(float((maker < humans).sum()), 1.0)
    learn_falsehood(news, world.items.columns, world.now)
    learn_payout(news, paid[:humans].sum() / by_humans, averaging_weeks(world.now))
    if not world.ai_released:
        return
    cells = len(world.platforms) * settings.world.genres
    made = np.bincount(producers.cell[maker[maker >= humans]], minlength=cells).astype(np.float64)
    net = paid - np.bincount(week.bids.producer, week.bids.amount, minlength=n) / MICRO
    income = np.bincount(producers.cell[humans:n], net[humans:], minlength=cells).astype(np.float64)
    charters = world.charters
    pays = (charters.payout > 0) | (charters.licensed[:, FARM] & (charters.subscription > 0))
    pays = np.repeat(pays, settings.world.genres)
    usual = usual_payout(news, world.market.columns.returns.sum(axis=2), charters.immersive)
    payout = expect_payout(income, made, pays, usual.ravel(), settings)
    if made.any():
        learn_bans(news, float((producers.kind[week.banned] == FARM).sum()), made.sum())
    allowed, cost = (x.ravel() for x in _farm_terms(world, week, settings))
    rate = settings.farms.items / crowding(week.levers, settings)
    room = settings.farms.supply_cap * by_humans / rate  # accounts that together make as much as the bound allows
    farms = world.farms.columns
    enter_or_leave(farms, payout, cost, allowed, room, settings)
    week.supply_capped = float(farms.number.sum() >= CAPPED * room)
    open_accounts(farms, world.producers, world.creators.columns, world.charters.uid, settings, world.streams)


def _farm_terms(world: World, week: Week, settings: Settings) -> tuple[F8, F8]:
    """Whether AI producers can publish (1 or 0), and what they expect an item to cost them; each of shape (K, G).

    They can where the platform is open, takes them, and AI can make the genre alone. Costs are in hours' wage.
    """
    frontier, immersive = week.frontier, world.charters.immersive
    takes = world.charters.takes[:, FARM, 1] & (world.market.columns.is_open > 0)
    allowed = takes[:, None] * np.where(immersive[:, None], frontier.immersive_alone, frontier.alone)
    fee = frontier.expected_fees(immersive)
    costs = item_costs(immersive, frontier.level, week.levers, settings)
    cost = expect_cost(fee, costs, world.farm_news.bans_per_item, settings)
    return np.asarray(allowed, np.float64), cost

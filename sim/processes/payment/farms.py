"""AI producers: what their items cost, and new accounts in place of banned ones."""

from __future__ import annotations

import numpy as np

from sim.agents.farms import expect_cost, item_costs
from sim.agents.lengths import work_of
from sim.base.codes import FARM
from sim.money.accounts import micro
from sim.money.flows import Account, Flow
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_farms(world: World, week: Week, settings: Settings) -> None:
    """Post what AI producers pay for the week's items beside model fees: human minutes and accounts."""
    batch, producers, charters = week.batch, world.producers.columns, world.charters
    made = (producers.kind[batch.producer] == FARM).nonzero()[0]
    if not made.size:
        return
    cell, where = producers.cell[batch.producer[made]], (batch.platforms[made, 0], batch.genre[made])
    shape = len(world.platforms), settings.world.genres
    work = work_of(batch.depth[made], np.ones(len(made), np.bool_), world.usual_work, settings)
    for cost in item_costs(charters.immersive, week.frontier.level, week.levers, settings):
        amount = np.broadcast_to(cost.amount, shape)[where]
        paid = micro(amount * work if cost.by_length else amount)
        world.ledger.post(cost.flow, Account.FARMS, cost.payee, paid, payer_index=cell)


def replace_accounts(world: World, week: Week, settings: Settings) -> None:
    """Post what AI producers pay for new accounts in place of those banned this week."""
    producers, frontier, immersive = world.producers.columns, week.frontier, world.charters.immersive
    cell = producers.cell[week.banned[producers.kind[week.banned] == FARM]]
    if cell.size:
        fee = frontier.expected_fees(immersive)
        costs = item_costs(immersive, frontier.level, week.levers, settings)
        loss = micro(expect_cost(fee, costs, week.ai_work, 0.0, settings) * settings.farms.ban_items).ravel()[cell]
        world.ledger.post(Flow.ACCOUNTS, Account.FARMS, Account.WORLD, loss, payer_index=cell)

"""AI producers: human minutes, accounts, and new accounts in place of banned ones."""

from __future__ import annotations

import numpy as np

from sim.agents.farms import cell_costs, crowding
from sim.agents.immersive import work_factor
from sim.base.codes import FARM
from sim.money.accounts import micro
from sim.money.flows import Account, Flow
from sim.money.ledger import to_micro
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_farms(world: World, week: Week, settings: Settings) -> None:
    """Human minutes and accounts of AI producers."""
    ledger, rule, batch = world.ledger, settings.farms, week.batch
    farm = (world.producers.columns.kind[batch.producer] == FARM).nonzero()[0]
    if not farm.size:
        return
    cell = world.producers.columns.cell[batch.producer[farm]]
    work = np.array([1.0, *work_factor(week.frontier.level, np.ones(1, bool), settings)])
    plain, immersive = micro(rule.human_minutes / 60.0 * work)
    minutes = np.where(world.charters.immersive[batch.platforms[farm, 0]], immersive, plain)
    ledger.post(Flow.FARM_WAGES, Account.FARMS, Account.WORKERS, minutes, payer_index=cell)
    keep = to_micro(rule.account_cost * crowding(week.levers, settings))
    ledger.post(Flow.ACCOUNTS, Account.FARMS, Account.WORLD, keep, payer_index=cell)


def replace_accounts(world: World, week: Week, settings: Settings) -> None:
    """AI producers set up accounts in place of those banned this week."""
    producers = world.producers.columns
    cell = producers.cell[week.banned[producers.kind[week.banned] == FARM]]
    if cell.size:
        frontier = week.frontier
        item = cell_costs(
            world.charters.immersive,
            frontier.mean_fee,
            frontier.immersive_fee * frontier.mean_price,
            frontier.level,
            settings,
            crowding(week.levers, settings),
            0.0,
        )
        loss = micro(item * settings.farms.ban_items).ravel()[cell]
        world.ledger.post(Flow.ACCOUNTS, Account.FARMS, Account.WORLD, loss, payer_index=cell)

"""What the regulator takes and gives."""

from __future__ import annotations

import numpy as np

from sim.agents.studios import automated_hours, studio_rows, studio_wage
from sim.agents.workers import RETRAINING
from sim.money.accounts import micro
from sim.money.flows import Account, Flow
from sim.money.ledger import split_pool, to_micro
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def levy(world: World, week: Week, settings: Settings) -> None:
    """Charge studios a levy on the pay of the hours that AI saves them, by the lever's strength."""
    strength = week.levers.automation_levy
    if strength == 0.0:
        return
    studios = world.studios.columns
    due = strength * settings.money.levy_rate * automated_hours(studios, settings) * studios.pay
    world.ledger.post(
        Flow.AUTOMATION_LEVY,
        Account.STUDIOS,
        Account.REGULATOR,
        micro(due * studio_wage(world.producers.columns.genre[studio_rows(settings)], week.firms.wages)),
    )


def grant(world: World, week: Week, settings: Settings) -> None:
    """Post the regulator's grants, by the strengths of two levers.

    The industry fund goes half to studios, by staff, and half to active creators, in equal parts; a training grant goes
    to each worker who retrains.
    """
    ledger, money, n = world.ledger, settings.money, settings.world.creators
    fund = to_micro(week.levers.industry_fund * money.fund * settings.world.consumers)
    if fund:
        producers, rows, key = world.producers.columns, studio_rows(settings), world.streams["split"].key
        staff = world.studios.columns.hours.astype(np.float64)
        week.grants[rows] = split_pool(fund // 2, staff, producers.uid[rows], key)
        week.grants[:n] = split_pool(fund - fund // 2, producers.active[:n] > 0, producers.uid[:n], key)
        ledger.post(Flow.INDUSTRY_FUND, Account.REGULATOR, Account.STUDIOS, week.grants[rows])
        ledger.post(Flow.INDUSTRY_FUND, Account.REGULATOR, Account.CREATORS, week.grants[:n])
    each = to_micro(week.levers.retraining_subsidy * money.training_grant)
    trained = int((world.labour.workers.columns.state == RETRAINING).sum()) if each else 0
    ledger.post(Flow.TRAINING_GRANT, Account.REGULATOR, Account.WORKERS, each * trained)

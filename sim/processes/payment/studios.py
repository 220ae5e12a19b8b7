"""Studios as firms: what those that close owe and those that begin get; staff is paid from what is left."""

from __future__ import annotations

import numpy as np

from sim.agents.studios import least_payroll, payroll, studio_rows, studio_wage
from sim.money.accounts import micro
from sim.money.flows import Account, Flow
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def settle_firms(world: World, week: Week, settings: Settings) -> None:
    """Let owners pay the debts of studios that closed and endow those that begin; then note the opening balances.

    `week.opening_cash` and `week.vendors_opening` are what studios and vendors hold before the week's payments.
    """
    ledger, firms = world.ledger, week.firms
    if firms.closed.size:
        owed = np.maximum(-ledger.balances[Account.STUDIOS][firms.closed], 0)
        ledger.post(Flow.WRITE_OFF, Account.CAPITAL, Account.STUDIOS, owed, payee_index=firms.closed)
    if firms.begun.size:
        ledger.post(Flow.EQUITY, Account.CAPITAL, Account.STUDIOS, firms.equity, payee_index=firms.begun)
    week.opening_cash, week.vendors_opening = (
        ledger.balances[Account.STUDIOS].copy(),
        ledger.balances[Account.VENDORS].copy(),
    )


def pay_wages(world: World, week: Week, settings: Settings) -> None:
    """Note each studio's income net of all other costs, in hours' wage; then pay its staff.

    Where cash is short, staff get what there is, but never less than the least for which they stay: the rest is debt.
    """
    studios, cash = world.studios.columns, world.ledger.balances[Account.STUDIOS]
    week.studio_income = (cash - week.opening_cash) / MICRO
    wage = studio_wage(world.producers.columns.genre[studio_rows(settings)], week.firms.wages)
    least = micro(least_payroll(studios, wage, world.studio_pay, settings))
    wages = np.maximum(np.minimum(micro(payroll(studios, wage)), cash), least)
    world.ledger.post(Flow.WAGES, Account.STUDIOS, Account.WORKERS, wages)

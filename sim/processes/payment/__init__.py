"""Payment: the week's money, posted in whole micro-units; every posting has a payer and a payee."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.processes.payment.commissions import pay_commissions
from sim.processes.payment.farms import pay_farms, replace_accounts
from sim.processes.payment.owners import pay_owners, spend_the_rest
from sim.processes.payment.platforms import (
    advertise,
    pay_entries,
    pay_licences,
    pay_producers,
    pay_referrals,
    pay_reviews,
    sell_slots,
    subscribe,
)
from sim.processes.payment.regulator import grant, levy
from sim.processes.payment.studios import pay_wages, settle_firms
from sim.processes.payment.vendors import pay_model_fees, pay_model_subscriptions, settle_vendors
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

ORDER: tuple[Callable[[World, Week, Settings], None], ...] = (
    settle_firms,
    advertise,
    subscribe,
    pay_producers,
    pay_licences,
    sell_slots,
    pay_model_fees,
    pay_model_subscriptions,
    pay_farms,
    replace_accounts,
    pay_reviews,
    levy,
    grant,
    pay_commissions,
    pay_referrals,
    pay_entries,
    settle_vendors,
    pay_wages,
    pay_owners,
    spend_the_rest,
)  # the order of a week's money: what is posted before wages counts in studios' income


def settle_payments(world: World, week: Week, settings: Settings) -> None:
    """Post the week's flows in a fixed order: incomes first, then wages, then what owners and people do with the rest.

    `week.payouts`, `week.fees`, `week.grants` (by producer) and `week.studio_income` say what was earned.
    """
    world.ledger.forget_flows()
    week.payouts = np.zeros(world.producers.n, np.int64)
    week.fees = np.zeros(world.producers.n, np.int64)
    week.grants = np.zeros(world.producers.n, np.int64)
    for pay in ORDER:
        pay(world, week, settings)

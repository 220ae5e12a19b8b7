"""Custom work: clients, freelancers, their marketplace and the vendors of raw AI."""

from __future__ import annotations

from sim.money.flows import Account, Flow
from sim.money.ledger import MICRO, to_micro
from sim.processes.payment.vendors import split_over_vendors
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_commissions(world: World, week: Week, settings: Settings) -> None:
    """Post the week's payments for commissions.

    Clients, whose budgets come from outside the world, pay freelancers and the vendors of raw AI; freelancers pay the
    marketplace's fee and vendors' model fees.
    """
    ledger, trades = world.ledger, week.trades
    sold = trades.orders[: len(trades.price)]
    paid = sum(to_micro(price) * n for price, n in zip(trades.price.tolist(), sold.tolist(), strict=True))
    fees = to_micro(trades.raw_fees), to_micro(float(trades.seller_fee @ sold))
    ledger.post(Flow.BUDGETS, Account.WORLD, Account.CLIENTS, paid + fees[0])
    ledger.post(Flow.COMMISSIONS, Account.CLIENTS, Account.FREELANCERS, paid)
    kept = to_micro(paid / MICRO * settings.commissions.marketplace_fee)
    ledger.post(Flow.MARKETPLACE_FEE, Account.FREELANCERS, Account.MARKETPLACE, kept)
    if week.frontier.shares.size:
        by_payer = split_over_vendors(week, *fees)
        for payer, parts in zip((Account.CLIENTS, Account.FREELANCERS), by_payer, strict=True):
            ledger.post(Flow.COMMISSION_FEE, payer, Account.VENDORS, parts)

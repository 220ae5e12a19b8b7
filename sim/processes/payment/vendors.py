"""Vendors of models: what customers pay them, what they pay, and what their owners get."""

from __future__ import annotations

import numpy as np

from sim.agents.lengths import work_of
from sim.agents.producers import items_in_row
from sim.agents.vendors import (
    MAX_VENDORS,
    MONOPOLY_MARKUP,
    OPEN,
    PLATFORM,
    cost_factor,
    fixed_cost,
    learn_sales,
    roster,
)
from sim.base.tables import B1, I8
from sim.kernels.money import match_debts
from sim.money.accounts import dividends, in_part, micro, payable
from sim.money.flows import Account, Flow
from sim.money.ledger import MICRO, to_micro
from sim.processes.payment.producers import by_class
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def pay_model_fees(world: World, week: Week, settings: Settings) -> None:
    """Post the model fees of assisted and generated items, by length, each to the vendor whose model was used."""
    batch, frontier = week.batch, week.frontier
    rows = (batch.ai > 0).nonzero()[0]
    if not len(world.vendors) or rows.size == 0:
        return
    vendor, immersive = batch.vendor[rows], world.charters.immersive[batch.platforms[rows, 0]]
    work = work_of(batch.depth[rows], np.ones(len(rows), np.bool_), world.usual_work, settings)
    fee = frontier.fee_of(batch.genre[rows], immersive, frontier.prices[vendor])
    owed = micro(fee * work * items_in_row(world.producers.columns.kind[batch.producer[rows]], settings))
    for name, mine, account in by_class(world.producers.columns, batch.producer[rows], settings):
        world.ledger.post(
            Flow.MODEL_FEE, name, Account.VENDORS, owed[mine], payer_index=account, payee_index=vendor[mine]
        )


def pay_model_subscriptions(world: World, week: Week, settings: Settings) -> None:
    """Post subscriptions of creators, studios and households to models, and what studios pay for tuned models.

    A customer stands for many, who use different vendors: all the money of one kind is split over vendors by share of
    use times price.
    """
    if not len(week.frontier.shares):
        return
    sales, creators = week.sales, week.sales.creators
    studios, home = np.arange(len(sales.studios)), np.zeros(1, np.int64)
    bills = (
        (Flow.MODEL_SUBSCRIPTION, Account.CREATORS, creators, np.full(len(creators), to_micro(sales.seat))),
        (Flow.MODEL_SUBSCRIPTION, Account.STUDIOS, studios, micro(sales.studios)),
        (Flow.MODEL_SUBSCRIPTION, Account.HOUSEHOLDS, home, np.array([to_micro(sales.households)])),
        (Flow.CUSTOM_WORK, Account.STUDIOS, studios, _custom_work(world, week)),
    )
    due = split_over_vendors(week, *(int(owed.sum()) for *_, owed in bills))
    for (flow, payer, account, owed), parts in zip(bills, due, strict=True):
        if parts.any():
            paying, paid, amounts = match_debts(owed, parts)
            world.ledger.post(flow, payer, Account.VENDORS, amounts, payer_index=account[paying], payee_index=paid)


def _custom_work(world: World, week: Week) -> I8:
    """Work out what each studio pays for tuned models, micro-units, shape (S,); a closed one has no credit."""
    owed, cash = micro(week.sales.custom), world.ledger.balances[Account.STUDIOS]
    closed = world.studios.columns.hours == 0.0
    return np.where(closed, np.minimum(owed, np.maximum(cash, 0)), owed)


def split_over_vendors(week: Week, *amounts: int) -> I8:
    """Split each amount over vendors by share of use times price; micro-units, shape (amounts, V).

    Every row sums exactly to its amount: cumulated parts are rounded, and each vendor gets the difference of two.
    """
    spend = (week.frontier.shares * week.frontier.prices).cumsum()
    parts: I8 = np.rint(np.array(amounts)[:, None] / spend[-1] * spend).astype(np.int64)
    parts[:, 1:] -= parts[:, :-1]
    return parts


def settle_vendors(world: World, week: Week, settings: Settings) -> None:
    """Pay vendors' bills and dividends, from what customers have paid them this week; note their sales.

    Receipts are the rise of a vendor's account since the week began. Prices and marginal cost fall together, so that
    computing costs a fixed part of receipts at the reference price. A vendor that cannot pay all its bills pays the
    same part of each; what it is short of is noted, so that it gives up. Owners get dividends as those of any firm, but
    no more than the week's result.
    """
    ledger, state = world.ledger, world.vendor_state.columns
    week.vendor_receipts = np.zeros(MAX_VENDORS, np.int64)
    if not len(week.frontier.shares):
        return
    cash = ledger.balances[Account.VENDORS]
    week.vendor_receipts = receipts = cash - week.vendors_opening
    if week.vendor_equity.any():
        ledger.post(Flow.EQUITY, Account.CAPITAL, Account.VENDORS, micro(week.vendor_equity))
    kinds, active = roster(settings.vendors), state.active > 0
    computing = (receipts / (week.frontier.prices * MONOPOLY_MARKUP)).astype(np.int64)
    helped = (computing * (1.0 - cost_factor(kinds, week.levers, settings))).astype(np.int64)
    if helped.any():
        ledger.post(Flow.PUBLIC_COMPUTING, Account.REGULATOR, Account.VENDORS, helped)
    running = np.where(active & (kinds != OPEN), to_micro(fixed_cost(settings)), 0)
    margin = np.maximum(receipts - computing + helped, 0)
    research = np.where(kinds != OPEN, margin * settings.vendors.research_share, 0.0).astype(np.int64)
    licences = _data_licences(week)
    due = computing + running + research + sum(parts for _, _, parts in licences)
    part, short = payable(cash, due), np.maximum(due - cash, 0)
    for payee, owed, parts in licences:
        payer, rows, amounts = match_debts(parts, owed)
        paid = in_part(amounts, part[payer])
        ledger.post(Flow.DATA_LICENCE, Account.VENDORS, payee, paid, payer_index=payer, payee_index=rows)
    costs = np.zeros(MAX_VENDORS, np.int64)
    for flow, bill in ((Flow.COMPUTE, computing), (Flow.RUNNING_COSTS, running), (Flow.RESEARCH, research)):
        paid = in_part(bill, part)
        ledger.post(flow, Account.VENDORS, Account.WORLD, paid)
        costs += paid
    _pay_vendor_owners(world, week, settings, active, receipts + helped - costs, costs)
    learn_sales(state, receipts / MICRO, (cash - short) / MICRO)


def _data_licences(week: Week) -> list[tuple[Account, I8, I8]]:
    """List the data licences that vendors owe this week, in micro-units.

    Returns, per class of payees: the class, what each payee is owed, and what each vendor owes, which is in proportion
    to what customers pay the vendor.
    """
    classes = (Account.STUDIOS, Account.RIGHTS_HOLDERS)
    to_each = micro(week.sales.licences), micro(np.array([week.sales.rights]))
    by_vendor = split_over_vendors(week, *(int(owed.sum()) for owed in to_each))
    bills = zip(classes, to_each, by_vendor, strict=True)
    return [(payee, owed, owing) for payee, owed, owing in bills if owing.any()]


def _pay_vendor_owners(world: World, week: Week, settings: Settings, active: B1, result: I8, costs: I8) -> None:
    """Pay owners dividends of vendors in business, up to the week's `result`, and all that closed vendors have left.

    The owner of a platform-owned vendor is its platform. All amounts are in micro-units, shape (V,); `costs` are those
    of the week.
    """
    ledger, state = world.ledger, world.vendor_state.columns
    cash, kinds = ledger.balances[Account.VENDORS], roster(settings.vendors)
    due = np.where(active, np.minimum(dividends(cash, costs), np.maximum(result, 0)), cash)
    in_house = np.flatnonzero((kinds == PLATFORM) & (due > 0))
    if in_house.size:
        ledger.post(
            Flow.DIVIDENDS,
            Account.VENDORS,
            Account.PLATFORMS,
            due[in_house],
            payer_index=in_house,
            payee_index=state.owner[in_house],
        )
    ledger.post(Flow.DIVIDENDS, Account.VENDORS, Account.CAPITAL, np.where(kinds == PLATFORM, 0, due))

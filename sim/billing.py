"""Bills of model services: what vendors are paid, what they pay, and what is left to their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.accounts import by_class, dividends, micro
from sim.agents.vendors import (
    MONOPOLY_MARKUP,
    MOST_VENDORS,
    OPEN,
    PLATFORM,
    cost_factor,
    fixed_cost,
    learn_sales,
    roster,
)
from sim.kernels.money import match_debts
from sim.ledger import MICRO, to_micro
from sim.tables import I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem


def pay_model_fees(model: ContentEcosystem) -> None:
    """Model fees for assisted and generated items, to the vendor that served each."""
    batch, frontier = model.batch, model.frontier
    rows = (batch.ai > 0).nonzero()[0]
    if not len(model.vendors) or rows.size == 0:
        return
    vendor, immersive = batch.vendor[rows], model.charters.immersive[batch.platforms[rows, 0]]
    usual = frontier.fee_of(batch.genre[rows], vendor)
    fee = micro(np.where(immersive, frontier.immersive_fee * frontier.prices[vendor], usual))
    for name, mine, account in by_class(model, batch.producer[rows]):
        model.ledger.post("model fee", name, "vendors", fee[mine], payer_index=account, payee_index=vendor[mine])


def pay_model_subscriptions(model: ContentEcosystem) -> None:
    """Subscriptions of creators, studios and households, and studios' tuned models.

    Every customer stands for many, whose money goes to vendors by their shares of use and prices.
    """
    if not len(model.frontier.shares):
        return
    sales, creators = model.sales, model.sales.creators
    studios, home = np.arange(len(sales.studios)), np.zeros(1, np.int64)
    bills = (
        ("model subscription", "creators", creators, np.full(len(creators), to_micro(sales.seat))),
        ("model subscription", "studios", studios, micro(sales.studios)),
        ("model subscription", "households", home, np.array([to_micro(sales.households)])),
        ("custom work", "studios", studios, micro(sales.custom)),
    )
    due = over_vendors(model, *(int(owed.sum()) for *_, owed in bills))
    for (flow, payer, account, owed), parts in zip(bills, due, strict=True):
        if parts.any():
            paying, paid, amounts = match_debts(owed, parts)
            model.ledger.post(flow, payer, "vendors", amounts, payer_index=account[paying], payee_index=paid)


def pay_data_licences(model: ContentEcosystem) -> None:
    """Data licences to studios and creators' collecting societies, by the vendors' sales."""
    if not len(model.frontier.shares):
        return
    sales = model.sales
    bills = micro(sales.licences), micro(np.array([sales.rights]))
    due = over_vendors(model, *(int(owed.sum()) for owed in bills))
    for payee, owed, parts in zip(("studios", "rights_holders"), bills, due, strict=True):
        if parts.any():
            payer, rows, amounts = match_debts(parts, owed)
            model.ledger.post("data licence", "vendors", payee, amounts, payer_index=payer, payee_index=rows)


def over_vendors(model: ContentEcosystem, *amounts: int) -> I8:
    """Split what customers pay over vendors, by share of use times price; micro-units, a row an amount, its sum."""
    spend = (model.frontier.shares * model.frontier.prices).cumsum()
    parts: I8 = np.rint(np.array(amounts)[:, None] / spend[-1] * spend).astype(np.int64)
    parts[:, 1:] -= parts[:, :-1]
    return parts


def settle_vendors(model: ContentEcosystem) -> None:
    """Vendors' computing, fixed costs, research, funds at the start and at the end, dividends; note their sales.

    What customers paid is the rise of vendors' accounts this week, licences put back. Prices and marginal cost fall
    together, so computing is receipts over price times marginal cost. Owners get dividends as of any firm, but no
    more than the week brought.
    """
    ledger, settings, state = model.ledger, model.settings, model.vendor_state.columns
    model.vendor_receipts = np.zeros(MOST_VENDORS, np.int64)
    if not len(model.frontier.shares):
        return
    licences = ledger.spent["vendors"].copy()
    model.vendor_receipts = receipts = ledger.balances["vendors"] - model.vendors_opening + licences
    kinds, active = roster(settings.vendors), state.active > 0
    computing = (receipts / (model.frontier.prices * MONOPOLY_MARKUP)).astype(np.int64)
    helped = (computing * (1.0 - cost_factor(kinds, model.levers))).astype(np.int64)
    if helped.any():
        ledger.post("public computing", "regulator", "vendors", helped)
    ledger.post("compute", "vendors", "world", computing)
    running = np.where(active & (kinds != OPEN), to_micro(fixed_cost(settings)), 0)
    ledger.post("running costs", "vendors", "world", running)
    margin = np.maximum(receipts - computing + helped, 0)
    research = np.where(kinds != OPEN, margin * settings.vendors.research_share, 0.0).astype(np.int64)
    ledger.post("research", "vendors", "world", research)
    if model.vendor_equity.any():
        ledger.post("equity", "capital", "vendors", micro(model.vendor_equity))
    debts = np.where(active, 0, np.maximum(-ledger.balances["vendors"], 0))
    if debts.any():
        ledger.post("write-off", "capital", "vendors", debts)
    costs = running + computing + research
    left = np.maximum(ledger.balances["vendors"], 0)
    result = np.maximum(receipts + helped - costs, 0)
    due = np.where(active, np.minimum(dividends(ledger.balances["vendors"], costs), result), left)
    owned = np.flatnonzero((kinds == PLATFORM) & (due > 0))
    if owned.size:
        ledger.post("dividends", "vendors", "platforms", due[owned], payer_index=owned, payee_index=state.owner[owned])
    ledger.post("dividends", "vendors", "capital", np.where(kinds == PLATFORM, 0, due))
    learn_sales(state, receipts / MICRO, ledger.balances["vendors"] / MICRO)

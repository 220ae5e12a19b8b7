"""Bills of model services: what vendors are paid, what they pay, and what is left to their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.accounts import PRODUCERS, account_of, dividends, micro
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
    rows = np.flatnonzero(batch.ai > 0)
    if not len(model.vendors) or rows.size == 0:
        return
    kind = model.producers.columns.kind[batch.producer[rows]]
    immersive = model.immersive[batch.platforms[rows, 0]]
    fees = np.where(
        immersive, frontier.immersive_fee * frontier.prices[batch.vendor[rows]],
        frontier.fee_of(batch.genre[rows], batch.vendor[rows]),
    )  # fmt: skip
    fee = micro(fees)
    for code, name in PRODUCERS.items():
        mine = rows[kind == code]
        account = account_of(model, batch.producer[mine])
        model.ledger.post(
            "model fee", name, "vendors", fee[kind == code], payer_index=account, payee_index=batch.vendor[mine]
        )


def pay_model_subscriptions(model: ContentEcosystem) -> None:
    """Subscriptions of creators, studios and households, and studios' tuned models.

    Every customer stands for many, whose money goes to vendors by their shares of use and prices.
    """
    if not len(model.frontier.shares):
        return
    sales, creators = model.sales, model.sales.creators
    studios, home = np.arange(len(sales.studios)), np.zeros(1, np.int64)
    for flow, payer, account, owed in (
        ("model subscription", "creators", creators, np.full(len(creators), to_micro(sales.seat))),
        ("model subscription", "studios", studios, micro(sales.studios)),
        ("model subscription", "households", home, np.array([to_micro(sales.households)])),
        ("custom work", "studios", studios, micro(sales.custom)),
    ):
        if owed.any():
            paying, paid, amounts = match_debts(owed, over_vendors(model, int(owed.sum())))
            model.ledger.post(flow, payer, "vendors", amounts, payer_index=account[paying], payee_index=paid)


def pay_data_licences(model: ContentEcosystem) -> None:
    """Data licences to studios and creators' collecting societies, by the vendors' sales."""
    if not len(model.frontier.shares):
        return
    sales = model.sales
    for payee, owed in (("studios", micro(sales.licences)), ("rights_holders", micro(np.array([sales.rights])))):
        if owed.any():
            payer, rows, amounts = match_debts(over_vendors(model, int(owed.sum())), owed)
            model.ledger.post("data licence", "vendors", payee, amounts, payer_index=payer, payee_index=rows)


def over_vendors(model: ContentEcosystem, amount: int) -> I8:
    """Split what customers pay over vendors, by share of use times price; (vendors,) micro-units that sum to it."""
    spend = np.cumsum(model.frontier.shares * model.frontier.prices)
    parts: I8 = np.rint(spend * (amount / spend[-1])).astype(np.int64)
    parts[1:] -= parts[:-1].copy()
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
        ledger.post("public computing", "regulator", "vendors", helped, payer_index=0)
    ledger.post("compute", "vendors", "world", computing, payee_index=0)
    running = np.where(active & (kinds != OPEN), to_micro(fixed_cost(settings)), 0)
    ledger.post("running costs", "vendors", "world", running, payee_index=0)
    margin = np.maximum(receipts - computing + helped, 0)
    research = np.where(kinds != OPEN, margin * settings.vendors.research_share, 0.0).astype(np.int64)
    ledger.post("research", "vendors", "world", research, payee_index=0)
    if model.vendor_equity.any():
        ledger.post("equity", "capital", "vendors", micro(model.vendor_equity), payer_index=0)
    debts = np.where(active, 0, np.maximum(-ledger.balances["vendors"], 0))
    if debts.any():
        ledger.post("write-off", "capital", "vendors", debts, payer_index=0)
    costs = running + computing + research
    left = np.maximum(ledger.balances["vendors"], 0)
    result = np.maximum(receipts + helped - costs, 0)
    due = np.where(active, np.minimum(dividends(ledger.balances["vendors"], costs), result), left)
    owned = np.flatnonzero((kinds == PLATFORM) & (due > 0))
    if owned.size:
        ledger.post("dividends", "vendors", "platforms", due[owned], payer_index=owned, payee_index=state.owner[owned])
    ledger.post("dividends", "vendors", "capital", np.where(kinds == PLATFORM, 0, due), payee_index=0)
    learn_sales(state, receipts / MICRO, ledger.balances["vendors"] / MICRO)

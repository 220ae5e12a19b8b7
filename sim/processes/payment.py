"""Payment: the week's money, posted in whole micro-units; every posting has a payer and a payee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.farms import item_cost
from sim.agents.producers import CREATOR, FARM, STUDIO
from sim.ledger import MICRO, Ledger, split_pool, to_micro
from sim.tables import I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

CLASSES = {CREATOR: "creators", STUDIO: "studios", FARM: "farms"}


def open_ledger(model: ContentEcosystem) -> Ledger:
    """Accounts of every class; AI producers hold theirs by cell of platform and genre."""
    world = model.settings.world
    classes = {
        "advertisers": 1, "platforms": len(model.platforms), "creators": world.creators, "studios": world.studios,
        "farms": len(model.platforms) * world.genres, "workers": 1, "vendors": max(len(model.vendors), 1),
        "capital": 1, "world": 1, "clients": 1, "freelancers": 1, "marketplace": 1,
    }  # fmt: skip
    return Ledger(classes)


def settle_payments(model: ContentEcosystem) -> None:
    """Post advertising, payouts, fees, commissions, wages, costs, dividends, consumption; note payouts by origin."""
    ledger = model.ledger
    ledger.open_week()
    _advertise(model)
    model.payouts = _pay_producers(model)
    _pay_fees(model)
    _pay_costs(model)
    _pay_moderation(model)
    _pay_commissions(model)
    _spend_income(model)


def _advertise(model: ContentEcosystem) -> None:
    """Split the fixed budget over platforms by seconds."""
    budget = to_micro(model.settings.money.advertising * model.settings.world.consumers)
    uids = np.array([p.uid for p in model.platforms], np.uint64)
    shares = split_pool(budget, model.tallies.platform_seconds.astype(np.float64), uids, model.streams["split"].key)
    model.ledger.post("advertising", "advertisers", "platforms", shares, payer_index=0)
    model.advertising = shares


def _pay_producers(model: ContentEcosystem) -> I8:
    """Pay each platform's part of revenue to producers by seconds; (producers,) micro-units."""
    producers, tallies = model.producers.columns, model.tallies
    n = model.producers.n
    paid = np.zeros(n, np.int64)
    model.payout_origin[:] = 0.0
    for k, platform in enumerate(model.platforms):
        seconds = tallies.producer_seconds[:n, k]
        rows = np.flatnonzero(seconds)
        pool = to_micro(int(model.advertising[k]) / 1e6 * platform.rules.payout)
        if pool == 0 or rows.size == 0:
            continue
        shares = split_pool(pool, seconds[rows].astype(np.float64), producers.uid[rows], model.streams["split"].key)
        for kind, name in CLASSES.items():
            mine = producers.kind[rows] == kind
            model.ledger.post(
                "payout", "platforms", name, shares[mine], payer_index=k, payee_index=account_of(model, rows[mine])
            )
        paid[rows] += shares
        total = tallies.platform_seconds[k]
        model.payout_origin[:3] += tallies.origin_seconds[k] / total * pool
        model.payout_origin[3] += tallies.ai_seconds[k] / total * pool
    return paid


def account_of(model: ContentEcosystem, rows: I8) -> I8:
    """Account of each producer within its class."""
    producers, world = model.producers.columns, model.settings.world
    kind = producers.kind[rows]
    studio = rows - world.creators
    return np.where(kind == CREATOR, rows, np.where(kind == STUDIO, studio, producers.cell[rows])).astype(np.int64)


def _pay_fees(model: ContentEcosystem) -> None:
    """Model fees for assisted and generated items, to the vendor that served each."""
    batch = model.batch
    rows = np.flatnonzero(batch.ai > 0)
    if not len(model.vendors) or rows.size == 0:
        return
    kind = model.producers.columns.kind[batch.producer[rows]]
    fee = np.rint(model.frontier.fee_of(batch.genre[rows], batch.vendor[rows]) * 1e6).astype(np.int64)
    for code, name in CLASSES.items():
        mine = rows[kind == code]
        account = account_of(model, batch.producer[mine])
        model.ledger.post(
            "model fee", name, "vendors", fee[kind == code], payer_index=account, payee_index=batch.vendor[mine]
        )


def _pay_costs(model: ContentEcosystem) -> None:
    """Wages of studios (what the margin leaves of income) and costs of AI producers."""
    ledger, settings = model.ledger, model.settings
    income = np.maximum(ledger.balances["studios"], 0)
    wages = (income * (1.0 - settings.money.studio_margin)).astype(np.int64)
    ledger.post("wages", "studios", "workers", wages, payee_index=0)
    batch = model.batch
    farm = np.flatnonzero(model.producers.columns.kind[batch.producer] == FARM)
    cell = model.producers.columns.cell[batch.producer[farm]].astype(np.int64)
    minutes = np.full(len(farm), to_micro(settings.farms.human_minutes / 60.0))
    account = np.full(len(farm), to_micro(settings.farms.account_cost * model.crowding))
    ledger.post("farm wages", "farms", "workers", minutes, payer_index=cell, payee_index=0)
    ledger.post("accounts", "farms", "world", account, payer_index=cell, payee_index=0)


def _pay_moderation(model: ContentEcosystem) -> None:
    """AI producers set up accounts in place of banned ones; platforms pay for review before publication."""
    settings, producers = model.settings, model.producers.columns
    cell = producers.cell[model.banned[producers.kind[model.banned] == FARM]].astype(np.int64)
    if cell.size:
        item = item_cost(model.frontier.mean_fee, settings, model.crowding, 0.0) * settings.farms.ban_items
        loss = np.rint(item * 1e6).astype(np.int64)[cell % settings.world.genres]
        model.ledger.post("accounts", "farms", "world", loss, payer_index=cell, payee_index=0)
    place = model.batch.platforms[model.reviewed, 0]
    if place.size:
        wage = to_micro(settings.moderation.review_minutes / 60.0)
        reviewed = np.bincount(np.maximum(place, 0), minlength=len(model.platforms)) * wage
        model.ledger.post("review", "platforms", "workers", reviewed, payee_index=0)


def _pay_commissions(model: ContentEcosystem) -> None:
    """Clients, funded by the world, pay freelancers and the vendors of raw AI; freelancers, marketplace and vendors."""
    ledger, trades = model.ledger, model.trades
    sold = trades.orders[: len(trades.price)]
    paid = sum(to_micro(price) * int(n) for price, n in zip(trades.price, sold, strict=True))
    fees = {"clients": to_micro(trades.raw_fees), "freelancers": to_micro(float(trades.seller_fee @ sold))}
    ledger.post("budgets", "world", "clients", paid + fees["clients"])
    ledger.post("commissions", "clients", "freelancers", paid)
    kept = to_micro(paid / MICRO * model.settings.commissions.marketplace_fee)
    ledger.post("marketplace fee", "freelancers", "marketplace", kept)
    if model.vendors and model.frontier.shares.size:
        uids = np.array([vendor.uid for vendor in model.vendors], np.uint64)
        for payer, fee in fees.items():
            shares = split_pool(fee, model.frontier.shares, uids, model.streams["split"].key)
            ledger.post("commission fee", payer, "vendors", shares, payer_index=0)


def _spend_income(model: ContentEcosystem) -> None:
    """Owners draw what is left, everyone consumes, and sales fund the advertisers: the circle closes."""
    ledger = model.ledger
    for name in ("platforms", "studios", "farms", "vendors", "marketplace"):
        balance = np.maximum(ledger.balances[name], 0)
        ledger.post("dividends", name, "capital", balance, payee_index=0)
    for name in ("creators", "workers", "freelancers", "capital"):
        balance = np.maximum(ledger.balances[name], 0)
        ledger.post("consumption", name, "world", balance, payee_index=0)
    owed = -int(ledger.balances["advertisers"][0])
    ledger.post("sales", "world", "advertisers", np.array([max(owed, 0)]))

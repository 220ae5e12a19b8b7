"""Payment: the week's money, posted in whole micro-units; every posting has a payer and a payee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.immersive import work_factor
from sim.agents.producers import CREATOR, FARM, STUDIO
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
from sim.ledger import MICRO, Ledger, split_pool, to_micro
from sim.tables import F8, I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

RESERVE_WEEKS, DIVIDEND = 13, 8  # weeks of cost that vendors keep; of cash above it an eighth is paid: assumption
CLASSES = {CREATOR: "creators", STUDIO: "studios", FARM: "farms"}


def open_ledger(model: ContentEcosystem) -> Ledger:
    """Accounts of every class; AI producers hold theirs by cell of platform and genre."""
    world = model.settings.world
    classes = {
        "advertisers": 1, "platforms": len(model.platforms), "creators": world.creators, "studios": world.studios,
        "farms": len(model.platforms) * world.genres, "workers": 1, "vendors": MOST_VENDORS,
        "capital": 1, "world": 1, "clients": 1, "freelancers": 1, "marketplace": 1, "rights holders": 1,
        "regulator": 1,
    }  # fmt: skip
    return Ledger(classes)


def settle_payments(model: ContentEcosystem) -> None:
    """Post advertising, payouts, fees, commissions, referrals, wages, costs, dividends, consumption; note payouts."""
    ledger = model.ledger
    ledger.open_week()
    before = ledger.balances["vendors"].copy()
    _advertise(model)
    model.payouts = _pay_producers(model)
    _pay_fees(model)
    _pay_subscriptions(model)
    licences = _pay_licences(model)
    _pay_costs(model)
    _pay_commissions(model)
    _pay_referrals(model)
    _pay_entries(model)
    _pay_vendors_costs(model, before - licences)
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
    fees = model.frontier.fee_of(batch.genre[rows], batch.vendor[rows])
    immersive = model.immersive[batch.platforms[rows, 0]]
    fees = np.where(immersive, model.frontier.immersive_fee * model.frontier.prices[batch.vendor[rows]], fees)
    fee = np.rint(fees * 1e6).astype(np.int64)
    for code, name in CLASSES.items():
        mine = rows[kind == code]
        account = account_of(model, batch.producer[mine])
        model.ledger.post(
            "model fee", name, "vendors", fee[kind == code], payer_index=account, payee_index=batch.vendor[mine]
        )


def _micro(amounts: F8) -> I8:
    return np.rint(amounts * 1e6).astype(np.int64)


def _pay_subscriptions(model: ContentEcosystem) -> None:
    """Subscriptions of creators, studios and households, and studios' tuned models.

    Every customer stands for many, whose money goes to vendors by their shares of use and prices.
    """
    if not len(model.frontier.shares):
        return
    sales, creators = model.sales, model.sales.creators
    studios, home = np.arange(len(sales.studios)), np.zeros(1, np.int64)
    for flow, payer, account, owed in (
        ("model subscription", "creators", creators, np.full(len(creators), to_micro(sales.seat))),
        ("model subscription", "studios", studios, _micro(sales.studios)),
        ("model subscription", "world", home, np.array([to_micro(sales.households)])),
        ("custom work", "studios", studios, _micro(sales.custom)),
    ):
        if owed.any():
            paying, paid, amounts = match_debts(owed, _over_vendors(model, int(owed.sum())))
            model.ledger.post(flow, payer, "vendors", amounts, payer_index=account[paying], payee_index=paid)


def _over_vendors(model: ContentEcosystem, amount: int) -> I8:
    """Split what customers pay over vendors, by share of use times price; (vendors,) micro-units that sum to it."""
    spend = np.cumsum(model.frontier.shares * model.frontier.prices)
    return np.asarray(np.diff(np.rint(spend * (amount / spend[-1])).astype(np.int64), prepend=0), np.int64)


def _pay_licences(model: ContentEcosystem) -> I8:
    """Data licences to studios and creators' collecting societies, by the vendors' sales; (vendors,) paid."""
    total = np.zeros(MOST_VENDORS, np.int64)
    if not len(model.frontier.shares):
        return total
    sales = model.sales
    for payee, owed in (("studios", _micro(sales.licences)), ("rights holders", _micro(np.array([sales.rights])))):
        if owed.any():
            paid = _over_vendors(model, int(owed.sum()))
            payer, rows, amounts = match_debts(paid, owed)
            model.ledger.post("data licence", "vendors", payee, amounts, payer_index=payer, payee_index=rows)
            total += paid
    return total


def match_debts(paid: I8, owed: I8) -> tuple[I8, I8, I8]:
    """Pair payers with payees, in order, so that everyone pays and gets its amount; both sum to the same.

    Returns
    -------
    payer, payee and amount of each payment, one for each payer and payee; some are zero.
    """
    paying, getting = np.cumsum(paid), np.cumsum(owed)
    edges = np.sort(np.concatenate([paying, getting]))
    return np.searchsorted(paying, edges), np.searchsorted(getting, edges), np.diff(edges, prepend=0)


def _pay_costs(model: ContentEcosystem) -> None:
    """Wages of studios (what the margin leaves of income) and costs of AI producers."""
    ledger, settings = model.ledger, model.settings
    income = np.maximum(ledger.balances["studios"], 0)
    wages = (income * (1.0 - settings.money.studio_margin)).astype(np.int64)
    ledger.post("wages", "studios", "workers", wages, payee_index=0)
    batch = model.batch
    farm = np.flatnonzero(model.producers.columns.kind[batch.producer] == FARM)
    cell = model.producers.columns.cell[batch.producer[farm]].astype(np.int64)
    immersive = model.immersive[batch.platforms[farm, 0]]
    work = np.where(immersive, work_factor(model.frontier.level, np.ones(1, bool), settings), 1.0)
    minutes = np.rint(settings.farms.human_minutes / 60.0 * work * MICRO).astype(np.int64)
    account = np.full(len(farm), to_micro(settings.farms.account_cost * model.crowding))
    ledger.post("farm wages", "farms", "workers", minutes, payer_index=cell, payee_index=0)
    ledger.post("accounts", "farms", "world", account, payer_index=cell, payee_index=0)


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
        for payer, fee in fees.items():
            ledger.post("commission fee", payer, "vendors", _over_vendors(model, fee), payer_index=0)


def _pay_vendors_costs(model: ContentEcosystem, before: I8) -> None:
    """Vendors' computing, fixed costs, research, funds at the start and at the end, dividends; note their sales.

    What customers paid is the rise of vendors' accounts since `before`. Prices and marginal cost fall together, so
    computing is receipts over price times marginal cost. Owners get an eighth of the cash above some weeks' cost, but
    no more than the week brought.
    """
    ledger, settings, state = model.ledger, model.settings, model.vendor_state.columns
    model.vendor_receipts = np.zeros(MOST_VENDORS, np.int64)
    if not len(model.frontier.shares):
        return
    model.vendor_receipts = receipts = ledger.balances["vendors"] - before
    kinds, active = roster(settings.vendors), state.active > 0
    computing = (receipts / (model.frontier.prices * MONOPOLY_MARKUP)).astype(np.int64)
    helped = (computing * (1.0 - cost_factor(kinds, model.levers))).astype(np.int64)
    if helped.any():
        ledger.post("public funds", "world", "regulator", int(helped.sum()))
        ledger.post("public computing", "regulator", "vendors", helped, payer_index=0)
    ledger.post("compute", "vendors", "world", computing, payee_index=0)
    running = np.where(active & (kinds != OPEN), to_micro(fixed_cost(settings)), 0)
    ledger.post("running costs", "vendors", "world", running, payee_index=0)
    margin = np.maximum(receipts - computing + helped, 0)
    research = np.where(kinds != OPEN, margin * settings.vendors.research_share, 0.0).astype(np.int64)
    ledger.post("research", "vendors", "world", research, payee_index=0)
    if model.vendor_equity.any():
        ledger.post("equity", "capital", "vendors", _micro(model.vendor_equity), payer_index=0)
    debts = np.where(active, 0, np.maximum(-ledger.balances["vendors"], 0))
    if debts.any():
        ledger.post("write-off", "capital", "vendors", debts, payer_index=0)
    reserve = np.where(active, RESERVE_WEEKS * (running + computing + research), 0)
    above = np.maximum(ledger.balances["vendors"] - reserve, 0)
    result = np.maximum(receipts + helped - computing - running - research, 0)
    due = np.where(active, np.minimum(above // DIVIDEND, result), above)
    owned = np.flatnonzero((kinds == PLATFORM) & (due > 0))
    if owned.size:
        ledger.post("dividends", "vendors", "platforms", due[owned], payer_index=owned, payee_index=state.owner[owned])
    ledger.post("dividends", "vendors", "capital", np.where(kinds == PLATFORM, 0, due), payee_index=0)
    learn_sales(state, receipts / MICRO, ledger.balances["vendors"] / MICRO)


def _pay_referrals(model: ContentEcosystem) -> None:
    """Advertisers pay for clicks through to publishers' pages, split over studios by items listed there, if any."""
    publisher = np.array([p.rules.kind == "publisher" for p in model.platforms])
    world, listings = model.settings.world, model.listings.columns
    pages = listings.item[(listings.item >= 0) & publisher[listings.platform]]
    rows = np.arange(world.creators, world.creators + world.studios)
    number = np.bincount(model.items.columns.card["producer"][pages], minlength=model.producers.capacity)[rows]
    pool = to_micro(float(model.asked.clicks[1]) * world.consumers * model.settings.questions.click_value)
    uid = model.producers.columns.uid[rows]
    shares = split_pool(pool, number.astype(np.float64), uid, model.streams["split"].key)
    model.ledger.post("referral advertising", "advertisers", "studios", shares, payer_index=0)


def _pay_entries(model: ContentEcosystem) -> None:
    """Owners pay the fixed cost of the platforms that enter."""
    for entry in model.entries:
        model.ledger.post("entry", "capital", "world", to_micro(entry.cost), payer_index=0)


def _spend_income(model: ContentEcosystem) -> None:
    """Owners draw what is left, everyone consumes, and sales fund the advertisers: the circle closes."""
    ledger = model.ledger
    for name in ("platforms", "studios", "farms", "marketplace"):
        balance = np.maximum(ledger.balances[name], 0)
        ledger.post("dividends", name, "capital", balance, payee_index=0)
    for name in ("creators", "workers", "freelancers", "rights holders", "capital"):
        balance = np.maximum(ledger.balances[name], 0)
        ledger.post("consumption", name, "world", balance, payee_index=0)
    owed = -int(ledger.balances["advertisers"][0])
    ledger.post("sales", "world", "advertisers", np.array([max(owed, 0)]))

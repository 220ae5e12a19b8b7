"""Payment: the week's money, posted in whole micro-units; every posting has a payer and a payee."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.farms import cell_costs
from sim.agents.immersive import work_factor
from sim.agents.moderators import review_wage
from sim.agents.platforms import ad_budget
from sim.agents.studios import automated_hours, least_payroll, payroll
from sim.agents.workers import RETRAINING
from sim.base.averages import warm_span
from sim.base.codes import FARM
from sim.base.tables import I8
from sim.money.accounts import (
    DRAWN,
    OWNED,
    SPENT,
    by_class,
    dividends,
    micro,
    studio_rows,
    studio_wage,
)
from sim.money.bills import over_vendors, pay_model_fees, pay_model_subscriptions, settle_vendors
from sim.money.ledger import MICRO, split_pool, to_micro

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

REFERENCE_WEEKS = 26.0  # before release over which brand-safe seconds are averaged: assumption


def settle_payments(model: ContentEcosystem) -> None:
    """Post the week's flows in a fixed order; incomes come first, then wages, then what owners and people do with it.

    `model.payouts`, `model.grants` (both per producer) and `model.studio_income` say what was earned.
    """
    model.ledger.open_week()
    model.payouts = np.zeros(model.producers.n, np.int64)
    model.grants = np.zeros(model.producers.n, np.int64)
    for pay in ORDER:
        pay(model)


# Firms begin and end


def _settle_firms(model: ContentEcosystem) -> None:
    """Capital bears what closed studios owe and endows those that begin; then note with what firms start the week."""
    ledger, firms = model.ledger, model.firms
    if firms.closed.size:
        owed = np.maximum(-ledger.balances["studios"][firms.closed], 0)
        ledger.post("write-off", "capital", "studios", owed, payee_index=firms.closed)
    if firms.begun.size:
        ledger.post("equity", "capital", "studios", firms.equity, payee_index=firms.begun)
    model.opening_cash, model.vendors_opening = ledger.balances["studios"].copy(), ledger.balances["vendors"].copy()


# What platforms take in and pay out


def _advertise(model: ContentEcosystem) -> None:
    """Split the advertisers' budget, which follows brand-safe seconds, by these times the advertising in each."""
    money, quality = model.settings.money, model.tallies.safe_seconds
    total = float(quality.sum())
    base = money.advertising * model.settings.world.consumers
    if model.weeks_since_release < 0:
        model.safe_reference += (total - model.safe_reference) / warm_span(model.week, REFERENCE_WEEKS)
        budget = base
    else:
        budget = ad_budget(total, model.safe_reference, base, money.advertising_elasticity)
    shown = quality * model.charters.ad_load
    shares = split_pool(to_micro(budget), shown, model.charters.uid, model.streams["split"].key)
    model.ledger.post("advertising", "advertisers", "platforms", shares)
    model.advertising = shares


def _subscribe(model: ContentEcosystem) -> None:
    """Households pay for the subscriptions that they hold."""
    model.subscriptions = micro(model.market.columns.subscribers * model.charters.subscription)
    model.ledger.post("subscriptions", "households", "platforms", model.subscriptions)


def _pay_producers(model: ContentEcosystem) -> None:
    """Pay each platform's part of advertising to producers by seconds."""
    tallies, uid, key = model.tallies, model.producers.columns.uid, model.streams["split"].key
    seconds = tallies.producer_seconds[: model.producers.n]
    by_origin = np.column_stack([tallies.origin_seconds, tallies.ai_seconds])
    model.payout_origin[:] = 0.0
    paid = np.zeros(seconds.shape, np.int64)
    for k, revenue in enumerate((model.advertising / MICRO * model.market.columns.payout).tolist()):
        rows, pool = seconds[:, k].nonzero()[0], to_micro(revenue)
        if pool and rows.size:
            paid[rows, k] = split_pool(pool, seconds[rows, k], uid[rows], key)
            model.payout_origin += by_origin[k] / tallies.platform_seconds[k] * pool
    model.payouts += paid.sum(axis=1)
    rows, platform = paid.nonzero()
    shares = paid[rows, platform]
    for name, mine, payee in by_class(model, rows):
        model.ledger.post("payout", "platforms", name, shares[mine], payer_index=platform[mine], payee_index=payee)


def _pay_licences(model: ContentEcosystem) -> None:
    """Pay each platform's part of subscriptions to studios, by the seconds that their works were used there."""
    rows = studio_rows(model)
    uid, key = model.producers.columns.uid[rows], model.streams["split"].key
    for k in model.subscriptions.nonzero()[0].tolist():
        pool = to_micro(int(model.subscriptions[k]) / MICRO * model.settings.money.licence)
        fees = split_pool(pool, model.tallies.producer_seconds[rows, k], uid, key)
        model.ledger.post("licence", "platforms", "studios", fees, payer_index=k)


def _sell_slots(model: ContentEcosystem) -> None:
    """Producers pay platforms what they bid for slots."""
    bids = model.bids
    for name, mine, payer in by_class(model, bids.producer):
        paid, platform = bids.amount[mine], bids.platform[mine]
        model.ledger.post("promotion", name, "platforms", paid, payer_index=payer, payee_index=platform)


# What AI producers pay


def _pay_farms(model: ContentEcosystem) -> None:
    """Human minutes and accounts of AI producers."""
    ledger, rule, batch = model.ledger, model.settings.farms, model.batch
    farm = (model.producers.columns.kind[batch.producer] == FARM).nonzero()[0]
    if not farm.size:
        return
    cell = model.producers.columns.cell[batch.producer[farm]]
    work = np.array([1.0, *work_factor(model.frontier.level, np.ones(1, bool), model.settings)])
    plain, immersive = micro(rule.human_minutes / 60.0 * work)
    minutes = np.where(model.charters.immersive[batch.platforms[farm, 0]], immersive, plain)
    ledger.post("farm wages", "farms", "workers", minutes, payer_index=cell)
    ledger.post("accounts", "farms", "world", to_micro(rule.account_cost * model.crowding), payer_index=cell)


def _pay_moderation(model: ContentEcosystem) -> None:
    """AI producers set up accounts in place of banned ones; platforms pay for review before publication.

    A platform that cannot pay for the week's review pays what it has, and from then on reviews what it can pay for.
    """
    settings, producers = model.settings, model.producers.columns
    cell = producers.cell[model.banned[producers.kind[model.banned] == FARM]]
    if cell.size:
        frontier = model.frontier
        item = cell_costs(
            model.charters.immersive,
            frontier.mean_fee,
            frontier.immersive_fee * frontier.mean_price,
            frontier.level,
            settings,
            model.crowding,
            0.0,
        )
        loss = micro(item * settings.farms.ban_items).ravel()[cell]
        model.ledger.post("accounts", "farms", "world", loss, payer_index=cell)
    place = model.batch.platforms[model.reviewed, 0]
    if place.size:
        number = np.bincount(np.maximum(place, 0), minlength=len(model.platforms))
        owed, cash = number * review_wage(settings), model.ledger.balances["platforms"]
        paid = np.minimum(owed, np.maximum(cash, 0))
        model.market.columns.pays_ahead[paid < owed] = 1
        model.ledger.post("review", "platforms", "workers", paid)


# What the regulator takes and gives


def _levy(model: ContentEcosystem) -> None:
    """A levy on the pay of the hours that AI saves studios."""
    strength = model.levers["automation_levy"]
    if strength == 0.0:
        return
    studios = model.studios.columns
    due = strength * model.settings.money.levy_rate * automated_hours(studios, model.settings) * studios.pay
    model.ledger.post("automation levy", "studios", "regulator", micro(due * studio_wage(model, model.firms.wages)))


def _fine(model: ContentEcosystem) -> None:
    """Fines that AI producers have incurred, by cell."""
    if model.fines.any():
        model.ledger.post("fines", "farms", "regulator", micro(model.fines))


def _grant(model: ContentEcosystem) -> None:
    """Industry fund, half to studios by staff, half to active creators alike; and grants to workers in training."""
    ledger, money, n = model.ledger, model.settings.money, model.settings.world.creators
    fund = to_micro(model.levers["industry_fund"] * money.fund * model.settings.world.consumers)
    if fund:
        producers, rows, key = model.producers.columns, studio_rows(model), model.streams["split"].key
        staff = model.studios.columns.hours.astype(np.float64)
        model.grants[rows] = split_pool(fund // 2, staff, producers.uid[rows], key)
        model.grants[:n] = split_pool(fund - fund // 2, producers.active[:n] > 0, producers.uid[:n], key)
        ledger.post("industry fund", "regulator", "studios", model.grants[rows])
        ledger.post("industry fund", "regulator", "creators", model.grants[:n])
    grant = to_micro(model.levers["retraining_subsidy"] * money.training_grant)
    trained = int((model.labour.workers.columns.state == RETRAINING).sum()) if grant else 0
    ledger.post("training grant", "regulator", "workers", grant * trained)


# Custom work, clicks and entries


def _pay_commissions(model: ContentEcosystem) -> None:
    """Clients, funded by the world, pay freelancers and the vendors of raw AI; freelancers, marketplace and vendors."""
    ledger, trades = model.ledger, model.trades
    sold = trades.orders[: len(trades.price)]
    paid = sum(to_micro(price) * n for price, n in zip(trades.price.tolist(), sold.tolist(), strict=True))
    fees = to_micro(trades.raw_fees), to_micro(float(trades.seller_fee @ sold))
    ledger.post("budgets", "world", "clients", paid + fees[0])
    ledger.post("commissions", "clients", "freelancers", paid)
    kept = to_micro(paid / MICRO * model.settings.commissions.marketplace_fee)
    ledger.post("marketplace fee", "freelancers", "marketplace", kept)
    if model.frontier.shares.size:
        for payer, parts in zip(("clients", "freelancers"), over_vendors(model, *fees), strict=True):
            ledger.post("commission fee", payer, "vendors", parts)


def _pay_referrals(model: ContentEcosystem) -> None:
    """Advertisers pay for clicks through to publishers' pages, split over studios by items listed there, if any."""
    rows, listings = studio_rows(model), model.listings.columns
    pages = listings.item[(listings.item >= 0) & model.charters.publisher[listings.platform]]
    number = np.bincount(model.items.columns.card["producer"][pages], minlength=model.producers.capacity)[rows]
    clicks = float(model.asked.clicks[1]) * model.settings.world.consumers
    pool = to_micro(clicks * model.settings.questions.click_value)
    uid = model.producers.columns.uid[rows]
    shares = split_pool(pool, number, uid, model.streams["split"].key)
    model.ledger.post("referral advertising", "advertisers", "studios", shares)


def _pay_entries(model: ContentEcosystem) -> None:
    """Owners pay the fixed cost of the platforms that enter."""
    for entry in model.entries:
        model.ledger.post("entry", "capital", "world", to_micro(entry.cost))


# What is left


def _pay_wages(model: ContentEcosystem) -> None:
    """Note what studios earned net of all other costs; then pay their staff, less where cash is short, to a point."""
    studios, cash = model.studios.columns, model.ledger.balances["studios"]
    model.studio_income = (cash - model.opening_cash) / MICRO
    wage = studio_wage(model, model.firms.wages)
    least = micro(least_payroll(studios, wage, model.studio_pay, model.settings))
    wages = np.maximum(np.minimum(micro(payroll(studios, wage)), cash), least)
    model.ledger.post("wages", "studios", "workers", wages)


def _pay_owners(model: ContentEcosystem) -> None:
    """Dividends of firms; draw of small ones, whose owners bear losses too; creditors get what closed studios earn."""
    ledger, closed = model.ledger, model.studios.columns.hours == 0.0
    if closed.any():
        left = np.where(closed, np.maximum(ledger.balances["studios"], 0), 0)
        ledger.post("liquidation", "studios", "capital", left)
    for name in OWNED:
        ledger.post("dividends", name, "capital", dividends(ledger.balances[name], ledger.spent[name]))
    ledger.post("equity", "capital", "farms", np.maximum(-ledger.balances["farms"], 0))
    for name in DRAWN:
        ledger.post("draw", name, "capital", np.maximum(ledger.balances[name], 0))


def _close_accounts(model: ContentEcosystem) -> None:
    """People consume; households and the world outside make good what others are short of: the circle closes."""
    ledger = model.ledger

    def above(name: str) -> I8:
        return np.maximum(ledger.balances[name], 0)

    def short(name: str) -> I8:
        return np.maximum(-ledger.balances[name], 0)

    ledger.post("taxes", "households", "regulator", short("regulator"))
    ledger.post("transfers", "regulator", "households", above("regulator"))
    for name in ("creators", "freelancers"):
        ledger.post("own money", "households", name, short(name))
    for name in SPENT:
        ledger.post("consumption", name, "world", above(name))
    ledger.post("earnings", "world", "households", short("households"))
    ledger.post("consumption", "households", "world", above("households"))
    ledger.post("sales", "world", "advertisers", short("advertisers"))


ORDER: tuple[Callable[[ContentEcosystem], None], ...] = (
    _settle_firms,
    _advertise,
    _subscribe,
    _pay_producers,
    _pay_licences,
    _sell_slots,
    pay_model_fees,
    pay_model_subscriptions,
    _pay_farms,
    _pay_moderation,
    _levy,
    _fine,
    _grant,
    _pay_commissions,
    _pay_referrals,
    _pay_entries,
    settle_vendors,
    _pay_wages,
    _pay_owners,
    _close_accounts,
)  # the order of a week's money: what is posted before wages counts in studios' income

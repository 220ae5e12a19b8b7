"""Payment: the week's money, posted in whole micro-units; every posting has a payer and a payee."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.agents.farms import cell_costs, crowding
from sim.agents.immersive import work_factor
from sim.agents.moderators import review_wage
from sim.agents.platforms import ad_budget
from sim.agents.studios import automated_hours, least_payroll, payroll, studio_rows, studio_wage
from sim.agents.workers import RETRAINING
from sim.base.averages import averaging_weeks
from sim.base.codes import FARM, STUDIO
from sim.base.tables import I8
from sim.money.accounts import (
    DRAWN,
    OWNED,
    SPENT,
    by_class,
    dividends,
    micro,
)
from sim.money.bills import over_vendors, pay_model_fees, pay_model_subscriptions, settle_vendors
from sim.money.ledger import MICRO, split_pool, to_micro
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

Step = Callable[[World, Week, Settings], None]

REFERENCE_WEEKS = 26.0  # before release over which brand-safe seconds are averaged: assumption


def settle_payments(world: World, week: Week, settings: Settings) -> None:
    """Post the week's flows in a fixed order; incomes come first, then wages, then what owners and people do with it.

    `week.payouts`, `week.fees`, `week.grants` (by producer) and `week.studio_income` say what was earned.
    """
    world.ledger.open_week()
    week.payouts = np.zeros(world.producers.n, np.int64)
    week.fees = np.zeros(world.producers.n, np.int64)
    week.grants = np.zeros(world.producers.n, np.int64)
    for pay in ORDER:
        pay(world, week, settings)


# Firms begin and end


def _settle_firms(world: World, week: Week, settings: Settings) -> None:
    """Capital bears what closed studios owe and endows those that begin; then note with what firms start the week."""
    ledger, firms = world.ledger, week.firms
    if firms.closed.size:
        owed = np.maximum(-ledger.balances["studios"][firms.closed], 0)
        ledger.post("write-off", "capital", "studios", owed, payee_index=firms.closed)
    if firms.begun.size:
        ledger.post("equity", "capital", "studios", firms.equity, payee_index=firms.begun)
    week.opening_cash, week.vendors_opening = ledger.balances["studios"].copy(), ledger.balances["vendors"].copy()


# What platforms take in and pay out


def _advertise(world: World, week: Week, settings: Settings) -> None:
    """Split the advertisers' budget, which follows brand-safe seconds, by these times the advertising in each."""
    money, quality = settings.money, week.tallies.safe_seconds
    total = float(quality.sum())
    base = money.advertising * settings.world.consumers
    if world.weeks_since_release < 0:
        world.safe_reference += (total - world.safe_reference) / averaging_weeks(world.now, REFERENCE_WEEKS)
        budget = base
    else:
        budget = ad_budget(total, world.safe_reference, base, money.advertising_elasticity)
    shown = quality * world.charters.ad_load
    shares = split_pool(to_micro(budget), shown, world.charters.uid, world.streams["split"].key)
    world.ledger.post("advertising", "advertisers", "platforms", shares)
    week.advertising = shares


def _subscribe(world: World, week: Week, settings: Settings) -> None:
    """Households pay for the subscriptions that they hold."""
    week.subscriptions = micro(world.market.columns.subscribers * world.charters.subscription)
    world.ledger.post("subscriptions", "households", "platforms", week.subscriptions)


def _pay_producers(world: World, week: Week, settings: Settings) -> None:
    """Pay each platform's part of advertising to producers by seconds."""
    tallies, uid, key = week.tallies, world.producers.columns.uid, world.streams["split"].key
    seconds = tallies.producer_seconds[: world.producers.n]
    by_origin = np.column_stack([tallies.origin_seconds, tallies.ai_seconds])
    week.payout_origin[:] = 0.0
    paid = np.zeros(seconds.shape, np.int64)
    for k, revenue in enumerate((week.advertising / MICRO * world.market.columns.payout).tolist()):
        rows, pool = seconds[:, k].nonzero()[0], to_micro(revenue)
        if pool and rows.size:
            paid[rows, k] = split_pool(pool, seconds[rows, k], uid[rows], key)
            week.payout_origin += by_origin[k] / tallies.platform_seconds[k] * pool
    week.payouts += paid.sum(axis=1)
    rows, platform = paid.nonzero()
    shares = paid[rows, platform]
    for name, mine, payee in by_class(world.producers.columns, rows, settings):
        world.ledger.post("payout", "platforms", name, shares[mine], payer_index=platform[mine], payee_index=payee)


def _pay_licences(world: World, week: Week, settings: Settings) -> None:
    """Pay producers their part of subscriptions, by the seconds that their items were used there.

    Whom a platform pays is one of its properties. `week.fees` holds what creators and AI producers get; studios' fees
    are in the income that their accounts show.
    """
    producers, key, n = world.producers.columns, world.streams["split"].key, world.producers.n
    for k in week.subscriptions.nonzero()[0].tolist():
        rows = world.charters.licensed[k, producers.kind[:n]].nonzero()[0]
        pool = to_micro(int(week.subscriptions[k]) / MICRO * settings.money.licence)
        fees = split_pool(pool, week.tallies.producer_seconds[rows, k], producers.uid[rows], key)
        paid = producers.kind[rows] != STUDIO
        week.fees[rows[paid]] += fees[paid]
        for name, mine, payee in by_class(producers, rows, settings):
            if mine.size:
                world.ledger.post("licence", "platforms", name, fees[mine], payer_index=k, payee_index=payee)


def _sell_slots(world: World, week: Week, settings: Settings) -> None:
    """Producers pay platforms what they bid for slots."""
    bids = week.bids
    for name, mine, payer in by_class(world.producers.columns, bids.producer, settings):
        paid, platform = bids.amount[mine], bids.platform[mine]
        world.ledger.post("promotion", name, "platforms", paid, payer_index=payer, payee_index=platform)


# What AI producers pay


def _pay_farms(world: World, week: Week, settings: Settings) -> None:
    """Human minutes and accounts of AI producers."""
    ledger, rule, batch = world.ledger, settings.farms, week.batch
    farm = (world.producers.columns.kind[batch.producer] == FARM).nonzero()[0]
    if not farm.size:
        return
    cell = world.producers.columns.cell[batch.producer[farm]]
    work = np.array([1.0, *work_factor(week.frontier.level, np.ones(1, bool), settings)])
    plain, immersive = micro(rule.human_minutes / 60.0 * work)
    minutes = np.where(world.charters.immersive[batch.platforms[farm, 0]], immersive, plain)
    ledger.post("farm wages", "farms", "workers", minutes, payer_index=cell)
    ledger.post("accounts", "farms", "world", to_micro(rule.account_cost * crowding(week.levers)), payer_index=cell)


def _pay_moderation(world: World, week: Week, settings: Settings) -> None:
    """AI producers set up accounts in place of banned ones; platforms pay for review before publication.

    A platform that cannot pay for the week's review pays what it has, and from then on reviews what it can pay for.
    """
    producers = world.producers.columns
    cell = producers.cell[week.banned[producers.kind[week.banned] == FARM]]
    if cell.size:
        frontier = week.frontier
        item = cell_costs(
            world.charters.immersive,
            frontier.mean_fee,
            frontier.immersive_fee * frontier.mean_price,
            frontier.level,
            settings,
            crowding(week.levers),
            0.0,
        )
        loss = micro(item * settings.farms.ban_items).ravel()[cell]
        world.ledger.post("accounts", "farms", "world", loss, payer_index=cell)
    place = week.batch.platforms[week.reviewed, 0]
    if place.size:
        number = np.bincount(np.maximum(place, 0), minlength=len(world.platforms))
        owed, cash = number * review_wage(settings), world.ledger.balances["platforms"]
        paid = np.minimum(owed, np.maximum(cash, 0))
        world.market.columns.pays_ahead[paid < owed] = 1
        world.ledger.post("review", "platforms", "workers", paid)


# What the regulator takes and gives


def _levy(world: World, week: Week, settings: Settings) -> None:
    """A levy on the pay of the hours that AI saves studios."""
    strength = week.levers.automation_levy
    if strength == 0.0:
        return
    studios = world.studios.columns
    due = strength * settings.money.levy_rate * automated_hours(studios, settings) * studios.pay
    world.ledger.post(
        "automation levy",
        "studios",
        "regulator",
        micro(due * studio_wage(world.producers.columns.genre[studio_rows(settings)], week.firms.wages)),
    )


def _grant(world: World, week: Week, settings: Settings) -> None:
    """Industry fund, half to studios by staff, half to active creators alike; and grants to workers in training."""
    ledger, money, n = world.ledger, settings.money, settings.world.creators
    fund = to_micro(week.levers.industry_fund * money.fund * settings.world.consumers)
    if fund:
        producers, rows, key = world.producers.columns, studio_rows(settings), world.streams["split"].key
        staff = world.studios.columns.hours.astype(np.float64)
        week.grants[rows] = split_pool(fund // 2, staff, producers.uid[rows], key)
        week.grants[:n] = split_pool(fund - fund // 2, producers.active[:n] > 0, producers.uid[:n], key)
        ledger.post("industry fund", "regulator", "studios", week.grants[rows])
        ledger.post("industry fund", "regulator", "creators", week.grants[:n])
    grant = to_micro(week.levers.retraining_subsidy * money.training_grant)
    trained = int((world.labour.workers.columns.state == RETRAINING).sum()) if grant else 0
    ledger.post("training grant", "regulator", "workers", grant * trained)


# Custom work, clicks and entries


def _pay_commissions(world: World, week: Week, settings: Settings) -> None:
    """Clients, funded by the world, pay freelancers and the vendors of raw AI; freelancers, marketplace and vendors."""
    ledger, trades = world.ledger, week.trades
    sold = trades.orders[: len(trades.price)]
    paid = sum(to_micro(price) * n for price, n in zip(trades.price.tolist(), sold.tolist(), strict=True))
    fees = to_micro(trades.raw_fees), to_micro(float(trades.seller_fee @ sold))
    ledger.post("budgets", "world", "clients", paid + fees[0])
    ledger.post("commissions", "clients", "freelancers", paid)
    kept = to_micro(paid / MICRO * settings.commissions.marketplace_fee)
    ledger.post("marketplace fee", "freelancers", "marketplace", kept)
    if week.frontier.shares.size:
        for payer, parts in zip(("clients", "freelancers"), over_vendors(week, *fees), strict=True):
            ledger.post("commission fee", payer, "vendors", parts)


def _pay_referrals(world: World, week: Week, settings: Settings) -> None:
    """Advertisers pay for clicks through to publishers' pages, split over studios by items listed there, if any."""
    rows, listings = studio_rows(settings), world.listings.columns
    pages = listings.item[(listings.item >= 0) & world.charters.pages[listings.platform]]
    number = np.bincount(world.items.columns.card["producer"][pages], minlength=world.producers.capacity)[rows]
    clicks = float(week.asked.clicks[1]) * settings.world.consumers
    pool = to_micro(clicks * settings.questions.click_value)
    uid = world.producers.columns.uid[rows]
    shares = split_pool(pool, number, uid, world.streams["split"].key)
    world.ledger.post("referral advertising", "advertisers", "studios", shares)


def _pay_entries(world: World, week: Week, settings: Settings) -> None:
    """Owners pay the fixed cost of the platforms that enter."""
    for entry in week.entries:
        world.ledger.post("entry", "capital", "world", to_micro(entry.cost))


# What is left


def _pay_wages(world: World, week: Week, settings: Settings) -> None:
    """Note what studios earned net of all other costs; then pay their staff, less where cash is short, to a point."""
    studios, cash = world.studios.columns, world.ledger.balances["studios"]
    week.studio_income = (cash - week.opening_cash) / MICRO
    wage = studio_wage(world.producers.columns.genre[studio_rows(settings)], week.firms.wages)
    least = micro(least_payroll(studios, wage, world.studio_pay, settings))
    wages = np.maximum(np.minimum(micro(payroll(studios, wage)), cash), least)
    world.ledger.post("wages", "studios", "workers", wages)


def _pay_owners(world: World, week: Week, settings: Settings) -> None:
    """Dividends of firms; draw of small ones, whose owners bear losses too; creditors get what closed studios earn."""
    ledger, closed = world.ledger, world.studios.columns.hours == 0.0
    if closed.any():
        left = np.where(closed, np.maximum(ledger.balances["studios"], 0), 0)
        ledger.post("liquidation", "studios", "capital", left)
    for name in OWNED:
        ledger.post("dividends", name, "capital", dividends(ledger.balances[name], ledger.spent[name]))
    ledger.post("equity", "capital", "farms", np.maximum(-ledger.balances["farms"], 0))
    for name in DRAWN:
        ledger.post("draw", name, "capital", np.maximum(ledger.balances[name], 0))


def _close_accounts(world: World, week: Week, settings: Settings) -> None:
    """People consume; households and the world outside make good what others are short of: the circle closes."""
    ledger = world.ledger

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


ORDER: tuple[Step, ...] = (
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
    _grant,
    _pay_commissions,
    _pay_referrals,
    _pay_entries,
    settle_vendors,
    _pay_wages,
    _pay_owners,
    _close_accounts,
)  # the order of a week's money: what is posted before wages counts in studios' income

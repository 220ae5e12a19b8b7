"""Platforms: advertising and subscriptions, payouts and licences, slots, clicks, reviews, and what entry costs."""

from __future__ import annotations

import numpy as np

from sim.agents.moderators import review_wages
from sim.agents.platforms import ad_budget
from sim.agents.studios import studio_rows
from sim.base.averages import averaging_weeks
from sim.base.codes import STUDIO
from sim.money.accounts import micro
from sim.money.flows import Account, Flow
from sim.money.ledger import MICRO, split_pool, to_micro
from sim.processes.payment.producers import by_class, note_use_pay
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

REFERENCE_WEEKS = 26.0  # before release over which brand-safe seconds are averaged: assumption


def advertise(world: World, week: Week, settings: Settings) -> None:
    """Post what advertisers pay platforms; `week.advertising` holds it by platform, shape (K,).

    Their budget follows all brand-safe seconds at what a second is worth to them on its platform, relative to before
    release. It is split over platforms in proportion to the same.
    """
    money, worth = settings.money, week.tallies.safe_seconds * world.charters.ad_yield
    total = float(worth.sum())
    base = money.advertising * settings.world.consumers
    if world.weeks_since_release < 0:
        world.safe_reference += (total - world.safe_reference) / averaging_weeks(world.now, REFERENCE_WEEKS)
        budget = base
    else:
        budget = ad_budget(total, world.safe_reference, base, money.advertising_elasticity)
    shares = split_pool(to_micro(budget), worth, world.charters.uid, world.streams["split"].key)
    world.ledger.post(Flow.ADVERTISING, Account.ADVERTISERS, Account.PLATFORMS, shares)
    week.advertising = shares


def subscribe(world: World, week: Week, settings: Settings) -> None:
    """Post households' payments for the subscriptions to platforms that they hold."""
    week.subscriptions = micro(world.market.columns.subscribers * world.charters.subscription)
    world.ledger.post(Flow.SUBSCRIPTIONS, Account.HOUSEHOLDS, Account.PLATFORMS, week.subscriptions)


def pay_producers(world: World, week: Week, settings: Settings) -> None:
    """Post platforms' payouts to producers: a share of advertising, split by the seconds of their items."""
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
    note_use_pay(week, world.producers.columns, rows, platform, shares)
    for name, mine, payee in by_class(world.producers.columns, rows, settings):
        world.ledger.post(
            Flow.PAYOUT, Account.PLATFORMS, name, shares[mine], payer_index=platform[mine], payee_index=payee
        )


def pay_licences(world: World, week: Week, settings: Settings) -> None:
    """Post the part of subscriptions that platforms pay to producers, split by seconds of use of their items there.

    Which kinds of producers a platform pays is one of its properties. `week.fees` holds what creators and AI producers
    get; studios' licences need no record, as their income is read from their accounts.
    """
    producers, key, n = world.producers.columns, world.streams["split"].key, world.producers.n
    for k in week.subscriptions.nonzero()[0].tolist():
        rows = world.charters.licensed[k, producers.kind[:n]].nonzero()[0]
        pool = to_micro(int(week.subscriptions[k]) / MICRO * settings.money.licence)
        fees = split_pool(pool, week.tallies.producer_seconds[rows, k], producers.uid[rows], key)
        note_use_pay(week, producers, rows, k, fees)
        paid = producers.kind[rows] != STUDIO
        week.fees[rows[paid]] += fees[paid]
        for name, mine, payee in by_class(producers, rows, settings):
            if mine.size:
                world.ledger.post(Flow.LICENCE, Account.PLATFORMS, name, fees[mine], payer_index=k, payee_index=payee)


def sell_slots(world: World, week: Week, settings: Settings) -> None:
    """Post what producers pay platforms for promoted slots, by their bids."""
    bids = week.bids
    for name, mine, payer in by_class(world.producers.columns, bids.producer, settings):
        paid, platform = bids.amount[mine], bids.platform[mine]
        world.ledger.post(Flow.PROMOTION, name, Account.PLATFORMS, paid, payer_index=payer, payee_index=platform)


def pay_reviews(world: World, week: Week, settings: Settings) -> None:
    """Post what platforms pay for review before publication.

    A platform that cannot pay for the week's reviews pays what it has, and from then on (`pays_ahead`) reviews only as
    many items as it can pay for.
    """
    platform = week.batch.platforms[week.reviewed, 0]
    if platform.size:
        wages = review_wages(world.producers.columns.kind[week.batch.producer[week.reviewed]], settings)
        owed = np.zeros(len(world.platforms), np.int64)
        np.add.at(owed, np.maximum(platform, 0), wages)
        cash = world.ledger.balances[Account.PLATFORMS]
        paid = np.minimum(owed, np.maximum(cash, 0))
        world.market.columns.pays_ahead[paid < owed] = 1
        world.ledger.post(Flow.REVIEW, Account.PLATFORMS, Account.WORKERS, paid)


def pay_referrals(world: World, week: Week, settings: Settings) -> None:
    """Post what advertisers pay studios for clicks on publishers' pages, split by the items that each lists there."""
    rows, listings = studio_rows(settings), world.listings.columns
    pages = listings.item[(listings.item >= 0) & world.charters.pages[listings.platform]]
    number = np.bincount(world.items.columns.card["producer"][pages], minlength=world.producers.capacity)[rows]
    clicks = float(week.asked.clicks[1]) * settings.world.consumers
    pool = to_micro(clicks * settings.questions.click_value)
    uid = world.producers.columns.uid[rows]
    shares = split_pool(pool, number, uid, world.streams["split"].key)
    world.ledger.post(Flow.REFERRALS, Account.ADVERTISERS, Account.STUDIOS, shares)


def pay_entries(world: World, week: Week, settings: Settings) -> None:
    """Post the fixed cost of the platforms that enter, which their owners pay."""
    for entry in week.entries:
        world.ledger.post(Flow.ENTRY, Account.CAPITAL, Account.WORLD, to_micro(entry.cost))

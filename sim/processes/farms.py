"""AI producers (farms): what they learn from the week, and who enters, leaves and opens accounts."""

from __future__ import annotations

import numpy as np

from sim.agents.entry import (
    CellWeek,
    add_second_listing,
    enter_or_leave,
    expect_listing,
    keep_records,
    own_payout,
    pay_per_listing,
    places_to_fill,
    usual_payout,
)
from sim.agents.farms import (
    crowding,
    expect_cost,
    item_costs,
    learn_bans,
    learn_falsehood,
    learn_payout,
    learn_removal,
    open_accounts,
)
from sim.agents.gifts import measure_gifts
from sim.agents.lengths import seconds_an_item
from sim.base.averages import averaging_weeks
from sim.base.codes import FARM
from sim.base.tables import B1, F8, I8
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.settings.sizes import most_items
from sim.world.week import Week
from sim.world.world import World


def adapt_farms(world: World, week: Week, settings: Settings) -> None:
    """Update what AI producers know; let them enter and leave by margin, and open accounts for new ones."""
    producers, news, farms = world.producers.columns, world.farm_news, world.farms.columns
    humans, maker = settings.world.creators + settings.world.studios, week.batch.producer
    by_humans = max(float((maker < humans).sum()), 1.0)
    learn_falsehood(news, world.items.columns, world.now)
    learn_payout(news, _paid(week)[:humans].sum() / by_humans, averaging_weeks(world.now))
    seen = _observe_cells(world, week, settings)
    keep_records(farms, seen, world.now)
    if not world.ai_released:
        if world.weeks_since_release == -1:
            world.gifts[:] = measure_gifts(producers, world.creators.columns, settings)
        return
    if (maker >= humans).any():
        learn_bans(news, float((producers.kind[week.banned] == FARM).sum()), float((maker >= humans).sum()))
        learn_removal(news, float(seen.made.sum()), float((week.batch.platforms[maker >= humans] >= 0).sum()))
    rate = settings.farms.items / crowding(week.levers, settings)
    takes, allowed, cost = _farm_terms(world, week, settings)
    payout, others = _expect(world, week, settings, takes), places_to_fill(farms, rate)
    room = max(most_items(settings) - by_humans, 0.0) / rate  # accounts whose items fit into memory
    if enter_or_leave(farms, payout, cost.ravel(), allowed.ravel(), others, room, settings):
        week.supply_capped = 1.0
    open_accounts(farms, world.producers, world.charters.uid, settings, world.streams)


def _paid(week: Week) -> F8:
    """What each producer was paid this week for the use of its items, in hours' wage; shape (P,)."""
    return np.asarray((week.payouts + week.fees) / MICRO, np.float64)


def _observe_cells(world: World, week: Week, settings: Settings) -> CellWeek:
    """Count what was listed, what is listed, and what it earned net of bids, in each cell."""
    producers, shape = world.producers.columns, (len(world.platforms), settings.world.genres)

    def by_cell(platform: I8, producer: I8, mine: B1 | None = None, amount: I8 | None = None) -> F8:
        at = platform * shape[1] + producers.genre[producer]
        if mine is not None:
            at, amount = at[mine], None if amount is None else amount[mine]
        return np.asarray(np.bincount(at, amount, minlength=shape[0] * shape[1]), np.float64).reshape(shape)

    listings, items, bids = world.listings.columns, world.items.columns, week.bids
    held = (listings.item >= 0).nonzero()[0]
    at, owner = listings.platform[held].astype(np.int64), items.card["producer"][listings.item[held]]
    new = items.week[listings.item[held]] == world.now
    their_bid, of_ai = (producers.kind[x] == FARM for x in (bids.producer, owner))
    return CellWeek(
        paid=(week.use_pay[0] - by_cell(bids.platform, bids.producer, None, bids.amount)) / MICRO,
        income=(week.use_pay[1] - by_cell(bids.platform, bids.producer, their_bid, bids.amount)) / MICRO,
        listed=by_cell(at, owner, new),
        made=by_cell(at, owner, new & of_ai),
        live=by_cell(at, owner),
        live_made=by_cell(at, owner, of_ai),
    )


def _expect(world: World, week: Week, settings: Settings, takes: B1) -> F8:
    """What an item is expected to earn if made for each cell, refused or not, in hours' wage; shape (cells,).

    What a listing earns, by which second platforms are chosen, is left in `farms.expected`.

    Parameters
    ----------
    takes : which platforms are open and take AI producers' items, shape (K,).
    """
    farms, charters = world.farms.columns, world.charters
    pays = charters.pays[:, FARM]
    usual = usual_payout(world.farm_news.mean_payout, seconds_an_item(world.market.columns), charters.immersive)
    pay = pay_per_listing(farms, usual.mean(axis=1), pays, settings)
    expected = expect_listing(farms, pay, settings) * takes[:, None]
    farms.expected[:] = expected.ravel()
    if settings.farms.entry == "pooled":
        admitted = 1.0 - world.farm_news.removal
        return admitted * add_second_listing(expected, charters.immersive, settings).ravel()
    income, made = _own_record(world, week, settings)
    return own_payout(income, made, pays.repeat(settings.world.genres), usual.ravel(), settings)


def _own_record(world: World, week: Week, settings: Settings) -> tuple[F8, F8]:
    """What accounts in each cell earned this week, less bids, in hours' wage, and items that they made; (cells,)."""
    producers, n, humans = world.producers.columns, world.producers.n, settings.world.creators + settings.world.studios
    cells, maker = len(world.platforms) * settings.world.genres, week.batch.producer
    made = np.bincount(producers.cell[maker[maker >= humans]], minlength=cells).astype(np.float64)
    net = _paid(week) - np.bincount(week.bids.producer, week.bids.amount, minlength=n) / MICRO
    return np.bincount(producers.cell[humans:n], net[humans:], minlength=cells).astype(np.float64), made


def _farm_terms(world: World, week: Week, settings: Settings) -> tuple[B1, F8, F8]:
    """Which platforms take AI producers, shape (K,); where they can publish (1 or 0), and the cost of an item, (K, G).

    They can where the platform is open, takes them, and AI can make the genre alone. Costs are in hours' wage.
    """
    frontier, immersive = week.frontier, world.charters.immersive
    takes = world.charters.takes[:, FARM, 1] & (world.market.columns.is_open > 0)
    allowed = takes[:, None] * np.where(immersive[:, None], frontier.immersive_alone, frontier.alone)
    fee = frontier.expected_fees(immersive)
    costs = item_costs(immersive, frontier.level, week.levers, settings)
    cost = expect_cost(fee, costs, week.ai_work, world.farm_news.bans_per_item, settings)
    return takes, np.asarray(allowed, np.float64), cost

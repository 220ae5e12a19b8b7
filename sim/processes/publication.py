"""Publication: new items are checked, listed, and given test exposures; old ones are taken down."""

from __future__ import annotations

from math import prod

import numpy as np

from sim.agents.farms import keep_code
from sim.agents.items import life_cells, take_rows
from sim.agents.moderators import (
    affordable,
    detection_probability,
    own_removal_probability,
    review_wages,
)
from sim.agents.platforms import feed_weights
from sim.agents.producers import remember_items
from sim.base.averages import averaging_weeks
from sim.base.clock import MONTH
from sim.base.codes import CREATOR, EXPLORATION, FALSE, FARM, GENERATED, KINDS, ORIGINS, TRUE
from sim.base.records import CARD, DECLARED, DEPTHS, LISTINGS_PER_ITEM, Batch
from sim.base.tables import B1, F8, I8, U1, as_single_values, some
from sim.kernels.listings import close_listings
from sim.kernels.pools import list_ending
from sim.money.accounts import micro
from sim.money.flows import Account
from sim.settings import Settings
from sim.world.week import Aged, Bids, Ended, Week
from sim.world.world import World

LOWEST_CRAFT = -3.0  # in standard deviations, below which works betray AI no more: assumption
MAX_DETECTABILITY = 5.0  # how plainly a work can betray AI without being declared: assumption
MAX_BOUGHT = 4.0  # test exposures that a listing may buy, over those that it is given: assumption
KEPT_WEEKS = 6  # weeks for which an item's record is kept after publication, so that it can be counted at four


def publish_items(world: World, week: Week, settings: Settings) -> None:
    """Close listings that have ended; moderate this week's new items, and list those that pass."""
    take_down(world, week)
    batch, now = week.batch, world.now
    world.n_published += len(batch.uid)
    admitted = _admit(world, week, settings)
    kept = _anywhere(admitted).nonzero()[0]
    world.n_removed += len(batch.uid) - len(kept)
    new, admitted = some(batch, kept), admitted[kept]
    rows = take_rows(world.items, world.items.columns.alive == 0, len(kept))
    world.items.clear(rows)
    items = world.items.columns
    ticks = world.calendar.ticks_per_week
    opens = world.now * ticks + (world.streams["birth"].uniform(now, new.uid) * ticks).astype(np.int64)
    # A review before publication makes an item late.
    late = round(settings.moderation.review_days * settings.time.ticks_per_day)
    opens += late * week.reviewed[kept]
    listed = np.where(admitted, new.platforms, -1)
    _write_cards(world, week, settings, rows, new)
    items.uid[rows], items.alive[rows], items.week[rows] = new.uid, 1, now
    items.ai[rows], items.novelty[rows] = new.ai, new.novelty
    items.first[rows] = listed[np.arange(len(rows)), admitted.argmax(axis=1)]
    _list_items(world, week, settings, rows, new, listed, opens)
    remember_items(world.producers.columns, new.producer, rows, items.card["serial"][rows], listed)


def _admit(world: World, week: Week, settings: Settings) -> B1:
    """Decide which listings of the batch pass moderation, shape (n, 2).

    A platform refuses inaccurate items by its own rules; review before publication and the search for spam refuse items
    everywhere. An account gets a strike for what is refused as spam or as deliberately false.
    """
    batch, producers = week.batch, world.producers.columns
    u = world.streams["moderation"].uniforms(world.now, batch.uid, 3)
    own, wrong = own_removal_probability(world.charters.moderation, settings), batch.accuracy != TRUE
    stopped = wrong[:, None] & (u[:, :2] < own[batch.platforms])
    review = world.streams["review"].uniforms(world.now, batch.uid, 2)
    week.reviewed = _review(world, week, settings, review[:, 0])
    found = week.reviewed & wrong & (review[:, 1] < settings.moderation.review_power)
    removal = np.zeros(len(KINDS))
    removal[CREATOR], removal[FARM] = settings.moderation.false_removal, settings.farms.removal
    spam = u[:, 2] < removal[producers.kind[batch.producer]]
    listed = batch.platforms >= 0
    strike = spam | ((batch.accuracy >= FALSE) & (found | _anywhere(stopped & listed)))
    np.add.at(producers.strikes, batch.producer[strike], 1.0)
    admitted = listed & ~stopped & ~(spam | found)[:, None]
    _note_blocked(world, week, ~_anywhere(admitted))
    return np.asarray(admitted, np.bool_)


def _review(world: World, week: Week, settings: Settings, u: F8) -> B1:
    """Decide which items of the batch are reviewed before publication, by a uniform number of each; shape (n,).

    A platform that could not pay all its reviews before reviews only as many as its cash pays for.
    """
    wanted = u < week.levers.content_review
    ahead = world.market.columns.pays_ahead > 0
    if not ahead.any():
        return np.asarray(wanted, np.bool_)
    place, kind = np.maximum(week.batch.platforms[:, 0], 0), world.producers.columns.kind[week.batch.producer]
    # By rising `u`: the items that the lever wants reviewed come first.
    paid = affordable(u, place, review_wages(kind, settings), world.ledger.balances[Account.PLATFORMS])
    return np.asarray(wanted & (paid | ~ahead[place]), np.bool_)


def _anywhere(listings: B1) -> B1:
    """Whether an item has the property at one listing or more, shape (n,), given it for each listing, shape (n, 2)."""
    held = listings[:, 0]
    for place in range(1, LISTINGS_PER_ITEM):
        held = held | listings[:, place]
    return held


def _note_blocked(world: World, week: Week, blocked: B1) -> None:
    """Record how many of the batch's items were refused everywhere, by platform wanted first, origin and truth."""
    batch, table = week.batch, world.blocked[world.now % len(world.blocked)]
    code = life_cells(batch.platforms[blocked, 0], batch.origin[blocked], batch.accuracy[blocked])
    table[:] = np.bincount(code, minlength=table.size).reshape(table.shape)


def _find_ai(world: World, week: Week, settings: Settings, new: Batch, detectability: F8) -> B1:
    """Decide which new items are labelled as AI's, shape (n,): declared, or found by watermark or detector."""
    levers, full, generated = week.levers, settings.full_strength, new.origin == GENERATED
    label = world.streams["label"].uniform(world.now, new.uid)
    u = world.streams["code"].uniform(0, world.producers.columns.uid[new.producer])
    keeps = keep_code(u, levers.self_regulation, settings)
    declared = generated & ((label < full.labelling * levers.labelling) | keeps)
    coverage = world.charters.detection
    if levers.watermark <= 0 and not coverage.any():
        return np.asarray(declared, np.bool_)
    read = coverage[np.maximum(new.platforms[:, 0], 0)]
    probability = detection_probability(detectability, read, full.watermark * levers.watermark * generated, settings)
    return np.asarray(declared | (world.streams["detector"].uniform(world.now, new.uid) < probability), np.bool_)


def _write_cards(world: World, week: Week, settings: Settings, rows: I8, new: Batch) -> None:
    """Write the cards of new items (what viewers see of them) into these rows of the table."""
    card = np.zeros(len(rows), CARD)
    for name in ("concept", "appeal", "craft", "emotion", "depth", "producer", "genre", "origin", "accuracy"):
        card[name] = getattr(new, name)
    detectability = new.ai * np.exp(-settings.culture.detection_craft * np.maximum(new.craft, LOWEST_CRAFT))
    detectability = np.minimum(detectability, MAX_DETECTABILITY)
    card["detectability"] = np.where(_find_ai(world, week, settings, new, detectability), DECLARED, detectability)
    card["serial"] = world.n_serial + 1 + np.arange(len(rows))
    world.n_serial += len(rows)
    as_single_values(world.items.columns.card)[rows] = as_single_values(card)


def _list_items(world: World, week: Week, settings: Settings, rows: I8, new: Batch, listed: I8, opens: I8) -> None:
    """Open the new items' listings, with the test exposures that each platform gives and those that producers buy.

    Parameters
    ----------
    rows : of the new items among all items, shape (n,).
    listed : platforms that list each item, shape (n, 2), -1 for none.
    opens : tick from which each item can be met, shape (n,).
    """
    items, market = world.items.columns, world.market.columns
    where, place = (listed >= 0).nonzero()
    platform, producer, row, opens = listed[where, place], new.producer[where], rows[where], opens[where]
    shape, depth = market.arrived.shape, np.minimum(new.depth[where] * DEPTHS, DEPTHS - 1).astype(np.int64)
    cell = np.ravel_multi_index((platform, new.genre[where], depth), shape)
    market.arrived[:] = np.bincount(cell, minlength=market.arrived.size).reshape(shape)
    week.listed = _count_listed(platform, new.genre[where], new.origin[where], shape[:2])
    arrivals = market.arrived.sum(axis=(1, 2))
    market.arrivals[:] += (arrivals - market.arrivals) / averaging_weeks(world.now)
    pools = settings.pools
    weights = feed_weights(world.charters.sources, market.tilt)
    share = pools.explore * weights[:, EXPLORATION] / weights.sum(axis=1)
    spare = share * market.exposures / np.maximum(market.arrivals, 1.0)
    market.test[:] = spare.clip(pools.test_low, pools.test_high)
    at = take_rows(world.listings, world.listings.columns.item < 0, len(row))
    world.listings.clear(at)
    listings = world.listings.columns
    listings.item[at], listings.platform[at], listings.opens[at] = row, platform, opens
    listings.ends[at] = opens + world.listing_ticks[platform]
    listings.fans[at] = world.producers.columns.followers[producer]
    items.listings[row, place] = at
    if week.levers.ai_exclusion > 0:
        u = world.streams["exclusion"].uniform(world.now, new.uid[where])
        left_out = settings.full_strength.ai_exclusion * week.levers.ai_exclusion
        out = (u < left_out) & (items.card["detectability"][row] >= DECLARED)
        listings.stage[at[out]] = -1  # without a budget; follows, friends and search still lead there
        at, producer, platform = at[~out], producer[~out], platform[~out]
    listings.budget[at] = market.test[platform] + _promote(world, week, settings, producer, platform)


def _count_listed(platform: I8, genre: I8, origin: U1, shape: tuple[int, ...]) -> I8:
    """Count new listings by platform, genre and origin; `shape` has the numbers of platforms and genres."""
    cell, shape = (platform * shape[1] + genre) * len(ORIGINS) + origin, (*shape, len(ORIGINS))
    return np.bincount(cell, minlength=prod(shape)).reshape(shape)


def _promote(world: World, week: Week, settings: Settings, producer: I8, platform: I8) -> F8:
    """Sell test exposures to new listings in proportion to producers' bids; return how many each buys, shape (n,).

    A producer bids a part of its recent income, split evenly over its new listings. A platform sells a part of its
    exposures. A listing buys at most `MAX_BOUGHT` times its free test, and then pays that part of its bid only. What is
    to be paid is left in `week.bids`.
    """
    market, money, k = world.market.columns, settings.money, len(world.platforms)
    siblings = np.bincount(producer, minlength=world.producers.n)[producer]  # listings of the same producer
    bid = money.promotion * world.producers.columns.income[producer] / np.maximum(siblings, 1)
    total = np.bincount(platform, bid, minlength=k)[platform]
    won = money.slots * market.exposures[platform] * bid / np.where(total > 0, total, 1.0)
    bought = np.minimum(won, MAX_BOUGHT * market.test[platform])
    part = np.where(won > 0, bought / np.where(won > 0, won, 1.0), 0.0)
    week.bids = Bids(producer, platform.astype(np.int64), micro(bid * part))
    return np.asarray(bought, np.float64)


def take_down(world: World, week: Week) -> None:
    """Close listings whose lifetime has ended, and free the rows of items that are listed nowhere any more.

    `week.aged` has the listings that turned four weeks old or closed before, `week.ended` the items given up.
    """
    listings, items = world.listings.columns, world.items.columns
    ticks = world.calendar.ticks_per_week
    closing, aged = list_ending(listings, world.tick, MONTH * ticks, ticks)
    card = items.card.take(listings.item[aged])
    week.aged = Aged(
        platform=listings.platform[aged],
        genre=np.ascontiguousarray(card["genre"]),
        origin=np.ascontiguousarray(card["origin"]),
        maker=world.producers.columns.kind[card["producer"]],
        fans=listings.fans[aged],
        stage=listings.stage[aged],
        uses=listings.uses[aged],
    )
    rows = close_listings(closing, listings.item, items.listings, items.alive, items.week, world.now - KEPT_WEEKS)
    week.ended = Ended(items.first[rows], items.card.take(rows), items.chosen[rows])
    world.n_retired += len(rows)

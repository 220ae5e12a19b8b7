"""Publication: new items are checked, listed, and given test exposures; old ones are taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.accounts import Bids, micro
from sim.agents.farms import keep_code
from sim.agents.items import PLACES, take_rows
from sim.agents.moderators import detection_odds, own_odds
from sim.agents.platforms import feed_weights
from sim.agents.producers import remember_items
from sim.averages import warm_span
from sim.codes import CREATOR, ERROR, EXPLORATION, FALSE, FARM, GENERATED, TRUE
from sim.kernels.attention import DECLARED, HALF
from sim.kernels.pools import list_ending
from sim.tables import B1, F8, I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

LIFE_HALVINGS = 8.0  # half-lives of freshness after which a listing is closed: its weight is then below 0.4 %
SHORTEST_DAYS, LONGEST_DAYS = 3.0, 180.0  # life of a listing
LOWEST_CRAFT = -3.0  # in standard deviations, below which works betray AI no more: assumption
MOST_TELL = 5.0  # how plainly a work can betray AI without being declared: assumption
MOST_BOUGHT = 4.0  # test exposures that a listing may buy, over those that it is given: assumption
KEPT_WEEKS = 6  # weeks for which an item's record is kept after publication, so that it can be counted at four


def listing_days(freshness: F8) -> F8:
    """Days for which a listing can be met, given its platform's freshness half-life in days."""
    return np.clip(LIFE_HALVINGS * freshness, SHORTEST_DAYS, LONGEST_DAYS)


def publish_items(model: ContentEcosystem) -> None:
    """Take down what is old, then list this week's batch."""
    take_down(model)
    batch, week = model.batch, model.week
    model.n_published += len(batch.uid)
    admitted = _admit(model)
    kept = np.flatnonzero(_anywhere(admitted))
    model.n_removed += len(batch.uid) - len(kept)
    rows = take_rows(model.items, model.items.columns.alive == 0, len(kept))
    model.items.clear(rows)
    items = model.items.columns
    ticks = model.ticks_per_week
    opens = model.week * ticks + (model.streams["birth"].uniform(week, batch.uid[kept]) * ticks).astype(np.int64)
    late = round(model.settings.moderation.review_days * model.settings.time.ticks_per_day)
    opens += late * model.reviewed[kept]
    _write_cards(model, rows, kept)
    items.uid[rows], items.alive[rows] = batch.uid[kept], 1
    items.ai[rows], items.week[rows] = batch.ai[kept], week
    items.novelty[rows] = batch.novelty[kept]
    items.first[rows] = batch.platforms[kept, admitted[kept].argmax(axis=1)]
    _list_items(model, rows, kept, admitted, opens)
    listed = np.where(admitted[kept], batch.platforms[kept], -1)
    remember_items(model.producers.columns, batch.producer[kept], rows, items.card["serial"][rows], listed)


def _admit(model: ContentEcosystem) -> B1:
    """Which places of the batch pass moderation: inaccurate items by platform and review, items taken for spam.

    What is removed as spam or as false by intent is a strike against its account.
    """
    batch, producers, settings = model.batch, model.producers.columns, model.settings
    u = model.streams["moderation"].uniform(model.week, batch.uid[:, None], np.arange(3)[None, :])
    own = own_odds(model.charters.moderation, settings)
    stopped = (batch.accuracy != TRUE)[:, None] & (u[:, :2] < own[np.maximum(batch.platforms, 0)])
    review = model.streams["review"].uniform(model.week, batch.uid[:, None], np.arange(2)[None, :])
    model.reviewed = review[:, 0] < model.levers["content_review"]
    found = model.reviewed & (batch.accuracy != TRUE) & (review[:, 1] < settings.moderation.review_power)
    kind = producers.kind[batch.producer]
    mistaken = np.where(kind == CREATOR, settings.moderation.false_removal, 0.0)
    spam = u[:, 2] < np.where(kind == FARM, settings.farms.removal, mistaken)
    listed = batch.platforms >= 0
    strike = spam | ((batch.accuracy >= FALSE) & (found | _anywhere(stopped & listed)))
    np.add.at(producers.strikes, batch.producer[strike], 1.0)
    admitted = listed & ~stopped & ~(spam | found)[:, None]
    _note_blocked(model, ~_anywhere(admitted))
    return np.asarray(admitted, np.bool_)


def _anywhere(places: B1) -> B1:
    """Whether something holds at a place or more, given for each of them, shape (n, places)."""
    held = places[:, 0]
    for place in range(1, PLACES):
        held = held | places[:, place]
    return held


def _note_blocked(model: ContentEcosystem, blocked: B1) -> None:
    """Count the items removed this week, by origin and truth; errors are neither true nor lies."""
    batch = model.batch
    rows = np.flatnonzero(blocked & (batch.accuracy != ERROR))
    code = 2 * (batch.origin[rows] == GENERATED) + (batch.accuracy[rows] >= FALSE)
    model.blocked[model.week % len(model.blocked)] = np.bincount(code, minlength=4).reshape(2, 2)


def _find_ai(model: ContentEcosystem, rows: I8, tell: F8) -> B1:
    """Which of some items of the batch are labelled as AI's: declared, or found by watermark or detector."""
    batch, levers, uid = model.batch, model.levers, model.batch.uid[rows]
    generated = batch.origin[rows] == GENERATED
    declared = generated & (model.streams["label"].uniform(model.week, uid) < levers["labelling"])
    account = model.streams["code"].uniform(0, model.producers.columns.uid[batch.producer[rows]])
    declared |= generated & keep_code(account, levers["self_regulation"], model.settings)
    coverage = model.charters.detection
    if levers["watermark"] <= 0 and not coverage.any():
        return np.asarray(declared, np.bool_)
    read = coverage[np.maximum(batch.platforms[rows, 0], 0)]
    odds = detection_odds(tell, read, levers["watermark"] * generated, model.settings)
    return np.asarray(declared | (model.streams["detector"].uniform(model.week, uid) < odds), np.bool_)


def _write_cards(model: ContentEcosystem, rows: I8, kept: I8) -> None:
    batch, card = model.batch, model.items.columns.card
    card["concept"][rows] = batch.concept[kept]
    for name in ("appeal", "craft", "emotion", "depth", "producer", "genre", "origin", "accuracy"):
        card[name][rows] = getattr(batch, name)[kept]
    craft = np.maximum(batch.craft[kept], LOWEST_CRAFT)
    tell = batch.ai[kept] * np.exp(-model.settings.culture.detection_craft * craft)
    tell = np.minimum(tell, MOST_TELL)
    card["tell"][rows] = np.where(_find_ai(model, kept, tell), DECLARED, tell)
    first = model.n_serial + 1
    card["serial"][rows] = np.arange(first, first + len(rows))
    model.n_serial += len(rows)


def _list_items(model: ContentEcosystem, rows: I8, kept: I8, admitted: B1, opens: I8) -> None:
    """Open the listings, with the test exposures that each platform can spare for a newcomer."""
    items, market = model.items.columns, model.market.columns
    where, place = admitted[kept].nonzero()
    new, row = kept[where], rows[where]
    platform, producer = model.batch.platforms[new, place], model.batch.producer[new]
    genre, deep, shape = model.batch.genre[new], model.batch.depth[new] >= HALF, market.arrived.shape
    cell = np.ravel_multi_index((platform, genre, deep), shape)
    market.arrived[:] = np.bincount(cell, minlength=market.arrived.size).reshape(shape)
    arrivals = market.arrived.sum(axis=(1, 2))
    market.arrivals[:] += (arrivals - market.arrivals) / warm_span(model.week)
    pools = model.settings.pools
    weights = feed_weights(model.charters.sources, market.tilt)
    share = pools.explore * weights[:, EXPLORATION] / weights.sum(axis=1)
    spare = share * market.exposures / np.maximum(market.arrivals, 1.0)
    market.test[:] = np.clip(spare, pools.test_low, pools.test_high)
    at = take_rows(model.listings, model.listings.columns.item < 0, len(new))
    model.listings.clear(at)
    listings = model.listings.columns
    listings.item[at], listings.platform[at], listings.opens[at] = row, platform, opens[where]
    days = listing_days(model.charters.freshness)[platform]
    listings.ends[at] = opens[where] + np.ceil(days * model.settings.time.ticks_per_day).astype(np.int64)
    u = model.streams["exclusion"].uniform(model.week, model.batch.uid[new])
    out = (u < model.levers["ai_exclusion"]) & (items.card["tell"][row] >= DECLARED)
    shown = (~out).nonzero()[0]
    listings.budget[at[shown]] = market.test[platform[shown]] + _promote(model, producer[shown], platform[shown])
    listings.budget[at[out]], listings.stage[at[out]] = 0.0, -1  # follows, friends and search still lead there
    items.places[row, place] = at


def _promote(model: ContentEcosystem, producer: I8, platform: I8) -> F8:
    """Test exposures bought for new listings, in proportion to bids; the bids are left in `model.bids`.

    A producer bids a part of its recent income, spread over its new listings that may be recommended. What a platform
    sells is a part of its exposures; a listing buys at most a few times its test, and pays in proportion.
    """
    market, money, k = model.market.columns, model.settings.money, len(model.platforms)
    each = np.bincount(producer, minlength=model.producers.n)[producer]
    bid = money.promotion * model.producers.columns.income[producer] / np.maximum(each, 1)
    total = np.bincount(platform, bid, minlength=k)[platform]
    won = money.slots * market.exposures[platform] * bid / np.where(total > 0, total, 1.0)
    bought = np.minimum(won, MOST_BOUGHT * market.test[platform])
    part = np.where(won > 0, bought / np.where(won > 0, won, 1.0), 0.0)
    model.bids = Bids(producer, platform.astype(np.int64), micro(bid * part))
    return np.asarray(bought, np.float64)


def take_down(model: ContentEcosystem) -> None:
    """Close listings at their end; free items that are closed and counted."""
    listings, items = model.listings.columns, model.items.columns
    week = model.ticks_per_week
    closing, model.n_aged, model.n_starved = list_ending(listings, model.tick, 4 * week, week)
    item = listings.item[closing]
    for place in range(PLACES):  # one at a time: both listings of an item may close at once
        hit = items.places[item, place] == closing
        items.places[item[hit], place] = -1
    listings.item[closing] = -1
    closed = np.flatnonzero((items.alive > 0) & (items.week <= model.week - KEPT_WEEKS))
    for place in range(PLACES):
        closed = closed[items.places[closed, place] < 0]
    items.alive[closed] = 0
    model.n_retired += len(closed)

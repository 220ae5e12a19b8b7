"""Publication: new items are checked, listed, and given test exposures; old ones are taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.farms import keep_code
from sim.agents.items import take_rows
from sim.agents.moderators import affordable_reviews, detection_odds, first_of, own_odds
from sim.agents.platforms import feed_weights
from sim.agents.producers import remember_items
from sim.base.averages import warm_span
from sim.base.codes import CREATOR, ERROR, EXPLORATION, FALSE, FARM, GENERATED, KINDS, TRUE
from sim.base.records import CARD, DECLARED, HALF, PLACES, Batch
from sim.base.tables import B1, F8, I8, some, whole
from sim.kernels.places import close_listings
from sim.kernels.pools import list_ending
from sim.money.accounts import Bids, micro

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


def listing_ticks(freshness: F8, ticks_per_day: int) -> I8:
    """Do as `listing_days`, in ticks."""
    return np.ceil(listing_days(freshness) * ticks_per_day).astype(np.int64)


def publish_items(model: ContentEcosystem) -> None:
    """Take down what is old, then list this week's batch."""
    take_down(model)
    batch, week = model.batch, model.week
    model.n_published += len(batch.uid)
    admitted = _admit(model)
    kept = _anywhere(admitted).nonzero()[0]
    model.n_removed += len(batch.uid) - len(kept)
    new, admitted = some(batch, kept), admitted[kept]
    rows = take_rows(model.items, model.items.columns.alive == 0, len(kept))
    model.items.clear(rows)
    items = model.items.columns
    ticks = model.ticks_per_week
    opens = model.week * ticks + (model.streams["birth"].uniform(week, new.uid) * ticks).astype(np.int64)
    late = round(model.settings.moderation.review_days * model.settings.time.ticks_per_day)
    opens += late * model.reviewed[kept]
    listed = np.where(admitted, new.platforms, -1)
    _write_cards(model, rows, new)
    items.uid[rows], items.alive[rows], items.week[rows] = new.uid, 1, week
    items.ai[rows], items.novelty[rows] = new.ai, new.novelty
    items.first[rows] = listed[np.arange(len(rows)), admitted.argmax(axis=1)]
    _list_items(model, rows, new, listed, opens)
    remember_items(model.producers.columns, new.producer, rows, items.card["serial"][rows], listed)


def _admit(model: ContentEcosystem) -> B1:
    """Which places of the batch pass moderation: inaccurate items by platform and review, items taken for spam.

    What is removed as spam or as false by intent is a strike against its account.
    """
    batch, producers, settings = model.batch, model.producers.columns, model.settings
    u = model.streams["moderation"].uniforms(model.week, batch.uid, 3)
    own, wrong = own_odds(model.charters.moderation, settings), batch.accuracy != TRUE
    stopped = wrong[:, None] & (u[:, :2] < own[batch.platforms])
    review = model.streams["review"].uniforms(model.week, batch.uid, 2)
    model.reviewed = _review(model, review[:, 0])
    found = model.reviewed & wrong & (review[:, 1] < settings.moderation.review_power)
    removal = np.zeros(len(KINDS))
    removal[CREATOR], removal[FARM] = settings.moderation.false_removal, settings.farms.removal
    spam = u[:, 2] < removal[producers.kind[batch.producer]]
    listed = batch.platforms >= 0
    strike = spam | ((batch.accuracy >= FALSE) & (found | _anywhere(stopped & listed)))
    np.add.at(producers.strikes, batch.producer[strike], 1.0)
    admitted = listed & ~stopped & ~(spam | found)[:, None]
    _note_blocked(model, ~_anywhere(admitted))
    return np.asarray(admitted, np.bool_)


def _review(model: ContentEcosystem, u: F8) -> B1:
    """Which items of the batch are reviewed before publication, by a uniform number of each; shape (n,)."""
    wanted = u < model.levers["content_review"]
    ahead = model.market.columns.pays_ahead > 0
    if not ahead.any():
        return np.asarray(wanted, np.bool_)
    place = np.maximum(model.batch.platforms[:, 0], 0)
    most = affordable_reviews(model.ledger.balances["platforms"], model.settings)
    paid = first_of(u, place, most)  # the lowest come first, so whoever is wanted comes before whoever is not
    return np.asarray(wanted & (paid | ~ahead[place]), np.bool_)


def _anywhere(places: B1) -> B1:
    """Whether something holds at a place or more, given for each of them, shape (n, places)."""
    held = places[:, 0]
    for place in range(1, PLACES):
        held = held | places[:, place]
    return held


def _note_blocked(model: ContentEcosystem, blocked: B1) -> None:
    """Count the items removed this week, by origin and truth; errors are neither true nor lies."""
    batch = model.batch
    rows = (blocked & (batch.accuracy != ERROR)).nonzero()[0]
    code = 2 * (batch.origin[rows] == GENERATED) + (batch.accuracy[rows] >= FALSE)
    model.blocked[model.week % len(model.blocked)] = np.bincount(code, minlength=4).reshape(2, 2)


def _find_ai(model: ContentEcosystem, new: Batch, tell: F8) -> B1:
    """Which of some new items are labelled as AI's: declared, or found by watermark or detector."""
    levers, generated = model.levers, new.origin == GENERATED
    label = model.streams["label"].uniform(model.week, new.uid)
    account = model.streams["code"].uniform(0, model.producers.columns.uid[new.producer])
    keeps = keep_code(account, levers["self_regulation"], model.settings)
    declared = generated & ((label < levers["labelling"]) | keeps)
    coverage = model.charters.detection
    if levers["watermark"] <= 0 and not coverage.any():
        return np.asarray(declared, np.bool_)
    read = coverage[np.maximum(new.platforms[:, 0], 0)]
    odds = detection_odds(tell, read, levers["watermark"] * generated, model.settings)
    return np.asarray(declared | (model.streams["detector"].uniform(model.week, new.uid) < odds), np.bool_)


def _write_cards(model: ContentEcosystem, rows: I8, new: Batch) -> None:
    """Write what viewers meet of new items into these rows."""
    card = np.zeros(len(rows), CARD)
    for name in ("concept", "appeal", "craft", "emotion", "depth", "producer", "genre", "origin", "accuracy"):
        card[name] = getattr(new, name)
    tell = new.ai * np.exp(-model.settings.culture.detection_craft * np.maximum(new.craft, LOWEST_CRAFT))
    tell = np.minimum(tell, MOST_TELL)
    card["tell"] = np.where(_find_ai(model, new, tell), DECLARED, tell)
    card["serial"] = model.n_serial + 1 + np.arange(len(rows))
    model.n_serial += len(rows)
    whole(model.items.columns.card)[rows] = whole(card)


def _list_items(model: ContentEcosystem, rows: I8, new: Batch, listed: I8, opens: I8) -> None:
    """Open the listings, with the test exposures that each platform can spare for a newcomer.

    `rows` are those of the new items, which open at `opens`, shape (n,); `listed` their platforms, shape (n, places),
    -1 for none.
    """
    items, market = model.items.columns, model.market.columns
    where, place = (listed >= 0).nonzero()
    platform, producer, row, opens = listed[where, place], new.producer[where], rows[where], opens[where]
    shape, deep = market.arrived.shape, new.depth[where] >= HALF
    cell = np.ravel_multi_index((platform, new.genre[where], deep), shape)
    market.arrived[:] = np.bincount(cell, minlength=market.arrived.size).reshape(shape)
    arrivals = market.arrived.sum(axis=(1, 2))
    market.arrivals[:] += (arrivals - market.arrivals) / warm_span(model.week)
    pools = model.settings.pools
    weights = feed_weights(model.charters.sources, market.tilt)
    share = pools.explore * weights[:, EXPLORATION] / weights.sum(axis=1)
    spare = share * market.exposures / np.maximum(market.arrivals, 1.0)
    market.test[:] = spare.clip(pools.test_low, pools.test_high)
    at = take_rows(model.listings, model.listings.columns.item < 0, len(row))
    model.listings.clear(at)
    listings = model.listings.columns
    listings.item[at], listings.platform[at], listings.opens[at] = row, platform, opens
    listings.ends[at] = opens + model.listing_ticks[platform]
    items.places[row, place] = at
    if model.levers["ai_exclusion"] > 0:
        u = model.streams["exclusion"].uniform(model.week, new.uid[where])
        out = (u < model.levers["ai_exclusion"]) & (items.card["tell"][row] >= DECLARED)
        listings.stage[at[out]] = -1  # without a budget; follows, friends and search still lead there
        at, producer, platform = at[~out], producer[~out], platform[~out]
    listings.budget[at] = market.test[platform] + _promote(model, producer, platform)


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
    model.n_retired += close_listings(
        closing, listings.item, items.places, items.alive, items.week, model.week - KEPT_WEEKS
    )

"""Counts one tick's events into listings, items, producers, posts and the week's sums, in consumer order."""

from __future__ import annotations

from math import isnan, log
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.codes import GENERATED, TRUE
from sim.base.randomness import coin
from sim.base.records import HALF, Items, Listings
from sim.base.tables import F8, I1, I4, I8, U1, U2, U4, U8
from sim.kernels.elementary import compiled, inner, prefetch
from sim.kernels.sessions import Events

MAX_POSTS = 65_535  # largest weekly number of posts that the column can hold
AHEAD = 8  # prefetch distance in sessions


class Tallies(NamedTuple):
    """The week's sums; K platforms, G genres, P producers, A age groups."""

    platform_seconds: I8  # (K,)
    off_seconds: I8  # (1,)
    interactive_seconds: I8  # (1,) with interactive AI
    origin_seconds: I8  # (K, 3) human, assisted, generated
    ai_seconds: F8  # (K,) seconds times AI's share of the work
    cell_seconds: I8  # (K, G, 2) shallow and deep items
    producer_seconds: I8  # (P, K)
    producer_uses: I8  # (P,)
    producer_pleasure: F8  # (P, 2) sum of satisfaction, sessions that chose an item of the producer
    group_seconds: I8  # (A, 3) on screen, deep, generated
    deep_seconds: I8  # (1,)
    uses: I8  # (1,)
    exposures: I8  # (4,) of right, mistaken, false and impersonating items
    craft_seconds: F8  # (1,)
    surplus: F8  # (2,) sum, sessions
    filled: I8  # (2,) slots filled, slots
    calls: F8  # (4,) P(human) and number: human items, generated items
    safe_seconds: F8  # (K,) on accurate items; skimmed use counts with the share of the length that it uses


def empty_tallies(platforms: int, genres: int, producers: int, groups: int) -> Tallies:
    """Tallies with all sums at zero."""
    return Tallies(
        platform_seconds=np.zeros(platforms, np.int64),
        off_seconds=np.zeros(1, np.int64),
        interactive_seconds=np.zeros(1, np.int64),
        origin_seconds=np.zeros((platforms, 3), np.int64),
        ai_seconds=np.zeros(platforms),
        cell_seconds=np.zeros((platforms, genres, 2), np.int64),
        producer_seconds=np.zeros((producers, platforms), np.int64),
        producer_uses=np.zeros(producers, np.int64),
        producer_pleasure=np.zeros((producers, 2)),
        group_seconds=np.zeros((groups, 3), np.int64),
        deep_seconds=np.zeros(1, np.int64),
        uses=np.zeros(1, np.int64),
        exposures=np.zeros(4, np.int64),
        craft_seconds=np.zeros(1),
        surplus=np.zeros(2),
        filled=np.zeros(2, np.int64),
        calls=np.zeros(4),
        safe_seconds=np.zeros(platforms),
    )


@compiled()
def count_shown(slate: I4, listings: Listings, accuracy: U1, exposures: I8, shown: F8, tallies: Tallies) -> None:
    """Count what a tick's sessions showed.

    Parameters
    ----------
    slate : int32 (n, slots), rows of the listings that each session showed, then -1.
    listings : the table of listings.
    accuracy : uint8 (listings,), accuracy code of each listing's item.
    exposures : (items,), added to in place.
    shown : float64 (K,), exposures of the tick per platform, added to in place.
    tallies : Tallies, added to in place.
    """
    exposed = np.zeros(listings.item.size, np.int32)
    for i in range(slate.shape[0]):
        filled = 0
        while filled < slate.shape[1] and slate[i, filled] >= 0:
            exposed[slate[i, filled]] += 1
            filled += 1
        if filled > 0:
            tallies.filled[0] += filled
            tallies.filled[1] += slate.shape[1]
    met, number = np.empty(exposed.size + 1, np.int32), 0
    for j in range(exposed.size):  # branch-free
        met[number] = j
        number += exposed[j] > 0
    for e in range(number):  # once per listing, not once per slot
        prefetch(exposures, listings.item[met[min(e + AHEAD, number - 1)]])
        j = met[e]
        n = exposed[j]
        listings.shown[j] += n
        listings.budget[j] -= n
        shown[listings.platform[j]] += n
        exposures[listings.item[j]] += n
        tallies.exposures[accuracy[j]] += n


@inner()
def prefetch_item(items: Items, row: int) -> None:
    """Prefetch what `count_used` reads of an item, given by row."""
    prefetch(items.card, row)
    prefetch(items.uses, row)
    prefetch(items.week_seconds, row)
    prefetch(items.chosen, row)
    prefetch(items.pleasure, row)
    prefetch(items.ai, row)


@inner()
def count_session(i: int, events: Events, followers: I4, tallies: Tallies) -> None:
    """Count what every session leaves, whatever it was spent on: surplus, calls, follows gained and lost.

    `calls` are guesses whether items are human or AI's.
    """
    if not isnan(events.surplus[i]):
        tallies.surplus[0] += events.surplus[i]
        tallies.surplus[1] += 1.0
    for c in range(4):
        tallies.calls[c] += events.calls[i, c]
    if events.gained[i] >= 0:
        followers[events.gained[i]] += 1
    if events.lost[i] >= 0:
        followers[events.lost[i]] -= 1


@inner()
def count_item(
    i: int, k: int, item: int, share: float, age: U2, events: Events, items: Items, tallies: Tallies
) -> None:
    """Add consumer i's use of an item on platform k to the sums of the item, its producer, platform and age group.

    `share` is the share of the item's length that was used; `age` the age group of each consumer, shape (n,).
    """
    card, seconds = items.card[item], events.seconds[i]
    items.uses[item] += events.uses[i]
    items.week_seconds[item] += seconds
    items.chosen[item] += 1
    items.pleasure[item] += events.utility[i]
    tallies.platform_seconds[k] += seconds
    tallies.origin_seconds[k, card.origin] += seconds
    tallies.ai_seconds[k] += seconds * items.ai[item]
    tallies.cell_seconds[k, card.genre, np.int64(card.depth >= HALF)] += seconds
    tallies.producer_seconds[card.producer, k] += seconds
    if card.accuracy == TRUE:
        tallies.safe_seconds[k] += seconds * share
    tallies.producer_uses[card.producer] += events.uses[i]
    tallies.producer_pleasure[card.producer, 0] += events.utility[i]
    tallies.producer_pleasure[card.producer, 1] += 1.0
    tallies.uses[0] += events.uses[i]
    tallies.craft_seconds[0] += seconds * card.craft
    tallies.group_seconds[age[i], 0] += seconds
    if events.deep[i]:
        tallies.deep_seconds[0] += seconds
        tallies.group_seconds[age[i], 1] += seconds
    if card.origin == GENERATED:
        tallies.group_seconds[age[i], 2] += seconds


@compiled()
def count_used(
    lo: int,
    hi: int,
    events: Events,
    items: Items,
    listings: Listings,
    age: U2,
    skim: float,
    followers: I4,
    engaged: F8,
    tallies: Tallies,
) -> None:
    """Count what consumers lo to hi - 1 used in a tick, and everything else that happened in their sessions.

    Parameters
    ----------
    events : Events, n rows.
    items, listings : the tables of content.
    age : uint16 (n,), age group of each consumer.
    skim : share of an item's length that skimming uses.
    followers : int32 (P,), followers of each producer, changed in place.
    engaged : float64 (K,), engagement of the tick per platform, added to in place.
    tallies : Tallies, added to in place.
    """
    used = np.zeros(listings.item.size, np.uint8)
    for i in range(lo, hi):
        count_session(i, events, followers, tallies)
        j = events.listing[i]
        seconds = events.seconds[i]
        if j < 0:
            if events.talks[i]:
                tallies.interactive_seconds[0] += seconds
            else:
                tallies.off_seconds[0] += seconds
            continue
        k, item = listings.platform[j], listings.item[j]
        share = 1.0 if events.deep[i] else skim
        prefetch_item(items, listings.item[events.listing[min(i + AHEAD, hi - 1)]])
        listings.engaged[j] += share
        engaged[k] += share
        used[j] = 1
        count_item(i, k, item, share, age, events, items, tallies)
    for j in range(used.size):  # once per listing, not once per use
        if used[j]:
            items.fame[listings.item[j]] = log(1.0 + items.uses[listings.item[j]])


@compiled()
def mark_posts(
    made: I4,
    shares: I1,
    listing: I4,
    tick: int,
    item: I4,
    card: npt.NDArray[Any],
    posts: U2,
    shared: npt.NDArray[Any],
) -> None:
    """Add a tick's posts to people's counts, and record what they shared, which friends can meet from the next tick on.

    Parameters
    ----------
    made, shares, listing : int32, int8, int32 (n,): posts in the tick, whether one shares an item, the listing used.
    item : int32 (listings,); card : (items,) of CARD.
    posts, shared : uint16 and SHARE (n,), the people's posts of the week and what they shared; changed in place.
    """
    for i in range(made.size):
        posts[i] = min(np.int64(posts[i]) + made[i], MAX_POSTS)
        if shares[i]:
            j = listing[i]
            shared[i].listing = j
            shared[i].serial = card[item[j]].serial
            shared[i].tick = tick


@compiled()
def mark_visits(
    uid: U8, listing: I4, seconds: I4, visited: U4, half: int, platform: U1, experiment: U8, spent: I8
) -> None:
    """Record which platforms people visited in a tick, and their seconds there by arm of the platform's experiment.

    Parameters
    ----------
    uid, listing, seconds : uint64, int32, int32 (n,), people of a tick and their sessions; listing -1 is off screen.
    visited : uint32 (n, 2), a bit per platform, for each half of the experiment; changed in place.
    half : which half runs now, 0 or 1.
    platform : uint8 (listings,).
    experiment : uint64 (K,), keys that assign people to arms (`coin`).
    spent : int64 (K, 2), seconds by platform and arm, added to in place.
    """
    for i in range(uid.size):
        if listing[i] >= 0:
            k = platform[listing[i]]
            visited[i, half] |= np.uint32(1) << np.uint32(k)
            spent[k, coin(experiment[k], uid[i])] += seconds[i]

"""Counts one tick's events into listings, items, producers, posts and the week's sums, in consumer order."""

from __future__ import annotations

from math import isnan, log
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.codes import TRUE
from sim.base.randomness import coin
from sim.base.records import AGES, DEPTHS, Items, Listings
from sim.base.tables import F8, I1, I4, I8, U1, U2, U4, U8
from sim.kernels.elementary import compiled, inner, prefetch
from sim.kernels.sessions import ATTENDED, CHANCE, ENGAGED, PLEASURE, SECONDS, USES, Events

MAX_POSTS = 65_535  # largest weekly number of posts that the column can hold
AHEAD = 8  # prefetch distance in sessions and in listings
CHOSEN, SUMS = 6, 8  # place of choices among a listing's sums, after those of `Events.spread`; room for them


class Tallies(NamedTuple):
    """The week's sums; K platforms, G genres, P producers, A age groups."""

    platform_seconds: I8  # (K,)
    off_seconds: I8  # (1,)
    interactive_seconds: I8  # (1,) with interactive AI
    origin_seconds: I8  # (K, 3) human, assisted, generated
    ai_seconds: F8  # (K,) seconds times AI's share of the work
    cell_seconds: I8  # (K, G, DEPTHS) by bin of the items' depth
    cell_uses: F8  # (K, G, DEPTHS)
    market_uses: F8  # (K, G, 3) by the items' origin
    depth_seconds: F8  # (K, G) seconds times depth times the share of the length that was used
    shown_depth: F8  # (K, 2) sum of depth over exposures, exposures
    producer_seconds: I8  # (P, K)
    producer_uses: F8  # (P,)
    producer_pleasure: (
        F8  # (P, 2) sum over sessions of the chance of choosing its items times satisfaction; of the chance
    )
    group_seconds: I8  # (A, 3) on screen, deep, generated
    deep_seconds: I8  # (1,)
    uses: F8  # (1,)
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
        cell_seconds=np.zeros((platforms, genres, DEPTHS), np.int64),
        cell_uses=np.zeros((platforms, genres, DEPTHS)),
        market_uses=np.zeros((platforms, genres, 3)),
        depth_seconds=np.zeros((platforms, genres)),
        shown_depth=np.zeros((platforms, 2)),
        producer_seconds=np.zeros((producers, platforms), np.int64),
        producer_uses=np.zeros(producers),
        producer_pleasure=np.zeros((producers, 2)),
        group_seconds=np.zeros((groups, 3), np.int64),
        deep_seconds=np.zeros(1, np.int64),
        uses=np.zeros(1),
        exposures=np.zeros(4, np.int64),
        craft_seconds=np.zeros(1),
        surplus=np.zeros(2),
        filled=np.zeros(2, np.int64),
        calls=np.zeros(4),
        safe_seconds=np.zeros(platforms),
    )


@inner()
def prefetch_item(items: Items, row: int) -> None:
    """Prefetch what `count_listing` reads of an item, given by row."""
    prefetch(items.card, row)
    prefetch(items.exposures, row)
    prefetch(items.uses, row)
    prefetch(items.week_seconds, row)
    prefetch(items.chosen, row)
    prefetch(items.chance, row)
    prefetch(items.pleasure, row)
    prefetch(items.ai, row)


@inner()
def count_listing(j: int, days: int, sums: F8, items: Items, listings: Listings, engaged: F8, tallies: Tallies) -> None:
    """Add what a tick left at listing j, `sums`, to it, and to its item, producer and platform.

    `days` are the full days since the listing opened.
    """
    k, item = listings.platform[j], listings.item[j]
    card, seconds, uses = items.card[item], np.int64(sums[SECONDS]), sums[USES]
    span = 0
    for end in AGES:
        span += days >= end
    listings.uses[j, span] += uses
    tallies.market_uses[k, card.genre, card.origin] += uses
    listings.engaged[j] += sums[ENGAGED]
    engaged[k] += sums[ENGAGED]
    items.uses[item] += uses
    items.fame[item] = log(1.0 + items.uses[item])
    items.week_seconds[item] += seconds
    items.chosen[item] += np.int32(sums[CHOSEN])
    items.chance[item] += sums[CHANCE]
    items.pleasure[item] += sums[PLEASURE]
    tallies.uses[0] += uses
    tallies.platform_seconds[k] += seconds
    tallies.origin_seconds[k, card.origin] += seconds
    tallies.ai_seconds[k] += seconds * items.ai[item]
    depth = np.int64(card.depth * DEPTHS) - np.int64(card.depth >= 1.0)
    tallies.cell_seconds[k, card.genre, depth] += seconds
    tallies.cell_uses[k, card.genre, depth] += uses
    tallies.craft_seconds[0] += seconds * card.craft
    tallies.depth_seconds[k, card.genre] += sums[ATTENDED] * card.depth
    if card.accuracy == TRUE:
        tallies.safe_seconds[k] += sums[ATTENDED]
    tallies.producer_seconds[card.producer, k] += seconds
    tallies.producer_uses[card.producer] += uses
    tallies.producer_pleasure[card.producer, 0] += sums[PLEASURE]
    tallies.producer_pleasure[card.producer, 1] += sums[CHANCE]


@compiled()
def count_slates(
    tick: int,
    ticks_per_day: int,
    lo: int,
    hi: int,
    events: Events,
    items: Items,
    listings: Listings,
    accuracy: U1,
    shown: F8,
    engaged: F8,
    tallies: Tallies,
) -> None:
    """Count what the sessions of consumers lo to hi - 1 showed in a tick, and how they were spent on it.

    Parameters
    ----------
    tick, ticks_per_day : tell how old a listing is.
    events : Events; `events.spread` begins with consumer lo.
    items, listings : the tables of content.
    accuracy : uint8 (listings,), accuracy code of each listing's item.
    shown, engaged : float64 (K,), exposures and engagement of the tick per platform, added to in place.
    tallies : Tallies, added to in place.
    """
    exposed, sums = np.zeros(listings.item.size, np.int32), np.zeros((listings.item.size, SUMS))
    slots = events.slate.shape[1]
    for i in range(lo, hi):
        filled = 0
        while filled < slots and events.slate[i, filled] >= 0:
            j = events.slate[i, filled]
            exposed[j] += 1
            for c in range(CHOSEN):
                sums[j, c] += events.spread[i - lo, filled, c]
            filled += 1
        if filled > 0:
            tallies.filled[0] += filled
            tallies.filled[1] += slots
        if events.listing[i] >= 0:
            sums[events.listing[i], CHOSEN] += 1.0
    met, number = np.empty(exposed.size + 1, np.int32), 0
    for j in range(exposed.size):  # branch-free
        met[number] = j
        number += exposed[j] > 0
    for e in range(number):  # once per listing, not once per place of a slate
        prefetch_item(items, listings.item[met[min(e + AHEAD, number - 1)]])
        j = met[e]
        n = exposed[j]
        listings.shown[j] += n
        listings.budget[j] -= n
        k, item = listings.platform[j], listings.item[j]
        shown[k] += n
        items.exposures[item] += n
        tallies.shown_depth[k, 0] += n * items.card[item].depth
        tallies.shown_depth[k, 1] += n
        tallies.exposures[accuracy[j]] += n
        if sums[j, CHANCE] > 0.0:
            days = (tick - listings.opens[j]) // ticks_per_day
            count_listing(j, days, sums[j], items, listings, engaged, tallies)


@compiled()
def count_sessions(lo: int, hi: int, events: Events, age: U2, followers: I4, tallies: Tallies) -> None:
    """Count what the sessions of consumers lo to hi - 1 left in a tick, whatever they were spent on.

    That is surplus, guesses whether items are human or AI's (`calls`), follows gained and lost, time off screen and
    with interactive AI, and time of deep use and with generated items by age group.

    Parameters
    ----------
    age : uint16 (n,), age group of each consumer.
    followers : int32 (P,), followers of each producer, changed in place.
    tallies : Tallies, added to in place.
    """
    for i in range(lo, hi):
        if not isnan(events.surplus[i]):
            tallies.surplus[0] += events.surplus[i]
            tallies.surplus[1] += 1.0
        for c in range(4):
            tallies.calls[c] += events.calls[i, c]
        if events.gained[i] >= 0:
            followers[events.gained[i]] += 1
        if events.lost[i] >= 0:
            followers[events.lost[i]] -= 1
        if events.listing[i] >= 0:
            tallies.deep_seconds[0] += events.deep_seconds[i]
            tallies.group_seconds[age[i], 0] += events.seconds[i]
            tallies.group_seconds[age[i], 1] += events.deep_seconds[i]
            tallies.group_seconds[age[i], 2] += events.generated_seconds[i]
        elif events.talks[i]:
            tallies.interactive_seconds[0] += events.seconds[i]
        else:
            tallies.off_seconds[0] += events.seconds[i]


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

"""Loops over items: choose platforms to list them on, note them for followers, take them down."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.tables import B1, F4, F8, I4, I8, U1, U4
from sim.kernels.elementary import compiled, unmanaged


@compiled()
def choose_listing_platforms(taste: F4, producer: I8, worth: F8, law: I8, noise: F8, home: I8, again: B1) -> I8:
    """Choose for each item the platform of highest value and, where wanted, the second best.

    Ties go to the first platform. The value of a platform is the producer's taste for it + its worth for the item's
    kind + noise.

    Parameters
    ----------
    taste : of each producer for each platform, shape (P, K).
    producer : row of each item's producer, shape (n,).
    worth : of each platform for items of each kind, shape (K, kinds); -inf where it takes none.
    law : kind of each item, shape (n,).
    noise : shape (n, K) or wider; only the first K numbers of each row are used.
    home : platform on which the item must be listed, -1 where the first is chosen, shape (n,).
    again : whether a second platform is wanted, shape (n,).

    Returns
    -------
    Platforms, shape (n, 2); the second is -1 for none, and the first is 0 if no platform takes the item.
    """
    chosen = np.full((producer.size, 2), -1, np.int64)
    for i in range(producer.size):
        first, second, best, next_best = max(home[i], 0), -1, -np.inf, -np.inf
        for k in range(worth.shape[0]):
            value = taste[producer[i], k] + worth[k, law[i]] + noise[i, k]
            if home[i] < 0 and value > best:
                first, best, second, next_best = k, value, first if best > -np.inf else -1, best
            elif k != home[i] and value > next_best:
                second, next_best = k, value
        chosen[i, 0] = first
        if again[i]:
            chosen[i, 1] = second
    return chosen


@unmanaged()
def note_items(recent: npt.NDArray[Any], count: I4, producer: I8, item: I8, serial: U4, platforms: I8) -> None:
    """Write new items into their producers' rings of latest items, from which followers' feeds draw.

    Parameters
    ----------
    recent : records of `RECENT`, shape (P, ring size); changed in place.
    count : items ever published by each producer, shape (P,); changed in place.
    producer, item, serial : row of the producer, row and serial of each item, shape (n,).
    platforms : those on which each item is listed, -1 for none, shape (n, 2); at most 32 platforms, one bit each.
    """
    for i in range(producer.size):
        p = producer[i]
        bits = np.uint32(0)
        for k in platforms[i]:
            if k >= 0:
                bits |= np.uint32(1) << np.uint32(k)
        entry = recent[p, count[p] % recent.shape[1]]
        entry.item, entry.serial, entry.platforms = item[i], serial[i], bits
        count[p] += 1


@compiled()
def close_listings(closing: I8, item: I4, item_listings: I4, alive: U1, week: I4, last: int) -> I8:
    """Take down listings, and give up old items that have no listing left.

    Parameters
    ----------
    closing : rows of the listings to take down, shape (n,).
    item : row of each listing's item, -1 for none, shape (listings,); changed in place.
    item_listings : rows of each item's listings, -1 for none, shape (items, 2); changed in place.
    alive : 1 for items that are kept, shape (items,); changed in place.
    week, last : week of publication of each item, shape (items,); items up to week `last` can be given up.

    Returns
    -------
    Rows of the items given up, ascending.
    """
    for j in closing:
        mine = item_listings[item[j]]
        for p in range(mine.size):
            if mine[p] == j:
                mine[p] = -1
        item[j] = -1
    given_up, n = np.empty(alive.size, np.int64), 0
    for i in range(alive.size):
        if alive[i] > 0 and week[i] <= last:
            listed = False
            for p in range(item_listings.shape[1]):
                listed |= item_listings[i, p] >= 0
            if not listed:
                alive[i] = 0
                given_up[n] = i
                n += 1
    return given_up[:n]

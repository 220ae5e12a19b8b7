"""Loops over items: on which platforms they are listed, where followers can meet them, when they go."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.tables import B1, F4, F8, I4, I8, U1, U4
from sim.kernels.elementary import compiled, unmanaged


@compiled()
def choose_listing_platforms(taste: F4, producer: I8, worth: F8, law: I8, noise: F8, home: I8, again: B1) -> I8:
    """Choose the best platform for each item, and the best of the others where one is wanted; the first of equals.

    Parameters
    ----------
    taste : of each producer for each platform, shape (P, K).
    producer : row of each item's producer, shape (n,).
    worth : of each platform for items of each kind, shape (K, kinds); -inf where it takes none.
    law : kind of each item, shape (n,).
    noise : added to taste and worth; the first K numbers of each row are used, shape (n, K) or wider.
    home : platform on which an item is listed in any case, -1 where that is chosen; shape (n,).
    again : whether a second platform is wanted, shape (n,).

    Returns
    -------
    Platforms, shape (n, 2), -1 for no second; the first is 0 where none takes the item.
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
    """Note new items among the latest of their producers, which are written round and round.

    Parameters
    ----------
    recent : of `RECENT`, shape (P, latest), changed in place.
    count : items ever published by each producer, shape (P,), changed in place.
    producer, item, serial : row of the producer, row and serial of each item, shape (n,).
    platforms : those on which each is listed, at most 32 of them, -1 for none; shape (n, 2).
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


@unmanaged()
def close_listings(closing: I8, item: I4, item_listings: I4, alive: U1, week: I4, last: int) -> int:
    """Take down listings, and give up the items of old weeks that are listed nowhere any more.

    Parameters
    ----------
    closing : rows of listings, shape (n,).
    item : of each listing, -1 for none; shape (listings,), changed in place.
    item_listings : rows of each item's listings, -1 for none, shape (items, 2); changed in place.
    alive : 1 for items that are kept, shape (items,); changed in place.
    week, last : week of publication of each item, shape (items,), and the last week whose items are given up.

    Returns
    -------
    Number of items given up.
    """
    for j in closing:
        mine = item_listings[item[j]]
        for p in range(mine.size):
            if mine[p] == j:
                mine[p] = -1
        item[j] = -1
    given_up = 0
    for i in range(alive.size):
        if alive[i] > 0 and week[i] <= last:
            listed = False
            for p in range(item_listings.shape[1]):
                listed |= item_listings[i, p] >= 0
            if not listed:
                alive[i] = 0
                given_up += 1
    return given_up

"""Loops over new items: on which platforms they are listed, and where followers can meet them; each has a twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.kernels.elementary import compiled, unmanaged
from sim.tables import B1, F4, F8, I4, I8, U4


@compiled()
def choose_places(taste: F4, producer: I8, worth: F8, law: I8, noise: F8, home: I8, again: B1) -> I8:
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


def choose_places_numpy(taste: F4, producer: I8, worth: F8, law: I8, noise: F8, home: I8, again: B1) -> I8:
    """Twin of `choose_places`."""
    value, rows = taste[producer] + worth.T[law] + noise[:, : len(worth)], np.arange(len(producer))
    first = np.where(home < 0, value.argmax(axis=1), home)
    value[rows, first] = -np.inf
    second = value.argmax(axis=1)
    return np.stack([first, np.where(again & (value[rows, second] > -np.inf), second, -1)], axis=1)


@unmanaged()
def note_items(recent: npt.NDArray[Any], count: I4, producer: I8, item: I8, serial: U4, platforms: I8) -> None:
    """Note new items among the latest of their producers, which are written round and round.

    Parameters
    ----------
    recent : of `RECENT`, shape (P, latest), changed in place.
    count : items ever published by each producer, shape (P,), changed in place.
    producer, item, serial : row of the producer, row and serial of each item, shape (n,).
    platforms : those on which each is listed, at most 32 of them, -1 for none; shape (n, places).
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


def note_items_numpy(recent: npt.NDArray[Any], count: I4, producer: I8, item: I8, serial: U4, platforms: I8) -> None:
    """Twin of `note_items`."""
    bits = np.where(platforms >= 0, 1 << np.maximum(platforms, 0), 0).sum(axis=1)
    for p, entry in zip(producer, zip(item, serial, bits, strict=True), strict=True):
        recent[p, count[p] % recent.shape[1]] = entry
        count[p] += 1

"""The loops over items once more in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.tables import B1, F4, F8, I4, I8, U1, U4


def choose_listing_platforms_numpy(taste: F4, producer: I8, worth: F8, law: I8, noise: F8, home: I8, again: B1) -> I8:
    """Twin of `kernels.listings.choose_listing_platforms`."""
    value, rows = taste[producer] + worth.T[law] + noise[:, : len(worth)], np.arange(len(producer))
    first = np.where(home < 0, value.argmax(axis=1), home)
    value[rows, first] = -np.inf
    second = value.argmax(axis=1)
    return np.stack([first, np.where(again & (value[rows, second] > -np.inf), second, -1)], axis=1)


def note_items_numpy(recent: npt.NDArray[Any], count: I4, producer: I8, item: I8, serial: U4, platforms: I8) -> None:
    """Twin of `kernels.listings.note_items`."""
    bits = np.where(platforms >= 0, 1 << np.maximum(platforms, 0), 0).sum(axis=1)
    for p, entry in zip(producer, zip(item, serial, bits, strict=True), strict=True):
        recent[p, count[p] % recent.shape[1]] = entry
        count[p] += 1


def close_listings_numpy(closing: I8, item: I4, item_listings: I4, alive: U1, week: I4, last: int) -> I8:
    """Twin of `kernels.listings.close_listings`."""
    item_listings[np.isin(item_listings, closing)] = -1
    item[closing] = -1
    gone = (alive > 0) & (week <= last) & (item_listings < 0).all(axis=1)
    alive[gone] = 0
    return np.flatnonzero(gone)

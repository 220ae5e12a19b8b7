"""Gifts: how good humans' items are on average, and what AI producers' items draw from that law."""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.creators import Creators
from sim.agents.producers import Producers
from sim.base.tables import F8
from sim.settings import Settings

QUANTILES = 512  # points at which a law is kept
GIFTS = ("mean_appeal", "skill")  # columns of producers whose law is kept
PLACES = (np.arange(QUANTILES) + 0.5) / QUANTILES


def measure_gifts(producers: Producers, creators: Creators, settings: Settings) -> F8:
    """Quantiles of what active creators' items have on average, of appeal and of craft; shape (2, QUANTILES).

    Creators weigh by their output, so that an item of an AI producer is as good as a human item, or all alike
    (`farms.parity`).
    """
    humans = len(creators.rate)
    weight = producers.active[:humans].astype(np.float64)
    if settings.farms.parity == "item":
        weight = weight * creators.rate
    held = weight > 0
    if not held.any():
        return np.zeros((len(GIFTS), QUANTILES))
    return np.array([_quantiles(getattr(producers, name)[:humans][held], weight[held]) for name in GIFTS])


def _quantiles(values: F8, weight: F8) -> F8:
    """Quantiles of weighted values at `PLACES`: each value stands at the middle of its weight."""
    order = np.argsort(values, kind="stable")
    weight = weight[order] / weight.sum()
    return np.interp(PLACES, np.cumsum(weight) - 0.5 * weight, values[order].astype(np.float64))


def draw_gifts(law: F8, lasting: F8, fresh: F8, settings: Settings) -> F8:
    """Draw a gift for each item of AI producers from a law of `measure_gifts`, shape (n,).

    A part of its variance lasts as long as the account (`farms.gift_lasting`); the rest is drawn anew for every item.

    Parameters
    ----------
    law : quantiles of the gift, shape (QUANTILES,).
    lasting, fresh : standard normal numbers of each item's account and of the item, shape (n,).
    """
    kept = settings.farms.gift_lasting
    place = special.ndtr(np.sqrt(kept) * lasting + np.sqrt(1.0 - kept) * fresh)
    return np.asarray(np.interp(place, PLACES, law), np.float64)

"""Gifts: how good humans' items are on average, and what AI producers' items draw from that law, genre by genre."""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.creators import Creators
from sim.agents.producers import Producers
from sim.base.clock import MONTH, YEAR
from sim.base.tables import F8, I8
from sim.settings import Settings

QUANTILES = 512  # points at which a law is kept
GIFTS = ("mean_appeal", "skill")  # columns of producers whose law is kept
SKILL = 1  # number of craft among them
PLACES = (np.arange(QUANTILES) + 0.5) / QUANTILES


def measure_gifts(producers: Producers, creators: Creators, settings: Settings) -> F8:
    """Quantiles of what active creators' items have on average, of appeal and of craft; shape (2, G, QUANTILES).

    Each genre has a law of its own, so that AI meets in each the humans whom it imitates, however few they are; where
    nobody is active, that of all genres. Creators weigh by their output, so that an item of an AI producer is as good
    as a human item of the genre, or all alike (`farms.parity`).
    """
    humans, genres = len(creators.rate), settings.world.genres
    weight = producers.active[:humans].astype(np.float64)
    if settings.farms.parity == "item":
        weight = weight * creators.rate
    law = np.zeros((len(GIFTS), genres, QUANTILES))
    if not weight.any():
        return law
    for genre in range(genres):
        mine = weight * (producers.genre[:humans] == genre)
        held = (mine if mine.any() else weight) > 0
        law[:, genre] = [_quantiles(getattr(producers, name)[:humans][held], weight[held]) for name in GIFTS]
    return law


def learn_gifts(law: F8, producers: Producers, creators: Creators, settings: Settings) -> None:
    """Move the law of a year a month on: AI imitates what people make now, also after those of its release have quit.

    Quantiles are averaged, each with its own of before; `law` has shape (2, G, QUANTILES).
    """
    law += (measure_gifts(producers, creators, settings) - law) * MONTH / YEAR


def _quantiles(values: F8, weight: F8) -> F8:
    """Quantiles of weighted values at `PLACES`: each value stands at the middle of its weight."""
    order = np.argsort(values, kind="stable")
    weight = weight[order] / weight.sum()
    return np.interp(PLACES, np.cumsum(weight) - 0.5 * weight, values[order].astype(np.float64))


def draw_gifts(law: F8, genre: I8, lasting: F8, fresh: F8, settings: Settings) -> F8:
    """Draw a gift for each item of AI producers from a law of `measure_gifts`, shape (n,).

    A part of its variance lasts as long as the account (`farms.gift_lasting`); the rest is drawn anew for every item.

    Parameters
    ----------
    law : quantiles of the gift in each genre, shape (G, QUANTILES).
    genre : of each item, shape (n,).
    lasting, fresh : standard normal numbers of each item's account and of the item, shape (n,).
    """
    kept = settings.farms.gift_lasting
    place = special.ndtr(np.sqrt(kept) * lasting + np.sqrt(1.0 - kept) * fresh) * QUANTILES - 0.5
    low = np.minimum(np.maximum(place.astype(np.int64), 0), QUANTILES - 2)
    part = np.minimum(np.maximum(place - low, 0.0), 1.0)
    return np.asarray(law[genre, low] * (1.0 - part) + law[genre, low + 1] * part, np.float64)

"""Depth and length of items: what each depth is known to earn, the work that its length takes, and what makers choose.

One law for all makers: hours of people, and model fees and minutes of AI producers, grow with an item's length.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.platforms import PlatformState
from sim.base.averages import averaging_weeks
from sim.base.codes import FARM
from sim.base.records import DEPTHS
from sim.base.tables import B1, F4, F8, I8, U1
from sim.settings import Settings

EDGES = np.arange(1, DEPTHS) / DEPTHS  # between bins of depth
MIDDLES = (np.arange(DEPTHS) + 0.5) / DEPTHS
RETURN_WEEKS = 26.0  # over which it is learned what items earn: assumption
DOUBTED_ITEMS = 200.0  # items, imagined to earn as elsewhere: squared spread of what an item earns over 0.3 squared
USUAL_WEEKS = 26.0  # before release over which the work of the usual item is averaged: assumption
FAMILIAR_ITEMS = 10.0  # latest items from which a maker knows how long they take: assumption
LIKINGS = 32  # points of the law of what makers like, at which AI producers work out what to expect


def stretch(settings: Settings) -> float:
    """Log of the length of an item of depth 1 over that of depth 0."""
    return float(np.log(settings.attention.long_seconds / settings.attention.short_seconds))


def length_powers(settings: Settings) -> F8:
    """Elasticity of work to length of people and of AI producers, shape (2,)."""
    return np.array([settings.creators.length_cost, settings.farms.length_cost])


def raw_work(depth: F8 | F4, settings: Settings) -> F8:
    """Work of items by their length over that of the shortest one, done by people and by AI; shape (n, 2)."""
    return np.asarray(np.exp(np.multiply.outer(depth, stretch(settings) * length_powers(settings))), np.float64)


def work_of(depth: F8, by_ai: B1, usual: F8, settings: Settings) -> F8:
    """Work of items by their length, over that of the usual item before release; shape (n,).

    Parameters
    ----------
    by_ai : whether the work is that of AI and who runs it, (n,).
    usual : work of the usual item, by people and by AI, over that of the shortest one; shape (2,).
    """
    return np.asarray(np.where(by_ai, *(raw_work(depth, settings) / usual).T[::-1]), np.float64)


def learn_usual(usual: F8, depth: F8, week: int, settings: Settings) -> None:
    """Update the work of the usual item, shape (2,), by the new items of people, whose depth is of shape (n,)."""
    if depth.size:
        usual += (raw_work(depth, settings).mean(axis=0) - usual) / averaging_weeks(week, USUAL_WEEKS)


def learn_work(learned: F4, producer: I8, work: F8) -> None:
    """Update the mean work of each producer's latest items, shape (P,), by new ones.

    Parameters
    ----------
    producer, work : row of each new item's producer and its work, shape (n,).
    """
    number = np.bincount(producer, minlength=len(learned))
    mean = np.bincount(producer, work, minlength=len(learned)) / np.maximum(number, 1)
    learned += ((mean - learned) * (1.0 - (1.0 - 1.0 / FAMILIAR_ITEMS) ** number)).astype(np.float32)


def seconds_an_item(market: PlatformState) -> F8:
    """Seconds that a new listing is known to earn, by platform and genre, shape (K, G)."""
    seconds, listed = market.earned.sum(axis=2), market.listed.sum(axis=2)
    return np.asarray(seconds / np.maximum(listed, 1.0 / RETURN_WEEKS), np.float64)


def worth_of_depths(amount: F8, listed: F8, week: int) -> F8:
    """What an item of each depth is known to earn over the mean item of its platform and genre, shape (K, G, DEPTHS).

    Where few are known it is drawn to what holds on the platform, and that to what holds on all.

    Parameters
    ----------
    amount, listed : what is earned and how many are listed a week, by platform, genre and depth; running means.
    """
    weeks = averaging_weeks(week, RETURN_WEEKS)
    number, doubt = listed * weeks, DOUBTED_ITEMS
    total = number.sum(axis=2, keepdims=True)
    mean = amount.sum(axis=2, keepdims=True) * weeks / np.maximum(total, 1e-9)
    known = (mean > 0) & (total > 0)
    number = np.where(known, number, 0.0)
    gain = np.where(known, amount * weeks / np.where(known, mean, 1.0), 0.0)
    overall = (gain.sum(axis=(0, 1)) + doubt) / (number.sum(axis=(0, 1)) + doubt)
    there = (gain.sum(axis=1) + doubt * overall) / (number.sum(axis=1) + doubt)
    return np.asarray((gain + doubt * there[:, None, :]) / (number + doubt), np.float64)


def worth_to_makers(market: PlatformState, pays: B1, week: int) -> F8:
    """What an item of each depth is known to be worth to makers of a kind over the mean item, (K, kinds, G, DEPTHS).

    That is pay, which goes by seconds, or uses where a platform does not pay them.

    Parameters
    ----------
    pays : whether a platform pays each kind of producer, shape (K, kinds).
    """
    paid, used = (worth_of_depths(amount, market.listed, week) for amount in (market.earned, market.used))
    return np.where(pays[:, :, None, None], paid[:, None], used[:, None])


def choose_depth(liked: F8, worth: F8, power: F8, u: F8, settings: Settings) -> F8:
    """Draw the depth of each item, 0 to 1, (n,): normal around what its maker likes, times (worth / work)^weight.

    Worth and work are those of the depth's bin.

    Parameters
    ----------
    liked : depth that its maker likes in the platform's format, shape (n,).
    worth : of an item of each depth there, shape (n, DEPTHS).
    power : elasticity of its maker's work to length, shape (n,).
    u : uniform numbers, shape (n,).
    """
    rule = settings.creators
    below = np.ones((len(liked), DEPTHS + 1))
    below[:, 0] = 0.0
    below[:, 1:-1] = special.ndtr((EDGES - liked[:, None]) / rule.depth_range)
    pull = rule.return_weight * (np.log(worth) - power[:, None] * stretch(settings) * MIDDLES)
    mass = np.diff(below, axis=1)
    weight = mass * np.exp(pull - pull.max(axis=1, keepdims=True))
    upto = weight.cumsum(axis=1)
    at = u * upto[:, -1]
    bin_, row = (at[:, None] >= upto[:, :-1]).sum(axis=1), np.arange(len(liked))
    part = (at - upto[row, bin_] + weight[row, bin_]) / np.maximum(weight[row, bin_], 1e-300)
    place = below[row, bin_] + part.clip(0.0, 1.0) * mass[row, bin_]
    return np.asarray((liked + rule.depth_range * special.ndtri(place)).clip(0.0, 1.0), np.float64)


def liked_depths(depth: F4, kind: U1, bias: F8, z: F8, settings: Settings) -> F8:
    """Depth that the maker of each item likes in its platform's format, shape (n,).

    An AI producer has no liking of its own: each of its items starts from that behind some human item. Who likes long
    items makes fewer of them, so that items have other makers than a draw of makers would give.

    Parameters
    ----------
    depth, kind : of each item's producer, shape (n,).
    bias : depth that its platform's format adds, shape (n,).
    z : normal numbers, shape (n,).
    """
    rule = settings.creators
    behind_items = rule.depth_mean - rule.length_cost * stretch(settings) * rule.depth_sd**2
    anybody = (behind_items + rule.depth_sd * z).clip(0.0, 1.0)
    return np.asarray(np.where(kind == FARM, anybody, depth) + bias, np.float64)


def expected_work(worth: F8, bias: F8, usual: F8, settings: Settings) -> F8:
    """Mean work of an AI producer's items by their length over that of the usual item, shape (K, G).

    It is the mean of `work_of` over what `choose_depth` draws.

    Parameters
    ----------
    worth : to AI producers, shape (K, G, DEPTHS).
    bias : depth that each platform's format adds, shape (K,).
    usual : as `work_of` takes it.
    """
    rule, power = settings.creators, settings.farms.length_cost
    z = special.ndtri((np.arange(LIKINGS) + 0.5) / LIKINGS)
    none, farm = np.zeros(LIKINGS, np.float32), np.full(LIKINGS, FARM, np.uint8)
    liked = liked_depths(none, farm, np.zeros(LIKINGS), z, settings)[:, None] + bias
    mass, work = _by_bin(liked, power * stretch(settings), rule.depth_range)
    pull = rule.return_weight * (np.log(worth) - power * stretch(settings) * MIDDLES)
    odds = np.exp(pull - pull.max(axis=2, keepdims=True))
    mean = np.einsum("jkd,kgd->jkg", work, odds) / np.einsum("jkd,kgd->jkg", mass, odds)
    return np.asarray(mean.mean(axis=0) / usual[1], np.float64)


def _by_bin(liked: F8, growth: float, spread: float) -> tuple[F8, F8]:
    """Chance of each bin of a normal depth cut to 0 to 1, and mean of e^(growth depth) over it times that chance.

    Both of the shape of `liked`, the mean, with an axis for bins.
    """
    edges, scaled = np.arange(DEPTHS + 1) / DEPTHS, growth * spread
    at = (edges - liked[..., None]) / spread
    below = special.ndtr(at)
    mass = np.diff(below, axis=-1)
    tilted = np.exp(growth * liked + scaled**2 / 2.0)[..., None] * np.diff(special.ndtr(at - scaled), axis=-1)
    mass[..., 0] += below[..., 0]
    tilted[..., 0] += below[..., 0]
    mass[..., -1] += 1.0 - below[..., -1]
    tilted[..., -1] += (1.0 - below[..., -1]) * np.exp(growth)
    return mass, tilted

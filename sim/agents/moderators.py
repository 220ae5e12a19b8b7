"""Moderation on platforms: which items are removed, detected, flagged and fact-checked, and which accounts banned."""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.producers import Producers, items_in_row
from sim.base.codes import CONFIRMED, REFUTED, STUDIO, TRUE
from sim.base.records import Items
from sim.base.tables import B1, F4, F8, I4, I8, U1
from sim.money.accounts import micro
from sim.settings import Settings

NEVER = 2**31 - 1  # tick of a fact check that will not be made


def removal_probability(own: F8, review: float, settings: Settings) -> F8:
    """Probability that an inaccurate item is removed, by the platform's own moderation or by review; shape as `own`.

    Parameters
    ----------
    own : `moderation` of each platform: see `own_removal_probability`.
    review : share of all items reviewed before publication.
    """
    rule = settings.moderation
    return np.asarray(
        1.0 - (1.0 - own_removal_probability(own, settings)) * (1.0 - review * rule.review_power), np.float64
    )


def own_removal_probability(own: F8, settings: Settings) -> F8:
    """Probability that a platform's own moderation removes an inaccurate item; shape as `own`.

    `own` is the probability at the usual vigilance, the platform's parameter `moderation`; vigilance scales it.
    """
    return np.asarray(np.minimum(settings.moderation.vigilance * own, 1.0), np.float64)


def review_wages(kind: U1, settings: Settings) -> I8:
    """Wages for the review of simulated items, by their makers' kind, in micro-units; shape of `kind`."""
    return micro(settings.moderation.review_minutes / 60.0 * items_in_row(kind, settings))


def affordable(u: F8, place: I8, wage: I8, cash: I8) -> B1:
    """Which items' reviews their platforms can pay, those with the lowest u first; shape (n,).

    Parameters
    ----------
    u, place, wage : uniform number, platform and wage of each item's review, shape (n,).
    cash : of each platform, shape (K,), in micro-units as wages are.
    """
    order = np.lexsort((u, place))
    at, due = place[order], wage[order].cumsum()
    before = (due - wage[order])[np.searchsorted(at, at)]
    paid = np.zeros(len(u), np.bool_)
    paid[order] = due - before <= cash[at]
    return paid


def detection_probability(detectability: F8, coverage: F8, watermark: F8, settings: Settings) -> F8:
    """Probability that an item is found to be AI's, by its watermark or by its first platform's detector; (n,).

    The detector's criterion fixes its false alarms; its hit rate grows with d' times the item's detectability, which
    fades as craft rises with capability (Green & Swets 1966).

    Parameters
    ----------
    detectability : how plainly the item betrays AI, 0 for a human one.
    coverage : share of items that the detector reads.
    watermark : probability that the item carries a watermark that can be read.
    """
    rule = settings.moderation
    hit = special.ndtr(rule.detector * detectability + special.ndtri(rule.false_detection))
    return np.asarray(1.0 - (1.0 - watermark) * (1.0 - coverage * hit), np.float64)


def flag_probability(accuracy: U1, discernment: F4, settings: Settings) -> F8:
    """Probability that the user of an item flags it, shape (n,).

    False items are flagged more often, the more so the better the user's `discernment`. All users apply the same
    criterion, so true items are flagged too.
    """
    rate = settings.moderation.flag_rate
    if rate <= 0:
        return np.zeros(len(accuracy))
    return np.asarray(special.ndtr(special.ndtri(rate) + discernment * (accuracy != TRUE)), np.float64)


def take_flags(items: Items, flagged: I4, tick: int, checked: B1, delay: int, settings: Settings) -> None:
    """Count flags of items, and decide once for an item with enough flags whether it is fact-checked.

    Parameters
    ----------
    flagged : rows of the items flagged, once per flag.
    tick : this tick.
    checked : whether each item would be checked, shape (items,).
    delay : ticks until the mark of a checked item shows.
    """
    rows, count = np.unique(flagged, return_counts=True)
    total = np.minimum(items.flags[rows] + count, settings.moderation.flag_threshold)
    items.flags[rows] = total
    full = rows[(total >= settings.moderation.flag_threshold) & (items.ready[rows] < 0)]
    items.ready[full] = np.where(checked[full], tick + 1 + delay, NEVER)


def show_marks(items: Items, tick: int) -> None:
    """Write the marks of fact checks that are due by this tick to the items' cards."""
    due = np.flatnonzero((items.ready >= 0) & (items.ready <= tick) & (items.card["mark"] == 0))
    items.card["mark"][due] = np.where(items.card["accuracy"][due] == TRUE, CONFIRMED, REFUTED)


def label_effect(labelled: float, settings: Settings) -> float:
    """Log-odds of belief and sharing that an item loses by AI's label.

    It fades with the share of items that are labelled.
    """
    return settings.moderation.label_doubt * (1.0 - labelled)


def find_banned(producers: Producers, n: int, settings: Settings) -> I8:
    """Rows of accounts with too many strikes, among the first n producers.

    Studios are exempt: they answer by contract.
    """
    over = producers.strikes[:n] > settings.moderation.strikes
    return np.flatnonzero(over & (producers.active[:n] > 0) & (producers.kind[:n] != STUDIO))


def fade_strikes(producers: Producers, settings: Settings) -> None:
    """Let one week's fading reduce all strikes."""
    producers.strikes[:] *= np.float32(np.exp(-1.0 / settings.moderation.strike_weeks))

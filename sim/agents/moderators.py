"""Moderators of platforms: what is removed, detected, checked, excluded and banned; decisions over columns."""

from __future__ import annotations

import numpy as np
from scipy import special

from sim.agents.producers import Producers
from sim.base.codes import CONFIRMED, REFUTED, STUDIO, TRUE
from sim.base.records import Items
from sim.base.tables import B1, F4, F8, I4, I8, U1
from sim.settings import Settings

NEVER = 2**31 - 1  # tick of a fact check that will not be made


def removal_odds(own: F8, review: float, settings: Settings) -> F8:
    """Chance that an inaccurate item does not get through: the platform's own removal, then review; shape as `own`.

    Parameters
    ----------
    own : share of inaccurate items that the platform's rules remove.
    review : share of all items reviewed before publication.
    """
    rule = settings.moderation
    return np.asarray(1.0 - (1.0 - own_odds(own, settings)) * (1.0 - review * rule.review_power), np.float64)


def own_odds(own: F8, settings: Settings) -> F8:
    """The same without review."""
    return np.asarray(np.minimum(settings.moderation.vigilance * own, 1.0), np.float64)


def review_wage(settings: Settings) -> float:
    """Wage of the review of an item, in hours' wage."""
    return settings.moderation.review_minutes / 60.0


def affordable_reviews(cash: I8, wage: int) -> I8:
    """Items whose review each platform's money at hand pays for, shape (K,).

    Parameters
    ----------
    cash, wage : money of each platform, and wage of a review, both in micro-units.
    """
    return np.asarray(np.maximum(cash, 0) // max(wage, 1), np.int64)


def first_of(u: F8, place: I8, most: I8) -> B1:
    """Which items are among the first at their platform, in the order of u: as many as `most` (K,) says; shape (n,)."""
    order = np.lexsort((u, place))
    at = place[order]
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    first = np.zeros(len(u), np.bool_)
    first[order] = rank < most[at]
    return first


def detection_odds(detectability: F8, coverage: F8, watermark: F8, settings: Settings) -> F8:
    """Chance that an item is found to be AI's: by its watermark, or by a detector on the platform of publication.

    The detector's criterion fixes its false alarms; its hit rate grows with d' times the item's detectability, which
    fades as craft rises with capability (Green & Swets 1966). Shape (n,).

    Parameters
    ----------
    detectability : how plainly the item betrays AI, 0 for a human one.
    coverage : share of items that the detector reads.
    watermark : chance that the item carries a watermark that can be read.
    """
    rule = settings.moderation
    hit = special.ndtr(rule.detector * detectability + special.ndtri(rule.false_detection))
    return np.asarray(1.0 - (1.0 - watermark) * (1.0 - coverage * hit), np.float64)


def flag_odds(accuracy: U1, discernment: F4, settings: Settings) -> F8:
    """Chance that the user of an item flags it: the same evidence and criterion for all, so that true ones are too."""
    rate = settings.moderation.flag_rate
    if rate <= 0:
        return np.zeros(len(accuracy))
    return np.asarray(special.ndtr(special.ndtri(rate) + discernment * (accuracy != TRUE)), np.float64)


def take_flags(items: Items, flagged: I4, tick: int, checked: B1, delay: int, settings: Settings) -> None:
    """Count flags; an item with enough of them is checked or is not, once.

    Parameters
    ----------
    flagged : rows of the items flagged, as often as flagged.
    tick : ticks from now the mark of a checked item is shown `delay` ticks after.
    checked : whether each item would be checked, shape (items,).
    """
    rows, count = np.unique(flagged, return_counts=True)
    total = np.minimum(items.flags[rows] + count, settings.moderation.flag_threshold)
    items.flags[rows] = total
    full = rows[(total >= settings.moderation.flag_threshold) & (items.ready[rows] < 0)]
    items.ready[full] = np.where(checked[full], tick + 1 + delay, NEVER)


def show_marks(items: Items, tick: int) -> None:
    """Let the marks that are ready be met at this tick."""
    due = np.flatnonzero((items.ready >= 0) & (items.ready <= tick) & (items.card["mark"] == 0))
    items.card["mark"][due] = np.where(items.card["accuracy"][due] == TRUE, CONFIRMED, REFUTED)


def label_effect(labelled: float, settings: Settings) -> float:
    """Log-odds that AI's label takes: relative to others, so that it fades with the share of items that carry it."""
    return settings.moderation.label_doubt * (1.0 - labelled)


def find_banned(producers: Producers, n: int, settings: Settings) -> I8:
    """Rows of the accounts with too many strikes; studios answer for theirs by contract, not by account."""
    over = producers.strikes[:n] > settings.moderation.strikes
    return np.flatnonzero(over & (producers.active[:n] > 0) & (producers.kind[:n] != STUDIO))


def fade_strikes(producers: Producers, settings: Settings) -> None:
    """Let a week pass over all strikes."""
    producers.strikes[:] *= np.float32(np.exp(-1.0 / settings.moderation.strike_weeks))

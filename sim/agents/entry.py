"""AI producers' entry: what they expect an item to earn in each cell, and how many of them there are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.agents.farms import Farms
from sim.base.averages import averaging_weeks
from sim.base.tables import B1, F8
from sim.settings import Settings

RECORD_WEEKS = 26.0  # over which what listings earn is summed: assumption
CROWD_SPAN = 4.0  # weeks over which new listings are counted, so that crowding is soon seen: assumption
RATIO_SPREAD = 0.3  # of AI's relative earnings over cells, as a share of their mean: assumption
FEW_LISTINGS = 8.0  # that are imagined to earn what is hoped, where a platform has none yet: assumption
SURE = 2.0  # standard errors by which AI must earn more elsewhere before a cell that it has left is tried again
DESERTED = 0.01  # of a cell's new listings; with less and no profit the last AI producer leaves: assumption
NEW_CELL = 0.1  # least listings of a cell over the mean cell's, as pioneers see it: assumption


class CellWeek(NamedTuple):
    """What happened in a week in each cell of platform and genre, shape (K, G) each; pay is net of bids for slots.

    Listings that moderation refused are not among them.
    """

    paid: F8  # hours' wage to all listings
    income: F8  # hours' wage to AI producers' listings
    listed: F8  # new listings
    made: F8  # new listings by AI producers
    live: F8  # listings that can be met
    live_made: F8  # those of them by AI producers


def keep_records(farms: Farms, seen: CellWeek, week: int) -> None:
    """Add a week to the records of all cells.

    Sums are of half a year. A cell in which AI listed nothing keeps its record, and how often it was tried is never
    forgotten: else AI would be thought to earn there what it earns elsewhere. `due` is what AI's listings would have
    earned at the pay of all listings alive with them.
    """
    farms.paid[:] += (seen.paid.ravel() - farms.paid) / averaging_weeks(week, RECORD_WEEKS)
    farms.listed[:] += (seen.listed.ravel() - farms.listed) / averaging_weeks(week, CROWD_SPAN)
    due = seen.paid * seen.live_made / np.maximum(seen.live, 1.0)
    kept = 1.0 - (seen.made.ravel() > 0) / RECORD_WEEKS
    farms.tried[:] += seen.made.ravel()
    for column, value in ((farms.income, seen.income), (farms.made, seen.made), (farms.due, due)):
        column[:] = kept * column + value.ravel()


class Pay(NamedTuple):
    """What a new listing earns, whoever made it, in hours' wage."""

    everywhere: float
    platform: F8  # (K,)
    cell: F8  # (K, G)


def pay_per_listing(farms: Farms, hope: F8, pays: B1, settings: Settings) -> Pay:
    """What a new listing earns in each cell, drawn towards the platform's mean where listings are few.

    Parameters
    ----------
    hope : what it is hoped to earn on a platform that has had few listings yet, shape (K,).
    pays : whether a platform pays; nothing is expected where it does not, shape (K,).
    """
    pooling = settings.farms.pooling
    paid, listed = (RECORD_WEEKS * column.reshape(len(hope), -1) for column in (farms.paid, farms.listed))
    platform = pays * (paid.sum(axis=1) + FEW_LISTINGS * hope) / (listed.sum(axis=1) + FEW_LISTINGS)
    cell = pays[:, None] * (paid + pooling * platform[:, None]) / (listed + pooling)
    everywhere = float(paid[pays].sum() / max(listed[pays].sum(), 1.0))
    return Pay(everywhere, np.maximum(platform, 0.0), np.maximum(cell, 0.0))


def pooled_ratio(income: F8, due: F8, pay: Pay, settings: Settings) -> tuple[F8, F8]:
    """What AI's listings earn over what all listings earn, by platform, shape (K,), and by cell, shape (K, G).

    Empirical Bayes in three levels (Efron & Morris 1975, J Am Stat Assoc 70:311): a cell's own record counts as
    `farms.pooling` listings of its platform's ratio do, the platform's as as many of the ratio everywhere, which
    begins as 1.

    Parameters
    ----------
    income, due : what AI's listings earned, and would have earned at the mean pay, shape (K, G).
    """
    pooling = settings.farms.pooling
    everywhere = _drawn(income.sum(), due.sum(), pooling * pay.everywhere, 1.0)
    platform = _drawn(income.sum(axis=1), due.sum(axis=1), pooling * pay.platform, everywhere)
    return platform, _drawn(income, due, pooling * pay.cell, platform[:, None])


def _drawn(income: F8, due: F8, weight: F8 | float, prior: F8 | float) -> F8:
    """Ratio of income to due, drawn towards a prior ratio by a weight in hours' wage; the prior where all is zero."""
    known = np.asarray(due + weight, np.float64)
    return np.maximum(np.where(known > 0, (income + weight * prior) / np.where(known > 0, known, 1.0), prior), 0.0)


def weighed_records(farms: Farms, shape: tuple[int, ...]) -> tuple[F8, F8]:
    """What AI's listings earned and would have earned at the mean pay, as if all that were tried had been like those.

    Shape (K, G) each.
    """
    weight = (farms.tried / np.where(farms.made > 0, farms.made, 1.0)).reshape(shape)
    return farms.income.reshape(shape) * weight, farms.due.reshape(shape) * weight


def expect_listing(farms: Farms, pay: Pay, settings: Settings) -> F8:
    """What a listing by an AI producer is expected to earn in each cell once admitted, in hours' wage; shape (K, G).

    It is the mean pay of a listing there times what AI's listings earn over all, pooled. A cell that AI has left is
    judged anew once AI earns clearly more elsewhere than when it left.
    """
    shape = pay.cell.shape
    _judge_anew(farms, *(x.repeat(shape[1]) for x in ratio_elsewhere(farms, pay, settings)))
    _, cell = pooled_ratio(*weighed_records(farms, shape), pay, settings)
    return np.asarray(pay.cell * cell, np.float64)


def _judge_anew(farms: Farms, ratio: F8, error: F8) -> None:
    """Forget the record of cells that AI has left if it earns clearly more elsewhere than then.

    When a cell is left, those that were left before are compared with what AI earns without it too.

    Parameters
    ----------
    ratio, error : what AI's listings earn over all where it is, and the standard error, shape (cells,).
    """
    present, known = farms.number > 0, farms.left >= 0
    farms.left[present] = -1.0
    gone = ~present & ~known & (farms.tried > 0)
    if gone.any():
        farms.left[gone] = ratio[gone]
        farms.left[~present & known] = np.maximum(farms.left, ratio)[~present & known]
    again = ~present & (farms.left >= 0) & (ratio - SURE * error > farms.left)
    for column in (farms.income, farms.made, farms.due, farms.tried):
        column[again] = 0.0
    farms.left[again] = -1.0


def ratio_elsewhere(farms: Farms, pay: Pay, settings: Settings) -> tuple[F8, F8]:
    """What AI's listings earn over all where AI is, by platform, and its standard error, each of shape (K,).

    A platform that AI has left altogether is compared with all others.
    """
    present = (farms.number > 0).reshape(pay.cell.shape)
    income, due = (np.where(present, column, 0.0) for column in weighed_records(farms, present.shape))
    made = np.where(present, farms.made.reshape(present.shape), 0.0)
    ratio, _ = pooled_ratio(income, due, pay, settings)
    count = np.where(made.sum(axis=1) > 0, made.sum(axis=1), made.sum())
    known = np.where(count > 0, count, 1e-9)
    return ratio, RATIO_SPREAD * ratio * np.sqrt(settings.farms.pooling / known)


def add_second_listing(expected: F8, immersive: B1, settings: Settings) -> F8:
    """What an item made for each cell is expected to earn with its second listing, in hours' wage; shape (K, G).

    The second platform is chosen among those of its kind, immersive or not, by a logit in the log of what a listing
    earns there. An item is made for no platform that itself pays nothing.

    Parameters
    ----------
    expected : what a listing there earns, 0 where AI producers cannot publish, shape (K, G).
    """
    weight = np.where(expected > 0, expected, 0.0) ** settings.creators.return_weight * (expected > 0)
    others = (immersive[:, None] == immersive) & ~np.eye(len(immersive), dtype=bool)
    total = others.astype(np.float64) @ weight
    second = others.astype(np.float64) @ (weight * expected) / np.where(total > 0, total, 1.0)
    return np.asarray(np.where(expected > 0, expected + settings.creators.second_platform * second, 0.0), np.float64)


def usual_payout(mean_payout: float, returns: F8, immersive: B1) -> F8:
    """What an item is hoped to earn where nothing is known yet, shape (K, G).

    It is a human item's mean payout; for an immersive item, as many times that as an item there earns in seconds
    over what others earn, where there are others.

    Parameters
    ----------
    returns : seconds that a new item earns, shape (K, G).
    immersive : which platforms are immersive, shape (K,).
    """
    plain = returns[~immersive]
    richer = returns / max(float(plain.mean()), 1.0) if plain.size else np.ones_like(returns)
    return np.asarray(mean_payout * np.where(immersive[:, None], richer, 1.0))


def own_payout(income: F8, made: F8, pays: B1, usual: F8, settings: Settings) -> F8:
    """Payout that an item promises by each cell's own record alone (`farms.entry=own`), in hours' wage; shape (cells,).

    Where AI producers publish it is what they earn, which has removal in it already; elsewhere they hope for what a
    human item earns, on platforms that pay.

    Parameters
    ----------
    income, made : what AI producers were paid this week, less bids for slots, and the items that they made, (cells,).
    pays : whether the cell's platform pays, shape (cells,).
    usual : mean payout of a human item, shape (cells,).
    """
    hoped = pays * usual * (1.0 - settings.farms.removal)
    return np.where(made > 0, income / np.maximum(made, 1.0), hoped)


def places_to_fill(farms: Farms, rate: float) -> F8:
    """AI producers who would make as many items a week as are listed in each cell, at `rate` items each; (cells,)."""
    return np.asarray(np.maximum(farms.listed, NEW_CELL * farms.listed.mean()) / rate, np.float64)


def enter_or_leave(
    farms: Farms, payout: F8, cost: F8, allowed: F8, others: F8, room: float, settings: Settings
) -> bool:
    """Let the number of AI producers in each cell follow the smoothed margin: N <- N e^s + b H (e^s - 1), s = g tanh m.

    With a profit, producers come who imitate those that are there, N, and pioneers in proportion to what is published
    there, b H (Bass 1969, Manage Sci 15:215); without one, N falls.

    Parameters
    ----------
    payout, cost : hours' wage per item made, whether or not it was removed, shape (cells,).
    allowed : 1 where AI can produce alone for this genre and platform, else 0, shape (cells,).
    others : H, AI producers who would make as many items as are listed there, shape (cells,).
    room : accounts that the bound of supply still admits in all.

    Returns
    -------
    Whether that bound kept their number down.
    """
    rule = settings.farms
    margin = np.where(allowed > 0, payout / cost - 1.0, 0.0)
    farms.margin[:] += (margin - farms.margin) / rule.smoothing
    step = rule.growth * np.tanh(farms.margin)
    number = farms.number * np.exp(step) + rule.pioneers * others * np.maximum(np.expm1(step), 0.0)
    number[(allowed == 0) | ((step < 0) & (number < DESERTED * others))] = 0.0
    total = float(number.sum())
    farms.number[:] = number * min(1.0, room / total) if total > 0 else 0.0
    return total > room

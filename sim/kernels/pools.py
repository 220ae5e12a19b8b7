"""Traffic pools: a listing is shown more in stages as long as its engagement is among the best; then it ends."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import origin, unit
from sim.base.records import Listings
from sim.base.tables import F8, I8, U8
from sim.kernels.elementary import compiled, inner, unmanaged

MIN_SCORES = 8  # with at most so many earlier scores, a score is compared with the mean, not a quantile


@unmanaged()
def follow_engagement(shown: F8, engaged: F8, span: float, least: float, mean: F8, exposures: F8) -> None:
    """Update each platform's running mean of engagement per exposure by one tick, and add up its exposures.

    Parameters
    ----------
    shown, engaged : exposures and engagement of the tick, shape (K,).
    span : ticks that the mean averages over.
    least : lower bound of the mean.
    mean, exposures : shape (K,), changed in place.
    """
    for k in range(mean.size):
        now = engaged[k] / shown[k] if shown[k] > 0.0 else mean[k]
        mean[k] = max(mean[k] + (now - mean[k]) / span, least)
        exposures[k] += shown[k]


@inner()
def is_promoted(score: float, history: F8, count: int, mean: float, promoted: float) -> bool:
    """Whether a score beats the (1 - promoted) quantile of the earlier scores of its platform and stage.

    Parameters
    ----------
    history : float64 (256,), ring buffer of scores, to which `count` have been written so far.
    mean : the platform's mean engagement per exposure, which a score must beat while there are 8 earlier ones or fewer.
    promoted : share of listings that move on.
    """
    n = min(count, history.size)
    if n <= MIN_SCORES:
        return score > mean
    below = 0
    for earlier in history[:n]:
        below += earlier < score
    return below > int((1.0 - promoted) * (n - 1) + 0.5)  # which entry of the sorted scores is the quantile


@compiled()
def settle_pools(
    listings: Listings,
    uids: U8,
    tick: int,
    key: np.uint64,
    mean: F8,
    history: F8,
    n_history: I8,
    rules: tuple[F8, float, int, float, float],
) -> None:
    """Promote or retire the listings that have used up their stage's exposures.

    This is successive halving (Jamieson & Talwalkar 2016). A listing moves on if its shrunken engagement is among the
    best of earlier scores of its platform and stage; scores of the same tick do not count. From the last stage it can
    move to the last stage again. Changes `listings`, `history` and `n_history` in place.

    Parameters
    ----------
    uids : uint64 (items,); with `key` they identify the noise that breaks ties.
    mean : float64 (K,), mean engagement per exposure.
    history : float64 (K, stages, 256), ring buffers of scores.
    n_history : int64 (K, stages), scores written so far.
    rules : (exposures of the first stage (K,), growth per stage, stages, shrinkage in exposures, share promoted).
    """
    test, growth, stages, shrinkage, promoted = rules
    spent, n_spent = np.empty(listings.item.size + 1, np.int32), 0
    for j in range(
        listings.item.size
    ):  # branch-free: every row is written, and only the counter decides whether it stays
        spent[n_spent] = j
        n_spent += (
            (listings.item[j] >= 0) & (listings.stage[j] >= 0) & (listings.budget[j] <= 0) & (listings.opens[j] <= tick)
        )
    scores, moved = np.empty(n_spent), np.empty(n_spent, np.bool_)
    for e in range(n_spent):
        j = spent[e]
        k, s = listings.platform[j], listings.stage[j]
        noise = unit(origin(key, np.uint64(tick), uids[listings.item[j]]), np.uint64(0))
        score = (listings.engaged[j] + shrinkage * mean[k]) / (listings.shown[j] + shrinkage) + 1e-9 * noise
        scores[e], moved[e] = score, is_promoted(score, history[k, s], n_history[k, s], mean[k], promoted)
    for e in range(n_spent):
        j = spent[e]
        k, s = listings.platform[j], listings.stage[j]
        history[k, s, n_history[k, s] % history.shape[2]] = scores[e]
        n_history[k, s] += 1
        if moved[e]:
            listings.stage[j] = min(s + 1, stages - 1)
            listings.budget[j] = test[k] * growth ** listings.stage[j]
        else:
            listings.stage[j] = -1
            listings.budget[j] = 0.0


@compiled()
def list_ending(listings: Listings, tick: int, month: int, week: int) -> tuple[I8, I8]:
    """List the listings that end by a tick, and those that came of age in the week before it.

    A listing comes of age a month after it opened, or at its end if that is earlier.

    Parameters
    ----------
    month, week : their lengths in ticks.

    Returns
    -------
    Rows of the listings that end, and of those that came of age, both ascending.
    """
    ending, aged = np.empty(listings.item.size, np.int64), np.empty(listings.item.size, np.int64)
    n, n_aged = 0, 0
    for j in range(listings.item.size):
        if listings.item[j] < 0:
            continue
        ends, age = listings.ends[j] <= tick, tick - listings.opens[j]
        short = listings.ends[j] - listings.opens[j] < month
        ending[n], aged[n_aged] = j, j
        n += ends
        n_aged += ends if short else month <= age < month + week
    return ending[:n], aged[:n_aged]

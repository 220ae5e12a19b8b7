"""Traffic pools: how far a listing is shown, by what its platform has measured, and when it ends."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import origin, unit
from sim.base.records import Listings
from sim.base.tables import F8, I8, U8
from sim.kernels.elementary import compiled, inner, unmanaged

MIN_SCORES = 8  # of a platform and stage, up to which its quantile is not taken


@unmanaged()
def follow_engagement(shown: F8, engaged: F8, span: float, least: float, mean: F8, exposures: F8) -> None:
    """Let each platform's mean engagement an exposure follow that of a tick, and add up its exposures.

    Parameters
    ----------
    shown, engaged : exposures and engagement of the tick, shape (K,).
    span : ticks over which the mean is taken; `least` is the least mean.
    mean, exposures : shape (K,), changed in place.
    """
    for k in range(mean.size):
        now = engaged[k] / shown[k] if shown[k] > 0.0 else mean[k]
        mean[k] = max(mean[k] + (now - mean[k]) / span, least)
        exposures[k] += shown[k]


@inner()
def is_promoted(score: float, history: F8, count: int, mean: float, promoted: float) -> bool:
    """Whether a score beats the (1 - promoted) quantile of the last scores of its platform and stage.

    Parameters
    ----------
    history : float64 (256,), ring of scores, of which there have been `count`.
    mean : mean engagement an exposure of the platform: the bar while there are no more than 8 scores.
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
    """Promote or retire listings whose stage is spent (successive halving; Jamieson & Talwalkar 2016).

    A listing moves on if its shrunken engagement is among the best of its platform's and stage's last scores, those of
    this tick apart; from the last stage it may move to the same again. Returns nothing; changes listings and history.

    Parameters
    ----------
    uids : uint64 (items,); with `key` they key the noise that breaks ties.
    mean : float64 (K,), mean engagement an exposure.
    history : float64 (K, stages, 256) rings of scores; n_history : int64 (K, stages).
    rules : (test (K,), growth, stages, shrinkage, promoted).
    """
    test, growth, stages, shrinkage, promoted = rules
    spent, n_spent = np.empty(listings.item.size + 1, np.int32), 0
    for j in range(listings.item.size):  # without a branch to be guessed wrong
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
def list_ending(listings: Listings, tick: int, month: int, week: int) -> tuple[I8, int, int]:
    """List the listings that end by a tick, and count those that came of age in the week before it.

    A listing comes of age after a month, or at its end where it is shorter.

    Parameters
    ----------
    month, week : in ticks.

    Returns
    -------
    Rows of those that end, ascending, how many came of age, and how many of these are still in their test.
    """
    ending, n, aged, starved = np.empty(listings.item.size, np.int64), 0, 0, 0
    for j in range(listings.item.size):
        if listings.item[j] < 0:
            continue
        ends, age = listings.ends[j] <= tick, tick - listings.opens[j]
        short = listings.ends[j] - listings.opens[j] < month
        turned = ends if short else month <= age < month + week
        aged += turned
        starved += turned and listings.stage[j] == 0
        ending[n] = j
        n += ends
    return ending[:n], aged, starved

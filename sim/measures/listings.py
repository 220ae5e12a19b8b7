"""Outcomes of listings, each an item on a platform: AI's part, odds of use, how long they live, who has hits."""

from __future__ import annotations

import numpy as np

from sim.base.clock import QUARTER, YEAR
from sim.base.tables import F8
from sim.kernels.measures import sum_aged, sum_market
from sim.measures.sums import MIN_EVENTS, Values, ratio, ratio_within, share
from sim.settings import Settings
from sim.world.memory import TOP, Memory
from sim.world.week import Week
from sim.world.world import World

HIT = 10.0  # uses of a hit over those of its platform's mean listing before release
NUMBER, AMOUNT, HITS = slice(4, 6), slice(6, 8), slice(8, 12)  # among `MARKET`: aged listings, their uses, hits
UNKNOWN = 0.1  # followers below which a creator is unknown, over those of the mean maker before release


def measure_listings(world: World, week: Week, settings: Settings) -> Values:
    """Measure AI's shares of new listings and of uses, the odds that a listing is used, half-lives and hits.

    Before release, what is usual is learned besides: uses of a listing on each platform, followers of a maker. The sums
    of the month by platform and genre are kept for the exhibits.
    """
    memory, aged, sums = world.memory, week.aged, np.zeros(world.memory.market.shape)
    tallies = week.tallies
    sum_market(week.listed, tallies.market_uses, sums)
    sums[..., 12], sums[..., 13] = tallies.cell_seconds.sum(axis=2), tallies.depth_seconds
    kinds = aged.platform, aged.genre, aged.origin, aged.maker
    days = sum_aged(*kinds, aged.fans, aged.uses, *_thresholds(memory), sums, memory.halves)
    days.sort()
    _learn_usual(world, sums)
    memory.market += sums
    by_platform = sums.sum(axis=1)
    listings, of_ai, uses, uses_of_ai, *_ = total = by_platform.sum(axis=0).tolist()
    memory.hits[world.now % QUARTER] = total[HITS]
    judged, hits, unknown, unknown_hits = memory.hits.sum(axis=0).tolist()
    return {
        "ai_listing_share": share(of_ai, listings),
        "ai_use_share": share(uses_of_ai, uses),
        "visibility_odds_ratio": ratio_within(by_platform[:, AMOUNT].T, by_platform[:, NUMBER].T),
        "half_life": float(days[len(days) // 2]) if days.size else None,
        "hit_share": ratio(hits, judged, MIN_EVENTS),
        "unknown_hit_share": ratio(unknown_hits, unknown, MIN_EVENTS),
        "top_turnover": _turnover(world),
    }


def _thresholds(memory: Memory) -> tuple[F8, float]:
    """Uses from which a listing on each platform is a hit, (K,), 0 if not known; followers of a known creator."""
    number, total = memory.usual_uses.T
    followers, makers = memory.usual_followers.tolist()
    return HIT * total * (number >= MIN_EVENTS) / np.maximum(number, 1.0), UNKNOWN * followers / max(makers, 1.0)


def _learn_usual(world: World, sums: F8) -> None:
    """In the last year before release, add up listings and their uses by platform, and makers and their followers.

    `sums` are those of this week by platform and genre, in the order of `MARKET`.
    """
    memory, producers = world.memory, world.producers
    if not -YEAR <= world.weeks_since_release < 0:
        return
    memory.usual_uses[:, 0] += sums[..., NUMBER].sum(axis=(1, 2))
    memory.usual_uses[:, 1] += sums[..., AMOUNT].sum(axis=(1, 2))
    active = producers.columns.active[: producers.n] > 0
    memory.usual_followers += [producers.columns.followers[: producers.n][active].sum(), active.sum()]


def _turnover(world: World) -> float | None:
    """Share of the week's most used items that were not among last week's; None with less than twice as many used."""
    items, memory = world.items.columns, world.memory
    used = items.uses - items.uses_before
    if np.count_nonzero(used) < 2 * TOP:
        return None
    last, memory.top = memory.top, items.uid[used.argpartition(len(used) - TOP)[-TOP:]]
    return 1.0 - len(set(memory.top.tolist()) & set(last.tolist())) / TOP if last.any() else None

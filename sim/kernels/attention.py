"""One session of every consumer: platform, slate, choice, use, and what it leaves behind in the consumer.

Each consumer reads shared arrays and writes only its own row, so any split over threads gives the same bits.
"""

from __future__ import annotations

import numpy as np

from sim.base.graphs import CSR
from sim.base.randomness import mixed, origin, unit
from sim.base.records import Consumers
from sim.kernels.choice import choose_item, choose_platform, enumerate_law, fill_slate, talks
from sim.kernels.columns import load, store
from sim.kernels.elementary import Real, prefetch
from sim.kernels.learning import post_and_share, use_item
from sim.kernels.sessions import (
    D_NEED,
    D_PLATFORM,
    D_SATIATION,
    D_SCREEN,
    D_TALK,
    LANES,
    Events,
    Rules,
    Shared,
    helper,
    kernel,
)
from sim.kernels.spreading import expect_use, spread_use, use_one

AHEAD = 2  # prefetch distance in consumers


@helper
def look_ahead(people: Consumers, graph: CSR, i: int) -> None:
    """Prefetch the wide columns of consumer i, whose session comes soon.

    They are more streams of memory than the processor can follow by itself.
    """
    prefetch(people.taste, i)
    prefetch(people.affinity, i)
    prefetch(people.satiation, i)
    prefetch(people.memory, i)
    prefetch(people.platform_taste, i)
    prefetch(people.satisfaction, i)
    prefetch(people.trust, i)
    prefetch(people.follows, i)
    prefetch(people.seen, i)
    prefetch(graph.indptr, i)


@helper
def clear_events(events: Events, i: int, row: int) -> None:
    """Reset consumer i's row of `events`, `row` of its spread, to a session in which nothing has happened yet."""
    events.listing[i], events.uses[i], events.deep[i] = -1, 0, 0
    events.deep_seconds[i], events.generated_seconds[i] = 0, 0
    events.gained[i], events.lost[i], events.posts[i], events.shares[i] = -1, -1, 0, 0
    events.surplus[i] = np.nan
    events.slate[i, :] = -1
    events.spread[row, :, :] = 0.0
    events.calls[i, :] = 0.0


@kernel
def spend_session(
    lo: int, hi: int, tick: int, key: np.uint64, people: Consumers, shared: Shared, rules: Rules, events: Events
) -> None:
    """Run one session at one tick for each of the consumers lo to hi - 1.

    Each session: does it go to interactive AI; else a platform or off screen; then a slate, the choice of an item, what
    the consumer learns from it, posts and shares. Where the seconds go is said in `spreading`. Results go to `events`
    and to the consumers' own columns.

    Parameters
    ----------
    key : key of the stream of draws.
    shared : (catalogue, graph, market, scratch (9, MAX_SLOTS), items of a slate (MAX_SLOTS,), listings (m,) and
        cumulative weights (m,) of an enumerated distribution). The last four are scratch.
    events : `events.spread` begins with consumer lo.
    """
    catalogue, graph, market, scratch, item, law_listing, law_cumulative = shared
    for i in range(lo, hi):
        look_ahead(people, graph, min(i + AHEAD, people.uid.size - 1))
        uid = people.uid[i]
        clear_events(events, i, i - lo)
        events.seconds[i] = load(people.seconds, i)
        start = origin(key, np.uint64(tick), uid)
        need = unit(start, np.uint64(D_NEED))
        events.talks[i] = talks(people, i, market, need, unit(start, np.uint64(D_TALK)))
        k, filled = -1, 0
        if not events.talks[i]:
            k = choose_platform(
                people,
                i,
                market,
                rules,
                need,
                unit(start, np.uint64(D_SCREEN)),
                unit(start, np.uint64(D_PLATFORM)),
                scratch[0],
            )
        pleasure: Real = 0.0
        at, j = -1, np.int32(-1)
        if k >= 0:
            n_law = 0  # listings in the enumerated law; 0 where slots are drawn from alias tables
            if rules.exact:
                n_law = enumerate_law(people, i, catalogue, k, law_listing, law_cumulative)
            exact = (law_listing, law_cumulative, n_law)
            filled = fill_slate(people, i, k, catalogue, graph, market, rules, tick, start, exact, events, item)
            at = choose_item(people, i, k, catalogue, market, rules, start, events, item, filled, scratch)
        roll = mixed(start, np.uint64(D_SATIATION))
        for g in range(people.satiation.shape[1]):  # satiation fades between sessions
            store(people.satiation, (i, g), load(people.satiation, (i, g)) * rules.satiation_kept, roll)
        if at >= 0:
            j = events.slate[i, at]
            expect_use(people, i, rules, (filled + LANES - 1) // LANES * LANES, scratch)
            pleasure = use_item(
                people, i, j, catalogue, rules, scratch[0, at], scratch[2, at], scratch[4, at], start, events
            )
            if rules.spread:
                spread_use(i, i - lo, filled, catalogue, rules, start, events, item, scratch)
            else:
                use_one(i, i - lo, at, catalogue, rules, events, item, scratch)
        post_and_share(people, i, j, catalogue, rules, pleasure, start, events)

"""The first half of a session: choose a platform or off screen, fill a slate, score its items, choose one."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from sim.base.codes import (
    ASSISTED,
    EXPLORATION,
    FOLLOWED,
    FRIENDS,
    HUMAN,
    IMPOSTOR,
    QUERY,
    TRENDING,
)
from sim.base.graphs import CSR
from sim.base.randomness import GOLDEN, coin, fraction, mix, unit
from sim.base.records import DECLARED, Consumers
from sim.base.tables import F4, F8, I4
from sim.kernels.columns import fingerprint, load
from sim.kernels.elementary import Real, exp4, log4, prefetch
from sim.kernels.sessions import (
    D_CHOICE,
    D_SLOT,
    LANES,
    TRIES,
    Catalogue,
    Events,
    Law,
    Market,
    Rules,
    f4,
    follows,
    helper,
    normal_cdf,
    pick,
    quantile_of,
    sigmoid,
    squared_distance,
)
from sim.kernels.slates import Shelf, draw_listing

S40, S20, MASK20 = np.uint64(40), np.uint64(20), np.uint64(0xFFFFF)
UNIT24, UNIT20 = 2.0**-24, 2.0**-20


@helper
def choose_platform(
    people: Consumers,
    i: int,
    market: Market,
    rules: Rules,
    u_need: float,
    u_screen: float,
    u_platform: float,
    scratch: F4,
) -> int:
    """Choose a platform for consumer i's session, or -1 for off screen, by nested logit: on or off screen, then which.

    The utility of an installed, open platform is its pull for the session's need + the consumer's taste, satisfaction
    and trust. `scratch`, (K,) or longer, is overwritten; the `u_` are uniform numbers.
    """
    need = pick(people.needs[i], u_need)
    top = -1e30
    for k in range(market.is_open.size):
        scratch[k] = -1e30
        if market.is_open[k] and people.installed[i, k]:
            v = market.pull[need, k] + load(people.platform_taste, (i, k))
            v += rules.satisfaction_weight * load(people.satisfaction, (i, k))
            v += rules.trust_weight * (load(people.trust, (i, k)) - rules.trust_start)
            scratch[k] = v / rules.nest
            top = max(top, scratch[k])
    if top < -1e29:
        return -1
    total: Real = 0.0
    for k in range(market.is_open.size):
        total += exp4(scratch[k] - top) if scratch[k] > -1e29 else 0.0
        scratch[k] = total
    if u_screen > sigmoid(rules.nest * (top + log4(total)) - rules.off_screen):
        return -1
    return pick(scratch[: market.is_open.size], u_platform)


@helper
def talks(people: Consumers, i: int, market: Market, u_need: float, u_talk: float) -> bool:
    """Whether consumer i's session goes to interactive AI.

    The chance is the consumer's own times the fit to the session's need.
    """
    own = load(people.talk, i)
    if own <= 0.0:
        return False
    chance: float = own * market.talk[pick(people.needs[i], u_need)]
    return u_talk < chance


@helper
def first_above(ascending: F8, n: int, x: float) -> int:
    """Index of the first of n ascending values that exceeds x, or n if none does (binary search).

    NumPy's own function would take half a second to compile.
    """
    lo, hi = 0, n
    while lo < hi:
        mid = (lo + hi) // 2
        if ascending[mid] <= x:
            lo = mid + 1
        else:
            hi = mid
    return lo


@helper
def listing_on(catalogue: Catalogue, item: int, platform: int) -> np.int32:
    """Row of an item's listing on a platform, or -1 if it has none there."""
    for s in range(2):
        j: np.int32 = catalogue.listings[item, s]
        if j >= 0 and catalogue.platform[j] == platform:
            return j
    return np.int32(-1)


@helper
def draw_followed(
    people: Consumers, i: int, catalogue: Catalogue, platform: int, tick: int, word: np.uint64
) -> np.int32:
    """Draw an item of a producer that consumer i follows: its open listing on this platform, or -1.

    One followed producer and one of its latest items are drawn; -1 if that item is not listed or not open here.
    """
    n = people.n_follows[i]
    if n == 0:
        return np.int32(-1)
    p = people.follows[i, (word >> S40) % np.uint64(n)]
    s = (word >> S20) % np.uint64(catalogue.recent.shape[1])
    latest = catalogue.recent[p, s]
    if not (latest.platforms >> np.uint32(platform)) & np.uint32(1):
        return np.int32(-1)
    if catalogue.cards[latest.item].serial != latest.serial:
        return np.int32(-1)
    j = listing_on(catalogue, latest.item, platform)
    return j if j >= 0 and catalogue.opens[j] <= tick else np.int32(-1)


@helper
def draw_shared(
    people: Consumers, i: int, graph: CSR, catalogue: Catalogue, platform: int, tick: int, life: float, u: float
) -> np.int32:
    """Draw a friend of consumer i and return the listing of the friend's latest share, or -1.

    -1 if the share is older than `life` ticks, on another platform, or its item is gone.
    """
    lo, n = graph.indptr[i], graph.indptr[i + 1] - graph.indptr[i]
    if n == 0:
        return np.int32(-1)
    friend = graph.indices[lo + min(np.int64(u * n), n - 1)]
    share = people.shared[friend]
    if tick - share.tick > life or catalogue.platform[share.listing] != platform:
        return np.int32(-1)
    item = catalogue.item[share.listing]
    if item < 0 or np.uint16(catalogue.cards[item].serial) != share.serial:
        return np.int32(-1)
    found: np.int32 = share.listing
    return found


@helper
def append_cell(
    shelf: Shelf, cell: int, share: float, listing: I4, cumulative: F8, n: int, total: float
) -> tuple[int, float]:
    """Append a cell's listings to an enumerated distribution, with weights that add up to `share`.

    An empty cell is appended as listing -1 with all of `share`. Returns the distribution's new length and total.
    """
    lo, hi = shelf.start[cell], shelf.start[cell + 1]
    for e in range(lo, hi):
        listing[n] = shelf.slot[e].listing
        cumulative[n] = total + share * shelf.weight[e] / shelf.total[cell]
        total = cumulative[n]
        n += 1
    if lo == hi:
        listing[n] = -1
        cumulative[n] = total + share
        total = cumulative[n]
        n += 1
    return n, total


@helper
def enumerate_law(people: Consumers, i: int, catalogue: Catalogue, platform: int, listing: I4, cumulative: F8) -> int:
    """Enumerate the distribution of one slot over all live listings of a platform, and return its length.

    Writes listings and cumulative weights: interest fills weights 0 to 1, trending 1 to 2, exploration 2 to 3.
    """
    genres = people.affinity.shape[1]
    n, total, previous = 0, 0.0, 0.0
    for g in range(genres):
        share = (load(people.affinity, (i, g)) - previous) / load(people.affinity, (i, genres - 1))
        previous = load(people.affinity, (i, g))
        n, total = append_cell(catalogue.serve, platform * genres + g, share, listing, cumulative, n, total)
    n, total = append_cell(catalogue.trend, platform, 1.0, listing, cumulative, n, total)
    n, total = append_cell(catalogue.test, platform, 1.0, listing, cumulative, n, total)
    return n


@helper
def draw_query(
    people: Consumers, i: int, catalogue: Catalogue, cell: int, candidates: int, word: np.uint64
) -> np.int32:
    """Draw `candidates` listings that answer a query.

    Return the one nearest to consumer i's ideal point, or -1 if none.
    """
    best, near = np.int32(-1), np.float32(1e30)
    for _ in range(candidates):
        word = mix(word + GOLDEN)
        j = draw_listing(catalogue.query, cell, fraction(word))
        if j >= 0:
            d = squared_distance(catalogue.cards[catalogue.item[j]].concept, people.taste[i])
            if d < near:
                best, near = j, d
    return best


@helper
def draw_slot(
    people: Consumers,
    i: int,
    catalogue: Catalogue,
    graph: CSR,
    mix_of_sources: F8,
    rules: Rules,
    platform: int,
    tick: int,
    word: np.uint64,
    exact: Law,
) -> np.int32:
    """Draw one candidate listing, or -1, for a slot of consumer i's slate from a random 64-bit word and its successors.

    Parameters
    ----------
    mix_of_sources : cumulative weights of the platform's sources for the consumer's arm, shape (6,).
    exact : the enumerated distribution (listings, cumulative weights, length), used if `rules.exact`.
    """
    genres = people.affinity.shape[1]
    source = pick(mix_of_sources, (word >> S40) * UNIT24)  # top 24 bits; the next 20 pick the genre
    genre_draw = ((word >> S20) & MASK20) * UNIT20
    word = mix(word + GOLDEN)
    w = fraction(word)
    if source <= FRIENDS:
        if source == FOLLOWED:
            j = draw_followed(people, i, catalogue, platform, tick, word)
        else:
            j = draw_shared(people, i, graph, catalogue, platform, tick, rules.share_ticks, w)
        if j >= 0:
            return j
        w = fraction(mix(word + GOLDEN))
    g = pick(people.affinity[i], genre_draw)
    if source == QUERY:
        return draw_query(people, i, catalogue, platform * genres + g, rules.query_candidates, word)
    if rules.exact:
        listing, cumulative, n = exact
        segment = 1.0 if source == TRENDING else 2.0 if source == EXPLORATION else 0.0
        found: np.int32 = listing[min(first_above(cumulative, n, segment + w), n - 1)]
        return found
    if source == TRENDING:
        return draw_listing(catalogue.trend, platform, w)
    if source == EXPLORATION:
        return draw_listing(catalogue.test, platform, w)
    return draw_listing(catalogue.serve, platform * genres + g, w)


@helper
def fill_slate(
    people: Consumers,
    i: int,
    platform: int,
    catalogue: Catalogue,
    graph: CSR,
    market: Market,
    rules: Rules,
    tick: int,
    start: np.uint64,
    exact: Law,
    events: Events,
    item: I4,
) -> int:
    """Draw the listings of consumer i's slate, each item at most once; return how many slots are filled.

    Each slot has `TRIES` draws; it stays empty if none finds a new item. Writes listings to `events.slate` and the
    items' rows to `item`. `start` is the word from which the session's draws are numbered.
    """
    filled = 0
    mix_of_sources = market.mix[platform, coin(market.experiment[platform], people.uid[i])]
    for s in range(events.slate.shape[1]):
        for t in range(TRIES):
            word = mix(start + np.uint64(D_SLOT + TRIES * s + t) * GOLDEN)
            j = draw_slot(people, i, catalogue, graph, mix_of_sources, rules, platform, tick, word, exact)
            if j < 0:
                continue
            found = catalogue.item[j]
            fresh = True
            for r in range(filled):
                fresh = fresh and item[r] != found
            if fresh:
                events.slate[i, filled] = j
                item[filled] = found
                prefetch(catalogue.cards, np.int64(found))
                filled += 1
                break
    return filled


@helper
def distance_to_memory(people: Consumers, i: int, concept: F4, near: F4) -> Real:
    """Mean distance of a concept to the nearest (at most 3) items in consumer i's memory; 0 if memory is empty."""
    n = min(people.n_seen[i], people.memory.shape[1])
    if n <= 1:
        return sqrt(squared_distance(concept, people.memory[i, 0])) if n == 1 else np.float32(0.0)
    k = min(3, n)
    for a in range(k):
        near[a] = 1e30
    for m in range(n):
        d = squared_distance(concept, people.memory[i, m])
        for a in range(k):
            if d < near[a]:
                near[a], d = d, near[a]
    total: Real = np.float32(0.0)
    for a in range(k):
        total += sqrt(near[a])
    return np.float32(total / k)


@helper
def has_seen(people: Consumers, i: int, serial: np.uint32) -> bool:
    """Whether consumer i has used the item with this serial before (among items that can still be met).

    Narrow columns store hashes of serials, so a few other items count as seen too.
    """
    found, mark = 0, fingerprint(people.seen, serial)
    for s in range(people.seen.shape[1]):
        found += people.seen[i, s] == mark  # no early end: the loop is vectorised
    return found > 0


@helper
def plain_utility(people: Consumers, i: int, card: Any, persona: I4, rules: Rules) -> Real:
    """Utility of an item to consumer i, without novelty and without aversion to AI.

    It sums appeal, fit to taste, craft, emotion, following, effort and satiation. An impostor's item gets the bonus of
    the followed producer it imitates, less the share of viewers who see through it, `2 Φ(d/2) - 1`.
    """
    fit = np.float32(0.0)
    if rules.dot_product:
        for d in range(8):
            fit += card.concept[d] * load(people.taste, (i, d))
    else:
        fit = -np.float32(0.5) * squared_distance(card.concept, people.taste[i])
    u: Real = card.appeal + rules.beta_taste * fit
    u += (rules.craft_base + rules.craft_expertise * max(load(people.expertise, i), np.float32(-1.0))) * card.craft
    u += rules.beta_emotion * card.emotion
    if follows(people, i, card.producer):
        u += rules.beta_follow
    elif card.accuracy == IMPOSTOR and follows(people, i, persona[card.producer]):
        u += rules.beta_follow * f4(2.0) * normal_cdf(-f4(0.5) * load(people.discernment, i))
    u -= rules.beta_effort * max(np.float32(0.0), card.depth - load(people.habit, i))
    result: Real = u - load(people.satiation, (i, card.genre))
    return result


@helper
def aversion(stance: np.float32, soulless: bool, emotion: np.float32, novelty: np.float32) -> Real:
    """Utility lost with an item that certainly comes from AI.

    A stance above 0 is aversion, and weighs more where the consumer's reason applies: to whom AI is soulless, on
    emotional items; to whom it is derivative, on familiar ones. Both weights are about 1.
    """
    weight: Real = f4(1.0) + emotion / (f4(1.0) + abs(emotion)) if soulless else f4(2.0) / (f4(1.0) + novelty * novelty)
    return stance * weight if stance > f4(0.0) else stance


@helper
def score_slate(people: Consumers, i: int, market: Market, rules: Rules, slots: int, scratch: F4) -> None:
    """Compute utilities and choice weights of a slate's first slots, side by side.

    Rows of `scratch` on entry: plain utility, -, novelty, detectability, emotion, log of displayed uses. Rows on exit:
    utility, weight of choice, novelty, probability that the viewer calls the item AI's.
    """
    belief, d_prime, stance = load(people.prevalence, i), load(people.d_prime, i), load(people.stance, i)
    soulless = people.creed[i] == 0
    criterion = np.float32(quantile_of(f4(1.0) - belief) + belief * d_prime)
    for s in range(slots):
        novelty, detectability = scratch[2, s], scratch[3, s]
        call = f4(1.0) if detectability >= DECLARED else normal_cdf(d_prime * detectability - criterion)
        x = (log4(novelty) - rules.novelty_peak) / rules.novelty_width
        u = scratch[0, s] + rules.novelty_amplitude * exp4(-f4(0.5) * x * x)
        u -= call * aversion(stance, soulless, scratch[4, s], novelty)
        scratch[0, s], scratch[3, s] = u, call
        worth = min(u, f4(50.0)) + rules.beta_popularity * scratch[5, s]
        scratch[1, s] = exp4(rules.choice * worth) * market.place[s]


@helper
def choose_item(
    people: Consumers,
    i: int,
    platform: int,
    catalogue: Catalogue,
    market: Market,
    rules: Rules,
    start: np.uint64,
    events: Events,
    item: I4,
    filled: int,
    scratch: F4,
) -> int:
    """Score consumer i's slate and choose an item by logit among those that the consumer has not chosen before.

    Rows of `scratch` on exit: utility, weight of choice (0 for what was chosen before), novelty to the consumer,
    probability that the consumer calls the item AI's; 7: depth, 8: cumulative weights.

    Returns
    -------
    The place of the chosen item on the slate, or -1 where none is left.
    """
    util, weight, fresh, detectability = scratch[0], scratch[1], scratch[2], scratch[3]
    known, counts = people.n_seen[i] > 0, bool(market.counts[platform])
    for s in range(filled):
        card = catalogue.cards[item[s]]
        util[s] = plain_utility(people, i, card, catalogue.persona, rules)
        detectability[s], fresh[s] = card.detectability, np.float32(1.0)
        if known:
            far = distance_to_memory(people, i, card.concept, scratch[6]) / market.memory_unit
            fresh[s] = max(far, np.float32(1e-6))
        scratch[4, s], scratch[5, s] = card.emotion, catalogue.fame[item[s]] if counts else 0.0
        scratch[7, s] = card.depth
    # Slots are scored in full vectors, which is faster; the results for slots beyond `filled` are never read.
    score_slate(people, i, market, rules, (filled + LANES - 1) // LANES * LANES, scratch)
    called_ai = scratch[3]  # probabilities, which the scoring has written over the detectabilities
    surplus: Real = 0.0
    total: Real = 0.0
    calls = events.calls[i]
    for s in range(filled):
        surplus += exp4(min(util[s], f4(50.0)))
        card = catalogue.cards[item[s]]
        if has_seen(people, i, card.serial):
            weight[s] = 0.0
        total += weight[s]
        scratch[8, s] = total
        origin_ = card.origin
        if origin_ == HUMAN:
            calls[0] += 1.0 - called_ai[s]
            calls[1] += 1.0
        elif origin_ != ASSISTED and card.detectability < DECLARED:
            calls[2] += 1.0 - called_ai[s]
            calls[3] += 1.0
    if filled > 0:
        events.surplus[i] = log4(f4(1.0) + surplus * events.slate.shape[1] / filled)
    if total <= 0.0:
        return -1
    return pick(scratch[8, :filled], unit(start, np.uint64(D_CHOICE)))

"""One session of every consumer: platform, slate, choice, use, and what it leaves behind in the consumer.

Each consumer reads shared arrays and writes only its own row, so any split over threads gives the same bits.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.codes import (
    ASSISTED,
    CONFIRMED,
    EXPLORATION,
    FOLLOWED,
    FRIENDS,
    HUMAN,
    IMPOSTOR,
    QUERY,
    REFUTED,
    TRENDING,
    TRUE,
)
from sim.base.graphs import CSR
from sim.base.randomness import GOLDEN, coin, fraction, mix, mixed, origin, unit
from sim.base.records import DECLARED, HALF, Consumers
from sim.base.tables import F4, F8, I1, I4, U1, U8
from sim.kernels.columns import fingerprint, load, store
from sim.kernels.elementary import Real, exp4, inner, log4, prefetch, unmanaged
from sim.kernels.slates import Shelf, draw_listing

kernel = unmanaged(error_model="numpy")
helper = inner(error_model="numpy")

# Draw numbers within a session: one range a purpose, so that none is used twice.
D_NEED, D_SCREEN, D_PLATFORM, D_DEEP, D_EVIDENCE, D_FOLLOW, D_PLACE, D_UNFOLLOW, D_POST, D_SHARE, D_TALK = range(11)
D_CHOICE = 20  # one a try
D_HABIT, D_PLEASURE, D_SATISFACTION, D_SATIATION, D_USE, D_MEMORY, D_TRUST = range(90, 97)  # round what is learned
D_SLOT, TRIES = 100, 3
S40, S20, MASK20 = np.uint64(40), np.uint64(20), np.uint64(0xFFFFF)
UNIT24, UNIT20 = 2.0**-24, 2.0**-20
f4 = np.float32
MOST_SLOTS, LANES = 64, 8  # room of a slate; slots that are scored side by side
AHEAD = 2  # consumers by which memory is asked for in advance
USUAL_TRUST = 0.6  # in a platform, at which trust makes sharing neither likelier nor rarer: assumption
LEAST_TRUST = f4(0.005)  # no platform is trusted or distrusted beyond doubt
_P1, _P2, _P3, _P4, _P5 = f4(0.319381530), f4(-0.356563782), f4(1.781477937), f4(-1.821255978), f4(1.330274429)


class Rules(NamedTuple):
    """Constants of a session, read once from the settings (units as there); numbers in single precision."""

    dot_product: bool
    exact: bool
    beta_taste: float  # over the squared length of taste
    craft_base: float  # times beta_craft
    craft_expertise: float  # times beta_craft
    beta_emotion: float
    novelty_amplitude: float
    novelty_peak: float  # log
    novelty_width: float
    beta_follow: float
    beta_popularity: float
    beta_effort: float
    satiation: float
    satiation_kept: float  # part that is left at the next session; what a use adds is as of then
    deep_base: float
    deep_habit: float
    deep_pleasure: float
    habit_step: float
    skim: float
    short: float  # seconds of an item of depth 0
    stretch: float  # log ratio of lengths over depth 0 to 1
    pleasure_step: float
    follow_rate: float
    unfollow_rate: float
    satisfaction_weight: float
    satisfaction_step: float
    trust_weight: float
    trust_start: float
    trust_step: float
    checked_step: float  # of trust towards the accuracy of an item met, for the share of items whose truth comes out
    marked_step: float  # the same where a fact check's mark says it
    mark_belief: float  # part of belief that such a mark takes from the refuted, or of disbelief from the confirmed
    mark_sharing: float  # part of shares that are left to the refuted
    label: float  # log-odds of belief and of sharing that AI's label costs this week
    memory_step: float
    nest: float
    off_screen: float
    query_candidates: int
    share_base: float
    share_pleasure: float
    share_emotion: float
    share_trust: float
    share_doubt: float
    share_ticks: float
    days: float  # days that a session stands for
    choice: float  # 1, or 0 where items are chosen at random


class Market(NamedTuple):
    """Platforms as a session sees them; K platforms, 4 needs, 6 sources."""

    is_open: U1  # (K,)
    pull: F8  # (4, K) fit to each need, pull of the audience, ad load
    mix: F8  # (K, 2, 6) cumulative weights of sources, for either arm of the platform's experiment
    experiment: U8  # (K,) key by which its users fall into the two arms
    counts: U1  # (K,) whether views are shown
    place: F4  # (MOST_SLOTS,) factor of the odds of choice, by place on the slate
    memory_unit: np.float32  # median distance to memory
    talk: F8  # (4,) how much more than on average each need is served by interactive AI


class Catalogue(NamedTuple):
    """Items and where they are listed. A listing is an item on a platform."""

    cards: npt.NDArray[Any]  # (items,) of CARD
    fame: F4  # (items,) log(1 + displayed views)
    places: I4  # (items, 2) listings of the item, -1 where none
    item: I4  # (listings,) item row, -1 where free
    platform: U1  # (listings,)
    opens: I4  # (listings,) tick from which on they can be met
    recent: npt.NDArray[Any]  # (producers, 8) of RECENT
    persona: I4  # (producers,) whom an account passes itself off as, -1 nobody
    serve: Shelf  # cells platform x genre
    query: Shelf  # cells platform x genre
    trend: Shelf  # cells platform
    test: Shelf  # cells platform


class Events(NamedTuple):
    """What happened in each consumer's last session; the only record of attention."""

    listing: I4  # (n,) used; -1 with none: off screen or talking
    seconds: I4  # (n,)
    views: I4  # (n,)
    deep: U1  # (n,)
    utility: F4  # (n,) satisfaction: utility without position and counts
    judged: F4  # (n,) posterior that the item is true
    slate: I4  # (n, slate) listings shown, -1 where a slot stayed empty
    surplus: F4  # (n,)
    calls: F8  # (n, 4) sum of P(call human) and number: human items shown; unlabelled generated items shown
    gained: I4  # (n,) producer newly followed, -1 none
    lost: I4  # (n,) producer unfollowed, -1 none
    posts: I4  # (n,)
    shares: I1  # (n,) whether the item was shared
    talks: U1  # (n,) whether the session went to interactive AI


Law = tuple[I4, F8, int]  # an enumerated law of one slot: listings, cumulative weights, their number
World = tuple[Catalogue, "CSR", Market, F4, I4, I4, F8]  # what all consumers read, and a piece of work's scratch


@helper
def normal_cdf(x: float) -> Real:
    """Standard normal distribution function by Abramowitz & Stegun 26.2.17 (error below 1e-6 in single precision)."""
    t: Real = f4(1.0) / (f4(1.0) + f4(0.2316419) * abs(x))
    p = ((((_P5 * t + _P4) * t + _P3) * t + _P2) * t + _P1) * t
    tail: Real = f4(0.39894228) * exp4(-f4(0.5) * x * x) * p
    return f4(1.0) - tail if x > 0 else tail


@helper
def quantile_of(p: Real) -> Real:
    """Standard normal quantile by Abramowitz & Stegun 26.2.23 (error below 4.5e-4)."""
    q = np.float32(min(p, 1.0 - p))
    t: Real = sqrt(f4(-2.0) * log4(max(q, f4(1e-12))))
    top = f4(2.515517) + (f4(0.802853) + f4(0.010328) * t) * t
    z: Real = t - top / (f4(1.0) + (f4(1.432788) + (f4(0.189269) + f4(0.001308) * t) * t) * t)
    return z if p > 0.5 else -z


@helper
def sigmoid(x: Real) -> Real:
    """Logistic function."""
    result: Real = f4(1.0) / (f4(1.0) + exp4(-x))
    return result


@helper
def pick(cumulative: F4 | F8, u: float) -> int:
    """First position whose cumulative weight exceeds u times the last, found without a branch to be guessed wrong."""
    n = cumulative.size
    x = u * load(cumulative, n - 1)
    k = 0
    for j in range(n - 1):
        k += load(cumulative, j) <= x
    return k


@helper
def first_above(ascending: F8, n: int, x: float) -> int:
    """First of n positions whose value exceeds x, n where none does; NumPy's own takes half a second to compile."""
    lo, hi = 0, n
    while lo < hi:
        mid = (lo + hi) // 2
        if ascending[mid] <= x:
            lo = mid + 1
        else:
            hi = mid
    return lo


@inner(fastmath={"reassoc", "nsz"})  # lets the eight sums run side by side
def squared_distance(a: F4, b: F4) -> np.float32:
    """Squared Euclidean distance of two concepts."""
    total = np.float32(0.0)
    for d in range(8):
        x = load(a, d) - load(b, d)
        total += x * x
    return total


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
    """Nested logit within a need: platforms against the off-screen world; -1 is off screen."""
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
    """Whether a session goes to interactive AI: by the consumer's own chance, the likelier the better the need fits."""
    own = load(people.talk, i)
    if own <= 0.0:
        return False
    chance: float = own * market.talk[pick(people.needs[i], u_need)]
    return u_talk < chance


@helper
def place_on(catalogue: Catalogue, item: int, platform: int) -> np.int32:
    """The item's listing on a platform, or -1."""
    for s in range(2):
        j: np.int32 = catalogue.places[item, s]
        if j >= 0 and catalogue.platform[j] == platform:
            return j
    return np.int32(-1)


@helper
def draw_followed(
    people: Consumers, i: int, catalogue: Catalogue, platform: int, tick: int, word: np.uint64
) -> np.int32:
    """One of the latest items of a followed producer, where it is open on this platform, or -1."""
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
    j = place_on(catalogue, latest.item, platform)
    return j if j >= 0 and catalogue.opens[j] <= tick else np.int32(-1)


@helper
def draw_shared(
    people: Consumers, i: int, graph: CSR, catalogue: Catalogue, platform: int, tick: int, life: float, u: float
) -> np.int32:
    """The latest share of one friend, where it is fresh and on this platform, or -1."""
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
    """Append a cell's listings with their part of `share` to an enumerated law (-1 where the cell is empty)."""
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
    """Score every live listing of a platform for a viewer: cumulative laws of one slot, source after source.

    Interest fills the weights up to 1, trending up to 2, exploration up to 3. Returns how many were written.
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
    """Of a few items found in a cell, the one nearest to the viewer's ideal point; -1 where there is none."""
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
    """One candidate of a slate from one 64-bit word and its successors, or -1.

    `mix_of_sources` holds the platform's cumulative weights for the viewer's arm; `exact` the enumerated law: listings,
    cumulative weights, their number.
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
def distance_to_memory(people: Consumers, i: int, concept: F4, near: F4) -> Real:
    """Mean distance to the nearest (at most 3) remembered items; 0 without memory."""
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
def follows(people: Consumers, i: int, producer: int) -> bool:
    """Whether a consumer follows a producer."""
    found = 0
    for s in range(people.follows.shape[1]):
        found += people.follows[i, s] == producer  # no early end: the loop is vectorised
    return found > 0


@helper
def has_seen(people: Consumers, i: int, serial: np.uint32) -> bool:
    """Whether a consumer has used an item that can still be met; now and then, one whose fingerprint is the same."""
    found, mark = 0, fingerprint(people.seen, serial)
    for s in range(people.seen.shape[1]):
        found += people.seen[i, s] == mark  # no early end: the loop is vectorised
    return found > 0


@helper
def plain_utility(people: Consumers, i: int, card: Any, persona: I4, rules: Rules) -> Real:
    """Utility of an item to a viewer but for its novelty and who is thought to have made it.

    An impostor is taken for the followed one but by the part of viewers who see through it, `2 Φ(d/2) - 1`.
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
    """Utility lost with an item surely AI's.

    To the averse, the soulless creed weighs with emotion and the derivative creed with the familiar; both about 1.
    """
    creed: Real = f4(1.0) + emotion / (f4(1.0) + abs(emotion)) if soulless else f4(2.0) / (f4(1.0) + novelty * novelty)
    return stance * creed if stance > f4(0.0) else stance


@helper
def remember(people: Consumers, i: int, card: Any, rules: Rules, start: np.uint64) -> None:
    """Keep an item in memory: in the last items' ring, or in a running mean of about 24 days."""
    slots = people.memory.shape[1]
    n = people.n_seen[i]
    step = 1.0 if slots > 1 else max(rules.memory_step, 1.0 / (n + 1.0))
    at, roll = n % slots, mixed(start, np.uint64(D_MEMORY))
    for d in range(8):
        held = load(people.memory, (i, at, d))
        store(people.memory, (i, at, d), held + step * (card.concept[d] - held), roll)
    people.seen[i, n % people.seen.shape[1]] = fingerprint(people.seen, card.serial)
    people.n_seen[i] = n + 1


@kernel
def poisson(mean: float, u: float) -> int:
    """Poisson count by inversion (normal approximation above 50)."""
    if mean <= 0.0:
        return 0
    if mean > 50.0:
        t = sqrt(-2.0 * log(min(u, 1.0 - u)))
        z = t - (2.30753 + 0.27061 * t) / (1.0 + 0.99229 * t + 0.04481 * t * t)  # Abramowitz & Stegun 26.2.22
        return max(0, int(mean + (z if u > 0.5 else -z) * sqrt(mean) + 0.5))
    p = exp(-mean)
    total, n = p, 0
    while u > total and n < 1000:
        n += 1
        p *= mean / n
        total += p
    return n


@helper
def use_item(
    people: Consumers,
    i: int,
    j: np.int32,
    catalogue: Catalogue,
    rules: Rules,
    utility: Real,
    novelty: Real,
    start: np.uint64,
    events: Events,
) -> Real:
    """Deep or skimmed use of the chosen item, and what it leaves: habit, trust, satiation, memory, follows."""
    card = catalogue.cards[catalogue.item[j]]
    k = catalogue.platform[j]
    usual, habit, satisfied = load(people.pleasure, i), load(people.habit, i), load(people.satisfaction, (i, k))
    pleasure: Real = utility - usual
    x = rules.deep_base + rules.deep_habit * (habit - card.depth) + rules.deep_pleasure * pleasure
    deep = unit(start, np.uint64(D_DEEP)) < sigmoid(x)
    length = rules.short * exp4(rules.stretch * card.depth)
    dwell = length if deep else rules.skim * length
    events.listing[i] = j
    events.seconds[i] = load(people.seconds, i)
    events.views[i] = max(1, int(load(people.seconds, i) / dwell + 0.5))
    events.deep[i] = deep
    events.utility[i] = utility
    habit += rules.habit_step * ((1.0 if deep else rules.skim) * card.depth - habit)
    usual += max(rules.pleasure_step, 1.0 / (people.n_seen[i] + 1.0)) * pleasure  # evenly at first
    satisfied += rules.satisfaction_step * (pleasure - satisfied)
    sated = load(people.satiation, (i, card.genre)) + rules.satiation * exp4(-f4(0.5) * novelty * novelty)
    store(people.habit, i, habit, mixed(start, np.uint64(D_HABIT)))
    store(people.pleasure, i, usual, mixed(start, np.uint64(D_PLEASURE)))
    store(people.satisfaction, (i, k), satisfied, mixed(start, np.uint64(D_SATISFACTION)))
    store(people.satiation, (i, card.genre), sated, mixed(start, np.uint64(D_USE)))
    people.n_used[i] += 1
    people.n_shallow[i] += card.depth < HALF
    events.judged[i] = judge(people, i, k, card, catalogue, rules, start, events)
    remember(people, i, card, rules, start)
    follow_or_drop(people, i, card.producer, pleasure, rules, start, events)
    return pleasure


@helper
def judge(
    people: Consumers,
    i: int,
    platform: int,
    card: Any,
    catalogue: Catalogue,
    rules: Rules,
    start: np.uint64,
    events: Events,
) -> Real:
    """Posterior that the item used is true, and what the session does to trust, which is believed accuracy.

    Trust moves towards the posterior, and towards the accuracy of what was shown as far as its truth comes out: by
    itself for a small share, by a mark of a fact check for sure.
    """
    d, t = load(people.discernment, i), load(people.trust, (i, platform))
    evidence = d * (card.accuracy != TRUE) + quantile_of(unit(start, np.uint64(D_EVIDENCE)))
    label = rules.label if card.tell >= DECLARED else f4(0.0)
    judged: Real = sigmoid(log4(t / (f4(1.0) - t)) - d * evidence + f4(0.5) * d * d - label)
    if card.mark == REFUTED:
        judged -= rules.mark_belief * judged
    elif card.mark == CONFIRMED:
        judged += rules.mark_belief * (f4(1.0) - judged)
    shown = 0
    step: Real = f4(0.0)
    right: Real = f4(0.0)
    while shown < events.slate.shape[1] and events.slate[i, shown] >= 0:
        met = catalogue.cards[catalogue.item[events.slate[i, shown]]]
        told = rules.marked_step if met.mark > 0 else rules.checked_step
        step += told
        right += told * (met.accuracy == TRUE)
        shown += 1
    t += rules.trust_step * (judged - t)
    if step > f4(0.0):
        t += (f4(1.0) - exp4(-step)) * (right / step - t)
    t = min(max(t, LEAST_TRUST), f4(1.0) - LEAST_TRUST)
    store(people.trust, (i, platform), t, mixed(start, np.uint64(D_TRUST)))
    return judged


@helper
def follow_or_drop(
    people: Consumers, i: int, producer: int, pleasure: Real, rules: Rules, start: np.uint64, events: Events
) -> None:
    """Follow the producer of a liked item; now and then drop one. Follows stand first in their row, without gaps."""
    slots, n = people.follows.shape[1], people.n_follows[i]
    place = min(np.int64(unit(start, np.uint64(D_PLACE)) * n), max(n, 1) - 1)
    if unit(start, np.uint64(D_UNFOLLOW)) < rules.unfollow_rate * n:
        n -= 1
        events.lost[i] = people.follows[i, place]
        people.follows[i, place] = people.follows[i, n]
        people.follows[i, n] = -1
    if pleasure > 0.0 and unit(start, np.uint64(D_FOLLOW)) < rules.follow_rate and not follows(people, i, producer):
        if n < slots:
            place = n
            n += 1
        else:
            events.lost[i] = people.follows[i, place]
        events.gained[i] = producer
        people.follows[i, place] = producer
    people.n_follows[i] = n


@helper
def post_and_share(
    people: Consumers,
    i: int,
    j: np.int32,
    catalogue: Catalogue,
    rules: Rules,
    pleasure: Real,
    start: np.uint64,
    events: Events,
) -> None:
    """Posts of the days that a session stands for; one of them may share the item just used."""
    posts = poisson(load(people.activity, i) * rules.days, unit(start, np.uint64(D_POST)))
    events.posts[i] = posts
    if posts == 0 or j < 0:
        return
    card = catalogue.cards[catalogue.item[j]]
    x: Real = rules.share_base + rules.share_pleasure * pleasure + rules.share_emotion * card.emotion
    x += rules.share_trust * (load(people.trust, (i, catalogue.platform[j])) - USUAL_TRUST)
    if events.judged[i] < 0.5:
        x -= rules.share_doubt
    if card.tell >= DECLARED:
        x -= rules.label
    kept = sigmoid(x) * (rules.mark_sharing if card.mark == REFUTED else f4(1.0))
    days: Real = min(f4(posts), f4(rules.days))  # on each of which a post may share it
    events.shares[i] = unit(start, np.uint64(D_SHARE)) < f4(1.0) - exp4(days * log4(max(f4(1.0) - kept, f4(1e-9))))


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
    """Draw the listings of a slate, distinct in their items; returns how many of its slots are filled."""
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
) -> tuple[np.int32, Real, Real]:
    """Score a slate and choose; returns the chosen listing (-1: none), its utility and its novelty to the viewer."""
    util, weight, fresh, tell = scratch[0], scratch[1], scratch[2], scratch[3]
    known, counts = people.n_seen[i] > 0, bool(market.counts[platform])
    for s in range(filled):
        card = catalogue.cards[item[s]]
        util[s] = plain_utility(people, i, card, catalogue.persona, rules)
        tell[s], fresh[s] = card.tell, np.float32(1.0)
        if known:
            far = distance_to_memory(people, i, card.concept, scratch[6]) / market.memory_unit
            fresh[s] = max(far, np.float32(1e-6))
        scratch[4, s], scratch[5, s] = card.emotion, catalogue.fame[item[s]] if counts else 0.0
    # Whole vectors are scored faster than parts; what the slots beyond the filled hold is not read.
    score_slate(people, i, market, rules, (filled + LANES - 1) // LANES * LANES, scratch)
    surplus: Real = 0.0
    total: Real = 0.0
    calls = events.calls[i]
    for s in range(filled):
        surplus += exp4(min(util[s], f4(50.0)))
        total += weight[s]
        weight[s] = total
        origin_ = catalogue.cards[item[s]].origin
        if origin_ == HUMAN:
            calls[0] += 1.0 - tell[s]
            calls[1] += 1.0
        elif origin_ != ASSISTED and catalogue.cards[item[s]].tell < DECLARED:
            calls[2] += 1.0 - tell[s]
            calls[3] += 1.0
    if filled > 0:
        events.surplus[i] = log4(f4(1.0) + surplus * events.slate.shape[1] / filled)
    for t in range(filled):  # an item is used once: a choice of a used one is withdrawn and the choice made again
        at = pick(weight[:filled], unit(start, np.uint64(D_CHOICE + t)))
        if not has_seen(people, i, catalogue.cards[item[at]].serial):
            return events.slate[i, at], util[at], fresh[at]
        gone = weight[at] - (weight[at - 1] if at > 0 else 0.0)
        for r in range(at, filled):
            weight[r] -= gone
    return np.int32(-1), 0.0, 1.0


@helper
def score_slate(people: Consumers, i: int, market: Market, rules: Rules, slots: int, scratch: F4) -> None:
    """Finish the scores of a slate's first slots, all side by side.

    Rows of `scratch` in: plain utility, -, novelty, tell, emotion, log views displayed; out: utility, weight of
    choice, novelty, probability of being called AI's.
    """
    belief, d_prime, stance = load(people.prevalence, i), load(people.d_prime, i), load(people.stance, i)
    soulless = people.creed[i] == 0
    criterion = np.float32(quantile_of(f4(1.0) - belief) + belief * d_prime)
    for s in range(slots):
        novelty, tell = scratch[2, s], scratch[3, s]
        call = f4(1.0) if tell >= DECLARED else normal_cdf(d_prime * tell - criterion)
        x = (log4(novelty) - rules.novelty_peak) / rules.novelty_width
        u = scratch[0, s] + rules.novelty_amplitude * exp4(-f4(0.5) * x * x)
        u -= call * aversion(stance, soulless, scratch[4, s], novelty)
        scratch[0, s], scratch[3, s] = u, call
        worth = min(u, f4(50.0)) + rules.beta_popularity * scratch[5, s]
        scratch[1, s] = exp4(rules.choice * worth) * market.place[s]


@helper
def look_ahead(people: Consumers, graph: CSR, i: int) -> None:
    """Ask for the wide columns of a consumer whose session comes soon: more streams than the processor follows."""
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


@kernel
def spend_session(
    lo: int, hi: int, tick: int, key: np.uint64, people: Consumers, world: World, rules: Rules, events: Events
) -> None:
    """Sessions of consumers lo to hi at one tick.

    `world` = (catalogue, graph, market, scratch (7, MOST_SLOTS) and (MOST_SLOTS,), listings (m,) and weights (m,) of
    an enumerated law).

    Results go to `events` and to the consumers' own columns. Each spends all of the session's seconds: on one item's
    kind, with interactive AI, or off screen.
    """
    catalogue, graph, market, scratch, item, law_listing, law_cumulative = world
    for i in range(lo, hi):
        look_ahead(people, graph, min(i + AHEAD, people.uid.size - 1))
        uid = people.uid[i]
        events.seconds[i], events.views[i], events.deep[i] = 0, 0, 0
        events.gained[i], events.lost[i], events.posts[i], events.shares[i] = -1, -1, 0, 0
        events.surplus[i] = np.nan
        events.slate[i, :] = -1
        events.calls[i, :] = 0.0
        start = origin(key, np.uint64(tick), uid)
        need = unit(start, np.uint64(D_NEED))
        events.talks[i] = talks(people, i, market, need, unit(start, np.uint64(D_TALK)))
        k = -1
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
        utility: Real = 0.0
        novelty: Real = 1.0
        j = np.int32(-1)
        if k >= 0:
            n_law = 0
            if rules.exact:
                n_law = enumerate_law(people, i, catalogue, k, law_listing, law_cumulative)
            exact = (law_listing, law_cumulative, n_law)
            filled = fill_slate(people, i, k, catalogue, graph, market, rules, tick, start, exact, events, item)
            j, utility, novelty = choose_item(
                people, i, k, catalogue, market, rules, start, events, item, filled, scratch
            )
        roll = mixed(start, np.uint64(D_SATIATION))
        for g in range(people.satiation.shape[1]):
            store(people.satiation, (i, g), load(people.satiation, (i, g)) * rules.satiation_kept, roll)
        if j >= 0:
            pleasure = use_item(people, i, j, catalogue, rules, utility, novelty, start, events)
        if j < 0:
            events.listing[i] = -1
            events.seconds[i] = load(people.seconds, i)
        post_and_share(people, i, j, catalogue, rules, pleasure, start, events)

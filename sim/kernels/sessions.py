"""Records that a session's kernels read and write (rules, platforms, items, events), and small functions they share.

Kernels of a session lie in `choice` (up to the chosen item), `learning` (what follows from it), `spreading`
(where the time goes) and `attention` (the loop over consumers, which calls all three).
"""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.graphs import CSR
from sim.base.records import Consumers
from sim.base.tables import F4, F8, I1, I4, U1, U8
from sim.kernels.columns import load
from sim.kernels.elementary import Real, exp4, inner, log4, unmanaged
from sim.kernels.slates import Shelf

kernel = unmanaged(error_model="numpy")
helper = inner(error_model="numpy")

# Numbers of the draws within a session: one range per purpose, so that none is used twice.
D_NEED, D_SCREEN, D_PLATFORM, D_DEEP, D_EVIDENCE, D_FOLLOW, D_PLACE, D_UNFOLLOW, D_POST, D_SHARE, D_TALK = range(11)
D_CHOICE, D_SECONDS = 20, 21
D_HABIT, D_PLEASURE, D_SATISFACTION, D_SATIATION, D_USE, D_MEMORY, D_TRUST = range(
    90, 97
)  # for stochastic rounding of what is learned
D_SLOT, TRIES = 100, 3
f4 = np.float32
MAX_SLOTS, LANES = 64, 8  # largest slate; slots that are scored side by side (SIMD)
# What a place of a slate gets of a session: seconds; uses; seconds times the share of the item's length that is used;
# the chance of being chosen; the chance times that share; the chance times satisfaction
SECONDS, USES, ATTENDED, CHANCE, ENGAGED, PLEASURE = range(6)
MIN_TRUST = f4(0.005)  # trust stays within MIN_TRUST and 1 - MIN_TRUST, so that log-odds are finite
_P1, _P2, _P3, _P4, _P5 = f4(0.319381530), f4(-0.356563782), f4(1.781477937), f4(-1.821255978), f4(1.330274429)


class Rules(NamedTuple):
    """Constants of a session, read once from the settings (units as there); numbers in single precision."""

    dot_product: bool
    exact: bool
    beta_taste: float  # divided by the squared length of taste
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
    satiation_kept: float  # share of satiation that is left at the next session
    deep_base: float
    deep_habit: float
    deep_pleasure: float
    habit_step: float
    skim: float  # share of an item's length that skimming uses
    short: float  # seconds of an item of depth 0
    stretch: float  # log of the ratio of an item's length at depth 1 to that at depth 0
    pleasure_step: float  # of the usual utility, once it is known
    pleasure_settled: float  # step of a plain average below which it counts as known
    follow_rate: float
    unfollow_rate: float
    satisfaction_weight: float
    satisfaction_step: float
    trust_weight: float
    trust_start: float
    trust_step: float
    checked_step: float  # step of trust per item shown, for the share of items whose truth comes out
    marked_step: float  # step of trust per item shown with a fact check's mark
    mark_belief: float  # share of belief that a mark takes from refuted items, and of disbelief from confirmed ones
    mark_sharing: float  # share of shares that refuted items keep
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
    choice: float  # 1: by utility; 0: items are chosen at random
    spread: bool  # whether a session's time is spread over its slate; else all goes to the item chosen


class Market(NamedTuple):
    """Platforms as a session sees them; K platforms, 6 sources."""

    is_open: U1  # (K,)
    pull: F8  # (needs, K) fit to each need, pull of the audience, ad load
    mix: F8  # (K, 2, 6) cumulative weights of sources, for either arm of the platform's experiment
    experiment: U8  # (K,) key that assigns its users to the two arms
    counts: U1  # (K,) whether uses are shown
    place: F4  # (MAX_SLOTS,) factor on the odds of choice, by position on the slate
    memory_unit: np.float32  # median distance to memory
    talk: F8  # (needs,) relative chance that interactive AI serves each need; 1 on average


class Catalogue(NamedTuple):
    """Items and where they are listed. A listing is an item on a platform."""

    cards: npt.NDArray[Any]  # (items,) of CARD
    fame: F4  # (items,) log(1 + displayed uses)
    listings: I4  # (items, 2) listings of the item, -1 where none
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
    """What happened in each consumer's session of this tick; the only record of attention."""

    listing: I4  # (n,) chosen; -1: off screen or with interactive AI
    seconds: I4  # (n,)
    uses: F4  # (n,) of items, all together
    deep_seconds: I4  # (n,) of deep use
    generated_seconds: I4  # (n,) with generated items
    deep: U1  # (n,) whether the item chosen is used deeply
    utility: F4  # (n,) satisfaction with the item chosen: utility without position and counts
    judged: F4  # (n,) posterior that it is true
    slate: I4  # (n, slate) listings shown, -1 where a slot stayed empty
    spread: F4  # (consumers of a tick, slate, 6) what each place of the slate gets; its first row is the tick's first
    surplus: F4  # (n,)
    calls: (
        F8  # (n, 4) sum of P(taken for human) and number, of human items shown and of unlabelled generated items shown
    )
    gained: I4  # (n,) producer newly followed, -1 none
    lost: I4  # (n,) producer unfollowed, -1 none
    posts: I4  # (n,)
    shares: I1  # (n,) whether the item was shared
    talks: U1  # (n,) whether the session went to interactive AI


Law = tuple[I4, F8, int]  # the distribution of one slot, enumerated: listings, cumulative weights, their number
Shared = tuple[Catalogue, "CSR", Market, F4, I4, I4, F8]  # what all consumers read, and scratch


@helper
def normal_cdf(x: float) -> Real:
    """Standard normal distribution function by Abramowitz & Stegun 26.2.17 (error below 1e-6 in single precision)."""
    t: Real = f4(1.0) / (f4(1.0) + f4(0.2316419) * abs(x))
    p = ((((_P5 * t + _P4) * t + _P3) * t + _P2) * t + _P1) * t
    tail: Real = f4(0.39894228) * exp4(-f4(0.5) * x * x) * p
    return f4(1.0) - tail if x > 0 else tail


@helper
def quantile_of(p: Real) -> Real:
    """Standard normal quantile of a probability, by Abramowitz & Stegun 26.2.23 (error below 4.5e-4)."""
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
    """Index drawn from cumulative weights by a uniform number u: the first whose value exceeds u times the last.

    Branch-free.
    """
    n = cumulative.size
    x = u * load(cumulative, n - 1)
    k = 0
    for j in range(n - 1):
        k += load(cumulative, j) <= x
    return k


@inner(fastmath={"reassoc", "nsz"})  # lets the eight sums run side by side
def squared_distance(a: F4, b: F4) -> np.float32:
    """Squared Euclidean distance between two concepts, each of 8 dimensions."""
    total = np.float32(0.0)
    for d in range(8):
        x = load(a, d) - load(b, d)
        total += x * x
    return total


@helper
def follows(people: Consumers, i: int, producer: int) -> bool:
    """Whether consumer i follows a producer, given by row."""
    found = 0
    for s in range(people.follows.shape[1]):
        found += people.follows[i, s] == producer  # no early end: the loop is vectorised
    return found > 0

"""The second half of a session: use of the chosen item, belief and trust, memory, follows, posts and shares."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import numpy as np

from sim.base.codes import (
    CONFIRMED,
    REFUTED,
    TRUE,
)
from sim.base.randomness import mixed, unit
from sim.base.records import DECLARED, HALF, Consumers
from sim.kernels.columns import fingerprint, load, store
from sim.kernels.elementary import Real, exp4, log4
from sim.kernels.sessions import (
    D_DEEP,
    D_EVIDENCE,
    D_FOLLOW,
    D_HABIT,
    D_MEMORY,
    D_PLACE,
    D_PLEASURE,
    D_POST,
    D_SATISFACTION,
    D_SHARE,
    D_TRUST,
    D_UNFOLLOW,
    D_USE,
    MIN_TRUST,
    Catalogue,
    Events,
    Rules,
    f4,
    follows,
    helper,
    kernel,
    quantile_of,
    sigmoid,
)

USUAL_TRUST = 0.6  # trust in a platform at which it makes sharing neither more nor less likely: assumption


@kernel
def poisson(mean: float, u: float) -> int:
    """Poisson count with the given mean from one uniform number u, by inversion; normal approximation above 50."""
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
def remember(people: Consumers, i: int, card: Any, rules: Rules, start: np.uint64) -> None:
    """Add an item to consumer i's memory and to the items it has used.

    With several slots, memory is a ring of the last items' concepts; with one, their running mean over about 24 days.
    """
    slots = people.memory.shape[1]
    n = people.n_seen[i]
    step = 1.0 if slots > 1 else max(rules.memory_step, 1.0 / (n + 1.0))
    at, roll = n % slots, mixed(start, np.uint64(D_MEMORY))
    for d in range(8):
        held = load(people.memory, (i, at, d))
        store(people.memory, (i, at, d), held + step * (card.concept[d] - held), roll)
    people.seen[i, n % people.seen.shape[1]] = fingerprint(people.seen, card.serial)
    people.n_seen[i] = n + 1


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
    """Return consumer i's posterior probability that the item used is true, and update its trust in the platform.

    The posterior combines trust as prior, noisy evidence of strength `discernment` (signal detection), a label's
    penalty and a fact check's mark. Trust (believed accuracy) moves towards the posterior, and towards the actual
    accuracy of the items shown: by a small step where truth comes out by itself, by a larger one where a fact check
    marks it.
    """
    d, t = load(people.discernment, i), load(people.trust, (i, platform))
    evidence = d * (card.accuracy != TRUE) + quantile_of(unit(start, np.uint64(D_EVIDENCE)))
    label = rules.label if card.detectability >= DECLARED else f4(0.0)
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
        weight = rules.marked_step if met.mark > 0 else rules.checked_step
        step += weight
        right += weight * (met.accuracy == TRUE)
        shown += 1
    t += rules.trust_step * (judged - t)
    if step > f4(0.0):
        t += (f4(1.0) - exp4(-step)) * (right / step - t)
    t = min(max(t, MIN_TRUST), f4(1.0) - MIN_TRUST)
    store(people.trust, (i, platform), t, mixed(start, np.uint64(D_TRUST)))
    return judged


@helper
def follow_or_drop(
    people: Consumers, i: int, producer: int, pleasure: Real, rules: Rules, start: np.uint64, events: Events
) -> None:
    """Maybe unfollow a random producer, and maybe follow the producer of a liked item.

    Followed producers fill the first entries of the row without gaps. In a full row the new one replaces a random one.
    """
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
def use_item(
    people: Consumers,
    i: int,
    j: np.int32,
    catalogue: Catalogue,
    rules: Rules,
    utility: Real,
    novelty: Real,
    deep_chance: Real,
    start: np.uint64,
    events: Events,
) -> Real:
    """Let consumer i use the chosen listing j, deeply or skimming, and learn from it. Returns the pleasure.

    Pleasure is the item's utility above the consumer's usual. Updates depth habit, usual utility, satisfaction with the
    platform, satiation with the genre, trust, memory and follows, and writes the use to `events`.
    """
    card = catalogue.cards[catalogue.item[j]]
    k = catalogue.platform[j]
    usual, habit, satisfied = load(people.pleasure, i), load(people.habit, i), load(people.satisfaction, (i, k))
    pleasure: Real = utility - usual
    deep = unit(start, np.uint64(D_DEEP)) < deep_chance
    events.listing[i] = j
    events.deep[i] = deep
    events.utility[i] = utility
    habit += rules.habit_step * ((1.0 if deep else rules.skim) * card.depth - habit)
    evenly = 1.0 / (people.n_seen[i] + 1.0)  # a plain average at first
    usual += (evenly if evenly > rules.pleasure_settled else rules.pleasure_step) * pleasure
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
    """Draw consumer i's number of posts in the days that a session stands for, and whether one shares the item used.

    The item is that of listing j. Sharing is likelier with pleasure, emotion and trust, and less likely for items that
    are disbelieved, labelled or refuted.
    """
    posts = poisson(load(people.activity, i) * rules.days, unit(start, np.uint64(D_POST)))
    events.posts[i] = posts
    if posts == 0 or j < 0:
        return
    card = catalogue.cards[catalogue.item[j]]
    x: Real = rules.share_base + rules.share_pleasure * pleasure + rules.share_emotion * card.emotion
    x += rules.share_trust * (load(people.trust, (i, catalogue.platform[j])) - USUAL_TRUST)
    if events.judged[i] < 0.5:
        x -= rules.share_doubt
    if card.detectability >= DECLARED:
        x -= rules.label
    kept = sigmoid(x) * (rules.mark_sharing if card.mark == REFUTED else f4(1.0))
    days: Real = min(f4(posts), f4(rules.days))  # a post on each of them may share the item
    events.shares[i] = unit(start, np.uint64(D_SHARE)) < f4(1.0) - exp4(days * log4(max(f4(1.0) - kept, f4(1e-9))))

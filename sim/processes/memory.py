"""Memory: what genres remember and models may learn from, and the unit in which viewers feel novelty."""

from __future__ import annotations

import numpy as np

from sim.agents.vendors import LICENSED, WITHHELD, access_works, data_terms
from sim.base.averages import averaging_weeks
from sim.base.groups import slices_by_kind
from sim.base.tables import F8, I4, I8, U8
from sim.culture.canons import fading_keys
from sim.culture.corpora import works_of
from sim.kernels.columns import read
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

MAX_VIEWERS = 500  # whose memory is measured in a week
NEAREST = 3  # remembered items from which distance is taken, as in the kernel
MIN_DISTANCES = 20  # a median of fewer is not trusted


def remember_works(world: World, week: Week, settings: Settings) -> None:
    """Offer the week's mature items to their genres' canons and corpora; fix the canons' unit at release."""
    canons, streams, now, mature = world.canons, world.streams, world.now, week.mature
    order = mature.card["genre"].argsort(kind="stable")  # one genre after another
    rows, card, uid, uses = (mature.rows[order], mature.card.take(order), mature.uid[order], mature.uses[order])
    concept, genre = np.ascontiguousarray(card["concept"]), card["genre"]
    keys = fading_keys(uses, uid, now=float(now), memory=settings.culture.canon_memory, stream=streams["canon"])
    for canon, mine in zip(canons, slices_by_kind(genre, len(canons)), strict=True):
        canon.follow_unit(concept[mine], averaging_weeks(now))
        canon.offer(concept[mine], keys[mine], uid[mine])
        if world.weeks_since_release == -1:
            canon.freeze()
    access, items = _access(world, week, settings, card["producer"], uid), world.items.columns
    works = works_of(concept, uses, items.ai[rows], access == LICENSED)
    free = (access != WITHHELD).nonzero()[0]
    works, u = works[free], streams["corpus"].uniform(0, uid[free])
    for corpus, mine in zip(world.corpora, slices_by_kind(genre[free], len(canons)), strict=True):
        corpus.offer(works[mine], u[mine], step=now)
    if world.weeks_since_release < 0:
        _follow_unit(world, week)


def _access(world: World, week: Week, settings: Settings, maker: I4, uid: U8) -> I8:
    """How models may use items for training (withheld, scraped or licensed), by their maker's row and their uid."""
    producers, rights = world.producers.columns, world.streams["rights"]
    u, chance = rights.uniform(0, producers.uid[maker]), rights.uniform(1, uid)
    return access_works(producers.kind[maker], u, chance, data_terms(week.levers, settings))


def _follow_unit(world: World, week: Week) -> None:
    """Until release, update the unit of novelty to viewers: median distance of an item shown to what they remember."""
    distance = _memory_distances(world, week)
    if len(distance) > MIN_DISTANCES:
        world.memory_unit += (float(np.median(distance)) - world.memory_unit) / averaging_weeks(world.now)


def _memory_distances(world: World, week: Week) -> F8:
    """Measure, for at most `MAX_VIEWERS`, how far the first item just shown is from what the viewer remembers; (n,).

    As in the kernel: the mean distance to the three nearest of the remembered items.
    """
    people, events = world.consumers.columns, week.events
    rows = np.arange(*world.turn(world.tick - 1))
    rows = rows[(events.slate[rows, 0] >= 0) & (people.n_seen[rows] >= NEAREST)][:MAX_VIEWERS]
    item = world.listings.columns.item[events.slate[rows, 0]]
    rows, item = rows[item >= 0], item[item >= 0]
    gap = read(people.memory[rows]) - world.items.columns.card["concept"][item][:, None, :]
    distance = np.sqrt(np.square(gap).sum(axis=2))
    held = np.arange(distance.shape[1])[None, :] < people.n_seen[rows][:, None]
    nearest = np.sort(np.where(held, distance, np.inf), axis=1)[:, : min(NEAREST, distance.shape[1])]
    return np.asarray(nearest.mean(axis=1), np.float64)

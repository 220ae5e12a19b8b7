"""Moderation after publication: flags and fact checks at every tick; strikes, bans and reach once a week."""

from __future__ import annotations

from math import prod

import numpy as np

from sim.agents.items import life_cells
from sim.agents.moderators import fade_strikes, find_banned, flag_probability, show_marks, take_flags
from sim.base.tables import I8
from sim.kernels.columns import read
from sim.settings import Settings
from sim.world.week import Mature, Week
from sim.world.world import REACH_AGE, REACH_SPAN, World


def check_facts(world: World, week: Week, settings: Settings) -> None:
    """Let this tick's users flag items; fact checks that are due now mark theirs from the next tick on."""
    coverage = week.levers.fact_check
    if coverage <= 0:
        return
    items, people = world.items.columns, world.consumers.columns
    rows = np.arange(*world.turn(world.tick))
    rows = rows[week.events.listing[rows] >= 0]
    item = world.listings.columns.item[week.events.listing[rows]]
    asked = items.ready[item] < 0
    rows, item = rows[asked], item[asked]
    probability = flag_probability(items.card["accuracy"][item], read(people.discernment[rows]), settings)
    flagged = item[world.streams["flags"].uniform(world.tick, people.uid[rows]) < probability]
    checked = np.zeros(len(items.uid), np.bool_)
    checked[flagged] = world.streams["fact_check"].uniform(0, items.uid[flagged]) < coverage
    delay = round(settings.moderation.check_days * settings.time.ticks_per_day)
    take_flags(items, flagged, world.tick, checked, delay, settings)
    show_marks(items, world.tick + 1)


def moderate_accounts(world: World, week: Week, settings: Settings) -> None:
    """Ban accounts with too many strikes and close their listings; let other strikes fade.

    Then collect the items that have turned four weeks old into `week.mature`, and record their reach.
    """
    producers = world.producers.columns
    week.banned = find_banned(producers, world.producers.n, settings)
    if week.banned.size:
        _close_accounts(world, week.banned)
    fade_strikes(producers, settings)
    week.mature = _find_mature(world)
    _note_reach(world, week)


def _close_accounts(world: World, rows: I8) -> None:
    """Close banned accounts and end their listings.

    An AI producer opens another account when it adapts; a creator's place is empty until somebody starts there.
    """
    producers = world.producers.columns
    producers.active[rows], producers.uses_ai[rows], producers.strikes[rows] = 0, 0, 0.0
    listings = world.listings.columns
    listed = np.flatnonzero(listings.item >= 0)
    gone = np.zeros(world.producers.capacity, np.bool_)
    gone[rows] = True
    theirs = listed[gone[world.items.columns.card["producer"][listings.item[listed]]]]
    listings.ends[theirs] = np.minimum(listings.ends[theirs], world.tick)


def _find_mature(world: World) -> Mature:
    """Collect the items published exactly `REACH_AGE` weeks ago that can still be met: rows, cards, uids and uses."""
    items = world.items.columns
    rows = ((items.alive > 0) & (items.week == world.now - REACH_AGE)).nonzero()[0]
    return Mature(rows, items.card.take(rows), items.uid[rows], items.uses[rows])


def _note_reach(world: World, week: Week) -> None:
    """Record how many people chose the items that have just turned four weeks old, and how many items there are.

    By platform of first publication, origin and truth. Somebody chooses an item at most once, so that choices are
    people. Items that were refused everywhere count as reaching nobody.
    """
    rows, card, *_ = week.mature
    items, reach, born = world.items.columns, world.reach[world.now % REACH_SPAN], world.now - REACH_AGE
    cell, shape = life_cells(items.first[rows], card["origin"], card["accuracy"]), reach.shape[:-1]
    reach[..., 0] = np.bincount(cell, items.chosen[rows], minlength=prod(shape)).reshape(shape)
    reach[..., 1] = np.bincount(cell, minlength=prod(shape)).reshape(shape)
    if born >= 0:
        reach[..., 1] += world.blocked[born % len(world.blocked)]

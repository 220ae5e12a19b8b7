"""Whether the week touched a bound, of those in `sim.base.bounds`, and by which part of those who could."""

from __future__ import annotations

import numpy as np

from sim.agents.creators import LARGEST_LOG_GAIN
from sim.agents.platforms import MAX_PAYOUT, MAX_TILT
from sim.agents.studios import LARGEST, SMALLEST
from sim.agents.vendors import INDEPENDENT, roster
from sim.agents.workers import WAGE_BOUND
from sim.base.bounds import BOUNDS
from sim.base.clock import MONTH
from sim.base.tables import B1
from sim.kernels.columns import read
from sim.kernels.sessions import MIN_TRUST
from sim.measures.sums import Values, count
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

NEAR = 0.99  # of the way to a bound that is approached without end
ASKED = 128  # people whose trust is looked at


def measure_bounds(world: World, week: Week, settings: Settings) -> Values:
    """Measure, every four weeks, whether the week touched any bound, and note which."""
    if world.now % MONTH < MONTH - 1:
        return {}
    touched = False
    for number, (bound, part) in enumerate(zip(BOUNDS.values(), parts_at_bounds(world, week).values(), strict=True)):
        if part > bound.least:
            world.memory.bounds.add((world.now, number, part))
            touched = True
    return {"at_bound": float(touched)}


def parts_at_bounds(world: World, week: Week) -> dict[str, float]:
    """Part of those who could be at each bound that are at it this week, in the order of `BOUNDS`."""
    places = roster(world.settings.vendors) == INDEPENDENT  # others are never filled again
    market, charters, studios = world.market.columns, world.charters, world.studios.columns
    bargains = (market.is_open > 0) & (charters.payout > 0)
    at_work, scale = studios.hours > 0, studios.hours / studios.par
    parts = {
        "gain": float((np.abs(world.seen_gain) >= NEAR * LARGEST_LOG_GAIN).any()),
        "staff": _part((scale >= NEAR * LARGEST) | (scale <= SMALLEST / NEAR), at_work),
        "payouts": _part((market.payout >= MAX_PAYOUT) | (market.payout <= 0.0), bargains),
        "feeds": float((np.abs(market.tilt) >= MAX_TILT).any()),
        "wages": float((np.abs(world.labour.cells.columns.wage) >= WAGE_BOUND).mean()),
        "vendors": float(world.vendor_state.columns.active[places].all()),
        "trust": _trust(world),
        "supply": week.supply_capped,
    }
    return {name: parts[name] for name in BOUNDS}


def _part(there: B1, those: B1) -> float:
    """Part of those that are there; 0 if there are none."""
    number = count(those)
    return count(there & those) / number if number else 0.0


def _trust(world: World) -> float:
    """Part of a sample's beliefs in the platforms they use that are at a bound."""
    people = world.consumers.columns
    some = slice(None, None, max(1, len(people.uid) // ASKED))
    trust = read(people.trust[some])
    return _part((trust <= MIN_TRUST) | (trust >= 1.0 - MIN_TRUST), people.installed[some] > 0)

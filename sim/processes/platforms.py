"""Platforms as strategic agents: experiments on the feed, measured by halves of the users, and entry."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import came_back
from sim.agents.immersive import headset_burden, work_factor
from sim.agents.platforms import (
    ARMS,
    Entry,
    enters,
    expected_share,
    move_tilt,
    share_of_advertising,
    weigh_arms,
)
from sim.base.codes import FARM
from sim.base.randomness import coins
from sim.base.tables import B1, F8
from sim.kernels.columns import read
from sim.kernels.tally import mark_visits
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def guide_platforms(world: World, week: Week, settings: Settings) -> None:
    """Evaluate experiments that are over, and let platforms open or enter; what is decided holds from next week on."""
    rule = settings.strategy
    if rule.step > 0 and (world.now + 1) % rule.weeks == 0:
        _close_experiments(world, week, settings)
    entries = []
    for k, (platform, is_open) in enumerate(zip(world.platforms, world.market.columns.is_open.tolist(), strict=True)):
        if not is_open and platform.opens_week <= world.now + 1:
            cost = 0.0 if platform.opens_by(world.now + 1) else _entry_cost(world, week, settings, k)
            if cost is not None:
                entries.append(Entry(k, cost))
    if entries:
        _open_platforms(world, entries)
    week.entries = tuple(entries)


def note_visits(world: World, week: Week, settings: Settings) -> None:
    """Record a tick's visits and seconds by platform and experimental arm, while experiments run."""
    rule = settings.strategy
    if rule.step == 0:
        return
    rows = slice(*world.turn(world.tick))
    people, market = world.consumers.columns, world.market.columns
    half = int(2 * (world.now % rule.weeks) >= rule.weeks)
    mark_visits(
        people.uid[rows],
        week.events.listing[rows],
        week.events.seconds[rows],
        people.visited[rows],
        half,
        world.listings.columns.platform,
        week.sessions_market.experiment,
        market.spent,
    )


def _close_experiments(world: World, week: Week, settings: Settings) -> None:
    """Compare the two arms of every platform's experiment, move its feed's tilt, and begin a new experiment."""
    market, people, k = world.market.columns, world.consumers.columns, len(world.platforms)
    # By platform and arm: all seconds of those who have it, users in the first half of the experiment, and those of
    # them who came back in the second
    budget, users, returned = (np.zeros((k, ARMS)) for _ in range(3))
    for row in range(k):
        arm = coins(week.sessions_market.experiment[row], people.uid)
        first, second = came_back(people.visited, row)
        has = people.installed[:, row] > 0
        budget[row] = np.bincount(arm[has], read(people.seconds[has]), minlength=ARMS)
        users[row] = np.bincount(arm, first, minlength=ARMS)
        returned[row] = np.bincount(arm, first & second, minlength=ARMS)
    value = weigh_arms(market.spent, budget, users, returned, settings)
    market.tilt[:] = move_tilt(market.tilt, value, settings)
    market.spent[:], people.visited[:] = 0, 0


def _entry_cost(world: World, week: Week, settings: Settings, k: int) -> float | None:
    """Decide whether platform `k` enters now: the fixed cost that it then pays, in hours' wage, or None if it waits."""
    platform, charters = world.platforms[k], world.charters
    pull = charters.fit - settings.attention.beta_ads * charters.ad_load
    pull = pull - headset_burden(charters.immersive, world.now - charters.opens, settings)
    is_open = world.market.columns.is_open > 0
    share = expected_share(k, pull, is_open, _stocks(world, week, settings, k, is_open), settings)
    share = share_of_advertising(share, k, charters.ad_yield, week.tallies.safe_seconds * is_open)
    luck = float(world.streams["entry"].normal(0, np.array([platform.uid]))[0])
    return enters(share, settings.money.advertising * settings.world.consumers, platform.rules, luck, settings)


def _stocks(world: World, week: Week, settings: Settings, entrant: int, is_open: B1) -> F8:
    """Estimate what each platform, open or not, has to show, shape (K,): listings per week times days of freshness.

    The entrant expects the mean listings of the open platforms, times the part of this week's items whose makers may
    publish there and could afford it.
    """
    producers, batch = world.producers.columns, week.batch
    flow = world.market.columns.arrivals.copy()
    kind, with_ai = producers.kind[batch.producer], producers.uses_ai[batch.producer]
    part = world.charters.takes[entrant, kind, with_ai].astype(np.float64)
    if world.charters.immersive[entrant]:
        works = np.where(kind == FARM, week.frontier.immersive_alone, 1.0)
        part = part * works / work_factor(week.frontier.level, (with_ai > 0) | (kind == FARM), settings)
    flow[entrant] = flow[is_open].mean() * part.mean() if is_open.any() and part.size else 0.0
    return np.asarray(flow * world.charters.freshness)


def _open_platforms(world: World, entries: list[Entry]) -> None:
    """Open entering platforms; at first, items are expected to earn there what they earn elsewhere."""
    market = world.market.columns
    others = np.flatnonzero(market.is_open)
    rows = [entry.platform for entry in entries]
    market.is_open[rows] = 1
    if others.size:
        for learned in (market.earned, market.used, market.listed):
            learned[rows] = learned[others].mean(axis=0)

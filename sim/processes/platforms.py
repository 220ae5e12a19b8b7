"""Platforms as strategic agents: experiments on the feed, measured by halves of the users, and entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.consumers import came_back
from sim.agents.immersive import headset_burden, work_factor
from sim.agents.platforms import ARMS, Entry, enters, expected_share, move_tilt, weigh_arms
from sim.base.codes import FARM
from sim.base.randomness import coins
from sim.base.tables import B1, F8
from sim.kernels.columns import read
from sim.kernels.tally import mark_visits

if TYPE_CHECKING:
    from sim.kernels.attention import Events
    from sim.model import ContentEcosystem


def guide_platforms(model: ContentEcosystem) -> None:
    """Close the experiments that are over, and let platforms open or enter; what is decided holds from next week."""
    rule = model.settings.strategy
    if rule.step > 0 and (model.week + 1) % rule.weeks == 0:
        _close_experiments(model)
    entries = []
    for k, (platform, is_open) in enumerate(zip(model.platforms, model.market.columns.is_open.tolist(), strict=True)):
        if not is_open and platform.opens_week <= model.week + 1:
            cost = 0.0 if platform.opens_by(model.week + 1) else _entry_cost(model, k)
            if cost is not None:
                entries.append(Entry(k, cost))
    if entries:
        _open_platforms(model, entries)
    model.entries = tuple(entries)


def note_visits(model: ContentEcosystem, events: Events) -> None:
    """Note a tick's visits and seconds by platform and arm while experiments run."""
    rule = model.settings.strategy
    if rule.step == 0:
        return
    rows = slice(*model.turn(model.tick))
    people, market = model.consumers.columns, model.market.columns
    half = int(2 * (model.week % rule.weeks) >= rule.weeks)
    mark_visits(
        people.uid[rows],
        events.listing[rows],
        events.seconds[rows],
        people.visited[rows],
        half,
        model.listings.columns.platform,
        model.sessions_market.experiment,
        market.spent,
    )


def _close_experiments(model: ContentEcosystem) -> None:
    """Compare the arms of every platform, move its weight and begin anew."""
    market, people, k = model.market.columns, model.consumers.columns, len(model.platforms)
    budget, users, returned = (np.zeros((k, ARMS)) for _ in range(3))
    for row in range(k):
        arm = coins(model.sessions_market.experiment[row], people.uid)
        first, second = came_back(people.visited, row)
        has = people.installed[:, row] > 0
        budget[row] = np.bincount(arm[has], read(people.seconds[has]), minlength=ARMS)
        users[row] = np.bincount(arm, first, minlength=ARMS)
        returned[row] = np.bincount(arm, first & second, minlength=ARMS)
    value = weigh_arms(market.spent, budget, users, returned, model.settings)
    market.tilt[:] = move_tilt(market.tilt, value, model.settings)
    market.spent[:], people.visited[:] = 0, 0


def _entry_cost(model: ContentEcosystem, k: int) -> float | None:
    """What an entrant pays now, or None while it waits."""
    settings, platform, charters = model.settings, model.platforms[k], model.charters
    pull = charters.fit - settings.attention.beta_ads * charters.ad_load
    pull = pull - headset_burden(charters.immersive, model.week - charters.opens, settings)
    is_open = model.market.columns.is_open > 0
    share = expected_share(k, pull, is_open, _stocks(model, k, is_open), settings)
    luck = float(model.streams["entry"].normal(0, np.array([platform.uid]))[0])
    return enters(share, settings.money.advertising * settings.world.consumers, platform.rules, luck, settings)


def _stocks(model: ContentEcosystem, entrant: int, is_open: B1) -> F8:
    """Items that each platform, open or not, shape (K,), can show: a week's listings for as long as they are fresh.

    The entrant expects the mean listings of the others, as far as this week's makers may publish there and could
    afford it.
    """
    producers, batch = model.producers.columns, model.batch
    flow = model.market.columns.arrivals.copy()
    kind, with_ai = producers.kind[batch.producer], producers.uses_ai[batch.producer]
    part = model.charters.takes[entrant, kind, with_ai].astype(np.float64)
    if model.charters.immersive[entrant]:
        works = np.where(kind == FARM, model.frontier.immersive_alone, 1.0)
        part = part * works / work_factor(model.frontier.level, (with_ai > 0) | (kind == FARM), model.settings)
    flow[entrant] = flow[is_open].mean() * part.mean() if is_open.any() and part.size else 0.0
    return np.asarray(flow * model.charters.freshness)


def _open_platforms(model: ContentEcosystem, entries: list[Entry]) -> None:
    """Open the entrants; until producers know better, an item earns there what it earns elsewhere."""
    market = model.market.columns
    others = np.flatnonzero(market.is_open)
    rows = [entry.platform for entry in entries]
    market.is_open[rows] = 1
    if others.size:
        market.returns[rows] = market.returns[others].mean(axis=0)

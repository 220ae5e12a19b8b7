"""Adaptation: producers learn from results, adopt AI, enter and leave; consumers change platforms and beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agents.consumers import fade_satisfaction, hear_news, share_of_users, swap_platforms
from sim.agents.creators import decide_adoption, learn_results, quit_hazard, seat_creators
from sim.agents.farms import CAPPED, SPAN_TRUTH, cell_costs, draw_accounts, enter_or_leave, expect_payout
from sim.agents.immersive import headset_burden, network_pull
from sim.agents.producers import learn_authority
from sim.agents.studios import decide_tuning, reorganise, stage_hours
from sim.base.averages import haste, warm_span
from sim.base.codes import FALSE, FARM, GENERATED
from sim.base.randomness import derive
from sim.base.tables import F8
from sim.kernels.adaptation import sum_by_truth
from sim.money.accounts import studio_rows
from sim.money.ledger import MICRO

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

USED = 0.05  # automated share of hours from which a studio counts as using AI: assumption
LARGEST_LOG_GAIN = 2.0  # of views; bounds what a few lucky adopters can teach: assumption
DOUBTED = 5.0  # creators without gain, imagined on either side: a handful proves little: assumption
GAIN_WEEKS = 13.0  # over which the gain that others show is averaged: assumption


def adapt_agents(model: ContentEcosystem) -> None:
    """One week's learning and decisions of everyone."""
    _learn_returns(model)
    _learn_falsehood(model)
    _adapt_creators(model)
    _adapt_studios(model)
    _adapt_consumers(model)
    _adapt_farms(model)


def _learn_returns(model: ContentEcosystem) -> None:
    """Update what a new item earns in seconds per platform, genre and depth, and what exposures a platform gives.

    Where nobody has spent a second, an item is thought to earn what it earns elsewhere, as far as there are users.
    """
    market, tallies = model.market.columns, model.tallies
    step = 1.0 / warm_span(model.week)
    earned = tallies.cell_seconds / np.maximum(market.arrived, 1.0)
    used = tallies.platform_seconds > 0
    empty = ~used & (market.is_open > 0)
    if used.any() and empty.any():
        people = model.consumers.columns
        users = share_of_users(people)
        earned[empty] = earned[used].mean(axis=0) * (users[empty] / max(users[used].mean(), 1e-9))[:, None, None]
    market.returns[:] += step * (earned - market.returns)
    market.exposures[:] += step * (model.week_exposures - market.exposures)


def _learn_falsehood(model: ContentEcosystem) -> None:
    """Update what true and false items earn, by origin; mistakes earn like truth and count as such."""
    items, paid = model.items.columns, np.zeros((2, 2, 2))
    sum_by_truth(
        items.week_seconds,
        items.alive,
        items.week,
        items.card["origin"],
        items.card["accuracy"],
        model.week,
        GENERATED,
        FALSE,
        paid,
    )
    model.paid_by_truth += (paid - model.paid_by_truth) / warm_span(model.week, SPAN_TRUTH)


def _adapt_creators(model: ContentEcosystem) -> None:
    """Views and income, AI use, leaving and starting."""
    settings, week, streams = model.settings, model.week, model.streams
    creators, producers = model.creators.columns, model.producers.columns
    n = settings.world.creators
    learn_results(creators, model.tallies.producer_views[:n], (model.payouts + model.grants)[:n] / MICRO, week)
    if model.weeks_since_release < 0:
        model.income_reference = float(creators.income.mean())
    active = producers.active[:n] > 0
    peers = np.zeros(n)
    if model.vendors and model.weeks_since_release >= 0:
        gain, peers = _neighbours(model)
        fee = model.frontier.mean_fee[producers.genre[:n]].mean()
        price = min(fee / max(model.mean_payout, 1e-6), 1.0)
        u = streams["adopt"].uniform(week, producers.uid[:n])
        producers.uses_ai[:n] = decide_adoption(creators, producers, gain, peers, price, settings, u)
    u = streams["quit"].uniform(week, producers.uid[:n])
    quitting = active & (u < 1.0 - np.exp(-quit_hazard(creators, model.income_reference, settings)))
    producers.active[:n][quitting] = 0
    producers.uses_ai[:n][quitting] = 0
    creators.generation[quitting] += 1
    vacant = np.flatnonzero(~active)
    seat = derive("seat", vacant, creators.generation[vacant].astype(np.int64))
    start = streams["start"].uniform(week, seat) < 1.0 - np.exp(-settings.creators.entry_rate)
    if start.any():
        rows, seat = vacant[start], seat[start]
        people, posters = model.consumers.columns, model.posters
        seat_creators(model.creators, producers, people, posters, rows, model.first_output, settings, streams)
        # Newcomers take up AI as often as it is used in the genre of the one whose place they take.
        producers.uses_ai[rows] = streams["start"].uniform(week, seat, 1) < peers[rows]


def _neighbours(model: ContentEcosystem) -> tuple[F8, F8]:
    """Gain in log views an adopter shows against its own past, over non-adopters, and share of adopters, by genre.

    Each creator sees the creators of the own genre. Comparing with the own past keeps the gifted, who may adopt
    first, from passing for an effect of AI.
    """
    creators, producers = model.creators.columns, model.producers.columns
    n, genres = len(creators.rate), model.settings.world.genres
    genre, using = producers.genre[:n], producers.uses_ai[:n] > 0
    active = np.flatnonzero((producers.active[:n] > 0) & (creators.usual_views > 0))
    growth = np.log((creators.views[active] + 1.0) / (creators.usual_views[active] + 1.0))
    group = genre[active] + genres * using[active]
    without, with_ai = np.bincount(group, growth, minlength=2 * genres).reshape(2, genres)
    n_without, n_with = np.bincount(group, minlength=2 * genres).reshape(2, genres)
    gap = with_ai / (n_with + DOUBTED) - without / (n_without + DOUBTED)
    gap = np.where((n_with > 0) & (n_without > 0), np.clip(gap, -LARGEST_LOG_GAIN, LARGEST_LOG_GAIN), 0.0)
    model.seen_gain[:] += (gap - model.seen_gain) / GAIN_WEEKS
    share = n_with / np.maximum(n_with + n_without, 1.0)
    return model.seen_gain[genre], share[genre]


def _adapt_studios(model: ContentEcosystem) -> None:
    """Reorganise around AI; AI's share of hours is what its items carry."""
    settings, producers = model.settings, model.producers.columns
    frontier, studios = model.frontier, model.studios.columns
    levy = model.levers["automation_levy"] * settings.money.levy_rate
    rows = studio_rows(model)
    if len(frontier.shares):
        price = frontier.mean_price
        decide_tuning(studios, producers.uid[rows], frontier.level, price, settings, model.week)
    reorganise(studios, frontier.level, float(frontier.mean_fee.mean()), settings, levy)
    hours = stage_hours(settings)
    share = studios.automated @ hours / hours.sum()
    producers.ai_share[rows] = share
    producers.uses_ai[rows] = share > USED


def _adapt_farms(model: ContentEcosystem) -> None:
    """Enter and leave by margin; open accounts for new farms."""
    settings, producers = model.settings, model.producers.columns
    humans, n = settings.world.creators + settings.world.studios, model.producers.n
    maker = model.batch.producer
    paid, human = model.payouts / MICRO, max(float((maker < humans).sum()), 1.0)
    model.mean_payout += (paid[:humans].sum() / human - model.mean_payout) / warm_span(model.week)
    if not model.vendors or model.weeks_since_release < 0:
        return
    cells = len(model.platforms) * settings.world.genres
    farmed = np.bincount(producers.cell[maker[maker >= humans]], minlength=cells).astype(np.float64)
    kept = paid - np.bincount(model.bids.producer, model.bids.amount, minlength=n) / MICRO
    income = np.bincount(producers.cell[humans:n], kept[humans:], minlength=cells).astype(np.float64)
    pays = np.repeat(model.charters.payout > 0, settings.world.genres)
    payout = expect_payout(income, farmed, pays, _usual_payout(model).ravel(), settings)
    if farmed.any():
        banned = float((producers.kind[model.banned] == FARM).sum())
        model.bans += (np.array([banned, farmed.sum()]) - model.bans) / SPAN_TRUTH
    allowed, cost = (x.ravel() for x in _farm_terms(model))
    rate = settings.farms.items / model.crowding
    room = settings.farms.supply_cap * human / rate
    farms = model.farms.columns
    enter_or_leave(farms, payout, cost, allowed, room, settings)
    model.supply_capped = float(farms.number.sum() >= CAPPED * room)
    _open_accounts(model)


def _usual_payout(model: ContentEcosystem) -> F8:
    """What farms hope an item to earn where there are none of theirs yet, shape (K, G).

    It is a human item's mean payout; for an immersive item, as many times that as an item there earns in seconds.
    """
    returns, immersive = model.market.columns.returns.sum(axis=2), model.charters.immersive
    richer = returns / max(float(returns[~immersive].mean()), 1.0) if not immersive.all() else 1.0
    return np.asarray(model.mean_payout * np.where(immersive[:, None], richer, 1.0))


def _farm_terms(model: ContentEcosystem) -> tuple[F8, F8]:
    """Where AI may produce alone (1 or 0) and what an item costs it, both of shape (K, G)."""
    frontier, settings, immersive = model.frontier, model.settings, model.charters.immersive
    takes = model.charters.takes[:, FARM, 1] & (model.market.columns.is_open > 0)
    allowed = takes[:, None] * np.where(immersive[:, None], frontier.immersive_alone, frontier.alone)
    cost = cell_costs(
        immersive,
        frontier.mean_fee,
        frontier.immersive_fee * frontier.mean_price,
        frontier.level,
        settings,
        model.crowding,
        model.bans[0] / model.bans[1],
    )
    return allowed, cost


def _open_accounts(model: ContentEcosystem) -> None:
    """Give every farm an account, and another one where it was banned: a row among the producers."""
    farms, producers, world = model.farms.columns, model.producers.columns, model.settings.world
    humans, start = world.creators + world.studios, model.producers.n
    closed = humans + np.flatnonzero((producers.active[humans:start] == 0) & (producers.account[humans:start] >= 0))
    wanted = np.maximum(np.ceil(farms.number).astype(np.int64), farms.places)
    more = wanted - farms.places
    if closed.size == 0 and not more.any():
        return
    cell = np.repeat(np.arange(len(wanted)), more)
    place = farms.places[cell] + np.arange(len(cell)) - np.searchsorted(cell, cell)
    cell = np.concatenate([producers.cell[closed], cell]).astype(np.int64)
    place = np.concatenate([producers.account[closed], place]).astype(np.int64)
    order = np.lexsort((place, cell))
    cell, place = cell[order], place[order]
    account = farms.accounts[cell] + np.arange(len(cell)) - np.searchsorted(cell, cell)
    producers.account[closed] = -1
    np.add.at(farms.accounts, cell, 1)
    farms.places[:] = wanted
    model.producers.reserve(start + len(cell))
    model.producers.n = start + len(cell)
    rows = np.arange(start, start + len(cell))
    producers, creators = model.producers.columns, model.creators.columns
    draw_accounts(producers, creators, rows, model.charters.uid, cell, place, account, model.settings, model.streams)


def _adapt_consumers(model: ContentEcosystem) -> None:
    """Platforms in use and how content people are with them, beliefs about AI, authority of accounts."""
    settings, people = model.settings, model.consumers.columns
    is_open, chance = model.market.columns.is_open, settings.attention.install_rate
    if not model.surveyed:
        chance = min(chance * haste(model.week, settings.time.burn_in_weeks), 1.0)
    charters = model.charters
    pull = charters.fit + network_pull(charters.immersive, share_of_users(people), settings)
    pull = pull - headset_burden(charters.immersive, model.week - charters.opens, settings)
    swap_platforms(people, pull, is_open, settings, model.streams["swaps"], model.week, chance)
    rounding = model.streams["weekly rounding"]
    fade_satisfaction(people, settings.attention.satisfaction_weeks, rounding, model.week)
    seconds = model.tallies.origin_seconds.sum(axis=0)
    if model.weeks_since_release >= 0:
        reported = float(seconds[2] / max(seconds.sum(), 1))
        hear_news(people, reported, settings.culture.news_rate, rounding, model.week)
    pleasure, uses = model.tallies.producer_pleasure[:, 0], model.tallies.producer_pleasure[:, 1]
    mean = float(pleasure.sum() / max(uses.sum(), 1.0))
    learn_authority(model.producers.columns, pleasure, uses, mean, model.week)

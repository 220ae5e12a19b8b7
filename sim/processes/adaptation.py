"""Adaptation: creators and studios learn from results and adopt AI; consumers change platforms and beliefs."""

from __future__ import annotations

import numpy as np

from sim.agents.consumers import fade_satisfaction, forget_producers, hear_news, share_of_users, swap_platforms
from sim.agents.creators import (
    LARGEST_LOG_GAIN,
    begin_careers,
    decide_adoption,
    growth_of_uses,
    hopes,
    learn_genres,
    learn_results,
    lose_patience,
    quit_hazard,
    seat_creators,
)
from sim.agents.immersive import headset_burden, network_pull
from sim.agents.lengths import RETURN_WEEKS, learn_usual, learn_work, work_of
from sim.agents.producers import learn_authority
from sim.agents.studios import decide_tuning, reorganise, stage_hours, studio_rows
from sim.base.averages import averaging_weeks, spin_up_factor
from sim.base.clock import QUARTER
from sim.base.codes import FARM
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.money.ledger import MICRO
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

USED = 0.05  # automated share of hours from which a studio counts as using AI: assumption
DOUBTED = 5.0  # creators without gain, imagined on either side: a handful proves little: assumption
GAIN_WEEKS = 13.0  # over which the gain that others show is averaged: assumption


def adapt_agents(world: World, week: Week, settings: Settings) -> None:
    """Let creators, studios and consumers learn from the week's results and decide: on AI, platforms, beliefs."""
    _learn_returns(world, week, settings)
    _adapt_creators(world, week, settings)
    _adapt_studios(world, week, settings)
    _adapt_consumers(world, week, settings)


def _learn_returns(world: World, week: Week, settings: Settings) -> None:
    """Update what is known of items' lengths and returns, and platforms' weekly exposures.

    That is how long people's items take, and on each platform the seconds, uses and new listings a week by genre and
    bin of depth. An open platform on which nobody has spent a second yet is assumed to give an item what the other
    platforms give on average, times its users over theirs.
    """
    market, tallies, batch = world.market.columns, week.tallies, week.batch
    seconds, uses, listings = (
        tallies.cell_seconds.astype(np.float64),
        tallies.cell_uses.astype(np.float64),
        market.arrived,
    )
    used = tallies.platform_seconds > 0
    unused = ~used & (market.is_open > 0)
    if used.any() and unused.any():
        users = share_of_users(world.consumers.columns)
        relative = (users[unused] / max(users[used].mean(), 1e-9))[:, None, None]
        listings = listings.copy()
        seconds[unused], uses[unused] = seconds[used].mean(axis=0) * relative, uses[used].mean(axis=0) * relative
        listings[unused] = listings[used].mean(axis=0)
    for learned, now in ((market.earned, seconds), (market.used, uses), (market.listed, listings)):
        learned += (now - learned) / averaging_weeks(world.now, RETURN_WEEKS)
    market.exposures[:] += (week.exposures - market.exposures) / averaging_weeks(world.now)
    producers = world.producers.columns
    by_people = producers.kind[batch.producer] != FARM
    if world.weeks_since_release < 0:
        learn_usual(world.usual_work, batch.depth[by_people], world.now, settings)
    work = work_of(batch.depth, ~by_people, world.usual_work, settings)
    learn_work(producers.item_work, batch.producer, work)


def _adapt_creators(world: World, week: Week, settings: Settings) -> None:
    """Update creators' uses and income, then decide who adopts AI, who quits and who starts."""
    now, streams = world.now, world.streams
    creators, producers = world.creators.columns, world.producers.columns
    n = settings.world.creators
    earned = (week.payouts + week.fees + week.grants)[:n] / MICRO
    uses, genre = week.tallies.producer_uses[:n], producers.genre[:n]
    learn_results(creators, uses, earned, now)
    active = producers.active[:n] > 0
    par, used, income = (
        np.bincount(genre, active * value, settings.world.genres).astype(np.float64)
        for value in (creators.rate, uses, earned)
    )
    genres = world.genres.columns
    learn_genres(genres, par, used, income, now, world.weeks_since_release)
    if world.weeks_since_release < 0:
        world.income_reference = float(creators.income.mean())
    peers = np.zeros(settings.world.genres)
    if world.ai_released:
        gain, peers = _observe_genres(world, settings)
        # What an item costs with AI, as a part of what one by a human is paid
        fee = week.frontier.mean_fee[genre].mean() * settings.world.items_per_row
        price = min(fee / max(world.farm_news.mean_payout, 1e-6), 1.0)
        u = streams["adopt"].uniform(now, producers.uid[:n])
        producers.uses_ai[:n] = decide_adoption(creators, producers, gain[genre], peers[genre], price, settings, u)
    hope = hopes(genres, world.weeks_since_release)[genre]
    tired = lose_patience(creators, quit_hazard(creators, world.income_reference, hope, settings))
    producers.active[tired], producers.uses_ai[tired] = 0, 0
    _fill_places(world, settings, np.flatnonzero(~active), peers)


def _fill_places(world: World, settings: Settings, vacant: I8, peers: F8) -> None:
    """Let consumers take up some of the vacant places; `peers` are the shares of users of AI by genre, shape (G,)."""
    creators, producers, people = world.creators.columns, world.producers.columns, world.consumers.columns
    draw = world.streams["start"]
    u = draw.uniform(world.now, derive("seat", 1, creators.number[vacant]))
    rows = vacant[u < 1.0 - np.exp(-settings.creators.entry_rate)]
    if not rows.size:
        return
    number = creators.number.max() + 1 + np.arange(len(rows))
    born = begin_careers(creators, producers, rows, number, world.first_output, settings, world.streams)
    seat_creators(world.creators, producers, people, world.posters, rows, born, world.now + 1, settings, world.streams)
    forget_producers(people, rows)
    # A newcomer uses AI with the share of users in its genre.
    producers.uses_ai[rows] = draw.uniform(world.now, producers.uid[rows], 1) < peers[producers.genre[rows]]


def _observe_genres(world: World, settings: Settings) -> tuple[F8, F8]:
    """Measure the gain in log uses that AI seems to bring, and the share of users, in each genre; shape (G,) each.

    The gain is the mean growth of AI users' uses over their own usual uses, less that of the others, averaged over
    weeks. Each is compared with its own past so that talent does not pass for an effect of AI: the talented may adopt
    first. Whoever has too few uses for one item not to matter counts for less.
    """
    creators, producers = world.creators.columns, world.producers.columns
    n, genres = len(creators.rate), settings.world.genres
    genre, using = producers.genre[:n], producers.uses_ai[:n] > 0
    active = np.flatnonzero((producers.active[:n] > 0) & (creators.usual_uses > 0))
    item = world.genres.columns.uses[genre]
    growth = np.log(growth_of_uses(creators, item))[active]
    # The item that is imagined beside the uses of each leaves this part of a gain to be seen
    weight = creators.usual_uses[active] / (creators.usual_uses + item / QUARTER)[active]
    group = genre[active] + genres * using[active]
    without, with_ai = np.bincount(group, growth, minlength=2 * genres).reshape(2, genres)
    n_without, n_with = np.bincount(group, minlength=2 * genres).reshape(2, genres)
    told_without, told_with = np.bincount(group, weight, minlength=2 * genres).reshape(2, genres)
    gap = with_ai / (told_with + DOUBTED) - without / (told_without + DOUBTED)
    gap = np.where((n_with > 0) & (n_without > 0), np.clip(gap, -LARGEST_LOG_GAIN, LARGEST_LOG_GAIN), 0.0)
    world.seen_gain[:] += (gap - world.seen_gain) / GAIN_WEEKS
    share = n_with / np.maximum(n_with + n_without, 1.0)
    return world.seen_gain, share


def _adapt_studios(world: World, week: Week, settings: Settings) -> None:
    """Let studios decide on tuned models and reorganise around AI, and set AI's share of the work in their items."""
    producers = world.producers.columns
    frontier, studios = week.frontier, world.studios.columns
    levy = week.levers.automation_levy * settings.money.levy_rate
    rows = studio_rows(settings)
    if len(frontier.shares):
        price = frontier.mean_price
        decide_tuning(studios, producers.uid[rows], frontier.level, price, settings, world.now)
    reorganise(studios, frontier.level, float(frontier.mean_fee.mean()), settings, levy)
    hours = stage_hours(settings)
    share = studios.automated @ hours / hours.sum()
    producers.ai_share[rows] = share
    producers.uses_ai[rows] = share > USED


def _adapt_consumers(world: World, week: Week, settings: Settings) -> None:
    """Let consumers swap platforms, and update their satisfaction, their beliefs about AI, and producers' authority."""
    people = world.consumers.columns
    is_open, chance = world.market.columns.is_open, settings.attention.install_rate
    if not world.surveyed:
        chance = min(chance * spin_up_factor(world.now, settings.time.burn_in_weeks), 1.0)
    charters = world.charters
    pull = charters.fit + network_pull(charters.immersive, share_of_users(people), settings)
    pull = pull - headset_burden(charters.immersive, world.now - charters.opens, settings)
    swap_platforms(people, pull, is_open, settings, world.streams["swaps"], world.now, chance)
    rounding = world.streams["weekly rounding"]
    fade_satisfaction(people, settings.attention.satisfaction_weeks, rounding, world.now)
    seconds = week.tallies.origin_seconds.sum(axis=0)
    if world.weeks_since_release >= 0:
        reported = float(seconds[2] / max(seconds.sum(), 1))
        hear_news(people, reported, settings.culture.news_rate, rounding, world.now)
    pleasure, chosen = week.tallies.producer_pleasure[:, 0], week.tallies.producer_pleasure[:, 1]
    mean = float(pleasure.sum() / max(chosen.sum(), 1.0))
    learn_authority(world.producers.columns, pleasure, chosen, mean, world.now)

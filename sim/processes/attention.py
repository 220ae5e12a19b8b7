"""Attention: every tick, each consumer whose turn it is spends a session. Events are counted once."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from sim.agents.adopters import TALK_BY_NEED
from sim.agents.consumers import session_days, share_of_users
from sim.agents.immersive import network_pull
from sim.agents.moderators import label_effect
from sim.agents.platforms import experiment_keys, feed_arms
from sim.agents.sessions import chance_over, slow_adaptation
from sim.base.averages import spin_up_factor
from sim.base.records import DECLARED
from sim.base.tables import F4, F8, I4
from sim.kernels.attention import spend_session
from sim.kernels.pools import follow_engagement, settle_pools
from sim.kernels.sessions import MAX_SLOTS, Catalogue, Market
from sim.kernels.slates import Serving, rate_listings, stock_shelves
from sim.kernels.tally import count_sessions, count_slates
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World

MIN_USERS = 1e-3  # added to each platform's share of users, so that the log of a platform without users is finite
MIN_ENGAGEMENT = 1e-3  # lower bound of a platform's mean engagement per exposure
ENGAGEMENT_DAYS = 28.0  # over which platforms average engagement: assumption
PIECES_PER_THREAD = 4  # evens the load; consumers only write their own rows, so pieces change no bit


def prepare_sessions(world: World, week: Week, settings: Settings) -> None:
    """Prepare the week's sessions, before its first day.

    Sets `week.sessions_market` (platforms as consumers see them), `week.serving` (how platforms choose what to show)
    and `week.rules` (constants of a session).
    """
    people = world.consumers.columns
    charters, market = world.charters, world.market.columns
    users = share_of_users(people)
    audience = users + MIN_USERS
    pull = charters.fit + network_pull(charters.immersive, users, settings)
    pull = pull + settings.attention.audience_pull * np.log(audience / audience.max())
    pull = pull - settings.attention.beta_ads * charters.ad_load
    key = world.streams["experiment"].key
    week.sessions_market = Market(
        is_open=market.is_open.copy(),
        pull=np.ascontiguousarray(pull),
        mix=feed_arms(charters.sources, market.tilt, settings),
        experiment=experiment_keys(charters.uid, world.now, key, settings),
        counts=charters.shows_counts.astype(np.uint8),
        place=np.exp(-settings.attention.position * np.arange(MAX_SLOTS)).astype(np.float32),
        memory_unit=np.float32(world.memory_unit),
        talk=TALK_BY_NEED,
    )
    cell, merit, accuracy, labelled = rate_listings(
        world.listings.columns,
        world.items.columns.card,
        world.producers.columns.authority,
        settings.world.genres,
        float(DECLARED),
    )
    chosen = float(week.rules.choice)
    week.serving = Serving(
        freshness=charters.freshness,
        quality=(charters.quality + settings.full_strength.quality_ranking * week.levers.quality_ranking) * chosen,
        theta=charters.theta * chosen,
        mean=market.engagement,
        searched=(charters.query > 0).astype(np.uint8),
        shrinkage=settings.pools.shrinkage,
        top_stage=world.top_stage,
        genres=settings.world.genres,
        cell=cell,
        merit=merit,
        accuracy=accuracy,
    )
    a, days, pace = settings.attention, session_days(settings), spin_up_factor(world.now, settings.time.burn_in_weeks)
    now: dict[str, Any] = {
        "label": np.float32(label_effect(labelled, settings)),
        "follow_rate": np.float32(chance_over(pace * a.follow_rate, days)),
        "unfollow_rate": np.float32(chance_over(pace * a.unfollow_rate, days)),
    }
    if world.now >= settings.time.burn_in_weeks:
        now |= slow_adaptation(settings)
    week.rules = world.rules._replace(**now)


def lay_out_catalogue(world: World, week: Week, settings: Settings) -> Catalogue:
    """Collect what sessions read of items and listings at this tick, among it what each platform may serve now."""
    listings, items, producers = world.listings.columns, world.items.columns, world.producers.columns
    ticks = float(settings.time.ticks_per_day)
    shelves = stock_shelves(world.tick, ticks, listings, week.serving)
    return Catalogue(
        cards=items.card,
        fame=items.fame,
        listings=items.listings,
        item=listings.item,
        platform=listings.platform,
        opens=listings.opens,
        recent=producers.recent,
        persona=producers.persona,
        **shelves._asdict(),
    )


def allocate_attention(world: World, week: Week, settings: Settings) -> None:
    """Run one tick's sessions, spread over the threads, and count what happened."""
    people = world.consumers.columns
    catalogue, market = lay_out_catalogue(world, week, settings), week.sessions_market
    key = world.streams["session"].key
    first, end = world.turn(world.tick)
    pieces = PIECES_PER_THREAD * world.crew.threads if world.crew.threads > 1 else 1
    size = max(1, -(-(end - first) // pieces))  # consumers per piece, rounded up

    def spend(lo: int) -> None:
        """Run the sessions of one piece: of the consumers from row `lo` on."""
        parts = (catalogue, world.graph, market, *make_scratch(catalogue, week.rules.exact))
        events = week.events._replace(spread=week.events.spread[lo - first :])
        spend_session(lo, min(lo + size, end), world.tick, key, people, parts, week.rules, events)

    world.crew.run_all(partial(spend, lo) for lo in range(first, end, size))
    _count(world, week, settings)


def make_scratch(catalogue: Catalogue, exact: bool) -> tuple[F4, I4, I4, F8]:
    """Allocate the arrays in which one thread's sessions work out their slates.

    The last two hold a distribution over all listings; they are that large only where choices are enumerated (`exact`).
    """
    shelves = (catalogue.serve, catalogue.trend, catalogue.test)
    most = sum(len(shelf.slot) + len(shelf.total) for shelf in shelves) if exact else 1
    slots = np.zeros((9, MAX_SLOTS), np.float32), np.zeros(MAX_SLOTS, np.int32)
    return *slots, np.empty(most, np.int32), np.empty(most)


def _count(world: World, week: Week, settings: Settings) -> None:
    """Add the tick's events to the week's tallies, and promote or retire listings in the traffic pools."""
    people, items, listings = world.consumers.columns, world.items.columns, world.listings.columns
    market, pools = world.market.columns, settings.pools
    shown, engaged = np.zeros(len(world.platforms)), np.zeros(len(world.platforms))
    first, end = world.turn(world.tick)
    # The two counts write to different arrays, so that they can run at the same time, each in the consumers' order.
    world.crew.run_all(
        (
            partial(
                count_slates,
                world.tick,
                settings.time.ticks_per_day,
                first,
                end,
                week.events,
                items,
                listings,
                week.serving.accuracy,
                shown,
                engaged,
                week.tallies,
            ),
            partial(
                count_sessions,
                first,
                end,
                week.events,
                people.age,
                world.producers.columns.followers,
                week.tallies,
            ),
        )
    )
    span = ENGAGEMENT_DAYS * settings.time.ticks_per_day
    follow_engagement(shown, engaged, span, MIN_ENGAGEMENT, market.engagement, week.exposures)
    settle_pools(
        listings,
        items.uid,
        world.tick,
        world.streams["ties"].key,
        market.engagement,
        market.scores,
        market.n_scores,
        (market.test, pools.growth, pools.stages, pools.shrinkage, pools.promoted),
    )

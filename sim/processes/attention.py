"""Attention: every tick, each consumer whose turn it is spends a session. Returns events and counts them once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agents.adopters import TALK_BY_NEED
from sim.agents.consumers import MEMORY_DAYS, first_trust, session_days, share_of_users
from sim.agents.immersive import network_pull
from sim.agents.moderators import label_effect
from sim.agents.platforms import experiment_keys, feed_arms
from sim.base.averages import haste
from sim.base.records import DECLARED
from sim.base.tables import F4, F8, I4
from sim.kernels.attention import MOST_SLOTS, Catalogue, Events, Market, Rules, spend_session
from sim.kernels.pools import follow_engagement, settle_pools
from sim.kernels.slates import Serving, rate_listings, stock_shelves
from sim.kernels.tally import count_shown, count_used
from sim.settings import Settings

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

LEAST_USERS = 1e-3  # share of users from which a platform's pull is reckoned, so that its log is finite
LEAST_ENGAGEMENT = 1e-3  # mean engagement an exposure below which platforms take none to lie
ENGAGEMENT_DAYS = 28.0  # over which platforms average engagement: assumption
PIECES_PER_THREAD = 4  # evens the load; consumers only write their own rows, so pieces change no bit


def session_rules(settings: Settings) -> Rules:
    """Read the constants of a session once; rates are of a day, for more of which a session may stand."""
    a, s, t = settings.attention, settings.spread, settings.trust
    days = session_days(settings)

    def over_days(rate: float) -> float:
        return _over_days(rate, days)

    kept = 2.0 ** (-1.0 / a.satiation_days)  # of satiation, after a day
    rules = Rules(
        dot_product=a.taste == "dot_product",
        exact=a.recall == "exact",
        beta_taste=a.beta_taste / a.taste_length**2,
        craft_base=a.beta_craft * a.craft_base,
        craft_expertise=a.beta_craft * a.craft_expertise,
        beta_emotion=a.beta_emotion,
        novelty_amplitude=a.novelty_amplitude,
        novelty_peak=float(np.log(a.novelty_peak)),
        novelty_width=a.novelty_width,
        beta_follow=a.beta_follow,
        beta_popularity=a.beta_popularity,
        beta_effort=a.beta_effort,
        satiation=a.satiation * kept * (1.0 - kept**days) / (1.0 - kept),  # of a use a day
        satiation_kept=kept**days,
        deep_base=a.deep_base,
        deep_habit=a.deep_habit,
        deep_pleasure=a.deep_pleasure,
        habit_step=over_days(a.habit_rate),
        skim=a.skim,
        short=a.short_seconds,
        stretch=float(np.log(a.long_seconds / a.short_seconds)),
        pleasure_step=1.0 - float(np.exp(-days / (26 * 7))),
        follow_rate=over_days(a.follow_rate),
        unfollow_rate=over_days(a.unfollow_rate),
        satisfaction_weight=a.satisfaction_weight,
        satisfaction_step=over_days(a.satisfaction_rate),
        trust_weight=t.weight,
        trust_start=first_trust(settings),
        trust_step=over_days(t.rate),
        checked_step=-float(np.log(1.0 - t.rate)) * t.checked * days,
        marked_step=-float(np.log(1.0 - t.rate)) * days,
        mark_belief=settings.moderation.check_belief,
        mark_sharing=settings.moderation.check_sharing,
        label=settings.moderation.label_doubt,
        memory_step=over_days(1.0 / MEMORY_DAYS),
        nest=a.nest_scale,
        off_screen=a.off_screen,
        query_candidates=a.query_candidates,
        share_base=s.share_base,
        share_pleasure=s.share_pleasure,
        share_emotion=s.share_emotion,
        share_trust=t.share_weight,
        share_doubt=t.share_doubt,
        share_ticks=s.share_days * settings.time.ticks_per_day,
        days=days,
        choice=float(a.choice == "utility"),
    )
    return Rules._make(np.float32(value) if isinstance(value, float) else value for value in rules)


def _over_days(rate: float, days: float) -> float:
    """Chance or step of a session that stands for so many days, given that of a day."""
    return float(1.0 - (1.0 - min(rate, 1.0)) ** days)


def empty_events(consumers: int, slate: int) -> Events:
    """Room for the events of a session of each consumer."""
    n = consumers
    return Events(
        np.full(n, -1, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.uint8),
        np.zeros(n, np.float32),
        np.zeros(n, np.float32),
        np.full((n, slate), -1, np.int32),
        np.zeros(n, np.float32),
        np.zeros((n, 4)),
        np.full(n, -1, np.int32),
        np.full(n, -1, np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int8),
        np.zeros(n, np.uint8),
    )


def open_market(model: ContentEcosystem) -> None:
    """Set out the platforms as sessions see them this week, in `model.sessions_market`, and how they serve, in
    `model.serving`; pace of follows, AI's label.
    """
    settings, people = model.settings, model.consumers.columns
    charters, market = model.charters, model.market.columns
    having = share_of_users(people)
    users = having + LEAST_USERS
    pull = charters.fit + network_pull(charters.immersive, having, settings)
    pull = pull + settings.attention.audience_pull * np.log(users / users.max())
    pull = pull - settings.attention.beta_ads * charters.ad_load
    key = model.streams["experiment"].key
    model.sessions_market = Market(
        market.is_open.copy(),
        np.ascontiguousarray(pull),
        feed_arms(charters.sources, market.tilt, settings),
        experiment_keys(charters.uid, model.week, key, settings),
        charters.shows_counts.astype(np.uint8),
        np.exp(-settings.attention.position * np.arange(MOST_SLOTS)).astype(np.float32),
        np.float32(model.memory_unit),
        TALK_BY_NEED,
    )
    cell, merit, accuracy, labelled = rate_listings(
        model.listings.columns,
        model.items.columns.card,
        model.producers.columns.authority,
        settings.world.genres,
        float(DECLARED),
    )
    chosen = float(model.rules.choice)
    model.serving = Serving(
        charters.freshness,
        (charters.quality + model.levers["quality_ranking"]) * chosen,
        charters.theta * chosen,
        market.engagement,
        (charters.query > 0).astype(np.uint8),
        settings.pools.shrinkage,
        model.top_stage,
        settings.world.genres,
        cell,
        merit,
        accuracy,
    )
    a, days, pace = settings.attention, session_days(settings), haste(model.week, settings.time.burn_in_weeks)
    now: dict[str, Any] = {
        "label": np.float32(label_effect(labelled, settings)),
        "follow_rate": np.float32(_over_days(pace * a.follow_rate, days)),
        "unfollow_rate": np.float32(_over_days(pace * a.unfollow_rate, days)),
    }
    model.rules = model.rules._replace(**now)


def lay_out_catalogue(model: ContentEcosystem) -> Catalogue:
    """Items and listings with the serving weights of this tick."""
    listings, items, producers = model.listings.columns, model.items.columns, model.producers.columns
    ticks = float(model.settings.time.ticks_per_day)
    shelves = stock_shelves(model.tick, ticks, listings, model.serving)
    return Catalogue(
        items.card,
        items.fame,
        items.places,
        listings.item,
        listings.platform,
        listings.opens,
        producers.recent,
        producers.persona,
        *shelves,
    )


def allocate_attention(model: ContentEcosystem) -> Events:
    """Run one tick's sessions and count what happened."""
    people = model.consumers.columns
    catalogue, market = lay_out_catalogue(model), model.sessions_market
    key = model.streams["session"].key
    first, end = model.turn(model.tick)
    size = max(1, -(-(end - first) // (PIECES_PER_THREAD * model.threads if model.threads > 1 else 1)))

    def spend(lo: int) -> None:
        world = (catalogue, model.graph, market, *make_scratch(catalogue, model.rules.exact))
        spend_session(lo, min(lo + size, end), model.tick, key, people, world, model.rules, model.events)

    model.run_all(partial(spend, lo) for lo in range(first, end, size))
    _count(model)
    return model.events


def make_scratch(catalogue: Catalogue, exact: bool) -> tuple[F4, I4, I4, F8]:
    """Room for one piece of work: a slate's scores, and an enumerated law of all listings and three empty cells."""
    shelves = (catalogue.serve, catalogue.trend, catalogue.test)
    most = sum(len(shelf.slot) + len(shelf.total) for shelf in shelves) if exact else 1
    slots = np.zeros((7, MOST_SLOTS), np.float32), np.zeros(MOST_SLOTS, np.int32)
    return *slots, np.empty(most, np.int32), np.empty(most)


def _count(model: ContentEcosystem) -> None:
    """Enter the tick into the week's tallies and settle the traffic pools."""
    people, items, listings = model.consumers.columns, model.items.columns, model.listings.columns
    market, pools = model.market.columns, model.settings.pools
    shown, engaged = np.zeros(len(model.platforms)), np.zeros(len(model.platforms))
    first, end = model.turn(model.tick)
    # They write to other columns, so that each may count in the consumers' order while the other does.
    model.run_all(
        (
            partial(
                count_shown,
                model.events.slate[first:end],
                listings,
                model.serving.accuracy,
                items.exposures,
                shown,
                model.tallies,
            ),
            partial(
                count_used,
                first,
                end,
                model.events,
                items,
                listings,
                people.age,
                model.rules.skim,
                model.producers.columns.followers,
                engaged,
                model.tallies,
            ),
        )
    )
    span = ENGAGEMENT_DAYS * model.settings.time.ticks_per_day
    follow_engagement(shown, engaged, span, LEAST_ENGAGEMENT, market.engagement, model.week_exposures)
    settle_pools(
        listings,
        items.uid,
        model.tick,
        model.streams["ties"].key,
        market.engagement,
        market.scores,
        market.n_scores,
        (market.test, pools.growth, pools.stages, pools.shrinkage, pools.promoted),
    )

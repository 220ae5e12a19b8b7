"""Technology: what AI can do and costs this week, how its vendors compete, what they sell, and what models learn."""

from __future__ import annotations

import numpy as np

from sim.agents.studios import buy_seats
from sim.agents.vendors import (
    INDEPENDENT,
    OPEN,
    adjust_prices,
    autonomy_needs,
    candidate_uid,
    capability_at,
    catch_up,
    data_terms,
    decide_exit,
    entry_hazard,
    expected_profit,
    fee_factors,
    found,
    found_first_vendors,
    initial_funds,
    licenses,
    move_customers,
    roster,
    shares_by_platform,
    subscribes,
    synthetic_needed,
)
from sim.base.clock import WEEKS_PER_YEAR
from sim.base.randomness import derive
from sim.base.tables import DIMS, I8
from sim.culture.corpora import Model, imitate, works_of
from sim.settings import Settings, Trust
from sim.world.week import Frontier, ModelSales, Week
from sim.world.world import World

NEIGHBOURS = 32  # exemplars near a seed that an imitation may blend


def advance_technology(world: World, week: Week, settings: Settings) -> None:
    """Set what AI can do and costs this week (`week.frontier`), after vendors have competed; retrain models when due.

    Without AI, or before its release, the frontier has no vendors.
    """
    technology = settings.technology
    genres = settings.world.genres
    years = world.weeks_since_release / WEEKS_PER_YEAR
    if not world.ai_released:
        none, zero = np.zeros(0), np.zeros(genres)
        week.frontier = Frontier(
            capability=none,
            shares=none,
            prices=np.ones(1),
            fee=zero,
            alone=zero,
            error=0.0,
            craft=none,
            platform_shares=np.zeros((0, 0)),
            immersive_fee=0.0,
            immersive_alone=0.0,
        )
        return
    _compete(world, week, settings, capability_at(years, technology))
    state = world.vendor_state.columns
    text_fee = technology.item_price * technology.price_decay**years
    fee = text_fee * fee_factors(genres, technology)
    earlier = capability_at(years + technology.autonomy_lead / WEEKS_PER_YEAR, technology)
    alone = (earlier >= autonomy_needs(genres, technology)) & technology.autonomous
    craft = technology.craft_start + (technology.craft_ceiling - technology.craft_start) * state.capability
    error = honest_error(years, settings.trust)
    platform_shares = shares_by_platform(state, len(world.platforms), week.levers, settings)
    immersive = float(technology.autonomous and earlier >= technology.autonomy_immersive)
    week.frontier = Frontier(
        capability=state.capability.copy(),
        shares=state.share.copy(),
        prices=state.price.copy(),
        fee=fee,
        alone=alone.astype(np.float64),
        error=error,
        craft=craft,
        platform_shares=platform_shares,
        immersive_fee=text_fee * technology.fee_immersive,
        immersive_alone=immersive,
    )
    if world.weeks_since_release % settings.culture.retrain_weeks == 0:
        for genre in range(len(world.corpora)):
            _train(world, week, settings, genre)


def honest_error(years: float, rule: Trust) -> float:
    """Share of AI's items that are wrong by mistake, so many years after release: from its start to its long run."""
    return float(rule.ai_error_floor + (rule.ai_error - rule.ai_error_floor) * rule.ai_error_decay**years)


def _compete(world: World, week: Week, settings: Settings, best: float) -> None:
    """Let vendors enter and exit, catch up with the `best` capability, win customers and set prices, for a week."""
    state, levers = world.vendor_state.columns, week.levers
    kinds, before = roster(settings.vendors), state.active.copy()
    if not state.generation.any():
        found_first_vendors(state, kinds, best, _largest_platform(world), settings)
    else:
        state.active[decide_exit(state, kinds)] = 0
        _enter(world, settings, ((kinds == INDEPENDENT) & (before == 0)).nonzero()[0], best)
        catch_up(state, kinds, best, levers, settings)
    if world.weeks_since_release >= settings.vendors.open_delay:
        new = ((kinds == OPEN) & (state.active == 0)).nonzero()[0]
        found(state, kinds, new, best, settings)
    move_customers(state, settings.vendors)
    adjust_prices(state, kinds, levers, settings)
    week.vendor_equity = initial_funds(kinds, settings) * (state.active > before)


def _enter(world: World, settings: Settings, free: I8, best: float) -> None:
    """Let an independent vendor enter the first `free` place, with a hazard that grows with expected profit."""
    state = world.vendor_state.columns
    if free.size == 0:
        return
    hazard = entry_hazard(expected_profit(state, best, settings), settings)
    uid = candidate_uid(int(free[0]), int(state.generation[free[0]]))
    if world.streams["vendor_entry"].uniform(world.now, uid)[0] < 1.0 - np.exp(-hazard):
        found(state, roster(settings.vendors), free[:1], best, settings)


def _largest_platform(world: World) -> int:
    """Row of the platform with the most exposures, or -1 if there are none."""
    return int(np.argmax(world.market.columns.exposures)) if world.platforms else -1


def _train(world: World, week: Week, settings: Settings, genre: int) -> None:
    """Train models on a genre's corpus, to which vendors first add as many synthetic works as they lack."""
    corpus, culture = world.corpora[genre], settings.culture
    number = synthetic_needed(corpus.taken, corpus.capacity, data_terms(week.levers, settings))
    if corpus.trained and number > 0:
        uid = derive("synthetic", genre, world.now * 1_000_003 + np.arange(number))
        concept = imitate(
            [Model(corpus, np.zeros(DIMS))],
            [slice(None)],
            temperature=culture.ai_temperature,
            stream=world.streams["synthetic"],
            step=world.now,
            uids=uid,
        )
        attention = float(corpus.column("attention").mean())  # nobody has seen them: they weigh as the mean work
        works = works_of(concept, attention, 1.0)
        corpus.offer(works, world.streams["corpus"].uniform(0, uid), step=world.now)
    corpus.retrain(familiarity=culture.ai_familiarity, neighbours=NEIGHBOURS)


def sell_models(world: World, week: Week, settings: Settings) -> None:
    """Sell the week's subscriptions and tuned models, and compute the data licences that vendors owe."""
    frontier = week.frontier
    n, rule = settings.world.creators, settings.vendors
    if not len(frontier.shares):
        return
    producers, creators, studios = world.producers.columns, world.creators.columns, world.studios.columns
    uid, kind = producers.uid[: n + settings.world.studios], producers.kind[: n + settings.world.studios]
    level = frontier.mean_price
    seat = rule.subscription * level
    licensed = licenses(kind, world.streams["rights"].uniform(0, uid), data_terms(week.levers, settings))
    week.sales = ModelSales(
        seat=seat,
        creators=subscribes(producers.uses_ai[:n], creators.income, seat, rule).nonzero()[0],
        households=world.ai_subscribers * seat,
        studios=buy_seats(studios, seat, settings) * seat,
        custom=np.asarray(studios.tuned * rule.custom_fee * level, np.float64),
        licences=rule.licence_rate * licensed[n:] * studios.income,
        rights=rule.licence_rate * float(licensed[:n] @ creators.income),
    )

"""Technology: what AI can do and costs this week, how its vendors compete, what they sell, and what models learn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.agents.studios import buy_seats
from sim.agents.vendors import (
    INDEPENDENT,
    OPEN,
    WEEKS_PER_YEAR,
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
    initial_funds,
    licenses,
    move_customers,
    open_market,
    roster,
    shares_by_platform,
    subscribes,
    synthetic_needed,
)
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.culture.works import imitate, works_of

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

NEIGHBOURS = 32  # exemplars near a seed that an imitation may blend


@dataclass(frozen=True)
class Frontier:
    """This week's technology. V places of vendors, G genres, K platforms."""

    capability: F8  # (V,) 0 to 1
    shares: F8  # (V,) of use
    prices: F8  # (V,) over the reference fee
    fee: F8  # (G,) reference fee of an item in hours' wage: a monopolist's
    alone: F8  # (G,) 1 where AI can produce alone
    error: float  # honest error of generated items
    craft: F8  # (V,) mean craft of generated items
    places: F8  # (K, V) shares of use among items for each platform
    immersive_fee: float = 0.0  # reference fee of an immersive item, of any genre
    immersive_alone: float = 0.0  # 1 where AI can produce for immersive platforms alone

    @cached_property
    def mean_fee(self) -> F8:
        """Fee of an item at the mean vendor, per genre, shape (G,)."""
        return self.fee * self.mean_price

    @cached_property
    def mean_price(self) -> float:
        """Price at the mean vendor over the reference fee."""
        return float(self.shares @ self.prices) if len(self.shares) else 1.0

    def fee_of(self, genre: I8, vendor: I8) -> F8:
        """Fee of items of these genres at these vendors in hours' wage, shape (n,)."""
        return self.fee[genre] * self.prices[vendor]

    @cached_property
    def level(self) -> float:
        """Capability that the mean user meets."""
        return float((self.capability * self.shares).sum()) if len(self.shares) else 0.0


class ModelSales(NamedTuple):
    """What vendors sell and owe this week beside fees of items, for payment to settle; hours' wage. S studios."""

    seat: float  # price of a subscription at the mean vendor
    creators: I8  # rows of creators who subscribe
    households: float  # subscriptions of people who talk with AI
    studios: F8  # (S,) subscriptions for staff
    custom: F8  # (S,) for tuned models
    licences: F8  # (S,) data licences owed to each studio
    rights: float  # data licences owed to creators' collecting societies


def advance_technology(model: ContentEcosystem) -> None:
    """Move along the dated curves; let vendors compete; train on the corpora when it is time."""
    technology = model.settings.technology
    genres = model.settings.world.genres
    years = model.weeks_since_release / WEEKS_PER_YEAR
    if not model.vendors or years < 0:
        none, zero = np.zeros(0), np.zeros(genres)
        model.frontier = Frontier(none, none, np.ones(1), zero, zero, 0.0, none, np.zeros((0, 0)))
        return
    _compete(model, capability_at(years, technology))
    state, rule = model.vendor_state.columns, model.settings.vendors
    text_fee = technology.item_price * technology.price_decay**years
    fee = text_fee * fee_factors(genres, technology)
    earlier = capability_at(years + technology.autonomy_lead / WEEKS_PER_YEAR, technology)
    alone = (earlier >= autonomy_needs(genres, technology)) & technology.autonomous
    craft = technology.craft_start + (technology.craft_ceiling - technology.craft_start) * state.capability
    error = model.settings.trust.ai_error * model.settings.trust.ai_error_decay**years
    places = shares_by_platform(state, len(model.platforms), model.levers, rule)
    immersive = float(technology.autonomous and earlier >= technology.autonomy_immersive)
    model.frontier = Frontier(
        state.capability.copy(),
        state.share.copy(),
        state.price.copy(),
        fee,
        alone.astype(np.float64),
        error,
        craft,
        places,
        text_fee * technology.fee_immersive,
        immersive,
    )
    if model.weeks_since_release % model.settings.culture.retrain_weeks == 0:
        for genre in range(len(model.corpora)):
            _train(model, genre)


def _compete(model: ContentEcosystem, best: float) -> None:
    """Who is in business, how good each is, whom customers choose, what it costs."""
    state, settings, levers = model.vendor_state.columns, model.settings, model.levers
    kinds, before = roster(settings.vendors), state.active.copy()
    if not state.generation.any():
        open_market(state, kinds, best, _largest_platform(model), settings)
    else:
        state.active[decide_exit(state, kinds)] = 0
        _enter(model, ((kinds == INDEPENDENT) & (before == 0)).nonzero()[0], best)
        catch_up(state, kinds, best, levers, settings.vendors)
    if model.weeks_since_release >= settings.vendors.open_delay:
        new = ((kinds == OPEN) & (state.active == 0)).nonzero()[0]
        found(state, kinds, new, best, settings)
    move_customers(state, settings.vendors)
    adjust_prices(state, kinds, levers, settings.vendors)
    model.vendor_equity = initial_funds(kinds, settings) * (state.active > before)


def _enter(model: ContentEcosystem, free: I8, best: float) -> None:
    """Let an independent enter the first free place, where profit beckons."""
    state, settings = model.vendor_state.columns, model.settings
    if free.size == 0:
        return
    hazard = entry_hazard(expected_profit(state, best, settings), settings)
    uid = candidate_uid(int(free[0]), int(state.generation[free[0]]))
    if model.streams["vendor_entry"].uniform(model.week, uid)[0] < 1.0 - np.exp(-hazard):
        found(state, roster(settings.vendors), free[:1], best, settings)


def _largest_platform(model: ContentEcosystem) -> int:
    """Row of the platform with most exposures, -1 where there is none."""
    return int(np.argmax(model.market.columns.exposures)) if model.platforms else -1


def _train(model: ContentEcosystem, genre: int) -> None:
    """Train models on a genre's corpus, after the vendors have added what they made themselves."""
    corpus, culture = model.corpora[genre], model.settings.culture
    number = synthetic_needed(corpus.taken, corpus.capacity, data_terms(model.settings.vendors, model.levers))
    if corpus.trained and number > 0:
        uid = derive("synthetic", genre, model.week * 1_000_003 + np.arange(number))
        concept = imitate(
            [corpus],
            [slice(None)],
            temperature=culture.ai_temperature,
            stream=model.streams["synthetic"],
            step=model.week,
            uids=uid,
        )
        attention = float(corpus.column("attention").mean())  # nobody has seen them: they weigh as the mean work
        works = works_of(concept, attention, model.canons[genre].novelty(concept), 1.0)
        corpus.offer(works, model.streams["corpus"].uniform(0, uid), step=model.week)
    corpus.retrain(familiarity=culture.ai_familiarity, neighbours=NEIGHBOURS)


def sell_models(model: ContentEcosystem) -> None:
    """Subscriptions and custom work of the week, and the data licences that vendors owe."""
    frontier, settings = model.frontier, model.settings
    n, rule = settings.world.creators, settings.vendors
    if not len(frontier.shares):
        return
    producers, creators, studios = model.producers.columns, model.creators.columns, model.studios.columns
    uid, kind = producers.uid[: n + settings.world.studios], producers.kind[: n + settings.world.studios]
    level = frontier.mean_price
    seat = rule.subscription * level
    licensed = licenses(kind, model.streams["rights"].uniform(0, uid), data_terms(rule, model.levers))
    model.sales = ModelSales(
        seat=seat,
        creators=subscribes(producers.uses_ai[:n], creators.income, seat, rule).nonzero()[0],
        households=model.ai_subscribers * seat,
        studios=buy_seats(studios, seat, settings) * seat,
        custom=np.asarray(studios.tuned * rule.custom_fee * level, np.float64),
        licences=rule.licence_rate * licensed[n:] * studios.income,
        rights=rule.licence_rate * float(licensed[:n] @ creators.income),
    )

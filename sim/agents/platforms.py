"""Platforms: institutions with rules, which try out the weights of their feeds, bargain over payouts, and enter.

The split of a year is that of Nash 1950 (Econometrica 18:155) between a platform and its producers, each with an
outside option; the split with which a platform starts is taken as bargained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

import numpy as np

from sim.base.clock import Calendar
from sim.base.codes import CREATOR, FARM, INTEREST, SOURCES, STUDIO
from sim.base.randomness import derive, key_of
from sim.base.tables import B1, F8, I8, U1, U8, Column
from sim.settings import PlatformRules, Settings
from sim.settings.needs import of_needs

MAX_PAYOUT = 0.9  # of revenue: the registry's upper bound
ARMS = 2  # halves of a platform's users in an experiment: arm 0 has the lower weight, arm 1 the higher
MAX_TILT = 1.5  # log factor by which experiments can move a weight in all: assumption


class PlatformState(NamedTuple):
    """What each platform has measured and decided; one row a platform."""

    engagement: Annotated[F8, Column("f8", "1", "mean engagement an exposure, over weeks", (), 0.5)]
    exposures: Annotated[F8, Column("f8", "exposures/week", "8-week mean")]
    arrivals: Annotated[F8, Column("f8", "listings/week", "8-week mean of new listings")]
    test: Annotated[F8, Column("f8", "exposures", "test exposures of a new listing")]
    scores: Annotated[F8, Column("f8", "1", "last scores by stage", ("stages", "scores"))]
    n_scores: Annotated[I8, Column("i8", "1", "scores ever by stage", ("stages",))]
    earned: Annotated[F8, Column("f8", "seconds/week", "mean by bin of depth", ("genres", "depths"))]
    used: Annotated[F8, Column("f8", "uses/week", "mean by bin of depth", ("genres", "depths"))]
    listed: Annotated[F8, Column("f8", "listings/week", "mean of new ones by bin of depth", ("genres", "depths"))]
    arrived: Annotated[F8, Column("f8", "items", "this week's listings", ("genres", "depths"))]
    is_open: Annotated[U1, Column("u1", "1", "whether it is open")]
    pays_ahead: Annotated[U1, Column("u1", "1", "whether it reviews from money at hand alone: it once could not pay")]
    tilt: Annotated[F8, Column("f8", "log", "what experiments have added to the log weight of interest in the feed")]
    spent: Annotated[I8, Column("i8", "seconds", "by arm, since the running experiment began", ("arms",))]
    age: Annotated[I8, Column("i8", "weeks", "time open; a year for those that are open from the start")]
    payout: Annotated[F8, Column("f8", "share", "part of advertising revenue paid to producers now")]
    subscribers: Annotated[F8, Column("f8", "people", "people who pay, 13-week mean")]
    outside: Annotated[F8, Column("f8", "share", "producers' outside option over the revenue at stake, year's mean")]
    audience: Annotated[F8, Column("f8", "share", "share of all on-screen seconds, year's mean")]
    first_outside: Annotated[F8, Column("f8", "share", "the same when the first split was agreed")]
    first_audience: Annotated[F8, Column("f8", "share", "the same when the first split was agreed")]


class Charters(NamedTuple):
    """What never changes about K platforms, one row each."""

    uid: U8
    opens: F8  # week from which it is open, or may enter
    pages: B1  # whether searches lead to pages there
    native: B1  # AI-native: open to AI producers and creators who work with AI alone
    immersive: B1
    search: B1
    forum: B1
    answer_layer: F8  # share of informational searches above whose results a summary stands, once it does
    layer_opens: F8  # week from which it does
    takes: B1  # (K, 3, 2) whether a kind of producer (see `codes`) may publish there, without and with AI
    fit: F8  # (needs, K)
    sources: F8  # (K, 6) weights of the sources of its feed, before any experiment
    query: F8  # weight of what is found by a query
    freshness: F8  # days
    theta: F8
    quality: F8
    shows_counts: B1
    depth_bias: F8
    ad_load: F8
    ad_yield: F8  # advertising that a brand-safe second brings, over that of a video library at an ad load of 1
    subscription: F8
    licensed: B1  # (K, 3) whether a kind of producer is paid from subscriptions
    payout: F8  # at the start
    moderation: F8
    detection: F8

    @property
    def pays(self) -> B1:
        """Whether each platform pays a kind of producer, from advertising or subscriptions, shape (K, 3)."""
        return np.asarray((self.payout > 0)[:, None] | (self.licensed & (self.subscription > 0)[:, None]), np.bool_)


class Entry(NamedTuple):
    """The decision of a platform to open next week: the row of the platform, and the fixed cost of entry."""

    platform: int
    cost: float  # hours' wage, paid by its owners; 0 for one that opens at its date


@dataclass(frozen=True)
class Platform:
    """A platform of the scenario: its name, rules and dates, which never change; its state is in `PlatformState`.

    Attributes
    ----------
    key : its name in the scenario.
    kind : name of its type; its own where its rules give none.
    ordinal : its number among platforms of its kind; draws are keyed by kind and ordinal, so that no name matters.
    rules : its settings.
    opens_week : week from which it is open, or may enter.
    answers_week : week from which summaries may stand above its search results.
    """

    key: str
    kind: str
    ordinal: int
    rules: PlatformRules
    opens_week: int
    answers_week: int

    @cached_property
    def uid(self) -> np.uint64:
        """Identity that keys draws."""
        return np.uint64(derive("platform", key_of(self.kind), self.ordinal)[0])

    def opens_by(self, week: int) -> bool:
        """Whether it is open by this week without having to decide upon entry."""
        return self.rules.entry_cost == 0 and self.opens_week <= week

    def takes(self, kind: int, uses_ai: int) -> bool:
        """Whether a kind of producer (see `codes`), with or without AI, may publish here.

        Where only AI may publish, studios and those who work by hand may not; otherwise studios always may.
        """
        if self.rules.open_to == "ai":
            return kind == FARM or (kind == CREATOR and uses_ai > 0)
        return self.rules.open_to == "everyone" or kind == STUDIO

    def pays_from_subscriptions(self, kind: int) -> bool:
        """Whether a kind of producer (see `codes`) is paid from subscriptions here."""
        paid = {"studios": (STUDIO,), "creators": (CREATOR,), "producers": (CREATOR, STUDIO, FARM)}
        return kind in paid[self.rules.subscription_pays]


def read_charters(platforms: Sequence[Platform]) -> Charters:
    """Arrange the rules of all platforms as arrays with one entry per platform."""
    rules = [platform.rules for platform in platforms]

    def each(name: str) -> F8:
        return np.array([getattr(rule, name) for rule in rules], np.float64)

    def where(name: str, value: object) -> B1:
        return np.array([getattr(rule, name) == value for rule in rules], np.bool_)

    kinds = (CREATOR, STUDIO, FARM)
    takes = [[[p.takes(kind, ai) for ai in (0, 1)] for kind in kinds] for p in platforms]
    return Charters(
        uid=np.array([p.uid for p in platforms], np.uint64),
        opens=np.array([p.opens_week for p in platforms], np.float64),
        pages=where("pages", True),
        native=where("open_to", "ai"),
        immersive=where("immersive", True),
        search=where("questions", "search"),
        forum=where("questions", "forum"),
        answer_layer=each("answer_layer"),
        layer_opens=np.array([p.answers_week for p in platforms], np.float64),
        takes=np.array(takes, np.bool_),
        fit=np.stack([of_needs(rule.fit) for rule in rules], axis=1),
        sources=source_weights(rules),
        query=each("query"),
        freshness=each("freshness"),
        theta=each("theta"),
        quality=each("quality_weight"),
        shows_counts=each("shows_counts") > 0,
        depth_bias=each("depth_bias"),
        ad_load=each("ad_load"),
        ad_yield=each("ad_load") * each("ad_price"),
        subscription=each("subscription"),
        licensed=np.array([[p.pays_from_subscriptions(kind) for kind in kinds] for p in platforms]),
        payout=each("payout"),
        moderation=each("moderation"),
        detection=each("detection"),
    )


def found_platforms(rules: Mapping[str, PlatformRules], calendar: Calendar) -> tuple[Platform, ...]:
    """Create the platforms of a scenario, ordered by kind, so that results do not depend on their names."""
    seen: dict[str, int] = {}
    platforms = []
    for kind, key in sorted(((rule.kind or key, key) for key, rule in rules.items()), key=lambda pair: pair[0]):
        rule, ordinal = rules[key], seen.get(kind, -1) + 1
        seen[kind] = ordinal
        opens, answers = calendar.week_of(rule.opens), calendar.week_of(rule.answer_layer_opens)
        platforms.append(Platform(key, kind, ordinal, rule, opens, answers))
    return tuple(platforms)


def source_weights(rules: Sequence[PlatformRules]) -> F8:
    """Weights of the sources of each platform's feed, as in its rules, shape (K, 6)."""
    return np.array([[getattr(rule, source) for source in SOURCES] for rule in rules], np.float64)


def feed_weights(sources: F8, tilt: F8) -> F8:
    """Weights of the sources of each platform's feed, tilted towards interest, shape (K, 6).

    Parameters
    ----------
    sources : weights by the platforms' rules, shape (K, 6).
    tilt : what is added to the log weight of interest, by experiments so far or in an arm of one; shape (K,).
    """
    weights = sources.copy()
    weights[:, INTEREST] *= np.exp(tilt)
    return weights


def feed_arms(sources: F8, tilt: F8, settings: Settings) -> F8:
    """Cumulative weights of sources in the two arms of each platform's experiment, shape (K, 2, 6).

    The first arm has a lower tilt towards interest, the second a higher one.
    """
    delta = settings.strategy.perturbation if settings.strategy.step > 0 else 0.0
    return np.stack([np.cumsum(feed_weights(sources, tilt + way * delta), axis=1) for way in (-1.0, 1.0)], axis=1)


def weigh_arms(spent: I8, budget: F8, users: F8, returned: F8, settings: Settings) -> F8:
    """Objective of each arm: revenue relative to the arms' mean plus the weighted share of users who return; (K, 2).

    Revenue is seconds out of all that the arm's users had, since both arms are sold at one rate. Where an arm had no
    user or nobody spent a second, both get 0, so that nothing is learned.

    Parameters
    ----------
    spent, budget : seconds on the platform, and all seconds of those who have it installed, shape (K, 2).
    users, returned : people who came in the first half of the experiment, and who of them came in the second, (K, 2).
    """
    share = spent / np.maximum(budget, 1.0)
    mean = share.mean(axis=1, keepdims=True)
    known = ((users > 0) & (budget > 0)).all(axis=1, keepdims=True) & (mean > 0)
    value = share / np.where(mean > 0, mean, 1.0) + settings.strategy.retention * returned / np.maximum(users, 1.0)
    return np.where(known, value, 0.0)


def move_tilt(tilt: F8, value: F8, settings: Settings) -> F8:
    """Each platform's new tilt, shape (K,), after a step along the slope measured between the arms of its experiment.

    This is simultaneous perturbation (Spall 1992).

    Parameters
    ----------
    value : objective of each arm, shape (K, 2).
    """
    rule = settings.strategy
    slope = (value[:, 1] - value[:, 0]) / (2.0 * rule.perturbation)
    return np.asarray(np.clip(tilt + rule.step * slope, -MAX_TILT, MAX_TILT))


def expected_share(entrant: int, pull: F8, is_open: B1, stock: F8, settings: Settings) -> float:
    """Share of on-screen time that an entrant expects: a logit by need, as far as it will have something to show.

    Parameters
    ----------
    entrant : its row.
    pull : utility of each platform for each need, shape (needs, K).
    is_open : which platforms are open, shape (K,).
    stock : items that each platform can show at a time, the entrant's as it expects them, shape (K,).
    """
    a = settings.attention
    needs = of_needs(a.needs)
    rivals = is_open.copy()
    rivals[entrant] = False
    if not rivals.any():
        return float(stock[entrant] > 0)
    odds = np.exp((pull - pull.max(axis=1, keepdims=True)) / a.nest_scale)
    won = odds[:, entrant] / (odds[:, entrant] + odds[:, rivals].sum(axis=1))
    usual = stock[rivals].mean()
    ready = stock[entrant] / max(stock[entrant] + usual, 1e-9)
    return float(needs @ won / max(needs.sum(), 1e-9) * ready)


def share_of_advertising(share: float, entrant: int, worth: F8, seconds: F8) -> float:
    """Share of advertising that goes with a share of time, at most 1.

    Parameters
    ----------
    worth : what a second of each platform is worth to advertisers, shape (K,).
    seconds : of use of each platform that is open, which the entrant is not, shape (K,).
    """
    usual = float(worth @ seconds) / float(seconds.sum()) if seconds.any() else float(worth[entrant])
    mine, others = share * float(worth[entrant]), (1.0 - share) * usual
    return mine / (mine + others) if mine > 0.0 else 0.0


def enters(share: float, budget: float, platform: PlatformRules, luck: float, settings: Settings) -> float | None:
    """Fixed cost of entering, in hours' wage, if the profit expected exceeds it, else None.

    Parameters
    ----------
    share : of advertising that the entrant expects.
    budget : advertising a week, in hours' wage.
    luck : normal number behind its fixed cost.
    """
    rule = settings.strategy
    cost = platform.entry_cost * settings.world.consumers * float(np.exp(rule.entry_doubt * luck))
    profit = share * budget * (1.0 - platform.payout) * rule.entry_horizon
    return cost if profit > cost else None


def experiment_keys(uids: U8, week: int, key: np.uint64, settings: Settings) -> U8:
    """Key that assigns each platform's users to the arms of its experiment, shape (K,).

    Each experiment has a new one.
    """
    return derive("experiment", uids ^ key, week // settings.strategy.weeks)


def outside_options(revenue: F8, payout: F8) -> F8:
    """Part of as much advertising that producers would earn on other platforms, 0 to 1, shape (K,).

    Parameters
    ----------
    revenue, payout : of each platform: advertising revenue, and the part of it that it pays producers, shape (K,).
    """
    elsewhere, paid = revenue.sum() - revenue, (revenue * payout).sum() - revenue * payout
    there = (revenue > 0.0) & (elsewhere > 0.0)
    return np.where(there, np.maximum(paid, 0.0) / np.where(there, elsewhere, 1.0), 0.0)


def bargain(market: PlatformState, agreed: F8, step: float) -> None:
    """Move the payouts towards the Nash split at equal power, by a bounded step; platforms that pay nothing stay so.

    Each side gets its outside option and half of what is left: producers what they could earn elsewhere, the platform
    the part of its revenue that its audience share secures. So the producers' part rises by half of what their option
    gained, and falls by half of what the audience share gained, since the first split was agreed.

    Parameters
    ----------
    agreed : the first split, shape (K,).
    step : most that a payout moves in a year.
    """
    gained = market.outside - market.first_outside
    secured = market.audience - market.first_audience
    split = np.clip(agreed + 0.5 * (gained - secured), 0.0, MAX_PAYOUT)
    moved = market.payout + np.clip(split - market.payout, -step, step)
    market.payout[:] = np.where(agreed > 0.0, moved, 0.0)


def paying_share(minutes: F8, price: F8, worth: float) -> F8:
    """Share of users who subscribe, shape (K,): those to whom their minutes there are worth the price.

    What a minute is worth is exponential over users, with mean `worth`.

    Parameters
    ----------
    minutes : a user's weekly minutes on the platform, shape (K,).
    price : hours' wage a week, 0 where nothing is sold, shape (K,).
    """
    value = np.maximum(minutes * worth, 1e-12)
    return np.where(price > 0.0, np.exp(-np.minimum(price / value, 700.0)), 0.0)


def ad_budget(quality: float, reference: float, base: float, elasticity: float) -> float:
    """Advertisers' budget: it grows less than in step with brand-safe effective seconds over those before release."""
    return base * (quality / reference) ** elasticity if reference > 0.0 else base

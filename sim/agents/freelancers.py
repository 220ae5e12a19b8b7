"""The market for commissions: clients who buy, freelancers who sell by hand or with AI, and prices."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.agents.creators import MAX_LOG_ODDS
from sim.agents.producers import PROMPT_SD
from sim.base.averages import SPAN
from sim.base.clock import WEEKS_PER_MONTH
from sim.base.randomness import Streams, derive
from sim.base.tables import B1, F4, F8, I4, I8, U1, U8, Column, Population
from sim.culture.concepts import assisted_craft
from sim.settings import Settings

# Numbers of offers: 0, 1 novices and experienced by hand; 2, 3 the same with AI; 4 raw AI; 5 none.
TIERS, SEGMENTS, RAW, NOTHING = 2, 4, 4, 5
WITH_AI = np.repeat([0.0, 1.0], TIERS)  # whether sellers of a segment work with AI
OTHER_WAY = np.roll(np.arange(SEGMENTS), TIERS)  # segment of the same tier that works the other way
COMMISSION_HOURS = 35.0  # by hand, a week's work: sets the unit of volume alone
FULL = 0.95  # use of capacity at which prices do not move: assumption
PRICE_STEP, MAX_STEP = 0.03, 0.03  # log steps of prices per week: assumption
RESERVED, RESERVED_SD = 0.6, 0.1  # median of the least pay that sellers take over pay elsewhere, log sd: assumption
FEWEST = 0.02  # part of sellers who work at any price, so that each segment always offers something
ENTRY_STEP, MAX_ENTRY = 0.004, 0.01  # weekly growth for a log unit of income over pay elsewhere: assumption
MIN_WORTH, MAX_WORTH = 0.3, 1_000.0  # reservation prices over the first price: assumption
FIT_SLOPE = 3.0  # of the chance that quality will do, 1/sd
TOLERANCE, MAX_STAKE = 0.1, 2.0  # scale of the logit in worth, and the worth from which it stays: assumption
NOVICE_WEEKS = 26  # in which a seller counts as a novice: assumption
HALF_LEARNT = 26.0  # commissions in which half of what experience brings is learnt: assumption
FAMILIAR_REVIEWS, RATING_PULL = 5.0, 0.5  # pseudo-count of reviews; weight of ratings in meeting: assumption
MAX_SAVING = 0.9  # of a seller's hours
MIN_INCOME = 1e-6  # over pay elsewhere, so that its logarithm exists
SAMPLE, LINES, HALVINGS = 1_024, 33, 24  # clients and needs that stand for all; steps of a bisection
EVEN = (np.arange(LINES) + 0.5) / LINES
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0  # golden ratio: fractional parts of its multiples fill [0, 1) evenly


class Freelancers(NamedTuple):
    """One row per place, which sellers occupy one after another."""

    uid: Annotated[U8, Column("u8", "1", "identity that keys draws")]
    generation: Annotated[I4, Column("i4", "1", "how many held the place before")]
    active: Annotated[U1, Column("u1", "1", "whether someone sells")]
    assisted: Annotated[U1, Column("u1", "1", "whether the seller works with AI")]
    skill: Annotated[F4, Column("f4", "sd", "quality of work by hand, before experience")]
    prompt_skill: Annotated[F4, Column("f4", "1", "skill at working with AI, 1 on average")]
    entered: Annotated[I4, Column("i4", "week", "week of entry")]
    reviews: Annotated[I4, Column("i4", "reviews", "commissions reviewed so far")]
    rating: Annotated[F8, Column("f8", "sd", "mean quality in these reviews")]


class Segments(NamedTuple):
    """One row per segment of sellers: novices and experienced by hand, novices and experienced with AI."""

    price: Annotated[F8, Column("f8", "hours' wage", "price of a commission")]
    usage: Annotated[F8, Column("f8", "1", "8-week mean of orders over capacity")]


class Terms(NamedTuple):
    """What is fixed when the market opens."""

    uid: U8  # (1,) keys the rounding of the number of clients
    arrivals: float  # clients per week
    par: float  # hours' wage; price at which a seller by hand earns what pays elsewhere
    basket: F8  # (2,) weights of novices and experienced in the price index


class Clients(NamedTuple):
    """Clients of a week. n clients."""

    uid: U8  # (n,)
    worth: F8  # (n,) of perfect work, over the first price
    need: F8  # (n,) needed quality in sd of skill
    genre: I8  # (n,)
    mood: F8  # (n,) uniform number that decides among offers


# Clients


def draw_worth(u: F8, settings: Settings) -> F8:
    """Reservation prices of clients over the first price, truncated Pareto, shape (n,).

    u is the share of clients who would pay less, shape (n,).
    """
    elasticity = settings.commissions.elasticity
    tail = (MIN_WORTH / MAX_WORTH) ** elasticity
    return np.asarray(MIN_WORTH * (1.0 - u * (1.0 - tail)) ** (-1.0 / elasticity), np.float64)


def draw_need(u: F8, settings: Settings) -> F8:
    """Quality that clients need in sd of skill, normal, shape (n,); u is the share of clients who need less."""
    rule = settings.commissions
    return np.asarray(rule.need_mean + rule.need_sd * special.ndtri(u), np.float64)


def offer_shares(worth: F8, need: F8, price: F8, quality: F8, standing: F8) -> F8:
    """Probability that each client takes each offer, shape (offers, n), by logit; the rest buys nothing.

    An offer's value is R σ(3 (quality - need)) - price, where R is what perfect work is worth to the client. The
    logit's scale is a tenth of R, so that noise leaves the elasticity as it is, but does not grow further for large R:
    nobody pays for useless work only because it is cheap compared with R.

    Parameters
    ----------
    worth, need : R over the first price, and needed quality in sd of skill; shape (n,).
    price : over the first price, including the client's own time, shape (offers, n) or (offers, 1).
    quality : what clients believe of each offer in sd of skill, shape (offers,).
    standing : log weight of each offer, -inf where there is none; shape (offers, n) or (offers, 1).
    """
    fit = special.expit(FIT_SLOPE * (quality[:, None] - need))
    value = (worth * fit - price) / (TOLERANCE * np.minimum(worth, MAX_STAKE)) + standing
    best = np.maximum(value.max(axis=0), 0.0)
    weight = np.exp(value - best)
    return np.asarray(weight / (np.exp(-best) + weight.sum(axis=0)), np.float64)


def choose_offers(shares: F8, u: F8) -> I8:
    """Draw the offer that each client takes, by uniform numbers u; `NOTHING` for none; shape (n,)."""
    return np.asarray((u >= shares.cumsum(axis=0)).sum(axis=0), np.int64)


# Sellers


def segment_of(sellers: Freelancers, week: int) -> I8:
    """Segment of each seller in a week (tier, and by hand or with AI), -1 for an empty place; shape (n,)."""
    experienced = week - sellers.entered >= NOVICE_WEEKS
    return np.where(sellers.active > 0, TIERS * sellers.assisted.astype(np.int64) + experienced, -1)


def sum_by_segment(segment: I8, values: F8 | None = None) -> F8:
    """Number of sellers in each segment, or the sum of their `values` (n,); shape (segments,)."""
    return np.bincount(segment + 1, values, SEGMENTS + 1)[1:].astype(np.float64)


def hours_with_ai(sellers: Freelancers, level: float, settings: Settings) -> F8:
    """Hours of a commission with AI over those by hand for each seller, whether or not it uses AI; shape (n,)."""
    saving = settings.commissions.saving * level * sellers.prompt_skill.astype(np.float64)
    return np.asarray(1.0 - np.minimum(saving, MAX_SAVING), np.float64)


def work_quality(sellers: Freelancers, level: float, settings: Settings) -> F8:
    """Mean quality of each seller's work in sd of skill, shape (n,): skill + experience + AI's help."""
    culture = settings.culture
    learnt = sellers.reviews / (sellers.reviews + HALF_LEARNT)
    own = sellers.skill + settings.commissions.experience * learnt
    return assisted_craft(
        own,
        own,
        culture.assist_share * sellers.assisted,
        gain=culture.assist_gain,
        ceiling=culture.assist_ceiling + level,
        prompt_skill=sellers.prompt_skill,
    )


def believed_quality(sellers: Freelancers, level: float, settings: Settings) -> F8:
    """Quality that clients expect of each seller, shape (n,).

    The mean of its reviews, shrunken towards a newcomer's.
    """
    culture = settings.culture
    help_ = culture.assist_share * culture.assist_gain * max(0.0, culture.assist_ceiling + level)
    heard = sellers.reviews * sellers.rating + FAMILIAR_REVIEWS * help_ * sellers.assisted
    return np.asarray(heard / (sellers.reviews + FAMILIAR_REVIEWS), np.float64)


def take_reviews(sellers: Freelancers, rows: I8, quality: F8) -> None:
    """Add the quality of finished commissions, shape (n,), to the ratings of the sellers in `rows`, shape (n,)."""
    n = np.bincount(rows, minlength=len(sellers.reviews)).astype(np.int32)
    total = np.bincount(rows, quality, minlength=len(n))
    sellers.reviews[:] += n
    sellers.rating[:] += (total - n * sellers.rating) / np.maximum(sellers.reviews, 1)


def meet_sellers(segment: I8, believed: F8, taken: I8, u: F8) -> I8:
    """Draw the seller (row) whom each client meets in its chosen segment, more likely one of good repute; shape (n,).

    Parameters
    ----------
    segment, believed : segment and believed quality of each place, shape (places,); segment is -1 for an empty place.
    taken, u : segment of each order, which must have sellers, and a uniform number; shape (n,).
    """
    starts = np.bincount(segment + 1, minlength=SEGMENTS + 1).cumsum()  # of each segment, once places are sorted
    rows = segment.argsort(kind="stable")[starts[0] :]
    starts -= starts[0]
    first, end = starts[taken], starts[taken + 1]
    edges = np.zeros(len(rows) + 1)
    np.exp(RATING_PULL * believed[rows]).cumsum(out=edges[1:])
    low, high = edges[first], edges[end]
    at = edges.searchsorted(low + u * (high - low), side="right") - 1
    return np.asarray(rows[np.minimum(np.maximum(at, first), end - 1)], np.int64)


def willing_part(price: F8, hours: F8 | float, fee: F8 | float, settings: Settings) -> F8:
    """Part of sellers who work at a price, shape of `price`: the least pay an hour that they take is log-normal.

    Parameters
    ----------
    price, fee : of a commission, and the model fee that it costs, in hours' wage.
    hours : of a commission over those by hand.
    """
    kept = np.maximum(price * (1.0 - settings.commissions.marketplace_fee) - fee, MIN_INCOME)
    part = special.ndtr(np.log(kept / (COMMISSION_HOURS * hours) / RESERVED) / RESERVED_SD)
    return np.asarray(np.maximum(part, FEWEST), np.float64)


def adjust_prices(segments: Segments) -> None:
    """Raise segments' prices where capacity is used more than `FULL`, lower them where less."""
    step = np.minimum(np.maximum(PRICE_STEP * (segments.usage - FULL), -MAX_STEP), MAX_STEP)
    segments.price[:] *= np.exp(step)


def full_income(segments: Segments, fee: F8, settings: Settings) -> F8:
    """Income of a seller of each segment who takes a week per commission, over pay elsewhere; shape (segments,)."""
    kept = segments.price * (1.0 - settings.commissions.marketplace_fee) - fee
    return np.asarray(np.maximum(kept * segments.usage / COMMISSION_HOURS, MIN_INCOME), np.float64)


def growth_of(income: F8) -> F8:
    """Weekly growth rate of the number of sellers whose income is `income` times pay elsewhere."""
    return np.minimum(np.maximum(ENTRY_STEP * np.log(income), -MAX_ENTRY), MAX_ENTRY)


def decide_leaving(segment: I8, growth: F8, number: int, turnover: float, u: F8) -> B1:
    """Decide who leaves, shape (n,): turnover less the segment's growth, and more if there are too many sellers.

    Parameters
    ----------
    segment : of each place, -1 where it is empty, shape (n,).
    growth : of each segment, shape (segments,).
    number : largest number of sellers who may stay.
    u : uniform numbers, shape (n,).
    """
    there, hazard = segment >= 0, np.maximum(turnover - growth, MIN_INCOME)
    urge = np.where(there, u / hazard[segment], np.inf)
    leaving: B1 = urge < 1.0
    surplus = int(there.sum()) - number
    if surplus > leaving.sum():
        leaving[np.argsort(urge, kind="stable")[:surplus]] = True
    return leaving


def decide_tools(assisted: U1, gain: F8, settings: Settings, u: F8) -> U1:
    """Decide whether each seller works with AI from now on, shape (n,).

    As with creators, but without peers: sellers see what either way of working pays, not one another. `gain` is the
    gain in log income, u are uniform numbers, shape (n,).
    """
    weekly = settings.creators.adoption_rate / WEEKS_PER_MONTH
    pull = np.minimum(np.maximum(settings.creators.adoption_gain * gain, -MAX_LOG_ODDS), MAX_LOG_ODDS)
    take, drop = 1.0 - np.exp(-weekly * np.exp(pull)), 1.0 - np.exp(-weekly * np.exp(-pull))
    return np.where(assisted > 0, u >= drop, u < take).astype(np.uint8)


def seat_freelancers(sellers: Freelancers, rows: I8, week: int, streams: Streams) -> None:
    """Fill some places with new sellers in a week: newcomers without reviews who work by hand."""
    sellers.uid[rows] = uid = derive("freelancer", rows, sellers.generation[rows].astype(np.int64))
    draw = streams["freelancers"]
    sellers.active[rows], sellers.assisted[rows], sellers.entered[rows] = 1, 0, week
    sellers.reviews[rows], sellers.rating[rows] = 0, 0.0
    sellers.skill[rows] = draw.normal(0, uid)
    sellers.prompt_skill[rows] = np.exp(PROMPT_SD * draw.normal(0, uid, 1) - PROMPT_SD**2 / 2)


# Opening


def create_freelancers(settings: Settings, streams: Streams) -> Population[Freelancers]:
    """Create the sellers, all by hand, with the reviews of a market in its steady state (durations are exponential)."""
    n = settings.world.freelancers
    table = Population(Freelancers, n)
    table.n = n
    sellers, rows = table.columns, np.arange(n)
    seat_freelancers(sellers, rows, 0, streams)
    stay = -np.log(streams["freelancers"].uniform(0, sellers.uid, 2)) / settings.commissions.turnover
    sellers.entered[:] = -np.floor(stay)
    sellers.reviews[:] = FULL * stay
    past = sellers.reviews / HALF_LEARNT
    learnt = 1.0 - np.log1p(past) / np.maximum(past, MIN_INCOME)  # mean over the reviews of what experience added
    sellers.rating[:] = np.where(past > 0, sellers.skill + settings.commissions.experience * learnt, 0.0)
    return table


def mean_offers(segment: I8, believed: F8, *values: F8) -> list[F8]:
    """Number of sellers per segment, then means of each of `values` (n,) over the sellers whom a client meets there.

    Sellers believed to be better, `believed` (n,), are met more often.
    """
    pull, number = np.exp(RATING_PULL * believed), sum_by_segment(segment)
    total = np.where(number > 0, sum_by_segment(segment, pull), 1.0)
    return [number, *(sum_by_segment(segment, pull * value) / total for value in values)]


def standing_of(number: F8) -> F8:
    """Log weight of each segment in clients' choice: its share of sellers; -inf where there are none."""
    total = max(float(number.sum()), 1.0)
    return np.where(number > 0, np.log(np.maximum(number, 1.0) / total), -np.inf)


def sample_clients(settings: Settings) -> tuple[F8, F8]:
    """Worth and need of a representative sample of clients, evenly spread over their laws; shape (SAMPLE,) each."""
    order = np.arange(SAMPLE) + 0.5
    return draw_worth(order / SAMPLE, settings), draw_need((order * GOLDEN) % 1.0, settings)


def open_commissions(sellers: Freelancers, settings: Settings) -> tuple[Population[Segments], Terms]:
    """Prices and clients at which sellers, all by hand, are as busy and as paid as they stay in the long run.

    Both tiers are fully used: the experienced cost more by what their quality is worth to clients, found by bisection.
    The mean log income is that of other work.
    """
    par = COMMISSION_HOURS / (FULL * (1.0 - settings.commissions.marketplace_fee))
    worth, need = sample_clients(settings)
    believed = believed_quality(sellers, 0.0, settings)
    number, quality = mean_offers(segment_of(sellers, 0), believed, believed)
    part, standing = number[:TIERS] / number.sum(), standing_of(number)[:TIERS]

    def prices(premium: float) -> F8:
        return np.asarray(par * np.exp(premium * np.array([-part[1], part[0]])), np.float64)

    def at_work(premium: float) -> F8:
        return np.asarray(number[:TIERS] * willing_part(prices(premium), 1.0, 0.0, settings), np.float64)

    def demand(premium: float) -> F8:
        price = prices(premium)[:, None] / par
        shares = offer_shares(worth, need, price, quality[:TIERS], standing[:, None])
        return np.asarray(shares.mean(axis=1), np.float64)

    low, high = -1.0, 1.0
    for _ in range(HALVINGS if (part > 0).all() else 0):
        middle = (low + high) / 2.0
        novice, experienced = demand(middle) / at_work(middle)
        low, high = (middle, high) if experienced > novice else (low, middle)
    premium = (low + high) / 2.0
    table = Population(Segments, SEGMENTS)
    table.n = SEGMENTS
    table.columns.price[:] = np.tile(prices(premium), 2)
    table.columns.usage[:] = FULL
    arrivals = FULL * float(at_work(premium).sum()) / max(float(demand(premium).sum()), MIN_INCOME)
    return table, Terms(derive("clients", 0, 0), arrivals, par, part)


def price_index(segments: Segments, number: F8, quality: F8, basket: F8, settings: Settings) -> float | None:
    """Price of a fixed basket of commissions by novices and experienced, per unit of need met; None without sellers.

    Parameters
    ----------
    number, quality : sellers of each segment and the mean quality of their work, shape (segments,).
    basket : weights of the two tiers, shape (2,).
    """
    met = special.expit(FIT_SLOPE * (quality[:, None] - draw_need(EVEN, settings))).mean(axis=1)
    sold = number * segments.usage
    paid = (sold * segments.price / met).reshape(-1, TIERS).sum(axis=0).tolist()
    tiers = zip(basket.tolist(), paid, sold.reshape(-1, TIERS).sum(axis=0).tolist(), strict=True)
    asked = [tier for tier in tiers if tier[0] > 0.0]
    if any(number <= 0.0 for *_, number in asked):
        return None
    return float(sum(weight * price / number for weight, price, number in asked))


def learn_usage(segments: Segments, orders: F8, capacity: F8) -> None:
    """Update segments' mean use of capacity by the week's orders over capacity, each of shape (segments,).

    A segment without sellers takes the price of the other way of working and full use, until someone opens it.
    """
    there = capacity > 0
    ratio = orders / np.where(there, capacity, 1.0)
    segments.usage[:] += np.where(there, (ratio - segments.usage) / SPAN, 0.0)
    empty = ~there & there[OTHER_WAY]
    if empty.any():
        segments.price[:] = np.where(empty, segments.price[OTHER_WAY], segments.price)
        segments.usage[empty] = FULL

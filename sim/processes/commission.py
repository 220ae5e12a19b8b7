"""Commissions: clients choose between human, assisted and raw AI work, or none; sellers learn, price, come and go."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.agents.freelancers import (
    NOTHING,
    RAW,
    SEGMENTS,
    TIERS,
    WITH_AI,
    Clients,
    adjust_prices,
    believed_quality,
    choose_offers,
    decide_leaving,
    decide_tools,
    draw_need,
    draw_worth,
    full_income,
    growth_of,
    hours_with_ai,
    learn_usage,
    mean_offers,
    meet_sellers,
    offer_shares,
    price_index,
    seat_freelancers,
    segment_of,
    standing_of,
    sum_by_segment,
    take_reviews,
    willing_part,
    work_quality,
)
from sim.base.randomness import derive
from sim.base.tables import F8, I8
from sim.settings import Settings
from sim.world.week import Trades, Week
from sim.world.world import World


class Offers(NamedTuple):
    """What sellers offer clients this week. P rows of sellers, some of them empty."""

    segment: I8  # (P,)
    believed: F8  # (P,) sd
    quality: F8  # (P,) sd, of the work itself
    hours: F8  # (P,) of a commission with AI over those by hand
    number: F8  # (SEGMENTS,) sellers
    willing: F8  # (SEGMENTS,) part of them who work at the price
    capacity: F8  # (SEGMENTS,) commissions a week of these
    belief: F8  # (SEGMENTS,) believed quality of the seller whom a client meets
    fees: F8  # (G,) hours' wage, model fee of a commission
    seller_fee: F8  # (SEGMENTS,) hours' wage, model fee that sellers pay for a commission


def trade_commissions(world: World, week: Week, settings: Settings) -> None:
    """Run one week of the market for commissions: choices, orders and reviews, prices, tools, entry and exit.

    Sellers and their segments change here, but no money moves: `week.trades` says what `pay_commissions` will pay.
    """
    offers, basket = _collect_offers(world, week, settings)
    clients = _draw_clients(world, settings)
    taken = _take_offers(world, week, settings, clients, offers)
    by_genre = np.zeros((settings.world.genres, NOTHING + 1), np.int64)
    np.add.at(by_genre, (clients.genre, taken), 1)
    orders, raw_fees = by_genre[:, :NOTHING].sum(axis=0), offers.fees * by_genre[:, RAW]
    price = world.segments.columns.price.copy()
    incumbents = _deliver(world, settings, clients, taken, offers)
    learn_usage(world.segments.columns, orders[:SEGMENTS].astype(np.float64), offers.capacity)
    adjust_prices(world.segments.columns)
    week.trades = Trades(
        orders=orders,
        price=price,
        seller_fee=offers.seller_fee,
        raw_fees=float(raw_fees.sum()),
        basket=basket,
        sellers=int(offers.number.sum()),
        by_genre=by_genre[:, :NOTHING],
        spend=by_genre[:, :SEGMENTS] @ price + raw_fees,
        incumbents=incumbents,
    )
    income = offers.willing * full_income(world.segments.columns, offers.seller_fee, settings)
    _take_up_tools(world, settings, offers, income)
    _come_and_go(world, settings, offers, income)


def _collect_offers(world: World, week: Week, settings: Settings) -> tuple[Offers, float | None]:
    """Collect what sellers offer and what clients believe of it; and the price index, None without sellers."""
    level = week.frontier.level
    sellers = world.freelancers.columns
    segment, believed = segment_of(sellers, world.now), believed_quality(sellers, level, settings)
    quality, hours = work_quality(sellers, level, settings), hours_with_ai(sellers, level, settings)
    number, belief, worth = mean_offers(segment, believed, believed, quality)
    basket = price_index(world.segments.columns, number, worth, world.terms.basket, settings)
    fees = week.frontier.mean_fee * settings.culture.assist_drafts
    seller_fee = float(fees.sum()) / len(fees) * WITH_AI
    output = sum_by_segment(segment, 1.0 / np.where(sellers.assisted > 0, hours, 1.0))
    usual = np.where(output > 0, number, 1.0) / np.where(output > 0, output, 1.0)  # hours of a segment's commission
    willing = willing_part(world.segments.columns.price, usual, seller_fee, settings)
    return Offers(
        segment=segment,
        believed=believed,
        quality=quality,
        hours=hours,
        number=number,
        willing=willing,
        capacity=output * willing,
        belief=belief,
        fees=fees,
        seller_fee=seller_fee,
    ), basket


def _draw_clients(world: World, settings: Settings) -> Clients:
    """Draw the week's clients; their number is the same every week, up to random rounding."""
    draw, now, genres = world.streams["clients"], world.now, settings.world.genres
    n = int(world.terms.arrivals + draw.uniform(now, world.terms.uid)[0])
    uid = derive("client", now, np.arange(n))
    worth, need, kind, mood = np.ascontiguousarray(draw.uniforms(now, uid, 4).T)
    genre = np.minimum(kind * genres, genres - 1).astype(np.int64)
    return Clients(uid, draw_worth(worth, settings), draw_need(need, settings), genre, mood)


def _take_offers(world: World, week: Week, settings: Settings, clients: Clients, offers: Offers) -> I8:
    """Draw what each client takes, shape (n,): a segment of sellers, `RAW` AI, or `NOTHING`.

    What an offer is worth to a client (`offer_shares`) depends on its quality as clients believe it, its price over
    `Terms.par`, and its standing, the log weight that it has apart from these: for a segment by its share of sellers.
    The price of raw AI includes the client's own time; it is offered only in genres in which AI can produce alone. A
    client's mood is the uniform number by which its choice is drawn.
    """
    frontier, rule, n = week.frontier, settings.commissions, len(clients.uid)
    quality = np.zeros(NOTHING)
    quality[:SEGMENTS] = offers.belief
    price, standing = np.empty((NOTHING, n)), np.empty((NOTHING, n))
    price[:SEGMENTS] = world.segments.columns.price[:, None] / world.terms.par
    price[RAW] = rule.own_time + offers.fees[clients.genre] / world.terms.par
    standing[:SEGMENTS] = standing_of(offers.number)[:, None]
    standing[RAW] = np.where(frontier.alone > 0, 0.0, -np.inf)[clients.genre]
    if len(frontier.craft):
        quality[RAW] = frontier.shares @ frontier.craft - rule.brief_gap
    shares = offer_shares(clients.worth, clients.need, price, quality, standing)
    return choose_offers(shares, clients.mood)


def _deliver(world: World, settings: Settings, clients: Clients, taken: I8, offers: Offers) -> I8:
    """Assign each order from a human to a seller of its segment, and add the client's review of the work.

    Returns how many orders of each genre go to sellers who entered before AI's release, shape (G,).
    """
    draw, now = world.streams["orders"], world.now
    human = taken < SEGMENTS  # others take raw AI, or nothing
    uid = clients.uid[human]
    done = meet_sellers(offers.segment, offers.believed, taken[human], draw.uniform(now, uid))
    luck = settings.creators.craft_luck * draw.normal(now, uid, 1)
    sellers = world.freelancers.columns
    take_reviews(sellers, done, offers.quality[done] + luck)
    early = sellers.entered[done] < world.calendar.burn_in_weeks
    return np.bincount(clients.genre[human][early], minlength=settings.world.genres)


def _take_up_tools(world: World, settings: Settings, offers: Offers, income: F8) -> None:
    """Let sellers decide whether to work with AI, by the gain in log income for the same time.

    `income` is that of the mean seller of each segment, willing or not, if a commission took a week. With AI it
    takes `offers.hours` times as long, so that a week brings 1 / `offers.hours` times as much.
    """
    rows = np.flatnonzero(offers.segment >= 0)
    if not world.ai_released or rows.size == 0:
        return
    sellers, log_income = world.freelancers.columns, np.log(income)
    tier = offers.segment[rows] % TIERS  # segments are the tiers by hand, then the tiers with AI
    gain = log_income[TIERS + tier] - log_income[tier] - np.log(offers.hours[rows])
    using = sellers.assisted[rows]
    u = world.streams["tools"].uniform(world.now, sellers.uid[rows])
    sellers.assisted[rows] = decide_tools(using, gain, settings, u)


def _come_and_go(world: World, settings: Settings, offers: Offers, income: F8) -> None:
    """Let sellers leave and newcomers enter, by `income` as in `_take_up_tools`; newcomers use AI as others do."""
    streams, now, table = world.streams, world.now, world.freelancers
    output = np.where(offers.number > 0, offers.capacity / offers.willing, 1.0) / np.maximum(offers.number, 1.0)
    growth = growth_of(income * output)
    total = max(float(offers.number.sum()), 1.0)
    # The number of sellers that the market can feed grows as the mean seller's prospects do.
    world.viable_freelancers *= float(np.exp(offers.number @ growth / total))
    number = max(round(world.viable_freelancers), 1)
    u = streams["turnover"].uniform(now, table.columns.uid)
    leaving = decide_leaving(offers.segment, growth, number, settings.commissions.turnover, u)
    table.columns.active[leaving] = 0
    table.columns.generation[leaving] += 1
    new = number - int(table.columns.active.sum())
    if new <= 0:
        return
    using = float((offers.number @ WITH_AI) / total)
    rows = np.flatnonzero(table.columns.active == 0)[:new]
    if rows.size < new:
        table.reserve(table.n + new - rows.size)
        table.n += new - rows.size
        rows = np.flatnonzero(table.columns.active == 0)[:new]
    sellers = table.columns
    seat_freelancers(sellers, rows, now, streams)
    sellers.assisted[rows] = streams["turnover"].uniform(now, sellers.uid[rows], 1) < using

"""AI producers (farms): their accounts, what their items cost them, and when they lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.immersive import work_factor
from sim.agents.producers import Producers, draw_humans, draw_traits
from sim.agents.vendors import modality_of
from sim.base.averages import averaging_weeks
from sim.base.codes import FALSE, FARM, GENERATED
from sim.base.randomness import Streams, derive
from sim.base.records import Items
from sim.base.tables import B1, F4, F8, I4, I8, U8, Column, Population
from sim.kernels.adaptation import sum_by_truth
from sim.money.flows import Account, Flow
from sim.settings import Settings
from sim.settings.levers import Levers

SPAN_TRUTH = 26.0  # weeks over which it is learned what falsehood earns, and what is refused or banned: assumption
DOUBTED_ITEMS = 100.0  # items of either kind, imagined to earn alike: assumption


class Farms(NamedTuple):
    """One row per cell of platform and genre in which AI producers publish."""

    number: Annotated[F8, Column("f8", "accounts", "accounts that publish")]
    margin: Annotated[F8, Column("f8", "1", "smoothed margin over cost")]
    held: Annotated[I4, Column("i4", "accounts", "most accounts held at a time")]
    accounts: Annotated[I4, Column("i4", "accounts", "accounts ever opened")]
    paid: Annotated[F8, Column("f8", "hours' wage/week", "26-week mean of what listings there earn, whoever made them")]
    listed: Annotated[F8, Column("f8", "listings/week", "4-week mean of new listings, whoever made them")]
    income: Annotated[F8, Column("f8", "hours' wage", "sum of what AI producers' late listings earned, less bids")]
    made: Annotated[F8, Column("f8", "listings", "number of those, AI producers' late listings")]
    due: Annotated[F8, Column("f8", "hours' wage", "sum of what they would have earned at the mean pay")]
    tried: Annotated[F8, Column("f8", "listings", "AI producers' listings since the cell was first tried, or anew")]
    left: Annotated[F8, Column("f8", "1", "what AI earned over all elsewhere when it left; -1 if it has not", (), -1)]
    expected: Annotated[F8, Column("f8", "hours' wage", "what a listing of theirs there is expected to earn")]


@dataclass(kw_only=True, slots=True)
class FarmNews:
    """What AI producers have learned of the market: running means."""

    mean_payout: float = 0.0  # of a human item, hours' wage
    paid_by_truth: F8  # (2, 2, 2) seconds and items a week by origin and truth: see `learned_gain`
    bans: F8  # (2,) their accounts banned and items they made, a week
    listed: F8  # (2,) their listings admitted, and those that they tried, a week

    @property
    def bans_per_item(self) -> float:
        """Accounts that are lost for each item made."""
        return float(self.bans[0] / self.bans[1])

    @property
    def removal(self) -> float:
        """Part of their listings that is refused."""
        return 1.0 - float(self.listed[0] / self.listed[1])


def first_news(settings: Settings) -> FarmNews:
    """What AI producers believe at the start."""
    return FarmNews(
        paid_by_truth=np.zeros((2, 2, 2)),
        bans=expect_bans(settings),
        listed=np.array([1.0 - settings.farms.removal, 1.0]) * DOUBTED_ITEMS,
    )


def learn_falsehood(news: FarmNews, items: Items, now: int) -> None:
    """Update the running means of the use of true and false items and of their number; mistakes count as true."""
    sums = np.zeros((2, 2, 2))
    sum_by_truth(
        items.week_seconds,
        items.alive,
        items.week,
        items.card["origin"],
        items.card["accuracy"],
        now,
        GENERATED,
        FALSE,
        sums,
    )
    news.paid_by_truth += (sums - news.paid_by_truth) / averaging_weeks(now, SPAN_TRUTH)


def learn_payout(news: FarmNews, paid: float, weeks: float) -> None:
    """Update the running mean of the payout for a human item, over `weeks` weeks."""
    news.mean_payout += (paid - news.mean_payout) / weeks


def learn_bans(news: FarmNews, banned: float, made: float) -> None:
    """Update the running means of accounts banned per week and of items made per week."""
    news.bans += (np.array([banned, made]) - news.bans) / SPAN_TRUTH


def learn_removal(news: FarmNews, admitted: float, tried: float) -> None:
    """Update the running means of listings admitted per week and of those that were tried."""
    news.listed += (np.array([admitted, tried]) - news.listed) / SPAN_TRUTH


def draw_accounts(
    producers: Producers,
    rows: I8,
    platforms: U8,
    cell: I8,
    place: I8,
    account: I8,
    settings: Settings,
    streams: Streams,
) -> None:
    """Draw what AI producers are born with; under the null law they get a human's traits besides.

    Their gifts are drawn for each item (`agents.gifts`). The scruple is of who runs the account, and outlasts it.

    Parameters
    ----------
    rows : where they stand among the producers, shape (n,).
    platforms : uids of the platforms, shape (K,).
    cell, place, account : cell of each account, its place there, and its number of all ever opened there, shape (n,).
    """
    genres = settings.world.genres
    producers.uid[rows] = uid = derive("farm", platforms[cell // genres], (cell % genres) * 1_000_003 + account)
    producers.kind[rows], producers.active[rows] = FARM, 1
    producers.genre[rows], producers.cell[rows], producers.account[rows] = cell % genres, cell, place
    owner = derive("farm", platforms[cell // genres], (cell % genres) * 1_000_003 + place)
    rule = settings.farms
    producers.scruple[rows] = rule.scruple * np.exp(rule.scruple_sd * streams["scruple"].normal(0, owner))
    draw_humans(producers, rows, draw_traits(uid, streams), settings, streams, 0.0)
    producers.mean_appeal[rows] = producers.skill[rows] = 0.0
    poses = streams["persona"].uniform(0, uid) < rule.impersonation
    producers.persona[rows[poses]] = choose_personas(producers, rows[poses], settings.world.creators, streams)


def choose_personas(producers: Producers, rows: I8, humans: int, streams: Streams) -> I8:
    """Draw the human producers whom accounts impersonate, shape (n,): of the same genre, in proportion to followers.

    -1 where no producer of the genre has followers.
    """
    chosen = np.full(len(rows), -1, np.int64)
    fame = np.where(producers.active[:humans] > 0, producers.followers[:humans], 0).astype(np.float64)
    u = streams["persona"].uniform(0, producers.uid[rows], 1)
    for genre in np.unique(producers.genre[rows]):
        mine = np.flatnonzero(producers.genre[rows] == genre)
        total = np.cumsum(fame * (producers.genre[:humans] == genre))
        if total[-1] > 0:
            chosen[mine] = np.minimum(np.searchsorted(total, u[mine] * total[-1], side="right"), humans - 1)
    return chosen


def learned_gain(paid: F8) -> float:
    """What a false item that gets through is known to earn over a true one, by makers of a kind alike.

    Compared within origins (Mantel & Haenszel 1959, JNCI 22:719), so that AI's standing does not pass for that of
    falsehood; a hundred items of either kind, imagined to earn alike, keep a few hits from proving much.

    Parameters
    ----------
    paid : seconds a week and items a week that earn them, of true and false items by others and by AI alone;
        running means, shape (2, 2, 2): origin, truth, (seconds, items).
    """
    seconds = items = true = false = 0.0
    for (earned_by_true, n_true), (earned_by_false, n_false) in paid.tolist():
        seconds, items = seconds + earned_by_true + earned_by_false, items + n_true + n_false
        n = max(n_true + n_false, 1e-9)
        true, false = true + earned_by_true * n_false / n, false + earned_by_false * n_true / n
    doubt = seconds / max(items, 1e-9) * DOUBTED_ITEMS / SPAN_TRUTH / 2.0
    return (false + doubt) / (true + doubt) if true + doubt > 0 else 1.0


def strike_cost(settings: Settings) -> float:
    """Cost of a strike to an AI producer, in items: its share of the loss of a banned account."""
    return settings.farms.ban_items / strikes_to_ban(settings)


def strikes_to_ban(settings: Settings) -> float:
    """Number of strikes in quick succession that ban an account."""
    return float(np.floor(settings.moderation.strikes) + 1.0)


def expect_bans(settings: Settings) -> F8:
    """Bans and items per week that producers expect at the start, shape (2,), from the rate of strikes for spam."""
    return np.array([settings.farms.removal / strikes_to_ban(settings), 1.0]) * DOUBTED_ITEMS


def choose_liars(producers: Producers, rows: I8, news: FarmNews, caught: F8, keeps: B1, settings: Settings) -> B1:
    """Which of some accounts publish falsehood this week, shape (n,).

    Parameters
    ----------
    rows : of the accounts among the producers, shape (n,).
    caught : chance that a false item of theirs is removed, shape (n,).
    keeps : whether they keep a code of ethics, shape (n,), which adds to their scruple.
    """
    code = settings.farms.code_scruple * keeps
    scruple = producers.scruple[rows] + code.astype(np.float32)
    return choose_falsehood(scruple, learned_gain(news.paid_by_truth), caught, strike_cost(settings))


def choose_falsehood(scruple: F4, gain: float, caught: F8, fine: float) -> B1:
    """Whether each account lies: gain (1 - caught) - 1 - fine caught exceeds its scruple, in payoffs of a true item.

    Parameters
    ----------
    scruple, caught : by account, shape (n,): its scruple, and the chance that a false item is removed.
    gain : payoff of a false item that gets through over that of a true one.
    fine : what a removed one costs besides.
    """
    return np.asarray(gain * (1.0 - caught) - 1.0 - fine * caught > scruple, np.bool_)


def keep_code(u: F8, strength: float, settings: Settings) -> B1:
    """Which accounts keep a voluntary code of ethics; shape (n,).

    Parameters
    ----------
    u : a lasting uniform number of each account.
    strength : of the lever: how far the code is known and backed.
    """
    return np.asarray(u < strength * settings.farms.compliance, np.bool_)


def allowed_share(levers: Levers, settings: Settings) -> float:
    """Share of its items that an AI producer may upload under the cap in force."""
    return 1.0 - settings.full_strength.upload_cap * levers.upload_cap


def crowding(levers: Levers, settings: Settings) -> float:
    """Accounts needed per item under the upload cap in force, over those needed without one."""
    return 1.0 / allowed_share(levers, settings)


class ItemCost(NamedTuple):
    """One cost of a generated item: what it is, whom it is paid, and how much it is on each platform."""

    flow: Flow
    payee: Account
    amount: F8  # (K, G) or (K, 1) where genres cost alike; hours' wage a simulated item
    by_length: bool = False  # whether it is that of an item of usual length, and grows with length


def minute_factors(settings: Settings) -> F8:
    """Human minutes of a generated item in each genre over those of a text, shape (G,)."""
    rule = settings.farms
    factor = (1.0, rule.minutes_image, rule.minutes_audio, rule.minutes_video)
    return np.array([factor[modality_of(genre)] for genre in range(settings.world.genres)], np.float64)


def item_costs(immersive: B1, capability: float, levers: Levers, settings: Settings) -> tuple[ItemCost, ...]:
    """All that a simulated generated item costs its AI producer beside the model fee; both expected and paid.

    A cost that is added here is reckoned with before AI producers enter, and posted when they have made items.

    Parameters
    ----------
    immersive : which platforms are immersive, shape (K,).
    capability : that the mean user of AI meets, 0 to 1.
    """
    rule, there = settings.farms, immersive[:, None]
    items, minutes = settings.world.items_per_row, rule.human_minutes * minute_factors(settings)
    work = np.where(there, work_factor(capability, np.ones(1, bool), settings), 1.0)
    keep = np.full(work.shape, items * rule.account_cost * crowding(levers, settings))
    return (
        ItemCost(Flow.FARM_WAGES, Account.WORKERS, items * minutes / 60.0 * work, by_length=True),
        ItemCost(Flow.ACCOUNTS, Account.WORLD, keep),
    )


def expect_cost(fee: F8, costs: Iterable[ItemCost], work: F8, bans: float, settings: Settings) -> F8:
    """Cost that a simulated item promises in each cell of platform and genre, in hours' wage; shape (K, G).

    Parameters
    ----------
    fee : expected model fee of one item of usual length, shape (K, G).
    costs : all others, as `item_costs` has them.
    work : expected work of an item by its length, over that of the usual item; shape (K, G).
    bans : accounts lost an item; with r of items removed and none forgotten, r over the strikes to a ban.
    """
    total = settings.world.items_per_row * fee * work
    for cost in costs:
        total = total + cost.amount * (work if cost.by_length else 1.0)
    return np.asarray(total * (1.0 + settings.farms.ban_items * bans))


def open_accounts(
    farms: Farms, table: Population[Producers], platforms: U8, settings: Settings, streams: Streams
) -> None:
    """Give every AI producer an account, a row among the producers, and another where one was banned.

    `platforms` are their uids, shape (K,).
    """
    producers, humans, start = table.columns, settings.world.creators + settings.world.studios, table.n
    closed = humans + np.flatnonzero((producers.active[humans:start] == 0) & (producers.account[humans:start] >= 0))
    wanted = np.maximum(np.ceil(farms.number).astype(np.int64), farms.held)
    more = wanted - farms.held
    if closed.size == 0 and not more.any():
        return
    cell = np.repeat(np.arange(len(wanted)), more)
    # `arange - searchsorted` numbers the entries of each cell from 0, as `cell` is sorted.
    place = farms.held[cell] + np.arange(len(cell)) - np.searchsorted(cell, cell)
    cell = np.concatenate([producers.cell[closed], cell]).astype(np.int64)
    place = np.concatenate([producers.account[closed], place]).astype(np.int64)
    order = np.lexsort((place, cell))
    cell, place = cell[order], place[order]
    account = farms.accounts[cell] + np.arange(len(cell)) - np.searchsorted(cell, cell)
    producers.account[closed] = -1
    np.add.at(farms.accounts, cell, 1)
    farms.held[:] = wanted
    table.reserve(start + len(cell))
    table.n = start + len(cell)
    rows = np.arange(start, start + len(cell))
    draw_accounts(table.columns, rows, platforms, cell, place, account, settings, streams)

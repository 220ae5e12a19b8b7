"""What happens in a week: what each of its steps hands to the next. It starts empty and is not kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.agents.consumers import open_month
from sim.agents.platforms import Entry
from sim.agents.web import Asked
from sim.base.records import Batch
from sim.base.tables import B1, F4, F8, I1, I4, I8, U1, U8
from sim.kernels.sessions import Events, Market, Rules
from sim.kernels.slates import Serving
from sim.kernels.tally import Tallies, empty_tallies
from sim.settings import Settings
from sim.settings.levers import Levers
from sim.world.world import World


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """What AI can do and costs this week. V rows of vendors, G genres, K platforms."""

    capability: F8  # (V,) 0 to 1
    shares: F8  # (V,) of use
    prices: F8  # (V,) over the reference fee
    fee: F8  # (G,) reference fee of an item in hours' wage: a monopolist's
    alone: F8  # (G,) 1 where AI can produce alone
    error: float  # chance that a generated item is wrong by mistake
    craft: F8  # (V,) mean craft of generated items
    platform_shares: F8  # (K, V) of each vendor in the use of AI for items on each platform
    immersive_fee: float  # reference fee of an immersive item, of any genre
    immersive_alone: float  # 1 where AI can produce for immersive platforms alone

    @cached_property
    def mean_fee(self) -> F8:
        """Fee of an item per genre in hours' wage, mean over vendors by use, shape (G,)."""
        return self.fee * self.mean_price

    @cached_property
    def mean_price(self) -> float:
        """Mean price over vendors, by use, relative to the reference fee; 1 without vendors."""
        return float(self.shares @ self.prices) if len(self.shares) else 1.0

    def expected_fees(self, immersive: B1) -> F8:
        """Model fee of an item at the mean vendor, by platform and genre, in hours' wage; shape (K, G).

        Parameters
        ----------
        immersive : which platforms are immersive, shape (K,).
        """
        return self.fee_of(np.arange(len(self.fee)), immersive[:, None], self.mean_price)

    def fee_of(self, genre: I8, immersive: B1, price: F8 | float) -> F8:
        """Compute fees of items, in hours' wage, by genre, whether immersive, and relative price; shapes broadcast."""
        return np.where(immersive, self.immersive_fee, self.fee[genre]) * price

    @cached_property
    def level(self) -> float:
        """Mean capability over vendors, by use, 0 to 1; 0 without vendors."""
        return float((self.capability * self.shares).sum()) if len(self.shares) else 0.0


class ModelSales(NamedTuple):
    """What vendors sell and owe this week beside fees of items, in hours' wage, not paid yet. S studios."""

    seat: float  # price of a subscription at the mean vendor
    creators: I8  # rows of creators who subscribe
    households: float  # subscriptions of people who talk with AI
    studios: F8  # (S,) subscriptions for staff
    custom: F8  # (S,) for tuned models
    licences: F8  # (S,) data licences owed to each studio
    rights: float  # data licences owed to creators' collecting societies


class Trades(NamedTuple):
    """The week's commissions, not paid yet."""

    orders: I8  # (NOTHING,) commissions of each segment and of raw AI
    price: F8  # (SEGMENTS,) hours' wage paid for each
    seller_fee: F8  # (SEGMENTS,) hours' wage
    raw_fees: float  # hours' wage, model fees of raw AI in all
    basket: float | None  # hours' wage, price of the fixed basket
    sellers: int
    by_genre: I8  # (G, NOTHING) the orders
    spend: F8  # (G,) hours' wage that clients pay
    incumbents: I8  # (G,) orders done by freelancers who entered before AI's release


class Mature(NamedTuple):
    """Items that turn four weeks old, as they are after the days; canons, corpora and cohorts take them in now."""

    rows: I8  # of `Items`, shape (n,)
    card: npt.NDArray[Any]  # (n,) of `CARD`
    uid: U8
    uses: F8


class Aged(NamedTuple):
    """Listings that turned four weeks old or closed before, as they are when the week begins; n rows."""

    platform: U1
    genre: U1  # of the item, as the two that follow
    origin: U1
    maker: U1  # kind of producer
    fans: I4  # followers of the maker when it was listed
    stage: I1  # in its traffic pool
    uses: F4  # (n, ages) by the listing's age


class Ended(NamedTuple):
    """Items that can be met nowhere any more; n rows."""

    platform: I1  # of first publication
    card: npt.NDArray[Any]  # of `CARD`
    people: I4  # who chose it


class Bids(NamedTuple):
    """What producers pay for slots this week, not paid yet; one row per listing, shape (n,)."""

    producer: I8  # row
    platform: I8  # row
    amount: I8  # micro-units


class Firms(NamedTuple):
    """Studios that closed and began this week, whose debts and equity are not paid yet; and what wages are."""

    closed: I8  # rows of studios
    begun: I8  # rows of studios
    equity: I8  # micro-units for each that began
    wages: F8  # by modality, of `wage_index`


@dataclass(init=False, slots=True)
class Week:
    """What a week's steps hand on. A field has no value until the step named beside it has run.

    K platforms, G genres, P producers, S studios, n new items.
    """

    levers: Levers  # apply_policy
    firms: Firms  # steer_firms
    frontier: Frontier  # advance_technology
    vendor_equity: F8  # advance_technology: hours' wage that owners endow new vendors with
    batch: Batch  # produce_content
    ai_work: F8  # produce_content: (K, G) expected work of an AI producer's item by its length, 1 the usual item's
    bids: Bids  # publish_items
    reviewed: B1  # publish_items: (n,) whether an item was reviewed before publication
    aged: Aged  # publish_items
    ended: Ended  # publish_items
    listed: I8  # publish_items: (K, G, 3) new listings by platform, genre and origin
    events: Events  # live_days: of the last tick
    sessions_market: Market  # live_days: platforms as sessions see them
    serving: Serving  # live_days: how platforms serve
    rules: Rules  # live_days: constants of sessions under the week's levers
    tallies: Tallies  # live_days: sums over all sessions
    exposures: F8  # live_days: (K,)
    asked: Asked  # ask_questions
    banned: I8  # moderate_accounts: rows of producers
    mature: Mature  # moderate_accounts
    trades: Trades  # trade_commissions
    sales: ModelSales  # sell_models; none before AI's release
    entries: tuple[Entry, ...]  # guide_platforms
    opening_cash: I8  # settle_payments: (S,) micro-units with which studios start
    vendors_opening: I8  # settle_payments: micro-units with which vendors start
    vendor_receipts: I8  # settle_payments: micro-units that vendors were paid
    advertising: I8  # settle_payments: (K,) micro-units
    subscriptions: I8  # settle_payments: (K,) micro-units
    payout_origin: F8  # settle_payments: (4,) micro-units for human, assisted, generated items; and by AI's share
    payouts: I8  # settle_payments: (P,) micro-units from platforms
    fees: I8  # settle_payments: (P,) micro-units from subscriptions to creators and AI producers
    grants: I8  # settle_payments: (P,) micro-units from the industry fund
    studio_income: F8  # settle_payments: (S,) hours' wage net of all costs but pay
    use_pay: F8  # settle_payments: (2, K, G) micro-units for the use of listings, of all producers and of AI producers
    supply_capped: float  # produce_content, adapt_farms: 1 where a bound of the program held makers back, else 0


def open_week(world: World, settings: Settings) -> Week:
    """Begin a week: make its record, with all sums zero.

    Columns of the world that count within a week or a month are set back.
    """
    week = Week()
    k, genres = len(world.platforms), settings.world.genres
    week.tallies = empty_tallies(k, genres, world.producers.capacity, len(world.age_groups))
    week.events, week.rules = world.room.events, world.rules
    week.exposures, week.payout_origin, week.supply_capped = np.zeros(k), np.zeros(4), 0.0
    week.use_pay = np.zeros((2, k, genres))
    items = world.items.columns
    items.week_seconds[:], items.uses_before[:] = 0, items.uses
    people = world.consumers.columns
    month = people.posts.shape[1]
    people.posts[:, world.now % month] = 0
    if world.now % month == 0:
        open_month(people)
    return week

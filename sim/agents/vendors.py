"""Vendors of models: what they can do, how they price, do research, enter and leave, and what they may train on."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np

from sim.base.averages import SPAN
from sim.base.codes import CREATOR, FARM, STUDIO
from sim.base.randomness import Stream, derive
from sim.base.tables import B1, DIMS, F8, I4, I8, U1, U8, Column, Population
from sim.settings import Settings, Technology, VendorRules
from sim.settings.levers import Levers

MODALITIES = ("text", "image", "audio", "video")

MAX_VENDORS = 64  # vendors at most: the baseline stays under 30
GIANT, INDEPENDENT, PLATFORM, OPEN = range(4)
KINDS = ("giant", "independent", "platform", "open weights")
MIN_ELASTICITY = 1.5  # of demand that a vendor reckons with, however few rivals it has: assumption
MONOPOLY_MARKUP = MIN_ELASTICITY / (MIN_ELASTICITY - 1.0)  # the fee at release is a monopolist's
OPEN_MARKUP = 1.1  # price of running open weights over marginal cost: assumption
MIN_LEAD, MAX_LEAD = 0.25, 4.0  # bounds of a vendor's research over the mean that count: assumption
MAX_EXCESS = 3.0  # of expected profit over fixed cost that draws entrants: assumption
KEPT = 16  # settings for which results are kept: a sweep has thousands, one run at a time
FUNDS = np.array([520.0, 104.0, 208.0, 0.0])  # weeks of fixed cost at the start, by kind: assumption
HELPED = np.array([False, True, False, True])  # kinds whose computing public computing pays a part of
INDIVIDUALS = 0.25  # share of creators who license, over that of studios: assumption
MAX_SYNTHETIC = 0.95  # largest synthetic part of new training data: assumption
WITHHELD, SCRAPED, LICENSED = range(3)


class VendorState(NamedTuple):
    """One row per place; vendors occupy a place one after another."""

    active: Annotated[U1, Column("u1", "1", "whether a vendor is in business")]
    generation: Annotated[I4, Column("i4", "1", "vendors ever in the place")]
    owner: Annotated[I4, Column("i4", "row", "platform that owns it, -1 for none", (), -1)]
    share: Annotated[F8, Column("f8", "share", "share of use, platforms' preference for their own aside")]
    price: Annotated[F8, Column("f8", "1", "price over the reference fee", (), 1.0)]
    capability: Annotated[F8, Column("f8", "capability", "capability, 0 to 1")]
    sales: Annotated[F8, Column("f8", "hours' wage/week", "8-week mean of receipts")]
    cash: Annotated[F8, Column("f8", "hours' wage", "money at the end of last week, less what it could not pay")]


class Vendor(NamedTuple):
    """The place of a vendor: one vendor at a time holds it."""

    place: int  # its row of `VendorState`, and its account
    kind: int  # giant, independent, platform-owned or open weights, as a number

    @property
    def key(self) -> str:
        """Name in tables: kind and place."""
        return f"{KINDS[self.kind]} {self.place}"

    @property
    def uid(self) -> np.uint64:
        """Identity that keys draws."""
        return np.uint64(derive("vendor", 0, self.place)[0])


# What AI can do


def capability_at(years: float, technology: Technology) -> float:
    """Capability of the best model, 0 to 1, so many years after release: a logistic curve; 0 before release."""
    if years < 0 or not technology.released:
        return 0.0
    return float(1.0 / (1.0 + np.exp(-(years - technology.takeoff_years) / technology.growth_years)))


def modality_of(genre: int) -> int:
    """Modality of a genre: text, image, audio, video, in turn."""
    return genre % len(MODALITIES)


@lru_cache(KEPT)
def fee_factors(genres: int, technology: Technology) -> F8:
    """Model fee of an item in each genre over that of a text item, shape (G,)."""
    factor = (1.0, technology.fee_image, technology.fee_audio, technology.fee_video)
    return _fixed([factor[modality_of(g)] for g in range(genres)])


@lru_cache(KEPT)
def autonomy_needs(genres: int, technology: Technology) -> F8:
    """Capability from which AI can make items of each genre alone, shape (G,)."""
    return _fixed([getattr(technology, f"autonomy_{MODALITIES[modality_of(g)]}") for g in range(genres)])


def _fixed(numbers: list[float]) -> F8:
    """A float64 array of the numbers that cannot be written to, because it is cached."""
    made = np.array(numbers, np.float64)
    made.flags.writeable = False
    return made


# Who is in business


def create_vendors() -> Population[VendorState]:
    """A table with all places for vendors, empty until the release."""
    table = Population(VendorState, MAX_VENDORS)
    table.n = MAX_VENDORS
    return table


@lru_cache(KEPT)
def roster(rule: VendorRules) -> I8:
    """Kind of vendor of each place, shape (V,). The last places are for independents that enter later."""
    first = [GIANT] * rule.giants + [PLATFORM] * rule.platform_owned + [OPEN] * rule.open_weights
    kinds = np.array(first + [INDEPENDENT] * (MAX_VENDORS - len(first)), np.int64)
    kinds.flags.writeable = False
    return kinds


def fixed_cost(settings: Settings) -> float:
    """Fixed cost of a vendor in hours' wage per week, in proportion to the number of consumers."""
    return settings.vendors.fixed_cost * settings.world.consumers / 1_000.0


def found_first_vendors(state: VendorState, kinds: I8, best: float, largest: int, settings: Settings) -> None:
    """Put the first vendors in business in the week of release; `largest` is the row of the largest platform."""
    rule = settings.vendors
    first = np.flatnonzero(kinds != OPEN)[: rule.giants + rule.platform_owned + rule.independents]
    found(state, kinds, first, best, settings)
    state.owner[first] = np.where(kinds[first] == PLATFORM, largest, -1)
    state.share[:] = use_shares(state, rule)


def found(state: VendorState, kinds: I8, places: I8, best: float, settings: Settings) -> None:
    """Start new vendors at some places: with initial funds, their wanted price, and a capability behind the best."""
    if len(places) == 0:
        return
    rule = settings.vendors
    gap = np.choose(kinds[places], (0.0, rule.follower_gap, rule.follower_gap, rule.open_gap))
    state.active[places] = 1
    state.generation[places] += 1
    state.share[places], state.sales[places] = 0.0, 0.0
    state.capability[places] = np.maximum(best - gap, 0.0)
    state.price[places] = wanted_price(np.zeros(len(places)), kinds[places], rule)
    state.cash[places] = initial_funds(kinds[places], settings)


def initial_funds(kinds: I8, settings: Settings) -> F8:
    """Money that a vendor of each kind starts with, in hours' wage; shape (n,)."""
    return FUNDS[kinds] * fixed_cost(settings)


def decide_exit(state: VendorState, kinds: I8) -> B1:
    """Which vendors close, shape (V,): those out of cash, except for open weights and the last vendor in business."""
    broke: B1 = (state.active > 0) & (state.cash < 0) & (kinds != OPEN)
    if np.count_nonzero(broke) == np.count_nonzero(state.active):
        broke[np.flatnonzero(broke)[np.argmax(state.cash[broke])]] = False
    return broke


def expected_profit(state: VendorState, best: float, settings: Settings) -> float:
    """Weekly profit in hours' wage that an entrant can expect at its long-run share, before its fixed cost."""
    rule = settings.vendors
    price = entrant_price(rule)
    value = appeal_of(max(best - rule.follower_gap, 0.0), price, rule)
    rivals = appeal_of(state.capability, state.price, rule)[state.active > 0]
    share = 1.0 / (1.0 + np.exp(rivals - value).sum())
    spend = share * price / (share * price + (1.0 - share) * max(float(state.share @ state.price), 1e-9))
    kept = (1.0 - 1.0 / (price * MONOPOLY_MARKUP)) * (1.0 - rule.research_share)
    return float(state.sales.sum() * spend * kept)


@lru_cache(KEPT)
def entrant_price(rule: VendorRules) -> float:
    """Price over the reference fee that an independent without customers wants."""
    return float(wanted_price(np.zeros(1), np.array([INDEPENDENT]), rule)[0])


def entry_hazard(profit: float, settings: Settings) -> float:
    """Weekly hazard of an entry, in proportion to expected profit over fixed cost, less one; bounded."""
    excess = profit / max(fixed_cost(settings), 1e-12) - 1.0
    return settings.vendors.entry_rate * min(max(excess, 0.0), MAX_EXCESS)


# Research, prices, customers


def catch_up(state: VendorState, kinds: I8, best: float, levers: Levers, settings: Settings) -> None:
    """Giants stand at the frontier, open weights a fixed gap behind, and followers close a part of their gap.

    What part depends on a vendor's research over the mean of all that do research, and on public help.
    """
    rule, full, public = settings.vendors, settings.full_strength, levers.public_computing
    research = np.maximum(state.sales * (1.0 - 1.0 / (state.price * MONOPOLY_MARKUP)), 0.0)
    active = state.active > 0
    closed = research[active & (kinds != OPEN)]
    mean = float(closed.sum()) / max(closed.size, 1)
    lead = np.minimum(np.maximum(research / mean, MIN_LEAD), MAX_LEAD) if mean > 0 else np.ones(len(kinds))
    helped = full.computing_speed * public * (kinds == INDEPENDENT)
    boost = 1.0 + helped + full.data_platform_speed * levers.national_data_platform
    rate = np.minimum(rule.catch_up * lead**rule.research_returns * boost, 1.0)
    followed = state.capability + rate * (best - state.capability)
    opened = max(best - rule.open_gap * (1.0 - full.computing_gap * public), 0.0)
    level = np.where(kinds == GIANT, best, np.where(kinds == OPEN, opened, followed))
    state.capability[:] = np.where(active, level, 0.0)


def cost_factor(kinds: I8, levers: Levers, settings: Settings) -> F8:
    """Share of marginal cost that each vendor bears itself, shape (V,); public computing pays for the rest."""
    return 1.0 - settings.full_strength.computing_subsidy * levers.public_computing * HELPED[kinds]


def wanted_price(share: F8, kinds: I8, rule: VendorRules) -> F8:
    """Price over the reference fee at which an unaided vendor's markup is right: el / (el - 1); shape (n,).

    With log-price logit demand the elasticity el is `price_sensitivity · (1 - share)`. Anyone may run open weights, at
    little above marginal cost.
    """
    elasticity = np.maximum(rule.price_sensitivity * (1.0 - share), MIN_ELASTICITY)
    markup = np.where(kinds == OPEN, OPEN_MARKUP, elasticity / (elasticity - 1.0))
    return np.asarray(markup / MONOPOLY_MARKUP)


def adjust_prices(state: VendorState, kinds: I8, levers: Levers, settings: Settings) -> None:
    """Move log prices towards what each vendor wants; a fall of marginal cost itself is passed on at once."""
    rule = settings.vendors
    wanted = wanted_price(state.share, kinds, rule) * cost_factor(kinds, levers, settings)
    state.price[:] *= np.where(state.active > 0, (wanted / state.price) ** rule.price_adjustment, 1.0)


def lowest_price(rule: VendorRules) -> float:
    """Lowest price over the reference fee that an unaided vendor of any kind can want."""
    kinds = np.unique(roster(rule))
    return float(wanted_price(np.zeros(len(kinds)), kinds, rule).min())


def appeal_of(capability: float | F8, price: float | F8, rule: VendorRules) -> F8:
    """Log weight of a vendor in customers' logit choice, from its capability and log price."""
    return np.asarray(rule.quality_sensitivity * np.asarray(capability) - rule.price_sensitivity * np.log(price))


def use_shares(state: VendorState, rule: VendorRules) -> F8:
    """Share of use that each vendor would have if all customers chose anew, by logit (McFadden 1978), shape (V,)."""
    value = np.where(state.active > 0, appeal_of(state.capability, state.price, rule), -np.inf)
    weight = np.exp(value - value.max())
    return np.asarray(weight / weight.sum())


def move_customers(state: VendorState, rule: VendorRules) -> None:
    """Let a share `switching` of customers choose a vendor anew, and all customers of vendors that closed."""
    state.share[state.active == 0] = 0.0
    wanted, total = use_shares(state, rule), state.share.sum()
    held = state.share / total if total > 0 else wanted
    state.share[:] = held + rule.switching * (wanted - held)


def shares_by_platform(state: VendorState, platforms: int, levers: Levers, settings: Settings) -> F8:
    """Vendors' shares of use for items on each platform, shape (K, V); a platform's own vendor is preferred there."""
    pull = settings.vendors.own_preference * (1.0 - settings.full_strength.integration_cap * levers.integration_cap)
    own = state.owner[None, :] == np.arange(platforms)[:, None]
    weight = state.share * np.exp(pull * own)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def learn_sales(state: VendorState, receipts: F8, cash: F8) -> None:
    """Update vendors' mean sales by the week's receipts, and record their cash; hours' wage, shape (V,)."""
    state.sales[:] += (receipts - state.sales) / SPAN
    state.sales[state.active == 0] = 0.0
    state.cash[:] = cash


# Training data


class DataTerms(NamedTuple):
    """What part of works is open to training this week, and on which terms."""

    licensed_studios: float
    licensed_creators: float
    withheld: float  # of human works not licensed
    filtered: float  # of generated works
    synthetic: float  # part that vendors make themselves, of what is new in a corpus


def data_terms(levers: Levers, settings: Settings) -> DataTerms:
    """Shares of studios and creators who license, of works withheld, and of synthetic data.

    Data rights let people opt out and license instead; a national platform pools licences for all vendors; a market
    for synthetic data adds to what vendors make themselves.
    """
    rule, full, rights = settings.vendors, settings.full_strength, levers.data_rights
    more = max(full.data_rights_licensed * rights, full.data_platform_licensed * levers.national_data_platform)
    studios = rule.licensed_share + (1.0 - rule.licensed_share) * more
    withheld = rule.withheld_share + (1.0 - rule.withheld_share) * full.data_rights_withheld * rights
    bought = full.synthetic_data_market * levers.synthetic_data_market
    synthetic = min(1.0 - (1.0 - rule.synthetic_part) * (1.0 - bought), MAX_SYNTHETIC)
    return DataTerms(studios, INDIVIDUALS * studios, withheld, rule.filtered_share, synthetic)


def licenses(kind: U1, u: F8, terms: DataTerms) -> B1:
    """Which producers license their works for training, shape (n,). `u` is a lasting uniform number of each."""
    share = np.zeros(3)
    share[CREATOR], share[STUDIO] = terms.licensed_creators, terms.licensed_studios
    return np.asarray(u < share[kind])


def access_works(kind: U1, u: F8, chance: F8, terms: DataTerms) -> I8:
    """How models may use works for training: withheld, scraped or licensed (codes), shape (n,).

    Parameters
    ----------
    kind : of the works' producers, shape (n,).
    u, chance : uniform numbers that decide about licensing and about withholding, shape (n,).
    """
    kept = np.where(kind == FARM, terms.filtered, terms.withheld)
    return np.where(licenses(kind, u, terms), LICENSED, np.where(chance < kept, WITHHELD, SCRAPED))


def synthetic_needed(taken: int, capacity: int, terms: DataTerms) -> int:
    """Number of works to generate for training beside `taken` others, for the wanted synthetic share."""
    return min(round(terms.synthetic / (1.0 - terms.synthetic) * taken), 4 * capacity)


# Customers who subscribe


def subscribes(uses_ai: U1, income: F8, price: float, rule: VendorRules) -> B1:
    """Which creators subscribe to models, shape (n,): those who use AI and whose budget for tools covers the price."""
    return np.asarray((uses_ai > 0) & (rule.tool_budget * income >= price))


def candidate_uid(place: int, generation: int) -> U8:
    """Uid of the vendor that may enter a place next, shape (1,)."""
    return derive("entrant", place, generation)


def data_leans(state: VendorState, vendor: I8, genre: I8, stream: Stream, settings: Settings) -> F8:
    """How vendors' training data lean in genres' concept spaces, shape (n, D), in standard deviations of a genre.

    A vendor's lean in a genre is drawn once, when it enters. `vendor` and `genre` are rows, shape (n,).
    """
    uid = derive("model", derive("place", vendor, state.generation[vendor]), genre)
    return np.asarray(settings.culture.vendor_lean * stream.normals(0, uid, DIMS), np.float64)

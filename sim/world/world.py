"""World: everything that is, between two weeks."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.agents.adopters import Adopters
from sim.agents.askers import Askers
from sim.agents.creators import Creators, Genres, Posters
from sim.agents.farms import FarmNews, Farms
from sim.agents.freelancers import Freelancers, Segments, Terms
from sim.agents.platforms import Charters, Platform, PlatformState
from sim.agents.producers import Producers
from sim.agents.sessions import Room
from sim.agents.studios import Studios
from sim.agents.vendors import Vendor, VendorState
from sim.agents.web import Web
from sim.agents.workers import LabourMarket
from sim.base.clock import MONTH, QUARTER, Calendar
from sim.base.crew import Crew
from sim.base.graphs import CSR
from sim.base.randomness import Streams
from sim.base.records import Consumers, Items, Listings
from sim.base.tables import F8, FIXED, I8, SCRATCH, Population
from sim.culture.canons import Canon
from sim.culture.corpora import Corpus
from sim.kernels.sessions import Rules
from sim.money.ledger import Ledger
from sim.settings import Settings
from sim.world.memory import Memory
from sim.world.state import copied

REACH_AGE = MONTH  # full weeks after that of publication when reach is read
REACH_SPAN = QUARTER  # weeks over which it is averaged


@dataclass(kw_only=True, slots=True)
class World:
    """The state of the model: every table, stock, account, canon and running mean. K platforms, G genres.

    A checkpoint, a fork and tests walk these fields (`sim.world.state`); no field is added anywhere else. Money is in
    hours' wage, unless said otherwise.
    """

    # What never changes after the set-up
    settings: Settings = field(metadata=FIXED)  # from which it was set up
    calendar: Calendar = field(metadata=FIXED)
    streams: Streams = field(metadata=FIXED)
    crew: Crew = field(metadata=FIXED)
    platforms: tuple[Platform, ...] = field(metadata=FIXED)
    charters: Charters = field(metadata=FIXED)  # the platforms' rules, a row each
    listing_ticks: I8 = field(metadata=FIXED)  # (K,) for which a listing can be met
    vendors: tuple[Vendor, ...] = field(metadata=FIXED)  # none where there is no AI
    turns: I8 = field(metadata=FIXED)  # (ticks + 1,) consumers of a tick k are rows turns[k] to turns[k + 1]
    surveyed: bool = field(metadata=FIXED)  # whether the user's data say who uses which platforms
    age_groups: tuple[str, ...] = field(metadata=FIXED)
    graph: CSR = field(metadata=FIXED)  # who follows whom among consumers
    posters: Posters = field(metadata=FIXED)  # consumers, from whom new creators are drawn
    terms: Terms = field(metadata=FIXED)  # of the market for commissions
    rules: Rules = field(metadata=FIXED)  # of sessions, as they are in a week without levers
    top_stage: int = field(metadata=FIXED)  # of the traffic pools; from this stage on a listing is trending
    room: Room = field(metadata=SCRATCH)  # for the events of a tick

    # Time and counts so far
    now: int = 0  # weeks done
    tick: int = 0  # ticks done
    n_serial: int = 0  # serial numbers given to items
    n_published: int = 0  # items published, removed before anyone could meet them, and taken down
    n_removed: int = 0
    n_retired: int = 0

    # Agents, items and markets
    consumers: Population[Consumers]
    producers: Population[Producers]  # creators, then studios, then AI producers' accounts
    creators: Population[Creators]
    genres: Population[Genres]  # (G,) what creators' work brings
    studios: Population[Studios]
    farms: Population[Farms]  # AI producers by cell of platform and genre
    items: Population[Items]
    listings: Population[Listings]
    market: Population[PlatformState]  # one row per platform
    vendor_state: Population[VendorState]
    freelancers: Population[Freelancers]
    segments: Population[Segments]
    adopters: Population[Adopters]
    askers: Population[Askers]
    web: Population[Web]
    labour: LabourMarket
    ledger: Ledger
    canons: list[Canon]  # (G,)
    corpora: list[Corpus]  # (G,)

    # Running means and stocks
    memory_unit: float = 4.0  # concept units: median distance of what is shown to what viewers remember, until release
    income_reference: float = 0.0  # hours' wage per week of the mean creator before release
    first_output: float  # items a week of the creators at the start
    usual_work: F8  # (2,) of the usual item before release over the shortest one: people's, AI producers'
    seen_gain: F8  # (G,) log uses that adopters of AI show over others
    viable_freelancers: float  # how many the market for commissions can feed
    ai_subscribers: float = 0.0  # people who pay for interactive AI
    safe_reference: float = 0.0  # brand-safe seconds a week before release, at what they are worth to advertisers
    studio_pay: float  # an hour of studios' staff
    farm_news: FarmNews  # what AI producers have learned
    gifts: F8  # (2, QUANTILES) law of creators' gifts at release, from which AI producers' items draw theirs
    blocked: F8  # (5, K, 3, 3) items refused everywhere, by week, platform, origin and truth
    reach: F8  # (13, K, 3, 3, 2) users and items of four weeks' age, by week, first platform, origin and truth

    memory: Memory

    @property
    def weeks_since_release(self) -> int:
        """Weeks since the release week; negative during burn-in."""
        return self.now - self.calendar.burn_in_weeks

    @property
    def ai_released(self) -> bool:
        """Whether generative AI exists in this world and has been released."""
        return bool(self.vendors) and self.weeks_since_release >= 0

    def turn(self, tick: int) -> tuple[int, int]:
        """Return the first row of the consumers who have a session at a tick, and the row after the last."""
        k = tick % (len(self.turns) - 1)
        return int(self.turns[k]), int(self.turns[k + 1])

    def fork(self, luck: int | None = None) -> World:
        """Return an independent copy, whose future is the same bit for bit until something is changed.

        Parameters
        ----------
        luck : draws the future anew: worlds that differ in it alone are equal now and have different luck from here on.
            0 is the luck that a run has from its start. A checkpoint does not keep it.
        """
        twin = copied(self)
        if luck is not None:
            twin.streams = self.streams.under(luck)
        return twin

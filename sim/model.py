"""The model: a content ecosystem that steps week by week through one visible schedule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from threadpoolctl import ThreadpoolController

from sim.agents.adopters import create_adopters
from sim.agents.consumers import create_consumers, open_month, seat_people, seen_slots, settle_installs
from sim.agents.creators import Creators, list_posters, settle_creators
from sim.agents.farms import CAP_SHARE, Farms, expect_bans
from sim.agents.freelancers import create_freelancers, open_commissions
from sim.agents.friends import clustered_heavy_tailed
from sim.agents.immersive import headset_burden
from sim.agents.platforms import ARMS, Platform, PlatformState, read_charters
from sim.agents.producers import create_producers
from sim.agents.studios import create_studios, first_pay
from sim.agents.vendors import Vendor, create_vendors, roster
from sim.base.graphs import CSR, reordered
from sim.base.randomness import Streams
from sim.base.records import Items, Listings
from sim.base.tables import DIMS, Population
from sim.culture.works import Canon, Corpus
from sim.kernels.tally import empty_tallies
from sim.measures.cohorts import YEAR
from sim.measures.recorder import Recorder
from sim.money.accounts import open_ledger
from sim.processes.adaptation import adapt_agents
from sim.processes.attention import allocate_attention, empty_events, open_market, session_rules
from sim.processes.commission import trade_commissions
from sim.processes.firms import book_results, steer_firms
from sim.processes.interaction import take_up_interactive
from sim.processes.labour import match_labour, open_labour
from sim.processes.memory import remember_works
from sim.processes.moderation import REACH_AGE, REACH_SPAN, check_facts, moderate_accounts
from sim.processes.payment import settle_payments
from sim.processes.platforms import guide_platforms, note_visits
from sim.processes.policy import apply_policy
from sim.processes.production import produce_content
from sim.processes.publication import listing_days, listing_ticks, publish_items
from sim.processes.questions import ask_questions, open_questions
from sim.processes.spread import spread_shares
from sim.processes.technology import advance_technology, sell_models
from sim.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs import FollowerNetwork, PopulationTable

# More threads for the linear algebra of small matrices would fight over the cores with the runs beside them and change
# low-order bits. NumPy and SciPy, whose libraries these are, have been imported by now.
BLAS = ThreadpoolController().select(user_api="blas")
CORPUS_SIZE = 4  # exemplars of a corpus over works of a canon
SCORES = 256  # last scores that a platform compares a listing with


def live_days(model: ContentEcosystem) -> None:
    """The week's seven days: attention, then spread, then fact checks, at every tick."""
    open_market(model)
    for _ in range(model.ticks_per_week):
        events = allocate_attention(model)
        spread_shares(model, events)
        note_visits(model, events)
        check_facts(model, events)
        model.tick += 1


def record(model: ContentEcosystem) -> None:
    """Write the week's outcomes."""
    model.recorder.record(model)


WEEK: tuple[Callable[[ContentEcosystem], None], ...] = (
    apply_policy,
    steer_firms,
    advance_technology,
    produce_content,
    publish_items,
    take_up_interactive,
    live_days,
    ask_questions,
    moderate_accounts,
    trade_commissions,
    sell_models,
    guide_platforms,
    settle_payments,
    book_results,
    adapt_agents,
    match_labour,
    remember_works,
    record,
)  # the whole schedule of a week, in order


class ContentEcosystem(mesa.Model):
    """Consumers, creators, studios, workers, AI producers, platforms and vendors.

    Parameters
    ----------
    settings : a whole scenario's parameters.
    rng : seed; with `replication` it keys every draw.
    threads : threads for the daily sessions; they change no bit.
    followers, population : a user's own data, which set the number of consumers.
    """

    LOOSE = (
        "week", "tick", "n_serial", "n_published", "n_removed", "n_retired", "memory_unit", "income_reference",
        "mean_payout", "first_output", "seen_gain", "supply_capped", "n_fed", "ai_subscribers",
        "safe_reference", "studio_pay", "paid_by_truth", "bans", "blocked", "reach",
    )  # fmt: skip

    def __init__(
        self,
        *,
        settings: Settings,
        rng: int = 0,
        replication: int = 0,
        threads: int = 1,
        followers: FollowerNetwork | None = None,
        population: PopulationTable | None = None,
    ) -> None:
        super().__init__(rng=rng)
        self.settings, self.threads = settings, threads
        self.streams = Streams(rng, replication)
        self.week = self.tick = self.n_serial = self.n_published = self.n_removed = self.n_retired = 0
        self.n_aged = self.n_starved = 0  # listings that turned four weeks or closed before, and tests unfinished
        self.memory_unit, self.income_reference, self.mean_payout, self.supply_capped = 4.0, 0.0, 0.0, 0.0
        self.seen_gain = np.zeros(settings.world.genres)
        self.safe_reference, self.studio_pay = 0.0, first_pay(settings)
        self.paid_by_truth = np.zeros((2, 2, 2))  # running means; see agents.farms.learned_gain
        self.bans = expect_bans(settings)  # of AI producers' accounts and the items they made, a week
        self.blocked = np.zeros((REACH_AGE + 1, 2, 2))  # items removed, by week, origin and truth
        self.reach = np.zeros((REACH_SPAN, 2, 2, 2))  # users and items of four weeks' age, by week, origin and truth
        self.levers: dict[str, float] = {}
        with BLAS.limit(limits=1):
            self._open_institutions()
            self._settle_people(followers, population)
            self._open_tables()
            self.recorder = Recorder(self)
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    # Setting up

    def _open_institutions(self) -> None:
        """Platforms, ordered by kind so that names don't matter, and vendors."""
        settings = self.settings
        by_kind = sorted(settings.platforms.items(), key=lambda item: item[1].kind)
        seen: dict[str, int] = {}
        self.platforms: list[Platform] = []
        for key, rules in by_kind:
            ordinal = seen[rules.kind] = seen.get(rules.kind, -1) + 1
            self.platforms.append(Platform(self, key, ordinal, rules, self.week_of(rules.opens)))
        self.charters = read_charters(self.platforms)
        self.listing_ticks = listing_ticks(self.charters.freshness, settings.time.ticks_per_day)
        self.vendor_state = create_vendors()
        kinds = roster(settings.vendors) if settings.technology.released else ()
        self.vendors = [Vendor(self, place, int(kind), self.vendor_state) for place, kind in enumerate(kinds)]

    def _settle_people(self, followers: FollowerNetwork | None, population: PopulationTable | None) -> None:
        """Consumers and their social graph, creators, studios, workers."""
        settings, streams = self.settings, self.streams
        longest = float(listing_days(self.charters.freshness).max())
        person, self.turns = seat_people(settings)
        minutes, age, installed = None, None, None
        self.surveyed = population is not None  # the user's data say who uses which platforms
        self.age_groups: tuple[str, ...] = ("all",)
        if population is not None:
            self.age_groups = tuple(sorted(set(population.age_group)))
            number = {group: k for k, group in enumerate(self.age_groups)}
            age = np.array([number[group] for group in population.age_group], np.uint16)[person]
            minutes, installed = population.minutes[person], self._installed(population)[person]
        closed = np.array([not p.opens_by(0) for p in self.platforms])
        fit = self.charters.fit - headset_burden(self.charters.immersive, np.zeros(len(closed)), settings)
        fit = fit - 50.0 * closed  # nobody starts with a platform that is yet to open, unless all are
        self.consumers = create_consumers(
            settings, streams, fit, seen_slots(settings, longest), person, minutes, age, installed
        )
        if installed is None and not closed.all():
            self.consumers.columns.installed[:, closed] = 0
        if installed is None and settings.attention.install_rate > 0:
            is_open = (~closed).astype(np.uint8)
            settle_installs(self.consumers.columns, fit, is_open, settings, streams["settling"])
        n = settings.world.consumers
        friends = min(settings.spread.friends, n / 2.0)
        graph = (
            followers.csr
            if followers is not None
            else clustered_heavy_tailed(n, friends, settings.spread.clustering, streams["friends"])
        )
        self.graph: CSR = reordered(graph, person)
        self.producers = create_producers(settings)
        self.producers.n = settings.world.creators + settings.world.studios
        self.creators = Population(Creators, settings.world.creators)
        self.creators.n = settings.world.creators
        self.posters = list_posters(self.consumers.columns, person)
        self.first_output = settle_creators(
            self.creators, self.producers.columns, self.consumers.columns, self.posters, settings, streams
        )
        rows = np.arange(settings.world.creators, self.producers.n)
        self.studios = create_studios(self.producers.columns, rows, settings, streams)
        self.labour = open_labour(settings, streams)

    def _installed(self, population: PopulationTable) -> np.ndarray:
        """Platforms that the population table names, by row; a consumer who names none gets all."""
        names = [p.key for p in self.platforms]
        chosen = np.array([[name in row for name in names] for row in population.platforms], np.uint8)
        chosen[chosen.sum(axis=1) == 0] = 1
        return chosen

    def _open_tables(self) -> None:
        """Content, markets, accounts, canons and corpora, all empty."""
        settings = self.settings
        world, k = settings.world, len(self.platforms)
        self.items = Population(Items, int(8 * world.new_items), {"places": 2})
        self.listings = Population(Listings, int(16 * world.new_items))
        axes = {"stages": settings.pools.stages, "scores": SCORES, "genres": world.genres, "depths": 2,
                "arms": ARMS}  # fmt: skip
        self.market = Population(PlatformState, k, axes)
        self.market.columns.is_open[:] = [p.opens_by(0) for p in self.platforms]
        self.market.columns.age[:] = np.where(self.market.columns.is_open, YEAR, 0)
        self.market.columns.payout[:] = self.charters.payout
        self.farms = Population(Farms, k * world.genres)
        self.canons = [Canon(world.canon, DIMS) for _ in range(world.genres)]
        mode = settings.culture.corpus_mode
        self.corpora = [Corpus(CORPUS_SIZE * world.canon, np.zeros(DIMS), mode) for _ in range(world.genres)]
        self.freelancers = create_freelancers(settings, self.streams)
        self.segments, self.terms = open_commissions(self.freelancers.columns, settings)
        self.n_fed = float(world.freelancers)  # freelancers whom the market feeds
        self.adopters = create_adopters(self.consumers.columns, settings, self.streams)
        self.ai_subscribers = 0.0  # people who pay for interactive AI
        open_questions(self)
        self.ledger = open_ledger(self)
        self.rules = session_rules(settings)
        self.events = empty_events(world.consumers, world.slate)
        self.top_stage = settings.pools.stages // 2  # from this stage on a listing is trending

    # Stepping

    def step(self) -> None:
        """Run one week through the schedule."""
        with BLAS.limit(limits=1):
            self._open_week()
            for process in WEEK:
                process(self)
        self.week += 1

    def _open_week(self) -> None:
        k, genres = len(self.platforms), self.settings.world.genres
        self.tallies = empty_tallies(k, genres, self.producers.capacity, len(self.age_groups))
        self.week_exposures = np.zeros(k)
        self.fines = np.zeros(k * genres)  # hours' wage that AI producers owe the regulator this week, by cell
        self.payout_origin = np.zeros(4)  # micro-units for human, assisted, generated items; and by AI's share
        self.items.columns.week_seconds[:] = 0
        people = self.consumers.columns
        month = people.posts.shape[1]
        people.posts[:, self.week % month] = 0
        if self.week % month == 0:
            open_month(people)

    def run_all(self, works: Iterable[Callable[[], None]]) -> None:
        """Run independent pieces of work, over threads where there are several."""
        if self._pool is None:
            for work in works:
                work()
        else:
            list(self._pool.map(lambda work: work(), works))

    def release(self) -> None:
        """Let go of everything, once the results are taken: Mesa 3.3 keeps a reference to every model."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.__dict__.clear()

    # The calendar

    def turn(self, tick: int) -> tuple[int, int]:
        """Rows of the consumers, from and to, who have a session at a tick."""
        k = tick % (len(self.turns) - 1)
        return int(self.turns[k]), int(self.turns[k + 1])

    @property
    def ticks_per_week(self) -> int:
        """Ticks in a week."""
        return 7 * self.settings.time.ticks_per_day

    @property
    def weeks_since_release(self) -> int:
        """Weeks since the release week; negative during burn-in."""
        return self.week - self.settings.time.burn_in_weeks

    @property
    def first_monday(self) -> dt.date:
        """Monday of week 0."""
        release = dt.date.fromisoformat(self.settings.time.release)
        monday = release - dt.timedelta(days=release.weekday())
        return monday - dt.timedelta(weeks=self.settings.time.burn_in_weeks)

    def week_of(self, date: str) -> int:
        """Week in which a date falls ("" is before all weeks)."""
        return (dt.date.fromisoformat(date) - self.first_monday).days // 7 if date else -(10**6)

    @property
    def crowding(self) -> float:
        """Accounts needed per item, over those needed without an upload cap."""
        return 1.0 / (1.0 - CAP_SHARE * self.levers.get("upload_cap", 0.0))

    # Looking in

    def parts(self) -> dict[str, Any]:
        """Everything that carries state between weeks, by name."""
        tables = (
            "consumers", "producers", "creators", "studios", "items", "listings", "market", "farms", "freelancers",
            "segments", "adopters", "askers", "web", "vendor_state",
        )  # fmt: skip
        parts: dict[str, Any] = {name: getattr(self, name) for name in tables}
        parts |= {f"canon{g}": canon for g, canon in enumerate(self.canons)}
        parts |= {f"corpus{g}": corpus for g, corpus in enumerate(self.corpora)}
        return parts | {"labour": self.labour, "ledger": self.ledger, "recorder": self.recorder}

    def exhibits(self) -> dict[str, pd.DataFrame]:
        """Frames beside the outcomes: works, network, age groups, platforms, flows."""
        return self.recorder.exhibits(self)

"""A world from settings: platforms and vendors, people, markets and accounts, all as they are before week 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.agents.adopters import create_adopters
from sim.agents.askers import create_askers
from sim.agents.consumers import create_consumers, seen_slots, settle_installs, sort_people
from sim.agents.creators import Creators, Genres, Posters, list_posters, settle_creators
from sim.agents.farms import Farms, first_news
from sim.agents.freelancers import create_freelancers, open_commissions
from sim.agents.friends import clustered_heavy_tailed
from sim.agents.gifts import measure_gifts
from sim.agents.immersive import headset_burden
from sim.agents.items import listing_days, listing_ticks
from sim.agents.labour_market import open_labour
from sim.agents.lengths import raw_work
from sim.agents.platforms import ARMS, Charters, Platform, PlatformState, found_platforms, read_charters
from sim.agents.producers import Producers, create_producers
from sim.agents.sessions import Room, session_rules
from sim.agents.studios import Studios, create_studios, first_pay
from sim.agents.vendors import MAX_VENDORS, Vendor, create_vendors, roster
from sim.agents.web import open_web
from sim.base.clock import YEAR, Calendar
from sim.base.codes import ORIGINS, TRUTHS
from sim.base.crew import Crew
from sim.base.graphs import CSR, reordered
from sim.base.randomness import Streams
from sim.base.records import AGES, DEPTHS, Consumers, Items, Listings
from sim.base.tables import B1, DIMS, F4, I8, U1, U2, Population
from sim.culture.canons import Canon
from sim.culture.corpora import Corpus
from sim.inputs import FollowerNetwork, PopulationTable
from sim.money.accounts import open_ledger
from sim.settings import Settings
from sim.world.memory import open_memory
from sim.world.world import REACH_AGE, REACH_SPAN, World

CORPUS_SIZE = 4  # exemplars of a corpus over works of a canon
SCORES = 256  # last scores that a platform compares a listing with
CLOSED = 50.0  # utility taken from a platform that is yet to open: nobody starts with it, unless all are closed


def set_up(
    settings: Settings,
    streams: Streams,
    outcomes: Iterable[str],
    *,
    threads: int = 1,
    followers: FollowerNetwork | None = None,
    population: PopulationTable | None = None,
) -> World:
    """Make a world as it is before its first week.

    Parameters
    ----------
    outcomes : names of what is recorded every week.
    threads : that share the sessions of a tick; results are the same for any number.
    followers, population : a user's own network and table of people, for as many people as the settings say.
    """
    size, time, mode = settings.world, settings.time, settings.culture.corpus_mode
    calendar = Calendar(time.release, time.burn_in_weeks, time.ticks_per_day)
    platforms = found_platforms(settings.platforms, calendar)
    charters = read_charters(platforms)  # their rules, as arrays
    opened = np.array([platform.opens_by(0) for platform in platforms])
    person, turns = sort_people(settings)  # who is in each row of consumers, and where each tick's rows begin
    age_groups, survey = survey_by_row(population, platforms, person)
    consumers = settle_people(settings, streams, charters, opened, person, survey)
    people = consumers.columns
    makers = settle_makers(settings, streams, people, person)
    freelancers = create_freelancers(settings, streams)
    segments, terms = open_commissions(freelancers.columns, settings)
    askers = create_askers(people, settings, streams)
    kinds = roster(settings.vendors) if settings.technology.released else ()
    cells = (len(platforms), len(ORIGINS), len(TRUTHS))
    return World(
        settings=settings, calendar=calendar, streams=streams, crew=Crew(threads), platforms=platforms,
        charters=charters, listing_ticks=listing_ticks(charters.freshness, time.ticks_per_day),
        vendors=tuple(Vendor(place, int(kind)) for place, kind in enumerate(kinds)), turns=turns,
        surveyed=population is not None, age_groups=age_groups, graph=befriend(settings, streams, person, followers),
        posters=makers.posters, terms=terms, rules=session_rules(settings), top_stage=settings.pools.stages // 2,
        room=Room(size.consumers, int(np.diff(turns).max()), size.slate), consumers=consumers,
        producers=makers.producers, creators=makers.creators, genres=Population(Genres, size.genres),
        studios=makers.studios,
        farms=Population(Farms, len(platforms) * size.genres),
        items=Population(Items, int(8 * size.new_items), {"listings": 2}),
        listings=Population(Listings, int(16 * size.new_items), {"ages": len(AGES) + 1}),
        market=open_platforms(settings, charters, opened), vendor_state=create_vendors(), freelancers=freelancers,
        segments=segments,
        adopters=create_adopters(people, settings, streams), askers=askers,
        web=open_web(askers.columns, charters, opened, settings, streams), labour=open_labour(settings, streams),
        ledger=open_ledger(len(platforms), MAX_VENDORS, settings),
        canons=[Canon(size.canon, DIMS) for _ in range(size.genres)],
        corpora=[Corpus(CORPUS_SIZE * size.canon, np.zeros(DIMS), mode) for _ in range(size.genres)],
        first_output=makers.first_output, usual_work=raw_work(makers.producers.columns.depth, settings).mean(axis=0),
        seen_gain=np.zeros(size.genres), viable_freelancers=float(size.freelancers),
        studio_pay=first_pay(settings), farm_news=first_news(settings),
        gifts=measure_gifts(makers.producers.columns, makers.creators.columns, settings),
        blocked=np.zeros((REACH_AGE + 1, *cells)), reach=np.zeros((REACH_SPAN, *cells, 2)),
        memory=open_memory(outcomes, len(platforms), settings),
    )  # fmt: skip


class Makers(NamedTuple):
    """Creators and studios at the start, as producers and by themselves."""

    producers: Population[Producers]
    creators: Population[Creators]
    studios: Population[Studios]
    posters: Posters
    first_output: float  # items per week with which a new creator starts


def settle_makers(settings: Settings, streams: Streams, people: Consumers, person: I8) -> Makers:
    """Make creators, chosen among the consumers who post most, and studios.

    Parameters
    ----------
    person : the person in each row of consumers, shape (n,).
    """
    size = settings.world
    producers = create_producers(settings)
    producers.n = size.creators + size.studios
    creators = Population(Creators, size.creators)
    creators.n = size.creators
    posters = list_posters(people, person)
    first_output = settle_creators(creators, producers.columns, people, posters, settings, streams)
    studios = create_studios(producers.columns, np.arange(size.creators, producers.n), settings, streams)
    return Makers(producers, creators, studios, posters, first_output)


class Survey(NamedTuple):
    """What a population table says of each consumer, in the order of rows; n consumers, K platforms."""

    minutes: F4  # (n,) a week
    age: U2  # (n,) number of the age group
    installed: U1  # (n, K) platforms in use


def survey_by_row(
    population: PopulationTable | None, platforms: Sequence[Platform], person: I8
) -> tuple[tuple[str, ...], Survey | None]:
    """Read a user's population table: names of the age groups, and what it says of each consumer, in order of rows.

    Without a table there is one age group, and None. Whoever names no platform gets all of them. `person` is the
    person in each row of consumers, shape (n,).
    """
    if population is None:
        return ("all",), None
    groups = tuple(sorted(set(population.age_group)))
    number = {group: k for k, group in enumerate(groups)}
    age = np.array([number[group] for group in population.age_group], np.uint16)
    names = [platform.key for platform in platforms]
    installed = np.array([[name in row for name in names] for row in population.platforms], np.uint8)
    installed[installed.sum(axis=1) == 0] = 1
    return groups, Survey(minutes=population.minutes[person], age=age[person], installed=installed[person])


def settle_people(
    settings: Settings, streams: Streams, charters: Charters, opened: B1, person: I8, survey: Survey | None
) -> Population[Consumers]:
    """Make consumers with the platforms that they use; `opened` says which are open at the start, shape (K,)."""
    longest = float(listing_days(charters.freshness).max())
    fit = charters.fit - headset_burden(charters.immersive, np.zeros(len(opened)), settings) - CLOSED * ~opened
    seen = seen_slots(settings, longest)
    minutes, age, installed = survey if survey is not None else (None, None, None)
    consumers = create_consumers(settings, streams, fit, seen, person, minutes, age, installed)
    if survey is None and opened.any():
        consumers.columns.installed[:, ~opened] = 0
    if survey is None and settings.attention.install_rate > 0:
        settle_installs(consumers.columns, fit, opened.astype(np.uint8), settings, streams["settling"])
    return consumers


def befriend(settings: Settings, streams: Streams, person: I8, followers: FollowerNetwork | None) -> CSR:
    """Make the network of who follows whom among consumers: the user's own, or a generated one.

    Networks number people; the result numbers rows of consumers, of which `person` says who is in each.
    """
    if followers is not None:
        return reordered(followers.csr, person)
    n, spread = settings.world.consumers, settings.spread
    friends = min(spread.friends, n / 2.0)
    return reordered(clustered_heavy_tailed(n, friends, spread.clustering, streams["friends"]), person)


def open_platforms(settings: Settings, charters: Charters, opened: B1) -> Population[PlatformState]:
    """Make the table of platforms' measurements and decisions, empty; those that are open count as a year old."""
    axes = {
        "stages": settings.pools.stages, "scores": SCORES, "genres": settings.world.genres, "depths": DEPTHS,
        "arms": ARMS,
    }  # fmt: skip
    market = Population(PlatformState, len(opened), axes)
    market.columns.is_open[:] = opened
    market.columns.age[:] = np.where(opened, YEAR, 0)
    market.columns.payout[:] = charters.payout
    return market

"""A frozen catalogue and a neutral crowd, made by hand, on which the attention kernel's sessions can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from sim.agents.adopters import TALK_BY_NEED
from sim.agents.consumers import create_consumers, sort_people
from sim.agents.platforms import Charters, found_platforms, read_charters
from sim.agents.sessions import empty_events, session_rules
from sim.agents.vendors import Vendor, create_vendors, roster
from sim.base.clock import Calendar
from sim.base.codes import SOURCES
from sim.base.graphs import from_edges
from sim.base.randomness import Streams, derive, key_of
from sim.base.records import AGES, LISTINGS_PER_ITEM, RECENT, Batch, Consumers, Items, Listings
from sim.base.tables import DIMS, F4, F8, U8, Population, schema
from sim.kernels.attention import spend_session
from sim.kernels.sessions import MAX_SLOTS, Catalogue, Events, Market
from sim.kernels.slates import Shelf, Stock, stack_shelf
from sim.model import ContentEcosystem
from sim.processes.attention import make_scratch
from sim.settings import PlatformRules, Settings
from sim.settings.levers import Levers
from sim.settings.needs import NEEDS
from sim.world.week import Frontier, Week
from sim.world.world import World

# What makes one item better than another, or one slot; without these only appeal counts.
NEUTRAL = {
    "beta_taste": 0.0, "craft_base": 0.0, "craft_expertise": 0.0, "beta_emotion": 0.0, "novelty_amplitude": 0.0,
    "beta_follow": 0.0, "beta_popularity": 0.0, "beta_effort": 0.0, "satiation": 0.0, "follow_rate": 0.0,
    "unfollow_rate": 0.0, "off_screen": -1e3, "satisfaction_weight": 0.0, "trust_weight": 0.0,
    "checked_step": 0.0,
}  # fmt: skip


def change(tree: Any, **values: Any) -> Any:
    """Replace leaves of a settings tree: `change(Settings(), attention__skim=0.5)`."""
    for path, value in values.items():
        name, _, rest = path.partition("__")
        assert name in {f.name for f in fields(tree)}, path
        tree = replace(tree, **{name: change(getattr(tree, name), **{rest: value}) if rest else value})
    return tree


class Part(NamedTuple):
    """Part of a world, a week to write in, and the settings: what a step takes."""

    world: World
    week: Week
    settings: Settings


def part_of_world(**fields: Any) -> World:
    """A world of which only these fields have a value: to read another is an error, as is a name that it lacks."""
    return _filled(World.__new__(World), fields)


def part_of_week(**fields: Any) -> Week:
    """A week of whose hand-overs only these have been made."""
    return _filled(Week(), fields)


def _filled(record: Any, fields: Mapping[str, Any]) -> Any:
    for name, value in fields.items():
        setattr(record, name, value)
    return record


def table_of(columns: Any) -> Population[Any]:
    """The table of these columns, with all rows in use."""
    shapes = [(column, getattr(columns, name).shape[1:]) for name, column in schema(type(columns)).items()]
    axes = {axis: size for column, shape in shapes for axis, size in zip(column.axes, shape, strict=True)}
    table: Any = Population(type(columns), 1, axes)
    table.columns = columns
    table.n = table.capacity
    return table


def charters_of(settings: Settings) -> Charters:
    """What never changes about the platforms of these settings, ordered by kind."""
    time = settings.time
    return read_charters(
        found_platforms(settings.platforms, Calendar(time.release, time.burn_in_weeks, time.ticks_per_day))
    )


def batch_of(rows: int, **columns: Any) -> Batch:
    """New items: zeros but for these columns."""
    return Batch(**{name: columns.pop(name, np.zeros(rows)) for name in Batch._fields}, **columns)


def frontier_at(level: float, **values: Any) -> Frontier:
    """The technology of one genre and one platform, with one vendor of this capability, free and perfect."""
    one, none = np.ones(1), np.zeros(1)
    free = {
        "shares": one, "prices": one, "fee": none, "alone": none, "error": 0.0, "craft": none,
        "platform_shares": np.ones((1, 1)), "immersive_fee": 0.0, "immersive_alone": 0.0,
    }  # fmt: skip
    return Frontier(capability=np.array([level]), **(free | values))


def technology_alone(settings: Settings, *, seed: int = 0, week: int = 0, **more: Any) -> Part:
    """What technology and its vendors need of a world, `week` weeks after the release, and no platforms or works."""
    kinds = roster(settings.vendors) if settings.technology.released else ()
    given = {
        "calendar": Calendar(settings.time.release, 0, 1), "streams": Streams(seed), "vendor_state": create_vendors(),
        "platforms": (), "vendors": tuple(Vendor(place, int(kind)) for place, kind in enumerate(kinds)), "corpora": [],
        "now": week,
    }  # fmt: skip
    return Part(part_of_world(**(given | more)), part_of_week(levers=Levers()), settings)


class Bench:
    """Consumers, items with one listing each, and a market; every array may be changed before a session.

    Item j is listing j, of genre j % genres, on platform (j // genres) % platforms, with serving weight 1; feeds draw
    by interest alone. `weight`, `trend`, `test` are the listings' weights on the shelves. Other words are rules.
    """

    def __init__(
        self,
        consumers: int,
        items: int,
        *,
        genres: int = 1,
        platforms: int = 1,
        slate: int = 6,
        seen: int = 64,
        memory: int = 1,
        settings: Settings | None = None,
        **rules: Any,
    ) -> None:
        settings = settings or Settings()
        axes = {
            "dims": DIMS, "genres": genres, "needs": len(NEEDS), "platforms": platforms, "follows": 16,
            "memory": memory, "seen": seen, "month": 4, "halves": 2,
        }  # fmt: skip
        self.genres, self.platforms, self.slate = genres, platforms, slate
        self.people: Consumers = Population(Consumers, consumers, axes).columns
        self.people.uid[:] = derive("consumer", 0, np.arange(consumers))
        self.people.seconds[:], self.people.habit[:], self.people.trust[:] = 600, 0.4, 0.9
        self.people.affinity[:] = (np.arange(genres) + 1.0) / genres
        self.people.needs[:], self.people.prevalence[:], self.people.installed[:] = 1.0, 0.3, 1
        self.items: Items = Population(Items, items, {"listings": LISTINGS_PER_ITEM}).columns
        self.listings: Listings = Population(Listings, items, {"ages": len(AGES) + 1}).columns
        row = np.arange(items)
        self.items.uid[:] = derive("item", 0, row)
        self.items.card["serial"], self.items.card["genre"] = row + 1, row % genres
        self.items.listings[:, 0] = self.listings.item[:] = row
        self.listings.platform[:] = row // genres % platforms
        self.weight: F8 = np.ones(items)
        self.trend: F8 = np.zeros(items)
        self.test: F8 = np.zeros(items)
        self.mix(interest=1.0)
        self.pull: F8 = np.zeros((4, platforms))
        self.is_open = np.ones(platforms, np.uint8)
        self.counts = np.zeros(platforms, np.uint8)
        self.place: F4 = np.ones(MAX_SLOTS, np.float32)
        self.friends: tuple[list[int], list[int]] = ([], [])
        self.recent = np.zeros((1, 8), RECENT)
        self.persona = np.full(1, -1, np.int32)
        self.rules = session_rules(settings)
        self.rule(**(NEUTRAL | rules))
        self.events: Events = empty_events(consumers, consumers, slate)

    def rule(self, **values: Any) -> None:
        """Set constants of a session, in the precision that the kernel is compiled for."""
        self.rules = self.rules._replace(**{n: np.float32(v) if isinstance(v, float) else v for n, v in values.items()})

    def mix(self, **weights: float) -> None:
        """Set every platform's weights of sources."""
        row = np.cumsum([weights.get(name, 0.0) for name in SOURCES])
        self.sources: F8 = np.tile(row, (self.platforms, 2, 1))
        self.experiment: U8 = np.zeros(self.platforms, np.uint64)

    def catalogue(self) -> Catalogue:
        """Items and listings with their shelves."""
        place = self.listings.platform.astype(np.int32)
        cell = place * np.int32(self.genres) + self.items.card["genre"].astype(np.int32)

        def shelf(where: Any, weight: F8, cells: int) -> Shelf:
            rows = np.flatnonzero(weight > 0).astype(np.int32)
            made: Shelf = stack_shelf(Stock(rows, where[rows], weight[rows]), cells)
            return made

        by_genre = self.platforms * self.genres
        return Catalogue(
            cards=self.items.card,
            fame=self.items.fame,
            listings=self.items.listings,
            item=self.listings.item,
            platform=self.listings.platform,
            opens=self.listings.opens,
            recent=self.recent,
            persona=self.persona,
            serve=shelf(cell, self.weight, by_genre),
            query=shelf(cell, self.weight, by_genre),
            trend=shelf(place, self.trend, self.platforms),
            test=shelf(place, self.test, self.platforms),
        )

    def session(self, tick: int = 0, key: str = "a", pieces: int = 1) -> Events:
        """Run one tick; the events are overwritten by the next."""
        n, catalogue = len(self.people.uid), self.catalogue()
        graph = from_edges(n, *self.friends)
        market = Market(
            is_open=self.is_open,
            pull=self.pull,
            mix=self.sources,
            experiment=self.experiment,
            counts=self.counts,
            place=self.place,
            memory_unit=np.float32(4.0),
            talk=TALK_BY_NEED,
        )
        edges = np.linspace(0, n, pieces + 1).astype(int).tolist()
        for lo, hi in pairwise(edges):
            world = (catalogue, graph, market, *make_scratch(catalogue, self.rules.exact))
            events = self.events._replace(spread=self.events.spread[lo:])
            spend_session(lo, hi, tick, key_of(key), self.people, world, self.rules, events)
        return self.events

    def forget(self) -> None:
        """Let everyone forget what was used, as if the items were new."""
        self.people.seen[:], self.people.n_seen[:] = 0, 0

    def count(self, ticks: int, key: str = "a") -> tuple[F8, F8]:
        """Times that each item was shown first in a slate, and used, over some ticks of unprejudiced crowds."""
        first, used = np.zeros(len(self.weight)), np.zeros(len(self.weight))
        for tick in range(ticks):
            self.forget()
            events = self.session(tick, key)
            first += np.bincount(events.slate[events.slate[:, 0] >= 0, 0], minlength=len(first))
            used += np.bincount(events.listing[events.listing >= 0], minlength=len(used))
        return first, used


def consumers_of(settings: Settings, pull: F8, seen: int = 4) -> Population[Consumers]:
    """The consumers of a world, drawn without a user's table."""
    person = sort_people(settings)[0]
    return create_consumers(settings, Streams(0, 0), pull, seen, person, None, None, None)


def crowd(settings: Settings, pull: F8, seen: int = 4) -> Consumers:
    """Columns of the consumers of a world, drawn without a user's table."""
    return consumers_of(settings, pull, seen).columns


def society(weeks: int, *, rng: int = 0, farms: int = 0, **values: Any) -> ContentEcosystem:
    """Run a small world of one genre and one platform, without follows and AI help, with a fixed number of AI accounts.

    Accounts publish one item a week, as creators do on average; they open after the third week.
    """
    feed = PlatformRules(followed=0.0, friends=0.0, interest=0.6, trending=0.1, exploration=0.3, freshness=2.0)
    plain = {
        "world__consumers": 1_000, "world__creators": 400, "world__studios": 1, "world__genres": 1,
        "world__new_items": 400.0, "world__canon": 64, "time__burn_in_weeks": 2, "platforms": {"a": feed},
        "attention__follow_rate": 0.0, "creators__adoption_rate": 0.0, "creators__quit_rate": 0.0,
        "creators__effort": 0.0, "studios__item_share": 0.002, "spread__activity_sd": 1.0, "farms__growth": 0.0,
        "farms__items": 1.0, "farms__removal": 0.0, "technology__autonomy_text": 0.0,
    }  # fmt: skip
    model = ContentEcosystem(settings=change(Settings(), **(plain | {"time__weeks": weeks} | values)), rng=rng)
    for week in range(weeks):
        if week == 3:
            model.world.farms.columns.number[0] = farms
        model.step()
    return model

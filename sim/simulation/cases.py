"""A case: a scenario with the user's data, read, checked, and the world sized by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.base.errors import InputError
from sim.inputs import (
    MAX_PEOPLE,
    MIN_PEOPLE,
    FollowerNetwork,
    PopulationTable,
    check_platforms,
    check_same_people,
    read_followers,
    read_population,
)
from sim.settings.scenario import Scenario, with_values

# Numbers that follow the number of consumers, with the least that a world needs.
SIZES = {"world.creators": 2, "world.studios": 1, "world.freelancers": 2, "world.new_items": 5}


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario with the user's data, which set the sizes of its world.

    Attributes
    ----------
    arm : its name in a comparison, where that is not the scenario's.
    """

    scenario: Scenario
    followers: FollowerNetwork | None = None
    population: PopulationTable | None = None
    arm: str = ""

    @property
    def name(self) -> str:
        """Its name in results, folders and pages."""
        return self.arm or self.scenario.name

    @property
    def inputs(self) -> dict[str, dict[str, str]]:
        """Source and SHA-256 of the user's data."""
        data = {"followers": self.followers, "population": self.population}
        return {key: {"source": item.source, "sha256": item.sha256} for key, item in data.items() if item is not None}

    @property
    def data(self) -> dict[str, dict[str, int]]:
        """Counts of what was read of the user's data, and of what was left out."""
        data = {"followers": self.followers, "population": self.population}
        return {key: item.counts for key, item in data.items() if item is not None}

    @property
    def notices(self) -> list[str]:
        """Notes on how the user's data were read, where a reader might expect otherwise, one line each."""
        lines = [item.notice for item in (self.followers, self.population) if item is not None]
        if self.followers is not None and self.population is not None and self.population.ids is None:
            first = ", ".join(self.followers.labels[:4])
            lines.append(
                f"{self.population.source} has no column id: its rows belong to the users of {self.followers.source} "
                f"in the order of their names as text ({first} …)"
            )
        return [line for line in lines if line]


def prepare(scenario: Scenario, followers: Any = None, population: Any = None) -> Case:
    """Read the user's data (arguments before the scenario's files) and fit the world's sizes to them.

    Parameters
    ----------
    followers : path, networkx graph or network read before.
    population : path or table read before.

    Raises
    ------
    InputError : the data are malformed, disagree with each other, or are too many or too few.
    """
    followers = followers if followers is not None else scenario.settings.input.followers or None
    population = population if population is not None else scenario.settings.input.population or None
    if followers is not None and not isinstance(followers, FollowerNetwork):
        followers = read_followers(followers)
    if population is not None and not isinstance(population, PopulationTable):
        population = read_population(population)
    if population is not None:
        check_platforms(population, list(scenario.settings.platforms))
        if followers is not None:
            check_same_people(followers, population)
    if followers is not None:
        scenario = _resize(scenario, followers.source, len(followers.labels))
    elif population is not None:
        scenario = _resize(scenario, population.source, len(population.age_group))
    return Case(scenario, followers, population)


def _resize(scenario: Scenario, source: str, consumers: int) -> Scenario:
    """Set the number of consumers to that of the data, and other sizes in proportion unless the user set them."""
    if not MIN_PEOPLE <= consumers <= MAX_PEOPLE:
        expected = f"{MIN_PEOPLE} to {MAX_PEOPLE:,} people (world.consumers)"
        raise InputError(source, f"{consumers:,} {'people' if consumers > 1 else 'person'}", expected)
    world = scenario.settings.world
    values: dict[str, Any] = {"world.consumers": consumers}
    for key, least in SIZES.items():
        if key not in scenario.given:
            size = getattr(world, key.removeprefix("world.")) * consumers / world.consumers
            values[key] = max(least, size if key == "world.new_items" else round(size))
    return with_values(scenario, values)

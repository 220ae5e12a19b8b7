"""A user's own follower network and population table: read, check, explain what is wrong and where."""

from sim.inputs.bounds import MAX_PEOPLE, MIN_PEOPLE
from sim.inputs.followers import FollowerNetwork, read_followers
from sim.inputs.population import PopulationTable, check_platforms, check_same_people, read_population

__all__ = [
    "MAX_PEOPLE", "MIN_PEOPLE", "FollowerNetwork", "PopulationTable", "check_platforms", "check_same_people",
    "read_followers", "read_population",
]  # fmt: skip

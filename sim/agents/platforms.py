"""Platforms: institutions with rules. Their governance type is numbers; they decide nothing yet."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import mesa
import numpy as np

from sim.parameters import Platform as PlatformSettings
from sim.randomness import derive, key_of
from sim.tables import F8, I8, Column

SOURCES = ("followed", "friends", "interest", "trending", "exploration", "query")


class PlatformState(NamedTuple):
    """What each platform has measured; one row a platform."""

    engagement: Annotated[F8, Column("f8", "1", "mean engagement an exposure, over weeks", (), 0.5)]
    exposures: Annotated[F8, Column("f8", "exposures/week", "8-week mean")]
    arrivals: Annotated[F8, Column("f8", "listings/week", "8-week mean of new listings")]
    test: Annotated[F8, Column("f8", "exposures", "test exposures of a new listing")]
    scores: Annotated[F8, Column("f8", "1", "last scores by stage", ("stages", "scores"))]
    n_scores: Annotated[I8, Column("i8", "1", "scores ever by stage", ("stages",))]
    returns: Annotated[F8, Column("f8", "seconds/item", "learned seconds a new item earns", ("genres", "depths"))]
    arrived: Annotated[F8, Column("f8", "items", "this week's listings", ("genres", "depths"))]


class Platform(mesa.Agent):
    """One platform.

    Attributes
    ----------
    key : its name in the scenario.
    rules : its settings.
    opens_week : week from which it is open.
    uid : made of its kind and its ordinal among platforms of the kind, so names don't matter.
    """

    def __init__(self, model: mesa.Model, key: str, ordinal: int, rules: PlatformSettings, opens_week: int) -> None:
        super().__init__(model)
        self.key, self.rules, self.opens_week = key, rules, opens_week
        self.uid = derive("platform", key_of(rules.kind), ordinal)[0]

    def mix(self) -> np.ndarray:
        """Cumulative weights of the feed's sources, shape (6,)."""
        return np.cumsum([getattr(self.rules, source) for source in SOURCES])

    def takes(self, kind: int) -> bool:
        """Whether a kind of producer may publish here: a publisher takes studios alone."""
        return self.rules.kind != "publisher" or kind == 1

"""The model for Mesa users: a content ecosystem that steps week by week through the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from sim.base.outcomes import OUTCOMES
from sim.base.randomness import Streams
from sim.inputs import FollowerNetwork, PopulationTable
from sim.measures.exhibits import exhibit_frames
from sim.measures.recorder import outcome_frame
from sim.schedule import BLAS, run_week
from sim.settings import Settings
from sim.world.setup import set_up
from sim.world.week import Week

if TYPE_CHECKING:
    import pandas as pd


class ContentEcosystem(mesa.Model):
    """Consumers, creators, studios, workers, AI producers, platforms and vendors.

    Parameters
    ----------
    settings : a whole scenario's parameters.
    rng : seed; with `replication` it keys every draw.
    threads : threads for the daily sessions; they change no bit.
    followers, population : a user's own data, which set the number of consumers.

    Attributes
    ----------
    world : everything that is, between two weeks.
    last_week : what happened in the week that was run last; it has no value before the first.
    """

    last_week: Week

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
        self.settings = settings
        streams = Streams(rng, replication)
        with BLAS.limit(limits=1):
            self.world = set_up(
                settings, streams, OUTCOMES, threads=threads, followers=followers, population=population
            )

    def step(self) -> None:
        """Run one week through the schedule."""
        self.last_week = run_week(self.world, self.settings)

    def outcomes(self) -> pd.DataFrame:
        """The outcomes so far: index `date` (Mondays), `week`, one column an outcome."""
        return outcome_frame(self.world.memory, self.world.calendar.first_monday)

    def exhibits(self) -> dict[str, pd.DataFrame]:
        """Frames beside the outcomes: works, network, age groups, platforms, flows."""
        return exhibit_frames(self.world)

    def release(self) -> None:
        """Let go of everything, once the results are taken: Mesa 3.3 keeps a reference to every model."""
        self.world.crew.close()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.__dict__.clear()

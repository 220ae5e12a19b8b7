"""The model for Mesa users: a content ecosystem that steps week by week through the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np
import numpy.typing as npt

from sim.inputs import FollowerNetwork, PopulationTable
from sim.measures.exhibits import exhibit_frames
from sim.measures.recorder import outcome_frame
from sim.money.flows import Account
from sim.money.ledger import MICRO
from sim.schedule import open_world, run_week
from sim.settings import Settings
from sim.settings.scenario import compose
from sim.world.week import Week

if TYPE_CHECKING:
    import pandas as pd


class ContentEcosystem(mesa.Model):
    """Consumers, creators, studios, workers, AI producers, platforms and vendors.

    Parameters
    ----------
    settings : a whole scenario's parameters.
    rng : seed, None for 0; with `replication` it keys every draw.
    threads : threads for the daily sessions; they change no bit.
    followers, population : a user's own data, which set the number of consumers.

    Attributes
    ----------
    world : everything that is, between two weeks.
    last_week : what happened in the week that was run last; it has no value before the first.
    datacollector : outcomes by week, platforms and vendors by week.
    """

    last_week: Week

    def __init__(
        self,
        *,
        settings: Settings,
        rng: int | None = 0,
        replication: int = 0,
        threads: int = 1,
        followers: FollowerNetwork | None = None,
        population: PopulationTable | None = None,
    ) -> None:
        seed = 0 if rng is None else int(rng)
        super().__init__(rng=seed)
        self.settings = settings
        self.world = open_world(
            settings, seed, replication, threads=threads, followers=followers, population=population
        )
        for row in range(len(self.world.platforms)):
            PlatformAgent(self, row)
        for row in range(len(self.world.vendors)):
            VendorAgent(self, row)
        self.datacollector = Collector(self)

    def step(self) -> None:
        """Run one week through the schedule; the model stops running after the scenario's last."""
        self.last_week = run_week(self.world, self.settings)
        self.datacollector.collect(self)
        self.running = self.world.now < self.settings.time.weeks

    def outcomes(self) -> pd.DataFrame:
        """Make a frame of the outcomes so far: index `date` (Mondays), `week`, and one column per outcome."""
        return outcome_frame(self.world.memory, self.world.calendar.first_monday)

    def exhibits(self) -> dict[str, pd.DataFrame]:
        """Make the frames beside the outcomes, by name: works, network, age groups, platforms, flows."""
        return exhibit_frames(self.world)

    def release(self) -> None:
        """Let go of everything, once the results are taken: Mesa 3.3 keeps a reference to every model."""
        self.world.crew.close()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.__dict__.clear()


class ScenarioModel(ContentEcosystem):
    """A content ecosystem whose parameters are plain keywords, as `mesa.batch_run` varies them.

    Parameters
    ----------
    scenario : a scenario's name.
    rng, replication, threads : see `ContentEcosystem`.
    parameters : values by path, such as `world="tiny"` or `**{"technology.growth_years": 2.0}`.
    """

    def __init__(
        self,
        scenario: str = "baseline",
        *,
        rng: int | None = 0,
        replication: int = 0,
        threads: int = 1,
        **parameters: Any,
    ) -> None:
        settings = compose(scenario, [f"{path}={value}" for path, value in parameters.items()]).settings
        super().__init__(settings=settings, rng=rng, replication=replication, threads=threads)


class Institution(mesa.Agent):
    """A platform or a vendor as a Mesa agent: a view of its row, which decides nothing itself.

    Parameters
    ----------
    row : its row in the world's tables.
    """

    model: ContentEcosystem
    account: ClassVar[Account]  # class of accounts in which it has the one of its row

    def __init__(self, model: ContentEcosystem, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def balance(self) -> float:
        """Money that it holds at the end of the week, in hours' wage."""
        return float(self.model.world.ledger.balances[self.account][self.row]) / MICRO


class PlatformAgent(Institution):
    """A platform as a Mesa agent."""

    account = Account.PLATFORMS

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.model.world.platforms[self.row].key

    @property
    def active(self) -> bool:
        """Whether it is open."""
        return bool(self.model.world.market.columns.is_open[self.row])

    @property
    def share(self) -> float:
        """Share of all time on platforms, mean of the last year."""
        return float(self.model.world.market.columns.audience[self.row])


class VendorAgent(Institution):
    """The place of a vendor of models, which one vendor at a time holds."""

    account = Account.VENDORS

    @property
    def name(self) -> str:
        """The name of its place in tables, such as "giant 0": the vendor's kind and the place's number."""
        return self.model.world.vendors[self.row].key

    @property
    def active(self) -> bool:
        """Whether a vendor is in business there."""
        return bool(self.model.world.vendor_state.columns.active[self.row])

    @property
    def share(self) -> float:
        """Share of the use of models."""
        return float(self.model.world.vendor_state.columns.share[self.row])


class Collector(mesa.DataCollector):
    """What Mesa's tools read: the recorder's outcomes, and the rows of platforms and vendors after each week.

    A week only keeps copies of a few arrays; what Mesa reads is made when it is asked for.

    Parameters
    ----------
    model : whose world is read.
    """

    def __init__(self, model: ContentEcosystem) -> None:
        super().__init__(agent_reporters={name: name for name in ("name", "active", "share", "balance")})
        self._model = model
        self._weeks: list[tuple[npt.NDArray[Any], ...]] = []  # active, share, balance of all institutions

    def collect(self, model: ContentEcosystem) -> None:
        """Collect one week's rows of agents; the recorder has its outcomes."""
        world, balances = model.world, model.world.ledger.balances
        market, vendors, n = world.market.columns, world.vendor_state.columns, len(world.vendors)
        self._weeks.append(
            (
                np.concatenate([market.is_open, vendors.active[:n]]),
                np.concatenate([market.audience, vendors.share[:n]]),
                np.concatenate([balances[Account.PLATFORMS], balances[Account.VENDORS][:n]]),
            )
        )
        if hasattr(self, "_collection_steps"):
            self._collection_steps.append(model.steps)

    @property
    def model_vars(self) -> dict[str, list[float]]:
        """Outcomes by name, a value per week."""
        memory = self._model.world.memory
        return {name: values[: memory.weeks].tolist() for name, values in memory.outcomes.items()}

    @model_vars.setter
    def model_vars(self, _: Any) -> None:
        """Mesa empties it at the start, when there is nothing yet."""

    @property
    def _agent_records(self) -> dict[int, list[tuple[Any, ...]]]:
        """Rows (step, agent, name, active, share, balance) by step; before 3.4 Mesa asks for them by place from 0."""
        first = 1 if hasattr(self, "_collection_steps") else 0
        agents = [(agent.unique_id, agent.name) for agent in self._model.agents]
        return {
            first + week: [
                (1 + week, *agent, bool(active), float(share), float(balance) / MICRO)
                for agent, active, share, balance in zip(agents, *columns, strict=True)
            ]
            for week, columns in enumerate(self._weeks)
        }

    @_agent_records.setter
    def _agent_records(self, _: Any) -> None:
        """Mesa empties it at the start, when there is nothing yet."""

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """The recorder's frame, as `ContentEcosystem.outcomes` gives it."""
        return self._model.outcomes()

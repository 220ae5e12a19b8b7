"""Exhibits: samples kept during a run for pictures - works, network, age groups, platforms, flows of money."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.agents.consumers import mean_trust
from sim.base.codes import KINDS, ORIGINS
from sim.base.tables import DIMS
from sim.kernels.columns import read
from sim.money.ledger import MICRO
from sim.run.results import first_averaged

if TYPE_CHECKING:
    import pandas as pd

    from sim.model import ContentEcosystem

HALF_YEAR, MONTH = 26, 4
WORKS_SHOWN = 60  # of each genre and origin, every half-year
PEOPLE_SHOWN, MAKERS_SHOWN = 90, 45  # nodes of the network picture

_WORKS = ("week", "genre", "origin", *(f"c{d}" for d in range(DIMS)), "novelty")
_PLATFORMS = ("week", "platform", "seconds", "generated", "trust")
_FLOWS = ("week", "flow", "amount")


class Exhibits:
    """Rows collected week by week, as arrays of floats; names are put in when frames are made."""

    def __init__(self) -> None:
        self.works = np.zeros((0, len(_WORKS)))
        self.platforms = np.zeros((0, len(_PLATFORMS)))
        self.flows = array("d")  # one row after another
        self.flow_numbers: dict[tuple[str, ...], int] = {}  # of each flow, payer and payee
        self.groups = np.zeros((1, 3), np.int64)

    def collect(self, model: ContentEcosystem) -> None:
        """Keep what this week shows."""
        seconds = model.tallies.group_seconds
        time = model.settings.time
        first = first_averaged(time.weeks, time.burn_in_weeks)
        of_last_year = self.groups.shape == seconds.shape and model.week > first
        self.groups = self.groups + seconds if of_last_year else seconds.copy()
        if model.weeks_since_release % HALF_YEAR == HALF_YEAR - 1:
            self.works = np.concatenate([self.works, _sample_works(model)])
        if model.week % MONTH == MONTH - 1:
            self.platforms = np.concatenate([self.platforms, _platform_rows(model)])
        week, numbers = model.week, self.flow_numbers
        for key, amount in model.ledger.flows.items():
            if amount:
                self.flows.extend((week, numbers.setdefault(key, len(numbers)), amount / MICRO))

    def _flow_rows(self) -> npt.NDArray[Any]:
        return np.array(self.flows, np.float64).reshape(-1, len(_FLOWS))

    def frames(self, model: ContentEcosystem) -> dict[str, pd.DataFrame]:
        """Make the frames; columns as documented in `docs/model.md`."""
        import pandas as pd

        def dated(rows: npt.NDArray[Any], names: tuple[str, ...]) -> pd.DataFrame:
            frame = pd.DataFrame(rows, columns=list(names))
            frame["week"] = frame["week"].astype(int)
            frame.insert(1, "date", pd.Timestamp(model.first_monday) + pd.to_timedelta(7 * frame["week"], unit="D"))
            return frame

        works = dated(self.works, _WORKS)
        works["origin"] = [ORIGINS[int(code)] for code in works["origin"]]
        works["genre"] = works["genre"].astype(int)
        platforms = dated(self.platforms, _PLATFORMS)
        total = platforms.groupby("week")["seconds"].transform("sum")
        platforms["attention_share"] = platforms["seconds"] / total.where(total > 0, 1.0)
        own = platforms["seconds"].where(platforms["seconds"] > 0, 1.0)
        platforms["ai_attention_share"] = platforms["generated"] / own
        platforms["platform"] = [model.platforms[int(k)].key for k in platforms["platform"]]
        flows = dated(self._flow_rows(), _FLOWS)
        names = list(self.flow_numbers)
        parts = [names[int(k)] for k in flows["flow"]]
        flows["flow"], flows["payer"], flows["payee"] = zip(*parts, strict=True) if parts else ([], [], [])
        nodes, edges = _network(model)
        return {
            "works": works, "platforms": platforms.drop(columns=["seconds", "generated"]), "flows": flows,
            "groups": self._group_frame(model), "nodes": nodes, "edges": edges,
        }  # fmt: skip

    def _group_frame(self, model: ContentEcosystem) -> pd.DataFrame:
        import pandas as pd

        people = model.consumers.columns
        groups = len(model.age_groups)
        number = np.bincount(people.age, minlength=groups)
        minutes = read(people.seconds) / 60.0 * 7.0 / model.rules.days
        screen = np.maximum(self.groups[:, 0], 1)
        return pd.DataFrame(
            {
                "age_group": model.age_groups,
                "consumers": number,
                "minutes": np.bincount(people.age, minutes, minlength=groups) / np.maximum(number, 1),
                "deep_time_share": self.groups[:, 1] / screen,
                "trust_mean": np.bincount(people.age, mean_trust(people, 1), minlength=groups) / np.maximum(number, 1),
                "ai_attention_share": self.groups[:, 2] / screen,
            }
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """State as named arrays."""
        return {
            "works": self.works, "platforms": self.platforms, "flows": self._flow_rows(), "groups": self.groups,
            "flow_names": np.array(["|".join(key) for key in self.flow_numbers], "U64"),
        }  # fmt: skip

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        for name in ("works", "platforms", "groups"):
            setattr(self, name, arrays[name].copy())
        self.flows = array("d", arrays["flows"].ravel())
        self.flow_numbers = {tuple(str(name).split("|")): k for k, name in enumerate(arrays["flow_names"])}


def _sample_works(model: ContentEcosystem) -> npt.NDArray[Any]:
    """Some new works of each genre and origin, lowest uids first (uids are hashes)."""
    batch, rows = model.batch, []
    for g in range(model.settings.world.genres):
        for origin in range(len(ORIGINS)):
            mine = np.flatnonzero((batch.genre == g) & (batch.origin == origin))
            rows.append(mine[np.argsort(batch.uid[mine])][:WORKS_SHOWN])
    chosen = np.concatenate(rows)
    week = np.full(len(chosen), model.week)
    return np.column_stack(
        [week, batch.genre[chosen], batch.origin[chosen], batch.concept[chosen], batch.novelty[chosen]]
    ).astype(np.float64)


def _platform_rows(model: ContentEcosystem) -> npt.NDArray[Any]:
    people, t = model.consumers.columns, model.tallies
    k = len(model.platforms)
    return np.column_stack(
        [np.full(k, model.week), np.arange(k), t.platform_seconds, t.origin_seconds[:, 2], mean_trust(people, 0)]
    ).astype(np.float64)


def _network(model: ContentEcosystem) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A sample of consumers, the producers they follow most, and who follows whom among them."""
    import pandas as pd

    people, producers = model.consumers.columns, model.producers.columns
    chosen = np.argsort(people.uid)[:PEOPLE_SHOWN]
    followed = people.follows[chosen]
    count = np.bincount(followed[followed >= 0], minlength=model.producers.n)
    makers = np.argsort(-count, kind="stable")[: min(MAKERS_SHOWN, int((count > 0).sum()))]
    nodes = pd.DataFrame(
        {
            "id": [f"c{i}" for i in chosen] + [f"p{p}" for p in makers],
            "kind": ["consumer"] * len(chosen) + [KINDS[producers.kind[p]] for p in makers],
            "followers": np.concatenate([np.zeros(len(chosen), np.int64), producers.followers[makers]]),
            "genre": np.concatenate([np.full(len(chosen), -1), producers.genre[makers]]),
            "age_group": [model.age_groups[people.age[i]] for i in chosen] + [""] * len(makers),
        }
    )
    edges = [(f"c{i}", f"p{p}") for i, row in zip(chosen, followed, strict=True) for p in row if p in set(makers)]
    shown = set(chosen.tolist())
    for i in chosen:
        friends = model.graph.indices[model.graph.indptr[i] : model.graph.indptr[i + 1]]
        edges += [(f"c{i}", f"c{f}") for f in friends.tolist() if f in shown]
    return nodes, pd.DataFrame(edges, columns=["source", "target"])

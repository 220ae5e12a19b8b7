"""The year's works, four weeks after publication: premium on novelty, Lovelace test, frontier, new ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.base.codes import GENERATED, HUMAN
from sim.base.tables import DIMS, F4, F8, I4, U1, Column, Population
from sim.culture.works import frontier_growth, lovelace_pass, new_ground, poisson_slope, vendi_score
from sim.measures.sums import mean_known

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

YEAR = 52
KEPT_A_YEAR = 12_000  # works of a year that are kept for measurement, a sample keyed by uid where there are more
LEAST_WORKS, LEAST_EXPOSURES, MOST_NEAR = 30, 20, 1_000
CANON_SAMPLE = 256  # works of a canon whose diversity is followed


class Works(NamedTuple):
    """One row per work that has turned four weeks old."""

    concept: Annotated[F4, Column("f4", "concept units", "concept", ("dims",))]
    views: Annotated[F4, Column("f4", "views", "views by then")]
    novelty: Annotated[F4, Column("f4", "1", "novelty at publication")]
    craft: Annotated[F4, Column("f4", "sd", "craft")]
    appeal: Annotated[F4, Column("f4", "utility", "latent appeal")]
    depth: Annotated[F4, Column("f4", "depth", "depth")]
    followers: Annotated[F4, Column("f4", "log people", "log(1 + followers) of its author")]
    pleasure: Annotated[F4, Column("f4", "utility", "satisfaction a use")]
    exposures: Annotated[F4, Column("f4", "exposures", "times shown")]
    cell: Annotated[I4, Column("i4", "row", "first platform times genres plus genre")]
    genre: Annotated[U1, Column("u1", "row", "genre")]
    origin: Annotated[U1, Column("u1", "1", "human, assisted, generated")]


class Cohorts:
    """Works of the running year and of the last one, and what is known from before release."""

    def __init__(self, genres: int, new_items: float) -> None:
        self.kept = min(1.0, KEPT_A_YEAR / (YEAR * new_items))
        self.works = Population(Works, 1024, {"dims": DIMS})
        self.last = Population(Works, 1, {"dims": DIMS})
        self.frozen = np.full(genres, np.nan)  # 95th percentile of human novelty before release
        self.canons: dict[int, F4] = {}
        self.scores: dict[tuple[bytes, float], float | None] = {}  # of these canons, as they will be asked for again

    def measure(self, model: ContentEcosystem) -> dict[str, float | None]:
        """Add this week's works; at the end of a year counted from release, measure and start anew."""
        self._add(model)
        if (model.weeks_since_release + 1) % YEAR:
            return {}
        works = _used(self.works)
        human = works.origin == HUMAN
        if model.weeks_since_release == -1:
            for g in range(len(self.frozen)):
                mine = works.novelty[human & (works.genre == g)]
                self.frozen[g] = np.quantile(mine, 0.95) if len(mine) else np.nan
        values = {
            "creativity_premium": _premium(works, human),
            "frontier_growth": self._frontier(model),
            "new_ground": self._new_ground(works),
        } | self._lovelace(works, human)
        self.last, self.works = self.works, Population(Works, self.works.capacity, {"dims": DIMS})
        return values

    def _add(self, model: ContentEcosystem) -> None:
        mature = model.mature
        kept = (model.streams["cohort"].uniform(0, mature.uid) < self.kept).nonzero()[0]
        items, rows, card = model.items.columns, mature.rows[kept], mature.card.take(kept)
        start = self.works.n
        self.works.n = start + len(rows)
        self.works.reserve(self.works.n)
        works, at = self.works.columns, slice(start, self.works.n)
        for name in ("concept", "craft", "appeal", "depth", "genre", "origin"):
            getattr(works, name)[at] = card[name]
        works.views[at], works.novelty[at] = mature.views[kept], items.novelty[rows]
        works.exposures[at] = items.exposures[rows]
        works.pleasure[at] = items.pleasure[rows] / np.maximum(items.uses[rows], 1)
        works.followers[at] = np.log1p(model.producers.columns.followers[card["producer"]])
        works.cell[at] = items.first[rows].astype(np.int64) * model.settings.world.genres + card["genre"]

    def _lovelace(self, works: Works, human: npt.NDArray[np.bool_]) -> dict[str, float | None]:
        passed = np.zeros(len(works.genre), np.bool_)
        judged = works.exposures >= LEAST_EXPOSURES
        for g in range(len(self.frozen)):
            mine = works.genre == g
            if not (human & mine).any() or np.isnan(self.frozen[g]) or not (human & mine & judged).any():
                continue
            passed[mine] = lovelace_pass(
                works.novelty[mine],
                works.pleasure[mine],
                works.exposures[mine],
                trailing=float(np.quantile(works.novelty[human & mine], 0.95)),
                frozen=float(self.frozen[g]),
                median=float(np.median(works.pleasure[human & mine & judged])),
                least_exposures=LEAST_EXPOSURES,
            )
        rate = {"lovelace_pass_rate": judged & (works.origin == GENERATED), "lovelace_human_rate": judged & human}
        return {name: float(passed[of].mean()) if of.sum() >= LEAST_WORKS else None for name, of in rate.items()}

    def _frontier(self, model: ContentEcosystem) -> float | None:
        growth = []
        for g, canon in enumerate(model.canons):
            now = canon.sample(CANON_SAMPLE).copy()
            if g in self.canons and canon.unit > 0:
                growth.append(frontier_growth(now, self.canons[g], 1.5 * canon.unit, self._score))
            self.canons[g] = now
        kept = {canon.tobytes() for canon in self.canons.values()}
        self.scores = {key: score for key, score in self.scores.items() if key[0] in kept}
        return mean_known(growth)

    def _score(self, canon: F4, length: float) -> float | None:
        """Log Vendi score of a canon; a year later, when it has become last year's, it is not computed again."""
        key = canon.tobytes(), length
        if key not in self.scores:
            self.scores[key] = vendi_score(canon, length)
        return self.scores[key]

    def _new_ground(self, works: Works) -> float | None:
        last = _used(self.last)
        return mean_known(
            [
                new_ground(
                    works.concept[works.genre == g], last.concept[last.genre == g], least=LEAST_WORKS, limit=MOST_NEAR
                )
                for g in range(len(self.frozen))
            ]
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """State as named arrays."""
        own: dict[str, npt.NDArray[Any]] = {"frozen": self.frozen}
        own |= {f"works/{k}": v for k, v in self.works.arrays().items()}
        own |= {f"last/{k}": v for k, v in self.last.arrays().items()}
        return own | {f"canon/{g}": array for g, array in self.canons.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        self.frozen = arrays["frozen"].copy()
        for name in ("works", "last"):
            getattr(self, name).restore(
                {k.removeprefix(name + "/"): v for k, v in arrays.items() if k.startswith(name + "/")}
            )
        self.canons = {int(k.split("/")[1]): v.copy() for k, v in arrays.items() if k.startswith("canon/")}


def _used(table: Population[Works]) -> Works:
    return Works(**{name: column[: table.n] for name, column in table.columns._asdict().items()})


def _premium(works: Works, human: npt.NDArray[np.bool_]) -> float | None:
    """Elasticity of views to novelty over human works, other things equal."""
    if human.sum() < LEAST_WORKS:
        return None
    x: F8 = np.column_stack(
        [np.log(np.maximum(works.novelty, 1e-3)), works.craft, works.appeal, works.depth, works.followers]
    )[human].astype(np.float64)
    fit = poisson_slope(works.views[human].astype(np.float64), x, works.cell[human].astype(np.int64))
    return None if fit is None else fit[0]

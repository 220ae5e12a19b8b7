"""The year's works, four weeks after publication: premium on novelty, Lovelace test, frontier, new ground."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.base.clock import YEAR
from sim.base.codes import GENERATED, HUMAN
from sim.base.tables import F4, F8, Population
from sim.culture.canons import Canon
from sim.culture.novelty import frontier_growth, lovelace_pass, new_ground, poisson_slope, vendi_score
from sim.measures.sums import Values, mean_known
from sim.settings import Settings
from sim.world.memory import Memory, Scores, Works, empty_works
from sim.world.week import Week
from sim.world.world import World

KEPT_PER_YEAR = 12_000  # works of a year that are kept for measurement, a sample keyed by uid where there are more
MIN_WORKS, MIN_EXPOSURES, MAX_NEAR = 30, 20, 1_000
CANON_SAMPLE = 256  # works of a canon whose diversity is followed
FRONTIER_REACH = 1.2  # distance at which works of a canon count as unlike, in units of novelty: assumption


def measure_cohorts(world: World, week: Week, settings: Settings) -> Values:
    """Add this week's works to the year's cohort; at the end of a year, measure the cohort and begin a new one.

    Years are counted from the release of AI; the last one before it sets the novelty that the Lovelace test demands.
    """
    memory = world.memory
    _add_works(world, week, settings)
    if (world.weeks_since_release + 1) % YEAR:
        return {}
    works = _rows_in_use(memory.works)
    human = works.origin == HUMAN
    if world.weeks_since_release == -1:
        for g in range(settings.world.genres):
            mine = works.novelty[human & (works.genre == g)]
            memory.frozen_novelty[g] = np.quantile(mine, 0.95) if len(mine) else np.nan
    values = {
        "creativity_premium": _premium(works, human),
        "frontier_growth": _frontier(memory, world.canons),
        "new_ground": _new_ground(works, _rows_in_use(memory.last_works), settings.world.genres),
    } | _lovelace(works, human, memory.frozen_novelty)
    memory.last_works = memory.works
    memory.works = empty_works()
    memory.works.reserve(memory.last_works.capacity)
    return values


def _add_works(world: World, week: Week, settings: Settings) -> None:
    """Keep the works that have just turned four weeks old, or an even sample of them."""
    mature, table = week.mature, world.memory.works
    part = min(1.0, KEPT_PER_YEAR / (YEAR * settings.world.new_items))
    kept = (world.streams["cohort"].uniform(0, mature.uid) < part).nonzero()[0]
    items, rows, card = world.items.columns, mature.rows[kept], mature.card.take(kept)
    start = table.n
    table.n = start + len(rows)
    table.reserve(table.n)
    works, at = table.columns, slice(start, table.n)
    for name in ("concept", "craft", "appeal", "depth", "genre", "origin"):
        getattr(works, name)[at] = card[name]
    works.uses[at], works.novelty[at] = mature.uses[kept], items.novelty[rows]
    works.exposures[at] = items.exposures[rows]
    works.pleasure[at] = items.pleasure[rows] / np.maximum(items.chance[rows], 1e-9)
    works.followers[at] = np.log1p(world.producers.columns.followers[card["producer"]])
    works.cell[at] = items.first[rows].astype(np.int64) * settings.world.genres + card["genre"]


def _lovelace(works: Works, human: npt.NDArray[np.bool_], frozen: F8) -> Values:
    """Measure the shares of generated and of human works that pass the Lovelace test.

    Parameters
    ----------
    works : all of the year.
    human : which of them are human, shape (n,).
    frozen : novelty that a work of each genre must beat, as it was before release, shape (G,); NaN if unknown.
    """
    passed = np.zeros(len(works.genre), np.bool_)
    judged = works.exposures >= MIN_EXPOSURES
    for g in range(len(frozen)):
        mine = works.genre == g
        if not (human & mine).any() or np.isnan(frozen[g]) or not (human & mine & judged).any():
            continue
        passed[mine] = lovelace_pass(
            works.novelty[mine],
            works.pleasure[mine],
            works.exposures[mine],
            trailing=float(np.quantile(works.novelty[human & mine], 0.95)),
            frozen=float(frozen[g]),
            median=float(np.median(works.pleasure[human & mine & judged])),
            least_exposures=MIN_EXPOSURES,
        )
    rate = {"lovelace_pass_rate": judged & (works.origin == GENERATED), "lovelace_human_rate": judged & human}
    return {name: float(passed[of].mean()) if of.sum() >= MIN_WORKS else None for name, of in rate.items()}


def _frontier(memory: Memory, canons: Sequence[Canon]) -> float | None:
    """Measure how much the diversity of canons has grown in a year, mean over genres; keep samples for the next."""
    growth = []
    for g, canon in enumerate(canons):
        now, before = canon.sample(CANON_SAMPLE).copy(), memory.canons[g]
        if len(before) and canon.unit > 0:
            growth.append(
                frontier_growth(now, before, FRONTIER_REACH * canon.unit, partial(_score_once, memory.scores))
            )
        memory.canons[g] = now
    kept = {canon.tobytes() for canon in memory.canons}
    memory.scores = {key: score for key, score in memory.scores.items() if key[0] in kept}
    return mean_known(growth)


def _score_once(known: Scores, canon: F4, length: float) -> float | None:
    """Compute the log Vendi score of a sample of a canon, unless it is `known` from the year before."""
    key = canon.tobytes(), length
    if key not in known:
        known[key] = vendi_score(canon, length)
    return known[key]


def _new_ground(works: Works, last: Works, genres: int) -> float | None:
    """Measure the share of the year's works that are far from all of last year's, mean over genres."""
    return mean_known(
        [
            new_ground(works.concept[works.genre == g], last.concept[last.genre == g], least=MIN_WORKS, limit=MAX_NEAR)
            for g in range(genres)
        ]
    )


def _rows_in_use(table: Population[Works]) -> Works:
    """Return the columns of a table of works without the rows that are not in use yet; nothing is copied."""
    return Works(**{name: column[: table.n] for name, column in table.columns._asdict().items()})


def _premium(works: Works, human: npt.NDArray[np.bool_]) -> float | None:
    """Estimate the elasticity of uses to novelty among human works (Poisson regression), other things equal."""
    if human.sum() < MIN_WORKS:
        return None
    x: F8 = np.column_stack(
        [np.log(np.maximum(works.novelty, 1e-3)), works.craft, works.appeal, works.depth, works.followers]
    )[human].astype(np.float64)
    fit = poisson_slope(works.uses[human].astype(np.float64), x, works.cell[human].astype(np.int64))
    return None if fit is None else fit[0]

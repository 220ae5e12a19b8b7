"""The year's works at four weeks: premium on novelty, Lovelace test, influence, frontier, new ground."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.base.clock import YEAR
from sim.base.codes import GENERATED, HUMAN
from sim.base.tables import F4, F8, I8, Population
from sim.culture.canons import Canon
from sim.culture.novelty import approach, frontier_growth, lovelace_pass, new_ground, thin, vendi_score
from sim.culture.premium import mean_fit, premium_curve
from sim.kernels.columns import read
from sim.measures.sums import Values, mean_known
from sim.settings import Settings
from sim.world.memory import Memory, Scores, Works, empty_works
from sim.world.week import Week
from sim.world.world import World

KEPT_PER_YEAR = 12_000  # works of a year that are kept for measurement, a sample keyed by uid where there are more
MIN_WORKS, MIN_EXPOSURES, MAX_NEAR = 30, 20, 1_000
ORIGINAL, ORDINARY = 0.9, (0.4, 0.6)  # quantiles of novelty from which works are original, between which ordinary
FEW_ORIGINALS = 10  # originals of a genre whose influence is measured
VIEWERS = 256  # a sample whose tastes stand for all
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
        judged = human & (works.exposures >= MIN_EXPOSURES)
        for g in range(settings.world.genres):
            mine = works.novelty[judged & (works.genre == g)]
            memory.frozen_novelty[g] = np.quantile(mine, 0.95) if len(mine) else np.nan
    last = _rows_in_use(memory.last_works)
    values = {
        "creativity_premium": _premium(world, settings, works, human),
        "originality_influence": _influence(last, works, settings.world.genres),
        "frontier_growth": _frontier(memory, world.canons),
        "new_ground": _new_ground(works, last, settings.world.genres),
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
    works.producer[at] = card["producer"]
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
        if np.isnan(frozen[g]) or not (human & mine & judged).any():
            continue
        passed[mine] = lovelace_pass(
            works.novelty[mine],
            works.pleasure[mine],
            works.exposures[mine],
            trailing=float(np.quantile(works.novelty[human & mine & judged], 0.95)),
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


def _premium(world: World, settings: Settings, works: Works, human: npt.NDArray[np.bool_]) -> float | None:
    """Estimate the elasticity of uses to novelty at the median human work, net of fit to taste; keep the curve."""
    if human.sum() < MIN_WORKS:
        return None
    mine = Works(**{name: column[human] for name, column in works._asdict().items()})
    fit = _fit_to_taste(world, settings, mine)
    controls: F8 = np.column_stack([fit, mine.craft, mine.appeal, mine.depth, mine.followers])
    premium = premium_curve(mine.uses.astype(np.float64), mine.novelty, controls, mine.cell.astype(np.int64))
    if premium is None:
        return None
    for row in zip(premium.novelty, premium.effect, premium.error, strict=True):
        world.memory.premium.add((world.now, *row))
    return premium.elasticity


def _fit_to_taste(world: World, settings: Settings, works: Works) -> F8:
    """How well each work fits the tastes of those who are interested in its genre, shape (n,)."""
    people, attention = world.consumers.columns, settings.attention
    rows = people.uid.argsort()[:VIEWERS]
    tastes, interest = read(people.taste[rows]), np.diff(read(people.affinity[rows]), axis=1, prepend=0.0)
    fit = np.zeros(len(works.genre))
    for g in range(settings.world.genres):
        mine = works.genre == g
        fit[mine] = mean_fit(
            works.concept[mine],
            tastes,
            interest[:, g] + 1e-9,
            strength=attention.beta_taste / attention.taste_length**2,
            dot_product=attention.taste == "dot_product",
        )
    return fit


def _influence(last: Works, works: Works, genres: int) -> float | None:
    """Measure how far this year's works moved towards last year's original ones, more than towards ordinary ones.

    Original are human works in the top decile of novelty. Each is matched with a human work of the genre about the
    median novelty that was used about as often.
    """
    moved = []
    for g in range(genres):
        human = ((last.genre == g) & (last.origin == HUMAN)).nonzero()[0]
        before, later = (last.genre == g).nonzero()[0], (works.genre == g).nonzero()[0]
        count = min(len(before), len(later), MAX_NEAR)
        if len(human) < MIN_WORKS or count < MIN_WORKS:
            continue
        low, high, top = np.quantile(last.novelty[human], (*ORDINARY, ORIGINAL))
        original = thin(human[last.novelty[human] >= top], MAX_NEAR // 5)
        ordinary = human[(last.novelty[human] >= low) & (last.novelty[human] <= high)]
        likeness = np.abs(np.log1p(last.uses[original])[:, None] - np.log1p(last.uses[ordinary])[None, :])
        matched = ordinary[likeness.argmin(axis=1)]
        ahead, after = _evenly(before, count), _evenly(later, count)
        sets = (last.concept[ahead], last.producer[ahead]), (works.concept[after], works.producer[after])
        gap = approach(last.concept[original], last.producer[original], *sets, least=MIN_WORKS)
        gap -= approach(last.concept[matched], last.producer[matched], *sets, least=MIN_WORKS)
        known = gap[np.isfinite(gap)]
        if len(known) >= FEW_ORIGINALS:
            moved.append(float(known.mean()))
    return mean_known(moved)


def _evenly(rows: I8, count: int) -> I8:
    """Pick `count` rows, evenly spaced."""
    return rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)]

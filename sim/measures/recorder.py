"""Recorder: outcomes per week into preallocated columns, and the frames shown beside them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.agents.vendors import data_leans
from sim.base.averages import SPAN
from sim.base.clock import MONTH, YEAR
from sim.base.groups import by_kind
from sim.base.tables import F8, I8
from sim.culture.novelty import pair_similarity, rms_pair_distance
from sim.measures.attention import measure_attention, measure_depth
from sim.measures.bounds import measure_bounds
from sim.measures.checks import measure_checks
from sim.measures.cohorts import measure_cohorts
from sim.measures.creators import measure_creators
from sim.measures.exhibits import collect_exhibits
from sim.measures.interactive import measure_interactive
from sim.measures.labour import measure_commissions, measure_labour
from sim.measures.listings import measure_listings
from sim.measures.money import measure_costs, measure_money
from sim.measures.platforms import measure_immersive, measure_platforms
from sim.measures.quality import measure_quality
from sim.measures.questions import measure_questions
from sim.measures.sums import MIN_EVENTS, Values, count, mean_known, ratio
from sim.measures.supply import measure_collaboration, measure_supply
from sim.measures.truth import measure_truth
from sim.measures.vendors import measure_vendors
from sim.settings import Settings
from sim.world.memory import Memory
from sim.world.week import Week
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd


SIMILAR_PAIRS = 128  # items of a genre over whose pairs similarity is taken
QUANTILES = (np.arange(SIMILAR_PAIRS) + 0.5) / SIMILAR_PAIRS  # of the week's seconds, at which items are drawn
TRAINING = (
    "synthetic_training_share",
    "licensed_training_share",
    "training_diversity",
    "vendor_variety",
)  # outcomes of training alone


def kendall_distance(before: F8, now: F8 | I8) -> float | None:
    """Share of pairs of entries whose order in `before` is reversed in `now`; None with fewer than two entries."""
    n = len(before)
    changed = (before[:, None] - before) * (now[:, None] - now) < 0  # every pair twice
    return count(changed) / (n * (n - 1)) if n > 1 else None


def record(world: World, week: Week, settings: Settings) -> None:
    """Write the week's outcomes into one row of the record, and keep what exhibits show."""
    _calibrate_similarity(world, week, settings)
    for name, value in measure_all(world, week, settings).items():
        if value is not None:
            world.memory.outcomes[name][world.now] = value
    collect_exhibits(world, week, settings)
    world.memory.weeks = world.now + 1


def measure_all(world: World, week: Week, settings: Settings) -> Values:
    """Measure all outcomes of this week; values by name."""
    row: Values = {}
    for part in (
        measure_supply, measure_quality, measure_listings, measure_collaboration, measure_attention, measure_depth,
        measure_truth, measure_bounds,
        measure_interactive, measure_questions, measure_money, measure_costs, measure_vendors,
        measure_platforms, measure_immersive, measure_labour, measure_commissions, measure_checks,
        _turnover, _perception, _training, _similarity, measure_cohorts, measure_creators,
    ):  # fmt: skip
        row |= part(world, week, settings)
    return row


def _calibrate_similarity(world: World, week: Week, settings: Settings) -> None:
    """Until release, update each genre's unit of similarity: a running mean of the distance of pairs of new items."""
    memory = world.memory
    if world.weeks_since_release >= 0:
        return
    batch = week.batch
    for g in range(settings.world.genres):
        length = rms_pair_distance(batch.concept[batch.genre == g])
        if length is not None:
            old = memory.similarity_length[g]
            memory.similarity_length[g] = length if old == 0.0 else old + (length - old) / SPAN


def _turnover(world: World, week: Week, settings: Settings) -> Values:
    """Compare the ranking of platforms by seconds with that of the same week a year ago, by Kendall distance."""
    memory = world.memory
    past, now = memory.past_seconds[:, world.now % YEAR].copy(), week.tallies.platform_seconds
    memory.past_seconds[:, world.now % YEAR] = now
    there = (past > 0) | (now > 0)
    return {"rank_turnover": kendall_distance(past[there], now[there]) if world.now >= YEAR else None}


def _perception(world: World, week: Week, settings: Settings) -> Values:
    """Measure the shares of generated and of human items that viewers took for human, over the last four weeks."""
    memory = world.memory
    memory.calls[world.now % MONTH] = week.tallies.calls
    human, n_human, generated, n_generated = memory.calls.sum(axis=0)
    return {
        "turing_pass_rate": ratio(generated, n_generated, MIN_EVENTS),
        "human_pass_rate": ratio(human, n_human, MIN_EVENTS),
    }


def _training(world: World, week: Week, settings: Settings) -> Values:
    """Measure what models learned at their last training: synthetic and licensed shares, diversity, vendors' variety.

    Diversity is relative to the first training. Between trainings the values of the week before hold.
    """
    memory = world.memory
    since = world.weeks_since_release
    if memory.weeks > 0 and (since < 0 or since % settings.culture.retrain_weeks):
        return {name: memory.outcomes[name][world.now - 1] for name in TRAINING}
    memory.diversity = np.array([corpus.diversity or np.nan for corpus in world.corpora])
    first = np.isnan(memory.first_diversity)
    memory.first_diversity[first] = memory.diversity[first]
    trained = [corpus for corpus in world.corpora if corpus.trained]
    change = memory.diversity / memory.first_diversity
    values = (
        mean_known([corpus.synthetic_share for corpus in trained]),
        mean_known([corpus.licensed_share for corpus in trained]),
        mean_known([float(value) for value in change if np.isfinite(value)]),
        _vendor_variety(world, week, settings) if trained else None,
    )
    return dict(zip(TRAINING, values, strict=True))


def _vendor_variety(world: World, week: Week, settings: Settings) -> float | None:
    """Part of the variance of what models learned that lies between vendors, weighted by use; mean over genres."""
    use, state = week.frontier.shares, world.vendor_state.columns
    vendors, parts = use.nonzero()[0], []
    for g, corpus in enumerate(world.corpora):
        leans = data_leans(state, vendors, np.full(len(vendors), g), world.streams["lean"], settings)
        views = [corpus.view(lean) for lean in leans] if len(corpus.exemplars) else []
        if views:
            means, weight = np.array([view.middle for view in views]), use[vendors] / use.sum()
            between = float(weight @ np.square(means - weight @ means).sum(axis=1))
            within = means.shape[1] * float(weight @ [view.variance for view in views])
            parts.append(between / (between + within) if between > 0.0 else 0.0)
    return mean_known(parts)


def _similarity(world: World, week: Week, settings: Settings) -> Values:
    """Measure the mean similarity of pairs of new items, and of pairs of items used (drawn by their seconds)."""
    items, batch = world.items.columns, week.batch
    new, lengths = batch.uid.argsort(), world.memory.similarity_length.tolist()
    used = ((items.week_seconds > 0) & (items.alive > 0)).nonzero()[0]
    used, genres = used[items.uid[used].argsort()], len(lengths)
    among_new, among_used = [], []
    for length, mine in zip(lengths, by_kind(new, batch.genre[new], genres), strict=True):
        chosen = mine[:: max(1, len(mine) // SIMILAR_PAIRS)][:SIMILAR_PAIRS]
        among_new.append(_alike(batch.concept.take(chosen, axis=0), length))
    for length, mine in zip(lengths, by_kind(used, items.card["genre"][used], genres), strict=True):
        if mine.size > 1:
            total = items.week_seconds[mine].cumsum()
            drawn = mine[total.searchsorted(QUANTILES * total[-1])]
            among_used.append(_alike(items.card.take(drawn)["concept"], length))
    return {"pair_similarity": mean_known(among_new), "feed_similarity": mean_known(among_used)}


def outcome_frame(memory: Memory, first_monday: dt.date) -> pd.DataFrame:
    """Table of the outcomes so far: index `date` (Mondays), `week`, and one column per outcome."""
    import pandas as pd

    dates = pd.date_range(first_monday, periods=memory.weeks, freq="7D", name="date")
    data = {"week": np.arange(memory.weeks)} | {
        name: column[: memory.weeks] for name, column in memory.outcomes.items()
    }
    return pd.DataFrame(data, index=dates)


def _alike(concepts: npt.NDArray[Any], length: float) -> float | None:
    """Mean similarity over all pairs of some concepts, given a genre's unit `length`; None until that is known."""
    return pair_similarity(concepts, length) if length > 0 else None

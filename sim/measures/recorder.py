"""Recorder: outcomes per week into preallocated columns, and the frames shown beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.base.averages import SPAN
from sim.base.groups import by_kind
from sim.base.outcomes import OUTCOMES
from sim.base.tables import F8, I8
from sim.culture.works import pair_similarity, rms_pair_distance
from sim.measures.attention import measure_attention, measure_depth
from sim.measures.checks import measure_checks
from sim.measures.cohorts import YEAR, Cohorts
from sim.measures.exhibits import Exhibits
from sim.measures.interactive import measure_interactive
from sim.measures.labour import measure_commissions, measure_labour
from sim.measures.money import measure_costs, measure_money
from sim.measures.platforms import measure_immersive, measure_platforms
from sim.measures.questions import measure_questions
from sim.measures.sums import LEAST_EVENTS, Values, count, mean_known, ratio
from sim.measures.supply import measure_collaboration, measure_quality, measure_supply
from sim.measures.truth import measure_truth
from sim.measures.vendors import measure_vendors

if TYPE_CHECKING:
    import pandas as pd

    from sim.model import ContentEcosystem

SIMILAR_PAIRS = 128  # items of a genre over whose pairs similarity is taken
PLACES = (np.arange(SIMILAR_PAIRS) + 0.5) / SIMILAR_PAIRS  # of these in the week's seconds
TRAINING = ("synthetic_training_share", "licensed_training_share", "training_diversity")  # outcomes of training alone


def kendall_distance(before: F8, now: F8 | I8) -> float | None:
    """Share of pairs whose order has changed; None with fewer than two."""
    n = len(before)
    changed = (before[:, None] - before) * (now[:, None] - now) < 0  # every pair twice
    return count(changed) / (n * (n - 1)) if n > 1 else None


class Recorder:
    """Columns of outcomes, one row a week; NaN stands for null. It reads the model and writes only its own state."""

    _OWN = ("calls", "past_seconds", "similarity_length", "diversity", "diversity_at_start")

    def __init__(self, model: ContentEcosystem) -> None:
        weeks, world = model.settings.time.weeks, model.settings.world
        self.columns: dict[str, F8] = {name: np.full(weeks, np.nan) for name in OUTCOMES}
        self.first_monday = model.first_monday
        self.calls = np.zeros((4, 4))  # the last four weeks' tallies of calls
        self.past_seconds = np.zeros((len(model.platforms), YEAR))  # of each platform in the last 52 weeks
        self.similarity_length = np.zeros(world.genres)  # distance at which items look alike
        self.cohorts = Cohorts(world.genres, world.new_items)
        self.shown = Exhibits()
        self.diversity = np.full(world.genres, np.nan)  # of the corpora at their last training
        self.diversity_at_start = np.full(world.genres, np.nan)  # at their first
        self.weeks = 0

    def record(self, model: ContentEcosystem) -> None:
        """Write one row."""
        self._calibrate_similarity(model)
        row: Values = {}
        for part in (
            measure_supply, measure_quality, measure_collaboration, measure_attention, measure_depth, measure_truth,
            measure_interactive, measure_questions, measure_money, measure_costs, measure_vendors,
            measure_platforms, measure_immersive, measure_labour, measure_commissions, measure_checks,
            self._turnover, self._perception, self._training, self._similarity, self.cohorts.measure,
        ):  # fmt: skip
            row |= part(model)
        for name, value in row.items():
            if value is not None:
                self.columns[name][model.week] = value
        self.shown.collect(model)
        self.weeks = model.week + 1

    def _calibrate_similarity(self, model: ContentEcosystem) -> None:
        """Until release, follow the unit in which similarity is measured; then keep it."""
        if model.weeks_since_release >= 0:
            return
        batch = model.batch
        for g in range(model.settings.world.genres):
            length = rms_pair_distance(batch.concept[batch.genre == g])
            if length is not None:
                old = self.similarity_length[g]
                self.similarity_length[g] = length if old == 0.0 else old + (length - old) / SPAN

    def _turnover(self, model: ContentEcosystem) -> Values:
        """Order of the platforms against that of the same week a year ago."""
        past, now = self.past_seconds[:, model.week % YEAR].copy(), model.tallies.platform_seconds
        self.past_seconds[:, model.week % YEAR] = now
        there = (past > 0) | (now > 0)
        return {"rank_turnover": kendall_distance(past[there], now[there]) if model.week >= YEAR else None}

    def _perception(self, model: ContentEcosystem) -> Values:
        self.calls[model.week % 4] = model.tallies.calls
        human, n_human, generated, n_generated = self.calls.sum(axis=0)
        return {
            "turing_pass_rate": ratio(generated, n_generated, LEAST_EVENTS),
            "human_pass_rate": ratio(human, n_human, LEAST_EVENTS),
        }

    def _training(self, model: ContentEcosystem) -> Values:
        """Shares and diversity of what models learned from; until models are trained again, those of last week."""
        since = model.weeks_since_release
        if self.weeks > 0 and (since < 0 or since % model.settings.culture.retrain_weeks):
            return {name: self.columns[name][model.week - 1] for name in TRAINING}
        self.diversity = np.array([corpus.diversity or np.nan for corpus in model.corpora])
        first = np.isnan(self.diversity_at_start)
        self.diversity_at_start[first] = self.diversity[first]
        trained = [corpus for corpus in model.corpora if corpus.trained]
        change = self.diversity / self.diversity_at_start
        values = (
            mean_known([corpus.synthetic_share for corpus in trained]),
            mean_known([corpus.licensed_share for corpus in trained]),
            mean_known([float(value) for value in change if np.isfinite(value)]),
        )
        return dict(zip(TRAINING, values, strict=True))

    def _similarity(self, model: ContentEcosystem) -> Values:
        """Look-alikes among new items, and among what was used (items drawn by seconds)."""
        items, batch = model.items.columns, model.batch
        new, lengths = batch.uid.argsort(), self.similarity_length.tolist()
        used = ((items.week_seconds > 0) & (items.alive > 0)).nonzero()[0]
        used, genres = used[items.uid[used].argsort()], len(lengths)
        among_new, among_used = [], []
        for length, mine in zip(lengths, by_kind(new, batch.genre[new], genres), strict=True):
            chosen = mine[:: max(1, len(mine) // SIMILAR_PAIRS)][:SIMILAR_PAIRS]
            among_new.append(_alike(batch.concept.take(chosen, axis=0), length))
        for length, mine in zip(lengths, by_kind(used, items.card["genre"][used], genres), strict=True):
            if mine.size > 1:
                total = items.week_seconds[mine].cumsum()
                drawn = mine[total.searchsorted(PLACES * total[-1])]
                among_used.append(_alike(items.card.take(drawn)["concept"], length))
        return {"pair_similarity": mean_known(among_new), "feed_similarity": mean_known(among_used)}

    def frame(self) -> pd.DataFrame:
        """The outcomes so far: index `date` (Mondays), `week`, one column an outcome."""
        import pandas as pd

        dates = pd.date_range(self.first_monday, periods=self.weeks, freq="7D", name="date")
        data = {"week": np.arange(self.weeks)} | {name: column[: self.weeks] for name, column in self.columns.items()}
        return pd.DataFrame(data, index=dates)

    def exhibits(self, model: ContentEcosystem) -> dict[str, pd.DataFrame]:
        """The frames shown beside the outcomes."""
        return self.shown.frames(model)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """State as named arrays."""
        own = {name: getattr(self, name) for name in self._OWN}
        own["weeks"] = np.array(self.weeks)
        own |= {f"column/{name}": column for name, column in self.columns.items()}
        own |= {f"cohorts/{name}": array for name, array in self.cohorts.arrays().items()}
        own |= {f"shown/{name}": array for name, array in self.shown.arrays().items()}
        return {name: np.array(array) for name, array in own.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take up what `arrays` gave."""
        for name in self._OWN:
            setattr(self, name, arrays[name].copy())
        self.weeks = int(arrays["weeks"])
        for name in self.columns:
            self.columns[name] = arrays[f"column/{name}"].copy()
        for part, holder in (("cohorts/", self.cohorts), ("shown/", self.shown)):
            holder.restore({k.removeprefix(part): v for k, v in arrays.items() if k.startswith(part)})


def _alike(concepts: npt.NDArray[Any], length: float) -> float | None:
    """Similarity over the pairs of some concepts; None before `length` is known."""
    return pair_similarity(concepts, length) if length > 0 else None

"""Concept space: how humans and AI make concepts, what genres remember, and how novelty and look-alikes are measured.

Parameters come in as keyword arguments; random draws are keyed by the uid of the item they belong to. A stream's
draws are numbered from 0 within each function, so functions that serve the same items take streams of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.spatial.distance import pdist, squareform

from sim.base.randomness import Stream
from sim.base.tables import B1, F4, F8, I4, I8, U8, whole
from sim.kernels.concepts import blend_neighbours, keep_highest, local_spread, nearest, prompted_seeds
from sim.kernels.measures import pair_gaps

Array = npt.NDArray[Any]

_LEAST_NOVELTY = 0.05  # seeds' weights stay finite for exact copies; human items do not come as close as this
_SAMPLE = 256  # rows from which measures over all pairs are taken
NONE: I8 = np.zeros(0, np.int64)  # of some points in a bank
_LOTS = 5  # uniform numbers that vary a seed: two pick its neighbours, three weigh them


# Concepts


def human_concepts(home: Array, imagination: Array, *, scale: Any, stream: Stream, step: int, uids: U8) -> F8:
    """Draw human concepts: a heavy-tailed step from home (multivariate Student t, 3 degrees of freedom).

    Parameters
    ----------
    home : position of the author in the genre, shape (n, D).
    imagination : size of the author's steps, shape (n,).
    scale : the genre's unit of length, a number or shape (n,).

    Returns
    -------
    Shape (n, D).
    """
    dims = home.shape[1]
    z = stream.normals(step, uids, dims + 3)
    tail = np.sqrt(3.0 / np.square(z[:, dims:]).sum(axis=1))  # shared by all axes: the t has no preferred axis
    return np.asarray(home + (imagination * scale * tail)[:, None] * z[:, :dims])


def recombination_weights(
    imagination: Array,
    *,
    rate: float,
    reference: float,
    cap: float,
    low: float,
    high: float,
    stream: Stream,
    step: int,
    uids: U8,
) -> F8:
    """Weight of another genre in each concept: some are blended with it, the more imaginative the author the more.

    Parameters
    ----------
    imagination : shape (n,).
    rate : probability at imagination `reference`; it grows in proportion up to `cap` times that.
    low, high : bounds of the uniform weight of the other genre.

    Returns
    -------
    Shape (n,), 0 where nothing is blended.
    """
    p = rate * np.minimum(cap, imagination / reference)
    u = stream.uniforms(step, uids, 2)
    return np.where(u[:, 0] < p, low + (high - low) * u[:, 1], 0.0)


def assisted(own: Array, drafts: Array, share: Any) -> F8:
    """Blend an author's concept with AI drafts and keep the blend nearest to the author's own concept.

    Parameters
    ----------
    own : shape (n, D).
    drafts : shape (n, drafts, D).
    share : weight of the draft, a number or shape (n,).

    Returns
    -------
    Shape (n, D).
    """
    kept = np.square(drafts - own[:, None, :]).sum(axis=2).argmin(axis=1)
    weight = np.reshape(np.asarray(share, np.float64), (-1, 1))
    return np.asarray((1.0 - weight) * own + weight * drafts[np.arange(len(own)), kept])


def assisted_craft(craft: Array, skill: Array, share: Any, *, gain: float, ceiling: float, prompt_skill: Any) -> F8:
    """Raise craft by AI help: the less skilled gain more (Noy & Zhang 2023), and skilled prompting scales the gain.

    Craft, skill and `ceiling` are in standard deviations of skill; `prompt_skill` is 1 for the average author.
    """
    return np.asarray(craft + share * gain * prompt_skill * np.maximum(0.0, ceiling - skill))


# What a genre remembers


def neighbour_count(size: int) -> int:
    """Neighbours among `size` exemplars: a fiftieth, at least 3 (a fixed number would make novelty drift with size)."""
    return max(3, size // 50)


def thin(rows: Array, limit: int) -> Array:
    """Take at most `limit` evenly spaced rows."""
    return rows[:: -(-len(rows) // limit)] if len(rows) > limit else rows


def _ranked(points: Array, bank: Array, k: int, own: I8 = NONE) -> tuple[I4, F8]:
    result: tuple[I4, F8] = nearest(
        np.ascontiguousarray(points, np.float32), np.ascontiguousarray(bank, np.float32), own, k
    )
    return result


def fading_keys(attention: Array, uids: U8, *, now: float, memory: float, stream: Stream) -> F8:
    """Draw the keys of items in a canon, whose weight is attention + 1 and fades; shape (n,).

    Parameters
    ----------
    attention : views so far, shape (n,).
    now : week of the offer.
    memory : time constant of fading in weeks.
    """
    return np.asarray(np.log(attention + 1.0) + now / memory + stream.gumbel(0, uids), np.float64)


class Canon:
    """What one genre remembers: an exact weighted reservoir whose weights fade (Efraimidis & Spirakis 2006).

    `concepts` (n, D), `keys` and `uids` (n,) hold the n <= size items kept, highest key first. `unit` is
    the median leave-one-out distance to the nearest exemplars, 0 with fewer than two.
    """

    def __init__(self, size: int, dims: int) -> None:
        """Start empty; `size` is the number of items kept."""
        self._room = np.zeros(size), np.zeros(size, np.uint64), np.zeros((size, dims), np.float32)
        self._hold(0)
        self.unit, self.frozen = 0.0, False

    def _hold(self, count: int) -> None:
        """Show the rows that are taken of the room that there is."""
        keys, uids, concepts = self._room
        self.keys, self.uids, self.concepts = keys[:count], uids[:count], concepts[:count]

    def offer(self, concepts: Array, keys: F8, uids: U8) -> None:
        """Offer items, each once in its life; one that is already held is left as it is.

        Parameters
        ----------
        concepts : shape (n, D).
        keys : of `fading_keys`, shape (n,).
        uids : shape (n,).
        """
        if len(uids) == 0:
            return
        self._hold(keep_highest(*self._room, len(self.keys), keys, uids, np.ascontiguousarray(concepts, np.float32)))
        if not self.frozen:
            size = len(self.keys)
            self.unit = float(np.median(self._distance(self.concepts, np.arange(size)))) if size > 1 else 0.0

    def _distance(self, points: Array, own: I8) -> F8:
        k = min(neighbour_count(len(self.keys)), len(self.keys) - 1)
        return np.asarray(_ranked(points, self.concepts, k, own)[1].sum(axis=1) / k)

    def freeze(self) -> None:
        """Keep the unit from now on: one that follows the canon would hide or fake a change of novelty."""
        self.frozen = True

    def novelty(self, concepts: Array, own: I8 = NONE) -> F8:
        """Mean distance to the nearest exemplars over the unit, shape (n,).

        A canon of fewer than two works, or one of copies only, has no unit: every item then has novelty 1.

        Parameters
        ----------
        concepts : shape (n, D).
        own : exemplar that an item is itself and that is left out, or -1; shape (n,), or `NONE` where no item is.
        """
        if len(self.keys) < 2 or self.unit == 0.0:
            return np.ones(len(concepts))
        return self._distance(concepts, own) / self.unit

    def sample(self, count: int) -> F4:
        """Concepts of a fixed subsample: the lowest uids, which are hashes, so an item's place does not depend on
        when one asks; at most `count` rows.
        """
        return self.concepts[np.argsort(self.uids)[:count]]

    def copy(self) -> Canon:
        """Return an independent copy."""
        twin = copy(self)
        keys, uids, concepts = self._room
        twin._room = keys.copy(), uids.copy(), concepts.copy()
        twin._hold(len(self.keys))
        return twin

    def arrays(self) -> dict[str, Array]:
        """Export the state as named arrays."""
        names = ("concepts", "keys", "uids", "unit", "frozen")
        return {name: np.array(getattr(self, name)) for name in names}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over a state exported by `arrays`."""
        self._hold(len(arrays["keys"]))
        self.keys[:], self.uids[:], self.concepts[:] = (arrays[name] for name in ("keys", "uids", "concepts"))
        self.unit, self.frozen = float(arrays["unit"]), bool(arrays["frozen"])


# What AI learns from and makes


_TRAITS = ("concepts", "attention", "novelty", "synthetic", "licensed")


@lru_cache(8)
def _work(dims: int) -> np.dtype[Any]:
    """Record of a work in a corpus."""
    return np.dtype([("concepts", np.float32, (dims,)), *((name, np.float32) for name in _TRAITS[1:])])


def works_of(concepts: Array, attention: Any, novelty: Any, synthetic: Any, licensed: Any = 0.0) -> Array:
    """Works as a corpus takes them, each a record that is held as a single value (`tables.whole`); shape (n,).

    Parameters
    ----------
    concepts : shape (n, D).
    attention, novelty : views, and novelty at publication; numbers or shape (n,).
    synthetic : AI's part in an item, 0 to 1.
    licensed : 1 where an item is used by licence.
    """
    made = np.empty(len(concepts), _work(concepts.shape[1]))
    for name, value in zip(_TRAITS, (concepts, attention, novelty, synthetic, licensed), strict=True):
        made[name] = value
    return whole(made)


class Corpus:
    """What models learn one genre from.

    Offers fill the corpus; only `retrain` changes what imitations are drawn from. `accumulate` keeps an even sample
    of everything offered, `replace` one of what was offered since the last training, `fixed_size` the latest, and
    `frozen` nothing offered after the first training.
    """

    _TRAINED = ("exemplars", "cumulative", "neighbours", "local_sd", "learned_synthetic", "learned_licensed")

    def __init__(self, capacity: int, centre: Array, mode: str) -> None:
        """Start empty, for at most `capacity` items of a genre about `centre`, shape (D,)."""
        self.capacity, self.centre, self.mode = capacity, np.asarray(centre, np.float64), mode
        self.works = whole(np.zeros(0, _work(len(self.centre))))  # highest key first
        self.keys: F8 = np.zeros(0)
        self.taken = 0  # works offered since the last training
        self.trained = self.closed = False
        self.exemplars: F4 = self.column("concepts")
        self.cumulative: F8 = np.zeros(0)
        self.neighbours: I4 = np.zeros((0, 1), np.int32)
        self.local_sd: F8 = np.zeros(0)
        self.learned_synthetic: F4 = self.column("synthetic")
        self.learned_licensed: F4 = self.column("licensed")
        self.width: float | None = None  # rms distance of two exemplars

    def column(self, name: str) -> F4:
        """One trait of all works, or their concepts."""
        return self.works.view(_work(len(self.centre)))[name]

    def offer(self, works: Array, u: F8, *, step: int) -> None:
        """Offer items, each once.

        Parameters
        ----------
        works : of `works_of`, shape (n,).
        u : uniform numbers that say which are kept, shape (n,).
        step : orders offers in time.
        """
        if len(works) == 0 or (self.mode == "frozen" and self.trained):
            return
        self.taken += len(works)
        keys = u + (step if self.mode == "fixed_size" else 0)
        held = 0 if self.mode == "replace" and self.closed else len(self.keys)
        self.closed = False
        if held == self.capacity and keys.max() <= self.keys[-1]:  # nothing new enters
            return
        keys = np.concatenate([self.keys[:held], keys])
        kept = (-keys).argsort(kind="stable")[: self.capacity]
        self.keys = keys.take(kept)
        self.works = np.concatenate([self.works[:held], works]).take(kept)

    def retrain(self, *, familiarity: float, neighbours: int) -> None:
        """Learn from the corpus as it is now.

        Parameters
        ----------
        familiarity : exponent gamma of the preference for the familiar; seeds are drawn in proportion to
            attention / novelty^gamma, evenly where nothing got any attention.
        neighbours : exemplars near the seed among which the other two of an average are drawn (0: copies of seeds).
        """
        size = len(self.keys)
        self.trained, self.closed, self.taken = True, True, 0
        self.exemplars, self.learned_synthetic, self.learned_licensed = (
            self.column(name).copy() for name in ("concepts", "synthetic", "licensed")
        )
        near = min(neighbours, size - 1)
        if near > 0:
            self.neighbours = _ranked(self.exemplars, self.exemplars, near, np.arange(size))[0]
            self.local_sd = local_spread(self.exemplars, self.neighbours)
        else:
            self.neighbours, self.local_sd = np.arange(size, dtype=np.int32)[:, None], np.zeros(size)
        self.width = rms_pair_distance(self.exemplars)
        novelty = np.maximum(self.column("novelty").astype(np.float64), _LEAST_NOVELTY)
        weight = self.column("attention") * novelty**-familiarity
        total = np.cumsum(weight if weight.sum() > 0.0 else np.ones(size))
        self.cumulative = total / total[-1] if size else total

    @property
    def synthetic_share(self) -> float:
        """AI's part in the exemplars learned from, 0 to 1 (0 where there are none)."""
        return float(self.learned_synthetic.mean()) if len(self.learned_synthetic) else 0.0

    @property
    def licensed_share(self) -> float:
        """Part of the exemplars learned from that are used by licence (0 where there are none)."""
        return float(self.learned_licensed.mean()) if len(self.learned_licensed) else 0.0

    @property
    def diversity(self) -> float | None:
        """Mean distance of two exemplars learned from, on at most 256 of them; None with fewer than two."""
        rows = thin(self.exemplars, _SAMPLE)
        return float(pdist(rows).mean()) if len(rows) > 1 else None

    def copy(self) -> Corpus:
        """Return an independent copy."""
        twin = copy(self)
        for name in ("works", "keys", *self._TRAINED):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def arrays(self) -> dict[str, Array]:
        """Export the state as named arrays."""
        names = ("keys", *self._TRAINED, "trained", "closed", "taken")
        works = {name: self.column(name).copy() for name in _TRAITS}
        return works | {name: np.array(getattr(self, name)) for name in names}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over a state exported by `arrays`."""
        self.works = works_of(*(arrays[name] for name in _TRAITS))
        for name in ("keys", *self._TRAINED):
            setattr(self, name, arrays[name].copy())
        self.trained, self.closed = bool(arrays["trained"]), bool(arrays["closed"])
        self.taken, self.width = int(arrays["taken"]), rms_pair_distance(self.exemplars)


def imitate(
    corpora: Sequence[Corpus], mine: Sequence[slice], *, temperature: float, stream: Stream, step: int, uids: U8
) -> F8:
    """Make unprompted AI concepts; an empty corpus yields the genre's centre.

    A seed is averaged with two exemplars near it (Dirichlet(1) weights) and blurred by normal noise of
    `temperature` times the standard deviation, per axis, of the seed's neighbours.

    Parameters
    ----------
    corpora : of some genres.
    mine : for each of them, which items it makes.
    uids : of the items, shape (n,).

    Returns
    -------
    Shape (n, D).
    """
    made = np.empty((len(uids), len(corpora[0].centre)))
    u = stream.uniforms(step, uids, 1 + _LOTS)
    luck = _luck(u[:, 1:], stream.normals(step, uids, made.shape[1], 1 + _LOTS))
    for corpus, rows in zip(corpora, mine, strict=True):
        size = len(corpus.exemplars)
        if size == 0:
            made[rows] = corpus.centre
        elif made[rows].size:
            seeds = corpus.cumulative.searchsorted(u[rows, 0], side="right")
            made[rows] = _vary(corpus, np.minimum(seeds, size - 1), rows, luck, temperature)
    return made


def prompt(
    corpora: Sequence[Corpus],
    mine: Sequence[slice],
    prompts: Array,
    *,
    lengths: Sequence[float],
    drafts: int,
    candidates: int,
    temperature: float,
    stream: Stream,
    step: int,
    uids: U8,
) -> F8:
    """Make AI concepts near prompts; an empty corpus returns the prompt.

    Parameters
    ----------
    corpora : of some genres.
    mine : for each of them, which prompts it gets; a slice with both ends.
    prompts : humans' own concepts, shape (n, D).
    lengths : for each corpus, distance at which likeness to the prompt fades (a quarter of the rms pair distance).
    drafts : concepts a prompt.
    candidates : seeds drawn as for `imitate`, of which one near the prompt is chosen.
    uids : of the prompts, shape (n,).

    Returns
    -------
    Shape (n, drafts, D).
    """
    count, dims = prompts.shape
    made = np.repeat(np.asarray(prompts, np.float64), drafts, axis=0)
    first = np.tile(drafts * (candidates + 1) + np.arange(drafts) * (_LOTS + dims), count)  # draw of each draft
    each = np.repeat(uids, drafts)
    luck = _luck(stream.uniforms(step, each, _LOTS, first), stream.normals(step, each, dims, first + _LOTS))
    points, start = np.ascontiguousarray(prompts, np.float32), (stream.key, np.uint64(step))
    for corpus, rows, length in zip(corpora, mine, lengths, strict=True):
        if len(corpus.exemplars) and len(uids[rows]):
            seeds = prompted_seeds(
                points[rows], corpus.exemplars, corpus.cumulative, length, start, uids[rows], drafts, candidates
            )
            its = slice(rows.start * drafts, rows.stop * drafts)
            made[its] = _vary(corpus, seeds.ravel(), its, luck, temperature)
    return made.reshape(count, drafts, dims)


def _luck(u: F8, noise: F8) -> tuple[F8, F8, F8]:
    """What blurs seeds, as `blend_neighbours` takes it: of uniform numbers, shape (n, `_LOTS`), and normal ones."""
    return np.ascontiguousarray(u[:, :2]), -np.log(u[:, 2:]), noise


def _vary(corpus: Corpus, seeds: I8, rows: slice, luck: tuple[F8, F8, F8], temperature: float) -> F8:
    """Blur seeds by their rows of `luck`; shape (n, D)."""
    pick, lots, noise = luck
    made: F8 = blend_neighbours(
        seeds, pick[rows], lots[rows], noise[rows], corpus.exemplars, corpus.neighbours, corpus.local_sd, temperature
    )
    return made


# Being taken for AI


def d_prime_of_accuracy(accuracy: Any) -> Any:
    """Sensitivity of an unbiased judge who is right with this probability (Green & Swets 1966)."""
    return 2.0 * special.ndtri(accuracy)


def call_probability(ai_share: Any, d_prime: Any, prevalence: Any) -> F8:
    """Probability that a viewer calls an item AI.

    Parameters
    ----------
    ai_share : AI's part in the item, 0 (human) to 1 (generated).
    d_prime : sensitivity in standard deviations.
    prevalence : share of AI items that the viewer believes in, 0 to 1.

    Notes
    -----
    The criterion Phi^-1(1 - prevalence) + prevalence d' makes calls as frequent as the viewer believes AI to be.
    """
    criterion = special.ndtri(1.0 - np.asarray(prevalence, np.float64)) + prevalence * np.asarray(d_prime)
    return np.asarray(special.ndtr(d_prime * np.asarray(ai_share) - criterion))


def update_prevalence(belief: Any, news: Any, *, rate: float) -> Any:
    """Move believed prevalence towards the news (never towards one's own calls: that feeds on itself)."""
    return belief + rate * (news - belief)


# Measures


def lovelace_pass(
    novelty: Array,
    satisfaction: Array,
    exposures: Array,
    *,
    trailing: float,
    frozen: float,
    median: float,
    least_exposures: int,
) -> B1:
    """Tell which items break new ground and please (after Bringsjord, Bello & Ferrucci 2001); shape (n,).

    Parameters
    ----------
    novelty, satisfaction (mean a use), exposures : shape (n,).
    trailing, frozen : 95th percentile of the genre's human novelty in the trailing year and before release.
    median : satisfaction of the median human item.
    least_exposures : items seen less often do not pass.
    """
    return np.asarray(
        (novelty > max(trailing, frozen)) & (satisfaction >= median) & (exposures >= least_exposures), np.bool_
    )


def rms_pair_distance(concepts: Array) -> float | None:
    """Root mean squared distance of two different rows, exact in one pass; None with fewer than two."""
    if len(concepts) < 2:
        return None
    return float(np.sqrt(2.0 * np.asarray(concepts, np.float64).var(axis=0, ddof=1).sum()))


def pair_similarity(concepts: Array, length: float) -> float | None:
    """Mean of exp(-distance² / 2 length²) over pairs of rows (`thin` large sets first); None with fewer than two."""
    if len(concepts) < 2:
        return None
    likeness = _alikeness(concepts, length)
    return float(likeness.sum()) / len(likeness)


def _alikeness(concepts: Array, length: float) -> F8:
    """exp(-distance² / 2 length²) of all pairs of rows, shape (n (n - 1) / 2,)."""
    gaps = pair_gaps(np.ascontiguousarray(concepts.T, np.float64))
    gaps *= -0.5 / length**2
    return np.asarray(np.exp(gaps, out=gaps))


def vendi_score(concepts: Array, length: float) -> float | None:
    """Log Vendi score: entropy of the eigenvalues of the RBF kernel over n (Friedman & Dieng 2023), in nats.

    It lies between 0 (copies) and log n (nothing alike); compare equal n only. None without rows.
    """
    count = len(concepts)
    if count == 0:
        return None
    likeness = squareform(_alikeness(concepts, length))
    np.fill_diagonal(likeness, 1.0)
    values = np.linalg.eigvalsh(likeness / count)
    return float(special.entr(np.maximum(values, 0.0)).sum())


def frontier_growth(
    this_year: Array, last_year: Array, length: float, score: Callable[[Array, float], float | None] = vendi_score
) -> float | None:
    """Change of the log Vendi score between two subsamples of a canon, cut to equal size; None where one is empty.

    `score` may give the log Vendi score from memory.
    """
    count = min(len(this_year), len(last_year))
    now, before = score(this_year[:count], length), score(last_year[:count], length)
    return None if now is None or before is None else now - before


def new_ground(this_year: Array, last_year: Array, *, least: int, limit: int) -> float | None:
    """Share of this year's items farther from last year's than 90 % of last year's are from each other, minus 0.10.

    Last year is split by alternate rows: distances of one half to the nearest of the other set the mark, and this
    year is held against that same other half, so that a year like the last gives 0.

    Parameters
    ----------
    this_year, last_year : shape (n, D).
    least : with fewer items in either year the answer is None.
    limit : at most so many items a year are used, evenly spaced.
    """
    now, before = thin(this_year, limit), thin(last_year, limit)
    if min(len(now), len(before)) < max(least, 2):
        return None
    mark, bank = before[::2], before[1::2]
    reach = np.quantile(_ranked(mark, bank, 1)[1], 0.9)
    return float((_ranked(now, bank, 1)[1] > reach).mean() - 0.10)


def poisson_slope(views: Array, columns: Array, cells: Array) -> tuple[float, float] | None:
    """Slope of log expected views on the first column, by Poisson regression with an effect for every cell.

    Cell effects are profiled out: within a cell the views are split in proportion to exp(x b) (Hausman, Hall &
    Griliches 1984), which a Newton step fits by reweighted least squares; cells without views carry no information
    and fall out. The standard error is robust to overdispersion (sandwich).

    Parameters
    ----------
    views : counts, shape (n,).
    columns : log novelty first, then controls, shape (n, p).
    cells : any labels, shape (n,).

    Returns
    -------
    Slope and standard error; None where the data do not identify the slope.
    """
    cell = np.unique(cells, return_inverse=True)[1].astype(np.int64)
    y, x = np.asarray(views, np.float64), np.asarray(columns, np.float64)
    total: F8 = np.bincount(cell, y).astype(np.float64)
    used = total[cell] > 0.0
    y, x, cell = y[used], x[used], cell[used]
    if len(y) <= x.shape[1] + np.count_nonzero(total):
        return None
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    b = np.zeros(x.shape[1])
    for _ in range(100):
        mu, within = _split(x, b, cell, total)
        information = within.T @ (mu[:, None] * within)
        information += 1e-9 * np.trace(information) * np.eye(len(b))  # collinear controls share their effect
        step = np.linalg.lstsq(information, within.T @ (y - mu), rcond=None)[0]
        b = b + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    else:
        return None
    if information[0, 0] <= 1e-6 * y.sum():
        return None
    bread = np.linalg.pinv(information)
    score = within * (y - mu)[:, None]
    degrees = len(y) / (len(y) - len(b) - np.count_nonzero(total))
    error = np.sqrt(degrees * (bread @ (score.T @ score) @ bread)[0, 0])
    return float(b[0] / spread[0]), float(error / spread[0])


def _split(x: F8, b: F8, cell: I8, total: F8) -> tuple[F8, F8]:
    """Expected views given each cell's total, and the columns less their weighted mean in the cell."""
    eta = x @ b
    raw = np.exp(eta - eta.max())
    mu = raw * (total / np.maximum(np.bincount(cell, raw, len(total)), np.finfo(float).tiny))[cell]
    mean = np.stack([np.bincount(cell, mu * column, len(total)) for column in x.T], axis=1)
    return mu, x - mean[cell] / total[cell][:, None]

"""Concept space: how humans and AI make concepts, what genres remember, and how novelty and look-alikes are measured.

Parameters come in as keyword arguments; random draws are keyed by the uid of the item they belong to. A stream's
draws are numbered from 0 within each function, so functions that serve the same items take streams of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.spatial.distance import pdist, squareform

from sim.kernels.concepts import blend_neighbours, find_among, local_spread, nearest, prompted_seeds
from sim.kernels.measures import pair_gaps
from sim.randomness import Stream
from sim.tables import B1, F4, F8, I8, U8

Array = npt.NDArray[Any]

_LEAST_NOVELTY = 0.05  # seeds' weights stay finite for exact copies; human items do not come as close as this
_SAMPLE = 256  # rows from which measures over all pairs are taken
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
    imagination: Array, *, rate: float, reference: float, cap: float, low: float, high: float, stream: Stream,
    step: int, uids: U8,
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
    u = stream.uniform(step, uids[:, None], np.arange(2))
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


def _ranked(points: Array, bank: Array, own: I8, k: int) -> tuple[npt.NDArray[np.int32], F8]:
    result: tuple[npt.NDArray[np.int32], F8] = nearest(
        np.ascontiguousarray(points, np.float32), np.ascontiguousarray(bank, np.float32), np.asarray(own, np.int64), k
    )
    return result


def _outside(count: int) -> I8:
    return np.full(count, -1, np.int64)


def _joined(held: Array, new: Array, kept: I8) -> Array:
    """Rows of what is held, then of what is new, as `kept` numbers them."""
    return np.concatenate([held, new], dtype=held.dtype, casting="same_kind").take(kept, axis=0)


class Canon:
    """What one genre remembers: an exact weighted reservoir whose weights fade (Efraimidis & Spirakis 2006).

    `concepts` (n, D), `keys` and `uids` (n,) hold the n <= size items kept, highest key first. `unit` is
    the median leave-one-out distance to the nearest exemplars, 0 with fewer than two.
    """

    def __init__(self, size: int, dims: int, *, memory: float) -> None:
        """Start empty; `size` is the number of items kept, `memory` the time constant of fading in weeks."""
        self.size, self.memory = size, memory
        self.concepts: F4 = np.zeros((0, dims), np.float32)
        self.keys: F8 = np.zeros(0)
        self.uids: U8 = np.zeros(0, np.uint64)
        self.unit, self.frozen = 0.0, False

    def offer(self, concepts: Array, attention: Array, uids: U8, *, now: float, stream: Stream) -> None:
        """Offer items, each once in its life; one that is already held is left as it is.

        Parameters
        ----------
        concepts : shape (n, D).
        attention : views so far, shape (n,); an item weighs attention + 1.
        uids : shape (n,).
        now : week of the offer.
        """
        if len(uids) == 0:
            return
        fresh = find_among(uids, self.uids) < 0
        if not fresh.all():
            concepts, attention, uids = concepts[fresh], attention[fresh], uids[fresh]
        weight = np.asarray(attention, np.float64) + 1.0
        keys = np.log(weight) + now / self.memory + stream.gumbel(0, uids)
        kept = np.argsort(-np.concatenate([self.keys, keys]), kind="stable")[: self.size]
        self.keys = _joined(self.keys, keys, kept)
        self.concepts = _joined(self.concepts, concepts, kept)
        self.uids = _joined(self.uids, uids, kept)
        if not self.frozen:
            size = len(self.keys)
            self.unit = float(np.median(self._distance(self.concepts, np.arange(size)))) if size > 1 else 0.0

    def _distance(self, points: Array, own: I8) -> F8:
        k = min(neighbour_count(len(self.keys)), len(self.keys) - 1)
        return np.asarray(_ranked(points, self.concepts, own, k)[1].sum(axis=1) / k)

    def freeze(self) -> None:
        """Keep the unit from now on: one that follows the canon would hide or fake a change of novelty."""
        self.frozen = True

    def novelty(self, concepts: Array, uids: U8) -> F8:
        """Mean distance to the nearest exemplars over the unit, the item itself left out; shape (n,).

        A canon of fewer than two works, or one of copies only, has no unit: every item then has novelty 1.
        """
        if len(self.keys) < 2 or self.unit == 0.0:
            return np.ones(len(concepts))
        return self._distance(concepts, find_among(uids, self.uids)) / self.unit

    def sample(self, count: int) -> F4:
        """Concepts of a fixed subsample: the lowest uids, which are hashes, so an item's place does not depend on
        when one asks; at most `count` rows.
        """
        return self.concepts[np.argsort(self.uids)[:count]]

    def arrays(self) -> dict[str, Array]:
        """Export the state as named arrays."""
        names = ("concepts", "keys", "uids", "unit", "frozen")
        return {name: np.array(getattr(self, name)) for name in names}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over a state exported by `arrays`."""
        self.concepts, self.keys, self.uids = (arrays[name].copy() for name in ("concepts", "keys", "uids"))
        self.unit, self.frozen = float(arrays["unit"]), bool(arrays["frozen"])


# What AI learns from and makes


class Corpus:
    """What models learn one genre from, and the imitations they make of it.

    Offers fill the corpus; only `retrain` changes what imitations are drawn from. `accumulate` keeps an even sample
    of everything offered, `replace` one of what was offered since the last training, `fixed_size` the latest, and
    `frozen` nothing offered after the first training.
    """

    _LIVE = ("concepts", "attention", "novelty", "synthetic", "licensed", "keys")
    _TRAINED = ("exemplars", "cumulative", "neighbours", "local_sd", "learned_synthetic", "learned_licensed")

    def __init__(self, capacity: int, centre: Array, mode: str) -> None:
        """Start empty, for at most `capacity` items of a genre about `centre`, shape (D,)."""
        self.capacity, self.centre, self.mode = capacity, np.asarray(centre, np.float64), mode
        self.concepts: F4 = np.zeros((0, len(self.centre)), np.float32)
        self.attention: F4 = np.zeros(0, np.float32)
        self.novelty: F4 = np.zeros(0, np.float32)
        self.synthetic: F4 = np.zeros(0, np.float32)
        self.licensed: F4 = np.zeros(0, np.float32)
        self.taken = 0  # works offered since the last training
        self.keys: F8 = np.zeros(0)
        self.trained = self.closed = False
        self.exemplars: F4 = self.concepts
        self.cumulative: F8 = np.zeros(0)
        self.neighbours: npt.NDArray[np.int32] = np.zeros((0, 1), np.int32)
        self.local_sd: F8 = np.zeros(0)
        self.learned_synthetic: F4 = self.synthetic
        self.learned_licensed: F4 = self.licensed
        self.width: float | None = None  # rms distance of two exemplars

    def offer(
        self, concepts: Array, attention: Array, novelty: Array, synthetic: Array, uids: U8, *, step: int,
        stream: Stream, licensed: Array | None = None,
    ) -> None:
        """Offer items, each once: concepts of shape (n, D), the rest of shape (n,).

        `synthetic` is AI's part in an item, 0 to 1; `licensed` is 1 where it is used by licence (nowhere, if left
        out). `step` orders offers in time.
        """
        if len(uids) == 0 or (self.mode == "frozen" and self.trained):
            return
        self.taken += len(uids)
        keys = stream.uniform(0, uids) + (step if self.mode == "fixed_size" else 0)
        by_licence = np.zeros(len(uids)) if licensed is None else licensed
        held = 0 if self.mode == "replace" and self.closed else len(self.keys)
        kept = np.argsort(-np.concatenate([self.keys[:held], keys]), kind="stable")[: self.capacity]
        self.closed = False
        if held == len(self.keys) and not (kept >= held).any():  # nothing new enters
            return
        offered = (concepts, attention, novelty, synthetic, by_licence, keys)
        for name, new in zip(self._LIVE, offered, strict=True):
            setattr(self, name, _joined(getattr(self, name)[:held], new, kept))

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
        self.exemplars, self.learned_synthetic, self.learned_licensed = self.concepts, self.synthetic, self.licensed
        near = min(neighbours, size - 1)
        if near > 0:
            self.neighbours = _ranked(self.exemplars, self.exemplars, np.arange(size), near)[0]
            self.local_sd = local_spread(self.exemplars, self.neighbours)
        else:
            self.neighbours, self.local_sd = np.arange(size, dtype=np.int32)[:, None], np.zeros(size)
        self.width = rms_pair_distance(self.exemplars)
        weight = self.attention * np.maximum(self.novelty.astype(np.float64), _LEAST_NOVELTY) ** -familiarity
        total = np.cumsum(weight if weight.sum() > 0.0 else np.ones(size))
        self.cumulative = total / total[-1] if size else total

    def imitate(self, *, temperature: float, stream: Stream, step: int, uids: U8) -> F8:
        """Make unprompted AI concepts; an empty corpus yields the genre's centre. Shape (n, D).

        A seed is averaged with two exemplars near it (Dirichlet(1) weights) and blurred by normal noise of
        `temperature` times the standard deviation, per axis, of the seed's neighbours.
        """
        if len(self.exemplars) == 0:
            return np.tile(self.centre, (len(uids), 1))
        u = stream.uniform(step, uids[:, None], np.arange(1 + _LOTS))
        seeds = np.searchsorted(self.cumulative, u[:, 0], side="right")
        noise = stream.normals(step, uids, len(self.centre), 1 + _LOTS)
        return self._vary(np.minimum(seeds, len(self.exemplars) - 1), u[:, 1:], noise, temperature)

    def prompted(
        self, prompts: Array, *, length: float, drafts: int, candidates: int, temperature: float, stream: Stream,
        step: int, uids: U8,
    ) -> F8:
        """Make AI concepts near a prompt; an empty corpus returns the prompt.

        Parameters
        ----------
        prompts : a human's own concept, shape (n, D).
        length : distance at which likeness to the prompt fades (a quarter of the rms pair distance).
        drafts : concepts a prompt.
        candidates : seeds drawn as for `imitate`, of which one near the prompt is chosen.

        Returns
        -------
        Shape (n, drafts, D).
        """
        count, dims = prompts.shape
        if len(self.exemplars) == 0:
            return np.repeat(np.asarray(prompts, np.float64)[:, None, :], drafts, axis=1)
        start = (stream.key, np.uint64(step))
        seeds = prompted_seeds(
            np.ascontiguousarray(prompts, np.float32), self.exemplars, self.cumulative, float(length), start,
            np.ascontiguousarray(uids), drafts, candidates,
        )
        first = drafts * (candidates + 1) + np.arange(drafts) * (_LOTS + dims)  # number of each draft's first draw
        u = stream.uniform(step, uids[:, None], (first[:, None] + np.arange(_LOTS)).ravel())
        noise = stream.normals(step, np.repeat(uids, drafts), dims, np.tile(first + _LOTS, count))
        made = self._vary(seeds.ravel(), u.reshape(count * drafts, _LOTS), noise, temperature)
        return made.reshape(count, drafts, dims)

    def _vary(self, seeds: I8, u: F8, noise: F8, temperature: float) -> F8:
        """Blur seeds, shape (n,), by uniform numbers, shape (n, `_LOTS`), and normal ones, shape (n, D)."""
        pick, lots = np.ascontiguousarray(u[:, :2]), -np.log(u[:, 2:])
        made: F8 = blend_neighbours(
            seeds, pick, lots, noise, self.exemplars, self.neighbours, self.local_sd, float(temperature)
        )
        return made

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

    def arrays(self) -> dict[str, Array]:
        """Export the state as named arrays."""
        names = (*self._LIVE, *self._TRAINED, "trained", "closed", "taken")
        return {name: np.array(getattr(self, name)) for name in names}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over a state exported by `arrays`."""
        for name in (*self._LIVE, *self._TRAINED):
            setattr(self, name, arrays[name].copy())
        self.trained, self.closed = bool(arrays["trained"]), bool(arrays["closed"])
        self.taken, self.width = int(arrays["taken"]), rms_pair_distance(self.exemplars)


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
    novelty: Array, satisfaction: Array, exposures: Array, *, trailing: float, frozen: float, median: float,
    least_exposures: int,
) -> B1:
    """Tell which items break new ground and please (after Bringsjord, Bello & Ferrucci 2001); shape (n,).

    Parameters
    ----------
    novelty, satisfaction (mean an exposure), exposures : shape (n,).
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
    reach = np.quantile(_ranked(mark, bank, _outside(len(mark)), 1)[1], 0.9)
    return float((_ranked(now, bank, _outside(len(now)), 1)[1] > reach).mean() - 0.10)


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

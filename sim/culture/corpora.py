"""Corpora: what AI models learn a genre from, and the concepts that they make, with and without a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from sim.base.errors import InputError
from sim.base.randomness import Stream
from sim.base.tables import F4, F8, I4, I8, U8, Array, as_single_values, stored
from sim.culture.novelty import nearest_rows, thin
from sim.kernels.concepts import blend_neighbours, prompted_seeds

MAX_LEAN = 2.5  # standard deviations beyond which a vendor's data lean no further, since outliers would weigh most
_SAMPLE = 256  # rows of a subsample for measures over all pairs
_LOTS = 5  # uniform numbers per concept: two pick the seed's neighbours, three weight the blend
_TRAITS = ("concepts", "attention", "synthetic", "licensed")


@lru_cache(8)
def _work(dims: int) -> np.dtype[Any]:
    """Record type of a work in a corpus with concepts of `dims` dimensions."""
    return np.dtype([("concepts", np.float32, (dims,)), *((name, np.float32) for name in _TRAITS[1:])])


def works_of(concepts: Array, attention: Any, synthetic: Any, licensed: Any = 0.0) -> Array:
    """Make records of works as a corpus holds them, shape (n,), viewed as single values (`tables.as_single_values`).

    Parameters
    ----------
    concepts : shape (n, D).
    attention : uses, a number or shape (n,).
    synthetic : AI's share of the work in an item, 0 to 1.
    licensed : 1 where an item is used under a licence.
    """
    made = np.empty(len(concepts), _work(concepts.shape[1]))
    for name, value in zip(_TRAITS, (concepts, attention, synthetic, licensed), strict=True):
        made[name] = value
    return as_single_values(made)


class View(NamedTuple):
    """What one vendor's model has learned from a corpus of n works."""

    cumulative: F8  # (n,) cumulative probabilities with which exemplars become seeds
    middle: F8  # (D,) mean of the exemplars by these probabilities
    variance: float  # mean over axes of their variance by these probabilities


class Corpus:
    """The training data of AI models for one genre, and what the models learned from it.

    Offers fill the corpus; only `retrain` changes what imitations are drawn from. Modes: `accumulate` keeps a uniform
    sample of everything offered, `replace` a uniform sample of what was offered since the last training, `fixed_size`
    the latest works, and `frozen` nothing that is offered after the first training.
    """

    _TRAINED = ("exemplars", "weight", "neighbours", "learned_synthetic", "learned_licensed")

    def __init__(self, capacity: int, centre: Array, mode: str) -> None:
        """Start empty, for at most `capacity` items of a genre about `centre`, shape (D,)."""
        self.capacity, self.centre, self.mode = capacity, np.asarray(centre, np.float64), mode
        self.works = as_single_values(np.zeros(0, _work(len(self.centre))))  # highest key first
        self.keys: F8 = np.zeros(0)
        self.taken = 0  # works offered since the last training
        self.trained = self.closed = False
        self.exemplars: F4 = self.column("concepts")
        self.weight: F8 = np.zeros(0)  # chances of becoming seeds, not normed
        self.neighbours: I4 = np.zeros((0, 1), np.int32)
        self.learned_synthetic: F4 = self.column("synthetic")
        self.learned_licensed: F4 = self.column("licensed")
        self.spread = 0.0  # of exemplars: the square root of their variance, averaged over the axes
        self._views: dict[bytes, View] = {}  # since the last training

    def column(self, name: str) -> F4:
        """One field of all works: concepts, shape (n, D), or another of `_TRAITS`, shape (n,)."""
        return self.works.view(_work(len(self.centre)))[name]

    def offer(self, works: Array, u: F8, *, step: int) -> None:
        """Offer works to the corpus, which keeps those its mode prescribes; each work may be offered once.

        Parameters
        ----------
        works : of `works_of`, shape (n,).
        u : uniform numbers, shape (n,); the works with the highest are kept.
        step : time of the offer; in mode `fixed_size` later offers win.
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
        """Train the models on the corpus as it is now: set exemplars, their neighbours and their chances as seeds.

        Parameters
        ----------
        familiarity : exponent gamma of the preference for the familiar; seeds are drawn in proportion to
            (attention + 1) (nu + 1)^-gamma, nu an exemplar's mean distance to its neighbours over that of the median
            exemplar.
        neighbours : number of exemplars nearest to a seed, from which two are drawn to be blended with it (0: seeds are
            copied).
        """
        size = len(self.keys)
        self.trained, self.closed, self.taken = True, True, 0
        self.exemplars, self.learned_synthetic, self.learned_licensed = (
            self.column(name).copy() for name in ("concepts", "synthetic", "licensed")
        )
        near, apart = min(neighbours, size - 1), np.ones(size)
        if near > 0:
            self.neighbours, gaps = nearest_rows(self.exemplars, self.exemplars, near, np.arange(size))
            apart = gaps.mean(axis=1)
        else:
            self.neighbours = np.arange(size, dtype=np.int32)[:, None]
        usual = float(np.median(apart)) if size else 1.0
        rarity = apart / usual if usual > 0.0 else np.ones(size)
        self.weight = (self.column("attention") + 1.0) * (rarity + 1.0) ** -familiarity
        self._survey()

    def _survey(self) -> None:
        """Set what follows from the exemplars: their spread, and views, which are made when they are asked for."""
        self.spread = float(np.sqrt(self.exemplars.astype(np.float64).var(axis=0).mean())) if len(self.weight) else 0.0
        self._views = {}

    def view(self, lean: F8) -> View:
        """Return what a vendor has learned whose data lean towards a part of the genre.

        A work's chance to become a seed is multiplied by exp(lean . z), z its place in standard deviations from the
        mean. Of works that are normally distributed the vendor's mean then lies `lean` from the common one, and the
        spread is the common one.

        Parameters
        ----------
        lean : direction and size, shape (D,), in standard deviations; zeros give the view that is common to all.
        """
        key = lean.tobytes()
        if key not in self._views:
            x, size = self.exemplars.astype(np.float64), float(np.linalg.norm(lean))
            along = (x - x.mean(axis=0)) @ lean / (size * self.spread) if size * self.spread > 0.0 else np.zeros(len(x))
            weight = self.weight * np.exp(size * along.clip(-MAX_LEAN, MAX_LEAN))
            p = weight / weight.sum()
            middle = p @ x
            self._views[key] = View(p.cumsum(), middle, float((p @ np.square(x - middle)).mean()))
        return self._views[key]

    @property
    def synthetic_share(self) -> float:
        """Mean share of AI in the exemplars learned from, 0 to 1 (0 if there are none)."""
        return float(self.learned_synthetic.mean()) if len(self.learned_synthetic) else 0.0

    @property
    def licensed_share(self) -> float:
        """Share of the exemplars learned from that are used under a licence (0 if there are none)."""
        return float(self.learned_licensed.mean()) if len(self.learned_licensed) else 0.0

    @property
    def diversity(self) -> float | None:
        """Mean distance between two exemplars learned from, over at most 256 of them; None with fewer than two."""
        rows = thin(self.exemplars, _SAMPLE)
        return float(pdist(rows).mean()) if len(rows) > 1 else None

    def copy(self) -> Corpus:
        """Return an independent copy."""
        twin = copy(self)
        for name in ("works", "keys", *self._TRAINED):
            setattr(twin, name, getattr(self, name).copy())
        twin._views = self._views.copy()
        return twin

    def arrays(self) -> dict[str, Array]:
        """Export the state as named arrays."""
        names = ("keys", *self._TRAINED, "trained", "closed", "taken")
        works = {name: self.column(name).copy() for name in _TRAITS}
        return works | {name: np.array(getattr(self, name)) for name in names}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over a state exported by `arrays`."""
        self._check(arrays)
        self.works = works_of(*(arrays[name] for name in _TRAITS))
        for name in ("keys", *self._TRAINED):
            setattr(self, name, arrays[name].copy())
        self.trained, self.closed = bool(arrays["trained"]), bool(arrays["closed"])
        self.taken = int(arrays["taken"])
        self._survey()

    def _check(self, arrays: Mapping[str, Array]) -> None:
        """Refuse a state in which works or exemplars differ in number, or a neighbour is none of them."""
        count = len(stored(arrays, "keys", np.float64, (None,)))
        if count > self.capacity:
            raise InputError("keys", f"{count} works", f"at most {self.capacity}")
        for name in _TRAITS:
            stored(arrays, name, np.float32, (count, *self.column(name).shape[1:]))
        size = len(stored(arrays, "exemplars", np.float32, (None, len(self.centre))))
        for name in self._TRAINED[1:]:
            like: Array = getattr(self, name)
            stored(arrays, name, like.dtype, (size, None)[: like.ndim])
        if size and not 0 <= arrays["neighbours"].min() <= arrays["neighbours"].max() < size:
            raise InputError("neighbours", int(arrays["neighbours"].max()), f"a row from 0 to {size - 1}")


class Model(NamedTuple):
    """A vendor's model of a genre."""

    corpus: Corpus
    lean: F8  # (D,) of the vendor's data, as `Corpus.view` takes it


def imitate(
    models: Sequence[Model], mine: Sequence[slice], *, temperature: float, stream: Stream, step: int, uids: U8
) -> F8:
    """Make unprompted AI concepts; the model of an empty corpus gives its genre's centre.

    A seed exemplar is blended with two near it (Dirichlet(1) weights). A part `temperature` of the spread is replaced
    by normal noise of the corpus's spread, so that imitating by itself neither widens nor narrows what was learned (a
    smoothed bootstrap that keeps the variance; Silverman & Young 1987).

    Parameters
    ----------
    models : those in use.
    mine : for each model, the slice of items that it makes.
    uids : of the items, shape (n,).

    Returns
    -------
    Shape (n, D).
    """
    made = np.empty((len(uids), len(models[0].corpus.centre)))
    u = stream.uniforms(step, uids, 1 + _LOTS)
    draws = _blend_draws(u[:, 1:], stream.normals(step, uids, made.shape[1], 1 + _LOTS))
    for model, rows in zip(models, mine, strict=True):
        size = len(model.corpus.exemplars)
        if size == 0:
            made[rows] = model.corpus.centre
        elif made[rows].size:
            view = model.corpus.view(model.lean)
            seeds = view.cumulative.searchsorted(u[rows, 0], side="right")
            middle = np.repeat(view.middle[None, :], len(seeds), axis=0)
            made[rows] = _vary(
                model.corpus, middle, model.corpus.spread, np.minimum(seeds, size - 1), rows, draws, temperature
            )
    return made


def prompt(
    models: Sequence[Model],
    mine: Sequence[slice],
    prompts: Array,
    *,
    reach: float,
    drafts: int,
    candidates: int,
    temperature: float,
    stream: Stream,
    step: int,
    uids: U8,
) -> F8:
    """Make AI concepts near prompts, several drafts for each; the model of an empty corpus returns the prompt.

    Noise stands for a part `temperature` of the spread, as in `imitate`, here of works near the prompt: by Bayes' law
    for normal works, their mean lies 1 / (1 + reach²) of the way to the prompt, and their variance is the corpus's
    times reach² / (1 + reach²).

    Parameters
    ----------
    models : those in use.
    mine : for each model, the slice of prompts that it gets, with both ends.
    prompts : humans' own concepts, shape (n, D).
    reach : distance at which likeness to the prompt fades, in spreads of the corpus.
    drafts : concepts per prompt.
    candidates : seeds drawn as for `imitate`, of which one near the prompt is kept.
    uids : of the prompts, shape (n,).

    Returns
    -------
    Shape (n, drafts, D).
    """
    count, dims = prompts.shape
    made = np.repeat(np.asarray(prompts, np.float64), drafts, axis=0)
    first = np.tile(drafts * (candidates + 1) + np.arange(drafts) * (_LOTS + dims), count)  # draw of each draft
    each = np.repeat(uids, drafts)
    draws = _blend_draws(stream.uniforms(step, each, _LOTS, first), stream.normals(step, each, dims, first + _LOTS))
    points, start = np.ascontiguousarray(prompts, np.float32), (stream.key, np.uint64(step))
    for (corpus, lean), rows in zip(models, mine, strict=True):
        if len(corpus.exemplars) and len(uids[rows]):
            view, length = corpus.view(lean), reach * (corpus.spread or 1.0)
            near = view.middle + (prompts[rows] - view.middle) / (1.0 + reach**2)
            seeds = prompted_seeds(
                points[rows], corpus.exemplars, view.cumulative, length, start, uids[rows], drafts, candidates
            )
            its = slice(rows.start * drafts, rows.stop * drafts)
            middle, spread = np.repeat(near, drafts, axis=0), corpus.spread * reach / np.sqrt(1.0 + reach**2)
            made[its] = _vary(corpus, middle, spread, seeds.ravel(), its, draws, temperature)
    return made.reshape(count, drafts, dims)


def _blend_draws(u: F8, noise: F8) -> tuple[F8, F8, F8]:
    """Turn draws into what `blend_neighbours` takes: numbers that pick neighbours, exponential numbers, and noise.

    `u` holds uniform numbers, shape (n, `_LOTS`); `noise` normal ones, shape (n, D).
    """
    return np.ascontiguousarray(u[:, :2]), -np.log(u[:, 2:]), noise


def _vary(
    corpus: Corpus, middle: F8, spread: float, seeds: I8, rows: slice, draws: tuple[F8, F8, F8], temperature: float
) -> F8:
    """Blend seeds (rows of exemplars) with neighbours and noise, shape (n, D).

    `middle`, shape (n, D), and `spread` are mean and spread of what the seeds were drawn from; `rows` are the seeds'
    rows in `draws`.
    """
    pick, lots, noise = draws
    made: F8 = blend_neighbours(
        seeds, pick[rows], lots[rows], noise[rows], corpus.exemplars, corpus.neighbours, middle, spread, temperature
    )
    return made

"""Canons: what each genre remembers, and how novel an item is against it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np

from sim.base.errors import InputError
from sim.base.randomness import Stream
from sim.base.tables import F4, F8, I8, U8, Array, stored
from sim.culture.novelty import NONE, nearest_rows, neighbour_count
from sim.kernels.concepts import keep_highest


def fading_keys(attention: Array, uids: U8, *, now: float, memory: float, stream: Stream) -> F8:
    """Draw the keys by which items compete for a place in a canon, shape (n,); the highest keys are kept.

    A key is log(attention + 1) + now / memory + Gumbel noise, so the chance of being kept grows with attention and
    older items fade.

    Parameters
    ----------
    attention : uses so far, shape (n,).
    uids : of the items, shape (n,); they identify the noise.
    now : week of the offer.
    memory : time constant of fading in weeks.
    """
    return np.asarray(np.log(attention + 1.0) + now / memory + stream.gumbel(0, uids), np.float64)


class Canon:
    """What one genre remembers: an exact weighted reservoir whose weights fade (Efraimidis & Spirakis 2006).

    `concepts` (n, D), `keys` and `uids` (n,) hold the n <= size items kept, highest key first. `unit` is the distance
    at which the median new work lies, so that novelty 1 is that of the median human work before AI; 0 until known.
    """

    def __init__(self, size: int, dims: int) -> None:
        """Start empty; `size` is the number of items kept."""
        self._room = np.zeros(size), np.zeros(size, np.uint64), np.zeros((size, dims), np.float32)
        self._hold(0)
        self.unit, self.frozen = 0.0, False

    def _hold(self, count: int) -> None:
        """Let `keys`, `uids` and `concepts` show the first `count` rows of the allocated arrays."""
        keys, uids, concepts = self._room
        self.keys, self.uids, self.concepts = keys[:count], uids[:count], concepts[:count]

    def offer(self, concepts: Array, keys: F8, uids: U8) -> None:
        """Offer items to the canon, which keeps those with the highest keys; each item may be offered only once.

        Parameters
        ----------
        concepts : shape (n, D).
        keys : from `fading_keys`, shape (n,).
        uids : shape (n,).
        """
        if len(uids) == 0:
            return
        self._hold(keep_highest(*self._room, len(self.keys), keys, uids, np.ascontiguousarray(concepts, np.float32)))

    def follow_unit(self, concepts: Array, weeks: float) -> None:
        """Draw `unit` towards the median distance of new works by its part in `weeks`; no longer once it is frozen.

        Parameters
        ----------
        concepts : of works that have not been offered yet, shape (n, D).
        weeks : number of weeks averaged over.
        """
        if self.frozen or len(concepts) == 0 or len(self.keys) < 2:
            return
        median = float(np.median(self._distance(concepts)))
        self.unit += (median - self.unit) / (weeks if self.unit > 0.0 else 1.0)

    def _distance(self, points: Array, own: I8 = NONE) -> F8:
        """Mean distance of each point to its nearest exemplars, shape (n,); `own` as in `nearest_rows`."""
        k = min(neighbour_count(len(self.keys)), len(self.keys) - 1)
        return np.asarray(nearest_rows(points, self.concepts, k, own)[1].sum(axis=1) / k)

    def freeze(self) -> None:
        """Keep `unit` fixed from now on, since a unit that follows the canon would hide or fake changes of novelty."""
        self.frozen = True

    def novelty(self, concepts: Array, own: I8 = NONE) -> F8:
        """Novelty of concepts, shape (n,): mean distance to the nearest exemplars, divided by `unit`.

        Every item has novelty 1 until there is a unit.

        Parameters
        ----------
        concepts : shape (n, D).
        own : row of the exemplar that is the item itself and left out, or -1; shape (n,), or `NONE` if there is none.
        """
        if len(self.keys) < 2 or self.unit == 0.0:
            return np.ones(len(concepts))
        return self._distance(concepts, own) / self.unit

    def sample(self, count: int) -> F4:
        """Concepts of at most `count` items, always the same ones: those with the lowest uids.

        Uids are hashes, so this is a random subsample that does not depend on when it is taken.
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
        count = len(stored(arrays, "keys", np.float64, (None,)))
        if count > len(self._room[0]):
            raise InputError("keys", f"{count} works", f"at most {len(self._room[0])}")
        uids = stored(arrays, "uids", np.uint64, (count,))
        concepts = stored(arrays, "concepts", np.float32, (count, self._room[2].shape[1]))
        self._hold(count)
        self.keys[:], self.uids[:], self.concepts[:] = arrays["keys"], uids, concepts
        self.unit, self.frozen = float(arrays["unit"]), bool(arrays["frozen"])

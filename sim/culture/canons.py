"""Canons: what each genre remembers, and how novel an item is against it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np

from sim.base.randomness import Stream
from sim.base.tables import F4, F8, I8, U8, Array
from sim.culture.novelty import NONE, nearest_rows, neighbour_count
from sim.kernels.concepts import keep_highest


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
        return np.asarray(nearest_rows(points, self.concepts, k, own)[1].sum(axis=1) / k)

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

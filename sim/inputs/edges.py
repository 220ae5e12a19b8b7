"""Follows as they are read: users numbered in order of appearance, two numbers a follow."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from sim.base.graphs import CSR, from_edges
from sim.inputs.bounds import MAX_PEOPLE
from sim.inputs.words import BadTextError, clean


class Edges:
    """Follows as they are read.

    Attributes
    ----------
    labels : users' names by number.
    followers, followed : numbers of the two ends.
    undirected : edges that were taken as two follows.
    self_follows : edges from a user to itself, which are left out.
    respelt : numbers of the users whose name was written in several ways that are one, as `clean` says.
    """

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.followers, self.followed = array("i"), array("i")
        self.undirected = self.self_follows = 0
        self.respelt: set[int] = set()
        self._number: dict[str, int] = {}  # by name as it is written
        self._odd: dict[str, int] = {}  # by clean name, of those that were first written otherwise

    def user(self, text: str) -> int:
        """Return a user's number."""
        number = self._number.get(text)
        return self._meet(text) if number is None else number

    def add(self, follower: str, followed: str, mutual: bool) -> None:
        """Add an edge; `mutual` is in both directions."""
        u, v = self._number.get(follower), self._number.get(followed)
        if u is None:
            u = self._meet(follower)
        if v is None:
            v = self.user(followed)
        if u == v:
            self.self_follows += 1
            return
        self.followers.append(u)
        self.followed.append(v)
        if mutual:
            self.undirected += 1
            self.followers.append(v)
            self.followed.append(u)

    def extend(self, ends: npt.NDArray[np.int32], mutual: bool) -> None:
        """Add edges between numbered users, shape (edges, 2), as `add` does one."""
        loop = ends[:, 0] == ends[:, 1]
        self.self_follows += int(loop.sum())
        ends = ends[~loop]
        if mutual:
            self.undirected += len(ends)
            ends = np.concatenate([ends, ends[:, ::-1]])
        self.followers.frombytes(ends[:, 0].tobytes())
        self.followed.frombytes(ends[:, 1].tobytes())

    def _meet(self, text: str) -> int:
        """Number a name that has not been met in this spelling."""
        label = clean(text)
        if not label:
            raise BadTextError(text, "nothing", "a user's name")
        number = self._odd.get(label) if label == text else self._odd.get(label, self._number.get(label))
        if number is None:
            number = len(self.labels)
            if number == MAX_PEOPLE:
                raise BadTextError(text, "more users", f"at most {MAX_PEOPLE:,}")
            self.labels.append(label)
            if label != text:
                self._odd[label] = number
        else:
            self.respelt.add(number)
        self._number[text] = number
        return number

    def graph(self) -> tuple[list[str], CSR]:
        """Number users by name, so that the order of edges does not matter; name them, and say who follows whom."""
        order = sorted(range(len(self.labels)), key=self.labels.__getitem__)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        csr = from_edges(len(order), rank[np.asarray(self.followers)], rank[np.asarray(self.followed)])
        return [self.labels[k] for k in order], csr

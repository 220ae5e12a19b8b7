"""Follows as they are read from a file: users get numbers in order of appearance; a follow is two numbers."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from sim.base.graphs import CSR, from_edges
from sim.inputs.bounds import MAX_PEOPLE
from sim.inputs.words import BadTextError, clean


class Edges:
    """A growing list of follows between numbered users.

    Attributes
    ----------
    labels : users' names by number.
    followers, followed : numbers of the two ends.
    undirected : edges that were taken as two follows.
    self_follows : edges from a user to itself, which are left out.
    respelt : numbers of users whose names were spelt in several ways that `clean` makes equal.
    """

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.followers, self.followed = array("i"), array("i")
        self.undirected = self.self_follows = 0
        self.respelt: set[int] = set()
        self._number: dict[str, int] = {}  # by name as it is spelt in the file
        self._odd: dict[str, int] = {}  # by cleaned name, of users whose first spelling differed from it

    def user(self, text: str) -> int:
        """Return a user's number; a new name gets the next number."""
        number = self._number.get(text)
        return self._meet(text) if number is None else number

    def add(self, follower: str, followed: str, mutual: bool) -> None:
        """Add an edge between two users by name; a `mutual` edge is two follows. Self-follows are only counted."""
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
        """Add edges between users given by number, shape (edges, 2), as `add` does for one."""
        loop = ends[:, 0] == ends[:, 1]
        self.self_follows += int(loop.sum())
        ends = ends[~loop]
        if mutual:
            self.undirected += len(ends)
            ends = np.concatenate([ends, ends[:, ::-1]])
        self.followers.frombytes(ends[:, 0].tobytes())
        self.followed.frombytes(ends[:, 1].tobytes())

    def _meet(self, text: str) -> int:
        """Return the number of a name in a spelling that is new.

        That of the user with the same cleaned name, or the next.
        """
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
        """Return users' names in sorted order, and who follows whom as a graph of these.

        Sorting makes the result independent of the order of edges in the file.
        """
        order = sorted(range(len(self.labels)), key=self.labels.__getitem__)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        csr = from_edges(len(order), rank[np.asarray(self.followers)], rank[np.asarray(self.followed)])
        return [self.labels[k] for k in order], csr

"""A bare choice three ways: each of 10,000 people meets 20 of 2,000 items and takes one by a logit of taste and appeal.

By plain Mesa agents (interpreted Python), by NumPy on whole arrays and in blocks that stay near, and by a kernel
of the model's own parts; all but the agents make the same draws and are compared choice by choice.
"""

from __future__ import annotations

import random
from typing import Any

import mesa
import numpy as np

from sim.base.randomness import Stream, derive, origin, unit
from sim.base.tables import DIMS, F4, I8, U8
from sim.kernels.elementary import exp4
from sim.kernels.sessions import kernel, pick, squared_distance

BLOCK = 1_000  # people whose arrays stay near: the fastest of some sizes
SHOWN, KEEN = 20, np.float32(0.25)  # items met; utility lost with the squared distance from the ideal point


class Viewer(mesa.Agent):
    """A person who chooses on its own, in plain Python, as a first Mesa model would be written."""

    def __init__(self, model: Any, taste: list[float]) -> None:
        super().__init__(model)
        self.taste, self.used = taste, -1

    def step(self) -> None:
        """Meet some items and take one."""
        shown = random_items(self.model.random, len(self.model.items))
        weights = []
        for item in shown:
            concept, appeal = self.model.items[item]
            gap = 0.0
            for mine, its in zip(self.taste, concept, strict=True):
                gap += (mine - its) ** 2
            weights.append(self.model.exp(appeal - 0.25 * gap))
        self.used = self.model.random.choices(shown, weights)[0]


def random_items(draw: random.Random, items: int) -> list[int]:
    """Row numbers of the items that someone meets."""
    return draw.choices(range(items), k=SHOWN)


class Crowd(mesa.Model):
    """Viewers and the items that they meet."""

    def __init__(self, taste: F4, concept: F4, appeal: F4) -> None:
        from math import exp

        super().__init__(rng=0)
        self.exp = exp
        self.items = list(zip(concept.tolist(), appeal.tolist(), strict=True))
        for row in taste.tolist():
            Viewer(self, row)

    def step(self) -> None:
        """Everyone chooses once."""
        self.agents.do("step")


def choose_by_arrays(uid: U8, taste: F4, concept: F4, appeal: F4, stream: Stream, step: int) -> I8:
    """Choose for everyone at once in NumPy; shape (n,)."""
    shown = (stream.uniform(step, uid[:, None], np.arange(SHOWN)) * len(appeal)).astype(np.int64)
    gap = concept[shown] - taste[:, None, :]
    weight = np.exp(appeal[shown] - KEEN * np.einsum("nsd,nsd->ns", gap, gap))
    cumulative = weight.cumsum(axis=1)
    at = (cumulative[:, :-1] <= (stream.uniform(step, uid, SHOWN) * cumulative[:, -1])[:, None]).sum(axis=1)
    return np.asarray(shown[np.arange(len(uid)), at])


@kernel
def choose_by_kernel(
    key: np.uint64, step: int, uid: U8, taste: F4, concept: F4, appeal: F4, used: I8, room: tuple[I8, F4]
) -> None:
    """Choose for one after the other; `room` holds a slate's items and weights."""
    shown, weight = room
    for i in range(uid.size):
        start = origin(key, np.uint64(step), uid[i])
        for s in range(SHOWN):
            shown[s] = np.int64(unit(start, np.uint64(s)) * appeal.size)
        for s in range(SHOWN):
            weight[s] = appeal[shown[s]] - KEEN * squared_distance(concept[shown[s]], taste[i])
        for s in range(SHOWN):
            weight[s] = exp4(weight[s])
        total = np.float32(0.0)
        for s in range(SHOWN):
            total += weight[s]
            weight[s] = total
        used[i] = shown[pick(weight, unit(start, np.uint64(SHOWN)))]


class Choice:
    """The three ways on the same people and items."""

    def __init__(self, people: int = 10_000, items: int = 2_000) -> None:
        draw = Stream(0, 0, "choice")
        self.uid, things = derive("person", 0, np.arange(people)), derive("thing", 0, np.arange(items))
        self.taste = draw.normals(0, self.uid, DIMS).astype(np.float32)
        self.concept = draw.normals(0, things, DIMS).astype(np.float32)
        self.appeal = draw.normal(0, things, DIMS).astype(np.float32)
        self.stream, self.used = draw, np.zeros(people, np.int64)
        self.room = np.zeros(SHOWN, np.int64), np.zeros(SHOWN, np.float32)

    def by_agents(self, people: int) -> Any:
        """Set up so many Mesa agents; returns the function that steps them."""
        return Crowd(self.taste[:people], self.concept, self.appeal).step

    def by_arrays(self) -> I8:
        """Choose by whole arrays."""
        return choose_by_arrays(self.uid, self.taste, self.concept, self.appeal, self.stream, 1)

    def by_blocks(self) -> I8:
        """Choose by arrays of some people at a time."""
        parts = [slice(first, first + BLOCK) for first in range(0, len(self.uid), BLOCK)]
        chosen = [
            choose_by_arrays(self.uid[part], self.taste[part], self.concept, self.appeal, self.stream, 1)
            for part in parts
        ]
        return np.concatenate(chosen)

    def by_kernel(self) -> I8:
        """Choose by the kernel."""
        key = self.stream.key
        choose_by_kernel(key, 1, self.uid, self.taste, self.concept, self.appeal, self.used, self.room)
        return self.used

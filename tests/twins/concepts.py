"""The loops over concept space once more in NumPy."""

from __future__ import annotations

import numpy as np

from sim.base.randomness import Stream
from sim.base.tables import F4, F8, I4, I8, U8


def nearest_numpy(points: F4, bank: F4, own: I8, k: int) -> tuple[I4, F8]:
    """Twin of `kernels.concepts.nearest`."""
    gap = np.zeros((len(points), len(bank)), np.float32)
    for d in range(bank.shape[1]):
        gap += np.square(bank[None, :, d] - points[:, None, d])
    inside = np.flatnonzero(own >= 0)
    gap[inside, own[inside]] = np.inf
    index = np.argsort(gap, axis=1, kind="stable")[:, :k].astype(np.int32)
    return index, np.sqrt(np.take_along_axis(gap, index.astype(np.int64), axis=1).astype(np.float64))


def prompted_seeds_numpy(
    prompts: F4,
    bank: F4,
    cumulative: F8,
    length: float,
    stream: Stream,
    step: int,
    uids: U8,
    drafts: int,
    candidates: int,
) -> I8:
    """Twin of `kernels.concepts.prompted_seeds`."""
    draws = np.arange(drafts * (candidates + 1))
    u = stream.uniform(step, uids[:, None], draws[None, :]).reshape(len(uids), drafts, candidates + 1)
    rows = np.minimum(np.searchsorted(cumulative, u[..., :-1], side="right"), len(bank) - 1)
    gap = np.square(bank[rows].astype(np.float64) - prompts[:, None, None, :]).sum(axis=3)
    weight = np.cumsum(np.exp((gap.min(axis=2, keepdims=True) - gap) * (0.5 / length**2)), axis=2)
    pick = (weight <= u[..., -1:] * weight[..., -1:]).sum(axis=2)
    return np.asarray(np.take_along_axis(rows, np.minimum(pick, candidates - 1)[..., None], axis=2)[..., 0], np.int64)


def blend_neighbours_numpy(
    seeds: I8, pick: F8, lots: F8, noise: F8, bank: F4, neighbours: I4, middle: F8, spread: float, temperature: float
) -> F8:
    """Twin of `kernels.concepts.blend_neighbours`."""
    near, rows = neighbours.shape[1], np.arange(len(seeds))
    one = (pick[:, 0] * near).astype(np.int64)
    two = (one + 1 + (pick[:, 1] * max(near - 1, 1)).astype(np.int64)) % near
    trio = np.stack([seeds, neighbours[seeds][rows, one], neighbours[seeds][rows, two]], axis=1)
    weight = lots / lots.sum(axis=1, keepdims=True)
    mean = np.einsum("ij,ijk->ik", weight, bank[trio].astype(np.float64))
    return np.asarray(middle + np.sqrt(1.0 - temperature**2) * (mean - middle) + temperature * spread * noise)


def keep_highest_numpy(keys: F8, uids: U8, rows: F4, held: int, new_keys: F8, new_uids: U8, new_rows: F4) -> int:
    """Twin of `kernels.concepts.keep_highest`."""
    fresh = ~np.isin(new_uids, uids[:held])
    best = np.argsort(-np.concatenate([keys[:held], new_keys[fresh]]), kind="stable")[: keys.size]
    for room, new in ((keys, new_keys), (uids, new_uids), (rows, new_rows)):
        room[: len(best)] = np.concatenate([room[:held], new[fresh]])[best]
    return len(best)
